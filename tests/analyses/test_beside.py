"""Other methods, the order of activities, differences between organisations."""

import numpy as np
import pandas as pd
import pytest
from tests.studies_made import made_answers, study_file

from research.analyses import agreement, order, organisations, other_methods, power_use, simulated
from research.presentation.other_methods_section import method_sentences
from research.presentation.texts import Reader
from research.stats.estimates import RESULT_COLUMNS

TESTED = ("mean_difference_organisations", "mean_difference_mixed", "odds_ratio")
ANALYSES = {
    "activities": lambda answers: other_methods.other_methods(answers, level="activities"),
    "clusters": lambda answers: other_methods.other_methods(answers, level="clusters"),
    "order": order.order_of_activities,
    "organisations": organisations.across_organisations,
    "power": power_use.power_by_other_methods,
}
every = pytest.mark.parametrize("analyse", ANALYSES.values(), ids=ANALYSES)


@pytest.fixture(scope="module")
def answers():
    return made_answers(seed=23, organisations=8)


def changed(answers, **parts):
    names = ("study", "instrument", "people", "activities", "clusters")
    return type(answers)(**{name: getattr(answers, name) for name in names} | parts)


def kind(results, estimate_type):
    return results[results["estimate_type"] == estimate_type]


@every
def test_results_keep_the_contract(answers, analyse):
    results = analyse(answers)
    assert len(results)
    assert tuple(results.columns) == RESULT_COLUMNS
    there = results.dropna(subset=["estimate", "ci_low", "ci_high"])
    assert (there["ci_low"] <= there["estimate"] + 1e-12).all()
    assert (there["estimate"] <= there["ci_high"] + 1e-12).all()


@every
def test_one_role_gives_no_comparison(answers, analyse):
    results = analyse(answers.where(answers.is_first_role))
    assert set(results["estimate_type"]) <= {
        "icc1",
        "icc2",
        "organisations_may",
        "organisations_may_not",
    }


@every
def test_the_order_of_people_changes_nothing(answers, analyse):
    shuffled = np.random.default_rng(3).permutation(len(answers))
    parts = {
        name: getattr(answers, name).iloc[shuffled] for name in ("people", "activities", "clusters")
    }
    pd.testing.assert_frame_equal(
        analyse(changed(answers, **parts)), analyse(answers), rtol=1e-6, atol=1e-9
    )


@every
def test_below_the_privacy_minimum_nothing_but_the_reason_is_left(answers, analyse):
    strict = changed(answers, study=study_file(privacy={"minimum_n": 100_000}))
    results = analyse(strict)
    assert results[["estimate", "ci_low", "ci_high", "p_value"]].isna().all(axis=None)
    assert (results["note"] != "").all()


def test_every_method_finds_the_planted_gap_on_power():
    answers = made_answers(seed=5, organisations=20, organisation_gap_spread=0.1)
    results = other_methods.other_methods(answers, level="activities")
    power = results[results["cluster_id"] == "power"]
    for name in TESTED:
        found = kind(power, name)
        assert (found["p_adjusted"] <= 0.05).mean() > 0.7, name
        middle = 1 if name == "odds_ratio" else 0
        assert (found["estimate"] > middle).all(), name
    assert (kind(power, "bayes_factor")["estimate"] > 10).all()


def test_people_of_left_out_organisations_cannot_be_counted_by_subtraction(answers):
    across = organisations.across_organisations(answers)
    counted = ["icc1", "icc2", "organisations_may", "organisations_may_not"]
    pooled = across[~across["estimate_type"].isin(counted)]
    level = kind(other_methods.other_methods(answers, level="clusters"), TESTED[0])
    for table in (pooled, level):
        assert len(table)
        assert table["n_dropped"].isna().all()
        assert (table[["n_a", "n_b"]].dropna() % 50 == 0).all(axis=None)


def test_four_organisations_cannot_be_solved_for_one_another():
    """One of them knows its own difference; mean and spread would give the rest away."""
    four = organisations.across_organisations(made_answers(seed=2, organisations=4))
    numbers = ["estimate", "ci_low", "ci_high", "statistic", "p_value"]
    for name in ("pooled_gap", "gap_spread", "predicted_gap"):
        rows = kind(four, name)
        assert rows[numbers].isna().all(axis=None)
        assert set(rows["note"]) == {"suppressed_few_to_compare"}
    for name in ("icc1", "icc2", "organisations_may"):
        assert kind(four, name)["estimate"].isna().all(), name
    level = other_methods.other_methods(made_answers(seed=2, organisations=4), level="clusters")
    assert kind(level, "mean_difference_organisations")[numbers].isna().all(axis=None)
    assert kind(four, "distinctive_similarity")["estimate"].isna().all()
    five = organisations.across_organisations(
        made_answers(seed=2, organisations=5, managers_in_smallest=12)
    )
    assert kind(five, "gap_spread")["estimate"].notna().all()


def test_agreement_within_an_organisation_is_a_verdict_from_enough_people_and_no_number(answers):
    whole = answers.of_organisation("organisation 1")
    results = agreement.agreement_within(whole)
    assert results[["estimate", "ci_low", "p_value"]].isna().all(axis=None)
    enough = results["n_a"] >= 20
    assert enough.any()
    assert results.loc[enough, "verdict"].isin(["agree", "differ"]).all()
    few = whole.where(np.arange(len(whole)) < 19)
    assert (agreement.agreement_within(few)["verdict"] == "").all()


def test_people_who_answer_alike_agree_and_people_at_both_ends_do_not(answers):
    whole = answers.of_organisation("organisation 1")
    rows, columns = whole.activities.shape
    alike = np.full((rows, columns), 4.0)
    apart = np.where(np.arange(rows)[:, None] % 2 == 0, 1.0, 5.0) + np.zeros(columns)
    for made, verdict in ((alike, "agree"), (apart, "differ")):
        table = whole.activities.copy()
        table[:] = made
        found = agreement.agreement_within(changed(whole, activities=table))
        assert set(found["verdict"]) <= {verdict, ""}
        assert verdict in set(found["verdict"])


def test_the_prediction_is_wider_than_the_interval_of_the_mean(answers):
    results = organisations.across_organisations(answers)
    mean, further = kind(results, "pooled_gap"), kind(results, "predicted_gap")
    assert (further["ci_low"].to_numpy() <= mean["ci_low"].to_numpy() + 1e-12).all()
    assert (further["ci_high"].to_numpy() >= mean["ci_high"].to_numpy() - 1e-12).all()


def test_verdicts_on_one_mean_never_exceed_the_organisations_judged(answers):
    results = organisations.across_organisations(answers)
    may, may_not = (kind(results, f"organisations_{v}") for v in ("may", "may_not"))
    judged = may["estimate"].notna().to_numpy()
    assert judged.any()
    total = may["estimate"].to_numpy() + may_not["estimate"].to_numpy()
    assert (total <= may["n_clusters"].to_numpy())[judged].all()
    assert (may["note"] != "")[~judged].all()


def test_two_equal_profiles_have_the_same_order(answers):
    """Every person answers the same list, whatever the role: only noise-free likeness is left."""
    ladder = np.linspace(1, 5, answers.activities.shape[1])
    noise = np.random.default_rng(1).normal(0, 0.01, answers.activities.shape)
    same = pd.DataFrame(
        ladder + noise, columns=answers.activities.columns, index=answers.activities.index
    )
    results = order.order_of_activities(changed(answers, activities=same))
    for name in ("kendall_tau_b", "spearman", "profile_correlation", "profile_icc", "top_overlap"):
        assert kind(results, name)["estimate"].iloc[0] == pytest.approx(1, abs=1e-3), name
    assert set(kind(results, "quadrant")["verdict"]) == {"keep_up", "low_priority"}


def test_a_test_that_gave_no_p_decides_nothing(answers):
    reader = Reader(study=answers.study, instrument=answers.instrument, language="en")
    primary = pd.DataFrame({"p_adjusted": [0.01, 0.2, 0.01], "activity_id": ["a01", "a02", "a03"]})
    primary.index = primary["activity_id"]
    other = primary.assign(p_adjusted=[np.nan, np.nan, 0.3])
    same, incomplete, differ = method_sentences(primary, {"odds_ratio": other}, reader)
    assert same.startswith("On 2 of 3")
    assert incomplete.endswith(": 2.")
    assert reader.label("a03") in differ and reader.label("a01") not in differ


def test_ratios_leave_as_a_bound_and_with_two_digits_from_few_people(answers):
    few = answers.of_organisation("organisation 1")
    results = other_methods.other_methods(few, level="activities")
    factors = kind(results, "bayes_factor")["estimate"].dropna()
    assert factors.between(0.001, 1000).all()
    for value in factors:
        assert value == pytest.approx(float(f"{value:.1e}"), rel=1e-12)
    whole = kind(other_methods.other_methods(answers, level="activities"), "bayes_factor")
    assert whole["estimate"].max() <= 1000


def test_the_simulated_family_error_is_told_for_holm_only(answers):
    study = study_file(families={"activities": "fdr_bh"})
    found = simulated.measured_for(changed(answers, study=study))
    assert set(found["estimate_type"]) == {"measured_coverage"}


def test_the_draws_follow_from_the_seed_of_the_study_alone(answers):
    once = order.order_of_activities(answers)
    other_methods.other_methods(answers, level="clusters")
    pd.testing.assert_frame_equal(order.order_of_activities(answers), once)
    reseeded = order.order_of_activities(changed(answers, study=study_file(seed=2)))
    assert not reseeded["ci_low"].equals(once["ci_low"])


def test_one_organisation_has_nothing_to_compare_and_people_models_only(answers):
    own = answers.of_organisation("organisation 1")
    assert organisations.across_organisations(own).empty
    found = other_methods.other_methods(own, level="activities")
    assert set(found["test"]) == {"cumulative_link", "jzs"}


def test_an_instrument_of_few_activities_has_no_top_five(answers):
    few = changed(answers, activities=answers.activities.iloc[:, :9])
    assert order.order_of_activities(few).empty


def test_simulated_figures_are_those_of_a_study_no_larger(answers):
    found = simulated.measured_for(answers).set_index("estimate_type")
    assert found.loc["measured_coverage", "n_clusters"] == 8
    assert 0.9 < found.loc["measured_coverage", "estimate"] < 0.99
    assert 0 < found.loc["measured_family_error", "estimate"] < 0.15
    assert simulated.measured_for(answers, confidence_level=0.9).empty
    alone = simulated.measured_for(answers.of_organisation("organisation 1"))
    assert set(alone["test"]) == {"coverage_welch"}
