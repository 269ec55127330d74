"""Two groups of people from counts and moments: every column at once, as arrays by name.

What ``differences`` documents is computed here, without a table around it: thirty activities or
sixty thousand tests (every activity of two thousand organisations) are one call.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from research.stats.counts import LevelCounts, whole_counts
from research.stats.estimates import (
    COMPLETE_SEPARATION,
    NO_VARIATION,
    TOO_FEW_ANSWERS,
    t_critical,
    two_sided_p,
    unresolvable,
)
from research.stats.noncentral import noncentrality_limits

Columns = dict[str, np.ndarray | float]


@dataclass(frozen=True, kw_only=True)
class Moments:
    """n, mean and variance (n - 1) per column of one group."""

    n: np.ndarray
    mean: np.ndarray
    variance: np.ndarray


@dataclass(frozen=True, kw_only=True)
class TwoGroups:
    """Moments of group a and group b, and the number of rows they come from."""

    a: Moments
    b: Moments
    n_rows: int | np.ndarray

    @property
    def n_columns(self) -> Columns:
        """Return the counts every result carries."""
        dropped = self.n_rows - self.a.n - self.b.n
        return {"n_a": self.a.n, "n_b": self.b.n, "n_dropped": dropped}

    @property
    def too_few(self) -> np.ndarray:
        return np.minimum(self.a.n, self.b.n) < 2


def two_groups(values: np.ndarray, first: np.ndarray) -> TwoGroups:
    """Moments per group: from counts where the answers are whole numbers, else directly."""
    counts = whole_counts(values, first)
    if counts is not None:
        return moments_of(counts)
    a, b = moments(values[first]), moments(values[~first])
    return TwoGroups(a=a, b=b, n_rows=len(values))


def moments_of(counts: LevelCounts) -> TwoGroups:
    """Moments per group from counts; one per row of the counts."""
    parts = []
    for group in (counts.a, counts.b):
        n, mean, variance = counts.moments(group)
        parts.append(Moments(n=n.astype(np.intp), mean=mean, variance=variance))
    return TwoGroups(a=parts[0], b=parts[1], n_rows=counts.n_rows)


def moments(values: np.ndarray) -> Moments:
    """Moments per column of the answers that are there."""
    there = ~np.isnan(values)
    n = there.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there, values, 0.0).sum(axis=0) / np.where(n > 0, n, np.nan)
        spread = np.where(there, values - mean, 0.0)
        # Second term: rounding of the mean, which matters on the hardest NIST sets.
        squares = (spread**2).sum(axis=0) - spread.sum(axis=0) ** 2 / np.where(n > 0, n, np.nan)
        variance = np.maximum(squares, 0) / np.where(n > 1, n - 1, np.nan)
    return Moments(n=n, mean=mean, variance=variance)


def student(
    estimate: np.ndarray,
    standard_error: np.ndarray,
    df: np.ndarray,
    *,
    confidence_level: float,
    one_sided: bool = False,
    scale_of: tuple[np.ndarray, ...] = (),
) -> Columns:
    """Interval, t, df and p of an estimate; see ``differences.student_table``."""
    constant = unresolvable(standard_error, *(scale_of or (estimate,)))
    standard_error = np.where(constant, np.nan, standard_error)
    df = np.where(np.isnan(standard_error), np.nan, df)
    statistic = estimate / standard_error
    half = t_critical(df, confidence_level) * standard_error
    return {
        "estimate": estimate,
        "ci_low": estimate - half,
        "ci_high": estimate + half,
        "confidence_level": confidence_level,
        "standard_error": standard_error,
        "statistic": statistic,
        "df": df,
        "p_value": special.stdtr(df, -statistic) if one_sided else two_sided_p(statistic, df),
        "note": np.where(constant, NO_VARIATION, ""),
    }


def welch_columns(groups: TwoGroups, *, confidence_level: float) -> Columns:
    """Columns of ``differences.welch``."""
    a, b = groups.a, groups.b
    with np.errstate(invalid="ignore", divide="ignore"):
        part_a, part_b = a.variance / a.n, b.variance / b.n
        standard_error = np.sqrt(part_a + part_b)
        df = (part_a + part_b) ** 2 / (part_a**2 / (a.n - 1) + part_b**2 / (b.n - 1))
    found = student(
        a.mean - b.mean,
        standard_error,
        df,
        confidence_level=confidence_level,
        scale_of=(a.mean, b.mean),
    )
    note = np.where(groups.too_few, TOO_FEW_ANSWERS, found["note"])
    return found | groups.n_columns | {"note": note}


def hedges_g_columns(
    groups: TwoGroups, *, confidence_level: float, with_interval: bool = True
) -> Columns:
    """Columns of ``differences.hedges_g``; without its interval in a tenth of the time."""
    a, b = groups.a, groups.b
    df = (a.n + b.n - 2).astype(float)
    enough = ~groups.too_few & ~np.isnan(a.mean) & ~np.isnan(b.mean)
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = np.sqrt(((a.n - 1) * a.variance + (b.n - 1) * b.variance) / df)
        pooled = np.where(enough, pooled, np.nan)
        constant = unresolvable(pooled, a.mean, b.mean)
        pooled = np.where(constant, np.nan, pooled)
        root = np.sqrt(1 / a.n + 1 / b.n)
        correction = small_sample_correction(df)
        cohen_d = (a.mean - b.mean) / pooled
        low = high = np.full(np.shape(cohen_d), np.nan)
        if with_interval:
            low, high = noncentrality_limits(cohen_d / root, df, confidence_level=confidence_level)
    return {
        "estimate": cohen_d * correction,
        "ci_low": low * root * correction,
        "ci_high": high * root * correction,
        "confidence_level": confidence_level,
        **groups.n_columns,
        "note": np.where(~enough, TOO_FEW_ANSWERS, np.where(constant, NO_VARIATION, "")),
    }


def small_sample_correction(df: np.ndarray) -> np.ndarray:
    """Factor that turns Cohen's d into Hedges g, exact (Hedges 1981, eq. 6e); NaN without df."""
    some = np.where(np.asarray(df) > 0, df, np.nan)
    factor = special.gammaln(some / 2) - special.gammaln((some - 1) / 2)
    return np.exp(factor - np.log(np.sqrt(some / 2)))


def brunner_munzel_columns(counts: LevelCounts, *, confidence_level: float) -> Columns:
    """Columns of ``differences.brunner_munzel``."""
    n_a, n_b = counts.a.sum(axis=1), counts.b.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        # Share of the other group below a level, ties half: the mid-distribution function.
        below_a = (np.cumsum(counts.b, axis=1) - counts.b / 2) / n_b[:, None]
        below_b = (np.cumsum(counts.a, axis=1) - counts.a / 2) / n_a[:, None]
        chance = (counts.a * below_a).sum(axis=1) / n_a
        part_a = (counts.a * (below_a - chance[:, None]) ** 2).sum(axis=1) / (n_a - 1) / n_a
        part_b = (counts.b * (below_b - (1 - chance)[:, None]) ** 2).sum(axis=1) / (n_b - 1) / n_b
        df = (part_a + part_b) ** 2 / (part_a**2 / (n_a - 1) + part_b**2 / (n_b - 1))
        enough = np.minimum(n_a, n_b) >= 2
        standard_error = np.where(enough, np.sqrt(part_a + part_b), np.nan)
        separated = standard_error <= 1e-12
    found = student(
        np.where(enough, chance, np.nan) - 0.5,
        np.where(separated, np.nan, standard_error),
        df,
        confidence_level=confidence_level,
    )
    all_equal = separated & (np.abs(chance - 0.5) < 1e-12)
    reasons = [TOO_FEW_ANSWERS, NO_VARIATION, COMPLETE_SEPARATION]
    return found | {
        "estimate": found["estimate"] + 0.5,
        "ci_low": found["ci_low"] + 0.5,
        "ci_high": found["ci_high"] + 0.5,
        "n_a": n_a,
        "n_b": n_b,
        "n_dropped": counts.n_rows - n_a - n_b,
        "note": np.select([~enough, all_equal, separated], reasons, ""),
    }
