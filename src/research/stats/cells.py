"""Answers summed up per organisation and role: what the nested models need of the data.

Everything that follows (gaps, pooling, the mixed model) works on these sums, so its cost depends
on the number of organisations and not on the number of people.
"""

from dataclasses import dataclass

import numpy as np

from research.stats.estimates import as_columns
from research.stats.groups import cluster_codes, sum_by


@dataclass(frozen=True, kw_only=True)
class Cells:
    """Per role (a, b), cluster and column: n, mean and sum of squares about that mean.

    Each array is 2 x clusters x columns; a cell without answers has n 0, mean NaN, squares 0.
    ``asked`` is the number of people per role and cluster, whether they answered or not.
    """

    clusters: np.ndarray
    asked: np.ndarray
    n: np.ndarray
    mean: np.ndarray
    squares: np.ndarray


def sum_cells(values: np.ndarray, first: np.ndarray, cluster: np.ndarray) -> Cells:
    """Cells of ``values`` by role and cluster, in two passes; missing answers are left out.

    Squares that are rounding noise beside the mean are zero: a constant does not vary.
    """
    values, first = as_columns(values), np.asarray(first, dtype=bool)
    labels, codes = cluster_codes(cluster)
    n_clusters = len(labels)
    cell = codes + np.where(first, 0, n_clusters)
    there = ~np.isnan(values)
    filled = np.where(there, values, 0.0)
    n = sum_by(cell, there.astype(float), 2 * n_clusters)
    divisor = np.where(n > 0, n, np.nan)
    mean = sum_by(cell, filled, 2 * n_clusters) / divisor
    residual = np.where(there, values - mean[cell], 0.0)
    left = np.where(n > 0, sum_by(cell, residual, 2 * n_clusters), np.nan)
    # Second term: rounding of the mean.
    squares = sum_by(cell, residual**2, 2 * n_clusters) - left**2 / divisor
    noise = n * (10 * np.finfo(float).eps * mean) ** 2
    shape = (2, n_clusters, values.shape[1])
    return Cells(
        clusters=labels,
        asked=np.bincount(cell, minlength=2 * n_clusters).reshape(2, n_clusters),
        n=n.reshape(shape),
        mean=(mean + left / divisor).reshape(shape),
        squares=np.where(squares > noise, squares, 0.0).reshape(shape),
    )
