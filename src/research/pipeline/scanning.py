"""Looking through the finished files of a release before they are published."""

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from research.disclosure.scanner import Known, Scan, scan_folder
from research.disclosure.scanner.leak_rules import PATH, TOKEN
from research.presentation.texts import catalogue
from research.study.instrument import Instrument
from research.study.study_file import Role, Study, read_study_of
from research.study.workspace import Workspace

# A shorter id, or a number as short, stands on every page by chance: 1, 2, 3 ...
SHORTEST_ID = 4
SHORTEST_NUMBER = 6


def scan_release(folder: Path, workspace: Workspace, study_id: str, *, pattern: str = "*") -> Scan:
    """What the scanner saw in the finished files of a folder, or in those of such a name.

    Raises
    ------
    PrivacyError
        When a file shows what may not be shown: the folder is not published.
    """
    study, instrument = read_study_of(workspace, study_id)
    known = known_of(workspace, study, instrument)
    found = scan_folder(folder, privacy=study.privacy, known=known, pattern=pattern)
    found.require_clean()
    return found


def known_of(workspace: Workspace, study: Study, instrument: Instrument) -> Known:
    """What no file of this study may tell, and the words the rules of the scanner need."""
    ids = respondents(workspace, study.id, "respondent_id")
    ids |= {exclusion.respondent_id for exclusion in study.exclusions}
    written = [
        *_texts(study.model_dump(mode="json", exclude={"exclusions"})),
        *_texts(instrument.model_dump(mode="json")),
        *respondents(workspace, study.id, "organisation_id"),
    ]
    vocabulary = set(TOKEN.findall("\n".join(written)))
    for entry in catalogue().values():
        vocabulary.update(*(TOKEN.findall(text) for text in entry.values()))
    places = {str(place) for place in (workspace.root, Path.home())}
    return Known(
        private=frozenset(set(filter(is_telling, ids)) - vocabulary),
        places=tuple(sorted(place for place in places if place.count("/") > 1)),
        stated=tuple(filter(_is_statement, written)),
        roles={role.id: role_words(role) for role in study.roles},
        scale=(instrument.scale.low, instrument.scale.high),
    )


def respondents(workspace: Workspace, study_id: str, column: str) -> set[str]:
    """The values of a column of the processed responses; none where nothing was built."""
    path = workspace.processed(study_id) / "responses.csv"
    try:
        table = pd.read_csv(path, usecols=[column], dtype=str, keep_default_na=False)
    except (OSError, ValueError):
        return set()
    return set(table[column])


def is_telling(one: str) -> bool:
    """Whether an id is long enough that finding it somewhere is no accident."""
    if re.fullmatch(r"[\d.,-]*", one):
        return sum(map(str.isdigit, one)) >= SHORTEST_NUMBER
    return len(one) >= SHORTEST_ID


def role_words(role: Role) -> tuple[str, ...]:
    """How a page may name a role: label and plural in both languages."""
    return tuple(
        dict.fromkeys(text for words in (role.label, role.plural) for text in (words.nl, words.en))
    )


def _is_statement(text: str) -> bool:
    """Whether a text of the study may itself hold a number of people, an address or a path."""
    return "@" in text or bool(PATH.search(text)) or (" " in text and any(map(str.isdigit, text)))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
