"""What was withheld or rounded on which page, and why."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from research.disclosure import rules

LEDGER_COLUMNS = (
    "page",
    "analysis",
    "estimate_type",
    "organisation_id",
    "role",
    "contrast",
    "cluster_id",
    "activity_id",
    "what",
    "reason",
    "rule",
)
# What was done by each rule; the others withhold the number itself.
DONE = {
    rules.SUPPRESSED_SPREAD: "interval and test withheld",
    rules.CLUSTER_MEAN_ONLY: "one decimal, nothing else",
    rules.BANDED: "told between two limits",
    rules.IN_TENTHS: "one decimal",
    rules.EXTREME_LOW: "told as a bound",
    rules.EXTREME_HIGH: "told as a bound",
    rules.MEAN_AT_MOST: "told as a bound",
    rules.MEAN_AT_LEAST: "told as a bound",
}
# For the sake of another number, which could be worked out from this one.
SECONDARY = (
    rules.SUPPRESSED_COMPARISON,
    rules.SUPPRESSED_OTHERS,
    rules.SUPPRESSED_BY_OTHERS,
    rules.BANDED,
    rules.IN_TENTHS,
)


def ledger(pages: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Everything withheld, rounded or told as a bound; one row a result of a page.

    ``pages`` holds the results frame of every page by its name. ``what`` was done, ``reason`` is
    primary (too few people, or too few organisations) or secondary (another number could be
    worked out from it), and ``rule`` the note that the result carries. No number stands in it.
    """
    known = (*rules.SUPPRESSION_NOTES, *DONE)
    tables = [
        results[results["note"].isin(known)].assign(page=page)
        for page, results in sorted(pages.items())
    ]
    if not tables:
        return pd.DataFrame(columns=list(LEDGER_COLUMNS))
    found = pd.concat(tables, ignore_index=True)
    return found.assign(
        what=found["note"].map(DONE).fillna("withheld"),
        reason=np.where(found["note"].isin(SECONDARY), "secondary", "primary"),
        rule=found["note"],
    )[list(LEDGER_COLUMNS)]
