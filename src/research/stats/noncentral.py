"""Solving the noncentral t distribution for its noncentrality."""

from collections.abc import Callable

import numpy as np
from scipy import special

MAX_STEPS = 60
LAST_STEP = 1e-8


def noncentrality_limits(
    statistic: np.ndarray, df: np.ndarray, *, confidence_level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the noncentralities at which ``statistic`` lies at the upper and the lower tail.

    NaN where statistic or df is NaN or the tail cannot be reached.
    """
    tail = (1 - confidence_level) / 2
    spread = np.sqrt(1 + statistic**2 / (2 * df))
    width = -special.ndtri(tail) * spread

    # Johnson & Welch (1940), Biometrika 31, eq. 5: the noncentral t is nearly normal around this.
    centre = statistic * (1 - 1 / (4 * df))
    statistic, df, spread = (
        np.broadcast_to(x, (2, *np.shape(centre))) for x in (statistic, df, spread)
    )
    targets = special.ndtri([1 - tail, tail]).reshape(2, *[1] * np.ndim(centre))

    def excess(noncentrality: np.ndarray) -> np.ndarray:
        # On the probit scale the distribution function is nearly linear in the noncentrality.
        return special.ndtri(special.nctdtr(df, noncentrality, statistic)) - targets

    start = np.stack([centre - width, centre + width])
    low, high = solve_monotone(excess, start, slope=-1 / spread)
    return low, high


def solve_monotone(
    function: Callable[[np.ndarray], np.ndarray], start: np.ndarray, *, slope: np.ndarray
) -> np.ndarray:
    """Roots of a vectorised monotone function: secant from a good start, else bisection.

    ``slope`` is the slope to begin with; its sign is that of the function throughout. Where no
    root is found the answer is NaN, never the last guess.
    """
    slope = np.broadcast_to(slope, np.shape(start)).astype(float)
    with np.errstate(all="ignore"):
        root = _secant(function, start, slope)
        if np.array_equal(np.isnan(root), np.isnan(start)):
            return root
        return np.where(np.isnan(root), _bisection(function, start, np.sign(slope)), root)


def _secant(
    function: Callable[[np.ndarray], np.ndarray], start: np.ndarray, slope: np.ndarray
) -> np.ndarray:
    there = ~np.isnan(start)
    x = np.where(there, start, 0.0)
    y, step = function(x), np.full(x.shape, np.inf)
    for _ in range(MAX_STEPS):
        step = np.where(y == 0, 0.0, -y / slope)
        following = x + step
        if np.all(~there | (np.abs(step) <= LAST_STEP * np.maximum(1.0, np.abs(x)))):
            # The error after a secant step is far below the square of the step before it.
            x = following
            break
        value = function(following)
        moved = (value - y) / np.where(step == 0, np.nan, step)
        slope = np.where(np.sign(moved) == np.sign(slope), moved, slope)
        x, y = following, value
    settled = (np.abs(step) <= LAST_STEP * np.maximum(1.0, np.abs(x))) & (np.abs(y) < 1e-7)
    return np.where(there & settled, x, np.nan)


def _bisection(
    function: Callable[[np.ndarray], np.ndarray], start: np.ndarray, sign: np.ndarray
) -> np.ndarray:
    """Return roots from a bracket widened in doubling steps around the start.

    Far in a tail the probit of the distribution function is infinite; its sign still leads home.
    """
    width = np.ones(np.shape(start))
    low, high = start - width, start + width
    for _ in range(MAX_STEPS):
        wide_low, wide_high = sign * function(low) > 0, sign * function(high) < 0
        if not (wide_low | wide_high).any():
            break
        width = width * 2
        low, high = np.where(wide_low, low - width, low), np.where(wide_high, high + width, high)
    for _ in range(4 * MAX_STEPS):
        middle = (low + high) / 2
        above = sign * function(middle) > 0
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    root = (low + high) / 2
    return np.where(np.abs(function(root)) < 1e-7, root, np.nan)
