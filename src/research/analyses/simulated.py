"""How well do the intervals and tests hold their promise? From simulations, not from the answers.

``simulations.csv`` is written by ``make verify``; each figure has its Monte-Carlo error.
"""

import csv
from functools import cache
from importlib import resources

import pandas as pd

from research.stats.estimates import result_table
from research.study.answers import Answers

SIMULATED_LEVEL = 0.95
# What was planted in one cluster of the simulated studies; with nothing planted all are alike.
PLANTED = ("none", "thresholds", "loadings", "intercepts")


@cache
def simulations() -> pd.DataFrame:
    """The committed table: one row a figure, with the simulated sizes it holds for."""
    source = resources.files("research.analyses").joinpath("simulations.csv")
    with source.open(encoding="utf-8", newline="") as file:
        table = pd.DataFrame(list(csv.DictReader(file)))
    numbers = ["organisations", "n_first", "n_second", "value", "mc_error", "runs"]
    table[numbers] = table[numbers].apply(pd.to_numeric)
    return table


def measured_for(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Measured coverage and family-wise error of the study's primary test, for its own size.

    One row a figure: ``measured_coverage`` and, over several organisations,
    ``measured_family_error`` (Holm over 30 activities). Taken from the largest simulated study
    that is no larger than this one, in organisations or in people of the smaller role;
    ``n_clusters``, ``n_a`` and ``n_b`` are its sizes. No rows for another confidence level or
    one role.
    """
    if not answers.has_two_roles or confidence_level != SIMULATED_LEVEL:
        return result_table([])
    table = simulations()
    if answers.spans_organisations:
        size, kinds = (
            "organisations",
            {
                "measured_coverage": "coverage_cr2",
                "measured_family_error": "family_wise_error_holm_cr2",
            },
        )
        if answers.study.families.activities != "holm":
            kinds.pop("measured_family_error")
        own = len(answers.organisation_ids)
    else:
        size, kinds = "n_second", {"measured_coverage": "coverage_welch"}
        table = table[table["n_first"] == table["n_second"]]
        own = int(min(answers.is_first_role.sum(), (~answers.is_first_role).sum()))
    rows = []
    for estimate_type, what in kinds.items():
        fitting = table[(table["what"] == what) & (table[size] <= own)]
        if len(fitting):
            found = fitting.loc[fitting[size].idxmax()]
            rows.append(
                {
                    "estimate_type": estimate_type,
                    "estimate": found["value"],
                    "test": what,
                    "n_clusters": found["organisations"],
                    "n_a": found["n_first"],
                    "n_b": found["n_second"],
                }
            )
    return result_table(rows, analysis="simulated")


def measured_stops(answers: Answers) -> pd.DataFrame:
    """How often the verdict on comparing the roles is right in simulated studies of this size.

    One row a kind of unequal use planted in one cluster (``test``): the share of studies in which
    the ladder stops at that step, or with "none" every cluster may be compared. Taken from the
    largest simulated study that is no larger than this one in either role, nor in organisations
    where this one has several; ``n_a``, ``n_b`` and ``n_clusters`` are its sizes. Where none of
    those is small enough, from one with independent people. No rows with one role or fewer people
    than in any simulated study.
    """
    if not answers.has_two_roles:
        return result_table([])
    own = [int(answers.is_first_role.sum()), int((~answers.is_first_role).sum())]
    # The first role is the larger one of every simulated study.
    n_a, n_b = ("n_first", "n_second") if own[0] >= own[1] else ("n_second", "n_first")
    table = simulations()
    table = table[(table["n_first"] <= max(own)) & (table["n_second"] <= min(own))]
    nested = table["organisations"] <= len(answers.organisation_ids)
    named = table["what"].isin([f"ladder_right_{kind}" for kind in PLANTED])
    if not answers.spans_organisations or not (nested & named).any():
        nested = table["organisations"].isna()
    table = table[nested & named]
    table = table.sort_values(["organisations", "n_second", "n_first"])
    table = table.groupby("what", as_index=False).tail(1).set_index("what")
    rows = []
    for kind in PLANTED:
        what = f"ladder_right_{kind}"
        if what in table.index:
            found = table.loc[what]
            sizes = {
                "n_a": found[n_a],
                "n_b": found[n_b],
                "n_clusters": found["organisations"],
            }
            rows.append({"test": kind, "estimate": found["value"], **sizes})
    return result_table(rows, analysis="simulated", estimate_type="measured_stop")
