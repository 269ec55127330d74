"""Resampled sums: a matrix of weights times what each person adds, or one Gaussian draw.

All sums of one group come from the same weights, so estimates drawn together keep their
dependence. Weights and whole answers are exact in single precision as long as no sum reaches
2^24; a sum that could, or an answer that is not whole, is formed in double precision.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from research.stats.resampling.sums import SumPlan

# Weights in work at a time; fixed, because the draws depend on it.
BLOCK = 262_144
# People whose sums are formed at a time in a pass over the data.
ROWS = 1_024
LARGEST_IN_SINGLE = 2.0**24


@dataclass(frozen=True, kw_only=True)
class Nesting:
    """Organisations drawn per resample, and the people of one group in each organisation.

    People stand sorted by organisation; ``sizes`` has one number an organisation.
    """

    picks: np.ndarray
    sizes: np.ndarray


def weighted_sums(
    features: np.ndarray,
    n_replicates: int,
    generator: np.random.Generator,
    nesting: Nesting | None = None,
) -> np.ndarray:
    """Sums per resample of one group's people; one row a resample, one column a feature."""
    n = len(features)
    sums = np.zeros((n_replicates, features.shape[1]))
    if n == 0:
        return sums
    # A group of organisations can be drawn larger than it is.
    most = n if nesting is None else nesting.sizes.max() * nesting.picks.shape[1]
    products = WeightProduct.of(features, most)
    rows = max(1, BLOCK // n)
    for start in range(0, n_replicates, rows):
        block = slice(start, min(start + rows, n_replicates))
        if nesting is None:
            weights = people_weights(n, block.stop - block.start, generator)
        else:
            weights = nested_weights(nesting.picks[block], nesting.sizes, generator)
        sums[block] = products.with_weights(weights)
    return sums


@dataclass(frozen=True, kw_only=True)
class WeightProduct:
    """A matrix of features, split by the precision in which its weighted sums are exact."""

    in_single: np.ndarray
    single: np.ndarray
    double: np.ndarray

    @classmethod
    def of(cls, features: np.ndarray, largest_total_weight: float) -> "WeightProduct":
        """Split ``features``, given the largest total weight of a resample."""
        size = np.abs(features).max(axis=0, initial=0.0) * largest_total_weight
        in_single = (np.floor(features) == features).all(axis=0) & (size < LARGEST_IN_SINGLE)
        return cls(
            in_single=in_single,
            single=features[:, in_single].astype(np.float32),
            double=features[:, ~in_single],
        )

    def with_weights(self, weights: np.ndarray) -> np.ndarray:
        """Weighted sums; one row a row of weights."""
        sums = np.empty((len(weights), len(self.in_single)))
        sums[:, self.in_single] = weights.astype(np.float32) @ self.single
        if self.double.shape[1]:
            sums[:, ~self.in_single] = weights.astype(float) @ self.double
        return sums


def people_weights(n: int, n_rows: int, generator: np.random.Generator) -> np.ndarray:
    """How often each of ``n`` people is drawn when ``n`` are drawn with replacement."""
    drawn = generator.integers(0, n, size=(n_rows, n))
    drawn += np.arange(n_rows)[:, None] * n
    return np.bincount(drawn.ravel(), minlength=n_rows * n).reshape(n_rows, n)


def nested_weights(
    picks: np.ndarray, sizes: np.ndarray, generator: np.random.Generator
) -> np.ndarray:
    """How often each person is drawn: organisations as picked, then people within each pick.

    From every picked organisation as many people are drawn, with replacement, as it has in this
    group; one that has none adds nobody.
    """
    n_rows, n = len(picks), int(sizes.sum())
    starts = np.cumsum(sizes) - sizes
    n_drawn = sizes[picks]
    row = np.repeat(np.arange(n_rows), n_drawn.sum(axis=1))
    lengths = np.repeat(n_drawn.ravel(), n_drawn.ravel())
    begins = np.repeat(starts[picks].ravel(), n_drawn.ravel())
    people = begins + generator.integers(0, lengths)
    return np.bincount(row * n + people, minlength=n_rows * n).reshape(n_rows, n)


def feature_blocks(plan: SumPlan, values: np.ndarray, rows: np.ndarray) -> Iterator[np.ndarray]:
    """Features of the given rows, some thousand people at a time."""
    for start in range(0, len(rows), ROWS):
        yield plan.features(values[rows[start : start + ROWS]])


def gaussian_sums(
    mean: np.ndarray, covariance: np.ndarray, n_replicates: int, generator: np.random.Generator
) -> np.ndarray:
    """Draws of sums from the normal distribution with this mean and covariance.

    The symmetric square root is used: it moves smoothly with the data and knows no column order.
    """
    values, vectors = np.linalg.eigh(covariance)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    fixed = np.diagonal(covariance) <= 0
    root[fixed], root[:, fixed] = 0.0, 0.0
    return mean + generator.standard_normal((n_replicates, len(mean))) @ root


@dataclass(frozen=True, kw_only=True)
class PassMoments:
    """What one pass over people leaves: n, sums, products and third moments around ``centre``."""

    n: int
    total: np.ndarray
    covariance: np.ndarray
    skewness_of_sum: np.ndarray


def pass_over(plan: SumPlan, values: np.ndarray, rows: np.ndarray) -> PassMoments:
    """Sums of all features with their covariance (divided by n), in one pass over the people.

    ``skewness_of_sum`` is the skewness of each feature's resampled sum: of the feature over the
    square root of n.
    """
    n, total, products, cubes, centre = len(rows), 0.0, 0.0, 0.0, None
    for features in feature_blocks(plan, values, rows):
        centre = features.mean(axis=0) if centre is None else centre
        offset = features - centre
        total = total + offset.sum(axis=0)
        products = products + offset.T @ offset
        cubes = cubes + (offset * offset * offset).sum(axis=0)
    mean = total / n
    covariance = products / n - np.outer(mean, mean)
    # A feature that is the same for all keeps a variance of exactly zero.
    variance = np.diagonal(covariance)
    third = cubes / n - 3 * mean * np.diagonal(products) / n + 2 * mean**3
    with np.errstate(invalid="ignore", divide="ignore"):
        skewness = np.where(variance > 0, third / variance**1.5, 0.0) / np.sqrt(n)
    return PassMoments(
        n=n, total=n * (centre + mean), covariance=covariance, skewness_of_sum=skewness
    )
