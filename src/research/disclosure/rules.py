"""Thresholds on results: below them a number is withheld and the row says why.

The table of rules stands in PRIVACY.md; the numbers come from the study file.
"""

import numpy as np
import pandas as pd

from research.disclosure.rounding import coarsen, smallest_group, to_decimals
from research.stats.estimates import COMPLETE_SEPARATION, NO_VARIATION
from research.study.study_file import Privacy

SUPPRESSED = "suppressed_too_few"
SUPPRESSED_ORGANISATIONS = "suppressed_few_organisations"
SUPPRESSED_COMPARISON = "suppressed_few_to_compare"
SUPPRESSED_OTHERS = "suppressed_few_others"  # two sets of people that differ by a few
SUPPRESSED_BY_OTHERS = "suppressed_by_subtraction"  # others' numbers would give a withheld one
SUPPRESSED_SPREAD = "suppressed_spread"  # the estimate stays
CLUSTER_MEAN_ONLY = "cluster_mean_only"
BANDED = "banded"
IN_TENTHS = "in_tenths"  # one decimal whatever n, for the sake of another number
EXTREME_LOW = "share_at_most"
EXTREME_HIGH = "share_at_least"
MEAN_AT_MOST = "mean_at_most"
MEAN_AT_LEAST = "mean_at_least"
SUPPRESSION_NOTES = (
    SUPPRESSED,
    SUPPRESSED_ORGANISATIONS,
    SUPPRESSED_COMPARISON,
    SUPPRESSED_OTHERS,
    SUPPRESSED_BY_OTHERS,
)
EXTREME_SHARE = 0.1

# What is said of one activity from fewer than twenty people: how high, how different, which
# verdict. Everything else narrows the spread, and with the mean that gives the answers back.
KEPT_FROM_FEW = ("mean", "mean_above_midpoint", "mean_difference")
# A measurement error and a reliability give the standard deviation back.
DISTRIBUTION_TYPES = ("standard_deviation", "answer_share", "standard_error_of_measurement")
# Shares of people that tell of each one of them when (nearly) nobody or everybody is counted.
SHARE_TYPES = ("share_above_midpoint", "answer_share", "share_missing", "answers_missing")
COUNT_TYPES = ("respondents", "flagged", "sign")
MEAN_TYPES = ("mean", "mean_above_midpoint", "all_valued")
SPREAD_COLUMNS = ["ci_low", "ci_high", "statistic", "df", "p_value", "p_adjusted"]
COUNT_COLUMNS = ["n_a", "n_b", "n_clusters", "n_dropped"]
WITHHELD_COLUMNS = ["estimate", *SPREAD_COLUMNS, *COUNT_COLUMNS]
# Mean and spread of the differences of three organisations give one of them, who knows its own,
# the two others; with five there are four unknowns against two figures.
SPREAD_ORGANISATIONS = 5
# Lower limits of the bands in which the people of an organisation are counted.
BANDS = (10, 20, 50)


def may_be_tested(n_a: np.ndarray, n_b: np.ndarray, privacy: Privacy) -> np.ndarray:
    """Return where both groups reach the minimum, so that a difference may be tested and shown."""
    return (np.asarray(n_a) >= privacy.shown_from) & (np.asarray(n_b) >= privacy.shown_from)


def protect(results: pd.DataFrame, privacy: Privacy) -> pd.DataFrame:
    """Results with every number withheld that comes from too few people.

    Same rows as given. A withheld row keeps its keys and gets a note; its verdict is emptied and
    its counts too. A row that does not say how many people it is from is withheld. Applying it
    twice changes nothing.
    """
    results = results.copy()
    n = smallest_group(results)
    kind = results["estimate_type"]
    # A threshold is a share of answers on another scale: those of few people tell single answers.
    wanted = np.select(
        [kind == "threshold", kind.isin(DISTRIBUTION_TYPES)],
        [privacy.minimum_n_extreme_share, privacy.minimum_n_distribution],
        privacy.shown_from,
    )
    small = ~(n >= wanted) & ~_already(results)
    lenient = (
        small
        & (n >= privacy.minimum_n)
        & (results["estimate_type"] == "mean")
        & (results["cluster_id"] != "")
        & (results["activity_id"] == "")
    )
    results = _keep_one_decimal(results, lenient)
    results = withhold(results, small & ~lenient, SUPPRESSED)
    for note in SUPPRESSION_NOTES:  # a reason set earlier empties its row as well
        results = withhold(results, results["note"] == note, note)
    results = _withhold_spread(results, privacy)
    return coarsen(_mask_extremes(results, privacy), privacy)


def withhold_few_to_compare(results: pd.DataFrame, n_clusters: pd.Series) -> pd.DataFrame:
    """Results without what a mean and a spread over fewer than five organisations would tell."""
    few = n_clusters < SPREAD_ORGANISATIONS
    told = few & ~results["note"].isin(SUPPRESSION_NOTES)
    return withhold(results, told, SUPPRESSED_COMPARISON)


def _already(results: pd.DataFrame) -> pd.Series:
    """Return rows whose numbers of people were taken out by an earlier pass, with its reason."""
    return results["note"].isin((CLUSTER_MEAN_ONLY, BANDED))


def withhold(results: pd.DataFrame, chosen: pd.Series, note: str) -> pd.DataFrame:
    """Results with the numbers of the chosen rows emptied and ``note`` as the reason."""
    results = results.copy()
    results.loc[chosen, WITHHELD_COLUMNS] = np.nan
    results.loc[chosen, "verdict"] = ""
    results.loc[chosen, "note"] = note
    return results


def _keep_one_decimal(results: pd.DataFrame, chosen: pd.Series) -> pd.DataFrame:
    results.loc[chosen, "estimate"] = to_decimals(results.loc[chosen, "estimate"], 1)
    results.loc[chosen, [*SPREAD_COLUMNS, *COUNT_COLUMNS]] = np.nan
    results.loc[chosen, "note"] = CLUSTER_MEAN_ONLY
    return results


def _withhold_spread(results: pd.DataFrame, privacy: Privacy) -> pd.DataFrame:
    """Empty what gives back the spread of fewer than twenty people's answers.

    Of a mean its interval, t and p. Of one activity also every effect size, share and test; the
    interval of its difference stays, rounded outwards to half points (``rounding``).
    """
    few = (smallest_group(results) < privacy.minimum_n_distribution) & (
        ~results["estimate_type"].isin(COUNT_TYPES)
    )
    mean = few & results["estimate_type"].isin(MEAN_TYPES)
    results.loc[mean, SPREAD_COLUMNS] = np.nan
    # With n, share and mean of one activity its t or p leaves one way to spread the answers.
    telling = (
        (smallest_group(results) < privacy.minimum_n_extreme_share)
        & results["estimate_type"].isin(MEAN_TYPES)
        & (results["activity_id"] != "")
    )
    results.loc[telling, ["statistic", "df", "p_value", "p_adjusted"]] = np.nan
    results.loc[telling & (results["note"] == ""), "note"] = SUPPRESSED_SPREAD
    item = few & (results["activity_id"] != "")
    difference = item & (results["estimate_type"] == "mean_difference")
    results.loc[difference, ["statistic", "df", "p_value", "p_adjusted"]] = np.nan
    rest = item & ~results["estimate_type"].isin(KEPT_FROM_FEW)
    results.loc[rest, ["estimate", *SPREAD_COLUMNS]] = np.nan
    results.loc[mean | item, "note"] = SUPPRESSED_SPREAD
    return results


def _mask_extremes(results: pd.DataFrame, privacy: Privacy) -> pd.DataFrame:
    """(Nearly) nobody and (nearly) everybody say something about each person.

    Masking exactly 0 and 100 per cent only would make the mask itself the answer.
    """
    few = smallest_group(results) < privacy.minimum_n_extreme_share
    shares = few & results["estimate_type"].isin(SHARE_TYPES)
    for chosen, note in (
        (shares & (results["estimate"] <= EXTREME_SHARE), EXTREME_LOW),
        (shares & (results["estimate"] >= 1 - EXTREME_SHARE), EXTREME_HIGH),
    ):
        results.loc[chosen, ["estimate", "ci_low", "ci_high"]] = np.nan
        results.loc[chosen, "note"] = note
    told = few & results["note"].isin((NO_VARIATION, COMPLETE_SEPARATION))
    return withhold(results, told, SUPPRESSED)


def mask_extreme_means(
    results: pd.DataFrame, *, low: float, high: float, midpoint: float, privacy: Privacy
) -> pd.DataFrame:
    """Results with means at the very end of the scale replaced by a bound in small groups.

    A mean of 5.0 or 4.9 of twelve people is (almost) everybody's answer.
    """
    results = results.copy()
    few = smallest_group(results) < privacy.minimum_n_extreme_share
    for kind, shift in (("mean", 0.0), ("mean_above_midpoint", midpoint)):
        chosen = few & (results["estimate_type"] == kind)
        mean = results["estimate"] + shift
        for end, note in (
            (mean <= low + EXTREME_SHARE + 1e-9, MEAN_AT_MOST),
            (mean >= high - EXTREME_SHARE - 1e-9, MEAN_AT_LEAST),
        ):
            results.loc[chosen & end, ["estimate", *SPREAD_COLUMNS]] = np.nan
            results.loc[chosen & end, "note"] = note
    return results


def overall_allowed(organisations: np.ndarray, roles: np.ndarray, privacy: Privacy) -> bool:
    """Whether figures over all organisations may be shown.

    A study of one organisation is its own organisation report. With more, at least
    ``minimum_organisations`` are needed per role, none holding more than
    ``maximum_organisation_share`` of the people of that role.
    """
    if len(set(organisations)) == 1:
        return True
    for role in set(roles):
        counts = pd.Series(organisations[roles == role]).value_counts()
        if len(counts) < privacy.minimum_organisations:
            return False
        if counts.iloc[0] > privacy.maximum_organisation_share * counts.sum():
            return False
    return True


def band_counts(counts: pd.DataFrame, privacy: Privacy) -> pd.DataFrame:
    """Numbers of people per organisation as bands: [c] below ten, 10-19, 20-49, 50 and more.

    One row is an organisation and role with the count as ``estimate``. ``ci_low`` and
    ``ci_high`` become the limits of the band (no upper one in the last); the count itself goes.
    Exact counts would give a withheld one by subtraction from the total, and tell which code
    is whose.
    """
    counts = counts.copy()
    n = counts["estimate"]
    limits = np.array([*BANDS, np.inf])
    place = np.searchsorted(limits, n, side="right") - 1
    shown = (place >= 0) & (n >= privacy.shown_from)
    counts["ci_low"] = np.where(shown, limits[np.maximum(place, 0)], np.nan)
    upper = limits[np.minimum(place + 1, len(BANDS))] - 1
    counts["ci_high"] = np.where(shown & np.isfinite(upper), upper, np.nan)
    counts[["estimate", "n_a"]] = np.nan
    counts["note"] = np.where(shown, BANDED, SUPPRESSED)
    return counts
