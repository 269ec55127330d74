"""Cumulative-link models, with and without an intercept per organisation, against ordinal."""

from collections.abc import Callable

import numpy as np
from tests.stats.oracle import ITERATIVE, MODEL, Computed, Statistic, matrix, row

from research.stats.ordinal import cumulative_link, cumulative_link_mixed


def _fixed(link: str) -> Callable[[dict], Computed]:
    def compute(record: dict) -> Computed:
        first = np.array(record["first"], dtype=bool)
        return row(cumulative_link(matrix(record["values"]), first, link=link))

    return compute


def _mixed(link: str) -> Callable[[dict], Computed]:
    def compute(record: dict) -> Computed:
        first, cluster = np.array(record["first"], dtype=bool), np.array(record["cluster"])
        return row(cumulative_link_mixed(matrix(record["values"]), first, cluster, link=link))

    return compute


STATISTICS = (
    Statistic(
        name="cumulative_link",
        file="ordinal",
        section="ordinal",
        oracle="ordinal::clm",
        compute=_fixed("logit"),
        tolerance=ITERATIVE,
    ),
    Statistic(
        name="cumulative_link_probit",
        file="ordinal",
        section="ordinal",
        oracle="ordinal::clm",
        compute=_fixed("probit"),
        tolerance=ITERATIVE,
    ),
    Statistic(
        name="cumulative_link_mixed",
        file="ordinal",
        section="ordinal",
        oracle="ordinal::clmm, nAGQ = 41",
        compute=_mixed("logit"),
        tolerance=MODEL,
    ),
    Statistic(
        name="cumulative_link_mixed_probit",
        file="ordinal",
        section="ordinal",
        oracle="ordinal::clmm, nAGQ = 41",
        compute=_mixed("probit"),
        tolerance=MODEL,
    ),
)
