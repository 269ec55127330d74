"""Fewer decimals from fewer people: what leaves must not be invertible to single answers."""

import numpy as np
import pandas as pd

from research.study.study_file import COARSE_BELOW, Privacy

# Between 0 and 1: two decimals are a whole percentage.
SHARE_TYPES = (
    "share_above_midpoint",
    "share_missing",
    "answers_missing",
    "missing_information",
    "answer_share",
    "superiority",
    "cronbach_alpha",
    "omega_total",
    "omega_hierarchical",
    "ordinal_alpha",
    "ordinal_omega",
    "ordinal_omega_latent",
    "split_half",
    "split_half_worst",
    "split_half_best",
    "item_rest",
    "alpha_if_dropped",
    "loading",
    "efa_loading",
    "factor_correlation",
    "kmo",
    "ave",
    "htmt",
    "icc1",
    "icc2",
    "kendall_tau_b",
    "spearman",
    "profile_correlation",
    "profile_icc",
    "top_overlap",
    "quadrant",
    "distinctive_similarity",
)
# Three decimals, as p-values: gains in R squared, whose class turns at .035 and .070, and by how
# much a gap would move with other imputations, which says nothing of anybody.
GAIN_TYPES = ("dif", "imputation_error")
# ``statistic`` is a place on a grid here, no figure of anybody's answers.
GRID_TYPES = ("information",)
# Ratios: two significant digits from few people, and never more than a bound beyond these. A
# Bayes factor of many digits gives Student's t back, and with the difference the spread.
RATIO_TYPES = ("odds_ratio", "dif_odds_ratio", "missing_odds_ratio", "bayes_factor")
RATIO_BOUNDS = (0.001, 1000.0)
# Sums of answers divided by n: at full precision they give the sum back whatever n, and two
# releases or two pages give the answers of the few people by whom they differ.
SUM_TYPES = (
    "mean",
    "mean_above_midpoint",
    "all_valued",
    "mean_difference",
    "mean_difference_people",
    "mean_difference_imputed",
    "power_difference",
    "share_above_midpoint",
)
# Limits of an interval on one activity from fewer than twenty people are multiples of this.
COARSE_STEP = 0.5


def coarsen(results: pd.DataFrame, privacy: Privacy) -> pd.DataFrame:
    """Results with fewer decimals where a group has fewer than a hundred people.

    Scores, differences, effect sizes, their intervals and the test statistic keep one decimal,
    df none; p-values keep three, shares and correlations two (a whole percentage), ratios two
    significant digits; ratios beyond a thousand are bounds whatever n, and means, their
    differences and shares keep two decimals whatever n. Of one activity from fewer than twenty
    people the interval of the difference is rounded outwards to half points. At full precision a
    mean, its interval and n give back the standard deviation, and with it the answers of few
    people.
    """
    results = results.copy()
    n = smallest_group(results)
    few = n < COARSE_BELOW
    share = results["estimate_type"].isin(SHARE_TYPES)
    ratio = results["estimate_type"].isin(RATIO_TYPES)
    gain = results["estimate_type"].isin(GAIN_TYPES)
    score = ~share & ~ratio & ~gain
    for column in ("estimate", "ci_low", "ci_high"):
        results.loc[ratio, column] = results.loc[ratio, column].clip(*RATIO_BOUNDS)
        results.loc[few & ratio, column] = significant(results.loc[few & ratio, column], 2)
        results.loc[few & score, column] = to_decimals(results.loc[few & score, column], 1)
        results.loc[few & share, column] = to_decimals(results.loc[few & share, column], 2)
        results.loc[few & gain, column] = to_decimals(results.loc[few & gain, column], 3)
        told = ~few & results["estimate_type"].isin(SUM_TYPES)
        results.loc[told, column] = to_decimals(results.loc[told, column], 2)
    placed = few & ~results["estimate_type"].isin(GRID_TYPES)
    for column, decimals in (("statistic", 1), ("df", 0)):
        results.loc[placed, column] = to_decimals(results.loc[placed, column], decimals)
    for column in ("p_value", "p_adjusted"):
        results.loc[few, column] = coarse_p(results.loc[few, column])
    item = (n < privacy.minimum_n_distribution) & (results["activity_id"] != "")
    results.loc[item, "ci_low"] = np.floor(results.loc[item, "ci_low"] / COARSE_STEP) * COARSE_STEP
    results.loc[item, "ci_high"] = np.ceil(results.loc[item, "ci_high"] / COARSE_STEP) * COARSE_STEP
    return results


def smallest_group(results: pd.DataFrame) -> pd.Series:
    """Number of people in the smaller of the groups a result is made from."""
    return results[["n_a", "n_b"]].min(axis=1, skipna=True)


def decimals_of(n: np.ndarray) -> np.ndarray:
    """Decimals of a mean of n people, as ``coarsen`` leaves them."""
    return np.where(np.asarray(n) < COARSE_BELOW, 1.0, 2.0)


def to_decimals(values: pd.Series, decimals: int) -> pd.Series:
    """Values rounded to a number of decimals; missing stays missing."""
    return np.rint(values * 10**decimals) / 10**decimals


def significant(values: pd.Series, digits: int) -> pd.Series:
    """Positive values rounded to a number of significant digits; missing stays missing."""
    step = 10.0 ** (np.floor(np.log10(values.clip(lower=1e-300))) - (digits - 1))
    return np.rint(values / step) * step


def coarse_p(p_values: pd.Series) -> pd.Series:
    """Three decimals; below .001 one significant digit, for a p is never 0."""
    return to_decimals(p_values, 3).where(p_values >= 0.001, significant(p_values, 1))
