"""The complete answers to the items of one scale, and the covariances every coefficient needs."""

from dataclasses import dataclass

import numpy as np

from research.stats.estimates import NO_VARIATION, TOO_FEW_ANSWERS, as_columns, unresolvable

MINIMUM_ROWS = 3
# The reason that a coefficient of several items cannot be given for one.
TOO_FEW_ITEMS = "too_few_items"


@dataclass(frozen=True, kw_only=True)
class CompleteAnswers:
    """The rows without a missing answer, and their covariances.

    ``note`` says why there is no coefficient of the sum of the items (``covariance`` is NaN where
    rows are too few): fewer than three rows, or a sum that does not vary.
    """

    answers: np.ndarray
    covariance: np.ndarray
    n_dropped: int
    note: str

    @property
    def n(self) -> int:
        return len(self.answers)

    @property
    def n_items(self) -> int:
        return self.answers.shape[1]

    @property
    def constant(self) -> np.ndarray:
        """Which items everybody answered alike."""
        return unresolvable(np.sqrt(np.diag(self.covariance)), self.answers.mean(axis=0))


def complete_answers(items: np.ndarray) -> CompleteAnswers:
    """Rows of ``items`` (one row a respondent, one column an item) without a missing answer."""
    items = as_columns(items)
    answers = items[~np.isnan(items).any(axis=1)]
    n, k = answers.shape
    if n < MINIMUM_ROWS or k == 0:
        covariance, note = np.full((k, k), np.nan), TOO_FEW_ANSWERS
    else:
        covariance = np.atleast_2d(np.cov(answers, rowvar=False))
        varies = sum_varies(covariance, answers.mean(axis=0))
        note = "" if varies else NO_VARIATION
    return CompleteAnswers(
        answers=answers, covariance=covariance, n_dropped=len(items) - n, note=note
    )


def sum_varies(covariance: np.ndarray, means: np.ndarray) -> bool:
    """Whether the sum of items varies by more than rounding noise.

    Items that cancel out leave rounding noise as the variance of their sum.
    """
    items_alone, total = np.trace(covariance), covariance.sum()
    noise = 1e-12 * items_alone
    return bool(total > noise and not unresolvable(np.sqrt(total), means.sum()).any())
