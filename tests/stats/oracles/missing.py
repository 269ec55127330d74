"""Missing answers: Little's test, Rubin's rules, and who leaves questions open, against R."""

import numpy as np
from tests.stats.oracle import ITERATIVE, Computed, Statistic, columns, matrix, row

from research.stats.missing.little import little_mcar
from research.stats.missing.missingness import missingness_regression
from research.stats.missing.rubin import pool

POOLED = 1e-10


def _pooled(record: dict) -> Computed:
    values = matrix(record["estimates"]), matrix(record["variances"])
    return columns(pool(*values, np.array(record["df"])))


def people(record: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return tuple(np.array(record[name]) for name in ("open", "first", "organisation"))


def _term(name: str):
    def compute(record: dict) -> Computed:
        found = missingness_regression(*people(record))
        return row(found[found["term"] == name])

    return compute


STATISTICS = (
    Statistic(
        name="little_mcar",
        file="missing",
        section="little",
        oracle="EM in R, lavaan::lavCor",
        compute=lambda record: little_mcar(matrix(record["items"])),
        tolerance=ITERATIVE,
    ),
    Statistic(
        name="rubin",
        file="missing",
        section="rubin",
        oracle="mice::pool.scalar",
        compute=_pooled,
        tolerance=POOLED,
    ),
    *(
        Statistic(
            name=f"missingness_{term}",
            file="missing",
            section="missingness",
            oracle="Firth's regression in R, person by person",
            compute=_term(term),
        )
        for term in ("role", "organisation")
    ),
)
