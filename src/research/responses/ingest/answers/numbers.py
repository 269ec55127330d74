"""Answers of many people as numbers: one byte a cell, made numbers only where a rule looks."""

from dataclasses import dataclass

import numpy as np

Places = slice | np.ndarray


@dataclass(frozen=True)
class AnswerNumbers:
    """One column an activity: a code per row, and the number each code stands for.

    Read it as a matrix of numbers with NaN for no answer: ``numbers[rows]`` is the matrix of some
    rows, ``numbers[rows, place]`` one column of it. A million people times thirty answers are
    30 MB so, and 240 MB as numbers. ``float32`` holds every whole number to 16 million; longer
    ones are no answers and never shown.
    """

    codes: tuple[np.ndarray, ...]
    values: tuple[np.ndarray, ...]

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.codes[0]), len(self.codes)

    def __getitem__(self, rows: Places | tuple[Places, int]) -> np.ndarray:
        if isinstance(rows, tuple):
            chosen, place = rows
            return self.values[place].take(self.codes[place][chosen])
        columns = [self[rows, place] for place in range(len(self.codes))]
        return np.array(columns, dtype=np.float32).T

    def steps(self, place: int, *, low: int, high: int) -> np.ndarray:
        """Steps above the lowest point of the scale, from 1; 0 for no answer on the scale."""
        values = self.values[place]
        on_scale = (values >= low) & (values <= high)
        points = np.where(on_scale, values - (low - 1), 0)
        return points.astype(np.min_scalar_type(high - low + 1)).take(self.codes[place])


def stacked(parts: list[AnswerNumbers]) -> AnswerNumbers:
    """The rows of all parts, one below the other."""
    if len(parts) == 1:
        return parts[0]
    codes, values = [], []
    for place in range(len(parts[0].codes)):
        known = [part.values[place] for part in parts]
        before = np.cumsum([0, *map(len, known[:-1])])
        smallest = np.min_scalar_type(int(sum(map(len, known))))
        codes.append(
            np.concatenate(
                [
                    part.codes[place].astype(smallest) + smallest.type(shift)
                    for part, shift in zip(parts, before, strict=True)
                ]
            )
        )
        values.append(np.concatenate(known))
    return AnswerNumbers(tuple(codes), tuple(values))
