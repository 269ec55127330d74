"""Which column of an export holds what: by id, by the study file, by label or wording."""

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from research.errors import InputError, Problem
from research.responses.ingest.tables import (
    DIRECT_IDENTIFIERS,
    RawTable,
    fold,
    fold_header,
    listed,
)
from research.study.instrument import Activity, Instrument
from research.study.study_file import Columns

USES = ("respondent", "organisation", "role", "wave", "started", "finished", "duration")
SHOWN_MISSING = 6


@dataclass(frozen=True, kw_only=True)
class ColumnMap:
    """Column numbers by activity id, by use (respondent, role, ...) and by covariate."""

    activities: dict[str, int]
    uses: dict[str, int]
    covariates: dict[str, int]
    problems: tuple[Problem, ...]

    @property
    def positions(self) -> dict[str, int]:
        return {**self.uses, **self.covariates, **self.activities}


def expected_names(instrument: Instrument, columns: Columns) -> frozenset[str]:
    """Header names that would be recognised, folded; readers find the header row by them."""
    names = set(filter(None, (getattr(columns, use) for use in USES)))
    names |= set(columns.covariates.values()) | set(_declared(instrument, columns).values())
    for activity in instrument.activities:
        names |= {activity.id, *_texts(activity.wording), *_texts(activity.label)}
    return frozenset(map(fold_header, names))


def map_columns(table: RawTable, instrument: Instrument, columns: Columns) -> ColumnMap:
    """Find every column; what is missing, doubled or forbidden becomes a problem."""
    problems: list[Problem] = []
    uses = {}
    for use in USES:
        name = getattr(columns, use) or table.standard_columns.get(use)
        if name:
            _place(table, use, name, uses, problems)
    covariates: dict[str, int] = {}
    for covariate, name in columns.covariates.items():
        _place(table, covariate, name, covariates, problems)
    activities = _find_activities(table, instrument, columns, problems)
    problems += _used_twice(table, {**uses, **covariates}, activities)
    return ColumnMap(
        activities=activities, uses=uses, covariates=covariates, problems=tuple(problems)
    )


def _texts(text) -> tuple[str, str]:
    return text.nl, text.en


def _declared(instrument: Instrument, columns: Columns) -> dict[str, str]:
    """Header by activity id, as the study file declares it by a pattern or a map."""
    if isinstance(columns.activities, str):
        try:
            return {
                activity.id: columns.activities.format(number=number)
                for number, activity in enumerate(instrument.activities, start=1)
            }
        except (KeyError, IndexError, ValueError):
            raise InputError(
                f"columns.activities: '{columns.activities}' is no pattern. Write {{number}} where "
                "the number of the activity stands, for example Q2_{number}."
            ) from None
    return dict(columns.activities or {})


def _positions(headers: tuple[str, ...], name: str) -> list[int]:
    """Columns with a name: as written first, then without regard to case and blanks."""
    exact = [number for number, header in enumerate(headers) if header == name]
    return exact or [number for number, header in enumerate(headers) if fold(header) == fold(name)]


def _place(table: RawTable, use: str, name: str, found: dict, problems: list[Problem]) -> None:
    positions = _positions(table.headers, name)
    if len(positions) == 1:
        found[use] = positions[0]
        if DIRECT_IDENTIFIERS.match(name) and use not in ("organisation", "role", "wave"):
            problems.append(_identifier(table, use, name))
    elif positions:
        problems.append(_doubled(table, name, positions))
    elif name in table.withheld:
        problems.append(_identifier(table, use, name))
    else:
        problems.append(
            table.source.problem(
                "missing column",
                f"there is no column '{name}' ({use}).",
                _nearest_header(name, table.headers),
                column=name,
            )
        )


def _identifier(table: RawTable, use: str, name: str) -> Problem:
    return table.source.problem(
        "direct identifier",
        f"column '{name}' ({use}) identifies people directly and never enters the data.",
        "Name a column with a number or a code instead, or leave it out.",
        column=name,
    )


def _doubled(table: RawTable, name: str, positions: list[int]) -> Problem:
    numbers = listed([position + 1 for position in positions])
    return table.source.problem(
        "duplicate column",
        f"the column '{name}' stands {len(positions)} times (columns {numbers}).",
        "Rename or remove all but one in a copy of the export.",
        column=name,
    )


def _nearest_header(name: str, headers: tuple[str, ...]) -> str:
    close = get_close_matches(name, [header for header in headers if header], n=1, cutoff=0.5)
    if close:
        return f"Nearest header: '{close[0]}'. Correct `columns` in the study file."
    shown = ", ".join(f"'{header}'" for header in headers[:12])
    return f"The headers are: {shown}. Correct `columns` in the study file."


def _find_activities(
    table: RawTable, instrument: Instrument, columns: Columns, problems: list[Problem]
) -> dict[str, int]:
    declared = _declared(instrument, columns)
    find = _finder(table, instrument)
    found: dict[str, int] = {}
    missing: list[tuple[str, str]] = []
    for activity in instrument.activities:
        wanted = declared.get(activity.id)
        positions = _positions(table.headers, wanted) if wanted else find(activity)
        if len(positions) == 1:
            found[activity.id] = positions[0]
        elif positions:
            problems.append(_doubled(table, table.headers[positions[0]], positions))
        else:
            missing.append((activity.id, wanted or activity.id))
    if missing:
        problems.append(_missing_activities(table, missing, len(instrument.activities)))
    return found


def _finder(table: RawTable, instrument: Instrument) -> Callable[[Activity], list[int]]:
    """Search by id, then exactly by wording or label, then normalised, then by question text."""
    by_text: dict[str, list[int]] = {}
    for number, header in enumerate(table.headers):
        for text in {fold_header(header), fold_header(table.questions.get(number, ""))} - {""}:
            by_text.setdefault(text, []).append(number)
    stems = [fold_header(stem) for stem in _texts(instrument.stem)]

    def find(activity: Activity) -> list[int]:
        texts = (*_texts(activity.wording), *_texts(activity.label))
        exact = [n for n, header in enumerate(table.headers) if header in texts]
        wordings = [fold_header(text) for text in texts]
        normalised = {n for text in wordings for n in by_text.get(text, ())}
        return (
            _positions(table.headers, activity.id)
            or exact
            or sorted(normalised)
            or _by_question(by_text, wordings[:2], stems)
        )

    return find


def _by_question(by_text: dict[str, list[int]], wordings: list[str], stems: list[str]) -> list[int]:
    """Columns whose question is the stem followed by the wording, as grids are exported."""
    return sorted(
        {
            number
            for text, numbers in by_text.items()
            for wording in wordings
            if text.endswith(wording)
            and (text[: -len(wording)].strip(" -–:[?.") in stems or f"- {wording}" in text)
            for number in numbers
        }
    )


def _missing_activities(
    table: RawTable, missing: list[tuple[str, str]], n_activities: int
) -> Problem:
    shown = [
        activity_id if wanted == activity_id else f"{activity_id} (expected '{wanted}')"
        for activity_id, wanted in missing[:SHOWN_MISSING]
    ]
    more = len(missing) - len(shown)
    names = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
    hint = ""
    if len(table.headers) <= 1:
        hint = "The file has one column only: is the delimiter a comma, semicolon, tab or bar? "
    return table.source.problem(
        "missing column",
        f"{len(missing)} of {n_activities} activities have no column: {names}.",
        hint + _nearest_header(missing[0][1], table.headers),
        sheet=table.sheet,
        column=missing[0][1],
    )


def _used_twice(
    table: RawTable, others: dict[str, int], activities: dict[str, int]
) -> list[Problem]:
    """Columns used for an activity and for something else; other columns may serve twice."""
    users: dict[int, list[str]] = {}
    for use, position in [*activities.items(), *others.items()]:
        users.setdefault(position, []).append(use)
    return [
        table.source.problem(
            "duplicate column",
            f"one column is used for {' and '.join(names)}.",
            "Correct `columns` in the study file: each activity needs a column of its own.",
            column=table.headers[position],
        )
        for position, names in users.items()
        if len(names) > 1 and names[0] in activities
    ]
