"""The words of an export for a first study file: of roles, waves and answers."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Literal

from research.pipeline.yaml_draft import Draft, quoted
from research.responses.ingest.sketch.columns import role_of, shortened
from research.responses.ingest.sketch.export import ExportSketch
from research.responses.ingest.sketch.items import USUAL_CODES
from research.responses.ingest.tables import fold
from research.study.instrument import FILL_IN, Instrument
from research.study.study_file import CUSTOMER, MANAGER, Role

ROLES = (CUSTOMER, MANAGER)
MOST_WORDS = 30
RoleSource = Literal["column", "file", "unknown"]


def role_source(sketch: ExportSketch) -> RoleSource:
    """Where the role of an export's people comes from: a column, the file's name, or neither."""
    in_column = {role for word in sketch.role_words if (role := meaning_of(word))}
    if len(in_column) == 2 or (in_column and not sketch.role):
        return "column"
    if sketch.role and in_column <= {sketch.role}:
        return "file"
    return "column" if len(sketch.role_words) == 2 and not in_column else "unknown"


def meaning_of(word: str) -> str:
    """Role a word of a role column stands for; empty when that is not plain."""
    for role in ROLES:
        if fold(word) in _own_words(role):
            return role.id
    return role_of(word)


def _own_words(role: Role) -> set[str]:
    label = (role.id, role.label.nl, role.label.en, role.plural.nl, role.plural.en)
    return {fold(word) for word in (*label, *role.words)}


def times(n: int) -> str:
    """How often, in words."""
    return "once" if n == 1 else f"{n} times"


def points_of(instrument: Instrument) -> str:
    """First and last point of the scale, as a sentence names them."""
    return f"{instrument.scale.low} to {instrument.scale.high}"


def _counted(sketches: Iterable[ExportSketch], words: str) -> Counter:
    total: Counter = Counter()
    for sketch in sketches:
        total.update(getattr(sketch, words))
    return total


def _listed(counts: Counter, most: int = 12) -> str:
    shown = ", ".join(f"'{shortened(str(word))}' ({n})" for word, n in counts.most_common(most))
    return shown + (f" and {len(counts) - most} more" if len(counts) > most else "")


def add_roles(draft: Draft, sketches: Sequence[ExportSketch]) -> None:
    """Words of the role columns which the two roles do not have yet, under the role they mean."""
    words = _counted([s for s in sketches if role_source(s) == "column"], "role_words")
    new = {word for word in words if all(fold(word) not in _own_words(role) for role in ROLES)}
    if not new:
        return
    meaning = {word: meaning_of(word) for word in words}
    unclear = Counter({word: words[word] for word in new if not meaning[word]})
    empty = [role.id for role in ROLES if role.id not in meaning.values()]
    draft.add("")
    draft.remark(
        f"Words of the role column, with how often: {_listed(words)}. Every difference is "
        "the first role minus the second; change id, label and plural if yours are called "
        "otherwise."
    )
    draft.add("roles:")
    for role in ROLES:
        draft.add(f"  - id: {role.id}")
        for part in ("label", "plural"):
            text = getattr(role, part)
            draft.add(f"    {part}: {{nl: {text.nl}, en: {text.en}}}")
        found = [quoted(word) for word in words if meaning[word] == role.id]
        to_fill = bool(unclear) and (role.id in empty or not empty)
        draft.add(
            f"    words: [{', '.join(found + [FILL_IN] * to_fill)}]",
            f"who is meant by: {_listed(unclear)}?" if to_fill else "a guess by the words",
            fill=f"which words mean {role.id}: {_listed(unclear)}" if to_fill else "",
            check="" if to_fill else f"the words for {role.id}: {', '.join(found)}",
        )


def add_waves(draft: Draft, sketches: Sequence[ExportSketch]) -> None:
    """The moments of measuring and their spellings; which one is reported is for a person."""
    words = _counted(sketches, "wave_words")
    if len(words) < 2:
        return
    spellings: dict[str, list[str]] = {}
    for word in sorted(words):
        spellings.setdefault(re.sub(r"[\W_]", "", fold(word)), []).append(word)
    draft.add("")
    draft.remark(f"Moments of measuring, with how often: {_listed(words)}.")
    draft.add("waves:")
    for names in spellings.values():
        draft.add(f"  - {{id: {quoted(names[0])}, words: [{', '.join(map(quoted, names))}]}}")
    if len(spellings) > 1:
        ids = ", ".join(names[0] for names in spellings.values())
        draft.add(
            f"wave: {FILL_IN}",
            f"the one the reports are about: {ids}",
            fill=f"the wave the reports are about: {ids}",
        )


def add_answers(draft: Draft, sketches: Sequence[ExportSketch], instrument: Instrument) -> None:
    """Numbers off the scale (a comment only) and words without a meaning, with their counts."""
    numbers = _counted(sketches, "off_scale")
    if numbers:
        _off_scale(draft, numbers, instrument)
    words = _counted(sketches, "unknown_words")
    if words:
        _answer_words(draft, words, instrument)
    n_long = sum(sketch.n_long_texts for sketch in sketches)
    if n_long:
        draft.remark(
            f"The answer columns also hold {n_long} longer texts, which are not repeated "
            "here. Are all of them columns of activities?"
        )


def _off_scale(draft: Draft, numbers: Counter, instrument: Instrument) -> None:
    """Numbers off the scale; those that are usual codes for missing as a line to take up."""
    ordered = sorted(numbers)
    shown = ", ".join(f"{number:g} ({times(numbers[number])})" for number in ordered)
    draft.add("")
    draft.remark(
        f"Numbers off the scale of {points_of(instrument)}: {shown}. They count as missing, with a "
        "warning each; many of them just off the scale mean another scale, and a build says so."
    )
    codes = [f"{number:g}" for number in ordered if number in USUAL_CODES]
    if codes:
        draft.remark("Usual codes for a missing answer. If that is so, take the # away:")
        draft.lines.append(f"# missing_codes: [{', '.join(codes)}]")
    draft.to_check.append((len(draft.lines), f"answers off the scale: {shown}"))


def _answer_words(draft: Draft, words: Counter, instrument: Instrument) -> None:
    scale = instrument.scale
    labels = {
        fold(label): f"{point}, {label}"
        for texts in (scale.labels.nl, scale.labels.en)
        for point, label in zip(scale.points, texts, strict=True)
    }
    draft.add("")
    draft.add(
        "answer_words:",
        f"the answer each word stands for, {points_of(instrument)}; null for missing",
    )
    for word, n in words.most_common(MOST_WORDS):
        close = get_close_matches(fold(word), labels, n=1, cutoff=0.75)
        near = f"; looks like {labels[close[0]]}" if close else ""
        draft.add(
            f"  {quoted(word)}: {FILL_IN}",
            f"{times(n)}{near}",
            fill=f"the answer '{shortened(word)}' stands for ({times(n)}), or null for missing",
        )
    if len(words) > MOST_WORDS:
        draft.remark(
            f"and {len(words) - MOST_WORDS} more words; are all these columns activities?", 2
        )
