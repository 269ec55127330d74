"""What people answered, and the difference in every organisation: counted by hand, protected."""

from dataclasses import replace

import numpy as np
import pytest
from tests.studies_made import made_answers

from research.analyses.answers_given import answers_given, shares_in_steps
from research.analyses.organisations import gaps_of_each
from research.analyses.release import told_as
from research.stats.estimates import RESULT_COLUMNS


@pytest.fixture(scope="module")
def answers():
    return made_answers(seed=31, organisations=6, managers_in_smallest=12)


@pytest.fixture(scope="module")
def given(answers):
    return answers_given(answers)


def one(results, **keys):
    for column, value in keys.items():
        results = results[results[column] == value]
    return results


def managers_answering(answers, column):
    """Only as many managers as answers are given, their first activity answered so."""
    chosen = ~answers.is_role("manager")
    # Spread over the organisations, or one of them holds more than half.
    managers = np.flatnonzero(~chosen)
    kept = managers[np.linspace(0, len(managers) - 1, len(column)).astype(int)]
    chosen[kept] = True
    few = answers.where(chosen)
    activities = few.activities.copy()
    activities.loc[few.is_role("manager"), "a01"] = np.array(column, dtype=float)
    return replace(few, activities=activities)


def test_results_keep_the_contract(given):
    assert tuple(given.columns) == RESULT_COLUMNS


def test_a_share_is_the_count_of_that_answer_among_those_who_answered(answers, given):
    column = answers.activities.loc[answers.is_role("customer"), "a08"].dropna()
    found = one(given, estimate_type="answer_share", role="customer", activity_id="a08")
    counted = [(column == point).mean() for point in range(1, 6)]
    assert list(found["statistic"]) == [1, 2, 3, 4, 5]
    # Whole per cents that add up to a hundred lie less than one from the share itself.
    np.testing.assert_allclose(found["estimate"], counted, atol=0.01)
    assert (found["n_a"] == len(column)).all()


def test_the_shares_of_every_row_add_up_to_one(given):
    shares = given[given["estimate_type"] == "answer_share"]
    sums = shares.groupby(["role", "cluster_id", "activity_id"])["estimate"].sum()
    assert len(sums) == 2 * (30 + 4)
    np.testing.assert_allclose(sums, 1.0)


def test_a_cluster_counts_every_answer_to_its_activities(answers, given):
    own = answers.instrument.activities_of("power")
    table = answers.activities.loc[answers.is_role("manager"), own].to_numpy()
    found = one(given, estimate_type="answer_share", role="manager", cluster_id="power")
    found = found[found["activity_id"] == ""]
    fives = (table == 5).sum() / (~np.isnan(table)).sum()
    assert found["estimate"].iloc[-1] == pytest.approx(fives, abs=0.01)


def test_who_gave_no_answer_stands_beside_the_shares_not_among_them(answers, given):
    missing = answers.activities.loc[answers.is_role("customer"), "a01"].isna().mean()
    found = one(given, estimate_type="share_missing", role="customer", activity_id="a01")
    assert found["estimate"].iloc[0] == pytest.approx(missing)


def test_steps_are_kept_and_add_up():
    # By hand: 0.333 x 20 = 6.67 each; the two largest remainders (equal, so the first) go up.
    np.testing.assert_allclose(shares_in_steps(np.full(3, 1 / 3), 20) * 20, [7, 7, 6])
    # Doubles of these do not add up exactly: nothing is gained or lost for that.
    np.testing.assert_allclose(shares_in_steps(np.array([0.29, 0.71]), 100) * 100, [29, 71])


def test_where_means_of_a_role_are_told_coarsely_its_shares_are_fives():
    study = made_answers(seed=31, organisations=12, managers_in_smallest=8)
    assert told_as(study).means == {"manager"}
    found = answers_given(study)
    parts = found[found["estimate_type"] == "answer_share"].groupby("role")["estimate"]
    fives = parts.apply(lambda x: np.allclose(x.dropna() * 20, np.rint(x.dropna() * 20)))
    assert fives["manager"] and not fives["customer"]
    # The page says so from this.
    assert set(found.loc[found["test"] == "in_fives", "role"]) == {"manager"}


class TestFewPeople:
    def rows(self, answers, column):
        found = answers_given(managers_answering(answers, column))
        return one(found, estimate_type="answer_share", role="manager", activity_id="a01")

    def test_a_distribution_of_fewer_than_twenty_is_withheld(self, answers):
        found = self.rows(answers, [1, 2, 3, 4, 5] * 3 + [1, 2, 3, 4])
        assert found["estimate"].isna().all()
        assert (found["note"] == "suppressed_too_few").all()

    def test_even_answers_of_thirty_are_shown(self, answers):
        found = self.rows(answers, [1, 2, 3, 4, 5] * 6)
        assert found["estimate"].tolist() == [0.2] * 5

    def test_thirty_of_whom_hardly_anyone_gave_an_answer_are_withheld(self, answers):
        # Nobody answered 1: masked alone it would follow from the other four.
        assert self.rows(answers, [2, 3, 4, 5, 5] * 6)["estimate"].isna().all()
        # 3 of 30 is exactly a tenth.
        assert self.rows(answers, [1] * 3 + [2, 3, 4] * 9)["estimate"].isna().all()

    def test_fifty_are_shown_as_they_answered(self, answers):
        found = self.rows(answers, [2, 3, 4, 5, 5] * 10)
        assert found["estimate"].tolist() == [0.0, 0.2, 0.2, 0.2, 0.4]


class TestOrganisations:
    def test_every_organisation_is_a_dot_without_a_name(self, answers):
        found = gaps_of_each(answers)
        assert (found["organisation_id"] == "").all()
        assert found[["n_a", "n_b", "n_dropped"]].isna().all(axis=None)
        scores = answers.clusters["power"].groupby([answers.people["role"], answers.organisation])
        means = scores.mean()
        expected = sorted(np.rint((means["customer"] - means["manager"]) * 10) / 10)
        assert one(found, cluster_id="power")["estimate"].tolist() == pytest.approx(expected)

    def test_an_organisation_with_few_people_is_not_among_them(self):
        found = gaps_of_each(made_answers(seed=31, organisations=12, managers_in_smallest=8))
        assert (found.groupby("cluster_id").size() == 11).all()

    def test_four_organisations_are_not_told_apart(self):
        found = gaps_of_each(made_answers(seed=31, organisations=4, managers_in_smallest=12))
        assert len(found) == 4  # one row a cluster, not one an organisation
        assert found["estimate"].isna().all()
        assert (found["note"] == "suppressed_few_to_compare").all()
