"""A factor model in one or several groups: its parameters, the moments it implies, derivatives."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, get_args

import numpy as np

from research.errors import require_choice
from research.stats.estimates import HEYWOOD

Parametrisation = Literal["continuous", "delta", "theta"]
PARAMETRISATIONS: tuple[str, ...] = get_args(Parametrisation)

# The kinds of parameters. ``scale`` is the inverse SD of the latent response (delta
# parametrisation); ``residual`` a residual variance (theta parametrisation and continuous items).
LOADING, INTERCEPT, THRESHOLD = "loading", "intercept", "threshold"
RESIDUAL, SCALE = "residual", "scale"
FACTOR_COVARIANCE, FACTOR_MEAN = "factor_covariance", "factor_mean"

# Eigenvalues of the scaled information below this share of the largest: a direction in which the
# parameters can move without changing what the model implies.
SINGULAR = 1e-9


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """A table in arrays: one entry an element of a model matrix in one group.

    ``row`` and ``column`` say where in the matrix: item and factor of a loading, two factors of a
    factor covariance (once, row >= column), position among all thresholds for a threshold.
    ``free`` is the number of the free parameter behind the entry, -1 for a fixed one; entries with
    the same number are held equal. ``value`` is the fixed value or where estimation starts.
    """

    kind: np.ndarray
    group: np.ndarray
    row: np.ndarray
    column: np.ndarray
    free: np.ndarray
    value: np.ndarray

    @property
    def n_free(self) -> int:
        return int(self.free.max()) + 1

    @cached_property
    def selection(self) -> np.ndarray:
        """Which free parameter stands behind which entry: entries x free parameters, 0 and 1."""
        chosen = np.zeros((len(self.free), self.n_free))
        moving = np.flatnonzero(self.free >= 0)
        chosen[moving, self.free[moving]] = 1.0
        return chosen

    def start(self) -> np.ndarray:
        """Starting values of the free parameters: the mean over the entries held equal."""
        return (self.selection.T @ self.value) / self.selection.sum(axis=0)

    def filled(self, free_values: np.ndarray) -> np.ndarray:
        """Value of every entry when the free parameters have these values."""
        values = self.value.copy()
        moving = self.free >= 0
        values[moving] = free_values[self.free[moving]]
        return values

    def where(
        self, kind: str, *, group: int | None = None, rows: Sequence[int] | None = None
    ) -> np.ndarray:
        """Boolean mask of the entries of a kind, of one group, of some items or factors."""
        chosen = self.kind == kind
        if group is not None:
            chosen &= self.group == group
        if rows is not None:
            chosen &= np.isin(self.row, np.asarray(rows, dtype=int))
        return chosen

    def starting_from(self, value: np.ndarray) -> "Parameters":
        """The same table with other values: fixed ones keep theirs."""
        return replace(self, value=np.where(self.free >= 0, value, self.value))


@dataclass(frozen=True, kw_only=True)
class FactorModel:
    """Which items load on which factors, in how many groups, and the parameters.

    ``threshold_item`` is the item of each threshold, the same in all groups; empty for continuous
    items.
    """

    n_items: int
    n_factors: int
    n_groups: int
    parametrisation: Parametrisation
    threshold_item: np.ndarray
    parameters: Parameters

    def __post_init__(self) -> None:
        require_choice("parametrisation", self.parametrisation, PARAMETRISATIONS)

    def matrices(self, values: np.ndarray, group: int) -> "Matrices":
        """The model matrices of one group, given the value of every entry."""
        table = self.parameters
        p, m = self.n_items, self.n_factors
        found = Matrices(
            loadings=np.zeros((p, m)),
            factor_covariances=np.zeros((m, m)),
            factor_means=np.zeros(m),
            intercepts=np.zeros(p),
            thresholds=np.zeros(len(self.threshold_item)),
            residuals=np.zeros(p),
            scales=np.ones(p),
        )
        places = {
            LOADING: found.loadings,
            INTERCEPT: found.intercepts,
            THRESHOLD: found.thresholds,
            RESIDUAL: found.residuals,
            SCALE: found.scales,
            FACTOR_COVARIANCE: found.factor_covariances,
            FACTOR_MEAN: found.factor_means,
        }
        for kind, place in places.items():
            here = table.where(kind, group=group)
            row, column = table.row[here], table.column[here]
            if place.ndim == 1:
                place[row] = values[here]
            else:
                place[row, column] = values[here]
                if kind == FACTOR_COVARIANCE:
                    place[column, row] = values[here]
        return found


@dataclass(frozen=True, kw_only=True)
class Matrices:
    """Matrices of a factor model in one group; items in rows of ``loadings``."""

    loadings: np.ndarray
    factor_covariances: np.ndarray
    factor_means: np.ndarray
    intercepts: np.ndarray
    thresholds: np.ndarray
    residuals: np.ndarray
    scales: np.ndarray

    @property
    def common(self) -> np.ndarray:
        """Covariances of the items that the factors account for."""
        return self.loadings @ self.factor_covariances @ self.loadings.T

    @property
    def means(self) -> np.ndarray:
        return self.intercepts + self.loadings @ self.factor_means


@dataclass(frozen=True, kw_only=True)
class Moments:
    """What a model implies in one group, and the derivatives with respect to its entries.

    Ordinal items: ``means`` are thresholds and ``covariances`` correlations of latent responses.
    ``d_means`` is entries x means, ``d_covariances`` entries x items x items.
    """

    means: np.ndarray
    covariances: np.ndarray
    d_means: np.ndarray
    d_covariances: np.ndarray


def implied_moments(model: FactorModel, values: np.ndarray, group: int) -> Moments:
    """Means and covariances a model implies in one group, with their derivatives.

    Continuous items: mean nu + Lambda alpha, covariance Lambda Psi Lambda' + Theta. Ordinal
    items: thresholds D (tau - mean) and correlations D Lambda Psi Lambda' D of the latent
    responses, where D is ``scale`` (delta) or one over their SD (theta parametrisation).

    References
    ----------
    Muthen (1984), Psychometrika 49, 115-132, eq. 3-8; Muthen & Asparouhov (2002), Mplus Web
    Notes 4, on the two parametrisations.
    """
    matrices = model.matrices(values, group)
    d_common, d_means = _common_derivatives(model, matrices, group)
    common, means = matrices.common, matrices.means
    table = model.parameters
    if model.parametrisation == "continuous":
        items = np.arange(model.n_items)
        covariances = common.copy()
        covariances[items, items] += matrices.residuals
        here = np.flatnonzero(table.where(RESIDUAL, group=group))
        d_common[here, table.row[here], table.row[here]] += 1.0
        return Moments(
            means=means, covariances=covariances, d_means=d_means, d_covariances=d_common
        )
    scale, d_scale = _scales(model, matrices, d_common, group)
    return _of_latent_responses(
        model, matrices, scale, d_scale, d_common=d_common, d_means=d_means, group=group
    )


def _common_derivatives(
    model: FactorModel, matrices: Matrices, group: int
) -> tuple[np.ndarray, np.ndarray]:
    """Derivatives of Lambda Psi Lambda' and of nu + Lambda alpha, per entry of the table."""
    table, loadings = model.parameters, matrices.loadings
    n_entries, p = len(table.free), model.n_items
    d_common, d_means = np.zeros((n_entries, p, p)), np.zeros((n_entries, p))
    weighted = loadings @ matrices.factor_covariances

    here = np.flatnonzero(table.where(LOADING, group=group))
    item, factor = table.row[here], table.column[here]
    d_common[here, item, :] += weighted[:, factor].T
    d_common[here, :, item] += weighted[:, factor].T
    d_means[here, item] = matrices.factor_means[factor]

    here = np.flatnonzero(table.where(FACTOR_COVARIANCE, group=group))
    first, second = loadings[:, table.row[here]].T, loadings[:, table.column[here]].T
    once = np.einsum("ea,eb->eab", first, second)
    different = (table.row[here] != table.column[here])[:, None, None]
    d_common[here] = once + np.where(different, once.transpose(0, 2, 1), 0.0)

    here = np.flatnonzero(table.where(INTERCEPT, group=group))
    d_means[here, table.row[here]] = 1.0
    here = np.flatnonzero(table.where(FACTOR_MEAN, group=group))
    d_means[here] = loadings[:, table.row[here]].T
    return d_common, d_means


def _scales(
    model: FactorModel, matrices: Matrices, d_common: np.ndarray, group: int
) -> tuple[np.ndarray, np.ndarray]:
    """One over the SD of each latent response, and its derivative per entry."""
    table = model.parameters
    d_scale = np.zeros((len(table.free), model.n_items))
    if model.parametrisation == "delta":
        here = np.flatnonzero(table.where(SCALE, group=group))
        d_scale[here, table.row[here]] = 1.0
        return matrices.scales, d_scale
    variance = np.diag(matrices.common) + matrices.residuals
    d_scale[:] = np.diagonal(d_common, axis1=1, axis2=2)
    here = np.flatnonzero(table.where(RESIDUAL, group=group))
    d_scale[here, table.row[here]] += 1.0
    # A step of the search may leave the model: an impossible variance must not become NaN there.
    scale = np.where(variance > 0, np.abs(variance), np.nan) ** -0.5
    return scale, -0.5 * d_scale * scale**3


def _of_latent_responses(
    model: FactorModel,
    matrices: Matrices,
    scale: np.ndarray,
    d_scale: np.ndarray,
    *,
    d_common: np.ndarray,
    d_means: np.ndarray,
    group: int,
) -> Moments:
    """Thresholds and correlations of the latent responses from everything before scaling."""
    table, item, common = model.parameters, model.threshold_item, matrices.common
    distance = matrices.thresholds - matrices.means[item]
    d_distance = -d_means[:, item]
    here = np.flatnonzero(table.where(THRESHOLD, group=group))
    d_distance[here, table.row[here]] += 1.0
    half = d_scale[:, :, None] * (scale[None, None, :] * common[None])
    correlations = np.outer(scale, scale) * common
    np.fill_diagonal(correlations, 1.0)
    d_correlations = half + half.transpose(0, 2, 1) + np.outer(scale, scale) * d_common
    return Moments(
        means=scale[item] * distance,
        covariances=correlations,
        d_means=d_scale[:, item] * distance + scale[item] * d_distance,
        d_covariances=d_correlations,
    )


@dataclass(frozen=True, kw_only=True)
class FittedModel:
    """What fits of every method share: the model, its samples (one a group) and free parameters.

    ``note`` says why there are no numbers, or (``heywood``) that the solution lies outside what a
    variance can be. A method adds ``covariance`` of the free parameters.
    """

    model: FactorModel
    samples: Sequence
    free: np.ndarray
    note: str

    @property
    def found(self) -> bool:
        """Whether there are numbers."""
        return bool(np.isfinite(self.free).all())

    @property
    def n(self) -> int:
        return sum(sample.n for sample in self.samples)

    @property
    def baseline_df(self) -> int:
        """Degrees of freedom of the model in which the items are independent."""
        p = self.model.n_items
        return self.model.n_groups * p * (p - 1) // 2

    @cached_property
    def values(self) -> np.ndarray:
        """Value of every entry of the parameter table."""
        return self.model.parameters.filled(self.free)

    def matrices(self, group: int = 0) -> Matrices:
        return self.model.matrices(self.values, group)

    @property
    def standard_errors(self) -> np.ndarray:
        """Standard error of each free parameter."""
        return np.sqrt(np.diag(self.covariance))


def is_singular(information: np.ndarray) -> bool:
    """Return whether some direction of the free parameters cannot be told from the moments."""
    size = np.sqrt(np.abs(np.diag(information)))
    if not np.isfinite(information).all() or (size == 0).any():
        return True
    eigenvalues = np.linalg.eigvalsh(information / np.outer(size, size))
    return bool(eigenvalues[0] < SINGULAR * eigenvalues[-1])


def heywood_note(model: FactorModel, values: np.ndarray) -> str:
    """HEYWOOD where a residual variance is negative or factors correlate beyond one, else ""."""
    for group in range(model.n_groups):
        matrices = model.matrices(values, group)
        residuals = matrices.residuals
        if model.parametrisation == "delta":
            residuals = matrices.scales**-2.0 - np.diag(matrices.common)
        factors = np.linalg.eigvalsh(matrices.factor_covariances)
        if (residuals < 0).any() or factors[0] <= 0:
            return HEYWOOD
    return ""
