"""The graded response model against its definition, maximised in R."""

import numpy as np
from tests.stats.oracle import MODEL, Computed, Statistic, columns, matrix

from research.stats.factors.graded_response import graded_response


def _compute(record: dict) -> Computed:
    found = columns(graded_response(matrix(record["items"])))
    fitted = found["log_likelihood"][~np.isnan(found["log_likelihood"])]
    one = {"log_likelihood": fitted[:1], "n": found["n"][:1], "note": found["note"][0]}
    return found | one  # of the items together


STATISTICS = (
    Statistic(
        name="graded_response",
        file="graded_response",
        section="graded",
        oracle="marginal likelihood by definition, stats::nlminb, numDeriv",
        compute=_compute,
        tolerance=MODEL,
    ),
)
