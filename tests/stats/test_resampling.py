"""Bootstrap and permutation: chance against what is exact, and what chance may not move."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stats.nested import GENERATORS, drawn_answers, drawn_roles
from tests.stats.oracle import matrix, reference
from tests.stats.oracles.resampling import people

from research.stats.differences import hedges_g, welch
from research.stats.reliability.alpha import cronbach_alpha
from research.stats.resampling import permutation
from research.stats.resampling.draws import WeightProduct
from research.stats.resampling.intervals import (
    Resampled,
    bca_interval,
    jackknife_acceleration,
    percentile_interval,
)
from research.stats.resampling.items import bootstrap_items
from research.stats.resampling.joint import joint_bootstrap
from research.stats.resampling.permutation import max_t_permutation, step_down_max_t
from research.stats.resampling.profiles import bootstrap_profiles
from research.stats.resampling.streams import named_generator

# Chance statements below: this many Monte-Carlo standard errors, several thousand comparisons.
MOST_ERRORS = 5
LIMITS = ["ci_low", "ci_high"]


def drawn(seed=1):
    return np.random.default_rng(seed)


def skewed_answers(n, k, seed, *, missing=0.0, n_clusters=8):
    generator = np.random.default_rng(seed)
    first, cluster = np.arange(n) % 2 == 0, generator.integers(0, n_clusters, n)
    trait = generator.normal(0, 0.7, n)[:, None]
    values = np.clip(
        np.rint(4 + 0.2 * first[:, None] + trait + generator.normal(0, 0.8, (n, k))), 1, 5
    )
    return np.where(generator.random((n, k)) < missing, np.nan, values), first, cluster


# ---- streams ----------------------------------------------------------------------------------


def test_a_stream_is_the_same_whatever_ran_before():
    alone = named_generator(7, "gap", "power").random(5)
    named_generator(7, "gap", "support").random(1000)
    np.random.default_rng().random(3)
    np.testing.assert_array_equal(named_generator(7, "gap", "power").random(5), alone)


def test_a_stream_keeps_its_numbers_from_version_to_version():
    # Against itself, numpy 2.4: a change here changes every resampled number of every report.
    assert named_generator(1, "gap/power").integers(0, 1000, 4).tolist() == [375, 612, 724, 43]


@pytest.mark.parametrize("other", [(8, "gap"), (7, "gaps"), (7, "gap", ""), (7,), (77, "ap")])
def test_another_seed_or_name_is_another_stream(other):
    draws = named_generator(7, "gap").random(4)
    assert not np.isin(named_generator(*other).random(4), draws).any()


def test_names_are_kept_apart():
    first = named_generator(7, "gap", "power").random()
    assert named_generator(7, "gap/power").random() != first
    assert named_generator(7, "gappower").random() != first


# ---- intervals by hand ------------------------------------------------------------------------


def test_percentile_limits_of_999_replicates_are_the_25th_and_the_975th():
    # (999 + 1) * .025 = 25 and 1000 * .975 = 975 exactly: no interpolation.
    table = percentile_interval(drawn().permutation(np.arange(1.0, 1000)))
    np.testing.assert_allclose(table.loc[0, LIMITS].astype(float), [25, 975], rtol=1e-12)


def test_bca_without_bias_and_acceleration_is_the_percentile_interval():
    replicates = drawn().permutation(np.arange(1.0, 1000))
    expected = percentile_interval(replicates)
    table = bca_interval(replicates, np.array([500.0]), np.array([0.0]))
    np.testing.assert_allclose(table[LIMITS], expected[LIMITS], rtol=1e-12)


def test_half_of_the_ties_count_in_the_bias_correction():
    # 100 below, 200 equal, 100 above: (100 + 200/2) / 400 = 1/2, so no correction. Counting only
    # those below, as R's boot does, gives ndtri(1/4) = -0.67.
    replicates = np.repeat([1.0, 2.0, 3.0], [100, 200, 100])
    table = bca_interval(replicates, np.array([2.0]), np.array([0.0]))
    assert table.loc[0, "bias_correction"] == 0


def test_ties_that_differ_by_rounding_are_ties():
    replicates = np.repeat([0.1, 0.1 + 0.2, 0.5], [100, 200, 100])
    assert bca_interval(replicates, 0.3, 0.0).loc[0, "bias_correction"] == 0


def test_acceleration_of_a_mean_is_a_sixth_of_its_skewness():
    # 1, 2, 6 around 3: deviations -2, -1, 3; cubes sum to -8 - 1 + 27 = 18, squares to 14.
    left_out = np.array([4.0, 3.5, 1.5])
    found = jackknife_acceleration((left_out, np.ones(3)))
    np.testing.assert_allclose(found, 18 / (6 * 14**1.5), rtol=1e-12)
    # The same from distinct people with their number: 1, 1, 6 around 8/3.
    twice = jackknife_acceleration((np.array([3.5, 1.0]), np.array([2, 1])))
    apart = jackknife_acceleration((np.array([3.5, 3.5, 1.0]), np.ones(3)))
    np.testing.assert_allclose(twice, apart, rtol=1e-12)


def test_acceleration_of_the_spatial_test_data_is_that_of_the_book():
    # Efron & Tibshirani (1993), table 14.1 (A) and section 14.3: variance 171.5 (divided by n), a = .061.
    spatial = [48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41,
               24, 26, 30, 41]  # fmt: skip
    values = np.array([*spatial, 1, 2], dtype=float)
    found = bootstrap_items(values, np.arange(28) < 26, n_replicates=1, generator=drawn())
    assert found["variance_a"].estimate[0] * 25 / 26 == pytest.approx(171.5, abs=0.05)
    assert found["variance_a"].acceleration[0] == pytest.approx(0.061, abs=0.0005)


@pytest.mark.parametrize(
    ("replicates", "note", "dropped"),
    [
        (np.arange(199.0), "too_few_replicates", 0),
        (np.r_[np.arange(199.0), np.full(50, np.nan)], "too_few_replicates", 50),
        (np.full(300, 4.0), "no_variation", 0),
        (np.full(300, np.nan), "too_few_replicates", 300),
        (np.empty(0), "too_few_replicates", 0),
        (np.repeat([0.3, 0.1 + 0.2], 150), "no_variation", 0),
    ],
)
def test_no_interval_but_a_reason(replicates, note, dropped):
    for table in (percentile_interval(replicates), bca_interval(replicates, 0.5, 0.0)):
        assert table[LIMITS].isna().all(axis=None)
        assert table["note"].tolist() == [note]
        assert table["n_replicates_dropped"].tolist() == [dropped]


@pytest.mark.parametrize(
    ("estimate", "acceleration"), [(-1, 0.0), (400, 0.0), (150, np.nan), (np.nan, 0.0), (150, 0.6)]
)
def test_no_bca_interval_without_its_corrections(estimate, acceleration):
    table = bca_interval(np.arange(300.0), estimate, acceleration)
    assert table[LIMITS].isna().all(axis=None)
    assert table["note"].tolist() == ["no_bca_interval"]


def test_a_limit_at_the_very_edge_is_said():
    table = percentile_interval(np.arange(250.0), confidence_level=0.999)
    assert table.loc[0, LIMITS].tolist() == [0.0, 249.0]
    assert table["note"].tolist() == ["extreme_replicates"]


def test_resamples_that_are_not_finite_are_dropped_and_counted():
    replicates = drawn().normal(size=400)
    holes = np.insert(replicates, [3, 50, 50, 399], [np.nan, np.inf, -np.inf, np.nan])
    table = percentile_interval(holes)
    assert table.loc[0, ["n_replicates", "n_replicates_dropped"]].tolist() == [400, 4]
    np.testing.assert_array_equal(table[LIMITS], percentile_interval(replicates)[LIMITS])


def test_an_unknown_method_is_refused():
    one = bootstrap_items(np.arange(6.0), np.arange(6) < 3, n_replicates=1, generator=drawn())
    with pytest.raises(
        ValueError, match=r"method must be one of \('percentile', 'bca'\), not 'bc'"
    ):
        one["mean_a"].interval(method="bc")


# ---- chance against exact moments ---------------------------------------------------------------


def assert_within_chance(replicates, expected, name):
    """Require mean, SD and share of ``replicates`` to be the exact ones but for Monte-Carlo error."""
    share = np.isfinite(replicates).mean(axis=0)
    exact_share = matrix(expected[f"{name}_share"])
    n = len(replicates)
    error = np.sqrt(exact_share * (1 - exact_share) / n)
    np.testing.assert_array_less(np.abs(share - exact_share), MOST_ERRORS * error + 1e-9)
    for j in np.flatnonzero(exact_share * n > 500):
        there = replicates[np.isfinite(replicates[:, j]), j]
        mean, sd = expected[f"{name}_mean"][j], expected[f"{name}_sd"][j]
        assert abs(there.mean() - mean) <= MOST_ERRORS * sd / np.sqrt(len(there)) + 1e-9, name
        # The error of a variance from the replicates' own fourth moment.
        squares = (there - mean) ** 2
        error = squares.std() / np.sqrt(len(there))
        assert abs(squares.mean() - sd**2) <= MOST_ERRORS * error + 1e-9, name


@pytest.mark.parametrize("record", reference("resampling")["tiny"], ids=lambda r: r["name"])
def test_resamples_of_people_have_the_moments_of_all_resamples(record):
    values, first = people(record)
    expected = record["expected"]["all_resamples"]
    found = joint_bootstrap(
        values, first, item_sets=[np.arange(2)], n_replicates=20_000, generator=drawn()
    )
    for name, one in found.items():
        assert_within_chance(one.replicates, expected, name)
    if not np.isnan(values).any():  # then a resample of counts is a resample of people
        for name, one in bootstrap_items(
            values, first, n_replicates=20_000, generator=drawn(2)
        ).items():
            assert_within_chance(one.replicates, expected, name)


@pytest.mark.parametrize("record", reference("resampling")["nested"], ids=lambda r: r["name"])
def test_two_stage_resamples_have_the_moments_of_all_of_them(record):
    expected = record["expected"]["all_two_stage_resamples"]
    found = bootstrap_profiles(
        *people(record), record["cluster"], n_replicates=20_000, generator=drawn()
    )
    assert_within_chance(found.a, expected, "mean_a")
    assert_within_chance(found.b, expected, "mean_b")
    assert_within_chance(found.a - found.b, expected, "mean_difference")


@pytest.mark.parametrize("n", [12, 400, 100_000])
def test_resampled_counts_have_the_moments_of_the_book(n):
    # E(mean*) = mean, var(mean*) = s^2 (n - 1) / n^2, E(variance*) = s^2 (n - 1) / n.
    values, first, _ = skewed_answers(n, 4, 3, missing=0.1)
    found = bootstrap_items(values, first, n_replicates=20_000, generator=drawn())
    size = (~np.isnan(values[first])).sum(axis=0)
    variance = np.nanvar(values[first], axis=0)
    mean, spread = found["mean_a"].replicates, found["variance_a"].replicates
    error = np.sqrt(variance / size / 20_000)
    assert (
        np.abs(mean.mean(axis=0) - np.nanmean(values[first], axis=0)) < MOST_ERRORS * error
    ).all()
    np.testing.assert_allclose(mean.var(axis=0), variance / size, rtol=0.06)
    error = spread.std(axis=0) / np.sqrt(20_000)
    assert (np.abs(spread.mean(axis=0) - variance) < MOST_ERRORS * error).all()


def test_normal_sums_give_the_limits_of_weights():
    values, first, _ = skewed_answers(6000, 6, 4, missing=0.02)
    weights, normal = (
        joint_bootstrap(values, first, item_sets=[np.arange(6)], generator=drawn(seed), draws=draws)
        for seed, draws in ((1, "weights"), (2, "gaussian"))
    )
    for name, one in weights.items():
        spread = one.replicates.std(axis=0)[:, None]
        for method in ("percentile", "bca"):
            by_weights, by_normal = (
                x[name].interval(method=method)[LIMITS] for x in (weights, normal)
            )
            # Two Monte-Carlo errors of .03 SD each, and the normal's own .05.
            assert (np.abs(by_weights - by_normal) < 0.2 * spread).all(axis=None), name


def test_large_groups_are_drawn_from_the_normal_and_small_ones_are_not(monkeypatch):
    from research.stats.resampling import joint

    calls = []
    original = joint.gaussian_sums
    monkeypatch.setattr(joint, "gaussian_sums", lambda *x: calls.append(x) or original(*x))
    values, _, _ = skewed_answers(3100, 2, 5)
    joint_bootstrap(values, np.arange(3100) < 50, n_replicates=5, generator=drawn())
    assert len(calls) == 1
    joint_bootstrap(values, np.arange(3100) < 200, n_replicates=5, generator=drawn())
    assert len(calls) == 1


def test_a_column_with_too_few_other_answers_is_not_drawn_from_the_normal():
    values, first, _ = skewed_answers(8000, 2, 6)
    values[:, 1] = 4
    values[:20, 1] = 3
    table = joint_bootstrap(values, first, n_replicates=300, generator=drawn())["mean_difference"]
    assert table.interval()["note"].tolist() == ["", "too_few_answers"]
    with pytest.raises(ValueError, match="where organisations are resampled"):
        joint_bootstrap(values, first, cluster=first, draws="gaussian", generator=drawn())


# ---- the point estimates are those of the statistics themselves ---------------------------------


@st.composite
def studies(draw):
    """Few people, anything may be degenerate; or ordinary ones of a few organisations."""
    generator = draw(GENERATORS)
    k = generator.integers(2, 4)
    if generator.random() < 0.5:
        n = generator.integers(4, 10)
        values, first = drawn_answers(generator, (n, k)), drawn_roles(generator, n)
        return values, first, generator.integers(0, 4, n)
    n, seed = generator.integers(12, 41), generator.integers(2**32)
    return skewed_answers(n, k, seed, missing=0.05, n_clusters=4)


def all_sets(values):
    return [np.arange(values.shape[1])]


def jointly(values, first, cluster=None, *, n_replicates=30, item_sets=None):
    return joint_bootstrap(
        values,
        first,
        item_sets=all_sets(values) if item_sets is None else item_sets,
        cluster=cluster,
        n_replicates=n_replicates,
        generator=drawn(3),
    )


@given(study=studies())
def test_estimates_are_those_of_welch_hedges_and_cronbach(study):
    values, first, _ = study
    found = jointly(values, first, n_replicates=2)
    by_counts = bootstrap_items(values, first, n_replicates=2, generator=drawn())
    g = hedges_g(values, first)["estimate"]
    for name, expected in (("hedges_g", g), ("mean_difference", welch(values, first)["estimate"])):
        np.testing.assert_allclose(found[name].estimate, expected, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(by_counts[name].estimate, expected, rtol=1e-9, atol=1e-12)
    for name, rows in (("alpha_a", first), ("alpha_b", ~first), ("alpha_all", first | True)):
        expected = cronbach_alpha(values[rows])
        np.testing.assert_allclose(
            found[name].estimate, expected["estimate"], rtol=1e-9, atol=1e-12
        )
        if expected.loc[0, "note"]:
            assert found[name].note[0] == expected.loc[0, "note"]


# ---- what chance may not move -------------------------------------------------------------------


def assert_same(found, expected, columns):
    pd.testing.assert_frame_equal(
        found[columns].reset_index(drop=True),
        expected[columns].reset_index(drop=True),
        rtol=1e-9,
        atol=1e-10,
        check_dtype=False,
    )


def assert_resampled(found, expected, *, columns=slice(None), sign=1, factor=1.0):
    """Require the same draws: ``found`` is ``expected`` turned and stretched, replicate by replicate.

    Intervals are functions of these (and turn with them: the next test).
    """
    assert found.note.tolist() == expected.note[columns].tolist()
    for ours, theirs, size in (
        (found.estimate, expected.estimate[columns], sign * factor),
        (found.replicates, expected.replicates[:, columns], sign * factor),
        (found.acceleration, expected.acceleration[columns], sign),
    ):
        np.testing.assert_allclose(ours, size * theirs, rtol=1e-9, atol=1e-9 * factor)


@given(
    seed=st.integers(0, 2**32 - 1),
    acceleration=st.floats(-0.15, 0.15),
    change=st.sampled_from([(-1.0, 0.0), (1.0, 100.0), (2.5, -3.0), (-0.1, 6.0)]),
)
def test_intervals_turn_and_stretch_with_their_replicates(seed, acceleration, change):
    generator = drawn(seed)
    replicates = np.rint(8 * generator.gamma(2, 1, 230)) / 8  # with ties
    estimate = generator.choice(replicates)
    factor, shift = change
    turned = (factor * replicates + shift, factor * estimate + shift)
    sign = np.sign(factor)
    pairs = [
        (percentile_interval(replicates), percentile_interval(turned[0])),
        (
            bca_interval(replicates, estimate, acceleration),
            bca_interval(*turned, sign * acceleration),
        ),
    ]
    for once, again in pairs:
        limits = factor * once.loc[0, LIMITS].to_numpy(float) + shift
        found = again.loc[0, LIMITS].to_numpy(float)
        np.testing.assert_allclose(found, np.sort(limits), rtol=1e-9, atol=1e-9)
        assert again["note"].tolist() == once["note"].tolist()


BY_ITEM = ("mean_difference", "hedges_g")
BY_SET = ("alpha_a", "alpha_b", "alpha_all")


@pytest.mark.parametrize("nested", [False, True], ids=["people", "organisations"])
@given(study=studies(), data=st.data())
def test_columns_names_shift_and_scale_do_not_move_the_joint_bootstrap(nested, study, data):
    values, first, cluster = study
    cluster = cluster if nested else None
    expected = jointly(values, first, cluster)
    order = data.draw(st.permutations(range(values.shape[1])))
    moved = jointly(values[:, order], first, cluster)
    for name in BY_ITEM:
        assert_resampled(moved[name], expected[name], columns=order)
    for name in BY_SET:
        assert_resampled(moved[name], expected[name])
    # Shifted and stretched (or turned), groups and organisations called otherwise, one more item.
    shift, factor = data.draw(st.sampled_from([(-3.0, 1.0), (100.0, 2.5), (6.0, -1.0), (0.5, 0.1)]))
    wider = np.insert(values * factor + shift, values.shape[1], np.nan, axis=1)
    names = None if cluster is None else np.array(["zuid", "7", "Älv", ""])[cluster]
    found = jointly(wider, ~first, names, item_sets=all_sets(values))
    assert found["hedges_g"].note[-1] == "too_few_answers"
    shorter = {name: without_last(found[name]) for name in BY_ITEM}
    assert_resampled(shorter["hedges_g"], expected["hedges_g"], sign=-np.sign(factor))
    assert_resampled(
        shorter["mean_difference"],
        expected["mean_difference"],
        sign=-np.sign(factor),
        factor=abs(factor),
    )
    for name, other in (("alpha_a", "alpha_b"), ("alpha_b", "alpha_a"), ("alpha_all", "alpha_all")):
        assert_resampled(found[name], expected[other])


def without_last(one):
    return Resampled(
        estimate=one.estimate[:-1],
        replicates=one.replicates[:, :-1],
        acceleration=one.acceleration[:-1],
        note=one.note[:-1],
    )


@given(study=studies(), data=st.data())
def test_row_order_and_shift_do_not_move_the_bootstrap_of_items(study, data):
    values, first, _ = study
    rows = data.draw(st.permutations(range(len(values))))
    shift = data.draw(st.sampled_from([0.0, -3.0, 100.0]))
    expected = bootstrap_items(values, first, n_replicates=40, generator=drawn())
    moved = bootstrap_items(values[rows] + shift, first[rows], n_replicates=40, generator=drawn())
    for name in ("mean_difference", "hedges_g", "variance_a", "variance_b"):
        assert_resampled(moved[name], expected[name])


@given(study=studies(), nested=st.booleans())
def test_every_missing_limit_has_a_reason_and_none_is_infinite(study, nested):
    values, first, cluster = study
    found = jointly(values, first, cluster if nested else None, n_replicates=210)
    items = bootstrap_items(values, first, n_replicates=210, generator=drawn())
    table = together([*found.values(), *items.values()]).interval()
    assert (table["note"] != "")[table["ci_low"].isna()].all()
    assert not np.isinf(table.select_dtypes("number").to_numpy()).any()
    assert ((table["ci_low"] <= table["ci_high"]) | table["ci_low"].isna()).all()


def together(parts):
    return Resampled(
        estimate=np.concatenate([one.estimate for one in parts]),
        replicates=np.concatenate([one.replicates for one in parts], axis=1),
        acceleration=np.concatenate([one.acceleration for one in parts]),
        note=np.concatenate([one.note for one in parts]),
    )


@pytest.mark.parametrize("answer", [1.0, 4.0, 0.1, 0.1 + 0.2, 1e-3 / 3])
@pytest.mark.parametrize("draw", [jointly, bootstrap_items], ids=["joint", "items"])
def test_constant_answers_give_a_note_and_no_interval(answer, draw):
    options = {} if draw is jointly else {"n_replicates": 210, "generator": drawn()}
    if draw is jointly:
        options["n_replicates"] = 210
    found = draw(np.full((12, 2), answer), np.arange(12) < 5, **options)
    for name, one in found.items():
        table = one.interval()
        assert (table["note"] == "no_variation").all(), name
        assert table[LIMITS].isna().all(axis=None), name


@given(study=studies(), data=st.data())
def test_names_columns_and_shift_do_not_move_max_t(study, data):
    values, first, cluster = study
    cluster = data.draw(st.sampled_from([None, cluster]))
    columns = data.draw(st.permutations(range(values.shape[1])))
    order = [*columns, values.shape[1]]

    def test(x, mask):
        return max_t_permutation(x, mask, cluster=cluster, n_permutations=100, generator=drawn())

    expected = test(values, first)
    wider = np.insert(values, values.shape[1], np.nan, axis=1) * -2.5 + 100
    found = test(wider[:, order], first)
    assert np.isnan(found["p_adjusted"].iloc[-1])
    p_values = ["p_value", "p_adjusted", "note"]
    assert_same(found.iloc[:-1], expected.iloc[columns], p_values)
    assert (expected["note"] != "")[expected["p_value"].isna()].all()
    assert not np.isinf(expected.select_dtypes("number").to_numpy()).any()
    tested = expected.dropna(subset=["p_value"])
    assert (tested["p_adjusted"] >= tested["p_value"]).all()
    assert tested["p_value"].between(0, 1, inclusive="right").all()


@given(study=studies())
def test_swapping_groups_keeps_exact_permutation_p(study):
    values, first, cluster = study
    values, first, cluster = values[:8], first[:8], cluster[:8]
    one, other = (
        max_t_permutation(values, mask, cluster=cluster, generator=drawn())
        for mask in (first, ~first)
    )
    assert one["exact"].all() and other["exact"].all()
    assert_same(
        other.assign(estimate=-other["estimate"]),
        one,
        ["estimate", "p_value", "p_adjusted", "note"],
    )


# ---- organisations ----------------------------------------------------------------------------


def test_a_resample_without_a_group_is_missing_and_counted():
    # Group b answers in one of two organisations only: absent when the other is drawn twice, 1/4.
    values, first = np.array([1.0, 2, 3, 4, 5, 5]), np.array([True, True, True, True, False, False])
    cluster = np.array(list("xxyyyy"))
    found = bootstrap_profiles(values, first, cluster, n_replicates=4000, generator=drawn())
    assert found.n_empty == np.isnan(found.b).sum()
    assert abs(found.n_empty / 4000 - 0.25) < MOST_ERRORS * np.sqrt(0.25 * 0.75 / 4000)
    assert not np.isnan(found.a).any()
    assert np.isnan(found.left_out_b[1, 0]) and found.left_out_b[0, 0] == 5


def test_organisations_that_differ_widen_the_interval():
    # Organisations at 1 and at 5: resampling people within would see no variation at all.
    cluster = np.repeat(np.arange(6), 10)
    values, first = np.where(cluster % 2, 5.0, 1.0), np.arange(60) % 2 == 0
    found = bootstrap_profiles(values, first, cluster, n_replicates=4000, generator=drawn())
    # Six draws of 1 or 5: SD of the mean is 2 / sqrt(6).
    assert found.a.std() == pytest.approx(2 / np.sqrt(6), rel=0.05)
    np.testing.assert_array_equal(found.a, found.b)


def test_one_organisation_resamples_its_people():
    values, first, _ = skewed_answers(60, 3, 9)
    found = bootstrap_profiles(values, first, np.zeros(60), n_replicates=8000, generator=drawn())
    expected = values[first].std(axis=0) / np.sqrt(30)
    np.testing.assert_allclose(found.a.std(axis=0), expected, rtol=0.05)


# ---- permutation --------------------------------------------------------------------------------


def test_max_t_of_four_people_by_hand():
    # Item 1: a = 1, 2 and b = 5, 6; item 2: a = 1, 5 and b = 2, 6. Of the six arrangements item 1
    # is as extreme in two (p = 1/3): the observed one and its mirror. |t| of item 1 there is
    # 4 / sqrt(1/2) = 5.7; of item 2 observed 1 / sqrt(8) = .35. Item 2's six: pairs {1,5}: .35 and
    # its mirror, {1,2}: 5.7 and its mirror, {1,6} against {2,5}: 0 and its mirror; p = 4/6.
    # Largest of both per arrangement: people 12|34: 5.7, .35; 13|24: item 1 {1,5}: .35, item 2
    # {1,2}: 5.7; so 5.7 is reached in four of six: adjusted p of item 1 is 2/3. Item 2 steps down
    # to its own 4/6.
    values = np.array([[1.0, 1], [2, 5], [5, 2], [6, 6]])
    table = max_t_permutation(values, np.arange(4) < 2, generator=drawn())
    np.testing.assert_allclose(table["p_value"], [1 / 3, 2 / 3], rtol=1e-12)
    np.testing.assert_allclose(table["p_adjusted"], [2 / 3, 2 / 3], rtol=1e-12)
    assert table["exact"].all() and (table["n_permutations"] == 6).all()


@pytest.mark.parametrize("clustered", [False, True])
def test_drawn_arrangements_give_the_exact_p_but_for_chance(clustered):
    values, first, _ = skewed_answers(16, 5, 21)
    values[:, 0] += 1.5 * first
    values[:, 1] += first
    cluster = np.repeat([0, 1], 8) if clustered else None
    limit = 4900 if clustered else 12_870  # C(8,4)^2 and C(16,8) arrangements
    exact = max_t_permutation(
        values, first, cluster=cluster, n_permutations=limit, generator=drawn()
    )
    chance = max_t_permutation(
        values, first, cluster=cluster, n_permutations=limit - 1, generator=drawn()
    )
    assert exact["exact"].all() and not chance["exact"].any()
    for column in ("p_value", "p_adjusted"):
        error = np.sqrt(exact[column] * (1 - exact[column]) / limit) + 1 / limit
        assert (np.abs(exact[column] - chance[column]) < MOST_ERRORS * error).all()


def test_large_groups_give_the_p_of_weights(monkeypatch):
    values, first, cluster = skewed_answers(6400, 5, 31, missing=0.05)
    values[:, 0] -= 0.22 * first
    tables = []
    for large in (3000, 10**9):
        monkeypatch.setattr(permutation, "LARGE_GROUP", large)
        tables.append(
            max_t_permutation(
                values, first, cluster=cluster, n_permutations=2000, generator=drawn(large)
            )
        )
    for column in ("p_value", "p_adjusted"):
        p = tables[1][column]
        error = np.sqrt(2 * p * (1 - p) / 2000) + 1 / 2000
        assert (np.abs(tables[0][column] - p) < MOST_ERRORS * error).all()


def test_a_drawn_p_is_never_zero():
    values = np.where(np.arange(40) < 20, 1.0, 5.0) + np.arange(40) % 2
    table = max_t_permutation(values, np.arange(40) < 20, n_permutations=99, generator=drawn())
    # None of 99 is as extreme: (0 + 1) / (99 + 1).
    assert table.loc[0, ["p_value", "p_adjusted"]].tolist() == [0.01, 0.01]


def test_an_arrangement_without_a_statistic_counts_against_its_own_column_only():
    permuted = np.array([[np.nan, 1.0], [1.0, 1.0], [1.0, 9.0], [9.0, 1.0]])
    p_value, p_adjusted = step_down_max_t(np.array([5.0, 3.0]), permuted, add_observed=False)
    # Column 1: NaN and 9 count. Column 2: 9. Largest of both: -, 1, 9, 9, and the NaN counts.
    np.testing.assert_array_equal(p_value, [0.5, 0.25])
    np.testing.assert_array_equal(p_adjusted, [0.75, 0.75])


def test_max_t_rejects_a_true_null_of_the_family_five_times_in_a_hundred():
    # 600 studies of six dependent items: Monte-Carlo standard error sqrt(.05 * .95 / 600) = .0089.
    rejected = []
    for seed in range(600):
        generator = np.random.default_rng(seed)
        values = np.rint(3 + generator.normal(size=(24, 1)) + generator.normal(size=(24, 6)))
        table = max_t_permutation(
            values, np.arange(24) < 9, n_permutations=199, generator=generator
        )
        rejected.append((table["p_adjusted"] <= 0.05).any())
    assert abs(np.mean(rejected) - 0.05) < 3 * 0.0089


def test_items_that_cancel_out_have_no_alpha():
    answers = np.array([1.0, 2, 3, 4, 5, 3, 2, 1]) / 3
    found = jointly(np.column_stack([answers, 2 - answers]), np.arange(8) < 4, n_replicates=210)
    for name in BY_SET:
        assert found[name].note.tolist() == ["no_variation"]
        assert np.isnan(found[name].estimate).all()
        assert not np.isinf(found[name].replicates).any()


# ---- precision --------------------------------------------------------------------------------


def test_sums_past_what_single_precision_holds_are_formed_in_double():
    # 2^24 + 1 has no neighbour in single precision: weights 1 and 1 on 2^24 and 1.
    features = np.array([[2.0**24, 1.0, 0.1], [1.0, 2.0, 0.2]])
    found = WeightProduct.of(features, 2).with_weights(np.array([[1, 1], [0, 2]]))
    np.testing.assert_array_equal(found, np.array([[1, 1], [0, 2]]) @ features)


def test_the_block_of_replicates_bounds_memory():
    values, first, _ = skewed_answers(300, 30, 8)
    sets = [np.arange(8), np.arange(8, 16)]
    tracemalloc.start()
    joint_bootstrap(values, first, item_sets=sets, n_replicates=2000, generator=drawn())
    small = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    joint_bootstrap(values, first, item_sets=sets, n_replicates=4000, generator=drawn())
    large = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # What grows is kept: sums and estimates, some 700 numbers a replicate with their working copies;
    # all weights at once would add another 300 and their draws twice that.
    assert (large - small) / 2000 < 8 * 1100
