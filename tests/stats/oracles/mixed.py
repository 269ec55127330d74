"""The linear mixed model against lme4 and lmerTest."""

from collections.abc import Callable

import numpy as np
from tests.stats.oracle import MODEL, Computed, Statistic, matrix, row

from research.stats.mixed import mixed_difference


def _mixed(random: str) -> Callable[[dict], Computed]:
    def compute(record: dict) -> Computed:
        first = np.array(record["first"], dtype=bool)
        data = matrix(record["values"]), first, np.array(record["cluster"])
        return row(mixed_difference(*data, random=random))

    return compute


STATISTICS = tuple(
    Statistic(
        name=f"mixed_{random}",
        file="mixed",
        section="mixed",
        oracle="lmerTest::lmer",
        compute=_mixed(random),
        tolerance=MODEL,
    )
    for random in ("intercept", "slope")
)
