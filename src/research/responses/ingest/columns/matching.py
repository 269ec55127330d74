"""Which column of an export holds what: by id, by the study file, by label or wording."""

from dataclasses import dataclass, field
from difflib import get_close_matches

from research.errors import InputError, Problem
from research.responses.ingest.columns.guesses import ready_mapping
from research.responses.ingest.columns.headers import (
    BY_STUDY_FILE,
    Headers,
    named,
    read_headers,
    texts_of_question,
)
from research.responses.ingest.tables import DIRECT_IDENTIFIERS, RawTable, fold_header, listed
from research.study.instrument import Activity, AttentionItem, Instrument
from research.study.study_file import Columns, Export

USES = ("respondent", "organisation", "role", "wave", "started", "finished", "duration")
SHOWN_MISSING = 6
BY_TOOL = "survey tool"


@dataclass(frozen=True, kw_only=True)
class ColumnMap:
    """Column numbers by activity id, by use (respondent, role, ...) and by covariate.

    ``attention`` are the attention items that were found. ``matched_by`` says for each column how
    it was found. ``problems`` are refusals, ``warnings`` what an import goes on with.
    """

    activities: dict[str, int]
    uses: dict[str, int]
    covariates: dict[str, int]
    problems: tuple[Problem, ...]
    attention: dict[str, int] = field(default_factory=dict)
    matched_by: dict[str, str] = field(default_factory=dict)
    warnings: tuple[Problem, ...] = ()

    @property
    def positions(self) -> dict[str, int]:
        return {**self.uses, **self.covariates, **self.questions}

    @property
    def questions(self) -> dict[str, int]:
        """Columns that hold answers: activities, then attention items."""
        return {**self.activities, **self.attention}


@dataclass(frozen=True, kw_only=True)
class _Search:
    """What the small steps below share; they fill the last three."""

    table: RawTable
    instrument: Instrument
    columns: Columns
    headers: Headers
    declared: dict[str, str]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    matched_by: dict[str, str] = field(default_factory=dict)

    def refuse(self, rule: str, message: str, remedy: str, column: str) -> None:
        self.problems.append(
            self.table.source.problem(rule, message, remedy, sheet=self.table.sheet, column=column)
        )


def expected_names(instrument: Instrument, columns: Columns) -> frozenset[str]:
    """Header names that would be recognised, folded; readers find the header row by them."""
    names = set(filter(None, (getattr(columns, use) for use in USES)))
    names |= set(columns.covariates.values()) | set(_declared(instrument, columns).values())
    for question in (*instrument.activities, *instrument.attention_items):
        wordings, labels = texts_of_question(question)
        names |= {question.id, *wordings, *labels}
    return frozenset(map(fold_header, names)) - {""}


def map_columns(
    table: RawTable, instrument: Instrument, columns: Columns, *, entry: Export | None = None
) -> ColumnMap:
    """Find every column; what is missing, doubled or forbidden becomes a problem.

    An activity is looked for under the header that the study file declares, else by id, exact
    wording or label, wording without markup, signs, case and accents, and stem with wording. A
    column that only resembles one is never used: the problem holds lines for the study file in
    which it is proposed. ``entry`` is the export when those lines belong to its own entry.
    """
    search = _Search(
        table=table,
        instrument=instrument,
        columns=columns,
        headers=read_headers(table, instrument),
        declared=_declared(instrument, columns),
    )
    uses: dict[str, int] = {}
    for use in USES:
        own, standard = getattr(columns, use), table.standard_columns.get(use)
        if own or standard:
            _place(search, use, own or standard, uses)
            search.matched_by[use] = BY_STUDY_FILE if own else BY_TOOL
    covariates: dict[str, int] = {}
    for covariate, name in columns.covariates.items():
        _place(search, covariate, name, covariates)
        search.matched_by[covariate] = BY_STUDY_FILE
    activities = _find_activities(search, entry)
    attention = _find_attention(search)
    _refuse_used_twice(search, {**uses, **covariates}, {**activities, **attention})
    return ColumnMap(
        activities=activities,
        uses=uses,
        covariates=covariates,
        problems=tuple(search.problems),
        attention=attention,
        matched_by=search.matched_by,
        warnings=tuple(search.warnings),
    )


def _declared(instrument: Instrument, columns: Columns) -> dict[str, str]:
    """Header by activity id, as the study file declares it by a pattern or a map."""
    if isinstance(columns.activities, str):
        try:
            return {
                activity.id: columns.activities.format(number=number)
                for number, activity in enumerate(instrument.activities, start=1)
            }
        except (KeyError, IndexError, ValueError, AttributeError, TypeError):
            raise InputError(
                f"study.yaml: columns.activities: '{columns.activities}' is no pattern. Write "
                "{number} where the number of the activity stands, for example Q2_{number}."
            ) from None
    # An empty header is one that a pasted mapping left open.
    return {activity: name for activity, name in (columns.activities or {}).items() if name}


def _place(search: _Search, use: str, name: str, found: dict[str, int]) -> None:
    """Put the column with this name in ``found``, or say why there is none."""
    table = search.table
    positions = named(table.headers, name)
    identifies = DIRECT_IDENTIFIERS.match(name) and use not in ("organisation", "role", "wave")
    if len(positions) == 1 and not identifies:
        found[use] = positions[0]
    elif len(positions) > 1:
        _refuse_doubled(search, name, positions)
    elif positions or name in table.withheld:
        search.refuse(
            "direct identifier",
            f"column '{name}' ({use}) identifies people directly and never enters the data.",
            "Name a column with a number or a code instead, or leave it out.",
            name,
        )
    else:
        search.refuse(
            "missing column",
            f"there is no column '{name}' ({use}).",
            _nearest_header(name, table.headers),
            name,
        )


def _refuse_doubled(search: _Search, name: str, positions: list[int]) -> None:
    numbers = listed([position + 1 for position in positions])
    search.refuse(
        "duplicate column",
        f"the column '{name}' stands {len(positions)} times (columns {numbers}).",
        "Rename or remove all but one in a copy of the export, or name the right one under "
        "`columns:` by a header that stands once.",
        name,
    )


def _nearest_header(name: str, headers: tuple[str, ...]) -> str:
    close = get_close_matches(name, [header for header in headers if header], n=1, cutoff=0.5)
    if close:
        return f"Nearest header: '{close[0]}'. Correct `columns` in the study file."
    shown = ", ".join(f"'{header}'" for header in headers[:12])
    return f"The headers are: {shown}. Correct `columns` in the study file."


def _find(search: _Search, question: Activity | AttentionItem) -> list[int]:
    """Columns of a question, where the study file says or by the surest sign."""
    wanted = search.declared.get(question.id)
    if wanted:
        positions, sign = named(search.table.headers, wanted), BY_STUDY_FILE
    else:
        positions, sign = search.headers.find(question)
    if len(positions) == 1:
        search.matched_by[question.id] = sign
    return positions


def _find_activities(search: _Search, entry: Export | None) -> dict[str, int]:
    found: dict[str, int] = {}
    missing: list[str] = []
    for activity in search.instrument.activities:
        positions = _find(search, activity)
        if len(positions) == 1:
            found[activity.id] = positions[0]
        elif positions:
            _refuse_doubled(search, search.table.headers[positions[0]], positions)
        else:
            missing.append(activity.id)
    if missing:
        _refuse_missing(search, missing, found, entry)
    return found


def _find_attention(search: _Search) -> dict[str, int]:
    """Attention items are no part of a score: an absent or doubled one is a warning."""
    found: dict[str, int] = {}
    for item in search.instrument.attention_items:
        positions = _find(search, item)
        if len(positions) == 1:
            found[item.id] = positions[0]
            continue
        why = f"stands {len(positions)} times" if positions else "has no column"
        search.warnings.append(
            search.table.source.problem(
                "attention item",
                f"the attention item {item.id} {why}.",
                "If it was asked, name its column under `columns: activities:`.",
                severity="warning",
                sheet=search.table.sheet,
                column=item.id,
                done="read without it",
            )
        )
    return found


def _refuse_missing(
    search: _Search, missing: list[str], found: dict[str, int], entry: Export | None
) -> None:
    """One refusal for all activities without a column, with the mapping to paste."""
    headers = search.table.headers
    expected = [search.declared.get(activity, activity) for activity in missing]
    shown = [
        activity if name == activity else f"{activity} (expected '{name}')"
        for activity, name in zip(missing, expected, strict=True)
    ][:SHOWN_MISSING]
    more = len(missing) - len(shown)
    names = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
    remedy = _nearest_header(expected[0], headers)
    if len(headers) <= 1:
        remedy = (
            "The file has one column only: is the delimiter a comma, semicolon, tab or bar? "
            + remedy
        )
    else:
        lines = ready_mapping(
            search.table, search.instrument, search.columns, found=found, entry=entry
        )
        place = "`columns:`" if entry is None else "the entry of this file under `exports:`"
        remedy += f" Put these lines in place of {place} and look at every remark:\n{lines}"
    search.refuse(
        "missing column",
        f"{len(missing)} of {len(search.instrument.activities)} activities have no column: "
        f"{names}.",
        remedy,
        expected[0],
    )


def _refuse_used_twice(search: _Search, others: dict[str, int], questions: dict[str, int]) -> None:
    """Columns used for a question and for something else; other columns may serve twice."""
    users: dict[int, list[str]] = {}
    for use, position in [*questions.items(), *others.items()]:
        users.setdefault(position, []).append(use)
    for position, names in users.items():
        if len(names) > 1 and names[0] in questions:
            search.refuse(
                "duplicate column",
                f"one column is used for {' and '.join(names)}.",
                "Correct `columns` in the study file: each activity needs a column of its own.",
                search.table.headers[position],
            )
