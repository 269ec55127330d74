"""Two independent groups of people: rank-sum and permutation tests from counts.

Group ``a`` is where ``first`` is true. Every difference is a - b: positive means ``a`` is higher.
People are taken as independent: where they share an organisation use
``clustered.cr2_difference``.
"""

from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import special

from research.errors import require_choice
from research.stats import two_groups
from research.stats.conditional import (
    distinct_levels,
    exact_two_sample_p,
    feasible,
    whole_scores,
)
from research.stats.counts import level_counts
from research.stats.estimates import (
    NO_VARIATION,
    TOO_FEW_ANSWERS,
    TOO_MANY_ARRANGEMENTS,
    as_columns,
)

RankMethod = Literal["asymptotic", "exact"]
RANK_METHODS: tuple[str, ...] = get_args(RankMethod)
PermutationMethod = Literal["exact", "monte_carlo"]
PERMUTATION_METHODS: tuple[str, ...] = get_args(PermutationMethod)

# Columns on one scale of at most this span are worked out together.
WIDEST_SHARED_SCALE = 20


def mann_whitney(
    values: np.ndarray,
    first: np.ndarray,
    *,
    method: RankMethod = "asymptotic",
    continuity: bool = False,
) -> pd.DataFrame:
    """P(a > b) + P(a = b) / 2 per column, with the Mann-Whitney test (Wilcoxon rank sum).

    One row a column of ``values``. ``u`` is Mann and Whitney's U of group a (R's W): the pairs
    in which a is higher, ties half. ``statistic`` is the tie-corrected normal z, positive when a
    is higher; ``test`` names the version. Missing answers are left out, column by column. The
    interval of the estimate stands in ``differences.brunner_munzel``: this test's null
    hypothesis is equal distributions, not a chance of one half.

    Parameters
    ----------
    method
        "asymptotic": p from z. "exact": p given the pooled answers *with their ties*, two-sided
        as P(abs(T - E) >= abs(t - E)) with T the rank sum of a. scipy's exact p ignores ties;
        R's wilcox.test has none when there are ties.
    continuity
        Move the rank sum half a point towards its expectation in z, as R does unless told
        ``correct = FALSE``. No part of an exact p.

    Notes
    -----
    No answer in a group: ``too_few_answers``. All answers equal: ``no_variation``. A
    distribution too large to build: NaN for p, ``too_many_arrangements``.

    References
    ----------
    Lehmann (1975), Nonparametrics, section 1.4 (ties); Hothorn et al. (2008), J. Stat. Softw.
    28(8), whose coin::wilcox_test gives the same z and exact p.
    """
    require_choice("method", method, RANK_METHODS)
    a, b, _, n_rows = _counted(values, first)
    found = mann_whitney_columns(a, b, n_rows, continuity=continuity and method == "asymptotic")
    name = "mann_whitney_continuity" if continuity else "mann_whitney_uncorrected"
    if method == "exact":
        name = "mann_whitney_exact"
        tested = found["note"] == ""
        found["p_value"] = _exact_by_column(a, b, _doubled_ranks(a + b), tested)
        too_many = tested & np.isnan(found["p_value"])
        found["note"] = np.where(too_many, TOO_MANY_ARRANGEMENTS, found["note"])
    return pd.DataFrame(found).assign(test=name)


def mann_whitney_columns(
    a: np.ndarray, b: np.ndarray, n_rows: int | np.ndarray, *, continuity: bool = False
) -> two_groups.Columns:
    """Columns of the asymptotic ``mann_whitney`` from counts per column and ascending level."""
    n_a, n_b, pooled = a.sum(axis=1), b.sum(axis=1), a + b
    everybody = n_a + n_b
    enough, varied = np.minimum(n_a, n_b) >= 1, (pooled > 0).sum(axis=1) > 1
    with np.errstate(invalid="ignore", divide="ignore"):
        u = ((a * _doubled_ranks(pooled)).sum(axis=1) - n_a * (n_a + 1)) / 2
        ties = (pooled**3 - pooled).sum(axis=1) / (everybody * (everybody - 1))
        spread = np.sqrt(n_a * n_b / 12 * (everybody + 1 - ties))
        away = u - n_a * n_b / 2
        moved = away - 0.5 * np.sign(away) if continuity else away
        statistic = np.where(enough & varied, moved / spread, np.nan)
        estimate = np.where(enough, u / (n_a * n_b), np.nan)
    return {
        "estimate": estimate,
        "statistic": statistic,
        "p_value": 2 * special.ndtr(-np.abs(statistic)),
        "n_a": n_a.astype(int),
        "n_b": n_b.astype(int),
        "n_dropped": (n_rows - n_a - n_b).astype(int),
        "note": np.select([~enough, ~varied], [TOO_FEW_ANSWERS, NO_VARIATION], ""),
        "u": np.where(enough, u, np.nan),
    }


def _doubled_ranks(pooled: np.ndarray) -> np.ndarray:
    """Return twice the mid-rank of every level, a whole number."""
    return 2 * np.cumsum(pooled, axis=1) - pooled + 1


def permutation_test(
    values: np.ndarray,
    first: np.ndarray,
    *,
    method: PermutationMethod = "exact",
    n_resamples: int = 9_999,
    generator: np.random.Generator | None = None,
) -> pd.DataFrame:
    """Mean difference a - b per column, with Fisher's and Pitman's permutation test.

    One row a column of ``values``; unit as the answers. Two-sided p: the share of all ways to
    give out the group labels with abs(T - E) >= abs(t - E), T being the sum of answers in a.
    ``statistic`` is (t - E) / SD under permutation. Missing answers are left out, column by
    column.

    Parameters
    ----------
    method
        "exact": every arrangement counted by dynamic programming over the answer levels; the
        answers must lie on a grid (whole numbers, halves, means of a few items). "monte_carlo":
        (1 + hits) / (1 + ``n_resamples``) over multivariate hypergeometric draws of the counts,
        whose cost does not depend on n; its Monte-Carlo error stands in ``p_standard_error``
        (0 when exact).
    generator
        Source of the draws, asked for with "monte_carlo": the same seed gives the same p.

    Notes
    -----
    No answer in a group: ``too_few_answers``. All answers equal: ``no_variation``. Off a grid or
    too large for the exact p: NaN for p, ``too_many_arrangements``; take "monte_carlo" then.

    References
    ----------
    Pitman (1937), Suppl. J. R. Stat. Soc. 4, 119-130; Phipson & Smyth (2010), Stat. Appl. Genet.
    Mol. Biol. 9(1), 39 (the 1 +). As coin::oneway_test(distribution = "exact").
    """
    require_choice("method", method, PERMUTATION_METHODS)
    if method == "monte_carlo" and generator is None:
        raise ValueError("method 'monte_carlo' needs generator=numpy.random.default_rng(seed)")
    a, b, levels, n_rows = _counted(values, first)
    n_a, n_b, pooled = a.sum(axis=1), b.sum(axis=1), a + b
    everybody = n_a + n_b
    enough, varied = np.minimum(n_a, n_b) >= 1, (pooled > 0).sum(axis=1) > 1
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = pooled @ levels / everybody
        squares = (pooled * (levels - mean[:, None]) ** 2).sum(axis=1)
        spread = np.sqrt(n_a * n_b / everybody / (everybody - 1) * squares)
        # Around the mean: the answers' own size would cost digits.
        away = (a * (levels - mean[:, None])).sum(axis=1)
        estimate = np.where(enough, away * everybody / (n_a * n_b), np.nan)
        statistic = np.where(enough & varied, away / spread, np.nan)
    if method == "exact":
        p_value, error = _exact_mean(a, b, levels, enough & varied), np.zeros(len(n_a))
    else:
        p_value, error = _drawn_p(a, pooled, levels, n_resamples, generator)
    return _table(
        estimate, statistic, p_value, (n_a, n_b, n_rows), enough=enough, varied=varied
    ).assign(
        p_standard_error=np.where(enough & varied & ~np.isnan(p_value), error, np.nan),
        test=f"permutation_{method}",
    )


def _counted(
    values: np.ndarray, first: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    values = as_columns(values)
    counts = level_counts(values, first)
    begin = distinct_levels(counts.levels)
    if len(begin) == len(counts.levels):
        return counts.a, counts.b, counts.levels, len(values)
    a, b = (np.add.reduceat(group, begin, axis=1) for group in (counts.a, counts.b))
    return a, b, counts.levels[begin], len(values)


def _table(
    estimate: np.ndarray,
    statistic: np.ndarray,
    p_value: np.ndarray,
    people: tuple[np.ndarray, np.ndarray, int],
    *,
    enough: np.ndarray,
    varied: np.ndarray,
) -> pd.DataFrame:
    n_a, n_b, n_rows = people
    tested = enough & varied
    return pd.DataFrame(
        {
            "estimate": estimate,
            "statistic": statistic,
            "p_value": np.where(tested, p_value, np.nan),
            "n_a": n_a.astype(int),
            "n_b": n_b.astype(int),
            "n_dropped": (n_rows - n_a - n_b).astype(int),
            "note": np.select(
                [~enough, ~varied, np.isnan(p_value)],
                [TOO_FEW_ANSWERS, NO_VARIATION, TOO_MANY_ARRANGEMENTS],
                "",
            ),
        }
    )


def _exact_by_column(
    a: np.ndarray, b: np.ndarray, scores: np.ndarray, tested: np.ndarray
) -> np.ndarray:
    """Return exact p per column, each with whole scores of its own (mid-ranks depend on ties)."""
    p_value = np.full(len(a), np.nan)
    for column in np.nonzero(tested)[0]:
        used = a[column] + b[column] > 0
        own = scores[column, used].astype(np.int64)
        p_value[column] = _exact_alone(a[column, used], b[column, used], own - own[0])
    return p_value


def _exact_alone(a: np.ndarray, b: np.ndarray, scores: np.ndarray) -> float:
    scores = scores // np.gcd.reduce(scores)
    if not feasible(a + b, min(a.sum(), b.sum()), scores):
        return np.nan
    return exact_two_sample_p(a[None], b[None], scores)[0]


def _exact_mean(a: np.ndarray, b: np.ndarray, levels: np.ndarray, tested: np.ndarray) -> np.ndarray:
    """Return exact p per column: at once on one short scale, else each on its own grid."""
    p_value = np.full(len(a), np.nan)
    shared = whole_scores(levels) if len(levels) <= WIDEST_SHARED_SCALE + 1 else None
    if shared is not None and shared[-1] <= WIDEST_SHARED_SCALE:
        n_smaller = np.minimum(a.sum(axis=1), b.sum(axis=1))
        chosen = tested & feasible(a + b, n_smaller, shared)
        p_value[chosen] = exact_two_sample_p(a[chosen], b[chosen], shared)
        return p_value
    for column in np.nonzero(tested)[0]:
        used = a[column] + b[column] > 0
        own = whole_scores(levels[used])
        if own is not None:
            p_value[column] = _exact_alone(a[column, used], b[column, used], own)
    return p_value


def _drawn_p(
    a: np.ndarray,
    pooled: np.ndarray,
    levels: np.ndarray,
    n_resamples: int,
    generator: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:
    """Return p and its Monte-Carlo standard error; resamples and columns at once."""
    people = pooled.astype(np.int64)
    rest = people.sum(axis=1)
    left = np.tile(a.sum(axis=1).astype(np.int64), (n_resamples, 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = levels - (pooled @ levels / pooled.sum(axis=1))[:, None]
    centred = np.nan_to_num(centred)
    drawn_sum = np.zeros(left.shape)
    for place in range(len(levels)):
        rest = rest - people[:, place]
        drawn = generator.hypergeometric(people[:, place], rest, left)
        drawn_sum += drawn * centred[:, place]
        left = left - drawn
    observed = (a * centred).sum(axis=1)
    rounding = 1e-12 * (pooled * np.abs(centred)).sum(axis=1)  # equal sums count as equal
    hits = (np.abs(drawn_sum) >= np.abs(observed) - rounding).sum(axis=0)
    p_value = (1 + hits) / (1 + n_resamples)
    return p_value, np.sqrt(p_value * (1 - p_value) / (1 + n_resamples))
