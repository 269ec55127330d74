"""Pooling of organisation gaps and the organisation-level test against R."""

from collections.abc import Callable

import numpy as np
from tests.stats.oracle import CLOSED_FORM, ITERATIVE, Computed, Statistic, columns, matrix, row

from research.stats.pooling import (
    gap_matrices,
    organisation_gaps,
    organisation_level_test,
    pool_gaps,
)


def people(record: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, first-role mask and cluster of one reference data set."""
    first = np.array(record["first"], dtype=bool)
    return matrix(record["values"]), first, np.array(record["cluster"])


def _pooled(confidence_level: float) -> Callable[[dict], Computed]:
    def compute(record: dict) -> Computed:
        data = matrix(record["estimates"]), matrix(record["variances"])
        return row(pool_gaps(*data, confidence_level=confidence_level))

    return compute


STATISTICS = (
    Statistic(
        name="pool_gaps",
        file="organisations",
        section="pooling",
        oracle="metafor::rma, predict, confint",
        compute=_pooled(0.95),
        tolerance=ITERATIVE,
    ),
    Statistic(
        name="pool_gaps_90",
        file="organisations",
        section="pooling",
        oracle="metafor::rma, predict, confint",
        compute=_pooled(0.90),
        tolerance=ITERATIVE,
    ),
    Statistic(
        name="organisation_gaps",
        file="organisations",
        section="organisations",
        oracle="base::mean and stats::var",
        compute=lambda record: columns(organisation_gaps(*people(record))),
        tolerance=CLOSED_FORM,
    ),
    Statistic(
        name="pooled_people",
        file="organisations",
        section="organisations",
        oracle="metafor::rma, predict, confint",
        compute=lambda record: row(pool_gaps(*gap_matrices(organisation_gaps(*people(record))))),
        tolerance=ITERATIVE,
    ),
    Statistic(
        name="organisation_level_test",
        file="organisations",
        section="organisations",
        oracle="stats::t.test on stats::aggregate",
        compute=lambda record: row(organisation_level_test(*people(record))),
        tolerance=CLOSED_FORM,
    ),
)
