"""What the analyses hand over: the contract, the privacy rules, the families."""

import numpy as np
import pytest
from tests.studies_made import made_answers, study_file

from research.analyses import gap, report, sample, value
from research.analyses.power_use import power_against_the_rest
from research.errors import InputError
from research.stats.estimates import RESULT_COLUMNS
from research.stats.multiplicity import adjust_p_values

NUMBERS = ["estimate", "ci_low", "ci_high", "statistic", "df", "p_value", "p_adjusted"]


@pytest.fixture(scope="module")
def answers():
    """More than a hundred of each role and nobody withheld: two decimals at least."""
    return made_answers(seed=11, organisations=8, managers_in_smallest=14)


@pytest.fixture(scope="module")
def results(answers):
    return report.study_results(answers)


def test_results_have_the_contract_columns_in_order(results):
    assert tuple(results.columns) == RESULT_COLUMNS


def test_a_missing_p_has_a_reason(results):
    tested = results["estimate_type"].isin(["mean_difference", "mean_above_midpoint"])
    empty = results[tested & results["p_value"].isna()]
    assert (empty["note"] != "").all()


def test_every_interval_holds_its_estimate(results):
    there = results.dropna(subset=["estimate", "ci_low", "ci_high"])
    assert len(there) > 100
    assert (there["ci_low"] <= there["estimate"]).all()
    assert (there["estimate"] <= there["ci_high"]).all()


def test_the_difference_is_the_difference_of_the_means(results):
    gaps = results[(results["estimate_type"] == "mean_difference") & (results["analysis"] == "gap")]
    keys = ["cluster_id", "activity_id"]
    means = results[(results["estimate_type"] == "mean") & (results["analysis"] == "gap")]
    means = means.pivot_table(index=keys, columns="role", values="estimate")
    expected = (means["customer"] - means["manager"]).sort_index()
    # Three numbers of two decimals each: half a hundredth of each.
    found = gaps.set_index(keys)["estimate"].sort_index()
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.0151)
    assert (gaps["contrast"] == "customer - manager").all()


def test_activities_and_clusters_are_families_of_their_own(results):
    gaps = results[(results["estimate_type"] == "mean_difference") & (results["analysis"] == "gap")]
    for level, size in (("activities", 30), ("clusters", 4)):
        chosen = gaps[gaps["family"] == f"{level}: {size} tests"]
        assert len(chosen) == size
        np.testing.assert_allclose(
            chosen["p_adjusted"], adjust_p_values(chosen["p_value"], method="holm")
        )


def test_one_organisation_is_compared_by_welch_and_several_by_cr2(answers):
    whole = gap.role_gaps(answers, level="clusters")
    own = gap.role_gaps(answers.of_organisation("organisation 1"), level="clusters")
    assert set(whole.loc[whole["estimate_type"] == "mean_difference", "test"]) == {"cr2_t"}
    assert set(own.loc[own["estimate_type"] == "mean_difference", "test"]) == {"welch_t"}
    assert "mean_difference_people" in set(whole["estimate_type"])
    assert "mean_difference_people" not in set(own["estimate_type"])


def test_the_power_contrast_ignores_who_answers_everything_higher(answers):
    """Everybody of one role a point higher on all activities: the contrast stays."""
    before = power_against_the_rest(answers)
    shifted = answers.clusters.add(answers.is_first_role.astype(float), axis=0)
    after = power_against_the_rest(type(answers)(**{**vars_of(answers), "clusters": shifted}))
    np.testing.assert_allclose(after["estimate"], before["estimate"])
    np.testing.assert_allclose(after["p_value"], before["p_value"])


def vars_of(answers):
    return {
        name: getattr(answers, name)
        for name in ("study", "instrument", "people", "activities", "clusters")
    }


def test_a_study_without_a_power_cluster_says_what_to_add(answers):
    without = type(answers)(**{**vars_of(answers), "study": study_file(power_cluster=None)})
    with pytest.raises(InputError, match="Add `power_cluster"):
        power_against_the_rest(without)


def test_with_one_role_there_are_means_and_no_differences(answers):
    only = answers.where(answers.is_first_role)
    results = report.study_results(only)
    assert "mean" in set(results["estimate_type"])
    assert "mean_difference" not in set(results["estimate_type"])


def test_all_valued_is_the_weakest_of_the_single_tests(answers):
    results = value.value_of_activities(answers)
    for role in ("customer", "manager"):
        chosen = results[results["role"] == role]
        tests = chosen[chosen["estimate_type"] == "mean_above_midpoint"]
        claim = chosen[chosen["estimate_type"] == "all_valued"].iloc[0]
        assert claim["p_value"] == tests["p_value"].max()


def test_the_order_of_the_people_changes_nothing(answers, results):
    rng = np.random.default_rng(5)
    order = rng.permutation(len(answers))
    shuffled = type(answers)(
        **{
            **vars_of(answers),
            "people": answers.people.iloc[order],
            "activities": answers.activities.iloc[order],
            "clusters": answers.clusters.iloc[order],
        }
    )
    one, other = results, report.study_results(shuffled)
    # Factor models end their search where a step gains nothing: they agree to what that leaves.
    fitted = one["analysis"].isin(["dimensions", "reliability", "comparability"])
    for column in NUMBERS:
        for rows, rtol in ((~fitted, 1e-10), (fitted, 1e-7)):
            np.testing.assert_allclose(
                one.loc[rows, column], other.loc[rows, column], rtol=rtol, atol=1e-12
            )
    assert one["verdict"].tolist() == other["verdict"].tolist()


def test_codes_of_organisations_are_not_in_alphabetical_order():
    answers = made_answers(seed=3, organisations=12)
    codes = sample.organisation_codes(answers)
    assert sorted(codes.values()) == [f"O{number:02d}" for number in range(1, 13)]
    by_name = [codes[name] for name in sorted(codes)]
    assert by_name != sorted(by_name)
    assert codes == sample.organisation_codes(answers)


@pytest.fixture(scope="module")
def small():
    """One organisation has eight managers; the others enough."""
    return made_answers(seed=12, organisations=4, managers_in_smallest=8)


class TestSmallGroups:
    def test_an_organisation_with_few_managers_shows_no_number_about_them(self, small):
        results = report.organisation_results(small, "organisation 2")
        about = results[(results["role"] == "manager") | (results["contrast"] != "")]
        assert about[NUMBERS + ["n_a", "n_b"]].isna().all().all()
        assert about["note"].isin(["suppressed_too_few"]).all()
        customers = results[(results["role"] == "customer") & (results["estimate_type"] == "mean")]
        assert customers["estimate"].notna().all()

    def test_what_is_not_shown_does_not_count_as_a_test(self, small):
        own = small.of_organisation("organisation 1")
        rows = np.flatnonzero(~own.is_first_role)
        activities = own.activities.copy()
        # all but nine managers skip one activity
        activities.iloc[rows[9:], 0] = np.nan
        thinned = type(own)(**{**vars_of(own), "activities": activities})
        gaps = gap.role_gaps(thinned, level="activities")
        gaps = gaps[gaps["estimate_type"] == "mean_difference"]
        assert gaps["p_value"].isna().sum() == 1
        assert set(gaps["family"]) == {"activities: 29 tests"}
        tested = gaps.dropna(subset=["p_value"])
        np.testing.assert_allclose(
            tested["p_adjusted"],
            adjust_p_values(tested["p_value"], method="holm"),
            atol=29 * 0.0005,  # few people: p is rounded to three decimals before it leaves
        )

    def test_people_per_organisation_are_told_in_bands(self, small):
        counts = sample.who_answered(small)
        cells = counts[counts["estimate_type"] == "respondents_in_organisation"]
        assert cells[["estimate", "n_a"]].isna().all().all()
        managers = cells[cells["role"] == "manager"]
        assert sorted(managers["note"]) == ["banded", "banded", "banded", "suppressed_too_few"]


def test_two_organisations_are_too_few_for_overall_figures():
    answers = made_answers(seed=4, organisations=2)
    results = report.study_results(answers)
    rest = results[results["analysis"] != "sample"]
    assert rest[NUMBERS].isna().all().all()
    assert set(rest["note"]) == {"suppressed_few_organisations"}


def test_an_organisation_with_more_than_half_of_a_role_withholds_overall_figures():
    answers = made_answers(seed=4, organisations=4)
    big = answers.people["organisation_id"].eq("organisation 0") & ~answers.is_first_role
    keep = answers.is_first_role | big.to_numpy()
    some = np.flatnonzero(~keep)[:10]
    keep[some] = True
    results = report.study_results(answers.where(keep))
    # Figures from simulations say nothing of the people who answered.
    rest = results[~results["analysis"].isin(["sample", "simulated"])]
    assert rest["estimate"].isna().all()


def test_dutch_names_and_roles_of_another_study_reach_the_contrast():
    roles = [
        {
            "id": "customer",
            "label": {"nl": "zelf", "en": "self"},
            "plural": {"nl": "zelf", "en": "self"},
        },
        {
            "id": "manager",
            "label": {"nl": "docent", "en": "teacher"},
            "plural": {"nl": "docenten", "en": "teachers"},
        },
    ]
    study = study_file(roles=list(reversed(roles)))
    answers = made_answers(seed=6)
    turned = type(answers)(**{**vars_of(answers), "study": study})
    one = gap.role_gaps(answers, level="clusters")
    other = gap.role_gaps(turned, level="clusters")
    pick = lambda table: table[table["estimate_type"] == "mean_difference"]  # noqa: E731
    assert set(pick(other)["contrast"]) == {"manager - customer"}
    np.testing.assert_allclose(pick(other)["estimate"], -pick(one)["estimate"].to_numpy())
    np.testing.assert_allclose(pick(other)["ci_low"], -pick(one)["ci_high"].to_numpy())
    np.testing.assert_allclose(pick(other)["p_value"], pick(one)["p_value"].to_numpy())
