"""Results told as coarsely as the study asks for: complementary suppression applied to rows."""

import numpy as np
import pandas as pd

from research.disclosure.coarseness import Coarseness, count_limits
from research.disclosure.rounding import SUM_TYPES, to_decimals
from research.disclosure.rules import (
    BANDED,
    EXTREME_SHARE,
    IN_TENTHS,
    SUPPRESSED_BY_OTHERS,
    withhold,
)

# Shares of few people are fractions with n below the line: coarse ones fit every n.
SHARE_STEP = 0.05


def coarsen_overall(results: pd.DataFrame, coarse: Coarseness) -> pd.DataFrame:
    """Results over all organisations as ``coarse`` lets them be told; same rows as given.

    Without figures over all organisations everything is withheld. The roles
    named in ``means`` and ``shares`` keep one decimal there, and so does every difference of means;
    of those in ``no_shares`` no share is told, and of the questions in ``hidden`` nothing of that
    role and of its difference with the other.
    """
    if not coarse.overall:
        return withhold(results, pd.Series(True, index=results.index), SUPPRESSED_BY_OTHERS)
    results = results.copy()
    share = results["estimate_type"] == "share_above_midpoint"
    mean = results["estimate_type"].isin(SUM_TYPES) & ~share
    contrast = (results["contrast"] != "") & bool(coarse.means)
    chosen = (mean & (results["role"].isin(coarse.means) | contrast)) | (
        share & results["role"].isin(coarse.shares)
    )
    for column in ("estimate", "ci_low", "ci_high"):
        results.loc[chosen, column] = to_decimals(results.loc[chosen, column], 1)
    results.loc[chosen & (results["note"] == ""), "note"] = IN_TENTHS
    shares = results["estimate_type"].isin(("share_above_midpoint", "answer_share"))
    hidden = shares & results["role"].isin(coarse.no_shares)
    places = zip(results["cluster_id"], results["activity_id"], strict=True)
    asked = pd.Series([*places], index=results.index, dtype=object)
    for role, *question in coarse.hidden:
        own = (results["role"] == role) | (results["contrast"] != "")
        hidden |= own & (asked == tuple(question))
    return withhold(results, hidden, SUPPRESSED_BY_OTHERS)


def coarsen_counts(results: pd.DataFrame, coarse: Coarseness, roles: list[str]) -> pd.DataFrame:
    """One organisation's results with numbers of people told as coarsely as ``coarse`` says.

    Numbers of people are rounded down; with them goes what would give them back: degrees of
    freedom, how many were dropped, the interval of Hedges' g and of a share, and shares are
    rounded to five per cent.
    """
    results = results.copy()
    counted = [role for role in roles if coarse.rung(role) != "exact"]
    if not counted:
        return results
    for place, role in enumerate(roles):
        if role not in counted:
            continue
        second = "n_b" if place else "n_a"
        for column, rows in (
            ("n_a", results["role"] == role),
            (second, results["contrast"] != ""),
        ):
            low, _ = count_limits(
                results.loc[rows, column].to_numpy(dtype=float), coarse.rung(role)
            )
            missing = results.loc[rows, column].isna().to_numpy()
            results.loc[rows, column] = np.where(missing, np.nan, low)
    touched = results["role"].isin(counted) | (results["contrast"] != "")
    results.loc[touched, ["df", "n_dropped"]] = np.nan
    share = touched & (results["estimate_type"] == "share_above_midpoint")
    exact = results.loc[share, "estimate"]
    steps = np.rint(exact / SHARE_STEP) * SHARE_STEP
    # A step away from the tenth at either end, for what lies there is told as a bound of few
    # people; a share of many may lie there and is told.
    inside = (exact > EXTREME_SHARE) & (exact < 1 - EXTREME_SHARE)
    drawn = steps.clip(EXTREME_SHARE + SHARE_STEP, 1 - EXTREME_SHARE - SHARE_STEP)
    results.loc[share, "estimate"] = steps.where(~inside, drawn)
    told = share | (touched & (results["estimate_type"] == "hedges_g"))
    results.loc[told, ["ci_low", "ci_high"]] = np.nan
    return results


def tell_respondents(
    counts: pd.DataFrame, coarse: Coarseness, *, organisation: bool
) -> pd.DataFrame:
    """Numbers of respondents per role: exact, between two limits, or withheld.

    One row a role, the number as ``estimate``. Between limits, ``estimate`` is the lower one,
    ``ci_low`` and ``ci_high`` are the limits (no upper one in the last band) and the note says
    so. A number that is withheld already stays so; over all organisations its note says whether
    the rows of the flow would give it back.
    """
    counts = counts.copy()
    if not organisation:
        hidden = counts["estimate"].isna() & (not coarse.flow) | (not coarse.overall)
        return withhold(counts, hidden, SUPPRESSED_BY_OTHERS).assign(
            n_clusters=counts["n_clusters"]
        )
    for role in dict.fromkeys(counts["role"]):
        rung = coarse.rung(role)
        rows = (counts["role"] == role) & counts["estimate"].notna()
        if rung == "exact" or not rows.any():
            continue
        low, high = count_limits(counts.loc[rows, "estimate"].to_numpy(dtype=float), rung)
        for column in ("estimate", "n_a", "ci_low"):
            counts.loc[rows, column] = low
        counts.loc[rows, "ci_high"] = np.where(np.isfinite(high), high, np.nan)
        counts.loc[rows, "note"] = BANDED
    return counts
