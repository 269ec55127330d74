"""Whether the results behind a page agree with themselves, at the precision they are stored."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from research.reporting.checking.tails import (
    overlap,
    p_range,
    stored_ends,
    stored_p_ends,
    tail_of,
)
from research.reporting.checking.traced import Finding
from research.stats.estimates import KEY_COLUMNS

# Made by resampling: such an interval may lie beside its estimate.
RESAMPLED = ("bootstrap_bca", "bootstrap_percentile")
PAIRED_WITH_TEST = ("mean_difference", "mean_difference_people", "pooled_gap")


def stored_results(results: pd.DataFrame) -> Iterator[Finding]:
    """Every row: its p from its statistic, its interval, its decision, whole people behind it."""
    for row in results.itertuples(index=False):
        where = " ".join(
            filter(
                None, (row.analysis, row.estimate_type, row.cluster_id, row.activity_id, row.role)
            )
        )
        yield from _p_value(row, where)
        yield from _interval(row, where)
        yield from _decision(row, where)
        yield from _whole_answers(row, where)
        if _numbers(row.p_value, row.p_adjusted):
            wrong = row.p_adjusted < row.p_value - 0.00051
            yield "p_values", f"the corrected p of {where} is below its p" if wrong else ""


def stored_sums(results: pd.DataFrame) -> Iterator[Finding]:
    """Shares of all answers of a role to an activity or a cluster: together they are everybody."""
    shares = results[results["estimate_type"] == "answer_share"]
    for keys, found in shares.groupby([*KEY_COLUMNS], sort=False)["estimate"]:
        if found.isna().any():
            continue
        ends = [stored_ends(share) for share in found]
        right = overlap((sum(low for low, _ in ends), sum(high for _, high in ends)), (1.0, 1.0))
        where = " ".join(filter(None, map(str, keys)))
        yield "sums", "" if right else f"the shares of {where} do not make 100 %"


def _numbers(*values: float) -> bool:
    return bool(np.isfinite(values).all())


def _p_value(row, where: str) -> Iterator[Finding]:
    tail = tail_of(row.estimate_type, row.test)
    if not tail or not _numbers(row.statistic, row.p_value):
        return
    if tail != "normal" and not _numbers(row.df):
        return
    df = stored_ends(row.df) if _numbers(row.df) else (1.0, 1.0)
    tails = [tail]
    if tail == "t_tost":  # the side that decides: the upper margin for a difference above zero
        tails = ["t_below"] if row.estimate > 0 else ["t_above"]
        tails = tails if row.estimate else ["t_below", "t_above"]
    ranges = [p_range(name, stored_ends(row.statistic), df) for name in tails]
    right = any(overlap(found, stored_p_ends(row.p_value)) for found in ranges)
    yield (
        "p_values",
        ""
        if right
        else (
            f"p of {where} is {row.p_value:.6g}, but {row.statistic:g} with df {row.df:g} gives "
            f"{ranges[0][0]:.6g} to {ranges[0][1]:.6g}"
        ),
    )


def _interval(row, where: str) -> Iterator[Finding]:
    if row.test in RESAMPLED or not _numbers(row.estimate, row.ci_low, row.ci_high):
        return
    within = row.ci_low - 1e-9 <= row.estimate <= row.ci_high + 1e-9
    yield "intervals", "" if within else f"the interval of {where} misses its estimate"


def _decision(row, where: str) -> Iterator[Finding]:
    """Interval without zero exactly when p is below alpha: the same test."""
    told = (row.ci_low, row.ci_high, row.p_value, row.confidence_level)
    if row.estimate_type not in PAIRED_WITH_TEST or not _numbers(*told):
        return
    alpha = 1 - row.confidence_level
    (low, _), (_, p_high) = stored_ends(row.ci_low), stored_p_ends(row.p_value)
    p_low, high = stored_p_ends(row.p_value)[0], stored_ends(row.ci_high)[1]
    excludes = {row.ci_low > 0 or row.ci_high < 0, low > 0 or high < 0}
    if row.ci_low == 0 or row.ci_high == 0:
        excludes = {True, False}
    significant = {p_low < alpha, p_high < alpha}
    right = bool(excludes & significant)
    yield "decisions", "" if right else f"interval and p of {where} decide differently"


def _whole_answers(row, where: str) -> Iterator[Finding]:
    """GRIM: a mean of n whole answers, or a share of n people, is a whole number over n.

    Without an interval the number of people may have been rounded: nothing can be checked.
    """
    if row.estimate_type != "mean" or not row.activity_id:
        return
    if not _numbers(row.estimate, row.n_a, row.ci_low):
        return
    low, high = (end * row.n_a for end in stored_ends(row.estimate))
    possible = np.floor(high + 1e-6) >= np.ceil(low - 1e-6)
    if high - low < 1:  # else every mean is possible and nothing was checked
        yield "whole", "" if possible else f"no {row.n_a:g} whole answers or people give {where}"
