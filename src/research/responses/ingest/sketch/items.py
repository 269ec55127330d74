"""Columns that look like a block of rating items: many columns, one set of answers."""

import re
from collections import Counter
from dataclasses import dataclass

from research.responses.ingest.answers.words import MISSING_WORDS
from research.responses.ingest.sketch.columns import value_counts
from research.responses.ingest.tables import DIRECT_IDENTIFIERS, RawTable, fold

FEWEST_ITEMS = 3
MOST_ANSWERS = 11
LONGEST_ANSWER = 60
HIGHEST_POINT = 11
# Numbers that tools and researchers commonly write for a missing answer.
USUAL_CODES = frozenset({-1, -2, -7, -8, -9, -77, -88, -99, -999, 77, 88, 97, 98, 99, 888, 999})
# Columns about the person, not about what is asked; their codes look like ratings.
NO_ITEMS = re.compile(
    r"^(age|leeftijd|gender|geslacht|sex|education|opleiding|seed|last ?page|progress|status|"
    r"finished|consent|toestemming|startlanguage|start language)$",
    re.IGNORECASE,
)
MOSTLY = 0.9  # of a column's answers must be points of the block's scale
OFTEN = 0.25  # of the columns of a block: an answer seen in fewer is no point of the scale


@dataclass(frozen=True, kw_only=True)
class RatingBlock:
    """Columns with one set of answers, in the order of the file.

    ``points`` are the numbers they hold, or empty where the answers are ``words``; both only
    those that stand in a good part of the columns. Words come the commonest first, with counts.
    """

    positions: tuple[int, ...]
    points: tuple[int, ...]
    words: dict[str, int]


def find_block(table: RawTable, *, taken: set[int]) -> RatingBlock | None:
    """Return the largest set of columns that share their answers; None below three columns.

    ``taken`` are columns whose meaning is known already. A column belongs to another's set when
    it holds no other answer and at least half of them: so a gender (1, 2) is no five-point item.
    """
    answers = {
        position: found
        for position, header in enumerate(table.headers)
        if position not in taken
        and not DIRECT_IDENTIFIERS.match(header)
        and not NO_ITEMS.match(header)
        and (found := _answers(table, position))
    }
    best: list[int] = []
    best_size = 0
    for whole in answers.values():
        members = [
            position
            for position, part in answers.items()
            if part <= whole and len(part) >= max(2, len(whole) / 2)
        ]
        if (len(members), -len(whole)) > (len(best), -best_size):
            best, best_size = members, len(whole)
    return _block(table, best, answers) if len(best) >= FEWEST_ITEMS else None


def _answers(table: RawTable, position: int) -> frozenset[str]:
    """Different answers of a column, missing ones left out; empty when it can be no rating."""
    plain = {_plain(text, table.point_codes) for text in value_counts(table, position)}
    texts = plain - _missing_words()
    numbers = {int(text) for text in texts if re.fullmatch(r"-?\d{1,4}", text)}
    if len(numbers) == len(texts):
        points = numbers - USUAL_CODES
        if not points or min(points) < 0 or max(points) > HIGHEST_POINT:
            return frozenset()
        return frozenset(map(str, points))
    if len(texts) > MOST_ANSWERS or any(len(text) > LONGEST_ANSWER for text in texts):
        return frozenset()
    return frozenset(texts)


def _plain(text: str, point_codes: str) -> str:
    """An answer for comparison; a tool's own code for a point (A1) is that point."""
    folded = fold(text)
    code = re.match(point_codes, folded) if point_codes else None
    return code[1] if code else re.sub(r"^(-?\d+)[.,]0+$", r"\1", folded)


def _missing_words() -> frozenset[str]:
    return frozenset(word.replace("_", " ") for word in MISSING_WORDS)


def _block(
    table: RawTable, positions: list[int], answers: dict[int, frozenset[str]]
) -> RatingBlock | None:
    seen = Counter(answer for position in positions for answer in answers[position])
    often = {answer for answer, n in seen.items() if n >= OFTEN * len(positions)}
    counts: Counter[str] = Counter()
    items = []
    for position in positions:
        known = Counter(
            {
                text: n
                for text, n in value_counts(table, position).items()
                if _plain(text, table.point_codes) in answers[position]
            }
        )
        on_scale = Counter(
            {t: n for t, n in known.items() if _plain(t, table.point_codes) in often}
        )
        if on_scale.total() >= MOSTLY * known.total():
            items.append(position)
            counts += on_scale
    if len(items) < FEWEST_ITEMS:
        return None
    if all(answer.isdecimal() for answer in often):
        points = tuple(sorted(map(int, often)))
        return RatingBlock(positions=tuple(items), points=points, words={})
    return RatingBlock(positions=tuple(items), points=(), words=dict(counts.most_common()))
