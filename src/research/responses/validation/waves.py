"""Which words for a wave mean the same wave; decided in the study file, never here."""

import re
from collections.abc import Mapping

import numpy as np
import pandas as pd

from research.errors import Problem, nearest
from research.responses.study_lines import wave_lines
from research.responses.validation.keys import ALL_FILES
from research.responses.validation.names import plain, quoted_names
from research.study.study_file import Study

FIRST = frozenset(
    "pre pretest baseline before start begin voor vooraf voormeting nulmeting "
    "beginmeting startmeting".split()
)
LAST = frozenset(
    "post posttest after end followup na achteraf nameting eindmeting eind vervolgmeting".split()
)
# Letters that go with the number of a wave and do not tell waves apart.
WAVE_WORDS = frozenset(
    "t w m tijd time tijdstip wave golf meting meetmoment meetronde moment ronde round "
    "measurement st nd rd th e de ste".split()
)


def wave_problems(people: pd.DataFrame, study: Study) -> list[Problem]:
    """Refusals for a wave that is not there and, without `waves:`, for spellings of one wave."""
    codes, names = pd.factorize(people["wave"])
    counts = dict(zip(names, np.bincount(codes, minlength=len(names)).tolist(), strict=True))
    counts.pop("", None)
    problems = []
    if not study.waves:
        problems += _spellings(counts, study)
    if study.wave is not None and study.wave not in counts:
        problems.append(
            Problem(
                file=ALL_FILES,
                rule="unknown wave",
                message=f"wave '{study.wave}' of the study file is not in the exports.",
                remedy=nearest(study.wave, counts) if counts else "Name a wave column.",
            )
        )
    return problems


def _spellings(counts: Mapping[str, int], study: Study) -> list[Problem]:
    """Return one refusal when words for waves seem to mean the same wave."""
    groups = wave_groups(counts)
    alike = [words for words in groups if len(words) > 1]
    if not alike:
        return []
    shown = "; ".join(quoted_names(words) for words in alike)
    lines = wave_lines(
        (
            study.wave if study.wave in words else max(words, key=lambda word: counts[word]),
            words,
            "best guess; " + ", ".join(f"{counts[word]} times {word}" for word in words),
        )
        for words in groups
    )
    return [
        Problem(
            file=ALL_FILES,
            rule="spellings of a wave",
            message=f"{len(counts)} words for waves seem to mean {len(groups)}: {shown}.",
            remedy="Spell it one way in a copy of the exports, or put these lines in the study "
            f"file and correct them where they are wrong:\n{lines}",
        )
    ]


def wave_groups(words: Mapping[str, int]) -> list[list[str]]:
    """Words that seem to mean the same wave, together; one list a wave, in alphabetical order.

    Equal but for case, blanks and signs; equal numbers with a word such as wave or meting; a
    word such as voormeting or post, taken for the first or last of the numbered waves.
    """
    groups: dict[str, list[str]] = {}
    for word in sorted(words):
        groups.setdefault(wave_sense(word), []).append(word)
    numbered = sorted((sense for sense in groups if sense.isdigit()), key=int)
    for sense, place in (("first", 0), ("last", -1)):
        if numbered and sense in groups:
            groups[numbered[place]] += groups.pop(sense)
    return sorted(groups.values())


def wave_sense(word: str) -> str:
    """What a word for a wave seems to mean: a number, first, last, or the word itself."""
    letters = plain(word)
    if letters in FIRST:
        return "first"
    if letters in LAST:
        return "last"
    parts = re.fullmatch(r"([a-z]*)(\d{1,2})([a-z]*)", letters)
    known = parts and all(part in WAVE_WORDS or not part for part in (parts[1], parts[3]))
    if parts and (known or _wave_words(word)):
        return str(int(parts[2]))
    return letters


def _wave_words(word: str) -> bool:
    """Whether a text is one number and words that mean wave, whatever separates them."""
    letters = re.findall(r"[^\W\d_]+", word.casefold())
    return all(part in WAVE_WORDS for part in letters)
