"""What several indices share: correlations along a row, fences, and why a value is not there."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

# A correlation of two pairs is always 1 or -1 and says nothing.
PAIRS_MINIMUM = 3
# Tukey's inner fence: quartile plus or minus 1.5 interquartile ranges.
FENCE_WIDTH = 1.5
CORRELATION_MOST = 0.99


class Why(IntEnum):
    """Why an index has no value; the names, in small letters, stand in ``not_computed``."""

    COMPUTED = 0
    TOO_FEW_PEOPLE = 1
    SINGULAR_COVARIANCE = 2
    NO_PAIRS = 3
    TOO_FEW_PAIRS = 4
    NO_VARIATION = 5
    NO_DURATION = 6
    TOO_FEW_ANSWERS = 7
    NO_MIDPOINT = 8


@dataclass(frozen=True, kw_only=True)
class Index:
    """One value a person, and why it is missing (a number of ``Why``; 0 where it is there)."""

    values: np.ndarray
    why: np.ndarray


def indexed(values: np.ndarray, why: np.ndarray | Why) -> Index:
    """Pair values with their reasons; a value that is there has none."""
    reason = np.where(np.isnan(values), why, Why.COMPUTED)
    return Index(values=values, why=reason.astype(np.int8))


def not_possible(n: int, why: Why) -> Index:
    """Return an index nobody has a value of."""
    return Index(values=np.full(n, np.nan), why=np.full(n, why, dtype=np.int8))


def row_correlation(first: np.ndarray, second: np.ndarray) -> Index:
    """Pearson correlation of two tables, row by row, over the pairs both have.

    NaN with fewer than three pairs (``TOO_FEW_PAIRS``), and where one of the two is the same
    number throughout (``NO_VARIATION``).
    """
    both = ~(np.isnan(first) | np.isnan(second))
    n = both.sum(axis=1)
    x, flat_x = _centred(first, both, n)
    y, flat_y = _centred(second, both, n)
    enough = n >= PAIRS_MINIMUM
    known = enough & ~flat_x & ~flat_y
    size = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    product = np.clip((x * y).sum(axis=1) / np.where(known, size, 1.0), -1.0, 1.0)
    values = np.where(known, product, np.nan)
    return indexed(values, np.where(enough, Why.NO_VARIATION, Why.TOO_FEW_PAIRS))


def _centred(table: np.ndarray, both: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Deviations from the row's mean (0 where a pair is missing), and whether a row is flat.

    A flat row is found by its smallest and largest number: its deviations may differ from zero
    by rounding.
    """
    mean = np.where(both, table, 0.0).sum(axis=1) / np.maximum(n, 1)
    low = np.where(both, table, np.inf).min(axis=1, initial=np.inf)
    high = np.where(both, table, -np.inf).max(axis=1, initial=-np.inf)
    return np.where(both, table - mean[:, None], 0.0), low >= high


def fences(values: np.ndarray) -> tuple[float, float]:
    """Lower and upper inner fence of the numbers there are (quartiles as R's default, type 7).

    References
    ----------
    Tukey (1977), Exploratory Data Analysis, chapter 2. Zijlstra, van der Ark & Sijtsma (2007),
    Multivariate Behavioral Research 42, 531-555, use them on indices of unusual respondents.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return np.nan, np.nan
    low, high = np.quantile(known, [0.25, 0.75])
    width = FENCE_WIDTH * (high - low)
    return float(low - width), float(high + width)


def correlation_fences(correlations: np.ndarray) -> tuple[float, float]:
    """Fences of correlations, found among their Fisher transforms and turned back.

    Correlations over a few pairs lie crowded at one end with a long tail, in which a fence of the
    correlations themselves would catch many; their transforms are nearly normal. Correlations
    beyond .99 count as .99: the transform of 1 is infinite.
    """
    low, high = fences(np.arctanh(np.clip(correlations, -CORRELATION_MOST, CORRELATION_MOST)))
    return float(np.tanh(low)), float(np.tanh(high))
