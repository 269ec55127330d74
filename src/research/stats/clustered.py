"""Means and mean differences of people nested in clusters, with CR2 standard errors.

For a mean per group the CR2 adjustment of Bell & McCaffrey has a closed form: within a cluster
the hat matrix is a constant block per group, so its inverse square root only rescales the
cluster's residual sum. That is what makes all items at once a matter of sums over clusters.
"""

import numpy as np
import pandas as pd

from research.errors import require_choice
from research.stats.differences import ALTERNATIVES, Alternative
from research.stats.estimates import (
    LOW_DF,
    NO_VARIATION,
    TOO_FEW_ANSWERS,
    TOO_FEW_CLUSTERS,
    as_columns,
)
from research.stats.groups import cluster_codes, sum_by
from research.stats.two_groups import Columns, student

# Below four degrees of freedom the Satterthwaite t is itself unreliable (Tipton 2015, p. 388).
MINIMUM_RELIABLE_DF = 4.0
ROUNDING = 1e-9  # exactly four, as balanced studies have, comes out a digit below or above


def cr2_difference(
    values: np.ndarray,
    first: np.ndarray,
    cluster: np.ndarray,
    *,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Mean difference a - b per column, with CR2 sandwich and Satterthwaite df.

    Ordinary least squares on the group contrast with an independence working model; people of
    one cluster may depend on each other in any way, and the difference may vary between
    clusters. One row a column of ``values``; unit as the answers. Missing answers are left out,
    item by item. A group that occurs in fewer than two clusters gives NaN, note
    ``too_few_clusters``; below four df the note is ``low_df``. Agrees with
    ``clubSandwich::coef_test(vcov = "CR2", test = "Satterthwaite")``.

    References
    ----------
    Bell & McCaffrey (2002), Surv. Methodol. 28, 169-181; Pustejovsky & Tipton (2018), J. Bus.
    Econ. Stat. 36, 672-683, eq. 5 (CR2) and section 3.1 (df).
    """
    values, first = as_columns(values), np.asarray(first, dtype=bool)
    groups = [_group_sums(values, mask, cluster) for mask in (first, ~first)]
    found = _cr2_columns(groups, signs=(1.0, -1.0), confidence_level=confidence_level)
    n_a, n_b = (group["n"].sum(axis=0).astype(int) for group in groups)
    either = (groups[0]["n"] + groups[1]["n"] > 0).sum(axis=0)
    counts = {"n_a": n_a, "n_b": n_b, "n_clusters": either, "n_dropped": len(values) - n_a - n_b}
    return pd.DataFrame(found | counts)


def cr2_mean(
    values: np.ndarray,
    cluster: np.ndarray,
    *,
    null_value: float = 0.0,
    confidence_level: float = 0.95,
    alternative: Alternative = "two-sided",
) -> pd.DataFrame:
    """Mean minus ``null_value`` per column, with CR2 standard error and Satterthwaite df.

    One row a column of ``values``; unit as the answers. The interval is two-sided whatever the
    ``alternative``. Missing-data rule, notes and sources as in ``cr2_difference``.
    """
    require_choice("alternative", alternative, ALTERNATIVES)
    values = as_columns(values)
    group = _group_sums(values - null_value, np.ones(len(values), dtype=bool), cluster)
    found = _cr2_columns(
        [group],
        signs=(1.0,),
        confidence_level=confidence_level,
        one_sided=alternative == "greater",
    )
    n = group["n"].sum(axis=0).astype(int)
    clusters = (group["n"] > 0).sum(axis=0)
    return pd.DataFrame(found | {"n_a": n, "n_clusters": clusters, "n_dropped": len(values) - n})


def too_few_df(df: np.ndarray) -> np.ndarray:
    """Whether df are so few that Satterthwaite's t is itself unreliable; False for NaN."""
    return df < MINIMUM_RELIABLE_DF - ROUNDING


def _group_sums(values: np.ndarray, mask: np.ndarray, cluster: np.ndarray) -> dict[str, np.ndarray]:
    """Return per cluster and column: n and residual sum; per column: total n and mean."""
    labels, codes = cluster_codes(cluster)
    n_codes = len(labels)
    chosen = values[mask]
    there = ~np.isnan(chosen)
    n = sum_by(codes[mask], there.astype(float), n_codes)
    total = n.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(there, chosen, 0.0).sum(axis=0) / np.where(total > 0, total, np.nan)
        residuals = np.where(there, chosen - mean, 0.0)
    return {
        "n": n,
        "residual": sum_by(codes[mask], residuals, n_codes),
        "total": total,
        "mean": mean,
    }


def _cr2_columns(
    groups: list[dict[str, np.ndarray]],
    *,
    signs: tuple[float, ...],
    confidence_level: float,
    one_sided: bool = False,
) -> Columns:
    """Return the signed sum of group means with CR2 variance, vectorised over columns."""
    estimate = sum(sign * group["mean"] for sign, group in zip(signs, groups, strict=True))
    with np.errstate(invalid="ignore", divide="ignore"):
        weights = []  # per group: clusters x columns, the constant a_g of w_g = A_g X_g M c
        for sign, group in zip(signs, groups, strict=True):
            share = group["n"] / group["total"]
            adjust = np.where(share < 1, 1 / np.sqrt(1 - np.minimum(share, 1 - 1e-16)), np.nan)
            weights.append(np.where(group["n"] > 0, sign * adjust / group["total"], 0.0))
        meat = sum(w * group["residual"] for w, group in zip(weights, groups, strict=True))
        standard_error = np.sqrt((meat**2).sum(axis=0))
        df = _satterthwaite_df(groups, weights)
    n_least = np.min([group["total"] for group in groups], axis=0)
    clusters_least = np.min([(group["n"] > 0).sum(axis=0) for group in groups], axis=0)
    usable = (clusters_least >= 2) & (n_least >= 2)
    found = student(
        estimate,
        np.where(usable, standard_error, np.nan),
        df,
        confidence_level=confidence_level,
        one_sided=one_sided,
        scale_of=tuple(group["mean"] for group in groups),
    )
    constant = found["note"] != ""
    reasons = [TOO_FEW_ANSWERS, TOO_FEW_CLUSTERS, NO_VARIATION, LOW_DF]
    return found | {
        "note": np.select([n_least < 2, clusters_least < 2, constant, too_few_df(df)], reasons, "")
    }


def _satterthwaite_df(groups: list[dict[str, np.ndarray]], weights: list[np.ndarray]) -> np.ndarray:
    """Return 2 E(V)^2 / Var(V) under the working model, from the matrix of p_g'p_h.

    p_g'p_h = w_g'(I - H)_gh w_h = 1(g = h) D_g - sum_j q_gj q_hj / N_j, with q = n a and
    D_g = sum_j n_gj a_gj^2; trace and Frobenius norm follow without building the matrix.
    """
    diagonal = sum(group["n"] * w**2 for group, w in zip(groups, weights, strict=True))
    products = [group["n"] * w for group, w in zip(groups, weights, strict=True)]
    totals = [group["total"] for group in groups]
    own = sum(q**2 / total for q, total in zip(products, totals, strict=True))
    cross = sum(
        ((qj * qk).sum(axis=0)) ** 2 / (total_j * total_k)
        for qj, total_j in zip(products, totals, strict=True)
        for qk, total_k in zip(products, totals, strict=True)
    )
    trace = (diagonal - own).sum(axis=0)
    squared = (diagonal**2 - 2 * diagonal * own).sum(axis=0) + cross
    return trace**2 / squared
