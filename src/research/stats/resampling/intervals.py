"""From replicates to an interval: percentile and BCa, and the acceleration BCa needs."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import special

from research.errors import require_choice
from research.stats.estimates import NO_VARIATION, as_columns

Method = Literal["percentile", "bca"]
METHODS: tuple[str, ...] = get_args(Method)
# Fewer cannot show a 95 % interval: its limits would be among the five most extreme replicates.
MINIMUM_REPLICATES = 200
# Reason codes of this folder.
TOO_FEW_REPLICATES = "too_few_replicates"
NO_BCA = "no_bca_interval"
EXTREME_REPLICATES = "extreme_replicates"  # a limit is the very smallest or largest replicate
# Differences below this share of the replicates' range (of their size) are rounding.
ROUNDING = 1e-10


@dataclass(frozen=True, kw_only=True)
class Resampled:
    """Several estimates with the replicates that were drawn for them together.

    ``replicates`` is one row a resample, one column an estimate; NaN where a resample has no such
    estimate. ``note`` says why an estimate is missing.
    """

    estimate: np.ndarray
    replicates: np.ndarray
    acceleration: np.ndarray
    note: np.ndarray

    def interval(self, *, method: Method = "bca", confidence_level: float = 0.95) -> pd.DataFrame:
        """Estimate and interval; one row an estimate, columns as in ``bca_interval``."""
        require_choice("method", method, METHODS)
        if method == "bca":
            table = bca_interval(
                self.replicates,
                self.estimate,
                self.acceleration,
                confidence_level=confidence_level,
            )
        else:
            table = percentile_interval(self.replicates, confidence_level=confidence_level)
        refused = self.note != ""
        limits = table[["ci_low", "ci_high"]].mask(np.column_stack([refused, refused]))
        return table.assign(
            estimate=self.estimate,
            ci_low=limits["ci_low"],
            ci_high=limits["ci_high"],
            note=np.where(refused, self.note, table["note"]),
        )


def percentile_interval(replicates: np.ndarray, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Percentile interval of each column of ``replicates``; one row a column.

    The (R + 1) p-th smallest of R finite replicates, interpolated on the normal scale between
    two of them: what R's ``boot::boot.ci(type = "perc")`` gives (numpy's percentile interpolates
    in a straight line between (R - 1) p ranks). Replicates that are not finite are dropped and
    counted. Fewer than ``MINIMUM_REPLICATES``, or all equal: NaN with a note. A limit that is
    the smallest or largest replicate stands, with the note ``extreme_replicates``.

    References
    ----------
    Efron & Tibshirani (1993), An introduction to the bootstrap, section 13.3; Davison & Hinkley
    (1997), Bootstrap methods and their application, eq. 5.8 (interpolation).
    """
    rows = _rows(replicates)
    tails = np.array([(1 - confidence_level) / 2, (1 + confidence_level) / 2])
    return _interval_table(rows, np.tile(tails, (len(rows.values), 1)), confidence_level)


def bca_interval(
    replicates: np.ndarray,
    estimate: np.ndarray,
    acceleration: np.ndarray,
    *,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Bias-corrected and accelerated interval of each column of ``replicates``; one row a column.

    ``estimate`` and ``acceleration`` have one value a column. Replicates equal to the estimate
    count for one half in the bias correction (R's boot counts only those below it, which shifts
    intervals of five-point items; scipy counts as here). Otherwise as ``boot::boot.ci(type =
    "bca")`` with its empirical influence values, and ``percentile_interval`` for the rest. No
    estimate or acceleration, every replicate on one side of the estimate, or a correction past
    its pole: NaN with the note ``no_bca_interval``.

    References
    ----------
    Efron & Tibshirani (1993), eq. 14.9 (limits), 14.10 (levels), 14.14 (bias correction).
    """
    rows = _rows(replicates)
    estimate, acceleration = (
        np.broadcast_to(np.asarray(x, dtype=float), len(rows.values))
        for x in (estimate, acceleration)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        near = ROUNDING * rows.range
        below = np.count_nonzero(rows.values < (estimate - near)[:, None], axis=1)
        up_to = np.count_nonzero(rows.values <= (estimate + near)[:, None], axis=1)
        bias = special.ndtri(
            (below + up_to) / 2 / np.where(rows.n_finite > 0, rows.n_finite, np.nan)
        )
        tail = special.ndtri((1 + confidence_level) / 2)
        shifted = bias[:, None] + np.array([-tail, tail])
        room = 1 - acceleration[:, None] * shifted
        shares = special.ndtr(bias[:, None] + shifted / room)
    possible = np.isfinite(bias) & np.isfinite(acceleration) & (room > 0).all(axis=1)
    shares = np.where(possible[:, None], shares, np.nan)
    table = _interval_table(rows, shares, confidence_level)
    unexplained = ~possible & (table["note"] == "").to_numpy()
    return table.assign(
        estimate=estimate,
        bias_correction=np.where(np.isfinite(bias), bias, np.nan),
        acceleration=acceleration,
        note=np.where(unexplained, NO_BCA, table["note"]),
    )


def jackknife_acceleration(
    *groups: tuple[np.ndarray, np.ndarray], size: np.ndarray | float = 0.0
) -> np.ndarray:
    """Acceleration per estimate from leave-one-out values, one pair a resampled group.

    A pair is ``(left_out, counts)``: the estimates with one unit left out (one row a distinct
    unit, one column an estimate) and how many units are like it. Units are people, or
    organisations where those are resampled. Groups that are resampled apart enter with their own
    size: the third and second moments of their influence values are divided by n cubed and n
    squared (R's ``bca.ci`` leaves that to whoever supplies L: hand it influence values divided
    by n). Influence is taken around the mean of the leave-one-out values, as in the book; boot's
    ``usual.jack`` takes it around the estimate. Leave-one-out values that differ by less than 1e-10
    of their own size, or of ``size`` where that is larger (1 for a correlation or an alpha, which
    may be near zero), are equal but for rounding. NaN where a leave-one-out value is missing or
    where none differs from the others.

    References
    ----------
    Efron & Tibshirani (1993), eq. 14.15; Davison & Hinkley (1997), section 5.3.2 (several
    samples).
    """
    moments = []
    for left_out, counts in groups:
        left_out = as_columns(left_out)
        counts = np.broadcast_to(as_columns(counts), left_out.shape)
        if len(left_out) == 0:
            around = 0.0
        else:
            around = left_out[np.argmax(counts > 0, axis=0), np.arange(left_out.shape[1])]
        offset = np.where(counts > 0, left_out - around, 0.0)
        powers = [(counts * offset**power).sum(axis=0) for power in (1, 2, 3)]
        largest = np.max(np.where(counts > 0, np.abs(left_out), 0.0), axis=0, initial=0.0)
        moments.append((counts.sum(axis=0), *powers, np.maximum(largest, size)))
    return acceleration_of_moments(*moments)


def acceleration_of_moments(*groups: tuple[np.ndarray, ...]) -> np.ndarray:
    """Acceleration per estimate from sums over units: n, offsets, their squares and cubes, size.

    Offsets are leave-one-out values around any value near them; size is the largest leave-one-out
    value, beside which differences are judged to be rounding.
    """
    top = bottom = 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        for n, offset, squares, cubes, size in groups:
            mean = offset / n
            second = squares / n - mean**2
            third = cubes / n - 3 * mean * squares / n + 2 * mean**3
            # Too little beside the values themselves, or lost in the cancellation just above.
            rounding = second <= np.maximum((ROUNDING * size / n) ** 2, 1e-13 * squares / n)
            factor = (n - 1) / n
            # Influence values are (n - 1) times the offset, with the sign turned.
            top = top - np.where(rounding, 0.0, third) * factor**3 * n
            bottom = bottom + np.where(rounding, 0.0, second) * factor**2 * n
        return top / (6 * np.where(bottom > 0, bottom, np.nan) ** 1.5)


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """Replicates with one row an estimate (not finite: NaN), and what is known of each row."""

    values: np.ndarray
    n_finite: np.ndarray
    smallest: np.ndarray
    largest: np.ndarray

    @property
    def range(self) -> np.ndarray:
        return self.largest - self.smallest


def _rows(replicates: np.ndarray) -> _Rows:
    values = np.array(as_columns(replicates).T, order="C")
    finite = np.isfinite(values)
    if not finite.all():
        values[~finite] = np.nan
    empty = values.shape[1] == 0
    return _Rows(
        values=values,
        n_finite=np.count_nonzero(finite, axis=1),
        smallest=np.full(len(values), np.nan) if empty else np.fmin.reduce(values, axis=1),
        largest=np.full(len(values), np.nan) if empty else np.fmax.reduce(values, axis=1),
    )


def _interval_table(rows: _Rows, shares: np.ndarray, confidence_level: float) -> pd.DataFrame:
    """Return the table of an interval whose limits are the ``shares`` of the ordered replicates."""
    size = np.maximum(np.abs(rows.smallest), np.abs(rows.largest))
    constant = rows.range <= ROUNDING * size
    too_few = rows.n_finite < MINIMUM_REPLICATES
    shares = np.where((constant | too_few)[:, None], np.nan, shares)
    limits = _order_statistics(rows, shares)
    rank = (rows.n_finite[:, None] + 1) * shares
    extreme = ((rank < 1) | (rank > rows.n_finite[:, None])).any(axis=1)
    return pd.DataFrame(
        {
            "estimate": np.nan,
            "ci_low": limits[:, 0],
            "ci_high": limits[:, 1],
            "confidence_level": confidence_level,
            "n_replicates": rows.n_finite,
            "n_replicates_dropped": rows.values.shape[1] - rows.n_finite,
            "note": np.select(
                [too_few, constant, extreme],
                [TOO_FEW_REPLICATES, NO_VARIATION, EXTREME_REPLICATES],
                "",
            ),
        }
    )


def _order_statistics(rows: _Rows, shares: np.ndarray) -> np.ndarray:
    """Return the (R + 1) p-th smallest per row, interpolated on the normal scale."""
    if rows.values.shape[1] == 0:
        return np.full(shares.shape, np.nan)
    n = rows.n_finite[:, None]
    known = ~np.isnan(shares)
    shares = np.where(known, shares, [0.0, 1.0])
    below = np.trunc((n + 1) * shares).astype(int)
    inside = known & (below >= 1) & (below < n)
    place = np.clip(np.stack([below - 1, below]), 0, np.maximum(n - 1, 0))
    ordered = _ordered_at_the_ends(rows.values, place[..., 0].max(), place[..., 1].min())
    low, high = np.take_along_axis(ordered[None], place, axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        start = special.ndtri(below / (n + 1))
        step = special.ndtri((below + 1) / (n + 1)) - start
        between = low + (special.ndtri(shares) - start) / step * (high - low)
    return np.where(known, np.where(inside, between, low), np.nan)


def _ordered_at_the_ends(values: np.ndarray, last_low: int, first_high: int) -> np.ndarray:
    """Sort each row up to ``last_low`` and from ``first_high`` on, in place; NaN come last.

    Both limits of an interval are near an end, and what lies between need not be sorted.
    """
    if last_low + 1 >= first_high:
        values.sort(axis=1)
        return values
    values.partition([last_low, first_high], axis=1)
    values[:, : last_low + 1].sort(axis=1)
    values[:, first_high:].sort(axis=1)
    return values
