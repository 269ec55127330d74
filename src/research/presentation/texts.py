"""Every word a reader sees, in Dutch and English, from one catalogue (texts.csv)."""

import csv
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

from research.errors import nearest, require_choice
from research.presentation import numbers
from research.study.instrument import LANGUAGES, Instrument
from research.study.study_file import Study


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return all texts: key to language to text."""
    source = resources.files("research.presentation").joinpath("texts.csv")
    with source.open(encoding="utf-8", newline="") as file:
        return {row["key"]: {"en": row["en"], "nl": row["nl"]} for row in csv.DictReader(file)}


def text(key: str, *, language: str, **values: object) -> str:
    """One text of the catalogue with its placeholders filled in."""
    require_choice("language", language, LANGUAGES)
    entry = catalogue().get(key)
    if entry is None:
        raise KeyError(f"No text '{key}' in texts.csv. {nearest(key, catalogue())}")
    return entry[language].format(**values)


def capitalised(words: str) -> str:
    """Words as they stand at the start of a sentence or a heading; the rest stays as it is."""
    return words[:1].upper() + words[1:]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Who reads: the language, and the study's own words for its roles and activities.

    Role words are filled into every text: ``{a_plural}`` is the first role of the contrast,
    ``{b_plural}`` the second; with a capital at the start of a sentence (``{A_plural}``).
    """

    study: Study
    instrument: Instrument
    language: str
    confidence_level: float = 0.95

    @cached_property
    def _fixed_words(self) -> dict[str, str]:
        words = {
            "level": numbers.format_share(self.confidence_level, language=self.language),
            "alpha": numbers.format_share(1 - self.confidence_level, language=self.language),
        }
        for letter, role in zip("ab", self.study.roles, strict=False):
            plural = role.plural.get(self.language)
            words[f"{letter}_plural"] = plural
            words[f"{letter.upper()}_plural"] = capitalised(plural)
        return words

    def text(self, key: str, **values: object) -> str:
        return text(key, language=self.language, **{**self._fixed_words, **values})

    def label(self, entry_id: str) -> str:
        return self.instrument.label(entry_id, self.language)

    def quoted(self, entry_id: str) -> str:
        marks = "\N{LEFT SINGLE QUOTATION MARK}{}\N{RIGHT SINGLE QUOTATION MARK}"
        return marks.format(self.label(entry_id))

    def plural(self, role_id: str) -> str:
        return self.study.role(role_id).plural.get(self.language)

    def number(self, value: float, *, decimals: int = 2, signed: bool = False) -> str:
        return numbers.format_number(
            value, decimals=decimals, language=self.language, signed=signed
        )

    def short(self, value: float) -> str:
        """Return a number that a person chose (a margin, a midpoint) with the decimals it has."""
        decimals = len(f"{value:g}".partition(".")[2])
        return self.number(value, decimals=decimals)

    def count(self, value: float) -> str:
        return numbers.format_count(value, language=self.language)

    def few_or_count(self, value: float) -> str:
        """Return a count in words; a small one only as "fewer than"."""
        limit = self.study.privacy.shown_from
        return self.count(value) if value >= limit else self.text("count.few", limit=limit)

    def ratio(self, value: float) -> str:
        return numbers.format_ratio(value, language=self.language)

    def p(self, value: float) -> str:
        return numbers.format_p(value, language=self.language)

    def p_equation(self, value: float) -> str:
        return numbers.format_p_equation(value, language=self.language)

    def share(self, value: float, *, decimals: int = 0) -> str:
        return numbers.format_share(value, language=self.language, decimals=decimals)

    def proportion(self, value: float, *, decimals: int = 2) -> str:
        return numbers.format_proportion(value, decimals=decimals, language=self.language)
