"""Non-inferiority against R's one-sided t.test; equivalence itself stands among the differences."""

from collections.abc import Callable

import numpy as np
from tests.stats.oracle import Computed, Statistic, matrix, row

from research.stats.differences import welch
from research.stats.equivalence import DIRECTIONS, non_inferiority_test


def _towards(direction: str) -> Callable[[dict], Computed]:
    def compute(record: dict) -> Computed:
        found = welch(matrix(record["values"]), np.array(record["first"], dtype=bool))
        columns = (found[name].to_numpy() for name in ("estimate", "standard_error", "df"))
        options = {"margin": record["margin"], "alpha": record["alpha"]}
        test = non_inferiority_test(*columns, direction=direction, **options)
        return row(test.assign(note=found["note"]))

    return compute


STATISTICS = tuple(
    Statistic(
        name=f"non_inferiority_{direction}",
        file="equivalence",
        section="margins",
        oracle="t.test(mu, alternative)",
        compute=_towards(direction),
    )
    for direction in DIRECTIONS
)
