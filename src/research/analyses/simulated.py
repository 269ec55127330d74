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
