"""The tables of a page as a Word document: real tables, headings, notes; nothing drawn."""

import io

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Length, Mm, Pt, RGBColor
from docx.table import Table
from docx.text.paragraph import Paragraph

from research.presentation.texts import text
from research.reporting.export.page_tables import Cell, PageContent, PageTable
from research.reporting.export.sealed import sealed, writable

A4 = (Mm(297), Mm(210))  # landscape: the widest table has twelve columns
MARGIN = Mm(18)
SMALL = Pt(8.5)
LETTER = Pt(5.2)  # a little more than a letter of that size takes
SHORTEST_LINE, LONGEST_LINE = 6, 40  # letters
INK = RGBColor(0x12, 0x43, 0x6D)
LOCALES = {"nl": "nl-NL", "en": "en-GB"}
MOST_ROWS = 400  # a table of thousands of rows is for the workbook


def word_document(content: PageContent, *, language: str, source: str) -> bytes:
    """Document with the page's tables under its headings, numbered, each with its notes.

    ``source`` names the page. A table of more than 400 rows is left to the workbook, and the
    document says so.
    """
    document = Document()
    _set_up(document, language)
    _write(document, content.title, "Title")
    for line in (*content.banners, text("export.intro", language=language, source=source)):
        _write(document, line)
    section = ""
    for number, table in enumerate(content.tables, start=1):
        if table.section != section:
            section = table.section
            _write(document, section, "Heading 1")
        label = text("export.table", language=language, number=number)
        caption = _write(document, "", "Caption")
        caption.add_run(f"{label}  ").bold = True
        caption.add_run(writable(table.caption))
        if len(table.rows) > MOST_ROWS:
            _write(document, text("export.long", language=language, rows=len(table.rows)))
            continue
        _add_table(document, table)
        for note in table.notes:
            _write(document, note, "Note")
    _add_provenance(document, content, language)
    written = io.BytesIO()
    document.save(written)
    return sealed(written.getvalue(), title=content.title, language=language)


def _write(document: WordDocument, words: str, style: str = "Normal") -> Paragraph:
    return document.add_paragraph(writable(words), style=style)


def _set_up(document: WordDocument, language: str) -> None:
    """Page, fonts and language; without the last a Dutch document is marked as full of errors."""
    page = document.sections[0]
    page.orientation = WD_ORIENT.LANDSCAPE
    page.page_width, page.page_height = A4
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = MARGIN
    styles = document.styles
    note = styles.add_style("Note", WD_STYLE_TYPE.PARAGRAPH)
    note.base_style = styles["Normal"]
    for style, size in ((styles["Normal"], 10), (styles["Caption"], 10), (note, 8.5)):
        style.font.size = Pt(size)
        style.paragraph_format.space_after = Pt(4)
    styles["Caption"].font.bold = False
    styles["Caption"].paragraph_format.keep_with_next = True
    for name in ("Title", "Heading 1", "Caption"):
        styles[name].font.color.rgb = INK
    for words in styles.element.iter(qn("w:lang")):
        words.set(qn("w:val"), LOCALES[language])


def _add_table(document: WordDocument, table: PageTable) -> None:
    """Header row that repeats on every page, lines above and below, headings over groups."""
    made = document.add_table(rows=1 + len(table.rows), cols=len(table.columns))
    made.autofit = True
    rows = [[Cell(text=heading) for heading in table.columns], *table.rows]
    widths = _widths(rows)
    for number, (row, given) in enumerate(zip(made.rows, rows, strict=True)):
        cells = row.cells
        for cell, width in zip(cells, widths, strict=True):
            cell.width = width
        if len(given) == 1 and len(cells) > 1:
            cells = [cells[0].merge(cells[-1])]
        for place, (cell, held) in enumerate(zip(cells, given, strict=False)):
            words = cell.paragraphs[0]
            words.paragraph_format.space_after = Pt(0)
            run = words.add_run(writable("\n".join(held.parts)))
            run.font.size = SMALL
            run.bold = number == 0 or len(given) == 1
            if table.kinds[place] == "number" and len(given) > 1:
                words.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _mark_row(row._tr, header=number == 0)
    _draw_lines(made, title=table.caption)
    document.add_paragraph().paragraph_format.space_after = Pt(2)


def _widths(rows: list[list[Cell]]) -> list[Length]:
    """Widths of the columns by their longest line; together never wider than the page.

    A heading needs room for its longest word only: it may take several lines.
    """
    heads = [max(map(len, cell.text.split()), default=0) for cell in rows[0]]
    longest = [
        max([head, *(len(part) for row in rows[1:] if len(row) > 1 for part in row[place].parts)])
        for place, head in enumerate(heads)
    ]
    wanted = [min(max(length, SHORTEST_LINE), LONGEST_LINE) * LETTER for length in longest]
    room = min(1, (A4[0] - 2 * MARGIN) / sum(wanted))
    return [Length(int(width * room)) for width in wanted]


def _mark_row(row: BaseOxmlElement, *, header: bool) -> None:
    """A row stays whole on its page; the header comes back on the next."""
    marks = row.get_or_add_trPr()
    for name in ("w:cantSplit", "w:tblHeader")[: 2 if header else 1]:
        marks.append(OxmlElement(name))


def _draw_lines(made: Table, *, title: str) -> None:
    """Lines above the header, below it and below the table; the title for screen readers."""
    properties = made._tbl.tblPr
    # In the order of the schema: Word calls a file with another order damaged.
    lines = _borders("w:tblBorders", ("top", "bottom"))
    properties.insert_element_before(lines, "w:tblLayout", "w:tblCellMar", "w:tblLook")
    for cell in made.rows[0].cells:
        cell._tc.get_or_add_tcPr().append(_borders("w:tcBorders", ("bottom",)))
    words = OxmlElement("w:tblCaption")
    words.set(qn("w:val"), writable(title))
    properties.append(words)


def _borders(name: str, sides: tuple[str, ...]) -> BaseOxmlElement:
    borders = OxmlElement(name)
    for side in sides:
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "1D2430")):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    return borders


def _add_provenance(document: WordDocument, content: PageContent, language: str) -> None:
    """Code, data, seed and versions: the last lines, as at the foot of the page."""
    if not content.provenance:
        return
    _write(document, text("page.provenance", language=language), "Heading 1")
    for label, words in content.provenance:
        _write(document, f"{label}: {words}", "Note")
