"""Excel workbooks: which sheet, which header row, and its rows as text."""

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.errors import Problem, ResearchError
from research.responses.ingest.files.sheet_checks import (
    Notes,
    odd_cells,
    sheet_problems,
    without_eaten_dates,
)
from research.responses.ingest.files.sheet_choice import (
    TITLE_ROWS,
    candidate_sheets,
    choose_sheet,
    find_header,
    first_rows,
    one_header,
    texts_of_row,
)
from research.responses.ingest.files.sheet_rows import Row, SheetFacts, read_sheet
from research.responses.ingest.files.workbook import Sheet, Workbook
from research.responses.ingest.tables import (
    OddCell,
    RawTable,
    ReadOptions,
    Source,
    fold_header,
)

LAYOUT = "excel"
PEEKED_ROWS = 20
APOSTROPHE = re.compile(r"^['’`](?=[+-]?\d+([.,]\d+)?$)")


@dataclass(frozen=True, kw_only=True)
class SheetRows:
    """The rows of a sheet below its header, for readers of tools that export workbooks.

    ``head`` has the header rows, ``cells`` categorical text by column number with the row number
    of Excel as index; ``blank`` counts empty rows between the first and the last filled one.
    """

    head: list[list[str]]
    cells: pd.DataFrame
    blank: int
    odd_cells: tuple[OddCell, ...]
    problems: tuple[Problem, ...]
    sheet: str


def recognise(source: Source) -> str | None:
    """Return why a file is a workbook: it is a zip archive (PK)."""
    return "it is a zip archive, as .xlsx is" if source.content.startswith(b"PK") else None


def peek(source: Source, options: ReadOptions) -> list[list[str]]:
    """Return the first 20 rows of the sheet that would be read, as text; never raises.

    Row 1 of the sheet is the first list; an empty row is an empty list. A file that does not
    open gives []. When several sheets could hold the answers it is the first of them.
    """
    if recognise(source) is None:
        return []
    try:
        workbook = Workbook(source)
        candidates = candidate_sheets(source, workbook, options)
        return first_rows(workbook, candidates[0], PEEKED_ROWS) if candidates else []
    except ResearchError:
        return []


def read(source: Source, options: ReadOptions, why: str) -> RawTable:
    """Rows of one sheet as text, by the row numbers of the sheet.

    Formulas give the value Excel last stored; formulas without a stored value, error values,
    dates, percentages and cells covered by merged ones are kept as odd cells and refused if their
    column is used. Hidden rows and columns are read and said.
    """
    workbook = Workbook(source)
    sheet = choose_sheet(source, workbook, options)
    grid = first_rows(workbook, sheet, TITLE_ROWS)
    index, n_rows = find_header(source, sheet, grid, options.expected_names)
    rows = _read(workbook, sheet, options, header_index=index, n_header_rows=n_rows)
    headers, questions = one_header(rows.head, options.expected_names)
    return RawTable(
        source=source,
        layout=LAYOUT,
        why=why,
        headers=tuple(headers),
        cells=rows.cells,
        header_row=index + n_rows,
        sheet=sheet.title,
        questions=questions,
        left_out={"blank line": rows.blank} if rows.blank else {},
        odd_cells=rows.odd_cells,
        problems=rows.problems,
    )


def read_rows(
    source: Source, options: ReadOptions, *, header_index: int, n_header_rows: int
) -> SheetRows:
    """Rows below a known header; ``header_index`` counts from 0, as in ``peek``."""
    workbook = Workbook(source)
    sheet = choose_sheet(source, workbook, options)
    return _read(workbook, sheet, options, header_index=header_index, n_header_rows=n_header_rows)


def _read(
    workbook: Workbook,
    sheet: Sheet,
    options: ReadOptions,
    *,
    header_index: int,
    n_header_rows: int,
) -> SheetRows:
    facts, notes = SheetFacts(), Notes()
    rows = read_sheet(workbook, sheet, facts)
    head, first = _head(rows, header_index, n_header_rows)
    width = len(head[0]) if head else 0
    first_data = header_index + n_header_rows + 1
    cells = _data_cells(rows if first is None else _with_first(first, rows), width, notes)
    blank = int(cells.index[-1]) - first_data + 1 - len(cells) if len(cells) else 0
    known = {
        column: texts
        for line in head
        for column, texts in enumerate(line)
        if fold_header(texts) in options.expected_names
    }
    odd = odd_cells(notes, facts, cells)
    cells = without_eaten_dates(cells, odd)
    problems = sheet_problems(
        workbook.source, sheet.title, notes, facts, cells=cells, expected=known
    )
    return SheetRows(
        head=head,
        cells=cells,
        blank=blank,
        odd_cells=odd,
        problems=(*_hidden_sheet(workbook, sheet, options), *problems),
        sheet=sheet.title,
    )


def _with_first(first: Row, rows: Iterator[Row]) -> Iterator[Row]:
    yield first
    yield from rows


def _head(rows: Iterator[Row], index: int, count: int) -> tuple[list[list[str]], Row | None]:
    """Header rows, equally wide, and the row of data that was met behind them."""
    found: dict[int, Row] = {}
    first = None
    for row in rows:
        if row.number > index + count:
            first = row
            break
        if row.number > index:
            found[row.number] = row
    ends = [cell.column for row in found.values() for cell in row.cells if cell.text]
    width = 1 + max(ends, default=-1)
    wanted = range(index + 1, index + count + 1)
    return [texts_of_row(found.get(n, Row(n, False, [])), width) for n in wanted], first


def _data_cells(rows: Iterator[Row], width: int, notes: Notes) -> pd.DataFrame:
    """Filled rows as categorical text, without a Python object per cell; notes on the way."""
    numbers = array("q")
    codes = [array("i") for _ in range(width)]
    known: list[dict[str, int]] = [{} for _ in range(width)]
    for row in rows:
        line = [""] * width
        filled = False
        for cell in row.cells:
            if cell.column >= width:
                continue
            filled = True
            line[cell.column] = _noted(cell, row.number, notes)
        if not filled:
            continue
        numbers.append(row.number)
        if row.hidden:
            notes.hidden_rows.append(row.number)
        for text, distinct, column in zip(line, known, codes, strict=True):
            column.append(distinct.setdefault(text, len(distinct)))
    columns = {
        position: pd.Categorical.from_codes(
            np.array(column, dtype=np.int32), categories=pd.Index(list(distinct), dtype="str")
        )
        for position, (column, distinct) in enumerate(zip(codes, known, strict=True))
    }
    return pd.DataFrame(columns, index=pd.Index(numbers, name="row", dtype="int64"))


def _noted(cell, row: int, notes: Notes) -> str:
    """Text of a cell; what is odd about it goes into the notes."""
    if cell.kind:
        notes.odd.append((row, cell.column, cell.kind))
    if cell.formula:
        notes.formulas.setdefault(cell.column, []).append(row)
    if APOSTROPHE.match(cell.text):
        notes.apostrophes.append((row, cell.column))
        return cell.text[1:]
    return cell.text


def _hidden_sheet(workbook: Workbook, sheet: Sheet, options: ReadOptions) -> list[Problem]:
    if not sheet.hidden or options.sheet is not None:
        return []
    return [
        workbook.source.problem(
            "hidden sheet",
            f"the answers were read from sheet '{sheet.title}', which is hidden.",
            f"Write `sheet: {sheet.title}` in the study file if that is right.",
            severity="warning",
            sheet=sheet.title,
            done="read",
        )
    ]
