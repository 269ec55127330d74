"""JZS Bayes factors against the integral of Rouder et al. (2009), which meets BayesFactor's."""

import numpy as np
from tests.stats.oracle import Computed, Statistic, matrix, row

from research.stats.bayes import bayes_factor_difference, jzs_bayes_factor


def _from_t(record: dict) -> Computed:
    t, n_b = np.array([float(record["t"])]), record["n_b"]
    return row(jzs_bayes_factor(t, record["n_a"], n_b, scale=record["scale"]))


def _difference(record: dict) -> Computed:
    first = np.array(record["first"], dtype=bool)
    return row(bayes_factor_difference(matrix(record["values"]), first))


STATISTICS = (
    Statistic(
        name="jzs_bayes_factor",
        file="bayes",
        section="t_values",
        oracle="eq. 1 of the 2009 paper by stats::integrate; BayesFactor::ttest.tstat",
        compute=_from_t,
    ),
    Statistic(
        name="bayes_factor_difference",
        file="bayes",
        section="differences",
        oracle="stats::t.test and the same; BayesFactor::ttestBF",
        compute=_difference,
    ),
)
