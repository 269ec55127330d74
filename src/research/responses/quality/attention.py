"""Questions with one right answer: how many a person got wrong."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from research.study.instrument import AttentionItem


def attention_wrong(
    responses: pd.DataFrame, items: Sequence[AttentionItem]
) -> tuple[np.ndarray, np.ndarray]:
    """How many attention items a person answered wrongly, and what share of those answered.

    One number a row each; NaN where none was answered or none stands in ``responses``. An item
    left open is not wrong: people skip what they take for a mistake of the questionnaire.

    References
    ----------
    Meade & Craig (2012), Psychological Methods 17, 437-455 (instructed response items). Curran &
    Hauser (2019), Journal of Research in Personality 82, 103849: careful people miss single ones.
    """
    asked = [item for item in items if item.id in responses.columns]
    given = responses[[item.id for item in asked]].to_numpy(dtype=float, na_value=np.nan)
    right = np.array([item.expected for item in asked], dtype=float)
    answered = ~np.isnan(given)
    n = answered.sum(axis=1)
    wrong = (answered & (given != right)).sum(axis=1)
    return np.where(n > 0, wrong, np.nan), np.where(n > 0, wrong / np.maximum(n, 1), np.nan)
