"""The bivariate normal distribution with unit variances: cdf, density and cells of a grid."""

import numpy as np
from scipy import special

# Beyond twenty standard deviations nothing is left (3e-89), and squares stay finite.
FAR = 20.0
STEEP = 0.925  # from here on the integrand over the angle is too steep for twenty points
AT_ONCE = 4096  # probabilities; twenty points each, so that they stay in the cache
NODES, WEIGHTS = np.polynomial.legendre.leggauss(20)
NODES = NODES[:, None]
TWO_PI = 2 * np.pi


def bivariate_normal_cdf(x: np.ndarray, y: np.ndarray, correlation: np.ndarray) -> np.ndarray:
    """P(X <= x, Y <= y) of a standard bivariate normal; arrays are broadcast.

    Plackett's integral over the correlation by twenty Gauss-Legendre points; from |r| = 0.925 on
    Genz's expansion about |r| = 1. Absolute error below 1e-15. Infinite limits are allowed; a
    correlation outside [-1, 1] gives NaN.

    References
    ----------
    Drezner & Wesolowsky (1990), J. Stat. Comput. Simul. 35, 101-107; Genz (2004), Stat. Comput.
    14, 251-260, eqs 3 and 6.
    """
    x, y, correlation = np.broadcast_arrays(*(np.asarray(a, float) for a in (x, y, correlation)))
    # Genz's formulas are those of the upper tail.
    h, k = (np.clip(-a, -FAR, FAR).ravel() for a in (x, y))
    r = np.where(np.abs(correlation) <= 1, correlation, np.nan).ravel()
    steep = np.abs(r) >= STEEP
    result = np.empty(r.shape)
    for chosen, tail in ((~steep, _upper_tail_flat), (steep, _upper_tail_steep)):
        places = np.flatnonzero(chosen)
        for start in range(0, len(places), AT_ONCE):
            part = places[start : start + AT_ONCE]
            result[part] = tail(h[part], k[part], r[part])
    return np.clip(result, 0.0, 1.0).reshape(x.shape)


def bivariate_normal_density(x: np.ndarray, y: np.ndarray, correlation: np.ndarray) -> np.ndarray:
    """Density of a standard bivariate normal: also the derivative of the cdf to the correlation.

    |correlation| < 1; infinite limits give 0.
    """
    x, y = (np.clip(a, -FAR, FAR) for a in (x, y))
    rest = 1 - np.square(correlation)
    distance = (x**2 - 2 * correlation * x * y + y**2) / rest
    return np.exp(-distance / 2) / (TWO_PI * np.sqrt(rest))


def density_slope(x: np.ndarray, y: np.ndarray, correlation: np.ndarray) -> np.ndarray:
    """Derivative of the logarithm of the density to the correlation."""
    x, y = (np.clip(a, -FAR, FAR) for a in (x, y))
    rest = 1 - np.square(correlation)
    distance = x**2 - 2 * correlation * x * y + y**2
    return (x * y + correlation) / rest - correlation * distance / rest**2


def _upper_tail_flat(h: np.ndarray, k: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Return P(X > h, Y > k) for |r| < 0.925 (Genz eq. 3)."""
    half_angle = np.arcsin(r) / 2
    product, squares = h * k, (h**2 + k**2) / 2
    sine = np.sin(half_angle * (1 + NODES))
    total = WEIGHTS @ np.exp((sine * product - squares) / (1 - sine**2))
    return total * half_angle / TWO_PI + special.ndtr(-h) * special.ndtr(-k)


def _upper_tail_steep(h: np.ndarray, k: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Return P(X > h, Y > k) for |r| >= 0.925 (Genz eq. 6)."""
    negative = r < 0
    k = np.where(negative, -k, k)
    correction = _below_perfect(h, k, np.abs(r))
    above = special.ndtr(-np.maximum(h, k)) - correction
    # The difference of two probabilities is taken in the tail where both are small.
    between = np.where(
        h < 0, special.ndtr(k) - special.ndtr(h), special.ndtr(-h) - special.ndtr(-k)
    )
    below = correction + np.where(k > h, between, 0.0)
    return np.where(negative, below, above)


def _below_perfect(h: np.ndarray, k: np.ndarray, r: np.ndarray) -> np.ndarray:
    """Return what P(X > h, Y > k) lacks at correlation r from its value at 1."""
    square_rest = (1 - r) * (1 + r)
    rest = np.sqrt(square_rest)
    apart, product = (h - k) ** 2, h * k
    c, d = (4 - product) / 8, (12 - product) / 16
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = np.where(rest > 0, -(apart / square_rest + product) / 2, -np.inf)
        ratio = np.where(rest > 0, np.sqrt(apart) / rest, np.inf)
    series = 1 - c * (apart - square_rest) * (1 - d * apart / 5) / 3 + c * d * square_rest**2 / 5
    total = np.where(exponent > -100, rest * np.exp(np.minimum(exponent, 100)) * series, 0.0)
    tail = np.exp(np.minimum(-product / 2, 50)) * np.sqrt(TWO_PI) * special.ndtr(-ratio)
    tail *= np.sqrt(apart) * (1 - c * apart * (1 - d * apart / 5) / 3)
    total -= np.where((product > -100) & (rest > 0), tail, 0.0)
    square = (rest / 2 * (1 + NODES)) ** 2
    root = np.sqrt(1 - square)
    with np.errstate(divide="ignore", invalid="ignore"):
        exponent = np.where(square > 0, -(apart / square + product) / 2, -np.inf)
    exact = np.exp(-product * square / (2 * (1 + root) ** 2)) / root
    step = np.exp(np.clip(exponent, -100, 100)) * (exact - (1 + c * square * (1 + d * square)))
    total += rest / 2 * (WEIGHTS @ np.where(exponent > -100, step, 0.0))
    return total / TWO_PI


def cells(corners: np.ndarray) -> np.ndarray:
    """What falls between adjacent limits, from values at the corners (last two axes)."""
    return np.diff(np.diff(corners, axis=-1), axis=-2)
