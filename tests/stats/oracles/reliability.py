"""Items of alpha, split halves, measurement error, omegas of one factor, AVE and HTMT against R."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from tests.stats.oracle import Computed, Statistic, columns, matrix, row

from research.stats.factors.validity import convergent_validity, heterotrait_monotrait
from research.stats.reliability.alpha import cronbach_alpha, items_of_alpha
from research.stats.reliability.composite import factor_omega
from research.stats.reliability.measurement_error import measurement_error
from research.stats.reliability.ordinal import green_yang, latent_omega, ordinal_alpha
from research.stats.reliability.split_half import split_halves

FILE = "reliability"


def of_items(items: np.ndarray) -> Computed:
    """Every item; of the notes the first, which an entry that R refuses must have."""
    table = items_of_alpha(items)
    return {**columns(table), "note": table["note"].iloc[0]}


def of_error(items: np.ndarray) -> Computed:
    return row(measurement_error(items, cronbach_alpha(items)))


def of_splits(items: np.ndarray, *, kind: str) -> Computed:
    table = split_halves(items, matrix=kind).table
    return {**columns(table), "n_splits": table["n_splits"][0], "note": table["note"][0]}


def _of_scale(function: Callable, record: dict) -> Computed:
    return function(np.array(record["items"], dtype=float))


def _of_solution(function: Callable, names: tuple[str, ...], record: dict) -> Computed:
    table = function(*(matrix(record[name]) for name in names))
    return {**columns(table), "note": table["note"][0]}


def _of_clusters(function: Callable[..., pd.DataFrame], name: str, record: dict) -> Computed:
    table = function(matrix(record[name]), np.array(record["cluster"]))
    return {**columns(table), "note": table["note"][0]}


def _statistic(name: str, section: str, oracle: str, compute: Callable) -> Statistic:
    return Statistic(name=name, file=FILE, section=section, oracle=oracle, compute=compute)


def _scale(name: str, oracle: str, function: Callable) -> Statistic:
    return _statistic(name, "scales", oracle, partial(_of_scale, function))


def _solution(name: str, oracle: str, function: Callable, *names: str) -> Statistic:
    section = "continuous" if "covariance" in names else "ordinal"
    return _statistic(name, section, oracle, partial(_of_solution, function, names))


GREEN_YANG = ("thresholds", "threshold_item", "loadings", "correlations")
SPLITS = "every split by utils::combn; psych::splitHalf where the number of items is even"
STATISTICS = (
    _scale("items_of_alpha", "stats::cor, psych::r.con, alpha.ci; psych::alpha", of_items),
    _scale("measurement_error", "stats::sd of rowMeans, psych::alpha.ci", of_error),
    _scale("split_halves", SPLITS, partial(of_splits, kind="covariance")),
    _scale("split_halves_standardised", SPLITS, partial(of_splits, kind="correlation")),
    _solution("ordinal_alpha", "semTools::reliability, alpha.ord", ordinal_alpha, "correlations"),
    _solution("green_yang", "semTools::compRelSEM of lavaan's WLSMV", green_yang, *GREEN_YANG),
    _solution(
        "latent_omega",
        "semTools::compRelSEM(ord.scale = FALSE)",
        latent_omega,
        "loadings",
        "correlations",
    ),
    _solution(
        "factor_omega",
        "semTools::compRelSEM of lavaan's ML",
        factor_omega,
        "loadings",
        "error_variances",
        "covariance",
    ),
    _statistic(
        "convergent_validity",
        "clusters",
        "semTools::AVE, compRelSEM",
        partial(_of_clusters, convergent_validity, "loadings"),
    ),
    _statistic(
        "htmt",
        "clusters",
        "semTools::htmt(htmt2 = FALSE)",
        partial(_of_clusters, heterotrait_monotrait, "correlations"),
    ),
    _statistic(
        "htmt2",
        "clusters",
        "semTools::htmt",
        partial(_of_clusters, partial(heterotrait_monotrait, mean="geometric"), "correlations"),
    ),
)
