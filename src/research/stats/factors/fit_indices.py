"""How well does a factor model reproduce the answers? Indices as lavaan prints them."""

from dataclasses import dataclass

import numpy as np
from scipy import special

RMSEA_LEVEL = 0.90


@dataclass(frozen=True, kw_only=True)
class TestStatistic:
    """A chi-square statistic with its degrees of freedom, and the one of the independence model.

    ``n`` is the number that multiplies the misfit in RMSEA: people for maximum likelihood, people
    minus groups for least squares.
    """

    chi_square: float
    df: float
    baseline_chi_square: float
    baseline_df: float
    n: float
    n_groups: int

    @property
    def p_value(self) -> float:
        """Upper tail of chi-square; NaN for a model without degrees of freedom."""
        return float(special.chdtrc(self.df, self.chi_square)) if self.df > 0 else np.nan


def comparative_fit(test: TestStatistic) -> float:
    """CFI: share of the independence model's misfit that the model removes.

    References
    ----------
    Bentler (1990), Psychol. Bull. 107, 238-246, eq. 12.
    """
    misfit = max(test.chi_square - test.df, 0.0)
    worst = max(misfit, test.baseline_chi_square - test.baseline_df)
    return 1.0 - misfit / worst if worst > 0 else 1.0


def tucker_lewis(test: TestStatistic) -> float:
    """TLI: the same with a price on parameters; NaN without degrees of freedom.

    References
    ----------
    Tucker & Lewis (1973), Psychometrika 38, 1-10, eq. 12.
    """
    if test.df <= 0 or test.baseline_df <= 0:
        return np.nan
    baseline = test.baseline_chi_square / test.baseline_df
    return (baseline - test.chi_square / test.df) / (baseline - 1.0) if baseline != 1 else np.nan


def rmsea(test: TestStatistic) -> float:
    """Root mean square error of approximation, per degree of freedom.

    With several groups times the square root of their number (Steiger 1998), as lavaan and Mplus.

    References
    ----------
    Steiger (1990), Multivar. Behav. Res. 25, 173-180; Steiger (1998), Struct. Equ. Modeling 5,
    411-419, eq. 8.
    """
    return _rmsea_of(test, test.chi_square - test.df, test.df)


def rmsea_of_cost(test: TestStatistic, statistic: float, df: float) -> float:
    """RMSEA of what restrictions cost, ``statistic`` on ``df``; 0 where less than chance.

    ``test`` is of the restricted model: its people and its groups.

    References
    ----------
    Savalei, Brace & Fouladi (2023), on the RMSEA of a difference.
    """
    return _rmsea_of(test, statistic - df, df)


def rmsea_interval(test: TestStatistic) -> tuple[float, float]:
    """Limits of the 90 % interval of RMSEA, from the noncentral chi-square distribution.

    References
    ----------
    Browne & Cudeck (1993), in Testing structural equation models, 136-162, eq. 15-16.
    """
    tail = (1 - RMSEA_LEVEL) / 2
    low = _noncentrality(test, 1 - tail)
    high = _noncentrality(test, tail)
    return _rmsea_of(test, low, test.df), _rmsea_of(test, high, test.df)


def _rmsea_of(test: TestStatistic, noncentrality: float, df: float) -> float:
    if not df > 0 or np.isnan(noncentrality):
        return np.nan
    return float(np.sqrt(test.n_groups * max(noncentrality, 0.0) / (df * test.n)))


def _noncentrality(test: TestStatistic, probability: float) -> float:
    """Noncentrality under which a statistic up to the one seen has this probability."""
    if test.df <= 0 or not np.isfinite(test.chi_square):
        return np.nan
    if special.chdtr(test.df, test.chi_square) < probability:
        return 0.0
    return float(special.chndtrinc(test.chi_square, test.df, probability))


def standardised_residual(residuals: list[np.ndarray], weights: list[float]) -> float:
    """SRMR: root mean square of the standardised residuals, weighted over groups.

    ``residuals`` holds per group every residual moment that counts: correlations below the
    diagonal with the diagonal (zero for ordinal items), and means where the model has them.
    """
    per_group = [np.sqrt(np.mean(r**2)) for r in residuals]
    return float(np.average(per_group, weights=weights))
