"""How fast a person answered, in seconds and against the others."""

import numpy as np

from research.responses.quality.rows import Index, Why, indexed


def seconds_per_activity(duration_seconds: np.ndarray, n_answered: np.ndarray) -> Index:
    """Seconds from start to end, divided by the activities answered.

    NaN without a duration. The duration is of the whole questionnaire: reading an introduction
    or a pause makes it longer, never shorter, so a small number is a sign and a large one none.
    A negative duration is no duration.
    """
    known = duration_seconds >= 0
    seconds = np.where(known, duration_seconds / np.maximum(n_answered, 1), np.nan)
    return indexed(seconds, Why.NO_DURATION)


def relative_speed(seconds: np.ndarray) -> Index:
    """How many times as fast as the median person of this group: median / own seconds.

    2 means half the time of the median person. Leiner's relative speed index takes the ratio page
    by page and averages it; exports hold one duration, so this is his index for one page. Nobody
    has a value when no duration is known; a duration of nil is infinitely fast.

    References
    ----------
    Leiner (2019), Survey Research Methods 13, 229-248.
    """
    known = seconds[~np.isnan(seconds)]
    middle = np.median(known) if len(known) else np.nan
    with np.errstate(divide="ignore"):
        ratio = np.where(seconds > 0, middle / np.where(seconds > 0, seconds, 1.0), np.inf)
    return indexed(np.where(np.isnan(seconds), np.nan, ratio), Why.NO_DURATION)
