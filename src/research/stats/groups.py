"""Labels of clusters as numbers, and sums within them."""

import numpy as np
import pandas as pd


def cluster_codes(cluster: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Labels in the order of their text, and per person the place of its label among them.

    Labels that read the same are the same cluster: 7 and "7" are one organisation.
    """
    places, found = pd.factorize(np.asarray(cluster), use_na_sentinel=False)
    labels, codes = np.unique(np.asarray(found).astype(str), return_inverse=True)
    return labels, codes[places]


def sum_by(codes: np.ndarray, rows: np.ndarray, n_codes: int) -> np.ndarray:
    """Column sums of ``rows`` within each code: n_codes x columns, in one pass."""
    sums = np.zeros((n_codes, rows.shape[1]))
    if len(codes) == 0:
        return sums
    order = np.argsort(codes, kind="stable")
    present, starts = np.unique(codes[order], return_index=True)
    sums[present] = np.add.reduceat(rows[order], starts, axis=0)
    return sums
