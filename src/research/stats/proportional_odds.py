"""Proportional-odds regression on any predictors, from counts, many items at once.

With K boundaries the parameters of an item are theta_1 < ... < theta_K and beta:

    P(answer <= level k) = F(theta_k - x beta),   F logistic,

so a positive beta goes with higher answers. ``ordinal`` has the model of one group, with
intercepts of organisations; this one is for scores and interactions as predictors.

References
----------
McCullagh (1980), J. R. Stat. Soc. B 42, 109-142, section 2; the log likelihood is concave: Burridge
(1981), J. R. Stat. Soc. B 43, 41-45; Pratt (1981), J. Am. Stat. Assoc. 76, 103-106.
"""

import numpy as np
from scipy import special

from research.stats.cumulative import Fit, maximise, row_sums, slopes

# On the scale of the logit: predicted differences this large are chances of 0 and 1.
SEPARATED = 15.0


def proportional_odds(counts: np.ndarray, predictors: np.ndarray) -> Fit:
    """Maximum likelihood fit of every item: its row of ``parameters`` is (theta, beta).

    ``counts`` has axes item, cell and level, ``predictors`` item, cell and predictor: a cell is
    a set of people alike in the predictors; one without people counts for nothing. Every item
    must have answers at every level. Standard errors from the observed information.
    ``converged`` is False where there is no maximum: the predictors separate the levels, or
    depend on one another linearly.
    """
    total = np.cumsum(counts.sum(axis=1), axis=-1)
    theta = special.logit(total[:, :-1] / total[:, -1:])  # the maximum at beta = 0
    start = np.pad(theta, ((0, 0), (0, predictors.shape[-1])))
    n_boundaries = theta.shape[1]

    def evaluate(parameters: np.ndarray, items: np.ndarray) -> tuple[np.ndarray, ...]:
        x = predictors[items]
        z = parameters[:, None, :n_boundaries] - x @ parameters[:, n_boundaries:, None]
        found = slopes(counts[items], z, "logit")
        sums = row_sums(found)
        score = [found.slope.sum(axis=1), -(found.slope.sum(axis=-1)[:, None] @ x)[:, 0]]
        hessian = np.empty((*parameters.shape, parameters.shape[1]))
        k = np.arange(n_boundaries)
        hessian[:, :n_boundaries, :n_boundaries] = 0
        hessian[:, k, k] = found.curvature.sum(axis=1)
        coupling = found.coupling.sum(axis=1)
        hessian[:, k[:-1], k[1:]] = hessian[:, k[1:], k[:-1]] = coupling
        cross = -sums.swapaxes(1, 2) @ x
        hessian[:, :n_boundaries, n_boundaries:] = cross
        hessian[:, n_boundaries:, :n_boundaries] = cross.swapaxes(1, 2)
        weighted = sums.sum(axis=-1)[..., None] * x
        hessian[:, n_boundaries:, n_boundaries:] = x.swapaxes(1, 2) @ weighted
        return found.log_likelihood, np.concatenate(score, axis=-1), hessian

    return maximise(evaluate, start)


def separated(fit: Fit, predictors: np.ndarray) -> np.ndarray:
    """Where a fit that did not converge was on its way to chances of 0 and 1.

    The likelihood is concave, so with independent predictors it lacks a maximum only then.
    """
    beta = fit.parameters[:, -predictors.shape[-1] :, None]
    return ~fit.converged & (np.ptp((predictors @ beta)[..., 0], axis=1) > SEPARATED)


def null_log_likelihood(counts: np.ndarray) -> np.ndarray:
    """Log likelihood of every item without predictors: n log(share) summed over the levels."""
    by_level = counts.sum(axis=1)
    share = by_level / by_level.sum(axis=-1, keepdims=True)
    return special.xlogy(by_level, share).sum(axis=-1)
