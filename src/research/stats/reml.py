"""Restricted likelihood of a mixed model with one random intercept or intercept and gap.

For one column of answers. The design is x = (1, is_a) for the fixed and its first one or two
columns for the random effects; answers enter through n, mean and squares per organisation and
role. The relative covariance of the random effects is Psi = L L' with theta the lower triangle of
L, as in lme4; theta may take any sign here, so that a variance of zero is an ordinary stationary
point.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from research.stats.cells import Cells

MAX_STEPS = 200
LONGEST_STEP = 3.0
# Entries of theta below this (a variance of 1e-12 of the residual one) are zero.
ZERO = 1e-6
TRIFLE = 1e-3
# The search has ended where one more Newton step would lower the deviance by less than this.
DEVIANCE_LEFT = 1e-10
# Where the search looks first: SDs between organisations in units of the residual SD, correlations.
SPREADS = (0.1, 0.25, 0.6, 1.4, 3.0, 7.0)
CORRELATIONS = (-1.0, -0.5, 0.5, 1.0)
# Fixed effects of an organisation's two cells, roles a and b: level of b, and the gap.
CELL_DESIGN = np.array([[1.0, 1.0], [1.0, 0.0]])
TRIANGLE = {1: ((0, 0),), 2: ((0, 0), (1, 0), (1, 1))}


@dataclass(frozen=True, kw_only=True)
class Point:
    """The likelihood at one theta: the deviance in its three parts, with their derivatives.

    ``gradient`` and ``hessian`` hold a row per part: log determinant of the covariance, log
    determinant of the fixed effects' information, residual sum of squares.
    """

    parts: np.ndarray
    gradient: np.ndarray
    hessian: np.ndarray
    covariance: np.ndarray
    covariance_slope: np.ndarray
    coefficients: np.ndarray


class Likelihood:
    """Minus twice the profiled restricted log-likelihood of one column, with derivatives.

    An organisation's two cell means have covariance D + Z Psi Z', D = diag(1 / n), in units of the
    residual variance; answers within a cell add their squares and nothing else.
    """

    def __init__(self, cells: Cells, column: int, n_random: int) -> None:
        n, mean, squares = (part[:, :, column].T for part in (cells.n, cells.mean, cells.squares))
        there = n.sum(axis=1) > 0
        self.n, mean = n[there], np.where(n > 0, mean, 0.0)[there]
        self.n_random, self.count = n_random, self.n.sum()
        self.free = self.count - 2  # answers less fixed effects
        # Work with answers about their role means, in units of their spread.
        self.role_means = (self.n * mean).sum(axis=0) / self.n.sum(axis=0)
        away = np.where(self.n > 0, mean - self.role_means, 0.0)
        self.unit = np.sqrt((squares.sum() + (self.n * away**2).sum()) / self.count)
        self.mean, self.within = away / self.unit, squares.sum() / self.unit**2
        self.design = CELL_DESIGN[:, :n_random]

    def deviance(self, parts: np.ndarray) -> np.ndarray:
        """Minus twice the restricted log-likelihood, as lme4's REMLcrit."""
        scale = 1 + np.log(2 * np.pi * parts[2] * self.unit**2 / self.free)
        return parts[0] + parts[1] + self.free * scale

    def _weigh(self, psi: np.ndarray) -> tuple[np.ndarray, ...]:
        """Return the inverse covariance of each organisation's cell means, and what follows.

        N (I + Z Psi Z'N)^-1 needs no 1 / n and no difference of large numbers. ``psi`` may be one
        matrix or a stack of them.
        """
        spread = self.design @ psi @ self.design.T
        inner = np.eye(2) + spread[..., None, :, :] * self.n[:, None, :]
        weight = self.n[:, :, None] * np.linalg.inv(inner)
        information = CELL_DESIGN.T @ weight.sum(axis=-3) @ CELL_DESIGN
        covariance = np.linalg.inv(information)
        sums = CELL_DESIGN.T @ np.einsum("...jab,jb->...a", weight, self.mean)[..., None]
        coefficients = (covariance @ sums)[..., 0]
        residual = self.mean - (coefficients @ CELL_DESIGN.T)[..., None, :]
        squares = self.within + np.einsum("...ja,...jab,...jb->...", residual, weight, residual)
        logs = np.log(np.linalg.det(inner)).sum(axis=-1), np.log(np.linalg.det(information))
        return np.array([*logs, squares]), weight, covariance, coefficients, residual

    def deviances(self, thetas: np.ndarray) -> np.ndarray:
        """Deviance at many thetas at once, one a row."""
        psi = np.array([_psi(theta, self.n_random)[0] for theta in thetas])
        return self.deviance(self._weigh(psi)[0])

    def at(self, theta: np.ndarray) -> Point:
        """Value, slope and curvature at ``theta``."""
        psi, psi_1, psi_2 = _psi(theta, self.n_random)
        parts, weight, covariance, coefficients, residual = self._weigh(psi)
        z_weight = self.design.T @ weight  # Z'V^-1
        k, e = z_weight @ self.design, z_weight @ CELL_DESIGN
        pulled = (z_weight @ residual[..., None])[..., 0]
        # Slope in Psi of the three parts: each is the trace of a matrix with the change of Psi.
        slope = np.stack(
            [
                k.sum(axis=0),
                -np.einsum("jka,ab,jlb->kl", e, covariance, e),
                -pulled.T @ pulled,
            ]
        )
        curvature, change = _curvature(k, e, pulled, covariance, psi_1)
        return Point(
            parts=parts,
            gradient=np.einsum("pkl,tkl->pt", slope, psi_1),
            hessian=curvature + np.einsum("pkl,stkl->pst", slope, psi_2),
            covariance=covariance,
            covariance_slope=change,
            coefficients=coefficients,
        )

    def profiled(self, point: Point) -> tuple[float, np.ndarray, np.ndarray]:
        """Deviance with the residual variance profiled out, its gradient and Hessian."""
        squares, slope = point.parts[2], point.gradient[2]
        gradient = point.gradient[:2].sum(axis=0) + self.free * slope / squares
        hessian = point.hessian[:2].sum(axis=0) + self.free * (
            point.hessian[2] / squares - np.outer(slope, slope) / squares**2
        )
        return self.deviance(point.parts), gradient, hessian


def _psi(theta: np.ndarray, n_random: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Psi = L L' with its first and second derivatives in theta."""
    places = TRIANGLE[n_random]
    units = np.zeros((len(places), n_random, n_random))
    for index, place in enumerate(places):
        units[index][place] = 1.0
    lower = np.einsum("t,tkl->kl", theta, units)
    first = units @ lower.T
    second = np.einsum("skm,tlm->stkl", units, units)
    return lower @ lower.T, first + np.swapaxes(first, 1, 2), second + np.swapaxes(second, 2, 3)


def _curvature(
    k: np.ndarray, e: np.ndarray, residual: np.ndarray, covariance: np.ndarray, change: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Second derivatives of the three parts along ``change`` of Psi; slope of the covariance."""
    moved = np.einsum("skl,jla->sjka", change, e)
    moved_residual = np.einsum("skl,jl->sjk", change, residual)
    k_change = np.einsum("jkl,slm->sjkm", k, change)
    m = np.einsum("jka,sjkb->sab", e, moved)
    pull = np.einsum("jka,sjk->sa", e, moved_residual)
    among = np.einsum("sjka,jkl,tjlb->stab", moved, k, moved)
    q_m = covariance @ m
    curvature = np.stack(
        [
            -np.einsum("sjkl,tjlk->st", k_change, k_change),
            2 * np.einsum("ab,stba->st", covariance, among) - np.einsum("sab,tba->st", q_m, q_m),
            2 * np.einsum("sjk,jkl,tjl->st", moved_residual, k, moved_residual)
            - 2 * pull @ covariance @ pull.T,
        ]
    )
    return curvature, q_m @ covariance


def maximise(likelihood: Likelihood) -> np.ndarray | None:
    """Theta of highest restricted likelihood from several starts; None where none is sure.

    Judged here, not by a flag: finite deviance, residual variance above zero, a next Newton step
    that would gain next to nothing, and no direction that curves down (theta = 0 may be a saddle).
    """
    ends = [_descend(likelihood, start) for start in _starts(likelihood)]
    sure = [end for end in ends if np.isfinite(end[1]) and end[2] < DEVIANCE_LEFT]
    if not sure:
        return None
    lowest = min(end[1] for end in sure)
    best = next(end[0] for end in sure if end[1] < lowest + 1e-10)
    return _canonical(_without_trifles(likelihood, best, lowest))


def _starts(likelihood: Likelihood) -> list[np.ndarray]:
    """Every lowest point of a coarse grid; with a gap, per correlation.

    The likelihood may have one maximum inside and others at a correlation of plus or minus one.
    A search from inside creeps towards those; one that starts there (last entry of theta zero)
    stays there, for the slope in that entry is zero.
    """
    spreads = np.array(SPREADS)
    if likelihood.n_random == 1:
        thetas = spreads[:, None]
        return list(thetas[_lowest(likelihood.deviances(thetas)[:, None, None])[:, 0, 0]])
    first, second, rho = np.meshgrid(spreads, spreads, CORRELATIONS, indexing="ij")
    thetas = np.stack([first, rho * second, np.sqrt(1 - rho**2) * second], -1)
    deviances = likelihood.deviances(thetas.reshape(-1, 3)).reshape(rho.shape)
    return list(thetas[_lowest(deviances)])


def _lowest(grid: np.ndarray) -> np.ndarray:
    """Return where a grid is not above its neighbours along the first two axes."""
    padded = np.pad(grid, ((1, 1), (1, 1), (0, 0)), constant_values=np.inf)
    rows, columns = grid.shape[:2]
    around = [padded[i : i + rows, j : j + columns] for i in range(3) for j in range(3)]
    return grid <= np.min(around, axis=0)


def _descend(likelihood: Likelihood, theta: np.ndarray) -> tuple[np.ndarray, float, float]:
    """Newton with every curvature taken as positive and halved steps; theta, deviance, gain left.

    Taking curvatures as positive leads away from saddle points; ending on one leaves an infinite
    gain.
    """
    deviance, gradient, hessian = likelihood.profiled(likelihood.at(theta))
    for _ in range(MAX_STEPS):
        values, vectors = np.linalg.eigh(hessian)
        size = np.maximum(np.abs(values), 1e-7 * max(np.abs(values).max(), 1e-300))
        along = vectors.T @ gradient
        step, left = -vectors @ (along / size), float((along**2 / size).sum() / 2)
        saddle = values.min() < -1e-6 * np.abs(values).max()
        if left < 1e-22:
            break
        step *= min(1.0, LONGEST_STEP * (1 + np.linalg.norm(theta)) / np.linalg.norm(step))
        following = None
        for _ in range(40):
            point = likelihood.at(theta + step)
            lower = point.parts[2] > 0 and likelihood.deviance(point.parts) < deviance
            if lower or (left < DEVIANCE_LEFT and point.parts[2] > 0):
                following = likelihood.profiled(point)
                break
            step = step / 2
        if following is None or (left < DEVIANCE_LEFT and following[0] > deviance + 1e-7):
            break
        theta, settled = theta + step, left < 1e-14 and following[0] >= deviance
        deviance, gradient, hessian = following
        if settled:
            break
    return theta, deviance, np.inf if saddle else left


def _without_trifles(likelihood: Likelihood, theta: np.ndarray, deviance: float) -> np.ndarray:
    """Theta with as many small entries as possible zero, where that costs no likelihood.

    Where the likelihood is flat at a boundary to the second order, Newton only creeps there.
    """
    small = np.flatnonzero(np.abs(theta) < TRIFLE)
    limit = deviance + 1e-12 * (1 + abs(deviance))
    for count in range(len(small), 0, -1):
        for chosen in combinations(small, count):
            trial = theta.copy()
            trial[list(chosen)] = 0.0
            if likelihood.deviance(likelihood.at(trial).parts) <= limit:
                return trial
    return theta


def _canonical(theta: np.ndarray) -> np.ndarray:
    """Theta with a diagonal that is not negative; next to nothing is nothing."""
    theta = np.where(np.abs(theta) < ZERO, 0.0, theta)
    if len(theta) == 1:
        return np.abs(theta)
    if theta[0] == 0:
        # No variance of the intercept: the last two say the same. In the first column the two may
        # still turn together, so that df do not depend on which role is the reference.
        return np.array([0.0, np.hypot(theta[1], theta[2]), 0.0])
    return np.array([abs(theta[0]), theta[1] * np.sign(theta[0]), abs(theta[2])])
