"""Whether the value labels of a file agree with the instrument's scale."""

import re
from dataclasses import dataclass

from research.errors import Problem
from research.responses.ingest.answers.words import AnswerKey
from research.responses.ingest.columns.matching import ColumnMap
from research.responses.ingest.tables import RawTable, listed, texts_of

RULE = "labels against the scale"


@dataclass(frozen=True)
class _Clash:
    """A code that is read as one thing and labelled as another; ``point`` None is missing."""

    code: str
    label: str
    read_as: float
    point: float | None


def label_problems(table: RawTable, column_map: ColumnMap, key: AnswerKey) -> list[Problem]:
    """What the labels of the answer columns say against the way their codes are read.

    One problem per set of contradictions, with all its columns. A label that is another point of
    the scale is a warning: the codes are used as they are, for a label may be wrong as well as a
    code, but a scale that runs the other way turns every conclusion round. A label that means
    missing on a code of the scale is refused. A code is compared as the study reads it: where
    ``answer_words`` turns it into what its label says, nothing is left to say.
    """
    found: dict[tuple[_Clash, ...], list[str]] = {}
    for position in column_map.activities.values():
        clashes = _clashes(table, position, key)
        if clashes:
            found.setdefault(clashes, []).append(table.headers[position])
    problems = []
    for clashes, headers in found.items():
        missing = tuple(clash for clash in clashes if clash.point is None)
        other = tuple(clash for clash in clashes if clash.point is not None)
        if missing:
            problems.append(_labelled_missing(table, missing, headers))
        if other:
            problems.append(_other_point(table, other, headers, key))
    return [*problems, *_shared_names(table, column_map)]


def _shared_names(table: RawTable, column_map: ColumnMap) -> list[Problem]:
    """Refusals for organisations under several codes with one label: they would become one."""
    position = column_map.uses.get("organisation")
    if position is None:
        return []
    used = set(texts_of(table.cells[position])[1])
    codes_by_label: dict[str, list[str]] = {}
    for code, label in table.value_labels.get(position, {}).items():
        if code in used and label:
            codes_by_label.setdefault(label, []).append(code)
    return [
        table.source.problem(
            "label stands twice",
            f"the codes {', '.join(codes)} are all labelled '{label}'.",
            "Give each organisation a label of its own, or one code if they are the same.",
            sheet=table.sheet,
            column=table.headers[position],
        )
        for label, codes in codes_by_label.items()
        if len(codes) > 1
    ]


def _clashes(table: RawTable, position: int, key: AnswerKey) -> tuple[_Clash, ...]:
    declared = table.user_missing.get(position)
    clashes = []
    for code, label in table.value_labels.get(position, {}).items():
        reading = key.read(code, codes=declared)
        if reading.kind not in ("answer", "off_scale"):
            continue
        said = key.read(label)
        if said.kind == "answer" and said.value != reading.value:
            clashes.append(_Clash(code, label, reading.value, said.value))
        # A dash or a point labels the middle of many scales; only words mean missing here.
        elif said.kind == "missing" and reading.kind == "answer" and re.search("[^\\W\\d_]", label):
            clashes.append(_Clash(code, label, reading.value, None))
    return tuple(sorted(clashes, key=lambda clash: clash.read_as))


def _other_point(
    table: RawTable, clashes: tuple[_Clash, ...], headers: list[str], key: AnswerKey
) -> Problem:
    ends = key.instrument.scale.low + key.instrument.scale.high
    turned = len(clashes) > 1 and all(one.read_as + one.point == ends for one in clashes)
    first = clashes[0]
    sentence = (
        f"code {first.code} is labelled '{first.label}', which is {first.point:g} in the instrument"
    )
    if turned:
        sentence = f"the value labels run the other way than the instrument: {sentence}"
    elif len(clashes) > 1:
        sentence += f", and {len(clashes) - 1} more label(s) disagree"
    return table.source.problem(
        RULE,
        f"{sentence} (columns: {listed(headers)}).",
        "If the export runs the other way, recode it under `answer_words` or export it again; if "
        "only the labels are wrong, correct them in the file.",
        severity="warning",
        sheet=table.sheet,
        column=headers[0],
        done="codes used as they are",
    )


def _labelled_missing(table: RawTable, clashes: tuple[_Clash, ...], headers: list[str]) -> Problem:
    first = clashes[0]
    return table.source.problem(
        RULE,
        f"code {first.code} lies on the scale and is labelled '{first.label}', which means missing "
        f"(columns: {listed(headers)}).",
        f'Declare the code missing in SPSS, or decide it under `answer_words`: `"{first.code}": '
        f'null` when it means missing, `"{first.label}": {first.code}` when it is an answer.',
        sheet=table.sheet,
        column=headers[0],
    )
