"""What all pages together say of a study, as sums over organisations with their limits."""

import numpy as np
import pandas as pd

from research.disclosure.published import READING_KEYS
from research.disclosure.windows import Sum, Window
from research.study.cells import Cells, Question

ATTACKERS = ("outsider", "organisation", "pair")


class Known:
    """Readings by number: the limits of one, or those that hold without any reading.

    ``scale`` is the lowest and the highest answer.
    """

    def __init__(self, found: pd.DataFrame, scale: tuple[float, float]):
        keys = zip(*(found[name] for name in READING_KEYS), strict=True)
        limits = zip(found["low"].astype(float), found["high"].astype(float), strict=True)
        self.limits = dict(zip(keys, limits, strict=True))
        self.scale = scale

    def of(
        self, what: str, organisation_id: str, role: str, question: Question
    ) -> tuple[float, float]:
        """Limits of one number; infinite where no page tells it."""
        return self.limits.get((what, organisation_id, role, *question), (-np.inf, np.inf))

    def difference(self, organisation_id: str, question: Question) -> tuple[float, float]:
        """Limits of the difference between the roles; infinite where no page tells it."""
        return self.of("difference", organisation_id, "", question)

    def mean_sums(self, cells: Cells, role: int, question: int) -> Sum:
        """Sums of answers to a question, everybody's number of people taken as known."""
        whole = cells.questions[question][1] != ""
        return self._sums("mean", cells, (role, question), self.scale, whole=whole)

    def share_sums(self, cells: Cells, role: int, question: int) -> Sum:
        """Numbers of people above the midpoint, everybody's number of people taken as known."""
        return self._sums("share", cells, (role, question), (0.0, 1.0), whole=True)

    def people(self, cells: Cells, role: int, question: int | None, *, shown_from: int) -> Sum:
        """Numbers of people, of a role or who answered a question; a few are withheld."""
        asked = ("", "") if question is None else cells.questions[question]
        true = cells.people[role] if question is None else cells.n[role, question]
        few = true < shown_from
        least = float(question is None and (true > 0).all())  # how many organisations is told
        read = [self.of("people", one, cells.roles[role], asked) for one in cells.organisations]
        low, high = np.array(read).T
        total = self.of("people", "", cells.roles[role], asked)
        return Sum(
            low=np.maximum(low, np.where(few, least, shown_from)),
            high=np.minimum(high, np.where(few, shown_from - 1, np.inf)),
            true=true,
            total_low=total[0],
            total_high=total[1],
        )

    def _sums(
        self,
        what: str,
        cells: Cells,
        place: tuple[int, int],
        ends: tuple[float, float],
        *,
        whole: bool,
    ) -> Sum:
        role, question = place
        asked, name, n = cells.questions[question], cells.roles[role], cells.n[place]
        low, high = np.array([self.of(what, one, name, asked) for one in cells.organisations]).T
        low, high = n * np.maximum(low, ends[0]), n * np.minimum(high, ends[1])
        least, most = self.of(what, "", name, asked)
        total = np.array([max(least, ends[0]), min(most, ends[1])]) * n.sum()
        true = (cells.above if what == "share" else cells.total)[place]
        given = Sum(low=low, high=high, true=true, total_low=total[0], total_high=total[1])
        return given.whole() if whole else given


def widths(found: list[Window]) -> dict[str, float]:
    """Narrowest width per kind of attacker; whoever knows more sees what others see as well."""
    reached, least = {}, np.inf
    for size, name in enumerate(ATTACKERS):
        least = min([least, *(one.width for one in found if len(one.known) == size)])
        reached[name] = least
    return reached
