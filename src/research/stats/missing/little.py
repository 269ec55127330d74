"""Little's test that answers are missing completely at random."""

import numpy as np
from scipy import special

from research.stats.estimates import (
    NO_MISSING_ANSWERS,
    NO_VARIATION,
    NOT_POSITIVE_DEFINITE,
    TOO_FEW_ANSWERS,
)
from research.stats.factors.patterns import patterns_of, saturated_moments

# Smallest eigenvalue of the standardised items' covariances: below it one follows from the others.
SINGULAR = 1e-6


def little_mcar(items: np.ndarray) -> dict[str, float | str]:
    """Whether means differ between people who left different items unanswered.

    One row a person, one column an item. ``statistic``, ``df`` and ``p_value`` of a chi-square
    test, ``n_patterns`` different sets of answered items, ``n_a`` people and ``n_dropped`` who
    answered nothing. Each pattern's means are held against those of everybody, estimated with
    the covariances by maximum likelihood (EM, multivariate normal). People count as independent.

    A small p says that who leaves out what goes with the answers that were given. A large p
    shows nothing about the answers that were not given: the test cannot tell "missing completely
    at random" from "missing because of what the answer would have been". With many patterns of
    one or two people the chi-square distribution is an approximation.

    The covariance matrix is the maximum-likelihood one, divisor n, as in ``naniar::mcar_test`` and
    ``BaylorEdPsych::LittleMCAR``. Little's own formula, which Stata's ``mcartest`` follows, has
    divisor n - 1: a statistic (n - 1) / n times ours.

    NaN with a note where it cannot be computed: ``no_missing_answers``; ``too_few_answers`` (no
    more people than items, or two items nobody answered both); ``no_variation`` (an item with one
    answer only); ``not_positive_definite`` (an item that follows from the others).

    References
    ----------
    Little (1988), J. Am. Stat. Assoc. 83, 1198-1202, eq. 5.
    """
    items = np.asarray(items, dtype=float)
    answered = (~np.isnan(items)).any(axis=1)
    n, n_items = int(answered.sum()), items.shape[1]
    found: dict[str, float | str] = {
        "statistic": np.nan,
        "df": np.nan,
        "p_value": np.nan,
        "n_patterns": len(np.unique(np.isnan(items[answered]), axis=0)),
        "n_a": n,
        "n_dropped": len(items) - n,
    }
    note = _reason(items, n)
    if note:
        return found | {"note": note}
    # EM counts changes in the units of the items: far from zero its sums would never come to rest.
    patterns = patterns_of((items - np.nanmean(items, axis=0)) / np.nanstd(items, axis=0))
    try:
        means, covariances = saturated_moments(patterns, n_items)
        if np.linalg.eigvalsh(covariances)[0] < SINGULAR:
            return found | {"note": NOT_POSITIVE_DEFINITE}
    except np.linalg.LinAlgError:
        return found | {"note": NOT_POSITIVE_DEFINITE}
    statistic = 0.0
    for pattern in patterns:
        away = pattern.means - means[pattern.items]
        own = covariances[np.ix_(pattern.items, pattern.items)]
        statistic += pattern.n * (away @ np.linalg.solve(own, away))
    df = sum(len(pattern.items) for pattern in patterns) - n_items
    p_value = special.chdtrc(df, statistic)
    return found | {"statistic": statistic, "df": df, "p_value": p_value, "note": ""}


def _reason(items: np.ndarray, n: int) -> str:
    """Why there is no test; "" where there may be one."""
    there = ~np.isnan(items)
    asked = there[there.any(axis=1)]
    together = asked.T.astype(float) @ asked
    if n <= items.shape[1] or not together.all():
        return TOO_FEW_ANSWERS
    if asked.all():
        return NO_MISSING_ANSWERS
    if (np.nanmax(items, axis=0) == np.nanmin(items, axis=0)).any():
        return NO_VARIATION
    return ""
