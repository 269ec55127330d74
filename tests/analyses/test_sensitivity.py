"""Headline differences with other people in the analysis: the same numbers, and nobody's answers."""

import numpy as np
import pytest
from tests.studies_made import made_answers

from research.analyses.gap import role_gaps
from research.analyses.power_use import power_against_the_rest
from research.analyses.sensitivity import SHIFT_STEP, gaps_of_others, headline_gaps

SHIFTS = ("shift", "power_shift")


@pytest.fixture(scope="module")
def answers():
    return made_answers(seed=31, organisations=8)


def without(answers, count, *, role="customer"):
    """The answers without the first ``count`` people of a role."""
    gone = np.flatnonzero(answers.is_role(role))[:count]
    return answers.where(~np.isin(np.arange(len(answers)), gone))


def parts(answers, others):
    found = gaps_of_others(answers, others, analysis="without_flagged")
    shift = found["estimate_type"].isin(SHIFTS)
    return found[~shift], found[shift]


def test_the_same_people_give_the_reported_differences_and_no_shift(answers):
    named, shifts = parts(answers, answers)
    reported = role_gaps(answers, level="clusters")
    reported = reported[reported["estimate_type"] == "mean_difference"]
    clusters = named[named["estimate_type"] == "mean_difference"]
    for column in ("estimate", "ci_low", "ci_high", "p_value", "p_adjusted"):
        np.testing.assert_allclose(clusters[column], reported[column], rtol=1e-12)
    power = power_against_the_rest(answers).iloc[0]
    assert named.set_index("estimate_type").loc["power_difference", "estimate"] == power["estimate"]
    assert (shifts["estimate"] == 0).all()
    assert (shifts["verdict"] == "same").all()


def test_with_many_gone_the_differences_are_those_of_the_people_left(answers):
    others = without(answers, 40)
    named, shifts = parts(answers, others)
    expected = headline_gaps(others)
    np.testing.assert_allclose(named["estimate"], expected["estimate"], rtol=1e-12)
    moved = (expected["estimate"] - headline_gaps(answers)["estimate"]).abs().to_numpy()
    bound = shifts["estimate"].to_numpy()
    assert (bound >= moved - 1e-12).all()
    assert (bound - moved < SHIFT_STEP).all()
    # numbers of people would give the number left out by subtraction
    assert set(named["n_a"] % 50) == {0.0}


@pytest.mark.parametrize("role", ["customer", "manager"])
@pytest.mark.parametrize("count", [1, 9])
def test_with_few_gone_only_a_bound_on_the_shift_is_given(answers, role, count):
    named, shifts = parts(answers, without(answers, count, role=role))
    assert named[["estimate", "ci_low", "p_value", "n_a", "n_b"]].isna().all(axis=None)
    assert (named["verdict"] == "").all()
    steps = shifts["estimate"] / SHIFT_STEP
    np.testing.assert_allclose(steps, steps.round(), atol=1e-9)
    assert shifts["n_a"].isna().all()


def test_ten_gone_are_enough_to_show(answers):
    named, _ = parts(answers, without(answers, 10))
    assert named["estimate"].notna().all()


def test_a_verdict_that_turns_is_said(answers):
    # Customers who value power most leave: the difference falls below what can be shown.
    power = answers.clusters["power"].where(answers.is_first_role)
    keep = ~(power >= power.quantile(0.3)).to_numpy()
    _, shifts = parts(answers, answers.where(keep))
    assert shifts.set_index("cluster_id").loc["power", "verdict"].tolist() == ["changed", "changed"]


def test_one_role_has_nothing_to_compare(answers):
    alone = answers.where(answers.is_first_role)
    assert gaps_of_others(alone, alone, analysis="without_flagged").empty
    assert gaps_of_others(answers, alone, analysis="without_flagged").empty
