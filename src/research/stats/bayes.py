"""How much more likely a t-value is under "there is a difference" than under "there is none"."""

import numpy as np
import pandas as pd
from scipy import special

from research.stats.estimates import NO_VARIATION, TOO_FEW_ANSWERS, as_columns, unresolvable
from research.stats.two_groups import two_groups

MEDIUM_SCALE = np.sqrt(2) / 2  # half of the prior effects lie within this many SD of zero
TOO_LARGE = "too_large"  # the Bayes factor is no floating-point number, its logarithm is
# The trapezoidal rule on log g: the integrand is analytic for |Im log g| < pi/2, so the error of
# step h is about exp(-pi^2 / h), 7e-18 at one quarter.
STEP = 0.25
LEFT, RIGHT = -5.5, 45.0  # where less than 1e-17 of the integral is left; right: further for big t
LARGEST_LOG = np.log(np.finfo(float).max)


def jzs_bayes_factor(
    t: np.ndarray,
    n_a: np.ndarray,
    n_b: np.ndarray | None = None,
    *,
    scale: float = MEDIUM_SCALE,
) -> pd.DataFrame:
    """Bayes factor BF10 of a difference against none, from Student's t.

    Two independent samples when ``n_b`` is given (``t`` of equal variances, not Welch's), else
    one sample or pairs. Above 1 speaks for a difference, below 1 for none; a ratio, no unit. The
    standardised difference has a Cauchy prior of half-width ``scale``: sqrt(2)/2 is BayesFactor's
    "medium", 1 is Rouder et al. (2009). Takes people as independent: of people who share an
    organisation it claims too much.

    One row a t-value: ``estimate`` (BF10), ``log_bayes_factor`` (natural), ``prior_scale``,
    ``statistic``, ``df``, ``n_a``, ``n_b``, ``note``. Beyond 1.8e308 the estimate is NaN with note
    ``too_large``, the logarithm stands. NaN or infinite t: ``no_variation``; fewer than two
    people in a group: ``too_few_answers``. Agrees with ``BayesFactor::ttest.tstat``, which keeps
    about seven digits and approximates above t = 15; pingouin's ``ttest`` feeds it Welch's t.

    References
    ----------
    Rouder, Speckman, Sun, Morey & Iverson (2009), Psychon. Bull. Rev. 16, 225-237, eq. 1 (there
    BF01 at scale 1; for two samples n_a n_b / (n_a + n_b) in place of N).
    """
    if not scale > 0:
        raise ValueError(f"scale must be above 0 (in standard deviations), not {scale}")
    t, n_a = np.atleast_1d(np.asarray(t, dtype=float)), np.asarray(n_a, dtype=float)
    n_b = None if n_b is None else np.asarray(n_b, dtype=float)
    df = n_a - 1 if n_b is None else n_a + n_b - 2
    least = n_a if n_b is None else np.minimum(n_a, n_b)
    t, df, least, n_a = np.broadcast_arrays(t, df, least, n_a)
    enough = least >= 2
    usable = enough & np.isfinite(t)
    log_factor = np.full(t.shape, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.broadcast_to(n_a if n_b is None else n_a * n_b / (n_a + n_b), t.shape)
    log_factor[usable] = _log_factor(t[usable], df[usable], size[usable] * scale**2)
    fits = log_factor <= LARGEST_LOG
    return pd.DataFrame(
        {
            "estimate": np.exp(np.where(fits, log_factor, np.nan)),
            "log_bayes_factor": log_factor,
            "prior_scale": scale,
            "statistic": np.where(usable, t, np.nan),
            "df": np.where(enough, df, np.nan),
            "n_a": n_a,
            "n_b": np.nan if n_b is None else np.broadcast_to(n_b, t.shape),
            "note": np.select(
                [~enough, ~usable, ~fits], [TOO_FEW_ANSWERS, NO_VARIATION, TOO_LARGE], ""
            ),
        }
    )


def bayes_factor_difference(
    values: np.ndarray, first: np.ndarray, *, scale: float = MEDIUM_SCALE
) -> pd.DataFrame:
    """Bayes factor BF10 of a mean difference a - b against none, per column of ``values``.

    Student's t (pooled variance) of each column into ``jzs_bayes_factor``, whose columns, sources
    and limits apply; in particular it takes people as independent. Missing answers are left out,
    item by item. Fewer than two answers in a group: NaN, ``too_few_answers``; answers constant
    within both groups: ``no_variation``.
    """
    groups = two_groups(as_columns(values), np.asarray(first, dtype=bool))
    a, b = groups.a, groups.b
    with np.errstate(invalid="ignore", divide="ignore"):
        squares = (a.n - 1) * a.variance + (b.n - 1) * b.variance
        pooled = np.sqrt(squares / (a.n + b.n - 2))
        pooled = np.where(unresolvable(pooled, a.mean, b.mean), np.nan, pooled)
        t = (a.mean - b.mean) / (pooled * np.sqrt(1 / a.n + 1 / b.n))
    table = jzs_bayes_factor(t, a.n, b.n, scale=scale)
    return table.assign(**groups.n_columns)[[*table.columns[:-1], "n_dropped", "note"]]


def _log_factor(t: np.ndarray, df: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Log BF10: the mean of the likelihood ratio over the prior of g, the effect's variance.

    ``spread`` is N r^2. Logarithms throughout: t^2 itself may overflow.
    """
    if not len(t):
        return np.empty(0)
    with np.errstate(divide="ignore"):
        log_t2 = 2 * np.log(np.abs(t))
    # The peak moves with log(t^2 / spread); beyond it the integrand falls as 1/g.
    right = RIGHT + max(0.0, (np.maximum(log_t2, 0) - np.minimum(np.log(spread), 0)).max())
    x = np.arange(LEFT, right, STEP)  # log g
    log_grown = np.logaddexp(0, np.log(spread)[:, None] + x)  # log(1 + N r^2 g)
    ratio = (log_t2 - np.log(df))[:, None]  # log(t^2 / df)
    gain = np.logaddexp(0, ratio) - np.logaddexp(0, ratio - log_grown)
    prior = -x / 2 - np.exp(-x) / 2 - np.log(2 * np.pi) / 2  # inverse chi-squared, times dg/dx
    terms = prior - log_grown / 2 + (df[:, None] + 1) / 2 * gain
    return special.logsumexp(terms, axis=1) + np.log(STEP)
