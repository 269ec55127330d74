"""What simulations say of a study's size: the verdict on comparing the roles."""

import numpy as np
import pytest
from tests.studies_made import made_answers

from research.analyses.simulated import PLANTED, measured_stops, simulations
from research.stats.estimates import RESULT_COLUMNS
from research.study.answers import Answers


@pytest.fixture(scope="module")
def many() -> Answers:
    """Some 430 customers and 140 managers."""
    return made_answers(seed=23, organisations=8)


def first_people(answers: Answers, n_first: int, n_second: int) -> Answers:
    keep = np.zeros(len(answers), dtype=bool)
    keep[np.flatnonzero(answers.is_first_role)[:n_first]] = True
    keep[np.flatnonzero(~answers.is_first_role)[:n_second]] = True
    return answers.where(keep)


def sizes(found) -> set[tuple[float, float]]:
    return set(zip(found["n_a"], found["n_b"], strict=True))


def test_every_kind_of_unequal_use_has_its_simulated_share(many):
    found = measured_stops(many)
    assert tuple(found.columns) == RESULT_COLUMNS
    assert found["test"].tolist() == list(PLANTED)
    assert set(found["analysis"]) == {"simulated"}
    assert set(found["estimate_type"]) == {"measured_stop"}
    assert sizes(found) == {(200, 100)}
    table = simulations().set_index(["what", "n_first", "n_second"])["value"]
    for kind, share in zip(found["test"], found["estimate"], strict=True):
        assert share == table[f"ladder_right_{kind}", 200, 100]


@pytest.mark.parametrize(
    ("n_first", "n_second", "expected"),
    [(200, 100, (200, 100)), (199, 100, (100, 50)), (400, 99, (100, 50)), (100, 50, (100, 50))],
)
def test_the_simulated_study_is_no_larger_in_either_role(many, n_first, n_second, expected):
    assert sizes(measured_stops(first_people(many, n_first, n_second))) == {expected}


def test_the_sizes_go_with_the_roles_whichever_is_the_larger(many):
    assert sizes(measured_stops(first_people(many, 55, 120))) == {(50, 100)}


def test_fewer_people_than_any_simulated_study_and_one_role_have_no_figure(many):
    assert measured_stops(first_people(many, 300, 49)).empty
    assert measured_stops(many.where(many.is_first_role)).empty
