"""Asymptotic covariance of thresholds and polychoric correlations (Muthén's sandwich)."""

from dataclasses import dataclass

import numpy as np
from scipy import special

from research.stats.factors.bivariate_normal import (
    bivariate_normal_cdf,
    bivariate_normal_density,
    cells,
)
from research.stats.factors.categories import Answers
from research.stats.groups import sum_by

# lavaan leaves a cell that the model makes this unlikely out of likelihood and scores.
NEGLIGIBLE = np.sqrt(np.finfo(float).eps)
ROWS_AT_ONCE = 4096
ROOT_TWO_PI = np.sqrt(2 * np.pi)


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """All pairs of items: column numbers, table of counts, limits of the cells, correlation.

    ``tables`` is pairs x categories x categories. ``rows`` and ``columns`` hold the limits on
    the normal scale, from -inf to inf; an item with fewer categories ends in several inf.
    """

    first: np.ndarray
    second: np.ndarray
    tables: np.ndarray
    rows: np.ndarray
    columns: np.ndarray
    correlation: np.ndarray

    @property
    def limits(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Row limits, column limits and correlation, shaped for one value a cell corner."""
        known = np.where(np.isnan(self.correlation), 0.0, self.correlation)
        return self.rows[:, :, None], self.columns[:, None, :], known[:, None, None]


@dataclass(frozen=True, kw_only=True)
class Influence:
    """What people move the moments (thresholds, correlations) by; see ``moment_influence``.

    ``covariance`` is that of sqrt(n) times the moments when people are independent;
    ``of_clusters`` has one row a cluster: the sum over its people of what each moves them by.
    Rows and columns of a correlation that is NaN are NaN.
    """

    covariance: np.ndarray
    of_clusters: np.ndarray


def moment_influence(
    answers: Answers, pairs: Pairs, item: np.ndarray, category: np.ndarray, cluster: np.ndarray
) -> Influence:
    """Covariance of the moments, and the moments' moves by cluster.

    n B^-1 (sum over people of s s') B^-1': s are a person's scores for the thresholds (in the
    item's margin) and the correlations (in the pair's table), zero where an answer is missing;
    B is lower block-triangular with their cross-products, so B^-1 s is what a person moves the
    moments by. ``item`` and ``category`` name the thresholds; ``cluster`` numbers people's
    clusters from 0, empty for none.

    References
    ----------
    Muthén (1984), Psychometrika 49, 115-132, section 3; Muthén & Satorra (1995), Sociol.
    Methodol. 25, 267-316, eq. 23, for people nested in clusters.
    """
    scores, across = _pair_scores(pairs, answers.counts.shape[0])
    of_thresholds = _threshold_scores(answers, pairs, item, category)
    sums = _sums_over_people(answers, pairs, scores, cluster)
    among = of_thresholds.T @ sums.counts @ of_thresholds
    between = of_thresholds.T @ sums.mixed
    inner = np.block([[among, between], [between.T, sums.own]])
    information = np.diag(sums.own)
    known = (information > 0) & ~np.isnan(pairs.correlation)
    bread = np.block(
        [
            [np.where(item[:, None] == item, among, 0.0), np.zeros_like(between)],
            [across[:, item, category], np.diag(np.where(known, information, 1.0))],
        ]
    )
    half = np.linalg.solve(bread, inner)
    covariance = len(answers.codes) * np.linalg.solve(bread, half.T)
    together = np.hstack([sums.shown_by_cluster @ of_thresholds, sums.gained_by_cluster])
    of_clusters = np.linalg.solve(bread, together.T).T
    lost = len(item) + np.flatnonzero(~known)
    covariance[lost, :] = covariance[:, lost] = np.nan
    of_clusters[:, lost] = np.nan
    return Influence(covariance=(covariance + covariance.T) / 2, of_clusters=of_clusters)


def indicators(codes: np.ndarray, most: int) -> np.ndarray:
    """One column a category of an item, all items beside one another; 0 where missing."""
    shown = codes[:, :, None] == np.arange(most)
    return shown.reshape(len(codes), codes.shape[1] * most).astype(np.float32)


def _normal_density(limit: np.ndarray) -> np.ndarray:
    return np.exp(-(limit**2) / 2) / ROOT_TWO_PI


def _threshold_scores(
    answers: Answers, pairs: Pairs, item: np.ndarray, category: np.ndarray
) -> np.ndarray:
    """Return the score of each threshold for each category of each item (0 for other items)."""
    p, most = answers.counts.shape
    share = answers.counts / np.maximum(answers.counts.sum(axis=1, keepdims=True), 1)
    density = _normal_density(special.ndtri(np.cumsum(share, axis=1)[item, category]))
    scores = np.zeros((p, most, len(item)))
    column = np.arange(len(item))
    scores[item, category, column] = density / share[item, category]
    scores[item, category + 1, column] = -density / share[item, category + 1]
    return scores.reshape(p * most, len(item))


def _pair_scores(pairs: Pairs, n_items: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each correlation's score per cell, and its products with the thresholds' scores.

    The second is pairs x items x thresholds, summed over the people of the pair; here the
    thresholds' scores are those of the pair's table (Olsson 1979, eqs 8-10).
    """
    x, y, r = pairs.limits
    chance = cells(bivariate_normal_cdf(x, y, r))
    likely = (chance > NEGLIGIBLE) & ~np.isnan(pairs.correlation)[:, None, None]
    chance = np.where(likely, chance, 1.0)
    scores = np.where(likely, cells(bivariate_normal_density(x, y, r)), 0.0) / chance
    weight = pairs.tables * scores / chance
    across = np.zeros((len(scores), n_items, scores.shape[1] - 1))
    number, rho = np.arange(len(scores)), r[:, 0, 0]
    turned = weight.transpose(0, 2, 1)
    across[number, pairs.first] = _moved(weight, pairs.rows, pairs.columns, rho)
    across[number, pairs.second] = _moved(turned, pairs.columns, pairs.rows, rho)
    return scores, across


def _moved(weight: np.ndarray, own: np.ndarray, other: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """Return the weighted sum over cells of the derivative to each inner limit of one item."""
    limit = own[:, 1:-1, None]
    finite = np.where(np.isfinite(limit), limit, 0.0)
    root = np.sqrt(1 - rho**2)[:, None, None]
    conditional = special.ndtr((other[:, None, :] - rho[:, None, None] * finite) / root)
    gained = np.where(np.isfinite(limit), _normal_density(finite), 0.0)
    gained = gained * np.diff(conditional, axis=-1)
    return ((weight[:, :-1] - weight[:, 1:]) * gained).sum(axis=-1)


@dataclass(frozen=True, kw_only=True)
class _Sums:
    """Sums over people: categories by categories, by correlations' scores, these by one another.

    The last two are per cluster: how often each category occurs, and the correlations' scores.
    """

    counts: np.ndarray
    mixed: np.ndarray
    own: np.ndarray
    shown_by_cluster: np.ndarray
    gained_by_cluster: np.ndarray


def _sums_over_people(
    answers: Answers, pairs: Pairs, scores: np.ndarray, cluster: np.ndarray
) -> _Sums:
    most, n_pairs = answers.most, len(scores)
    n_columns = answers.codes.shape[1] * most
    table = np.zeros((n_pairs, most + 1, most + 1))  # a missing answer scores zero
    table[:, :-1, :-1] = scores
    offset = np.arange(n_pairs) * (most + 1) ** 2
    n_clusters = int(cluster.max(initial=-1)) + 1
    sums = _Sums(
        counts=np.zeros((n_columns, n_columns)),
        mixed=np.zeros((n_columns, n_pairs)),
        own=np.zeros((n_pairs, n_pairs)),
        shown_by_cluster=np.zeros((n_clusters, n_columns)),
        gained_by_cluster=np.zeros((n_clusters, n_pairs)),
    )
    for start in range(0, len(answers.codes), ROWS_AT_ONCE):
        codes = answers.codes[start : start + ROWS_AT_ONCE]
        shown = indicators(codes, most).astype(float)
        cell = codes[:, pairs.first] * (most + 1) + codes[:, pairs.second]
        gained = table.ravel()[cell + offset]
        np.add(sums.counts, shown.T @ shown, out=sums.counts)
        np.add(sums.mixed, shown.T @ gained, out=sums.mixed)
        np.add(sums.own, gained.T @ gained, out=sums.own)
        if n_clusters:
            own = cluster[start : start + ROWS_AT_ONCE]
            np.add(sums.shown_by_cluster, sum_by(own, shown, n_clusters), out=sums.shown_by_cluster)
            np.add(
                sums.gained_by_cluster, sum_by(own, gained, n_clusters), out=sums.gained_by_cluster
            )
    return sums
