"""A mapping of the columns to paste into the study file: what was found, and best guesses."""

import re
from difflib import SequenceMatcher

from research.responses.ingest.columns.headers import (
    plain_text,
    texts_of_question,
    without_numbering,
)
from research.responses.ingest.tables import RawTable
from research.responses.study_lines import ALIKE, column_lines
from research.study.instrument import Activity, Instrument
from research.study.study_file import Columns, Export

OPEN = ("", "?")


def ready_mapping(
    table: RawTable,
    instrument: Instrument,
    columns: Columns,
    *,
    found: dict[str, int],
    entry: Export | None,
) -> str:
    """Lines for the study file with every activity: its header, a best guess, or left open.

    A guess is the unused column whose header or question is most like the activity's id, label
    or wording, from 60 % on, each column once; else, when the unused columns have one series of
    numbers as long as the instrument, the column of the same number. It says so in a remark.
    """
    free = [
        number
        for number, header in enumerate(table.headers)
        if header and number not in found.values() and table.headers.count(header) == 1
    ]
    missing = [activity for activity in instrument.activities if activity.id not in found]
    guesses = _alike(table, missing, free)
    guesses |= _by_number(table, instrument, [n for n in free if n not in _used(guesses)], guesses)
    lines = {}
    for activity in instrument.activities:
        if activity.id in found:
            lines[activity.id] = (table.headers[found[activity.id]], "")
        elif activity.id in guesses:
            number, remark = guesses[activity.id]
            lines[activity.id] = (table.headers[number], remark)
        else:
            lines[activity.id] = OPEN
    return column_lines(columns, lines, entry=entry)


def _used(guesses: dict[str, tuple[int, str]]) -> set[int]:
    return {number for number, _ in guesses.values()}


def _alike(table: RawTable, missing: list[Activity], free: list[int]) -> dict[str, tuple[int, str]]:
    """The most similar pairs first; an activity and a column are used once."""
    texts = {number: _texts_of_column(table, number) for number in free}
    pairs = []
    for activity in missing:
        wordings, labels = texts_of_question(activity)
        wanted = {plain_text(text) for text in (activity.id, *wordings, *labels)} - {""}
        for number in free:
            ratio = max((_ratio(a, b) for a in wanted for b in texts[number]), default=0.0)
            if ratio >= ALIKE:
                pairs.append((ratio, activity.id, number))
    guesses: dict[str, tuple[int, str]] = {}
    for ratio, activity_id, number in sorted(pairs, key=lambda pair: (-pair[0], pair[1:])):
        if activity_id not in guesses and number not in _used(guesses):
            guesses[activity_id] = (number, f"best guess, {int(100 * ratio)} % alike")
    return guesses


def _texts_of_column(table: RawTable, number: int) -> set[str]:
    written = (table.headers[number], table.questions.get(number, ""))
    return {plain_text(text) for whole in written for text in (whole, without_numbering(whole))} - {
        ""
    }


def _ratio(first: str, second: str) -> float:
    """How alike two texts are, 0 to 1; other numbers make other questions.

    The quick bounds of difflib spare most comparisons.
    """
    if _numbers(first) != _numbers(second):
        return 0.0
    matcher = SequenceMatcher(None, first, second)
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    return matcher.ratio()


def _numbers(text: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"[0-9]+", text)]


def _by_number(
    table: RawTable, instrument: Instrument, free: list[int], guesses: dict[str, tuple[int, str]]
) -> dict[str, tuple[int, str]]:
    """Columns such as Q12_1 to Q12_30 for thirty activities, when there is one such series."""
    series: dict[str, dict[int, int]] = {}
    for number in free:
        parts = re.fullmatch(r"(.*?)(\d+)(\]?)", table.headers[number])
        if parts:
            series.setdefault(parts[1] + parts[3], {})[int(parts[2])] = number
    n_activities = len(instrument.activities)
    whole = [
        found for found in series.values() if sorted(found) == list(range(1, n_activities + 1))
    ]
    if len(whole) != 1:
        return {}
    return {
        activity.id: (whole[0][place], "best guess, by its number")
        for place, activity in enumerate(instrument.activities, start=1)
        if activity.id not in guesses
    }
