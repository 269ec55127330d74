"""Do people of one organisation agree, and do organisations differ?

Nothing here says whether that is enough: see ``aggregation``.
"""

from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import special

from research.errors import require_choice
from research.stats.agreement import variance_ratio
from research.stats.agreement.variance_ratio import NO_RESIDUAL_VARIATION
from research.stats.cells import Cells, sum_cells
from research.stats.estimates import (
    NO_VARIATION,
    NOT_IDENTIFIED,
    TOO_FEW_ANSWERS,
    TOO_FEW_CLUSTERS,
    as_columns,
)
from research.stats.groups import cluster_codes, sum_by

NullDistribution = Literal["uniform", "slightly_skewed"]
NULL_DISTRIBUTIONS: tuple[str, ...] = get_args(NullDistribution)
# Five options answered .05, .15, .20, .35, .25: James, Demaree & Wolf (1984); LeBreton & Senter
# (2008), table 2.
SLIGHTLY_SKEWED = {5: 1.34}
Negative = Literal["truncate", "keep"]
NEGATIVE: tuple[str, ...] = get_args(Negative)
Centre = Literal["mean", "median"]
CENTRES: tuple[str, ...] = get_args(Centre)


def icc_1(
    values: np.ndarray, cluster: np.ndarray, *, confidence_level: float = 0.95
) -> pd.DataFrame:
    """ICC(1) per column: share of the variance of one answer that lies between clusters.

    One row a column of ``values``. From the one-way analysis of variance with the mean number
    of answers per cluster as group size, as ``multilevel::ICC1``; it can be negative. The
    restricted-likelihood version (lme4) is another number: .147 where this is .127 on the LEAD
    scores of Bliese's ``bh1996``; ``estimator`` names which this is. ``statistic`` is F with
    ``df`` and ``df_error``. The interval inverts F; with unequal clusters it is approximate.
    Missing answers are left out, item by item. Notes: ``too_few_clusters`` (one cluster),
    ``too_few_answers`` (one a cluster), ``no_variation`` (cluster means equal),
    ``no_residual_variation`` (everyone agrees within).

    References
    ----------
    Bliese (2000), in Klein & Kozlowski (eds), Multilevel Theory, 349-381, section on ICC(1);
    McGraw & Wong (1996), Psychol. Methods 1, 30-46, table 7 (interval).
    """
    return _icc(values, cluster, of_means=False, confidence_level=confidence_level)


def icc_2(
    values: np.ndarray, cluster: np.ndarray, *, confidence_level: float = 0.95
) -> pd.DataFrame:
    """ICC(2) per column: reliability of the cluster means, 1 - 1/F.

    One row a column of ``values``. Everything else as in ``icc_1``; agrees with
    ``multilevel::ICC2``. Far below zero when clusters differ less than chance would have it.

    References
    ----------
    Bliese (2000), in Klein & Kozlowski (eds), Multilevel Theory, 349-381, section on ICC(2).
    """
    return _icc(values, cluster, of_means=True, confidence_level=confidence_level)


def _icc(
    values: np.ndarray, cluster: np.ndarray, *, of_means: bool, confidence_level: float
) -> pd.DataFrame:
    """Return the one-way analysis of variance of every column and what follows from it."""
    cells = _cells(values, cluster)
    n, n_clusters = cells.n[0].sum(axis=0), (cells.n[0] > 0).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        grand = np.nansum(cells.n[0] * cells.mean[0], axis=0) / np.where(n > 0, n, np.nan)
        df, df_error = n_clusters - 1.0, n - n_clusters * 1.0
        between = np.nansum(cells.n[0] * (cells.mean[0] - grand) ** 2, axis=0) / df
        within = cells.squares[0].sum(axis=0) / df_error
        between = np.where(variance_ratio.negligible(between, grand), 0.0, between)
        usable = (df > 0) & (df_error > 0)
        size = n / n_clusters
        bare = np.where(usable, between / within, np.nan)
        tested = usable & (between > 0) & (within > 0)
        ratio = np.where(tested, bare, np.nan)
        limits = variance_ratio.f_limits(ratio, df, df_error, confidence_level)
        if of_means:
            estimate = np.where(between > 0, 1 - within / between, np.nan)
            low, high = (variance_ratio.average(limit) for limit in limits)
        else:
            estimate = (between - within) / (between + (size - 1) * within)
            low, high = (variance_ratio.single(limit, size) for limit in limits)
    note = np.select(
        [n < 2, df < 1, df_error < 1, between == 0, within == 0],
        [TOO_FEW_ANSWERS, TOO_FEW_CLUSTERS, TOO_FEW_ANSWERS, NO_VARIATION, NO_RESIDUAL_VARIATION],
        "",
    )
    return pd.DataFrame(
        {
            "estimate": np.where(usable, estimate, np.nan),
            "ci_low": low,
            "ci_high": high,
            "confidence_level": confidence_level,
            "statistic": ratio,
            "df": df,
            "df_error": df_error,
            "p_value": np.where(tested, special.fdtrc(df, df_error, ratio), np.nan),
            "estimator": "anova",
            "n_a": n.astype(int),
            "n_clusters": n_clusters,
            "mean_group_size": np.where(n_clusters > 0, size, np.nan),
            "n_dropped": (len(np.asarray(values)) - n).astype(int),
            "note": note,
        }
    )


def null_variance(n_levels: int, null_distribution: NullDistribution = "uniform") -> float:
    """Variance of answers without any agreement, on a scale of ``n_levels`` options.

    ``uniform`` is (A^2 - 1)/12; ``slightly_skewed`` allows for leniency and is published for
    five options only.
    """
    require_choice("null_distribution", null_distribution, NULL_DISTRIBUTIONS)
    if n_levels < 2:
        raise ValueError(f"n_levels must be at least 2 answer options, not {n_levels}")
    if null_distribution == "uniform":
        return (n_levels**2 - 1) / 12
    if n_levels not in SLIGHTLY_SKEWED:
        raise ValueError(
            f"the slightly skewed null is known for n_levels {tuple(SLIGHTLY_SKEWED)}, "
            f"not {n_levels}"
        )
    return SLIGHTLY_SKEWED[n_levels]


def rwg(
    values: np.ndarray,
    cluster: np.ndarray,
    *,
    n_levels: int,
    null_distribution: NullDistribution = "uniform",
    negative: Negative = "truncate",
) -> pd.DataFrame:
    """Agreement r_wg of every cluster on every column: 1 - variance / null variance.

    One row a cluster and ``column``, clusters in the order of their labels; 1 is full agreement
    and 0 none. More variance than the null gives a negative value: ``truncate`` sets it to 0
    (``multilevel::rwg``), ``keep`` leaves it. Missing answers are left out, item by item; fewer
    than two answers: NaN, note ``too_few_answers``.

    References
    ----------
    James, Demaree & Wolf (1984), J. Appl. Psychol. 69, 85-98 (single item).
    """
    require_choice("negative", negative, NEGATIVE)
    null = null_variance(n_levels, null_distribution)
    cells = _cells(values, cluster)
    with np.errstate(invalid="ignore", divide="ignore"):
        agreement = 1 - cells.squares[0] / (cells.n[0] - 1) / null
    if negative == "truncate":
        agreement = np.maximum(agreement, 0.0)
    return _by_cluster_and_column(cells, agreement).assign(
        null_distribution=null_distribution, negative=negative
    )


def rwg_j(
    values: np.ndarray,
    cluster: np.ndarray,
    *,
    n_levels: int,
    null_distribution: NullDistribution = "uniform",
    negative: Negative = "truncate",
) -> pd.DataFrame:
    """Agreement r_wg(j) of every cluster on all columns together, as items of one scale.

    One row a cluster. J(1 - u)/(J(1 - u) + u) with u the mean item variance over the null
    variance. People with a missing answer are left out (``multilevel::rwg.j``). ``truncate``
    gives 0 where u exceeds 1; ``keep`` leaves the negative value, which falls without bound as
    u nears J/(J - 1): from there on NaN, note ``not_identified``. One column gives ``rwg``.

    References
    ----------
    James, Demaree & Wolf (1984), J. Appl. Psychol. 69, 85-98 (several items).
    """
    require_choice("negative", negative, NEGATIVE)
    null = null_variance(n_levels, null_distribution)
    values = as_columns(values)
    cells = _cells(_complete(values), cluster)
    items = values.shape[1]
    with np.errstate(invalid="ignore", divide="ignore"):
        unlike = _over_items(cells.squares[0] / (cells.n[0] - 1)) / null
        if negative == "truncate":
            unlike = np.minimum(unlike, 1.0)
        room = items - (items - 1) * unlike
        beyond = room <= 1e-12 * items
        agreement = np.where(beyond, np.nan, items * (1 - unlike) / room)
    table = _by_cluster(cells, agreement, items)
    note = np.where(beyond & (table["note"] == ""), NOT_IDENTIFIED, table["note"])
    return table.assign(note=note, null_distribution=null_distribution, negative=negative)


def average_deviation(
    values: np.ndarray, cluster: np.ndarray, *, centre: Centre = "mean"
) -> pd.DataFrame:
    """Average deviation of every cluster on every column, about its mean or median.

    One row a cluster and ``column``; in scale points, 0 is full agreement. Missing answers are
    left out, item by item; fewer than two answers: NaN, note ``too_few_answers``. Agrees with
    ``multilevel::ad.m``.

    References
    ----------
    Burke, Finkelstein & Dusig (1999), Organ. Res. Methods 2, 49-68 (single item).
    """
    cells, deviation = _average_deviations(as_columns(values), cluster, centre)
    return _by_cluster_and_column(cells, deviation).assign(centre=centre)


def average_deviation_j(
    values: np.ndarray, cluster: np.ndarray, *, centre: Centre = "mean"
) -> pd.DataFrame:
    """Average deviation of every cluster over all columns together: the mean of its items'.

    One row a cluster; in scale points. People with a missing answer are left out
    (``multilevel::ad.m`` with several items).

    References
    ----------
    Burke, Finkelstein & Dusig (1999), Organ. Res. Methods 2, 49-68 (several items).
    """
    values = as_columns(values)
    cells, deviation = _average_deviations(_complete(values), cluster, centre)
    return _by_cluster(cells, _over_items(deviation), values.shape[1]).assign(centre=centre)


def _cells(values: np.ndarray, cluster: np.ndarray) -> Cells:
    """Return sums per cluster and column: everyone in the first role."""
    values = as_columns(values)
    return sum_cells(values, np.ones(len(values), dtype=bool), cluster)


def _complete(values: np.ndarray) -> np.ndarray:
    """Return the answers with every row that misses one emptied, so that people still count."""
    return np.where(np.isnan(values).any(axis=1, keepdims=True), np.nan, values)


def _over_items(by_item: np.ndarray) -> np.ndarray:
    """Return the mean of every cluster's items."""
    return by_item.sum(axis=1) / max(by_item.shape[1], 1)


def _average_deviations(
    values: np.ndarray, cluster: np.ndarray, centre: Centre
) -> tuple[Cells, np.ndarray]:
    require_choice("centre", centre, CENTRES)
    cells = _cells(values, cluster)
    labels, codes = cluster_codes(cluster)
    n_codes = len(labels)
    middle = cells.mean[0] if centre == "mean" else _medians(values, codes, cells)
    away = np.abs(values - middle[codes])
    with np.errstate(invalid="ignore", divide="ignore"):
        total = sum_by(codes, np.where(np.isnan(away), 0.0, away), n_codes)
        return cells, total / cells.n[0]


def _medians(values: np.ndarray, codes: np.ndarray, cells: Cells) -> np.ndarray:
    """Return the lower median per cluster and column: sort by cluster, then value, NaN last.

    Answers deviate as much from any point between their two middle values.
    """
    by_value = np.argsort(values, axis=0, kind="stable")
    by_cluster = np.argsort(codes[by_value], axis=0, kind="stable")
    ordered = np.take_along_axis(values, np.take_along_axis(by_value, by_cluster, axis=0), axis=0)
    start = (np.cumsum(cells.asked[0]) - cells.asked[0])[:, None]
    middle = np.maximum(cells.n[0].astype(int) - 1, 0) // 2
    return np.take_along_axis(ordered, start + middle, axis=0)


def _by_cluster_and_column(cells: Cells, estimate: np.ndarray) -> pd.DataFrame:
    clusters, columns = estimate.shape
    n = cells.n[0].astype(int)
    return pd.DataFrame(
        {
            "cluster": np.repeat(cells.clusters, columns),
            "column": np.tile(np.arange(columns), clusters),
            "estimate": np.where(n > 1, estimate, np.nan).ravel(),
            "n_a": n.ravel(),
            "n_dropped": (cells.asked[0][:, None] - n).ravel(),
            "note": np.where(n > 1, "", TOO_FEW_ANSWERS).ravel(),
        }
    )


def _by_cluster(cells: Cells, estimate: np.ndarray, items: int) -> pd.DataFrame:
    n = cells.n[0].max(axis=1, initial=0).astype(int)  # the same on every item
    return pd.DataFrame(
        {
            "cluster": cells.clusters,
            "estimate": np.where(n > 1, estimate, np.nan),
            "n_a": n,
            "n_items": items,
            "n_dropped": cells.asked[0] - n,
            "note": np.where(n > 1, "", TOO_FEW_ANSWERS),
        }
    )
