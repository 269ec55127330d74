"""Answers as category numbers, and the same categories for every group that is compared."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.stats.estimates import EMPTY_CATEGORY, TOO_FEW_ANSWERS, as_columns
from research.stats.groups import cluster_codes

MAXIMUM_CATEGORIES = 100
MERGED_COLUMNS: tuple[str, ...] = ("item", "category", "merged_with", "group")


@dataclass(frozen=True, kw_only=True)
class Answers:
    """Answers as consecutive numbers from 0 within each item, over the values that occur.

    ``codes`` is one row a respondent, one column an item, ``most`` where missing; ``counts`` one
    row an item, one column a category (0 beyond the item's last).
    """

    codes: np.ndarray
    counts: np.ndarray

    @property
    def most(self) -> int:
        """Number of categories of the item that has the most, at least two."""
        return self.counts.shape[1]

    @property
    def n_categories(self) -> np.ndarray:
        """Number of categories of each item."""
        return (self.counts > 0).sum(axis=1)


@dataclass(frozen=True, kw_only=True)
class Harmonised:
    """Items with the same categories in every group.

    ``codes`` numbers the categories 0, 1 .. within each item (NaN where missing, and throughout
    for a refused item). ``merged`` has one row a merge: column number of the item, the value
    that was empty, the value it went with, and the group or groups that lacked it. ``refused``
    has one row an item that is left with fewer than two categories, with the reason.
    """

    codes: np.ndarray
    merged: pd.DataFrame
    refused: pd.DataFrame


def category_codes(items: np.ndarray) -> Answers:
    """Answers numbered from 0 within each item; any numbers, NaN where missing.

    More than a hundred values in one item are no categories: ValueError.
    """
    items = as_columns(items)
    p = items.shape[1]
    levels = _levels(items)
    size = len(levels) + 1  # the last place is for missing answers
    place = np.searchsorted(levels, items)
    occurs = np.bincount((place + size * np.arange(p)).ravel(), minlength=p * size)
    occurs = occurs.reshape(p, size)[:, :-1]
    most = max(int((occurs > 0).sum(axis=1).max(initial=0)), 2)
    if most > MAXIMUM_CATEGORIES:
        raise ValueError(f"an item has {most} values; ordered categories are {MAXIMUM_CATEGORIES}")
    number = np.full((p, size), most)
    counts = np.zeros((p, most))
    for j in range(p):
        present = np.flatnonzero(occurs[j])
        number[j, present] = np.arange(len(present))
        counts[j, : len(present)] = occurs[j, present]
    return Answers(codes=number[np.arange(p), place], counts=counts)


def _levels(items: np.ndarray) -> np.ndarray:
    """Return the values that can occur, ascending; NaN is none."""
    values = items.ravel()
    low, high = np.fmin.reduce(values, initial=np.inf), np.fmax.reduce(values, initial=-np.inf)
    if high < low:
        return np.empty(0)
    if high - low < MAXIMUM_CATEGORIES and ((values == np.rint(values)) | np.isnan(values)).all():
        return np.arange(low, high + 1)  # spares sorting all answers
    return np.unique(values[~np.isnan(values)])


def harmonised_categories(items: np.ndarray, group: np.ndarray) -> Harmonised:
    """Items recoded so that every category of an item occurs in every group.

    ``items`` is one row a respondent, one column an item (NaN where missing), ``group`` one
    label a respondent. A value that occurs in some groups only is merged, for that item and in
    all groups, with its neighbour towards the middle of the item's values; the value farthest
    from the middle goes first, and a value in the middle goes to the neighbour with fewer
    answers (the lower one if they have as many). An item that is left with fewer than two
    categories is refused: ``empty_category``, or ``too_few_answers`` where a group has no answer
    at all. lavaan stops on an empty category; Mplus drops the threshold.
    """
    items = as_columns(items)
    labels, member = cluster_codes(group)
    codes = np.full(items.shape, np.nan)
    merged, refused = [], []
    for j, column in enumerate(items.T):
        values, counts = _counts_by_group(column, member, len(labels))
        blocks, rows = _merge_empty(values, counts, labels)
        if len(blocks) < 2:
            unanswered = (counts.sum(axis=1) == 0).any() or not len(labels)
            refused.append((j, TOO_FEW_ANSWERS if unanswered else EMPTY_CATEGORY))
            continue
        merged += [(j, *row) for row in rows]
        lowest = values[[block[0] for block in blocks]]
        there = ~np.isnan(column)
        codes[there, j] = np.searchsorted(lowest, column[there], side="right") - 1
    return Harmonised(
        codes=codes,
        merged=pd.DataFrame(merged, columns=list(MERGED_COLUMNS)),
        refused=pd.DataFrame(refused, columns=["item", "note"]),
    )


def category_scores(items: np.ndarray, codes: np.ndarray) -> list[np.ndarray]:
    """Answer behind each category of each item: the mean one where answers were merged.

    ``items`` as answered, ``codes`` the same answers as ``harmonised_categories`` numbers them.
    """
    scores = []
    for answers, numbers in zip(as_columns(items).T, as_columns(codes).T, strict=True):
        there = ~np.isnan(numbers)
        number = numbers[there].astype(int)
        scores.append(np.bincount(number, weights=answers[there]) / np.bincount(number))
    return scores


def _counts_by_group(
    column: np.ndarray, member: np.ndarray, n_groups: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the values of an item, and how often each occurs per group (row)."""
    there = ~np.isnan(column)
    values, place = np.unique(column[there], return_inverse=True)
    counts = np.zeros((n_groups, len(values)))
    np.add.at(counts, (member[there], place), 1)
    return values, counts


def _merge_empty(
    values: np.ndarray, counts: np.ndarray, labels: np.ndarray
) -> tuple[list[list[int]], list[tuple[float, float, str]]]:
    """Return places of the values that became one category, in order, and the merges made."""
    blocks = [[place] for place in range(len(values))]
    middle = (len(values) - 1) / 2
    rows = []
    while len(blocks) > 1:
        filled = np.column_stack([counts[:, block].sum(axis=1) for block in blocks])
        lacking = (filled == 0).any(axis=0)
        if not lacking.any():
            break
        away = np.array([np.mean(block) for block in blocks]) - middle
        at = int(np.argmax(np.where(lacking, np.abs(away), -1.0)))
        to = _neighbour(at, away[at], filled.sum(axis=0))
        own, other = blocks[at], blocks[to]
        edge = (own[-1], other[0]) if to > at else (own[0], other[-1])
        groups = ", ".join(labels[filled[:, at] == 0])
        rows.append((float(values[edge[0]]), float(values[edge[1]]), groups))
        blocks[min(at, to) : max(at, to) + 1] = [sorted(own + other)]
    return blocks, rows


def _neighbour(at: int, away: float, answers: np.ndarray) -> int:
    """Return the place of the neighbour towards the middle."""
    if away != 0:
        return at + 1 if away < 0 else at - 1
    return at - 1 if answers[at - 1] <= answers[at + 1] else at + 1
