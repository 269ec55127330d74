"""The indices that set a person beside the others, and their limits, within role and wave."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.responses.quality.consistency import (
    even_odd_correlation,
    even_odd_inconsistency,
    pair_correlation,
    synonym_pairs,
)
from research.responses.quality.distance import can_exceed, mahalanobis_p, squared_mahalanobis
from research.responses.quality.person_fit import guttman_errors, person_total_correlation
from research.responses.quality.rows import (
    Index,
    Why,
    correlation_fences,
    fences,
    indexed,
    not_possible,
)
from research.responses.quality.speed import relative_speed
from research.responses.scoring import keyed_answers
from research.study.instrument import Instrument

# Fewer people in a role (and wave) are not set beside each other: quartiles, and correlations
# between activities, of a handful of people are chance.
PEOPLE_MINIMUM = 30
# Mahalanobis distances with a smaller chance among normal answers are outlying (Meade & Craig,
# 2012, and Curran, 2016, use .001).
P_LIMIT = 0.001
# Even-odd consistency below .30 (Jackson's advice, in Johnson, 2005, Journal of Research in
# Personality 39, 103-129), which is .18 before it is stepped up: r = s / (2 - s).
EVEN_ODD_LIMIT = 0.3 / 1.7
# With fewer clusters even-odd consistency is shown and is no sign: a correlation of so few pairs
# says little of one person (in simulated studies with four clusters it flags 7 % of the careful).
CLUSTERS_FOR_SIGN = 8
# Answers to pairs that go together should go together, and those to opposites apart; answers
# should go along with those of the others. Beyond nil they run the wrong way.
NO_CORRELATION = 0.0
# Twice as fast as the median person (Leiner, 2019, Survey Research Methods 13, 229-248).
RELATIVE_SPEED_LIMIT = 2.0


@dataclass(frozen=True, kw_only=True)
class Compared:
    """An index of every person, and per person the limit of the group it was judged in."""

    index: Index
    limit: np.ndarray


def compare_people(
    responses: pd.DataFrame, instrument: Instrument, seconds: np.ndarray
) -> dict[str, Compared]:
    """Return every index that needs the other people, under its name.

    The others are those of the same role and wave: roles differ in what they value, which is what
    a study is about, and a manager among many customers is no outlier for being a manager.
    careless takes everybody together. In a group under thirty people nobody has a value
    (``TOO_FEW_PEOPLE``).

    A limit is crossed by a number beyond both the published cut-off and Tukey's fence of the
    group. A cut-off alone flags many honest people where activities are few or much alike, and a
    fence alone flags somebody in every group.
    """
    answers = responses[instrument.activity_ids].to_numpy(dtype=float, na_value=np.nan)
    keyed = keyed_answers(responses, instrument).to_numpy()
    found: dict[str, Compared] = {}
    for rows in _groups(responses):
        in_group = _of_group(answers[rows], keyed[rows], seconds[rows], instrument)
        for name, part in in_group.items():
            if name not in found:
                found[name] = _empty(len(responses))
            found[name].index.values[rows] = part.index.values
            found[name].index.why[rows] = part.index.why
            found[name].limit[rows] = part.limit
    return found


def _groups(responses: pd.DataFrame) -> Iterator[np.ndarray]:
    """Places of the people of each role and wave; one group when neither is there.

    A table without people is one empty group, so that every index is named.
    """
    keys = [key for key in ("role", "wave") if key in responses.columns]
    if not keys or responses.empty:
        yield np.arange(len(responses))
        return
    group = responses.groupby(keys, dropna=False, sort=False).ngroup().to_numpy()
    for number in range(group.max() + 1):
        yield np.flatnonzero(group == number)


def _empty(n: int) -> Compared:
    index = Index(values=np.full(n, np.nan), why=np.zeros(n, dtype=np.int8))
    return Compared(index=index, limit=np.full(n, np.nan))


def _of_group(
    answers: np.ndarray, keyed: np.ndarray, seconds: np.ndarray, instrument: Instrument
) -> dict[str, Compared]:
    """Return the indices of one role and wave, with their limits."""
    place = {activity: column for column, activity in enumerate(instrument.activity_ids)}
    clusters = [
        np.array([place[activity] for activity in instrument.activities_of(cluster)])
        for cluster in instrument.cluster_ids
    ]
    scale, n = instrument.scale, len(answers)
    if n < PEOPLE_MINIMUM:
        nobody = Compared(index=not_possible(n, Why.TOO_FEW_PEOPLE), limit=np.full(n, np.nan))
        return dict.fromkeys(COMPARED, nobody)
    squared = _distance(answers)
    n_answered = (~np.isnan(answers)).sum(axis=1)
    p_value = Index(values=mahalanobis_p(squared.values, n_answered), why=squared.why)
    synonyms = pair_correlation(answers, synonym_pairs(answers))
    antonyms = pair_correlation(answers, synonym_pairs(answers, antonyms=True))
    even_odd, speed = even_odd_correlation(keyed, clusters), _speed(seconds)
    return {
        "mahalanobis_squared": _fixed(squared, np.nan),
        "mahalanobis_p": _fixed(p_value, P_LIMIT),
        "even_odd_inconsistency": _fixed(even_odd_inconsistency(even_odd), np.nan),
        "even_odd_correlation": _even_odd(even_odd, n_clusters=len(clusters)),
        "synonym_correlation": _below(synonyms),
        "antonym_correlation": _above(antonyms),
        "person_total_correlation": _below(person_total_correlation(keyed)),
        "guttman_errors": _errors(guttman_errors(keyed, low=scale.low, high=scale.high)),
        "relative_speed": _fixed(speed, RELATIVE_SPEED_LIMIT),
    }


COMPARED: tuple[str, ...] = (
    "mahalanobis_squared",
    "mahalanobis_p",
    "even_odd_inconsistency",
    "even_odd_correlation",
    "synonym_correlation",
    "antonym_correlation",
    "person_total_correlation",
    "guttman_errors",
    "relative_speed",
)


def _distance(answers: np.ndarray) -> Index:
    """Squared distances, unless so few people share a covariance that none can be outlying."""
    n, n_activities = answers.shape
    if n <= n_activities or not can_exceed(n, n_activities, p_limit=P_LIMIT):
        return not_possible(n, Why.TOO_FEW_PEOPLE)
    return squared_mahalanobis(answers)


def _speed(seconds: np.ndarray) -> Index:
    """Relative speed, unless too few durations are known for a median to compare with."""
    known = ~np.isnan(seconds)
    if 0 < known.sum() < PEOPLE_MINIMUM:
        return indexed(
            np.full(len(seconds), np.nan), np.where(known, Why.TOO_FEW_PEOPLE, Why.NO_DURATION)
        )
    return relative_speed(seconds)


def _fixed(index: Index, limit: float) -> Compared:
    return Compared(index=index, limit=np.full(len(index.values), limit))


def _even_odd(index: Index, *, n_clusters: int) -> Compared:
    """Judge the correlation of the halves by the cut-off and by the group's lower fence."""
    if n_clusters < CLUSTERS_FOR_SIGN:
        return _fixed(index, np.nan)
    return _fixed(index, np.minimum(EVEN_ODD_LIMIT, correlation_fences(index.values)[0]))


def _above(index: Index) -> Compared:
    """Judge a correlation by being above both nil and the group's upper fence."""
    return _fixed(index, np.maximum(NO_CORRELATION, correlation_fences(index.values)[1]))


def _below(index: Index) -> Compared:
    """Judge a correlation by being below both nil and the group's lower fence."""
    return _fixed(index, np.minimum(NO_CORRELATION, correlation_fences(index.values)[0]))


def _errors(index: Index) -> Compared:
    """Judge Guttman errors, a share, by the upper fence of its angular transforms."""
    high = fences(np.arcsin(np.sqrt(index.values)))[1]
    return _fixed(index, np.sin(np.minimum(high, np.pi / 2)) ** 2)
