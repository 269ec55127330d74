"""A second opinion by pingouin, when a study is built; the only module that imports it.

No published number comes from here. What is compared is what pingouin is known to get right: its
Hedges g uses an approximate correction, so Cohen's d before the correction is compared instead;
its intervals are rounded and are not compared; its one-way F stands in for ICC(1), which it has
for equal groups only.
"""

import warnings

import numpy as np
import pandas as pd

from research.stats import bayes, differences, ranks, two_groups
from research.stats.agreement import within_groups
from research.stats.equivalence import equivalence_test
from research.stats.multiplicity import adjust_p_values
from research.stats.reliability.alpha import cronbach_alpha

PINGOUIN_ABSENT = "pingouin_absent"
LARGEST_PAIRS = 4_000_000
PER_ITEM = (
    "welch_t",
    "welch_df",
    "welch_p",
    "cohen_d",
    "superiority",
    "mann_whitney_u",
    "mann_whitney_p",
    "equivalence_p",
    "bayes_factor",
)


def compare_with_pingouin(
    values: np.ndarray,
    first: np.ndarray,
    scales: list[np.ndarray],
    *,
    cluster: np.ndarray,
    margin: float,
) -> dict[str, object]:
    """Largest relative difference to pingouin per statistic, and how many numbers were compared.

    ``values`` is one row a respondent, one column an item; ``first`` marks group a; ``scales``
    are the item matrices alpha is computed from; ``cluster`` is each person's organisation and
    ``margin`` that of the equivalence test. Keys: ``largest``, ``n_compared``, and one per
    statistic. Where pingouin is not installed: the note ``pingouin_absent`` and nothing else.
    """
    try:
        import pingouin
    except ImportError:
        return {"note": PINGOUIN_ABSENT}
    pairs = _alpha_pairs(scales, pingouin)
    for group in (first, ~first):
        pairs = _joined(pairs, _cluster_pairs(values[group], cluster[group], pingouin))
    if first.any() and not first.all():
        pairs |= _difference_pairs(values, first, margin, pingouin)
    compared = {name: _largest_difference(ours, theirs) for name, (ours, theirs) in pairs.items()}
    return {
        "largest": max((value for value, _ in compared.values()), default=0.0),
        "n_compared": sum(count for _, count in compared.values()),
        **{name: value for name, (value, _) in compared.items()},
    }


def _difference_pairs(
    values: np.ndarray, first: np.ndarray, margin: float, pingouin
) -> dict[str, tuple]:
    welch = differences.welch(values, first)
    usable = (welch["note"] == "").to_numpy()
    effect = differences.hedges_g(values, first)
    correction = two_groups.small_sample_correction(effect["n_a"] + effect["n_b"] - 2)
    rank_sum = ranks.mann_whitney(values, first, continuity=True)
    equivalence = equivalence_test(
        welch["estimate"], welch["standard_error"], welch["df"], margin=margin
    )
    ours = {
        "welch_t": welch["statistic"],
        "welch_df": welch["df"],
        "welch_p": welch["p_value"],
        "cohen_d": effect["estimate"] / correction,
        "superiority": differences.brunner_munzel(values, first)["estimate"],
        "mann_whitney_u": rank_sum["u"],
        "mann_whitney_p": rank_sum["p_value"],
        "equivalence_p": equivalence["p_value"],
        "bayes_factor": bayes.bayes_factor_difference(values, first)["estimate"],
    }
    theirs = [
        _pingouin_item(values[first, column], values[~first, column], margin, pingouin)
        for column in np.flatnonzero(usable)
    ]
    table = pd.DataFrame(theirs, columns=list(PER_ITEM))
    pairs = {name: (ours[name][usable], table[name]) for name in PER_ITEM}
    if len(table) > 1:
        p_values = table["welch_p"].to_numpy()
        for method in ("holm", "fdr_bh"):
            adjusted = pingouin.multicomp(p_values, method=method)[1]
            pairs[f"{method}_p"] = (adjust_p_values(p_values, method=method), adjusted)
    return pairs


def _pingouin_item(a: np.ndarray, b: np.ndarray, margin: float, pingouin) -> list[float]:
    """Return pingouin's value of each statistic of ``PER_ITEM``."""
    a, b = a[~np.isnan(a)], b[~np.isnan(b)]
    test = pingouin.ttest(a, b, correction=True).iloc[0]
    # Its own BF10 in ttest is made from Welch's t; the JZS factor needs Student's.
    student = pingouin.ttest(a, b, correction=False).iloc[0]["T"]
    # pingouin compares every pair of people: from here on it would fill the memory.
    few = len(a) * len(b) <= LARGEST_PAIRS
    rank_sum = pingouin.mwu(a, b, method="asymptotic").iloc[0] if few else {}
    return [
        test["T"],
        test["dof"],
        test["p_val"],
        pingouin.compute_effsize(a, b, eftype="cohen"),
        pingouin.compute_effsize(a, b, eftype="CLES") if few else np.nan,
        rank_sum.get("U_val", np.nan),
        rank_sum.get("p_val", np.nan),
        pingouin.tost(a, b, bound=margin, correction=True).iloc[0]["pval"],
        pingouin.bayesfactor_ttest(student, len(a), len(b), r=bayes.MEDIUM_SCALE),
    ]


def _cluster_pairs(values: np.ndarray, cluster: np.ndarray, pingouin) -> dict[str, tuple]:
    """Return the one-way F over organisations that ICC(1) is made from, per item."""
    if len(set(cluster)) < 2:
        return {}
    found = within_groups.icc_1(values, cluster)
    ours, theirs = [], []
    for column in np.flatnonzero(found["note"] == ""):
        table = pd.DataFrame({"answer": values[:, column], "organisation": cluster.astype(str)})
        with warnings.catch_warnings():
            # pingouin 0.7 uses a keyword that pandas 3.1 announces as leaving.
            warnings.simplefilter("ignore", DeprecationWarning)
            row = pingouin.anova(data=table.dropna(), dv="answer", between="organisation").iloc[0]
        ours += [found["statistic"].iloc[column], found["p_value"].iloc[column]]
        theirs += [row["F"], row["p_unc"]]
    return {"one_way_f": (ours, theirs)} if ours else {}


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


def _joined(first: dict[str, tuple], second: dict[str, tuple]) -> dict[str, tuple]:
    """Return two sets of pairs as one; what stands in both is compared in both."""
    shared = {
        name: tuple(list(x) + list(y) for x, y in zip(first[name], second[name], strict=True))
        for name in first.keys() & second.keys()
    }
    return first | second | shared


def _largest_difference(ours: object, theirs: object) -> tuple[float, int]:
    """Return the largest difference relative to the second opinion, and the number of values."""
    ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
    compared = ~np.isnan(theirs)
    size = np.maximum(np.abs(theirs[compared]), 1e-12)
    difference = np.abs(ours[compared] - theirs[compared]) / size
    return float(np.max(difference, initial=0.0)), int(compared.sum())
