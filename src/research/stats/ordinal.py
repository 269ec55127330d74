"""Ordinal answers of two groups: cumulative-link (proportional odds) models, from counts.

Group ``a`` is where ``first`` is true. Positive means ``a`` answers higher.
"""

from functools import cache

import numpy as np
import pandas as pd
from scipy import special

from research.errors import require_choice
from research.stats.counts import level_counts_by_cluster
from research.stats.cumulative import (
    LINKS,
    Evaluate,
    Fit,
    Link,
    boundaries,
    highest,
    maximise,
    modes,
    row_sums,
    score_and_hessian,
    slopes,
)
from research.stats.estimates import (
    COMPLETE_SEPARATION,
    NO_CONVERGENCE,
    NO_VARIATION,
    NOT_IDENTIFIED,
    TOO_FEW_ANSWERS,
    TOO_FEW_CLUSTERS,
    as_columns,
)

FEWEST_CLUSTERS = 3
FIRST_SPREADS = (0.4, 2.0)  # spreads of the intercept from which the search begins
# Where to begin: a spread sigma stretches the other parameters by about sqrt(1 + (c sigma)^2),
# Zeger, Liang & Albert (1988), Biometrics 44, 1049-1060.
STRETCH = {"logit": 16 * np.sqrt(3) / (15 * np.pi), "probit": 1.0}
SEARCH_NODES = 15  # enough to find which maximum it is
MOST_NODES = 200  # intercepts that spread too widely for these are not believed
MOST_QUADRATURE_ERROR = 1e-5  # in the log likelihood
MOST_NUMBERS = 2_000_000  # in one array: items are taken in batches that stay below


def cumulative_link(
    values: np.ndarray,
    first: np.ndarray,
    *,
    link: Link = "logit",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Log odds ratio of a higher answer in a than in b, per column: proportional odds model.

    One row a column of ``values``. With ``link="logit"`` the unit is a log odds, the same for
    every cut of the scale; with ``"probit"`` standard deviations of a latent normal answer.
    Positive means a answers higher: the sign of ``ordinal::clm`` and ``MASS::polr`` (SAS models
    the chance of *lower* answers by default and prints the other sign).

    Wald standard error (observed information), z, p and interval; ``p_likelihood_ratio`` beside
    them. A level nobody used is no level. People are taken as independent: where they share an
    organisation use ``cumulative_link_mixed``. Missing answers are left out, item by item.

    Fewer than two answers in a group: NaN, ``too_few_answers``; one level only:
    ``no_variation``; no answer of one group below any answer of the other (the estimate is
    infinite): ``complete_separation``.

    References
    ----------
    McCullagh (1980), J. R. Stat. Soc. B 42, 109-142, section 2; Agresti (2010), Analysis of
    Ordinal Categorical Data, section 3.3.
    """
    table = _Table(values, first, np.zeros(len(values), dtype=int), link=link)
    note = table.note()
    columns = ("estimate", "standard_error", "log_likelihood", "null")
    results = {name: np.full(len(note), np.nan) for name in columns}
    for items, counts in table.batches(note == "", size=1):
        fit, null = _fixed(counts, link)
        results["estimate"][items] = fit.parameters[:, -1]
        results["standard_error"][items] = fit.standard_errors[:, -1]
        results["log_likelihood"][items] = fit.log_likelihood
        results["null"][items] = null
        note[items] = np.where(fit.converged, "", NO_CONVERGENCE)
    ratio = 2 * (results["log_likelihood"] - results.pop("null"))
    wald = _wald(note, results, confidence_level=confidence_level)
    # A ratio this small is the rounding of the likelihoods; z^2 is what it tends to.
    ratio = np.where(ratio > 1e-10, ratio, wald["statistic"] ** 2)
    return wald.assign(
        p_likelihood_ratio=np.where(note == "", special.chdtrc(1, ratio), np.nan),
        **table.sizes(),
        note=note,
    )


def cumulative_link_mixed(
    values: np.ndarray,
    first: np.ndarray,
    cluster: np.ndarray,
    *,
    link: Link = "logit",
    confidence_level: float = 0.95,
    n_quadrature: int = 41,
) -> pd.DataFrame:
    """Log odds ratio of a higher answer in a than in b, given the cluster, per column.

    Cumulative-link model with a normal random intercept per cluster (organisation), maximum
    likelihood by adaptive Gauss-Hermite quadrature with ``n_quadrature`` nodes, and more where
    twice as many would change the log likelihood by 1e-5. One row a column of ``values``; unit,
    sign, missing-data rule and notes as in ``cumulative_link``. The ratio is that within a
    cluster: as a rule further from zero than the one over all people. The intercept takes up
    that clusters answer higher or lower as a whole, not that their gaps differ
    (``clustered.cr2_difference`` allows both).

    ``intercept_sd`` is the standard deviation of the intercepts on the scale of the link. Where
    the likelihood is largest at zero, it is 0 and the row equals ``cumulative_link``. Fewer than
    three clusters (``ordinal::clmm`` refuses them too): ``too_few_clusters``; no cluster with
    two answers: ``not_identified``; a likelihood without a maximum: ``no_convergence``. Agrees
    with ``ordinal::clmm``, whose default (nAGQ = 1) is Laplace's approximation, not this.

    References
    ----------
    Hedeker & Gibbons (1994), Biometrics 50, 933-944, section 2; Pinheiro & Bates (1995), J. Comput.
    Graph. Stat. 4, 12-35, section 2.4 (adaptive quadrature).
    """
    table = _Table(values, first, cluster, link=link)
    note = table.note(nested=True)
    columns = ("estimate", "standard_error", "intercept_sd", "log_likelihood")
    results = {name: np.full(len(note), np.nan) for name in columns}
    for items, counts in table.batches(note == "", size=n_quadrature):
        fit = _mixed(counts, link, n_quadrature)
        results["estimate"][items] = fit.parameters[:, -2]
        results["standard_error"][items] = fit.standard_errors[:, -2]
        results["intercept_sd"][items] = np.abs(fit.parameters[:, -1])
        results["log_likelihood"][items] = fit.log_likelihood
        note[items] = np.where(fit.converged, "", NO_CONVERGENCE)
    return _wald(note, results, confidence_level=confidence_level).assign(
        **table.sizes(), n_clusters=(table.counts.sum(axis=(2, 3)) > 0).sum(axis=1), note=note
    )


class _Table:
    """Counts of item x cluster x group (a, b) x answer level, and what they allow."""

    def __init__(self, values: np.ndarray, first: np.ndarray, cluster: np.ndarray, *, link: Link):
        require_choice("link", link, LINKS)
        values = as_columns(values)
        labels, counted = level_counts_by_cluster(values, first, cluster)
        shape = (len(labels), values.shape[1], len(counted.levels))
        groups = [part.reshape(shape) for part in (counted.a, counted.b)]
        self.counts = np.stack(groups, axis=-2).swapaxes(0, 1)
        self.n_rows = len(values)

    def note(self, *, nested: bool = False) -> np.ndarray:
        """Why an item cannot be estimated, or ""; ``nested`` when clusters count."""
        by_group = self.counts.sum(axis=1)
        level = np.arange(by_group.shape[-1])
        lowest = np.where(by_group > 0, level, len(level)).min(axis=-1)
        highest = np.where(by_group > 0, level, -1).max(axis=-1)
        reasons = [
            (by_group.sum(axis=-1).min(axis=-1) < 2, TOO_FEW_ANSWERS),
            (lowest.min(axis=-1) == highest.max(axis=-1), NO_VARIATION),
        ]
        if nested:
            per_cluster = self.counts.sum(axis=-1)
            n_clusters = (per_cluster.sum(axis=-1) > 0).sum(axis=-1)
            alone = per_cluster.sum(axis=-1).max(axis=-1, initial=0) < 2
            reasons.append((n_clusters < FEWEST_CLUSTERS, TOO_FEW_CLUSTERS))
            reasons.append((alone, NOT_IDENTIFIED))
        reasons.append(((lowest >= highest[:, ::-1]).any(axis=-1), COMPLETE_SEPARATION))
        return np.select(*zip(*reasons, strict=True), "").astype(object)

    def batches(self, usable: np.ndarray, *, size: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Items with equally many levels, and their counts without the levels nobody used."""
        used = self.counts.sum(axis=(1, 2)) > 0
        n_levels, found = used.sum(axis=1), []
        for n in np.unique(n_levels[usable]):
            items = np.flatnonzero(usable & (n_levels == n))
            most = max(1, MOST_NUMBERS // (2 * n * size * self.counts.shape[1]))
            found.extend(
                (part, np.stack([self.counts[item][..., used[item]] for item in part]))
                for part in np.split(items, range(most, len(items), most))
            )
        return found

    def sizes(self) -> dict[str, np.ndarray]:
        """Answers per group, rows without an answer and levels used, per item."""
        n_a, n_b = self.counts.sum(axis=(1, 3)).astype(int).T
        n_levels = (self.counts.sum(axis=(1, 2)) > 0).sum(axis=1)
        return {"n_a": n_a, "n_b": n_b, "n_dropped": self.n_rows - n_a - n_b, "n_levels": n_levels}


def _wald(
    note: np.ndarray, results: dict[str, np.ndarray], *, confidence_level: float
) -> pd.DataFrame:
    """Estimate with z, p and interval; NaN throughout where there is a note."""
    results = {name: np.where(note == "", values, np.nan) for name, values in results.items()}
    estimate, standard_error = results.pop("estimate"), results.pop("standard_error")
    half = special.ndtri(0.5 + confidence_level / 2) * standard_error
    statistic = estimate / standard_error
    return pd.DataFrame(
        {
            "estimate": estimate,
            "ci_low": estimate - half,
            "ci_high": estimate + half,
            "confidence_level": confidence_level,
            "standard_error": standard_error,
            "statistic": statistic,
            "p_value": 2 * special.ndtr(-np.abs(statistic)),
            **results,
        }
    )


def _fixed(counts: np.ndarray, link: Link) -> tuple[Fit, np.ndarray]:
    """Fit of the model without intercepts (theta, beta), and the log likelihood at beta = 0."""
    pooled = counts.sum(axis=1)[:, None, None]
    node, one = np.zeros((len(counts), 1, 1)), np.ones((len(counts), 1, 1))

    def evaluate(parameters: np.ndarray, items: np.ndarray) -> tuple[np.ndarray, ...]:
        whole = np.pad(parameters, ((0, 0), (0, 1)))  # sigma = 0
        found = slopes(pooled[items], boundaries(whole, node[items]), link)
        score, hessian = score_and_hessian(found, node[items], one[items])
        return found.log_likelihood[:, 0, 0], score[:, :-1], hessian[:, :-1, :-1]

    # The maximum at beta = 0 is where the cumulative shares of all answers put it.
    share = np.cumsum(pooled.sum(axis=(1, 2, 3)), axis=-1)
    share = share[:, :-1] / share[:, -1:]
    theta = special.logit(share) if link == "logit" else special.ndtri(share)
    start = np.pad(theta, ((0, 0), (0, 1)))
    return maximise(evaluate, start), evaluate(start, np.arange(len(counts)))[0]


@cache
def _hermite(n_quadrature: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes x, and log of weight exp(x^2), of Gauss-Hermite quadrature."""
    nodes, weights = special.roots_hermite(n_quadrature)
    return nodes, np.log(weights) + nodes**2


def _mixed(counts: np.ndarray, link: Link, n_quadrature: int) -> Fit:
    """Fit of (theta, beta, sigma); sigma = 0 and the fixed model where that is the maximum."""
    fixed, _ = _fixed(counts, link)
    counts = counts[:, :, None]  # the axis of quadrature nodes
    # The likelihood may have a maximum at zero and one beyond it: search from near and far.
    stretched = [fixed.parameters * np.sqrt(1 + (STRETCH[link] * s) ** 2) for s in FIRST_SPREADS]
    spreads = np.repeat(FIRST_SPREADS, len(counts))[:, None]
    tried = np.concatenate([counts] * len(FIRST_SPREADS))
    coarse = _integrated(tried, link, min(SEARCH_NODES, n_quadrature))
    search = maximise(coarse, np.hstack([np.vstack(stretched), spreads]), tolerance=1e-3)
    best = highest(search, len(FIRST_SPREADS))
    fit = maximise(_integrated(counts, link, n_quadrature), best.parameters)
    fit = _at_boundary(fit, fixed, _gains_from_spread(counts, fixed.parameters, link))
    return _refined(fit, counts, link, 2 * n_quadrature)


def _refined(fit: Fit, counts: np.ndarray, link: Link, n_quadrature: int) -> Fit:
    """The fit where these nodes, twice as many, say the same; else the fit with these nodes."""
    evaluate = _integrated(counts, link, n_quadrature)
    again = evaluate(fit.parameters, np.arange(len(counts)))[0]
    rough = fit.converged & (np.abs(again - fit.log_likelihood) > MOST_QUADRATURE_ERROR)
    if not rough.any():
        return fit
    if n_quadrature > MOST_NODES:
        return fit._replace(converged=fit.converged & ~rough)
    finer = maximise(_integrated(counts[rough], link, n_quadrature), fit.parameters[rough])
    finer = _refined(finer, counts[rough], link, 2 * n_quadrature)
    for whole, part in zip(fit, finer, strict=True):
        whole[rough] = part
    return fit


def _integrated(counts: np.ndarray, link: Link, n_quadrature: int) -> Evaluate:
    """Log likelihood with its derivatives, the intercept of every cluster integrated out."""
    nodes, log_weights = _hermite(n_quadrature)
    middle = np.zeros(counts.shape[:2])

    def evaluate(parameters: np.ndarray, items: np.ndarray) -> tuple[np.ndarray, ...]:
        top, spread = modes(counts[items], parameters, middle[items], link)
        middle[items] = np.where(np.isfinite(top), top, 0.0)
        u = top[..., None] + np.sqrt(2) * spread[..., None] * nodes
        found = slopes(counts[items], boundaries(parameters, u), link)
        log_terms = found.log_likelihood - u**2 / 2 + log_weights - np.log(np.pi) / 2
        highest_term = log_terms.max(axis=-1, keepdims=True)
        terms = np.exp(log_terms - highest_term)
        total = terms.sum(axis=-1, keepdims=True)
        value = (np.log(total * spread[..., None]) + highest_term).sum(axis=(1, 2))
        return value, *score_and_hessian(found, u, terms / total)

    return evaluate


def _gains_from_spread(counts: np.ndarray, fixed: np.ndarray, link: Link) -> np.ndarray:
    """Whether the log likelihood rises when sigma^2 leaves 0: the score to sigma^2 there."""
    whole = np.pad(fixed, ((0, 0), (0, 1)))
    found = slopes(counts, boundaries(whole, np.zeros((*counts.shape[:2], 1))), link)
    first = found.slope.sum(axis=(-2, -1)) ** 2
    second = row_sums(found).sum(axis=(-2, -1))
    return (first + second).sum(axis=(1, 2)) > 1e-8 * (first - second).sum(axis=(1, 2))


def _at_boundary(fit: Fit, fixed: Fit, gains: np.ndarray) -> Fit:
    """The fixed model's fit where no spread of the intercepts does better."""
    better = fit.log_likelihood > fixed.log_likelihood + 1e-9 * (1 + np.abs(fixed.log_likelihood))
    zero = ~gains & ~better & fixed.converged
    whole = [np.pad(part, ((0, 0), (0, 1))) for part in (fixed.parameters, fixed.standard_errors)]
    return Fit(
        np.where(zero[:, None], whole[0], fit.parameters),
        np.where(zero, fixed.log_likelihood, fit.log_likelihood),
        np.where(zero[:, None], whole[1], fit.standard_errors),
        np.where(zero, True, fit.converged),
    )
