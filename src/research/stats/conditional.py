"""Exact conditional distributions of a sum of whole scores, from counts.

Given who answered what (the pooled counts), every way of giving out the group labels is equally
likely: the counts of one group are multivariate hypergeometric. The sum of its scores is built up
level by level. Taking k people of a level moves the state (people taken, score so far) along a
straight line; sheared so that the line is upright, adding a level is one matrix product. Lowest
and highest levels meet in the middle, where only the tails are added up. All terms are positive,
so a p-value of 1e-100 has as many right digits as one of 0.1.

References
----------
Streitberg & Röhmel (1986), Stat. Softw. Newsl. 12, 10-17 (shift algorithm); van de Wiel (2001),
Comput. Stat. 16, 519-538 (splitting in two).
"""

import numpy as np
from scipy import special

# Above these a distribution takes more than about a second or 200 MB a column.
MAXIMUM_PRODUCTS = 2e9
MAXIMUM_STATES = 2e7
CHUNK_STATES = 2e6
# Answers such as means of seven items lie on a grid of 1/7; finer grids are not looked for.
FINEST_GRID = 1000
# Answers closer than this, as a share of the largest, are the same answer but for rounding.
SAME_LEVEL = 1e-12


def whole_scores(levels: np.ndarray) -> np.ndarray | None:
    """Ascending levels as whole numbers from 0 in the same proportions; None where off a grid."""
    if len(levels) < 2:
        return np.zeros(len(levels), dtype=np.int64)
    steps = (levels - levels[0]) / np.min(np.diff(levels))
    parts = np.arange(1, FINEST_GRID + 1)
    for some in (steps[:20], steps):  # most continuous answers fail on the first few
        fine = parts[:, None] * some
        off = np.abs(fine - np.rint(fine)) > 1e-9 * np.maximum(fine, 1)
        parts = parts[~off.any(axis=1)]
    if steps[-1] > MAXIMUM_STATES or not len(parts):
        return None
    scores = np.rint(parts[0] * steps).astype(np.int64)
    return scores // np.gcd.reduce(scores)


def distinct_levels(levels: np.ndarray) -> np.ndarray:
    """Place at which each really different level begins; ascending levels apart by rounding join.

    .3 - .2 and .2 - .1 differ in the last digit only: for ranks they are a tie.
    """
    size = np.max(np.abs(levels), initial=0.0)
    apart = np.diff(levels, prepend=-np.inf) > SAME_LEVEL * size
    return np.nonzero(apart)[0]


def feasible(pooled: np.ndarray, n_smaller: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return per column whether its exact distribution is small enough to build."""
    there = pooled > 0
    with np.errstate(invalid="ignore"):
        low = np.where(there, scores, np.inf).min(axis=-1, initial=np.inf)
        high = np.where(there, scores, -np.inf).max(axis=-1, initial=-np.inf)
        states = (n_smaller + 1) * (n_smaller * (high - low) + 1)
    return (states <= MAXIMUM_STATES) & (states * (n_smaller + 1) <= MAXIMUM_PRODUCTS)


def exact_two_sample_p(
    counts_a: np.ndarray, counts_b: np.ndarray, scores: np.ndarray
) -> np.ndarray:
    """Two-sided exact p of the score sum, per column of a columns x levels table of counts.

    P(|T - E| >= |t - E|) given the pooled counts, compared in whole numbers. ``scores`` are
    whole, ascending and shared by the columns; both groups hold at least one person. Values
    below about 1e-300 become 0.
    """
    n_smaller = np.minimum(counts_a.sum(axis=1), counts_b.sum(axis=1))
    span = float(scores[-1] - scores[0])
    width = (n_smaller.max(initial=0) + 1) * (n_smaller.max(initial=0) * span + 1)
    size = max(1, int(CHUNK_STATES / width))
    parts = [
        _two_sided(counts_a[start : start + size], counts_b[start : start + size], scores)
        for start in range(0, len(counts_a), size)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


def _two_sided(counts_a: np.ndarray, counts_b: np.ndarray, scores: np.ndarray) -> np.ndarray:
    a_is_smaller = counts_a.sum(axis=1) <= counts_b.sum(axis=1)
    smaller = np.where(a_is_smaller[:, None], counts_a, counts_b).astype(np.int64)
    pooled = (counts_a + counts_b).astype(np.int64)
    n, everybody = smaller.sum(axis=1), pooled.sum(axis=1)
    centre = n * (pooled @ scores)  # everybody times the expected sum: no fractions
    distance = np.abs(everybody * (smaller @ scores) - centre)
    low = (centre - distance) // everybody
    high = -((-centre - distance) // everybody)
    return np.minimum(_tails(pooled, n, scores, low, high), 1.0)


def _tails(
    pooled: np.ndarray, n: np.ndarray, scores: np.ndarray, low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """Return P(T <= low) + P(T >= high) of the sum over n people drawn from the pooled counts."""
    weights = _binomial(pooled, n / pooled.sum(axis=1), int(n.max()) + 1)
    half = (len(scores) + 1) // 2
    lower = _table(weights[:, :half], pooled[:, :half], np.diff(scores[:half]))
    upside_down = slice(None, half - 1, -1)
    upper = _table(weights[:, upside_down], pooled[:, upside_down], np.diff(scores[half:])[::-1])
    upper = _shear(upper, scores[half] - scores[half - 1])
    # With s the highest score of the lower half: T = s n - (its index) + (index of the upper).
    base = scores[half - 1] * n
    parts = zip(lower, upper, n, low - base, high - base, strict=True)
    return np.array([_joined_tails(*part) for part in parts])


def _joined_tails(lower: np.ndarray, upper: np.ndarray, n: int, low: int, high: int) -> float:
    """Return the share of (index of upper) - (index of lower) at most low or at least high."""
    most, least = min(n, len(lower) - 1), max(0, n - len(upper) + 1)
    lower, upper = lower[least : most + 1], upper[n - most : n - least + 1][::-1]
    width, all_upper = upper.shape[1], upper.sum(axis=1)
    total = lower.sum(axis=1) @ all_upper
    up_to, from_on = np.cumsum(upper, axis=1), np.cumsum(upper[:, ::-1], axis=1)[:, ::-1]

    def met(table: np.ndarray, shift: int) -> float:
        """Sum lower[c, i] table[c, i + shift] over what lies in both."""
        start, stop = max(0, -shift), max(0, -shift, min(lower.shape[1], width - shift))
        return float(
            np.einsum("ci,ci", lower[:, start:stop], table[:, start + shift : stop + shift])
        )

    beyond = lower[:, max(0, width - low) :].sum(axis=1) @ all_upper  # every upper is low enough
    before = lower[:, : max(0, -high)].sum(axis=1) @ all_upper  # every upper is high enough
    return (met(up_to, low) + beyond + met(from_on, high) + before) / total


def _binomial(size: np.ndarray, chance: np.ndarray, n_values: int) -> np.ndarray:
    """Return binomial weights of 0, 1, ... people per column and level.

    Hypergeometric weights are binomial ones given their sum, whatever the chance: the share of
    the group keeps them in range where factorials would overflow.
    """
    k, size = np.arange(n_values), size[..., None].astype(float)
    chance = chance[:, None, None]
    left = size - k
    log_weight = (
        special.gammaln(size + 1) - special.gammaln(k + 1.0)
        - special.gammaln(np.maximum(left, 0) + 1)
        + k * np.log(chance) + left * np.log1p(-chance)
    )  # fmt: skip
    return np.exp(np.where(left >= 0, log_weight, -np.inf))


def _table(weights: np.ndarray, pooled: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Return weights of (people taken, score below the last level), columns x people x score."""
    reach = np.minimum(weights.shape[2], np.cumsum(pooled, axis=1).max(axis=0) + 1)
    table = weights[:, 0, : reach[0], None]
    for place, step in enumerate(steps, start=1):
        lag = np.subtract.outer(np.arange(reach[place]), np.arange(reach[place - 1]))
        taken = np.where(lag >= 0, weights[:, place][:, lag], 0.0)
        table = taken @ _shear(table, int(step))
    return table


def _shear(table: np.ndarray, step: int) -> np.ndarray:
    """Move row c to the right by c times ``step``: rows padded too long and read too short."""
    columns, rows, width = table.shape
    wide = width + step * (rows - 1)
    padded = np.zeros((columns, rows, wide + step))
    padded[..., :width] = table
    return padded.reshape(columns, -1)[:, : rows * wide].reshape(columns, rows, wide)


def exact_signed_p(counts: np.ndarray, ranks: np.ndarray, observed: int) -> float:
    """Two-sided exact p of a sum of signed ranks: every sign as likely as not.

    ``counts`` are pairs per distinct whole rank, ascending; ``observed`` is the sum of the
    positive ones. The distribution is symmetric, so this is twice the smaller tail, at most 1.
    NaN when the distribution is too large to build.
    """
    divisor = max(int(np.gcd.reduce(ranks)), 1)
    ranks, observed = ranks // divisor, observed // divisor
    total = int(counts @ ranks)
    if total * (counts.sum() + 1) > MAXIMUM_PRODUCTS:
        return np.nan
    table = np.ones(1)
    for count, rank in zip(counts, ranks, strict=True):
        table = _add_signs(table, int(count), int(rank))
    tail = table[: min(observed, total - observed) + 1].sum()
    return min(1.0, 2 * float(tail))


def _add_signs(table: np.ndarray, count: int, rank: int) -> np.ndarray:
    """Return the distribution of a sum after ``count`` more pairs of one rank.

    Sums that differ by a multiple of the rank stand in one column: a moving weighted sum.
    """
    weight = _binomial(np.array([[count]]), np.array([0.5]), count + 1)[0, 0]
    rows = -(-len(table) // rank)
    padded = np.zeros((rows + 2 * count) * rank)
    padded[count * rank : count * rank + len(table)] = table
    windows = np.lib.stride_tricks.sliding_window_view(
        padded.reshape(-1, rank), count + 1, axis=0
    ).swapaxes(1, 2)
    return np.matmul(weight, windows).reshape(-1)[: len(table) + count * rank]
