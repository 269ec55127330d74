"""Which columns of an unknown export are the activities, by their names or by their order."""

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from research.responses.ingest.answers.words import AnswerKey
from research.responses.ingest.columns.matching import map_columns
from research.responses.ingest.sketch.items import RatingBlock
from research.responses.ingest.tables import RawTable, fold, fold_header
from research.study.instrument import Activity, Bilingual, Instrument
from research.study.study_file import Columns, Export, Study

How = Literal["id", "name", "question", "order", "given"]
MOST_NEAREST = 2


@dataclass(frozen=True, kw_only=True)
class ActivityColumns:
    """Header by activity id, how they were recognised, and the activities without a column.

    ``pattern`` is the headers as one text with ``{number}``, or empty where they are not numbered
    in the order of the instrument. ``missing`` holds the nearest headers of each, if any.
    """

    headers: dict[str, str]
    how: How
    pattern: str = ""
    missing: dict[str, tuple[str, ...]] = field(default_factory=dict)


def find_activities(table: RawTable, instrument: Instrument) -> ActivityColumns | None:
    """Activities by id, wording, label or question; None below half of them."""
    found = map_columns(table, instrument, Columns()).activities
    ids = instrument.activity_ids
    if len(found) < len(ids) / 2:
        return None
    headers = {i: table.headers[found[i]] for i in ids if i in found}
    wordings = {
        fold_header(text) for activity in instrument.activities for text in _texts(activity)
    }
    how: How = "question"
    if all(fold(header) == fold(i) for i, header in headers.items()):
        how = "id"
    elif all(fold_header(header) in wordings for header in headers.values()):
        how = "name"
    missing = [i for i in ids if i not in found]
    return ActivityColumns(
        headers=headers,
        how=how,
        pattern="" if missing else pattern_of(list(headers.values())),
        missing={i: _nearest(table, instrument, i, set(found.values())) for i in missing},
    )


def _texts(activity: Activity) -> tuple[str, str, str, str]:
    return activity.wording.nl, activity.wording.en, activity.label.nl, activity.label.en


def activities_in_order(
    table: RawTable, instrument: Instrument, block: RatingBlock | None
) -> ActivityColumns | None:
    """As many rating columns as there are activities, and on their scale: taken in order."""
    ids = instrument.activity_ids
    if block is None or len(block.positions) != len(ids):
        return None
    key = undecided_key(table, instrument)
    answers = [*block.words, *map(str, block.points)]
    headers = [table.headers[position] for position in block.positions]
    on_scale = all(key.read(answer).kind in ("answer", "missing") for answer in answers)
    if not on_scale or len(set(headers)) < len(headers):
        return None
    return ActivityColumns(
        headers=dict(zip(ids, headers, strict=True)), how="order", pattern=pattern_of(headers)
    )


def pattern_of(headers: list[str]) -> str:
    """The headers as one text with {number}, when they are numbered 1, 2, 3 ...; else empty."""
    for number, spec in (("1", "{number}"), ("01", "{number:02d}"), ("001", "{number:03d}")):
        for place in re.finditer(rf"(?<!\d){number}(?!\d)", headers[0]):
            start, end = (
                re.sub(r"[{}]", r"\g<0>\g<0>", part)
                for part in (headers[0][: place.start()], headers[0][place.end() :])
            )
            pattern = start + spec + end
            if [pattern.format(number=n) for n in range(1, len(headers) + 1)] == headers:
                return pattern
    return ""


def _nearest(
    table: RawTable, instrument: Instrument, activity_id: str, used: set[int]
) -> tuple[str, ...]:
    """Headers whose name or question comes nearest to an activity that was not found."""
    activity = next(a for a in instrument.activities if a.id == activity_id)
    texts: dict[str, str] = {}
    for position, header in enumerate(table.headers):
        if position not in used and header:
            texts[fold(header)] = header
            question = fold(table.questions.get(position, ""))
            texts[question[-len(activity.wording.nl) - 5 :]] = header
    near: list[str] = []
    for wanted in _texts(activity):
        close = get_close_matches(fold(wanted), texts, n=MOST_NEAREST, cutoff=0.75)
        near += [texts[text] for text in close]
    return tuple(dict.fromkeys(near))[:MOST_NEAREST]


def undecided_key(table: RawTable, instrument: Instrument) -> AnswerKey:
    """How answers are read before a study file decides anything."""
    undecided = Study(
        id="new",
        title=Bilingual(nl="-", en="-"),
        instrument=instrument.id,
        synthetic=False,
        exports=(Export(path=table.file),),
    )
    return AnswerKey(undecided, instrument, table.point_codes)
