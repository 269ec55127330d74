"""How a person uses the scale: its ends and its middle. A style, not a sign of carelessness."""

import numpy as np

from research.responses.quality.rows import Index, Why, indexed, not_possible
from research.study.instrument import ResponseScale


def extreme_share(answers: np.ndarray, scale: ResponseScale) -> Index:
    """Share of a person's answers at either end of the scale, of the questions answered.

    Answers as given; the ends stay ends when an activity is turned. NaN without answers.

    References
    ----------
    Van Vaerenbergh & Thomas (2013), International Journal of Public Opinion Research 25, 195-217.
    """
    return _share(answers, (answers == scale.low) | (answers == scale.high))


def midpoint_share(answers: np.ndarray, scale: ResponseScale) -> Index:
    """Share of a person's answers at the midpoint, of the questions answered.

    NaN without answers, and for everybody where no point of the scale is its midpoint
    (``NO_MIDPOINT``: an even number of points).
    """
    if scale.midpoint not in scale.points:
        return not_possible(len(answers), Why.NO_MIDPOINT)
    return _share(answers, answers == scale.midpoint)


def _share(answers: np.ndarray, chosen: np.ndarray) -> Index:
    n = (~np.isnan(answers)).sum(axis=1)
    share = np.where(n > 0, chosen.sum(axis=1) / np.maximum(n, 1), np.nan)
    return indexed(share, Why.TOO_FEW_ANSWERS)
