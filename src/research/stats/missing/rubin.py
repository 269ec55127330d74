"""One result from several completed data sets: Rubin's rules."""

import numpy as np
import pandas as pd

from research.stats.estimates import t_critical, two_sided_p


def pool(
    estimates: np.ndarray,
    variances: np.ndarray,
    df: np.ndarray,
    *,
    confidence_level: float = 0.95,
    prior_factor: bool = True,
) -> pd.DataFrame:
    """Estimate, standard error and interval over imputations; one row a quantity.

    ``estimates`` and ``variances`` (squared standard errors) are imputations x quantities, or one
    column for one quantity; ``df`` are those of the complete answers, per quantity or, as with
    Satterthwaite's, per imputation and quantity: then their mean. ``within`` and ``between`` are
    the two parts of the variance; ``missing_information`` is the share of what the answers would
    have told that is missing; ``efficiency`` that of this number of imputations against
    infinitely many; ``monte_carlo_error`` the standard error the estimate owes to that number. An
    estimate missing in any imputation gives NaN; a missing variance no interval and no test.

    Equal estimates throughout, as where nothing was imputed: the result of one data set, its df
    included. The df of Barnard & Rubin do not go there: their factor (df + 1) / (df + 3) takes a
    fifth from six df when next to nothing is missing. Without ``prior_factor`` it is left out, so
    that a result moves with what is missing and with nothing else; the df are then at most those
    of the complete answers. ``missing_information`` is that of large samples for the same reason:
    with the df of the complete answers it would be a quarter where five df miss nothing.

    As ``mice::pool.scalar``: df with its ``n``, missing information without. mice takes the share
    of the variance that is between imputations as at least 1e-4.

    References
    ----------
    Rubin (1987), Multiple Imputation for Nonresponse in Surveys, eq. 3.1.2-3.1.8, 3.3.7-3.3.10
    and p. 114 (efficiency); Barnard & Rubin (1999), Biometrika 86, 948-955, eq. 3-5 (df).
    """
    estimates, variances = _as_imputations(estimates), _as_imputations(variances)
    m = len(estimates)
    if m < 2:
        raise ValueError(f"pooling needs at least two imputations, not {m}")
    complete_df = _steady_mean(np.broadcast_to(np.asarray(df, dtype=float), estimates.shape))
    # About the first: equal numbers must give that number, to the last digit.
    estimate, within = _steady_mean(estimates), _steady_mean(variances)
    between = ((estimates - estimate) ** 2).sum(axis=0) / (m - 1)
    extra = (1 + 1 / m) * between
    total = within + extra
    with np.errstate(invalid="ignore", divide="ignore"):
        share, increase = extra / total, extra / within
        large_df = (m - 1) / share**2
        observed_df = complete_df * (1 - share)
        if prior_factor:
            observed_df = observed_df / (1 + 2 / (complete_df + 1))
        both = 1 / (1 / large_df + 1 / observed_df)
        pooled_df = np.where(share > 0, both, np.where(np.isnan(share), np.nan, complete_df))
        information = (increase + 2 / (large_df + 3)) / (1 + increase)
        statistic = estimate / np.sqrt(total)
    half = t_critical(pooled_df, confidence_level) * np.sqrt(total)
    return pd.DataFrame(
        {
            "estimate": estimate,
            "ci_low": estimate - half,
            "ci_high": estimate + half,
            "confidence_level": confidence_level,
            "standard_error": np.sqrt(total),
            "statistic": statistic,
            "df": pooled_df,
            "p_value": two_sided_p(statistic, pooled_df),
            "within": within,
            "between": between,
            "missing_information": information,
            "efficiency": 1 / (1 + information / m),
            "monte_carlo_error": np.sqrt(between / m),
        }
    )


def _as_imputations(values: np.ndarray) -> np.ndarray:
    values = np.asarray(values, dtype=float)
    return values[:, None] if values.ndim == 1 else values


def _steady_mean(values: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.where(
            np.isinf(values[0]), values[0], values[0] + (values - values[0]).mean(axis=0)
        )
