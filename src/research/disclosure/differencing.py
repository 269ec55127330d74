"""What two releases made from different answers tell of the people by whom they differ."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from research.disclosure.coarseness import NARROWEST_MEAN
from research.disclosure.known import ATTACKERS, Known
from research.disclosure.published import together
from research.study.answers import Answers

NEWCOMERS = "newcomers"


def between_releases(
    earlier: Sequence[pd.DataFrame], now: Sequence[pd.DataFrame], answers: Answers
) -> list[dict]:
    """Rows on the few people who came or went since an earlier page, per mean told twice.

    The people of the smaller page are taken to be on the larger one as well. A row is made where
    both pages tell exactly how many people there were and fewer than may be shown came or went;
    its width is that of their mean, in scale points.
    """
    if not now:
        return []
    latest = together(now)
    return [row for found in earlier for row in _compared(together([found]), latest, answers)]


def _compared(before: pd.DataFrame, after: pd.DataFrame, answers: Answers) -> Iterator[dict]:
    scale = (float(answers.instrument.scale.low), float(answers.instrument.scale.high))
    old, new = Known(before, scale), Known(after, scale)
    for what, *keys in old.limits:
        if what != "mean" or (what, *keys) not in new.limits:
            continue
        name, role, question = keys[0], keys[1], (keys[2], keys[3])
        counts = [one.of("people", name, role, question) for one in (old, new)]
        if any(low != high for low, high in counts):
            continue
        n_old, n_new = counts[0][0], counts[1][0]
        moved = abs(n_new - n_old)
        if not 0 < moved < answers.study.privacy.shown_from:
            continue
        limits = [np.array(one.of(what, name, role, question)) for one in (old, new)]
        sums = sorted([(n_old, limits[0] * n_old), (n_new, limits[1] * n_new)], key=lambda s: s[0])
        low = max((sums[1][1][0] - sums[0][1][1]) / moved, scale[0])
        high = min((sums[1][1][1] - sums[0][1][0]) / moved, scale[1])
        keys = {"organisation_id": name, "role": role}
        keys |= {"cluster_id": question[0], "activity_id": question[1]}
        width = dict.fromkeys(ATTACKERS, max(high - low, 0.0))
        yield {"what": NEWCOMERS} | keys | width | {"wanted": NARROWEST_MEAN}
