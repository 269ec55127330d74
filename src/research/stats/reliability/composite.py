"""How much of the variance of a sum of items comes from their one common factor?"""

import numpy as np
import pandas as pd

from research.stats.estimates import HEYWOOD, NO_VARIATION, NOT_IDENTIFIED
from research.stats.reliability.complete import TOO_FEW_ITEMS

# Observed: the variance the sum has. Implied: the variance the model says it has.
DENOMINATORS: tuple[str, ...] = ("observed", "implied")
# The reason to read a reliability with care: it is that of a sum in which an item cancels others.
NEGATIVE_LOADING = "negative_loading"


def factor_omega(
    loadings: np.ndarray, error_variances: np.ndarray, covariance: np.ndarray
) -> pd.DataFrame:
    """Omega of the sum of items from a one-factor solution; one row a denominator.

    The squared sum of ``loadings`` over the variance of the sum: "observed" takes it from the
    observed ``covariance`` (McDonald; the default of semTools::compRelSEM, ``omega3`` of
    semTools::reliability), "implied" adds up the loadings and the ``error_variances`` (Bentler;
    ``omega`` and ``omega2`` there, obs.var = FALSE). Where the model fits, they agree.

    Loadings are those of a factor with variance 1, in the unit of the items, one a column of
    ``covariance``. Fitted by maximum likelihood without the n - 1 correction the covariance must
    be without it too (divided by n), as in lavaan.

    Notes
    -----
    Numbers that are not there: ``not_identified``. A negative error variance, or a share above 1:
    ``heywood``, NaN. An item that loads against the others gives the omega of the sum as it is
    scored, ``negative_loading``; turning all items round changes nothing.

    References
    ----------
    McDonald (1999), Test Theory, chapter 6; Bentler (2009), Psychometrika 74, 137-143.
    """
    loadings, errors, covariance = (
        np.asarray(x, float) for x in (loadings, error_variances, covariance)
    )
    note = solution_note(loadings, covariance)
    if not note and not np.isfinite(errors).all():
        note = NOT_IDENTIFIED
    elif not note and (errors < 0).any():
        note = HEYWOOD
    common = loadings.sum() ** 2
    return omega_table(loadings, common, (covariance.sum(), common + errors.sum()), note)


def solution_note(loadings: np.ndarray, matrix: np.ndarray) -> str:
    """Why there is no omega of these loadings; empty if there may be one."""
    if len(loadings) < 2:
        return TOO_FEW_ITEMS
    known = np.isfinite(loadings).all() and np.isfinite(matrix).all()
    return "" if known else NOT_IDENTIFIED


def omega_table(
    loadings: np.ndarray, common: float, totals: tuple[float, float], note: str
) -> pd.DataFrame:
    """Common over total variance, one row a denominator, NaN where that is no share."""
    estimates, notes = [], []
    signs = np.sign(loadings)
    for total in totals:
        reason = note
        if not reason and not total > 1e-12 * np.square(loadings).sum():
            reason = NO_VARIATION
        elif not reason and common > total * (1 + 1e-12):
            reason = HEYWOOD
        estimates.append(np.nan if reason else common / total)
        mixed = not reason and signs.min() < 0 < signs.max()
        notes.append(NEGATIVE_LOADING if mixed else reason)
    return pd.DataFrame(
        {
            "denominator": DENOMINATORS,
            "estimate": estimates,
            "n_items": len(loadings),
            "note": notes,
        }
    )
