"""Which column of an unknown export seems to hold what: guesses by words, for a person to check."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from research.responses.ingest.tables import DIRECT_IDENTIFIERS, RawTable, fold, texts_of
from research.study.study_file import CUSTOMER, MANAGER

# Words of headers and questions, the likeliest first. The tool's own columns come before them.
USE_WORDS: dict[str, tuple[str, ...]] = {
    "respondent": (
        "respondent", "respondent id", "respondentid", "respondentnummer", "respondent nummer",
        "respondent nr", "respondentnr", "deelnemer", "deelnemernummer", "deelnemer id",
        "participant", "participant id", "participantid", "response id", "responseid",
        "antwoord id", "reactie id", "respons id", "response number", "case id", "caseid",
        "record id", "id", "volgnummer", "nummer", "nr", "case",
    ),
    "organisation": (
        "organisatie", "organisatienaam", "organisation", "organization", "org", "bedrijf",
        "bedrijfsnaam", "company", "instelling", "institution", "onderneming", "werkgever",
        "employer", "school", "universiteit", "university", "ziekenhuis", "hospital", "gemeente",
        "vestiging", "filiaal", "branch", "locatie", "location", "afdeling", "department", "unit",
        "team",
    ),
    "role": (
        "rol", "role", "functie", "function", "positie", "position", "respondenttype",
        "type respondent", "soort respondent", "rater", "beoordelaar", "doelgroep", "groep",
        "group",
    ),
    "wave": (
        "meting", "wave", "meetmoment", "golf", "ronde", "round", "meetronde", "timepoint",
        "time point", "tijdstip", "measurement",
    ),
    "started": (
        "startdate", "start date", "start time", "starttime", "started", "begintijd", "starttijd",
        "begindatum", "startdatum", "date started", "datum gestart",
    ),
    "finished": (
        "enddate", "end date", "end time", "endtime", "completion time", "eindtijd", "einddatum",
        "tijd van voltooien", "submitdate", "date submitted", "datum ingezonden", "timestamp",
        "tijdstempel",
    ),
    "duration": (
        "duration in seconds", "duration seconds", "duration", "interviewtime", "interview time",
        "total time", "totale tijd", "duur", "invultijd", "tijdsduur",
    ),
}  # fmt: skip
# Parts of words by which a role shows in a file name or a role column; the other words of a role
# are in the study file.
ROLE_STEMS = {
    CUSTOMER.id: ("customer", "klant", "client", "consument", "consumer", "patient", "bewoner"),
    MANAGER.id: (
        "manager", "leidinggevende", "teamleider", "directeur", "director", "supervisor",
        "bestuurder",
    ),
}  # fmt: skip
# These are looked for by their whole name only: `started` and `end` stand in many a question.
WHOLE_NAME_ONLY = frozenset({"started", "finished", "duration"})
MOST_WORDS = {"role": 12, "wave": 10}
LONGEST_NAME = 4  # words; a longer header is a question
MOST_OTHERS = 4
BY_QUESTION = "by a word in its question"
LONGEST_HEADER = 60
OFTEN_FILLED = 0.5  # of the rows: a column filled less often belongs to a few people only


@dataclass(frozen=True, kw_only=True)
class FoundColumn:
    """A column that seems to hold something, and why.

    ``others`` names columns that could be it instead, each with its number of different values;
    ``certain`` is True where the survey tool itself fixes the column.
    """

    header: str
    position: int
    why: str
    n_values: int
    n_empty: int
    others: tuple[str, ...] = ()
    certain: bool = False

    @property
    def by_name(self) -> bool:
        """Whether its header says so, rather than a word somewhere in a question."""
        return self.certain or self.why != BY_QUESTION


@dataclass(frozen=True)
class _Match:
    """How well a column's name or question fits a use; the greatest ``rank`` fits best."""

    use: str
    position: int
    rank: tuple[int, int, int]
    why: str


def find_uses(table: RawTable, *, taken: Iterable[int]) -> dict[str, FoundColumn]:
    """Columns by use (respondent, organisation, role, ...); ``taken`` are columns of activities.

    A column serves once. Values decide along: an id differs in every row, an organisation does
    not, a role has few words. Columns that identify people directly are never named.
    """
    found: dict[str, FoundColumn] = {}
    used = set(taken)
    for use, header in table.standard_columns.items():
        if use in USE_WORDS and table.headers.count(header) == 1:
            position = table.headers.index(header)
            found[use] = _found(table, position, "the survey tool's own column", certain=True)
            used.add(position)
    matches = sorted(_matches(table, used), key=lambda match: match.rank, reverse=True)
    for match in matches:
        if match.use in found or match.position in used:
            continue
        used.add(match.position)
        others = [
            other.position
            for other in matches
            if other.use == match.use and other.position not in used
        ]
        found[match.use] = _found(table, match.position, match.why, others=others)
    return found


def role_of(text: str) -> str:
    """Id of the role a text speaks of; empty when it speaks of none or of both."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    named = [role for role, stems in ROLE_STEMS.items() if any(stem in plain for stem in stems)]
    return named[0] if len(named) == 1 else ""


def value_counts(table: RawTable, position: int) -> dict[str, int]:
    """How often each text stands in a column, empty cells left out; the commonest first."""
    codes, texts = texts_of(table.cells[position])
    counts: dict[str, int] = {}
    for text, n in zip(texts, np.bincount(codes, minlength=len(texts)).tolist(), strict=True):
        if n and text.strip():
            counts[text.strip()] = counts.get(text.strip(), 0) + n
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def group_columns(table: RawTable, *, taken: Iterable[int]) -> tuple[str, ...]:
    """Headers of columns that could hold an organisation or a role: texts that are repeated."""
    chosen = []
    for position in set(range(len(table.headers))) - set(taken):
        counts = value_counts(table, position)
        if 2 <= len(counts) <= sum(counts.values()) / 2 and _usable(table, position):
            chosen.append(position)
    return tuple(_described(table, position) for position in sorted(chosen)[: MOST_OTHERS + 2])


def _usable(table: RawTable, position: int) -> bool:
    header = table.headers[position]
    return bool(
        header and table.headers.count(header) == 1 and not DIRECT_IDENTIFIERS.match(header)
    )


def _found(
    table: RawTable, position: int, why: str, *, others: Iterable[int] = (), certain: bool = False
) -> FoundColumn:
    counts = value_counts(table, position)
    return FoundColumn(
        header=table.headers[position],
        position=position,
        why=why,
        n_values=len(counts),
        n_empty=len(table.cells) - sum(counts.values()),
        others=tuple(_described(table, other) for other in list(others)[:MOST_OTHERS]),
        certain=certain,
    )


def _described(table: RawTable, position: int) -> str:
    return f"'{shortened(table.headers[position])}' ({len(value_counts(table, position))} values)"


def shortened(text: str) -> str:
    """A header or question as a message shows it: on one line, and not longer than one."""
    plain = " ".join(text.split())
    return plain if len(plain) <= LONGEST_HEADER else plain[: LONGEST_HEADER - 4] + " ..."


def _words(text: str) -> str:
    return " ".join(word for word in re.split(r"[\W_]+", fold(text)) if word)


def _matches(table: RawTable, taken: set[int]) -> list[_Match]:
    matches: list[_Match] = []
    for position, header in enumerate(table.headers):
        if position in taken or not _usable(table, position):
            continue
        name, question = _words(header), _words(table.questions.get(position, ""))
        if len(name.split()) > LONGEST_NAME:
            name, question = "", f"{name} {question}".strip()
        of_column = [
            match
            for use in USE_WORDS
            if (match := _match(use, position, name, question)) is not None
            and _values_fit(use, table, position)
        ]
        if _all_roles(table, position):
            of_column.append(_Match("role", position, (2, 1, -position), "by its words"))
        # "In which function do you work at this organisation?" asks for the first of the two.
        matches += sorted(of_column, key=lambda match: match.rank, reverse=True)[:1]
    return matches


def _all_roles(table: RawTable, position: int) -> bool:
    """Whether every text of a column speaks of a role (`Klant`, `Leidinggevende`)."""
    words = value_counts(table, position)
    return 0 < len(words) <= MOST_WORDS["role"] and all(map(role_of, words))


def _match(use: str, position: int, name: str, question: str) -> _Match | None:
    words = USE_WORDS[use]
    if name in words:
        return _Match(use, position, (3, -words.index(name), -position), "by its name")
    if use in WHOLE_NAME_ONLY:
        return None
    for place, word in enumerate(words):
        if len(word) > 3 and f" {word} " in f" {name} ":
            return _Match(use, position, (2, -place, -position), "by a word in its name")
    places = [
        f" {question} ".find(f" {word} ") for word in words if len(word) > 3 and use != "respondent"
    ]
    inside = [place for place in places if place >= 0]
    if inside:
        return _Match(use, position, (1, -min(inside), -position), BY_QUESTION)
    return None


def _values_fit(use: str, table: RawTable, position: int) -> bool:
    counts = value_counts(table, position)
    n = sum(counts.values())
    if not n or n < OFTEN_FILLED * len(table.cells):
        return False
    if use == "duration":
        numbers = sum(c for text, c in counts.items() if re.fullmatch(r"\d+([.,]\d+)?", text))
        return numbers >= 0.8 * n
    if use == "organisation":
        return len(counts) < n or n <= 3
    return len(counts) <= MOST_WORDS.get(use, n)
