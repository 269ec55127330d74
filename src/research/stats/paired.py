"""Pairs: a manager with a customer, or somebody's own score with another's about them.

``a`` and ``b`` are matrices with one row a pair and one column an item; every difference is
a - b within the pair: positive means ``a`` is higher. A pair counts for an item when both
answered it.
"""

from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import special

from research.errors import require_choice
from research.stats.agreement import variance_ratio
from research.stats.clustered import cr2_mean
from research.stats.conditional import SAME_LEVEL
from research.stats.differences import student_table
from research.stats.estimates import (
    NO_VARIATION,
    TOO_FEW_ANSWERS,
    as_columns,
    unresolvable,
)
from research.stats.noncentral import noncentrality_limits
from research.stats.two_groups import moments, small_sample_correction

Standardiser = Literal["difference", "average"]
STANDARDISERS: tuple[str, ...] = get_args(Standardiser)
BISECTIONS = 54


def paired_values(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both matrices with NaN wherever either member of the pair is missing.

    One row a pair, one column an item. Matrices of unequal shape are an error: rows are pairs.
    """
    a, b = as_columns(a), as_columns(b)
    if a.shape != b.shape:
        raise ValueError(f"a and b must hold the same pairs and items, not {a.shape} and {b.shape}")
    missing = np.isnan(a) | np.isnan(b)
    return np.where(missing, np.nan, a), np.where(missing, np.nan, b)


def paired_difference(
    a: np.ndarray,
    b: np.ndarray,
    *,
    cluster: np.ndarray | None = None,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Mean difference a - b within pairs per column, with the paired t-test.

    One row a column; unit as the answers. With ``cluster`` (one label a pair: its organisation)
    pairs of one cluster may depend on each other: CR2 standard error and Satterthwaite df of
    ``clustered.cr2_mean``. A pair with a missing member is left out, column by column.

    Notes
    -----
    Fewer than two pairs: ``too_few_answers``. All differences equal: the mean difference without
    interval and p, ``no_variation``. One cluster: ``too_few_clusters``; few df: ``low_df``.

    References
    ----------
    Student (1908), Biometrika 6, 1-25; as R's t.test(paired = TRUE).
    """
    a, b = paired_values(a, b)
    difference = moments(a - b)
    n, mean = difference.n, difference.mean
    sizes = _largest(a, b)
    if cluster is None:
        table = student_table(
            mean,
            np.sqrt(difference.variance / np.where(n > 0, n, np.nan)),
            n - 1.0,
            confidence_level=confidence_level,
            scale_of=(sizes,),
        ).assign(n_clusters=np.nan)
        table["note"] = np.where(n < 2, TOO_FEW_ANSWERS, table["note"])
    else:
        table = cr2_mean(a - b, cluster, confidence_level=confidence_level)
        constant = unresolvable(table["standard_error"].to_numpy(), sizes)
        untested = ["ci_low", "ci_high", "standard_error", "statistic", "df", "p_value"]
        table.loc[constant, untested] = np.nan
        table.loc[constant, "note"] = NO_VARIATION
    return table.assign(n_a=n, n_b=n, n_dropped=len(a) - n)


def paired_effect(
    a: np.ndarray,
    b: np.ndarray,
    *,
    standardiser: Standardiser = "difference",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Standardised mean difference a - b within pairs per column; which one is in its name.

    One row a column; ``estimate`` carries the small-sample correction (Hedges' exact factor with
    n - 1 df), ``uncorrected`` does not.

    Parameters
    ----------
    standardiser
        "difference" (``estimate_type`` hedges_g_z, uncorrected d_z): in standard deviations of
        the differences, which is t / sqrt(n) and grows with the correlation within pairs.
        "average" (hedges_g_av, d_av): in root mean squares of the two standard deviations,
        comparable with an effect between independent groups.

    Notes
    -----
    The interval inverts the noncentral t, exactly for g_z; for g_av its limits are those of
    d_z times SD of differences / average SD, an approximation. pingouin's paired ``cohen-d`` is
    d_av without saying so; Lakens' d_av takes the mean of the two standard deviations instead.
    Fewer than two pairs: ``too_few_answers``; no spread in the denominator or between the
    differences: ``no_variation``.

    References
    ----------
    Cumming (2012), Understanding the New Statistics, ch. 11; Algina & Keselman (2003), Educ.
    Psychol. Meas. 63, 537-553 (interval of g_av); Hedges (1981), eq. 6e (correction).
    """
    require_choice("standardiser", standardiser, STANDARDISERS)
    a, b = paired_values(a, b)
    difference = moments(a - b)
    n, mean = difference.n, difference.mean
    sizes = _largest(a, b)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(difference.variance)
        average = np.sqrt((moments(a).variance + moments(b).variance) / 2)
        constant = unresolvable(spread, sizes) | unresolvable(average, sizes)
        spread = np.where(constant, np.nan, spread)
        unit = spread if standardiser == "difference" else np.where(constant, np.nan, average)
        df, root = np.where(n > 1, n - 1.0, np.nan), np.sqrt(n)
        correction = small_sample_correction(df)
        to_unit = spread / unit / root * correction
        low, high = noncentrality_limits(
            mean / spread * root, df, confidence_level=confidence_level
        )
    return pd.DataFrame(
        {
            "estimate_type": "hedges_g_z" if standardiser == "difference" else "hedges_g_av",
            "estimate": mean / unit * correction,
            "ci_low": low * to_unit,
            "ci_high": high * to_unit,
            "confidence_level": confidence_level,
            "uncorrected": mean / unit,
            "n_a": n,
            "n_b": n,
            "n_dropped": len(a) - n,
            "note": np.where(n < 2, TOO_FEW_ANSWERS, np.where(constant, NO_VARIATION, "")),
        }
    )


def paired_superiority(
    a: np.ndarray, b: np.ndarray, *, confidence_level: float = 0.95
) -> pd.DataFrame:
    """P(a > b) + P(a = b) / 2 within pairs per column, with a score interval.

    The chance that a is the higher one *of its own pair*, ties split; not the chance for two
    people of different pairs, which pingouin's ``CLES`` gives for paired data too. It is (1 + d)
    / 2 with d the difference of two paired proportions, so interval and p are those of d: Tango's
    score interval, and McNemar's test without continuity correction, which fit together.
    ``p_exact`` is the exact sign test (ties left out). One row a column; a pair with a missing
    member is left out.

    Notes
    -----
    No pair: ``too_few_answers``. Only ties: one half with its interval and no p,
    ``no_variation``. The interval is defined from one pair on and stays within 0 and 1.

    References
    ----------
    Grissom & Kim (2012), Effect Sizes for Research, ch. 5 (dependent groups); Tango (1998),
    Stat. Med. 17, 891-908.
    """
    a, b = paired_values(a, b)
    with np.errstate(invalid="ignore"):
        rounding = SAME_LEVEL * _largest(a, b)
        higher = (a - b > rounding).sum(axis=0).astype(float)
        lower = (b - a > rounding).sum(axis=0).astype(float)
    n = (~np.isnan(a)).sum(axis=0)
    decided = higher + lower
    z = special.ndtri(0.5 + confidence_level / 2)
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = (higher - lower) / n
        # The upper limit is the lower one with a and b in each other's place.
        low, high = _tango_limit(np.stack([higher, lower]), np.stack([lower, higher]), n, z)
        statistic = (higher - lower) / np.sqrt(decided)
    fewer = special.bdtr(np.minimum(higher, lower), decided.astype(int), 0.5)
    return pd.DataFrame(
        {
            "estimate": (1 + difference) / 2,
            "ci_low": (1 + low) / 2,
            "ci_high": (1 - high) / 2,
            "confidence_level": confidence_level,
            "statistic": statistic,
            "p_value": 2 * special.ndtr(-np.abs(statistic)),
            "p_exact": np.where(decided > 0, np.minimum(2 * fewer, 1.0), np.nan),
            "n_a": n,
            "n_b": n,
            "n_dropped": len(a) - n,
            "note": np.select([n == 0, decided == 0], [TOO_FEW_ANSWERS, NO_VARIATION], ""),
        }
    )


def _tango_limit(higher: np.ndarray, lower: np.ndarray, n: np.ndarray, z: float) -> np.ndarray:
    """Return the lowest difference of paired proportions that the score test does not reject.

    Its statistic falls from plus infinity at -1 as the difference grows; bisection is safe.
    """
    high = (higher - lower) / np.where(n > 0, n, np.nan)
    low = np.full(high.shape, -1.0)
    for _ in range(BISECTIONS):
        delta = (low + high) / 2
        # The likeliest share of `lower` given this difference: root of Tango's quadratic.
        linear = (2 * n - higher + lower) * delta - higher - lower
        constant = -lower * delta * (1 - delta)
        root = np.sqrt(np.maximum(linear**2 - 8 * n * constant, 0.0))
        share = np.where(linear <= 0, (root - linear) / (4 * n), -2 * constant / (root + linear))
        variance = n * (2 * share + delta * (1 - delta))
        rejected = higher - lower - n * delta > z * np.sqrt(np.maximum(variance, 0.0))
        low, high = np.where(rejected, delta, low), np.where(rejected, high, delta)
    return (low + high) / 2


def double_entry_icc(
    a: np.ndarray, b: np.ndarray, *, confidence_level: float = 0.95
) -> pd.DataFrame:
    """Pairwise intraclass correlation per column: Pearson's r after entering every pair twice.

    How alike the two members of a pair are, in level as well as in order: a mean difference
    between a and b lowers it, and which member is called a does not matter. One row a column; a
    pair with a missing member is left out.

    Notes
    -----
    With SS between and within pairs it is (SSB - SSW) / (SSB + SSW), the maximum-likelihood
    version; the ANOVA ICC(1) has mean squares there and is a little higher. ``statistic`` is
    F = MSB / MSW with n - 1 (``df``) and n degrees of freedom, p two-sided, interval exact for
    normal exchangeable pairs. ``z_large_sample`` is Griffin and Gonzalez' r sqrt(n). An interval
    of Pearson's r from 2n rows would be far too narrow. Fewer than two pairs:
    ``too_few_answers``; nothing varies between or within pairs: the correlation where there is
    one (1 or -1), without interval and p, ``no_variation``.

    References
    ----------
    Griffin & Gonzalez (1995), Psychol. Bull. 118, 430-439; Fisher (1925), Statistical Methods
    for Research Workers, section 38-40; F interval: Shrout & Fleiss (1979), Psychol. Bull. 86,
    420-428, for ICC(1,1).
    """
    a, b = paired_values(a, b)
    pair_means = moments((a + b) / 2)
    n = pair_means.n
    enough = n >= 2
    with np.errstate(invalid="ignore", divide="ignore"):
        between = np.where(enough, 2 * pair_means.variance * (n - 1), np.nan)
        within = np.where(enough, np.nansum((a - b) ** 2, axis=0) / 2, np.nan)
        sizes = _largest(a, b)
        between, within = (
            np.where(unresolvable(np.sqrt(part / n), sizes), 0.0, part)
            for part in (between, within)
        )
        testable = (between > 0) & (within > 0)
        estimate = (between - within) / (between + within)
        df_between, df_within = n - 1.0, n.astype(float)
        to_ratio = df_between / df_within  # SSB / SSW = F times this
        statistic = np.where(testable, between / within / to_ratio, np.nan)
        upper_tail = special.fdtrc(df_between, df_within, statistic)
        lower_tail = special.fdtr(df_between, df_within, statistic)
        ratios = variance_ratio.f_limits(statistic, df_between, df_within, confidence_level)
        limits = [variance_ratio.single(ratio, 2) for ratio in ratios]
    return pd.DataFrame(
        {
            "estimate": estimate,
            "ci_low": limits[0],
            "ci_high": limits[1],
            "confidence_level": confidence_level,
            "statistic": statistic,
            "df": np.where(testable, df_between, np.nan),
            "p_value": np.minimum(2 * np.minimum(upper_tail, lower_tail), 1.0),
            "z_large_sample": np.where(testable, estimate * np.sqrt(n), np.nan),
            "n_a": n,
            "n_b": n,
            "n_dropped": len(a) - n,
            "note": np.select([~enough, ~testable], [TOO_FEW_ANSWERS, NO_VARIATION], ""),
        }
    )


def _largest(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the largest absolute answer per column: what rounding is measured against."""
    both = np.concatenate([a, b])
    return np.where(np.isnan(both), 0.0, np.abs(both)).max(axis=0, initial=0.0)
