"""Can single answers be worked out from an organisation's page? P4 of the privacy goals.

``python -m tests.simulations.distributions 500`` makes as many organisations of ten to nineteen
people a role (from twenty a distribution may be published as it is), takes all that their pages
say of one activity, from both roles, and counts for how many of them only one way to spread the
answers fits all of it.
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
from research.disclosure.rounding import COARSE_STEP
from research.stats.estimates import join_results
from tests.studies_made import made_answers

POINTS = np.arange(1.0, 6.0)
MIDPOINT = 3.0
CLOSE = 1e-9
ROLES = ("customer", "manager")
# What a page says of one activity from ten to nineteen people; anything else is a find.
EXPECTED = {"mean", "mean_above_midpoint", "mean_difference"}
NUMBERS = ["estimate", "ci_low", "ci_high", "statistic", "df", "p_value", "p_adjusted"]


@lru_cache(maxsize=64)
def ways(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of every way to spread n answers over five points."""
    bars = np.array(list(itertools.combinations(range(n + 4), 4)))
    ends = np.column_stack([np.full(len(bars), -1), bars, np.full(len(bars), n + 4)])
    counts = np.diff(ends, axis=1) - 1
    mean = counts @ POINTS / n
    return mean, np.maximum(counts @ POINTS**2 - n * mean**2, 0) / (n - 1)


def fitting(n: int, told: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of the ways to spread n answers that fit what is told of one role."""
    mean, variance = ways(n)
    fits = np.ones(len(mean), dtype=bool)
    for row in told.itertuples():
        shift = MIDPOINT if row.estimate_type == "mean_above_midpoint" else 0.0
        if not np.isnan(row.estimate):
            fits &= np.abs(mean - row.estimate - shift) <= 0.05 + CLOSE
        if row.note == rules.MEAN_AT_LEAST:
            fits &= mean >= POINTS[-1] - rules.EXTREME_SHARE - 0.05
        if row.note == rules.MEAN_AT_MOST:
            fits &= mean <= POINTS[0] + rules.EXTREME_SHARE + 0.05
    return mean[fits], variance[fits]


def ways_left(n: tuple[int, int], told: pd.DataFrame) -> tuple[int, int]:
    """Ways to spread the answers of each role that fit the page, the difference included."""
    surplus = told[~told["estimate_type"].isin(EXPECTED) & told[NUMBERS].notna().any(axis=1)]
    assert surplus.empty, surplus["estimate_type"].tolist()
    sides = [fitting(k, told[told["role"] == role]) for k, role in zip(n, ROLES, strict=True)]
    (first, first_variance), (second, second_variance) = sides
    fits = np.ones((len(first), len(second)), dtype=bool)
    for row in told[told["estimate_type"] == "mean_difference"].itertuples():
        if np.isnan(row.estimate):
            continue
        parts = first_variance[:, None] / n[0], second_variance[None, :] / n[1]
        difference, total = first[:, None] - second[None, :], parts[0] + parts[1]
        with np.errstate(invalid="ignore", divide="ignore"):
            df = total**2 / (parts[0] ** 2 / (n[0] - 1) + parts[1] ** 2 / (n[1] - 1))
            half = special.stdtrit(np.nan_to_num(df, nan=1.0), 0.975) * np.sqrt(total)
        fits &= np.abs(difference - row.estimate) <= 0.05 + CLOSE
        # Rounded to tenths, then outwards to half points.
        for limit, end in ((difference - half, row.ci_low), (-difference - half, -row.ci_high)):
            fits &= (limit >= end - 0.05 - CLOSE) & (limit <= end + COARSE_STEP + 0.05 + CLOSE)
    return int(fits.any(axis=1).sum()), int(fits.any(axis=0).sum())


def organisation_page(seed: int) -> pd.DataFrame:
    """What one organisation's page says of single activities, n exact: ten to nineteen people."""
    rng = np.random.default_rng([seed, 64])
    low = int(rng.integers(10, 19))
    answers = made_answers(
        seed=seed,
        organisations=1,
        managers_per_organisation=(low, low + 1),
        managers_in_smallest=low,
        customers_per_organisation=(low, low + 1),
    )
    parts = [value.value_of_activities(answers), gap.role_gaps(answers, level="activities")]
    page = join_results(parts)
    return page[page["activity_id"] != ""]


def recovered(seed: int) -> tuple[int, int, int]:
    """Distributions of one organisation that follow, how many were tried, fewest ways left."""
    left = []
    for _, told in organisation_page(seed).groupby("activity_id"):
        n = [told.loc[told["role"] == role, "n_a"].max() for role in ROLES]
        if not np.isnan(n).any():  # fewer than ten: nothing is told
            left += ways_left((int(n[0]), int(n[1])), told)
    assert min(left, default=1) > 0  # the truth is one of the ways
    return sum(found == 1 for found in left), len(left), min(left, default=0)


def main(count: int) -> None:
    """Print how many distributions follow from the published numbers."""
    begun, found, tried, fewest = time.monotonic(), 0, 0, []
    for seed in range(count):
        here, activities, least = recovered(seed)
        found, tried = found + here, tried + activities
        fewest.append(least)
        if (seed + 1) % 25 == 0 or seed + 1 == count:
            seconds = time.monotonic() - begun
            print(seed + 1, f"recovered {found} of {tried}, fewest ways {min(fewest)}, {seconds:.0f} s")  # fmt: skip
            sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
