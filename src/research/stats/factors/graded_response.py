"""How much an item tells, and about whom: Samejima's graded response model.

With K + 1 answer levels an item has a discrimination a and thresholds b_1 < ... < b_K:

    P(answer above level k | theta) = F(a (theta - b_k)),   F logistic, theta ~ N(0, 1).

Marginal maximum likelihood from the distinct answer patterns. No optional package: mirt 1.2 keeps
a between .1 and 5 and b between -6 and 6, and calls what it finds at those limits converged.

References
----------
Samejima (1969), Estimation of Latent Ability Using a Response Pattern of Graded Scores,
Psychometrika Monograph 17 (model, information); Bock & Aitkin (1981), Psychometrika 46, 443-459
(marginal likelihood).
"""

import numpy as np
import pandas as pd
from scipy import special

from research.stats.cumulative import Fit
from research.stats.estimates import NO_VARIATION, NOT_IDENTIFIED, TOO_FEW_ANSWERS, as_columns
from research.stats.factors.graded_fit import Patterns, fit_patterns

FEWEST_ITEMS, FEWEST_PEOPLE = 3, 3
HALVINGS = 45
GRID = 0.1  # between points, on the scale of the logit
EQUAL = 1e-9  # of a height: two tops this close are equal


def graded_response(items: np.ndarray, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Discrimination, thresholds and highest information per item of one cluster.

    ``items`` is one row a respondent, one column an item. One row an item. ``estimate`` is the
    discrimination (per standard deviation of the trait, logistic metric) with its Wald interval
    from the observed information; ``threshold_1``, ... the trait level at which an answer above
    the first, second, ... level is as likely as not; ``peak_information`` the largest item
    information and ``peak_theta`` where it lies (of equal tops the one nearest to zero).
    ``log_likelihood`` is that of all items.

    Missing answers are left out one by one (right when they are missing at random); a person
    without any is dropped. A level nobody used is no level. The trait points where the
    discriminations are positive on the whole; an item may run against it (then its thresholds
    descend). An item without an answer: ``too_few_answers``; with one level: ``no_variation``;
    the others are fitted without it. Fewer than three items left: ``not_identified``; fewer than
    three people: ``too_few_answers``. A discrimination that grows beyond 20, as of two items
    answered alike: ``heywood``; otherwise no maximum: ``no_convergence``, for all items.

    Where other software differs: R's mirt and ltm have the same model. 21 Gauss-Hermite nodes,
    ltm's default, move the discriminations by up to .03 on the neuroticism items of bfi; here
    the nodes are equally spaced and so close that the log likelihood is exact to 1e-7.
    """
    items = as_columns(items)
    codes, n_levels = _codes(items)
    note = np.select([n_levels == 0, n_levels == 1], [TOO_FEW_ANSWERS, NO_VARIATION], "")
    note = note.astype(object)
    usable = np.flatnonzero(note == "")
    patterns, times = np.unique(codes[:, usable], axis=0, return_counts=True)
    answered = (patterns >= 0).any(axis=1)
    data = Patterns(
        codes=patterns[answered], times=times[answered].astype(float), n_levels=n_levels[usable]
    )
    fit, reason = None, ""
    if len(usable) < FEWEST_ITEMS:
        reason = NOT_IDENTIFIED
    elif data.times.sum() < FEWEST_PEOPLE:
        reason = TOO_FEW_ANSWERS
    else:
        fit, reason = fit_patterns(data)
    note[usable] = reason
    n = int(data.times.sum())
    table = _table(data, usable, None if reason else fit, n_levels, confidence_level)
    return table.assign(n=n, n_dropped=len(items) - n, note=note)


def item_information(
    discrimination: np.ndarray, thresholds: np.ndarray, theta: np.ndarray
) -> np.ndarray:
    """Fisher information of every item on the trait: one row a ``theta``, one column an item.

    ``thresholds`` has one row an item, NaN after the last one; with one threshold this is the
    a^2 P (1 - P) of two levels. An item without a discrimination has NaN. The sum over the
    items is the information of the cluster, its inverse root the standard error of a score.

    Notes
    -----
    Samejima (1969) sums P'^2 / P over the levels. With logistic curves U and L to
    pass the thresholds below and above a level, P = U - L and P' = a P (1 - U - L).
    """
    a = np.asarray(discrimination, dtype=float)
    chance, middle, _ = _levels(a, as_columns(thresholds), np.atleast_1d(theta))
    return a**2 * (chance * middle**2).sum(axis=-1)


def information_curves(table: pd.DataFrame, theta: np.ndarray) -> pd.DataFrame:
    """Item information at given ``theta`` of a ``graded_response`` table; for figures.

    One row an item and theta: ``item``, ``theta``, ``information``. Items without an estimate
    have NaN.
    """
    theta = np.atleast_1d(np.asarray(theta, dtype=float))
    found = item_information(table["estimate"].to_numpy(), _thresholds_of(table), theta)
    return pd.DataFrame(
        {
            "item": np.repeat(table["item"].to_numpy(), len(theta)),
            "theta": np.tile(theta, len(table)),
            "information": found.T.ravel(),
        }
    )


def total_information(table: pd.DataFrame, theta: np.ndarray) -> pd.DataFrame:
    """Information of all items together and the standard error of a score, per ``theta``.

    Items without an estimate are left out; NaN where none has one. ``standard_error`` is on the
    scale of theta, of a maximum-likelihood score.
    """
    theta = np.atleast_1d(np.asarray(theta, dtype=float))
    known = table["estimate"].notna().to_numpy()
    found = item_information(
        table["estimate"].to_numpy()[known], _thresholds_of(table)[known], theta
    )
    total = found.sum(axis=1) if known.any() else np.full(len(theta), np.nan)
    with np.errstate(divide="ignore"):
        error = 1 / np.sqrt(total)
    error = np.where(np.isfinite(error), error, np.nan)
    return pd.DataFrame({"theta": theta, "information": total, "standard_error": error})


def _codes(items: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Answers as places among the levels used, and the number of those levels."""
    codes, n_levels = np.full(items.shape, -1), np.zeros(items.shape[1], dtype=int)
    for j, answers in enumerate(items.T):
        there = ~np.isnan(answers)
        levels, codes[there, j] = np.unique(answers[there], return_inverse=True)
        n_levels[j] = len(levels)
    return codes, n_levels


def _table(
    data: Patterns,
    usable: np.ndarray,
    fit: Fit | None,
    n_levels: np.ndarray,
    confidence_level: float,
) -> pd.DataFrame:
    n_items, most = len(n_levels), max(int(n_levels.max(initial=0)) - 1, 0)
    a, error = np.full(n_items, np.nan), np.full(n_items, np.nan)
    b = np.full((n_items, most), np.nan)
    value = np.nan
    if fit is not None:
        value, starts = fit.log_likelihood[0], data.starts()
        places = starts[1:] - 1
        turn = -1.0 if fit.parameters[0, places].sum() < 0 else 1.0
        a[usable], error[usable] = turn * fit.parameters[0, places], fit.standard_errors[0, places]
        for j, item in enumerate(usable):
            boundaries = fit.parameters[0, starts[j] : places[j]]
            if abs(a[item]) > np.finfo(float).eps:  # an item that tells nothing has no thresholds
                b[item, : len(boundaries)] = boundaries / a[item]
    peak, where = peaks(a, b)
    half = special.ndtri(0.5 + confidence_level / 2) * error
    return pd.DataFrame(
        {
            "item": np.arange(n_items),
            "estimate": a,
            "ci_low": a - half,
            "ci_high": a + half,
            "confidence_level": confidence_level,
            "standard_error": error,
            **{f"threshold_{k + 1}": b[:, k] for k in range(most)},
            "peak_information": peak,
            "peak_theta": where,
            "n_levels": n_levels,
            "log_likelihood": np.where(np.isnan(a), np.nan, value),
        }
    )


def _levels(
    a: np.ndarray, b: np.ndarray, theta: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Per theta, item and level: chance P = U - L, 1 - U - L, and U (1 - U) + L (1 - L)."""
    x = a[:, None] * (np.asarray(theta, dtype=float)[:, None, None] - b)
    x = np.where(np.isnan(b), -np.inf, x)  # a threshold that does not exist is passed by nobody
    edge = np.full((*x.shape[:2], 1), np.inf)
    x = np.concatenate([edge, x, -edge], axis=-1)
    passed, failed = special.expit(x), special.expit(-x)
    upper, lower = x[..., :-1], x[..., 1:]
    with np.errstate(invalid="ignore"):  # between two that do not exist
        apart = np.where(upper == -np.inf, 0.0, -np.expm1(lower - upper))
    # Without taking near equals from one another, far out in either tail.
    chance = passed[..., :-1] * failed[..., 1:] * apart
    bend = passed * failed
    return chance, failed[..., :-1] - passed[..., 1:], bend[..., :-1] + bend[..., 1:]


def peaks(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Highest information of every item and where it lies; of equal tops that nearest to zero.

    Two thresholds have two equal tops, unless they are close. Between the outermost thresholds
    (beyond them information falls), on a grid finer than any curve bends; then the root of the
    slope at every top of the grid.
    """
    peak, where = np.full(len(a), np.nan), np.full(len(a), np.nan)
    for j in np.flatnonzero(np.isfinite(a) & np.isfinite(b).any(axis=1)):
        one = a[j : j + 1], b[j : j + 1]
        low, high = np.nanmin(b[j]), np.nanmax(b[j])
        grid = np.linspace(low, high, 3 + int(abs(a[j]) * (high - low) / GRID))
        height = item_information(*one, grid)[:, 0]
        around = np.pad(height, 1, constant_values=-np.inf)
        tops = np.flatnonzero((height >= around[:-2]) & (height >= around[2:]))
        left, right = grid[np.maximum(tops - 1, 0)], grid[np.minimum(tops + 1, len(grid) - 1)]
        found = _level_point(*one, left, right)
        height = item_information(*one, found)[:, 0]
        found = np.where(height >= height.max() * (1 - EQUAL), found, np.inf)
        best = np.argmin(np.abs(found))
        peak[j], where[j] = height[best], found[best]
    return peak, where


def _level_point(a: np.ndarray, b: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Where an item's information stops rising between each ``low`` and ``high``: bisection."""
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        chance, away, bend = _levels(a, b, middle)
        # P' = a P (1 - U - L), and (1 - U - L)' = -a (U (1 - U) + L (1 - L)).
        slope = a[0] * (chance * away * (away**2 - 2 * bend)).sum(axis=-1)[:, 0]
        low, high = np.where(slope > 0, middle, low), np.where(slope > 0, high, middle)
    return (low + high) / 2


def _thresholds_of(table: pd.DataFrame) -> np.ndarray:
    names = [name for name in table.columns if name.startswith("threshold_")]
    return table[names].to_numpy(dtype=float)
