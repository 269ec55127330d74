"""How many factors do the items hold that answers without any would not?

References
----------
Horn (1965), Psychometrika 30, 179-185; Glorfeld (1995), Educ. Psychol. Meas. 55, 377-393 (the
95th percentile instead of the mean);
Humphreys & Montanelli (1975), Multivariate Behav. Res. 10, 193-205 (common factors);
Anderson (2003), An Introduction to Multivariate Statistical Analysis, theorem 7.2.1 (normal
answers' products without drawing the answers).
"""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from research.errors import require_choice
from research.stats.estimates import (
    NO_CONVERGENCE,
    NO_VARIATION,
    NOT_POSITIVE_DEFINITE,
    TOO_FEW_ANSWERS,
    as_columns,
)
from research.stats.factors.exploratory import POSITIVE
from research.stats.factors.minres import minres_many
from research.stats.factors.pearson import pearson
from research.stats.factors.polychoric import polychoric
from research.stats.resampling.streams import named_generator

Matrix = Literal["pearson", "polychoric"]
MATRICES: tuple[str, ...] = get_args(Matrix)
COLUMNS: tuple[str, ...] = (
    "factor",
    "factor_reference",
    "factor_mean",
    "component",
    "component_reference",
    "component_mean",
)


@dataclass(frozen=True, kw_only=True)
class ParallelAnalysis:
    """Eigenvalues beside those of unrelated answers, and how many stand out.

    ``eigenvalues`` has one row an eigenvalue, large to small: ``factor`` and ``component`` of
    the items, ``*_reference`` the percentile and ``*_mean`` the mean of the simulations.
    """

    eigenvalues: pd.DataFrame
    n_factors: float
    n_components: float
    matrix: str
    n: float  # people the simulated answers stand for
    n_simulations: int  # that gave a matrix
    percentile: float
    seed: int
    note: str


def parallel_analysis(
    items: np.ndarray,
    *,
    seed: int,
    matrix: Matrix = "pearson",
    n_simulations: int = 100,
    percentile: float = 95,
) -> ParallelAnalysis:
    """Number of factors and of components whose eigenvalues exceed those of unrelated answers.

    Counted from the largest until the first that does not. A factor's eigenvalues are those of
    the correlations with the communalities of one minimum residual factor on the diagonal, as in
    ``psych::fa.parallel``; also its percentile of 95 rather than Horn's mean is kept.

    ``pearson`` compares with as many normal answers (drawn as a product matrix, so that the time
    does not grow with n); ``polychoric`` with the very answers, each item's shuffled apart, so
    that the margins stay (psych compares polychoric eigenvalues with Pearson ones of normal
    answers). Correlations are over pairs of answers; with missing ones n is the harmonic mean of
    the pairs' numbers (psych: all rows). The same seed gives the same result in any order of
    people and of items.

    Notes: ``no_variation`` an item does not vary; ``too_few_answers`` not more people than
    items; ``no_convergence`` no shuffle gave a matrix: everything is NaN.
    ``not_positive_definite``: the eigenvalues stand, one is not positive.
    """
    require_choice("matrix", matrix, MATRICES)
    if n_simulations < 1:
        raise ValueError(f"n_simulations must be at least 1, not {n_simulations}")
    items = as_columns(items)
    observed, n, note = _observed(items, matrix)
    table = pd.DataFrame(np.nan, index=range(items.shape[1]), columns=list(COLUMNS))
    counts = {"factor": np.nan, "component": np.nan}
    simulated = np.empty((0, *observed.shape))
    if not note:
        rng = named_generator(seed, "parallel analysis", matrix)
        draw = _normal if matrix == "pearson" else _shuffled
        simulated = draw(items, n, n_simulations, rng)
        note = "" if len(simulated) else NO_CONVERGENCE
    if not note:
        for name, own, drawn in zip(
            counts, _eigenvalues(observed[None]), _eigenvalues(simulated), strict=True
        ):
            reference = np.percentile(drawn, percentile, axis=0)
            table[name], table[f"{name}_mean"] = own[0], drawn.mean(axis=0)
            table[f"{name}_reference"] = reference
            counts[name] = float(np.cumprod(own[0] > reference).sum())
        note = NOT_POSITIVE_DEFINITE if table["component"].min() < POSITIVE else ""
    return ParallelAnalysis(
        eigenvalues=table,
        n_factors=counts["factor"],
        n_components=counts["component"],
        matrix=matrix,
        n=n,
        n_simulations=len(simulated),
        percentile=percentile,
        seed=seed,
        note=note,
    )


def _observed(items: np.ndarray, matrix: Matrix) -> tuple[np.ndarray, float, str]:
    """Correlations of the items, the number of people they stand for, or why there are none."""
    found = pearson(items)
    n = found.people
    if n <= items.shape[1]:
        return found.correlations, n, TOO_FEW_ANSWERS
    observed = found.correlations
    if matrix == "polychoric" and not np.isnan(observed).any():
        observed = polychoric(items)
    return observed, n, NO_VARIATION if np.isnan(observed).any() else ""


def _eigenvalues(matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Eigenvalues of factors and of components; one row a matrix, large to small."""
    loadings = minres_many(matrices, 1).loadings[..., 0]
    reduced = matrices.copy()
    place = np.arange(matrices.shape[1])
    reduced[:, place, place] = loadings**2
    return np.linalg.eigvalsh(reduced)[:, ::-1], np.linalg.eigvalsh(matrices)[:, ::-1]


def _normal(
    items: np.ndarray, n: float, n_simulations: int, rng: np.random.Generator
) -> np.ndarray:
    """Correlation matrices of unrelated normal answers of n people (Bartlett's decomposition).

    Products of n - 1 independent deviations are those of a lower triangle with normal entries
    below a diagonal of chi variables with n - 1, n - 2 ... degrees of freedom.
    """
    p = items.shape[1]
    triangle = np.tril(rng.standard_normal((n_simulations, p, p)), -1)
    place = np.arange(p)
    triangle[:, place, place] = np.sqrt(rng.chisquare(n - 1 - place, (n_simulations, p)))
    rows = triangle / np.sqrt((triangle**2).sum(axis=2, keepdims=True))
    return rows @ np.swapaxes(rows, 1, 2)


def _shuffled(
    items: np.ndarray, n: float, n_simulations: int, rng: np.random.Generator
) -> np.ndarray:
    """Polychoric correlations of the answers with every item's shuffled apart.

    Answers and items are sorted first: their order does not matter. A shuffle in which two
    items have no correlation (missing answers can do that) is left out.
    """
    answers = np.sort(items, axis=0)
    answers = answers[:, np.lexsort(answers[::-1])]
    drawn = np.stack([polychoric(rng.permuted(answers, axis=0)) for _ in range(n_simulations)])
    return drawn[~np.isnan(drawn).any(axis=(1, 2))]
