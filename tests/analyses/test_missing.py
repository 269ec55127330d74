"""What the study says of missing answers, and the gaps with answers filled in."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.studies_made import made_answers, study_file

from research.analyses import missing
from research.analyses.gap import role_gaps
from research.analyses.missing import completed_scores, gaps_with_imputation, missingness
from research.analyses.power_use import power_against_the_rest
from research.stats.estimates import RESULT_COLUMNS
from research.stats.missing.little import little_mcar
from research.study.answers import Answers

NUMBERS = ["estimate", "ci_low", "ci_high", "statistic", "df", "p_value", "p_adjusted"]
FEW = 4  # imputations: enough for what is tested here
SIZES = {"managers_per_organisation": (30, 40), "customers_per_organisation": (40, 60)}


@pytest.fixture(scope="module")
def answers() -> Answers:
    return made_answers(seed=7, organisations=5, careless=0, **SIZES)


@pytest.fixture(scope="module")
def imputed(answers) -> pd.DataFrame:
    return gaps_with_imputation(answers, n_imputations=FEW)


def whole(answers: Answers) -> Answers:
    """The same people with every answer given."""
    activities = answers.activities.fillna(3.0)
    scores = {
        cluster: activities[answers.instrument.activities_of(cluster)].mean(axis=1)
        for cluster in answers.instrument.cluster_ids
    }
    return replace(answers, activities=activities, clusters=pd.DataFrame(scores))


def only(results: pd.DataFrame, kind: str, **keys: str) -> pd.DataFrame:
    chosen = results[results["estimate_type"] == kind]
    for column, value in keys.items():
        chosen = chosen[chosen[column] == value]
    return chosen


# ---- how much, and why ------------------------------------------------------------------------


def test_counts_share_patterns_and_little_per_role(answers):
    results = missingness(answers)
    assert tuple(results.columns) == RESULT_COLUMNS
    for role in ("customer", "manager"):
        part = answers.activities[answers.is_role(role)].isna()
        row = only(results, "people_complete", role=role).iloc[0]
        assert row["estimate"] == (~part.any(axis=1)).sum()
        assert row["n_a"] == len(part)
        share = only(results, "answers_missing", role=role)["estimate"].iloc[0]
        assert share == pytest.approx(part.to_numpy().mean())
        patterns = only(results, "missing_patterns", role=role)["estimate"].iloc[0]
        assert patterns == len(part.drop_duplicates())
        row = only(results, "little_mcar", role=role).iloc[0]
        expected = little_mcar(answers.activities[answers.is_role(role)].to_numpy())
        for name in ("statistic", "df", "p_value"):
            assert row[name] == pytest.approx(expected[name]), name


def test_a_role_that_leaves_more_open_has_the_higher_odds(answers):
    activities = answers.activities.copy()
    rng = np.random.default_rng(1)
    more = answers.is_first_role[:, None] & (rng.random(activities.shape) < 0.1)
    results = missingness(replace(answers, activities=activities.mask(more)))
    row = only(results, "missing_odds_ratio").iloc[0]
    assert row["ci_low"] > 1
    assert row["contrast"] == "customer - manager"
    assert (row["n_a"], row["n_b"]) == tuple(
        answers.is_role(role).sum() for role in ("customer", "manager")
    )
    test = only(results, "missing_by_organisation").iloc[0]
    assert test["df"] == 4
    assert np.isnan(test["estimate"])
    assert test["contrast"] == ""


def test_one_role_and_one_organisation(answers):
    alone = answers.where(~answers.is_first_role)
    kinds = missingness(alone)["estimate_type"].tolist()
    assert "missing_odds_ratio" not in kinds
    assert only(missingness(alone), "missing_by_organisation")["note"].tolist() == [""]
    one = answers.of_organisation(answers.organisation_ids[0])
    results = missingness(one)
    assert "missing_by_organisation" not in set(results["estimate_type"])
    assert set(results["organisation_id"]) == {answers.organisation_ids[0]}


def test_nothing_missing_is_said(answers):
    results = missingness(whole(answers))
    assert set(only(results, "little_mcar")["note"]) == {"no_missing_answers"}
    assert only(results, "missing_odds_ratio")["note"].tolist() == ["no_missing_answers"]
    assert (only(results, "answers_missing")["estimate"] == 0).all()


def test_fewer_people_than_may_be_shown_are_not(answers):
    strict = replace(answers, study=study_file(privacy={"minimum_n": 100_000}))
    for results in (missingness(strict), gaps_with_imputation(strict, n_imputations=FEW)):
        assert results[NUMBERS].isna().all(axis=None)
        assert (results["note"] != "").all()


# ---- gaps with answers filled in --------------------------------------------------------------


def test_every_cluster_and_the_power_contrast_have_a_gap_with_imputed_answers(answers, imputed):
    assert tuple(imputed.columns) == RESULT_COLUMNS
    gaps = only(imputed, "mean_difference_imputed", analysis="missing")
    assert gaps["cluster_id"].tolist() == answers.instrument.cluster_ids
    assert (gaps["verdict"] != "").all()
    assert gaps["adjust_method"].eq("holm").all()
    assert (gaps["n_a"] + gaps["n_b"] == len(answers)).all()
    power = only(imputed, "mean_difference_imputed", analysis="power_missing")
    assert power["cluster_id"].tolist() == ["power"]
    assert only(imputed, "missing_information")["estimate"].between(0, 0.2).all()
    assert only(imputed, "imputation_error")["estimate"].between(0, 0.05).all()


def test_imputed_gaps_lie_near_the_plain_ones_when_answers_are_missing_at_random(answers, imputed):
    plain = only(role_gaps(answers, level="clusters"), "mean_difference")
    gaps = only(imputed, "mean_difference_imputed", analysis="missing")
    # Four per cent missing, scores of eight activities: a few hundredths of a point.
    np.testing.assert_allclose(gaps["estimate"], plain["estimate"], atol=0.03)
    # So little missing takes next to nothing from the df.
    np.testing.assert_allclose(gaps["df"], plain["df"], rtol=0.1)


def test_without_missing_answers_the_numbers_are_those_of_the_primary_test(answers):
    complete = whole(answers)
    found = gaps_with_imputation(complete, n_imputations=FEW)
    plain = only(role_gaps(complete, level="clusters"), "mean_difference")
    power = power_against_the_rest(complete)
    for gaps, expected in (
        (only(found, "mean_difference_imputed", analysis="missing"), plain),
        (only(found, "mean_difference_imputed", analysis="power_missing"), power),
    ):
        columns = [*NUMBERS, "verdict", "n_a", "n_b", "n_clusters", "n_dropped", "test"]
        pd.testing.assert_frame_equal(
            gaps[columns].reset_index(drop=True),
            expected[columns].reset_index(drop=True),
            check_exact=True,
        )
    assert (only(found, "missing_information")["estimate"] == 0).all()


def test_answers_missing_where_they_would_be_low_are_made_up_for(answers):
    # Customers skip an activity where the others of its cluster stand low. Of who is left the
    # gap is too high; imputed from the others it comes back.
    complete = whole(answers)
    names = complete.instrument.activities_of("power")
    low = complete.activities[names[1:]].mean(axis=1) < 3.6
    activities = complete.activities.copy()
    activities[names[0]] = complete.activities[names[1:]].mean(axis=1).round()
    full = replace(complete, activities=activities)
    gapped = activities.copy()
    skipped = low & complete.is_first_role & (np.arange(len(low)) % 4 > 0)
    gapped.loc[skipped, names[0]] = np.nan
    scores = complete.clusters.copy()
    scores["power"] = activities[names].mean(axis=1)
    truth = scores["power"].mask(skipped, np.nan)
    left_out = truth[complete.is_first_role].mean() - truth[~complete.is_first_role].mean()
    expected = (
        scores["power"][complete.is_first_role].mean()
        - scores["power"][~complete.is_first_role].mean()
    )
    found = gaps_with_imputation(
        replace(full, activities=gapped, clusters=scores.mask(skipped)), n_imputations=FEW
    )
    gap = only(found, "mean_difference_imputed", analysis="missing", cluster_id="power")
    assert left_out - expected > 0.1
    assert gap["estimate"].iloc[0] == pytest.approx(expected, abs=0.03)


def test_more_answers_than_can_be_imputed_in_time_are_not(answers, monkeypatch):
    monkeypatch.setattr(missing, "MOST_ANSWERS", answers.activities.size - 1)
    found = gaps_with_imputation(answers)
    assert set(found["note"]) == {"too_many_answers"}
    assert found["estimate"].isna().all()
    assert found["cluster_id"].tolist() == [*answers.instrument.cluster_ids, "power"]
    assert set(found["estimate_type"]) == {"mean_difference_imputed"}


def test_one_role_has_no_gap(answers):
    assert gaps_with_imputation(answers.where(answers.is_first_role), n_imputations=FEW).empty


def test_the_order_of_the_people_changes_nothing(answers, imputed):
    order = np.random.default_rng(2).permutation(len(answers))
    shuffled = replace(
        answers,
        **{
            name: getattr(answers, name).iloc[order].reset_index(drop=True)
            for name in ("people", "activities", "clusters")
        },
    )
    found = gaps_with_imputation(shuffled, n_imputations=FEW)
    pd.testing.assert_frame_equal(found, imputed, rtol=1e-9)


def test_the_seed_of_the_study_decides(answers, imputed):
    other = replace(answers, study=study_file(seed=2))
    found = gaps_with_imputation(other, n_imputations=FEW)
    assert not np.array_equal(found["estimate"], imputed["estimate"])


def test_one_organisation_has_gaps_as_well(answers):
    one = answers.of_organisation(answers.organisation_ids[0])
    found = gaps_with_imputation(one, n_imputations=FEW)
    gaps = only(found, "mean_difference_imputed", analysis="missing")
    assert gaps["p_value"].notna().all()
    assert set(gaps["test"]) == {"welch_t"}


def test_who_answered_nothing_stays_out_and_given_scores_stay(answers):
    activities, clusters = answers.activities.copy(), answers.clusters.copy()
    activities.iloc[3], clusters.iloc[3] = np.nan, np.nan
    changed = replace(answers, activities=activities, clusters=clusters)
    tables = completed_scores(changed, n_imputations=2)
    complete = activities.notna().all(axis=1)
    for table in tables:
        assert table.iloc[3].isna().all()
        assert table.drop(index=table.index[3]).notna().all(axis=None)
        pd.testing.assert_frame_equal(table[complete], clusters[complete], check_exact=True)
    row = only(gaps_with_imputation(changed, n_imputations=2), "mean_difference_imputed").iloc[0]
    assert row["n_dropped"] == 1
