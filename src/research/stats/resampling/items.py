"""Each item by itself: a resample of counts, at a cost that does not depend on n."""

import numpy as np

from research.stats.counts import LevelCounts, level_counts
from research.stats.estimates import NO_VARIATION, TOO_FEW_ANSWERS
from research.stats.resampling.intervals import Resampled, jackknife_acceleration
from research.stats.resampling.sums import difference_estimates, group_estimates

Group = tuple[np.ndarray, np.ndarray, np.ndarray]
# Numbers in work at a time: what a block of replicates needs stays in the processor's cache.
BLOCK = 65_536


def bootstrap_items(
    values: np.ndarray,
    first: np.ndarray,
    *,
    n_replicates: int = 10_000,
    generator: np.random.Generator,
) -> dict[str, Resampled]:
    """Bootstrap of every column by itself, people resampled within group a and within group b.

    Keys: ``mean_a``, ``mean_b``, ``variance_a``, ``variance_b``, ``mean_difference`` (a - b, unit
    of the answers) and ``hedges_g``; each with one value and ``n_replicates`` replicates a column.
    Missing answers are left out: a resample of a column has as many answers as the column has.
    A resample of n people is a multinomial draw of the counts per answer, so nothing is
    approximate and a million people cost what ten thousand do. Columns are drawn independently
    of each other: what needs them together (max-T, alpha) uses ``joint_bootstrap``. The row order
    does not matter, not even to the draws. Fewer than two answers in a group: note
    ``too_few_answers``; no variation: note ``no_variation``.

    References
    ----------
    Efron & Tibshirani (1993), An introduction to the bootstrap, section 6.2 and chapter 8 (two
    samples).
    """
    values = np.asarray(values)
    counts = level_counts(values[:, None] if values.ndim == 1 else values, first)
    base = counts.levels[np.argmax(counts.a + counts.b > 0, axis=1)]
    # Counted from a level that occurs: a constant column then has sums of exactly zero.
    levels = counts.levels - base[:, None]
    observed = [_sums(table, levels) for table in (counts.a, counts.b)]
    drawn = [_draw_sums(table, levels, n_replicates, generator) for table in (counts.a, counts.b)]
    estimates, replicates = (_estimates(base, groups) for groups in (observed, drawn))
    left_out = _leave_one_out(counts, levels, base, observed)
    notes, sizes = item_notes(observed, estimates), rounding_sizes(observed)
    return {
        name: Resampled(
            estimate=estimates[name],
            replicates=np.broadcast_to(replicates[name], (n_replicates, len(base))),
            acceleration=jackknife_acceleration(
                *((one[name], n) for one, n in left_out), size=sizes.get(name, 0.0)
            ),
            note=notes[name],
        )
        for name in estimates
    }


def _estimates(base: np.ndarray, groups: list[Group]) -> dict[str, np.ndarray]:
    (mean_a, variance_a), (mean_b, variance_b) = (group_estimates(base, one) for one in groups)
    means = {"mean_a": mean_a, "mean_b": mean_b}
    variances = {"variance_a": variance_a, "variance_b": variance_b}
    return means | variances | difference_estimates(*groups)


def rounding_sizes(groups: list[Group]) -> dict[str, np.ndarray | float]:
    """Size of the numbers an estimate was formed from, where it may itself be near zero."""
    means = [np.abs(x / np.maximum(n, 1)) for n, x, _ in groups]
    alphas = dict.fromkeys(("alpha_a", "alpha_b", "alpha_all"), 1.0)
    return {"mean_difference": means[0] + means[1], "hedges_g": 1.0, **alphas}


def item_notes(groups: list[Group], estimates: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Why an estimate or its interval is missing, per estimate and column."""
    (n_a, _, _), (n_b, _, _) = groups
    needed = {
        "mean_a": n_a,
        "mean_b": n_b,
        "variance_a": n_a,
        "variance_b": n_b,
        "mean_difference": np.minimum(n_a, n_b),
        "hedges_g": np.minimum(n_a, n_b),
    }
    return {
        name: np.where(
            np.broadcast_to(needed[name], estimate.shape) < 2,
            TOO_FEW_ANSWERS,
            np.where(np.isnan(estimate), NO_VARIATION, ""),
        )
        for name, estimate in estimates.items()
    }


def _sums(counts: np.ndarray, levels: np.ndarray) -> Group:
    """Return n, sum and sum of squares per column."""
    return counts.sum(axis=1), (counts * levels).sum(axis=1), (counts * levels**2).sum(axis=1)


def _draw_sums(
    counts: np.ndarray, levels: np.ndarray, n_replicates: int, generator: np.random.Generator
) -> Group:
    """Return n per column, and sum and sum of squares per resample and column.

    The multinomial level by level: of those not yet placed, a binomial share has this answer.
    Shares are formed from whole counts, so that the last answer that occurs takes exactly all
    that are left and an answer that does not occur takes none.
    """
    n_columns = len(counts)
    unplaced = np.cumsum(counts[:, ::-1], axis=1)[:, ::-1]
    share = np.where(counts > 0, counts / np.maximum(unplaced, 1), 0.0)
    x, squares = (np.zeros((n_replicates, n_columns)) for _ in range(2))
    rows = max(1, BLOCK // max(n_columns, 1))
    for start in range(0, n_replicates, rows):
        block = slice(start, min(start + rows, n_replicates))
        shape = (block.stop - block.start, n_columns)
        left = np.broadcast_to(unplaced[:, 0].astype(np.int64), shape).copy()
        for j in np.flatnonzero((counts > 0).any(axis=0)):
            drawn = left if np.all(share[:, j] == 1) else generator.binomial(left, share[:, j])
            x[block] += drawn * levels[:, j]
            squares[block] += drawn * levels[:, j] ** 2
            left = left - drawn
    return unplaced[:, 0], x, squares


def _leave_one_out(
    counts: LevelCounts, levels: np.ndarray, base: np.ndarray, observed: list[Group]
) -> list[tuple[dict[str, np.ndarray], np.ndarray]]:
    """Return, per group, the estimates without one of its people, and how many are alike.

    Everybody with the same answer leaves the same value behind: one row a level.
    """
    found = []
    for place, table in enumerate((counts.a, counts.b)):
        n, x, squares = observed[place]
        without = list(observed)
        without[place] = (n - 1, x - levels.T, squares - levels.T**2)
        found.append((_estimates(base, without), table.T))
    return [
        ({name: np.broadcast_to(v, table.shape) for name, v in one.items()}, table)
        for one, table in found
    ]
