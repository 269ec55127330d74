"""SurveyMonkey: questions in the first header row, rows or choices of a question in the second.

A question stands only above its first column. In a condensed export an answer is one cell; in an
expanded one every choice has a column, and the cell of the chosen one repeats the choice.
"""

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from research.responses.ingest.tables import ReadOptions, as_categorical, fold, texts_of
from research.responses.ingest.tools.survey_tools import Grid, Shaped

LAYOUT = "surveymonkey"
# Without blanks and hyphens: old exports write RespondentID, new ones Respondent ID.
OWN_COLUMNS = {
    "respondent": "respondentid|idrespondent",
    "collector": "collectorid|verzamelaarid|idverzamelaar",
    "started": "startdate|datecreated|begindatum|startdatum",
    "finished": "enddate|datemodified|einddatum",
    "address": "ipaddress|ipadres",
    "e-mail": "emailaddress|email|emailadres",
    "first name": "firstname|voornaam",
    "last name": "lastname|achternaam",
    "custom": "customdata1|customdata|aangepastegegevens1",
}
MEANINGS = {name: use for use, names in OWN_COLUMNS.items() for name in names.split("|")}
IDENTIFYING = frozenset(("address", "e-mail", "first name", "last name"))
STANDARD = ("respondent", "started", "finished")
# What the second row says of a question with one answer.
ONE_ANSWER = frozenset(
    ("", "response", "open-ended response", "respons", "reactie", "antwoord", "open antwoord")
)
SEPARATOR = " - "


def recognise(records: list[list[str]]) -> str | None:
    """Return why records come from SurveyMonkey: the names of its own columns."""
    own = set(_own_columns(records[0]).values()) if records else set()
    if {"respondent", "collector"} <= own and len(own) >= 3:
        return "the header has SurveyMonkey's own columns (Respondent ID, Collector ID, ...)"
    return None


def count_header_rows(records: list[list[str]]) -> int:
    """Return 2, or 1 when someone took the second header row out: then it has an id."""
    own = {use: position for position, use in _own_columns(records[0]).items()}
    if len(records) < 2 or len(records[1]) <= own["respondent"]:
        return 1
    return 2 if not records[1][own["respondent"]].strip() else 1


def shape(grid: Grid, options: ReadOptions) -> Shaped:
    """Names joined from both header rows; the choices of one question joined to one column."""
    own = _own_columns(grid.head[0])
    questions = _filled_right(grid.head[0], own)
    labels = grid.head[1] if len(grid.head) > 1 else [""] * len(questions)
    labels = ["" if fold(label) in ONE_ANSWER else label for label in labels]
    grid, questions, labels = _joined_choices(grid, questions, labels)
    own = {position: use for position, use in own.items() if position < len(questions)}
    places = {use: position for position, use in reversed(own.items())}
    return Shaped(
        grid=grid,
        headers=[
            SEPARATOR.join(filter(None, names)) for names in zip(questions, labels, strict=True)
        ],
        questions={position: label for position, label in enumerate(labels) if label},
        identifiers=frozenset(position for position, use in own.items() if use in IDENTIFYING),
        standard_columns={use: places[use] for use in STANDARD if use in places},
    )


def _own_columns(header: list[str]) -> dict[int, str]:
    """What SurveyMonkey's own columns hold; they stand before the first question."""
    own: dict[int, str] = {}
    for position, name in enumerate(header):
        use = MEANINGS.get(re.sub(r"[\s_-]", "", fold(name)))
        if use is None or use in own.values():
            break
        own[position] = use
    return own


def _filled_right(header: list[str], own: dict[int, str]) -> list[str]:
    filled, question = [], ""
    for position, name in enumerate(header):
        question = name or question
        filled.append(name if position in own else question)
    return filled


def _joined_choices(
    grid: Grid, questions: list[str], labels: list[str]
) -> tuple[Grid, list[str], list[str]]:
    """Grid with the columns of one choice each joined to one column a question.

    They are joined only when nobody chose twice and every cell repeats its own choice (or, with
    numbers, the columns hold one rising number each): then nothing can be lost.
    """
    groups = _choice_groups(grid, questions, labels)
    if not groups:
        return grid, questions, labels
    rows = {group[0]: row for row, group in groups}
    columns = {group[0]: _one_column(grid.cells, group) for _, group in groups}
    merged = {position for _, group in groups for position in group[1:]}
    kept = [position for position in grid.cells if position not in merged]
    new = {old: position for position, old in enumerate(kept)}
    for _, group in groups:
        new |= dict.fromkeys(group, new[group[0]])
    cells = pd.DataFrame(
        {new[old]: columns.get(old, grid.cells[old]) for old in kept}, index=grid.cells.index
    )
    odd_cells = tuple(replace(odd, position=new[odd.position]) for odd in grid.odd_cells)
    return (
        replace(grid, cells=cells, odd_cells=odd_cells),
        [questions[old] for old in kept],
        [rows.get(old, labels[old]) for old in kept],
    )


def _choice_groups(
    grid: Grid, questions: list[str], labels: list[str]
) -> list[tuple[str, list[int]]]:
    """Columns that are the choices of one question, or of one row of a matrix, with that row."""
    found: list[tuple[str, list[int]]] = []
    for in_matrix in (False, True):
        taken = {position for _, group in found for position in group}
        choices: dict[int, str] = {}
        named: dict[tuple[str, str], list[int]] = {}
        for position, label in enumerate(labels):
            row, _, choice = label.rpartition(SEPARATOR) if in_matrix else ("", "", label)
            if label and position not in taken:
                choices[position] = fold(choice)
                named.setdefault((questions[position], row), []).append(position)
        for (_, row), group in named.items():
            of_one_choice = _of_one_choice(grid.cells, group, choices)
            if of_one_choice:
                found.append((row, of_one_choice))
    return found


def _of_one_choice(cells: pd.DataFrame, group: list[int], choices: dict[int, str]) -> list[int]:
    """Those columns of a group of which every row fills one at most; none when that is not so."""
    values = {position: _values(cells[position]) for position in group}
    repeating = [position for position in group if values[position] <= {choices[position]}]
    if _n_filled(values, repeating) < 2:
        repeating = _rising(values, group)
    if _n_filled(values, repeating) < 2:
        return []
    filled = np.column_stack([_filled(cells[position]) for position in repeating])
    return [] if filled.sum(axis=1).max(initial=0) > 1 else repeating


def _n_filled(values: dict[int, set[str]], group: list[int]) -> int:
    return sum(bool(values[position]) for position in group)


def _rising(values: dict[int, set[str]], group: list[int]) -> list[int]:
    """Columns of one number each, higher from left to right; none when they do not rise."""
    numbered = [n for n in group if len(values[n]) < 2 and all(map(str.isdecimal, values[n]))]
    numbers = [int(text) for position in numbered for text in values[position]]
    rising = all(low < high for low, high in zip(numbers, numbers[1:], strict=False))
    return numbered if rising else []


def _filled(cells: pd.Series) -> np.ndarray:
    codes, texts = texts_of(cells)
    return np.array([bool(text.strip()) for text in texts], dtype=bool)[codes]


def _values(cells: pd.Series) -> set[str]:
    """Folded texts that stand in a column at all."""
    codes, texts = texts_of(cells)
    return {fold(texts[code]) for code in np.unique(codes)} - {""}


def _one_column(cells: pd.DataFrame, group: list[int]) -> pd.Series:
    joined = cells[group[0]].astype("str")
    for position in group[1:]:
        joined = joined.where(~_filled(cells[position]), cells[position].astype("str"))
    return pd.Series(as_categorical(joined), index=cells.index)
