"""Rank-sum and permutation tests of two groups against R."""

import numpy as np
from tests.stats.oracle import Computed, Statistic, matrix, row

from research.stats.ranks import mann_whitney, permutation_test


def two_groups(record: dict) -> tuple[np.ndarray, np.ndarray]:
    return matrix(record["values"]), np.array(record["first"], dtype=bool)


def _mann_whitney(record: dict) -> Computed:
    plain = mann_whitney(*two_groups(record))
    corrected = mann_whitney(*two_groups(record), continuity=True)
    return row(plain.assign(p_continuity=corrected["p_value"]))


STATISTICS = (
    Statistic(
        name="mann_whitney",
        file="ranks",
        section="two_groups",
        oracle="stats::wilcox.test, with and without continuity",
        compute=_mann_whitney,
    ),
    Statistic(
        name="mann_whitney_exact",
        file="ranks",
        section="two_groups",
        oracle="coin::wilcox_test(exact); exactRankTests::wilcox.exact",
        compute=lambda record: row(mann_whitney(*two_groups(record), method="exact")),
    ),
    Statistic(
        name="permutation",
        file="ranks",
        section="two_groups",
        oracle="coin::oneway_test(exact); exactRankTests::perm.test",
        compute=lambda record: row(permutation_test(*two_groups(record))),
    ),
)
