"""Google Forms and Microsoft Forms: every question is a header, words are answers.

Google writes the moment of sending first (Timestamp, Tijdstempel) and the rows of a grid as
``Question [Row]``; Microsoft writes ID, both times, Email and Name first, every statement of a
Likert question as a header, and a semicolon behind every choice where several were allowed.
"""

import re
from dataclasses import replace

import numpy as np
import pandas as pd

from research.errors import Problem
from research.responses.ingest.tables import ReadOptions, fold, texts_of
from research.responses.ingest.tools.survey_tools import Grid, Shaped

LAYOUT = "forms"
GOOGLE_TIME = frozenset(("timestamp", "tijdstempel"))
GOOGLE_PERSON = frozenset(
    ("username", "gebruikersnaam", "email address", "e-mailadres", "e-mail address")
)
MICROSOFT = {
    "started": "start time|begintijd|starttijd",
    "finished": "completion time|tijd van voltooien|voltooiingstijd|eindtijd",
    "e-mail": "email|e-mail|e-mailadres",
    "name": "name|naam",
    "changed": "last modified time|tijd van laatste wijziging|tijdstip laatste wijziging",
}
MEANINGS = {name: use for use, names in MICROSOFT.items() for name in names.split("|")}
ROW_OF_GRID = re.compile(r"^.*?\s*\[(.+)\]$", re.DOTALL)
# The columns of Microsoft's own stand before the first question.
MOST_OWN_COLUMNS = 12


def recognise(records: list[list[str]]) -> str | None:
    """Return why records come from Google Forms or Microsoft Forms."""
    header = [fold(name) for name in records[0]] if records else []
    if len(header) > 1 and header[0] in GOOGLE_TIME:
        return "the first column is Google Forms' time of sending (Timestamp, Tijdstempel)"
    own = set(_microsoft_columns(records[0]).values()) if records else set()
    if header and header[0] == "id" and {"started", "finished"} <= own:
        return "the header has Microsoft Forms' own columns (ID, Start time, Completion time)"
    return None


def count_header_rows(records: list[list[str]]) -> int:
    """Return 1: both write one header row."""
    return 1


def shape(grid: Grid, options: ReadOptions) -> Shaped:
    """Questions as names, the rows of a grid as questions, whoever answered left out."""
    (headers,) = grid.head
    rows = {position: ROW_OF_GRID.match(name) for position, name in enumerate(headers)}
    questions = {position: found[1] for position, found in rows.items() if found}
    if fold(headers[0]) in GOOGLE_TIME:
        people = {n for n, name in enumerate(headers) if fold(name) in GOOGLE_PERSON}
        return Shaped(
            grid=grid,
            headers=headers,
            questions=questions,
            identifiers=frozenset(people),
            standard_columns={"finished": 0},
        )
    own = _microsoft_columns(headers)
    places = {use: position for position, use in own.items()}
    grid, problems = _without_closing_semicolons(grid)
    # ID counts from 1 in every form and would clash between two forms (one for each role): it
    # is no standard column, but the study file may name it.
    return Shaped(
        grid=grid,
        headers=headers,
        questions=questions,
        identifiers=frozenset(places[use] for use in ("e-mail", "name") if use in places),
        standard_columns={use: places[use] for use in ("started", "finished")},
        problems=problems,
    )


def _microsoft_columns(header: list[str]) -> dict[int, str]:
    """What Microsoft's own columns hold; a question of the same name comes later."""
    own: dict[int, str] = {}
    for position, name in enumerate(header[:MOST_OWN_COLUMNS]):
        use = MEANINGS.get(fold(name))
        if use is not None and use not in own.values():
            own[position] = use
    return own


def _recoded(codes: np.ndarray, texts: list[str], rows: pd.Index) -> pd.Series:
    return pd.Series(
        pd.Categorical.from_codes(codes, categories=pd.Index(texts, dtype="str")), index=rows
    )


def _without_closing_semicolons(grid: Grid) -> tuple[Grid, tuple[Problem, ...]]:
    """Grid with one choice a cell as the choice alone; several choices stay as they are."""
    changed: dict[int, pd.Series] = {}
    n_changed = 0
    for position in grid.cells:
        codes, texts = texts_of(grid.cells[position])
        present = {texts[code] for code in np.unique(codes)} - {""}
        if present and all(text.endswith(";") and text.count(";") == 1 for text in present):
            plain = [text.removesuffix(";").strip() for text in texts]
            if len(set(plain)) == len(plain):
                changed[position] = _recoded(codes, plain, grid.cells.index)
                n_changed += int(sum(bool(texts[code]) for code in codes))
    if not changed:
        return grid, ()
    warning = grid.source.problem(
        "closing semicolon",
        f"{n_changed} answer(s) in {len(changed)} column(s) end in the semicolon that Microsoft "
        "Forms writes behind a choice.",
        "Nothing to do; in the form, allow one answer where you want one.",
        severity="warning",
        sheet=grid.sheet,
        column=grid.head[0][next(iter(changed))],
        done="semicolon taken off",
    )
    cells = pd.DataFrame(
        {position: changed.get(position, grid.cells[position]) for position in grid.cells}
    )
    return replace(grid, cells=cells), (warning,)
