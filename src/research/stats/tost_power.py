"""The chance that two one-sided t-tests both reject, exactly."""

import numpy as np
from scipy import special

PANELS, NODES = 24, 32
# Beyond these quantiles the spread of the standard error holds no chance a double can show.
TAIL = 1e-18


def chance_within_margin(
    noncentrality: np.ndarray, margin: np.ndarray, df: np.ndarray, limit: np.ndarray
) -> np.ndarray:
    """Chance that an estimate and ``limit`` times its standard error lie within the margin.

    ``noncentrality`` and ``margin`` are the true difference and the margin in true standard
    errors. The estimated error is s = sqrt(chi2 / df) true errors; given s, the estimate must lie
    between -(margin - limit s) and margin - limit s, and s at most margin / limit. Integrated
    over s by Gauss-Legendre in panels. Equals Owen's Q(-limit, d2; 0, R) - Q(limit, d1; 0, R) of
    Phillips (1990), J. Pharmacokinet. Biopharm. 18. One value per element; NaN in, NaN out.
    """
    d, m, df, limit = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(x, dtype=float)) for x in (noncentrality, margin, df, limit))
    )
    with np.errstate(all="ignore"):
        low = np.sqrt(2 * special.gammaincinv(df / 2, TAIL) / df)
        high = np.sqrt(2 * special.gammainccinv(df / 2, TAIL) / df)
        high = np.minimum(high, m / limit)
        width = np.maximum(high - low, 0.0)
        points, weights = _rule()
        s = low[:, None] + width[:, None] * points
        room = np.maximum(m[:, None] - limit[:, None] * s, 0.0)
        inside = special.ndtr(room - d[:, None]) - special.ndtr(-room - d[:, None])
        found = width * np.sum(weights * inside * _density(s, df[:, None]), axis=1)
    return np.where(np.isnan(d + m + df + limit), np.nan, np.clip(found, 0.0, 1.0))


def _rule() -> tuple[np.ndarray, np.ndarray]:
    """Points and weights on 0 to 1: a Gauss-Legendre rule in each of equal panels."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    starts = np.arange(PANELS)[:, None] / PANELS
    points = starts + (nodes + 1) / (2 * PANELS)
    return points.ravel(), np.tile(weights / (2 * PANELS), PANELS)


def _density(s: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Density of sqrt(chi2 / df) on ``df`` degrees of freedom."""
    half = df / 2
    # ln G(h) against h ln h - h: each loses digits at large df, their difference does not.
    constant = np.log(2.0) - _log_gamma_excess(half) + 0.5 * np.log(half / (2 * np.pi))
    # h (1 - s^2 + ln s^2), small where the density is large.
    exponent = half * (1 - s**2 + 2 * np.log(s)) - np.log(s)
    return np.exp(constant + exponent)


def _log_gamma_excess(half: np.ndarray) -> np.ndarray:
    """Return ln G(h) minus Stirling's h ln h - h + ln(2 pi / h) / 2."""
    series = 1 / (12 * half) - 1 / (360 * half**3) + 1 / (1260 * half**5)
    direct = special.gammaln(half) - half * np.log(half) + half - 0.5 * np.log(2 * np.pi / half)
    return np.where(half > 100, series, direct)
