"""What a planned study can show, against power.t.test, noncentral t and Owen's Q in R."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from tests.stats.oracle import ITERATIVE, Computed, Statistic, matrix, row

from research.stats import power
from research.stats.power import PlannedStudy
from research.stats.spread import anova_icc, gap_variance


def planned(record: dict) -> PlannedStudy:
    return PlannedStudy(
        organisations=record["organisations"],
        first_per_organisation=record["first"],
        second_per_organisation=record["second"],
        answer_sd=record["answer_sd"],
        icc=record["icc"],
        gap_sd=record["gap_sd"],
    )


def _of_plan(function: Callable[..., pd.DataFrame], *asked: str, **fixed: object) -> Callable:
    def compute(record: dict) -> Computed:
        return row(function(planned(record), **{name: record[name] for name in asked}, **fixed))

    return compute


def _of_answers(function: Callable[..., pd.DataFrame], *data: str) -> Callable:
    def compute(record: dict) -> Computed:
        return row(function(matrix(record["values"]), *(np.array(record[name]) for name in data)))

    return compute


EQUIVALENCE = {"difference": 0.0}
STATISTICS = (
    Statistic(
        name="planned_standard_error",
        file="power",
        section="designs",
        oracle="closed form in R",
        compute=_of_plan(power.planned_standard_error),
    ),
    Statistic(
        name="planned_power_alone",
        file="power",
        section="designs",
        oracle="power.t.test(strict = TRUE)",
        compute=_of_plan(power.planned_power, "difference"),
    ),
    Statistic(
        name="planned_power",
        file="power",
        section="designs",
        oracle="pt with noncentrality",
        compute=_of_plan(power.planned_power, "difference", "n_tests"),
    ),
    Statistic(
        name="planned_equivalence_power",
        file="power",
        section="designs",
        oracle="Owen's Q by integrate()",
        compute=_of_plan(power.planned_equivalence_power, "difference", "n_tests", "margin"),
    ),
    Statistic(
        name="planned_detectable",
        file="power",
        section="designs",
        oracle="uniroot of pt with noncentrality",
        compute=_of_plan(power.planned_detectable, "n_tests"),
        tolerance=ITERATIVE,
    ),
    Statistic(
        name="required_organisations",
        file="power",
        section="searches",
        oracle="walk over pt with noncentrality",
        compute=_of_plan(power.required_organisations, "difference", "n_tests"),
    ),
    Statistic(
        name="required_organisations_equivalence",
        file="power",
        section="searches",
        oracle="walk over Owen's Q",
        compute=_of_plan(power.required_organisations, "n_tests", "margin", **EQUIVALENCE),
    ),
    Statistic(
        name="required_people",
        file="power",
        section="searches",
        oracle="walk over pt with noncentrality",
        compute=_of_plan(power.required_people, "difference", "n_tests"),
    ),
    Statistic(
        name="required_people_second",
        file="power",
        section="searches",
        oracle="walk over pt with noncentrality",
        compute=_of_plan(power.required_people, "difference", "n_tests", role="second"),
    ),
    Statistic(
        name="required_people_equivalence",
        file="power",
        section="searches",
        oracle="walk over Owen's Q",
        compute=_of_plan(power.required_people, "n_tests", "margin", **EQUIVALENCE),
    ),
    Statistic(
        name="anova_icc",
        file="power",
        section="spreads",
        oracle="anova(lm())",
        compute=_of_answers(anova_icc, "cluster"),
    ),
    Statistic(
        name="gap_variance",
        file="power",
        section="spreads",
        oracle='metafor::rma(method = "HE")',
        compute=_of_answers(gap_variance, "first", "cluster"),
    ),
)
