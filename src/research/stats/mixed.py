"""Linear mixed model of one answer on role, people nested in organisations, by REML.

The likelihood needs only n, mean and sum of squares per organisation and role, so a fit costs the
same for a hundred people as for a hundred thousand. Slopes and curvatures of the likelihood are
worked out in full, not approximated, and the end of the search is judged here (``reml``).
"""

from typing import Literal, get_args

import numpy as np
import pandas as pd

from research.errors import require_choice
from research.stats.cells import Cells, sum_cells
from research.stats.clustered import too_few_df
from research.stats.differences import student_table
from research.stats.estimates import (
    LOW_DF,
    NO_CONVERGENCE,
    NO_VARIATION,
    NOT_IDENTIFIED,
    TOO_FEW_ANSWERS,
    TOO_FEW_CLUSTERS,
)
from research.stats.reml import CELL_DESIGN, Likelihood, Point, maximise

Random = Literal["intercept", "slope"]
RANDOM: tuple[str, ...] = get_args(Random)
# A variance between organisations estimated as zero, or a correlation of exactly one.
BOUNDARY_VARIANCE = "boundary_variance"
# As lme4::isSingular: a standard deviation below this share of the residual one is zero.
SINGULAR = 1e-4
MINIMUM_GAPS = 3
NUMBERS = (
    "estimate", "standard_error", "df", "sd_intercept", "sd_gap", "correlation", "sd_residual",
    "icc", "log_likelihood",
)  # fmt: skip


def mixed_difference(
    values: np.ndarray,
    first: np.ndarray,
    cluster: np.ndarray,
    *,
    random: Random = "intercept",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Mean difference a - b per column from a linear mixed model with organisation effects.

    ``random="intercept"``: organisations differ in level; ``"slope"``: also in the gap, freely
    correlated. One row a column of ``values``; unit as the answers; test and interval with
    Satterthwaite's df. ``sd_intercept`` is the SD of the level of group b between organisations,
    ``sd_gap`` that of the gap, ``icc`` the share of organisations in the variance (with a slope:
    averaged over the people), ``log_likelihood`` the restricted one. Missing answers are left
    out.

    Notes: ``boundary_variance`` where a variance between organisations is estimated as zero or
    the correlation as plus or minus one (lme4: singular fit); the values stand. NaN with
    ``not_identified`` where one answer a role and organisation leaves nothing to tell the gap's
    variance from the residual, ``no_variation`` where answers do not vary within organisations,
    ``too_few_clusters`` with fewer than two organisations (a slope: three with both roles),
    ``no_convergence`` where the search did not end in a maximum. ``low_df`` below four df.

    References
    ----------
    Bates, Maechler, Bolker & Walker (2015), J. Stat. Softw. 67(1), eq. 41-42 (REML);
    Kuznetsova, Brockhoff & Christensen (2017), J. Stat. Softw. 82(13), section 2.2 (df);
    Johnson (2014), Methods Ecol. Evol. 5, 944-946, eq. 10 (ICC with a slope). Agrees with
    ``lmerTest::lmer``, whose df rest on numerical derivatives; ours are exact. statsmodels'
    MixedLM with ``lbfgs`` can report an infinite likelihood as converged.
    """
    require_choice("random", random, RANDOM)
    cells = sum_cells(values, first, cluster)
    notes = _reasons(cells, random)
    found = pd.DataFrame(np.nan, index=range(len(notes)), columns=list(NUMBERS))
    for column in np.flatnonzero(notes == ""):
        fit, notes[column] = _fit(cells, column, random)
        found.loc[column, list(fit)] = list(fit.values())
    table = student_table(
        *(found[name].to_numpy() for name in ("estimate", "standard_error", "df")),
        confidence_level=confidence_level,
    )
    low = (notes == "") & too_few_df(found["df"].to_numpy())
    n_a, n_b = (n.sum(axis=0).astype(int) for n in cells.n)
    return pd.concat([table, found[list(NUMBERS[3:])]], axis=1).assign(
        n_a=n_a,
        n_b=n_b,
        n_clusters=(cells.n.sum(axis=0) > 0).sum(axis=0),
        n_dropped=cells.asked.sum() - n_a - n_b,
        note=np.where(low, LOW_DF, notes),
    )


def _reasons(cells: Cells, random: Random) -> np.ndarray:
    """Return per column why the model cannot be fitted; "" where it can."""
    n, there = cells.n, cells.n > 0
    filled, shared = there.sum(axis=(0, 1)), there.all(axis=0)
    organisations = there.any(axis=0).sum(axis=0)
    within = cells.squares.sum(axis=(0, 1))
    if random == "slope":
        parameters, few = filled, shared.sum(axis=0) < MINIMUM_GAPS
    else:
        # Organisation effects and, where a role is not tied to organisations, the gap.
        parameters = organisations + shared.any(axis=0)
        few = (organisations < 2) | (parameters < 3)
        within = within + _gap_squares(cells, shared)
    return np.select(
        [
            n.sum(axis=1).min(axis=0) < 2,
            few,
            n.sum(axis=(0, 1)) <= parameters,
            ~(within > 0),
        ],
        [TOO_FEW_ANSWERS, TOO_FEW_CLUSTERS, NOT_IDENTIFIED, NO_VARIATION],
        "",
    ).astype(object)


def _gap_squares(cells: Cells, shared: np.ndarray) -> np.ndarray:
    """Return the sum of squares of organisation gaps about their mean; 0 where it is rounding."""
    with np.errstate(invalid="ignore", divide="ignore"):
        weight = np.where(shared, cells.n[0] * cells.n[1] / cells.n.sum(axis=0), 0.0)
        gap = np.where(shared, cells.mean[0] - cells.mean[1], 0.0)
        mean = (weight * gap).sum(axis=0) / np.where(weight.sum(axis=0) > 0, weight.sum(axis=0), 1)
    squares = (weight * np.where(shared, gap - mean, 0.0) ** 2).sum(axis=0)
    size = np.where(shared, np.abs(cells.mean).max(axis=0), 0.0).max(axis=0, initial=0.0)
    noise = weight.sum(axis=0) * (10 * np.finfo(float).eps * size) ** 2
    return np.where(squares > noise, squares, 0.0)


def _fit(cells: Cells, column: int, random: Random) -> tuple[dict[str, float], str]:
    """Return the numbers of one column's model and its note."""
    n_random = RANDOM.index(random) + 1
    likelihood = Likelihood(cells, column, n_random)
    theta = maximise(likelihood)
    if theta is None:
        return {}, NO_CONVERGENCE
    point = likelihood.at(theta)
    residual = point.parts[2] / likelihood.free * likelihood.unit**2
    lower = np.zeros((2, 2))
    lower[0, 0] = theta[0]
    if random == "slope":
        lower[1] = theta[1:]
    psi = (lower @ lower.T) * residual
    sd = np.sqrt(np.diag(psi))
    of_cells = np.diag(CELL_DESIGN @ psi @ CELL_DESIGN.T)
    between = of_cells @ likelihood.n.sum(axis=0) / likelihood.count
    role_gap = likelihood.role_means[0] - likelihood.role_means[1]
    singular = np.min(np.diag(lower)[:n_random]) < SINGULAR
    return {
        "estimate": role_gap + point.coefficients[1] * likelihood.unit,
        "standard_error": np.sqrt(point.covariance[1, 1] * residual),
        "df": _satterthwaite_df(likelihood, point),
        "sd_intercept": sd[0],
        "sd_gap": sd[1] if random == "slope" else np.nan,
        "correlation": np.clip(psi[0, 1] / sd.prod(), -1, 1) if sd.prod() > 0 else np.nan,
        "sd_residual": np.sqrt(residual),
        "icc": between / (between + residual),
        "log_likelihood": -likelihood.deviance(point.parts) / 2,
    }, BOUNDARY_VARIANCE if singular else ""


def _satterthwaite_df(likelihood: Likelihood, point: Point) -> float:
    """Return 2 V^2 / Var(V) of the variance V of the difference, in theta and residual variance.

    Var(V) by the delta method: g'(2 / H)g with H the Hessian of the deviance. A direction in
    which the deviance is flat (a boundary) is left out, as lmerTest does.
    """
    residual = point.parts[2] / likelihood.free
    size = len(point.gradient[2])
    hessian = np.zeros((size + 1, size + 1))
    hessian[:size, :size] = point.hessian[:2].sum(axis=0) + point.hessian[2] / residual
    hessian[:size, size] = hessian[size, :size] = -point.gradient[2] / residual**2
    hessian[size, size] = likelihood.free / residual**2
    slope = np.append(residual * point.covariance_slope[:, 1, 1], point.covariance[1, 1])
    values, vectors = np.linalg.eigh(hessian)
    kept = values > 1e-8 * max(values.max(), 0.0)
    along = vectors[:, kept].T @ slope
    return float((residual * point.covariance[1, 1]) ** 2 / (along**2 / values[kept]).sum())
