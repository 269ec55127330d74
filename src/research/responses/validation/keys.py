"""Whether every person stands once in a wave, in one role, and every export is there once."""

from difflib import get_close_matches
from pathlib import PurePath

import numpy as np
import pandas as pd

from research.errors import InputError, Problem
from research.study.study_file import Export, Study

ALL_FILES = "all exports"
EXPORT_TWICE = "export twice"
# More people than this with the same fault have one cause; it is told once, not for each.
MOST_PEOPLE_NAMED = 20
SHOWN_IDS = 6


def key_problems(people: pd.DataFrame, answers: np.ndarray) -> list[Problem]:
    """Refusals for ids that stand twice in a wave and for people in both roles.

    ``people`` is one row a row of an export (columns respondent_id, role, wave, file; index the
    row in the file), ``answers`` its answers as numbers. The same id in another wave is the same
    person, not a double.
    """
    ids, names = pd.factorize(people["respondent_id"])
    if len(names) == len(people):
        return []
    roles, role_names = pd.factorize(people["role"])
    waves, wave_names = pd.factorize(people["wave"])
    first_role = np.zeros(len(names), dtype=np.int64)
    first_role[ids[::-1]] = roles[::-1]
    in_both = np.zeros(len(names), dtype=bool)
    in_both[ids[roles != first_role[ids]]] = True
    key = (ids * len(role_names) + roles) * len(wave_names) + waves
    keys, _ = pd.factorize(key)
    twice = np.bincount(keys)[keys] > 1
    return [
        *_both_roles(people[in_both[ids]]),
        *_repeated_ids(people[twice], answers[twice]),
    ]


def _repeated_ids(rows: pd.DataFrame, answers: np.ndarray) -> list[Problem]:
    """Return refusals for people whose id, role and wave stand more than once."""
    if rows.empty:
        return []
    key = ["respondent_id", "wave", "role"]
    given = pd.DataFrame(answers, index=rows.index)
    given = given.assign(respondent_id=rows["respondent_id"], wave=rows["wave"], role=rows["role"])
    same = given.duplicated(keep=False).to_numpy()
    groups = rows.groupby(key, sort=False, observed=True).indices
    if len(groups) > MOST_PEOPLE_NAMED:
        alike = sum(bool(same[places].all()) for places in groups.values())
        return [
            _many_problem(
                "duplicate respondent",
                rows,
                f"{len(groups)} respondents stand more than once, {alike} of them with the same "
                f"answers and {len(groups) - alike} with different answers",
                "If these are waves, name the column under `columns: wave:`. If each file numbers "
                "its own people, drop `columns: respondent:`. Else keep one row of each.",
            )
        ]
    problems = []
    for (respondent_id, _, _), places in groups.items():
        which = "with the same answers" if same[places].all() else "with different answers"
        problems.append(
            _person_problem(
                "duplicate respondent",
                rows.iloc[places],
                respondent_id,
                f"respondent '{respondent_id}' stands {len(places)} times {which}",
                "If these are waves, name the column under `columns: wave:`. Else keep one row in "
                "a copy of the export, or leave the respondent out: "
                f'`exclusions: [{{respondent_id: "{respondent_id}", reason: ...}}]`.',
            )
        )
    return problems


def _both_roles(rows: pd.DataFrame) -> list[Problem]:
    groups = rows.groupby("respondent_id", sort=False, observed=True).indices
    if len(groups) > MOST_PEOPLE_NAMED:
        return [
            _many_problem(
                "both roles",
                rows,
                f"{len(groups)} respondents have both roles",
                "If each file numbers its own people, drop `columns: respondent:` and ids are "
                "made from the file name and row. Else decide which row counts.",
            )
        ]
    return [
        _person_problem(
            "both roles",
            rows.iloc[places],
            respondent_id,
            f"respondent '{respondent_id}' has both roles",
            "Decide which counts, in a copy of the export or under `exclusions`. If each file "
            "numbers its own people, drop `columns: respondent:` and ids are made from the "
            "file name and row.",
        )
        for respondent_id, places in groups.items()
    ]


def _person_problem(
    rule: str, rows: pd.DataFrame, respondent_id: str, message: str, remedy: str
) -> Problem:
    places = "; ".join(
        f"{file} row {', '.join(map(str, part.index))}"
        for file, part in rows.groupby("file", sort=False, observed=True)
    )
    return Problem(
        file=rows["file"].iloc[0],
        rule=rule,
        message=f"{message} ({places}).",
        remedy=remedy,
        row=str(rows.index[0]),
        respondent_id=respondent_id,
    )


def _many_problem(rule: str, rows: pd.DataFrame, message: str, remedy: str) -> Problem:
    """One refusal for many people; the first few are named, for the others the rows are."""
    first = ", ".join(f"'{name}'" for name in pd.unique(rows["respondent_id"])[:SHOWN_IDS])
    files = ", ".join(pd.unique(rows["file"]))
    return Problem(
        file=rows["file"].iloc[0],
        rule=rule,
        message=f"{message} ({files}; the first are {first}).",
        remedy=remedy,
        row=str(rows.index[0]),
    )


def require_known_exclusions(study: Study, respondent_ids: set[str]) -> None:
    """Refuse an exclusion that names nobody: a typing error would keep the person in."""
    for exclusion in study.exclusions:
        if exclusion.respondent_id not in respondent_ids:
            close = get_close_matches(exclusion.respondent_id, respondent_ids, n=1)
            hint = f"Did you mean '{close[0]}'?" if close else "Copy the id from the export."
            raise InputError(
                f"study.yaml: exclusions: there is no respondent '{exclusion.respondent_id}' in "
                f"the exports. {hint}"
            )


def export_problems(exports: list[tuple[Export, str]], study: Study) -> list[Problem]:
    """Refusals for an export that is there twice: by name, or the same bytes under two names.

    ``exports`` are the exports that were read, each with the SHA-256 of its file. One file may be
    read twice when another sheet or other columns of it are read (a wide file with both roles).
    Two files of one name in two folders are refused: the receipt, the messages and made ids know
    a file by its name.
    """
    problems = []
    seen: list[tuple[str, str, tuple]] = []
    for export, content in exports:
        name = PurePath(export.path).name
        what = (export.sheet, study.columns_of(export))
        same = [old for old, *rest in seen if rest == [content, what]]
        if name in same:
            problems.append(_twice(name, "the study file names this export twice."))
        elif same:
            problems.append(_twice(name, f"holds the very same content as {same[0]}."))
        elif any(old == name and old_content != content for old, old_content, _ in seen):
            problems.append(
                _twice(name, "two exports have this name.", "Give one of them another name.")
            )
        seen.append((name, content, what))
    return problems


def _twice(name: str, message: str, remedy: str = "") -> Problem:
    return Problem(
        file=name,
        rule=EXPORT_TWICE,
        message=message,
        remedy=remedy or "Everybody in it would count twice: take one out of `exports`.",
    )
