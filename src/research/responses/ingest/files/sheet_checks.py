"""What a sheet holds besides plain answers: odd cells, merged cells, hidden parts, totals."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

from research.errors import Problem
from research.responses.ingest.files.sheet_rows import (
    DATE,
    NO_STORED_VALUE,
    PERCENTAGE,
    TIME,
    SheetFacts,
    column_letter,
    column_number,
)
from research.responses.ingest.tables import OddCell, Source, as_categorical, fold, listed

LAST_ROWS = 6
TOTAL_WORDS = frozenset(
    """totaal totalen subtotaal total totals subtotal grand_total eindtotaal som sum gemiddelde
    gemiddeld gem. gem average mean avg mediaan median aantal count standaarddeviatie
    standaardafwijking std sd stdev standard_deviation minimum maximum min max""".replace(
        "\n", " "
    ).split()
)
REMEDIES = {
    DATE: "Excel read an answer such as 1-5 as a date; type it again in a cell of type Text.",
    TIME: "Give a start or an end as date and time together, a duration in seconds.",
    PERCENTAGE: "Set the cell to the format General and type the answer again; 4 shows as 400%.",
    NO_STORED_VALUE: "Open the workbook in Excel and save it, so that the formula's value is "
    "stored.",
}
SPLIT = "In Excel, split the merged cells and fill every cell with what it stands for."
CORRECT_IT = "Correct the cell in Excel, or empty it if the answer is unknown."


@dataclass(kw_only=True)
class Notes:
    """What was met while the data rows were read; columns count from 0, rows as in Excel."""

    odd: list[tuple[int, int, str]] = field(default_factory=list)
    formulas: dict[int, list[int]] = field(default_factory=dict)
    apostrophes: list[tuple[int, int]] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)


def odd_cells(notes: Notes, facts: SheetFacts, cells: pd.DataFrame) -> tuple[OddCell, ...]:
    """Every cell that is no plain value; a column of nothing but dates is named once.

    Cells that a merged area covers are odd too: they look filled and are empty.
    """
    rows_by_kind: dict[tuple[int, str], list[int]] = {}
    for row, column, kind in notes.odd:
        rows_by_kind.setdefault((column, kind), []).append(row)
    found = _merged(facts, cells)
    for (column, kind), rows in rows_by_kind.items():
        n_filled = int((cells[column] != "").sum())
        whole = kind in (DATE, TIME, PERCENTAGE) and 1 < len(rows) == n_filled
        fits = set()
        if kind == PERCENTAGE or whole:
            fits.add("covariate")
        if kind == DATE and 2 * len(rows) >= n_filled:
            fits |= {"started", "finished"}
        found += [
            _odd(row, column, kind, fits=frozenset(fits), whole_column=whole)
            for row in rows[: 1 if whole else None]
        ]
    return tuple(sorted(found, key=lambda odd: (odd.row, odd.position)))


def _odd(
    row: int,
    column: int,
    kind: str,
    *,
    fits: frozenset[str] = frozenset(),
    whole_column: bool = False,
) -> OddCell:
    return OddCell(
        row=row,
        position=column,
        address=f"{column_letter(column)}{row}",
        kind=f"{kind}, as in the whole column" if whole_column else kind,
        remedy=REMEDIES.get(kind, SPLIT if kind.startswith("covered") else CORRECT_IT),
        fits=fits,
        whole_column=whole_column,
    )


def without_eaten_dates(cells: pd.DataFrame, odd: tuple[OddCell, ...]) -> pd.DataFrame:
    """Cells without the dates that are few in their column: they are no text anybody typed.

    Each is an odd cell already; as a text it would be named a second time, as an unknown word.
    """
    rows: dict[int, list[int]] = {}
    for cell in odd:
        if cell.kind in (DATE, TIME) and not cell.fits:
            rows.setdefault(cell.position, []).append(cell.row)
    for column, eaten in rows.items():
        texts = cells[column].astype(object).where(~cells.index.isin(eaten), "")
        cells[column] = as_categorical(texts)
    return cells


def _merged(facts: SheetFacts, cells: pd.DataFrame) -> list[OddCell]:
    """One odd cell per merged area and column: the first covered row that is a row of data."""
    found = []
    for area in facts.merged:
        first, last = ((column_number(end), _row_number(end)) for end in area.split(":"))
        inside = cells.index[(cells.index >= first[1]) & (cells.index <= last[1])]
        for column in range(first[0], min(last[0], cells.shape[1] - 1) + 1):
            covered = inside[inside > first[1]] if column == first[0] else inside
            if len(covered):
                found.append(_odd(int(covered[0]), column, f"covered by the merged cells {area}"))
    return found


def _row_number(address: str) -> int:
    return int("".join(character for character in address if character.isdecimal()))


def sheet_problems(
    source: Source,
    title: str,
    notes: Notes,
    facts: SheetFacts,
    *,
    cells: pd.DataFrame,
    expected: dict[int, str],
) -> tuple[Problem, ...]:
    """Warnings about what was read although it is hidden or made, refusals for totals.

    ``expected`` has the headers, by column, that the study or the questionnaire knows.
    """

    def warn(rule: str, message: str, remedy: str, **place: str) -> Problem:
        return source.problem(rule, message, remedy, severity="warning", sheet=title, **place)

    return tuple(
        [
            *_totals(source, title, cells),
            *_hidden(warn, notes, facts, set(cells.index), expected),
            *_formulas(warn, notes, expected),
            *_apostrophes(warn, notes),
        ]
    )


def _hidden(
    warn, notes: Notes, facts: SheetFacts, rows: set[int], expected: dict[int, str]
) -> Iterable[Problem]:
    hidden = [row for row in notes.hidden_rows if row in rows]
    if hidden:
        by = "row(s) hidden by a filter" if facts.filtered else "hidden row(s)"
        yield warn(
            "hidden rows",
            f"{len(hidden)} {by} were read like the others.",
            "Delete them in a copy of the workbook if they should not count.",
            row=str(hidden[0]),
            done="read",
        )
    columns = [column for column in sorted(expected) if column in facts.hidden_columns]
    if columns:
        names = listed([f"{expected[column]} ({column_letter(column)})" for column in columns])
        yield warn(
            "hidden columns",
            f"{len(columns)} hidden column(s) were read like the others: {names}.",
            "Delete them in a copy of the workbook if they should not count.",
            column=expected[columns[0]],
            done="read",
        )


def _formulas(warn, notes: Notes, expected: dict[int, str]) -> Iterable[Problem]:
    columns = [column for column in sorted(notes.formulas) if column in expected]
    if columns:
        count = sum(len(notes.formulas[column]) for column in columns)
        first = notes.formulas[columns[0]][0]
        yield warn(
            "formulas",
            f"{count} cell(s) in {len(columns)} column(s) are formulas, the first in "
            f"{column_letter(columns[0])}{first}; the value Excel last stored was read.",
            "Make sure that no formula turned or averaged the answers: the answers as given are "
            "wanted.",
            row=str(first),
            column=expected[columns[0]],
            done="stored value read",
        )


def _apostrophes(warn, notes: Notes) -> Iterable[Problem]:
    if notes.apostrophes:
        row, column = notes.apostrophes[0]
        yield warn(
            "apostrophe before a number",
            f"{len(notes.apostrophes)} cell(s) hold an apostrophe before a number, the first in "
            f"{column_letter(column)}{row}.",
            "Nothing to do; the apostrophe only tells Excel that a number is text.",
            row=str(row),
            done="apostrophe left out",
        )


def _totals(source: Source, title: str, cells: pd.DataFrame) -> Iterable[Problem]:
    """Refusals for rows at the end that begin with a word such as Totaal or Gemiddelde.

    A word that also stands higher up in its column is a name, not a total.
    """
    words = {word.replace("_", " ") for word in TOTAL_WORDS}
    for row, texts in list(cells.tail(LAST_ROWS).iterrows())[::-1]:
        column, word = next(((n, text) for n, text in texts.items() if text), (0, ""))
        if fold(word).rstrip(" :=.") not in words and fold(word) not in words:
            return
        if int((cells[column].iloc[: -LAST_ROWS or None] == word).sum()):
            return
        yield source.problem(
            "totals row",
            f"the row begins with '{word}': it looks like a total, not like a respondent.",
            "Delete the row in a copy of the workbook.",
            sheet=title,
            row=str(row),
            column=column_letter(column),
        )
