"""Excel workbooks: the sheet, the header row and every cell that is no plain value."""

import datetime
import io
import warnings
import zipfile

from research.errors import Problem, nearest
from research.responses.ingest.csv_files import find_header
from research.responses.ingest.tables import (
    OddCell,
    RawTable,
    ReadOptions,
    Source,
    as_text,
    as_text_columns,
    fold_header,
    tidy,
    without_blank_rows,
)

LAYOUT = "excel"
DATES = (datetime.date, datetime.time, datetime.timedelta)
TITLE_ROWS = 15


def recognise(source: Source) -> str | None:
    """Return why a file is a workbook: it is a zip archive (PK)."""
    return "it is a zip archive, as .xlsx is" if source.content.startswith(b"PK") else None


def read(source: Source, options: ReadOptions, why: str) -> RawTable:
    """Rows of one sheet as text, by the row numbers of the sheet.

    Formulas give the value Excel last stored; formulas without a stored value, error values and
    dates are kept as odd cells and refused if their column is used.
    """
    workbook = _open(source, values=False)
    sheet = _choose_sheet(source, workbook, options)
    rows = [list(row) for row in sheet.iter_rows()]
    texts = [[tidy(as_text(cell.value)) for cell in row] for row in rows[:TITLE_ROWS]]
    index = find_header(texts, options.expected_names)
    headers = _without_empty_end(texts[index]) if texts else []
    data = rows[index + 1 :]
    stored = _stored_values(source, sheet.title, data)
    columns, odd = [], []
    for position in range(len(headers)):
        values = []
        for row in data:
            text, kind = _cell(row[position], stored)
            values.append(text)
            if kind:
                odd.append(_odd_cell(row[position], position, kind))
        columns.append(values)
    numbers = [row[0].row for row in data]
    cells, blank = without_blank_rows(as_text_columns(columns, numbers))
    return RawTable(
        source=source,
        layout=LAYOUT,
        why=why,
        headers=tuple(headers),
        cells=cells,
        header_row=index + 1,
        sheet=sheet.title,
        left_out={"blank line": blank} if blank else {},
        odd_cells=tuple(odd),
        problems=tuple(_hidden_rows(source, sheet, set(cells.index))),
    )


def _open(source: Source, *, values: bool):
    import openpyxl  # imported here: not needed for CSV or SPSS
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        # read_only would be quicker, but drops merged cells, hidden rows and error types.
        with warnings.catch_warnings():
            # openpyxl warns of styles and drop-down lists it does not know; cells are unharmed.
            warnings.simplefilter("ignore", UserWarning)
            return openpyxl.load_workbook(
                io.BytesIO(source.content), read_only=False, data_only=values
            )
    except (zipfile.BadZipFile, EOFError, zipfile.zlib.error):
        raise source.refuse(
            "unreadable file",
            "the workbook is cut off or damaged: its zip archive does not open.",
            "Copy or download it again; open it in Excel to check.",
        ) from None
    except (InvalidFileException, KeyError, ValueError, TypeError) as error:
        raise source.refuse(
            "unreadable file",
            f"the file is a zip archive but no readable workbook ({type(error).__name__}).",
            "Unpack it if it is a .zip; otherwise open it in Excel and save it as .xlsx.",
        ) from None


def _choose_sheet(source: Source, workbook, options: ReadOptions):
    sheets = {sheet.title: sheet for sheet in workbook.worksheets}
    if options.sheet is not None:
        if options.sheet in sheets:
            return sheets[options.sheet]
        raise source.refuse(
            "sheet",
            f"there is no sheet '{options.sheet}'.",
            nearest(options.sheet, sheets),
            sheet=options.sheet,
        )
    filled = [sheet for sheet in sheets.values() if sheet.max_row > 1 or sheet.max_column > 1]
    known = [sheet for sheet in filled if _has_expected_header(sheet, options.expected_names)]
    for candidates in (known, filled, list(sheets.values())):
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            names = ", ".join(f"'{sheet.title}'" for sheet in candidates)
            raise source.refuse(
                "sheet",
                f"{len(candidates)} sheets could hold the answers: {names}.",
                f"Name one in the study file, for example `sheet: {candidates[0].title}`.",
            )
    raise source.refuse("empty file", "the workbook has no sheet with cells.", "Export it again.")


def _has_expected_header(sheet, expected_names: frozenset[str]) -> bool:
    for row in sheet.iter_rows(max_row=TITLE_ROWS, values_only=True):
        if len({fold_header(as_text(value)) for value in row} & expected_names) > 1:
            return True
    return False


def _without_empty_end(headers: list[str]) -> list[str]:
    while headers and not headers[-1]:
        headers = headers[:-1]
    return headers


def _stored_values(source: Source, title: str, data: list) -> dict[str, object]:
    """Values Excel stored for the formulas of a sheet; the file is read again only for them."""
    if not any(cell.data_type == "f" for row in data for cell in row):
        return {}
    sheet = _open(source, values=True)[title]
    return {
        cell.coordinate: sheet[cell.coordinate].value
        for row in data
        for cell in row
        if cell.data_type == "f"
    }


def _cell(cell, stored: dict[str, object]) -> tuple[str, str]:
    """Text of a cell, and what is odd about it (nothing: an empty text)."""
    value, kind = cell.value, cell.data_type
    if kind == "f":
        value = stored.get(cell.coordinate)
        if value is None:
            return "", "formula without a stored value"
        if isinstance(value, str) and value.startswith("#"):
            kind = "e"
    if kind == "e":
        return "", f"error value {value}"
    if isinstance(value, DATES):
        return as_text(value), "date"
    return tidy(as_text(value)), ""


def _odd_cell(cell, position: int, kind: str) -> OddCell:
    remedy = "Correct the cell in Excel, or empty it if the answer is unknown."
    if kind == "date":
        remedy = "Excel read an answer such as 1-5 as a date; type it again in a cell of type Text."
    elif kind.startswith("formula"):
        remedy = "Open the workbook in Excel and save it, so that the formula's value is stored."
    return OddCell(
        row=cell.row, position=position, address=cell.coordinate, kind=kind, remedy=remedy
    )


def _hidden_rows(source: Source, sheet, rows: set[int]) -> list[Problem]:
    hidden = sorted(
        number
        for number, dimension in sheet.row_dimensions.items()
        if dimension.hidden and number in rows
    )
    if not hidden:
        return []
    return [
        source.problem(
            "hidden rows",
            f"{len(hidden)} hidden row(s) were read like the others.",
            "Delete them in a copy of the workbook if they should not count.",
            severity="warning",
            sheet=sheet.title,
            row=str(hidden[0]),
            done="read",
        )
    ]
