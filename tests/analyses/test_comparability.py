"""What the study says on comparing the roles: verdicts, reasons, and how far gaps move."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.stats.same import assert_same
from tests.studies_made import made_answers

from research.analyses.comparability import (
    comparability,
    comparability_over_waves,
    in_short,
)
from research.stats.factors.comparability import MINIMUM_PER_ROLE, VERDICTS
from research.study.answers import Answers

CLUSTER = "interaction"


@pytest.fixture(scope="module")
def fair() -> Answers:
    """Both roles use the scale alike; customers value power half a point higher throughout."""
    return made_answers(
        seed=5,
        organisations=6,
        managers_per_organisation=(40, 40),
        customers_per_organisation=(70, 70),
        managers_in_smallest=40,
        power_gap_low=0.5,
        power_gap_high=0.5,
        organisation_gap_spread=0.1,
        careless=0,
    )


def changed(answers: Answers, activity: int, change) -> Answers:
    """The answers of the first role to one activity of the cluster, changed."""
    name = answers.instrument.activities_of(CLUSTER)[activity]
    activities = answers.activities.copy()
    first = answers.is_first_role
    activities.loc[first, name] = change(activities.loc[first, name])
    scores = answers.clusters.copy()
    scores[CLUSTER] = activities[answers.instrument.activities_of(CLUSTER)].mean(axis=1)
    return replace(answers, activities=activities, clusters=scores)


def verdicts(results: pd.DataFrame) -> pd.Series:
    rows = results[results["estimate_type"] == "comparability"]
    return rows.set_index("cluster_id")["verdict"]


def test_roles_that_use_the_scale_alike_may_be_compared(fair):
    results = comparability(fair)
    assert set(verdicts(results)) == {"comparable"}
    assert "released" not in set(results["estimate_type"])
    steps = results[results["estimate_type"] == "ladder_fit"]
    assert steps.groupby("cluster_id")["test"].agg(list).map(len).eq(5).all()


def test_an_activity_answered_higher_by_one_role_is_released_and_moves_the_gap(fair):
    lifted = changed(fair, 2, lambda answer: (answer + 1).clip(upper=5))
    results = comparability(lifted)
    assert verdicts(results)[CLUSTER] == "with_care"
    assert verdicts(results)[""] == "with_care"  # the worst cluster speaks for the study
    released = results[results["estimate_type"] == "released"]
    assert released["activity_id"].tolist() == [fair.instrument.activities_of(CLUSTER)[2]]
    # Everybody below the top went up by a point: at the same level some .7 of a point higher.
    assert 0.4 < released["estimate"].iloc[0] < 1.0
    shift = results[results["estimate_type"] == "gap_shift"].iloc[0]
    allowing = results[results["estimate_type"] == "gap_allowing"].iloc[0]
    score = lifted.clusters[CLUSTER]
    observed = score[fair.is_first_role].mean() - score[~fair.is_first_role].mean()
    assert allowing["estimate"] == pytest.approx(observed - shift["estimate"])
    assert shift["estimate"] == pytest.approx(released["estimate"].iloc[0] / 8)
    assert shift["ci_low"] < shift["estimate"] < shift["ci_high"]


def test_more_than_half_of_the_activities_used_differently_may_not_be_compared(fair):
    broken = fair
    # Up, down, up, down, up, down: no majority is left to compare on.
    for activity in range(0, 6, 2):
        broken = changed(broken, activity, lambda answer: (answer + 1).clip(upper=5))
        broken = changed(broken, activity + 1, lambda answer: (answer - 1).clip(lower=1))
    assert verdicts(comparability(broken))[CLUSTER] == "not_comparable"


def test_thirty_managers_and_eighty_customers_are_too_few_and_it_says_so():
    small = made_answers(
        seed=6,
        organisations=5,
        managers_per_organisation=(6, 6),
        customers_per_organisation=(16, 16),
        managers_in_smallest=6,
    )
    results = comparability(small)
    rows = results[results["estimate_type"] == "comparability"]
    assert set(rows["verdict"]) == {"with_care"}
    assert set(rows["note"]) == {"too_few_answers"}
    assert rows["estimate"].isna().all()
    assert min(small.is_first_role.sum(), (~small.is_first_role).sum()) < MINIMUM_PER_ROLE


def test_a_category_empty_in_one_role_is_merged_and_the_ladder_still_climbs(fair):
    without = changed(fair, 1, lambda answer: answer.replace({1: 2}))
    results = comparability(without)
    rows = results[results["cluster_id"] == CLUSTER]
    assert rows["estimate"].notna().any()
    assert verdicts(results)[CLUSTER] in VERDICTS


def test_a_constant_activity_is_left_out_of_the_model_and_the_reason_is_given(fair):
    constant = changed(fair, 3, lambda answer: answer * 0 + 4)
    results = comparability(constant)
    row = results[
        (results["estimate_type"] == "comparability") & (results["cluster_id"] == CLUSTER)
    ].iloc[0]
    assert row["verdict"] == "with_care"
    assert row["note"] == "empty_category"


def test_answers_that_no_ordinal_model_fits_are_judged_by_another_and_with_care(fair):
    name = fair.instrument.activities_of(CLUSTER)
    activities = fair.activities.copy()
    activities[name[1]] = activities[name[0]]  # the same answers twice: a correlation of one
    results = comparability(replace(fair, activities=activities))
    row = results[
        (results["estimate_type"] == "comparability") & (results["cluster_id"] == CLUSTER)
    ].iloc[0]
    assert row["verdict"] != "comparable"
    assert row["note"] != ""


def test_one_role_alone_has_nothing_to_compare(fair):
    assert comparability(fair.where(fair.is_first_role)).empty


def test_the_order_of_the_people_changes_nothing(fair):
    order = np.random.default_rng(1).permutation(len(fair))
    shuffled = replace(
        fair,
        people=fair.people.iloc[order].reset_index(drop=True),
        activities=fair.activities.iloc[order].reset_index(drop=True),
        clusters=fair.clusters.iloc[order].reset_index(drop=True),
    )
    assert_same(comparability(shuffled), comparability(fair), rtol=1e-6, atol=1e-7)


def test_a_report_on_one_organisation_gets_verdicts_and_what_they_change(fair):
    lifted = changed(fair, 2, lambda answer: (answer + 1).clip(upper=5))
    built = replace(lifted, whole_study=comparability(lifted))
    kinds = set(in_short(built)["estimate_type"])
    assert kinds == {"comparability", "released", "gap_shift", "gap_allowing"}
    assert in_short(fair).empty  # nothing built, nothing said


def test_waves_of_one_role_are_compared_later_against_first(fair):
    later = changed(fair, 2, lambda answer: (answer + 1).clip(upper=5))
    results = comparability_over_waves({"T0": fair, "T1": later})
    rows = results[results["estimate_type"] == "comparability"]
    found = rows.set_index(["role", "cluster_id"])["verdict"]
    assert found["customer", CLUSTER] == "with_care"  # only their answers changed
    assert found["manager", CLUSTER] == "comparable"
    assert set(results["contrast"]) == {"T1 - T0"}
    assert set(results["analysis"]) == {"waves"}
    assert comparability_over_waves({"T0": fair}).empty
