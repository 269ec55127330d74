"""How a statistic is compared with R: the record of an expected value, and the comparison.

Data and expected values stand in ``tests/reference/<file>.json``, written by the R script of the
same name beside it (``make_<file>.R``). What is compared with what stands in ``oracles/``.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parents[1] / "reference"
CLOSED_FORM, ITERATIVE, MODEL = 1e-8, 1e-6, 1e-4
# R writes 15 digits and a difference of means is known to about 1e-15 of the means themselves: a
# value next to zero is compared with this in its place. P-values are always compared as they are.
NEAR_ZERO = 1e-4

Computed = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """One statistic: where its expected values are, how we compute it, who the oracle is.

    ``file`` is the stem of the JSON file and ``section`` the list of data sets in it. A record
    holds ``name``, the data and ``expected``: per statistic either the values or ``why`` R
    refuses. Expected values that are themselves a mapping are not compared here.
    """

    name: str
    section: str
    oracle: str
    compute: Callable[[dict], Computed]
    tolerance: float = CLOSED_FORM
    file: str = "differences"


@cache
def reference(file: str = "differences") -> dict:
    return json.loads((FOLDER / f"{file}.json").read_text(encoding="utf-8"))


def matrix(values: list) -> np.ndarray:
    """Numbers of a JSON file; null becomes NaN."""
    return np.array(values, dtype=float)


def row(table: pd.DataFrame) -> Computed:
    """First row of a table, by column."""
    return table.iloc[0].to_dict()


def columns(table: pd.DataFrame) -> Computed:
    """All rows of a table, by column."""
    return {name: table[name].to_numpy() for name in table}


def records(statistic: Statistic, *, refused: bool) -> list[dict]:
    """Data sets for which R has values, or (``refused``) for which it has none."""
    chosen = [
        r for r in reference(statistic.file)[statistic.section] if statistic.name in r["expected"]
    ]
    return [r for r in chosen if ("why" in r["expected"][statistic.name]) == refused]


def differences(statistic: Statistic, record: dict) -> dict[str, float]:
    """Relative difference per expected column; infinite where only one of the two is missing."""
    computed = statistic.compute(record)
    return {
        column: _relative(computed[column], expected, is_p=column.startswith("p_"))
        for column, expected in record["expected"][statistic.name].items()
        if not isinstance(expected, dict)  # a second opinion, tested apart
    }


def _relative(computed: object, expected: object, *, is_p: bool) -> float:
    ours, theirs = (np.atleast_1d(np.array(x, dtype=float)) for x in (computed, expected))
    if not np.array_equal(np.isnan(ours), np.isnan(theirs)):
        return np.inf
    there = ~np.isnan(theirs) & (ours != theirs)
    floor = np.finfo(float).tiny if is_p else NEAR_ZERO
    size = np.maximum(np.abs(theirs[there]), floor)
    return float(np.max(np.abs(ours - theirs)[there] / size, initial=0.0))
