"""Agreement of raters: on paper, published examples, relations and traps.

The values of R are compared in ``test_agreement``.
"""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from tests.stats import same

from research.stats.agreement.raters import (
    COEFFICIENTS,
    INCOMPLETE,
    LEVELS,
    intraclass_correlations,
    kendall_w,
    krippendorff_alpha,
)
from research.stats.reliability.alpha import cronbach_alpha

assert_same = partial(same.assert_same, atol=1e-11)

# Table 2 of Shrout & Fleiss (1979): six targets, four judges.
SHROUT_FLEISS = np.array(
    [[9.0, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
)
NAN = np.nan
# Krippendorff (2011), section C: twelve units, observers A to D.
KRIPPENDORFF = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
).T
INTERVALS = ["estimate", "ci_low", "ci_high", "statistic", "df", "df_error", "p_value", "note"]


@st.composite
def ratings(draw, *, missing: bool = True):
    """Few targets and raters, marks of 1 to 5: anything may be degenerate."""
    shape = draw(st.integers(2, 7)), draw(st.integers(2, 5))
    marks = [1.0, 2.0, 3.0, 4.0, 5.0]
    return draw(hnp.arrays(float, shape, elements=st.sampled_from(marks + [NAN] * missing)))


def shuffled(draw_from, count: int) -> list[int]:
    places = list(range(count))
    draw_from.shuffle(places)
    return places


def test_shrout_and_fleiss_are_reproduced():
    # Their table 3 (mean squares) and table 4 (coefficients), two decimals.
    table = intraclass_correlations(SHROUT_FLEISS).set_index("coefficient")
    published = [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]
    np.testing.assert_allclose(table.loc[list(COEFFICIENTS), "estimate"], published, atol=0.005)
    squares = table.loc["icc_1_1", ["ms_targets", "ms_raters", "ms_residual", "ms_within"]]
    np.testing.assert_allclose(squares.astype(float), [11.24, 32.49, 1.02, 6.26], atol=0.005)


def test_three_targets_and_two_raters_on_paper():
    # Means 1.5, 1.5, 3 about 2: targets 2 (.25 + .25 + 1) / 2 = 1.5. Raters both 2: 0.
    # Within 1 / 3, residual (1 - 0) / 2. F(2, 2) = 3 has p = 1 / (1 + 3); F(2, 3) = 4.5.
    table = intraclass_correlations(np.array([[1.0, 2], [2, 1], [3, 3]]))
    np.testing.assert_allclose(table["estimate"], [7 / 11, 3 / 5, 1 / 2, 7 / 9, 3 / 4, 2 / 3])
    np.testing.assert_allclose(table["statistic"], [4.5, 3, 3] * 2)
    np.testing.assert_allclose(table["p_value"][[1, 2, 4, 5]], 0.25)
    # F(2, 2) has quantile p / (1 - p): 39 at .975. Limits of icc_3_k: 1 - 39/3 and 1 - 1/(3 * 39).
    np.testing.assert_allclose(table.loc[5, ["ci_low", "ci_high"]].astype(float), [-12, 116 / 117])


def test_the_intervals_are_not_rounded():
    # pingouin prints them with two decimals.
    row = intraclass_correlations(SHROUT_FLEISS).iloc[0]
    low = row["statistic"] / stats.f(5, 18).ppf(0.975)
    assert row["ci_low"] == pytest.approx((low - 1) / (low + 3), rel=1e-10)
    assert abs(row["ci_low"] - np.round(row["ci_low"], 2)) > 1e-3


def test_a_negative_correlation_stays_negative():
    # psych's default, a REML model, gives 0 here.
    table = intraclass_correlations(np.array([[1.0, 2], [2, 1], [1, 3], [3, 2]]))
    assert (table["estimate"] < 0).all()


def test_raters_who_agree_completely_have_no_infinite_f():
    table = intraclass_correlations(np.tile([[1.0], [3], [2]], 3) * 0.1)
    np.testing.assert_allclose(table["estimate"], 1)
    assert table[["ci_low", "ci_high", "statistic", "p_value"]].isna().all(axis=None)
    assert set(table["note"]) == {"no_residual_variation"}


def test_raters_who_differ_in_level_only_agree_in_order_but_not_absolutely():
    # Targets 1, 2, 3 and a rater one higher: means 1.5 to 3.5, targets 2, raters 1.5, residual 0.
    table = intraclass_correlations(np.array([[1.0, 2], [2, 3], [3, 4]])).set_index("coefficient")
    assert table.loc["icc_3_1", "estimate"] == 1
    assert table.loc["icc_2_1", "estimate"] == pytest.approx(2 / (2 + 2 * 1.5 / 3))
    assert table.loc["icc_1_1", "note"] == ""
    assert table.loc["icc_2_1", "note"] == "no_residual_variation"


def test_targets_with_equal_means_have_no_test():
    table = intraclass_correlations(np.array([[1.0, 5], [5, 1], [2, 4]])).set_index("coefficient")
    assert set(table["note"]) == {"no_variation"}
    assert table.loc["icc_1_1", "estimate"] == -1
    assert np.isnan(table.loc["icc_1_k", "estimate"])


def test_a_negative_variance_below_the_line_gives_no_coefficient():
    # Targets .5, raters 0, residual 12.5: 0.5 + (0 - 12.5)/2 is negative; psych prints 2.09.
    table = intraclass_correlations(np.array([[1.0, 5], [5, 2.0]])).set_index("coefficient")
    assert table.loc["icc_2_k", ["estimate", "ci_low", "statistic", "p_value"]].isna().all()
    assert table.loc["icc_2_k", "note"] == "not_identified"


def test_a_limit_without_end_is_left_out():
    # The limit for one rater is -2.29, below -1: stepped up, psych prints 3.56 as the lower limit.
    table = intraclass_correlations(np.array([[2.0, 1], [1, 3], [1, 1]])).set_index("coefficient")
    assert table.loc["icc_2_1", "ci_low"] < -1
    assert np.isnan(table.loc["icc_2_k", "ci_low"])
    assert table.loc["icc_2_k", "note"] == "not_identified"


def test_targets_that_a_rater_skipped_are_left_out():
    holes = np.vstack([SHROUT_FLEISS, [NAN, 1, 2, 3], [4, 4, NAN, NAN]])
    found, expected = (intraclass_correlations(x) for x in (holes, SHROUT_FLEISS))
    assert_same(found.drop(columns="n_dropped"), expected.drop(columns="n_dropped"))
    assert set(found["n_dropped"]) == {2}


def test_concordance_on_paper():
    # Rank sums 3, 7, 8 about 6: S = 14; W = 12 * 14 / (9 * 24) = 7/9, chi2 = 3 * 2 * 7/9, 2 df.
    row = kendall_w(np.array([[1.0, 1, 1], [2, 3, 2], [3, 2, 3]])).iloc[0]
    assert row["estimate"] == pytest.approx(7 / 9, rel=1e-14)
    assert row["p_value"] == pytest.approx(np.exp(-7 / 3), rel=1e-12)


def test_concordance_corrects_for_ties():
    # Ranks 1.5 1.5 3 and 1 2.5 2.5: sums 2.5, 4, 5.5, S = 4.5; 12 S / (4 * 24 - 2 (6 + 6)) = 3/4.
    assert kendall_w(np.array([[1.0, 1], [1, 2], [2, 2]]))["estimate"][0] == pytest.approx(0.75)


def test_concordance_leaves_out_raters_or_targets():
    marks = np.array([[1.0, 1, 2, NAN], [2, 3, 1, 1], [3, 2, 3, 2]])
    by_raters, by_targets = (kendall_w(marks, incomplete=name).iloc[0] for name in INCOMPLETE)
    assert (by_raters["n_targets"], by_raters["n_raters"], by_raters["n_dropped"]) == (3, 3, 1)
    assert (by_targets["n_targets"], by_targets["n_raters"], by_targets["n_dropped"]) == (2, 4, 1)


def test_krippendorff_is_reproduced():
    # Krippendorff (2011), sections C and D, three decimals; unit 12 has one value only.
    for level, published in zip(LEVELS, [0.743, 0.815, 0.849], strict=True):
        row = krippendorff_alpha(KRIPPENDORFF, level=level).iloc[0]
        assert row["estimate"] == pytest.approx(published, abs=5e-4)
        assert (row["n_marks"], row["n_targets"], row["n_dropped"]) == (40, 11, 1)


@pytest.mark.parametrize("level", LEVELS)
def test_alpha_of_two_values_on_paper(level):
    # Units 11, 12, 22: observed 2/6, expected 2 * 3 * 3 / (6 * 5) = .6; alpha = 1 - 5/9.
    marks = np.array([[1.0, 1], [1, 2], [2, 2]])
    assert krippendorff_alpha(marks, level=level)["estimate"][0] == pytest.approx(4 / 9, rel=1e-14)


@pytest.mark.parametrize("level", LEVELS)
def test_one_mark_throughout_is_told_from_too_few_marks(level):
    assert krippendorff_alpha(np.full((4, 2), 0.1), level=level)["note"][0] == "no_variation"
    assert krippendorff_alpha(np.array([[1, NAN], [NAN, 2]]), level=level)["note"][0] == (
        "too_few_answers"
    )


def test_an_unknown_level_or_rule_is_refused_with_the_list():
    with pytest.raises(
        ValueError, match=r"level must be one of \('nominal', 'ordinal', 'interval'"
    ):
        krippendorff_alpha(KRIPPENDORFF, level="ratio")
    with pytest.raises(ValueError, match=r"incomplete must be one of \('raters', 'targets'\)"):
        kendall_w(KRIPPENDORFF, incomplete="all")


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0), (1, 1), (5, 1), (1, 5), (6, 3)])
@pytest.mark.parametrize("mark", [NAN, 3.0, 0.1])
def test_nothing_to_compare_gives_a_reason(shape, mark):
    marks = np.full(shape, mark)
    tables = [intraclass_correlations(marks), *(kendall_w(marks, incomplete=i) for i in INCOMPLETE)]
    for table in tables + [krippendorff_alpha(marks, level=level) for level in LEVELS]:
        assert table["estimate"].isna().all()
        assert (table["note"] != "").all()


@given(marks=ratings(), order=st.randoms(use_true_random=False), shift=st.integers(-3, 3))
def test_intraclass_correlations_do_not_depend_on_order_place_or_scale(marks, order, shift):
    table = intraclass_correlations(marks)
    rows, raters = shuffled(order, len(marks)), shuffled(order, marks.shape[1])
    for other in (4 * marks[rows][:, raters] + shift, 6 - marks):
        assert_same(intraclass_correlations(other)[INTERVALS], table[INTERVALS])
    # Nothing infinite, and a limit on either side.
    assert not np.isinf(table.drop(columns=["coefficient", "note"]).to_numpy(float)).any()
    there = table[table["ci_low"].notna()]
    assert (there["ci_low"] <= there["estimate"] + 1e-9).all()
    assert (there["ci_high"] >= there["estimate"] - 1e-9).all()


@given(ratings())
def test_the_average_consistency_is_cronbachs_alpha_with_feldts_interval(marks):
    icc, alpha = intraclass_correlations(marks).iloc[5], cronbach_alpha(marks).iloc[0]
    for column in ("estimate", "ci_low", "ci_high"):
        if icc["note"] == alpha["note"] == "":
            assert icc[column] == pytest.approx(alpha[column], rel=1e-9, abs=1e-10)


@given(marks=ratings(), order=st.randoms(use_true_random=False))
def test_concordance_depends_on_the_order_alone(marks, order):
    expected = kendall_w(marks)
    rows, raters = shuffled(order, len(marks)), shuffled(order, marks.shape[1])
    for other in (marks[rows][:, raters], marks**3 * np.arange(1, marks.shape[1] + 1), -marks):
        assert_same(kendall_w(other), expected)
    # The same raters again: as much agreement, twice the evidence.
    once, twice = expected.iloc[0], kendall_w(np.hstack([marks, marks])).iloc[0]
    if once["note"] == "":
        assert twice["estimate"] == pytest.approx(once["estimate"], rel=1e-12)
        assert twice["statistic"] == pytest.approx(2 * once["statistic"], rel=1e-12)


@pytest.mark.parametrize("level", LEVELS)
@given(marks=ratings(), order=st.randoms(use_true_random=False))
def test_alpha_depends_on_no_more_than_its_level_of_measurement(level, marks, order):
    expected = krippendorff_alpha(marks, level=level)
    rows, raters = shuffled(order, len(marks)), shuffled(order, marks.shape[1])
    changed = {
        "nominal": np.cos(marks),  # other labels in another order
        "ordinal": marks**3,
        "interval": 2 * marks - 7,
    }
    for other in (marks[rows][:, raters], changed[level], 6 - marks):
        assert_same(krippendorff_alpha(other, level=level), expected)
    # A rater without marks, and a target with a single one, pair with nothing.
    lone = np.append(5.0, np.full(marks.shape[1], NAN))
    wider = np.vstack([np.column_stack([marks, np.full(len(marks), NAN)]), lone])
    found = krippendorff_alpha(wider, level=level)
    assert_same(found.assign(n_dropped=found["n_dropped"] - 1), expected)
