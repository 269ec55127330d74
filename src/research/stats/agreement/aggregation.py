"""May the answers of an organisation be summed up in their mean? Judging, no estimating."""

from typing import Literal, get_args

import numpy as np
import pandas as pd

from research.stats.estimates import TOO_FEW_ANSWERS

AggregationVerdict = Literal["may", "may_not", "undecided"]
AGGREGATION_VERDICTS: tuple[str, ...] = get_args(AggregationVerdict)

# LeBreton & Senter (2008), table 3: strong agreement begins at .71; .70 is the customary line.
RWG_MINIMUM = 0.70
# Burke & Dunlap (2002): an average deviation of at most a sixth of the answer options.
AD_DIVISOR = 6
# LeBreton & Senter (2008), section on ICC(1): .05 as first evidence of an effect of the group.
ICC_1_MINIMUM = 0.05
# Bliese (2000); LeBreton & Senter (2008): the reliability asked of a mean.
ICC_2_MINIMUM = 0.70

# Reasons, in the order in which they stand in the column.
RWG_BELOW = "rwg_below"
AD_ABOVE = "ad_above"
CLUSTERS_DO_NOT_DIFFER = "clusters_do_not_differ"
ICC_1_BELOW = "icc_1_below"
ICC_2_BELOW = "icc_2_below"
NOT_TESTED = "not_tested"
REASONS: tuple[str, ...] = (
    TOO_FEW_ANSWERS,
    RWG_BELOW,
    AD_ABOVE,
    CLUSTERS_DO_NOT_DIFFER,
    ICC_1_BELOW,
    ICC_2_BELOW,
    NOT_TESTED,
)
ROUNDING = 1e-12


def may_be_aggregated(
    agreement: pd.DataFrame,
    deviation: pd.DataFrame,
    between: pd.DataFrame,
    means: pd.DataFrame,
    *,
    n_levels: int,
    alpha: float = 0.05,
    minimum_n: int = 5,
) -> pd.DataFrame:
    """Verdict per organisation (and item): may its answers be replaced by their mean?

    Takes the tables of ``rwg_j`` and ``average_deviation_j`` (or of ``rwg`` and
    ``average_deviation``: then a row is a cluster and column) and, over the whole study, those
    of ``icc_1`` and ``icc_2`` (a row per column, or one row for the scale score).

    - may: r_wg at least .70, average deviation at most A/6, and over the study F significant,
      ICC(1) at least .05 and ICC(2) at least .70;
    - may_not: both r_wg and the average deviation fail;
    - undecided: anything else, that is one of the two fails, or people agree but the study does
      not show that organisations differ reliably (not showing it is no proof of the contrary),
      or something could not be computed, or fewer than ``minimum_n`` people answered. Five is
      our choice: with two people answering blindly on five options r_wg reaches .70 in 52 % of
      cases, with five in 6 %.

    ``reasons`` holds every criterion not met, space between, "" with the verdict "may".

    References
    ----------
    LeBreton & Senter (2008), Organ. Res. Methods 11, 815-852, table 3; Burke & Dunlap (2002),
    Organ. Res. Methods 5, 159-172; Bliese (2000), in Klein & Kozlowski (eds), 349-381.
    """
    table = _side_by_side(agreement, deviation, between, means)
    few = (table["n_a"] < minimum_n) | table["rwg"].isna() | table["average_deviation"].isna()
    low_rwg, high_ad = (~few & failed for failed in _failed(table, n_levels))
    untested = table[["icc_1", "icc_2", "p_value"]].isna().any(axis=1)
    broken = {
        TOO_FEW_ANSWERS: few,
        RWG_BELOW: low_rwg,
        AD_ABOVE: high_ad,
        CLUSTERS_DO_NOT_DIFFER: ~untested & (table["p_value"] > alpha),
        ICC_1_BELOW: ~untested & (table["icc_1"] < ICC_1_MINIMUM - ROUNDING),
        ICC_2_BELOW: ~untested & (table["icc_2"] < ICC_2_MINIMUM - ROUNDING),
        NOT_TESTED: untested,
    }
    reasons = np.full(len(table), "", dtype=object)
    for reason in REASONS:
        reasons = np.where(broken[reason], reasons + (" " + reason), reasons)
    verdict = np.select([low_rwg & high_ad, reasons == ""], ["may_not", "may"], "undecided")
    stripped = [reason.strip() for reason in reasons]
    return table.assign(ad_limit=n_levels / AD_DIVISOR, verdict=verdict, reasons=stripped)


def people_agree(agreement: pd.DataFrame, deviation: pd.DataFrame, *, n_levels: int) -> np.ndarray:
    """Verdict per organisation (and item) on its people alone: agree or differ.

    Takes the tables of ``rwg_j`` and ``average_deviation_j`` (or of ``rwg`` and
    ``average_deviation``). *agree*: r_wg at least .70 and average deviation at most A/6; *differ*
    where one of the two fails; "" where one of them could not be computed. Sources as in
    ``may_be_aggregated``.
    """
    table = _agreement_beside_deviation(agreement, deviation)
    unknown = table[["rwg", "average_deviation"]].isna().any(axis=1)
    low_rwg, high_ad = _failed(table, n_levels)
    return np.select([unknown, low_rwg | high_ad], ["", "differ"], "agree")


def _failed(table: pd.DataFrame, n_levels: int) -> tuple[pd.Series, pd.Series]:
    """Return where r_wg is too low and where the average deviation is too high."""
    low_rwg = table["rwg"] < RWG_MINIMUM - ROUNDING
    return low_rwg, table["average_deviation"] > n_levels / AD_DIVISOR + ROUNDING


def _agreement_beside_deviation(agreement: pd.DataFrame, deviation: pd.DataFrame) -> pd.DataFrame:
    """Return both measures of agreement in one table; a row is a cluster, or cluster and column."""
    keys = [name for name in ("cluster", "column") if name in agreement]
    for name in keys:
        if agreement[name].to_numpy().tolist() != deviation[name].to_numpy().tolist():
            raise ValueError(
                "agreement and deviation must hold the same clusters in the same order"
            )
    return pd.DataFrame(
        {
            **{name: agreement[name].to_numpy() for name in keys},
            "n_a": agreement["n_a"].to_numpy(),
            "rwg": agreement["estimate"].to_numpy(),
            "average_deviation": deviation["estimate"].to_numpy(),
        }
    )


def _side_by_side(
    agreement: pd.DataFrame, deviation: pd.DataFrame, between: pd.DataFrame, means: pd.DataFrame
) -> pd.DataFrame:
    """Return the criteria in one table; a row is a cluster, or a cluster and column."""
    table = _agreement_beside_deviation(agreement, deviation)
    if "column" in table:
        place = table["column"].to_numpy()
    elif len(between) == 1 and len(means) == 1:
        place = np.zeros(len(table), dtype=int)
    else:
        raise ValueError("verdicts on a scale need one row of icc_1 and icc_2, of its score")
    return table.assign(
        icc_1=between["estimate"].to_numpy()[place],
        icc_2=means["estimate"].to_numpy()[place],
        p_value=between["p_value"].to_numpy()[place],
    )
