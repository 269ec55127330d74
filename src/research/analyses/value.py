"""Which activities are valued, by whom, and is every one of them valued?"""

import numpy as np
import pandas as pd

from research.analyses.gap import keys_of, scope_of
from research.analyses.release import release
from research.disclosure import rules
from research.stats import clustered, differences
from research.stats.estimates import join_results, result_table
from research.stats.proportions import wilson_interval
from research.study.answers import Answers


def value_of_activities(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Per role and activity: mean against the midpoint, and the share above it.

    One row an estimate: ``mean_above_midpoint`` (one-sided test, CR2 over organisations or
    Student within one), ``share_above_midpoint`` (Wilson interval, people as independent), and
    per role one ``all_valued``: the intersection-union claim that every activity is valued. It
    holds when each single test does, so its p is the largest of them, without correction
    (Berger 1982, Technometrics 24, 295-300).
    """
    tables = []
    for role in answers.roles_present:
        tables += _value_for(answers, role, confidence_level)
    return release(join_results(tables), answers)


def _value_for(answers: Answers, role: str, confidence_level: float) -> list[pd.DataFrame]:
    values = answers.activities.to_numpy()[answers.is_role(role)]
    keys = {"analysis": "value", "organisation_id": scope_of(answers), "role": role}
    by_activity = {**keys, **keys_of(answers, answers.activities, "activities")}
    tested = _tests_against_midpoint(answers, role, values, confidence_level)
    claim = _all_valued(tested) | keys | {"confidence_level": confidence_level}
    n = (~np.isnan(values)).sum(axis=0)
    above = (values > answers.instrument.scale.midpoint).sum(axis=0)
    low, high = wilson_interval(above, n, confidence_level=confidence_level)
    shares = pd.DataFrame(
        {
            "estimate": above / np.maximum(n, 1),
            "ci_low": low,
            "ci_high": high,
            "confidence_level": confidence_level,
            "n_a": n,
            "n_dropped": len(values) - n,
        }
    )
    return [
        result_table(
            tested.drop(columns="standard_error"),
            estimate_type="mean_above_midpoint",
            **by_activity,
        ),
        result_table(shares, estimate_type="share_above_midpoint", test="wilson", **by_activity),
        result_table([claim]),
    ]


def _tests_against_midpoint(
    answers: Answers, role: str, values: np.ndarray, confidence_level: float
) -> pd.DataFrame:
    """Return one-sided tests per activity; not run on fewer people than may be shown."""
    options = {
        "null_value": answers.instrument.scale.midpoint,
        "confidence_level": confidence_level,
        "alternative": "greater",
    }
    if answers.spans_organisations:
        organisation = answers.organisation[answers.is_role(role)]
        tested = clustered.cr2_mean(values, organisation, **options).assign(test="cr2_t")
    else:
        tested = differences.mean_against(values, **options).assign(test="student_t")
    small = ~rules.may_be_tested(tested["n_a"], tested["n_a"], answers.study.privacy)
    tested.loc[small, ["statistic", "df", "p_value", "ci_low", "ci_high"]] = np.nan
    tested.loc[small, "note"] = rules.SUPPRESSED
    return tested


def _all_valued(tested: pd.DataFrame) -> dict[str, object]:
    """Return the intersection-union claim over the tests: the weakest one decides."""
    every = tested["p_value"].notna().all()
    return {
        "estimate_type": "all_valued",
        "estimate": tested["estimate"].min(),
        "test": f"intersection_union_{tested['test'].iloc[0]}",
        "p_value": tested["p_value"].max() if every else np.nan,
        "n_a": tested["n_a"].min(),
        "note": "" if every else "not_every_activity_tested",
    }
