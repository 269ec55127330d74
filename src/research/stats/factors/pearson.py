"""Pearson correlations of items some of which were not answered."""

from typing import NamedTuple

import numpy as np

from research.stats.estimates import as_columns, unresolvable


class PairwiseCorrelations(NamedTuple):
    """Correlations of every two items over the people who answered both."""

    correlations: np.ndarray  # NaN where an item does not vary
    n: np.ndarray  # people who answered both

    @property
    def people(self) -> float:
        """Number of people the matrix stands for: harmonic mean over the pairs of items."""
        pairs = self.n[np.tril_indices(len(self.n), -1)]
        return float(len(pairs) / (1 / np.maximum(pairs, 1)).sum()) if len(pairs) else 0.0


def pearson(items: np.ndarray) -> PairwiseCorrelations:
    """Correlations between items, each over the people who answered both of the two.

    ``items`` is one row a respondent, one column an item; NaN is a missing answer. An item that
    does not vary among these people, or fewer than two of them, gives NaN. Same as R's
    ``cor(use = "pairwise")``.
    """
    items = as_columns(items)
    there = ~np.isnan(items)
    present = there.astype(float)
    count = np.maximum(present.sum(axis=0), 1)
    mean = np.where(there, items, 0.0).sum(axis=0) / count
    deviation = np.where(there, items - mean, 0.0)
    spread = np.sqrt((deviation**2).sum(axis=0) / count)
    constant = unresolvable(spread, mean)
    z = deviation / np.where(constant, 1.0, spread)
    n = present.T @ present
    pairs = np.maximum(n, 1)
    total = z.T @ present  # of the row's item over the people who answered the column's
    squares = (z**2).T @ present - total**2 / pairs
    products = z.T @ z - total * total.T / pairs
    varies = (squares > 1e-12 * pairs) & ~constant[:, None] & (n > 1)
    both = varies & varies.T
    scale = np.sqrt(np.where(both, squares * squares.T, 1.0))
    correlations = np.where(both, np.clip(products / scale, -1, 1), np.nan)
    np.fill_diagonal(correlations, np.where(np.diag(both), 1.0, np.nan))
    return PairwiseCorrelations(correlations, n.astype(int))
