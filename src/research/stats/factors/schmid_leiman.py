"""A general factor beside the group factors."""

from dataclasses import dataclass

import numpy as np

from research.stats.estimates import HEYWOOD
from research.stats.factors.minres import minres


@dataclass(frozen=True, kw_only=True)
class SchmidLeiman:
    """Loadings on a general factor and on what the group factors add; one row an item."""

    general: np.ndarray
    group: np.ndarray  # one column a group factor
    communalities: np.ndarray
    second_order: np.ndarray  # loadings of the group factors on the general one
    note: str


def schmid_leiman(loadings: np.ndarray, factor_correlations: np.ndarray) -> SchmidLeiman:
    """Orthogonal general and group factors that say the same as correlated ones.

    ``loadings`` (the pattern) and ``factor_correlations`` come from an oblique rotation. The
    correlations between the factors get one minimum residual factor of their own. Two factors
    have one correlation only: both load on the general factor by the root of it (psych's
    ``option = "equal"``). One factor is the general one, and nothing is left for a group.
    Agrees with ``psych::schmid``.

    Notes: those of ``minres`` on the factor correlations; ``heywood``: a factor loads by about
    one or more on the general factor; its own group loadings are then small or zero, the
    numbers are those of psych and to be read with care.

    References
    ----------
    Schmid & Leiman (1957), Psychometrika 22, 53-61.
    """
    pattern = np.asarray(loadings, dtype=float)
    correlations = np.atleast_2d(np.asarray(factor_correlations, dtype=float))
    second_order, note = _second_order(correlations)
    left = np.sqrt(np.maximum(1 - second_order**2, 0))
    return SchmidLeiman(
        general=pattern @ second_order,
        group=pattern * left,
        communalities=np.einsum("ij,jk,ik->i", pattern, correlations, pattern),
        second_order=second_order,
        note=note,
    )


def _second_order(correlations: np.ndarray) -> tuple[np.ndarray, str]:
    """Loadings of the factors on the general factor."""
    if len(correlations) == 1:
        return np.ones(1), ""
    if len(correlations) == 2:
        between = correlations[0, 1]
        root = np.sqrt(np.abs(between))
        note = HEYWOOD if root >= 1 else ""
        return np.array([root, np.sign(between) * root]), note
    found = minres(correlations, 1)
    return found.loadings[:, 0], found.note
