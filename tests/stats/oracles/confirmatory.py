"""Confirmatory factor models and the ladder of invariance against lavaan and semTools."""

from functools import cache

import numpy as np
from tests.stats.oracle import ITERATIVE, Computed, Statistic, reference

from research.stats.factors.continuous_fit import ContinuousFit, fit_continuous, sample_moments
from research.stats.factors.fit_indices import (
    TestStatistic,
    comparative_fit,
    rmsea,
    rmsea_interval,
    tucker_lewis,
)
from research.stats.factors.model import (
    FACTOR_COVARIANCE,
    FACTOR_MEAN,
    INTERCEPT,
    LOADING,
    RESIDUAL,
    SCALE,
    THRESHOLD,
)
from research.stats.factors.ordinal_fit import (
    OrdinalFit,
    fit_ordinal,
    scale_and_shift,
    scaled_difference,
)
from research.stats.factors.polychoric import OrdinalMoments, ordinal_moments
from research.stats.factors.structure import Structure, factor_model

FILE = "confirmatory"
Fit = OrdinalFit | ContinuousFit


def answers_of(name: str) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """Answers (NaN where missing), group label of each row, factor number of each item."""
    data = reference(FILE)["data"][name]
    items = np.array([[np.nan if c == "." else float(c) for c in row] for row in data["answers"]])
    return items, np.array(list(data["group"])), tuple(data["factor_of"])


def structure_of(items: np.ndarray, factor_of: tuple[int, ...], n_groups: int) -> Structure:
    levels = [len(np.unique(column[~np.isnan(column)])) for column in items.T]
    n_thresholds = tuple(max(level - 1, 0) for level in levels)
    return Structure(factor_of=factor_of, n_thresholds=n_thresholds, n_groups=n_groups)


@cache
def moments_of(name: str, missing: str) -> list[OrdinalMoments]:
    items, group, _ = answers_of(name)
    return [ordinal_moments(items[group == g], missing=missing) for g in np.unique(group)]


@cache
def ordinal(
    name: str, step: str, parametrisation: str, identified_by: str, missing: str, released: tuple
) -> OrdinalFit:
    items, group, factor_of = answers_of(name)
    model = factor_model(
        structure_of(items, factor_of, len(np.unique(group))),
        step=step,
        released=released,
        parametrisation=parametrisation,
        identified_by=identified_by,
    )
    return fit_ordinal(model, moments_of(name, missing))


@cache
def continuous(
    name: str, step: str, identified_by: str, missing: str, released: tuple
) -> ContinuousFit:
    items, group, factor_of = answers_of(name)
    if missing == "listwise":
        complete = ~np.isnan(items).any(axis=1)
        items, group = items[complete], group[complete]
    groups = np.unique(group)
    model = factor_model(
        Structure(factor_of=factor_of, n_groups=len(groups)),
        step=step,
        released=released,
        identified_by=identified_by,
    )
    return fit_continuous(model, [sample_moments(items[group == g]) for g in groups])


def ordinal_of(record: dict, step: str | None = None) -> OrdinalFit:
    return ordinal(
        record["data"],
        step or record["step"],
        record["parametrisation"],
        record.get("identified_by", "factor_variance"),
        record.get("missing", "pairwise"),
        tuple(record.get("released", ())),
    )


def continuous_of(record: dict, step: str | None = None) -> ContinuousFit:
    return continuous(
        record["data"],
        step or record["step"],
        record.get("identified_by", "factor_variance"),
        record.get("missing", "listwise"),
        tuple(record.get("released", ())),
    )


def indices(test: TestStatistic) -> dict[str, float]:
    low, high = rmsea_interval(test)
    return {
        "chi_square": test.chi_square,
        "p_value": test.p_value,
        "baseline": test.baseline_chi_square,
        "cfi": comparative_fit(test),
        "tli": tucker_lewis(test),
        "rmsea": rmsea(test),
        "rmsea_low": low,
        "rmsea_high": high,
    }


def estimates(fit: Fit) -> Computed:
    """Every entry of the matrices, group by group, with its standard error (0 where fixed)."""
    table = fit.model.parameters
    delta = fit.model.parametrisation == "delta"
    kinds = (LOADING, FACTOR_COVARIANCE, FACTOR_MEAN, INTERCEPT, THRESHOLD)
    order = []
    for group in range(fit.model.n_groups):
        for kind in (*kinds, SCALE if delta else RESIDUAL):
            here = np.flatnonzero(table.where(kind, group=group))
            order += list(here[np.lexsort((table.column[here], table.row[here]))])
    free = table.free[order]
    errors = np.where(free >= 0, fit.standard_errors[free], 0.0)
    return {"estimate": fit.values[order], "standard_error": errors}


def ordinal_fit(record: dict) -> Computed:
    fit = ordinal_of(record)
    weighted = fit.weights[:, None] * fit.jacobian
    left = np.diag(fit.weights) - weighted @ fit.bread @ weighted.T
    scale, shift = scale_and_shift(left @ fit.acov, fit.df)
    scaled = {f"{name}_scaled": value for name, value in indices(fit.scaled).items()}
    return {
        "n_free": fit.model.parameters.n_free,
        "df": fit.df,
        "srmr": fit.srmr,
        "scale": scale,
        "shift": shift,
        **indices(fit.unscaled),
        **scaled,
        "p_scaled": scaled["p_value_scaled"],
    }


def continuous_fit(record: dict) -> Computed:
    fit = continuous_of(record)
    n_free = fit.model.parameters.n_free
    return {
        "n_free": n_free,
        "df": fit.df,
        "srmr": fit.srmr,
        "log_likelihood": fit.log_likelihood,
        "aic": -2 * fit.log_likelihood + 2 * n_free,
        "bic": -2 * fit.log_likelihood + np.log(fit.n) * n_free,
        **indices(fit.unscaled),
    }


def ordinal_difference(record: dict) -> Computed:
    statistic, df = scaled_difference(ordinal_of(record, record["before"]), ordinal_of(record))
    return {"statistic": statistic, "df": df}


def continuous_difference(record: dict) -> Computed:
    before, after = continuous_of(record, record["before"]), continuous_of(record)
    return {"statistic": after.chi_square - before.chi_square, "df": after.df - before.df}


def _statistic(name: str, oracle: str, compute: object) -> Statistic:
    return Statistic(
        name=name,
        file=FILE,
        section=name.split("_")[0],
        oracle=oracle,
        compute=compute,
        tolerance=ITERATIVE,
    )


STATISTICS = (
    _statistic("ordinal_fit", "lavaan, WLSMV (fitMeasures)", ordinal_fit),
    _statistic(
        "ordinal_estimates", "lavaan, WLSMV (robust.sem)", lambda r: estimates(ordinal_of(r))
    ),
    _statistic("ordinal_difference", "lavaan::lavTestLRT (satorra.2000)", ordinal_difference),
    _statistic("continuous_fit", "lavaan, ML and FIML (fitMeasures)", continuous_fit),
    _statistic(
        "continuous_estimates", "lavaan, ML and FIML", lambda r: estimates(continuous_of(r))
    ),
    _statistic("continuous_difference", "lavaan::lavTestLRT", continuous_difference),
)
