"""Regression with CR2 standard errors and one-way analysis of variance against R."""

import numpy as np
from tests.stats.oracle import Computed, Statistic, columns, matrix, row

from research.stats.regression import cr2_regression, one_way_anova


def _regression(record: dict) -> Computed:
    data = matrix(record["outcome"]), matrix(record["predictors"]), np.array(record["cluster"])
    table = columns(cr2_regression(*data, names=record["names"]))
    # One reason for a refused fit: the tests of refusal look at one note.
    notes = set(table["note"])
    return table | {"note": notes.pop() if len(notes) == 1 else table["note"]}


STATISTICS = (
    Statistic(
        name="cr2_regression",
        file="regression",
        section="regression",
        oracle="clubSandwich::coef_test on stats::lm",
        compute=_regression,
    ),
    Statistic(
        name="one_way_anova",
        file="regression",
        section="anova",
        oracle="stats::anova",
        compute=lambda record: row(one_way_anova(matrix(record["values"]), record["group"])),
    ),
)
