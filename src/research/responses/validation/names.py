"""Names that seem to be one, or that a spreadsheet would run: told, never changed."""

import re
import unicodedata
from difflib import SequenceMatcher
from itertools import pairwise

import pandas as pd

from research.errors import Problem
from research.responses.validation.keys import ALL_FILES
from research.study.study_file import Study

NEAR_EQUAL_RATIO = 0.9
MOST_NAMES_COMPARED = 300
# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection).
FORMULA_SIGNS = ("=", "+", "-", "@")


def warnings_about(people: pd.DataFrame, study: Study) -> list[Problem]:
    """Absent roles, organisation names that are nearly equal or look like a formula.

    Names are kept as they are. ``data/processed`` is read by this package, which runs nothing;
    the warning is for whoever opens the file, or a published table, in a spreadsheet.
    """
    names = sorted(pd.unique(people["organisation_id"]))
    return [*_absent_roles(people, study), *near_equal_names(names), *_formula_names(names)]


def _absent_roles(people: pd.DataFrame, study: Study) -> list[Problem]:
    present = set(pd.unique(people["role"]))
    return [
        Problem(
            file=ALL_FILES,
            rule="absent role",
            message=f"nobody has the role '{role}'.",
            remedy="Add the export of that role; until then nothing can be compared.",
            severity="warning",
            done="reported without that role",
        )
        for role in study.role_ids
        if role not in present
    ]


def near_equal_names(names: list[str]) -> list[Problem]:
    """Warnings for organisation names that may be one, spelt in two ways; ``names`` are sorted."""
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(plain(name), []).append(name)
    alike = [group for group in groups.values() if len(group) > 1]
    if len(names) <= MOST_NAMES_COMPARED:
        alike += [pair for pair in _similar_pairs(groups)]
    return [
        Problem(
            file=ALL_FILES,
            rule="near-equal organisations",
            message=f"organisation names are nearly equal: {quoted_names(group)}.",
            remedy="If they are one organisation, spell it one way in a copy of the exports.",
            severity="warning",
            column="organisation",
            done="kept apart",
        )
        for group in alike
    ]


def _formula_names(names: list[str]) -> list[Problem]:
    found = [name for name in names if name.startswith(FORMULA_SIGNS) and len(name) > 1]
    if not found:
        return []
    return [
        Problem(
            file=ALL_FILES,
            rule="name like a formula",
            message=f"{len(found)} organisation name(s) begin with = + - or @: "
            f"{quoted_names(found[:6])}.",
            remedy="A spreadsheet that opens a table with them may run them as a formula: import "
            "the column as text, or spell the name otherwise in a copy of the exports.",
            severity="warning",
            column="organisation",
            done="kept as it is",
        )
    ]


def _similar_pairs(groups: dict[str, list[str]]) -> list[list[str]]:
    """Neighbours in the alphabet that differ by a letter or so, but not in their numbers."""
    pairs = []
    for first, second in pairwise(sorted(groups)):
        numbers = [re.findall(r"\d+", name) for name in (first, second)]
        ratio = SequenceMatcher(None, first, second).ratio()
        if numbers[0] == numbers[1] and len(first) > 4 and ratio >= NEAR_EQUAL_RATIO:
            pairs.append([groups[first][0], groups[second][0]])
    return pairs


def plain(name: str) -> str:
    """Letters and digits only, without accents or case; two empty names are not alike."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum()) or name


def quoted_names(names: list[str]) -> str:
    """Names for a message."""
    return ", ".join(f"'{name}'" for name in names)
