"""Polychoric correlations in two steps, with the covariance that ordinal factor models need."""

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
from scipy import special

from research.errors import require_choice
from research.stats.estimates import (
    NO_CONVERGENCE,
    NO_VARIATION,
    NOT_IDENTIFIED,
    TOO_FEW_ANSWERS,
    as_columns,
)
from research.stats.factors.bivariate_normal import (
    bivariate_normal_cdf,
    bivariate_normal_density,
    cells,
    density_slope,
)
from research.stats.factors.categories import Answers, category_codes
from research.stats.factors.polychoric_covariance import (
    NEGLIGIBLE,
    ROWS_AT_ONCE,
    Influence,
    Pairs,
    indicators,
    moment_influence,
)
from research.stats.groups import cluster_codes

Missing = Literal["pairwise", "listwise"]
MISSING: tuple[str, ...] = get_args(Missing)
# lavaan's bounds: a likelihood that still rises there belongs to a perfect correlation.
PERFECT = 0.999
# Below this information its standard error would exceed two, the whole range of a correlation.
LEAST_INFORMATION = 0.25
TOLERANCE = 1e-12
ROUNDING = 1e-10  # of a log-likelihood: less is no difference
NEWTON_STEPS, MOST_STEPS = 30, 100


@dataclass(frozen=True, kw_only=True)
class OrdinalMoments:
    """Thresholds and polychoric correlations of a set of items, with their covariance.

    ``thresholds`` of all items after one another, ascending within an item; ``threshold_item``
    is the column number of the item each belongs to. ``correlations`` is (p, p) with unit
    diagonal. ``covariance`` is that of sqrt(n) times (thresholds, correlations below the
    diagonal column by column: (2,1), (3,1) .. (p,1), (3,2) ..) with independent people. ``n`` are
    the rows used. ``clusters`` are the labels of the clusters people are nested in, ``of_clusters``
    what the people of each move the moments by; both empty where people are independent.
    """

    thresholds: np.ndarray
    threshold_item: np.ndarray
    correlations: np.ndarray
    covariance: np.ndarray
    n: int
    note: str
    clusters: np.ndarray = field(default_factory=lambda: np.empty(0, dtype=str))
    of_clusters: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))

    @property
    def n_thresholds(self) -> tuple[int, ...]:
        """Number of thresholds of each item."""
        counts = np.bincount(self.threshold_item, minlength=len(self.correlations))
        return tuple(counts.tolist())


def ordinal_moments(
    items: np.ndarray,
    *,
    missing: Missing = "pairwise",
    with_covariance: bool = True,
    cluster: np.ndarray | None = None,
) -> OrdinalMoments:
    """Thresholds, polychoric correlations and their asymptotic covariance.

    ``items`` is one row a respondent, one column an item, NaN where missing; any numbers whose
    order is that of the categories. An item's categories are the values that occur in it.
    ``missing="pairwise"``: thresholds from all answers to an item, a correlation from the people
    who answered both, and n counts everyone with an answer to any item. ``"listwise"``: complete
    rows only. ``cluster`` is the label of the cluster of each person (organisation) where people
    are nested; estimates stay the same. Without ``with_covariance`` the covariance is NaN (and
    the cost does not depend on n but for the counting).

    A correlation is NaN where nobody answered both items (``too_few_answers``), where one of
    them does not vary (``no_variation``), or where the likelihood has no maximum below .999, as
    with perfect agreement, or is flat (``not_identified``). The note is the first of these that
    occurs in any pair; rows and columns of the covariance that belong to it are NaN as well.

    Notes
    -----
    As ``lavaan::lavCor(ordered =)``; the covariance is ``lavInspect(fit, "gamma")`` of one group
    (WLSMV): divided by n, not n - 1. As there, empty cells are left alone except a single one in
    a two-by-two table, which gets half an answer with the margins kept, and cells with a chance
    below 1.5e-8 count for nothing. lavaan gives .999 or 1 for a perfect correlation.
    psych::polychoric finds the same maximum to about 1e-5 (R's ``optimize``), and its
    ``correct = .5`` adds half an answer to every empty cell only with ``global = FALSE``.

    References
    ----------
    Olsson (1979), Psychometrika 44, 443-460, section 3 (two-step estimate); Muthén (1984),
    Psychometrika 49, 115-132 (covariance).
    """
    require_choice("missing", missing, MISSING)
    items = as_columns(items)
    there = ~np.isnan(items)
    chosen = there.all(axis=1) if missing == "listwise" else there.any(axis=1)
    used = items[chosen]
    answers = category_codes(used)
    limits = _limits(answers)
    pairs, note = _estimated_pairs(answers, limits)
    matrix = np.eye(items.shape[1])
    matrix[pairs.first, pairs.second] = matrix[pairs.second, pairs.first] = pairs.correlation
    item, category = np.nonzero(np.isfinite(limits[:, 1:]))
    size = len(item) + len(pairs.first)
    labels, codes = np.empty(0, dtype=str), np.empty(0, dtype=int)
    if cluster is not None:
        labels, codes = cluster_codes(np.asarray(cluster)[chosen])
    influence = Influence(
        covariance=np.full((size, size), np.nan), of_clusters=np.full((len(labels), size), np.nan)
    )
    if with_covariance:
        influence = moment_influence(answers, pairs, item, category, codes)
    return OrdinalMoments(
        thresholds=limits[item, category + 1],
        threshold_item=item,
        correlations=matrix,
        covariance=influence.covariance,
        clusters=labels,
        of_clusters=influence.of_clusters,
        n=len(used),
        note=note,
    )


def polychoric(items: np.ndarray) -> np.ndarray:
    """Polychoric correlations of all items, (p, p); pairwise answers, see ``ordinal_moments``."""
    return ordinal_moments(items, with_covariance=False).correlations


def _limits(answers: Answers) -> np.ndarray:
    """Return the limits of each item's categories on the normal scale, from -inf to inf."""
    total = answers.counts.sum(axis=1, keepdims=True)
    below = np.cumsum(answers.counts, axis=1) / np.maximum(total, 1)
    last = np.arange(answers.most) >= answers.n_categories[:, None] - 1
    upper = np.where(last, np.inf, special.ndtri(np.where(last, 0.5, below)))
    return np.hstack([np.full((len(upper), 1), -np.inf), upper])


def _estimated_pairs(answers: Answers, limits: np.ndarray) -> tuple[Pairs, str]:
    """Return all pairs with their correlation, and the gravest reason why one is missing."""
    first, second = np.triu_indices(len(limits), k=1)
    tables = _pair_tables(answers, first, second)
    correlation, information = np.full((2, len(tables)), np.nan)
    n = tables.sum(axis=(1, 2))
    usable = ((tables.sum(axis=2) > 0).sum(axis=1) > 1) & ((tables.sum(axis=1) > 0).sum(axis=1) > 1)
    binary = (answers.n_categories[first] == 2) & (answers.n_categories[second] == 2)
    corrected = _without_zero(tables, binary)
    correlation[usable], information[usable] = _most_likely(
        corrected[usable], limits[first[usable]], limits[second[usable]]
    )
    failed = usable & np.isnan(correlation)
    unknown = (np.abs(correlation) > PERFECT - 10 * TOLERANCE) | (information < LEAST_INFORMATION)
    correlation[unknown] = np.nan
    categories = answers.n_categories
    reasons = (
        (len(answers.codes) < 2 or (n == 0).any() or (categories == 0).any(), TOO_FEW_ANSWERS),
        (not usable.all() or (categories == 1).any(), NO_VARIATION),
        (unknown.any(), NOT_IDENTIFIED),
        (failed.any(), NO_CONVERGENCE),
    )
    pairs = Pairs(
        first=first,
        second=second,
        tables=tables,
        rows=limits[first],
        columns=limits[second],
        correlation=correlation,
    )
    return pairs, next((reason for found, reason in reasons if found), "")


def _pair_tables(answers: Answers, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the table of counts of every pair, from one product of indicator matrices."""
    p, most = answers.counts.shape
    joint = np.zeros((p * most, p * most))
    for start in range(0, len(answers.codes), ROWS_AT_ONCE):
        shown = indicators(answers.codes[start : start + ROWS_AT_ONCE], most)
        joint += shown.T @ shown  # exact: single precision counts to 2^24
    return joint.reshape(p, most, p, most)[first, :, second, :]


def _without_zero(tables: np.ndarray, binary: np.ndarray) -> np.ndarray:
    """Return the tables with half an answer in the one empty cell of a two-by-two table.

    The margins stay (lavaan: ``zero.add = c(0.5, 0)``, ``zero.keep.margins``).
    """
    corner = tables[:, :2, :2]
    one_empty = binary & ((corner == 0).sum(axis=(1, 2)) == 1)
    on_diagonal = (corner[:, 0, 0] == 0) | (corner[:, 1, 1] == 0)
    half = np.where(one_empty, np.where(on_diagonal, 0.5, -0.5), 0.0)
    tables = tables.copy()
    tables[:, :2, :2] += half[:, None, None] * np.array([[1.0, -1.0], [-1.0, 1.0]])
    return tables


def _most_likely(
    tables: np.ndarray, rows: np.ndarray, columns: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the most likely correlation of every table, and the information about it.

    NaN where the search does not end.

    Newton's method for all tables at once, between limits that close in: a step that makes the
    answers less likely is halved, and where the steps do not settle so is the interval. A table
    whose likelihood still rises at the bound ends there.
    """
    trial = _starting_point(tables)
    best, value = trial.copy(), np.full(len(trial), -np.inf)
    known = np.full(len(trial), np.nan)
    low, high = np.full(len(trial), -PERFECT), np.full(len(trial), PERFECT)
    active = np.arange(len(trial))
    for step in range(MOST_STEPS):
        if not len(active):
            break
        now, before = trial[active], best[active]
        found, score, information = _derivatives(tables[active], rows[active], columns[active], now)
        known[active] = information
        risen = found >= value[active] - ROUNDING * (1 + np.abs(found))
        best[active] = np.where(risen, now, before)
        value[active] = np.where(risen, found, value[active])
        upwards = np.where(risen, score > 0, now < before)
        low[active] = np.where(upwards, now, low[active])
        high[active] = np.where(upwards, high[active], now)
        new = np.where(risen, now + score / information, (now + before) / 2)
        within = (new > low[active]) & (new < high[active]) & (step < NEWTON_STEPS)
        new = np.where(within, new, (low[active] + high[active]) / 2)
        trial[active] = np.where(risen & (score == 0), now, new)
        active = active[np.abs(trial[active] - now) > TOLERANCE]
    trial[active] = np.nan
    return trial, known


def _starting_point(tables: np.ndarray) -> np.ndarray:
    """Return the product-moment correlation of the category numbers (0 where it is near one)."""
    numbers = np.arange(tables.shape[1])
    n = tables.sum(axis=(1, 2))
    deviations, variance = [], 1.0
    for margin in (tables.sum(axis=2), tables.sum(axis=1)):
        deviation = numbers - (margin @ numbers / n)[:, None]
        variance = variance * (margin * deviation**2).sum(axis=1)
        deviations.append(deviation)
    start = np.einsum("tab,ta,tb->t", tables, *deviations) / np.sqrt(variance)
    return np.where(np.abs(start) < 0.98, start, 0.0)


def _derivatives(
    tables: np.ndarray, rows: np.ndarray, columns: np.ndarray, rho: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return log-likelihood, score and information of the correlation (Olsson 1979, section 3).

    The observed information; where that is negative, the expected one.
    """
    x, y, r = rows[:, :, None], columns[:, None, :], rho[:, None, None]
    chance = cells(bivariate_normal_cdf(x, y, r))
    density = bivariate_normal_density(x, y, r)
    likely = chance > NEGLIGIBLE
    value = (tables * np.log(np.where(likely, chance, NEGLIGIBLE))).sum(axis=(1, 2))
    chance = np.where(likely, chance, 1.0)
    slope = np.where(likely, cells(density), 0.0) / chance
    bend = np.where(likely, cells(density * density_slope(x, y, r)), 0.0) / chance
    observed = (tables * (slope**2 - bend)).sum(axis=(1, 2))
    expected = tables.sum(axis=(1, 2)) * (chance * slope**2).sum(axis=(1, 2))
    score = (tables * slope).sum(axis=(1, 2))
    return value, score, np.where(observed > 0, observed, expected)
