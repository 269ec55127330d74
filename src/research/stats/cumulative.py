"""Log likelihood of cumulative-link models from counts, its derivatives, and Newton's method.

The one predictor is the group, so the data are counts of (cluster x group x answer level), and
every array here has axes item, cluster, quadrature node, group (a, b), boundary or level. With
K boundaries the parameters of an item are theta_1 < ... < theta_K, beta, sigma:

    P(answer <= level k) = F(theta_k - beta [group a] - sigma u),   u ~ N(0, 1) per cluster.

References
----------
McCullagh (1980), J. R. Stat. Soc. B 42, 109-142, section 2 (the model);
Louis (1982), J. R. Stat. Soc. B 44, 226-233, eq. 3.2 (information of an integrated likelihood).
"""

from collections.abc import Callable
from typing import Literal, NamedTuple, get_args

import numpy as np
from scipy import special

Link = Literal["logit", "probit"]
LINKS: tuple[str, ...] = get_args(Link)

MOST_STEPS = 200  # to a cluster's likeliest intercept
MOST_TRIALS = 60  # of a Newton step, shortened ones included
STEP_TOLERANCE = 1e-10  # of the parameters: the last step of a maximum
LONGEST_STEP = 2.0
SHORT_STEP = 1e-3  # of the parameters: near the maximum
FAR = 100.0  # on the scale of the link: beyond it the likelihood grows for ever
NOISE = 1e-9  # of the log likelihood: less than this is no loss


class Slopes(NamedTuple):
    """Log likelihood and its derivatives to the boundaries' positions z, given u."""

    log_likelihood: np.ndarray  # summed over groups and levels
    slope: np.ndarray  # to each boundary
    curvature: np.ndarray  # to each boundary twice
    coupling: np.ndarray  # to each boundary and the next; further ones do not meet


class Fit(NamedTuple):
    """Where Newton's method ended; one row an item."""

    parameters: np.ndarray
    log_likelihood: np.ndarray
    standard_errors: np.ndarray  # NaN unless ``converged``
    converged: np.ndarray


Evaluate = Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray, np.ndarray]]


def _log_cells(z: np.ndarray, link: Link) -> np.ndarray:
    """Log chance of each level, in a form that loses no digits in either tail."""
    lower, upper = z[..., :-1], z[..., 1:]
    if link == "logit":
        below, above = special.log_expit(z), special.log_expit(-z)
        between = below[..., 1:] + above[..., :-1] + np.log(-np.expm1(lower - upper))
    else:
        below, above = special.log_ndtr(z), special.log_ndtr(-z)
        # Both ends mirrored into the lower tail.
        flip = lower + upper > 0
        near = np.where(flip, above[..., :-1], below[..., 1:])
        far = np.where(flip, above[..., 1:], below[..., :-1])
        between = near + np.log(-np.expm1(far - near))
    return np.concatenate([below[..., :1], between, above[..., -1:]], axis=-1)


def _density(z: np.ndarray, link: Link) -> tuple[np.ndarray, np.ndarray]:
    """Log density of the link's distribution, and the slope of that logarithm."""
    if link == "logit":
        return special.log_expit(z) + special.log_expit(-z), -np.tanh(z / 2)
    return -(z**2) / 2 - np.log(2 * np.pi) / 2, -z


def slopes(counts: np.ndarray, z: np.ndarray, link: Link) -> Slopes:
    """Log likelihood of ``counts`` (..., group, level) at boundaries ``z`` (..., group, K)."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        log_p = _log_cells(z, link)
        log_density, bend = _density(z, link)
        up = np.exp(log_density - log_p[..., :-1])  # density over the chance of the level below
        down = np.exp(log_density - log_p[..., 1:])  # and of the level above
        low, high = counts[..., :-1], counts[..., 1:]
        slope = low * up - high * down
        return Slopes(
            (counts * log_p).sum(axis=(-2, -1)),
            slope,
            bend * slope - low * up**2 - high * down**2,
            counts[..., 1:-1] * up[..., 1:] * down[..., :-1],
        )


def boundaries(parameters: np.ndarray, u: np.ndarray) -> np.ndarray:
    """Positions z of the boundaries per item, cluster, node and group at intercepts ``u``."""
    theta, beta, sigma = parameters[:, :-2], parameters[:, -2], parameters[:, -1]
    shift = np.stack([beta, np.zeros_like(beta)], axis=-1)[:, None, None, :]
    shift = shift + (sigma[:, None, None] * u)[..., None]
    return theta[:, None, None, None, :] - shift[..., None]


def row_sums(found: Slopes) -> np.ndarray:
    """Second derivative to each boundary and a common move of all boundaries of its group."""
    sums = found.curvature.copy()
    sums[..., :-1] += found.coupling
    sums[..., 1:] += found.coupling
    return sums


def score_and_hessian(
    found: Slopes, u: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """First and second derivative to (theta, beta, sigma) of the integrated log likelihood.

    ``weight`` is the chance of each node given the cluster's answers (it sums to one over the
    nodes): the score is a mean over nodes, the Hessian a mean plus the variance of the score.
    """
    slope, sums = found.slope, row_sums(found)
    per_node = np.concatenate(
        [
            slope.sum(axis=-2),
            -slope[..., 0, :].sum(axis=-1, keepdims=True),
            -(u * slope.sum(axis=(-2, -1)))[..., None],
        ],
        axis=-1,
    )
    per_cluster = (weight[..., None] * per_node).sum(axis=2)
    flat = per_node.reshape(len(u), -1, per_node.shape[-1])
    weighted = weight.reshape(len(u), -1, 1) * flat
    hessian = np.swapaxes(weighted, 1, 2) @ flat
    hessian -= np.swapaxes(per_cluster, 1, 2) @ per_cluster

    def mean(values: np.ndarray, *times: np.ndarray) -> np.ndarray:
        factor = weight
        for each in times:
            factor = factor * each
        return (factor[..., None] * values).sum(axis=(1, 2))

    k = np.arange(slope.shape[-1])
    beta, sigma = len(k), len(k) + 1
    both, of_a = sums.sum(axis=-2), sums[..., 0, :]
    hessian[:, k, k] += mean(found.curvature.sum(axis=-2))
    coupling = mean(found.coupling.sum(axis=-2))
    hessian[:, k[:-1], k[1:]] += coupling
    hessian[:, k[1:], k[:-1]] += coupling
    for column, cross in ((beta, -mean(of_a)), (sigma, -mean(both, u))):
        hessian[:, k, column] += cross
        hessian[:, column, k] += cross
    hessian[:, beta, beta] += mean(of_a).sum(axis=-1)
    cross = mean(of_a, u).sum(axis=-1)
    hessian[:, beta, sigma] += cross
    hessian[:, sigma, beta] += cross
    hessian[:, sigma, sigma] += mean(both, u, u).sum(axis=-1)
    return per_cluster.sum(axis=1), hessian


def modes(
    counts: np.ndarray, parameters: np.ndarray, start: np.ndarray, link: Link
) -> tuple[np.ndarray, np.ndarray]:
    """Most likely intercept u of every item and cluster, and the spread there.

    The log of (likelihood x normal density) is concave in u, so its slope has one root: Newton
    inside a bracket, halving the bracket where a step would leave it.
    """
    sigma = parameters[:, -1][:, None]
    u = start.copy()
    low, high = np.full_like(u, -np.inf), np.full_like(u, np.inf)
    for _ in range(MOST_STEPS):
        found = slopes(counts, boundaries(parameters, u[..., None]), link)
        slope = -sigma * found.slope.sum(axis=(-2, -1))[..., 0] - u
        curvature = 1 - sigma**2 * row_sums(found).sum(axis=(-2, -1))[..., 0]
        low, high = np.where(slope > 0, u, low), np.where(slope < 0, u, high)
        target = u + np.clip(slope / curvature, -LONGEST_STEP, LONGEST_STEP)
        outside = (target < low) | (target > high)
        with np.errstate(invalid="ignore"):  # both ends infinite: then nothing is outside
            target = np.where(outside, low / 2 + high / 2, target)
        moved = np.abs(target - u)
        u = target
        if not np.any(moved > STEP_TOLERANCE):  # NaN (a trial out of order) stops as well
            break
    return u, 1 / np.sqrt(curvature)


def maximise(evaluate: Evaluate, start: np.ndarray, *, tolerance: float = STEP_TOLERANCE) -> Fit:
    """Maximum of every item's log likelihood by Newton's method, all items at once.

    ``evaluate(parameters, items)`` gives log likelihood, score and Hessian of those items.
    Curvature of the wrong sign is turned, so that every step goes up; a step that does not is
    shortened. Converged means: a full Newton step below ``tolerance`` of the parameters, and a
    Hessian that is negative definite there. No flag of an optimiser is believed.
    """
    parameters = start.copy()
    value, score, hessian = (np.array(part) for part in evaluate(start, np.arange(len(start))))
    shorten, converged = np.ones(len(start)), np.zeros(len(start), dtype=bool)
    active = np.isfinite(value)
    for _ in range(MOST_TRIALS):
        items = np.flatnonzero(active)
        if not len(items):
            break
        step = shorten[items, None] * _uphill(score[items], hessian[items])
        trial = parameters[items] + step
        found = evaluate(trial, items)
        reach = 1 + np.abs(trial).max(axis=1)
        length = np.abs(step).max(axis=1) / reach
        finite = np.isfinite(found[0]) & np.isfinite(found[2]).all(axis=(1, 2))
        no_loss = found[0] >= value[items] - NOISE * (1 + np.abs(value[items]))
        # A short step follows the score: the value may be off by the error of a quadrature.
        taken = finite & (no_loss | (length <= SHORT_STEP))
        kept = items[taken]
        parameters[kept], value[kept] = trial[taken], found[0][taken]
        score[kept], hessian[kept] = found[1][taken], found[2][taken]
        converged[items] = taken & (length <= tolerance) & (shorten[items] == 1)
        shorten[items] = np.where(taken, 1.0, shorten[items] / 4)
        active[items] = ~converged[items] & (shorten[items] > STEP_TOLERANCE) & (reach < FAR)
    errors, definite = _standard_errors(hessian)
    converged &= definite
    return Fit(parameters, value, np.where(converged[:, None], errors, np.nan), converged)


def highest(fit: Fit, n_starts: int) -> Fit:
    """Of ``n_starts`` fits of the same items, start by start, the one of the largest likelihood.

    Of equals one that converged.
    """
    values = fit.log_likelihood + fit.converged * NOISE * (1 + np.abs(fit.log_likelihood))
    values = np.where(np.isnan(values), -np.inf, values).reshape(n_starts, -1)
    n_items = values.shape[1]
    chosen = np.argmax(values, axis=0) * n_items + np.arange(n_items)
    return Fit(*(part[chosen] for part in fit))


def _uphill(score: np.ndarray, hessian: np.ndarray) -> np.ndarray:
    """Newton's step with every curvature taken as downward, at most ``LONGEST_STEP`` long."""
    size, direction = np.linalg.eigh(-hessian)
    size = np.abs(size)
    size = np.maximum(size, 1e-12 * size.max(axis=1, keepdims=True) + np.finfo(float).tiny)
    along = np.einsum("ipk,ip->ik", direction, score) / size
    step = np.einsum("ipk,ik->ip", direction, along)
    longest = np.abs(step).max(axis=1, keepdims=True)
    return step * np.minimum(1, LONGEST_STEP / np.maximum(longest, LONGEST_STEP))


def _standard_errors(hessian: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Roots of the diagonal of the inverse information, and whether it is positive definite."""
    usable = np.where(np.isfinite(hessian), hessian, 0.0)
    size, direction = np.linalg.eigh(-usable)
    definite = size[:, 0] > 1e-10 * size[:, -1]
    inverse = 1 / np.where(definite[:, None], size, np.nan)
    return np.sqrt(np.einsum("ipk,ik->ip", direction**2, inverse)), definite
