"""How much do organisations differ in the gap? One gap an organisation, and their pooling.

Group ``a`` is where ``first`` is true. Every gap is a - b: positive means ``a`` is higher.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import special

from research.stats.cells import sum_cells
from research.stats.differences import student_table
from research.stats.estimates import (
    NO_VARIATION,
    TOO_FEW_ANSWERS,
    TOO_FEW_CLUSTERS,
    as_columns,
    t_critical,
)

# A t-test on one value an organisation says nothing from two of them (one degree of freedom).
MINIMUM_ORGANISATIONS = 3
# Where tau^2 is looked for first, in parts of the largest it can be.
GRID = np.concatenate([[0.0], np.logspace(-7, 0, 80)])
MAX_STEPS, MAX_SECANTS = 300, 30
# A tau^2 of this part of the largest sampling variance is rounding.
NOTHING = 1e-12


def organisation_gaps(
    values: np.ndarray, first: np.ndarray, cluster: np.ndarray, *, minimum_n: int = 2
) -> pd.DataFrame:
    """Mean difference a - b within every organisation, with Welch's sampling variance.

    One row an organisation and column of ``values`` (``cluster``, ``column``), organisations in
    the order of their labels; unit as the answers. Missing answers are left out. An organisation
    with fewer than ``minimum_n`` answers in a role has NaN and the note ``too_few_answers``; one
    whose answers are constant in both roles has variance 0 and the note ``no_variation``.
    """
    if minimum_n < 2:
        raise ValueError(f"minimum_n must be at least 2 (a variance needs two), not {minimum_n}")
    cells = sum_cells(values, first, cluster)
    enough = (cells.n >= minimum_n).all(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = np.where(enough, cells.mean[0] - cells.mean[1], np.nan)
        variance = (cells.squares / (cells.n - 1) / cells.n).sum(axis=0)
    variance = np.where(enough, variance, np.nan)
    n_clusters, n_columns = gap.shape
    note = np.select([~enough, variance == 0], [TOO_FEW_ANSWERS, NO_VARIATION], "")
    n_a, n_b = (n.astype(int).ravel() for n in cells.n)
    return pd.DataFrame(
        {
            "cluster": np.repeat(cells.clusters, n_columns),
            "column": np.tile(np.arange(n_columns), n_clusters),
            "estimate": gap.ravel(),
            "variance": variance.ravel(),
            "standard_error": np.sqrt(variance).ravel(),
            "n_a": n_a,
            "n_b": n_b,
            "n_dropped": np.repeat(cells.asked.sum(axis=0), n_columns) - n_a - n_b,
            "note": note.ravel(),
        }
    )


def gap_matrices(gaps: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Estimates and variances of ``organisation_gaps`` as ``pool_gaps`` takes them.

    Two matrices: one row an organisation, one column a column of the answers.
    """
    shape = (gaps["cluster"].nunique(), gaps["column"].nunique())
    in_order = gaps.sort_values(["cluster", "column"], kind="stable")
    estimate, variance = (in_order[name].to_numpy() for name in ("estimate", "variance"))
    return estimate.reshape(shape), variance.reshape(shape)


def organisation_level_test(
    values: np.ndarray,
    first: np.ndarray,
    cluster: np.ndarray,
    *,
    confidence_level: float = 0.95,
    minimum_n: int = 1,
) -> pd.DataFrame:
    """Mean over organisations of their difference a - b, with a one-sample t-test.

    Every organisation counts once, whatever its size: the plain companion of
    ``clustered.cr2_difference``. One row a column of ``values``; unit as the answers. Missing
    answers are left out; organisations with fewer than ``minimum_n`` answers in a role too, and
    their people are counted in ``n_dropped``. Fewer than three organisations: no test, note
    ``too_few_clusters``. Agrees with ``stats::t.test`` on the differences of the role means.
    """
    cells = sum_cells(values, first, cluster)
    used = (cells.n >= max(minimum_n, 1)).all(axis=0)
    k = used.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        gap = np.where(used, cells.mean[0] - cells.mean[1], 0.0)
        estimate = gap.sum(axis=0) / np.where(k > 0, k, np.nan)
        spread = np.where(used, gap - estimate, 0.0)
        variance = (spread**2).sum(axis=0) / np.where(k > 1, k - 1, np.nan)
        standard_error = np.where(k >= MINIMUM_ORGANISATIONS, np.sqrt(variance / k), np.nan)
    table = student_table(
        estimate,
        standard_error,
        (k - 1).astype(float),
        confidence_level=confidence_level,
        scale_of=tuple(np.where(used, np.abs(mean), 0.0).max(axis=0, initial=0.0)
                       for mean in cells.mean),
    )  # fmt: skip
    n_a, n_b = (np.where(used, n, 0.0).sum(axis=0).astype(int) for n in cells.n)
    few_answers = cells.n.sum(axis=1).min(axis=0) < 1
    return table.assign(
        n_a=n_a,
        n_b=n_b,
        n_clusters=k,
        n_dropped=cells.asked.sum() - n_a - n_b,
        note=np.select(
            [few_answers, k < MINIMUM_ORGANISATIONS],
            [TOO_FEW_ANSWERS, TOO_FEW_CLUSTERS],
            table["note"],
        ),
    )


def pool_gaps(
    estimates: np.ndarray, variances: np.ndarray, *, confidence_level: float = 0.95
) -> pd.DataFrame:
    """Mean gap over organisations, and how much their gaps differ: random-effects pooling.

    Takes one row an organisation and one column an item (``gap_matrices``); NaN or a variance
    that is not above zero leaves the organisation out of that column, counted in ``n_dropped``
    where there was an estimate. One row a column. ``tau_squared`` is the variance of the true
    gaps by restricted maximum likelihood (the best of all its local maxima), its interval the
    Q-profile; ``i_squared`` (a share) is tau^2 in the total of tau^2 and the typical sampling
    variance. Interval and test of the mean gap after Hartung and Knapp, k - 1 df, without the
    correction that never narrows it. ``prediction_low`` and ``_high``: where the true gap of a
    further organisation is expected, with t of k - 1 df as ``metafor::predict`` takes it;
    Higgins, Thompson & Spiegelhalter (2009) take k - 2. ``q`` tests that all gaps are equal.
    Fewer than two organisations: NaN, note ``too_few_clusters``. Gaps equal to the last digit:
    no interval, note ``no_variation``.

    References
    ----------
    Viechtbauer (2005), J. Educ. Behav. Stat. 30, 261-293 (REML); Hartung & Knapp (2001), Stat.
    Med. 20, 3875-3889; Viechtbauer (2007), Stat. Med. 26, 37-52 (Q-profile); Higgins & Thompson
    (2002), Stat. Med. 21, 1539-1558, eq. 9 (I^2). Agrees with
    ``metafor::rma(method = "REML", test = "knha")``, its ``predict`` and ``confint``.
    """
    estimates, variances = as_columns(estimates), as_columns(variances)
    if estimates.shape != variances.shape:
        raise ValueError(f"shapes differ: {estimates.shape} estimates, {variances.shape} variances")
    with np.errstate(invalid="ignore"):
        used = np.isfinite(estimates) & (variances > 0) & np.isfinite(variances)
    k = used.sum(axis=0)
    # Work in units of the largest sampling error: one grid then serves every scale.
    unit = np.sqrt(np.where(used, variances, 0.0).max(axis=0, initial=0.0))
    unit = np.where(unit > 0, unit, 1.0)
    gaps = _Gaps(np.where(used, estimates, 0.0) / unit, np.where(used, variances, 1.0), used, unit)
    tau_squared = _reml(gaps)
    table = _pooled_mean(gaps, tau_squared, unit=unit, confidence_level=confidence_level)
    between = _heterogeneity(gaps, tau_squared, unit=unit, confidence_level=confidence_level)
    short = k < 2
    return table.assign(
        **{name: np.where(short, np.nan, value) for name, value in between.items()},
        estimate=np.where(short, np.nan, table["estimate"]),
        n_clusters=k,
        n_dropped=(np.isfinite(estimates) & ~used).sum(axis=0),
        note=np.where(short, TOO_FEW_CLUSTERS, table["note"]),
    )


class _Gaps:
    """Gaps and sampling variances of the organisations, and sums of them at any tau^2.

    Matrices of organisations x columns in units of ``unit``; unused entries weigh nothing.
    """

    def __init__(
        self, gap: np.ndarray, variance: np.ndarray, used: np.ndarray, unit: np.ndarray
    ) -> None:
        self.used, self.k = used, used.sum(axis=0)
        self.variance = np.where(used, variance / unit**2, 1.0)
        self.size = np.abs(np.where(used, gap, 0.0)).max(axis=0, initial=0.0)
        self.shift = np.where(used, gap, 0.0).sum(axis=0) / np.maximum(self.k, 1)
        self.gap = np.where(used, gap - self.shift, 0.0)

    def weights(self, tau_squared: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return weights, weighted mean and residuals at ``tau_squared`` (the last axis columns).

        Organisations are the last axis but one; where there are none the mean is 0.
        """
        weight = np.where(self.used, 1 / (self.variance + tau_squared[..., None, :]), 0.0)
        total = np.where(self.k > 0, weight.sum(axis=-2), 1.0)
        mean = (weight * self.gap).sum(axis=-2) / total
        return weight, mean, np.where(self.used, self.gap - mean[..., None, :], 0.0)

    def likelihood(self, tau_squared: np.ndarray) -> np.ndarray:
        """Twice the restricted log-likelihood, but for a constant."""
        weight, _, residual = self.weights(tau_squared)
        logs = np.log(np.where(self.used, weight, 1.0)).sum(axis=-2)
        total = np.where(self.k > 0, weight.sum(axis=-2), 1.0)
        return logs - np.log(total) - (weight * residual**2).sum(axis=-2)

    def score(self, tau_squared: np.ndarray) -> np.ndarray:
        """Twice the slope of the restricted log-likelihood in tau^2."""
        weight, _, residual = self.weights(tau_squared)
        total = np.where(self.k > 0, weight.sum(axis=0), 1.0)
        return ((weight * residual) ** 2).sum(axis=0) - total + (weight**2).sum(axis=0) / total

    def q(self, tau_squared: np.ndarray) -> np.ndarray:
        """Weighted sum of squares about the mean; falls as tau^2 rises."""
        weight, _, residual = self.weights(tau_squared)
        return (weight * residual**2).sum(axis=0)


def _reml(gaps: _Gaps) -> np.ndarray:
    """Return the tau^2 of highest restricted likelihood: best point of a grid, then its root."""
    # Beyond k times the spread of gaps and errors together the likelihood falls.
    largest = 4 * np.maximum(gaps.k, 1) * (1 + (gaps.gap**2).sum(axis=0))
    grid = GRID[:, None] * largest
    best = np.argmax(gaps.likelihood(grid), axis=0)
    columns = np.arange(grid.shape[1])
    low = grid[np.maximum(best - 1, 0), columns]
    high = grid[np.minimum(best + 1, len(grid) - 1), columns]
    tau_squared = _falling_root(gaps.score, low, high)
    return np.where(tau_squared > NOTHING, tau_squared, 0.0)


def _falling_root(
    function: Callable[[np.ndarray], np.ndarray], low: np.ndarray, high: np.ndarray
) -> np.ndarray:
    """Return where a function turns negative between ``low`` and ``high``, to the last digits.

    Secant steps within a bracket, halving where they leave it or take too long: as sure as the
    sign of the function. ``low`` where it is negative throughout.
    """
    low, high = low.astype(float), high.astype(float)
    before, value_before = low, function(low)
    settled = ~(value_before > 0)
    place = np.where(settled, low, high)
    high, value = place, function(place)
    for step in range(MAX_STEPS):
        with np.errstate(invalid="ignore", divide="ignore"):
            following = place - value * (place - before) / (value - value_before)
        inside = (following >= low) & (following <= high) & (step < MAX_SECANTS)
        following = np.where(inside, following, (low + high) / 2)
        following = np.where(settled | (value == 0), place, following)
        before, value_before = place, value
        place, value = following, function(following)
        low, high = np.where(value > 0, place, low), np.where(value > 0, high, place)
        settled |= np.abs(place - before) <= 4 * np.finfo(float).eps * place
        if settled.all():
            break
    return place


def _pooled_mean(
    gaps: _Gaps, tau_squared: np.ndarray, *, unit: np.ndarray, confidence_level: float
) -> pd.DataFrame:
    """Return the mean gap with Hartung-Knapp test and prediction interval."""
    weight, mean, residual = gaps.weights(tau_squared)
    df = np.where(gaps.k > 1, gaps.k - 1.0, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = (weight * residual**2).sum(axis=0) / df
        # Gaps that agree to ten digits of their sampling error agree but for rounding.
        spread = np.where(spread > 1e-20, spread, 0.0 * spread)
        standard_error = np.sqrt(spread / weight.sum(axis=0))
    mean = mean + gaps.shift
    table = student_table(
        mean * unit,
        standard_error * unit,
        df,
        confidence_level=confidence_level,
        scale_of=(gaps.size * unit,),
    )
    width = np.sqrt(standard_error**2 + tau_squared) * unit
    half = np.where(table["note"] == "", t_critical(df, confidence_level) * width, np.nan)
    return table.assign(
        prediction_low=table["estimate"] - half, prediction_high=table["estimate"] + half
    )


def _heterogeneity(
    gaps: _Gaps, tau_squared: np.ndarray, *, unit: np.ndarray, confidence_level: float
) -> dict[str, np.ndarray]:
    """Return tau^2 with its Q-profile interval, I^2, and the Q test of equal gaps."""
    weight, _, _ = gaps.weights(np.zeros_like(tau_squared))
    df = np.where(gaps.k > 1, gaps.k - 1.0, np.nan)
    total = weight.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        typical = df * total / (total**2 - (weight**2).sum(axis=0))
    q = gaps.q(np.zeros_like(tau_squared))
    tail = (1 - confidence_level) / 2
    return {
        "tau_squared": tau_squared * unit**2,
        "tau_squared_low": _q_profile(gaps, special.chdtri(df, tail)) * unit**2,
        "tau_squared_high": _q_profile(gaps, special.chdtri(df, 1 - tail)) * unit**2,
        "tau": np.sqrt(tau_squared) * unit,
        "i_squared": tau_squared / (tau_squared + typical),
        "q": q,
        "q_df": df,
        "q_p_value": special.chdtrc(df, q),
    }


def _q_profile(gaps: _Gaps, target: np.ndarray) -> np.ndarray:
    """Return the tau^2 at which Q falls to ``target``; 0 where it is below that from the start."""
    # Q is at most the sum of squares over tau^2.
    squares = (gaps.gap**2).sum(axis=0)
    target = np.where(np.isnan(target), 1.0, target)
    return _falling_root(lambda tau: gaps.q(tau) - target, np.zeros_like(squares), squares / target)
