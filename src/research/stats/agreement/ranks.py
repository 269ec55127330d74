"""Mid-ranks of many rows at once."""

import numpy as np


def mid_ranks(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ranks within each row, ties at their mean, and how many share each value.

    The lowest value has rank 1. NaN stays NaN, with 0 that share it, and does not count. Values
    tie when they are equal to the last bit.
    """
    order = np.argsort(rows, axis=1, kind="stable")
    ordered = np.take_along_axis(rows, order, axis=1)
    place = np.broadcast_to(np.arange(rows.shape[1]), rows.shape)
    new = np.ones(rows.shape, dtype=bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    last = np.ones(rows.shape, dtype=bool)
    last[:, :-1] = new[:, 1:]
    start = np.maximum.accumulate(np.where(new, place, 0), axis=1)
    backwards = np.where(last, place, rows.shape[1])[:, ::-1]
    stop = np.minimum.accumulate(backwards, axis=1)[:, ::-1]
    there = ~np.isnan(ordered)
    ranks, shared = np.empty(rows.shape), np.empty(rows.shape)
    np.put_along_axis(ranks, order, np.where(there, (start + stop) / 2 + 1, np.nan), axis=1)
    np.put_along_axis(shared, order, np.where(there, stop - start + 1.0, 0.0), axis=1)
    return ranks, shared
