"""Numbers as they stand printed on a page, in English or Dutch, and how exact they claim to be."""

import math
import re
from dataclasses import dataclass

from research.presentation.numbers import MINUS, SEPARATORS

# What stands between the limits of an interval; the third is that of APA's square brackets.
BETWEEN = {
    "en": (r"\s+to\s+", r"\s+and\s+", r",\s+"),
    "nl": (r"\s+tot\s+", r"\s+en\s+", r";\s+"),
}
# ``and`` joins two limits only after one of these.
OPENING = {"en": "between", "nl": "tussen"}
SLACK = 1e-9


@dataclass(frozen=True, kw_only=True)
class Printed:
    """One printed number: every value from ``low`` to ``high`` is written like this.

    ``value`` is as printed (a percentage is not divided); ``signed`` says whether a sign stands
    before it; ``start`` and ``end`` are its place in the text.
    """

    value: float
    low: float
    high: float
    percent: bool
    signed: bool
    start: int
    end: int

    def fits(self, value: float) -> bool:
        """Whether a value, a share where a percentage is printed, is written like this."""
        shown = value * 100 if self.percent else value
        return self.low - SLACK <= shown <= self.high + SLACK


@dataclass(frozen=True, kw_only=True)
class PrintedInterval:
    """An interval with the estimate before it, if there is one, and the numbers of people after."""

    low: Printed
    high: Printed
    estimate: Printed | None = None
    people: tuple[Printed, ...] = ()


def _pattern(language: str) -> re.Pattern:
    group, point = (re.escape(mark) for mark in SEPARATORS[language])
    body = rf"\d(?:\.\d+)?e[-+]?\d+|\d{{1,3}}(?:{group}\d{{3}})+(?:{point}\d+)?|\d*{point}\d+|\d+"
    return re.compile(
        rf"(?P<bound>[<>]\s?)?(?<![\w.,/])(?P<sign>[{MINUS}+])?(?<![\d.,])(?P<body>{body})"
        rf"(?![\w]|[.,]\d)(?P<percent>\s?%)?"
    )


_PATTERNS = {language: _pattern(language) for language in SEPARATORS}


def printed_numbers(text: str, language: str) -> list[Printed]:
    """Every number in a text, in order."""
    return [_printed(found, language) for found in _PATTERNS[language].finditer(text)]


def _printed(found: re.Match, language: str) -> Printed:
    group, point = SEPARATORS[language]
    body = found["body"]
    if "e" not in body:
        body = body.replace(group, "").replace(point, ".")
    value = float(body) * (-1 if found["sign"] == MINUS else 1)
    decimals = len(body.partition(".")[2]) if "e" not in body else 0
    half = 0.5 * 10.0**-decimals if "e" not in body else 0.5 * 10.0 ** math.floor(math.log10(value))
    bound = (found["bound"] or "").strip()
    return Printed(
        value=value,
        low=value if bound == ">" else -math.inf if bound == "<" else value - half,
        high=value if bound == "<" else math.inf if bound == ">" else value + half,
        percent=bool(found["percent"]),
        signed=bool(found["sign"]),
        start=found.start(),
        end=found.end(),
    )


def printed_intervals(
    text: str, numbers: list[Printed], language: str, *, cell: bool
) -> list[PrintedInterval]:
    """The intervals among the numbers of a text, each number in at most one of them.

    In a table cell the estimate stands directly before its interval; in a sentence it is the
    nearest number before it that is no percentage, and what follows within the bracket are
    numbers of people.
    """
    to, joined, listed = BETWEEN[language]
    found, free = [], 0
    for place in range(len(numbers) - 1):
        low, high = numbers[place], numbers[place + 1]
        if place < free:
            continue
        between = text[low.end : high.start]
        opened = text[: low.start].rstrip()
        if not (
            re.fullmatch(to, between)
            or (re.fullmatch(joined, between) and opened.endswith(OPENING[language]))
            or (re.fullmatch(listed, between) and opened.endswith("["))
        ):
            continue
        before = [n for n in numbers[free:place] if cell or not n.percent]
        estimate = (
            before[-1] if before and _belongs(text[before[-1].end : low.start], cell) else None
        )
        people = () if cell else _within_bracket(text, numbers[place + 2 :], high.end)
        found.append(PrintedInterval(low=low, high=high, estimate=estimate, people=people))
        free = place + 2 + len(people)
    return found


def _belongs(between: str, cell: bool) -> bool:
    """Whether a number and the interval after it are one statement."""
    return (
        re.fullmatch(r"[\s(]*", between) is not None if cell else not re.search(r"[.;]\s", between)
    )


def _within_bracket(text: str, numbers: list[Printed], start: int) -> tuple[Printed, ...]:
    """Numbers between an interval and the end of its bracket, where it stands in one."""
    close, opened = text.find(")", start), text.find("(", start)
    if close < 0 or 0 <= opened < close:
        return ()
    return tuple(number for number in numbers if number.end <= close)
