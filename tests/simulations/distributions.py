"""Can single answers be worked out from an organisation's page? P4 of the privacy goals.

``python -m tests.simulations.distributions 500`` makes as many organisations, publishes what
their pages say of every activity and role, and counts for how many activities only one way to
spread the answers fits all of it.
"""

import itertools
import sys
import time
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy import special

from research.analyses import gap, value
from research.disclosure import rules
from research.stats.estimates import join_results
from tests.studies_made import made_answers

POINTS = np.arange(1.0, 6.0)
MIDPOINT = 3.0
CLOSE = 1e-9


@lru_cache(maxsize=64)
def ways(n: int) -> dict[str, np.ndarray]:
    """Every way to spread n answers over five points, with what a page would say of each."""
    bars = np.array(list(itertools.combinations(range(n + 4), 4)))
    ends = np.column_stack([np.full(len(bars), -1), bars, np.full(len(bars), n + 4)])
    counts = np.diff(ends, axis=1) - 1
    mean = counts @ POINTS / n
    variance = np.maximum(counts @ POINTS**2 - n * mean**2, 0) / (n - 1)
    error = np.sqrt(variance / n)
    half = special.stdtrit(n - 1, 0.975) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (mean - MIDPOINT) / error
    return {
        "mean": mean,
        "ci_low": mean - half,
        "ci_high": mean + half,
        "statistic": t,
        "p_value": special.stdtr(n - 1, -t),
        "share": counts[:, 3:].sum(axis=1) / n,
    }


def fitting(n: int, told: list[pd.Series]) -> int:
    """Number of ways to spread n answers that fit every published number."""
    every = ways(n)
    fits = np.ones(len(every["mean"]), dtype=bool)
    for row in told:
        if row["estimate_type"] == "share_above_midpoint":
            fits &= _within(every["share"], row["estimate"], 0.005)
            if row["note"] == rules.EXTREME_LOW:
                fits &= every["share"] <= rules.EXTREME_SHARE
            if row["note"] == rules.EXTREME_HIGH:
                fits &= every["share"] >= 1 - rules.EXTREME_SHARE
            continue
        shift = MIDPOINT if row["estimate_type"] == "mean_above_midpoint" else 0.0
        fits &= _within(every["mean"], row["estimate"] + shift, 0.05)
        if not shift:  # the other's limits are of another level
            fits &= _within(every["ci_low"], row["ci_low"], 0.05)
            fits &= _within(every["ci_high"], row["ci_high"], 0.05)
        if shift:
            fits &= _within(every["statistic"], row["statistic"], 0.05)
            fits &= _within(every["p_value"], row["p_value"], max(0.0005, row["p_value"] / 2))
        if row["note"] == rules.MEAN_AT_LEAST:
            fits &= every["mean"] >= POINTS[-1] - rules.EXTREME_SHARE - 0.05
        if row["note"] == rules.MEAN_AT_MOST:
            fits &= every["mean"] <= POINTS[0] + rules.EXTREME_SHARE + 0.05
    return int(fits.sum())


def _within(values: np.ndarray, told: float, half: float) -> np.ndarray:
    if np.isnan(told):
        return np.ones(len(values), dtype=bool)
    return np.abs(values - told) <= half + CLOSE


def organisation_page(seed: int) -> pd.DataFrame:
    """What one organisation's page says of means and shares, n exact: ten to thirty people."""
    rng = np.random.default_rng([seed, 64])
    low = int(rng.integers(10, 30))
    sizes = (low, low + 1)
    answers = made_answers(
        seed=seed,
        organisations=1,
        managers_per_organisation=sizes,
        managers_in_smallest=low,
        customers_per_organisation=sizes,
    )
    means = gap.role_gaps(answers, level="activities")
    return join_results([value.value_of_activities(answers), means[means["role"] != ""]])


def recovered(seed: int) -> tuple[int, int, int]:
    """Activities of one organisation whose answers follow, how many were tried, fewest ways."""
    page = organisation_page(seed)
    page = page[(page["activity_id"] != "") & page["n_a"].notna()]
    ways_left = [
        fitting(int(n), [row for _, row in rows.iterrows()])
        for (_, _, n), rows in page.groupby(["role", "activity_id", "n_a"])
    ]
    return sum(found == 1 for found in ways_left), len(ways_left), min(ways_left, default=0)


def main(count: int) -> None:
    """Print how many distributions follow from the published numbers."""
    begun, found, tried, fewest = time.monotonic(), 0, 0, []
    for seed in range(count):
        here, activities, least = recovered(seed)
        found, tried = found + here, tried + activities
        fewest.append(least)
        if (seed + 1) % 25 == 0:
            seconds = time.monotonic() - begun
            print(
                seed + 1, "recovered", found, "of", tried, "fewest", min(fewest), f"{seconds:.0f} s"
            )
            sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
