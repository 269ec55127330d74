"""Differences, families, shares, alpha and the detectable difference against R."""

from collections.abc import Callable

import numpy as np
from tests.stats.oracle import ITERATIVE, Computed, Statistic, reference, row

from research.stats.clustered import cr2_difference, cr2_mean
from research.stats.differences import brunner_munzel, hedges_g, mean_against, welch
from research.stats.equivalence import equivalence_test
from research.stats.multiplicity import adjust_p_values
from research.stats.power import detectable_difference
from research.stats.proportions import wilson_interval
from research.stats.reliability.alpha import cronbach_alpha


def two_roles(record: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, first-role mask and cluster of one reference data set."""
    values = np.array(record["values"], dtype=float)
    return values, np.array(record["first"], dtype=bool), np.array(record["cluster"])


def first_role(record: dict) -> tuple[np.ndarray, np.ndarray]:
    values, first, cluster = two_roles(record)
    return values[first], cluster[first]


def _equivalence(record: dict) -> Computed:
    values, first, _ = two_roles(record)
    by_welch = welch(values, first)
    columns = (by_welch[name].to_numpy() for name in ("estimate", "standard_error", "df"))
    test = equivalence_test(*columns, margin=reference()["settings"]["margin"])
    return row(test.assign(note=by_welch["note"]))


def _both_alternatives(function: Callable, *data: np.ndarray) -> Computed:
    null_value = reference()["settings"]["null_value"]
    greater = function(*data, null_value=null_value, alternative="greater")
    two_sided = function(*data, null_value=null_value)
    return row(two_sided.assign(p_greater=greater["p_value"]))


def _wilson(record: dict) -> Computed:
    values, _ = first_role(record)
    above = np.sum(values > reference()["settings"]["null_value"])
    low, high = wilson_interval(above, np.sum(~np.isnan(values)))
    return {"ci_low": float(low), "ci_high": float(high)}


def _adjusted(method: str) -> Callable[[dict], Computed]:
    def compute(record: dict) -> Computed:
        p_values = np.array(record["p_values"], dtype=float)
        return {"p_adjusted": adjust_p_values(p_values, method=method)}

    return compute


def _detectable(record: dict) -> Computed:
    one = detectable_difference(np.array([record["standard_error"]]), np.array([record["df"]]))
    return {"difference": one}


def _alpha(record: dict) -> Computed:
    return row(cronbach_alpha(np.array(record["items"], dtype=float)))


STATISTICS = (
    Statistic(
        name="welch",
        section="differences",
        oracle="stats::t.test",
        compute=lambda record: row(welch(*two_roles(record)[:2])),
    ),
    Statistic(
        name="equivalence",
        section="differences",
        oracle="stats::t.test, twice one-sided",
        compute=_equivalence,
    ),
    Statistic(
        name="mean_against",
        section="differences",
        oracle="stats::t.test",
        compute=lambda record: _both_alternatives(mean_against, first_role(record)[0]),
    ),
    Statistic(
        name="cr2_difference",
        section="differences",
        oracle="clubSandwich::coef_test",
        compute=lambda record: row(cr2_difference(*two_roles(record))),
    ),
    Statistic(
        name="cr2_mean",
        section="differences",
        oracle="clubSandwich::coef_test",
        compute=lambda record: _both_alternatives(cr2_mean, *first_role(record)),
    ),
    Statistic(
        name="hedges_g",
        section="differences",
        oracle="stats::pt solved by uniroot",
        compute=lambda record: row(hedges_g(*two_roles(record)[:2])),
        tolerance=ITERATIVE,
    ),
    Statistic(
        name="brunner_munzel",
        section="differences",
        oracle="formulas of the 2000 paper on base::rank",
        compute=lambda record: row(brunner_munzel(*two_roles(record)[:2])),
    ),
    Statistic(name="wilson", section="differences", oracle="stats::prop.test", compute=_wilson),
    Statistic(
        name="holm",
        section="p_adjust",
        oracle="stats::p.adjust",
        compute=_adjusted("holm"),
    ),
    Statistic(
        name="fdr_bh",
        section="p_adjust",
        oracle="stats::p.adjust",
        compute=_adjusted("fdr_bh"),
    ),
    Statistic(
        name="alpha",
        section="alpha",
        oracle="stats::cov and qf; psych::alpha, alpha.ci",
        compute=_alpha,
    ),
    Statistic(
        name="detectable",
        section="detectable",
        oracle="stats::pt solved by uniroot",
        compute=_detectable,
        tolerance=ITERATIVE,
    ),
)
