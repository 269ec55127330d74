"""Raters, agreement within organisations and profiles of two roles against R."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
from tests.stats.oracle import Computed, Statistic, columns, matrix, reference, row

from research.stats.agreement import profiles, raters, within_groups
from research.stats.agreement.importance_performance import (
    ON_THE_LINE,
    QUADRANTS,
    importance_performance,
)

FILE = "agreement"


def _ratings(record: dict) -> np.ndarray:
    return np.atleast_2d(matrix(record["ratings"]))


def _icc(coefficient: str, record: dict) -> Computed:
    table = raters.intraclass_correlations(_ratings(record))
    return row(table[table["coefficient"] == coefficient])


def _of_raters(function: Callable, record: dict, **options: str) -> Computed:
    return row(function(_ratings(record), **options))


def _all_rows(table: pd.DataFrame) -> Computed:
    """All rows; of the notes only the first: an entry R refuses must have one."""
    return {**columns(table), "note": next(iter(table["note"]), "")}


def _of_groups(
    function: Callable, record: dict, *, scale: bool = False, **options: str
) -> Computed:
    values = np.atleast_2d(matrix(record["values"]))
    if scale:
        options["n_levels"] = record["n_levels"]
    return _all_rows(function(values, np.array(record["cluster"]), **options))


def _of_profiles(function: Callable, record: dict, **options: str) -> Computed:
    return row(function(matrix(record["first"]), matrix(record["second"]), **options))


def _distinctive(record: dict) -> Computed:
    names = ("first", "second", "normative_first", "normative_second")
    return row(profiles.distinctive_similarity(*(matrix(record[name]) for name in names)))


def _top(record: dict) -> Computed:
    return _of_profiles(profiles.top_overlap, record, top=record["top"])


def _quadrants(lines: str, record: dict) -> Computed:
    table = importance_performance(
        matrix(record["importance"]),
        matrix(record["performance"]),
        lines=lines,
        midpoint=reference(FILE)["settings"]["midpoint"],
        importance_replicates=matrix(record["importance_replicates"]),
        performance_replicates=matrix(record["performance_replicates"]),
    )
    number = {"": np.nan, ON_THE_LINE: 0} | {name: i + 1 for i, name in enumerate(QUADRANTS)}
    return _all_rows(table.assign(quadrant=table["quadrant"].map(number)))


def _statistic(name: str, section: str, oracle: str, compute: Callable) -> Statistic:
    return Statistic(name=name, file=FILE, section=section, oracle=oracle, compute=compute)


def _within(name: str, oracle: str, function: Callable, **options: object) -> Statistic:
    return _statistic(name, "groups", oracle, partial(_of_groups, function, **options))


def _profile(name: str, oracle: str, function: Callable, **options: str) -> Statistic:
    return _statistic(name, "profiles", oracle, partial(_of_profiles, function, **options))


OF_RATERS = (
    *(
        _statistic(name, "ratings", "psych::ICC(lmer = FALSE)", partial(_icc, name))
        for name in raters.COEFFICIENTS
    ),
    _statistic(
        "rating_anova", "ratings", "psych::ICC, its analysis of variance", partial(_icc, "icc_1_1")
    ),
    _statistic(
        "kendall_w", "ratings", "stats::friedman.test", partial(_of_raters, raters.kendall_w)
    ),
    _statistic(
        "kendall_w_targets",
        "ratings",
        "stats::friedman.test",
        partial(_of_raters, raters.kendall_w, incomplete="targets"),
    ),
    *(
        _statistic(
            f"alpha_{level}",
            "ratings",
            "Krippendorff's definition, pair by pair",
            partial(_of_raters, raters.krippendorff_alpha, level=level),
        )
        for level in raters.LEVELS
    ),
)
RWG_KEPT = "stats::var per cluster, formula of the 1984 paper"
WITHIN = (
    _within("icc_1", "multilevel::ICC1, interval by stats::qf", within_groups.icc_1),
    _within("icc_2", "multilevel::ICC2, interval by stats::qf", within_groups.icc_2),
    _within("rwg", "multilevel::rwg", within_groups.rwg, scale=True),
    _within("rwg_keep", RWG_KEPT, within_groups.rwg, scale=True, negative="keep"),
    _within(
        "rwg_skewed",
        "multilevel::rwg",
        within_groups.rwg,
        scale=True,
        null_distribution="slightly_skewed",
    ),
    _within("rwg_j", "multilevel::rwg.j", within_groups.rwg_j, scale=True),
    _within("rwg_j_keep", RWG_KEPT, within_groups.rwg_j, scale=True, negative="keep"),
    _within(
        "rwg_j_skewed",
        "multilevel::rwg.j",
        within_groups.rwg_j,
        scale=True,
        null_distribution="slightly_skewed",
    ),
    _within("ad_mean", "multilevel::ad.m", within_groups.average_deviation),
    _within("ad_median", "multilevel::ad.m", within_groups.average_deviation, centre="median"),
    _within("ad_mean_j", "multilevel::ad.m", within_groups.average_deviation_j),
    _within("ad_median_j", "multilevel::ad.m", within_groups.average_deviation_j, centre="median"),
)
OF_PROFILES = (
    _profile("tau_b", "stats::cor.test(exact = FALSE)", profiles.kendall_tau_b),
    _profile("spearman", "stats::cor.test(exact = FALSE)", profiles.spearman),
    _profile("profile_correlation", "stats::cor", profiles.profile_correlation),
    _statistic("distinctive", "profiles", "stats::cor of what is left", _distinctive),
    _statistic("top_overlap", "profiles", "every way to break the ties, utils::combn", _top),
    _profile("double_entry", "stats::cor, every item twice", profiles.profile_icc),
    _profile("profile_absolute", "psych::ICC, ICC2", profiles.profile_icc, kind="absolute"),
    _statistic(
        "quadrants", "quadrants", "definition, item by item", partial(_quadrants, "grand_mean")
    ),
    _statistic(
        "quadrants_midpoint",
        "quadrants",
        "definition, item by item",
        partial(_quadrants, "midpoint"),
    ),
)
STATISTICS = (*OF_RATERS, *WITHIN, *OF_PROFILES)
