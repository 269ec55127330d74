"""From the text of a cell to a whole number on the response scale, decided once per text."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from research.responses.ingest.columns.headers import plain_text
from research.responses.ingest.tables import MissingCodes, fold
from research.study.instrument import Instrument
from research.study.study_file import Study

Kind = Literal["answer", "missing", "off_scale", "not_whole", "unknown"]
# Read as missing in answer columns only; an organisation may well be called NA. `-oth-` is
# LimeSurvey's code for an answer of one's own.
MISSING_WORDS = frozenset(
    """- -- – — . .. ? na n/a n.a. n.a nvt n.v.t. n.v.t null none nan #null! <na> missing
    weet_niet weet_ik_niet geen_idee geen_antwoord geen_mening niet_van_toepassing onbekend
    niet_beantwoord -oth- don't_know dont_know no_answer no_opinion not_applicable not_answered
    prefer_not_to_say""".replace("\n", " ").split()
)
NUMBER = re.compile(r"^[+-]?\d+([.,]\d+)?(e[+-]?\d{1,3})?$")
# "5 - very valuable", "5: very valuable", "5 = very valuable", "(5) very valuable", "5 (valuable)"
NUMBER_FIRST = re.compile(r"^[(\[]?([+-]?\d+)\s*[-–—:=.)\]]?\s*[(\[]?([^\W\d].*)$")
# "very valuable (5)", "very valuable = 5"
NUMBER_LAST = re.compile(r"^([^\W\d].*?)\s*[-–—:=(\[]\s*([+-]?\d+)[)\]]?$")
# Signs around a word or a number that a person does not read: "5.", "(5)", "very valuable!". A
# point or comma before a number is one: ".5" is a half.
BEFORE, AFTER = " \"'([", " .!;:,\"')]"


@dataclass(frozen=True)
class Reading:
    """What a text in an answer column means; ``by_word`` when it was no plain number.

    ``by_code`` when the word was a code that the survey tool gave the answer by itself.
    """

    kind: Kind
    value: float = float("nan")
    by_word: bool = False
    by_code: bool = False


@dataclass(frozen=True)
class AnswerKey:
    """How answers of one study are read.

    In this order: the study's ``answer_words``, labels of the instrument in both languages,
    missing words, numbers, the same without the signs around them, a number with its own label,
    a survey tool's own answer codes (``point_codes``, as in ``RawTable``). Case, blanks, kinds of
    quotes and accents make no difference. A number with any other text is unknown: it may be a
    remark.
    """

    study: Study
    instrument: Instrument
    point_codes: str = ""

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

    @cached_property
    def _plain_labels(self) -> dict[str, int]:
        """Points by the letters of their labels, where no two labels have the same ones."""
        plain = [plain_text(label) for label in self.labels]
        pairs = zip(plain, self.labels.values(), strict=True)
        points: dict[str, set[int]] = {}
        for label, point in pairs:
            points.setdefault(label, set()).add(point)
        return {label: min(found) for label, found in points.items() if label and len(found) == 1}

    def read(self, text: str, *, codes: MissingCodes | None = None) -> Reading:
        """Meaning of one text; ``codes`` are what the file declares missing for the column."""
        word = fold(text)
        if word in self._decided:
            value = self._decided[word]
            if value is None:
                return Reading("missing", by_word=True)
            return self._on_scale(value, by_word=True)
        if codes is not None and text in codes.texts:
            return Reading("missing", by_word=True)
        if word in self.labels:
            return Reading("answer", float(self.labels[word]), by_word=True)
        if word in self._missing:
            return Reading("missing", by_word=word != "")
        if NUMBER.match(word):
            return self._number(float(word.replace(",", ".")), codes)
        bare = word.lstrip(BEFORE).rstrip(AFTER)
        if NUMBER.match(bare):
            return self._number(float(bare.replace(",", ".")), codes)
        point = self._plain_labels.get(plain_text(bare), self._numbered_label(word))
        if point is not None:
            return Reading("answer", float(point), by_word=True)
        if bare and bare in {known.rstrip(AFTER) for known in self._missing}:
            return Reading("missing", by_word=True)
        return self._coded_point(word)

    def _numbered_label(self, word: str) -> int | None:
        """Point that a text names twice, by its number and by its label; else nothing."""
        found = [match.groups() for match in (NUMBER_FIRST.match(word),) if match]
        found += [match.groups()[::-1] for match in (NUMBER_LAST.match(word),) if match]
        for number, label in found:
            if self._plain_labels.get(plain_text(label)) == int(number):
                return int(number)
        return None

    def _coded_point(self, word: str) -> Reading:
        """Point of the scale that a tool's own code stands for: code k is the k-th point."""
        code = re.match(self.point_codes, word) if self.point_codes else None
        points = self.instrument.scale.points
        if code is None or not 1 <= int(code[1]) <= len(points):
            return Reading("unknown")
        return Reading("answer", float(points[int(code[1]) - 1]), by_word=True, by_code=True)

    def _number(self, value: float, codes: MissingCodes | None) -> Reading:
        if value in self.study.missing_codes or (codes is not None and codes.holds(value)):
            return Reading("missing", by_word=True)
        if not value.is_integer():
            return Reading("not_whole", value)
        return self._on_scale(value)

    def _on_scale(self, value: float, *, by_word: bool = False) -> Reading:
        on_scale = self.instrument.scale.low <= value <= self.instrument.scale.high
        return Reading("answer" if on_scale else "off_scale", float(value), by_word)
