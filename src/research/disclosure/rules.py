"""Thresholds on results: below them a number is withheld and the row says why.

The table of rules stands in PRIVACY.md; the numbers come from the study file.
"""

import numpy as np
import pandas as pd

from research.study.study_file import COARSE_BELOW, Privacy

SUPPRESSED = "suppressed_too_few"
SUPPRESSED_COMPLEMENT = "suppressed_complement"
SUPPRESSED_ORGANISATIONS = "suppressed_few_organisations"
SUPPRESSED_INTERVAL = "suppressed_interval"  # the estimate stays
CLUSTER_MEAN_ONLY = "cluster_mean_only"
EXTREME_LOW = "share_at_most"
EXTREME_HIGH = "share_at_least"
SUPPRESSION_NOTES = (SUPPRESSED, SUPPRESSED_COMPLEMENT, SUPPRESSED_ORGANISATIONS)

# Under ten people only cluster means with one decimal may leave, whatever the study file says.
FULL_DETAIL_N = 10
DISTRIBUTION_TYPES = ("standard_deviation", "answer_share")
MEAN_TYPES = ("mean", "mean_above_midpoint", "all_valued")
# Between 0 and 1: two decimals are a whole percentage.
SHARE_TYPES = (
    "share_above_midpoint",
    "share_missing",
    "answer_share",
    "superiority",
    "cronbach_alpha",
)
WITHHELD_COLUMNS = [
    "estimate",
    "ci_low",
    "ci_high",
    "statistic",
    "df",
    "p_value",
    "p_adjusted",
    "n_a",
    "n_b",
    "n_dropped",
]


def smallest_group(results: pd.DataFrame) -> pd.Series:
    """Number of people in the smaller of the groups a result is made from."""
    return results[["n_a", "n_b"]].min(axis=1, skipna=True)


def may_be_tested(n_a: np.ndarray, n_b: np.ndarray, privacy: Privacy) -> np.ndarray:
    """Return where both groups reach the minimum, so that a difference may be tested and shown."""
    minimum = max(privacy.minimum_n, FULL_DETAIL_N)
    return (np.asarray(n_a) >= minimum) & (np.asarray(n_b) >= minimum)


def protect(results: pd.DataFrame, privacy: Privacy) -> pd.DataFrame:
    """Results with every number withheld that comes from too few people.

    Same rows as given. A withheld row keeps its keys and gets a note; its verdict is emptied and
    its counts too. Applying it twice changes nothing.
    """
    results = results.copy()
    n = smallest_group(results)
    wanted = np.where(
        results["estimate_type"].isin(DISTRIBUTION_TYPES),
        privacy.minimum_n_distribution,
        max(privacy.minimum_n, FULL_DETAIL_N),
    )
    small = n < wanted
    lenient = (
        small
        & (n >= privacy.minimum_n)
        & (results["estimate_type"] == "mean")
        & (results["cluster_id"] != "")
    )
    results = _keep_one_decimal(results, lenient)
    results = withhold(results, small & ~lenient, SUPPRESSED)
    for note in SUPPRESSION_NOTES:  # a reason set earlier empties its row as well
        results = withhold(results, results["note"] == note, note)
    results = _withhold_spread(results, privacy)
    results = coarsen(_mask_extreme_shares(results, privacy))
    # How many did not answer one question is itself a small count about few people.
    few_dropped = results["n_dropped"].between(1, FULL_DETAIL_N - 1)
    results.loc[few_dropped, "n_dropped"] = np.nan
    return results


def withhold(results: pd.DataFrame, chosen: pd.Series, note: str) -> pd.DataFrame:
    """Results with the numbers of the chosen rows emptied and ``note`` as the reason."""
    results = results.copy()
    results.loc[chosen, WITHHELD_COLUMNS] = np.nan
    results.loc[chosen, "verdict"] = ""
    results.loc[chosen, "note"] = note
    return results


def _keep_one_decimal(results: pd.DataFrame, chosen: pd.Series) -> pd.DataFrame:
    results.loc[chosen, "estimate"] = _to_decimals(results.loc[chosen, "estimate"], 1)
    results.loc[chosen, ["ci_low", "ci_high", "statistic", "df", "p_value"]] = np.nan
    results.loc[chosen, "note"] = CLUSTER_MEAN_ONLY
    return results


def _withhold_spread(results: pd.DataFrame, privacy: Privacy) -> pd.DataFrame:
    """Empty what gives the standard deviation of one small group: a mean's interval, t and p."""
    few = results["n_a"] < privacy.minimum_n_distribution
    chosen = few & results["estimate_type"].isin(MEAN_TYPES) & results["estimate"].notna()
    results.loc[chosen, ["ci_low", "ci_high", "statistic", "df", "p_value"]] = np.nan
    # A cluster mean of five to nine people keeps its own reason.
    results.loc[chosen & (results["note"] != CLUSTER_MEAN_ONLY), "note"] = SUPPRESSED_INTERVAL
    return results


def coarsen(results: pd.DataFrame) -> pd.DataFrame:
    """Results with fewer decimals where a group has fewer than a hundred people.

    Scores, differences, effect sizes, their intervals and the test statistic keep one decimal,
    df none; p-values keep three, and shares two (a whole percentage). At full precision a mean,
    its interval and n give back the standard deviation, and with it the answers of few people.
    """
    results = results.copy()
    few = smallest_group(results) < COARSE_BELOW
    share = results["estimate_type"].isin(SHARE_TYPES)
    for column in ("estimate", "ci_low", "ci_high"):
        results.loc[few & ~share, column] = _to_decimals(results.loc[few & ~share, column], 1)
        results.loc[few & share, column] = _to_decimals(results.loc[few & share, column], 2)
    for column, decimals in (("statistic", 1), ("df", 0)):
        results.loc[few, column] = _to_decimals(results.loc[few, column], decimals)
    for column in ("p_value", "p_adjusted"):
        results.loc[few, column] = _coarse_p(results.loc[few, column])
    return results


def _coarse_p(p_values: pd.Series) -> pd.Series:
    """Three decimals; below .001 one significant digit, for a p is never 0."""
    exponent = np.floor(np.log10(p_values.clip(lower=1e-300)))
    small = np.rint(p_values / 10**exponent) * 10**exponent
    return _to_decimals(p_values, 3).where(p_values >= 0.001, small)


def _to_decimals(values: pd.Series, decimals: int) -> pd.Series:
    return np.rint(values * 10**decimals) / 10**decimals


def _mask_extreme_shares(results: pd.DataFrame, privacy: Privacy) -> pd.DataFrame:
    """Exactly nobody or exactly everybody says something about each person."""
    sensitive = results["estimate_type"].isin(("share_above_midpoint", "answer_share")) & (
        results["n_a"] < privacy.minimum_n_extreme_share
    )
    for value, note in ((0.0, EXTREME_LOW), (1.0, EXTREME_HIGH)):
        chosen = sensitive & (results["estimate"] == value)
        results.loc[chosen, ["estimate", "ci_low", "ci_high"]] = np.nan
        results.loc[chosen, "note"] = note
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


def protect_counts(counts: pd.DataFrame, privacy: Privacy) -> pd.DataFrame:
    """Numbers of people with small ones withheld, and one more where a total gives them away.

    One row is an organisation and role, columns as in results with the count as ``estimate``;
    the rows of one role add up to a published total. A single withheld count would follow by
    subtraction, so the next smallest of that role is withheld as well.
    """
    counts = counts.copy()
    counts = withhold(counts, counts["estimate"] < privacy.minimum_n, SUPPRESSED)
    for _, rows in counts.groupby("role", sort=False):
        hidden = rows["estimate"].isna()
        if hidden.sum() == 1 and len(rows) > 1:
            second = rows.loc[~hidden, "estimate"].idxmin()
            counts = withhold(
                counts, pd.Series(counts.index == second, counts.index), SUPPRESSED_COMPLEMENT
            )
    return counts
