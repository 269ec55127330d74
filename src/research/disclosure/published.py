"""What published results say of the numbers behind them: limits a number, rounding allowed for."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from research.disclosure.coarseness import count_limits
from research.disclosure.complementary import SHARE_STEP
from research.disclosure.rounding import decimals_of
from research.disclosure.rules import (
    BANDED,
    EXTREME_HIGH,
    EXTREME_LOW,
    EXTREME_SHARE,
    MEAN_AT_LEAST,
    MEAN_AT_MOST,
)
from research.study.cells import Cells

READING_KEYS = ["what", "organisation_id", "role", "cluster_id", "activity_id"]
MEANS = ("mean", "mean_above_midpoint")
# Other analyses tell of other people: those flagged left out, imputed answers, one wave.
ANALYSES = ("sample", "gap", "value")
HALF_WIDTH = 1e-9  # of a number at full precision
STEPS = (0.1, 0.05, 0.01)


def readings(
    results: pd.DataFrame, *, roles: Sequence[str], scale: tuple[float, float, float]
) -> pd.DataFrame:
    """Limits on people, means, shares and differences that one page's results publish.

    One row is a number: ``what`` (people, mean, share or difference), whose (an organisation, or
    "" for all together), and ``low`` and ``high``. ``scale`` is the lowest answer, the highest and
    the midpoint. Numbers that more rows tell stand more than once.
    """
    chosen = results[results["analysis"].isin(ANALYSES)]
    parts = [*_people(chosen, roles), *_figures(chosen, scale)]
    columns = [*READING_KEYS, "low", "high"]
    found = [part[columns] for part in parts if len(part)]
    if not found:
        return pd.DataFrame(columns=columns)
    return pd.concat(found, ignore_index=True)


def together(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Limits of several pages taken together; one row a number, the narrowest limits there are."""
    joined = pd.concat(tables, ignore_index=True)
    return joined.groupby(READING_KEYS, as_index=False).agg(
        low=("low", "max"), high=("high", "min")
    )


def true_values(found: pd.DataFrame, cells: Cells) -> np.ndarray:
    """The numbers the readings are about, from the answers; NaN for what the study does not have.

    A reading that does not hold its true value is about other answers than these.
    """
    organisations = {name: place for place, name in enumerate(cells.organisations)}
    roles = {role: place for place, role in enumerate(cells.roles)}
    questions = {question: place for place, question in enumerate(cells.questions)}
    values = np.full(len(found), np.nan)
    for position, row in enumerate(found.itertuples(index=False)):
        name = row.organisation_id
        question = questions.get((row.cluster_id, row.activity_id))
        if name and name not in organisations:
            continue
        here = [organisations[name]] if name else slice(None)
        if row.what == "difference":
            first, second = (_mean(cells.total, cells.n, r, question, here) for r in (0, 1))
            values[position] = first - second
        elif row.role in roles:
            role = roles[row.role]
            if row.what == "people":
                counts = cells.people[role] if question is None else cells.n[role, question]
                values[position] = counts[here].sum()
            elif question is not None:
                sums = cells.above if row.what == "share" else cells.total
                values[position] = _mean(sums, cells.n, role, question, here)
    return values


def _mean(
    sums: np.ndarray, n: np.ndarray, role: int, question: int | None, here: list[int] | slice
) -> float:
    if question is None or role >= len(n):
        return np.nan
    people = n[role, question, here].sum()
    return float(sums[role, question, here].sum() / people) if people else np.nan


def _people(results: pd.DataFrame, roles: Sequence[str]) -> Iterator[pd.DataFrame]:
    """Yield the numbers of people: of a role, and of those who answered a question."""
    told = results[(results["estimate_type"] == "respondents") & results["estimate"].notna()]
    banded = told["note"] == BANDED
    low = told["ci_low"].where(banded, told["estimate"])
    high = told["ci_high"].fillna(np.inf).where(banded, told["estimate"])
    yield told.assign(what="people", low=low, high=high)
    rung = {
        (row.organisation_id, row.role): "fives" if row.ci_high - row.ci_low == 4 else "bands"
        for row in told[banded].itertuples()
    }
    of_role = results[results["estimate_type"].isin((*MEANS, "share_above_midpoint"))]
    of_both = results[results["estimate_type"] == "mean_difference"]
    sides = [(of_role, of_role["role"], "n_a")]
    sides += [(of_both, role, column) for role, column in zip(roles, ("n_a", "n_b"), strict=False)]
    for rows, role, column in sides:
        counted = rows.assign(what="people", role=role)
        counted = counted[counted[column].notna()]
        pairs = zip(counted["organisation_id"], counted["role"], strict=True)
        rungs = [rung.get(pair, "exact") for pair in pairs]
        limits = [
            count_limits(np.array([n]), name)
            for n, name in zip(counted[column], rungs, strict=True)
        ]
        yield counted.assign(
            low=[float(low[0]) for low, _ in limits], high=[float(high[0]) for _, high in limits]
        )


def _figures(results: pd.DataFrame, scale: tuple[float, float, float]) -> Iterator[pd.DataFrame]:
    """Yield the means, shares and differences, with what rounding leaves open."""
    low, high, midpoint = scale
    asked = results[results["cluster_id"] != ""]
    for kind, shift in zip(MEANS, (0.0, midpoint), strict=True):
        means = asked[asked["estimate_type"] == kind].assign(what="mean")
        yield _around(means.assign(estimate=means["estimate"] + shift))
        yield means[means["note"] == MEAN_AT_MOST].assign(low=low, high=low + EXTREME_SHARE + 0.05)
        yield means[means["note"] == MEAN_AT_LEAST].assign(
            low=high - EXTREME_SHARE - 0.05, high=high
        )
    shares = asked[asked["estimate_type"] == "share_above_midpoint"].assign(what="share")
    yield _around(shares)
    yield shares[shares["note"] == EXTREME_LOW].assign(low=0.0, high=EXTREME_SHARE)
    yield shares[shares["note"] == EXTREME_HIGH].assign(low=1 - EXTREME_SHARE, high=1.0)
    differences = asked[
        (asked["estimate_type"] == "mean_difference") & (asked["analysis"] == "gap")
    ]
    yield _around(differences.assign(what="difference", role=""))


def _around(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows that have an estimate, with limits half a step of their rounding to each side."""
    rows = rows[rows["estimate"].notna()]
    if rows.empty:
        return rows.assign(low=[], high=[])
    people = rows[["n_a", "n_b"]].min(axis=1).to_numpy(dtype=float)
    ruled = np.where(rows["what"] == "share", 0.01, 10.0 ** -decimals_of(people))
    table = rows.assign(step=ruled, ruled=ruled)
    # Together the numbers of one page show how they were rounded, also where that is coarser.
    for _, group in table.groupby(["organisation_id", "role", "ruled"]):
        common = next((step for step in STEPS if _fits(group["estimate"], step).all()), 0.0)
        table.loc[group.index, "step"] = common
    # Coarser than the rule asks: rounded to hundredths first, and then again.
    twice = np.where(table["step"] > table["ruled"], 0.005, 0.0)
    # Coarse shares near a tenth at either end were drawn a step inwards (complementary).
    drawn = (table["what"] == "share") & (table["step"] >= SHARE_STEP)
    drawn &= (table["estimate"] - 0.5).abs() >= 0.5 - EXTREME_SHARE - SHARE_STEP - HALF_WIDTH
    half = table["step"] / 2 + twice + np.where(drawn, SHARE_STEP / 2, 0.0) + HALF_WIDTH
    return table.assign(low=table["estimate"] - half, high=table["estimate"] + half)


def _fits(values: pd.Series, step: float) -> pd.Series:
    return (np.rint(values / step) * step - values).abs() < HALF_WIDTH
