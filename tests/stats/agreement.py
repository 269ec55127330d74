"""How closely the statistics agree with R; run ``python -m tests.stats.agreement`` for a table.

Data and expected values come from ``tests/reference/differences.json``, written by the R script
beside it. The tests in ``test_agreement.py`` hold the same comparison to a tolerance.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from research.stats.clustered import cr2_difference, cr2_mean
from research.stats.differences import brunner_munzel, hedges_g, mean_against, welch
from research.stats.equivalence import equivalence_test
from research.stats.multiplicity import adjust_p_values
from research.stats.power import detectable_difference
from research.stats.proportions import wilson_interval
from research.stats.reliability import cronbach_alpha

REFERENCE = Path(__file__).parents[1] / "reference" / "differences.json"
CLOSED_FORM, ITERATIVE = 1e-8, 1e-6
# R writes 15 digits and a difference of means is known to about 1e-15 of the means themselves: a
# value next to zero is compared with this in its place. P-values are always compared as they are.
NEAR_ZERO = 1e-4

Computed = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """One statistic: where its expected values are, how we compute it, who the oracle is."""

    name: str
    section: str
    oracle: str
    compute: Callable[[dict], Computed]
    tolerance: float = CLOSED_FORM


@cache
def reference() -> dict:
    return json.loads(REFERENCE.read_text(encoding="utf-8"))


def two_roles(record: dict) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, first-role mask and cluster of one reference data set."""
    values = np.array(record["values"], dtype=float)
    return values, np.array(record["first"], dtype=bool), np.array(record["cluster"])


def first_role(record: dict) -> tuple[np.ndarray, np.ndarray]:
    values, first, cluster = two_roles(record)
    return values[first], cluster[first]


def _row(table: pd.DataFrame) -> Computed:
    return table.iloc[0].to_dict()


def _equivalence(record: dict) -> Computed:
    values, first, _ = two_roles(record)
    by_welch = welch(values, first)
    columns = (by_welch[name].to_numpy() for name in ("estimate", "standard_error", "df"))
    test = equivalence_test(*columns, margin=reference()["settings"]["margin"])
    return _row(test.assign(note=by_welch["note"]))


def _both_alternatives(function: Callable, *data: np.ndarray) -> Computed:
    null_value = reference()["settings"]["null_value"]
    greater = function(*data, null_value=null_value, alternative="greater")
    two_sided = function(*data, null_value=null_value)
    return _row(two_sided.assign(p_greater=greater["p_value"]))


def _wilson(record: dict) -> Computed:
    values, _ = first_role(record)
    above = np.sum(values > reference()["settings"]["null_value"])
    low, high = wilson_interval(above, np.sum(~np.isnan(values)))
    return {"ci_low": float(low), "ci_high": float(high)}


def _adjusted(method: str) -> Callable[[dict], Computed]:
    def compute(record: dict) -> Computed:
        p_values = np.array(record["p_values"], dtype=float)
        return {"p_adjusted": adjust_p_values(p_values, method=method)}

    return compute


def _detectable(record: dict) -> Computed:
    one = detectable_difference(np.array([record["standard_error"]]), np.array([record["df"]]))
    return {"difference": one}


def _alpha(record: dict) -> Computed:
    return _row(cronbach_alpha(np.array(record["items"], dtype=float)))


STATISTICS: dict[str, Statistic] = {
    statistic.name: statistic
    for statistic in (
        Statistic(
            name="welch",
            section="differences",
            oracle="stats::t.test",
            compute=lambda record: _row(welch(*two_roles(record)[:2])),
        ),
        Statistic(
            name="equivalence",
            section="differences",
            oracle="stats::t.test, twice one-sided",
            compute=_equivalence,
        ),
        Statistic(
            name="mean_against",
            section="differences",
            oracle="stats::t.test",
            compute=lambda record: _both_alternatives(mean_against, first_role(record)[0]),
        ),
        Statistic(
            name="cr2_difference",
            section="differences",
            oracle="clubSandwich::coef_test",
            compute=lambda record: _row(cr2_difference(*two_roles(record))),
        ),
        Statistic(
            name="cr2_mean",
            section="differences",
            oracle="clubSandwich::coef_test",
            compute=lambda record: _both_alternatives(cr2_mean, *first_role(record)),
        ),
        Statistic(
            name="hedges_g",
            section="differences",
            oracle="stats::pt solved by uniroot",
            compute=lambda record: _row(hedges_g(*two_roles(record)[:2])),
            tolerance=ITERATIVE,
        ),
        Statistic(
            name="brunner_munzel",
            section="differences",
            oracle="formulas of the 2000 paper on base::rank",
            compute=lambda record: _row(brunner_munzel(*two_roles(record)[:2])),
        ),
        Statistic(name="wilson", section="differences", oracle="stats::prop.test", compute=_wilson),
        Statistic(
            name="holm",
            section="p_adjust",
            oracle="stats::p.adjust",
            compute=_adjusted("holm"),
        ),
        Statistic(
            name="fdr_bh",
            section="p_adjust",
            oracle="stats::p.adjust",
            compute=_adjusted("fdr_bh"),
        ),
        Statistic(
            name="alpha",
            section="alpha",
            oracle="stats::cov and qf; psych::alpha, alpha.ci",
            compute=_alpha,
        ),
        Statistic(
            name="detectable",
            section="detectable",
            oracle="stats::pt solved by uniroot",
            compute=_detectable,
            tolerance=ITERATIVE,
        ),
    )
}


def records(statistic: Statistic, *, refused: bool) -> list[dict]:
    """Data sets for which R has values, or (``refused``) for which it has none."""
    chosen = reference()[statistic.section]
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


def agreement_table() -> pd.DataFrame:
    """Largest relative difference per statistic; one row a statistic."""
    rows = []
    for statistic in STATISTICS.values():
        compared = records(statistic, refused=False)
        found = {
            (record["name"], column): value
            for record in compared
            for column, value in differences(statistic, record).items()
        }
        worst = max(found, key=found.get)
        rows.append(
            {
                "statistic": statistic.name,
                "oracle": statistic.oracle,
                "data sets": len(compared),
                "largest relative difference": f"{found[worst]:.1e}",
                "where": f"{worst[1]} of {worst[0]}",
            }
        )
    return pd.DataFrame(rows)


def as_markdown(table: pd.DataFrame) -> str:
    lines = [table.columns, ["---"] * table.shape[1], *table.to_numpy().tolist()]
    return "\n".join("| " + " | ".join(map(str, cells)) + " |" for cells in lines)


if __name__ == "__main__":
    versions = ", ".join(f"{name} {number}" for name, number in reference()["versions"].items())
    print(as_markdown(agreement_table()))
    print(f"\nOracle: {versions}.")
