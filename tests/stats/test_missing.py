"""Missing answers: patterns, Little's test, who leaves questions open, and Rubin's rules.

The values of R are compared in ``test_agreement``; imputation stands in ``test_missing_imputation``.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.stats.oracle import matrix, reference
from tests.stats.oracles.missing import people

from research.stats.missing.little import little_mcar
from research.stats.missing.missingness import (
    Counted,
    fit_logistic,
    missingness_regression,
)
from research.stats.missing.patterns import missing_counts, missing_patterns
from research.stats.missing.rubin import pool

NAN = np.nan
close = np.testing.assert_allclose


# ---- patterns -------------------------------------------------------------------------------


def test_patterns_are_counted_most_frequent_first():
    items = np.array([[1, 2, NAN], [1, NAN, NAN], [3, 2, NAN], [1, 2, 3], [NAN] * 3, [2, 2, NAN]])
    table = missing_patterns(items, ["a", "b", "c"])
    assert table["n"].tolist() == [3, 1, 1, 1]
    assert table["missing"].tolist() == [("c",), (), ("b", "c"), ("a", "b", "c")]
    assert table["n_missing"].tolist() == [1, 0, 2, 3]
    counts = missing_counts(items)
    assert (counts.n, counts.n_complete, counts.n_empty, counts.n_patterns) == (6, 1, 1, 4)
    assert counts.share == pytest.approx(8 / 18)
    assert counts.monotone  # whoever left b open left c open, and a only with both


def test_two_people_who_left_different_items_open_are_no_monotone_pattern():
    assert not missing_counts(np.array([[NAN, 2.0], [1, NAN]])).monotone
    assert missing_counts(np.array([[NAN, 2.0], [1, 3]])).monotone


def test_nobody_and_nothing_have_no_share():
    assert np.isnan(missing_counts(np.zeros((0, 3))).share)
    assert missing_counts(np.zeros((0, 3))).n_patterns == 0


def test_as_many_names_as_items():
    with pytest.raises(ValueError, match="2 items need as many names"):
        missing_patterns(np.zeros((3, 2)), ["a"])


# ---- Little ---------------------------------------------------------------------------------


def test_little_by_hand():
    # b is missing for two people. Regression of b on a among the other four: a 1 2 3 4 (mean 5/2),
    # b 2 4 3 5 (mean 7/2), slope 4/5. All a: 1 2 3 4 5 6, mean 7/2, variance 35/12 (divisor n).
    # ML mean of b: 7/2 + 4/5 (7/2 - 5/2) = 43/10. Its pattern with both: away (-1, -4/5), which
    # lies on the regression line, so d = 1 / (35/12) for each person: 4 * 12/35. The others: a
    # mean 11/2, away 2: 2 * 4 * 12/35. Together 144/35; df 2 + 1 - 2 = 1.
    items = np.array([[1, 2], [2, 4], [3, 3], [4, 5], [5, NAN], [6, NAN]], dtype=float)
    found = little_mcar(items)
    assert found["statistic"] == pytest.approx(144 / 35, rel=1e-9)
    assert found["df"] == 1
    assert found["p_value"] == pytest.approx(stats.chi2.sf(144 / 35, 1), rel=1e-9)


def test_little_of_two_patterns_with_one_item_each_side_is_the_published_airquality_value():
    # naniar's help page: statistic 35.1, df 14, p .00142, 4 patterns.
    record = next(r for r in reference("missing")["little"] if r["name"] == "airquality")
    found = little_mcar(matrix(record["items"]))
    assert f"{found['statistic']:.1f}" == "35.1"
    assert (found["df"], found["n_patterns"]) == (14, 4)
    assert f"{found['p_value']:.5f}" == "0.00142"


@pytest.mark.parametrize(
    "record",
    [r for r in reference("missing")["little"] if "lavaan" in r["expected"]["little_mcar"]],
    ids=lambda record: record["name"],
)
def test_little_with_the_moments_of_lavaan(record):
    # lavaan's EM stops at 1e-10 of its own criterion: five digits of the statistic.
    expected = record["expected"]["little_mcar"]["lavaan"]["statistic"]
    close(little_mcar(matrix(record["items"]))["statistic"], expected, rtol=1e-5)


def drawn(seed, n, p, share, depends=0.0):
    rng = np.random.default_rng(seed)
    items = np.clip(np.rint(3 + 0.7 * rng.normal(size=(n, 1)) + rng.normal(size=(n, p))), 1, 5)
    chance = share * np.exp(depends * (items[:, :1] - 3))
    holes = rng.random((n, p)) < chance
    holes[:, 0] &= depends == 0
    items[holes] = NAN
    return items


def test_little_keeps_its_level_and_finds_what_depends_on_answers():
    # 100 data sets at .05: the error of the share is .022.
    null = [little_mcar(drawn(seed, 80, 4, 0.1))["p_value"] for seed in range(100)]
    assert np.mean(np.array(null) <= 0.05) <= 0.11
    found = [little_mcar(drawn(seed, 150, 4, 0.1, 0.8))["p_value"] for seed in range(10)]
    assert np.median(found) < 0.001


def test_little_does_not_mind_order_or_scale():
    items = drawn(3, 90, 5, 0.1)
    found = little_mcar(items)["statistic"]
    rng = np.random.default_rng(1)
    for changed in (
        items[rng.permutation(90)],
        items[:, rng.permutation(5)],
        items * [1, 10, 0.1, 2, -1] + 7,
        np.vstack([items, np.full((3, 5), NAN)]),
    ):
        close(little_mcar(changed)["statistic"], found, rtol=1e-8)


def test_a_twin_of_an_item_is_refused():
    items = drawn(4, 60, 3, 0.1)
    assert little_mcar(np.column_stack([items, items[:, 0]]))["note"] == "not_positive_definite"


def test_an_item_that_all_but_follows_from_others_is_refused():
    rng = np.random.default_rng(9)
    items = rng.normal(size=(60, 3))
    items = np.column_stack([items, items[:, 0] + items[:, 1] + 1e-6 * rng.normal(size=60)])
    items[:12, 2] = NAN
    assert little_mcar(items)["note"] == "not_positive_definite"


@pytest.mark.parametrize(
    ("items", "note"),
    [
        (np.full((5, 2), NAN), "too_few_answers"),
        (np.zeros((0, 3)), "too_few_answers"),
        (np.array([[1.0, 2, 4], [2, 5, NAN], [3, 3, 1]]), "too_few_answers"),
        (np.array([[1.0, 2], [2, 1], [3, 3]]), "no_missing_answers"),
        (np.array([[4.0, 2], [NAN, 1], [4, 3]]), "no_variation"),
        (np.array([[4.0, NAN], [NAN, 1], [4, NAN], [3, NAN]]), "too_few_answers"),
    ],
)
def test_little_says_why_there_is_none(items, note):
    found = little_mcar(items)
    assert found["note"] == note
    assert np.isnan([found["statistic"], found["df"], found["p_value"]]).all()


SHARED = Path(__file__).parents[3] / "shared" / "data"


def real_items(name):
    """Items of a questionnaire that is not ours to copy."""
    if name.startswith("bfi"):
        frame = pd.read_csv(SHARED / "bfi_gender" / "bfi.csv").loc[:, "A1":"O5"]
        return frame.iloc[:400] if name == "bfi_first_400" else frame.filter(regex="^A")
    frame = pd.read_csv(SHARED / "wiki4he_two_universities" / "wiki4HE.csv", sep=";", na_values="?")
    return frame.filter(regex="^Use[0-9]" if name == "wiki_use" else "^(Qu|Im)[0-9]")


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is not on this machine")
@pytest.mark.parametrize(
    "record", reference("missing_shared")["little"], ids=lambda record: record["name"]
)
def test_little_of_real_questionnaires_is_that_of_r(record):
    found = little_mcar(real_items(record["name"]).to_numpy(float))
    for column, value in record["expected"]["little_mcar"].items():
        if column != "lavaan":
            close(found[column], value, rtol=1e-7, err_msg=column)


# ---- who leaves questions open ----------------------------------------------------------------


def test_the_odds_ratio_of_a_table_of_four_by_hand():
    # With an intercept and one yes-or-no predictor Firth's estimate adds a half to every cell.
    left_open = np.repeat([1, 0, 1, 0], [3, 17, 0, 20])
    first = np.repeat([1, 0], 20)
    row = missingness_regression(left_open, first, np.full(40, "x")).iloc[0]
    assert row["estimate"] == pytest.approx((3.5 * 20.5) / (0.5 * 17.5), rel=1e-9)
    assert np.isfinite([row["ci_low"], row["ci_high"]]).all()
    assert row["ci_low"] < row["estimate"] < row["ci_high"]
    assert (row["n_a"], row["n_b"], row["n_clusters"]) == (20, 20, 1)


def test_swapping_the_roles_turns_the_odds_ratio_over():
    rng = np.random.default_rng(5)
    first, organisation = rng.random(120) < 0.5, rng.integers(0, 4, 120)
    left_open = rng.random(120) < 0.2 + 0.2 * first
    one = missingness_regression(left_open, first, organisation)
    other = missingness_regression(left_open, ~first, organisation)
    close(1 / one["estimate"][0], other["estimate"][0], rtol=1e-9)
    close(1 / one["ci_low"][0], other["ci_high"][0], rtol=1e-8)
    close(one["p_value"], other["p_value"], rtol=1e-8)


def test_a_limit_is_where_the_test_at_that_level_turns():
    # A 90 % interval ends where the likelihood has fallen by half the .90 quantile.
    rng = np.random.default_rng(6)
    first, left_open = np.repeat([1, 0], 40), rng.random(80) < 0.3
    wide = missingness_regression(left_open, first, np.full(80, "x"), confidence_level=0.99)
    narrow = missingness_regression(left_open, first, np.full(80, "x"), confidence_level=0.9)
    level = 1 - narrow["p_value"][0]
    at_p = missingness_regression(left_open, first, np.full(80, "x"), confidence_level=level)
    assert wide["ci_low"][0] < narrow["ci_low"][0] < narrow["ci_high"][0] < wide["ci_high"][0]
    nearest = min(abs(np.log(at_p["ci_low"][0])), abs(np.log(at_p["ci_high"][0])))
    assert nearest == pytest.approx(0, abs=1e-8)


def test_without_the_penalty_it_is_glm():
    compared = 0
    for record in reference("missing")["missingness"]:
        expected = record["expected"].get("logistic")
        if expected is None or "why" in expected:
            continue
        left_open, first, organisation = people(record)
        labels = np.unique(organisation)
        design = np.column_stack([np.ones(len(first)), first, organisation[:, None] == labels[1:]])
        fit = fit_logistic(
            Counted(
                design=design.astype(float), open=left_open.astype(float), n=np.ones(len(first))
            ),
            penalised=False,
        )
        close(fit.coefficients, expected["coefficients"], rtol=1e-8, atol=1e-10)
        # glm's standard errors are those of its last step but one.
        close(np.sqrt(np.diag(fit.covariance)), expected["standard_errors"], rtol=1e-7)
        compared += 1
    assert compared >= 10


def test_one_role_or_one_organisation_leaves_its_row_out():
    left_open = np.array([0, 1, 1, 0, 0, 1])
    both = missingness_regression(left_open, [1, 0, 1, 0, 1, 0], list("aabbab"))
    assert both["term"].tolist() == ["role", "organisation"]
    assert missingness_regression(left_open, [1] * 6, list("aabbab"))["term"].tolist() == [
        "organisation"
    ]
    assert missingness_regression(left_open, [1] * 6, list("aaaaaa")).empty


def test_who_leaves_questions_open_says_why_there_is_no_answer():
    first, organisation = np.array([0, 1, 0, 1]), np.array(list("aabb"))
    for left_open, role, note in (
        (np.zeros(4), first, "no_missing_answers"),
        (np.ones(4), first, "nobody_complete"),
        (np.array([0, 1, 1, 0]), np.array([1, 1, 0, 0]), "not_identified"),
        (np.ones(1), np.ones(1), None),
    ):
        table = missingness_regression(left_open, role, organisation[: len(role)])
        assert set(table["note"]) == ({note} if note else set())
        assert table[["estimate", "p_value"]].isna().all(axis=None)


def test_many_organisations_take_no_time():
    rng = np.random.default_rng(7)
    organisation, first = rng.integers(0, 60, 3000), rng.random(3000) < 0.5
    table = missingness_regression(rng.random(3000) < 0.2, first, organisation)
    assert (table["note"] == "").all()
    assert table["df"].tolist() == [1, 59]


# ---- Rubin ------------------------------------------------------------------------------------


def test_rubin_by_hand():
    # Estimates 1, 2, 3 (mean 2, between 1), variances all 2: total 2 + 4/3 = 10/3; share between
    # 2/5; df large 2 / (4/25) = 25/2; of 9 complete df 9 (10/12) (3/5) = 9/2: together
    # 1 / (2/25 + 2/9) = 225/68. Increase 2/3; information (2/3 + 2 / (31/2)) / (5/3) = 74/155.
    row = pool(np.array([1.0, 2, 3]), np.full(3, 2.0), np.array(9.0)).iloc[0]
    assert row["estimate"] == 2
    close(row[["within", "between"]].tolist(), [2, 1])
    close(row["standard_error"] ** 2, 10 / 3)
    close(row["df"], 225 / 68)
    close(row["missing_information"], 74 / 155)
    close(row["efficiency"], 1 / (1 + 74 / 155 / 3))
    close(row["monte_carlo_error"], np.sqrt(1 / 3))
    half = stats.t.ppf(0.975, 225 / 68) * np.sqrt(10 / 3)
    close(row[["ci_low", "ci_high"]].tolist(), [2 - half, 2 + half])


def test_equal_estimates_give_the_result_of_one_data_set():
    row = pool(np.full(7, 0.1), np.full(7, 0.3**2), np.array(6.4)).iloc[0]
    assert (row["estimate"], row["standard_error"], row["df"]) == (0.1, 0.3, 6.4)
    assert (row["missing_information"], row["efficiency"], row["monte_carlo_error"]) == (0, 1, 0)


def test_without_the_factor_next_to_nothing_missing_changes_next_to_nothing():
    estimates = 0.1 + 1e-6 * np.array([1.0, -1] * 5)
    whole = pool(np.full(10, 0.1), np.full(10, 0.01), np.array(5.0)).iloc[0]
    nearly = pool(estimates, np.full(10, 0.01), np.array(5.0), prior_factor=False).iloc[0]
    close(nearly["ci_low"], whole["ci_low"], rtol=1e-5)
    strict = pool(estimates, np.full(10, 0.01), np.array(5.0)).iloc[0]
    assert strict["df"] == pytest.approx(5 * 6 / 8, rel=1e-6)


def test_df_never_exceed_those_of_the_complete_answers():
    rng = np.random.default_rng(8)
    for spread in (1e-3, 0.05, 0.3, 2):
        estimates = rng.normal(0, spread, (20, 50))
        for factor in (True, False):
            table = pool(estimates, np.full((20, 50), 0.01), np.array(8.0), prior_factor=factor)
            assert (table["df"] <= 8).all()


def test_an_estimate_missing_once_is_missing_and_infinite_df_are_allowed():
    estimates = np.array([[1.0, 1.0], [2.0, NAN]])
    table = pool(estimates, np.ones((2, 2)), np.array([np.inf, 5.0]))
    assert np.isnan(table["estimate"][1])
    # Share between (3/2 / 2) / (1 + 3/4) = 3/7: df 49/9.
    close(table["df"][0], 49 / 9)


def test_one_imputation_cannot_be_pooled():
    with pytest.raises(ValueError, match="at least two imputations, not 1"):
        pool(np.ones((1, 2)), np.ones((1, 2)), np.array(5.0))


def test_all_tables_hold_one_row_a_quantity():
    assert isinstance(pool(np.ones((2, 3)), np.ones((2, 3)), np.array(5.0)), pd.DataFrame)
    assert len(pool(np.ones((2, 3)), np.ones((2, 3)), np.array(5.0))) == 3
