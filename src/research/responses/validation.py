"""Rules the responses must keep: what would give a wrong number is refused, the rest is counted.

Every rule looks at all rows and returns all its problems; nothing stops at the first.
"""

import re
import unicodedata
from difflib import SequenceMatcher, get_close_matches
from itertools import pairwise

import numpy as np
import pandas as pd

from research.errors import (
    PROBLEM_COLUMNS,
    InputError,
    Problem,
    ResponseError,
    nearest,
)
from research.study.instrument import Instrument
from research.study.study_file import Study

KEY_COLUMNS: tuple[str, ...] = (
    "respondent_id",
    "organisation_id",
    "role",
    "wave",
    "duration_seconds",
)
MAJORITY = 0.5
# Just outside the scale is where another scale shows (0-4, 1-7); codes such as 99 lie further.
NEAR = 2
NEAR_SHARE = 0.05
MIN_ANSWERS_FOR_SHIFT = 30
MIN_ANSWERS_IN_COLUMN = 5
NEAR_EQUAL_RATIO = 0.9
MOST_NAMES_COMPARED = 300
LONG_NUMBER = 10_000
ALL_FILES = "all exports"


def off_scale_failures(
    people: pd.DataFrame, numbers: np.ndarray, instrument: Instrument, *, headers: list[str]
) -> pd.DataFrame:
    """Answers outside the response scale, each with its address; one row is a cell.

    ``people`` has the columns file, sheet and respondent_id and the row number as its index.
    They are set to missing; columns are those of ``Problem``.
    """
    scale = instrument.scale
    rows, columns = np.nonzero((numbers < scale.low) | (numbers > scale.high))
    table = pd.DataFrame(index=range(len(rows)), columns=list(PROBLEM_COLUMNS), dtype="str")
    table[:] = ""
    if not len(rows):
        return table
    table["file"] = people["file"].to_numpy()[rows]
    table["sheet"] = people["sheet"].to_numpy()[rows]
    table["respondent_id"] = people["respondent_id"].to_numpy()[rows]
    table["row"] = people.index.to_numpy()[rows].astype(str)
    table["column"] = np.array(headers, dtype=object)[columns]
    values = pd.Series(numbers[rows, columns]).map(_shown_value)
    table["rule"] = "off the scale"
    table["message"] = f"the answer is outside {scale.low}-{scale.high}: " + values + "."
    table["remedy"] = "Look it up; declare it under `missing_codes` if it means missing."
    table["severity"] = "warning"
    table["done"] = "set to missing"
    return table


def _shown_value(value: float) -> str:
    """Return a small number as it is; a long one may be a telephone number and is not kept."""
    return f"{value:.0f}" if abs(value) < LONG_NUMBER else "a long number"


def shifted_scale(
    people: pd.DataFrame, numbers: np.ndarray, instrument: Instrument, *, headers: list[str]
) -> list[Problem]:
    """Refusals, one per file and role, where the answers seem to be on another scale.

    That is so when more than half of a column's answers lie outside the scale, when all answers
    run one point too low (0-4 for 1-5), or when more than one in twenty lies just outside it.
    """
    problems = []
    groups = people.groupby(["file", "role"], sort=False).indices
    for (file, role), places in groups.items():
        part = numbers[places]
        columns, why = _columns_off_scale(part, instrument)
        if not why:
            continue
        found = part[~np.isnan(part)]
        scale = instrument.scale
        many = f"{len(columns)} columns" if len(columns) > 1 else f"column '{headers[columns[0]]}'"
        problems.append(
            Problem(
                file=file,
                rule="scale seems shifted",
                message=f"the scale of role '{role}' seems shifted: in {many} {why}; the answers "
                f"run from {found.min():.0f} to {found.max():.0f}, the instrument from "
                f"{scale.low} to {scale.high}.",
                remedy='Recode them under `answer_words` (for example "0": 1), declare codes for '
                "missing under `missing_codes`, or correct the scale of the instrument.",
                row=str(people.index[places[0]]),
                column=headers[columns[0]],
            )
        )
    return problems


def _columns_off_scale(part: np.ndarray, instrument: Instrument) -> tuple[list[int], str]:
    """Columns that show another scale, and the sign by which; nothing: an empty text."""
    low, high = instrument.scale.low, instrument.scale.high
    answered = ~np.isnan(part)
    n_answered = np.maximum(answered.sum(axis=0), 1)
    off = (part < low) | (part > high)
    mostly_off = off.sum(axis=0) / n_answered > MAJORITY
    # One wrong answer of one is a slip; unless the whole part is off, a column needs a few.
    whole_part_off = off.sum() > MAJORITY * answered.sum()
    worst = np.flatnonzero(mostly_off & (whole_part_off | (n_answered >= MIN_ANSWERS_IN_COLUMN)))
    if len(worst):
        return worst.tolist(), "more than half of the answers lie outside the scale"
    if answered.sum() < MIN_ANSWERS_FOR_SHIFT:
        return [], ""
    near = off & (part >= low - NEAR) & (part <= high + NEAR)
    if near.any() and near[answered].mean() > NEAR_SHARE:
        columns = np.flatnonzero(near.any(axis=0)).tolist()
        return columns, "more than one answer in twenty lies just outside the scale"
    if near.any() and np.nanmin(part) == low - 1 and np.nanmax(part) == high - 1:
        columns = np.flatnonzero(near.any(axis=0)).tolist()
        return columns, "all answers run one point too low"
    return [], ""


def key_problems(people: pd.DataFrame, answers: np.ndarray) -> list[Problem]:
    """Refusals for ids that stand twice and for people in both roles."""
    return [*_both_roles(people), *_repeated_ids(people, answers)]


def _repeated_ids(people: pd.DataFrame, answers: np.ndarray) -> list[Problem]:
    key = ["respondent_id", "wave", "role"]
    repeated = people.duplicated(key, keep=False).to_numpy()
    if not repeated.any():
        return []
    problems = []
    rows = people[repeated]
    given = pd.DataFrame(answers[repeated], index=rows.index)
    given = given.assign(respondent_id=rows["respondent_id"], wave=rows["wave"], role=rows["role"])
    same = given.duplicated(keep=False).to_numpy()
    for (respondent_id, _, _), places in rows.groupby(key, sort=False).indices.items():
        which = "with the same answers" if same[places].all() else "with different answers"
        problems.append(
            _person_problem(
                "duplicate respondent",
                rows.iloc[places],
                respondent_id,
                f"respondent '{respondent_id}' stands {len(places)} times {which}",
                "Keep one row in a copy of the export, or leave the respondent out: "
                f'`exclusions: [{{respondent_id: "{respondent_id}", reason: ...}}]`.',
            )
        )
    return problems


def _both_roles(people: pd.DataFrame) -> list[Problem]:
    roles = people.groupby("respondent_id", sort=False)["role"].nunique()
    problems = []
    for respondent_id in roles.index[roles > 1]:
        rows = people[people["respondent_id"] == respondent_id]
        problems.append(
            _person_problem(
                "both roles",
                rows,
                respondent_id,
                f"respondent '{respondent_id}' has both roles",
                "Decide which counts, in a copy of the export or under `exclusions`. If each file "
                "numbers its own people, drop `columns: respondent:` and ids are made from the "
                "file name and row.",
            )
        )
    return problems


def _person_problem(
    rule: str, rows: pd.DataFrame, respondent_id: str, message: str, remedy: str
) -> Problem:
    places = "; ".join(
        f"{file} row {', '.join(map(str, part.index))}"
        for file, part in rows.groupby("file", sort=False)
    )
    return Problem(
        file=rows["file"].iloc[0],
        rule=rule,
        message=f"{message} ({places}).",
        remedy=remedy,
        row=str(rows.index[0]),
        respondent_id=respondent_id,
    )


def require_known_exclusions(study: Study, respondent_ids: set[str]) -> None:
    """Refuse an exclusion that names nobody: a typing error would keep the person in."""
    for exclusion in study.exclusions:
        if exclusion.respondent_id not in respondent_ids:
            close = get_close_matches(exclusion.respondent_id, respondent_ids, n=1)
            hint = f"Did you mean '{close[0]}'?" if close else "Copy the id from the export."
            raise InputError(
                f"exclusions: there is no respondent '{exclusion.respondent_id}' in the exports. "
                + hint
            )


def wave_problems(people: pd.DataFrame, study: Study) -> list[Problem]:
    """Refusals for a wave that is not there and for spellings of one wave."""
    waves = sorted(set(people["wave"].unique()) - {""})
    problems = []
    if study.wave is not None and study.wave not in waves:
        problems.append(
            Problem(
                file=ALL_FILES,
                rule="unknown wave",
                message=f"wave '{study.wave}' of the study file is not in the exports.",
                remedy=nearest(study.wave, waves) if waves else "Name a wave column.",
            )
        )
    spellings: dict[str, list[str]] = {}
    for wave in waves:
        spellings.setdefault(_plain(wave), []).append(wave)
    for names in spellings.values():
        if len(names) > 1:
            problems.append(
                Problem(
                    file=ALL_FILES,
                    rule="spellings of a wave",
                    message=f"one wave seems spelt in {len(names)} ways: {_quoted(names)}.",
                    remedy="Spell it one way in a copy of the exports.",
                )
            )
    return problems


def warnings_about(people: pd.DataFrame, study: Study) -> list[Problem]:
    """What can be counted and shown: an absent role, near-equal organisation names."""
    return [*_absent_roles(people, study), *_near_equal_names(people)]


def _absent_roles(people: pd.DataFrame, study: Study) -> list[Problem]:
    present = set(people["role"].unique())
    return [
        Problem(
            file=ALL_FILES,
            rule="absent role",
            message=f"nobody has the role '{role}'.",
            remedy="Add the export of that role; until then nothing can be compared.",
            severity="warning",
            done="reported without that role",
        )
        for role in study.role_ids
        if role not in present
    ]


def _near_equal_names(people: pd.DataFrame) -> list[Problem]:
    names = sorted(people["organisation_id"].unique())
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(_plain(name), []).append(name)
    alike = [group for group in groups.values() if len(group) > 1]
    if len(names) <= MOST_NAMES_COMPARED:
        alike += [pair for pair in _similar_pairs(groups)]
    return [
        Problem(
            file=ALL_FILES,
            rule="near-equal organisations",
            message=f"organisation names are nearly equal: {_quoted(group)}.",
            remedy="If they are one organisation, spell it one way in a copy of the exports.",
            severity="warning",
            column="organisation",
            done="kept apart",
        )
        for group in alike
    ]


def _similar_pairs(groups: dict[str, list[str]]) -> list[list[str]]:
    """Neighbours in the alphabet that differ by a letter or so, but not in their numbers."""
    pairs = []
    for first, second in pairwise(sorted(groups)):
        numbers = [re.findall(r"\d+", name) for name in (first, second)]
        ratio = SequenceMatcher(None, first, second).ratio()
        if numbers[0] == numbers[1] and len(first) > 4 and ratio >= NEAR_EQUAL_RATIO:
            pairs.append([groups[first][0], groups[second][0]])
    return pairs


def _plain(name: str) -> str:
    """Letters and digits only, without accents or case; two empty names are not alike."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum()) or name


def _quoted(names: list[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def require_contract(responses: pd.DataFrame, instrument: Instrument, study: Study) -> pd.DataFrame:
    """Return the responses if they keep the column contract; a breach is an error of this code."""
    # Imported here: pandera takes more than a second, and only a build needs it.
    import pandera.pandas as pa

    scale = instrument.scale
    text = pa.Column(str, nullable=False)
    filled = pa.Column(str, pa.Check.str_length(min_value=1), nullable=False)
    columns = {
        "respondent_id": filled,
        "organisation_id": filled,
        "role": pa.Column(str, pa.Check.isin(study.role_ids)),
        "wave": text,
        "duration_seconds": pa.Column(float, nullable=True),
    }
    covariates = [
        name for name in responses if name not in columns and name not in instrument.activity_ids
    ]
    columns |= {name: text for name in covariates}
    on_scale = pa.Check.in_range(scale.low, scale.high)
    columns |= {
        name: pa.Column("Int64", on_scale, nullable=True) for name in instrument.activity_ids
    }
    schema = pa.DataFrameSchema(
        columns, strict=True, ordered=True, unique=["respondent_id", "wave"]
    )
    try:
        return schema.validate(responses, lazy=True)
    except pa.errors.SchemaErrors as error:
        rows = error.failure_cases.head(8).itertuples()
        raise ResponseError(
            Problem(
                file="responses.csv",
                rule="column contract",
                message=f"{row.schema_context} {row.column}: {row.check}.",
                remedy="This is a fault of the import; please report it with the layout used.",
            )
            for row in rows
        ) from None
