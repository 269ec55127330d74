"""A first instrument file from the columns that look like rating items, to be divided by hand."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from os.path import commonprefix

from research.pipeline.yaml_draft import Draft, quoted
from research.responses.ingest.sketch.columns import shortened
from research.responses.ingest.sketch.export import ExportSketch
from research.responses.ingest.sketch.items import RatingBlock
from research.responses.ingest.tables import RawTable, fold
from research.study.instrument import FILL_IN, Instrument

CLUSTER = "all_items"
LONGEST_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}")
SHORTEST_STEM = 10
WORDS_OF_LABEL = 6
# Answers in words whose order is known, from low to high: Dutch and English.
KNOWN_SCALES: tuple[tuple[str, str], ...] = (
    (
        "helemaal mee oneens|mee oneens|neutraal|mee eens|helemaal mee eens",
        "strongly disagree|disagree|neutral|agree|strongly agree",
    ),
    (
        "helemaal mee oneens|mee oneens|niet mee eens, niet mee oneens|mee eens|helemaal mee eens",
        "strongly disagree|disagree|neither agree nor disagree|agree|strongly agree",
    ),
    (
        "helemaal oneens|oneens|neutraal|eens|helemaal eens",
        "completely disagree|disagree|neutral|agree|completely agree",
    ),
    ("nooit|zelden|soms|vaak|altijd", "never|rarely|sometimes|often|always"),
    (
        "helemaal niet belangrijk|enigszins belangrijk|redelijk belangrijk|erg belangrijk|"
        "uiterst belangrijk",
        "not at all important|slightly important|moderately important|very important|"
        "extremely important",
    ),
    (
        "zeer ontevreden|ontevreden|neutraal|tevreden|zeer tevreden",
        "very dissatisfied|dissatisfied|neutral|satisfied|very satisfied",
    ),
    ("zeer slecht|slecht|matig|goed|zeer goed", "very poor|poor|fair|good|very good"),
)
MISSING_STARTS = (
    "i don", "i do not", "don't", "do not know", "not applicable", "prefer not", "no opinion",
    "weet", "ik weet", "geen ", "niet van toepassing", "n.v.t", "wil ik niet",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class FirstInstrument:
    """An instrument as text with comments, and as the program will read it once filled in.

    ``headers`` are the columns of ``file`` from which it was made, by activity id.
    """

    draft: Draft
    instrument: Instrument
    file: str
    headers: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """Points and labels; ``ordered`` is False where only a person can order the words."""

    low: int
    nl: tuple[str, ...]
    en: tuple[str, ...]
    missing: tuple[str, ...]
    ordered: bool
    why: str


def first_instrument(sketches: Sequence[ExportSketch]) -> FirstInstrument | None:
    """Return an instrument of the largest block of rating columns; None when there is none.

    Every column is an activity of one cluster; its wording is the question, in the language of
    the export for both languages.
    """
    candidates = [(sketch, sketch.block) for sketch in sketches if sketch.block is not None]
    if not candidates:
        return None
    sketch, block = max(candidates, key=lambda one: len(one[1].positions))
    stem, wordings = _wordings(sketch.table, block)
    ids = _ids(sketch.table, block)
    scale = _scale(sketch.table, block)
    if len(scale.nl) < 2:
        return None
    draft = _text(sketch, ids, wordings, stem, scale)
    filled = _content(ids, wordings, stem or "-", scale)
    return FirstInstrument(
        draft=draft,
        instrument=Instrument.model_validate(filled),
        file=sketch.file,
        headers={
            item: sketch.table.headers[position]
            for item, position in zip(ids, block.positions, strict=True)
        },
    )


def _wordings(table: RawTable, block: RatingBlock) -> tuple[str, list[str]]:
    """Text above the items, where they share one, and the wording of each item."""
    texts = [
        " ".join((table.questions.get(position) or table.headers[position]).split())
        for position in block.positions
    ]
    shared = commonprefix(texts)
    cut = max(
        (shared.rfind(mark) + len(mark) for mark in (" - ", "[", "? ", ": ") if mark in shared),
        default=0,
    )
    rests = [text[cut:].strip(" ]") for text in texts]
    if cut < SHORTEST_STEM or not all(rests):
        return "", texts
    return shared[:cut].strip(" -[:"), rests


def _ids(table: RawTable, block: RatingBlock) -> list[str]:
    """Headers as ids where nothing else is known of the items, else item01, item02, ...

    A header such as Q5_1 is another question in another export, so with question texts it is no
    good name for an item.
    """
    headers = [table.headers[position] for position in block.positions]
    distinct = len(set(map(fold, headers))) == len(headers)
    has_questions = any(table.questions.get(position) for position in block.positions)
    if not has_questions and distinct and all(map(LONGEST_ID.fullmatch, headers)):
        return headers
    width = max(2, len(str(len(headers))))
    return [f"item{number:0{width}d}" for number in range(1, len(headers) + 1)]


def _scale(table: RawTable, block: RatingBlock) -> _Scale:
    labelled = _labels_of_file(table, block)
    if labelled is not None:
        return labelled
    if block.points:
        low, high = min(1, block.points[0]), block.points[-1]
        numbers = tuple(map(str, range(low, high + 1)))
        return _Scale(low=low, nl=numbers, en=numbers, missing=(), ordered=True,
                      why=f"a guess: the answers run from {block.points[0]} to {high}")  # fmt: skip
    missing = tuple(w for w in block.words if fold(w).startswith(MISSING_STARTS))
    words = [word for word in block.words if word not in missing]
    for dutch, english in KNOWN_SCALES:
        pair = (tuple(dutch.split("|")), tuple(english.split("|")))
        if any({fold(word) for word in words} <= set(known) for known in pair):
            return _Scale(low=1, nl=pair[0], en=pair[1], missing=missing, ordered=True,
                          why="a guess: the usual order of these words")  # fmt: skip
    shown = ", ".join(f"'{shortened(word)}' ({block.words[word]})" for word in words)
    return _Scale(low=1, nl=tuple(words), en=tuple(words), missing=missing, ordered=False,
                  why=f"the words found, from low to high: {shown}")  # fmt: skip


def _labels_of_file(table: RawTable, block: RatingBlock) -> _Scale | None:
    """Labels the file itself stores with the codes (SPSS), when they are whole and in a row."""
    position = block.positions[0]
    codes = table.user_missing.get(position)
    labels = {
        int(code): label
        for code, label in table.value_labels.get(position, {}).items()
        if re.fullmatch(r"-?\d+", code) and not (codes and codes.holds(float(code)))
    }
    points = sorted(labels)
    if len(points) < 2 or points != list(range(points[0], points[-1] + 1)):
        return None
    texts = tuple(labels[point] for point in points)
    if len(set(texts)) < len(texts):
        return None
    return _Scale(low=points[0], nl=texts, en=texts, missing=(), ordered=True,
                  why="the labels of the file, for both languages")  # fmt: skip


def _content(ids: list[str], wordings: list[str], stem: str, scale: _Scale) -> dict:
    high = scale.low + len(scale.nl) - 1
    return {
        "id": "first_version",
        "version": 1,
        "illustrative": False,
        "source": "the exports",
        "scale": {
            "low": scale.low,
            "high": high,
            "midpoint": (scale.low + high) / 2,
            "labels": {"nl": scale.nl, "en": scale.en},
            "missing_words": {"nl": scale.missing},
        },
        "stem": {"nl": stem, "en": stem},
        "clusters": [{"id": CLUSTER, "label": {"nl": "Alle vragen", "en": "All items"}}],
        "activities": [
            {
                "id": item,
                "cluster": CLUSTER,
                "label": {"nl": label, "en": label},
                "wording": {"nl": wording, "en": wording},
            }
            for item, wording, label in zip(ids, wordings, _labels(wordings), strict=True)
        ],
    }


def _labels(wordings: list[str]) -> list[str]:
    """Short names of the items: their first words, or their last where the first do not tell."""
    split = [wording.split() for wording in wordings]
    first = [
        " ".join(words[:WORDS_OF_LABEL]) + (" ..." if len(words) > WORDS_OF_LABEL else "")
        for words in split
    ]
    last = [
        ("... " if len(words) > WORDS_OF_LABEL else "") + " ".join(words[-WORDS_OF_LABEL:])
        for words in split
    ]
    return next((names for names in (first, last) if len(set(names)) == len(names)), wordings)


def _text(
    sketch: ExportSketch, ids: list[str], wordings: list[str], stem: str, scale: _Scale
) -> Draft:
    draft = Draft()
    draft.remark(
        f"Instrument begun by `research new`: {len(ids)} columns of {sketch.file} have the same "
        "set of answers and look like rating items. Take out what is none, divide the items over "
        "clusters, mark the turned ones with `reverse_keyed: true`, and translate: nl and en both "
        "hold the text of the export."
    )
    draft.add("id: first_version", "a name for the questionnaire, without blanks")
    draft.add("version: 1")
    draft.add("illustrative: false", "the items are those that were asked")
    draft.add(
        f"source: {quoted('Items of ' + sketch.file)}", "name the questionnaire and its authors"
    )
    draft.add("scale:", scale.why)
    draft.add(f"  low: {scale.low}")
    draft.add(f"  high: {scale.low + len(scale.nl) - 1}")
    draft.add(f"  midpoint: {scale.low + (len(scale.nl) - 1) / 2:g}")
    draft.add("  labels:")
    for language, texts in (("nl", scale.nl), ("en", scale.en)):
        shown = ", ".join(map(quoted, texts)) if scale.ordered else FILL_IN
        fill = "" if scale.ordered else f"the labels of the scale in order, {language}"
        draft.add(f"    {language}: [{shown}]", fill=fill)
    if scale.missing:
        draft.add(f"  missing_words: {{nl: [{', '.join(map(quoted, scale.missing))}]}}", "a guess")
    line = "the question above the items"
    text = quoted(stem) if stem else FILL_IN
    draft.add(f"stem: {{nl: {text}, en: {text}}}", line, fill="" if stem else line)
    draft.add("clusters:")
    draft.add(f"  - {{id: {CLUSTER}, label: {{nl: Alle vragen, en: All items}}}}", "divide")
    draft.add("activities:")
    for item, wording, name in zip(ids, wordings, _labels(wordings), strict=True):
        label = quoted(name)
        draft.add(f"  - id: {item}")
        draft.add(f"    cluster: {CLUSTER}")
        draft.add(f"    label: {{nl: {label}, en: {label}}}")
        draft.add("    wording:")
        draft.add(f"      nl: {quoted(wording)}")
        draft.add(f"      en: {quoted(wording)}")
    return draft
