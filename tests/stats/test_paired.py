"""Pairs: by hand, relations and traps."""

import warnings
from functools import partial
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import special, stats
from tests.stats import same

from research.stats.paired import (
    double_entry_icc,
    paired_difference,
    paired_effect,
    paired_superiority,
)
from research.stats.proportions import wilson_interval
from research.stats.signed_ranks import signed_rank

LABELS = np.array(["zuid", "7", "Älv", "b b"])
T_975_DF_2 = np.sqrt(2 * 0.95**2 / (1 - 0.95**2))  # two df: p = 1 - |t|/sqrt(t^2 + 2)
Z_975 = 1.959963984540054

PLAIN = {
    "difference": paired_difference,
    "effect_z": paired_effect,
    "effect_average": lambda a, b: paired_effect(a, b, standardiser="average"),
    "signed_rank": signed_rank,
    "signed_rank_continuity": lambda a, b: signed_rank(a, b, continuity=True),
    "signed_rank_exact": lambda a, b: signed_rank(a, b, method="exact"),
    "pratt": lambda a, b: signed_rank(a, b, zeros="pratt"),
    "pratt_exact": lambda a, b: signed_rank(a, b, method="exact", zeros="pratt"),
    "superiority": paired_superiority,
    "icc": double_entry_icc,
}
# Those that share every line but one with another are left to R and to the cases by hand.
TOO_ALIKE = ("signed_rank_continuity", "signed_rank_exact", "pratt")
RELATED = [name for name in PLAIN if name not in TOO_ALIKE]


def only(table):
    assert len(table) == 1
    return table.iloc[0]


def near(row, **expected):
    for column, value in expected.items():
        np.testing.assert_allclose(row[column], value, rtol=1e-12, atol=1e-14, err_msg=column)


# ---- by hand --------------------------------------------------------------------------------


def test_three_pairs_that_differ_by_one_three_and_five():
    # Mean 3, SD 2, se 2/sqrt(3), df 2; t^2 = 27/4, p = 1 - sqrt(27/35).
    a, b, half = np.array([2.0, 4, 6]), np.ones(3), T_975_DF_2 * 2 / np.sqrt(3)
    near(
        only(paired_difference(a, b)),
        estimate=3, standard_error=2 / np.sqrt(3), statistic=1.5 * np.sqrt(3), df=2,
        p_value=1 - np.sqrt(27 / 35), ci_low=3 - half, ci_high=3 + half, n_a=3, n_dropped=0,
    )  # fmt: skip
    # d_z = 3/2; correction gamma(1) / (sqrt(2/2) gamma(1/2)) = 1/sqrt(pi).
    near(only(paired_effect(a, b)), uncorrected=1.5, estimate=1.5 / np.sqrt(np.pi))
    # Variances 4 and 0, average SD sqrt(2); interval of d_z times 2/sqrt(2).
    average = only(paired_effect(a, b, standardiser="average"))
    near(average, uncorrected=3 / np.sqrt(2), estimate=3 / np.sqrt(2 * np.pi))
    by_difference = only(paired_effect(a, b))
    near(average, ci_low=by_difference["ci_low"] * np.sqrt(2))


def test_clusters_of_equal_size_are_a_test_on_their_means():
    # Differences (0,2), (1,3), (5,7): means 1, 2, 6; as in test_by_hand: se^2 = 7/3, df 2.
    b = np.array([1.0, 2, 3, 1, 2, 3])
    row = only(paired_difference(b + [0, 2, 1, 3, 5, 7], b, cluster=np.array(list("AABBCC"))))
    t = 3 / np.sqrt(7 / 3)
    near(row, estimate=3, statistic=t, df=2, p_value=1 - t / np.sqrt(t**2 + 2), n_clusters=3)


def test_signed_ranks_of_four_pairs():
    # Differences 1, 1, -1, 2 rank 2, 2, 2, 4: V = 8, expected 5, variance (3 * 4 + 16)/4 = 7.
    # Signs: V = 0, 2, 4, 6, 8, 10 in 1, 3, 4, 4, 3, 1 of 16 ways: 8 as far from 5 as observed.
    a, b = np.array([2.0, 3, 1, 5]), np.array([1.0, 2, 2, 3])
    near(
        only(signed_rank(a, b)),
        v=8, statistic=3 / np.sqrt(7), estimate=6 / 10, n_zero=0,
        p_value=2 * stats.norm.sf(3 / np.sqrt(7)),
    )  # fmt: skip
    near(only(PLAIN["signed_rank_continuity"](a, b)), statistic=2.5 / np.sqrt(7))
    near(only(PLAIN["signed_rank_exact"](a, b)), p_value=0.5)


def test_pratt_ranks_the_zero_and_leaves_it_out():
    # Differences 0, 1, 1, -1, 2 rank 1, 3, 3, 3, 5: V = 11 of 14, variance (3 * 9 + 25)/4 = 13.
    a, b = np.array([4.0, 2, 3, 1, 5]), np.array([4.0, 1, 2, 2, 3])
    near(only(PLAIN["pratt"](a, b)), v=11, statistic=4 / np.sqrt(13), estimate=8 / 14, n_zero=1)
    # Left out before ranking it is the case above.
    near(only(signed_rank(a, b)), v=8, statistic=3 / np.sqrt(7), n_zero=1)


def test_gives_the_depression_example_of_hollander_and_wolfe():
    # Hollander & Wolfe (1973), p. 29f.; help(wilcox.test) in R prints V = 40, one-sided .01953.
    a = np.array([1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30])
    b = np.array([0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29])
    row = only(PLAIN["signed_rank_exact"](a, b))
    assert row["v"] == 40
    assert row["p_value"] / 2 == pytest.approx(10 / 512, rel=1e-14)


def test_superiority_without_ties_has_the_interval_of_wilson():
    # 7 of 10 pairs higher, none equal: Tango's interval is Wilson's; z = (7 - 3)/sqrt(10).
    a = np.array([1.0] * 7 + [0] * 3)
    row = only(paired_superiority(a, 1 - a))
    low, high = wilson_interval(7, 10)
    near(row, estimate=0.7, ci_low=low, ci_high=high, statistic=4 / np.sqrt(10))
    # Sign test: 3 or fewer of 10, twice: 2 (1 + 10 + 45 + 120)/1024.
    near(row, p_exact=352 / 1024)


def test_superiority_of_ties_alone_is_one_half_with_an_interval():
    # Score: n d/(1 - d) = z^2, so d = z^2/(n + z^2) on either side; no pair to test with.
    row = only(paired_superiority(np.arange(6.0), np.arange(6.0)))
    half = Z_975**2 / (6 + Z_975**2) / 2
    near(row, estimate=0.5, ci_low=0.5 - half, ci_high=0.5 + half)
    assert np.isnan([row["p_value"], row["p_exact"], row["statistic"]]).all()
    assert row["note"] == "no_variation"


def test_two_pairs_entered_twice():
    # (1,2), (3,4): SSB = 2 (1 + 1) = 4, SSW = .5 + .5: r = (4 - 1)/(4 + 1). F = 4/(1/2) = 8 with
    # 1 and 2 df is t^2 with 2 df: upper tail 1 - sqrt(8/10), two-sided twice that.
    row = only(double_entry_icc(np.array([1.0, 3]), np.array([2.0, 4])))
    near(row, estimate=0.6, statistic=8, df=1, p_value=2 * (1 - np.sqrt(0.8)))
    near(row, z_large_sample=0.6 * np.sqrt(2))


@pytest.mark.parametrize("zeros", ["wilcoxon", "pratt"])
@given(
    st.lists(
        st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=8
    )
)  # fmt: skip
def test_exact_signed_p_is_the_share_of_all_signs(zeros, pairs):
    a, b = np.array(pairs, dtype=float).T
    row = only(signed_rank(a, b, method="exact", zeros=zeros))
    d = a - b
    if not d.any():
        assert row["note"] == "no_variation"
        return
    kept = d != 0 if zeros == "wilcoxon" else np.full(len(d), True)
    ranks = stats.rankdata(np.abs(d[kept]))[d[kept] != 0]
    sums = np.array(list(product([0, 1], repeat=len(ranks)))) @ ranks
    away = np.abs(ranks[d[d != 0] > 0].sum() - ranks.sum() / 2)
    near(row, p_value=np.mean(np.abs(sums - ranks.sum() / 2) >= away - 1e-9))


# ---- relations ------------------------------------------------------------------------------

answers = st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, np.nan])


assert_same = partial(same.assert_same, atol=1e-10)


@st.composite
def pair_studies(draw):
    """One to eight pairs and two items: ties, constant items and missing members all occur."""
    shape = (draw(st.integers(1, 8)), 2)
    return tuple(draw(hnp.arrays(float, shape, elements=answers)) for _ in "ab")


def turned(table, name):
    """The table after a and b have changed places, or the scale was turned round."""
    table = table.drop(columns="v", errors="ignore")
    if name == "icc":
        return table
    centre = 1.0 if name == "superiority" else 0.0
    table["estimate"] = centre - table["estimate"]
    if "ci_low" in table:
        table["ci_low"], table["ci_high"] = centre - table["ci_high"], centre - table["ci_low"]
    for column in {"statistic", "uncorrected"} & set(table):
        table[column] *= -1
    return table


def assert_defined(table, name):
    """No test, or no interval where there is no test, only with a reason; nothing infinite."""
    key = "p_value" if "p_value" in table else "ci_low"
    there = table[key].notna().to_numpy()
    assert (there == (table["note"] == "").to_numpy()).all(), name
    assert not np.isinf(table.select_dtypes(float).to_numpy()).any(), name
    assert np.isfinite(table["estimate"].to_numpy()[there]).all(), name


@given(study=pair_studies(), order=st.randoms(use_true_random=False))
def test_neither_order_nor_company_nor_absence_matters(study, order):
    a, b = study
    rows = list(range(len(a)))
    order.shuffle(rows)
    # Another order, the columns swapped, an item nobody and a pair of which one answered.
    none = np.full((len(a), 1), np.nan)
    wide_a = np.vstack([np.hstack([a[rows][:, ::-1], none]), [[1, 2, 3]]])
    wide_b = np.vstack([np.hstack([b[rows][:, ::-1], none]), [[np.nan] * 3]])
    for name in RELATED:
        expected = PLAIN[name](a, b)
        assert_defined(expected, name)
        found = PLAIN[name](wide_a, wide_b)
        assert found["note"][2] == "too_few_answers", name
        assert np.isnan(found["estimate"][2]), name
        found["n_dropped"] -= 1
        assert_same(found.iloc[[1, 0]], expected, name)


@given(
    study=pair_studies(),
    shift=st.sampled_from([-3.0, 0.25, 100]),
    factor=st.sampled_from([0.1, 7.0]),
)
def test_shift_and_scale_move_no_test_and_changing_places_turns_the_sign(study, shift, factor):
    a, b = study
    for name in RELATED:
        expected = PLAIN[name](a, b)
        moved = PLAIN[name]((a + shift) * factor, (b + shift) * factor)
        if name == "difference":
            moved[["estimate", "ci_low", "ci_high", "standard_error"]] /= factor
        assert_same(moved, expected, name)
        both = turned(expected, name)
        for other in (PLAIN[name](b, a), PLAIN[name](6 - a, 6 - b)):
            assert_same(other.drop(columns="v", errors="ignore"), both, name)


@given(study=pair_studies(), codes=st.lists(st.integers(0, 3), min_size=8, max_size=8))
def test_cluster_names_do_not_matter_and_own_clusters_are_the_plain_test(study, codes):
    a, b = study
    cluster = np.array(codes[: len(a)])
    expected = paired_difference(a, b, cluster=cluster)
    assert_same(paired_difference(a, b, cluster=LABELS[cluster]), expected)
    alone = paired_difference(a, b, cluster=np.arange(len(a)))
    plain = paired_difference(a, b)
    for column in ("estimate", "ci_low", "ci_high", "standard_error", "p_value"):
        np.testing.assert_allclose(alone[column], plain[column], rtol=1e-9, atol=1e-10)


@given(study=pair_studies(), swap=st.lists(st.booleans(), min_size=8, max_size=8))
def test_who_of_a_pair_is_called_a_is_no_matter_to_the_double_entry(study, swap):
    a, b = study
    swap = np.array(swap[: len(a)])[:, None]
    found = double_entry_icc(np.where(swap, b, a), np.where(swap, a, b))
    assert_same(found, double_entry_icc(a, b))


@given(study=pair_studies())
def test_double_entry_is_pearson_after_entering_twice(study):
    a, b = (member[:, 0] for member in study)
    row = only(double_entry_icc(a, b))
    there = ~np.isnan(a + b)
    if np.isnan(row["estimate"]):
        return
    twice = np.corrcoef(np.append(a[there], b[there]), np.append(b[there], a[there]))[0, 1]
    assert row["estimate"] == pytest.approx(twice, abs=1e-12)


@given(study=pair_studies())
def test_all_pairs_twice_leave_estimates_that_count_and_narrow_the_score_interval(study):
    a, b = study
    once = paired_superiority(a, b)
    twice = paired_superiority(np.vstack([a, a]), np.vstack([b, b]))
    np.testing.assert_allclose(twice["estimate"], once["estimate"], rtol=1e-12)
    width = [(t["ci_high"] - t["ci_low"]).dropna().to_numpy() for t in (once, twice)]
    assert (width[1] < width[0]).all()


@given(study=pair_studies())
def test_the_score_interval_excludes_one_half_exactly_when_p_is_below_five_percent(study):
    table = paired_superiority(*study)
    table = table[table["p_value"].notna()]
    excluded = (table["ci_low"] > 0.5 + 1e-12) | (table["ci_high"] < 0.5 - 1e-12)
    assert (excluded == (table["p_value"] < 0.05)).all()
    assert table["estimate"].between(table["ci_low"] - 1e-12, table["ci_high"] + 1e-12).all()


# ---- traps ----------------------------------------------------------------------------------


def test_superiority_is_within_pairs_and_not_that_of_independent_samples():
    # Everybody one higher than their own partner, far apart between pairs: 1 within pairs, but
    # against all: (10 + 9 + ... + 1 with ties half)/100 = (45 + 10 + 9/2)/100... pingouin's CLES.
    b = np.arange(10.0)
    a = b + 1
    assert only(paired_superiority(a, b))["estimate"] == 1
    independent = np.mean(np.subtract.outer(a, b) > 0) + np.mean(np.subtract.outer(a, b) == 0) / 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pingouin

        theirs = float(pingouin.wilcoxon(a, b)["CLES"].iloc[0])
    assert theirs == pytest.approx(independent)
    assert theirs < 0.65


def test_the_two_standardised_differences_are_named_and_differ():
    generator = np.random.default_rng(2)
    common = generator.normal(0, 2, 30)
    a, b = common + generator.normal(0.5, 0.5, 30), common + generator.normal(0, 0.5, 30)
    by_difference = only(paired_effect(a, b))
    by_average = only(paired_effect(a, b, standardiser="average"))
    assert by_difference["estimate_type"] == "hedges_g_z"
    assert by_average["estimate_type"] == "hedges_g_av"
    assert by_difference["estimate"] > 2 * by_average["estimate"]
    t = stats.ttest_rel(a, b).statistic
    assert by_difference["uncorrected"] == pytest.approx(t / np.sqrt(30), rel=1e-12)


def test_the_limits_of_d_z_are_where_the_noncentral_t_has_its_tails():
    generator = np.random.default_rng(8)
    a, b = generator.normal(0.6, 1, 14), generator.normal(0, 1, 14)
    row = only(paired_effect(a, b))
    t = stats.ttest_rel(a, b).statistic
    noncentral = row[["ci_low", "ci_high"]].astype(float) * t / row["estimate"]
    np.testing.assert_allclose(stats.nct.cdf(t, 13, noncentral), [0.975, 0.025], rtol=1e-7)


def test_rounding_makes_neither_ranks_nor_winners():
    # .3 - .2 and .2 - .1 are one size of difference; .1 + .2 is no more than .3.
    a, b = np.array([0.3, 0.2, 0.1 + 0.2, 0.9]), np.array([0.2, 0.1, 0.3, 0.4])
    assert len(np.unique(np.abs(a - b))) == 4
    whole = np.rint(10 * a), np.rint(10 * b)
    for name in ("signed_rank", "signed_rank_exact", "pratt", "superiority"):
        assert_same(PLAIN[name](a, b), PLAIN[name](*whole))
    assert only(signed_rank(a, b))["n_zero"] == 1


# A difference of one tenth, and one of nothing, each but for the last digit.
NEARLY_CONSTANT = {
    "tenth": (np.array([0.3, 0.2, 0.7, 0.4, 0.6]), np.array([0.3, 0.2, 0.7, 0.4, 0.6]) - 0.1),
    "nothing": (np.full(5, 0.3), np.array([0.3, 0.1 + 0.2, 0.3, 0.1 + 0.2, 0.1 + 0.2])),
}
nearly_constant = pytest.mark.parametrize(("a", "b"), NEARLY_CONSTANT.values(), ids=NEARLY_CONSTANT)


@nearly_constant
@pytest.mark.parametrize("name", ["difference", "effect_z", "effect_average"])
def test_rounding_of_a_constant_difference_is_not_taken_for_variation(name, a, b):
    assert np.ptp(a - b) > 0
    row = only(PLAIN[name](a, b))
    assert row["note"] == "no_variation"
    assert np.isnan(row["ci_low"])


@nearly_constant
def test_rounding_of_a_constant_difference_is_no_variation_in_clusters(a, b):
    row = only(paired_difference(a, b, cluster=np.array([1, 1, 2, 2, 3])))
    assert row["note"] == "no_variation"
    assert np.isnan([row["p_value"], row["ci_low"], row["standard_error"]]).all()
    assert row["estimate"] == pytest.approx(np.mean(a - b), abs=1e-15)


def test_rounding_of_equal_pairs_is_neither_a_rank_nor_unlikeness():
    a, b = NEARLY_CONSTANT["nothing"]
    for name in ("signed_rank", "signed_rank_exact", "pratt", "superiority", "icc"):
        assert only(PLAIN[name](a, b))["note"] == "no_variation"
    a = np.array([0.1, 0.3, 0.7])
    row = only(double_entry_icc(a, a + np.array([0, 5e-17, 0])))
    assert row["estimate"] == 1
    assert row["note"] == "no_variation"
    assert np.isnan([row["statistic"], row["p_value"], row["ci_high"]]).all()


def test_a_mean_difference_between_members_lowers_the_double_entry():
    b = np.array([1.0, 2, 3, 4, 5])
    assert np.corrcoef(b + 2, b)[0, 1] == pytest.approx(1)
    # SSB = 2 * 10, SSW = 5 * 2: (20 - 10)/(20 + 10).
    assert only(double_entry_icc(b + 2, b))["estimate"] == pytest.approx(1 / 3)


def test_the_interval_of_the_double_entry_counts_pairs_and_not_rows():
    generator = np.random.default_rng(6)
    common = generator.normal(0, 1, 40)
    row = only(
        double_entry_icc(common + generator.normal(0, 1, 40), common + generator.normal(0, 1, 40))
    )
    as_pearson = np.tanh(np.arctanh(row["estimate"]) + Z_975 / np.sqrt(80 - 3) * np.array([-1, 1]))
    assert row["ci_high"] - row["ci_low"] > 1.3 * np.ptp(as_pearson)
    # Its limits are where the observed F has its tails.
    for column, tail in (("ci_low", 0.975), ("ci_high", 0.025)):
        ratio = (1 + row[column]) / (1 - row[column])
        assert special.fdtr(39, 40, row["statistic"] / ratio) == pytest.approx(tail, rel=1e-9)


def test_one_pair_is_said_to_be_too_few_except_where_counting_suffices():
    a, b = np.array([4.0]), np.array([2.0])
    notes = {name: only(PLAIN[name](a, b))["note"] for name in PLAIN}
    too_few = {"difference", "effect_z", "effect_average", "icc"}
    assert {name for name, note in notes.items() if note == "too_few_answers"} == too_few
    assert only(PLAIN["signed_rank_exact"](a, b))["p_value"] == 1
    low, high = wilson_interval(1, 1)
    near(only(paired_superiority(a, b)), estimate=1, ci_low=low, ci_high=high)


def test_too_many_pairs_for_an_exact_p_are_said_and_not_guessed():
    generator = np.random.default_rng(1)
    a, b = generator.integers(1, 6, (2, 5_000)).astype(float)
    row = only(PLAIN["signed_rank_exact"](a, b))
    assert np.isnan(row["p_value"])
    assert row["note"] == "too_many_arrangements"
    assert np.isfinite([row["estimate"], row["statistic"]]).all()


def test_matrices_of_other_pairs_are_refused():
    with pytest.raises(ValueError, match=r"same pairs and items, not \(3, 1\) and \(2, 1\)"):
        paired_difference(np.ones(3), np.ones(2))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda a: paired_effect(a, a, standardiser="pooled"), "standardiser must be one of"),
        (lambda a: signed_rank(a, a, method="auto"), "method must be one of"),
        (lambda a: signed_rank(a, a, zeros="split"), r"zeros must be one of \('wilcoxon', 'pratt'"),
    ],
)
def test_an_unknown_option_is_refused_with_the_list(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.ones(3))
