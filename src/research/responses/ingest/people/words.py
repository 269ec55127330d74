"""Roles and waves of respondents, by the words the study file gives them."""

import pandas as pd

from research.responses.ingest.people.columns import PersonColumns
from research.responses.ingest.tables import fold, listed
from research.responses.study_lines import best_guess, role_lines, wave_lines
from research.responses.validation.waves import wave_sense
from research.study.study_file import Study

SHOWN_WORDS = 8
# With more of a file's rows without a role, the wrong column is read.
MOST_WITHOUT_ROLE = 0.5


def roles(person: PersonColumns) -> pd.Categorical:
    """Role id of each row; empty where the row has none, which is counted and left out later."""
    study = person.study
    if person.export.role is not None:
        return person.everywhere(person.export.role)
    if not person.has("role"):
        if len(study.roles) > 1 and not person.declared("role"):
            person.refuse(
                "role",
                "no role",
                "nothing says which role these respondents have.",
                "Name a column under `columns: role:`, or give the export one `role:`.",
            )
        return person.everywhere(study.role_ids[0])
    known = role_words(study)
    labels = person.value_labels("role")

    def meaning(word: str) -> str:
        return known.get(fold(word)) or known.get(fold(labels.get(word, "")), "")

    counts = person.counts("role")
    unknown = {word: n for word, n in counts.items() if word and not meaning(word)}
    if unknown:
        _refuse_unknown_roles(person, unknown, known)
    _empty_roles(person, counts, known)
    return person.grouped("role", meaning)


def role_words(study: Study) -> dict[str, str]:
    """Role id by every word that means it: its id, labels, plurals and own words, folded."""
    words = {}
    for role in study.roles:
        own = (role.id, role.label.nl, role.label.en, role.plural.nl, role.plural.en, *role.words)
        words |= {fold(word): role.id for word in own}
    return words


def _empty_roles(person: PersonColumns, counts: dict[str, int], known: dict[str, str]) -> None:
    n_empty = counts.get("", 0)
    if not n_empty:
        return
    rows = person.rows_where("role", lambda text: text == "")
    message = f"{n_empty} row(s) have no role: {listed(rows)}."
    remedy = f"Fill the role; known words: {', '.join(known)}."
    if n_empty > MOST_WITHOUT_ROLE * len(person.cells):
        person.refuse("role", "empty role", message, remedy, rows)
    else:
        person.warn("role", "empty role", message, remedy, rows, "left out")


def _refuse_unknown_roles(
    person: PersonColumns, unknown: dict[str, int], known: dict[str, str]
) -> None:
    rows = person.rows_where("role", lambda text: text in unknown)
    guesses: dict[str, dict[str, int]] = {}
    for word in unknown:
        guess = best_guess(fold(word), known)
        if guess:
            guesses.setdefault(known[guess[0]], {})[word] = guess[1]
    guessed = {word for words in guesses.values() for word in words}
    left = [f"\n# ? {word}: {n} times" for word, n in unknown.items() if word not in guessed]
    person.refuse(
        "role",
        "unknown role",
        f"{len(unknown)} unknown role word(s): {_counted(unknown)} (rows {listed(rows)}).",
        f"Known words: {', '.join(known)}. Add it under `roles: words:` in the study file; leave "
        "people of neither role out in a copy of the export. Lines to put in place of `roles:`:\n"
        + role_lines(person.study.roles, guesses)
        + "".join(left[:SHOWN_WORDS]),
        rows,
    )


def waves(person: PersonColumns) -> pd.Categorical:
    """Wave id of each row by the words of the study file; without `waves:` as it is written."""
    if not person.has("wave"):
        return person.everywhere("")
    person.refuse_empty("wave", "Fill the wave, or do not name a wave column.")
    if not person.study.waves:
        return person.grouped("wave")
    known = {fold(word): wave.id for wave in person.study.waves for word in (wave.id, *wave.words)}
    unknown = {
        word: n for word, n in person.counts("wave").items() if word and fold(word) not in known
    }
    if unknown:
        _refuse_unknown_waves(person, unknown)
    return person.grouped("wave", lambda word: known.get(fold(word), ""))


def _refuse_unknown_waves(person: PersonColumns, unknown: dict[str, int]) -> None:
    """One refusal with `waves:` as it would be with these words; a guess by number or sense."""
    rows = person.rows_where("wave", lambda text: text in unknown)
    left = dict(unknown)
    lines = []
    for wave in person.study.waves:
        senses = {wave_sense(word) for word in (wave.id, *wave.words)}
        alike = [word for word in left if wave_sense(word) in senses]
        remark = ", ".join(f"{word} {left.pop(word)} times" for word in alike)
        lines.append((wave.id, (*wave.words, *alike), remark and f"best guess: {remark}"))
    lines += [
        (word, (word,), f"? {n} times; or a word of another wave") for word, n in left.items()
    ]
    person.refuse(
        "wave",
        "unknown wave",
        f"{len(unknown)} unknown word(s) for a wave: {_counted(unknown)} (rows {listed(rows)}).",
        "Put these lines in place of `waves:` in the study file and look at every remark:\n"
        + wave_lines(lines),
        rows,
    )


def _counted(words: dict[str, int]) -> str:
    shown = [f"'{word}' ({count})" for word, count in list(sorted(words.items()))[:SHOWN_WORDS]]
    more = len(words) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
