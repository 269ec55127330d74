"""What an export seems to hold, before anyone has said so: the start of a study file.

Nothing of it decides a number: it is written down for a person to check. It holds header names,
words and counts, never an id, a free text or the name of a person.
"""

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from research.errors import ResponseError
from research.responses.ingest.answers.columns import AnswerTable, read_answers
from research.responses.ingest.columns.matching import expected_names, map_columns
from research.responses.ingest.sketch.activities import (
    ActivityColumns,
    activities_in_order,
    find_activities,
    pattern_of,
    undecided_key,
)
from research.responses.ingest.sketch.columns import (
    USE_WORDS,
    FoundColumn,
    find_uses,
    group_columns,
    role_of,
    value_counts,
)
from research.responses.ingest.sketch.items import RatingBlock, find_block
from research.responses.ingest.tables import RawTable, ReadOptions, Source
from research.responses.ingest.tools.detection import detect
from research.study.instrument import Instrument
from research.study.study_file import Columns

HEADER_WORDS = 6
LONGEST_WORD = 60  # a longer text in an answer column is a remark, and stays unread


@dataclass(frozen=True, kw_only=True, eq=False)
class ExportSketch:
    """What one export seems to hold.

    ``activities`` is None where fewer than half of them were found; then ``block`` holds the
    columns that look like rating items, if any. ``role`` comes from the name of the file or
    sheet. Words and numbers are given with how often they stand in the file. ``no_ids`` says why
    a column that looks like ids is none.
    """

    table: RawTable
    other_sheets: tuple[str, ...]
    uses: dict[str, FoundColumn]
    groups: tuple[str, ...]
    activities: ActivityColumns | None
    block: RatingBlock | None
    role: str
    role_words: dict[str, int]
    wave_words: dict[str, int]
    organisations: tuple[str, ...]
    unknown_words: dict[str, int]
    n_long_texts: int
    off_scale: dict[float, int]
    no_ids: str = ""
    one_of_several: bool = False

    @property
    def file(self) -> str:
        """Name of the file for a sentence, with the sheet where several of them are exports."""
        sheet = f", sheet {self.table.sheet}" if self.one_of_several else ""
        return self.table.file + sheet

    def without_ids(self, why: str) -> "ExportSketch":
        """Return the same without a column for the respondent, and why it cannot serve."""
        uses = {use: found for use, found in self.uses.items() if use != "respondent"}
        return replace(self, uses=uses, no_ids=why)


def sketch_export(
    source: Source, instrument: Instrument, *, known: dict[str, str] | None = None
) -> list[ExportSketch]:
    """Return what an export seems to hold; of a workbook every sheet that holds the activities.

    Where no sheet does, it is the one that looks most like a questionnaire. ``known`` holds
    headers by activity id where the instrument was made from this very file. Raises
    ``ResponseError`` when the file cannot be read.
    """
    # Commoner words of headers only: `team` may well be an answer.
    words = {word for words in USE_WORDS.values() for word in words[:HEADER_WORDS]}
    options = ReadOptions(expected_names=expected_names(instrument, Columns()) | words)
    try:
        return [_sketch(_read(source, options), instrument, known)]
    except ResponseError as error:
        if {problem.rule for problem in error.problems} != {"sheet"}:
            raise
    sketches, refusals = [], []
    for sheet in _sheet_names(source):
        try:
            table = _read(source, replace(options, sheet=sheet))
            sketches.append(_sketch(table, instrument, known))
        except ResponseError as error:
            refusals += error.problems
    if not sketches:
        raise ResponseError(refusals)
    chosen = [one for one in sketches if one.activities] or [max(sketches, key=_promise)]
    others = tuple(one.table.sheet for one in sketches if one not in chosen)
    return [
        replace(
            one,
            other_sheets=others,
            one_of_several=len(chosen) > 1,
            role=role_of(one.table.sheet) or one.role,
        )
        for one in chosen
    ]


def _read(source: Source, options: ReadOptions) -> RawTable:
    reader, why = detect(source, options=options)
    return reader.read(source, options, why)


def without_shared_ids(sketches: Sequence[ExportSketch]) -> list[ExportSketch]:
    """Return the sketches, without numbers that exports of both roles give to their people.

    Tools number 1, 2, 3 in every survey, so equal numbers are no sign of the same people. Other
    ids, and those of one role, stay: a build refuses them and names the people.
    """
    values = [
        set(value_counts(one.table, one.uses["respondent"].position))
        if "respondent" in one.uses
        else set()
        for one in sketches
    ]
    done = []
    for place, sketch in enumerate(sketches):
        shared = set().union(
            *(
                values[place] & values[other]
                for other, one in enumerate(sketches)
                if sketch.role and one.role and one.role != sketch.role
            )
        )
        if shared and all(value.isdecimal() for value in shared):
            header = sketch.uses["respondent"].header
            why = f"numbers of '{header}' stand in another export too, it seems for other people"
            sketch = sketch.without_ids(why)
        done.append(sketch)
    return done


def _promise(sketch: ExportSketch) -> tuple[int, int]:
    """How much of a questionnaire a sheet seems to hold."""
    return len(sketch.block.positions) if sketch.block else 0, len(sketch.table.cells)


def _sheet_names(source: Source) -> list[str]:
    import openpyxl  # imported here: not needed for CSV or SPSS

    return openpyxl.load_workbook(io.BytesIO(source.content), read_only=True).sheetnames


def _sketch(table: RawTable, instrument: Instrument, known: dict[str, str] | None) -> ExportSketch:
    activities, block = find_activities(table, instrument), None
    named = list(known.values()) if known else []
    # Items that were called by their headers are found without help.
    if known and named != list(known) and all(table.headers.count(name) == 1 for name in named):
        pattern = pattern_of(named)
        activities = ActivityColumns(headers=known, how="given", pattern=pattern)
    if activities is None:
        uses = [one for one in find_uses(table, taken=()).values() if one.by_name]
        block = find_block(table, taken={found.position for found in uses})
        activities = activities_in_order(table, instrument, block)
    headers = set(activities.headers.values()) if activities else set()
    taken = {n for n, header in enumerate(table.headers) if header in headers}
    taken |= set(block.positions) if block else set()
    uses = find_uses(table, taken=taken)
    used = taken | {found.position for found in uses.values()}
    answers = _answers(table, instrument, activities)
    sketch = ExportSketch(
        table=table,
        other_sheets=(),
        uses=uses,
        groups=group_columns(table, taken=used),
        activities=activities,
        block=block,
        role=role_of(table.source.stem),
        role_words=_words_of(table, uses.get("role")),
        wave_words=_words_of(table, uses.get("wave")),
        organisations=tuple(_words_of(table, uses.get("organisation"))),
        **_odd_answers(answers),
    )
    ids, n = uses.get("respondent"), int(answers.answered.sum()) if answers else len(table.cells)
    if ids is not None and ids.n_values < n and "wave" not in uses:
        return sketch.without_ids(f"the values of '{ids.header}' repeat, or are empty")
    return sketch


def _words_of(table: RawTable, found: FoundColumn | None) -> dict[str, int]:
    """Texts of a column with their counts, by label where the file stores codes with labels."""
    if found is None:
        return {}
    labels = table.value_labels.get(found.position, {})
    words: Counter[str] = Counter()
    for text, n in value_counts(table, found.position).items():
        words[labels.get(text, text)] += n
    return dict(words)


def _answers(
    table: RawTable, instrument: Instrument, activities: ActivityColumns | None
) -> AnswerTable | None:
    if activities is None:
        return None
    named = list(activities.headers.values())
    alone = all(table.headers.count(header) == 1 for header in named)
    columns = Columns(activities=activities.headers if alone else None)
    column_map = map_columns(table, instrument, columns)
    return read_answers(table, column_map, undecided_key(table, instrument))


def _odd_answers(answers: AnswerTable | None) -> dict:
    """Words without a meaning and numbers off the scale, with their counts."""
    words: Counter[str] = Counter()
    numbers: Counter[float] = Counter()
    if answers is not None:
        kept = answers.answered
        for column in answers.columns:
            counts = column.counts(kept)
            for text, reading in zip(column.texts, column.readings, strict=True):
                if counts[text] and reading.kind == "unknown":
                    words[text] += counts[text]
                elif counts[text] and reading.kind == "off_scale":
                    numbers[reading.value] += counts[text]
    short = {word: n for word, n in words.most_common() if len(word) <= LONGEST_WORD}
    return {
        "unknown_words": short,
        "n_long_texts": len(words) - len(short),
        "off_scale": dict(sorted(numbers.items())),
    }
