"""Marginal maximum likelihood of the graded response model, from distinct answer patterns.

Per item the parameters are the boundaries c_1 < ... < c_K and the discrimination a:

    P(answer at most level k | theta) = F(c_k - a theta),   F logistic, theta ~ N(0, 1).

References
----------
Samejima (1969), Psychometrika Monograph 17 (model); Bock & Aitkin (1981), Psychometrika 46, 443-459
(marginal likelihood over nodes); Louis (1982), J. R. Stat. Soc. B 44, 226-233, eq. 3.2 (its
information).
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from research.stats.cumulative import Fit, maximise, slopes
from research.stats.estimates import HEYWOOD, NO_CONVERGENCE

FARTHEST = 8.0  # theta: 1e-14 of the normal density's height
# An equally spaced sum of a logistic curve errs by exp(-2 pi^2 / (a step)): 3e-9 at a step of 1/a.
STEPS = (0.2, 0.1, 0.05)
LARGEST_DISCRIMINATION = 1 / STEPS[-1]  # a loading of .996: no room for anything else
MOST_NUMBERS = 4_000_000  # in one array: nodes are taken in blocks that stay below
STRETCH = (16 * np.sqrt(3) / (15 * np.pi)) ** 2  # as in research.stats.ordinal
LOGISTIC = 1.702  # a logistic curve with this slope is nearest to the normal one


@dataclass(frozen=True, kw_only=True)
class Patterns:
    """Distinct answer patterns (codes from 0, -1 for missing) and how often each was given."""

    codes: np.ndarray
    times: np.ndarray
    n_levels: np.ndarray

    def starts(self) -> np.ndarray:
        """First parameter of every item: its boundaries, then its discrimination."""
        return np.concatenate([[0], np.cumsum(self.n_levels)])


def equally_spaced(step: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes of theta and the logarithms of their weights, which sum to one."""
    nodes = np.arange(-int(FARTHEST / step), int(FARTHEST / step) + 1) * step
    log_weights = -(nodes**2) / 2
    return nodes, log_weights - special.logsumexp(log_weights)


def fit_patterns(data: Patterns) -> tuple[Fit, str]:
    """Fit with nodes close enough for the steepest item, and "" or the reason why it is none.

    Between nodes too far apart a curve may grow steeper for ever: what has no maximum is tried
    again with closer ones.
    """
    start, places = first_guess(data), data.starts()[1:] - 1
    for step in STEPS:
        fit = marginal_fit(data, *equally_spaced(step), start)
        steepest = np.abs(fit.parameters[0, places]).max()
        if fit.converged[0]:
            if steepest * step <= 1:
                return fit, ""
            start = fit.parameters
    return fit, HEYWOOD if steepest > LARGEST_DISCRIMINATION else NO_CONVERGENCE


def marginal_fit(
    data: Patterns, nodes: np.ndarray, log_weights: np.ndarray, start: np.ndarray
) -> Fit:
    """Maximum of the marginal likelihood over these nodes, from ``start``; one row of parameters.

    Per item the boundaries c_k = a b_k and a. Newton's method with the Hessian of Louis (1982):
    mean of the complete data's Hessian plus variance of their score, given the answers.
    """
    starts = data.starts()
    n_patterns, n_nodes, n_parameters = len(data.codes), len(nodes), starts[-1]

    def evaluate(parameters: np.ndarray, _: np.ndarray) -> tuple[np.ndarray, ...]:
        log_chance = np.broadcast_to(log_weights, (n_patterns, n_nodes)).copy()
        curves = []
        for j, (code, n) in enumerate(zip(data.codes.T, data.n_levels, strict=True)):
            curve = _curves(parameters[0, starts[j] : starts[j + 1]], nodes, n)
            log_chance[code >= 0] += curve.log_chance[code[code >= 0]]
            curves.append(curve)
        total = special.logsumexp(log_chance, axis=1)
        weight = np.exp(log_chance - total[:, None])
        hessian = np.zeros((n_parameters, n_parameters))
        scores = np.zeros((n_patterns, n_parameters))
        for j, (code, curve) in enumerate(zip(data.codes.T, curves, strict=True)):
            here, there = slice(starts[j], starts[j + 1]), code >= 0
            chosen = (code == np.arange(data.n_levels[j])[:, None]) * data.times
            expected = chosen @ weight
            hessian[here, here] += np.einsum("lq,lqab->ab", expected, curve.hessian)
            scores[there, here] = _posterior_mean(weight, curve.score, code, there)
        hessian += _spread_of_scores(data, curves, weight)
        hessian -= (scores * data.times[:, None]).T @ scores
        value = (data.times @ total)[None]
        return value, (data.times @ scores)[None], hessian[None]

    with np.errstate(invalid="ignore", over="ignore"):
        return maximise(evaluate, start)


@dataclass(frozen=True, kw_only=True)
class _Curves:
    """Per level and node of one item: log chance, score and Hessian to (c_1 .. c_K, a)."""

    log_chance: np.ndarray
    score: np.ndarray
    hessian: np.ndarray


def _curves(parameters: np.ndarray, nodes: np.ndarray, n_levels: int) -> _Curves:
    z = parameters[:-1] - parameters[-1] * nodes[:, None]
    each = np.eye(n_levels)[:, None, None, :]  # one answer: level, node, one cell, level
    found = slopes(each, z[None, :, None, :], "logit")
    slope, curvature = found.slope[..., 0, :], found.curvature[..., 0, :]
    k, n = np.arange(n_levels - 1), n_levels
    by_boundary = np.zeros((n_levels, len(nodes), n, n))
    by_boundary[..., k, k] = curvature
    by_boundary[..., k[:-1], k[1:]] = by_boundary[..., k[1:], k[:-1]] = found.coupling[..., 0, :]
    to_a = -nodes[:, None]  # every boundary moves by -theta with a
    cross = by_boundary[..., :-1, :-1].sum(axis=-1) * to_a
    by_boundary[..., :-1, -1] = by_boundary[..., -1, :-1] = cross
    by_boundary[..., -1, -1] = (cross * to_a).sum(axis=-1)
    score = np.concatenate([slope, (slope * to_a).sum(axis=-1, keepdims=True)], axis=-1)
    return _Curves(log_chance=found.log_likelihood, score=score, hessian=by_boundary)


def _posterior_mean(
    weight: np.ndarray, score: np.ndarray, code: np.ndarray, there: np.ndarray
) -> np.ndarray:
    """Mean score of an item over the nodes, for the patterns with an answer to it."""
    by_level = weight @ score.swapaxes(0, 1).reshape(weight.shape[1], -1)
    by_level = by_level.reshape(len(weight), *score.shape[::2])
    return by_level[there, code[there]]


def _spread_of_scores(data: Patterns, curves: list[_Curves], weight: np.ndarray) -> np.ndarray:
    """Mean of score x score' over the nodes, summed over the people."""
    starts = data.starts()
    n_nodes, n_parameters = weight.shape[1], starts[-1]
    result = np.zeros((n_parameters, n_parameters))
    block = max(1, MOST_NUMBERS // max(1, len(weight) * n_parameters))
    share = np.sqrt(data.times[:, None] * weight)
    for first in range(0, n_nodes, block):
        nodes = slice(first, min(first + block, n_nodes))
        scores = np.zeros((len(weight), nodes.stop - first, n_parameters))
        for j, (code, curve) in enumerate(zip(data.codes.T, curves, strict=True)):
            there = code >= 0
            scores[there, :, starts[j] : starts[j + 1]] = curve.score[code[there], nodes]
        scores *= share[:, nodes, None]
        flat = scores.reshape(-1, n_parameters)
        result += flat.T @ flat
    return result


def first_guess(data: Patterns) -> np.ndarray:
    """Boundaries from the shares of the levels, discriminations from the first component."""
    codes = np.where(data.codes >= 0, data.codes, np.nan)
    weights = data.times[:, None] * (data.codes >= 0)
    mean = np.nansum(codes * weights, axis=0) / weights.sum(axis=0)
    away = np.where(np.isnan(codes), 0.0, codes - mean) * np.sqrt(data.times)[:, None]
    length = np.sqrt((away**2).sum(axis=0))
    correlations = away.T @ away / np.outer(length, length)
    size, direction = np.linalg.eigh(correlations)
    loading = direction[:, -1] * np.sqrt(max(size[-1], 0.0))
    loading = np.clip(loading * np.where(loading.sum() < 0, -1, 1), -0.9, 0.9)
    slope = LOGISTIC * loading / np.sqrt(1 - loading**2)
    parts = []
    for code, n, a in zip(data.codes.T, data.n_levels, slope, strict=True):
        counts = np.bincount(code[code >= 0], data.times[code >= 0], minlength=n)
        share = np.cumsum(counts)[:-1] / counts.sum()
        parts.append([*(special.logit(share) * np.sqrt(1 + STRETCH * a**2)), a])
    return np.concatenate(parts)[None]
