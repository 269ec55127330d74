"""Relations of alpha, adjusted p-values, shares, equivalence and detectable differences."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from research.errors import ResearchError
from research.stats.equivalence import equivalence_test
from research.stats.estimates import t_critical
from research.stats.multiplicity import adjust_p_values
from research.stats.power import detectable_difference, power_of_t
from research.stats.proportions import wilson_interval
from research.stats.reliability.alpha import cronbach_alpha

ANSWERS = st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0])
ITEMS = hnp.arrays(float, st.tuples(st.integers(3, 30), st.integers(2, 6)), elements=ANSWERS)
P_VALUES = hnp.arrays(
    float,
    st.integers(1, 40),
    elements=st.one_of(st.floats(0, 1), st.sampled_from([0.01, 0.05, np.nan])),
)
CORRECTIONS = pytest.mark.parametrize("method", ["holm", "fdr_bh"])


def alphas_equal(found, expected):
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9, atol=1e-9, check_dtype=False)


@given(items=ITEMS, order=st.randoms(use_true_random=False))
def test_alpha_knows_no_order_of_people_or_items(items, order):
    rows, columns = (list(range(size)) for size in items.shape)
    order.shuffle(rows)
    order.shuffle(columns)
    alphas_equal(cronbach_alpha(items[rows][:, columns]), cronbach_alpha(items))


@given(items=ITEMS, factor=st.sampled_from([0.5, 3.0, 10.0]), seed=st.integers(0, 99))
def test_alpha_stays_when_items_are_shifted_or_all_are_scaled(items, factor, seed):
    shift = np.random.default_rng(seed).integers(-3, 4, items.shape[1])
    alphas_equal(cronbach_alpha(items * factor + shift), cronbach_alpha(items))


@given(items=ITEMS)
def test_alpha_stays_when_every_item_is_reversed(items):
    alphas_equal(cronbach_alpha(6 - items), cronbach_alpha(items))


@given(items=ITEMS)
def test_alpha_stays_when_everybody_is_there_twice(items):
    once, twice = cronbach_alpha(items), cronbach_alpha(np.vstack([items, items]))
    np.testing.assert_allclose(twice["estimate"], once["estimate"], rtol=1e-9, atol=1e-9)


@given(items=ITEMS, n_missing=st.integers(1, 20))
def test_people_with_a_missing_answer_only_count_as_dropped(items, n_missing):
    incomplete = np.ones((n_missing, items.shape[1]))
    incomplete[:, 0] = np.nan
    expected = cronbach_alpha(items).assign(n_dropped=n_missing)
    alphas_equal(cronbach_alpha(np.vstack([items, incomplete])), expected)


@given(items=ITEMS)
def test_alpha_lies_within_its_interval_and_below_one(items):
    row = cronbach_alpha(items).iloc[0]
    if row["note"] == "":
        assert row["estimate"] <= 1 + 1e-12
        assert row["ci_low"] <= row["estimate"] + 1e-12
        assert row["ci_low"] <= row["ci_high"] <= 1 + 1e-12
    else:
        assert np.isnan([row["estimate"], row["ci_low"], row["ci_high"]]).all()


def test_alpha_of_the_same_item_twice_is_one():
    item = np.array([1.0, 4, 2, 5, 3])
    row = cronbach_alpha(np.column_stack([item, item])).iloc[0]
    np.testing.assert_allclose(row[["estimate", "ci_low", "ci_high"]].astype(float), 1, rtol=1e-12)


@CORRECTIONS
@given(p_values=P_VALUES, order=st.randoms(use_true_random=False))
def test_adjusted_values_follow_their_test(method, p_values, order):
    rows = list(range(len(p_values)))
    order.shuffle(rows)
    moved = adjust_p_values(p_values[rows], method=method)
    np.testing.assert_array_equal(moved, adjust_p_values(p_values, method=method)[rows])


@CORRECTIONS
@given(p_values=P_VALUES, n_missing=st.integers(1, 30))
def test_a_missing_p_value_is_no_test(method, p_values, n_missing):
    more = np.concatenate([np.full(n_missing, np.nan), p_values])
    adjusted = adjust_p_values(more, method=method)
    assert np.isnan(adjusted[:n_missing]).all()
    np.testing.assert_array_equal(adjusted[n_missing:], adjust_p_values(p_values, method=method))


@given(p_values=P_VALUES)
def test_holm_is_at_least_bh_and_bh_at_least_the_value_itself(p_values):
    tested = p_values[~np.isnan(p_values)]
    holm, bh = (adjust_p_values(tested, method=method) for method in ("holm", "fdr_bh"))
    slack = 1 + 1e-12
    assert (bh * slack >= tested).all()
    assert (holm * slack >= bh).all()
    assert (holm <= 1).all()


@CORRECTIONS
@given(p_values=P_VALUES)
def test_adjusting_keeps_the_ranking(method, p_values):
    tested = np.sort(p_values[~np.isnan(p_values)])
    assert (np.diff(adjust_p_values(tested, method=method)) >= 0).all()


def test_adjusting_does_not_change_the_values_given():
    given_values = np.array([0.04, np.nan, 0.01])
    adjust_p_values(given_values, method="holm")
    np.testing.assert_array_equal(given_values, [0.04, np.nan, 0.01])


def test_an_unknown_correction_names_the_known_ones():
    with pytest.raises((ResearchError, ValueError), match=r"holm.*fdr_bh.*none"):
        adjust_p_values(np.array([0.1]), method="bonferroni")


@given(n=st.integers(1, 2000), data=st.data())
def test_wilson_is_its_own_mirror_image_and_holds_the_share(n, data):
    successes = data.draw(st.integers(0, n))
    low, high = wilson_interval(successes, n)
    other_low, other_high = wilson_interval(n - successes, n)
    np.testing.assert_allclose([low, high], [1 - other_high, 1 - other_low], atol=1e-14)
    assert 0 <= low <= successes / n <= high <= 1


@given(n=st.integers(1, 500), data=st.data())
def test_wilson_widens_with_the_confidence_level(n, data):
    successes = data.draw(st.integers(0, n))
    narrow = wilson_interval(successes, n, confidence_level=0.90)
    wide = wilson_interval(successes, n, confidence_level=0.99)
    assert wide[0] <= narrow[0]
    assert narrow[1] <= wide[1]


def test_wilson_of_nobody_is_missing():
    low, high = wilson_interval(np.array([0, 3]), np.array([0, 4]))
    assert np.isnan([low[0], high[0]]).all()
    assert np.isfinite([low[1], high[1]]).all()


REAL = st.floats(-3, 3)
ERROR = st.floats(0.01, 2)
DF = st.floats(1, 500)


@given(estimate=REAL, error=ERROR, df=DF, margin=st.floats(0.05, 2))
def test_equivalence_is_shown_exactly_when_the_interval_lies_inside(estimate, error, df, margin):
    arrays = [np.array([x]) for x in (estimate, error, df)]
    row = equivalence_test(*arrays, margin=margin).iloc[0]
    if abs(row["p_value"] - 0.05) > 1e-9:
        inside = -margin < row["ci_low"] and row["ci_high"] < margin
        assert (row["p_value"] < 0.05) == inside


@given(estimate=REAL, error=ERROR, df=DF, margin=st.floats(0.05, 2))
def test_equivalence_does_not_know_which_role_came_first(estimate, error, df, margin):
    both = equivalence_test(
        np.array([estimate, -estimate]), np.array([error] * 2), np.array([df] * 2), margin=margin
    )
    np.testing.assert_allclose(both["p_value"][0], both["p_value"][1], rtol=1e-12)
    np.testing.assert_allclose(both["ci_low"][0], -both["ci_high"][1], rtol=1e-12, atol=1e-14)


@given(estimate=REAL, error=ERROR, df=DF)
def test_a_wider_margin_is_easier_to_stay_within(estimate, error, df):
    arrays = [np.array([x]) for x in (estimate, error, df)]
    narrow, wide = (equivalence_test(*arrays, margin=margin) for margin in (0.3, 0.5))
    assert wide["p_value"][0] <= narrow["p_value"][0]


def test_no_standard_error_gives_no_equivalence():
    missing = equivalence_test(np.array([0.2]), np.array([np.nan]), np.array([np.nan]), margin=0.3)
    assert missing[["p_value", "ci_low", "ci_high"]].isna().all(axis=None)


def test_a_margin_must_be_positive():
    with pytest.raises(ValueError, match="margin must be above 0"):
        equivalence_test(np.array([0.2]), np.array([0.1]), np.array([9.0]), margin=0.0)


@given(errors=hnp.arrays(float, st.integers(1, 8), elements=ERROR), df=st.floats(1, 1000))
def test_detectable_difference_is_proportional_to_the_standard_error(errors, df):
    dfs = np.full(len(errors), df)
    one = detectable_difference(np.array([1.0]), np.array([df]))
    assert np.isfinite(one).all()
    np.testing.assert_allclose(detectable_difference(errors, dfs), one * errors, rtol=1e-6)


@given(df=st.floats(1, 400), more=st.floats(0.5, 100))
def test_detectable_difference_shrinks_with_df(df, more):
    found = detectable_difference(np.ones(2), np.array([df, df + more]))
    assert found[1] < found[0]


@given(df=st.floats(1, 400), power=st.sampled_from([0.5, 0.8, 0.9, 0.95]))
def test_the_detectable_difference_has_the_power_asked_for(df, power):
    dfs = np.array([df])
    found = detectable_difference(np.ones(1), dfs, power=power)
    np.testing.assert_allclose(power_of_t(found, dfs, t_critical(dfs, 0.95)), power, rtol=1e-6)


def test_detectable_difference_of_a_missing_error_is_missing_and_spoils_no_other():
    found = detectable_difference(np.array([np.nan, 0.5]), np.array([np.nan, 10.0]))
    alone = detectable_difference(np.array([0.5]), np.array([10.0]))
    assert np.isnan(found[0])
    np.testing.assert_allclose(found[1], alone[0], rtol=1e-9)
