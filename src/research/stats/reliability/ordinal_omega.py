"""Reliability of the sum of ordinal answers, with the interval that its factor model gives."""

import numpy as np
import pandas as pd
from scipy import special

from research.stats.factors.model import LOADING
from research.stats.factors.ordinal_fit import OrdinalFit
from research.stats.reliability.ordinal import green_yang

# Width of the differences by which omega is differentiated.
DIFFERENCE = 1e-5


def ordinal_omega(fit: OrdinalFit, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Green and Yang's omega of a fitted one-factor model, with its interval; one row.

    ``fit`` is of one group in the delta parametrisation with factor variance 1. The denominator
    is the observed variance of the sum. Interval by the delta method from the asymptotic
    covariance of thresholds and polychoric correlations, on the logit scale, so that it stays
    between 0 and 1. A model that could not be fitted, or an omega outside 0 to 1: NaN and the
    reason.

    References
    ----------
    Green & Yang (2009), Psychometrika 74, 155-167, eq. 21; Raykov (2002), Multivar. Behav. Res.
    37, 89-103, on the delta method for a reliability.
    """
    moments = fit.samples[0]
    if not fit.found:
        return _row(np.nan, np.nan, confidence_level, fit.note)
    pairs = np.triu_indices(len(moments.correlations), 1)
    loadings = fit.matrices().loadings[:, 0]
    sizes = (len(moments.thresholds), len(pairs[0]), len(loadings))
    at = np.concatenate([moments.thresholds, moments.correlations[pairs], loadings])

    def omega(values: np.ndarray) -> pd.Series:
        thresholds, below, slopes = np.split(values, np.cumsum(sizes)[:2])
        correlations = np.eye(len(loadings))
        correlations[pairs] = correlations.T[pairs] = below
        table = green_yang(thresholds, moments.threshold_item, slopes, correlations)
        return table.loc[table["denominator"] == "observed"].iloc[0]

    found = omega(at)
    if np.isnan(found["estimate"]):
        return _row(np.nan, np.nan, confidence_level, found["note"])
    moves = DIFFERENCE * np.eye(len(at))
    slopes = [omega(at + move)["estimate"] - omega(at - move)["estimate"] for move in moves]
    gradient = np.array(slopes) / (2 * DIFFERENCE)
    of_moments, of_loadings = np.split(gradient, [sizes[0] + sizes[1]])
    table = fit.model.parameters
    follow = fit.bread @ (fit.weights[:, None] * fit.jacobian).T
    of_moments = of_moments + of_loadings @ follow[table.free[table.where(LOADING)]]
    error = np.sqrt(of_moments @ moments.covariance @ of_moments / moments.n)
    return _row(found["estimate"], error, confidence_level, found["note"])


def _row(estimate: float, error: float, confidence_level: float, note: str) -> pd.DataFrame:
    """One row with the interval on the logit scale; none where omega is not between 0 and 1."""
    half = special.ndtri(0.5 + confidence_level / 2) * error
    inside = 0 < estimate < 1
    limits = np.full(2, np.nan)
    if inside and np.isfinite(half):
        spread = half / (estimate * (1 - estimate))
        limits = special.expit(special.logit(estimate) + np.array([-spread, spread]))
    return pd.DataFrame(
        {
            "estimate": [estimate],
            "ci_low": [limits[0]],
            "ci_high": [limits[1]],
            "confidence_level": [confidence_level],
            "standard_error": [error],
            "note": [note],
        }
    )
