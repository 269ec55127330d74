"""Rank-sum and permutation tests: by hand, relations and traps."""

from collections import Counter
from fractions import Fraction
from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from tests.stats.nested import GENERATORS, drawn_answers, drawn_roles
from tests.stats.same import assert_same

from research.stats.conditional import whole_scores
from research.stats.differences import brunner_munzel
from research.stats.ranks import mann_whitney, permutation_test

TESTS = {
    "asymptotic": mann_whitney,
    "continuity": lambda values, first: mann_whitney(values, first, continuity=True),
    "exact": lambda values, first: mann_whitney(values, first, method="exact"),
    "permutation": permutation_test,
}
exact = pytest.mark.parametrize("statistic", [TESTS["exact"], permutation_test])


def two_groups(a, b):
    return np.array([*a, *b], dtype=float), np.arange(len(a) + len(b)) < len(a)


def only(table):
    assert len(table) == 1
    return table.iloc[0]


# ---- by hand --------------------------------------------------------------------------------


def test_two_answers_each_with_a_tie():
    # 1, 2, 2, 3 have mid-ranks 1, 2.5, 2.5, 4; a = 2, 3 has U = 6.5 - 3 = 3.5 of 4, expected 2.
    # Variance 4/12 (5 - 6/12) = 1.5; z = 1.5/sqrt(1.5), with continuity 1/sqrt(1.5).
    data = two_groups([2, 3], [1, 2])
    row = only(mann_whitney(*data))
    assert (row["u"], row["estimate"], row["n_a"], row["n_b"]) == (3.5, 0.875, 2, 2)
    assert row["statistic"] == pytest.approx(np.sqrt(1.5), rel=1e-14)
    assert row["p_value"] == pytest.approx(2 * stats.norm.sf(np.sqrt(1.5)), rel=1e-13)
    row = only(mann_whitney(*data, continuity=True))
    assert row["statistic"] == pytest.approx(1 / np.sqrt(1.5), rel=1e-14)


def test_all_six_arrangements_of_two_answers_each():
    # Rank sums of the six pairs: 3.5, 3.5, 5, 5, 6.5, 6.5; observed 6.5: four are as far from 5.
    # Sums of answers 3, 3, 4, 4, 5, 5, observed 5: the same four.
    data = two_groups([2, 3], [1, 2])
    assert only(mann_whitney(*data, method="exact"))["p_value"] == pytest.approx(4 / 6, rel=1e-14)
    row = only(permutation_test(*data))
    assert row["p_value"] == pytest.approx(4 / 6, rel=1e-14)
    # Mean difference 2.5 - 1.5; variance of the sum 2 * 2 / (4 * 3) * (1 + 0 + 0 + 1) = 2/3.
    assert row["estimate"] == pytest.approx(1, rel=1e-14)
    assert row["statistic"] == pytest.approx(1 / np.sqrt(2 / 3), rel=1e-14)


@exact
def test_three_against_three_without_overlap_is_two_of_twenty(statistic):
    assert only(statistic(*two_groups([4, 5, 5], [1, 1, 2])))["p_value"] == pytest.approx(0.1)


@exact
def test_the_least_extreme_outcome_has_p_one(statistic):
    assert only(statistic(*two_groups([1, 4], [2, 3])))["p_value"] == 1


def test_gives_the_permeability_example_of_hollander_and_wolfe():
    # Hollander & Wolfe (1973), p. 69f.; help(wilcox.test) in R prints W = 35 and one-sided .1272.
    a = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    row = only(mann_whitney(*two_groups(a, [1.15, 0.88, 0.90, 0.74, 1.21]), method="exact"))
    assert row["u"] == 35
    assert row["p_value"] / 2 == pytest.approx(0.1272, abs=5e-5)


# ---- against the list of all arrangements ---------------------------------------------------


def listed_p(scores, first):
    """Share of all choices of group a whose score sum is as far from its expectation."""
    centre = first.sum() * scores.mean()
    sums = np.array([scores[list(c)].sum() for c in combinations(range(len(scores)), first.sum())])
    return np.mean(np.abs(sums - centre) >= np.abs(scores[first].sum() - centre) - 1e-9)


def counted_p(scores, first):
    """The same in whole numbers, without rounding: for tails that no list could reach."""
    ways = Counter({(0, 0): 1})
    for score, people in Counter(scores.tolist()).items():
        further = Counter()
        for (taken, total), count in ways.items():
            for k in range(min(people, int(first.sum()) - taken) + 1):
                further[taken + k, total + k * score] += count * comb(people, k)
        ways = further
    n, everybody, grand = int(first.sum()), len(scores), int(scores.sum())
    away = abs(everybody * int(scores[first].sum()) - n * grand)
    hits = sum(
        count
        for (taken, total), count in ways.items()
        if taken == n and abs(everybody * total - n * grand) >= away
    )
    return float(Fraction(hits, comb(everybody, n)))


small_groups = st.integers(3, 9).flatmap(
    lambda n: st.tuples(
        hnp.arrays(float, n, elements=st.sampled_from([-1.0, 0, 1, 1.5, 2, 5])), hnp.arrays(bool, n)
    )
)


@given(small_groups)
def test_exact_p_is_the_share_of_all_arrangements(data):
    values, first = data
    if first.all() or not first.any() or np.ptp(values) == 0:
        return
    by_mean, by_rank = permutation_test(values, first), TESTS["exact"](values, first)
    assert only(by_mean)["p_value"] == pytest.approx(listed_p(values, first), rel=1e-12)
    ranks = stats.rankdata(values)
    assert only(by_rank)["p_value"] == pytest.approx(listed_p(ranks, first), rel=1e-12)


@pytest.mark.parametrize(("n_a", "n_b", "gap"), [(40, 160, 0.1), (30, 40, 1.5), (45, 40, 4.0)])
def test_exact_p_has_ten_digits_however_small(n_a, n_b, gap):
    generator = np.random.default_rng(7)
    first = np.arange(n_a + n_b) < n_a
    answers = np.clip(np.rint(generator.normal(4 + gap * (first - 0.5), 1.2)), 1, 7)
    expected = counted_p(answers.astype(int), first)
    assert only(permutation_test(answers, first))["p_value"] == pytest.approx(expected, rel=1e-11)


@pytest.mark.parametrize("gap", [0.3, 4.0])
def test_exact_p_of_ranks_has_ten_digits_however_small(gap):
    generator, first = np.random.default_rng(9), np.arange(44) < 16
    answers = np.clip(np.rint(generator.normal(3 + gap * (first - 0.5), 1)), 1, 5)
    doubled = (2 * stats.rankdata(answers)).astype(int)
    found = only(TESTS["exact"](answers, first))["p_value"]
    assert found == pytest.approx(counted_p(doubled, first), rel=1e-11)


def test_wilcox_exact_of_r_and_the_full_count_differ_on_one_data_set():
    # `missing_half` of the reference data: exactRankTests says .7369, coin and counting .7440.
    from tests.stats.oracle import reference
    from tests.stats.oracles.ranks import two_groups as read

    record = next(r for r in reference("ranks")["two_groups"] if r["name"] == "missing_half")
    values, first = read(record)
    there = ~np.isnan(values)
    doubled = (2 * stats.rankdata(values[there])).astype(int)
    expected = counted_p(doubled, first[there])
    assert expected == pytest.approx(0.7440219, abs=1e-6)
    assert only(TESTS["exact"](values, first))["p_value"] == pytest.approx(expected, rel=1e-12)


# ---- relations ------------------------------------------------------------------------------


@st.composite
def studies(draw):
    """Few people and few levels: ties, constant items and empty groups all occur."""
    generator = draw(GENERATORS)
    n, k = generator.integers(1, 10), generator.integers(1, 4)
    return drawn_answers(generator, (n, k)), drawn_roles(generator, n)


def assert_defined(table, what):
    """No p only with a reason; otherwise a probability and finite numbers."""
    numbers = table[["estimate", "statistic", "p_value"]].to_numpy()
    tested = ~np.isnan(numbers[:, 2])
    assert (tested == (table["note"] == "").to_numpy()).all(), what
    assert np.isfinite(numbers[tested]).all(), what
    assert not np.isinf(numbers).any(), what
    assert ((numbers[tested, 2] > 0) & (numbers[tested, 2] <= 1)).all(), what


@given(study=studies(), order=st.randoms(use_true_random=False))
def test_neither_order_nor_company_nor_absence_matters(study, order):
    values, first = study
    rows, columns = list(range(len(values))), list(range(values.shape[1]))
    order.shuffle(rows)
    order.shuffle(columns)
    # Rows and columns in another order, a column that nobody and a person who nothing answered.
    wider = np.insert(values[rows][:, columns], 0, np.nan, axis=1)
    wider = np.vstack([wider, np.full((1, wider.shape[1]), np.nan)])
    for name, statistic in TESTS.items():
        expected = statistic(values, first)
        assert_defined(expected, name)
        found = statistic(wider, [*first[rows], True])
        assert (found["note"][0], np.isnan(found["p_value"][0])) == ("too_few_answers", True)
        found["n_dropped"] -= 1
        assert_same(found.iloc[1:], expected.iloc[columns], name)
        assert_same(statistic(values[:, 0], first), expected.iloc[[0]], name)


@given(
    study=studies(),
    shift=st.sampled_from([-3.0, 0.25, 1000]),
    factor=st.sampled_from([0.1, 7]),
)
def test_shift_and_scale_move_no_test_and_turning_turns_the_sign(study, shift, factor):
    values, first = study
    for name, statistic in TESTS.items():
        expected = statistic(values, first)
        moved = statistic((values + shift) * factor, first)
        twice = statistic(np.vstack([values, values]), np.append(first, first))["estimate"]
        turned = expected.copy()
        turned["statistic"] *= -1
        if name == "permutation":
            moved["estimate"] /= factor
            turned["estimate"] *= -1
        else:
            turned["estimate"] = 1 - turned["estimate"]
            turned["u"] = turned["n_a"] * turned["n_b"] - turned["u"]
        assert_same(moved, expected, name)
        np.testing.assert_allclose(twice, expected["estimate"], rtol=1e-12, atol=1e-12)
        assert_same(statistic(6 - values, first), turned, name)
        turned["n_a"], turned["n_b"] = expected["n_b"], expected["n_a"]
        assert_same(statistic(values, ~first), turned, name)


@given(study=studies())
def test_ranks_depend_on_order_only_and_estimate_what_brunner_and_munzel_do(study):
    values, first = study
    ours = mann_whitney(values, first)
    assert_same(mann_whitney(values**3, first), ours, rtol=1e-12)
    assert_same(TESTS["exact"](values**3, first), TESTS["exact"](values, first), rtol=1e-12)
    theirs = brunner_munzel(values, first)["estimate"].to_numpy()
    there = ~np.isnan(theirs)
    np.testing.assert_allclose(ours["estimate"].to_numpy()[there], theirs[there], rtol=1e-12)


# ---- traps ----------------------------------------------------------------------------------


def test_exact_p_counts_the_ties_that_scipy_ignores():
    a, b = [2, 3, 3, 3, 4, 5, 3], [1, 2, 2, 3, 2, 1, 3, 2]
    values, first = two_groups(a, b)
    ours = only(TESTS["exact"](values, first))["p_value"]
    assert ours == pytest.approx(listed_p(stats.rankdata(values), first), rel=1e-12)
    theirs = stats.mannwhitneyu(a, b, method="exact").pvalue
    assert abs(theirs / ours - 1) > 0.1


def test_the_name_says_which_version_it_is():
    data = two_groups([1, 3, 4], [2, 2, 5])
    names = [only(test(*data))["test"] for test in TESTS.values()]
    assert names == [
        "mann_whitney_uncorrected", "mann_whitney_continuity", "mann_whitney_exact",
        "permutation_exact",
    ]  # fmt: skip


def test_an_exact_p_has_no_continuity_correction():
    data = two_groups([1, 3, 4, 4], [2, 2, 1])
    corrected = mann_whitney(*data, method="exact", continuity=True)
    assert_same(corrected, mann_whitney(*data, method="exact"))


def test_continuity_never_moves_past_the_expectation():
    assert only(TESTS["continuity"](*two_groups([2, 3], [2, 3])))["p_value"] == 1


def test_rounding_makes_no_ranks():
    values, first = two_groups([0.1, 0.1, 0.3], [0.1 + 0.2 - 0.2, 0.1, 0.1])
    assert len(np.unique(values)) == 3
    assert_same(mann_whitney(values, first), mann_whitney(np.rint(10 * values), first))
    constant = two_groups([0.1, 0.1], [0.1 + 0.2 - 0.2, 0.1])
    for test in TESTS.values():
        assert only(test(*constant))["note"] == "no_variation"


def test_means_of_seven_items_are_permuted_exactly():
    generator = np.random.default_rng(5)
    sums, first = generator.integers(7, 36, 40), np.arange(40) < 17
    found = only(permutation_test(sums / 7, first))["p_value"]
    assert found == pytest.approx(counted_p(sums, first), rel=1e-11)


@pytest.mark.parametrize(
    ("levels", "scores"),
    [
        ([1, 2, 5], [0, 1, 4]), ([2, 4, 8], [0, 1, 3]), ([0.5, 1.25, 2], [0, 1, 2]),
        ([-1, 0, 1.5], [0, 2, 5]), ([1 / 3, 2 / 3, 3], [0, 1, 8]), ([4], [0]), ([], []),
        ([0, 1, np.pi], None), ([0, 1e-9, 1], None),
    ],
)  # fmt: skip
def test_levels_become_whole_scores_where_there_is_a_grid(levels, scores):
    found = whole_scores(np.array(levels, dtype=float))
    assert (found if found is None else found.tolist()) == scores


def test_too_large_or_off_a_grid_is_said_and_not_guessed():
    generator = np.random.default_rng(3)
    people = np.arange(10_000) < 4_000
    answers = np.column_stack([generator.integers(1, 6, 10_000), generator.normal(size=10_000)])
    for test in (permutation_test, TESTS["exact"]):
        table = test(answers, people)
        assert table["note"].tolist() == ["too_many_arrangements"] * 2
        assert table["p_value"].isna().all()
        assert table["estimate"].notna().all()


def test_one_column_too_large_does_not_spoil_the_others():
    generator = np.random.default_rng(4)
    values = generator.integers(1, 6, (4_000, 2)).astype(float)
    values[40:, 1] = np.nan
    first = np.arange(4_000) % 2 == 0
    table = permutation_test(values, first)
    assert table["note"].tolist() == ["too_many_arrangements", ""]
    assert_same(table.iloc[[1]], permutation_test(values[:, 1], first))


def test_monte_carlo_comes_near_the_exact_p():
    generator = np.random.default_rng(12)
    values, first = generator.integers(1, 6, (50, 12)).astype(float), np.arange(50) < 21
    values[generator.random(values.shape) < 0.1] = np.nan
    drawn = permutation_test(
        values, first, method="monte_carlo", n_resamples=20_000, generator=generator
    )
    exact_p = permutation_test(values, first)["p_value"]
    error = np.sqrt(exact_p * (1 - exact_p) / 20_000) + 1e-4
    assert (np.abs(drawn["p_value"] - exact_p) / error).max() < 3.5


def test_monte_carlo_is_never_zero_and_repeats_with_its_seed():
    data = two_groups(np.full(40, 5.0), np.full(40, 1.0))
    draws = [
        permutation_test(
            *data, method="monte_carlo", n_resamples=199, generator=np.random.default_rng(1)
        )
        for _ in range(2)
    ]
    assert draws[0]["p_value"].tolist() == [1 / 200]
    assert_same(*draws)


def test_monte_carlo_takes_equal_sums_as_equal():
    # .1 + .4 and .2 + .3 are one sum, but for the last digit.
    values = np.arange(1, 8) / 10
    first = np.isin(np.arange(7), [3, 4, 5])
    row = only(
        permutation_test(
            values, first, method="monte_carlo", n_resamples=50_000,
            generator=np.random.default_rng(8),
        )
    )  # fmt: skip
    assert abs(row["p_value"] - listed_p(values, first)) < 4 * row["p_standard_error"]


def test_monte_carlo_without_a_generator_is_refused():
    with pytest.raises(ValueError, match=r"needs generator=numpy.random.default_rng\(seed\)"):
        permutation_test(*two_groups([1, 2], [3, 4]), method="monte_carlo")


@pytest.mark.parametrize("test", [mann_whitney, permutation_test])
def test_an_unknown_method_is_refused_with_the_list(test):
    with pytest.raises(ValueError, match=r"method must be one of \(.*'exact'.*\), not 'auto'"):
        test(*two_groups([1, 2], [3, 4]), method="auto")
