"""Families of tests and their adjusted p-values."""

from typing import Literal, get_args

import numpy as np

from research.errors import require_choice

AdjustMethod = Literal["holm", "fdr_bh", "none"]
ADJUST_METHODS: tuple[str, ...] = get_args(AdjustMethod)


def adjust_p_values(p_values: np.ndarray, *, method: AdjustMethod) -> np.ndarray:
    """Adjusted p-values of one family, in the order given.

    A missing p-value is no test: it stays NaN and does not count (statsmodels'
    ``multipletests`` counts it). Agrees with R's ``p.adjust``.

    References
    ----------
    Holm (1979), Scand. J. Stat. 6, 65-70; Benjamini & Hochberg (1995), J. R. Stat. Soc. B 57,
    289-300.
    """
    require_choice("adjust method", method, ADJUST_METHODS)
    p_values = np.asarray(p_values, dtype=float)
    adjusted = p_values.copy()
    tested = np.flatnonzero(~np.isnan(p_values))
    if method == "none" or len(tested) == 0:
        return adjusted
    order = tested[np.argsort(p_values[tested], kind="stable")]
    ranked, count = p_values[order], len(order)
    if method == "holm":
        stepped = np.maximum.accumulate(ranked * np.arange(count, 0, -1))
    else:
        stepped = ranked * count / np.arange(1, count + 1)
        stepped = np.minimum.accumulate(stepped[::-1])[::-1]
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
