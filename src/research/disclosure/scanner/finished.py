"""Finished files of every kind as words, tables and downloads."""

import csv
import io
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

# Names of the parts of a workbook and of a text document (ECMA-376).
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
SHARED = "xl/sharedStrings.xml"
PDF_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
PDF_ABOUT = 400  # bytes before a stream in which the object says what it is
# Texts stand between brackets; those with signs that nobody can type are glyphs.
PDF_TEXT = re.compile(r"\((?:[^()\\\x00-\x08\x0e-\x1f\x7f-\x9f]|\\.){4,}\)")


@dataclass(frozen=True, kw_only=True)
class Row:
    """Cells under their headings; ``drawn`` says whether a coloured mark stands in the row.

    One cell over all columns is the title of the rows below (``is_title``).
    """

    cells: tuple[str, ...]
    drawn: bool = False
    is_title: bool = False


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A table: its name, its headings, its rows."""

    name: str
    head: tuple[str, ...]
    rows: tuple[Row, ...]

    def column(self, place: int) -> list[str]:
        return [row.cells[place] for row in self.rows if place < len(row.cells)]


@dataclass(kw_only=True)
class Content:
    """What a file holds.

    ``words`` is what a person reads or hears, ``raw`` everything that is text, ``grids`` its
    tables, ``downloads`` CSV files within it, ``active`` what would run, in words.
    """

    words: str = ""
    raw: str = ""
    grids: list[Grid] = field(default_factory=list)
    downloads: list[str] = field(default_factory=list)
    active: list[str] = field(default_factory=list)
    written_by: list[str] = field(default_factory=list)


def read_csv(text: str) -> Grid:
    """A CSV file as a table of text."""
    rows = list(csv.reader(io.StringIO(text.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}"))))
    head = tuple(rows[0]) if rows else ()
    return Grid(name="csv", head=head, rows=tuple(Row(cells=tuple(row)) for row in rows[1:]))


def words_of_grid(grid: Grid) -> str:
    """Every cell of a table on a line of its own, its headings too."""
    return "\n".join([*grid.head, *(cell for row in grid.rows for cell in row.cells)])


def read_workbook(path: Path) -> Content:
    """An .xlsx file, from its parts: a formula is active content."""
    content = Content()
    with zipfile.ZipFile(path) as parts:
        shared = _shared_words(parts)
        for name in parts.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                root = ElementTree.fromstring(parts.read(name))
                content.active += [f"a formula in {name}" for _ in root.iter(f"{SHEET}f")][:1]
                rows = [_sheet_row(row, shared) for row in root.iter(f"{SHEET}row")]
                content.grids.append(_grid(name, rows))
        _add_parts(content, parts)
    return content


def read_document(path: Path) -> Content:
    """A .docx file: its words and tables."""
    content = Content()
    with zipfile.ZipFile(path) as parts:
        root = ElementTree.fromstring(parts.read("word/document.xml"))
        for number, table in enumerate(root.iter(f"{WORD}tbl")):
            rows = [
                [_words_of(cell) for cell in row.iter(f"{WORD}tc")]
                for row in table.iter(f"{WORD}tr")
            ]
            content.grids.append(_grid(f"table {number + 1}", rows))
        content.words = "\n".join(_words_of(p) for p in root.iter(f"{WORD}p"))
        content.active += ["a field code"] if any(root.iter(f"{WORD}instrText")) else []
        _add_parts(content, parts)
    return content


def read_pdf(path: Path) -> Content:
    """A .pdf file: what is not compressed and what a plain decompression gives.

    The words are drawn with the glyphs of a font and cannot be read back here; addresses,
    names and dates of the file can. Fonts and pictures are left out: among their bytes anything
    is found by chance.
    """
    whole = path.read_bytes()
    pieces = [PDF_STREAM.sub(b"", whole)]
    for stream in PDF_STREAM.finditer(whole):
        about = whole[max(0, stream.start() - PDF_ABOUT) : stream.start()].rpartition(b" obj")[2]
        if b"/Length1" in about or b"/Image" in about:
            continue
        try:
            pieces.append(zlib.decompress(stream.group(1)))
        except zlib.error:
            continue
    raw = b"\n".join(pieces).decode("latin-1")
    active = [word for word in ("/JavaScript", "/Launch", "/EmbeddedFile") if word in raw]
    return Content(
        raw="\n".join(PDF_TEXT.findall(raw)),
        active=active,
        written_by=re.findall(r"/Author\s*\(([^)]*)\)", raw),
    )


def _grid(name: str, rows: list[list[str]]) -> Grid:
    """The first row with more than one filled cell is the head; what stands above is a title."""
    start = next((i for i, row in enumerate(rows) if sum(map(bool, row)) > 1), 0)
    head = tuple(rows[start]) if rows else ()
    # Empty cells at the end of a row are not stored in a workbook.
    full = [[*row, *[""] * (len(head) - len(row))] for row in rows[start + 1 :]]
    return Grid(name=name, head=head, rows=tuple(Row(cells=tuple(row)) for row in full))


def _add_parts(content: Content, parts: zipfile.ZipFile) -> None:
    texts = [
        parts.read(name).decode("utf-8", "replace")
        for name in parts.namelist()
        if name.endswith((".xml", ".rels"))
    ]
    content.raw = "\n".join(texts)
    for text in texts:
        content.written_by += re.findall(r"<(?:dc:creator|cp:lastModifiedBy)>([^<]*)<", text)
    content.words = content.words or "\n".join(map(words_of_grid, content.grids))
    content.active += [f"a macro ({n})" for n in parts.namelist() if n.endswith("vbaProject.bin")]
    content.active += [f"a link to outside ({n})" for n in parts.namelist() if "externalLink" in n]


def _shared_words(parts: zipfile.ZipFile) -> list[str]:
    if SHARED not in parts.namelist():
        return []
    root = ElementTree.fromstring(parts.read(SHARED))
    return ["".join(t.text or "" for t in entry.iter(f"{SHEET}t")) for entry in root]


def _sheet_row(row: ElementTree.Element, shared: list[str]) -> list[str]:
    """Cells in their columns: an empty cell is not stored."""
    cells: dict[int, str] = {}
    for cell in row.iter(f"{SHEET}c"):
        value = cell.find(f"{SHEET}v")
        text = "" if value is None else value.text or ""
        if cell.get("t") == "s":
            text = shared[int(text)]
        elif cell.get("t") == "inlineStr":
            text = "".join(t.text or "" for t in cell.iter(f"{SHEET}t"))
        cells[_column_number(cell.get("r", ""), len(cells))] = text
    return [cells.get(place, "") for place in range(max(cells, default=-1) + 1)]


def _column_number(reference: str, default: int) -> int:
    letters = re.match(r"[A-Z]+", reference)
    if letters is None:
        return default
    number = 0
    for letter in letters.group():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _words_of(element: ElementTree.Element) -> str:
    return "".join(t.text or "" for t in element.iter(f"{WORD}t"))
