"""Do the items of a cluster belong together?"""

import numpy as np
import pandas as pd
from scipy import special

from research.stats.estimates import NO_VARIATION, TOO_FEW_ANSWERS, as_columns, unresolvable


def cronbach_alpha(items: np.ndarray, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Cronbach's alpha of the complete rows, with Feldt's interval; one row.

    ``items`` is one row a respondent, one column an item, reversed items already turned. Rows
    with a missing answer are left out *before* anything is computed (pingouin's listwise option
    takes the interval's n from before). Raw alpha from covariances, not the standardised one.
    Fewer than two items or three complete rows, or no variation: NaN with a note.

    References
    ----------
    Cronbach (1951), Psychometrika 16, 297-334, eq. 2; Feldt, Woodruff & Salih (1987), Appl.
    Psychol. Meas. 11, 93-103, eq. 8.
    """
    items = as_columns(items)
    complete = items[~np.isnan(items).any(axis=1)]
    n, k = complete.shape
    alpha = low = high = np.nan
    note = TOO_FEW_ANSWERS if n < 3 or k < 2 else ""
    if not note:
        covariance = np.cov(complete, rowvar=False)
        items_alone, total = np.trace(covariance), covariance.sum()
        # Items that cancel out leave rounding noise as the variance of their sum.
        noise = 1e-12 * items_alone
        if total <= noise or unresolvable(np.sqrt(total), complete.mean(axis=0).sum()).any():
            note = NO_VARIATION
        else:
            alpha = k / (k - 1) * (1 - items_alone / total)
            low, high = _feldt_interval(alpha, n, k, confidence_level)
    return pd.DataFrame(
        {
            "estimate": [alpha],
            "ci_low": [low],
            "ci_high": [high],
            "confidence_level": [confidence_level],
            "n_complete": [n],
            "n_dropped": [len(items) - n],
            "n_items": [items.shape[1]],
            "note": [note],
        }
    )


def _feldt_interval(alpha: float, n: int, k: int, level: float) -> tuple[float, float]:
    """Return the limits from F with n - 1 and (n - 1)(k - 1) df."""
    df_people, df_error = n - 1, (n - 1) * (k - 1)
    tail = (1 - level) / 2
    low = 1 - (1 - alpha) * special.fdtri(df_people, df_error, 1 - tail)
    high = 1 - (1 - alpha) * special.fdtri(df_people, df_error, tail)
    return float(low), float(high)
