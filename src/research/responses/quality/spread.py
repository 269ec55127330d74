"""How much a person's answers differ among themselves."""

import numpy as np


def intra_individual_variability(answers: np.ndarray) -> np.ndarray:
    """Standard deviation (n - 1) of each row's answers, in scale points.

    Missing answers are left out; NaN for fewer than two answers, exactly 0 for equal ones. Equal
    to ``careless::irv(na.rm = TRUE)``.

    References
    ----------
    Dunn, Heggestad, Shanock & Theilgard (2018), Journal of Business and Psychology 33, 105-121.
    """
    given = ~np.isnan(answers)
    n = given.sum(axis=1)
    mean = np.where(given, answers, 0.0).sum(axis=1) / np.maximum(n, 1)
    squares = (np.where(given, answers - mean[:, None], 0.0) ** 2).sum(axis=1)
    variance = squares / np.where(n > 1, n - 1, np.nan)
    # A row of equal answers has exactly no spread, whatever the rounding of its mean.
    low = np.where(given, answers, np.inf).min(axis=1)
    high = np.where(given, answers, -np.inf).max(axis=1)
    return np.where((low == high) & (n > 1), 0.0, np.sqrt(variance))
