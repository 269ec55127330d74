"""Several published numbers together: what they leave open is found by linear programming."""

from collections.abc import Mapping

import numpy as np


class LinearSystem:
    """Unknown numbers between limits, and weighted sums of them between limits."""

    def __init__(self, low: np.ndarray, high: np.ndarray):
        self.low, self.high = low, high
        self._weights: list[Mapping[int, float]] = []
        self._limits: list[tuple[float, float]] = []

    def add(self, weights: Mapping[int, float], low: float, high: float) -> None:
        """A weighted sum of the unknown numbers is known to lie between two limits."""
        self._weights.append(weights)
        self._limits.append((low, high))

    def reach(self, target: int, known: Mapping[int, float]) -> tuple[float, float] | None:
        """Lowest and highest value of one unknown number, the known ones given.

        None where the limits contradict one another. Solved by HiGHS (Huangfu and Hall 2018,
        Mathematical Programming Computation 10, 119-142).
        """
        from scipy.optimize import Bounds, LinearConstraint, milp

        low, high = self.low.copy(), self.high.copy()
        for place, value in known.items():
            low[place] = high[place] = value
        limits = np.array(self._limits).T
        rows = LinearConstraint(self._matrix(), limits[0], limits[1])
        ends = []
        for sign in (1.0, -1.0):
            aim = np.zeros(len(low))
            aim[target] = sign
            # Without whole-number variables milp is HiGHS' linear programming.
            found = milp(aim, constraints=rows, bounds=Bounds(low, high))
            if not found.success:
                return None
            ends.append(sign * found.fun)
        return ends[0], ends[1]

    def _matrix(self) -> object:
        from scipy.sparse import csc_array

        places = [(r, c, w) for r, row in enumerate(self._weights) for c, w in row.items()]
        row, column, weight = zip(*places, strict=True)
        shape = (len(self._weights), len(self.low))
        return csc_array((weight, (row, column)), shape=shape)
