"""Shares of people, with intervals."""

import numpy as np
from scipy import special


def wilson_interval(
    successes: np.ndarray, n: np.ndarray, *, confidence_level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Wilson score interval of a share; low and high, between 0 and 1.

    Without continuity correction, as ``prop.test(correct = FALSE)`` in R. NaN where n is 0.

    References
    ----------
    Wilson (1927), J. Am. Stat. Assoc. 22, 209-212.
    """
    successes, n = np.asarray(successes, dtype=float), np.asarray(n, dtype=float)
    z = special.ndtri(0.5 + confidence_level / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = successes / n
        centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
        low = np.where(successes == 0, 0.0, np.maximum(centre - half, 0.0))
        high = np.where(successes == n, 1.0, np.minimum(centre + half, 1.0))
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)
