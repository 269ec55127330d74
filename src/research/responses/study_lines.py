"""Lines to paste into the study file: what import found, what it guesses, what is left open.

Every text is written in double quotes, so that ``1``, ``no`` and ``NA`` stay text in YAML.
"""

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher

from research.study.study_file import Columns, Export, Role

ALIKE = 0.6


def quoted(text: str) -> str:
    """Text as YAML reads it back, whatever stands in it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    # YAML refuses control characters as they are.
    return '"' + "".join(c if c.isprintable() else _escape(c) for c in escaped) + '"'


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\U{code:08x}"


def listed_words(words: Iterable[str]) -> str:
    """Words as a YAML list on one line."""
    return "[" + ", ".join(map(quoted, words)) + "]"


def best_guess(word: str, known: Iterable[str]) -> tuple[str, int] | None:
    """The known word most like this one, and how alike in per cent; None when none is."""
    compared = [(SequenceMatcher(None, word, other).ratio(), other) for other in known if other]
    ratio, other = max(compared, default=(0.0, ""))
    return (other, int(100 * ratio)) if ratio >= ALIKE else None


def wave_lines(waves: Iterable[tuple[str, Iterable[str], str]]) -> str:
    """`waves:` of the study file from ids, their words, and a remark on each."""
    lines = [
        f"  - {{id: {quoted(wave)}, words: {listed_words(words)}}}" + (f" # {why}" if why else "")
        for wave, words, why in waves
    ]
    return "\n".join(["waves:", *lines])


def role_lines(roles: Iterable[Role], guesses: Mapping[str, Mapping[str, int]]) -> str:
    """`roles:` of the study file with the guessed words added.

    ``guesses`` is, by role, the words guessed to mean it and how alike they are in per cent.
    """
    lines = ["roles:"]
    for role in roles:
        guessed = guesses.get(role.id, {})
        remark = ", ".join(f"{quoted(word)} {alike} % alike" for word, alike in guessed.items())
        lines += [
            f"  - id: {role.id}",
            f"    label: {{nl: {quoted(role.label.nl)}, en: {quoted(role.label.en)}}}",
            f"    plural: {{nl: {quoted(role.plural.nl)}, en: {quoted(role.plural.en)}}}",
            f"    words: {listed_words([*role.words, *guessed])}"
            + (f" # best guess: {remark}" if remark else ""),
        ]
    return "\n".join(lines)


def column_lines(
    columns: Columns, activities: Mapping[str, tuple[str, str]], *, entry: Export | None
) -> str:
    """`columns:` of the study file: everything it holds now, and a line for each activity.

    ``activities`` is, by activity, the header and a remark. ``entry`` is given when the lines
    belong to one of several exports: then they are the whole entry of that export.
    """
    uses = columns.model_dump(exclude={"activities", "covariates"}, exclude_none=True)
    lines = ["columns:", *(f"  {use}: {quoted(name)}" for use, name in uses.items())]
    if columns.covariates:
        lines.append("  covariates:")
        lines += [f"    {name}: {quoted(header)}" for name, header in columns.covariates.items()]
    lines.append("  activities:")
    lines += [
        f"    {activity}: {quoted(header)}" + (f" # {remark}" if remark else "")
        for activity, (header, remark) in activities.items()
    ]
    if entry is None:
        return "\n".join(lines)
    own = entry.model_dump(exclude={"columns"}, exclude_none=True, exclude_defaults=True)
    head = [f"{key}: {quoted(value)}" for key, value in own.items()]
    body = [*head, *lines]
    return "\n".join([f"  - {body[0]}", *(f"    {line}" for line in body[1:])])
