"""Roles that use the scale alike, or otherwise in a known way: does the ladder stop rightly?"""

from dataclasses import dataclass, replace

import numpy as np

from research.stats.factors.categories import category_scores, harmonised_categories
from research.stats.factors.comparability import (
    COMPARABLE,
    RULE,
    WITH_CARE,
    Judged,
    StopRule,
    judge_ladder,
    score_shifts,
)
from research.stats.factors.invariance import ordinal_ladder
from research.stats.resampling.streams import named_generator
from tests.simulations.designs import SEED
from tests.simulations.scale_use import AFFECTED, Cluster, Condition, draw_study
from tests.simulations.table import COVERAGE, NO_BOUND, Bound, figure

# People of the first role (customers) and of the second (managers).
SIZES = ((100, 50), (200, 100), (150, 150), (300, 150), (400, 200), (600, 300), (800, 400))
AS_USUAL = tuple(Condition(n_first=first, n_second=second) for first, second in SIZES)
USUAL = Condition(n_first=400, n_second=200)
UNUSUAL = (
    *(replace(USUAL, n_items=(k,) * 4, name=f"{k}_items") for k in (3, 4, 10)),
    *(replace(USUAL, n_categories=k, name=f"{k}_categories") for k in (3, 7)),
)
# Every activity's variance is for a twentieth between organisations, in both its parts.
NESTED = tuple(
    Condition(n_first=first, n_second=second, organisations=k, nesting=0.05, own_nesting=0.05)
    for first, second, k in (
        (300, 150, 12),
        (400, 200, 6),
        (400, 200, 12),
        (400, 200, 24),
        (800, 400, 12),
    )
)
# Refuses the same steps and releases nothing.
STOP_ONLY = replace(RULE, share_equal=1.0)
WELL_POWERED = 150  # people in the smaller role
OF_STUDY = {
    "right_none": "Share of studies with nothing planted in which every cluster may be compared",
    "stopped_elsewhere": "Share of studies in which a cluster with nothing planted was stopped, "
    "of the three beside the one planted in",
    "without_verdict": "Share of ladders that could not be fitted",
}
OF_KIND = {
    "right": "Share of studies with unequal {kind} in two or three activities of a cluster in "
    "which the ladder stops at {kind}",
    "stopped": "Share of studies with unequal {kind} in two or three activities of a cluster in "
    "which the ladder stops anywhere",
    "exact": "Share of studies with unequal {kind} in two or three activities of a cluster in "
    "which exactly these are released",
}
OF_GAP = {
    "gap_error_ignoring": "Mean of observed minus true gap of a cluster with unequal intercepts, "
    "in scale points",
    "gap_error_allowing": "Mean of the gap after allowing for released activities minus the true "
    "gap of a cluster with unequal intercepts, in scale points",
    "shift_coverage": "Share of 95 % intervals of what unequal intercepts add to a cluster's gap "
    "that hold the true value, where something was released",
}
BOUNDS: dict[str, Bound] = {
    "right_none": (0.9, np.nan),
    "right_thresholds": (0.8, np.nan),
    "right_intercepts": (0.8, np.nan),
    "shift_coverage": COVERAGE,
}


@dataclass(frozen=True, kw_only=True)
class Found:
    """One ladder: the verdict, and whether the planted activities and no others were released.

    ``gap_error`` is the gap after allowing for the released activities minus the true gap,
    ``plain_error`` the observed gap minus the true gap, and ``covered`` whether the interval of
    the shift holds the true one (NaN where nothing was released).
    """

    judged: Judged
    kind: str
    exact: bool
    gap_error: float
    plain_error: float
    covered: float


def judge_cluster(cluster: Cluster, *, n_ladders: int, rule: StopRule = RULE) -> Found:
    """The ladder of one cluster judged as the analysis does, beside the truth."""
    same = harmonised_categories(cluster.answers, cluster.role)
    factor_of = [0] * cluster.answers.shape[1]
    ladder = ordinal_ladder(same.codes, cluster.role, factor_of, cluster=cluster.organisation)
    judged = judge_ladder(ladder, n_ladders=n_ladders, rule=rule)
    answered = ~np.isnan(cluster.answers).all(axis=1)
    score, role = np.nanmean(cluster.answers[answered], axis=1), cluster.role[answered]
    plain = score[role == 0].mean() - score[role == 1].mean() - cluster.true_gap
    shift, covered = 0.0, np.nan
    if judged.verdict == WITH_CARE:
        scores = category_scores(cluster.answers, same.codes)
        mean = score_shifts(judged.final.fit, judged.released, scores).mean.iloc[0]
        shift = mean["estimate"]
        covered = float(mean["ci_low"] <= cluster.true_shift <= mean["ci_high"])
    return Found(
        judged=judged,
        kind=cluster.kind,
        exact=tuple(sorted(judged.released)) == cluster.off,
        gap_error=plain - shift,
        plain_error=plain,
        covered=covered,
    )


def one_study(
    generator: np.random.Generator, condition: Condition, *, rule: StopRule = RULE
) -> dict[str, tuple]:
    """Hits and runs of every figure of one study that the rule can tell."""
    ladders = [
        judge_cluster(cluster, n_ladders=len(condition.n_items), rule=rule)
        for cluster in draw_study(generator, condition)
    ]
    plain = [found.judged for found in ladders if found.kind == "none"]
    elsewhere = [_stopped_at(judged) for judged in plain[AFFECTED + 1 :]]
    counts = {
        "right_none": (all(judged.verdict == COMPARABLE for judged in plain), 1),
        "stopped_elsewhere": (any(elsewhere), 1),
        "without_verdict": (sum(not f.judged.verdict for f in ladders), len(ladders)),
    }
    for found in ladders:
        if found.kind != "none":
            stopped_at = _stopped_at(found.judged)
            counts[f"right_{found.kind}"] = (stopped_at == found.kind, 1)
            counts[f"stopped_{found.kind}"] = (stopped_at != "", 1)
            if rule == RULE:
                counts[f"exact_{found.kind}"] = (found.exact, 1)
        if found.kind == "intercepts" and rule == RULE:
            counts["gap_error_ignoring"] = (found.plain_error, 1)
            counts["gap_error_allowing"] = (found.gap_error, 1)
            if not np.isnan(found.covered):
                counts["shift_coverage"] = (found.covered, 1)
    return counts


def _stopped_at(judged: Judged) -> str:
    """The step refused first; none where a model could not be fitted."""
    return judged.stopped_at if judged.verdict else ""


def is_well_powered(condition: Condition) -> bool:
    return min(condition.n_first, condition.n_second) >= WELL_POWERED


def figures_of(condition: Condition) -> list[str]:
    """The figures of a condition; what is released, and the gap, only of studies as usual."""
    as_usual = not condition.name and not condition.organisations
    told = OF_KIND if as_usual else [what for what in OF_KIND if what != "exact"]
    of_kinds = [f"{what}_{kind}" for kind in condition.planted for what in told]
    return [*OF_STUDY, *of_kinds, *(OF_GAP if as_usual and is_well_powered(condition) else ())]


def name_of(what: str, condition: Condition) -> str:
    return "_".join(filter(None, ("ladder", what, condition.name)))


def title_of(what: str) -> str:
    name, _, kind = what.partition("_")
    return (OF_STUDY | OF_GAP).get(what) or OF_KIND[name].format(kind=kind)


def places(condition: Condition) -> list[dict]:
    """What the figures of a condition are called, and the sizes they hold for."""
    place = {"n_first": condition.n_first, "n_second": condition.n_second}
    if condition.organisations:
        place["organisations"] = condition.organisations
    return [{"what": name_of(what, condition), **place} for what in figures_of(condition)]


def figures(
    condition: Condition, *, studies: int = 300, released: int = 220, seed: int = SEED
) -> list[dict]:
    """Every figure of one condition; one batch a study.

    In the first ``released`` studies activities are released as well, which takes most of the
    time; the step at which a ladder stops is known without.
    """
    generator = named_generator(seed, "invariance", repr(condition))
    counts = [
        one_study(generator, condition, rule=RULE if number < released else STOP_ONLY)
        for number in range(studies)
    ]
    bounds = BOUNDS if is_well_powered(condition) and not condition.name else {}
    if condition.organisations:  # few organisations hide what is planted, however many people
        bounds = {"right_none": BOUNDS["right_none"]}
    rows = []
    for what, place in zip(figures_of(condition), places(condition), strict=True):
        hits, tested = np.array([count[what] for count in counts if what in count], float).T
        rows.append(
            figure(
                description=f"{title_of(what)}; {condition.setting}.",
                hits=hits,
                tested=tested,
                bound=bounds.get(what, NO_BOUND),
                **place,
            )
        )
    return rows
