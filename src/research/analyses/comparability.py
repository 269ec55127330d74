"""Do the two roles use the scale alike, and what does it change where they do not?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from research.analyses.release import release
from research.disclosure import rules
from research.disclosure.rounding import to_decimals
from research.stats.estimates import (
    EMPTY_CATEGORY,
    NOT_IDENTIFIED,
    join_results,
    result_table,
)
from research.stats.factors.categories import category_scores, harmonised_categories
from research.stats.factors.comparability import (
    INSIDE,
    VERDICTS,
    WITH_CARE,
    Judged,
    judge_ladder,
    score_shifts,
)
from research.stats.factors.fit_indices import RMSEA_LEVEL
from research.stats.factors.invariance import (
    Rung,
    continuous_ladder,
    ladder_table,
    ordinal_ladder,
)
from research.study.answers import Answers

# Ordinal models that cannot be fitted give way to models for continuous answers, and are said to.
ML_INSTEAD = "ml_instead"
# What a report on one organisation says of the comparison.
SHORT_TYPES = ("comparability", "released", "gap_shift", "gap_allowing")


def comparability(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Verdict per cluster on comparing the roles, every step behind it, and what it changes.

    One row an estimate: ``comparability`` (the verdict; cluster "" is the worst of all), per step
    ``ladder_fit``, ``ladder_cfi``, ``ladder_rmsea``, ``ladder_cost`` and three deltas, per
    released activity its shift in scale points, per cluster ``gap_shift`` and ``gap_allowing``,
    and ``merged_answers``: activities in which an answer that one role never gave was joined with
    the next.
    Outside the conditions the rule was simulated for, as with too few people in a role, the ladder
    is not climbed: with care, and the reason. Tests allow for people nested in organisations. No
    rows with one role.
    """
    if not answers.has_two_roles:
        return result_table([])
    group = np.where(answers.is_first_role, 0, 1)
    keys = {"analysis": "comparability", "contrast": answers.study.contrast}
    found = _of_groups(answers, group, keys, confidence_level)
    return release(join_results([_overall(found), found]), answers)


def comparability_over_waves(
    waves: Mapping[str, Answers], *, confidence_level: float = 0.95
) -> pd.DataFrame:
    """The same for each role between its first wave and every later one; analysis "waves".

    ``waves`` maps the name of a wave to its answers, first wave first. Contrast is later - first
    wave. People of one organisation, and so the same people in both waves, may answer alike;
    within one organisation the waves count as independent, and a step is refused less often than
    it could be. No rows with one wave.
    """
    names = list(waves)
    tables = []
    for later in names[1:]:
        for role in waves[later].roles_present:
            both = [waves[name].where(waves[name].is_role(role)) for name in (later, names[0])]
            if not len(both[1]):
                continue
            group = np.repeat([0, 1], [len(answers) for answers in both])
            keys = {
                "analysis": "waves",
                "contrast": f"{later} - {names[0]}",
                "role": role,
                "wave": later,
            }
            together = replace(
                both[0],
                people=pd.concat([answers.people for answers in both], ignore_index=True),
                activities=pd.concat([answers.activities for answers in both], ignore_index=True),
                clusters=pd.concat([answers.clusters for answers in both], ignore_index=True),
            )
            found = release(_of_groups(together, group, keys, confidence_level), together)
            for answers in both:  # what may not be shown of one wave alone may not be of the two
                if answers.spans_organisations == together.spans_organisations:
                    found = release(found, answers)
                else:
                    everything = pd.Series(True, index=found.index)
                    found = rules.withhold(found, everything, rules.SUPPRESSED_ORGANISATIONS)
            tables.append(found)
    return join_results(tables)


def as_built(answers: Answers, *, analysis: str = "comparability") -> pd.DataFrame:
    """What the build found on comparing the roles, or ("waves") each role's waves.

    No rows where nothing was built.
    """
    built = answers.as_built(analysis)
    return result_table([]) if built is None else built


def in_short(answers: Answers) -> pd.DataFrame:
    """Of what the build found the verdicts and what they change; about the whole study.

    For the report on one organisation: without numbers of people, the rest to two decimals.
    """
    found = as_built(answers)
    found = found[found["estimate_type"].isin(SHORT_TYPES)].copy()
    # Who knows one organisation must not get at the others by subtraction.
    found[["n_a", "n_b"]] = np.nan
    for column in ("estimate", "ci_low", "ci_high"):
        found[column] = to_decimals(found[column], 2)
    return found


def _overall(found: pd.DataFrame) -> pd.DataFrame:
    """The row of the first cluster with the worst verdict, for all: fewest people, all released."""
    rows = found[found["estimate_type"] == "comparability"]
    worst = rows.loc[rows["verdict"].map(VERDICTS.index).idxmax()].to_dict()
    released = rows["estimate"].sum(min_count=1)
    return result_table(
        [{**worst, "cluster_id": "", "estimate": released, **rows[["n_a", "n_b"]].min()}]
    )


def _of_groups(
    answers: Answers, group: np.ndarray, keys: dict, confidence_level: float
) -> pd.DataFrame:
    """Rows of every cluster: group 0 against group 1."""
    cluster_ids = answers.instrument.cluster_ids
    return join_results(
        _of_cluster(
            answers, group, {**keys, "cluster_id": cluster_id}, len(cluster_ids), confidence_level
        )
        for cluster_id in cluster_ids
    )


def _of_cluster(
    answers: Answers, group: np.ndarray, keys: dict, n_ladders: int, confidence_level: float
) -> pd.DataFrame:
    activity_ids = np.array(answers.instrument.activities_of(keys["cluster_id"]))
    items = answers.activities[activity_ids].to_numpy(float)
    score = answers.clusters[keys["cluster_id"]].to_numpy()
    answered = ~np.isnan(items).all(axis=1)
    items, score, group = items[answered], score[answered], group[answered]
    sizes = np.bincount(group, minlength=2)
    keys = {**keys, "n_a": sizes[0], "n_b": sizes[1]}
    outside = INSIDE.reason_outside(
        per_role=int(sizes.min()),
        n_items=len(activity_ids),
        n_categories=len(answers.instrument.scale.points),
        organisations=len(set(answers.organisation[answered])),
    )
    if outside:
        return _verdict(WITH_CARE, keys, note=outside)
    same = harmonised_categories(items, group)
    kept = np.setdiff1d(np.arange(len(activity_ids)), same.refused["item"].to_numpy(int))
    if len(kept) < INSIDE.n_items[0]:
        return _verdict(WITH_CARE, keys, note=EMPTY_CATEGORY)
    nested = answers.organisation[answered] if answers.spans_organisations else None
    judged, note = _judge(items[:, kept], same.codes[:, kept], group, n_ladders, nested)
    fewest = INSIDE.n_categories[0]
    few = len(kept) < len(activity_ids) or np.nanmax(same.codes[:, kept], axis=0).min() + 1 < fewest
    parts = [
        _verdict(
            judged.verdict or WITH_CARE,
            keys,
            test=judged.stopped_at if judged.verdict else "",
            estimate=len(judged.released) if judged.verdict else np.nan,
            note=judged.note or note or (EMPTY_CATEGORY if few else ""),
        ),
        result_table(
            [{"estimate": same.merged["item"].nunique()}], estimate_type="merged_answers", **keys
        ),
        _steps(judged.rungs, keys),
    ]
    if judged.verdict == WITH_CARE and judged.released and note != ML_INSTEAD:
        scores = category_scores(items[:, kept], same.codes[:, kept])
        names = activity_ids[kept]
        gap = np.nanmean(score[group == 0]) - np.nanmean(score[group == 1])
        share = len(kept) / len(activity_ids)
        parts += _released(judged, names, scores, gap, share, keys, confidence_level)
    return join_results(parts)


def _judge(
    items: np.ndarray,
    codes: np.ndarray,
    group: np.ndarray,
    n_ladders: int,
    organisation: np.ndarray | None,
) -> tuple[Judged, str]:
    """The ordinal ladder judged; where it cannot be fitted that of complete answers by ML."""
    factor_of = [0] * items.shape[1]
    judged = judge_ladder(
        ordinal_ladder(codes, group, factor_of, cluster=organisation), n_ladders=n_ladders
    )
    if judged.verdict:
        return judged, ""
    complete = ~np.isnan(items).any(axis=1)
    if np.bincount(group[complete], minlength=2).min() < INSIDE.per_role:
        return judged, judged.note
    continuous = continuous_ladder(items[complete], group[complete], factor_of)
    instead = judge_ladder(continuous, n_ladders=n_ladders)
    return (instead, ML_INSTEAD) if instead.verdict else (judged, judged.note)


def _verdict(verdict: str, keys: dict, **values: object) -> pd.DataFrame:
    """The verdict of a cluster; a reason it is not the whole story makes it ``with_care``."""
    note = values.get("note")
    if note == ML_INSTEAD or (note and verdict == VERDICTS[0]):
        verdict = WITH_CARE
    return result_table([{"verdict": verdict, **values}], estimate_type="comparability", **keys)


def _steps(rungs: Sequence[Rung], keys: dict) -> pd.DataFrame:
    """Fit of every step with nothing released, and what it cost against the one before."""
    table = ladder_table(rungs)
    fit = {"statistic": "chi_square", "df": "df", "p_value": "fit_p_value", "estimate": "srmr"}
    cost = {
        "statistic": "difference",
        "df": "difference_df",
        "p_value": "p_value",
        "estimate": "rmsea_difference",
    }
    rmsea = {"estimate": "rmsea", "ci_low": "rmsea_low", "ci_high": "rmsea_high"}
    kinds = {
        "ladder_fit": fit,
        "ladder_cfi": {"estimate": "cfi"},
        "ladder_rmsea": rmsea,
        "ladder_cost": cost,
        "ladder_delta_cfi": {"estimate": "delta_cfi"},
        "ladder_delta_rmsea": {"estimate": "delta_rmsea"},
        "ladder_delta_srmr": {"estimate": "delta_srmr"},
    }
    parts = []
    for kind, columns in kinds.items():
        against_before = kind == "ladder_cost" or kind.startswith("ladder_delta")
        chosen = table.iloc[1:] if against_before else table
        rows = pd.DataFrame({name: chosen[column] for name, column in columns.items()})
        # Items of two categories alone leave nothing to test at some steps.
        nothing = rows["estimate"].isna() & (chosen["note"] == "")
        rows["test"], rows["note"] = chosen["step"], chosen["note"].mask(nothing, NOT_IDENTIFIED)
        if kind == "ladder_rmsea":
            rows["confidence_level"] = RMSEA_LEVEL
        parts.append(result_table(rows, estimate_type=kind, **keys))
    return join_results(parts)


def _released(
    judged: Judged,
    activity_ids: np.ndarray,
    category_scores: list[np.ndarray],
    gap: float,
    share: float,
    keys: dict,
    confidence_level: float,
) -> list[pd.DataFrame]:
    """Shift of every released activity, of the cluster's gap, and the gap allowing for it.

    ``share`` is the part of the cluster's activities that the model holds.
    """
    shifts = score_shifts(
        judged.final.fit, judged.released, category_scores, confidence_level=confidence_level
    )
    each = shifts.items.assign(
        activity_id=activity_ids[list(judged.released)], test=judged.released_at
    ).drop(columns=["item", "standard_error"])
    limits = ["estimate", "ci_low", "ci_high"]
    whole = shifts.mean.assign(**shifts.mean[limits] * share).drop(columns="standard_error")
    return [
        result_table(each, estimate_type="released", **keys),
        result_table(whole, estimate_type="gap_shift", **keys),
        result_table(
            [{"estimate": gap - whole["estimate"].iloc[0]}], estimate_type="gap_allowing", **keys
        ),
    ]
