"""A second opinion by pingouin, when a study is built; the only module that imports it.

No published number comes from here. What is compared is what pingouin is known to get right: its
Hedges g uses an approximate correction, so Cohen's d before the correction is compared instead.
"""

import numpy as np
import pandas as pd

from research.stats import differences
from research.stats.multiplicity import adjust_p_values
from research.stats.reliability import cronbach_alpha
from research.stats.two_groups import small_sample_correction

PINGOUIN_ABSENT = "pingouin_absent"
LARGEST_PAIRS = 4_000_000


def compare_with_pingouin(
    values: np.ndarray, first: np.ndarray, scales: list[np.ndarray]
) -> dict[str, object]:
    """Largest relative difference to pingouin per statistic, and how many numbers were compared.

    ``values`` is one row a respondent, one column an item; ``first`` marks group a; ``scales``
    are the item matrices alpha is computed from. Keys: ``largest``, ``n_compared``, and one per
    statistic. Where pingouin is not installed: the note ``pingouin_absent`` and nothing else.
    """
    try:
        import pingouin
    except ImportError:
        return {"note": PINGOUIN_ABSENT}
    pairs = _alpha_pairs(scales, pingouin)
    if first.any() and not first.all():
        pairs |= _difference_pairs(values, first, pingouin)
    compared = {name: _largest_difference(ours, theirs) for name, (ours, theirs) in pairs.items()}
    return {
        "largest": max((value for value, _ in compared.values()), default=0.0),
        "n_compared": sum(count for _, count in compared.values()),
        **{name: value for name, (value, _) in compared.items()},
    }


def _difference_pairs(values: np.ndarray, first: np.ndarray, pingouin) -> dict[str, tuple]:
    welch = differences.welch(values, first)
    effect = differences.hedges_g(values, first)
    correction = small_sample_correction(effect["n_a"] + effect["n_b"] - 2)
    theirs = [
        _pingouin_item(values[first, column], values[~first, column], pingouin)
        for column in np.flatnonzero(welch["note"] == "")
    ]
    table = pd.DataFrame(theirs, columns=["t", "df", "p", "d", "superiority"])
    usable = (welch["note"] == "").to_numpy()
    superiority = differences.brunner_munzel(values, first)["estimate"]
    pairs = {
        "welch_t": (welch["statistic"][usable], table["t"]),
        "welch_df": (welch["df"][usable], table["df"]),
        "welch_p": (welch["p_value"][usable], table["p"]),
        "cohen_d": ((effect["estimate"] / correction)[usable], table["d"]),
        "superiority": (superiority[usable], table["superiority"]),
    }
    if len(table) > 1:
        ours = adjust_p_values(table["p"].to_numpy(), method="holm")
        pairs["holm_p"] = (ours, pingouin.multicomp(table["p"].to_numpy(), method="holm")[1])
    return pairs


def _pingouin_item(a: np.ndarray, b: np.ndarray, pingouin) -> list[float]:
    a, b = a[~np.isnan(a)], b[~np.isnan(b)]
    test = pingouin.ttest(a, b, correction=True).iloc[0]
    # pingouin compares every pair of people: from here on it would fill the memory.
    few = len(a) * len(b) <= LARGEST_PAIRS
    superiority = pingouin.compute_effsize(a, b, eftype="CLES") if few else np.nan
    return [
        test["T"],
        test["dof"],
        test["p_val"],
        pingouin.compute_effsize(a, b, eftype="cohen"),
        superiority,
    ]


def _alpha_pairs(scales: list[np.ndarray], pingouin) -> dict[str, tuple]:
    ours, theirs = [], []
    for items in scales:
        found = cronbach_alpha(items).iloc[0]
        if found["note"] == "":
            # Complete rows are handed over: its own listwise option keeps the old n.
            complete = items[~np.isnan(items).any(axis=1)]
            ours.append(found["estimate"])
            theirs.append(pingouin.cronbach_alpha(pd.DataFrame(complete))[0])
    return {"cronbach_alpha": (ours, theirs)} if ours else {}


def _largest_difference(ours: object, theirs: object) -> tuple[float, int]:
    """Return the largest difference relative to the second opinion, and the number of values."""
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    compared = ~np.isnan(theirs)
    size = np.maximum(np.abs(theirs[compared]), 1e-12)
    difference = np.abs(ours[compared] - theirs[compared]) / size
    return float(np.max(difference, initial=0.0)), int(compared.sum())
