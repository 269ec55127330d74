"""Do raters give the same things the same marks?

Everywhere one row is a rated thing (target) and one column a rater, as in ``psych`` and ``irr``.
For respondents who rate activities, hand in the transpose of the answers.
"""

from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import special

from research.errors import require_choice
from research.stats.agreement import variance_ratio
from research.stats.agreement.ranks import mid_ranks
from research.stats.agreement.variance_ratio import NO_RESIDUAL_VARIATION
from research.stats.estimates import (
    LOW_DF,
    NO_VARIATION,
    NOT_IDENTIFIED,
    TOO_FEW_ANSWERS,
    as_columns,
)

COEFFICIENTS: tuple[str, ...] = (
    "icc_1_1",
    "icc_2_1",
    "icc_3_1",
    "icc_1_k",
    "icc_2_k",
    "icc_3_k",
)
Incomplete = Literal["raters", "targets"]
INCOMPLETE: tuple[str, ...] = get_args(Incomplete)
Level = Literal["nominal", "ordinal", "interval"]
LEVELS: tuple[str, ...] = get_args(Level)


def intraclass_correlations(ratings: np.ndarray, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Six intraclass correlations of targets x raters, with F-based intervals.

    One row a ``coefficient``: ``icc_1_1`` each target has its own raters, ``icc_2_1`` raters are
    a sample and their level counts (absolute agreement), ``icc_3_1`` raters are fixed and their
    level does not count (consistency); ``_k`` is the same of the mean of the k raters, and
    ``icc_3_k`` is Cronbach's alpha. Targets that a rater skipped are left out. ``statistic`` is
    F with ``df`` and ``df_error``, ``p_value`` is against zero. The mean squares stand beside it.

    Notes: ``no_variation`` targets do not differ; ``no_residual_variation`` an estimate without
    interval, as nothing is left for error; ``low_df`` the interval of ``icc_2`` would rest on
    less than one df; ``not_identified`` the variance in the denominator of ``icc_2_k`` is not
    positive (no estimate) or its lower limit has no end (no interval).

    Agrees with ``psych::ICC(lmer = FALSE)``, which prints numbers where the two notes on
    ``icc_2`` stand here; its default is a REML model, which sets negative variances to zero.
    pingouin rounds the limits to two decimals.

    References
    ----------
    Shrout & Fleiss (1979), Psychol. Bull. 86, 420-428; McGraw & Wong (1996), Psychol. Methods 1,
    30-46, tables 4 and 7.
    """
    ratings = as_columns(ratings)
    complete = ratings[~np.isnan(ratings).any(axis=1)]
    n, k = complete.shape
    squares = _mean_squares(complete) if n >= 2 and k >= 2 else dict.fromkeys(MEAN_SQUARES, np.nan)
    if n < 2 or k < 2:
        table = _empty(TOO_FEW_ANSWERS)
    else:
        with np.errstate(invalid="ignore", divide="ignore"):
            table = _coefficients(squares, n, k, confidence_level)
    return table.assign(
        confidence_level=confidence_level,
        n_targets=n,
        n_raters=k,
        n_dropped=len(ratings) - n,
        **squares,
    )


MEAN_SQUARES = ("ms_targets", "ms_raters", "ms_residual", "ms_within")


def _mean_squares(ratings: np.ndarray) -> dict[str, float]:
    """Return the two-way analysis of variance; rounding noise is zero."""
    n, k = ratings.shape
    rows, columns, grand = ratings.mean(axis=1), ratings.mean(axis=0), ratings.mean()
    residual = ratings - rows[:, None] - columns + grand
    found = np.array(
        [
            k * np.sum((rows - grand) ** 2) / (n - 1),
            n * np.sum((columns - grand) ** 2) / (k - 1),
            np.sum(residual**2) / ((n - 1) * (k - 1)),
            np.sum((ratings - rows[:, None]) ** 2) / (n * (k - 1)),
        ]
    )
    noise = variance_ratio.negligible(found, np.abs(ratings).max())
    return dict(zip(MEAN_SQUARES, np.where(noise, 0.0, found).tolist(), strict=True))


def _empty(note: str) -> pd.DataFrame:
    numbers = ["estimate", "ci_low", "ci_high", "statistic", "df", "df_error", "p_value"]
    table = pd.DataFrame({"coefficient": COEFFICIENTS})
    return table.assign(**dict.fromkeys(numbers, np.nan), note=note)


def _coefficients(squares: dict[str, float], n: int, k: int, level: float) -> pd.DataFrame:
    """Return the six rows; targets and error decide what can be given."""
    targets, raters, residual, within = (np.float64(squares[name]) for name in MEAN_SQUARES)
    # Mean square of the denominator and its df, per coefficient.
    error = np.array([within, residual, residual] * 2)
    df_error = np.array([n * (k - 1), (n - 1) * (k - 1), (n - 1) * (k - 1)] * 2, dtype=float)
    ratio = np.where((error > 0) & (targets > 0), targets / error, np.nan)
    low, high = variance_ratio.f_limits(ratio, n - 1.0, df_error, level)
    absolute = _absolute_limits(squares, n, k, level)
    between = targets + (raters - residual) / n
    estimate = np.concatenate(
        [
            [(targets - within) / (targets + (k - 1) * within)],
            [(targets - residual) / (between + (k - 1) * (residual + (raters - residual) / n))],
            [(targets - residual) / (targets + (k - 1) * residual)],
            (targets - error[:3]) / np.where(targets > 0, [targets, between, targets], np.nan),
        ]
    )
    single = [np.array(part) for part in (low[:3], high[:3])]
    limits = [
        np.append(variance_ratio.single(part, k), variance_ratio.average(part)) for part in single
    ]
    for part, limit in zip(limits, absolute, strict=True):
        part[1], part[4] = limit, _of_mean(limit, k)
    improper = np.array([False] * 4 + [between <= 1e-12 * targets] + [False])
    constant = np.full(6, targets == 0)
    low_df = np.array([False, True, False] * 2) & ~np.isfinite(absolute[0])
    unbounded = ~np.isfinite(limits[0]) | ~np.isfinite(limits[1])
    note = np.select(
        [constant, improper, error == 0, low_df, unbounded],
        [NO_VARIATION, NOT_IDENTIFIED, NO_RESIDUAL_VARIATION, LOW_DF, NOT_IDENTIFIED],
        "",
    )
    ratio = np.where(improper, np.nan, ratio)
    return pd.DataFrame(
        {
            "coefficient": COEFFICIENTS,
            "estimate": np.where(improper | ~np.isfinite(estimate), np.nan, estimate),
            "ci_low": np.where(note == "", limits[0], np.nan),
            "ci_high": np.where(note == "", limits[1], np.nan),
            "statistic": ratio,
            "df": float(n - 1),
            "df_error": df_error,
            "p_value": special.fdtrc(n - 1.0, df_error, ratio),
            "note": note,
        }
    )


def _of_mean(limit: np.float64, k: int) -> np.float64:
    """Return a limit for the mean of k raters (Spearman-Brown); NaN where it has no end.

    The limit for one rater can lie below -1/(k - 1), the least a correlation can be.
    """
    room = 1 + (k - 1) * limit
    return k * limit / room if room > 1e-9 else np.float64(np.nan)


def _absolute_limits(
    squares: dict[str, float], n: int, k: int, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of ``icc_2_1``: Satterthwaite's df of a sum of mean squares.

    McGraw & Wong (1996), table 7. Below one df the quantiles have no use: NaN.
    """
    targets, raters, residual, _ = (np.float64(squares[name]) for name in MEAN_SQUARES)
    whole = targets + (k - 1) * residual + k * (raters - residual) / n
    icc = (targets - residual) / whole
    # Both weights times n (1 - icc), so that nothing divides by zero.
    on_raters = k * icc * raters
    on_residual = (n * (1 + (k - 1) * icc) - k * icc) * residual
    df = (on_raters + on_residual) ** 2 / (
        on_raters**2 / (k - 1) + on_residual**2 / ((n - 1) * (k - 1))
    )
    if not df >= 1 - 1e-9:
        return np.float64(np.nan), np.float64(np.nan)
    tail = 0.5 + level / 2
    for_low = special.fdtri(n - 1.0, df, tail)
    for_high = special.fdtri(df, n - 1.0, tail)
    rest = k * raters + (k * n - k - n) * residual
    low = n * (targets - for_low * residual) / (for_low * rest + n * targets)
    high = n * (for_high * targets - residual) / (rest + n * for_high * targets)
    return low, high


def kendall_w(ratings: np.ndarray, *, incomplete: Incomplete = "raters") -> pd.DataFrame:
    """Kendall's coefficient of concordance of raters who rank the same targets; one row.

    Corrected for ties; 0 no agreement on the order, 1 the same order. ``statistic`` is
    Friedman's chi-square, m (n - 1) W, with n - 1 ``df``: an approximation that is rough below
    some seven targets. Where answers are missing, ``incomplete`` says who is left out: the
    raters who skipped something (as ``stats::friedman.test``) or the targets somebody skipped
    (as ``irr::kendall``); ``n_dropped`` counts those. Raters without any order in their marks:
    NaN, note ``no_variation``.

    References
    ----------
    Kendall & Gibbons (1990), Rank Correlation Methods, 5th ed., chapter 6 (with ties).
    """
    require_choice("incomplete", incomplete, INCOMPLETE)
    by_rater = as_columns(ratings).T
    there = ~np.isnan(by_rater)
    if incomplete == "raters":
        kept = by_rater[there.all(axis=1)]
        dropped = len(by_rater) - len(kept)
    else:
        kept = by_rater[:, there.all(axis=0)]
        dropped = by_rater.shape[1] - kept.shape[1]
    m, n = kept.shape
    w, note = np.nan, TOO_FEW_ANSWERS
    if m >= 2 and n >= 2:
        ranks, shared = mid_ranks(kept)
        # Sum of t^3 - t over groups of t ties, as a sum over the tied marks themselves.
        room = m**2 * (n**3 - n) - m * np.sum(shared**2 - 1)
        note = "" if room > 0 else NO_VARIATION
        if room > 0:
            w = 12 * np.sum((ranks.sum(axis=0) - m * (n + 1) / 2) ** 2) / room
    statistic = m * (n - 1) * w
    return pd.DataFrame(
        {
            "estimate": [w],
            "statistic": [statistic],
            "df": [n - 1.0],
            "p_value": [special.chdtrc(n - 1.0, statistic) if note == "" else np.nan],
            "n_targets": [n],
            "n_raters": [m],
            "n_dropped": [dropped],
            "note": [note],
        }
    )


def krippendorff_alpha(ratings: np.ndarray, *, level: Level) -> pd.DataFrame:
    """Krippendorff's alpha of targets x raters with any missing marks; one row.

    One minus observed over expected disagreement: 1 full agreement, 0 what chance would give.
    ``level`` says how far two marks are apart: ``nominal`` equal or not, ``interval`` the square
    of their difference, ``ordinal`` the same of their mid-ranks among all paired marks (which is
    Krippendorff's ordinal metric). Targets with fewer than two marks pair with nothing and are
    left out (``n_dropped``). The sums are those of the coincidence matrix, which itself is never
    laid out. One mark throughout: NaN, note ``no_variation``. No interval.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's alpha-reliability, sections C and D; Hayes &
    Krippendorff (2007), Commun. Methods Meas. 1, 77-89.
    """
    require_choice("level", level, LEVELS)
    ratings = as_columns(ratings)
    paired = np.sum(~np.isnan(ratings), axis=1) >= 2
    target, rater = np.nonzero(~np.isnan(ratings[paired]))
    marks = ratings[paired][target, rater]
    values, place, counts = np.unique(marks, return_inverse=True, return_counts=True)
    alpha, note = np.nan, TOO_FEW_ANSWERS
    if len(values) == 1:
        note = NO_VARIATION
    elif len(values) > 1:
        note = ""
        if level == "nominal":
            observed, expected = _unequal_pairs(target, place, counts)
        else:
            middle = np.cumsum(counts) - (counts - 1) / 2
            distances = middle[place] if level == "ordinal" else marks - marks.mean()
            observed, expected = _squared_pairs(target, distances)
        alpha = 1 - observed / expected
    return pd.DataFrame(
        {
            "estimate": [alpha],
            "level": [level],
            "n_marks": [len(marks)],
            "n_targets": [int(paired.sum())],
            "n_dropped": [int((~paired).sum())],
            "note": [note],
        }
    )


def _unequal_pairs(
    target: np.ndarray, place: np.ndarray, counts: np.ndarray
) -> tuple[float, float]:
    """Return the shares of unequal marks among pairs within targets, and among all pairs."""
    n = len(place)
    of_target = np.bincount(target)
    cells, size = np.unique(target * len(counts) + place, return_counts=True)
    equal = np.sum(size * (size - 1) / (of_target[cells // len(counts)] - 1))
    return 1 - equal / n, 1 - np.sum(counts * (counts - 1.0)) / (n * (n - 1))


def _squared_pairs(target: np.ndarray, distances: np.ndarray) -> tuple[float, float]:
    """Return the mean squared difference of pairs within targets, and of all pairs.

    The squares of all pairs of m marks sum to m times their squares about the mean.
    """
    n, of_target = len(distances), np.bincount(target)
    mean = np.bincount(target, distances) / of_target
    squares = np.bincount(target, (distances - mean[target]) ** 2)
    within = np.sum(2 * of_target * squares / (of_target - 1)) / n
    return within, 2 * np.sum((distances - distances.mean()) ** 2) / (n - 1)
