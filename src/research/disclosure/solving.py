"""The narrowest windows of a withheld mean when several published numbers are put together."""

from typing import Protocol

import numpy as np

from research.disclosure.linear_system import LinearSystem
from research.disclosure.windows import Sum, windows
from research.study.cells import Cells, Question

EVEN = 1e-6  # scale points that a sum of person means may be off by


class Published(Protocol):
    """What is known of means: as sums per organisation, and as differences between the roles."""

    def mean_sums(self, cells: Cells, role: int, question: int) -> Sum:
        """Sums of answers to a question per organisation, and over all."""

    def difference(self, organisation_id: str, question: Question) -> tuple[float, float]:
        """Limits of the difference between the roles; infinite where it is not told."""


def widths_together(
    known: Published, cells: Cells, target: tuple[int, int, int], *, sizes: tuple[int, ...]
) -> dict[int, float]:
    """Width of a withheld mean in scale points, from all numbers of its cluster together.

    By how many organisations the attackers are (``sizes``: 0 is an outsider, 2 a pair). ``target``
    is the place of the role, question and organisation. The system holds the means of both roles
    on the cluster and its activities, the totals, the differences between the roles, and that
    the mean on a cluster is the mean of its activities where everybody answered them all. Tried
    are the insiders who come closest by the totals alone.
    """
    role, question, organisation = target
    cluster_id = cells.questions[question][0]
    block = [place for place, (cluster, _) in enumerate(cells.questions) if cluster == cluster_id]
    shape = (len(cells.roles), len(block), len(cells.organisations))
    places = np.arange(np.prod(shape)).reshape(shape)
    system = _system(known, cells, block, places)
    aim = int(places[role, block.index(question), organisation])
    reached = dict.fromkeys(sizes, np.inf)
    for found in windows(known.mean_sums(cells, role, question), organisation):
        size = len(found.known)
        if size not in sizes:
            continue
        inside = {
            int(places[r, b, one]): float(cells.total[r, q, one])
            for one in found.known
            for r in range(shape[0])
            for b, q in enumerate(block)
        }
        ends = system.reach(aim, inside)
        if ends is not None:
            width = (ends[1] - ends[0]) / cells.n[role, question, organisation]
            reached[size] = min(reached[size], width)
    return reached


def _system(known: Published, cells: Cells, block: list[int], places: np.ndarray) -> LinearSystem:
    """Return what is published of one cluster as limits on sums of answers."""
    system = LinearSystem(low=np.zeros(places.size), high=np.zeros(places.size))
    for role in range(places.shape[0]):
        for position, question in enumerate(block):
            given = known.mean_sums(cells, role, question)
            own = places[role, position]
            system.low[own], system.high[own] = given.low - EVEN, given.high + EVEN
            everybody = dict.fromkeys(own.tolist(), 1.0)
            system.add(everybody, given.total_low - EVEN, given.total_high + EVEN)
        _add_links(system, cells, block, places, role)
    if places.shape[0] == 2:
        _add_differences(system, known, cells, block, places)
    return system


def _add_links(
    system: LinearSystem, cells: Cells, block: list[int], places: np.ndarray, role: int
) -> None:
    """Add that the sum on a cluster is the mean of the sums on its activities."""
    whole = next(b for b, q in enumerate(block) if cells.questions[q][1] == "")
    parts = [b for b in range(len(block)) if b != whole]
    for place in range(places.shape[2]):
        n = cells.n[role, block, place]
        if parts and (n == n[0]).all():
            weights = {int(places[role, part, place]): -1.0 / len(parts) for part in parts}
            system.add({int(places[role, whole, place]): 1.0} | weights, -EVEN, EVEN)


def _add_differences(
    system: LinearSystem,
    known: Published,
    cells: Cells,
    block: list[int],
    places: np.ndarray,
) -> None:
    """Add the differences between the roles, of each organisation and over all of them."""
    everybody = list(range(places.shape[2]))
    named = [("", everybody)] + [(cells.organisations[place], [place]) for place in everybody]
    for position, question in enumerate(block):
        for name, here in named:
            limits = known.difference(name, cells.questions[question])
            n = cells.n[:, question, here].sum(axis=1)
            if np.isfinite(limits).all() and (n > 0).all():
                weights = {
                    int(places[role, position, one]): sign / n[role]
                    for role, sign in ((0, 1.0), (1, -1.0))
                    for one in here
                }
                system.add(weights, limits[0] - EVEN, limits[1] + EVEN)
