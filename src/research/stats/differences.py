"""Two independent groups of people: means, standardised difference, superiority.

Group ``a`` is where ``first`` is true. Every difference is a - b: positive means ``a`` is higher.
The arithmetic stands in ``two_groups``.
"""

from typing import Literal, get_args

import numpy as np
import pandas as pd

from research.errors import require_choice
from research.stats import two_groups
from research.stats.counts import level_counts
from research.stats.estimates import TOO_FEW_ANSWERS, as_columns

Alternative = Literal["two-sided", "greater"]
ALTERNATIVES: tuple[str, ...] = get_args(Alternative)


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
    found = two_groups.moments(values)
    n = found.n
    table = student_table(
        found.mean - null_value,
        np.sqrt(found.variance / np.where(n > 0, n, np.nan)),
        (n - 1).astype(float),
        confidence_level=confidence_level,
        alternative=alternative,
        scale_of=(found.mean,),
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
    groups = two_groups.two_groups(as_columns(values), np.asarray(first, dtype=bool))
    return pd.DataFrame(two_groups.welch_columns(groups, confidence_level=confidence_level))


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
    return pd.DataFrame(
        two_groups.student(
            estimate,
            standard_error,
            df,
            confidence_level=confidence_level,
            one_sided=alternative == "greater",
            scale_of=scale_of,
        )
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
    groups = two_groups.two_groups(as_columns(values), np.asarray(first, dtype=bool))
    return pd.DataFrame(two_groups.hedges_g_columns(groups, confidence_level=confidence_level))


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
    counts = level_counts(as_columns(values), first)
    return pd.DataFrame(
        two_groups.brunner_munzel_columns(counts, confidence_level=confidence_level)
    )
