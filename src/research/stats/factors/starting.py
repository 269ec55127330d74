"""Where estimation of a factor model starts: centroid loadings and the observed margins."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from research.stats.factors.model import (
    FACTOR_COVARIANCE,
    INTERCEPT,
    LOADING,
    RESIDUAL,
    SCALE,
    THRESHOLD,
    FactorModel,
)

START_CORRELATION = 0.3


def ordinal_start(
    model: FactorModel, correlations: Sequence[np.ndarray], thresholds: Sequence[np.ndarray]
) -> FactorModel:
    """The model with starting values from each group's polychoric correlations and thresholds."""
    table = model.parameters
    value = table.value.copy()
    for group in range(model.n_groups):
        standardised = _standardised_loadings(model, correlations[group], group)
        stretch = np.ones(model.n_items)
        if model.parametrisation == "theta":  # residual variance 1: everything in its units
            stretch = (1 - standardised**2) ** -0.5
        _set_loadings(model, value, group, standardised * stretch)
        here = table.where(THRESHOLD, group=group)
        value[here] = (thresholds[group] * stretch[model.threshold_item])[table.row[here]]
        for kind in (RESIDUAL, SCALE):
            value[table.where(kind, group=group)] = 1.0
    return replace(model, parameters=table.starting_from(value))


def continuous_start(
    model: FactorModel, means: Sequence[np.ndarray], covariances: Sequence[np.ndarray]
) -> FactorModel:
    """The model with starting values from each group's means and covariances."""
    table = model.parameters
    value = table.value.copy()
    for group in range(model.n_groups):
        sd = np.sqrt(np.diag(covariances[group]))
        correlations = covariances[group] / np.outer(sd, sd)
        standardised = _standardised_loadings(model, correlations, group)
        _set_loadings(model, value, group, standardised * sd)
        here = table.where(INTERCEPT, group=group)
        value[here] = means[group][table.row[here]]
        here = table.where(RESIDUAL, group=group)
        value[here] = (sd**2 * (1 - standardised**2))[table.row[here]]
    return replace(model, parameters=table.starting_from(value))


def _standardised_loadings(model: FactorModel, correlations: np.ndarray, group: int) -> np.ndarray:
    table = model.parameters
    here = table.where(LOADING, group=group)
    factor_of = np.zeros(model.n_items, dtype=int)
    factor_of[table.row[here]] = table.column[here]
    return centroid_loadings(correlations, factor_of)


def _set_loadings(model: FactorModel, value: np.ndarray, group: int, loadings: np.ndarray) -> None:
    """Loadings and factor (co)variances; a loading fixed at 1 hands its size to the variance."""
    table = model.parameters
    here = table.where(LOADING, group=group)
    size = np.ones(model.n_factors)
    fixed = here & (table.free < 0)
    size[table.column[fixed]] = loadings[table.row[fixed]]
    value[here] = loadings[table.row[here]] / size[table.column[here]]
    here = table.where(FACTOR_COVARIANCE, group=group)
    together = size[table.row[here]] * size[table.column[here]]
    value[here] = together * np.where(table.row[here] == table.column[here], 1, START_CORRELATION)


def centroid_loadings(correlations: np.ndarray, factor_of: np.ndarray) -> np.ndarray:
    """A first guess of standardised loadings: each item with the sum of its factor's items.

    References
    ----------
    Thurstone (1947), Multiple-factor analysis, 149-175.
    """
    loadings = np.empty(len(factor_of))
    for factor in np.unique(factor_of):
        items = np.flatnonzero(factor_of == factor)
        within = correlations[np.ix_(items, items)]
        # The first principal axis gives the signs, so that reversed items do not cancel.
        sign = np.where(np.linalg.eigh(within)[1][:, -1] < 0, -1.0, 1.0)
        sign *= np.sign(sign.sum()) or 1.0
        turned = within * np.outer(sign, sign)
        total = max(turned.sum(), 1e-3)
        loadings[items] = sign * np.clip(turned.sum(axis=0) / np.sqrt(total), 0.1, 0.95)
    return loadings
