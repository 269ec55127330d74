"""Which factors do the items share, how well do they explain them, and who scores how much?

References
----------
Bartlett (1950), Br. J. Psychol. Stat. Sect. 3, 77-85 (the correction of n in the chi-square);
Steiger (1990), Multivariate Behav. Res. 25, 173-180 (RMSEA and its interval);
Tucker & Lewis (1973), Psychometrika 38, 1-10, eq. 13;
Thurstone (1935), The Vectors of Mind, p. 226 (factor scores by regression).
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from research.stats.estimates import (
    HEYWOOD,
    LOW_DF,
    NO_VARIATION,
    NOT_POSITIVE_DEFINITE,
    TOO_FEW_ANSWERS,
    as_columns,
)
from research.stats.factors.minres import Extraction, degrees_of_freedom, minres
from research.stats.factors.pearson import pearson
from research.stats.factors.rotation import GRADIENT, oblimin

__all__ = [
    "Exploratory",
    "Extraction",
    "FactorScores",
    "exploratory_factors",
    "factor_scores",
    "minres",
]
POSITIVE = 1e-10  # a correlation matrix with a smaller eigenvalue has no usable inverse
CONFIDENCE_LEVEL = 0.90  # of the RMSEA's interval, as everywhere


@dataclass(frozen=True, kw_only=True)
class Exploratory:
    """Obliquely rotated factors and their fit; one row an item, one column a factor."""

    loadings: np.ndarray  # the pattern
    factor_correlations: np.ndarray
    communalities: np.ndarray
    chi_square: float
    df: int
    p_value: float
    rmsea: float
    rmsea_low: float  # of the 90 % interval
    rmsea_high: float
    tli: float
    rms: float  # root mean square of the residual correlations
    note: str


@dataclass(frozen=True, kw_only=True)
class FactorScores:
    """Scores of people on the factors, in standard deviations of the items' sample."""

    scores: np.ndarray  # one row a respondent, in the order of the items' rows
    weights: np.ndarray  # of the standardised items
    squared_correlations: np.ndarray  # of each factor with its scores
    note: str


def exploratory_factors(
    correlations: np.ndarray, n_factors: int, *, n: float, tolerance: float = GRADIENT
) -> Exploratory:
    """Minimum residual factors rotated by direct oblimin, with the fit of that many factors.

    Agrees with ``psych::fa(r, nfactors, n.obs = n)``: loadings, order, signs, chi-square from
    the maximum-likelihood discrepancy with n - 1 - (2p + 5)/6 - 2m/3, RMSEA with n in its first
    and n - 1 in its second term, TLI and ``rms`` (not corrected for df). ``tolerance`` is that
    of ``oblimin``. With a polychoric matrix the chi-square has no known distribution: read
    ``rms`` then.

    Notes as in ``minres`` and ``oblimin``; besides, with loadings but without chi-square:
    ``low_df`` no degree of freedom is left; ``too_few_answers`` n is too small for the
    correction; ``not_positive_definite`` the correlations or the model have no inverse (psych
    smooths them). ``heywood`` goes before these three; the fit may be missing beside it.
    """
    matrix = np.atleast_2d(np.asarray(correlations, dtype=float))
    p = len(matrix)
    extracted = minres(matrix, n_factors)
    rotated = oblimin(extracted.loadings, tolerance=tolerance)
    model = extracted.loadings @ extracted.loadings.T
    np.fill_diagonal(model, 1)
    residual = np.where(np.eye(p, dtype=bool), 0.0, matrix - model)
    rms = np.sqrt((residual**2).sum() / max(p * (p - 1), 1))
    fit, note = _fit(matrix, model, n_factors, n)
    return Exploratory(
        loadings=rotated.loadings,
        factor_correlations=rotated.factor_correlations,
        communalities=extracted.communalities,
        df=degrees_of_freedom(p, n_factors),
        rms=float(rms),
        note=extracted.note or rotated.note or note,
        **fit,
    )


def _fit(
    matrix: np.ndarray, model: np.ndarray, n_factors: int, n: float
) -> tuple[dict[str, float], str]:
    """Fit of the model, NaN with a reason where there is none."""
    names = ("chi_square", "p_value", "rmsea", "rmsea_low", "rmsea_high", "tli")
    nothing = dict.fromkeys(names, np.nan)
    p = len(matrix)
    df = degrees_of_freedom(p, n_factors)
    base = n - 1 - (2 * p + 5) / 6
    factor = base - 2 * n_factors / 3
    if np.isnan(matrix).any() or np.isnan(model).any():
        return nothing, NO_VARIATION  # the extraction has told why
    if df < 1:
        return nothing, LOW_DF
    if factor <= 0:
        return nothing, TOO_FEW_ANSWERS
    if min(np.linalg.eigvalsh(matrix)[0], np.linalg.eigvalsh(model)[0]) < POSITIVE:
        return nothing, NOT_POSITIVE_DEFINITE
    ratio = np.linalg.solve(model, matrix)
    discrepancy = max(np.trace(ratio) - np.linalg.slogdet(ratio)[1] - p, 0.0)
    null = -np.linalg.slogdet(matrix)[1]
    chi_square = factor * discrepancy
    tail = (1 - CONFIDENCE_LEVEL) / 2
    low, high = (_noncentrality(chi_square, df, share) for share in (1 - tail, tail))
    per_df = 2 * null / (p * (p - 1))
    tli = np.nan  # items that do not correlate leave nothing to explain
    if abs(per_df - 1 / factor) > np.finfo(float).eps:
        tli = (per_df - discrepancy / df) / (per_df - 1 / factor)
    return {
        "chi_square": chi_square,
        "p_value": special.chdtrc(df, chi_square),
        "rmsea": np.sqrt(max(chi_square / (df * n) - 1 / (n - 1), 0)),
        "rmsea_low": np.sqrt(low / (n - 1) / df),
        "rmsea_high": np.sqrt(high / (n - 1) / df),
        "tli": tli,
    }, ""


def _noncentrality(chi_square: float, df: int, share: float) -> float:
    """Noncentrality at which that share of the distribution lies below ``chi_square``, or 0."""
    if special.chdtr(df, chi_square) <= share:
        return 0.0
    return float(special.chndtrinc(chi_square, df, share))


def factor_scores(
    items: np.ndarray, loadings: np.ndarray, factor_correlations: np.ndarray
) -> FactorScores:
    """Factor scores of people by regression (Thurstone), each on the person's own row.

    ``items`` is one row a respondent, one column an item, in the order of the ``loadings``'
    rows. Items are standardised with the mean and SD of their own answers and correlated over
    pairs of answers; a person with a missing answer has NaN on their own row, and nobody else
    moves. Same as ``psych::factor.scores(method = "Thurstone")``.

    Notes: ``no_variation`` an item does not vary, ``not_positive_definite`` the items'
    correlations have no inverse (psych takes a pseudo-inverse); then all scores are NaN.
    """
    items, pattern = as_columns(items), as_columns(loadings)
    found = pearson(items).correlations
    nothing = np.full((len(items), pattern.shape[1]), np.nan)
    note = ""
    if np.isnan(found).any():
        note = NO_VARIATION
    elif np.linalg.eigvalsh(found)[0] < POSITIVE:
        note = NOT_POSITIVE_DEFINITE
    if note:
        missing = np.full_like(pattern, np.nan)
        return FactorScores(
            scores=nothing, weights=missing, squared_correlations=missing[0], note=note
        )
    structure = pattern @ np.atleast_2d(factor_correlations)
    weights = np.linalg.solve(found, structure)
    standardised = (items - np.nanmean(items, axis=0)) / np.nanstd(items, axis=0, ddof=1)
    return FactorScores(
        scores=standardised @ weights,
        weights=weights,
        squared_correlations=(weights * structure).sum(axis=0),
        note=HEYWOOD if ((weights * structure).sum(axis=0) > 1).any() else "",
    )
