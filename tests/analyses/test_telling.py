"""How coarsely a study is told: decided once, stored with the build, and no more than is needed."""

from dataclasses import replace

import pytest
from tests.studies_made import made_answers

from research.analyses import gap
from research.analyses.telling import telling, told_as
from research.disclosure.rules import SUPPRESSED_BY_OTHERS

HIDDEN = ("manager", "content", "a21")


@pytest.fixture(scope="module")
def answers():
    """Seven organisations, one with eight managers, whose mean on one activity would follow."""
    return made_answers(seed=21, organisations=7, managers_in_smallest=8)


def test_one_question_is_withheld_where_its_mean_would_give_another(answers):
    coarse = told_as(answers)
    assert coarse.overall
    assert coarse.hidden == {HIDDEN}


def test_what_was_decided_is_read_back_from_the_build(answers):
    built = replace(answers, whole_study=telling(answers))
    assert told_as(built) == told_as(answers)


def test_only_that_role_and_its_differences_are_withheld(answers):
    results = gap.role_gaps(answers, level="activities")
    hidden = (results["note"] == SUPPRESSED_BY_OTHERS) & results["estimate"].isna()
    assert set(results.loc[hidden, "activity_id"]) == {HIDDEN[2]}
    assert set(results.loc[hidden, "role"]) == {"manager", ""}
    own = results[results["activity_id"] == HIDDEN[2]]
    customers = own[own["role"] == "customer"]
    assert len(customers) and customers["estimate"].notna().all()
    others = results[results["activity_id"] != HIDDEN[2]]
    assert others.loc[others["estimate_type"] == "mean_difference", "estimate"].notna().all()
