"""Is a difference too small to matter? Equivalence, non-inferiority, and the four verdicts."""

from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import special

from research.errors import require_choice
from research.stats.estimates import NO_VARIATION, t_critical

Direction = Literal["higher_is_better", "lower_is_better"]
DIRECTIONS: tuple[str, ...] = get_args(Direction)
Verdict = Literal["relevant", "equivalent", "trivial", "inconclusive"]
VERDICTS: tuple[str, ...] = get_args(Verdict)


def equivalence_test(
    estimate: np.ndarray,
    standard_error: np.ndarray,
    df: np.ndarray,
    *,
    margin: float,
    alpha: float = 0.05,
) -> pd.DataFrame:
    """Two one-sided t-tests of a difference against plus and minus ``margin``.

    One row an estimate; ``p_value`` is the larger of the two, the interval has level
    1 - 2 alpha: it lies inside the margin exactly when ``p_value < alpha``. Works with any
    standard error and df (Welch, CR2). NaN in, NaN out.

    References
    ----------
    Schuirmann (1987), J. Pharmacokinet. Biopharm. 15, 657-680.
    """
    if margin <= 0:
        raise ValueError(f"margin must be above 0 (in the unit of the estimate), not {margin}")
    estimate = np.asarray(estimate, dtype=float)
    standard_error = np.asarray(standard_error, dtype=float)
    above_lower = (estimate + margin) / standard_error
    below_upper = (estimate - margin) / standard_error
    half = t_critical(df, 1 - 2 * alpha) * standard_error
    # The statistic of the side that decides: the smaller in size.
    decides_upper = np.abs(below_upper) <= np.abs(above_lower)
    return pd.DataFrame(
        {
            "estimate": estimate,
            "ci_low": estimate - half,
            "ci_high": estimate + half,
            "confidence_level": 1 - 2 * alpha,
            "statistic": np.where(decides_upper, below_upper, above_lower),
            "df": df,
            "p_value": np.maximum(special.stdtr(df, -above_lower), special.stdtr(df, below_upper)),
        }
    )


def non_inferiority_test(
    estimate: np.ndarray,
    standard_error: np.ndarray,
    df: np.ndarray,
    *,
    margin: float,
    direction: Direction = "higher_is_better",
    alpha: float = 0.05,
) -> pd.DataFrame:
    """One-sided t-test that group a is not worse than group b by ``margin`` or more.

    One row an estimate, a - b in the unit of ``margin``. ``higher_is_better`` tests against
    -margin, ``lower_is_better`` against +margin; ``statistic`` is positive towards
    non-inferiority. The interval has level 1 - 2 alpha, so that its worse end is the one-sided
    bound of level 1 - alpha: it lies on the good side of the margin exactly when
    ``p_value < alpha``. Works with any standard error and df (Welch, CR2). NaN in, NaN out; a
    standard error of zero gives the note ``no_variation``. Agrees with R's
    ``t.test(mu = -margin, alternative = "greater")``, whose interval leaves the better end open.

    References
    ----------
    Blackwelder (1982), Control. Clin. Trials 3, 345-353; ICH E9 (1998), section 3.3.2.
    """
    if margin <= 0:
        raise ValueError(f"margin must be above 0 (in the unit of the estimate), not {margin}")
    require_choice("direction", direction, DIRECTIONS)
    sign = 1.0 if direction == "higher_is_better" else -1.0
    estimate, error, df = (
        np.atleast_1d(np.asarray(x, dtype=float)) for x in (estimate, standard_error, df)
    )
    flat = error <= 0
    error = np.where(flat, np.nan, error)
    statistic = (sign * estimate + margin) / error
    half = t_critical(df, 1 - 2 * alpha) * error
    return pd.DataFrame(
        {
            "estimate": estimate,
            "ci_low": estimate - half,
            "ci_high": estimate + half,
            "confidence_level": 1 - 2 * alpha,
            "statistic": statistic,
            "df": df,
            "p_value": special.stdtr(df, -statistic),
            "note": np.where(flat, NO_VARIATION, ""),
        }
    )


def judge(differences: pd.DataFrame, *, margin: float, alpha: float = 0.05) -> np.ndarray:
    """Verdict per row of ``differences``: relevant, equivalent, trivial or inconclusive.

    Needs columns estimate, ci_low, ci_high, p_adjusted and p_equivalence.

    - equivalent: the equivalence test is significant; *trivial* when the difference is also
      significant after correction (real, but too small to matter);
    - relevant: the interval lies wholly beyond the margin, or the difference is significant
      after correction and the estimate is at least the margin;
    - inconclusive: neither could be shown. "" where there is no test.
    """
    size = differences["estimate"].abs()
    significant = differences["p_adjusted"] <= alpha
    within = differences["p_equivalence"] <= alpha
    beyond = (differences["ci_low"] > margin) | (differences["ci_high"] < -margin)
    untested = differences["p_adjusted"].isna() | differences["p_equivalence"].isna()
    return np.select(
        [
            untested,
            within & significant,
            within,
            beyond | (significant & (size >= margin)),
        ],
        ["", "trivial", "equivalent", "relevant"],
        "inconclusive",
    )
