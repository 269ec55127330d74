"""What stands out on one organisation's page, and which questions follow from it by rule."""

from collections.abc import Iterator

import pandas as pd

from research.analyses.context import ABOVE, BELOW
from research.stats.estimates import result_table

LISTED = 5  # activities in each of the two lists
ALIKE = ("equivalent", "trivial")
# At most so many questions from a rule: the largest, or the highest rated.
MOST = {"clear_gap": 3, "clear_cluster": 2, "valued_alike": 2, "differ_within": 2, "apart": 2}
KEPT = ["organisation_id", "cluster_id", "activity_id", "role", "contrast", "verdict"]


def highlights(results: pd.DataFrame, *, midpoint: float) -> pd.DataFrame:
    """Lists and questions of one organisation's page, from its released results alone.

    One row an activity or cluster chosen, without numbers: those stand in the row it was chosen
    for. ``closest`` and ``furthest`` are the activities whose ratings lie closest together and
    furthest apart, in order; ``discuss`` is a reason for a question, ``test`` the rule that
    fired. What is withheld is never chosen.
    """
    gaps = results[
        (results["estimate_type"] == "mean_difference") & (results["analysis"] == "gap")
    ].dropna(subset=["ci_low", "ci_high"])
    tables = [
        _marked(chosen, kind)
        for kind, chosen in _two_lists(gaps[gaps["activity_id"] != ""]).items()
    ]
    for rule, chosen in _fired(results, gaps, midpoint):
        tables.append(_marked(chosen.head(MOST.get(rule, 1)), "discuss").assign(test=rule))
    found = [table for table in tables if len(table)]
    return result_table(pd.concat(found) if found else [], analysis="highlights")


def _marked(chosen: pd.DataFrame, kind: str) -> pd.DataFrame:
    return chosen[KEPT].assign(estimate_type=kind)


def _two_lists(gaps: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the activities closest together and furthest apart, none in both.

    Closest: shown to be practically equal first, then by how far the interval reaches from zero.
    Furthest: a clear difference first, then by the size of the difference.
    """
    listed = min(LISTED, len(gaps) // 2)
    ranked = gaps.assign(
        size=gaps["estimate"].abs(),
        reach=gaps[["ci_low", "ci_high"]].abs().max(axis=1),
        unlike=~gaps["verdict"].isin(ALIKE),
        unclear=gaps["verdict"] != "relevant",
    )
    closest = ranked[ranked["unclear"]].sort_values(["unlike", "reach", "size"], kind="stable")
    closest = closest.head(listed)
    apart = ranked[ranked["unlike"] & (ranked["size"] > 0)].drop(closest.index, errors="ignore")
    apart = apart.sort_values(["unclear", "size"], ascending=[True, False], kind="stable")
    return {"closest": closest, "furthest": apart.head(listed)}


def _fired(
    results: pd.DataFrame, gaps: pd.DataFrame, midpoint: float
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield every rule with the rows for which it fires, the most telling first."""
    ranked = gaps.assign(size=gaps["estimate"].abs()).sort_values(
        "size", ascending=False, kind="stable"
    )
    activity = ranked["activity_id"] != ""
    clear = ranked["verdict"] == "relevant"
    yield "clear_gap", ranked[activity & clear]
    yield "clear_cluster", ranked[~activity & clear]
    yield "valued_alike", _valued_alike(results, gaps, midpoint)
    within = results[results["estimate_type"] == "agreement_within"]
    yield "differ_within", within[within["verdict"] == "differ"]
    bands = results[results["estimate_type"] == "band_of_others"]
    yield "apart", bands[bands["verdict"].isin((ABOVE, BELOW))]
    tested = ranked[activity & (ranked["verdict"] != "")]
    many = 2 * (tested["verdict"] == "inconclusive").sum() > len(tested)
    yield "open", tested.head(int(many)).assign(cluster_id="", activity_id="", verdict="")


def _valued_alike(results: pd.DataFrame, gaps: pd.DataFrame, midpoint: float) -> pd.DataFrame:
    """Return practically equal activities that both roles rate above the midpoint, highest first.

    Ordered by the lower of the two means. Without such an activity, clusters.
    """
    means = results[(results["estimate_type"] == "mean") & (results["analysis"] == "gap")]
    lower = means.groupby(["cluster_id", "activity_id"])["estimate"].min()
    alike = gaps[gaps["verdict"].isin(ALIKE)].join(
        lower.rename("lower"), on=["cluster_id", "activity_id"]
    )
    alike = alike[alike["lower"] > midpoint].sort_values("lower", ascending=False, kind="stable")
    activities = alike[alike["activity_id"] != ""]
    return activities if len(activities) else alike
