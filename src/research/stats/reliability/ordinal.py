"""Reliability of ordinal items: of the answers as given, and of the responses behind them."""

import numpy as np
import pandas as pd
from scipy import special

from research.stats.estimates import HEYWOOD, NO_VARIATION, NOT_IDENTIFIED, NOT_POSITIVE_DEFINITE
from research.stats.factors.bivariate_normal import bivariate_normal_cdf
from research.stats.reliability.complete import TOO_FEW_ITEMS
from research.stats.reliability.composite import factor_omega, omega_table, solution_note


def ordinal_alpha(correlations: np.ndarray) -> pd.DataFrame:
    """Ordinal alpha: the standardised alpha of polychoric ``correlations``; one row.

    The alpha of the latent responses behind the answers, not of the scale mean that is reported:
    it is what the items would reach if people could answer without steps (Chalmers 2018). No
    interval.

    Notes
    -----
    A correlation that is not there: ``not_identified``; a sum without variance: ``no_variation``.
    A matrix that is no correlation matrix of anything (a negative eigenvalue, as few answers can
    give) keeps its number, with the note ``not_positive_definite``; psych::polychoric smooths it.

    References
    ----------
    Zumbo, Gadermann & Zeisser (2007), J. Mod. Appl. Stat. Methods 6, 21-29; Chalmers (2018),
    Educ. Psychol. Meas. 78, 1056-1071. ``alpha.ord`` of semTools::reliability.
    """
    correlations = np.asarray(correlations, dtype=float)
    k, alpha, note = len(correlations), np.nan, ""
    if k < 2:
        note = TOO_FEW_ITEMS
    elif not np.isfinite(correlations).all():
        note = NOT_IDENTIFIED
    elif correlations.sum() <= 1e-12 * k:
        note = NO_VARIATION
    else:
        alpha = k / (k - 1) * (1 - k / correlations.sum())
        if np.linalg.eigvalsh(correlations)[0] < -1e-10:
            note = NOT_POSITIVE_DEFINITE
    return pd.DataFrame({"estimate": [alpha], "n_items": [k], "note": [note]})


def latent_omega(loadings: np.ndarray, correlations: np.ndarray) -> pd.DataFrame:
    """Omega of the sum of the latent responses; one row a denominator.

    ``factor_omega`` of standardised ``loadings`` and polychoric ``correlations``:
    semTools::compRelSEM(ord.scale = FALSE). Like ordinal alpha it is about responses nobody gave;
    ``green_yang`` is about the answers. A loading beyond 1: ``heywood``.
    """
    loadings = np.asarray(loadings, dtype=float)
    return factor_omega(loadings, 1 - np.square(loadings), correlations)


def green_yang(
    thresholds: np.ndarray,
    threshold_item: np.ndarray,
    loadings: np.ndarray,
    correlations: np.ndarray,
) -> pd.DataFrame:
    """Green and Yang's omega: reliability of the sum of ordinal answers; one row a denominator.

    The common factor's share in the variance of the sum of the answers as they are scored (steps
    of one), under a one-factor model of the latent responses: both variances follow from the
    probabilities of the bivariate normal distribution beyond pairs of thresholds.

    Parameters
    ----------
    thresholds, threshold_item
        All thresholds, and the column number of the item each belongs to.
    loadings
        Standardised: latent responses and factor have variance 1 (the delta parametrisation of a
        single group). Otherwise multiply by the factor's SD and divide by the response's first,
        and the thresholds likewise.
    correlations
        Polychoric. "observed" takes the variance of the sum from them (default of
        semTools::compRelSEM, ``omega3`` of semTools::reliability); "implied" from the products
        of the loadings (``omega`` and ``omega2`` there).

    Notes
    -----
    An item without thresholds: ``no_variation``. Otherwise as ``factor_omega``.

    References
    ----------
    Green & Yang (2009), Psychometrika 74, 155-167, eq. 21.
    """
    thresholds, loadings, correlations = (
        np.asarray(x, float) for x in (thresholds, loadings, correlations)
    )
    item = np.asarray(threshold_item, dtype=int)
    note = solution_note(loadings, correlations)
    if not note and len(np.unique(item)) < len(loadings):
        note = NO_VARIATION
    elif not note and not np.isfinite(thresholds).all():
        note = NOT_IDENTIFIED
    elif not note and (np.abs(loadings) > 1).any():
        note = HEYWOOD
    if note:
        return omega_table(loadings, np.nan, (np.nan, np.nan), note)
    # Covariances of being above one threshold and above another, by both sets of correlations.
    both = np.stack([np.outer(loadings, loadings), correlations])
    below = special.ndtr(thresholds)
    independent = np.outer(below, below)
    behind = both[:, item[:, None], item]
    common, observed = bivariate_normal_cdf(thresholds[:, None], thresholds, behind) - independent
    of_item = np.minimum(below[:, None], below) - independent
    same_item = item[:, None] == item
    totals = tuple(np.where(same_item, of_item, other).sum() for other in (observed, common))
    return omega_table(loadings, common.sum(), totals, "")
