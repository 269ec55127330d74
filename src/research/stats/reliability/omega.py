"""How much of a sum of items is common to them, and how much is one thing?"""

from dataclasses import dataclass

import numpy as np

from research.stats.estimates import NO_VARIATION
from research.stats.factors.minres import minres
from research.stats.factors.rotation import GRADIENT, oblimin, varimax
from research.stats.factors.schmid_leiman import schmid_leiman

NOISE = 1e-10  # of the items' number: items that cancel out leave this as the sum's variance


@dataclass(frozen=True, kw_only=True)
class Omega:
    """McDonald's omega of the sum of standardised items, with the loadings behind it."""

    total: float  # share of the sum's variance that the items' common factors explain
    hierarchical: float  # share that the general factor explains
    limit: float  # hierarchical over total: what ever more such items would come to
    general: np.ndarray  # loadings on the general factor, of the items as turned
    group: np.ndarray  # loadings on the group factors, of the items as turned
    signs: np.ndarray  # -1 for an item that was turned because its general loading is negative
    n_factors: int  # group factors
    note: str


def omega(correlations: np.ndarray, *, n_factors: int = 3, tolerance: float = GRADIENT) -> Omega:
    """Omega total and omega hierarchical from an exploratory factor analysis.

    Minimum residual factors, varimax, direct oblimin, Schmid-Leiman: as ``psych::omega`` does.
    An item that loads negatively on the general factor is turned before the sum is formed, as
    psych does (``signs``); in an instrument whose reversed items were turned already, that is a
    reason to look at the item. ``correlations`` may be Pearson or polychoric; from polychoric
    ones it is the omega of the answers behind the categories, not of the observed sum.

    Two group factors give one correlation, which both share equally (psych's
    ``option = "equal"``): an assumption, not a finding. With one factor there is nothing but the
    general factor and hierarchical is total; psych then prints (sum of loadings)^2 over the
    sum's variance, which differs by the sum of the residual correlations, and says that it is
    not meaningful. ``tolerance`` is that of ``oblimin``.

    Notes: those of ``minres``, ``oblimin`` and ``schmid_leiman``. ``not_identified``: more free
    loadings than correlations, such as three group factors of five items, for which psych
    prints a number. ``no_variation``: the sum does not vary. With these every number is NaN;
    in a ``heywood`` case numbers are psych's and to be read with care.

    References
    ----------
    McDonald (1999), Test Theory, eq. 6.20; Zinbarg, Revelle, Yovel & Li (2005), Psychometrika
    70, 123-133, eq. 7-9; Schmid & Leiman (1957), Psychometrika 22, 53-61.
    """
    matrix = np.atleast_2d(np.asarray(correlations, dtype=float))
    extracted = minres(matrix, n_factors)
    upright = varimax(extracted.loadings)
    rotated = oblimin(upright, tolerance=tolerance)
    split = schmid_leiman(rotated.loadings, rotated.factor_correlations)
    failed = np.isnan(split.general).any()
    note = next((x for x in (extracted.note, rotated.note, split.note) if x), "")
    signs = np.where(split.general < 0, -1.0, 1.0)
    variance = float(signs @ matrix @ signs)
    if not failed and variance <= NOISE * len(matrix):
        failed, note = True, NO_VARIATION
    if failed:
        return _refused(len(matrix), n_factors, note)
    common = variance - float((1 - split.communalities).sum())
    general = float((signs * split.general).sum() ** 2)
    if n_factors == 1:
        general = common
    return Omega(
        total=common / variance,
        hierarchical=general / variance,
        limit=general / common,
        general=signs * split.general,
        group=signs[:, None] * split.group,
        signs=signs,
        n_factors=n_factors,
        note=note,
    )


def _refused(n_items: int, n_factors: int, note: str) -> Omega:
    nothing = np.full(n_items, np.nan)
    return Omega(
        total=np.nan,
        hierarchical=np.nan,
        limit=np.nan,
        general=nothing,
        group=np.full((n_items, n_factors), np.nan),
        signs=nothing.copy(),
        n_factors=n_factors,
        note=note,
    )
