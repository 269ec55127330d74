"""What a study of this size can show."""

import numpy as np
from scipy import special

from research.stats.estimates import t_critical
from research.stats.noncentral import solve_monotone


def detectable_difference(
    standard_error: np.ndarray,
    df: np.ndarray,
    *,
    confidence_level: float = 0.95,
    power: float = 0.8,
) -> np.ndarray:
    """Smallest true difference a two-sided t-test finds with probability ``power``.

    In the unit of the standard error, which is taken as known; exact noncentral t, both tails.
    One value per standard error; NaN in, NaN out.
    """
    standard_error, df = (np.asarray(x, dtype=float) for x in (standard_error, df))
    limit = t_critical(df, confidence_level)

    def shortfall(noncentrality: np.ndarray) -> np.ndarray:
        return special.ndtri(power_of_t(noncentrality, df, limit)) - special.ndtri(power)

    start = limit + special.ndtri(power)
    return solve_monotone(shortfall, start, slope=np.ones_like(start)) * standard_error


def power_of_t(noncentrality: np.ndarray, df: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Chance that |t| exceeds ``limit`` when the true difference is ``noncentrality`` errors."""
    # Reflected, so that both are lower tails: nctdtr keeps its digits there.
    above = special.nctdtr(df, -noncentrality, -limit)
    below = special.nctdtr(df, noncentrality, -limit)
    # Six errors away the wrong tail is below 1e-8 and nctdtr loses it (NaN).
    return above + np.where(np.isnan(below) & (noncentrality > 6), 0.0, below)
