"""How far is one person's scale mean from what it would be without measurement error?"""

import numpy as np
import pandas as pd

from research.stats.estimates import HEYWOOD, NOT_IDENTIFIED
from research.stats.reliability.complete import complete_answers


def measurement_error(items: np.ndarray, reliability: pd.DataFrame) -> pd.DataFrame:
    """Standard error of measurement of the scale mean; one row a row of ``reliability``.

    In scale points: SD of the mean of the items times sqrt(1 - reliability), from the complete
    rows of ``items`` (one row a respondent, one column an item, reversed items already turned).
    An SD of one person's score about their true score, the same for everybody; not the standard
    error of a group's mean.

    ``reliability`` holds ``estimate``, ``ci_low``, ``ci_high``, ``confidence_level`` and ``note``,
    as ``cronbach_alpha`` gives them; its upper limit gives the lower limit here. The SD is taken
    as known, which is right for large n only.

    Notes
    -----
    Without a reliability there is no error, for the same reason (its ``note``); a negative one
    gives an error larger than the SD. A reliability above 1 is improper (``heywood``).

    References
    ----------
    Lord & Novick (1968), Statistical Theories of Mental Test Scores, section 3.8.
    """
    complete = complete_answers(items)
    spread = np.nan
    if not complete.note:
        spread = np.sqrt(complete.covariance.sum()) / complete.n_items
    columns = ("estimate", "ci_low", "ci_high")
    given, low, high = (reliability[name].to_numpy(dtype=float) for name in columns)
    note = reliability["note"].to_numpy(dtype=object)
    note = np.where((note == "") & np.isnan(given), NOT_IDENTIFIED, note)
    note = np.where((note == "") & (complete.note != ""), complete.note, note)
    note = np.where((note == "") & (given > 1), HEYWOOD, note)
    return pd.DataFrame(
        {
            "estimate": spread * _root_of_rest(given),
            "ci_low": spread * _root_of_rest(high),
            "ci_high": spread * _root_of_rest(low),
            "confidence_level": reliability["confidence_level"].to_numpy(dtype=float),
            "standard_deviation": spread,
            "n_complete": complete.n,
            "n_dropped": complete.n_dropped,
            "n_items": complete.n_items,
            "note": note,
        }
    )


def _root_of_rest(reliability: np.ndarray) -> np.ndarray:
    """Return sqrt(1 - reliability); NaN above 1."""
    return np.sqrt(1 - np.where(reliability <= 1, reliability, np.nan))
