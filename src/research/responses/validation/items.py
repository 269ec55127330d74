"""Whether each question behaves as a question of its cluster, in each role."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.errors import Problem
from research.responses.validation.keys import ALL_FILES
from research.study.instrument import Instrument
from research.study.study_file import Study

MIN_PEOPLE_FOR_CONSTANT = 10
FIRST_PEOPLE = 1000
# A correlation of fewer people says little; of 30 people it must be -0.53 to be named.
MIN_PEOPLE_FOR_CORRELATION = 30
# More do not change the verdict: a correlation of so many is known to 0.01.
MOST_PEOPLE_CORRELATED = 100_000
# One in a thousand: a questionnaire has many activities, and each role is looked at.
NORMAL_999 = 3.090232306167813


def item_warnings(
    people: pd.DataFrame, numbers: np.ndarray, *, study: Study, instrument: Instrument
) -> list[Problem]:
    """Warnings for questions that nobody answered, that do not vary, or that run backwards.

    ``people`` is one row a respondent, ``numbers`` the answers **as given**, one column an
    activity in the order of the instrument. Everything is looked at within a role: the other
    role may have another mean, and a mixture of two means correlates by itself.

    - unanswered, constant: nobody of a role of at least ten answered, or all gave one answer.
    - against its cluster: after reversed activities are turned, the correlation of the activity
      with the mean of the others of its cluster (complete rows, at least 30) lies so far below
      zero that it would by chance in one of a thousand (Fisher's z). The worst is named, turned,
      and the cluster looked at again, because one that runs backwards makes others look so. Of a
      role of more than 100,000 people every second, third, ... is looked at here.

    References
    ----------
    Fisher (1921), Metron 1(4), 3-32, for the z of a correlation. The rule is ours.
    """
    reversed_ids = set(instrument.reverse_keyed_ids)
    against: dict[str, list[str]] = {}
    problems: list[Problem] = []
    codes, names = pd.factorize(people["role"])
    roles = {role: codes == list(names).index(role) for role in study.role_ids if role in names}
    for role, chosen in roles.items():
        problems += _flat(numbers, chosen, role, instrument)
    numbers, roles = _thinned(numbers, roles)
    for cluster in instrument.clusters:
        items = _Items.of(numbers, instrument.activities_of(cluster.id), instrument)
        for role, chosen in roles.items():
            for activity_id, r, n in _backwards(items, chosen):
                sentence = f"{role}: correlation {r:.2f} with the others, {n} people"
                against.setdefault(activity_id, []).append(sentence)
    return problems + [
        _against(activity_id, found, activity_id in reversed_ids, instrument)
        for activity_id, found in against.items()
    ]


def _thinned(
    numbers: np.ndarray, roles: dict[str, np.ndarray]
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Every k-th person of a role that has more people than a correlation needs."""
    if all(chosen.sum() <= MOST_PEOPLE_CORRELATED for chosen in roles.values()):
        return numbers, roles
    places = [np.flatnonzero(chosen) for chosen in roles.values()]
    steps = [max(1, -(-len(found) // MOST_PEOPLE_CORRELATED)) for found in places]
    kept = np.concatenate([found[::step] for found, step in zip(places, steps, strict=True)])
    return numbers[kept], {role: chosen[kept] for role, chosen in roles.items()}


def _flat(
    numbers: np.ndarray, chosen: np.ndarray, role: str, instrument: Instrument
) -> list[Problem]:
    """Return warnings for the activities without an answer, or with one answer only."""
    if chosen.sum() < MIN_PEOPLE_FOR_CONSTANT:
        return []
    problems = []
    head = numbers[np.flatnonzero(chosen)[:FIRST_PEOPLE]]
    for place, activity_id in enumerate(instrument.activity_ids):
        some = head[_on_scale(head[:, place], instrument), place]
        if len(some) and some.min() < some.max():
            continue  # the first people settle it: there is no need to ask a million
        column = numbers[:, place]
        given = column[chosen & _on_scale(column, instrument)]
        if not len(given):
            problems.append(
                _about(
                    "unanswered activity",
                    activity_id,
                    f"nobody of role '{role}' answered {activity_id}.",
                    "Was it asked of them? Look whether the right column is read.",
                )
            )
        elif len(given) >= MIN_PEOPLE_FOR_CONSTANT and given.min() == given.max():
            problems.append(
                _about(
                    "constant activity",
                    activity_id,
                    f"all {len(given)} answers of role '{role}' to {activity_id} are "
                    f"{given[0]:.0f}.",
                    "Look whether the right column is read; it tells nothing about differences.",
                )
            )
    return problems


def _on_scale(answers: np.ndarray, instrument: Instrument) -> np.ndarray:
    return (answers >= instrument.scale.low) & (answers <= instrument.scale.high)


@dataclass(frozen=True)
class _Items:
    """The activities of one cluster: one row an activity, and who answered all of them."""

    ids: list[str]
    answers: np.ndarray
    complete: np.ndarray
    keyed: np.ndarray

    @classmethod
    def of(cls, numbers: np.ndarray, ids: list[str], instrument: Instrument) -> "_Items":
        columns = [numbers[:, instrument.activity_ids.index(activity_id)] for activity_id in ids]
        complete = np.logical_and.reduce([_on_scale(column, instrument) for column in columns])
        keyed = np.array([-1.0 if i in instrument.reverse_keyed_ids else 1.0 for i in ids])
        return cls(ids, np.array(columns), complete, keyed)

    def covariance(self, chosen: np.ndarray) -> np.ndarray:
        """Covariances of the chosen people's answers, reversed activities turned."""
        # Sums of squares of whole numbers are exact in this type.
        part = self.answers[:, chosen].astype(np.float64)
        total = part.sum(axis=1)
        products = part @ part.T - np.outer(total, total) / part.shape[1]
        return products / (part.shape[1] - 1) * np.outer(self.keyed, self.keyed)


def _backwards(items: _Items, chosen: np.ndarray) -> list[tuple[str, float, int]]:
    """Activities of a cluster that run against the others: id, item-rest correlation, people."""
    whole = chosen & items.complete
    n = int(whole.sum())
    if len(items.ids) < 2 or n < MIN_PEOPLE_FOR_CORRELATION:
        return []
    covariance = items.covariance(whole)
    limit = np.tanh(-NORMAL_999 / np.sqrt(n - 3))
    found: list[tuple[str, float, int]] = []
    for _ in items.ids:
        correlations = _item_rest(covariance)
        # Of two that are equally bad (a cluster of two), the reversed one is likelier.
        equal = np.nan_to_num(correlations, nan=0.0).astype(np.float32)
        worst = np.lexsort((items.keyed, equal))[0]
        # One that was turned is not turned back.
        if not correlations[worst] < limit or items.ids[worst] in [name for name, _, _ in found]:
            break
        found.append((items.ids[worst], float(correlations[worst]), n))
        covariance[worst] *= -1
        covariance[:, worst] *= -1
    return found


def _item_rest(covariance: np.ndarray) -> np.ndarray:
    """Correlation of each item with the sum of the others; NaN where one of them is constant."""
    variance = np.diag(covariance)
    with_rest = covariance.sum(axis=0) - variance
    rest = covariance.sum() - 2 * covariance.sum(axis=0) + variance
    product = variance * rest
    correlation = np.full(len(variance), np.nan)
    np.divide(with_rest, np.sqrt(np.abs(product)), out=correlation, where=product > 1e-12)
    return correlation


def _against(
    activity_id: str, found: list[str], is_reversed: bool, instrument: Instrument
) -> Problem:
    cluster = instrument.cluster_of(activity_id)
    where = f"runs against its cluster {cluster} ({'; '.join(found)})"
    others = [
        name
        for name in instrument.activities_of(cluster)
        if name in instrument.reverse_keyed_ids and name != activity_id
    ]
    if is_reversed:
        message = f"{activity_id} is reversed and {where}. Was it recoded twice?"
        remedy = (
            "If the export holds it already turned, set `reverse_keyed: false` in the instrument."
        )
    else:
        message = f"{activity_id} {where}."
        remedy = "If it is worded the other way round, set `reverse_keyed: true`."
        if others:
            remedy += f" Or were {', '.join(others)} already turned in the export?"
    return _about("against its cluster", activity_id, message, remedy)


def _about(rule: str, activity_id: str, message: str, remedy: str) -> Problem:
    return Problem(
        file=ALL_FILES,
        rule=rule,
        message=message,
        remedy=remedy,
        severity="warning",
        column=activity_id,
        done="used as it is",
    )
