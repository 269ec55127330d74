"""Regression with CR2 standard errors, and one-way analysis of variance."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stats.nested import LABELS, assert_explained, assert_same, studies
from tests.stats.nist import rational_least_squares
from tests.stats.oracle import matrix, reference

from research.stats.clustered import cr2_difference, cr2_mean
from research.stats.regression import cr2_regression, least_squares, one_way_anova

TESTED = ["estimate", "ci_low", "ci_high", "standard_error", "statistic", "df", "p_value"]
NAMES = ["role", "years"]


def only(table, term, **expected):
    row = table[table["term"] == term].iloc[0]
    for column, value in expected.items():
        if isinstance(value, str):
            assert row[column] == value, column
        else:
            np.testing.assert_allclose(row[column], value, rtol=1e-12, err_msg=column)


# ---- by hand --------------------------------------------------------------------------------


def test_a_line_through_three_points_by_hand():
    # x 0, 1, 2; y 1, 3, 4: slope 3/2, intercept 7/6; residuals -1/6, 2/6, -1/6; squares 1/6, one
    # df: residual SD sqrt(1/6). Classical: slope sqrt(1/6 / 2), intercept sqrt(1/6 (1/3 + 1/2)).
    # R squared: 1 - (1/6)/(14/3) = 27/28.
    table = cr2_regression(np.array([1.0, 3, 4]), np.arange(3.0), list("xyz"), names=["x"])
    only(table, "x", estimate=1.5, classical_standard_error=np.sqrt(1 / 12), r_squared=27 / 28,
         residual_sd=np.sqrt(1 / 6), n_a=3, n_clusters=3, n_dropped=0)  # fmt: skip
    only(table, "(intercept)", estimate=7 / 6, classical_standard_error=np.sqrt(5 / 36))


def test_cr2_of_a_line_by_hand():
    # x -1, 0, 1 twice, y 0, 1, 2, 0, 3, 0, everybody a cluster of one: slope (2 + 0)/4 = 1/2, mean
    # 1; residuals -1/2, 0, 1/2, -1/2, 2, -3/2. Leverage 1/6 + x^2/4: 5/12 at the ends, 1/6 within.
    # CR2 is HC2 here: sum x^2 e^2/(1 - h) = (1/4 + 1/4 + 1/4 + 9/4)(12/7) = 36/7; over 4^2: 9/28.
    x = np.array([-1.0, 0, 1, -1, 0, 1])
    y = np.array([0.0, 1, 2, 0, 3, 0])
    table = cr2_regression(y, x, np.arange(6), names=["x"])
    only(table, "x", estimate=0.5, standard_error=np.sqrt(9 / 28))


def test_one_way_anova_by_hand():
    # x 1, 3 (mean 2); y 4, 6 (mean 5); z 5: grand mean 19/5. Within 2 + 2 = 4 with 2 df: 2.
    # Between 2 (9/5)^2 + 2 (6/5)^2 + (6/5)^2 = 162/25 + 108/25 = 54/5 with 2 df: 27/5. F = 27/10;
    # two and two df: p = 1/(1 + F).
    table = one_way_anova(np.array([1.0, 3, 4, 6, 5, np.nan]), list("xxyyzz"))
    expected = {
        "estimate": 10.8 / 14.8, "statistic": 2.7, "df": 2, "df_within": 2, "p_value": 1 / 3.7,
        "mean_square_between": 5.4, "mean_square_within": 2, "n_a": 5, "n_clusters": 3, "n_dropped": 1,
    }  # fmt: skip
    for column, value in expected.items():
        assert table[column][0] == pytest.approx(value, rel=1e-12), column


# ---- relations ------------------------------------------------------------------------------


def with_years(study):
    values, first, cluster = study
    return values[:, 0], np.column_stack([first, values[:, 1]]).astype(float), cluster


@given(
    study=studies(),
    order=st.randoms(use_true_random=False),
    shift=st.sampled_from([-3.0, 0.5, 100.0]),
    factor=st.sampled_from([0.01, 2.5, 1000.0]),
)
def test_order_names_shifts_and_scales_do_what_they_should(study, order, shift, factor):
    outcome, predictors, cluster = with_years(study)
    expected = cr2_regression(outcome, predictors, cluster, names=NAMES)
    assert_explained(expected)
    rows = list(range(len(outcome)))
    order.shuffle(rows)
    # Predictors in another order, shifted and in another unit; the outcome turned and shifted.
    other = np.column_stack([predictors[:, 1] * factor + shift, predictors[:, 0]])
    found = cr2_regression(
        (shift - outcome)[rows], other[rows], LABELS[cluster[rows]], names=NAMES[::-1]
    ).set_index("term")
    found = found.loc[NAMES].assign(
        estimate=-found["estimate"], ci_low=-found["ci_high"], ci_high=-found["ci_low"],
        statistic=-found["statistic"],
    )  # fmt: skip
    points = ["estimate", "ci_low", "ci_high", "standard_error", "classical_standard_error"]
    found.loc["years", points] = found.loc["years", points].astype(float) * factor
    # The intercept is another one after a shift; the rest of the model is the same.
    assert_same(found.reset_index(), expected.iloc[1:].reset_index(drop=True), rtol=1e-7)


@given(study=studies())
def test_role_alone_gives_the_difference_of_cr2(study):
    values, first, cluster = study
    values = values[:, 0]
    ours = cr2_regression(values, first, cluster, names=["role"]).iloc[1]
    theirs = cr2_difference(values, first, cluster).iloc[0]
    if theirs["note"] in ("", "low_df"):
        np.testing.assert_allclose(ours[TESTED].astype(float), theirs[TESTED].astype(float), rtol=1e-8,
                                   atol=1e-10)  # fmt: skip
        assert ours["note"] == theirs["note"]
    else:
        assert ours["note"] != ""
        assert np.isnan(ours["p_value"])


@given(study=studies())
def test_no_predictor_but_a_column_of_ones_gives_the_mean_of_cr2(study):
    values, _, cluster = study
    values = values[:, 0]
    ours = cr2_regression(values, np.ones(len(values)), cluster, names=["mean"], intercept=False)
    theirs = cr2_mean(values, cluster)
    if theirs["note"][0] in ("", "low_df"):
        np.testing.assert_allclose(
            ours.loc[0, TESTED].astype(float), theirs.loc[0, TESTED].astype(float), rtol=1e-8
        )
    else:
        assert ours["p_value"].isna().all()


@given(study=studies())
def test_incomplete_rows_are_only_counted(study):
    outcome, predictors, cluster = with_years(study)
    complete = ~np.isnan(outcome) & ~np.isnan(predictors).any(axis=1)
    expected = cr2_regression(
        outcome[complete], predictors[complete], cluster[complete], names=NAMES
    )
    found = cr2_regression(outcome, predictors, cluster, names=NAMES)
    assert (found["n_dropped"] == (~complete).sum()).all()
    assert_same(found.assign(n_dropped=0), expected)


@given(
    study=studies(),
    order=st.randoms(use_true_random=False),
    shift=st.sampled_from([-3.0, 0.5, 100.0]),
    factor=st.sampled_from([-1.0, 0.1, 25.0]),
)
def test_anova_follows_orders_names_shifts_and_scales(study, order, shift, factor):
    values, _, group = study
    expected = one_way_anova(values, group)
    assert_explained(expected)
    assert (expected["n_a"] + expected["n_dropped"] == len(values)).all()
    rows = list(range(len(values)))
    order.shuffle(rows)
    wide = np.insert(values[rows] * factor + shift, 0, np.nan, axis=1)
    found = one_way_anova(wide, LABELS[group[rows]])
    assert found["note"][0] == "too_few_answers"
    found = found.drop(index=0)
    found[["mean_square_between", "mean_square_within"]] /= factor**2
    assert_same(found, expected, rtol=1e-8)


@given(study=studies())
def test_anova_of_two_groups_is_students_test_squared(study):
    values, first, _ = study
    table = one_way_anova(values, first)
    for j in np.flatnonzero(table["note"] == ""):
        fit = cr2_regression(values[:, j], first, np.arange(len(values)), names=["role"]).iloc[1]
        t = fit["estimate"] / fit["classical_standard_error"]
        assert table["statistic"][j] == pytest.approx(t**2, rel=1e-8, abs=1e-12)


# ---- accuracy -------------------------------------------------------------------------------


@pytest.mark.parametrize(("degree", "digits"), [(1, 14), (3, 14), (5, 13), (8, 11), (10, 9)])
def test_coefficients_are_those_of_rational_arithmetic(degree, digits):
    # Powers of 1 to 2: the condition number of the tenth is 1e15.
    x = np.linspace(1, 2, 40)[:, None] ** np.arange(1, degree + 1)
    y = np.sin(5 * x[:, 0])
    expected = rational_least_squares(y, x)
    found = least_squares(y, x).coefficients
    np.testing.assert_allclose(found, expected, rtol=10.0**-digits)


# ---- traps and edges ------------------------------------------------------------------------


def small_study(seed=11, n=40, clusters=6):
    generator = np.random.default_rng(seed)
    cluster = generator.integers(0, clusters, n)
    predictors = np.column_stack([generator.random(n) < 0.5, generator.exponential(10, n)])
    return generator.integers(1, 6, n).astype(float), predictors, cluster


@pytest.mark.parametrize("factor", [1e-9, 1e6, 1e12])
def test_the_unit_of_a_predictor_costs_no_digits(factor):
    # clubSandwich 0.5.8 loses all but two digits of the standard errors at 1e6.
    outcome, predictors, cluster = small_study()
    expected = cr2_regression(outcome, predictors, cluster, names=NAMES)
    found = cr2_regression(outcome, predictors * [1, factor], cluster, names=NAMES)
    columns = ["standard_error", "df", "statistic", "p_value"]
    np.testing.assert_allclose(
        found.loc[:1, columns], expected.loc[:1, columns], rtol=1e-11, err_msg=str(factor)
    )
    np.testing.assert_allclose(found["standard_error"][2] * factor, expected["standard_error"][2],
                               rtol=1e-11)  # fmt: skip


def test_a_predictor_far_from_zero_costs_no_digits():
    outcome, predictors, cluster = small_study()
    predictors = np.rint(predictors)
    expected = cr2_regression(outcome, predictors, cluster, names=NAMES).iloc[1:]
    found = cr2_regression(outcome, predictors + [0, 2.0**36], cluster, names=NAMES).iloc[1:]
    assert_same(found, expected, rtol=1e-11)


def test_predictors_that_follow_from_one_another_are_not_identified():
    outcome, predictors, cluster = small_study()
    for extra in (
        predictors[:, 0] + 0.1 * predictors[:, 1],
        np.full(40, 0.1),
        1 - predictors[:, 0],
        np.zeros(40),
    ):
        wide = np.column_stack([predictors, extra])
        table = cr2_regression(outcome, wide, cluster, names=[*NAMES, "extra"])
        assert table["note"].tolist() == ["not_identified"] * 4
        assert table[["estimate", "p_value", "classical_standard_error"]].isna().all(axis=None)


def test_a_coefficient_decided_by_one_cluster_is_not_tested():
    # Role 0 occurs in one organisation: clubSandwich's standard error there is 3e-16 and p 3e-31.
    record = next(r for r in reference("regression")["regression"] if r["name"] == "five_people")
    table = cr2_regression(
        matrix(record["outcome"]), matrix(record["predictors"]), record["cluster"], names=["role"]
    )
    assert table["note"].tolist() == ["too_few_clusters"] * 2
    assert table[["standard_error", "p_value"]].isna().all(axis=None)
    assert table["estimate"].notna().all()


def test_a_coefficient_that_is_the_same_in_every_cluster_is_not_infinitely_significant():
    # Its slope is zero within both clusters: the standard error is rounding.
    predictors = np.array([[0, 2], [0, 1], [0, 2], [1, 2], [0, 1], [0, 2]], dtype=float)
    outcome = np.array([1.0, 2, 3, 2, 2, 2])
    table = cr2_regression(outcome, predictors, [1, 1, 1, 0, 0, 0], names=NAMES)
    assert table["note"][2] == "no_variation"
    assert np.isnan(table["p_value"][2])


def test_organisation_dummies_leave_the_role_tested():
    outcome, predictors, cluster = small_study()
    dummies = (cluster[:, None] == np.arange(1, 6)).astype(float)
    wide = np.column_stack([predictors, dummies])
    names = [*NAMES, *(f"o{j}" for j in range(1, 6))]
    table = cr2_regression(outcome, wide, cluster, names=names).set_index("term")
    assert (table.loc[["(intercept)", *names[2:]], "note"] == "too_few_clusters").all()
    assert table.loc[NAMES, "p_value"].notna().all()


def test_one_cluster_is_no_sample_of_clusters():
    outcome, predictors, _ = small_study()
    table = cr2_regression(outcome, predictors, ["x"] * 40, names=NAMES)
    assert table["note"].tolist() == ["too_few_clusters"] * 3


@pytest.mark.parametrize("answer", [0.1, 4.0, 1e6 / 7])
def test_a_constant_outcome_gives_a_note_and_no_test(answer):
    _, predictors, cluster = small_study()
    table = cr2_regression(np.full(40, answer), predictors, cluster, names=NAMES)
    assert table["note"].tolist() == ["no_variation"] * 3
    assert table[["p_value", "ci_low", "r_squared"]].isna().all(axis=None)


@pytest.mark.parametrize("n", [0, 1, 3])
def test_no_more_rows_than_coefficients_gives_a_reason(n):
    outcome, predictors, cluster = (part[:n] for part in small_study())
    table = cr2_regression(outcome, predictors, cluster, names=NAMES)
    assert table["note"].tolist() == ["too_few_answers"] * 3


def test_names_must_fit_the_predictors():
    with pytest.raises(ValueError, match="2 predictors need as many names"):
        cr2_regression(*small_study(), names=["role"])


@pytest.mark.parametrize(
    ("values", "group", "note"),
    [
        ([0.1] * 7, "xxxyyyy", "no_variation"),
        ([0.1] * 3 + [0.7] * 4, "xxxyyyy", "no_variation"),
        ([1, 2, 3], "xxx", "too_few_clusters"),
        ([1, 2, 3], "xyz", "too_few_answers"),
        ([np.nan] * 3, "xyz", "too_few_answers"),
        ([], "", "too_few_answers"),
    ],
)
def test_degenerate_groups_give_a_reason(values, group, note):
    table = one_way_anova(np.array(values, dtype=float), np.array(list(group), dtype=str))
    assert table["note"].tolist() == [note]
    assert table[["estimate", "statistic", "p_value"]].isna().all(axis=None)


def test_many_equal_leading_digits_cost_anova_nothing():
    generator = np.random.default_rng(2)
    values, group = generator.integers(0, 64, 60) / 64, generator.integers(0, 4, 60)
    pd.testing.assert_frame_equal(
        one_way_anova(values + 2.0**40, group), one_way_anova(values, group), rtol=1e-12
    )
