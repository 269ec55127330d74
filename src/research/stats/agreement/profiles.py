"""Do two roles put the activities in the same order?

A profile is one number per item, such as the mean of a role. Every function takes two of them,
or two matrices with one row a replicate (bootstrap draw, organisation) and one column an item;
a single profile goes with every row of the other. One row of the result is one replicate. An
item that either profile misses is left out of that replicate (``n_dropped``). Fewer than three
items left: NaN, note ``too_few_answers``; a profile without differences: NaN, note
``no_variation``. Values tie when they are equal to the last bit.

There are no intervals here: the items are the whole set and no sample, so uncertainty comes from
replicates over people and organisations.
"""

from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import special

from research.errors import require_choice
from research.stats.agreement.ranks import mid_ranks
from research.stats.agreement.variance_ratio import NO_RESIDUAL_VARIATION
from research.stats.estimates import NO_VARIATION, NOT_IDENTIFIED, TOO_FEW_ANSWERS

ProfileIcc = Literal["double_entry", "absolute"]
PROFILE_ICCS: tuple[str, ...] = get_args(ProfileIcc)
MINIMUM_ITEMS = 3


def kendall_tau_b(first: np.ndarray, second: np.ndarray) -> pd.DataFrame:
    """Kendall's tau-b of two profiles: pairs in the same order minus pairs in reverse.

    Corrected for ties. ``statistic`` is z and ``p_value`` its normal tail, two-sided, with the
    variance for ties and no continuity correction: R's ``cor.test(exact = FALSE)``. The test
    takes items as independent draws.

    References
    ----------
    Kendall & Gibbons (1990), Rank Correlation Methods, 5th ed., chapters 3 and 4.
    """
    first, second = _pair_up(first, second)
    i, j = np.triu_indices(first.shape[1], k=1)
    # A missing item has no order: its sign is NaN, and counts as none.
    order_a, order_b = (np.nan_to_num(np.sign(x[:, j] - x[:, i])) for x in (first, second))
    score = np.einsum("ij,ij->i", order_a, order_b)
    n = np.sum(~np.isnan(first), axis=1)
    ties = [_tie_sums(mid_ranks(rows)[1]) for rows in (first, second)]
    with np.errstate(invalid="ignore", divide="ignore"):
        pairs = n * (n - 1.0)
        estimate = 2 * score / np.sqrt(np.prod([pairs - t["pairs"] for t in ties], axis=0))
        variance = (
            (pairs * (2 * n + 5) - sum(t["variance"] for t in ties)) / 18
            + np.prod([t["pairs"] for t in ties], axis=0) / (2 * pairs)
            + np.prod([t["triples"] for t in ties], axis=0) / (9 * pairs * (n - 2))
        )
        statistic = score / np.sqrt(variance)
    note = _note(first, second)
    given = note == ""
    return _table(first, estimate, note).assign(
        statistic=np.where(given, statistic, np.nan),
        p_value=np.where(given, 2 * special.ndtr(-np.abs(statistic)), np.nan),
    )


def _tie_sums(shared: np.ndarray) -> dict[str, np.ndarray]:
    """Return sums over groups of t ties, each taken as a sum over its t members."""
    t = np.where(shared > 0, shared, 1.0)
    return {
        "pairs": np.sum(t - 1, axis=1),
        "triples": np.sum((t - 1) * (t - 2), axis=1),
        "variance": np.sum((t - 1) * (2 * t + 5), axis=1),
    }


def spearman(first: np.ndarray, second: np.ndarray) -> pd.DataFrame:
    """Spearman's rank correlation of two profiles, ties at mid-ranks.

    ``statistic`` is t with n - 2 ``df``, two-sided: R's ``cor.test(exact = FALSE)``, which prints
    the sum of squared rank differences in its place. The same or the exactly reversed order
    leaves nothing for error: no test, note ``no_residual_variation`` (R gives p = 0).

    References
    ----------
    Kendall & Gibbons (1990), Rank Correlation Methods, 5th ed., chapters 1 and 3.
    """
    first, second = _pair_up(first, second)
    r = _correlation(mid_ranks(first)[0], mid_ranks(second)[0])
    df = np.sum(~np.isnan(first), axis=1) - 2.0
    note = _note(first, second)
    exact = 1 - np.abs(r) < 1e-12
    given = (note == "") & ~exact
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = np.where(given, r * np.sqrt(df / (1 - r**2)), np.nan)
    table = _table(first, r, np.where((note == "") & exact, NO_RESIDUAL_VARIATION, note))
    return table.assign(
        statistic=statistic,
        df=np.where(note == "", df, np.nan),
        p_value=np.where(given, 2 * special.stdtr(np.maximum(df, 1), -np.abs(statistic)), np.nan),
    )


def profile_correlation(first: np.ndarray, second: np.ndarray) -> pd.DataFrame:
    """Pearson correlation of two profiles over items: overall similarity of shape.

    High already when both follow what everybody finds (see ``distinctive_similarity``); blind to
    level and spread (see ``profile_icc``).

    References
    ----------
    Furr (2008), J. Pers. 76, 1267-1316, "overall similarity".
    """
    first, second = _pair_up(first, second)
    return _table(first, _correlation(first, second), _note(first, second))


def distinctive_similarity(
    first: np.ndarray,
    second: np.ndarray,
    normative_first: np.ndarray,
    normative_second: np.ndarray | None = None,
) -> pd.DataFrame:
    """Correlation of two profiles after taking off what is normal, item by item.

    The normative profile is the mean of other organisations: one per role, or one for both when
    ``normative_second`` is left out. Never the mean of the two profiles compared: what is left
    is then d/2 and -d/2, with a correlation of -1 whatever the answers; that gives NaN, note
    ``not_identified``. A profile equal to the normative one: ``no_variation``.

    References
    ----------
    Furr (2008), J. Pers. 76, 1267-1316, "distinctive similarity".
    """
    normative_second = normative_first if normative_second is None else normative_second
    norms = [np.atleast_2d(np.asarray(n, dtype=float)) for n in (normative_first, normative_second)]
    first, second = _pair_up(first, second)
    size = _size(np.hstack([first, second]))
    left_first, left_second = _pair_up(first - norms[0], second - norms[1])
    note = _note(left_first, left_second, size=size)
    noise = 1e-12 * np.maximum(size, np.finfo(float).tiny)
    opposite = (np.abs(np.nan_to_num(left_first + left_second)) <= noise[:, None]).all(axis=1)
    note = np.where((note == "") & opposite, NOT_IDENTIFIED, note)
    return _table(left_first, _correlation(left_first, left_second), note)


def top_overlap(first: np.ndarray, second: np.ndarray, *, top: int) -> pd.DataFrame:
    """Share of the ``top`` highest items that two profiles have in common.

    Items tied at the border share the places left: each is in with the chance it has under a
    random order of the tied ones, drawn apart for the two profiles, and the estimate is the
    expected share. So a profile tied at its border overlaps with itself by less than 1.
    ``by_chance`` is what two unrelated orders give, top / items.
    """
    if top < 1:
        raise ValueError(f"top must be at least 1 item, not {top}")
    first, second = _pair_up(first, second)
    both = np.sum(_chance_in_top(first, top) * _chance_in_top(second, top), axis=1)
    note = _note(first, second)
    n = np.sum(~np.isnan(first), axis=1)
    note = np.where(n < top, TOO_FEW_ANSWERS, note)
    by_chance = np.where(n >= top, top / np.maximum(n, 1), np.nan)
    return _table(first, both / top, note).assign(by_chance=by_chance)


def _chance_in_top(rows: np.ndarray, top: int) -> np.ndarray:
    """Return each item's chance of a place among the ``top`` highest of its row."""
    high = np.where(np.isnan(rows), -np.inf, rows)
    place = max(rows.shape[1] - top, 0)
    border = np.partition(high, place, axis=1)[:, [place]] if rows.shape[1] else high
    above, tied = high > border, high == border
    left = top - above.sum(axis=1, keepdims=True)
    return above + tied * left / np.maximum(tied.sum(axis=1, keepdims=True), 1)


def profile_icc(
    first: np.ndarray, second: np.ndarray, *, kind: ProfileIcc = "double_entry"
) -> pd.DataFrame:
    """Intraclass correlation of two profiles: likeness of shape, level and spread together.

    ``double_entry`` is the Pearson correlation after entering every item twice, as (a, b) and
    (b, a); ``absolute`` is ICC(2,1) with the roles as raters of the items. They differ by terms
    of order 1/n. A profile without differences has no shape: NaN, note ``no_variation``.

    References
    ----------
    Furr (2010), J. Pers. Assess. 92, 1-19 (double entry); McGraw & Wong (1996), Psychol. Methods
    1, 30-46, table 4 (absolute agreement).
    """
    require_choice("kind", kind, PROFILE_ICCS)
    first, second = _pair_up(first, second)
    n = np.sum(~np.isnan(first), axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        items, gap = _centred((first + second) / 2)[0], first - second
        gap_left, gap_mean = _centred(gap)
        # Sums of squares of items, of roles, and of what is left.
        of_items, of_rest = 2 * np.nansum(items**2, axis=1), np.nansum(gap_left**2, axis=1) / 2
        of_roles = n * gap_mean[:, 0] ** 2 / 2
        if kind == "double_entry":
            estimate = (of_items - of_rest - of_roles) / (of_items + of_rest + of_roles)
        else:
            ms_items, ms_rest = of_items / (n - 1), of_rest / (n - 1)
            estimate = (ms_items - ms_rest) / (ms_items + ms_rest + 2 * (of_roles - ms_rest) / n)
    return _table(first, estimate, _note(first, second)).assign(kind=kind)


def _pair_up(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return both as replicates x items, NaN wherever either is."""
    rows = [np.atleast_2d(np.asarray(x, dtype=float)) for x in (first, second)]
    if rows[0].shape[1] != rows[1].shape[1]:
        raise ValueError(
            f"both profiles must hold the same items, not {rows[0].shape[1]} and {rows[1].shape[1]}"
        )
    first, second = np.broadcast_arrays(*rows)
    missing = np.isnan(first) | np.isnan(second)
    return np.where(missing, np.nan, first), np.where(missing, np.nan, second)


def _centred(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows about their means, and the means; missing items stay missing."""
    n = np.sum(~np.isnan(rows), axis=1, keepdims=True)
    mean = np.nansum(rows, axis=1, keepdims=True) / np.where(n > 0, n, np.nan)
    return rows - mean, mean


def _correlation(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return Pearson's correlation row by row."""
    a, b = (np.nan_to_num(_centred(rows)[0]) for rows in (first, second))
    with np.errstate(invalid="ignore", divide="ignore"):
        a, b = (x / np.sqrt(np.sum(x**2, axis=1, keepdims=True)) for x in (a, b))
    return np.clip(np.einsum("ij,ij->i", a, b), -1, 1)


def _size(rows: np.ndarray) -> np.ndarray:
    """Return the largest absolute value of every row; 0 where nothing is there."""
    return np.max(np.abs(np.nan_to_num(rows)), axis=1, initial=0.0)


def _note(first: np.ndarray, second: np.ndarray, *, size: np.ndarray | None = None) -> np.ndarray:
    """Return the reason why a replicate has no estimate, "" where it has.

    A spread is noise below a few units of rounding of ``size``, here the largest value.
    """
    flat = np.zeros(len(first), dtype=bool)
    for rows in (first, second):
        noise = 1e-14 * (_size(rows) if size is None else size)
        flat |= np.max(np.abs(np.nan_to_num(_centred(rows)[0])), axis=1, initial=0.0) <= noise
    few = np.sum(~np.isnan(first), axis=1) < MINIMUM_ITEMS
    return np.select([few, flat], [TOO_FEW_ANSWERS, NO_VARIATION], "").astype(object)


def _table(first: np.ndarray, estimate: np.ndarray, note: np.ndarray) -> pd.DataFrame:
    """Return one row a replicate; the estimate goes where the note gives a reason against it."""
    given = (note == "") | (note == NO_RESIDUAL_VARIATION)
    n = np.sum(~np.isnan(first), axis=1)
    return pd.DataFrame(
        {
            "estimate": np.where(given, estimate, np.nan),
            "n_items": n,
            "n_dropped": first.shape[1] - n,
            "note": note,
        }
    )
