"""From the text of a cell to a whole number on the response scale, decided once per text."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from research.responses.ingest.tables import MissingCodes, fold
from research.study.instrument import Instrument
from research.study.study_file import Study

Kind = Literal["answer", "missing", "off_scale", "not_whole", "unknown"]
# Read as missing in answer columns only; an organisation may well be called NA.
MISSING_WORDS = frozenset(
    """- -- – — . .. ? na n/a n.a. n.a nvt n.v.t. n.v.t null none nan #null! <na> missing
    weet_niet weet_ik_niet geen_idee geen_antwoord geen_mening niet_van_toepassing onbekend
    niet_beantwoord don't_know dont_know no_answer no_opinion not_applicable not_answered
    prefer_not_to_say""".replace("\n", " ").split()
)
NUMBER = re.compile(r"^[+-]?\d+([.,]\d+)?(e[+-]?\d{1,3})?$")
# "5 - very valuable", "5: very valuable", "5 = very valuable", "5 very valuable"
NUMBERED_LABEL = re.compile(r"^([+-]?\d+)\s*[-–—:=.)]?\s*([^\W\d].*)$")


@dataclass(frozen=True)
class Reading:
    """What a text in an answer column means; ``by_word`` when it was no plain number."""

    kind: Kind
    value: float = float("nan")
    by_word: bool = False


@dataclass(frozen=True)
class AnswerKey:
    """How answers of one study are read.

    In this order: the study's ``answer_words``, missing words, labels of the instrument in both
    languages, numbers, a number followed by its own label. A number followed by any other text is
    unknown: it may be a remark.
    """

    study: Study
    instrument: Instrument

    @cached_property
    def _decided(self) -> dict[str, int | None]:
        return {fold(word): value for word, value in self.study.answer_words.items()}

    @cached_property
    def _missing(self) -> frozenset[str]:
        own = {fold(word) for word in self.instrument.scale.missing_words.both()}
        return own | {word.replace("_", " ") for word in MISSING_WORDS} | {""}

    @cached_property
    def labels(self) -> dict[str, int]:
        """Points of the scale by their labels in both languages."""
        scale = self.instrument.scale
        return {
            fold(label): point
            for language in (scale.labels.nl, scale.labels.en)
            for point, label in zip(scale.points, language, strict=True)
        }

    def read(self, text: str, *, codes: MissingCodes | None = None) -> Reading:
        """Meaning of one text; ``codes`` are what the file declares missing for the column."""
        word = fold(text)
        if word in self._decided:
            value = self._decided[word]
            return Reading("missing") if value is None else self._on_scale(value, by_word=True)
        if word in self.labels:
            return Reading("answer", float(self.labels[word]), by_word=True)
        if word in self._missing:
            return Reading("missing", by_word=word != "")
        if NUMBER.match(word):
            return self._number(float(word.replace(",", ".")), codes)
        numbered = NUMBERED_LABEL.match(word)
        if numbered and self.labels.get(numbered[2].strip()) == int(numbered[1]):
            return Reading("answer", float(numbered[1]), by_word=True)
        return Reading("unknown")

    def _number(self, value: float, codes: MissingCodes | None) -> Reading:
        if value in self.study.missing_codes or (codes is not None and codes.holds(value)):
            return Reading("missing")
        if not value.is_integer():
            return Reading("not_whole", value)
        return self._on_scale(value)

    def _on_scale(self, value: float, *, by_word: bool = False) -> Reading:
        on_scale = self.instrument.scale.low <= value <= self.instrument.scale.high
        return Reading("answer" if on_scale else "off_scale", float(value), by_word)
