"""Survey tools and the files they write: a container gives records, a tool gives them meaning.

A *container* (delimited text, workbook) knows cells, not surveys. A *tool* (Qualtrics,
LimeSurvey, ...) knows its own column names and never which file they stood in. This module
joins the two, so that every tool is read from every container.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from research.errors import Problem
from research.responses.ingest.files import csv_files, delimited, excel
from research.responses.ingest.tables import (
    DIRECT_IDENTIFIERS,
    OddCell,
    RawTable,
    ReadOptions,
    Source,
    fold_header,
    texts_of,
)

IDENTIFIER = "direct identifier"
# People put a title above an export; further down than this nobody does.
TITLE_ROWS = 15
TIMES = ("started", "finished")
LOOKED_AT = 1000  # a tool writes all its times alike
ISO_TIME = re.compile(r"^\s*\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}")


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Header rows and cells of an export, whichever container held them.

    ``head`` has all header rows, each as wide as ``cells``; ``cells`` and ``odd_cells`` are as
    in ``RawTable``; ``left_out`` counts blank lines.
    """

    source: Source
    head: list[list[str]]
    cells: pd.DataFrame
    header_row: int
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    left_out: dict[str, int] = field(default_factory=dict)
    odd_cells: tuple[OddCell, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Shaped:
    """What a tool makes of a grid; every mapping is by column number of ``grid``.

    ``no_respondents`` marks rows by reason, and a row counts under its first reason.
    ``identifiers`` are columns the tool itself fills with what identifies a person.
    ``standard_columns`` and ``point_codes`` are as in ``RawTable``.
    """

    grid: Grid
    headers: list[str]
    questions: dict[int, str] = field(default_factory=dict)
    no_respondents: dict[str, np.ndarray] = field(default_factory=dict)
    identifiers: frozenset[int] = frozenset()
    standard_columns: dict[str, int] = field(default_factory=dict)
    point_codes: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Tool:
    """One survey tool.

    ``recognise`` returns why records are of this tool, the header being the first of them;
    ``count_header_rows`` how many of them stand above the answers; ``shape`` gives the columns
    their names and marks the rows that are no respondents.
    """

    layout: str
    recognise: Callable[[list[list[str]]], str | None]
    count_header_rows: Callable[[list[list[str]]], int]
    shape: Callable[[Grid, ReadOptions], Shaped]


def peek(container: str, source: Source, options: ReadOptions) -> list[list[str]]:
    """Return the first records of a file; none where the container has no records."""
    if container == csv_files.LAYOUT:
        return delimited.peek_records(source)
    return excel.peek(source, options) if container == excel.LAYOUT else []


def find_header(tool: Tool, records: list[list[str]]) -> tuple[int, str] | None:
    """Return where the header of a tool stands (from 0) and why; None when it is nowhere."""
    for start, record in enumerate(records[:TITLE_ROWS]):
        if sum(bool(cell.strip()) for cell in record) < 2:
            continue  # a title or a blank line
        why = tool.recognise(records[start:])
        if why is not None:
            return start, why
    return None


def read(tool: Tool, container: str, source: Source, options: ReadOptions, why: str) -> RawTable:
    """Rows of the people who answered, with the names and questions the tool gives the columns.

    Columns that identify a person directly are not kept; ``withheld`` names them.
    """
    records = peek(container, source, options)
    found = find_header(tool, records)
    start = found[0] if found else 0
    grid = _open(
        container,
        source,
        options,
        header_index=start,
        n_header_rows=tool.count_header_rows(records[start:]),
    )
    return _table(tool.layout, why, tool.shape(grid, options), options)


def _open(
    container: str,
    source: Source,
    options: ReadOptions,
    *,
    header_index: int,
    n_header_rows: int,
) -> Grid:
    if container == excel.LAYOUT:
        rows = excel.read_rows(
            source, options, header_index=header_index, n_header_rows=n_header_rows
        )
        return Grid(
            source=source,
            head=_as_wide_as(rows.cells, rows.head),
            cells=rows.cells,
            header_row=header_index + 1,
            sheet=rows.sheet,
            left_out={"blank line": rows.blank} if rows.blank else {},
            odd_cells=tuple(rows.odd_cells),
            problems=tuple(rows.problems),
        )
    text = delimited.open_text(source)
    head, cells, blank = delimited.parse_records(
        source, text, header_index=header_index, n_header_rows=n_header_rows
    )
    return Grid(
        source=source,
        head=_as_wide_as(cells, head),
        cells=cells,
        header_row=header_index + 1,
        encoding=text.encoding,
        delimiter=text.delimiter,
        left_out={"blank line": blank} if blank else {},
    )


def _as_wide_as(cells: pd.DataFrame, head: list[list[str]]) -> list[list[str]]:
    """Header rows filled up with empty names: a tool leaves out what it has no words for."""
    width = cells.shape[1]
    return [[*row[:width], *[""] * (width - len(row))] for row in head]


def _table(layout: str, why: str, shaped: Shaped, options: ReadOptions) -> RawTable:
    grid = shaped.grid
    gone = np.zeros(len(grid.cells), dtype=bool)
    left_out = dict(grid.left_out)
    for reason, rows in shaped.no_respondents.items():
        first = rows & ~gone
        if first.any():
            left_out[reason] = int(first.sum())
        gone |= rows
    hidden = shaped.identifiers | _identifying(shaped.headers, options)
    kept = [position for position in range(len(shaped.headers)) if position not in hidden]
    new = {old: position for position, old in enumerate(kept)}
    cells = grid.cells[kept].set_axis(range(len(kept)), axis=1)
    if gone.any():
        cells = cells[~gone]
    return RawTable(
        source=grid.source,
        layout=layout,
        why=why,
        headers=tuple(shaped.headers[old] for old in kept),
        cells=cells,
        header_row=grid.header_row,
        encoding=grid.encoding,
        delimiter=grid.delimiter,
        sheet=grid.sheet,
        questions={new[old]: text for old, text in shaped.questions.items() if old in new},
        left_out=left_out,
        withheld={shaped.headers[old]: IDENTIFIER for old in sorted(hidden)},
        odd_cells=_odd_cells(grid.odd_cells, new, set(cells.index)),
        problems=(*grid.problems, *shaped.problems),
        standard_columns=_standard_columns(shaped),
        point_codes=shaped.point_codes,
    )


def _identifying(headers: Iterable[str], options: ReadOptions) -> set[int]:
    """Columns whose name says that they identify a person.

    One that the study file asks for stays: whether it may be used depends on the use (an
    organisation may stand in a column called Naam), and ``columns`` decides that.
    """
    return {
        position
        for position, header in enumerate(headers)
        if DIRECT_IDENTIFIERS.match(header) and fold_header(header) not in options.expected_names
    }


def _odd_cells(
    odd_cells: tuple[OddCell, ...], new: dict[int, int], rows: set[int]
) -> tuple[OddCell, ...]:
    """Odd cells of the columns and rows that stay, under their new column numbers."""
    return tuple(
        replace(odd, position=new[odd.position])
        for odd in odd_cells
        if odd.position in new and (odd.row in rows or odd.whole_column)
    )


def _standard_columns(shaped: Shaped) -> dict[str, str]:
    """Headers of the tool's own columns; a question of the same name makes one unusable.

    So does a time that is not written as ISO 8601: whether 03/04 is March or April is not guessed.
    """
    names = {}
    for use, position in shaped.standard_columns.items():
        name, cells = shaped.headers[position], shaped.grid.cells[position]
        if shaped.headers.count(name) == 1 and (use not in TIMES or _has_iso_times(cells)):
            names[use] = name
    return names


def _has_iso_times(cells: pd.Series) -> bool:
    texts = texts_of(cells.head(LOOKED_AT))[1][:LOOKED_AT]
    return all(ISO_TIME.match(text) for text in texts if text.strip())
