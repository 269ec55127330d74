"""Polychoric correlations, their thresholds and covariance, and the bivariate normal, against R."""

from collections.abc import Callable

import numpy as np
from tests.stats.oracle import Computed, Statistic, matrix

from research.stats.factors.bivariate_normal import bivariate_normal_cdf
from research.stats.factors.polychoric import ordinal_moments

FILE = "polychoric"


def lower(square: np.ndarray, *, diagonal: bool) -> np.ndarray:
    """What lies below the diagonal, column by column, as R's lower.tri takes it."""
    rows, columns = np.triu_indices(len(square), k=0 if diagonal else 1)
    return square[columns, rows]


def _moments(missing: str) -> Callable[[dict], Computed]:
    def compute(record: dict) -> Computed:
        found = ordinal_moments(np.atleast_2d(matrix(record["items"])), missing=missing)
        return {
            "thresholds": found.thresholds,
            "correlations": lower(found.correlations, diagonal=False),
            "covariance": lower(found.covariance, diagonal=True),
            "n": found.n,
            "note": found.note,
        }

    return compute


def _cdf(record: dict) -> Computed:
    x, y = matrix(record["x"]), matrix(record["y"])
    return {"estimate": bivariate_normal_cdf(x, y, record["correlation"])}


def _statistic(name: str, oracle: str, missing: str) -> Statistic:
    return Statistic(
        name=name,
        file=FILE,
        section="items",
        oracle=oracle,
        compute=_moments(missing),
    )


ROOT = "the root of its score to 1e-15"
STATISTICS = (
    _statistic("polychoric_thresholds", "lavaan::lavCor", "pairwise"),
    _statistic("polychoric", f"lavaan::lavCor, {ROOT}", "pairwise"),
    _statistic("polychoric_covariance", "lavaan, gamma of lavCor", "pairwise"),
    _statistic("ordinal_moments_listwise", "lavaan, listwise", "listwise"),
    Statistic(
        name="bivariate_normal_cdf",
        file=FILE,
        section="bivariate_normal",
        oracle="pbivnorm::pbivnorm",
        compute=_cdf,
    ),
)
