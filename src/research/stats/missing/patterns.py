"""How many answers are missing, and which are missing together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True, kw_only=True)
class MissingCounts:
    """People and answers that are missing; ``share`` is of all answers that were asked for.

    ``n_empty`` people answered nothing. ``n_patterns`` counts the different sets of unanswered
    items, the empty set included. ``monotone``: the items can be put in an order in which whoever
    left one unanswered left every later one unanswered too, as people do who stop half-way.
    """

    n: int
    n_complete: int
    n_empty: int
    share: float
    n_patterns: int
    monotone: bool


def missing_counts(items: np.ndarray) -> MissingCounts:
    """Counts of what is missing among ``items``: one row a person, one column an item, NaN missing.

    Without people or without items the share is NaN.
    """
    missing = np.isnan(np.asarray(items, dtype=float))
    kinds = np.unique(missing, axis=0)
    return MissingCounts(
        n=len(missing),
        n_complete=int((~missing.any(axis=1)).sum()),
        n_empty=int(missing.all(axis=1).sum()) if missing.shape[1] else 0,
        share=float(missing.mean()) if missing.size else np.nan,
        n_patterns=len(kinds),
        monotone=_is_monotone(kinds),
    )


def missing_patterns(items: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Which items are unanswered together, and by how many people; most frequent first.

    One row is a pattern: ``n`` people, ``n_missing`` items and ``missing``, their names in the
    order of ``names``. Patterns of equally many people stand with the fewest missing items first.
    """
    missing = np.isnan(np.asarray(items, dtype=float))
    if len(names) != missing.shape[1]:
        raise ValueError(f"{missing.shape[1]} items need as many names, not {list(names)}")
    kinds, n = np.unique(missing, axis=0, return_counts=True)
    sizes = kinds.sum(axis=1)
    order = np.lexsort((sizes, -n))
    labels = np.asarray(names, dtype=object)
    return pd.DataFrame(
        {
            "n": n[order],
            "n_missing": sizes[order],
            "missing": [tuple(labels[kind]) for kind in kinds[order]],
        }
    )


def _is_monotone(kinds: np.ndarray) -> bool:
    """Whether every two patterns are nested: sorted by size each lies within the next."""
    ordered = kinds[np.argsort(kinds.sum(axis=1), kind="stable")]
    return bool((ordered[:-1] <= ordered[1:]).all())
