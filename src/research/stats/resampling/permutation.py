"""Could the differences of a whole family be chance? Permutation, with the maximum over items."""

from collections.abc import Iterator
from itertools import combinations, product
from math import comb, prod

import numpy as np
import pandas as pd
from scipy import special

from research.stats.estimates import NO_VARIATION, TOO_FEW_ANSWERS
from research.stats.resampling.draws import BLOCK, WeightProduct, gaussian_sums, pass_over
from research.stats.resampling.intervals import ROUNDING
from research.stats.resampling.joint import LARGE_GROUP, Sample, take_sample
from research.stats.resampling.sums import SumPlan, item_sums, squares_around_mean


def max_t_permutation(
    values: np.ndarray,
    first: np.ndarray,
    *,
    cluster: np.ndarray | None = None,
    n_permutations: int = 10_000,
    generator: np.random.Generator,
) -> pd.DataFrame:
    """Mean difference a - b per column with permutation p and step-down max-T p of the family.

    One row a column; all columns are one family; unit as the answers. Group labels are permuted
    over all people, with ``cluster`` within each organisation, the same way for every column, so
    that the columns' dependence is in the p-values (Holm assumes the worst). The statistic is
    Welch's t; the alternative is two-sided. ``p_adjusted`` controls the chance of any false
    claim in the family. When there are at most ``n_permutations`` arrangements all are used and
    p is exact (``exact``); otherwise p = (b + 1) / (B + 1), b of B drawn arrangements being at
    least as extreme. In groups of 3,000 people or more the permuted sums are drawn from their
    normal limit (finite-population central limit theorem), so that the cost does not grow with n.

    Missing answers move with their person and are left out item by item. A column with fewer
    than two answers in a group, or without variation within both, gets no p and leaves the
    family. An arrangement that leaves a column without a statistic counts against that column
    and not for others; one in which the groups do not vary within but differ is the most
    extreme there can be.

    References
    ----------
    Westfall & Young (1993), Resampling-based multiple testing, algorithm 4.1 (step-down max-T);
    Phipson & Smyth (2010), Stat. Appl. Genet. Mol. Biol. 9, 39 (never zero); Janssen (1997),
    Stat. Probab. Lett. 36, 9-21 (why studentised).
    """
    sample = take_sample(values, first, cluster)
    strata = _strata(sample)
    first_sorted = np.isin(np.arange(len(sample.values)), sample.rows["a"])
    exact = _few_arrangements(strata, first_sorted, n_permutations)
    everybody = np.arange(len(sample.values))
    observed = _sums_of(sample, sample.rows["a"]), _sums_of(sample, everybody)
    if exact:
        features = sample.plan.features(sample.values)
        sums_a = _arranged_sums(features, _all_arrangements(strata, first_sorted))
    elif min(len(rows) for rows in sample.rows.values()) >= LARGE_GROUP:
        sums_a = _gaussian_permutations(sample, strata, first_sorted, n_permutations, generator)
    else:
        features = sample.plan.features(sample.values)
        drawn = _drawn_arrangements(strata, first_sorted, n_permutations, generator)
        sums_a = _arranged_sums(features, drawn)
    n_a, n_b, difference, standard_error = welch_parts(sample.plan, *observed)
    _, _, *permuted_parts = welch_parts(sample.plan, sums_a, observed[1])
    permuted = _welch_t(*permuted_parts)
    enough = np.minimum(n_a, n_b) >= 2
    statistic = difference / np.where(standard_error > 0, standard_error, np.nan)
    p_value, p_adjusted = step_down_max_t(statistic, permuted, add_observed=not exact)
    return pd.DataFrame(
        {
            "estimate": difference,
            "statistic": statistic,
            "p_value": p_value,
            "p_adjusted": p_adjusted,
            "n_permutations": len(permuted),
            "exact": exact,
            "n_a": n_a.astype(int),
            "n_b": n_b.astype(int),
            "n_dropped": len(sample.values) - (n_a + n_b).astype(int),
            "note": np.where(
                enough, np.where(np.isnan(statistic), NO_VARIATION, ""), TOO_FEW_ANSWERS
            ),
        }
    )


def step_down_max_t(
    statistic: np.ndarray, permuted: np.ndarray, *, add_observed: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Two-sided p per column, and p adjusted for the family by the step-down maximum.

    ``permuted`` is one row an arrangement; with ``add_observed`` the observed arrangement is
    counted beside them (drawn arrangements), without it it is among them (all arrangements). NaN
    in ``statistic``: not in the family. NaN in ``permuted``: counts against its own column.
    """
    p_value = np.full(len(statistic), np.nan)
    p_adjusted = p_value.copy()
    family = np.flatnonzero(~np.isnan(statistic))
    order = family[np.argsort(-np.abs(statistic[family]), kind="stable")]
    if len(order) == 0:
        return p_value, p_adjusted
    size = np.abs(permuted[:, order])
    missing = np.isnan(size)
    size[missing] = -np.inf
    # Equal but for rounding is equal: the observed arrangement must be as extreme as itself.
    limit = np.abs(statistic[order]) * (1 - ROUNDING)
    least = np.maximum.accumulate(size[:, ::-1], axis=1)[:, ::-1]
    extra = int(add_observed)
    total = len(permuted) + extra
    p_value[order] = (((size >= limit) | missing).sum(axis=0) + extra) / total
    stepped = (((least >= limit) | missing).sum(axis=0) + extra) / total
    p_adjusted[order] = np.maximum.accumulate(stepped)
    return p_value, p_adjusted


def welch_parts(
    plan: SumPlan, sums_a: np.ndarray, sums_all: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Answers in a and b, mean difference and its standard error; b is all minus a.

    The standard error is NaN with fewer than two answers in a group and zero where nobody within
    the groups differs.
    """
    a = item_sums(plan, sums_a)
    b = item_sums(plan, sums_all - sums_a)
    variance, mean = [], []
    with np.errstate(invalid="ignore", divide="ignore"):
        for n, x, squares in (a, b):
            mean.append(x / np.where(n > 0, n, np.nan))
            count = np.where(n >= 2, n, np.nan)
            variance.append(squares_around_mean(count, x, squares) / (count - 1) / count)
        difference = mean[0] - mean[1]
    shape = difference.shape
    n_a, n_b = np.broadcast_to(a[0], shape), np.broadcast_to(b[0], shape)
    return n_a, n_b, difference, np.sqrt(variance[0] + variance[1])


def _welch_t(difference: np.ndarray, standard_error: np.ndarray) -> np.ndarray:
    """Return t of arrangements: zero without any difference, infinite without any variation."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where((difference == 0) & (standard_error == 0), 0.0, difference / standard_error)


def _strata(sample: Sample) -> list[np.ndarray]:
    """Return the rows within which labels are exchanged: one organisation each, or everybody."""
    everybody = np.arange(len(sample.values))
    if sample.codes is None:
        return [everybody]
    return np.split(everybody, np.flatnonzero(np.diff(sample.codes)) + 1)


def _sums_of(sample: Sample, rows: np.ndarray) -> np.ndarray:
    return sample.plan.features(sample.values[rows]).sum(axis=0)


def _few_arrangements(strata: list[np.ndarray], first: np.ndarray, limit: int) -> bool:
    """Return whether there are at most ``limit`` arrangements of the labels."""
    sizes = [(len(rows), int(first[rows].sum())) for rows in strata]
    # A whole number of a million digits is not needed to see that it is too large.
    n, n_a = np.array(sizes, dtype=float).reshape(-1, 2).T
    logs = special.gammaln(n + 1) - special.gammaln(n_a + 1) - special.gammaln(n - n_a + 1)
    return bool(logs.sum() < np.log(limit) + 1) and prod(comb(*one) for one in sizes) <= limit


def _all_arrangements(strata: list[np.ndarray], first: np.ndarray) -> Iterator[np.ndarray]:
    """Yield every arrangement of the labels once, as a block of masks with one row each."""
    choices = [combinations(rows, int(first[rows].sum())) for rows in strata]
    chosen = [np.concatenate(one).astype(int) for one in product(*choices)]
    masks = np.zeros((len(chosen), len(first)), dtype=bool)
    masks[np.repeat(np.arange(len(chosen)), [len(c) for c in chosen]), np.concatenate(chosen)] = (
        True
    )
    yield masks


def _drawn_arrangements(
    strata: list[np.ndarray], first: np.ndarray, n_permutations: int, generator: np.random.Generator
) -> Iterator[np.ndarray]:
    """Yield drawn arrangements of the labels in blocks of masks."""
    n_rows = max(1, BLOCK // max(len(first), 1))
    for start in range(0, n_permutations, n_rows):
        masks = np.tile(first, (min(n_rows, n_permutations - start), 1))
        for rows in strata:
            part = slice(rows[0], rows[-1] + 1)
            masks[:, part] = generator.permuted(masks[:, part], axis=1)
        yield masks


def _arranged_sums(features: np.ndarray, blocks: Iterator[np.ndarray]) -> np.ndarray:
    product_of = WeightProduct.of(features, len(features))
    return np.concatenate([product_of.with_weights(masks) for masks in blocks])


def _gaussian_permutations(
    sample: Sample,
    strata: list[np.ndarray],
    first: np.ndarray,
    n_permutations: int,
    generator: np.random.Generator,
) -> np.ndarray:
    """Return draws of group a's sums under permutation, from their mean and covariance.

    Of n people in a stratum n_a are drawn without replacement: mean n_a / n of the total,
    covariance n_a n_b / (n - 1) times the people's covariance (divided by n).
    """
    mean, covariance = 0.0, 0.0
    for rows in strata:
        n, n_a = len(rows), int(first[rows].sum())
        moments = pass_over(sample.plan, sample.values, rows)
        mean = mean + n_a / n * moments.total
        if n > 1:
            covariance = covariance + n_a * (n - n_a) / (n - 1) * moments.covariance
    return gaussian_sums(mean, covariance, n_permutations, generator)
