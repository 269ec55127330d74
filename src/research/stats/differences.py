"""Two independent groups of people: means, standardised difference, superiority.

Group ``a`` is where ``first`` is true. Every difference is a - b: positive means ``a`` is higher.
"""

from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import special

from research.errors import require_choice
from research.stats.estimates import (
    COMPLETE_SEPARATION,
    NO_VARIATION,
    TOO_FEW_ANSWERS,
    as_columns,
    t_critical,
    two_sided_p,
    unresolvable,
)
from research.stats.noncentral import noncentrality_limits

Alternative = Literal["two-sided", "greater"]
ALTERNATIVES: tuple[str, ...] = get_args(Alternative)


def _moments(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return n, mean and variance (n - 1) per column of the answers that are there."""
    there = ~np.isnan(values)
    n = there.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there, values, 0.0).sum(axis=0) / np.where(n > 0, n, np.nan)
        spread = np.where(there, values - mean, 0.0)
        # Second term: rounding of the mean, which matters on the hardest NIST sets.
        squares = (spread**2).sum(axis=0) - spread.sum(axis=0) ** 2 / np.where(n > 0, n, np.nan)
        variance = np.maximum(squares, 0) / np.where(n > 1, n - 1, np.nan)
    return n, mean, variance


def mean_against(
    values: np.ndarray,
    *,
    null_value: float = 0.0,
    confidence_level: float = 0.95,
    alternative: Alternative = "two-sided",
) -> pd.DataFrame:
    """Mean minus ``null_value`` per column, with Student's one-sample t-test.

    One row a column of ``values``; unit as the answers. The interval is two-sided whatever the
    ``alternative``. Missing answers are left out. Fewer than two answers or no variation: NaN
    with a note.
    """
    require_choice("alternative", alternative, ALTERNATIVES)
    values = as_columns(values)
    n, mean, variance = _moments(values)
    table = student_table(
        mean - null_value,
        np.sqrt(variance / np.where(n > 0, n, np.nan)),
        (n - 1).astype(float),
        confidence_level=confidence_level,
        alternative=alternative,
        scale_of=(mean,),
    )
    return table.assign(
        n_a=n,
        n_dropped=len(values) - n,
        note=np.where(n < 2, TOO_FEW_ANSWERS, table["note"]),
    )


def welch(values: np.ndarray, first: np.ndarray, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Mean difference a - b per column, with Welch's t-test (unequal variances).

    One row a column of ``values``; unit as the answers. People are taken as independent: where
    they share an organisation use ``clustered.cr2_difference``. Missing answers are left out.
    Constant answers in both groups: the difference without interval and p, note
    ``no_variation``, as R's t.test refuses them.

    References
    ----------
    Welch (1947), Biometrika 34, 28-35; df after Satterthwaite, equation 17 of Welch (1938).
    """
    values, first = as_columns(values), np.asarray(first, dtype=bool)
    n_a, mean_a, variance_a = _moments(values[first])
    n_b, mean_b, variance_b = _moments(values[~first])
    with np.errstate(invalid="ignore", divide="ignore"):
        part_a, part_b = variance_a / n_a, variance_b / n_b
        standard_error = np.sqrt(part_a + part_b)
        df = (part_a + part_b) ** 2 / (part_a**2 / (n_a - 1) + part_b**2 / (n_b - 1))
    table = student_table(
        mean_a - mean_b,
        standard_error,
        df,
        confidence_level=confidence_level,
        scale_of=(mean_a, mean_b),
    )
    return table.assign(
        n_a=n_a,
        n_b=n_b,
        n_dropped=len(values) - n_a - n_b,
        note=np.where(np.minimum(n_a, n_b) < 2, TOO_FEW_ANSWERS, table["note"]),
    )


def student_table(
    estimate: np.ndarray,
    standard_error: np.ndarray,
    df: np.ndarray,
    *,
    confidence_level: float,
    alternative: Alternative = "two-sided",
    scale_of: tuple[np.ndarray, ...] = (),
) -> pd.DataFrame:
    """Estimate, interval, t statistic, df and p from a standard error; one row an estimate.

    A standard error that is rounding noise beside ``scale_of`` gives NaN and the note
    ``no_variation``, never an infinite statistic.
    """
    constant = unresolvable(standard_error, *(scale_of or (estimate,)))
    standard_error = np.where(constant, np.nan, standard_error)
    df = np.where(np.isnan(standard_error), np.nan, df)
    statistic = estimate / standard_error
    half = t_critical(df, confidence_level) * standard_error
    p_value = (
        two_sided_p(statistic, df) if alternative == "two-sided" else special.stdtr(df, -statistic)
    )
    return pd.DataFrame(
        {
            "estimate": estimate,
            "ci_low": estimate - half,
            "ci_high": estimate + half,
            "confidence_level": confidence_level,
            "standard_error": standard_error,
            "statistic": statistic,
            "df": df,
            "p_value": p_value,
            "note": np.where(constant, NO_VARIATION, ""),
        }
    )


def hedges_g(
    values: np.ndarray, first: np.ndarray, *, confidence_level: float = 0.95
) -> pd.DataFrame:
    """Hedges g of a - b per column, in pooled standard deviations.

    Exact small-sample correction by the gamma function; interval by inverting the noncentral t
    and multiplying by the same correction. Goes with Student's (not Welch's) t and takes people
    as independent. One row a column; missing answers are left out.

    pingouin's interval is a normal approximation; R's effectsize finds the same limits by a
    numerical optimiser with about four digits.

    References
    ----------
    Hedges (1981), J. Educ. Statist. 6, 107-128, eq. 6e; Steiger (2004), Psychol. Methods 9,
    164-182, noncentrality interval.
    """
    values, first = as_columns(values), np.asarray(first, dtype=bool)
    n_a, mean_a, variance_a = _moments(values[first])
    n_b, mean_b, variance_b = _moments(values[~first])
    df = (n_a + n_b - 2).astype(float)
    enough = (np.minimum(n_a, n_b) >= 2) & ~np.isnan(mean_a) & ~np.isnan(mean_b)
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = np.sqrt(((n_a - 1) * variance_a + (n_b - 1) * variance_b) / df)
        pooled = np.where(enough, pooled, np.nan)
        constant = unresolvable(pooled, mean_a, mean_b)
        pooled = np.where(constant, np.nan, pooled)
        root = np.sqrt(1 / n_a + 1 / n_b)
        correction = small_sample_correction(df)
        cohen_d = (mean_a - mean_b) / pooled
        low, high = noncentrality_limits(cohen_d / root, df, confidence_level=confidence_level)
    return pd.DataFrame(
        {
            "estimate": cohen_d * correction,
            "ci_low": low * root * correction,
            "ci_high": high * root * correction,
            "confidence_level": confidence_level,
            "n_a": n_a,
            "n_b": n_b,
            "n_dropped": len(values) - n_a - n_b,
            "note": np.where(~enough, TOO_FEW_ANSWERS, np.where(constant, NO_VARIATION, "")),
        }
    )


def small_sample_correction(df: np.ndarray) -> np.ndarray:
    """Factor that turns Cohen's d into Hedges g, exact (Hedges 1981, eq. 6e)."""
    return np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2) - np.log(np.sqrt(df / 2)))


def brunner_munzel(
    values: np.ndarray, first: np.ndarray, *, confidence_level: float = 0.95
) -> pd.DataFrame:
    """P(a > b) + P(a = b) / 2 per column, with the Brunner-Munzel test against one half.

    The chance that somebody of group a answers higher than somebody of group b, ties split.
    Computed from counts per answer level, so the cost hardly grows with n. The statistic is
    positive when a tends to be higher (R's lawstat prints the other sign; statsmodels' ``prob1``
    is this estimate). No overlap at all gives 0 or 1 without interval, note
    ``complete_separation``.

    References
    ----------
    Brunner & Munzel (2000), Biom. J. 42, 17-25, eq. 4.5-4.8; interval as in section 5.
    """
    values, first = as_columns(values), np.asarray(first, dtype=bool)
    counts_a, counts_b = _level_counts(values, first)
    n_a, n_b = counts_a.sum(axis=1), counts_b.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        # Share of the other group below a level, ties half: the mid-distribution function.
        below_a = (np.cumsum(counts_b, axis=1) - counts_b / 2) / n_b[:, None]
        below_b = (np.cumsum(counts_a, axis=1) - counts_a / 2) / n_a[:, None]
        estimate = (counts_a * below_a).sum(axis=1) / n_a
        part_a = (counts_a * (below_a - estimate[:, None]) ** 2).sum(axis=1) / (n_a - 1) / n_a
        part_b = (counts_b * (below_b - (1 - estimate)[:, None]) ** 2).sum(axis=1) / (n_b - 1) / n_b
        df = (part_a + part_b) ** 2 / (part_a**2 / (n_a - 1) + part_b**2 / (n_b - 1))
        enough = np.minimum(n_a, n_b) >= 2
        standard_error = np.where(enough, np.sqrt(part_a + part_b), np.nan)
        separated = standard_error <= 1e-12
    table = student_table(
        np.where(enough, estimate, np.nan) - 0.5,
        np.where(separated, np.nan, standard_error),
        df,
        confidence_level=confidence_level,
    )
    all_equal = separated & (np.abs(estimate - 0.5) < 1e-12)
    return table.assign(
        estimate=table["estimate"] + 0.5,
        ci_low=table["ci_low"] + 0.5,
        ci_high=table["ci_high"] + 0.5,
        n_a=n_a,
        n_b=n_b,
        n_dropped=len(values) - n_a - n_b,
        note=np.select(
            [~enough, all_equal, separated],
            [TOO_FEW_ANSWERS, NO_VARIATION, COMPLETE_SEPARATION],
            "",
        ),
    )


def _level_counts(values: np.ndarray, first: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return people per column and answer level, for group a and for group b."""
    there = ~np.isnan(values)
    levels, codes = np.unique(values[there], return_inverse=True)
    n_columns, n_levels = values.shape[1], max(len(levels), 1)
    rows, columns = np.nonzero(there)
    cell = (columns * n_levels + codes) * 2 + first[rows]
    counts = np.bincount(cell, minlength=n_columns * n_levels * 2).astype(float)
    counts = counts.reshape(n_columns, n_levels, 2)
    return counts[..., 1], counts[..., 0]
