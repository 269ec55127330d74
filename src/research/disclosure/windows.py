"""Where a withheld number must lie, given what others publish and what an insider knows.

One constraint at a time: the numbers of all organisations add up to a published total. For it the
narrowest window can be written down; ``linear_system`` takes several constraints together.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

CLOSE = 1e-6


@dataclass(frozen=True, eq=False, kw_only=True)
class Sum:
    """A number per organisation (people, or a sum of answers) and their total, as published.

    ``low`` and ``high`` are the limits that rounding leaves, ``true`` what only the organisation
    itself knows.
    """

    low: np.ndarray
    high: np.ndarray
    true: np.ndarray
    total_low: float
    total_high: float

    def whole(self) -> "Sum":
        """The limits of whole numbers: single answers are, and so are their sums."""
        return Sum(
            low=np.ceil(self.low - CLOSE),
            high=np.floor(self.high + CLOSE),
            true=self.true,
            total_low=float(np.ceil(self.total_low - CLOSE)),
            total_high=float(np.floor(self.total_high + CLOSE)),
        )


@dataclass(frozen=True, kw_only=True)
class Window:
    """The limits that those who know the numbers of ``known`` (places of organisations) reach."""

    known: tuple[int, ...]
    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


def window(given: Sum, target: int, known: tuple[int, ...] = ()) -> Window:
    """Limits of one organisation's number for whoever knows those of ``known`` exactly."""
    low, high = given.low.copy(), given.high.copy()
    for place in known:
        low[place] = high[place] = given.true[place]
    return Window(
        known=known,
        low=max(low[target], given.total_low - (high.sum() - high[target])),
        high=min(high[target], given.total_high - (low.sum() - low[target])),
    )


def windows(given: Sum, target: int) -> list[Window]:
    """Windows of an outsider and of the organisations and pairs that reach the narrowest ones.

    A window ends at four possible limits, each of which moves by the sum over the insiders of
    what rounding hid about their numbers (above, below or both); so the two organisations with
    the most of one of these reach the narrowest window, and no other pair need be tried.
    """
    return [window(given, target, known) for known in dict.fromkeys(_insiders(given, target))]


def _insiders(given: Sum, target: int) -> Iterator[tuple[int, ...]]:
    others = np.delete(np.arange(len(given.true)), target)
    hidden = (given.high - given.true, given.true - given.low, given.high - given.low)
    yield ()
    for size in (1, 2):
        for amount in hidden:
            most = np.argsort(-amount[others], kind="stable")[:size]
            yield tuple(sorted(others[most].tolist()))
