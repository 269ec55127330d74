"""How many people stand behind every cell of a study, and what their answers add up to."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

Question = tuple[str, str]


@dataclass(frozen=True, eq=False, kw_only=True)
class Cells:
    """People and answers per role, question and organisation; nothing of it is ever shown.

    A question is ``(cluster_id, activity_id)``; without an activity it is the score on the
    cluster. ``people`` is roles x organisations; ``n`` (who answered), ``total`` (sum of their
    answers) and ``above`` (answers above the midpoint) are roles x questions x organisations.
    """

    organisations: tuple[str, ...]
    roles: tuple[str, ...]
    questions: tuple[Question, ...]
    people: np.ndarray
    n: np.ndarray
    total: np.ndarray
    above: np.ndarray


def count_cells(
    people: pd.DataFrame,
    values: pd.DataFrame,
    *,
    questions: Sequence[Question],
    roles: Sequence[str],
    midpoint: float,
) -> Cells:
    """Cells of a study; ``values`` has a column a question, in the order of ``questions``.

    NaN is no answer. People of another role than ``roles`` are left out.
    """
    organisations, place = np.unique(people["organisation_id"].astype(str), return_inverse=True)
    matrix = values.to_numpy(dtype=float)
    there = ~np.isnan(matrix)
    shape = (len(roles), matrix.shape[1], len(organisations))
    sums = [np.zeros(shape) for _ in range(3)]
    heads = np.zeros((len(roles), len(organisations)))
    for index, role in enumerate(roles):
        chosen = (people["role"] == role).to_numpy()
        heads[index] = np.bincount(place[chosen], minlength=len(organisations))
        parts = (there, np.where(there, matrix, 0.0), there & (matrix > midpoint))
        for summed, part in zip(sums, parts, strict=True):
            by_place = pd.DataFrame(part[chosen].astype(float)).groupby(place[chosen]).sum()
            summed[index][:, by_place.index] = by_place.to_numpy().T
    return Cells(
        organisations=tuple(organisations),
        roles=tuple(roles),
        questions=tuple(questions),
        people=heads,
        n=sums[0],
        total=sums[1],
        above=sums[2],
    )
