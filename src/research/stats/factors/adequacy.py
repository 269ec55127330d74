"""Do the items share enough for factors, and how many components do they need?

References
----------
Kaiser (1974), Psychometrika 39, 31-36 (measure of sampling adequacy);
Bartlett (1950), Br. J. Psychol. Stat. Sect. 3, 77-85 (test of no correlation at all);
Velicer (1976), Psychometrika 41, 321-327, eq. 9-12 (minimum average partial).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from research.stats.estimates import (
    NO_VARIATION,
    NOT_IDENTIFIED,
    NOT_POSITIVE_DEFINITE,
    TOO_FEW_ANSWERS,
)
from research.stats.factors.exploratory import POSITIVE

NOTHING_LEFT = 1e-10  # of an item's variance: it has no correlation with anything any more
TIE = 1e-10  # averages this close are equal; the fewer components are taken


@dataclass(frozen=True, kw_only=True)
class MinimumAveragePartial:
    """Mean squared partial correlation after taking out 0, 1, 2 ... components."""

    average_squares: np.ndarray  # at index m: after m components; NaN where none is defined
    n_components: float  # where the average is smallest; NaN if nowhere
    note: str


def sampling_adequacy(correlations: np.ndarray, n: float) -> pd.DataFrame:
    """Kaiser-Meyer-Olkin measure overall and per item, and Bartlett's test; one row each.

    ``coefficient`` is ``kmo``, ``kmo_item`` (``item`` is its column number, NaN elsewhere) or
    ``bartlett`` (chi-square in ``statistic``, ``df``, ``p_value``). The measure is the share of
    squared correlations in those plus squared partial correlations: above one half, factors can
    be expected. Bartlett's test asks for correlations of normal answers. Agrees with
    ``psych::KMO`` and ``psych::cortest.bartlett``.

    Notes: ``no_variation`` a correlation is missing; ``not_positive_definite`` no inverse;
    ``not_identified`` nothing correlates (0/0) or there is one item; ``too_few_answers`` n is
    too small for Bartlett's correction.
    """
    matrix = np.atleast_2d(np.asarray(correlations, dtype=float))
    p = len(matrix)
    note = _why_not(matrix)
    measure = np.full(p + 1, np.nan)
    if not note:
        inverse = np.linalg.inv(matrix)
        scale = np.sqrt(np.diag(inverse))
        off = ~np.eye(p, dtype=bool)
        squares = np.where(off, matrix, 0.0) ** 2
        partial = np.where(off, inverse / np.outer(scale, scale), 0.0) ** 2
        shared = np.append(squares.sum(), squares.sum(axis=0))
        left = np.append(partial.sum(), partial.sum(axis=0))
        np.divide(shared, shared + left, out=measure, where=shared > 0)
    notes = [note or (NOT_IDENTIFIED if np.isnan(value) else "") for value in measure]
    table = pd.DataFrame(
        {
            "coefficient": ["kmo", *["kmo_item"] * p, "bartlett"],
            "item": [np.nan, *range(p), np.nan],
            "estimate": [*measure, np.nan],
        }
    )
    statistic, df, p_value, why = _bartlett(matrix, n, note)
    for name, value in (("statistic", statistic), ("df", df), ("p_value", p_value)):
        table[name] = [*[np.nan] * (p + 1), value]
    return table.assign(note=[*notes, why])


def _why_not(matrix: np.ndarray) -> str:
    """Reason why a matrix has no usable inverse, or nothing."""
    if np.isnan(matrix).any():
        return NO_VARIATION
    if len(matrix) < 2:
        return NOT_IDENTIFIED
    return NOT_POSITIVE_DEFINITE if np.linalg.eigvalsh(matrix)[0] < POSITIVE else ""


def _bartlett(matrix: np.ndarray, n: float, note: str) -> tuple[float, float, float, str]:
    """Chi-square, df and p-value of no correlation at all."""
    p = len(matrix)
    factor = n - 1 - (2 * p + 5) / 6
    if not note and not factor > 0:
        note = TOO_FEW_ANSWERS
    if note:
        return np.nan, np.nan, np.nan, note
    df = p * (p - 1) / 2
    statistic = max(-np.linalg.slogdet(matrix)[1] * factor, 0.0)
    return statistic, df, float(special.chdtrc(df, statistic)), ""


def minimum_average_partial(correlations: np.ndarray) -> MinimumAveragePartial:
    """Number of components after which the items have least in common (Velicer's MAP).

    The original average of squared partial correlations, from no component (left out by
    ``psych::vss``, which agrees from one on) to two fewer than there are items; with one fewer
    every partial correlation is plus or minus one. Squares, not fourth powers.

    Notes: ``no_variation`` a correlation is missing; ``not_identified`` fewer than two items;
    ``not_positive_definite``: after so many components an item has nothing left, or an
    eigenvalue is not positive; the averages from there on are NaN, the minimum that of the rest.
    """
    matrix = np.atleast_2d(np.asarray(correlations, dtype=float))
    p = len(matrix)
    averages = np.full(max(p - 1, 1), np.nan)
    note = NO_VARIATION if np.isnan(matrix).any() else NOT_IDENTIFIED if p < 2 else ""
    if note:
        return MinimumAveragePartial(average_squares=averages, n_components=np.nan, note=note)
    values, vectors = np.linalg.eigh(matrix)
    values, components = values[::-1], (vectors * np.sqrt(np.maximum(values, 0)))[:, ::-1]
    left = matrix.copy()
    for m in range(p - 1):
        variance = np.diag(left)
        if variance.min() < NOTHING_LEFT or values[m] < NOTHING_LEFT:
            note = NOT_POSITIVE_DEFINITE
            break
        partial = left / np.sqrt(np.outer(variance, variance))
        averages[m] = ((partial**2).sum() - p) / (p * (p - 1))
        left = left - np.outer(components[:, m], components[:, m])
    if values[-1] < POSITIVE:
        note = NOT_POSITIVE_DEFINITE
    least = np.flatnonzero(averages <= np.nanmin(averages) + TIE)[0]
    return MinimumAveragePartial(average_squares=averages, n_components=float(least), note=note)
