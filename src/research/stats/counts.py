"""Answers as counts: people per column, answer level and group.

Survey answers are small whole numbers, so a 2 x levels table per column is sufficient for means,
variances, ranks and permutation: what follows costs the same for three hundred people and for a
million. Only the counting itself grows with n.
"""

from dataclasses import dataclass

import numpy as np

from research.stats.groups import cluster_codes

# Whole numbers this far apart are counted directly; anything else is sorted into its levels.
WIDEST_SCALE = 1000
# Answers counted at a time: the working copies of a block stay in the processor's cache.
BLOCK = 65_536


@dataclass(frozen=True, kw_only=True)
class LevelCounts:
    """People per column and answer level: ``a`` and ``b`` are columns x levels, levels ascend.

    ``n_rows`` is the number of rows counted, missing answers included.
    """

    levels: np.ndarray
    a: np.ndarray
    b: np.ndarray
    n_rows: int | np.ndarray

    def moments(self, counts: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return n, mean and variance (n - 1) per column of one group; NaN where not defined."""
        n = counts.sum(axis=1)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = counts @ self.levels / n
            deviations = self.levels - mean[:, None]
            variance = (counts * deviations**2).sum(axis=1) / (n - 1)
        return n, mean, np.where(n > 1, variance, np.nan)


def whole_counts(values: np.ndarray, first: np.ndarray) -> LevelCounts | None:
    """Counts as by ``level_counts`` when all answers are whole numbers of one scale, else None."""
    values = np.asarray(values)
    span = _whole_span(values)
    groups = np.asarray(first, dtype=bool).astype(np.intp)
    return None if span is None else _level_counts(values, _count_whole(values, groups, 2, span))


def level_counts(values: np.ndarray, first: np.ndarray) -> LevelCounts:
    """Counts per column of ``values`` and answer level, for group a (``first``) and group b.

    ``values`` is one row a respondent, one column an item; NaN is left out. Levels are all
    values that occur between the lowest and the highest: for whole numbers every number between.
    """
    return _level_counts(values, _counted(values, np.asarray(first, dtype=bool).astype(np.intp), 2))


def level_counts_by_cluster(
    values: np.ndarray, first: np.ndarray, cluster: np.ndarray
) -> tuple[np.ndarray, LevelCounts]:
    """Cluster labels, and counts with one row per cluster and column (cluster by cluster)."""
    labels, codes = cluster_codes(cluster)
    groups = codes * 2 + np.asarray(first, dtype=bool)
    counted = _level_counts(values, _counted(values, groups, 2 * len(labels)))
    n_rows = np.repeat(np.bincount(codes, minlength=len(labels)), np.shape(values)[1])
    return labels, LevelCounts(levels=counted.levels, a=counted.a, b=counted.b, n_rows=n_rows)


Counted = tuple[np.ndarray, np.ndarray]  # groups x columns x levels, and the levels


def _level_counts(values: np.ndarray, counted: Counted) -> LevelCounts:
    """Return group 2 j as b of cluster j, group 2 j + 1 as its a."""
    table, levels = counted
    b, a = (table[place::2].reshape(-1, len(levels)).astype(float) for place in (0, 1))
    return LevelCounts(levels=levels, a=a, b=b, n_rows=len(values))


def _counted(values: np.ndarray, groups: np.ndarray, n_groups: int) -> Counted:
    values = np.asarray(values)
    span = _whole_span(values)
    if span is None:
        return _count_sorted(values.astype(float), groups, n_groups)
    return _count_whole(values, groups, n_groups, span)


def _whole_span(values: np.ndarray) -> tuple[int, int] | None:
    """Return the lowest and the highest answer when all are whole numbers of one short scale."""
    if values.size == 0:
        return (0, 0)
    low, high = np.nan, np.nan
    rows = max(1, BLOCK // max(values.shape[1], 1))
    for start in range(0, len(values), rows):
        block = values[start : start + rows]
        low = np.fmin(low, np.fmin.reduce(block, axis=None))
        high = np.fmax(high, np.fmax.reduce(block, axis=None))
        if high - low > WIDEST_SCALE:
            return None
        whole = np.rint(block) == block
        if not whole.all() and not (whole | np.isnan(block)).all():
            return None
    if np.isnan(low):
        return (0, 0)
    return (int(low), int(high)) if np.isfinite(high - low) else None


def _count_whole(
    values: np.ndarray, groups: np.ndarray, n_groups: int, span: tuple[int, int]
) -> Counted:
    low, high = span
    n_columns, n_cells = values.shape[1], high - low + 2  # the last cell takes the missing
    counts = np.zeros(n_groups * n_columns * n_cells, dtype=np.intp)
    column_start = np.arange(n_columns) * n_cells
    # With many groups adding up the cells would cost more than counting: then longer blocks.
    rows = max(1, max(BLOCK, 4 * len(counts)) // max(n_columns, 1))
    for start in range(0, len(values), rows):
        block = values[start : start + rows]
        if values.dtype.kind == "f" and (missing := np.isnan(block)).any():
            block = np.where(missing, high + 1, block)
        cells = block.astype(np.intp)
        cells += groups[start : start + rows, None] * (n_columns * n_cells) - low + column_start
        counts += np.bincount(cells.ravel(), minlength=len(counts))
    table = counts.reshape(n_groups, n_columns, n_cells)[..., :-1]
    return table, np.arange(low, high + 1, dtype=float)


def _count_sorted(values: np.ndarray, groups: np.ndarray, n_groups: int) -> Counted:
    there = ~np.isnan(values)
    levels, codes = np.unique(values[there], return_inverse=True)
    rows, columns = np.nonzero(there)
    cells = (groups[rows] * values.shape[1] + columns) * len(levels) + codes
    counts = np.bincount(cells, minlength=n_groups * values.shape[1] * len(levels))
    return counts.reshape(n_groups, values.shape[1], len(levels)), levels
