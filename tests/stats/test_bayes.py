"""JZS Bayes factors: on paper, against what must stay true, and where others go wrong."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import special, stats
from tests.stats.oracle import reference
from tests.stats.same import assert_same

from research.stats.bayes import bayes_factor_difference, jzs_bayes_factor

NUMBERS = ["estimate", "log_bayes_factor", "statistic", "df"]


def factor(t, n_a, n_b=None, **options):
    return jzs_bayes_factor(np.array([t]), n_a, n_b, **options).iloc[0]


# ---- on paper ------------------------------------------------------------------------------


def test_no_difference_at_all_on_paper():
    # At t = 0 the ratio is 1/sqrt(1 + N r^2 g), whatever the df, and its mean over g = 1/v, v
    # chi-squared of one df, is (2 pi)^-.5 * integral of (v + a)^-.5 exp(-v/2), a = N r^2:
    # exp(a/2) P(|Z| > sqrt(a)). Four against four: N = 16/8 = 2, r^2 = 1/2, a = 1.
    outside_one = special.erfc(np.sqrt(1 / 2))
    assert factor(0.0, 4, 4)["estimate"] == pytest.approx(np.exp(1 / 2) * outside_one, rel=1e-12)
    # Two people once, scale 1: a = 2, exp(1) P(|Z| > sqrt 2).
    assert factor(0.0, 2, scale=1)["estimate"] == pytest.approx(np.e * special.erfc(1), rel=1e-12)


@pytest.mark.parametrize("n", [2, 10, 1000, 10**6])
def test_no_difference_at_any_size(n):
    # As above: exp(a/2) erfc(sqrt(a/2)), a = (n/2)/2.
    expected = special.erfcx(np.sqrt(n / 8))
    assert factor(0.0, n, n)["estimate"] == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize(("t", "published"), [(2.24, 1.02), (2.03, 1.56)])
def test_published_values(t, published):
    # Rouder et al. (2009), on Grider & Malmberg (2008): t(79), BF01 at scale 1, two decimals.
    assert 1 / factor(t, 80, scale=1)["estimate"] == pytest.approx(published, abs=0.005)


def test_the_package_itself_gives_the_same_up_to_t_15():
    # The oracle is the integral in R; BayesFactor's own integration keeps about seven digits.
    compared = 0
    for record in reference("bayes")["t_values"]:
        package = record["expected"]["jzs_bayes_factor"].get("bayes_factor_package")
        if package:
            row = factor(record["t"], record["n_a"], record["n_b"], scale=record["scale"])
            theirs = package["log_bayes_factor"]
            assert row["log_bayes_factor"] == pytest.approx(theirs, abs=1e-7), record["name"]
            compared += 1
    assert compared >= 25


def test_two_answers_each_on_paper():
    # (1, 3) and (5, 7): pooled variance 2, standard error sqrt(2), t = -4/sqrt(2), df 2.
    table = bayes_factor_difference(np.array([1.0, 3, 5, 7]), np.arange(4) < 2)
    row = table.iloc[0]
    assert row["statistic"] == pytest.approx(-np.sqrt(8), rel=1e-14)
    assert (row["df"], row["n_a"], row["n_b"], row["n_dropped"]) == (2, 2, 2, 0)
    assert row["estimate"] == pytest.approx(factor(-np.sqrt(8), 2, 2)["estimate"], rel=1e-13)


# ---- what must stay true -------------------------------------------------------------------


@st.composite
def studies(draw):
    n, k = draw(st.integers(4, 30)), draw(st.integers(1, 3))
    answers = st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, np.nan])
    return draw(hnp.arrays(float, (n, k), elements=answers)), draw(hnp.arrays(bool, n))


@given(study=studies(), order=st.randoms(use_true_random=False))
def test_order_shift_scale_direction_and_roles_do_not_matter(study, order):
    values, first = study
    once = bayes_factor_difference(values, first)
    rows, columns = list(range(len(values))), list(range(values.shape[1]))
    order.shuffle(rows)
    order.shuffle(columns)
    moved = bayes_factor_difference(values[np.ix_(rows, columns)], first[rows])
    assert_same(moved, once.iloc[columns])
    assert_same(bayes_factor_difference(values * 2.5 - 40, first), once)
    flipped = once.assign(statistic=-once["statistic"])
    assert_same(bayes_factor_difference(6 - values, first), flipped)
    swapped = flipped.assign(n_a=once["n_b"], n_b=once["n_a"])
    assert_same(bayes_factor_difference(values, ~first), swapped)
    wider = bayes_factor_difference(np.insert(values, 0, np.nan, axis=1), first)
    assert_same(wider.iloc[1:], once)
    assert wider["note"][0] == "too_few_answers"


@given(study=studies())
def test_every_missing_number_has_a_reason_and_everybody_is_counted(study):
    table = bayes_factor_difference(*study)
    assert (table["log_bayes_factor"].isna() == (table["note"] != "")).all()
    assert (table["n_a"] + table["n_b"] + table["n_dropped"] == len(study[0])).all()
    assert not np.isinf(table[NUMBERS].to_numpy()).any()


@given(
    t=st.floats(0, 60), more=st.floats(0.01, 20), n_a=st.integers(2, 500), n_b=st.integers(2, 500),
    scale=st.floats(0.05, 5),
)  # fmt: skip
def test_a_larger_t_always_speaks_more_for_a_difference(t, more, n_a, n_b, scale):
    table = jzs_bayes_factor(np.array([t, t + more, -t]), n_a, n_b, scale=scale)
    low, high, mirrored = table["log_bayes_factor"]
    assert high > low
    assert mirrored == low
    assert factor(0.0, n_a, n_b, scale=scale)["log_bayes_factor"] < 0
    fits = table["note"] == ""
    np.testing.assert_allclose(np.log(table["estimate"])[fits], table["log_bayes_factor"][fits])


@given(t=st.floats(-10, 10), n=st.integers(2, 200), scale=st.floats(0.1, 3))
def test_only_the_df_and_the_size_times_the_squared_scale_count(t, n, scale):
    two = factor(t, n, n, scale=scale)  # df = 2n - 2, N = n/2
    one = factor(t, 2 * n - 1, scale=scale * np.sqrt(n / 2 / (2 * n - 1)))
    assert two["log_bayes_factor"] == pytest.approx(one["log_bayes_factor"], rel=1e-9, abs=1e-10)


# ---- where other programs, and we, could go wrong ----------------------------------------------


def test_the_t_is_students_and_not_welchs():
    # pingouin's ttest(correction=True) feeds Welch's t: with these variances another number.
    generator = np.random.default_rng(5)
    values = np.concatenate([generator.normal(4, 3, 8), generator.normal(0, 0.5, 60)])
    row = bayes_factor_difference(values, np.arange(68) < 8).iloc[0]
    student = stats.ttest_ind(values[:8], values[8:], equal_var=True).statistic
    welch = stats.ttest_ind(values[:8], values[8:], equal_var=False).statistic
    assert row["statistic"] == pytest.approx(student, rel=1e-12)
    assert row["df"] == 66
    gap = factor(welch, 8, 60)["log_bayes_factor"] - row["log_bayes_factor"]
    assert abs(gap) > 1


@pytest.mark.parametrize("t", [60.0, 1e3, 1e10, 1e160, 1e300])
def test_a_huge_t_overflows_nothing(t):
    row = factor(t, 5000, 5000)
    assert np.isfinite(row["log_bayes_factor"])
    assert row["log_bayes_factor"] > 709
    assert np.isnan(row["estimate"])
    assert row["note"] == "too_large"


def test_a_huge_t_grows_as_the_df_say():
    # For large t the integral comes from g near t^2: t^(df + 1) of the likelihoods, t^-2 of the
    # prior. One sample of four, df 3: the logarithm rises by 2 log 10.
    low, high = jzs_bayes_factor(np.array([1e6, 1e7]), 4)["log_bayes_factor"]
    assert high - low == pytest.approx(2 * np.log(10), rel=1e-4)


def test_a_narrow_prior_says_nothing_and_a_wide_one_prefers_none():
    assert factor(2.5, 20, 20, scale=1e-8)["estimate"] == pytest.approx(1, abs=1e-5)
    assert factor(2.5, 20, 20, scale=1e6)["estimate"] < 1e-4


@pytest.mark.parametrize("t", [np.nan, np.inf, -np.inf])
def test_a_t_that_is_no_number_gives_a_reason_and_moves_no_neighbour(t):
    table = jzs_bayes_factor(np.array([2.0, t]), 9, 8)
    assert table["note"].tolist() == ["", "no_variation"]
    assert table.loc[1, ["estimate", "log_bayes_factor", "statistic"]].isna().all()
    assert table.loc[0, "estimate"] == pytest.approx(factor(2.0, 9, 8)["estimate"], rel=1e-13)


def test_degenerate_answers_are_missing_with_a_reason():
    nan = np.nan
    values = np.array([[4, 5, 1, nan], [4, 5, nan, nan], [4, 2, 3, 1], [4, 2, 4, 2], [4, 2, 5, 3]])
    table = bayes_factor_difference(values, np.arange(5) < 2)
    expected = ["no_variation", "no_variation", "too_few_answers", "too_few_answers"]
    assert table["note"].tolist() == expected
    assert table[["estimate", "log_bayes_factor", "statistic"]].isna().all(axis=None)


@pytest.mark.parametrize("answer", [0.1, 1 / 3, 1e6 / 7])
def test_rounding_of_a_constant_is_not_taken_for_variation(answer):
    table = bayes_factor_difference(np.full(30, answer), np.arange(30) < 13)
    assert table["note"].tolist() == ["no_variation"]


def test_rounding_of_a_constant_is_no_huge_effect():
    # .1 and .1 + .2 - .2 differ in the last digit only: as if item means had been computed twice.
    values = np.append(np.tile([0.1, 0.1 + 0.2 - 0.2], 6), np.full(17, 0.1))
    row = bayes_factor_difference(values, np.arange(29) < 12).iloc[0]
    assert row["note"] == "no_variation"
    assert row[NUMBERS[:3]].isna().all()


def test_no_people_at_all_gives_no_warning_and_a_reason():
    table = bayes_factor_difference(np.empty((0, 2)), np.empty(0, dtype=bool))
    assert table["note"].tolist() == ["too_few_answers"] * 2


@pytest.mark.parametrize("scale", [0.0, -1.0, np.nan])
def test_a_scale_that_is_no_width_is_refused(scale):
    with pytest.raises(ValueError, match="scale must be above 0"):
        jzs_bayes_factor(np.array([1.0]), 5, 5, scale=scale)
