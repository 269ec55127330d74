"""Gaps per organisation, their pooling, and the test with one value an organisation."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special
from tests.stats import same
from tests.stats.nested import (
    LABELS,
    assert_explained,
    assert_same,
    mirrored,
    ordinary_studies,
    studies,
)
from tests.stats.oracle import matrix, reference

from research.stats.clustered import cr2_difference
from research.stats.pooling import (
    gap_matrices,
    organisation_gaps,
    organisation_level_test,
    pool_gaps,
)

IN_POINTS = ["estimate", "ci_low", "ci_high", "standard_error", "prediction_low",
             "prediction_high", "tau"]  # fmt: skip
SQUARED = ["tau_squared", "tau_squared_low", "tau_squared_high"]
T_975_DF_1 = np.tan(0.475 * np.pi)  # one df is Cauchy's


only_row = partial(same.only_row, atol=0)

# ---- by hand --------------------------------------------------------------------------------


def test_gap_of_each_organisation_by_hand():
    # x: a 2, 4 (mean 3, variance 2), b 1, 1, 4 (mean 2, variance 3): 1, 2/2 + 3/3 = 2.
    # y: a 5, 5, b 1, 3: 3, 0 + 2/2 = 1. z: one answer of b.
    values = np.array([2.0, 4, 1, 1, 4, 5, 5, 1, 3, 2, 3, 4])
    first = np.array([1, 1, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0], dtype=bool)
    table = organisation_gaps(values, first, np.array(list("xxxxxyyyyzzz")))
    np.testing.assert_allclose(table["estimate"], [1, 3, np.nan], rtol=1e-14)
    np.testing.assert_allclose(table["variance"], [2, 1, np.nan], rtol=1e-14)
    assert table["note"].tolist() == ["", "", "too_few_answers"]
    assert table[["n_a", "n_b"]].to_numpy().tolist() == [[2, 3], [2, 2], [2, 1]]


def test_pooling_two_organisations_by_hand():
    # Gaps 0 and 2 of variance 1: mean 1; equal variances: tau^2 = 2 - 1 = 1 (sample variance less
    # sampling variance). Weights 1/2: Hartung-Knapp se^2 = (1/2 + 1/2)/1 / (1/2 + 1/2) = 1, t = 1,
    # one df: p = 1/2. Q = 1 + 1 = 2; typical variance 1: I^2 = 1/2; prediction se sqrt(1 + 1).
    # Q profile: 2/(1 + tau^2) = chi^2 with one df, whose 2.5 % point is that of the normal at
    # 51.25 %, squared.
    chi_low = special.ndtri(0.5125) ** 2
    only_row(
        pool_gaps(np.array([0.0, 2]), np.array([1.0, 1])),
        estimate=1, standard_error=1, statistic=1, df=1, p_value=0.5, tau_squared=1, tau=1,
        i_squared=0.5, q=2, q_df=1, ci_low=1 - T_975_DF_1, ci_high=1 + T_975_DF_1,
        prediction_low=1 - np.sqrt(2) * T_975_DF_1, prediction_high=1 + np.sqrt(2) * T_975_DF_1,
        tau_squared_low=0, tau_squared_high=2 / chi_low - 1, n_clusters=2, n_dropped=0, note="",
    )  # fmt: skip


def test_pooling_gives_the_published_vaccine_trials():
    # Colditz et al. (1994), 13 trials; printed on the pages of metafor::rma.uni and confint.
    trials = next(r for r in reference("organisations")["pooling"] if r["name"] == "bcg")
    row = pool_gaps(matrix(trials["estimates"]), matrix(trials["variances"])).iloc[0]
    expected = {
        "estimate": -0.7145, "tau_squared": 0.3132, "tau_squared_low": 0.1197,
        "tau_squared_high": 1.1115, "i_squared": 0.922214, "q": 152.2330, "ci_low": -1.1084,
        "ci_high": -0.3206, "standard_error": 0.1808, "statistic": -3.9522, "p_value": 0.0019,
    }  # fmt: skip
    for column, value in expected.items():
        assert row[column] == pytest.approx(value, abs=6e-5), column


def test_organisation_level_test_by_hand():
    # Gaps 1 (2 - 1), 3 (mean of 3, 5 less 1) and 5: mean 3, SD 2, se 2/sqrt(3), t = 3 sqrt(3)/2;
    # two df: p = 1 - t/sqrt(t^2 + 2), t^2 = 27/4. An organisation of one role is left out.
    values = np.array([2.0, 1, 3, 5, 1, 6, 1, 4, 4])
    first = np.array([1, 0, 1, 1, 0, 1, 0, 1, 1], dtype=bool)
    only_row(
        organisation_level_test(values, first, np.array(list("xxyyyzzww"))),
        estimate=3, standard_error=2 / np.sqrt(3), statistic=1.5 * np.sqrt(3), df=2,
        p_value=1 - np.sqrt(27 / 35), n_a=4, n_b=3, n_clusters=3, n_dropped=2, note="",
    )  # fmt: skip


# ---- relations ------------------------------------------------------------------------------


def pooled(values, first, cluster):
    return pool_gaps(*gap_matrices(organisation_gaps(values, first, cluster)))


BOTH = {"pool_gaps": pooled, "organisation_level_test": organisation_level_test}
both = pytest.mark.parametrize("statistic", BOTH.values(), ids=BOTH)


@both
def test_most_ordinary_studies_can_be_computed(statistic):
    reached = []

    @settings(max_examples=100)  # no relation: a share
    @given(ordinary_studies())
    def look(study):
        reached.append(statistic(*study)["ci_low"].notna().any())

    look()
    assert np.mean(reached) > 0.8


@both
@given(study=studies(), order=st.randoms(use_true_random=False))
def test_order_and_names_do_not_matter_nor_does_an_all_missing_column(statistic, study, order):
    values, first, cluster = study
    expected = statistic(*study)
    rows = list(range(len(values)))
    order.shuffle(rows)
    turned = statistic(values[rows, ::-1], first[rows], LABELS[cluster[rows]])
    assert_same(turned.iloc[::-1], expected)
    wider = statistic(np.insert(values, 1, np.nan, axis=1), first, cluster)
    assert_same(wider.drop(index=1), expected)
    assert np.isnan(wider.loc[1, "estimate"])
    assert_explained(wider)


@both
@given(
    study=studies(),
    shift=st.sampled_from([-3.0, 0.5, 100.0]),
    factor=st.sampled_from([0.1, 2.5, 25.0]),
    swap=st.booleans(),
)
def test_shift_scale_sign_and_swapped_roles_do_what_they_should(
    statistic, study, shift, factor, swap
):
    values, first, cluster = study
    found = statistic(shift - values * factor, first ^ swap, cluster)
    expected = statistic(*study)
    bounds = ("ci", "prediction") if "prediction_low" in expected else ("ci",)
    if not swap:  # reversed once: the sign turns; reversed and swapped: it does not
        expected = mirrored(expected, bounds=bounds)
    elif "n_a" in expected:
        expected = expected.assign(n_a=expected["n_b"], n_b=expected["n_a"])
    linear = [c for c in IN_POINTS if c in expected]
    squared = [c for c in SQUARED if c in expected]
    found[linear], found[squared] = found[linear] / factor, found[squared] / factor**2
    assert_same(found, expected, rtol=1e-8)


@given(study=studies())
def test_everybody_is_counted_once(study):
    for table in (organisation_level_test(*study),
                  organisation_gaps(*study).groupby("column")[["n_a", "n_b", "n_dropped"]].sum()):  # fmt: skip
        assert (table["n_a"] + table["n_b"] + table["n_dropped"] == len(study[0])).all()


@given(study=studies())
def test_everybody_twice_in_the_same_organisation_keeps_the_level_test(study):
    once = organisation_level_test(*study)
    twice = organisation_level_test(*(np.concatenate([part, part]) for part in study))
    assert_same(twice, once, but=("n_a", "n_b", "n_dropped"))


@given(study=ordinary_studies())
def test_one_answer_a_role_and_organisation_is_the_paired_test_of_cr2(study):
    values, _, _ = study
    first, cluster = np.arange(len(values)) % 2 == 0, np.arange(len(values)) // 2
    values = np.where(np.isnan(values).any(axis=1, keepdims=True), 3.0, values)
    values = values[: len(values) // 2 * 2]
    first, cluster = first[: len(values)], cluster[: len(values)]
    level, cr2 = (f(values, first, cluster) for f in (organisation_level_test, cr2_difference))
    columns = ["estimate", "ci_low", "ci_high", "standard_error", "statistic", "df", "p_value"]
    assert_same(level[columns], cr2[columns])


@st.composite
def gap_sets(draw):
    k = draw(st.integers(1, 9))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    variances = generator.choice([0.01, 0.1, 0.3, 2.0], (k, 2))
    spread = draw(st.sampled_from([0.0, 0.3, 2.0]))
    return generator.normal(0.5, np.sqrt(variances + spread**2)), variances


@given(data=gap_sets(), shift=st.sampled_from([-4.0, 0.25, 30.0]))
def test_pooling_follows_shifts_orders_and_ignores_what_is_missing(data, shift):
    estimates, variances = data
    expected = pool_gaps(estimates, variances)
    assert_same(pool_gaps(estimates[::-1], variances[::-1]), expected)
    extra = np.full((2, 2), np.nan)
    assert_same(pool_gaps(np.vstack([estimates, extra]), np.vstack([variances, extra])), expected)
    moved = pool_gaps(estimates + shift, variances)
    places = ["estimate", "ci_low", "ci_high", "prediction_low", "prediction_high"]
    moved[places] -= shift
    assert_same(moved, expected, rtol=1e-8, but=("statistic", "p_value"))


@given(data=gap_sets())
def test_tau_squared_is_the_highest_point_of_the_likelihood(data):
    # A plain grid over the restricted likelihood, written out once more.
    estimates, variances = (part[:, 0] for part in data)
    found = pool_gaps(estimates, variances)["tau_squared"][0]
    if len(estimates) < 2:
        assert np.isnan(found)
        return

    def likelihood(tau_squared):
        weight = 1 / (variances + tau_squared)
        mean = np.sum(weight * estimates) / weight.sum()
        return (np.log(weight).sum() - np.log(weight.sum())
                - np.sum(weight * (estimates - mean) ** 2)) / 2  # fmt: skip

    grid = np.concatenate([[0.0], np.geomspace(1e-6, 100, 60)])
    assert likelihood(found) >= max(likelihood(t) for t in grid) - 1e-10


# ---- traps and edges ------------------------------------------------------------------------


def test_an_organisation_of_constant_answers_is_left_out_and_counted():
    # Its variance is zero: as a weight that would be infinite.
    values = np.array([4.0, 4, 2, 2, 1, 3, 2, 2.5, 5, 3, 3, 1])
    first = np.array([1, 1, 0, 0] * 3, dtype=bool)
    gaps = organisation_gaps(values, first, np.repeat(list("xyz"), 4))
    assert gaps["variance"][0] == 0
    assert gaps["note"].tolist() == ["no_variation", "", ""]
    row = pool_gaps(*gap_matrices(gaps)).iloc[0]
    assert (row["n_clusters"], row["n_dropped"], row["note"]) == (2, 1, "")
    assert np.isfinite(row["estimate"])


@pytest.mark.parametrize("answer", [0.1, 1 / 3, 4.0, 1e6 / 7])
def test_rounding_of_a_constant_is_no_sampling_variance(answer):
    first, cluster = np.arange(42) % 2 == 0, np.arange(42) % 3
    gaps = organisation_gaps(np.full(42, answer), first, cluster)
    assert gaps["variance"].tolist() == [0, 0, 0]
    assert pool_gaps(*gap_matrices(gaps))["note"].tolist() == ["too_few_clusters"]
    assert organisation_level_test(np.full(42, answer), first, cluster)["note"][0] == "no_variation"


def test_values_that_differ_in_the_last_digit_are_constant():
    # .1 and .1 + .2 - .2, as if item means had been computed twice.
    values = np.tile([0.1, 0.1, 0.1 + 0.2 - 0.2, 0.1 + 0.2 - 0.2], 9)
    gaps = organisation_gaps(values, np.arange(36) % 2 == 0, np.arange(36) // 12)
    assert np.ptp(values) > 0
    assert gaps["note"].tolist() == ["no_variation"] * 3


def test_the_higher_of_two_maxima_of_the_likelihood_is_taken():
    # Two precise gaps agree, an imprecise one is far: Fisher scoring from one start may stop at the
    # lower maximum. Highest of a fine grid, worked out in R over five starts.
    record = next(
        r for r in reference("organisations")["pooling"] if r["name"] == "few_unlike_precisions"
    )
    found = pool_gaps(matrix(record["estimates"]), matrix(record["variances"]))
    expected = record["expected"]["pool_gaps"]["tau_squared"]
    np.testing.assert_allclose(found["tau_squared"], expected, rtol=1e-9)


def test_gaps_that_are_equal_but_for_rounding_have_no_interval():
    gaps = np.array([0.3, 0.1 + 0.2, 0.3, 0.7 - 0.4])
    table = pool_gaps(np.column_stack([gaps, gaps - 0.3]), np.full((4, 2), [0.2, 0.5]))
    assert len(set(gaps)) > 1
    assert table["note"].tolist() == ["no_variation"] * 2
    assert table[["ci_low", "p_value", "prediction_low"]].isna().all(axis=None)


def test_less_difference_than_chance_gives_an_empty_interval_at_zero():
    # As metafor::confint: even tau^2 = 0 is too much.
    row = pool_gaps(np.array([0.30, 0.31, 0.29, 0.30, 0.32, 0.28]), np.full(6, 0.2)).iloc[0]
    assert (
        row[["tau_squared", "tau_squared_low", "tau_squared_high", "i_squared"]].tolist() == [0] * 4
    )


def test_two_organisations_are_no_t_test():
    values, first = np.array([1.0, 2, 4, 3]), np.array([1, 0, 1, 0], dtype=bool)
    row = organisation_level_test(values, first, list("xxyy")).iloc[0]
    assert row["estimate"] == 0
    assert np.isnan(row["p_value"])
    assert row["note"] == "too_few_clusters"


def test_minimum_n_leaves_small_organisations_out():
    values = np.array([1.0, 2, 4, 3, 5, 2, 1, 1, 3, 4])
    first = np.array([1, 0, 1, 0, 1, 0, 1, 1, 0, 0], dtype=bool)
    cluster = list("vvwwxxyyyy")
    every = organisation_level_test(values, first, cluster)
    larger = organisation_level_test(values, first, cluster, minimum_n=2)
    assert (every["n_clusters"][0], larger["n_clusters"][0]) == (4, 1)
    assert larger["n_dropped"][0] == 6
    with pytest.raises(ValueError, match="minimum_n must be at least 2"):
        organisation_gaps(values, first, cluster, minimum_n=1)


def test_estimates_and_variances_must_go_together():
    with pytest.raises(ValueError, match="shapes differ"):
        pool_gaps(np.ones((3, 2)), np.ones((3, 1)))


def test_gap_matrices_do_not_depend_on_the_order_of_the_rows():
    generator = np.random.default_rng(3)
    values = generator.integers(1, 6, (40, 3)).astype(float)
    gaps = organisation_gaps(values, np.arange(40) % 2 == 0, np.arange(40) % 5)
    for ours, theirs in zip(
        gap_matrices(gaps.sample(frac=1, random_state=1)), gap_matrices(gaps), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)


def test_nobody_at_all_gives_a_reason():
    values, first, cluster = np.empty((0, 2)), np.empty(0, dtype=bool), np.empty(0, dtype=str)
    assert (
        organisation_level_test(values, first, cluster)["note"].tolist() == ["too_few_answers"] * 2
    )
    assert organisation_gaps(values, first, cluster).empty
    assert (
        pool_gaps(np.empty((0, 2)), np.empty((0, 2)))["note"].tolist() == ["too_few_clusters"] * 2
    )
    assert isinstance(pool_gaps(np.empty((0, 1)), np.empty((0, 1))), pd.DataFrame)
