"""How unlike the others a whole set of answers is: the Mahalanobis distance."""

import numpy as np
from scipy import special

from research.responses.quality.rows import Index, Why, indexed, not_possible

# A correlation matrix with a smaller eigenvalue is taken for singular: its inverse is noise.
EIGENVALUE_MINIMUM = 1e-10
# Numbers in one batch of small systems of equations: 16 megabytes.
BATCH = 2_000_000


def squared_mahalanobis(answers: np.ndarray) -> Index:
    """Squared Mahalanobis distance of each row from the mean of all rows.

    Covariance and mean are of all rows, pairwise where answers are missing. A row with missing
    answers gets the distance of the answers it has, with the part of the covariance that belongs
    to them; without any, NaN. Nobody has a value when the covariance is singular or not positive
    definite: fewer people than activities, an activity everybody answers alike, an activity that
    is the sum of others, or pairs too sparse (``SINGULAR_COVARIANCE``).

    For complete answers equal to R's ``mahalanobis`` and ``careless::mahad``. With missing
    answers the latter (``psych::outlier``) keeps the inverse of the full covariance and puts the
    mean for what is missing, which belongs to no distribution; ours is chi-squared with the
    number of answers. Sign and coding of an activity do not matter.

    References
    ----------
    Mahalanobis (1936). Meade & Craig (2012), Psychological Methods 17, 437-455.
    """
    given = ~np.isnan(answers)
    n_missing = (~given).sum(axis=1)
    count = given.sum(axis=0)
    if len(answers) < 2 or (count < 2).any():
        return not_possible(len(answers), Why.SINGULAR_COVARIANCE)
    centre = np.where(given, answers, 0.0).sum(axis=0) / count
    off = np.where(given, answers - centre, 0.0)
    covariance = _pairwise_covariance(off, given.astype(float))
    scale = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = covariance / np.outer(scale, scale)
    if not np.isfinite(correlation).all() or (
        np.linalg.eigvalsh(correlation).min() <= EIGENVALUE_MINIMUM
    ):
        return not_possible(len(answers), Why.SINGULAR_COVARIANCE)
    precision = np.linalg.inv(correlation)
    off = off / scale
    weighted = off @ precision
    squared = (weighted * off).sum(axis=1) - _share_of_missing(weighted, given, precision)
    return indexed(
        np.where(n_missing < answers.shape[1], np.maximum(squared, 0.0), np.nan),
        Why.TOO_FEW_ANSWERS,
    )


def mahalanobis_p(squared: np.ndarray, n_answered: np.ndarray) -> np.ndarray:
    """Chance of a larger squared distance among normal answers: chi-squared, df = answers given.

    The chi-squared distribution takes mean and covariance for known; with both estimated from n
    people no distance exceeds (n - 1)^2 / n, so in small groups the p-value is too large, on the
    safe side. ``careless::mahad(flag = TRUE)`` takes the number of people for the degrees of
    freedom, which is a slip of that package.
    """
    return np.where(
        np.isnan(squared), np.nan, special.chdtrc(np.maximum(n_answered, 1), np.nan_to_num(squared))
    )


def can_exceed(n_people: int, n_activities: int, *, p_limit: float) -> bool:
    """Whether the largest distance n people can have is beyond the limit at all."""
    return (n_people - 1) ** 2 / max(n_people, 1) > special.chdtri(n_activities, p_limit)


def _pairwise_covariance(off: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Covariance of each pair of columns over the rows that have both (n - 1).

    ``off`` is 0 where an answer is missing. Each pair has the means of its own rows, as R's
    ``cov(use = "pairwise.complete.obs")``.
    """
    n = given.T @ given
    sums = off.T @ given
    with np.errstate(invalid="ignore", divide="ignore"):
        return (off.T @ off - sums * sums.T / n) / (n - 1)


def _share_of_missing(weighted: np.ndarray, given: np.ndarray, precision: np.ndarray) -> np.ndarray:
    """What a zero in place of each missing answer adds to the squared distance, per row.

    With P the precision, m missing and o observed: inv(S_oo) = P_oo - P_om inv(P_mm) P_mo, so the
    surplus is w' inv(P_mm) w with w the missing part of P x. Rows with as many missing answers
    are solved together.
    """
    surplus = np.zeros(len(given))
    n_missing = (~given).sum(axis=1)
    for k in np.unique(n_missing[n_missing > 0]):
        rows = np.flatnonzero(n_missing == k)
        for part in np.array_split(rows, -(-len(rows) * int(k) ** 2 // BATCH)):
            places = np.argsort(given[part], axis=1, kind="stable")[:, :k]
            block = precision[places[:, :, None], places[:, None, :]]
            w = np.take_along_axis(weighted[part], places, axis=1)
            solved = np.linalg.solve(block, w[:, :, None])[:, :, 0]
            surplus[part] = (w * solved).sum(axis=1)
    return surplus
