"""The flow from rows to people: the counts close, and no subtraction gives a small number."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from research.presentation.flow import MERGED, STAGES, flow_steps
from research.study.answers import SampleFlow

LIMIT = 10
REASONS = [reason for reasons in STAGES.values() for reason in reasons]
PEOPLE = [reason for reason in REASONS if reason not in STAGES["opened"]]


def flow_of(left_out, rows_out=100):
    rows_in = rows_out + sum(left_out.values())
    return SampleFlow(
        rows_in=rows_in, rows_out=rows_out, left_out=left_out, n_failures=0, n_flagged=0
    )


def shown(left_out):
    return [(step.stage, step.count) for step in flow_steps(flow_of(left_out), limit=LIMIT)]


def test_every_stage_that_lost_many_is_shown_with_its_reasons():
    steps = flow_steps(
        flow_of({"preview": 2, "unfinished": 30, "spam": 11, "another wave": 40}), limit=LIMIT
    )
    assert [(s.stage, s.count) for s in steps] == [
        ("in", 183),
        ("opened", 181),
        ("complete", 151),
        ("valid", 140),
        ("out", 100),
    ]
    assert [s.left_out for s in steps] == [
        {},
        {"preview": 2},
        {"unfinished": 30},
        {"spam": 11},
        {"another wave": 40},
    ]


def test_few_people_left_out_of_a_stage_are_joined_with_the_next():
    # 4 spam rows would follow from the two counts around them
    assert shown({"unfinished": 30, "spam": 4}) == [("in", 134), ("out", 100)]
    steps = flow_steps(flow_of({"unfinished": 30, "spam": 4}), limit=LIMIT)
    assert steps[-1].left_out == {MERGED: 34}


def test_where_few_people_are_missing_in_all_it_is_not_said_how_many_were_read():
    assert shown({"unfinished": 3}) == [("out", 100)]


def test_nobody_left_out_shows_what_was_read():
    assert shown({}) == [("in", 100), ("out", 100)]


def test_previews_are_no_people_and_may_be_few():
    assert shown({"preview": 1}) == [("in", 101), ("opened", 100), ("out", 100)]


def test_an_unknown_reason_is_an_error_of_the_program():
    with pytest.raises(ValueError, match="unknown"):
        flow_steps(flow_of({"lost in the post": 3}), limit=LIMIT)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(REASONS), st.integers(1, 25)))
def test_no_subtraction_of_shown_counts_gives_a_small_number_of_people(left_out):
    steps = flow_steps(flow_of(left_out), limit=LIMIT)
    counts = [step.count for step in steps if step.stage != "in"]
    for first, second in combinations(counts, 2):
        assert first - second == 0 or first - second >= LIMIT
    told = [
        (reason, count)
        for step in steps
        for reason, count in step.left_out.items()
        if reason not in STAGES["opened"]
    ]
    people = sum(left_out.get(reason, 0) for reason in PEOPLE)
    assert sum(count for _, count in told) == people
    if steps[0].stage == "in":  # only then does a count say how many were left out
        assert all(count >= LIMIT for _, count in told)
