"""What each estimate needs of a person: a few sums, each formed once.

A mean, a variance, Hedges g and Cronbach's alpha are functions of sums over people. Resampling
people therefore only changes the weights of those sums; the functions here take sums with any
leading shape: one row for the data, ten thousand for ten thousand resamples.
"""

from dataclasses import dataclass

import numpy as np

from research.stats.estimates import as_columns
from research.stats.two_groups import small_sample_correction

# A sum of squares this far below the squares it is left of is rounding.
ROUNDING = 1e-12
# Degrees of freedom up to here are looked up, since every resample asks for the same ones again.
LOOKED_UP = 10_000


@dataclass(frozen=True, kw_only=True)
class SetSums:
    """Where the sums of one set of items stand: complete rows, items, squares, squared total."""

    items: np.ndarray
    complete: bool
    n: int
    x: np.ndarray
    squares: np.ndarray
    total_squares: int


@dataclass(frozen=True, kw_only=True)
class SumPlan:
    """Which sums are formed and where each stands; answers count from ``base``, column by column.

    ``base`` is the lowest answer of a column: a constant column then has sums of exactly zero.
    """

    base: np.ndarray
    incomplete: np.ndarray
    n: np.ndarray
    sets: tuple[SetSums, ...]

    @property
    def x(self) -> slice:
        return slice(1, 1 + len(self.base))

    @property
    def squares(self) -> slice:
        return slice(1 + len(self.base), 1 + 2 * len(self.base))

    def features(self, values: np.ndarray) -> np.ndarray:
        """One row a person, one column a sum to be formed."""
        there = ~np.isnan(values)
        x = np.where(there, values - self.base, 0.0)
        parts = [np.ones((len(x), 1)), x, x * x, there[:, self.incomplete].astype(float)]
        for group in self.sets:
            chosen = x[:, group.items]
            if not group.complete:
                whole = there[:, group.items].all(axis=1, keepdims=True)
                chosen = np.where(whole, chosen, 0.0)
                parts += [whole.astype(float), chosen, (chosen**2).sum(axis=1, keepdims=True)]
            parts.append(chosen.sum(axis=1, keepdims=True) ** 2)
        return np.concatenate(parts, axis=1)


def plan_sums(values: np.ndarray, item_sets: tuple[np.ndarray, ...] = ()) -> SumPlan:
    """Plan of the sums for every column of ``values`` and for the alpha of every item set."""
    values = as_columns(values)
    k = values.shape[1]
    missing = np.isnan(values).any(axis=0) if len(values) else np.ones(k, dtype=bool)
    base = np.fmin.reduce(values, axis=0) if len(values) else np.full(k, np.nan)
    incomplete = np.flatnonzero(missing)
    n = np.zeros(k, dtype=int)
    n[incomplete] = 1 + 2 * k + np.arange(len(incomplete))
    place = 1 + 2 * k + len(incomplete)
    sets = []
    for items in item_sets:
        items = np.asarray(items, dtype=int)
        complete = not missing[items].any()
        if complete:
            where = {"n": 0, "x": 1 + items, "squares": 1 + k + items}
        else:
            inside = place + 1 + np.arange(len(items))
            where = {"n": place, "x": inside, "squares": np.array([place + 1 + len(items)])}
            place += 2 + len(items)
        sets.append(SetSums(items=items, complete=complete, total_squares=place, **where))
        place += 1
    base = np.where(np.isnan(base), 0.0, base)
    return SumPlan(base=base, incomplete=incomplete, n=n, sets=tuple(sets))


def squares_around_mean(n: np.ndarray, x: np.ndarray, squares: np.ndarray) -> np.ndarray:
    """Sum of squared deviations; exactly zero where what is left is rounding. NaN without n."""
    with np.errstate(invalid="ignore", divide="ignore"):
        around = squares - x * x / np.where(n > 0, n, np.nan)
    return np.where(around <= ROUNDING * squares, np.where(n > 0, 0.0, np.nan), around)


def group_estimates(
    base: np.ndarray, group: tuple[np.ndarray, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance (n - 1) of one group from its (n, sum, sum of squares)."""
    n, x, _ = group
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = base + x / np.where(n > 0, n, np.nan)
        return mean, squares_around_mean(*group) / np.where(n >= 2, n - 1.0, np.nan)


def difference_estimates(
    a: tuple[np.ndarray, ...], b: tuple[np.ndarray, ...]
) -> dict[str, np.ndarray]:
    """Mean difference a - b and Hedges g from (n, sum, sum of squares) a group.

    NaN where a group has no answers, g also where it has fewer than two or where nobody differs
    from their own group.
    """
    (n_a, x_a, _), (n_b, x_b, _) = a, b
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = x_a / np.where(n_a > 0, n_a, np.nan) - x_b / np.where(n_b > 0, n_b, np.nan)
        around = squares_around_mean(*a) + squares_around_mean(*b)
        df = np.where((n_a >= 2) & (n_b >= 2), n_a + n_b - 2.0, np.nan)
        # Correction and df are of one number a resample where nobody's answer is missing.
        factor = _correction(df) * np.sqrt(df)
        return {
            "mean_difference": difference,
            "hedges_g": difference * factor / np.sqrt(np.where(around > 0, around, np.nan)),
        }


def _correction(df: np.ndarray) -> np.ndarray:
    """Return the factor of Hedges g; looked up when whole numbers come back again and again."""
    largest = np.fmax.reduce(df, axis=None, initial=0.0)
    if df.size <= largest or largest > LOOKED_UP or (np.floor(df) != df)[~np.isnan(df)].any():
        return small_sample_correction(df)
    table = np.full(int(largest) + 2, np.nan)
    table[1:-1] = small_sample_correction(np.arange(1.0, largest + 1))
    return table[np.where(np.isnan(df), -1, df).astype(int)]


def item_sums(plan: SumPlan, sums: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Answers, sum and sum of squares per column, from a row of sums a resample."""
    n = sums[..., plan.n] if len(plan.incomplete) else sums[..., :1]
    return n, sums[..., plan.x], sums[..., plan.squares]


def alphas(plan: SumPlan, sums: np.ndarray) -> np.ndarray:
    """Cronbach's alpha of the complete rows per item set (last axis); as ``cronbach_alpha``.

    NaN with fewer than two items or three complete rows, or where the total does not vary.
    """
    found = [_alpha(group, sums) for group in plan.sets]
    return np.stack(found, axis=-1) if found else np.empty((*sums.shape[:-1], 0))


def _alpha(group: SetSums, sums: np.ndarray) -> np.ndarray:
    k, n = len(group.items), sums[..., group.n]
    x, squares = sums[..., group.x], sums[..., group.squares].sum(axis=-1)
    if k < 2:
        return np.full(n.shape, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        count = np.where(n >= 3, n, np.nan)
        alone = squares - (x * x).sum(axis=-1) / count
        total = squares_around_mean(count, x.sum(axis=-1), sums[..., group.total_squares])
        varies = total > ROUNDING * np.maximum(alone, squares)
        return k / (k - 1) * (1 - alone / np.where(varies, total, np.nan))
