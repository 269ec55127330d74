"""Whether the answers lie on the scale of the instrument, and on one scale in both roles."""

import numpy as np
import pandas as pd

from research.errors import PROBLEM_COLUMNS, Problem
from research.responses.validation.keys import ALL_FILES
from research.study.instrument import Instrument

MAJORITY = 0.5
# Just outside the scale is where another scale shows (0-4, 1-7); codes such as 99 lie further.
NEAR = 2
NEAR_SHARE = 0.05
MIN_ANSWERS_FOR_SHIFT = 30
MIN_ANSWERS_IN_COLUMN = 5
LONG_NUMBER = 10_000
# Above this, one code was used for missing: it is listed once a column, not once a cell.
MOST_CELLS_NAMED = 1000
# How improbable it must be that a role leaves the end of the scale unused by chance.
UNUSED_BY_CHANCE = 0.001
MIN_PEOPLE_FOR_RANGE = 20
FIRST_PEOPLE = 1000
# In most files so many rows show that a role uses both ends; the other million need no look.
ROWS_OF_HEAD = 1000


def off_scale_failures(
    people: pd.DataFrame, numbers: np.ndarray, instrument: Instrument, *, headers: list[str]
) -> pd.DataFrame:
    """Answers outside the response scale, each with its address; one row is a cell.

    ``people`` has the columns file, sheet and respondent_id and the row number as its index.
    They are set to missing; columns are those of ``Problem``. Of more than a thousand cells, one
    row is a column and value, with its count and first row.
    """
    scale = instrument.scale
    rows, columns = np.nonzero((numbers < scale.low) | (numbers > scale.high))
    values = numbers[rows, columns]
    counts = np.ones(len(rows), dtype=np.int64)
    if len(rows) > MOST_CELLS_NAMED:
        _, first, counts = np.unique(
            np.column_stack([columns, values]), axis=0, return_index=True, return_counts=True
        )
        rows, columns, values = rows[first], columns[first], values[first]
    table = pd.DataFrame(index=range(len(rows)), columns=list(PROBLEM_COLUMNS), dtype="str")
    table[:] = ""
    if not len(rows):
        return table
    table["file"] = people["file"].to_numpy()[rows]
    table["sheet"] = people["sheet"].to_numpy()[rows]
    table["respondent_id"] = np.where(counts == 1, people["respondent_id"].to_numpy()[rows], "")
    table["row"] = people.index.to_numpy()[rows].astype(str)
    table["column"] = np.array(headers, dtype=object)[columns]
    table["rule"] = "off the scale"
    table["message"] = [
        _off_scale_message(count, value, scale.low, scale.high)
        for count, value in zip(counts.tolist(), values.tolist(), strict=True)
    ]
    table["remedy"] = "Look it up; declare it under `missing_codes` if it means missing."
    table["severity"] = "warning"
    table["done"] = "set to missing"
    return table


def _off_scale_message(count: int, value: float, low: int, high: int) -> str:
    shown = _shown_value(value)
    if count == 1:
        return f"the answer is outside {low}-{high}: {shown}."
    return f"{count} answers are outside {low}-{high}: {shown}; this is the first."


def _shown_value(value: float) -> str:
    """Return a small number as it is; a long one may be a telephone number and is not kept."""
    return f"{value:.0f}" if abs(value) < LONG_NUMBER else "a long number"


def shifted_scale(
    people: pd.DataFrame, numbers: np.ndarray, instrument: Instrument, *, headers: list[str]
) -> list[Problem]:
    """One refusal a file whose answers seem to be on another scale, naming the roles.

    ``people`` and ``numbers`` are the rows of one file. A role's scale seems shifted when more
    than half of a column's answers lie outside the scale, when all answers run one point too low
    (0-4 for 1-5), or when more than one in twenty lies just outside it.
    """
    scale = instrument.scale
    if not ((numbers < scale.low) | (numbers > scale.high)).any():
        return []
    shifted: dict[str, tuple[np.ndarray, list[int], str]] = {}
    fitting: list[str] = []
    codes, roles = pd.factorize(people["role"])
    for number, role in enumerate(roles):
        places = np.flatnonzero(codes == number)
        columns, why = _columns_off_scale(numbers[places], instrument)
        if why:
            shifted[role] = (places, columns, why)
        else:
            fitting.append(role)
    if not shifted:
        return []
    places, columns, why = next(iter(shifted.values()))
    all_places = np.concatenate([found for found, _, _ in shifted.values()])
    found = numbers[all_places]
    many = f"{len(columns)} columns" if len(columns) > 1 else f"column '{headers[columns[0]]}'"
    return [
        Problem(
            file=people["file"].iloc[0],
            rule="scale seems shifted",
            message=f"the scale of {_named_roles(list(shifted))} seems shifted: in {many} {why}; "
            f"the answers run from {np.nanmin(found):.0f} to {np.nanmax(found):.0f}, the "
            f"instrument from {scale.low} to {scale.high}."
            + (f" It differs by role: {_named_roles(fitting)} fits." if fitting else ""),
            remedy='Recode them under `answer_words` (for example "0": 1), declare codes for '
            "missing under `missing_codes`, or correct the scale of the instrument."
            + (" One role alone is recoded in a copy of the export." if fitting else ""),
            row=str(people.index[places[0]]),
            column=headers[columns[0]],
        )
    ]


def _named_roles(roles: list[str]) -> str:
    names = " and ".join(f"'{role}'" for role in roles)
    return f"role {names}" if len(roles) == 1 else f"roles {names}"


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


def scale_by_role(
    people: pd.DataFrame, numbers: np.ndarray, instrument: Instrument
) -> list[Problem]:
    """Warnings for a role that never uses an end of the scale which the other role does use.

    Answers of 1-5 lie on a scale of 1-7 too, so nothing is off the scale; but customers asked
    on 1-7 cannot be compared with managers asked on 1-5. With q the share of people of the other
    role who use that end at least once, n people of this role would all leave it unused by chance
    with probability (1 - q)^n; the warning comes below one in a thousand and from twenty people.
    """
    scale = instrument.scale
    codes, roles = pd.factorize(people["role"])
    heads = [numbers[np.flatnonzero(codes == n)[:FIRST_PEOPLE]] for n in range(len(roles))]
    if all((head == scale.low).any() and (head == scale.high).any() for head in heads):
        return []  # the first people settle it: nobody can answer beyond these ends
    lowest = np.full(len(people), scale.high + 1, dtype=np.float32)
    highest = np.full(len(people), scale.low - 1, dtype=np.float32)
    for place in range(numbers.shape[1]):
        column = numbers[:, place]
        on_scale = (column >= scale.low) & (column <= scale.high)
        np.minimum(lowest, column, out=lowest, where=on_scale)
        np.maximum(highest, column, out=highest, where=on_scale)
    answered = highest >= scale.low
    parts = {
        role: (lowest[chosen], highest[chosen])
        for role, chosen in ((role, (codes == n) & answered) for n, role in enumerate(roles))
        if role and chosen.sum() >= MIN_PEOPLE_FOR_RANGE
    }
    problems = []
    for role, (low, high) in parts.items():
        for other, (other_low, other_high) in parts.items():
            if role == other:
                continue
            bottom, top = low.min(), high.max()
            beyond = float(((other_low < bottom) | (other_high > top)).mean())
            # log1p of -1 is minus infinity; an end that everybody else uses is enough.
            chance = len(low) * np.log1p(-min(beyond, 0.999))
            if chance < np.log(UNUSED_BY_CHANCE):
                problems.append(_other_range(role, other, bottom, top, beyond))
    return problems


def _other_range(role: str, other: str, bottom: float, top: float, share: float) -> Problem:
    return Problem(
        file=ALL_FILES,
        rule="scale differs by role",
        message=f"all answers of role '{role}' lie from {bottom:.0f} to {top:.0f}, but "
        f"{100 * share:.0f} % of the people of role '{other}' answer outside that.",
        remedy=f"Was role '{role}' asked on a shorter scale? Then recode its answers to the "
        "instrument's scale in a copy of the export, or do not compare the roles.",
        severity="warning",
        done="used as they are",
    )
