"""The p-value that a statistic and its degrees of freedom give, computed once more.

Not with the functions the results came from: this room may not import them.
"""

import itertools
import math

import numpy as np
from scipy import special

# Which tail belongs to which test of a result row.
TWO_SIDED_T = frozenset(
    "cr2_t welch_t mixed_model_t t_over_organisations reml_hartung_knapp brunner_munzel".split()
)
CHI_SQUARE = frozenset({"ladder_cost", "ladder_fit", "four_factors", "gap_spread"})
NORMAL = frozenset({"cumulative_link_mixed"})

Ends = tuple[float, float]


def tail_of(estimate_type: str, test: str) -> str:
    """Return the tail a result row's p is of: a name for ``p_range``, "" where we know none."""
    if test.endswith("_tost"):
        return "t_tost"
    if estimate_type == "mean_above_midpoint":
        return "t_above"
    if estimate_type in CHI_SQUARE:
        return "chi_square"
    if test in NORMAL:
        return "normal"
    return "t" if test in TWO_SIDED_T else ""


def p_range(tail: str, statistic: Ends, df: Ends) -> Ends:
    """Smallest and largest p that statistic and df between these ends give."""
    values = list(statistic)
    if statistic[0] < 0 < statistic[1]:
        values.append(0.0)
    found = [_p(tail, s, max(d, 1e-6)) for s, d in itertools.product(values, df)]
    return min(found), max(found)


def _p(tail: str, statistic: float, df: float) -> float:
    if tail == "chi_square":
        return float(special.chdtrc(df, max(statistic, 0.0)))
    if tail == "normal":
        return float(2 * special.ndtr(-abs(statistic)))
    if tail == "t_above":
        return float(special.stdtr(df, -statistic))
    if tail == "t_below":
        return float(special.stdtr(df, statistic))
    return float(2 * special.stdtr(df, -abs(statistic)))


def stored_ends(value: float) -> Ends:
    """Ends between which a stored number lay before it was rounded.

    Results of few people are kept with few decimals: a number that has at most three stands for
    everything that rounds to it.
    """
    for decimals in range(4):
        scaled = value * 10**decimals
        if abs(scaled - np.rint(scaled)) < 1e-9:
            half = 0.5 * 10.0**-decimals
            return value - half, value + half
    slack = 1e-9 * max(abs(value), 1.0)
    return value - slack, value + slack


def stored_p_ends(p: float) -> Ends:
    """Ends of a stored p: three decimals where few answered, below .001 one significant digit."""
    if p >= 0.001:
        return stored_ends(p)
    if p <= 0:
        return 0.0, 1e-300
    unit = 10.0 ** math.floor(math.log10(p))
    slack = 0.5 * unit if abs(p / unit - np.rint(p / unit)) < 1e-9 else 1e-6 * p
    return p - slack, p + slack


def overlap(one: Ends, other: Ends) -> bool:
    """Whether two ranges have a value in common."""
    return one[0] <= other[1] + 1e-9 and other[0] <= one[1] + 1e-9
