"""The graded response model: on paper, what must stay true, traps, and other people's data.

The values of R on made data are compared in ``test_agreement``.
"""

import json
from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import integrate, special
from tests.stats import same
from tests.stats.oracle import reference

from research.stats.factors import graded_fit
from research.stats.factors.graded_fit import Patterns, first_guess, marginal_fit
from research.stats.factors.graded_response import (
    graded_response,
    information_curves,
    item_information,
    peaks,
    total_information,
)

SHARED = Path(__file__).parents[2].parent / "shared"
shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared data folder is not on this machine"
)
NAN = np.nan
# The maximum is found to 1e-10 of the parameters; a threshold of a weak item magnifies that.
assert_same = partial(same.assert_same, rtol=1e-6, atol=1e-7)


def drawn(seed, n=120, slopes=(1.2, 1.6, 2.0), levels=3):
    """Answers 1, 2, ... of ``n`` people, a trait in standard deviations."""
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=n)[:, None] * slopes + rng.logistic(size=(n, len(slopes)))
    return np.digitize(latent, np.linspace(-1.5, 1.5, levels - 1)) + 1.0


def thresholds(table):
    return table.filter(like="threshold_").to_numpy()


# ---- on paper ------------------------------------------------------------------------------


def test_two_levels_have_the_information_of_the_two_parameter_model():
    # a^2 P (1 - P): at b a^2 / 4, at b + log(3)/a P = 3/4 and a^2 3/16.
    at = np.array([0.5, 0.5 + np.log(3) / 2, 0.5 - np.log(3) / 2])
    found = item_information(np.array([2.0]), np.array([[0.5]]), at)[:, 0]
    np.testing.assert_allclose(found, [1, 3 / 4, 3 / 4], rtol=1e-14)
    # Thresholds that the item does not have change nothing.
    padded = item_information(np.array([2.0]), np.array([[0.5, NAN, NAN]]), at)[:, 0]
    np.testing.assert_allclose(padded, found, rtol=1e-14)


def test_three_levels_in_the_middle():
    # a = 1, b = -log 3, log 3, theta = 0: curves 3/4 and 1/4, chances 1/4, 1/2, 1/4. Slopes of
    # the chances -3/16, 0, 3/16: (3/16)^2 / (1/4) twice = 9/32.
    found = item_information(np.array([1.0]), np.array([[-np.log(3), np.log(3)]]), [0.0])
    assert found[0, 0] == pytest.approx(9 / 32, rel=1e-14)


def test_the_area_under_a_two_level_information_is_its_discrimination():
    # The derivative of a P is a^2 P (1 - P), and P runs from 0 to 1.
    area, _ = integrate.quad(
        lambda t: item_information(np.array([1.7]), np.array([[0.4]]), [t])[0, 0], -30, 30
    )
    assert area == pytest.approx(1.7, rel=1e-8)


def test_information_is_the_mean_squared_slope_of_the_log_chance():
    # Samejima's definition, with slopes by central differences.
    a, b, step = 1.3, np.array([-1.0, 0.2, 1.5]), 1e-5

    def chances(theta):
        above = special.expit(a * (theta - b))
        return -np.diff(np.concatenate([[1.0], above, [0.0]]))

    for theta in (-2.0, 0.1, 3.0):
        slope = (chances(theta + step) - chances(theta - step)) / (2 * step)
        found = item_information(np.array([a]), b[None], [theta])[0, 0]
        assert found == pytest.approx((slope**2 / chances(theta)).sum(), rel=1e-8)


def test_the_log_likelihood_is_that_of_the_integrals():
    # Every pattern's chance by adaptive integration of the definition.
    items = drawn(1, n=60)
    table = graded_response(items)
    a, b = table["estimate"].to_numpy(), thresholds(table)
    patterns, times = np.unique(items, axis=0, return_counts=True)

    def chance(theta, pattern):
        above = special.expit(a[:, None] * (theta - b))
        cells = -np.diff(np.hstack([np.ones((3, 1)), above, np.zeros((3, 1))]), axis=1)
        return cells[np.arange(3), pattern.astype(int) - 1].prod() * np.exp(-(theta**2) / 2)

    each = [integrate.quad(chance, -9, 9, args=(p,), epsabs=1e-13)[0] for p in patterns]
    expected = times @ np.log(np.array(each) / np.sqrt(2 * np.pi))
    assert table["log_likelihood"][0] == pytest.approx(expected, rel=1e-9)


def test_derivatives_are_those_of_the_marginal_likelihood(monkeypatch):
    codes, times = np.unique(drawn(2, n=50).astype(int) - 1, axis=0, return_counts=True)
    codes[0, 1] = -1
    data = Patterns(codes=codes, times=times.astype(float), n_levels=np.array([3, 3, 3]))
    caught = {}

    def keep(evaluate, start):
        caught["evaluate"] = partial(evaluate, _=np.arange(1))

    monkeypatch.setattr(graded_fit, "maximise", keep)
    at = first_guess(data)
    marginal_fit(data, *graded_fit.equally_spaced(0.2), at)
    evaluate = caught["evaluate"]
    _, score, hessian = evaluate(at)
    for place in range(at.shape[1]):
        step = 1e-5 * (np.arange(at.shape[1]) == place)
        up, down = evaluate(at + step), evaluate(at - step)
        np.testing.assert_allclose(score[:, place], (up[0] - down[0]) / 2e-5, rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(
            hessian[:, place], (up[1] - down[1]) / 2e-5, rtol=1e-6, atol=1e-6
        )


# ---- what must stay true -------------------------------------------------------------------


# 12 examples: a fit takes some twenty milliseconds, and each makes seven.
@settings(max_examples=12)
@given(st.integers(0, 10_000), st.permutations(range(4)), st.integers(2, 5), st.floats(-5, 5))
def test_order_direction_labels_and_items_that_say_nothing(seed, order, levels, shift):
    items = drawn(seed, n=150, slopes=(1.2, 1.5, 1.8, 1.4), levels=levels)
    items[np.random.default_rng(seed).random(items.shape) < 0.05] = NAN
    table = graded_response(items)
    assert (table["note"] == "").all()
    assert_same(graded_response(items[::-1]), table, "row order")
    reordered = table.iloc[order].assign(item=range(4))
    assert_same(graded_response(items[:, order]), reordered, "item order")
    assert_same(graded_response(2 * items + shift), table, "labels of the levels")
    mirrored = graded_response(-items)
    np.testing.assert_allclose(mirrored["estimate"], table["estimate"], rtol=1e-6)
    np.testing.assert_allclose(
        thresholds(mirrored), -thresholds(table)[:, ::-1], rtol=1e-6, atol=1e-7
    )
    for column in ("peak_information", "peak_theta"):  # of two tops the nearest to zero: mirrored
        ours, expected = mirrored[column].abs(), table[column].abs()
        np.testing.assert_allclose(ours, expected, rtol=1e-6, atol=1e-7, err_msg=column)
    grid = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(
        total_information(mirrored, -grid)["information"],
        total_information(table, grid)["information"],
        rtol=1e-6,
    )
    more = graded_response(np.column_stack([items, np.full(150, 2.0), np.full(150, NAN)]))
    assert_same(more.iloc[:4], table, "items without variation or answers")
    assert more["note"].tolist() == [""] * 4 + ["no_variation", "too_few_answers"]
    twice = graded_response(np.vstack([items, items]))
    np.testing.assert_allclose(twice["estimate"], table["estimate"], rtol=1e-6)
    np.testing.assert_allclose(
        twice["standard_error"], table["standard_error"] / np.sqrt(2), rtol=1e-6
    )


@example(np.zeros(3), 5.0, 4.0)  # chances of 2e-9: 1 less something near 1 would lose digits
@given(
    hnp.arrays(float, 3, elements=st.floats(-3, 3)).map(np.sort),
    st.floats(0.2, 5),
    st.floats(-4, 4),
)
def test_joined_levels_never_tell_more(b, a, theta):
    # A coarser answer is a function of the finer one.
    finer = item_information(np.array([a]), b[None], [theta])[0, 0]
    for left in range(3):
        coarser = item_information(np.array([a]), np.delete(b, left)[None], [theta])[0, 0]
        assert coarser <= finer * (1 + 1e-9) + 1e-15
    mirrored = item_information(np.array([a]), -b[None, ::-1], [-theta])[0, 0]
    assert mirrored == pytest.approx(finer, rel=1e-9, abs=1e-15)
    against = item_information(np.array([-a]), b[None, ::-1], [theta])[0, 0]
    assert against == pytest.approx(
        item_information(np.array([a]), b[None], [theta])[0, 0], rel=1e-9, abs=1e-15
    )


# 25 examples: few people have no maximum, and that takes three tries of many steps to find out.
@settings(max_examples=25)
@given(
    hnp.arrays(
        float,
        st.tuples(st.integers(2, 9), st.integers(2, 4)),
        elements=st.sampled_from([1.0, 2.0, 3.0, NAN]),
    )
)
def test_every_number_is_finite_or_has_a_reason(items):
    table = graded_response(items)
    numbers = table.select_dtypes("number").drop(columns=["n", "n_dropped", "n_levels", "item"])
    assert not np.isinf(numbers.to_numpy()).any()
    there = table["note"] == ""
    always = ["estimate", "ci_low", "standard_error", "peak_information", "log_likelihood"]
    assert table.loc[there, always].notna().all(axis=None)
    assert table.loc[~there, [*always, "peak_theta"]].isna().all(axis=None)


def test_of_two_equal_peaks_the_one_nearest_to_zero_is_told():
    # Two thresholds are symmetric around their middle, here -0.5; far apart, each has its top.
    (peak,), (where,) = peaks(np.array([4.0]), np.array([[-2.5, 1.5]]))
    assert where == pytest.approx(1.5, abs=1e-3)
    assert peak == pytest.approx(4, rel=1e-3)  # a^2 / 4, as of two levels
    (_,), (middle,) = peaks(np.array([1.0]), np.array([[-1.0, 0.0]]))
    assert middle == pytest.approx(-0.5, rel=1e-9)


def test_the_peak_is_the_highest_point_anywhere():
    rng = np.random.default_rng(4)
    grid = np.linspace(-12, 12, 4801)
    for _ in range(40):
        a = rng.uniform(0.3, 6, 1) * rng.choice([-1, 1])
        b = np.sort(rng.uniform(-4, 4, (1, rng.integers(1, 7))))[:, :: int(np.sign(a[0]))]
        (peak,), where = peaks(a, b)
        highest = item_information(a, b, grid).max()
        assert highest * (1 - 1e-12) <= peak <= highest * 1.001
        assert item_information(a, b, where)[0, 0] == pytest.approx(peak, rel=1e-12)


# ---- degenerate and traps ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("items", "notes"),
    [
        (np.ones((0, 3)), ["too_few_answers"] * 3),
        (np.full((5, 3), NAN), ["too_few_answers"] * 3),
        (np.full((9, 3), 4.0), ["no_variation"] * 3),
        (drawn(5)[:, :2], ["not_identified"] * 2),
        (np.array([[1.0, 1, 1], [2, 2, 2]]), ["too_few_answers"] * 3),
        (np.column_stack([drawn(5)[:, [0, 0]], drawn(5)[:, 1]]), ["heywood"] * 3),
        (np.repeat([[1, 1, 1], [2, 1, 1], [2, 2, 1], [2, 2, 2.0]], 9, axis=0), ["heywood"] * 3),
    ],
    ids=["no_rows", "missing", "constant", "two_items", "two_people", "identical", "guttman"],
)
def test_no_model_but_a_reason(items, notes):
    table = graded_response(items)
    assert table["note"].tolist() == notes
    assert table["estimate"].isna().all()
    assert information_curves(table, [0.0, 1.0])["information"].isna().all()
    assert total_information(table, [0.0])["information"].isna().all()


def test_a_weak_item_has_its_thresholds_wherever_they_lie():
    # mirt 1.2.0 (Python) keeps thresholds within -6 and 6 and discriminations above .1, says
    # converged, and gives .224 with thresholds at -6 and 6 for an item against the trait.
    items = drawn(7, n=300, slopes=(1.5, 1.6, 1.8, 2.0), levels=5)
    items[:, 0] = np.random.default_rng(8).choice(
        [1.0, 2, 3, 4, 5], 300, p=[0.02, 0.2, 0.5, 0.2, 0.08]
    )
    table = graded_response(items)
    assert abs(table["estimate"][0]) < 0.3
    assert np.abs(thresholds(table)[0]).max() > 6
    assert (table["note"] == "").all()


def test_an_item_against_the_trait_has_a_negative_discrimination():
    items = drawn(9, n=300, slopes=(1.5, 1.6, 1.8, 2.0), levels=4)
    turned = items.copy()
    turned[:, 0] = 5 - turned[:, 0]
    table, expected = graded_response(turned), graded_response(items)
    signs = np.array([-1, 1, 1, 1])
    np.testing.assert_allclose(table["estimate"], signs * expected["estimate"], rtol=1e-7)
    np.testing.assert_allclose(thresholds(table)[0], thresholds(expected)[0, ::-1], rtol=1e-6)
    np.testing.assert_allclose(table["peak_information"], expected["peak_information"], rtol=1e-7)


def test_items_of_several_numbers_of_levels_have_nan_for_the_thresholds_they_lack():
    items = drawn(10, n=200, levels=4)
    items[:, 0] = items[:, 0] > 2
    table = graded_response(items)
    assert table["n_levels"].tolist() == [2, 4, 4]
    assert np.isnan(thresholds(table)).sum(axis=1).tolist() == [2, 0, 0]
    assert table["peak_information"][0] == pytest.approx(table["estimate"][0] ** 2 / 4, rel=1e-9)
    assert table["peak_theta"][0] == pytest.approx(table["threshold_1"][0], rel=1e-9)


def test_curves_have_a_row_an_item_and_theta_and_sum_to_the_whole():
    table = graded_response(np.column_stack([drawn(11), np.ones(120)]))
    theta = [-1.0, 0.0, 2.0]
    curves = information_curves(table, theta)
    assert curves[["item", "theta"]].to_numpy().tolist() == [
        [i, t] for i in range(4) for t in theta
    ]
    total = total_information(table, theta)
    sums = curves.groupby("theta")["information"].sum()  # pandas leaves the constant item out
    np.testing.assert_allclose(total["information"], sums, rtol=1e-12)
    np.testing.assert_allclose(total["standard_error"], total["information"] ** -0.5, rtol=1e-12)


@pytest.mark.parametrize(("seed", "slope", "found"), [(17, 9.0, 8.797), (20, 14.0, 15.259)])
def test_nodes_follow_the_steepest_item(seed, slope, found):
    # With nodes .2 apart only, the first gives 8.784 and the second grows beyond all bounds.
    items = drawn(seed, n=400, slopes=(slope, 2.5, 1.5), levels=4)
    table = graded_response(items)
    assert table["estimate"].max() == pytest.approx(found, abs=6e-4)
    codes, times = np.unique(items.astype(int) - 1, axis=0, return_counts=True)
    data = Patterns(codes=codes, times=times.astype(float), n_levels=np.array([4, 4, 4]))
    finest = marginal_fit(data, *graded_fit.equally_spaced(0.04), first_guess(data))
    assert table["log_likelihood"][0] == pytest.approx(finest.log_likelihood[0], abs=1e-6)


# ---- other people's data -------------------------------------------------------------------


@shared
def test_neuroticism_agrees_with_the_reference():
    # r_reference.json, grm_N: 2436 complete rows, thresholds and discrimination to 3 decimals, by
    # 21 Gauss-Hermite nodes. With those we have the same; with enough nodes the likelihood is
    # .64 higher and the first discrimination 3.318 as well, its thresholds lower by .003-.012.
    reference = json.loads((SHARED / "reference" / "r_reference.json").read_text())["grm_N"]
    bfi = pd.read_csv(SHARED / "data" / "bfi_gender" / "bfi.csv")
    asked = [f"{scale}{i}" for scale in "ACENO" for i in range(1, 6)]
    items = bfi.dropna(subset=asked)[[f"N{i}" for i in range(1, 6)]].to_numpy(float)
    codes, times = np.unique(items.astype(int) - 1, axis=0, return_counts=True)
    assert len(codes) == reference["n_patterns"]
    data = Patterns(codes=codes, times=times.astype(float), n_levels=np.full(5, 6))
    nodes, weights = special.roots_hermite(21)
    fit = marginal_fit(
        data, nodes * np.sqrt(2), np.log(weights / np.sqrt(np.pi)), first_guess(data)
    )
    found = fit.parameters.reshape(5, 6)
    found = np.column_stack([found[:, :5] / found[:, 5:], found[:, 5]])
    np.testing.assert_allclose(found, reference["coef"], atol=6e-4)
    assert fit.log_likelihood[0] == pytest.approx(reference["ll"], abs=1e-4)
    table = graded_response(items)
    assert table["log_likelihood"][0] == pytest.approx(reference["ll"], rel=1e-4)
    assert table["log_likelihood"][0] > reference["ll"]
    # Standard errors of mirt 1.2.0 (Python), 61 nodes, observed information.
    errors = [0.14795104, 0.11912324, 0.07923481, 0.05611984, 0.05241359]
    np.testing.assert_allclose(table["standard_error"], errors, rtol=1e-3)


@cache
def sets():
    folder = SHARED / "data"
    fair = pd.read_csv(folder / "fairplayer_self_teacher" / "fairplayer_long.csv")
    fair = fair[(fair["wave"] == 1) & (fair["rater"] == "self")]
    mobile = pd.read_csv(folder / "mobile_customers_reputation" / "corp_rep.csv").replace(-99, NAN)
    return {
        "mobile_likeability": mobile[["like_1", "like_2", "like_3"]],
        "mobile_competence": mobile[["comp_1", "comp_2", "comp_3"]],
        "fairplayer_aggression": fair[[f"RA0{i}" for i in range(1, 6)]],
    }


@shared
@pytest.mark.parametrize(
    "name", [k for k in reference("graded_response_shared") if k != "versions"]
)
def test_other_peoples_data_agree_with_the_definition_in_r(name):
    # graded_response_shared.json: make_graded_response_shared.R.
    table = graded_response(sets()[name].to_numpy(float))
    for column, expected in reference("graded_response_shared")[name].items():
        expected = np.array(expected, dtype=float)
        ours = table[column] if expected.ndim else table[column][0]
        np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-6, err_msg=column)


@shared
def test_loyalty_has_no_model_where_another_program_stops_at_its_limit():
    # mobile_customers_reputation, cusl: mirt 1.2.0 (Python) gives 2.32, 5.00, 2.41 and "converged".
    mobile = pd.read_csv(SHARED / "data" / "mobile_customers_reputation" / "corp_rep.csv")
    items = mobile.replace(-99, NAN)[["cusl_1", "cusl_2", "cusl_3"]].to_numpy(float)
    assert graded_response(items)["note"].tolist() == ["heywood"] * 3
    contract = graded_response(items[mobile["servicetype"] == 2])
    assert contract["estimate"].between(2, 11).all()
    assert contract["estimate"][1] > 5
