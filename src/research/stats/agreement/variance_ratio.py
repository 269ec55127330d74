"""Intraclass correlations from two mean squares, with their F-based intervals."""

import numpy as np
from scipy import special

# Reason code beside those of ``stats.estimates``: perfect agreement or an exact relation leaves
# no error to base an interval or a test on.
NO_RESIDUAL_VARIATION = "no_residual_variation"

Limits = tuple[np.ndarray, np.ndarray]


def f_limits(
    ratio: np.ndarray, df: np.ndarray, df_error: np.ndarray, confidence_level: float
) -> Limits:
    """Two-sided limits of the ratio of expected mean squares, from the observed F ratio."""
    upper_tail = 0.5 + confidence_level / 2
    low = ratio / special.fdtri(df, df_error, upper_tail)
    high = ratio * special.fdtri(df_error, df, upper_tail)
    return low, high


def single(ratio: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Reliability of one judgement, from a ratio of mean squares and ``size`` judgements each."""
    return (ratio - 1) / (ratio + size - 1)


def average(ratio: np.ndarray) -> np.ndarray:
    """Reliability of the mean of the judgements, from a ratio of mean squares."""
    return 1 - 1 / ratio


def negligible(mean_square: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Where a mean square is rounding noise beside answers of this ``size``."""
    noise = 10 * np.finfo(float).eps * np.maximum(np.abs(size), np.finfo(float).tiny)
    return np.sqrt(mean_square) <= noise
