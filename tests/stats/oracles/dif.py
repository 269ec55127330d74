"""Differential item functioning against nested proportional-odds fits of ordinal."""

from collections.abc import Callable

import numpy as np
from tests.stats.oracle import ITERATIVE, Computed, Statistic, columns, matrix

from research.stats.factors.dif import ordinal_dif


def _compute(**options: str) -> Callable[[dict], Computed]:
    def compute(record: dict) -> Computed:
        first = np.array(record["first"], dtype=bool)
        found = columns(ordinal_dif(matrix(record["items"]), first, **options))
        return found | {"n_rounds": found["n_rounds"][:1]}  # one number, the same on every row

    return compute


def _statistic(name: str, **options: str) -> Statistic:
    return Statistic(
        name=name,
        file="dif",
        section="dif",
        oracle="ordinal::clm, three nested fits",
        compute=_compute(**options),
        tolerance=ITERATIVE,
    )


STATISTICS = (
    _statistic("dif_rest"),
    _statistic("dif_total", matching="total"),
    _statistic("dif_purified", purification="iterative"),
)
