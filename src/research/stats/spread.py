"""How answers and differences vary between organisations, by moments: what a plan is made from."""

import numpy as np
import pandas as pd

from research.stats.cells import sum_cells
from research.stats.estimates import (
    NO_VARIATION,
    TOO_FEW_ANSWERS,
    TOO_FEW_CLUSTERS,
    as_columns,
    unresolvable,
)


def anova_icc(values: np.ndarray, cluster: np.ndarray) -> pd.DataFrame:
    """Share of the variance that lies between clusters, per column: ICC(1) from one-way ANOVA.

    One row a column of ``values``; missing answers are left out. Unequal clusters enter by
    n0 = (N - sum n^2 / N) / (k - 1). May be negative: clusters more alike than chance. The same
    answer everywhere gives NaN with a note, and so do fewer than two clusters or one person in
    each.

    R's ``multilevel::ICC1`` takes the mean size instead of n0; a mixed model by REML differs
    where sizes do.

    References
    ----------
    Donner (1986), Int. Stat. Rev. 54, 67-82, the analysis-of-variance estimator.
    """
    values = as_columns(values)
    cells = sum_cells(values, np.ones(len(values), dtype=bool), cluster)
    n, mean, within = cells.n[0], np.nan_to_num(cells.mean[0]), cells.squares[0].sum(axis=0)
    total, k = n.sum(axis=0), (n > 0).sum(axis=0)
    grand = _divided((n * mean).sum(axis=0), total)
    between = (n * (mean - grand) ** 2).sum(axis=0)
    ms_between, ms_within = _divided(between, k - 1), _divided(within, total - k)
    n0 = _divided(total - _divided((n**2).sum(axis=0), total), k - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = (ms_between - ms_within) / (ms_between + (n0 - 1) * ms_within)
    flat = unresolvable(np.sqrt(_divided(between + within, total)), grand)
    note = np.select(
        [k < 2, total <= k, flat], [TOO_FEW_CLUSTERS, TOO_FEW_ANSWERS, NO_VARIATION], ""
    )
    return pd.DataFrame(
        {
            "estimate": np.where(note == "", found, np.nan),
            "n_a": total.astype(int),
            "n_clusters": k,
            "n_dropped": len(values) - total.astype(int),
            "note": note,
        }
    )


def gap_variance(values: np.ndarray, first: np.ndarray, cluster: np.ndarray) -> pd.DataFrame:
    """Variance over clusters of the true difference a - b, per column, by the method of moments.

    The variance of the clusters' differences minus the mean of what sampling people adds to
    them, at least zero; ``within_variance`` is the variance of answers within a cluster and
    group, pooled. One row a column of ``values``, in squared units; missing answers are left
    out. Clusters with one group only help to know the variance within. Notes as in
    ``anova_icc``. Agrees with ``metafor::rma(method = "HE")``.

    References
    ----------
    Hedges & Olkin (1985), Statistical Methods for Meta-Analysis, chapter 9.
    """
    values = as_columns(values)
    cells = sum_cells(values, first, cluster)
    (n_a, n_b), filled = cells.n, (cells.n > 0).sum(axis=(0, 1))
    both = (cells.n > 0).all(axis=0)
    k, people = both.sum(axis=0), cells.n.sum(axis=(0, 1))
    within = _divided(cells.squares.sum(axis=(0, 1)), people - filled)
    gaps = np.where(both, cells.mean[0] - cells.mean[1], 0.0)
    centre = _divided(gaps.sum(axis=0), k)
    spread = _divided(np.where(both, (gaps - centre) ** 2, 0.0).sum(axis=0), k - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        per_person = _divided(np.where(both, 1 / n_a + 1 / n_b, 0.0).sum(axis=0), k)
    size = np.nanmax(np.abs(np.where(np.isnan(values), 0.0, values)), axis=0, initial=0.0)
    flat = unresolvable(np.sqrt(within + spread), size)
    note = np.select(
        [k < 2, people <= filled, flat], [TOO_FEW_CLUSTERS, TOO_FEW_ANSWERS, NO_VARIATION], ""
    )
    found = np.maximum(spread - within * per_person, 0.0)
    there = note == ""
    return pd.DataFrame(
        {
            "estimate": np.where(there, found, np.nan),
            "within_variance": np.where(there, within, np.nan),
            "n_a": n_a.sum(axis=0).astype(int),
            "n_b": n_b.sum(axis=0).astype(int),
            "n_clusters": k,
            "n_dropped": len(values) - people.astype(int),
            "note": note,
        }
    )


def _divided(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Return a ratio per column; NaN where there is nothing to divide by."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.asarray(below) > 0, above / np.where(below == 0, np.nan, below), np.nan)
