"""Is a difference too small to matter? Equivalence tests, and the four verdicts."""

from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import special

from research.stats.estimates import t_critical

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
