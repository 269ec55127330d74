"""What matters much and goes badly? Items by importance and performance."""

from typing import Literal, get_args

import numpy as np
import pandas as pd

from research.errors import require_choice
from research.stats.estimates import NO_VARIATION, TOO_FEW_ANSWERS

Quadrant = Literal["concentrate_here", "keep_up", "low_priority", "possible_overkill"]
QUADRANTS: tuple[str, ...] = get_args(Quadrant)
ON_THE_LINE = "on_the_line"
Lines = Literal["grand_mean", "midpoint"]
LINES: tuple[str, ...] = get_args(Lines)


def importance_performance(
    importance: np.ndarray,
    performance: np.ndarray,
    *,
    lines: Lines = "grand_mean",
    midpoint: float = np.nan,
    importance_replicates: np.ndarray | None = None,
    performance_replicates: np.ndarray | None = None,
) -> pd.DataFrame:
    """Quadrant of every item, and how surely it lies there; one row an item.

    ``importance`` and ``performance`` are one mean per item. The lines between high and low are
    their means over the items that have both (``grand_mean``; in every replicate its own), or
    ``midpoint`` of the scale. Quadrants: ``concentrate_here`` important and below the line on
    performance, ``keep_up`` important and above, ``low_priority`` neither, ``possible_overkill``
    unimportant and above; ``on_the_line`` when a value equals its line.

    The replicates (one row a draw, one column an item) give ``share_<quadrant>``: the share of
    draws in which the item lies there. A value on its line counts half to either side. Draws in
    which the item is missing are left out; ``n_replicates`` counts the others. Where the grand
    mean is the line and a profile has no differences, everything is on it: note
    ``no_variation`` and no quadrant; a missing item: ``too_few_answers``.

    Grand means place about half of the items low, however good everything is.

    References
    ----------
    Martilla & James (1977), J. Mark. 41(1), 77-79.
    """
    require_choice("lines", lines, LINES)
    if lines == "midpoint" and np.isnan(midpoint):
        raise ValueError("lines='midpoint' needs the midpoint of the scale, such as midpoint=3")
    point = [np.atleast_2d(np.asarray(x, dtype=float)) for x in (importance, performance)]
    if point[0].shape != point[1].shape:
        raise ValueError("importance and performance must hold the same items")
    sides = _sides(*point, lines=lines, midpoint=midpoint)
    missing = np.isnan(sides[0][0]) | np.isnan(sides[1][0])
    flat = ~missing & _all_on_the_line(sides) & (lines == "grand_mean")
    codes = (2 * sides[0] + sides[1])[0]  # 0, 1, 2, 3 for low-low to high-high
    by_code = ("low_priority", "possible_overkill", "concentrate_here", "keep_up")
    on_line = np.any([side[0] == 0.5 for side in sides], axis=0)
    quadrant = np.select(
        [missing | flat, on_line, *(codes == code for code in range(4))],
        ["", ON_THE_LINE, *by_code],
        "",
    )
    return pd.DataFrame(
        {
            "importance": point[0][0],
            "performance": point[1][0],
            "quadrant": quadrant,
            **_shares(importance_replicates, performance_replicates, lines, midpoint, missing.size),
            "note": np.select([missing, flat], [TOO_FEW_ANSWERS, NO_VARIATION], ""),
        }
    )


def _sides(
    importance: np.ndarray, performance: np.ndarray, *, lines: Lines, midpoint: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return 1 above, 0 below and 0.5 on the line, per replicate and item; NaN where missing."""
    missing = np.isnan(importance) | np.isnan(performance)
    n = np.sum(~missing, axis=1, keepdims=True)
    sides = []
    for rows in (importance, performance):
        there = np.where(missing, 0.0, rows)
        line = midpoint
        if lines == "grand_mean":
            line = there.sum(axis=1, keepdims=True) / np.maximum(n, 1)
        # A few units of rounding of a mean are no distance.
        noise = 1e-13 * np.max(np.abs(there), axis=1, keepdims=True, initial=0.0)
        side = np.where(np.abs(there - line) <= noise, 0.5, np.where(there > line, 1.0, 0.0))
        sides.append(np.where(missing, np.nan, side))
    return sides[0], sides[1]


def _all_on_the_line(sides: tuple[np.ndarray, np.ndarray]) -> bool:
    """Return whether one of the two profiles does not leave its line."""
    return any(bool(np.all(np.isnan(side) | (side == 0.5))) for side in sides)


def _shares(
    importance: np.ndarray | None,
    performance: np.ndarray | None,
    lines: Lines,
    midpoint: float,
    items: int,
) -> dict[str, np.ndarray]:
    """Return the share of replicates in every quadrant, and how many counted."""
    if importance is None or performance is None:
        nothing = {f"share_{name}": np.full(items, np.nan) for name in QUADRANTS}
        return nothing | {"n_replicates": np.zeros(items, dtype=int)}
    rows = [np.atleast_2d(np.asarray(x, dtype=float)) for x in (importance, performance)]
    high, good = _sides(*np.broadcast_arrays(*rows), lines=lines, midpoint=midpoint)
    n = np.sum(~np.isnan(high), axis=0)
    parts = {
        "concentrate_here": high * (1 - good),
        "keep_up": high * good,
        "low_priority": (1 - high) * (1 - good),
        "possible_overkill": (1 - high) * good,
    }
    divisor = np.where(n > 0, n, np.nan)
    shares = {f"share_{name}": np.nansum(parts[name], axis=0) / divisor for name in QUADRANTS}
    return shares | {"n_replicates": n}
