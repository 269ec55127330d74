"""The gap adjusted for other answers: least squares with CR2 standard errors; one-way ANOVA."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from research.stats.clustered import too_few_df
from research.stats.differences import student_table
from research.stats.estimates import (
    LOW_DF,
    NO_VARIATION,
    NOT_IDENTIFIED,
    TOO_FEW_ANSWERS,
    TOO_FEW_CLUSTERS,
    as_columns,
)
from research.stats.groups import cluster_codes, sum_by

INTERCEPT = "(intercept)"
# Smallest to largest singular value of the centred and scaled predictors: below it a predictor is
# rounding of the others. NIST's hardest set (Filip) is at 1e-10 and must be fitted.
RANK_TOLERANCE = 1e-12
REFINEMENTS = 3
# A cluster that alone decides a coefficient has this leverage on it, up to rounding.
FULL_LEVERAGE = 1 - 1e-9


@dataclass(frozen=True, kw_only=True)
class LeastSquares:
    """A fit in full precision: coefficients, residuals, and the triangle of the design."""

    coefficients: np.ndarray
    residuals: np.ndarray
    orthonormal: np.ndarray
    # Columns are the coefficients in terms of ``orthonormal``: (X'X)^-1 = weights.T @ weights.
    weights: np.ndarray
    # The largest of the terms whose difference the residuals are: their rounding goes with it.
    size: float


def cr2_regression(
    outcome: np.ndarray,
    predictors: np.ndarray,
    cluster: np.ndarray,
    *,
    names: Sequence[str],
    intercept: bool = True,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Coefficients of a least-squares regression with CR2 standard errors and Satterthwaite df.

    One row a coefficient (``term``): "(intercept)" first, then ``names``, one a column of
    ``predictors``. With a role column of ones and zeros its coefficient is the gap at equal
    values of the others. ``standard_error``, test and interval allow people of one cluster to
    depend on each other in any way; ``classical_standard_error`` takes them as independent.
    ``residual_sd`` and ``r_squared`` (without intercept: about zero) belong to the whole model.
    Rows with a missing value are left out whole and counted in ``n_dropped``.

    Notes: a design of deficient rank (a predictor that is constant or follows from the others)
    gives NaN and ``not_identified``; no more rows than coefficients ``too_few_answers``; residuals
    that are rounding noise, or a coefficient the same in every cluster, ``no_variation``; a
    coefficient decided within one cluster (a role found in one organisation only) or one cluster
    in all ``too_few_clusters``: clubSandwich gives a number there that is too small, or zero.
    Below four df ``low_df``.

    References
    ----------
    Pustejovsky & Tipton (2018), J. Bus. Econ. Stat. 36, 672-683, eq. 5 and 11; Bjorck (1967), BIT
    7, 257-278 (refinement). Agrees with ``clubSandwich::coef_test(vcov = "CR2")`` on ``lm`` with
    predictors of like scale; where scales differ by a million clubSandwich 0.5.8 loses all but
    two digits of the standard error, ours does not depend on the scale.
    """
    outcome, predictors = np.asarray(outcome, dtype=float), as_columns(predictors)
    if len(names) != predictors.shape[1]:
        raise ValueError(f"{predictors.shape[1]} predictors need as many names, not {list(names)}")
    complete = ~(np.isnan(outcome) | np.isnan(predictors).any(axis=1))
    terms = [INTERCEPT, *names] if intercept else list(names)
    y, x, labels = outcome[complete], predictors[complete], np.asarray(cluster)[complete]
    names_of_clusters, codes = cluster_codes(labels)
    n_clusters = len(names_of_clusters)
    fit = least_squares(y, x, intercept=intercept) if len(y) > len(terms) else None
    if fit is None:
        empty = np.full(len(terms), np.nan)
        table = student_table(empty, empty, empty, confidence_level=confidence_level).assign(
            classical_standard_error=np.nan,
            residual_sd=np.nan,
            r_squared=np.nan,
            note=NOT_IDENTIFIED if len(y) > len(terms) else TOO_FEW_ANSWERS,
        )
    else:
        table = _cr2(fit, y, codes, intercept=intercept, confidence_level=confidence_level)
    table.insert(0, "term", terms)
    return table.assign(n_a=len(y), n_clusters=n_clusters, n_dropped=len(outcome) - len(y))


def least_squares(
    outcome: np.ndarray, predictors: np.ndarray, *, intercept: bool = True
) -> LeastSquares | None:
    """Least-squares fit of complete rows; None where the predictors are not independent.

    QR of the centred and scaled predictors, then refinement of coefficients and residuals
    together with sums in extended precision (where the machine has it).
    """
    wide = predictors.astype(np.longdouble)
    middle = wide.mean(axis=0) if intercept else np.zeros(wide.shape[1], dtype=np.longdouble)
    centred = wide - middle
    scale = np.sqrt((centred**2).sum(axis=0))
    size = np.sqrt((wide**2).sum(axis=0))
    if not np.all(scale > RANK_TOLERANCE * size):
        return None
    design = centred / scale
    if intercept:
        root = np.sqrt(np.longdouble(len(outcome)))
        design = np.column_stack([np.full(len(outcome), 1 / root), design])
    singular = np.linalg.svd(design.astype(float), compute_uv=False)
    if len(singular) and singular[-1] < RANK_TOLERANCE * singular[0]:
        return None
    q, r = np.linalg.qr(design.astype(float))
    scaled, residuals = _refined(outcome.astype(np.longdouble), design, q, r)
    # From the centred and scaled coefficients back to those of the predictors as given.
    back = np.diag(1 / (np.append(root, scale) if intercept else scale))
    if intercept:
        back[0, 1:] = -middle / scale
    weights = np.linalg.solve(r.T, back.T.astype(float))
    coefficients = (back @ scaled).astype(float)
    terms = np.abs(predictors).max(axis=0) * np.abs(coefficients[int(intercept) :])
    return LeastSquares(
        coefficients=coefficients,
        residuals=residuals.astype(float),
        orthonormal=q,
        weights=weights,
        size=float(max(np.abs(outcome).max(), terms.sum())),
    )


def _refined(
    y: np.ndarray, x: np.ndarray, q: np.ndarray, r: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and residuals solving r + X b = y, X'r = 0, refined in extended precision."""
    b = np.zeros(x.shape[1], dtype=np.longdouble)
    residual = y.copy()
    for _ in range(1 + REFINEMENTS):
        from_sum = (y - residual - x @ b).astype(float)
        from_angle = -(x.T @ residual).astype(float)
        inner = np.linalg.solve(r.T, from_angle)
        projected = q.T @ from_sum
        residual = residual + (from_sum - q @ projected) + q @ inner
        b = b + np.linalg.solve(r, projected - inner)
    return b, residual


def _cr2(
    fit: LeastSquares,
    y: np.ndarray,
    codes: np.ndarray,
    *,
    intercept: bool,
    confidence_level: float,
) -> pd.DataFrame:
    """Test every coefficient with the CR2 variance, from p x p sums per cluster.

    Within a cluster I - H has eigenvalues 1 - l on the columns of its design, l those of Q'Q;
    its inverse square root is T = U (1 - l)^-1/2 U' there, so no n x n matrix is needed.
    """
    q, weights = fit.orthonormal, fit.weights
    (n, p), n_clusters = q.shape, codes.max() + 1
    gram = sum_by(codes, (q[:, :, None] * q[:, None, :]).reshape(n, p * p), n_clusters)
    gram = gram.reshape(n_clusters, p, p)
    leverage, axes = np.linalg.eigh(gram)
    alone = leverage > FULL_LEVERAGE
    root = np.where(alone, 0.0, 1 / np.sqrt(np.where(alone, 1.0, 1 - leverage)))
    adjust = np.einsum("jab,jb,jcb->jac", axes, root, axes)
    pulled = sum_by(codes, q * fit.residuals[:, None], n_clusters)
    score = np.einsum("jab,jb,ak->jk", adjust, pulled, weights)
    standard_error = np.sqrt((score**2).sum(axis=0))
    df = _satterthwaite_df(gram, adjust, weights)
    length = np.sqrt((weights**2).sum(axis=0))
    # A direction that only one cluster knows: its residuals there are zero by construction.
    share = np.einsum("jab,ak->jbk", axes, weights / length)
    decided = (alone[:, :, None] & (np.abs(share) > 1e-6)).any(axis=(0, 1)) | (n_clusters < 2)
    squares = fit.residuals @ fit.residuals
    spread = np.sqrt(squares / (n - p))
    table = student_table(
        fit.coefficients,
        np.where(decided, np.nan, standard_error),
        df,
        confidence_level=confidence_level,
        # Where every cluster says the same, or nothing is left over, it is rounding of this size.
        scale_of=(length * fit.size * np.sqrt(n),),
    )
    note = np.select(
        [decided, table["note"] != "", too_few_df(df)],
        [TOO_FEW_CLUSTERS, table["note"], LOW_DF],
        "",
    )
    around = y - y.mean() if intercept else y
    total = around @ around
    varies = total > n * (10 * np.finfo(float).eps * np.abs(y).max()) ** 2
    return table.assign(
        classical_standard_error=spread * length,
        residual_sd=spread,
        r_squared=1 - squares / total if varies else np.nan,
        note=note,
    )


def _satterthwaite_df(gram: np.ndarray, adjust: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return 2 E(V)^2 / Var(V) per coefficient under independent errors.

    p_i'p_j = 1(i = j) w'T S T w - (S_i T_i w)'(S_j T_j w): trace and Frobenius norm of that matrix
    follow from p x p sums.
    """
    turned = np.einsum("jab,bk->jak", adjust, weights)
    seen = np.einsum("jab,jbk->jak", gram, turned)
    own = np.einsum("jak,jak->jk", turned, seen)
    lost = (seen**2).sum(axis=1)
    cross = (np.einsum("jak,jbk->kab", seen, seen) ** 2).sum(axis=(1, 2))
    trace = (own - lost).sum(axis=0)
    squared = (own**2 - 2 * own * lost).sum(axis=0) + cross
    with np.errstate(invalid="ignore", divide="ignore"):
        return trace**2 / squared


def one_way_anova(values: np.ndarray, group: np.ndarray) -> pd.DataFrame:
    """Between and within mean squares per column, with the F-test that all group means are equal.

    One row a column of ``values``; ``estimate`` is the share of the sum of squares between groups
    (R squared, eta squared). Missing answers are left out; groups without answers do not count.
    Fewer than two groups, or no more answers than groups: NaN with ``too_few_clusters`` or
    ``too_few_answers``; no variation within groups: ``no_variation``. Sums are taken about one of
    the answers and corrected for rounding, so that many equal leading digits cost no precision.

    References
    ----------
    Fisher (1925), Statistical Methods for Research Workers, section 40. Agrees with
    ``stats::anova(lm(values ~ group))``.
    """
    values = as_columns(values)
    groups, codes = cluster_codes(group)
    n_groups = len(groups)
    there = ~np.isnan(values)
    level = np.where(there, values, -np.inf).max(axis=0, initial=-np.inf)
    level = np.where(np.isfinite(level), level, 0.0)
    away = np.where(there, values - level, 0.0)
    n = sum_by(codes, there.astype(float), n_groups)
    divisor = np.where(n > 0, n, 1.0)
    mean = sum_by(codes, away, n_groups) / divisor
    residual = np.where(there, away - mean[codes], 0.0)
    left = sum_by(codes, residual, n_groups)
    within = (sum_by(codes, residual**2, n_groups) - left**2 / divisor).sum(axis=0)
    mean = mean + left / divisor
    total, k = n.sum(axis=0), (n > 0).sum(axis=0)
    grand = (n * mean).sum(axis=0) / np.where(total > 0, total, 1.0)
    between = (n * (mean - grand) ** 2).sum(axis=0)
    noise = within <= total * (10 * np.finfo(float).eps * level) ** 2
    note = np.select(
        [total < 2, k < 2, total <= k, noise],
        [TOO_FEW_ANSWERS, TOO_FEW_CLUSTERS, TOO_FEW_ANSWERS, NO_VARIATION],
        "",
    )
    return _anova_table(between, within, total, k, note).assign(
        n_a=total.astype(int), n_clusters=k, n_dropped=len(values) - total.astype(int)
    )


def _anova_table(
    between: np.ndarray, within: np.ndarray, total: np.ndarray, k: np.ndarray, note: np.ndarray
) -> pd.DataFrame:
    tested = note == ""
    df, df_within = np.where(tested, k - 1.0, np.nan), np.where(tested, total - k, np.nan)
    between, within = np.where(tested, between, np.nan), np.where(tested, within, np.nan)
    statistic = between / df / (within / df_within)
    return pd.DataFrame(
        {
            "estimate": between / (between + within),
            "statistic": statistic,
            "df": df,
            "df_within": df_within,
            "p_value": special.fdtrc(df, df_within, statistic),
            "mean_square_between": between / df,
            "mean_square_within": within / df_within,
            "note": note,
        }
    )
