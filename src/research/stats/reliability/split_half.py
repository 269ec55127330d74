"""How much does the reliability depend on which half of the items one compares with the other?"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from research.errors import require_choice
from research.stats.estimates import NO_VARIATION, NOT_POSITIVE_DEFINITE
from research.stats.reliability.complete import TOO_FEW_ITEMS, CompleteAnswers, complete_answers
from research.stats.resampling.streams import named_generator

Matrix = Literal["covariance", "correlation"]
MATRICES: tuple[str, ...] = get_args(Matrix)

EXACT_UP_TO = 16  # items: 6,435 splits
MIDDLE = (0.025, 0.975)
# Below this share of the largest eigenvalue a correlation matrix counts as singular (psych: Pinv).
SINGULAR = np.sqrt(np.finfo(float).eps)
COEFFICIENTS: tuple[str, ...] = (
    "worst_split_half",
    "best_split_half",
    "mean_split_half",
    "median_split_half",
    "low_split_half",
    "high_split_half",
    "lambda_6",
)


@dataclass(frozen=True, kw_only=True)
class SplitHalves:
    """The reliabilities of all split halves.

    ``table`` has a row a coefficient (``COEFFICIENTS``): ``estimate_type``, ``estimate``,
    ``matrix``, ``n_splits``, ``exact`` (every split, or a sample of them), ``n_complete``,
    ``n_dropped``, ``n_items``, ``note``. ``reliabilities`` has one number a split.
    ``worst_half`` are the column numbers of the items of one half of the worst split.
    """

    table: pd.DataFrame
    reliabilities: np.ndarray
    worst_half: tuple[int, ...]


def split_halves(
    items: np.ndarray, *, matrix: Matrix = "covariance", n_sampled: int = 10_000, seed: int = 1
) -> SplitHalves:
    """Reliability of the scale from every split of its items into halves.

    ``items`` is one row a respondent, one column an item, reversed items already turned; only
    complete rows count. A split gives 4 cov(A, B) / var(A + B), Guttman's lambda 4 (halves need
    not vary alike, as they must for Spearman and Brown's formula). Of these: the worst (called
    beta), the best (lambda 4), mean, median and 2.5 % and 97.5 % quantiles; and Guttman's lambda
    6, from the squared multiple correlation of every item with the others.

    Parameters
    ----------
    matrix
        "covariance": the items as they were answered, as in raw alpha. "correlation": every item
        standardised first, the default of psych::splitHalf.
    n_sampled
        Beyond 16 items that many splits are drawn, from ``seed``; worst and best are then those
        of the sample.

    Notes
    -----
    Of an even number of items the mean over all splits is Cronbach's alpha (standardised alpha
    for "correlation"). Of an odd number one half has an item more, and every split counts:
    psych::splitHalf 2.2.9 stops halfway, at n! / (2 a! b!) splits, and what it gives depends on
    the order of the items. Two items have one split. Fewer than two items: ``too_few_items``;
    fewer than three rows, or no variation (of any item, for "correlation"): NaN with a note;
    lambda 6 of a singular matrix: ``not_positive_definite``.

    References
    ----------
    Guttman (1945), Psychometrika 10, 255-282 (lambda 4 and lambda 6); Cronbach (1951),
    Psychometrika 16, 297-334 (the mean of all splits); Revelle (1979), Multivar. Behav. Res. 14,
    57-74 (beta). As psych::splitHalf(covar = TRUE, check.keys = FALSE).
    """
    require_choice("matrix", matrix, MATRICES)
    complete = complete_answers(items)
    note = TOO_FEW_ITEMS if complete.n_items < 2 else complete.note
    if not note and matrix == "correlation" and complete.constant.any():
        note = NO_VARIATION
    covariance = _matrix(complete, matrix) if not note else np.empty((0, 0))
    if not note and covariance.sum() <= 1e-12 * np.trace(covariance):
        note = NO_VARIATION
    exact = complete.n_items <= EXACT_UP_TO
    estimates, notes = np.full(len(COEFFICIENTS), np.nan), [note] * len(COEFFICIENTS)
    reliabilities, worst_half = np.empty(0), ()
    if not note:
        halves = _halves(complete.n_items, None if exact else n_sampled, seed)
        reliabilities = 1 - _difference_variance(halves, covariance) / covariance.sum()
        estimates[:6] = _of_distribution(reliabilities)
        # Of equally bad splits the first, whatever their last digit.
        worst = np.argmax(reliabilities <= reliabilities.min() + 1e-12)
        worst_half = tuple(np.flatnonzero(halves[worst] > 0).tolist())
        estimates[6], notes[6] = _lambda_6(covariance, complete.constant)
    table = pd.DataFrame(
        {
            "estimate_type": COEFFICIENTS,
            "estimate": estimates,
            "matrix": matrix,
            "n_splits": len(reliabilities),
            "exact": exact,
            "n_complete": complete.n,
            "n_dropped": complete.n_dropped,
            "n_items": complete.n_items,
            "note": notes,
        }
    )
    return SplitHalves(table=table, reliabilities=reliabilities, worst_half=worst_half)


def _matrix(complete: CompleteAnswers, matrix: Matrix) -> np.ndarray:
    if matrix == "covariance":
        return complete.covariance
    spread = np.sqrt(np.diag(complete.covariance))
    return complete.covariance / np.outer(spread, spread)


def _halves(n_items: int, n_sampled: int | None, seed: int) -> np.ndarray:
    """Return splits as signs: one row a split, +1 for the items of the (smaller) half.

    Every split once, or a sample. An even number of items keeps the first in the half: otherwise
    every split would stand twice.
    """
    size = n_items // 2
    if n_sampled is None:
        numbers = np.arange(2**n_items)
        chosen = (numbers[:, None] >> np.arange(n_items)) & 1
        chosen = chosen[chosen.sum(axis=1) == size]
        if n_items % 2 == 0:
            chosen = chosen[chosen[:, 0] == 1]
    else:
        draws = named_generator(seed, "split_halves").random((n_sampled, n_items))
        chosen = draws.argsort(axis=1) < size
    return np.where(chosen, 1.0, -1.0)


def _difference_variance(signs: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """Return var(A - B) per split: s'Cs = var(A + B) - 4 cov(A, B)."""
    return np.einsum("ij,ij->i", signs @ covariance, signs)


def _of_distribution(reliabilities: np.ndarray) -> np.ndarray:
    low, high = np.quantile(reliabilities, MIDDLE)
    middle = [reliabilities.mean(), np.median(reliabilities), low, high]
    return np.array([reliabilities.min(), reliabilities.max(), *middle])


def _lambda_6(covariance: np.ndarray, constant: np.ndarray) -> tuple[float, str]:
    """Return 1 - sum of the variances that the other items do not explain / var(sum)."""
    if constant.any():
        return np.nan, NO_VARIATION
    spread = np.sqrt(np.diag(covariance))
    eigenvalues = np.linalg.eigvalsh(covariance / np.outer(spread, spread))
    if eigenvalues[0] <= SINGULAR * eigenvalues[-1]:
        return np.nan, NOT_POSITIVE_DEFINITE
    unexplained = 1 / np.diag(np.linalg.inv(covariance))
    return float(1 - unexplained.sum() / covariance.sum()), ""
