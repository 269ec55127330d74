"""Every activity compared at once by every test on people: one counting, then arithmetic."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.stats import ranks, two_groups
from research.stats.counts import LevelCounts, level_counts, level_counts_by_cluster
from research.stats.estimates import as_columns
from research.stats.multiplicity import AdjustMethod, adjust_p_values


@dataclass(frozen=True, kw_only=True)
class ItemComparisons:
    """Columns by name of each statistic; ``table`` makes one of them a table.

    One entry a column of the answers (after ``compare_items_by_cluster``: a cluster and column,
    cluster by cluster). ``p_adjusted`` belongs to ``mean_difference``.
    """

    mean_difference: two_groups.Columns
    hedges_g: two_groups.Columns
    superiority: two_groups.Columns
    mann_whitney: two_groups.Columns
    p_adjusted: np.ndarray

    def table(self, name: str) -> pd.DataFrame:
        """One statistic as a table; one row an item."""
        return pd.DataFrame(getattr(self, name))


def compare_items(
    values: np.ndarray,
    first: np.ndarray,
    *,
    confidence_level: float = 0.95,
    method: AdjustMethod = "holm",
    effect_interval: bool = True,
) -> ItemComparisons:
    """Welch, Hedges g, Brunner-Munzel and Mann-Whitney of every column, p of Welch adjusted.

    ``values`` is one row a respondent, one column an item; ``first`` marks group a. The numbers
    are those of ``differences.welch``, ``hedges_g``, ``brunner_munzel`` and
    ``ranks.mann_whitney`` (asymptotic, no continuity correction), which say what each is; the
    answers are counted once, so that the cost hardly grows with n. ``effect_interval = False``
    leaves out the limits of g, which take half of the time. People are taken as independent.
    """
    counts = level_counts(as_columns(values), first)
    return _compared(
        counts,
        len(counts.a),
        confidence_level=confidence_level,
        method=method,
        effect_interval=effect_interval,
    )


def compare_items_by_cluster(
    values: np.ndarray,
    first: np.ndarray,
    cluster: np.ndarray,
    *,
    confidence_level: float = 0.95,
    method: AdjustMethod = "holm",
    effect_interval: bool = True,
) -> tuple[np.ndarray, ItemComparisons]:
    """Cluster labels, and ``compare_items`` within each cluster; p adjusted within a cluster."""
    values = as_columns(values)
    labels, counts = level_counts_by_cluster(values, first, cluster)
    compared = _compared(
        counts,
        values.shape[1],
        confidence_level=confidence_level,
        method=method,
        effect_interval=effect_interval,
    )
    return labels, compared


def _compared(
    counts: LevelCounts,
    family: int,
    *,
    confidence_level: float,
    method: AdjustMethod,
    effect_interval: bool,
) -> ItemComparisons:
    groups = two_groups.moments_of(counts)
    welch = two_groups.welch_columns(groups, confidence_level=confidence_level)
    adjusted = [adjust_p_values(row, method=method) for row in welch["p_value"].reshape(-1, family)]
    return ItemComparisons(
        mean_difference=welch,
        hedges_g=two_groups.hedges_g_columns(
            groups, confidence_level=confidence_level, with_interval=effect_interval
        ),
        superiority=two_groups.brunner_munzel_columns(counts, confidence_level=confidence_level),
        mann_whitney=ranks.mann_whitney_columns(counts.a, counts.b, counts.n_rows),
        p_adjusted=np.concatenate([np.empty(0), *adjusted]),
    )
