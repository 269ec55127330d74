"""Minimum residual factors of a correlation matrix, exactly and many matrices at once.

Every array has a first axis for the matrix: a simulation of a hundred matrices is one call.

References
----------
Harman & Jones (1966), Psychometrika 31, 351-368 (minres: residuals beside the diagonal);
Jöreskog (1977), in Statistical Methods for Digital Computers 3, 125-153, eq. 30-35 (the same
optimum by unweighted least squares over the uniquenesses, with its derivatives).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from research.stats.estimates import HEYWOOD, NO_CONVERGENCE, NO_VARIATION, NOT_IDENTIFIED

LEAST, MOST = 0.005, 1.0  # bounds of a uniqueness, as psych::fa has them
MOST_STEPS = 200
MOST_HALVINGS = 40
GRADIENT = 1e-10  # of the squared residuals: the optimum is reached
NOISE = 1e-14
EMPTY = 1e-8  # a factor with less than this variance is none
SINGULAR = 1.5e-8  # of the largest eigenvalue: smaller ones are left out of a pseudo-inverse


@dataclass(frozen=True, kw_only=True)
class Extraction:
    """Unrotated factors; one row an item, factors from large to small, column sums positive."""

    loadings: np.ndarray
    communalities: np.ndarray
    uniquenesses: np.ndarray  # one minus the communalities; negative in a Heywood case
    note: str


class Solution(NamedTuple):
    """Where the minimisation of each matrix ended."""

    uniquenesses: np.ndarray  # within the bounds
    loadings: np.ndarray
    converged: np.ndarray


def degrees_of_freedom(n_items: int, n_factors: int) -> int:
    """Correlations minus free loadings; below zero a model is not identified by counting."""
    return n_items * (n_items - 1) // 2 - n_items * n_factors + n_factors * (n_factors - 1) // 2


def minres(correlations: np.ndarray, n_factors: int) -> Extraction:
    """Loadings whose products come nearest to the correlations, in squares beside the diagonal.

    Agrees with ``psych::fa(fm = "minres", rotate = "none")``: started from the squared multiple
    correlations, uniquenesses of at least .005, columns turned to positive sums. psych stops its
    search early (about 1e-6 of a loading); here the optimum is exact.

    Notes: ``no_variation`` a correlation is missing; ``not_identified`` fewer correlations than
    free loadings, or fewer factors in the matrix than were asked for; ``no_convergence``. With
    these every number is NaN. ``heywood``: a uniqueness lies at its bound or a communality
    reaches one; the numbers are those of the bounded optimum, as psych prints them.
    """
    matrix = np.atleast_2d(np.asarray(correlations, dtype=float))
    if n_factors < 1:
        raise ValueError(f"n_factors must be at least 1, not {n_factors}")
    p = len(matrix)
    if np.isnan(matrix).any():
        return _refused(p, n_factors, NO_VARIATION)
    if p <= n_factors or degrees_of_freedom(p, n_factors) < 0:
        return _refused(p, n_factors, NOT_IDENTIFIED)
    found = minres_many(matrix[None], n_factors)
    loadings = positive_sums(found.loadings[0])
    if not found.converged[0]:
        return _refused(p, n_factors, NO_CONVERGENCE)
    if (loadings**2).sum(axis=0).min() < EMPTY:
        return _refused(p, n_factors, NOT_IDENTIFIED)
    communalities = (loadings**2).sum(axis=1)
    bound = (found.uniquenesses[0] <= LEAST + NOISE) | (communalities >= 1)
    return Extraction(
        loadings=loadings,
        communalities=communalities,
        uniquenesses=1 - communalities,
        note=HEYWOOD if bound.any() else "",
    )


def positive_sums(loadings: np.ndarray) -> np.ndarray:
    """Loadings with every column turned so that it sums to something positive."""
    return loadings * column_signs(loadings)


def column_signs(loadings: np.ndarray) -> np.ndarray:
    """Sign of each column's sum; plus one for a sum of zero."""
    return np.where(loadings.sum(axis=0) < 0, -1.0, 1.0)


def squared_multiple_correlations(matrices: np.ndarray) -> np.ndarray:
    """Share of each item's variance that the others explain; a pseudo-inverse if singular."""
    inverse = np.linalg.pinv(matrices, rcond=SINGULAR, hermitian=True)
    diagonal = np.diagonal(inverse, axis1=-2, axis2=-1)
    with np.errstate(divide="ignore"):
        return np.clip(1 - 1 / diagonal, 0, 1)


def minres_many(matrices: np.ndarray, n_factors: int) -> Solution:
    """Newton's method on the uniquenesses of every matrix, inside their bounds.

    A uniqueness at a bound that pushes outwards is held there (Bertsekas 1982, SIAM J. Control
    Optim. 20, 221-246); where the curvature is not that of a minimum, its leading part (always
    positive) takes its place, and a step that does not go down is halved.
    """
    psi = np.clip(1 - squared_multiple_correlations(matrices), LEAST, MOST)
    value, gradient, hessian = _derivatives(matrices, psi, n_factors)
    converged = np.zeros(len(psi), dtype=bool)
    active = np.ones(len(psi), dtype=bool)
    for _ in range(MOST_STEPS):
        held = ((psi <= LEAST) & (gradient > 0)) | ((psi >= MOST) & (gradient < 0))
        size = np.where(held, 0, np.abs(gradient)).max(axis=1)
        converged |= size <= GRADIENT
        active &= ~converged
        if not active.any():
            break
        rows = np.flatnonzero(active)
        step = _newton_step(gradient[rows], hessian[rows], held[rows])
        trial = _downhill(matrices[rows], psi[rows], step, value[rows], n_factors)
        active[rows[(trial == psi[rows]).all(axis=1)]] = False  # no way down: not converged
        psi[rows] = trial
        value[rows], gradient[rows], hessian[rows] = _derivatives(matrices[rows], trial, n_factors)
    theta, vectors = _eigen(matrices, psi)
    loadings = vectors[..., :n_factors] * np.sqrt(np.maximum(theta[:, None, :n_factors], 0))
    return Solution(psi, loadings, converged)


def _eigen(matrices: np.ndarray, psi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues, large to small, and vectors of the matrices less their uniquenesses."""
    theta, vectors = np.linalg.eigh(matrices - psi[:, :, None] * np.eye(psi.shape[1]))
    return theta[:, ::-1], vectors[:, :, ::-1]


def _left_over(theta: np.ndarray, n_factors: int) -> np.ndarray:
    """Eigenvalues that are no factor's: all but the first, and negative ones of those."""
    return np.where((np.arange(theta.shape[1]) < n_factors) & (theta > 0), 0.0, theta)


def _value(theta: np.ndarray, n_factors: int) -> np.ndarray:
    return (_left_over(theta, n_factors) ** 2).sum(axis=1) / 2


def _derivatives(
    matrices: np.ndarray, psi: np.ndarray, n_factors: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Half the sum of squared residuals, its gradient and a positive definite curvature."""
    theta, w = _eigen(matrices, psi)
    left = _left_over(theta, n_factors)
    gradient = -np.einsum("bik,bk->bi", w**2, left)
    rest = left == theta
    outside = np.where(rest[:, None, :], w, 0.0)
    leading = (outside @ np.swapaxes(outside, 1, 2)) ** 2
    # Eigenvectors of factors and of the rest turn towards each other.
    gap = theta[:, :, None] - theta[:, None, :]
    across = rest[:, :, None] & ~rest[:, None, :] & (gap < -NOISE)
    weight = np.divide(theta[:, :, None], gap, out=np.zeros_like(gap), where=across)
    exact = leading.copy()
    for factor in range(min(n_factors, psi.shape[1])):
        pair = w * w[:, :, factor, None]
        exact += 2 * (pair * weight[:, None, :, factor]) @ np.swapaxes(pair, 1, 2)
    definite = np.linalg.eigvalsh(exact)[:, 0] > 1e-8
    ridge = 1e-8 * np.eye(psi.shape[1])
    hessian = np.where(definite[:, None, None], exact, leading + ridge)
    return _value(theta, n_factors), gradient, hessian


def _newton_step(gradient: np.ndarray, hessian: np.ndarray, held: np.ndarray) -> np.ndarray:
    """Step to where the gradient of the uniquenesses that are not held vanishes."""
    free = ~held
    both = free[:, :, None] & free[:, None, :]
    system = np.where(both, hessian, np.eye(held.shape[1]))
    return -np.linalg.solve(system, np.where(free, gradient, 0.0)[..., None])[..., 0]


def _downhill(
    matrices: np.ndarray, psi: np.ndarray, step: np.ndarray, value: np.ndarray, n_factors: int
) -> np.ndarray:
    """First of the halved steps, cut off at the bounds, that does not lose; else no step."""
    trial = np.clip(psi + step, LEAST, MOST)
    shorter = np.ones(len(psi))
    searching = np.arange(len(psi))
    for _ in range(MOST_HALVINGS):
        theta = np.linalg.eigvalsh(
            matrices[searching] - trial[searching, :, None] * np.eye(psi.shape[1])
        )[:, ::-1]
        lost = _value(theta, n_factors) > value[searching] + NOISE * (1 + value[searching])
        searching = searching[lost]
        if not len(searching):
            return trial
        shorter[searching] /= 2
        moved = psi[searching] + shorter[searching, None] * step[searching]
        trial[searching] = np.clip(moved, LEAST, MOST)
    trial[searching] = psi[searching]
    return trial


def _refused(n_items: int, n_factors: int, note: str) -> Extraction:
    nothing = np.full(n_items, np.nan)
    return Extraction(
        loadings=np.full((n_items, n_factors), np.nan),
        communalities=nothing,
        uniquenesses=nothing.copy(),
        note=note,
    )
