"""The tables of a page as an Excel workbook: numbers that stay numbers, no cell a formula."""

import io
import math
import re

import pandas as pd
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from research.presentation.display import guard_formula
from research.presentation.texts import text
from research.reporting.export.page_tables import PageContent, PageTable
from research.reporting.export.sealed import sealed, writable
from research.reporting.export.split_cells import Number, Value, split_table

RESULTS_SHEET = "results"
LONGEST_NAME = 31
WIDEST, NARROWEST = 44, 9
BOLD, TITLE = Font(bold=True), Font(bold=True, size=14)
LINE = Border(bottom=Side(style="thin"))
WRAPPED = Alignment(wrap_text=True, vertical="top")


def workbook(content: PageContent, results: pd.DataFrame, *, language: str, source: str) -> bytes:
    """Workbook with a list of what is in it, a sheet a table, and all results in one.

    ``source`` names the page. In ``results`` one row is an estimate at the precision that was
    released, with its interval and n beside it.
    """
    book = Workbook()
    contents = book.active
    contents.title = text("export.contents", language=language)
    names = _sheet_names([contents.title, *(table.table_id for table in content.tables)])[1:]
    for name, table in zip(names, content.tables, strict=True):
        _table_sheet(book.create_sheet(name), table, language)
    _results_sheet(book.create_sheet(RESULTS_SHEET), results)
    _contents_sheet(contents, content, names, language, source)
    written = io.BytesIO()
    book.save(written)
    return sealed(written.getvalue(), title=content.title, language=language)


def _sheet_names(wanted: list[str]) -> list[str]:
    """Names Excel accepts, each once: at most 31 characters, none of its signs."""
    names: list[str] = []
    taken = {RESULTS_SHEET}
    for word in wanted:
        plain = re.sub(r"[^\w -]", "", word)[:LONGEST_NAME].strip() or "table"
        name, count = plain, 2
        while name.casefold() in taken:
            name, count = f"{plain[: LONGEST_NAME - 4]}-{count}", count + 1
        taken.add(name.casefold())
        names.append(name)
    return names


def _put(sheet: Worksheet, row: int, column: int, value: object) -> None:
    """Write a value; text never becomes a formula, and a missing number stays an empty cell."""
    if value == "":
        return
    cell = sheet.cell(row=row, column=column)
    if isinstance(value, Number):
        cell.value, cell.number_format = value.value, value.shown
    elif isinstance(value, str):
        cell.value = guard_formula(writable(value))
        cell.data_type = "s"
    elif not math.isnan(value):
        cell.value = value


def _table_sheet(sheet: Worksheet, table: PageTable, language: str) -> None:
    headings, rows = split_table(table, language=language)
    _put(sheet, 1, 1, table.caption)
    sheet["A1"].font = TITLE
    for column, heading in enumerate(headings, start=1):
        _put(sheet, 3, column, heading)
        sheet.cell(row=3, column=column).font = BOLD
        sheet.cell(row=3, column=column).border = LINE
        sheet.cell(row=3, column=column).alignment = WRAPPED
    for number, row in enumerate(rows, start=4):
        for column, value in enumerate(row, start=1):
            _put(sheet, number, column, value)
        if len(row) == 1:
            sheet.cell(row=number, column=1).font = BOLD
    for number, note in enumerate(table.notes, start=len(rows) + 5):
        _put(sheet, number, 1, note)
    _set_widths(sheet, headings, rows)
    sheet.freeze_panes = "B4"


def _set_widths(sheet: Worksheet, headings: list[str], rows: list[list[Value]]) -> None:
    for place, heading in enumerate(headings):
        words = [row[place] for row in rows if len(row) > 1 and isinstance(row[place], str)]
        # A heading is wrapped over two lines or more.
        longest = max([len(word) for word in words] + [len(heading) // 2, NARROWEST])
        sheet.column_dimensions[get_column_letter(place + 1)].width = min(longest + 2, WIDEST)


def _results_sheet(sheet: Worksheet, results: pd.DataFrame) -> None:
    for column, heading in enumerate(results.columns, start=1):
        _put(sheet, 1, column, str(heading))
        sheet.cell(row=1, column=column).font = BOLD
    for number, row in enumerate(results.itertuples(index=False), start=2):
        for column, value in enumerate(row, start=1):
            _put(sheet, number, column, value)
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions


def _contents_sheet(
    sheet: Worksheet, content: PageContent, names: list[str], language: str, source: str
) -> None:
    """What this is, where it comes from, and a line a sheet that leads there."""
    lines = [
        content.title,
        *content.banners,
        text("export.intro", language=language, source=source),
        "",
    ]
    for number, line in enumerate(lines, start=1):
        _put(sheet, number, 1, line)
    sheet["A1"].font = TITLE
    head = len(lines) + 1
    for column, key in enumerate(("export.sheet", "export.section", "export.shows"), start=1):
        _put(sheet, head, column, text(key, language=language))
        sheet.cell(row=head, column=column).font = BOLD
        sheet.cell(row=head, column=column).border = LINE
    listed = [(name, t.section, t.caption) for name, t in zip(names, content.tables, strict=True)]
    listed.append((RESULTS_SHEET, "", text("export.results", language=language)))
    for number, row in enumerate(listed, start=head + 1):
        for column, value in enumerate(row, start=1):
            _put(sheet, number, column, value)
        sheet.cell(row=number, column=1).hyperlink = f"#'{row[0]}'!A1"
        sheet.cell(row=number, column=1).style = "Hyperlink"
    for number, pair in enumerate(content.provenance, start=head + len(listed) + 2):
        _put(sheet, number, 1, pair[0])
        _put(sheet, number, 2, pair[1])
    for letter, width in (("A", 30), ("B", 44), ("C", 90)):
        sheet.column_dimensions[letter].width = width
