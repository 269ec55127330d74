"""Does a person answer alike what goes together? Even-odd consistency, synonyms and antonyms."""

from collections.abc import Sequence

import numpy as np

from research.responses.quality.rows import Index, Why, indexed, not_possible, row_correlation

# Correlation over people from which two activities count as synonyms or antonyms (Meade & Craig,
# 2012, Psychological Methods 17, 437-455; the default of careless).
CRITICAL_CORRELATION = 0.6
# Pairs of one batch of people: 10 million numbers, 80 megabytes.
BATCH = 10_000_000


def even_odd_correlation(keyed: np.ndarray, clusters: Sequence[np.ndarray]) -> Index:
    """Correlation over clusters of each row's odd and even halves: 1 is consistent.

    Per cluster the mean of the answers at the odd places (first, third, ...) and at the even
    places; ``keyed`` has reversed activities turned, ``clusters`` holds the columns of each
    cluster. Missing answers are left out of a half's mean; a cluster with an empty half is left
    out. NaN for fewer than three clusters (``TOO_FEW_PAIRS``) and where all odd or all even
    halves are equal (``NO_VARIATION``).
    """
    odd = np.column_stack([_row_mean(keyed[:, columns[::2]]) for columns in clusters])
    even = np.column_stack([_row_mean(keyed[:, columns[1::2]]) for columns in clusters])
    return row_correlation(even, odd)


def even_odd_inconsistency(correlation: Index) -> Index:
    """Minus the even-odd consistency of each row: from -1 (consistent) to 1 (contradicting).

    The correlation of the halves, stepped up by Spearman-Brown, not below -1, and with its sign
    turned, so that a larger number is more careless: ``careless::evenodd`` since its version
    1.2.0. For two clusters careless gives 1 or -1, here NaN. Given a matrix instead of a data
    frame, careless uses the first two columns of each cluster only; this is its value for a data
    frame. All correlations of -1/3 and less become 1, so people are judged by the correlation.

    References
    ----------
    Johnson (2005), Journal of Research in Personality 39, 103-129.
    """
    with np.errstate(divide="ignore"):
        stepped_up = 2 * correlation.values / (1 + correlation.values)
    return Index(values=-np.maximum(stepped_up, -1.0), why=correlation.why)


def _row_mean(table: np.ndarray) -> np.ndarray:
    given = ~np.isnan(table)
    n = given.sum(axis=1)
    return np.where(n > 0, np.where(given, table, 0.0).sum(axis=1) / np.maximum(n, 1), np.nan)


def synonym_pairs(answers: np.ndarray, *, antonyms: bool = False) -> np.ndarray:
    """Pairs of columns correlated above .60 (antonyms: below -.60) over all rows.

    One row a pair: the later column, then the earlier one, the order of ``careless::psychsyn``.
    Correlations are pairwise where answers are missing; a column without spread is in no pair.
    """
    given = (~np.isnan(answers)).astype(float)
    count = np.maximum(given.sum(axis=0), 1)
    off = np.where(given > 0, answers - np.where(given > 0, answers, 0.0).sum(axis=0) / count, 0.0)
    n, sums, squares = given.T @ given, off.T @ given, (off**2).T @ given
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = squares - sums**2 / n  # of the first of a pair, over the rows that have both
        # Rounding must not make a spread: below a billionth of the sum of squares it is none.
        variance[variance <= 1e-9 * squares] = np.nan
        correlation = (off.T @ off - sums * sums.T / n) / np.sqrt(variance * variance.T)
    beyond = -correlation if antonyms else correlation
    # 1e-12: careless compares with > .60; a correlation of exactly .60 must not pass by rounding.
    later, earlier = np.nonzero(np.tril(np.nan_to_num(beyond) > CRITICAL_CORRELATION + 1e-12, -1))
    return np.column_stack([later, earlier])


def pair_correlation(answers: np.ndarray, pairs: np.ndarray) -> Index:
    """Correlation of each row's answers over the given pairs of columns.

    Positive for synonyms and negative for antonyms in somebody who reads. Equal to
    ``careless::psychsyn`` and ``psychant`` with ``resample_na = FALSE``: NaN for fewer than three
    answered pairs, and for equal answers to all first or all second halves. The default of
    careless then swaps halves at random until a number comes out, which is not repeatable. Which
    half of a pair comes first is the order of the questionnaire, and it matters a little.

    References
    ----------
    Meade & Craig (2012), Psychological Methods 17, 437-455. Goldberg & Kilkowski (1985), Journal
    of Personality and Social Psychology 48, 82-98 (antonyms).
    """
    if not len(pairs):
        return not_possible(len(answers), Why.NO_PAIRS)
    parts = np.array_split(answers, max(1, -(-answers.shape[0] * len(pairs) // BATCH)))
    found = [row_correlation(part[:, pairs[:, 0]], part[:, pairs[:, 1]]) for part in parts]
    return indexed(
        np.concatenate([index.values for index in found]),
        np.concatenate([index.why for index in found]),
    )
