"""Mistakes other programs make, and edges where ours could."""

import numpy as np
import pandas as pd
import pytest
from scipy import special, stats

from research.stats.clustered import cr2_difference, cr2_mean
from research.stats.differences import brunner_munzel, hedges_g, welch
from research.stats.multiplicity import adjust_p_values
from research.stats.power import detectable_difference
from research.stats.reliability.alpha import cronbach_alpha
from research.stats.two_groups import small_sample_correction


def test_missing_p_values_are_not_counted_as_tests():
    # statsmodels' multipletests counts them: Holm of the first would be .01 * 4.
    adjusted = adjust_p_values(np.array([0.01, np.nan, 0.03, np.nan]), method="holm")
    np.testing.assert_allclose(adjusted[[0, 2]], [0.02, 0.03], rtol=1e-14)
    assert np.isnan(adjusted[[1, 3]]).all()


def test_the_interval_of_alpha_uses_n_after_dropping():
    # pingouin's listwise option takes n from before: with 4 of 40 rows complete that is far off.
    complete = np.array([[1.0, 2, 2], [4, 4, 5], [2, 3, 3], [5, 4, 4]])
    incomplete = np.full((36, 3), 3.0)
    incomplete[:, 2] = np.nan
    row = cronbach_alpha(np.vstack([complete, incomplete])).iloc[0]
    assert (row["n_complete"], row["n_dropped"]) == (4, 36)
    expected = 1 - (1 - row["estimate"]) * special.fdtri(3, 3 * 2, 0.975)
    assert row["ci_low"] == pytest.approx(expected, rel=1e-12)


def test_the_correction_of_hedges_is_missing_without_degrees_of_freedom():
    # df = 4: gamma(2) / (sqrt(2) gamma(1.5)) = 1 / (sqrt(2) sqrt(pi) / 2)
    factor = small_sample_correction(np.array([0.0, -1.0, 4.0]))
    assert np.isnan(factor[:2]).all()
    assert factor[2] == pytest.approx(np.sqrt(2 / np.pi), rel=1e-14)


@pytest.mark.parametrize("n_complete", [0, 1, 2])
def test_alpha_of_too_few_complete_rows_is_missing_with_a_reason(n_complete):
    items = np.vstack([np.array([[1.0, 2], [3, 5]])[:n_complete], [[np.nan, 3], [2, np.nan]]])
    row = cronbach_alpha(items).iloc[0]
    assert np.isnan(row["estimate"])
    assert (row["note"], row["n_complete"], row["n_dropped"]) == ("too_few_answers", n_complete, 2)


def test_alpha_of_one_item_is_missing_with_a_reason():
    row = cronbach_alpha(np.array([1.0, 2, 3, 4])).iloc[0]
    assert np.isnan(row["estimate"])
    assert row["note"] != ""


def test_alpha_is_the_raw_one_and_not_the_standardised():
    # Perfectly correlated items of different spread: standardised alpha is 1, raw is not.
    # Variances 1 and 4, sum 1,2,3 + 2,4,6 has 9: 2 (1 - 5/9) = 8/9.
    row = cronbach_alpha(np.array([[1.0, 2], [2, 4], [3, 6]])).iloc[0]
    assert row["estimate"] == pytest.approx(8 / 9, rel=1e-12)


def test_alpha_is_not_infinite_when_items_cancel_out():
    row = cronbach_alpha(np.array([[1.0, 5], [2, 4], [3, 3], [5, 1]])).iloc[0]
    assert np.isnan(row["estimate"])
    assert row["note"] == "no_variation"


def test_superiority_is_positive_when_the_first_role_is_higher():
    # lawstat and scipy print the other sign.
    a, b = np.array([3.0, 4, 5, 4, 2]), np.array([2.0, 1, 3, 2, 4, 1])
    row = brunner_munzel(np.append(a, b), np.arange(11) < 5).iloc[0]
    theirs = stats.brunnermunzel(a, b)
    assert row["estimate"] > 0.5
    assert row["statistic"] == pytest.approx(-theirs.statistic, rel=1e-12)
    assert row["p_value"] == pytest.approx(theirs.pvalue, rel=1e-9)


def test_superiority_splits_ties():
    values = np.array([1.0, 2, 2, 3, 2, 2])
    first = np.array([True, True, True, False, False, False])
    # Pairs: 1 against 3, 2, 2 gives 0; each 2 gives 0 + .5 + .5: 2 of 9.
    assert brunner_munzel(values, first)["estimate"][0] == pytest.approx(2 / 9, rel=1e-14)


def test_complete_separation_has_no_interval_but_a_reason():
    row = brunner_munzel(np.array([5.0, 4, 5, 1, 2, 1]), np.arange(6) < 3).iloc[0]
    assert row["estimate"] == 1
    assert np.isnan(row["ci_low"])
    assert np.isnan(row["p_value"])
    assert row["note"] == "complete_separation"


@pytest.mark.parametrize("shift", [2, 5, 10, 30])
def test_the_interval_of_a_huge_effect_is_found(shift):
    # scipy's noncentral t is NaN far in a tail; the search must come back from there.
    values = np.concatenate([np.tile([0.0, 1, 2], 10) + shift, np.tile([0.0, 1, 2], 10)])
    row = hedges_g(values, np.arange(60) < 30).iloc[0]
    assert row["ci_low"] < row["estimate"] < row["ci_high"]


@pytest.mark.parametrize("scale", [1.0, 0.1, 40.0])
def test_the_limits_of_g_are_where_the_noncentral_t_has_its_tails(scale):
    generator = np.random.default_rng(31)
    values = scale * np.append(generator.normal(0.6, 1, 14), generator.normal(0, 1, 17))
    row = hedges_g(values, np.arange(31) < 14).iloc[0]
    t = stats.ttest_ind(values[:14], values[14:]).statistic
    to_t = t / row["estimate"]
    tails = stats.nct.cdf(t, 29, row[["ci_low", "ci_high"]].astype(float) * to_t)
    np.testing.assert_allclose(tails, [0.975, 0.025], rtol=1e-7)


def test_g_uses_the_pooled_and_not_the_average_standard_deviation():
    # Variances 1 (n 3) and 4 (n 5): pooled (2 * 1 + 4 * 4)/6 = 3, the plain mean would be 2.5.
    values = np.array([4.0, 5, 6, 1, 1, 3, 5, 5])
    row = hedges_g(values, np.arange(8) < 3).iloc[0]
    correction = np.exp(special.gammaln(3) - special.gammaln(2.5)) / np.sqrt(3)
    assert row["estimate"] == pytest.approx(2 / np.sqrt(3) * correction, rel=1e-12)


@pytest.mark.parametrize("answer", [0.1, 1 / 3, 4.0, 1e6 / 7])
def test_rounding_of_a_constant_is_not_taken_for_variation(answer):
    values, first = np.full(30, answer), np.arange(30) < 13
    cluster = np.arange(30) % 4
    for table in (welch(values, first), cr2_difference(values, first, cluster)):
        assert table["note"].tolist() == ["no_variation"]
        assert table["p_value"].isna().all()
        assert table["estimate"][0] == pytest.approx(0, abs=1e-9)


def test_rounding_of_a_constant_is_no_huge_effect():
    # .1 and .1 + .2 - .2 differ in the last digit only: as if item means had been computed twice.
    values = np.append(np.tile([0.1, 0.1 + 0.2 - 0.2], 6), np.full(17, 0.1))
    assert np.ptp(values) > 0
    row = hedges_g(values, np.arange(29) < 12).iloc[0]
    assert row["note"] == "no_variation"
    assert np.isnan([row["estimate"], row["ci_low"], row["ci_high"]]).all()


def test_cluster_labels_may_be_of_any_kind():
    values, first = np.array([1.0, 2, 4, 4, 5, 3, 2, 5]), np.arange(8) % 2 == 0
    mixed = np.array(["x", 7, None, "x", 7, None, "x", 7], dtype=object)
    numbers = np.array([1, 2, 3, 1, 2, 3, 1, 2])
    pd.testing.assert_frame_equal(
        cr2_difference(values, first, mixed), cr2_difference(values, first, numbers), rtol=1e-12
    )


def test_a_difference_of_two_constants_is_not_infinitely_significant():
    values, first = np.array([5.0] * 8 + [2.0] * 8), np.arange(16) < 8
    for table in (welch(values, first), cr2_difference(values, first, np.arange(16) % 4)):
        assert table["estimate"][0] == pytest.approx(3)
        assert table["note"].tolist() == ["no_variation"]
        assert table[["ci_low", "ci_high", "statistic", "p_value"]].isna().all(axis=None)


def test_one_cluster_is_no_sample_of_clusters():
    values, first = np.array([1.0, 2, 3, 4, 5, 3]), np.arange(6) < 3
    for table in (cr2_difference(values, first, ["x"] * 6), cr2_mean(values, ["x"] * 6)):
        assert table["note"].tolist() == ["too_few_clusters"]
        assert table["p_value"].isna().all()


def test_a_role_in_one_cluster_only_is_not_tested():
    # clubSandwich gives a number: the role's residuals sum to zero there and its variance vanishes.
    values, first = np.array([1.0, 2, 3, 4, 5, 3, 2, 4]), np.arange(8) < 3
    cluster = np.where(first, "x", np.array(list("xyzxyzxy")))
    table = cr2_difference(values, first, cluster)
    assert table["note"].tolist() == ["too_few_clusters"]
    assert table["p_value"].isna().all()


def test_a_cluster_counts_only_for_the_items_it_answered():
    values = np.array([[1.0, 1], [2, 2], [3, 3], [4, np.nan], [5, np.nan]])
    table = cr2_mean(values, np.array(list("ABCDD")))
    assert table["n_clusters"].tolist() == [4, 3]
    assert table["n_a"].tolist() == [5, 3]


def test_few_clusters_are_marked_as_low_in_df():
    values, first = np.array([1.0, 2, 4, 4, 5, 3, 2, 4]), np.arange(8) % 2 == 0
    table = cr2_difference(values, first, np.arange(8) // 2 % 3)
    assert table["df"][0] < 4
    assert table["note"].tolist() == ["low_df"]
    assert table["p_value"].notna().all()


@pytest.mark.parametrize("df", [1.0, 1.01, 1.04, 1.45, 1.53, 2.0, 2.7, 3.08])
def test_detectable_difference_exists_at_the_low_df_of_few_clusters(df):
    # scipy's noncentral t gives NaN for the far tail there, where the chance is about zero.
    assert np.isfinite(detectable_difference(np.array([0.4]), np.array([df]))).all()


def test_a_column_nobody_answered_gives_no_warning_and_a_reason():
    values, first = np.full((6, 2), np.nan), np.arange(6) < 3
    values[:, 1] = [1, 2, 3, 4, 5, 3]
    for table in (welch(values, first), hedges_g(values, first), brunner_munzel(values, first),
                  cr2_difference(values, first, list("abcabc"))):  # fmt: skip
        assert table["note"][0] == "too_few_answers"
        assert table["note"][1] in ("", "low_df")


def test_only_one_role_answered_gives_no_warning_and_a_reason():
    values, first = np.array([1.0, 2, 3, 4]), np.full(4, True)
    for table in (welch(values, first), hedges_g(values, first), brunner_munzel(values, first),
                  cr2_difference(values, first, list("abab"))):  # fmt: skip
        assert table["note"].tolist() == ["too_few_answers"]
        assert table["ci_low"].isna().all()


def test_no_people_at_all_gives_no_warning_and_a_reason():
    values, first = np.empty((0, 2)), np.empty(0, dtype=bool)
    for table in (welch(values, first), hedges_g(values, first), brunner_munzel(values, first),
                  cr2_difference(values, first, np.empty(0, dtype=str))):  # fmt: skip
        assert table["note"].tolist() == ["too_few_answers"] * 2


# Organisations differ in their gap (SD 0.4 of a within SD of 1): the null is true of the
# organisations, and their people are no independent witnesses of it.
def clustered_null(seed, *, n_studies):
    generator = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(10), 20)
    first = np.tile(np.arange(20) < 10, 10)
    gap = generator.normal(0, 0.4, (10, n_studies))[cluster]
    level = generator.normal(0, 0.3, (10, n_studies))[cluster]
    noise = generator.normal(0, 1, (200, n_studies))
    return np.where(first[:, None], gap, 0) + level + noise, first, cluster


def test_cr2_rejects_a_true_null_five_times_in_a_hundred():
    # 4,000 studies: Monte-Carlo standard error sqrt(.05 * .95 / 4000) = .0034; three of them.
    values, first, cluster = clustered_null(77, n_studies=4000)
    rate = (cr2_difference(values, first, cluster)["p_value"] < 0.05).mean()
    assert abs(rate - 0.05) < 3 * 0.0034


def test_welch_on_people_of_organisations_rejects_a_true_null_too_often():
    values, first, _ = clustered_null(78, n_studies=4000)
    assert (welch(values, first)["p_value"] < 0.05).mean() > 0.08


@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4, 5], [5, 3, 1, 0, 2, 4], [2, 0, 1, 5, 4, 3]])
def test_exactly_four_degrees_of_freedom_are_enough_whatever_the_rounding(order):
    # Three clusters of one person a role: df = 4 exactly, computed as 4 give or take a digit.
    values, first = np.array([2.0, 1, 1, 1, 1, 3]), np.arange(6) >= 3
    row = cr2_difference(values[order], first[order], np.arange(6)[order]).iloc[0]
    assert row["df"] == pytest.approx(4, rel=1e-12)
    assert row["note"] == ""
