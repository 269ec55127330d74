"""Wilcoxon's signed-rank test for pairs, asymptotic and exact with ties, from counts."""

from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import special

from research.errors import require_choice
from research.stats.conditional import distinct_levels, exact_signed_p
from research.stats.counts import level_counts
from research.stats.estimates import NO_VARIATION, TOO_FEW_ANSWERS, TOO_MANY_ARRANGEMENTS
from research.stats.paired import paired_values
from research.stats.ranks import RANK_METHODS, RankMethod

Zeros = Literal["wilcoxon", "pratt"]
ZERO_RULES: tuple[str, ...] = get_args(Zeros)


def signed_rank(
    a: np.ndarray,
    b: np.ndarray,
    *,
    method: RankMethod = "asymptotic",
    continuity: bool = False,
    zeros: Zeros = "wilcoxon",
) -> pd.DataFrame:
    """Matched-pairs rank-biserial correlation per column, with Wilcoxon's signed-rank test.

    ``a`` and ``b``: one row a pair, one column an item. The estimate is (V - V') / (V + V'), V
    being the rank sum of the positive differences a - b and V' of the negative ones: 1 when a is
    higher in every decided pair. One row a column; ``v`` is V as R prints it, ``statistic`` the
    tie-corrected normal z, ``n_zero`` the pairs without difference; ``test`` names the version.
    A pair with a missing member is left out.

    Parameters
    ----------
    method
        "asymptotic": p from z. "exact": p given the absolute differences *with their ties*, each
        sign as likely as not, two-sided as P(abs(V - E) >= abs(v - E)).
    continuity
        Move V half a point towards its expectation in z, as R does unless told
        ``correct = FALSE``. No part of an exact p.
    zeros
        "wilcoxon": pairs without difference are left out before ranking, as R does. "pratt":
        they are ranked with the others and their ranks left out, as coin does unless told.

    Notes
    -----
    No pair: ``too_few_answers``. No pair that differs: ``no_variation``. A distribution too
    large to build (beyond about a thousand pairs): NaN for p, ``too_many_arrangements``.

    References
    ----------
    Pratt (1959), J. Am. Stat. Assoc. 54, 655-667; Kerby (2014), Compr. Psychol. 3 (estimate). As
    wilcox.test and exactRankTests::wilcox.exact(paired = TRUE), coin::wilcoxsign_test in R.
    """
    require_choice("method", method, RANK_METHODS)
    require_choice("zeros", zeros, ZERO_RULES)
    a, b = paired_values(a, b)
    higher, lower, ties = _counts_by_size(a, b)
    pairs = higher + lower
    doubled = 2 * np.cumsum(pairs, axis=1) - pairs + 1  # twice the mid-rank of a size
    if zeros == "pratt":
        doubled = doubled + 2 * ties[:, None]
    v, v_lower = ((counts * doubled).sum(axis=1) / 2 for counts in (higher, lower))
    spread = np.sqrt((pairs * doubled**2).sum(axis=1)) / 4
    away = (v - v_lower) / 2
    moved = np.sign(away) * np.maximum(np.abs(away) - 0.5, 0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = (moved if continuity and method == "asymptotic" else away) / spread
        estimate = (v - v_lower) / (v + v_lower)
    p_value = 2 * special.ndtr(-np.abs(statistic))
    name = "continuity" if continuity else "uncorrected"
    if method == "exact":
        name, p_value = "exact", _exact_by_column(pairs, doubled, v)
    decided = pairs.sum(axis=1)
    n = (~np.isnan(a)).sum(axis=0)
    return pd.DataFrame(
        {
            "estimate": estimate,
            "statistic": statistic,
            "p_value": np.where(decided > 0, p_value, np.nan),
            "v": np.where(n > 0, v, np.nan),
            "n_a": n,
            "n_b": n,
            "n_zero": ties.astype(int),
            "n_dropped": len(a) - n,
            "test": f"signed_rank_{zeros}_{name}",
            "note": np.select(
                [n == 0, decided == 0, np.isnan(p_value)],
                [TOO_FEW_ANSWERS, NO_VARIATION, TOO_MANY_ARRANGEMENTS],
                "",
            ),
        }
    )


def _counts_by_size(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return pairs with a higher and with b higher, columns x sizes of difference; and ties."""
    counts = level_counts(a - b, np.ones(len(a), dtype=bool))
    levels, pairs = counts.levels, counts.a
    # Rounding is as large as the answers allow, not as the differences do: they lead the list.
    largest = np.nanmax(np.abs(np.concatenate([a, b])), initial=0.0)
    order = np.argsort(np.abs(levels), kind="stable")
    sizes = np.concatenate([[0.0], np.abs(levels)[order], [largest]])
    begin = distinct_levels(sizes)
    place = np.searchsorted(begin, np.arange(1, len(levels) + 1), side="right") - 1
    higher, lower = np.zeros((len(pairs), len(begin))), np.zeros((len(pairs), len(begin)))
    for target, signed in ((higher, levels[order] > 0), (lower, levels[order] <= 0)):
        chosen = pairs[:, order] * signed
        np.add.at(target, (slice(None), place), chosen)
    return higher[:, 1:], lower[:, 1:], higher[:, 0] + lower[:, 0]


def _exact_by_column(pairs: np.ndarray, doubled: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return exact p per column; the ranks of a column depend on its own ties."""
    p_value = np.full(len(pairs), np.nan)
    for column in np.nonzero(pairs.sum(axis=1) > 0)[0]:
        used = pairs[column] > 0
        p_value[column] = exact_signed_p(
            pairs[column, used].astype(np.int64),
            doubled[column, used].astype(np.int64),
            int(2 * v[column]),
        )
    return p_value
