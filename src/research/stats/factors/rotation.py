"""Rotation of loadings: varimax (upright) and oblimin (oblique).

References
----------
Kaiser (1958), Psychometrika 23, 187-200 (varimax, rows normalised);
Jennrich (2002), Psychometrika 67, 7-19, and Bernaards & Jennrich (2005), Educ. Psychol. Meas.
65, 676-696, section "oblique" (gradient projection).
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from research.stats.estimates import NO_CONVERGENCE, NOT_IDENTIFIED
from research.stats.factors.minres import EMPTY, column_signs, positive_sums

GRADIENT = 1e-5  # of the projected gradient: where GPArotation stops
MOST_STEPS = 10_000
MOST_HALVINGS = 11
NOISE = 1e-12
SMALLEST_ANGLE = 1e-10  # of a turn: upright factors stand


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """Rotated loadings (the pattern); factors by explained variance, column sums positive."""

    loadings: np.ndarray
    factor_correlations: np.ndarray
    note: str


def oblimin(loadings: np.ndarray, *, tolerance: float = GRADIENT) -> Rotation:
    """Oblique simple structure: direct oblimin with gamma 0 (quartimin), rows not normalised.

    The algorithm and its stop are those of ``GPArotation::oblimin`` as psych calls it: one start
    at the loadings as they are, end where the projected gradient is below ``tolerance``. The
    default leaves about 2e-5 of a loading; 1e-9 gives the optimum itself. Another start may
    find another local optimum; like psych, none is tried. Then columns are turned to positive
    sums and put in the order of the variance they explain, as ``psych::fa`` does.

    Notes: loadings that are NaN stay so without a note of their own; ``not_identified`` a factor
    without loadings, or one factor a multiple of another; ``no_convergence``. One factor is
    returned as it is.
    """
    a = np.asarray(loadings, dtype=float)
    m = a.shape[1]
    if np.isnan(a).any():
        return _refused(a, "")
    if m == 1:
        return Rotation(loadings=positive_sums(a), factor_correlations=np.eye(1), note="")
    if len(a) < m or np.linalg.eigvalsh(a.T @ a)[0] < EMPTY:
        return _refused(a, NOT_IDENTIFIED)
    turned = _descend(a, tolerance)
    if turned is None:
        return _refused(a, NO_CONVERGENCE)
    pattern, correlations = turned
    signs = column_signs(pattern)
    pattern, correlations = pattern * signs, correlations * np.outer(signs, signs)
    order = by_explained_variance(pattern, correlations)
    return Rotation(
        loadings=pattern[:, order],
        factor_correlations=correlations[np.ix_(order, order)],
        note="",
    )


def by_explained_variance(pattern: np.ndarray, correlations: np.ndarray) -> np.ndarray:
    """Order of the factors, largest first: diagonal of Phi L'L, as in psych."""
    return np.argsort(-np.einsum("jk,ij,ik->k", correlations, pattern, pattern), kind="stable")


def varimax(loadings: np.ndarray) -> np.ndarray:
    """Upright simple structure with rows at unit length, by turning two factors at a time.

    Columns are turned to positive sums and put in order of their sums of squares. Agrees with
    ``stats::varimax(eps = 1e-15)``; with its default R stops at about 1e-3 of a loading, and at
    once where it should not with two factors of exactly simple structure. NaN stays NaN.
    """
    a = np.asarray(loadings, dtype=float)
    if a.shape[1] < 2 or np.isnan(a).any():
        return a.copy()
    length = np.sqrt((a**2).sum(axis=1, keepdims=True))
    unit = a / np.where(length == 0, 1, length)
    for _ in range(MOST_STEPS):
        widest = 0.0
        for first, second in combinations(range(a.shape[1]), 2):
            angle = _kaiser_angle(unit[:, first], unit[:, second])
            turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
            unit[:, [first, second]] = unit[:, [first, second]] @ turn
            widest = max(widest, abs(angle))
        if widest < SMALLEST_ANGLE:
            break
    turned = positive_sums(unit * length)
    return turned[:, by_explained_variance(turned, np.eye(a.shape[1]))]


def _kaiser_angle(x: np.ndarray, y: np.ndarray) -> float:
    """Angle that makes the squared loadings of two factors vary most (Kaiser 1958, p. 191)."""
    u, v = x**2 - y**2, 2 * x * y
    across = 2 * (u * v).mean() - 2 * u.mean() * v.mean()
    along = (u**2 - v**2).mean() - u.mean() ** 2 + v.mean() ** 2
    if np.hypot(across, along) < NOISE:
        return 0.0  # every angle is as good
    return float(np.arctan2(across, along) / 4)


def _criterion(pattern: np.ndarray) -> tuple[float, np.ndarray]:
    """Quartimin and its gradient: products of squared loadings over pairs of factors."""
    squares = pattern**2
    others = squares @ (1 - np.eye(pattern.shape[1]))  # a difference of sums would lose digits
    return float((squares * others).sum() / 4), pattern * others


def _descend(a: np.ndarray, tolerance: float) -> tuple[np.ndarray, np.ndarray] | None:
    """Pattern and factor correlations where the projected gradient vanishes; None if nowhere."""
    turn, step = np.eye(a.shape[1]), 1.0
    inverse = turn
    pattern = a
    value, slope = _criterion(pattern)
    for _ in range(MOST_STEPS):
        gradient = -(pattern.T @ slope @ inverse).T
        projected = gradient - turn * (turn * gradient).sum(axis=0)
        size = np.sqrt((projected**2).sum())
        if size < tolerance:
            return pattern, turn.T @ turn
        # Gains below rounding cannot be judged: there the last length that gained is kept.
        judged = size**2 * step > NOISE * value
        step *= 2 if judged else 1
        for _ in range(MOST_HALVINGS):
            trial = turn - step * projected
            trial = trial / np.sqrt((trial**2).sum(axis=0))
            try:
                inverse = np.linalg.inv(trial)
            except np.linalg.LinAlgError:  # two factors fell together
                return None
            pattern = a @ inverse.T
            found, slope = _criterion(pattern)
            if not judged or value - found > 0.5 * size**2 * step:
                break
            step /= 2
        turn, value = trial, found
    return None


def _refused(loadings: np.ndarray, note: str) -> Rotation:
    m = loadings.shape[1]
    return Rotation(
        loadings=np.full_like(loadings, np.nan),
        factor_correlations=np.full((m, m), np.nan),
        note=note,
    )
