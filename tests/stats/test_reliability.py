"""Reliability of a scale: on paper, relations and traps.

The values of R on made data are compared in ``test_agreement``, on real questionnaires in
``test_reliability_of_real_scales``.
"""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import special
from tests.stats import same
from tests.stats.oracle import matrix, reference

from research.stats.reliability.alpha import cronbach_alpha, items_of_alpha
from research.stats.reliability.composite import factor_omega
from research.stats.reliability.measurement_error import measurement_error
from research.stats.reliability.ordinal import green_yang, latent_omega, ordinal_alpha
from research.stats.reliability.split_half import COEFFICIENTS, MATRICES, split_halves

assert_same = partial(same.assert_same, rtol=1e-9, atol=1e-11)
close = partial(np.testing.assert_allclose, rtol=1e-12)
NAN = np.nan

# Deviations +-1.5 and +-.5 in another order: variances 5/3, covariance 4/3, r = .8.
TWO_ITEMS = np.array([[1.0, 1], [2, 3], [3, 2], [4, 4]])
# Five columns of signs, each orthogonal to the others and to 1: covariances are 8/7 (ww' + I).
SIGNS = np.array(
    [[(-1) ** bin(row & column).count("1") for column in range(8)] for row in range(8)]
)
WEIGHTS = np.array([1.0, 1, 2, 2])
FOUR_ITEMS = SIGNS[:, [1]] * WEIGHTS + SIGNS[:, 2:6]


@st.composite
def scales(draw, *, missing: bool = True, people: int = 7, items: int = 5):
    """Few people and items, answers of 1 to 5: anything may be degenerate."""
    shape = draw(st.integers(2, people)), draw(st.integers(2, items))
    marks = [1.0, 2.0, 3.0, 4.0, 5.0]
    return draw(hnp.arrays(float, shape, elements=st.sampled_from(marks + [NAN] * missing)))


@st.composite
def ordinal_solutions(draw):
    """Thresholds, their items, loadings and correlations near the products of the loadings."""
    k = draw(st.integers(2, 4))
    loadings = draw(
        hnp.arrays(float, k, elements=st.floats(-0.95, 0.95).map(lambda x: round(x, 2)))
    )
    counts = draw(st.lists(st.integers(1, 4), min_size=k, max_size=k))
    generator = np.random.default_rng(draw(st.integers(0, 1000)))
    thresholds = [np.sort(generator.normal(size=count)) for count in counts]
    noise = generator.uniform(-0.05, 0.05, size=(k, k))
    correlations = np.clip(np.outer(loadings, loadings) + noise + noise.T, -0.99, 0.99)
    np.fill_diagonal(correlations, 1)
    return np.concatenate(thresholds), np.repeat(np.arange(k), counts), loadings, correlations


def shuffled(draw_from, count: int) -> list[int]:
    places = list(range(count))
    draw_from.shuffle(places)
    return places


def coefficient(halves, name: str) -> float:
    table = halves.table.set_index("estimate_type")
    return table.loc[name, "estimate"]


# ---- on paper -------------------------------------------------------------------------------


def test_two_items_on_paper():
    # var(sum) = 10/3 + 8/3 = 6: alpha = 2 (1 - (10/3) / 6) = 8/9, and so is the only split.
    # Lambda 6: unexplained 5/3 (1 - .64) = .6 twice; 1 - 1.2 / 6. SD of the mean sqrt(6) / 2.
    halves = split_halves(TWO_ITEMS)
    close(halves.table["estimate"], [8 / 9] * 6 + [0.8])
    assert (halves.worst_half, halves.table["n_splits"][0]) == ((0,), 1)
    error = measurement_error(TWO_ITEMS, cronbach_alpha(TWO_ITEMS)).iloc[0]
    close([error["standard_deviation"], error["estimate"]], [np.sqrt(6) / 2, np.sqrt(6) / 6])
    # r = .8 and z = atanh(.8) = log 3 with a standard error of 1 / sqrt(4 - 3).
    table = items_of_alpha(TWO_ITEMS)
    limits = np.tanh(np.log(3) + np.array([-1, 1]) * special.ndtri(0.975))
    for item in (0, 1):
        row = table.iloc[item]
        close(row[["item_rest", "item_rest_low", "item_rest_high"]].astype(float), [0.8, *limits])
    assert table["note_if_dropped"].tolist() == ["too_few_items"] * 2
    assert table["alpha_if_dropped"].isna().all()


def test_four_items_with_a_known_covariance_on_paper():
    # In units of 8/7: var(sum) = 6^2 + 4 = 40; the first with its rest 1 * 5, rest 5^2 + 3, own 2;
    # the third 2 * 4, 4^2 + 3, 5. Without the first 3/2 (1 - 12/28), without the third
    # 3/2 (1 - 9/19).
    table = items_of_alpha(FOUR_ITEMS)
    close(table["item_rest"], [5 / np.sqrt(56)] * 2 + [8 / np.sqrt(95)] * 2)
    close(table["alpha_if_dropped"], [6 / 7] * 2 + [15 / 19] * 2)
    # Splits 12|34: 4 * 2 * 4 / 40 = .8; 13|24 and 14|23: 4 * 3 * 3 / 40 = .9. Mean = alpha.
    # Quantile .025 lies .05 of the way from .8 to .9. Unexplained 11 / (11 - w^2).
    halves = split_halves(FOUR_ITEMS)
    lambda_6 = 1 - (2 * 11 / 10 + 2 * 11 / 7) / 40
    close(halves.table["estimate"], [0.8, 0.9, 13 / 15, 0.9, 0.805, 0.9, lambda_6])
    assert halves.worst_half == (0, 1)
    close(cronbach_alpha(FOUR_ITEMS)["estimate"], 13 / 15)


def test_three_items_have_three_splits():
    # Without their order: every item against the other two. w = 1, 1, 2: var(sum) 16 + 3.
    halves = split_halves(FOUR_ITEMS[:, :3])
    close(np.sort(halves.reliabilities), np.array([12, 12, 16]) / 19)
    # The first of the two that are equally bad.
    assert halves.worst_half == (0,)


def test_omega_of_one_factor_on_paper():
    # Loadings 1, 1, 2, 2 and errors 1: 36 / 40. Observed with 5 more than the model says: 36 / 45.
    covariance = np.outer(WEIGHTS, WEIGHTS) + np.eye(4)
    covariance[0, 0] += 5
    table = factor_omega(WEIGHTS, np.ones(4), covariance)
    assert table["denominator"].tolist() == ["observed", "implied"]
    close(table["estimate"], [36 / 45, 36 / 40])


def test_two_binary_items_follow_sheppards_arcsine():
    # P(both above 0) = 1/4 + arcsin(r) / 2 pi, so covariances are arcsin(r) / 2 pi; r = 1 with
    # itself: arcsin 1 = pi / 2, twice. Loadings .6 and .8, observed r = .5: arcsin = pi / 6.
    table = green_yang([0, 0], [0, 1], [0.6, 0.8], [[1, 0.5], [0.5, 1]])
    common = np.arcsin(0.36) + np.arcsin(0.64) + 2 * np.arcsin(0.48)
    close(table["estimate"], [common / (np.pi + np.pi / 3), common / (np.pi + 2 * np.arcsin(0.48))])


def test_ordinal_alpha_on_paper():
    # Three correlations of .5: 3/2 (1 - 3 / 6).
    close(ordinal_alpha(np.full((3, 3), 0.5) + 0.5 * np.eye(3))["estimate"], 0.75)


def test_latent_omega_on_paper():
    # (.6 + .8)^2 over 1.96 + .64 + .36, and over the observed 2 + 2 (.5).
    table = latent_omega([0.6, 0.8], np.array([[1, 0.5], [0.5, 1]]))
    close(table["estimate"], [1.96 / 3, 1.96 / 2.96])


# ---- relations ------------------------------------------------------------------------------


@given(items=scales(), order=st.randoms(use_true_random=False), shift=st.integers(-3, 3))
def test_items_of_alpha_do_not_depend_on_order_place_or_scale(items, order, shift):
    expected = items_of_alpha(items)
    rows, places = shuffled(order, len(items)), shuffled(order, items.shape[1])
    moved = items_of_alpha(4 * items[rows][:, places] + shift)
    turned = items_of_alpha(6 - items)
    assert_same(turned, expected)
    assert_same(moved, expected.iloc[places], but=["item"])
    numbers = expected.select_dtypes("number").to_numpy(float)
    assert not np.isinf(numbers).any()
    assert ((expected["note"] != "") == expected["item_rest_low"].isna()).all()
    assert ((expected["note_if_dropped"] != "") == expected["alpha_if_dropped"].isna()).all()


@settings(max_examples=250)  # a table an item
@given(scales(items=4))
def test_alpha_if_dropped_is_alpha_of_the_rest(items):
    complete = items[~np.isnan(items).any(axis=1)]
    table = items_of_alpha(items)
    for item in range(items.shape[1]):
        rest = cronbach_alpha(np.delete(complete, item, axis=1)).iloc[0]
        for column in ("estimate", "ci_low", "ci_high"):
            ours = table[f"alpha_if_dropped{column.replace('estimate', '').replace('ci', '')}"][
                item
            ]
            np.testing.assert_allclose(ours, rest[column], rtol=1e-9, atol=1e-11)


@settings(max_examples=100)  # order, place and scale have their 500 above
@given(scales(missing=False))
def test_an_item_that_is_not_turned_round_is_marked(items):
    table, wrong = items_of_alpha(items), items.copy()
    wrong[:, 0] = 6 - wrong[:, 0]
    found = items_of_alpha(wrong)
    np.testing.assert_allclose(found["item_rest"][0], -table["item_rest"][0], atol=1e-12)
    assert found["against"][0] == (table["item_rest"][0] > 1e-12)
    wrong[:, 0] = 6 - wrong[:, 0]
    assert_same(items_of_alpha(wrong), table)


@pytest.mark.parametrize("kind", MATRICES)
@settings(max_examples=250)  # twice, once a matrix
@given(items=scales(), order=st.randoms(use_true_random=False), shift=st.integers(-3, 3))
def test_split_halves_do_not_depend_on_order_place_or_scale(kind, items, order, shift):
    halves = split_halves(items, matrix=kind)
    rows, places = shuffled(order, len(items)), shuffled(order, items.shape[1])
    for other in (4 * items[rows][:, places] + shift, 6 - items):
        assert_same(split_halves(other, matrix=kind).table, halves.table)
    if kind == "correlation":
        weights = np.arange(1, items.shape[1] + 1)
        if (split_halves(items * weights).table["note"] == halves.table["note"]).all():
            assert_same(split_halves(items * weights, matrix=kind).table, halves.table)
    if len(halves.reliabilities):
        worst, best, mean, median = halves.table["estimate"][:4]
        assert worst - 1e-12 <= min(mean, median) <= max(mean, median) <= best + 1e-12
    else:
        assert (halves.table["note"] != "").all()
        assert halves.table["estimate"].isna().all()


@given(scales(items=6))
def test_the_mean_of_all_splits_of_an_even_number_of_items_is_alpha(items):
    items = items[:, : items.shape[1] // 2 * 2]
    halves, alpha = split_halves(items), cronbach_alpha(items).iloc[0]
    mean = halves.table.set_index("estimate_type").loc["mean_split_half"]
    assert mean["note"] == alpha["note"]
    np.testing.assert_allclose(mean["estimate"], alpha["estimate"], rtol=1e-9, atol=1e-11)


@given(items=scales(), shift=st.integers(-3, 3))
def test_measurement_error_goes_with_the_unit_and_leaves_the_true_variance(items, shift):
    alpha = cronbach_alpha(items)
    error = measurement_error(items, alpha)
    moved = measurement_error(4 * items + shift, alpha)
    given_in_points = ["estimate", "ci_low", "ci_high", "standard_deviation"]
    np.testing.assert_allclose(moved[given_in_points], 4 * error[given_in_points], rtol=1e-9)
    assert error["note"][0] == alpha["note"][0]
    row = error.iloc[0]
    rest = row["standard_deviation"] ** 2 * (1 - alpha["estimate"][0])
    np.testing.assert_allclose(row["estimate"] ** 2, rest, rtol=1e-9, atol=1e-12)
    assert np.isnan(row["estimate"]) or row["ci_low"] <= row["estimate"] <= row["ci_high"]


@settings(max_examples=150)  # five omegas an example, each from normal integrals
@given(solution=ordinal_solutions(), order=st.randoms(use_true_random=False))
def test_green_yang_does_not_depend_on_the_order_or_direction_of_the_items(solution, order):
    thresholds, item, loadings, correlations = solution
    table = green_yang(*solution)
    # Items in another order, thresholds in that of the file.
    places = np.array(shuffled(order, len(loadings)))
    moved = correlations[np.ix_(places, places)]
    assert_same(green_yang(thresholds, np.argsort(places)[item], loadings[places], moved), table)
    # The factor the other way round, and all answers counted from the other end.
    assert_same(green_yang(thresholds, item, -loadings, correlations), table)
    assert_same(green_yang(-thresholds, item, loadings, correlations), table)
    # Where the model fits perfectly there is one variance of the sum.
    fitting = np.where(np.eye(len(loadings)), 1, np.outer(loadings, loadings))
    observed, implied = green_yang(thresholds, item, loadings, fitting)["estimate"]
    np.testing.assert_allclose(observed, implied, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(implied, table["estimate"][1], rtol=1e-9, atol=1e-12)
    assert np.isnan(implied) or 0 <= implied <= 1


# ---- traps ----------------------------------------------------------------------------------


def test_splits_of_an_odd_number_of_items_are_all_counted():
    # psych::splitHalf 2.2.9 stops after half of them; its values change with the items' order.
    record = next(r for r in reference("reliability")["scales"] if r["name"] == "five_items")
    expected, items = record["expected"]["split_halves"], matrix(record["items"])
    halves = split_halves(items)
    assert len(halves.reliabilities) == expected["n_splits"] == 10
    assert coefficient(halves, "worst_split_half") <= expected["psych"]["worst"] + 1e-12
    assert coefficient(halves, "mean_split_half") != pytest.approx(
        expected["psych"]["mean"], rel=1e-6
    )


def test_more_than_sixteen_items_are_split_at_random_from_the_seed():
    generator = np.random.default_rng(4)
    items = generator.normal(size=(60, 1)) + generator.normal(size=(60, 18))
    halves = split_halves(items)
    assert (len(halves.reliabilities), halves.table["exact"][0]) == (10_000, False)
    # The mean over all splits is alpha.
    error = np.std(halves.reliabilities) / 100
    alpha = cronbach_alpha(items)["estimate"][0]
    assert abs(coefficient(halves, "mean_split_half") - alpha) < 4 * error
    np.testing.assert_array_equal(split_halves(items).reliabilities, halves.reliabilities)
    assert (split_halves(items, seed=2).reliabilities != halves.reliabilities).any()
    close(split_halves(items, n_sampled=50).table["n_splits"], 50)
    # Half of the items in every split.
    assert len(halves.worst_half) == 9


def test_the_worst_half_is_the_worst():
    generator = np.random.default_rng(8)
    first, second = generator.normal(size=(2, 200, 1))
    items = np.hstack(
        [first + generator.normal(size=(200, 3)), second + generator.normal(size=(200, 3))]
    )
    places = [0, 3, 1, 4, 2, 5]
    halves = split_halves(items[:, places])
    assert halves.worst_half == (0, 2, 4)
    covariance = np.cov(items, rowvar=False)
    expected = 4 * covariance[:3, 3:].sum() / covariance.sum()
    close(coefficient(halves, "worst_split_half"), expected)


@pytest.mark.parametrize("rows", [2, 3, 4, 5])
def test_very_few_people(rows):
    items = np.array([[1.0, 2, 2], [2, 2, 3], [4, 3, 5], [5, 4, 3], [3, 3, 2]])[:rows]
    table, halves = items_of_alpha(items), split_halves(items)
    assert table["item_rest"].notna().all() == (rows >= 3)
    assert table["item_rest_low"].notna().all() == (rows >= 4)
    assert set(table["note"]) == {"too_few_answers" if rows <= 3 else ""}
    assert set(table["note_if_dropped"]) == {"too_few_answers" if rows <= 2 else ""}
    # As many rows as items: their covariance has no inverse.
    last = {2: "too_few_answers", 3: "not_positive_definite"}.get(rows, "")
    assert halves.table["note"].iloc[-1] == last


def test_a_constant_item_has_no_correlation_and_leaves_the_others_theirs():
    items = np.column_stack([FOUR_ITEMS, np.full(8, 0.1)])
    table, halves = items_of_alpha(items), split_halves(items)
    assert table["note"].tolist() == ["", "", "", "", "no_variation"]
    np.testing.assert_allclose(table["item_rest"][:4], items_of_alpha(FOUR_ITEMS)["item_rest"])
    close(table["alpha_if_dropped"][4], 13 / 15)
    assert halves.table["note"].tolist() == [""] * 6 + ["no_variation"]
    assert set(split_halves(items, matrix="correlation").table["note"]) == {"no_variation"}


def test_a_rest_that_cancels_out_has_no_correlation():
    up = np.array([1.0, 2, 3, 4, 5, 3]) / 10
    table = items_of_alpha(np.column_stack([up, 0.6 - up, [0.1, 0.3, 0.2, 0.5, 0.4, 0.4]]))
    assert table["note"].tolist() == ["", "", "no_variation"]
    assert table["note_if_dropped"].tolist() == ["", "", "no_variation"]


def test_the_same_item_twice_has_no_interval_and_no_lambda_6():
    items = TWO_ITEMS[:, [0, 0]]
    table, halves = items_of_alpha(items), split_halves(items)
    close(table["item_rest"], 1)
    assert set(table["note"]) == {"no_residual_variation"}
    assert halves.table["note"].tolist() == [""] * 6 + ["not_positive_definite"]


def test_a_wide_item_does_not_take_the_digits_of_the_others():
    # The first three have a sum of variance 4^2 + 3 and share 4 with the fourth, whose own is 2.
    items = FOUR_ITEMS.copy()
    items[:, 3] = 1e9 * (SIGNS[:, 1] + SIGNS[:, 5])
    row = items_of_alpha(items).iloc[3]
    close(row["item_rest"], 4 / np.sqrt(19 * 2))
    close(row["alpha_if_dropped"], 15 / 19)


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (1, 1), (5, 1), (6, 3)])
@pytest.mark.parametrize("mark", [NAN, 3.0, 0.1])
def test_nothing_to_compute_gives_a_reason(shape, mark):
    items = np.full(shape, mark)
    table = items_of_alpha(items)
    assert len(table) == shape[1]
    assert table[["item_rest", "alpha_if_dropped"]].isna().all(axis=None)
    assert (table[["note", "note_if_dropped"]] != "").all(axis=None)
    for kind in MATRICES:
        halves = split_halves(items, matrix=kind)
        assert halves.table["estimate_type"].tolist() == list(COEFFICIENTS)
        assert halves.table["estimate"].isna().all()
        assert (halves.table["note"] != "").all()
        assert (len(halves.reliabilities), halves.worst_half) == (0, ())
    error = measurement_error(items, cronbach_alpha(items))
    assert error["estimate"].isna().all()
    assert (error["note"] != "").all()


def test_an_unknown_matrix_is_refused_with_the_list():
    with pytest.raises(ValueError, match=r"matrix must be one of \('covariance', 'correlation'\)"):
        split_halves(FOUR_ITEMS, matrix="polychoric")


def test_measurement_error_takes_over_why_there_is_no_reliability():
    given = pd.DataFrame(
        {
            "estimate": [0.75, NAN, NAN, 1.01, -3.0],
            "ci_low": [0.64, NAN, NAN, NAN, NAN],
            "ci_high": [0.84, NAN, NAN, NAN, NAN],
            "confidence_level": 0.95,
            "note": ["", "no_convergence", "", "", ""],
        }
    )
    table = measurement_error(TWO_ITEMS, given)
    assert table["note"].tolist() == ["", "no_convergence", "not_identified", "heywood", ""]
    spread = np.sqrt(6) / 2
    close(table["estimate"], [spread / 2, NAN, NAN, NAN, 2 * spread])
    close(table.loc[0, ["ci_low", "ci_high"]].astype(float), [0.4 * spread, 0.6 * spread])


def test_a_negative_loading_gives_the_omega_of_the_sum_as_scored_and_says_so():
    # Latent: (.6 - .8 + .7)^2 = .25, over .25 + .64 + .36 + .51. All turned round: the same.
    loadings = np.array([0.6, -0.8, 0.7])
    correlations = np.where(np.eye(3), 1, np.outer(loadings, loadings))
    for sign in (1, -1):
        table = latent_omega(sign * loadings, correlations)
        close(table["estimate"], 0.25 / 1.76)
        assert set(table["note"]) == {"negative_loading"}
        by_answers = green_yang([0.1, -0.2, 0.3], [0, 1, 2], sign * loadings, correlations)
        assert set(by_answers["note"]) == {"negative_loading"}
        assert (by_answers["estimate"] < 0.2).all()
    # Absolute loadings would give 2.1^2 / (2.1^2 + 1.51) = .74; that is the sum after turning.
    turned = latent_omega(np.abs(loadings), np.abs(correlations))
    close(turned["estimate"], 2.1**2 / (2.1**2 + 1.51))
    assert set(turned["note"]) == {""}


def test_all_items_loading_negatively_is_no_trap():
    correlations = np.array([[1, 0.5], [0.5, 1]])
    assert_same(latent_omega([-0.6, -0.8], correlations), latent_omega([0.6, 0.8], correlations))


def test_a_share_above_one_is_refused():
    # Loadings .9 say correlations of .81; observed are .3: compRelSEM prints 1.70 of the answers.
    observed = np.full((3, 3), 0.3) + 0.7 * np.eye(3)
    for table in (
        latent_omega([0.9, 0.9, 0.9], observed),
        green_yang([0, 0, 0], [0, 1, 2], [0.9, 0.9, 0.9], observed),
    ):
        assert table["note"].tolist() == ["heywood", ""]
        assert np.isnan(table["estimate"][0])


@pytest.mark.parametrize(
    ("loadings", "note"),
    [
        ([0.5, 1.2], "heywood"),
        ([0.5, NAN], "not_identified"),
        ([0.0, 0.0], ""),
        ([0.5], "too_few_items"),
    ],
)
def test_improper_solutions_have_no_omega(loadings, note):
    k = len(loadings)
    for table in (
        latent_omega(loadings, np.eye(k)),
        green_yang(np.zeros(k), np.arange(k), loadings, np.eye(k)),
    ):
        assert set(table["note"]) == {note}
        assert table["estimate"].isna().all() == (note != "")


def test_items_without_error_are_measured_perfectly():
    # Loadings of 1 and so correlations of 1: thresholds differ, but every variance is common.
    table = green_yang([-0.5, 0.2, 0.7], [0, 0, 1], [1, 1], np.ones((2, 2)))
    close(table["estimate"], 1)


def test_an_item_without_thresholds_has_no_variance():
    table = green_yang([0.0], [1], [0.5, 0.5], np.eye(2))
    assert set(table["note"]) == {"no_variation"}


def test_a_negative_error_variance_is_refused():
    table = factor_omega([1.0, 2], [1, -0.5], np.array([[2.0, 2], [2, 3.5]]))
    assert set(table["note"]) == {"heywood"}


def test_ordinal_alpha_of_impossible_matrices():
    # -.9 and .9, .9: no three variables correlate so; sum 3 + 2 (.9) = 4.8, alpha 3/2 (1 - 3/4.8).
    impossible = np.array([[1, -0.9, 0.9], [-0.9, 1, 0.9], [0.9, 0.9, 1]])
    row = ordinal_alpha(impossible).iloc[0]
    close(row["estimate"], 1.5 * (1 - 3 / 4.8))
    assert row["note"] == "not_positive_definite"
    impossible[0, 1] = NAN
    notes = [ordinal_alpha(m)["note"][0] for m in (impossible, np.ones((1, 1)), -impossible)]
    assert notes == ["not_identified", "too_few_items", "not_identified"]
    assert ordinal_alpha(np.array([[1.0, -1], [-1, 1]]))["note"][0] == "no_variation"
    # The same item twice is no trouble: everything is common.
    close(ordinal_alpha(np.ones((2, 2)))["estimate"], 1)
