"""The linear mixed model: by hand, against the likelihood written out in full, and its edges."""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stats import same
from tests.stats.nested import LABELS, assert_explained, assert_same, ordinary_studies, studies

from research.stats import reml
from research.stats.cells import sum_cells
from research.stats.mixed import RANDOM, mixed_difference

SCALED = [
    "estimate",
    "ci_low",
    "ci_high",
    "standard_error",
    "sd_intercept",
    "sd_gap",
    "sd_residual",
]
only_row = partial(same.only_row, rtol=1e-9, atol=1e-12)
either = pytest.mark.parametrize("random", RANDOM)


# ---- by hand: balanced data, where REML is the analysis of variance ---------------------------


def test_random_intercept_of_pairs_by_hand():
    # a 4, 6, 8 and b 1, 5, 9 of three organisations: gaps 3, 1, -1, mean 1; residual mean square
    # ((2^2 + 0 + 2^2)/2)/2 = 2; organisation means 2.5, 5.5, 8.5: mean square 2 (9 + 0 + 9)/2 = 18,
    # variance (18 - 2)/2 = 8, ICC 8/10. se^2 = 2 * 2/3; df 2: the paired t-test.
    values, first = np.array([4.0, 1, 6, 5, 8, 9]), np.array([1, 0] * 3, dtype=bool)
    t = np.sqrt(3 / 4)
    only_row(
        mixed_difference(values, first, list("xxyyzz")),
        estimate=1, standard_error=np.sqrt(4 / 3), statistic=t, df=2,
        p_value=1 - t / np.sqrt(t**2 + 2), sd_intercept=np.sqrt(8), sd_residual=np.sqrt(2), icc=0.8,
        sd_gap=np.nan, correlation=np.nan, n_a=3, n_b=3, n_clusters=3, n_dropped=0, note="low_df",
    )  # fmt: skip


def test_random_gap_of_balanced_organisations_by_hand():
    # Two answers a cell, each 1 above and below its mean: residual variance 2, of a mean 1.
    # b means 0, 4, 8: variance 16 = level 15 + 1. Gaps 2, 8, 5: variance 9 = gap 7 + 2.
    # Covariance of b mean and gap: (-4)(-3) + 0 + 0 = 12, over 2: 6 = covariance 7 - 1.
    # Mean gap 5, se^2 = 9/3, df 2.
    means = np.array([[2.0, 0], [12, 4], [13, 8]])
    values = (means[:, :, None] + [-1, 1]).ravel()
    first = np.tile([True, True, False, False], 3)
    t = 5 / np.sqrt(3)
    only_row(
        mixed_difference(values, first, np.repeat(list("xyz"), 4), random="slope"),
        estimate=5, standard_error=np.sqrt(3), statistic=t, df=2,
        p_value=1 - t / np.sqrt(t**2 + 2), sd_intercept=np.sqrt(15), sd_gap=np.sqrt(7),
        correlation=7 / np.sqrt(105), sd_residual=np.sqrt(2), note="low_df",
    )  # fmt: skip


# ---- the likelihood with whole matrices, and derivatives by differences -----------------------


class WholeMatrices:
    """Minus twice the restricted log-likelihood in (variances, residual variance), n x n."""

    def __init__(self, values, first, cluster, random):
        there = ~np.isnan(values)
        self.y, a = values[there], first[there].astype(float)
        self.x = np.column_stack([np.ones_like(a), a])
        self.z = self.x[:, : RANDOM.index(random) + 1]
        self.same = cluster[there][:, None] == cluster[there]

    def covariance(self, parameters):
        psi = np.array([[parameters[0]]])
        if self.z.shape[1] == 2:
            psi = np.array([[parameters[0], parameters[1]], [parameters[1], parameters[2]]])
        return self.same * (self.z @ psi @ self.z.T) + parameters[-1] * np.eye(len(self.y))

    def parts(self, parameters):
        v = self.covariance(parameters)
        information = self.x.T @ np.linalg.solve(v, self.x)
        beta = np.linalg.solve(information, self.x.T @ np.linalg.solve(v, self.y))
        residual = self.y - self.x @ beta
        deviance = (
            np.linalg.slogdet(v)[1] + np.linalg.slogdet(information)[1]
            + residual @ np.linalg.solve(v, residual) + (len(v) - 2) * np.log(2 * np.pi)
        )  # fmt: skip
        return deviance, beta[1], np.linalg.inv(information)[1, 1]

    def satterthwaite(self, parameters, step=2e-3):
        """Richardson's differences: another road, and other parameters, than the code."""
        size = len(parameters)
        steps = step * np.diag(np.maximum(np.abs(parameters), 0.1))

        def slope(function, h):
            return np.array([(function(parameters + e) - function(parameters - e)) / 2
                             for e in h * steps])  # fmt: skip

        def hessian(h):
            deviance = lambda p: self.parts(p)[0]  # noqa: E731
            return np.array([
                [(deviance(parameters + e + d) - deviance(parameters + e - d)
                  - deviance(parameters - e + d) + deviance(parameters - e - d)) / 4
                 for d in h * steps] for e in h * steps
            ])  # fmt: skip

        variance = lambda p: self.parts(p)[2]  # noqa: E731
        slopes = (4 * slope(variance, 1) * 2 - slope(variance, 2)) / 6
        curvature = (4 * hessian(1) * 4 - hessian(2)) / 12
        value = variance(parameters)
        assert slopes.shape == (size,)
        return value**2 / (slopes @ np.linalg.solve(curvature, slopes))


def nested_study(seed, *, n=60, clusters=7):
    generator = np.random.default_rng(seed)
    cluster, first = generator.integers(0, clusters, n), generator.random(n) < 0.5
    level, gap = generator.normal(0, 1, clusters), generator.normal(0.5, 1, clusters)
    values = level[cluster] + np.where(first, gap[cluster], 0) + generator.normal(0, 1, n)
    values[:3] = np.nan
    return values, first, cluster


@either
@pytest.mark.parametrize("seed", [1, 3])
def test_all_numbers_follow_from_the_likelihood_written_out_in_full(seed, random):
    study = nested_study(seed)
    row = mixed_difference(*study, random=random).iloc[0]
    assert row["note"] == ""
    parameters = [row["sd_intercept"] ** 2, row["sd_residual"] ** 2]
    if random == "slope":
        covariance = row["correlation"] * row["sd_intercept"] * row["sd_gap"]
        parameters[1:1] = [covariance, row["sd_gap"] ** 2]
    parameters = np.array(parameters)
    whole = WholeMatrices(*study, random)
    deviance, estimate, variance = whole.parts(parameters)
    assert row["log_likelihood"] == pytest.approx(-deviance / 2, rel=1e-10)
    assert row["estimate"] == pytest.approx(estimate, rel=1e-9)
    assert row["standard_error"] == pytest.approx(np.sqrt(variance), rel=1e-9)
    # Any step away from the variances found is downhill.
    for direction in np.random.default_rng(seed).normal(size=(20, len(parameters))):
        assert whole.parts(parameters + 1e-3 * direction)[0] > deviance
    assert row["df"] == pytest.approx(whole.satterthwaite(parameters), rel=1e-5)


@either
def test_slopes_and_curvatures_are_those_of_small_differences(random):
    values, first, cluster = nested_study(4)
    likelihood = reml.Likelihood(sum_cells(values, first, cluster), 0, RANDOM.index(random) + 1)
    theta = np.array([0.7, -0.4, 0.5])[: 1 if random == "intercept" else 3]
    _, gradient, hessian = likelihood.profiled(likelihood.at(theta))
    for index, step in enumerate(1e-5 * np.eye(len(theta))):
        high, low = (likelihood.profiled(likelihood.at(theta + s)) for s in (step, -step))
        np.testing.assert_allclose((high[0] - low[0]) / 2e-5, gradient[index], rtol=1e-6)
        np.testing.assert_allclose((high[1] - low[1]) / 2e-5, hessian[index], rtol=1e-5, atol=1e-6)


# ---- relations ------------------------------------------------------------------------------


@either
def test_most_ordinary_studies_can_be_computed(random):
    reached = []

    @settings(max_examples=100)  # no relation: a share
    @given(ordinary_studies(1))
    def look(study):
        reached.append(mixed_difference(*study, random=random)["ci_low"].notna().any())

    look()
    assert np.mean(reached) > 0.8


@either
@given(
    study=studies(1),
    order=st.randoms(use_true_random=False),
    shift=st.sampled_from([-3.0, 0.5, 100.0]),
    factor=st.sampled_from([0.1, 2.5, 25.0]),
)
def test_order_names_shift_scale_and_roles_do_what_they_should(random, study, order, shift, factor):
    values, first, cluster = study
    expected = mixed_difference(*study, random=random)
    assert_explained(expected)
    assert_sign_flips_and_fit_stays(
        mixed_difference(values, ~first, cluster, random=random), expected
    )
    rows = list(range(len(values)))
    order.shuffle(rows)
    found = mixed_difference(
        np.column_stack([np.full(len(values), np.nan), shift - values[rows, 0] * factor]),
        first[rows],
        LABELS[cluster[rows]],
        random=random,
    )
    assert found["note"][0] == "too_few_answers"
    found = found.iloc[[1]].assign(
        estimate=-found["estimate"], ci_low=-found["ci_high"], ci_high=-found["ci_low"],
        statistic=-found["statistic"],
    )  # fmt: skip
    found[SCALED] /= factor
    free = (expected["n_a"] + expected["n_b"] - 2).to_numpy()
    found["log_likelihood"] += free * np.log(factor)
    # The correlation next to a variance of zero is known to fewer digits than the rest.
    assert_same(found, expected, rtol=1e-6, atol=1e-6)


def assert_sign_flips_and_fit_stays(found, expected):
    np.testing.assert_allclose(-found["estimate"], expected["estimate"], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(-found["ci_low"], expected["ci_high"], rtol=1e-5, atol=1e-5)
    for column in (
        "standard_error",
        "df",
        "p_value",
        "sd_gap",
        "sd_residual",
        "icc",
        "log_likelihood",
    ):
        np.testing.assert_allclose(
            found[column], expected[column], rtol=1e-5, atol=1e-5, err_msg=column
        )


@given(study=ordinary_studies(1))
def test_the_interval_leaves_out_zero_exactly_when_p_is_below_five_per_cent(study):
    table = mixed_difference(*study).dropna(subset=["p_value"])
    excludes_zero = (table["ci_low"] > 0) | (table["ci_high"] < 0)
    undecided = (table["p_value"] - 0.05).abs() < 1e-9
    assert (excludes_zero == (table["p_value"] < 0.05))[~undecided].all()


# ---- traps and edges ------------------------------------------------------------------------


def test_a_variance_of_zero_is_an_answer_and_no_failure():
    # Organisations of equal means: the restricted likelihood is highest at zero. What is left is
    # Student's test: variances 1, 1 of three each a role and organisation.
    values, first = np.tile([1.0, 2, 3], 6), np.arange(18) // 3 % 2 == 0
    values = values + np.where(first, 1, 0)
    for random in RANDOM:
        row = mixed_difference(values, first, np.arange(18) // 6, random=random).iloc[0]
        assert row["note"] == "boundary_variance"
        assert row["sd_intercept"] == 0
        assert row["icc"] == 0
        assert row["estimate"] == pytest.approx(1, rel=1e-12)
        # 18 answers, two means: squares 12, 16 df.
        assert row["df"] == pytest.approx(16, rel=1e-9)
        assert row["standard_error"] == pytest.approx(np.sqrt(12 / 16 * 2 / 9), rel=1e-9)


def test_a_correlation_of_one_is_said_to_be_a_boundary():
    generator = np.random.default_rng(8)
    cluster, first = np.repeat(np.arange(8), 10), np.tile([True, False], 40)
    level = generator.normal(0, 1, 8)[cluster]
    values = level * np.where(first, 2, 1) + generator.normal(0, 1, 80)
    row = mixed_difference(values, first, cluster, random="slope").iloc[0]
    assert row["note"] == "boundary_variance"
    assert row["correlation"] == pytest.approx(1, abs=1e-12)
    assert np.isfinite(row[["estimate", "p_value", "df", "log_likelihood"]].astype(float)).all()


@either
def test_a_search_that_has_not_ended_gives_no_number(monkeypatch, random):
    # statsmodels' MixedLM can report convergence with an infinite likelihood; here one step is
    # all that is allowed, and where it ends is not shown.
    monkeypatch.setattr(reml, "MAX_STEPS", 1)
    row = mixed_difference(*nested_study(5), random=random).iloc[0]
    assert row["note"] == "no_convergence"
    numbers = ["estimate", "ci_low", "p_value", "sd_intercept", "log_likelihood"]
    assert row[numbers].isna().all()


def test_a_saddle_is_no_maximum(monkeypatch):
    # At theta = 0 the slope is zero whatever the data; a search that only looks at slopes stays.
    monkeypatch.setattr(reml, "_starts", lambda likelihood: [np.array([0.0])])
    assert mixed_difference(*nested_study(6))["note"][0] == "no_convergence"
    monkeypatch.setattr(reml, "_starts", lambda likelihood: [np.array([1e-3])])
    found = mixed_difference(*nested_study(6))
    assert found["sd_intercept"][0] > 0.5
    assert found["note"][0] == ""


# Cases the relations above found; each once gave one answer and, with the roles swapped, another.

FLAT = ([2, 5, 4, 3, 2, 5, 5, 1, 1, 2], "1100000001", "1030101013")
CREEPING = (
    [3, 4, 2, 1, 3, 1, 2, 2, 3, 1, 1, 5, 2, 3, 1, 5, 5, 3, 2, 3, 4, 3, 2, 3],
    "010001100111010111111001", "012102211001202110020112",
)  # fmt: skip
TWO_MAXIMA = (
    [5, 3, 3, 5, 3, 4, 1, 5, 5, 3, 5, 2, 1, 3, 4, 2, 3, 3, 5, 5, 4, 4],
    "1111011111100000111101", "0000352350354303353313",
)  # fmt: skip


def both_ways(values, first, cluster):
    first, cluster = np.array(list(first)) == "1", np.array(list(cluster))
    for mask in (first, ~first):
        yield mixed_difference(np.array(values), mask, cluster, random="slope").iloc[0]


def test_a_likelihood_that_is_flat_at_the_boundary_ends_there():
    # Slope and curvature are zero at variance zero: a search would creep up and stop before it.
    for row in both_ways(*FLAT):
        assert row["note"] == "boundary_variance"
        assert row[["sd_intercept", "sd_gap", "icc"]].tolist() == [0, 0, 0]
        assert row["df"] == pytest.approx(8, rel=1e-9)


def test_a_search_that_would_creep_to_a_correlation_of_one_ends_there():
    forward, swapped = both_ways(*CREEPING)
    assert (forward["note"], swapped["note"]) == ("boundary_variance", "boundary_variance")
    for column in ("standard_error", "df", "sd_gap", "log_likelihood"):
        assert forward[column] == pytest.approx(swapped[column], rel=1e-9), column


def test_the_higher_of_two_maxima_is_found_from_either_role():
    # One inside (log-likelihood -33.587), one at a correlation of -1 (-33.355).
    for row in both_ways(*TWO_MAXIMA):
        assert row["log_likelihood"] == pytest.approx(-33.354614894554, rel=1e-10)
        assert abs(row["estimate"]) == pytest.approx(0.63869703009808, rel=1e-9)


def test_one_answer_a_role_and_organisation_cannot_tell_the_gap_from_the_residual():
    values, first = np.array([1.0, 3, 2, 5, 4, 4, 2, 1]), np.tile([True, False], 4)
    row = mixed_difference(values, first, np.arange(8) // 2, random="slope").iloc[0]
    assert row["note"] == "not_identified"
    assert np.isnan(row["p_value"])


@pytest.mark.parametrize(
    ("note", "values", "first", "cluster"),
    [
        ("too_few_answers", [1, 2, 3, 4], [1, 1, 1, 0], "xxyy"),
        ("too_few_clusters", [1, 2, 3, 4, 5, 3], [1, 1, 1, 0, 0, 0], "xxxxxx"),
        ("no_variation", [4.0] * 8, [1, 0] * 4, "wwxxyyzz"),
        ("no_variation", [0.1] * 4 + [0.7] * 4, [1, 0] * 4, "xxxxyyyy"),
        ("too_few_clusters", [1, 2, 4, 5], [1, 1, 0, 0], "xxyy"),
    ],
)
def test_degenerate_data_give_a_reason(note, values, first, cluster):
    table = mixed_difference(np.array(values), np.array(first, dtype=bool), list(cluster))
    assert table["note"].tolist() == [note]
    assert table[["ci_low", "p_value", "standard_error"]].isna().all(axis=None)


@either
def test_a_very_small_residual_and_a_very_large_level_are_fitted(random):
    values, first, cluster = nested_study(7)
    expected = mixed_difference(values, first, cluster, random=random)
    far = mixed_difference(values + 1e6, first, cluster, random=random)
    pd.testing.assert_frame_equal(far, expected, rtol=1e-5)
    level = np.random.default_rng(9).normal(0, 1000, 7)
    row = mixed_difference(values + level[cluster], first, cluster, random=random).iloc[0]
    assert row["note"] == ""
    assert row["sd_intercept"] > 300
    assert row["sd_residual"] < 2


@either
def test_nobody_at_all_gives_a_reason(random):
    table = mixed_difference(np.empty((0, 2)), np.empty(0, bool), np.empty(0, str), random=random)
    assert table["note"].tolist() == ["too_few_answers"] * 2


def test_the_error_for_another_model_names_the_two_there_are():
    with pytest.raises(ValueError, match=r"random must be one of \('intercept', 'slope'\)"):
        mixed_difference(np.ones(4), np.ones(4, bool), list("xxyy"), random="both")
