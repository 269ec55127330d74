"""Answers on another scale, questions that do not vary or run backwards: one message each."""

import numpy as np
import pytest

from research.errors import ResponseError

HEADER = "id,org,role,a01,a02,a03,a04\n"


def rows(role: str, answers: np.ndarray, start: int = 0) -> str:
    return "".join(
        f"{role[0]}{start + n},Zuid,{role}," + ",".join(str(int(a)) for a in person) + "\n"
        for n, person in enumerate(answers)
    )


def any_answers(seed: int, n: int, *, low: int = 1, high: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).integers(low, high + 1, size=(n, 4))


def warned(result, rule: str) -> list[str]:
    return result.failures.loc[result.failures["rule"] == rule, "message"].tolist()


def test_two_roles_on_another_scale_are_one_message(load):
    text = HEADER + rows("customer", any_answers(1, 40, high=7))
    text += rows("manager", any_answers(2, 40, high=7))
    with pytest.raises(ResponseError, match="1 problem") as error:
        load({"e.csv": text})
    assert "the scale of roles 'customer' and 'manager' seems shifted" in str(error.value)


def test_one_role_on_another_scale_is_named_with_the_role_that_fits(load):
    text = HEADER + rows("customer", any_answers(1, 40, high=7))
    text += rows("manager", any_answers(2, 40))
    with pytest.raises(ResponseError, match="1 problem") as error:
        load({"e.csv": text})
    assert "It differs by role: role 'manager' fits." in str(error.value)


@pytest.mark.parametrize(("n", "expected"), [(40, 1), (19, 0)])
def test_a_role_that_leaves_the_end_of_the_scale_unused_is_one_warning(load, n, expected):
    text = HEADER + rows("customer", any_answers(3, 60))
    text += rows("manager", any_answers(4, n, high=3))
    found = warned(load({"e.csv": text}), "scale differs by role")
    assert len(found) == expected
    if expected:
        assert "all answers of role 'manager' lie from 1 to 3" in found[0]


def test_an_end_that_hardly_anybody_uses_says_nothing(load):
    answers = any_answers(5, 60, high=4)
    answers[0, 0] = 5
    text = HEADER + rows("customer", answers) + rows("manager", any_answers(6, 60, high=4))
    assert warned(load({"e.csv": text}), "scale differs by role") == []


def test_a_constant_and_an_unanswered_activity_are_named_in_their_role(load):
    answers = any_answers(7, 30)
    answers[:, 0] = 4
    text = HEADER + rows("customer", answers)
    text += rows("manager", any_answers(8, 30)).replace("manager,", "manager,,")
    text = "\n".join(",".join(line.split(",")[:7]) for line in text.splitlines()) + "\n"
    result = load({"e.csv": text})
    assert warned(result, "constant activity") == [
        "all 30 answers of role 'customer' to a01 are 4."
    ]
    assert warned(result, "unanswered activity") == ["nobody of role 'manager' answered a01."]


def test_nine_equal_answers_are_not_yet_constant(load):
    answers = any_answers(9, 9)
    answers[:, 0] = 4
    assert warned(load({"e.csv": HEADER + rows("customer", answers)}), "constant activity") == []


def test_nine_answers_of_thirty_people_and_none_of_nine_people_say_nothing(load):
    text = HEADER + rows("customer", any_answers(9, 30))
    lines = [line.split(",") for line in text.splitlines()]
    few = [[*line[:3], "4" if n < 9 else "", *line[4:]] for n, line in enumerate(lines[1:])]
    for people in (few, [[*line[:3], "", *line[4:]] for line in few[:9]]):
        text = HEADER + "".join(",".join(line) + "\n" for line in people)
        rules = set(load({"e.csv": text}).failures["rule"])
        assert not rules & {"constant activity", "unanswered activity"}


def with_trait(seed: int, n: int, signs: tuple[int, ...]) -> np.ndarray:
    """Answers of people who differ in one trait; a sign of -1 is an item that runs against it."""
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=(n, 1))
    return np.clip(np.rint(3 + np.array(signs) * trait + rng.normal(0, 0.5, (n, 4))), 1, 5)


@pytest.mark.parametrize(
    ("signs", "named"),
    [
        ((1, -1, 1, 1), []),  # a02 is reversed in the instrument: as it should be
        ((1, 1, 1, 1), ["a02"]),  # a02 came already turned
        ((1, -1, 1, -1), ["a03"]),  # a03 and a04, which are two, run against each other
    ],
)
def test_an_activity_that_runs_against_its_cluster_is_named(load, signs, named):
    text = HEADER + rows("customer", with_trait(10, 100, signs))
    failures = load({"e.csv": text}).failures
    against = failures[failures["rule"] == "against its cluster"]
    assert against["column"].tolist() == named
    if named == ["a02"]:
        assert "a02 is reversed and runs against its cluster first" in against["message"].iloc[0]
        assert "Was it recoded twice?" in against["message"].iloc[0]


@pytest.mark.parametrize(("n", "expected"), [(29, 0), (30, 1)])
def test_a_correlation_of_few_people_is_not_judged(load, n, expected):
    text = HEADER + rows("customer", with_trait(11, n, (1, 1, 1, 1)))
    assert len(warned(load({"e.csv": text}), "against its cluster")) == expected


def test_an_item_is_looked_at_within_a_role_because_two_means_correlate(load):
    """Reversed and unreversed rise together between the roles, and are unrelated within them."""
    low, high = any_answers(12, 60, high=2), any_answers(13, 60, low=4)
    text = HEADER + rows("customer", low) + rows("manager", high)
    assert warned(load({"e.csv": text}), "against its cluster") == []


def test_both_roles_are_one_message_an_activity(load):
    text = HEADER + rows("customer", with_trait(14, 50, (1, 1, 1, 1)))
    text += rows("manager", with_trait(15, 50, (1, 1, 1, 1)))
    (message,) = warned(load({"e.csv": text}), "against its cluster")
    assert "customer: correlation" in message
    assert "manager: correlation" in message


def test_the_named_correlation_is_that_of_the_item_with_the_others():
    from research.responses.validation.items import _item_rest

    answers = with_trait(16, 80, (1, 1, -1, 1))
    found = _item_rest(np.cov(answers, rowvar=False))
    expected = [
        np.corrcoef(answers[:, i], np.delete(answers, i, axis=1).sum(axis=1))[0, 1]
        for i in range(4)
    ]
    np.testing.assert_allclose(found, expected, atol=1e-12)
