"""Answers grouped by which of them are missing: sums that are all maximum likelihood needs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from research.stats.factors.model import Moments

MAX_ROUNDS = 5000
TOLERANCE = 1e-11


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """People who answered the same items: their number, means and covariances (divided by n)."""

    items: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    n: int

    def of_item(self, item: int) -> tuple[float, float, float] | None:
        """Number, sum and sum of squares of the answers to an item; None if not asked for."""
        here = np.flatnonzero(self.items == item)
        if not len(here):
            return None
        mean, variance = self.means[here[0]], self.covariances[here[0], here[0]]
        return self.n, self.n * mean, self.n * (variance + mean**2)

    def scores(
        self, means: np.ndarray, covariances: np.ndarray
    ) -> tuple[float, np.ndarray, np.ndarray]:
        """Log-likelihood, and its derivatives to the answered items' means and covariances.

        Log-likelihood minus infinity where the covariance matrix is not positive definite.
        """
        covariance = covariances[np.ix_(self.items, self.items)]
        try:
            factor = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError:
            return -np.inf, np.zeros(len(self.items)), np.zeros_like(covariance)
        inverse = np.linalg.inv(covariance)
        away = self.means - means[self.items]
        spread = self.covariances + np.outer(away, away)
        size = 2 * np.log(np.diag(factor)).sum()
        inside = float(np.sum(inverse * spread))
        log_likelihood = -0.5 * (len(self.items) * np.log(2 * np.pi) + size + inside)
        surplus = 0.5 * (inverse @ spread @ inverse - inverse)
        return self.n * log_likelihood, self.n * (inverse @ away), self.n * surplus


def expected_information(moments: Moments, n: int) -> np.ndarray:
    """Information that n complete answers are expected to give on the entries; square."""
    inverse = np.linalg.inv(moments.covariances)
    turned = inverse @ moments.d_covariances
    flat = turned.reshape(len(turned), -1)
    swapped = turned.transpose(0, 2, 1).reshape(len(turned), -1)
    return n * (0.5 * flat @ swapped.T + moments.d_means @ inverse @ moments.d_means.T)


def patterns_of(items: np.ndarray) -> list[Pattern]:
    """One entry a pattern of answered items; people without any answer are left out."""
    answered = ~np.isnan(items)
    kinds, number = np.unique(answered, axis=0, return_inverse=True)
    found = []
    for kind, present in enumerate(kinds):
        if present.any():
            chosen = items[number.ravel() == kind][:, present]
            away = chosen - chosen.mean(axis=0)
            found.append(
                Pattern(
                    items=np.flatnonzero(present),
                    means=chosen.mean(axis=0),
                    covariances=away.T @ away / len(chosen),
                    n=len(chosen),
                )
            )
    return found


def saturated_moments(patterns: Sequence[Pattern], n_items: int) -> tuple[np.ndarray, np.ndarray]:
    """Means and covariances under which the answers are most likely, by EM."""
    if len(patterns) == 1 and len(patterns[0].items) == n_items:
        return patterns[0].means, patterns[0].covariances
    n = sum(pattern.n for pattern in patterns)
    sums = [[pattern.of_item(item) for pattern in patterns] for item in range(n_items)]
    counted = np.array([np.sum([s for s in row if s is not None], axis=0) for row in sums])
    means = counted[:, 1] / counted[:, 0]
    covariances = np.diag(counted[:, 2] / counted[:, 0] - means**2)
    unanswered = [np.setdiff1d(np.arange(n_items), pattern.items) for pattern in patterns]
    for _ in range(MAX_ROUNDS):
        first, second = np.zeros(n_items), np.zeros((n_items, n_items))
        for pattern, missing in zip(patterns, unanswered, strict=True):
            expected, spread = _expected(pattern, missing, means, covariances)
            first += pattern.n * expected
            second += pattern.n * spread
        new_means = first / n
        new = second / n - np.outer(new_means, new_means)
        change = max(np.abs(new - covariances).max(), np.abs(new_means - means).max())
        means, covariances = new_means, new
        if change < TOLERANCE * np.abs(covariances).max():
            break
    return means, covariances


def _expected(
    pattern: Pattern, missing: np.ndarray, means: np.ndarray, covariances: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Mean over the people of a pattern of all answers and of their products, missing expected."""
    there = pattern.items
    from_there = covariances[there]
    slopes = np.linalg.solve(from_there[:, there], from_there[:, missing])
    # Each person's completed answers are linear in the answered ones: mean + fill (x - mean).
    fill = np.zeros((len(means), len(there)))
    fill[there, np.arange(len(there))] = 1.0
    fill[missing] = slopes.T
    expected = means + fill @ (pattern.means - means[there])
    spread = fill @ pattern.covariances @ fill.T + np.outer(expected, expected)
    left = covariances[missing][:, missing] - from_there[:, missing].T @ slopes
    spread[missing[:, None], missing] += left
    return expected, spread
