"""Profiles of two roles: on paper, relations and traps.

The values of R are compared in ``test_agreement``.
"""

import time
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.stats import same

from research.stats.agreement.importance_performance import QUADRANTS, importance_performance
from research.stats.agreement.profiles import (
    distinctive_similarity,
    kendall_tau_b,
    profile_correlation,
    profile_icc,
    spearman,
    top_overlap,
)

assert_same = partial(same.assert_same, atol=1e-11)

NAN = np.nan
NORM = np.array([0.3, 1.7, 0.9, 2.2, 1.1, 0.4, 3.0, 1.9])


def distinctive(first, second):
    norm = NORM[: np.shape(first)[-1]]
    return distinctive_similarity(first, second, norm, norm[::-1])


ORDERS = {"tau_b": kendall_tau_b, "spearman": spearman}
SHAPES = ORDERS | {"profile_correlation": profile_correlation}
ICCS = {
    "double_entry": profile_icc,
    "absolute": lambda first, second: profile_icc(first, second, kind="absolute"),
}
SYMMETRIC = SHAPES | ICCS | {"top_overlap": lambda x, y: top_overlap(x, y, top=2)}
EVERY = SYMMETRIC | {"distinctive": distinctive}
every = pytest.mark.parametrize("statistic", EVERY.values(), ids=EVERY)
shapes = pytest.mark.parametrize("statistic", SHAPES.values(), ids=SHAPES)


@st.composite
def pairs(draw):
    """One to three replicates of two short profiles with ties: anything may be degenerate."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape = 2, draw(st.integers(1, 3)), draw(st.integers(1, 8))
    both = generator.choice([1.0, 1.5, 2, 3, 4.25, 5][: draw(st.integers(2, 6))], shape)
    both[generator.random(shape) < draw(st.sampled_from([0, 0.1, 0.5]))] = NAN
    return both[0], both[1]


def one(statistic, first, second):
    return statistic(np.array(first, dtype=float), np.array(second, dtype=float)).iloc[0]


def test_rank_correlations_on_paper():
    # Five pairs in order and one reversed: 4/6. Squared rank differences 0 1 1 0: 1 - 12/60.
    first, second = [1, 2, 3, 4], [1, 3, 2, 4]
    assert one(kendall_tau_b, first, second)["estimate"] == pytest.approx(4 / 6, rel=1e-14)
    assert one(spearman, first, second)["estimate"] == pytest.approx(0.8, rel=1e-14)
    # z = 4 / sqrt(4 * 3 * 13 / 18).
    expected = 4 / np.sqrt(4 * 3 * 13 / 18)
    assert one(kendall_tau_b, first, second)["statistic"] == pytest.approx(expected, rel=1e-14)


def test_rank_correlations_with_a_tie_on_paper():
    # Pairs: one tied in the first profile, two in order: 2 / sqrt(2 * 3). Ranks 1.5 1.5 3 and
    # 1 2 3: covariance sum 1.5, sums of squares 1.5 and 2.
    first, second = [1, 1, 2], [1, 2, 3]
    assert one(kendall_tau_b, first, second)["estimate"] == pytest.approx(2 / np.sqrt(6), rel=1e-14)
    assert one(spearman, first, second)["estimate"] == pytest.approx(1.5 / np.sqrt(3), rel=1e-14)


def test_overall_similarity_and_its_icc_differ_when_levels_do():
    # 1 2 3 against 2 3 4 about 2.5: cross products .75 - .25 + .75, squares 2.75 each:
    # 2 * 1.25 / 5.5. Absolute: items 2, roles 3/2, rest 0: 2 / (2 + 2 * 1.5 / 3).
    first, second = [1, 2, 3], [2, 3, 4]
    assert one(profile_correlation, first, second)["estimate"] == pytest.approx(1)
    assert one(ICCS["double_entry"], first, second)["estimate"] == pytest.approx(5 / 11, rel=1e-14)
    assert one(ICCS["absolute"], first, second)["estimate"] == pytest.approx(2 / 3, rel=1e-14)


def test_distinctive_similarity_on_paper():
    # What is left: 1 0 -1 and 0 1 -1, correlation 1/2; the profiles themselves look alike.
    norm = np.array([1.0, 5, 9])
    row = distinctive_similarity(norm + [1, 0, -1], norm + [0, 1, -1], norm).iloc[0]
    assert row["estimate"] == pytest.approx(0.5, rel=1e-14)
    assert one(profile_correlation, norm + [1, 0, -1], norm + [0, 1, -1])["estimate"] > 0.97


def test_the_mean_of_the_two_profiles_is_no_normative_profile():
    # What is left of the two is d/2 and -d/2: -1 whatever was answered.
    generator = np.random.default_rng(6)
    first, second = generator.normal(3, 1, (2, 4, 30))
    table = distinctive_similarity(first, second, (first + second) / 2)
    assert table["estimate"].isna().all()
    assert set(table["note"]) == {"not_identified"}


def test_a_profile_equal_to_the_normative_one_has_nothing_distinctive():
    first, second = np.array([0.1, 0.7, 0.3]), np.array([0.2, 0.9, 0.4])
    row = distinctive_similarity(first + 0.1, second, first, second * 0.5).iloc[0]
    assert (row["note"], np.isnan(row["estimate"])) == ("no_variation", True)
    # The rounding of a mean is left: (x / 49) * 49 is not always x.
    again = 41 * (first + 1) / 41 / 49 * 49
    row = distinctive_similarity(again, second, first + 1, second * 0.5).iloc[0]
    assert (row["note"], np.abs(again - first - 1).max() > 0) == ("no_variation", True)


def test_overlap_shares_the_places_of_tied_items():
    # Chances of a place among two: 1, 1/2, 1/2, 0 and 1, 1, 0, 0: expected 1.5 of 2.
    row = top_overlap(np.array([5.0, 4, 4, 1]), np.array([5.0, 4, 1, 1]), top=2).iloc[0]
    assert (row["estimate"], row["by_chance"]) == (0.75, 0.5)
    # Tied at the border, even with itself: 1 + 1/4 + 1/4 of 2.
    assert (
        top_overlap(np.array([5.0, 4, 4, 1]), np.array([5.0, 4, 4, 1]), top=2)["estimate"][0]
        == 0.75
    )


def test_the_overlap_is_what_random_tie_breaking_gives_on_average():
    generator = np.random.default_rng(12)
    first, second = generator.integers(1, 5, (2, 12)).astype(float)
    jitter = generator.random((2, 20_000, 12)) * 0.5
    drawn = top_overlap(first + jitter[0], second + jitter[1], top=5)["estimate"]
    expected = top_overlap(first, second, top=5)["estimate"][0]
    assert drawn.mean() == pytest.approx(expected, abs=4 * drawn.std() / np.sqrt(20_000))


def test_the_same_order_leaves_no_error_for_a_test():
    row = one(spearman, [1, 2, 3, 4], [2, 4, 6, 9])
    assert row["estimate"] == 1
    assert row["note"] == "no_residual_variation"
    assert np.isnan(row["p_value"]) and np.isnan(row["statistic"])


@every
@pytest.mark.parametrize(
    ("first", "note"),
    [
        ([3.4] * 5, "no_variation"),
        ([0.1 + 0.2, 0.3, 0.3, 0.3, 0.3], "no_variation"),  # differ in the last bit only
        ([1.0, 2, NAN, NAN, NAN], "too_few_answers"),
        ([NAN] * 5, "too_few_answers"),
    ],
)
def test_degenerate_profiles_give_a_reason(statistic, first, note):
    if statistic is EVERY["distinctive"]:
        first = np.array(first) + NORM[:5]
    row = one(statistic, first, [1, 5, 2, 4, 3])
    assert np.isnan(row["estimate"])
    assert row["note"] == note


def test_profiles_of_different_items_are_refused():
    with pytest.raises(ValueError, match="the same items, not 3 and 4"):
        spearman(np.ones(3), np.ones(4))
    with pytest.raises(ValueError, match="top must be at least 1 item, not 0"):
        top_overlap(np.ones(3), np.ones(3), top=0)
    with pytest.raises(ValueError, match=r"kind must be one of \('double_entry', 'absolute'\)"):
        profile_icc(np.ones(3), np.ones(3), kind="icc")


def test_more_places_than_items_are_no_overlap():
    row = top_overlap(np.array([1.0, 2, 3]), np.array([3.0, 2, 1]), top=4).iloc[0]
    assert (row["note"], np.isnan(row["estimate"])) == ("too_few_answers", True)


def test_rank_correlations_agree_with_scipy_and_are_fast():
    generator = np.random.default_rng(3)
    first = np.rint(generator.normal(14, 3, (2000, 30))) / 4
    second = np.rint(4 * first + generator.normal(0, 3, (2000, 30))) / 4
    started = time.perf_counter()
    tau = kendall_tau_b(first, second)
    assert time.perf_counter() - started < 2  # 0.03 s on an idle core
    rho = spearman(first, second)
    for i in range(0, 2000, 200):
        theirs = stats.kendalltau(first[i], second[i], method="asymptotic")
        np.testing.assert_allclose(
            tau.loc[i, ["estimate", "p_value"]].astype(float), theirs, rtol=1e-11
        )
        theirs = stats.spearmanr(first[i], second[i])
        np.testing.assert_allclose(
            rho.loc[i, ["estimate", "p_value"]].astype(float), theirs, rtol=1e-11
        )


# ---- relations ------------------------------------------------------------------------------


@every
@given(pair=pairs(), seed=st.integers(0, 99))
def test_replicates_stand_alone_and_roles_items_and_holes_do_not_matter(statistic, pair, seed):
    first, second = pair
    together = statistic(first, second)
    assert_same(statistic(first[-1], second[-1]), together.iloc[-1:])
    if statistic is EVERY["distinctive"]:  # has a profile of its own beside the two
        return
    items = np.random.default_rng(seed).permutation(first.shape[1])
    hole = np.full((len(first), 1), NAN)
    wider = statistic(np.hstack([second[:, items], hole]), np.hstack([first[:, items], hole + 3]))
    assert_same(wider.assign(n_dropped=wider["n_dropped"] - 1), together)


@shapes
@given(pair=pairs(), shift=st.integers(-3, 3))
def test_shape_ignores_level_and_unit_and_flips_when_one_is_reversed(statistic, pair, shift):
    first, second = pair
    expected = statistic(first, second)
    assert_same(statistic(shift - 4 * first, -second / 2), expected)
    flipped = statistic(-first, second)
    signed = [name for name in ("estimate", "statistic") if name in expected]
    assert_same(flipped.drop(columns=signed), expected.drop(columns=signed))
    np.testing.assert_allclose(flipped[signed], -expected[signed], rtol=1e-9, atol=1e-11)


@given(pair=pairs(), shift=st.integers(-3, 3))
def test_likeness_of_level_and_shape_keeps_a_common_change(pair, shift):
    first, second = pair
    for statistic in ICCS.values():
        changed = statistic(shift - 4 * first, shift - 4 * second)
        assert_same(changed, statistic(first, second))
    # Differences of level or spread only take away.
    entry, plain = profile_icc(*pair)["estimate"], profile_correlation(*pair)["estimate"]
    there = plain.notna() & (plain >= 0)
    assert (entry <= plain + 1e-12)[there].all()


@given(pairs())
def test_orders_survive_any_rising_change(pair):
    first, second = pair
    overlap = {"top_overlap": SYMMETRIC["top_overlap"]}
    for statistic in (ORDERS | overlap).values():
        assert_same(statistic(first**3, np.exp2(second)), statistic(first, second))
    assert SYMMETRIC["top_overlap"](first, second)["estimate"].dropna().between(0, 1).all()


@given(pairs())
def test_taking_off_a_common_profile_gives_the_distinctive_similarity(pair):
    first, second = pair
    norm = NORM[: first.shape[1]]
    assert_same(distinctive_similarity(first + norm, second + norm, norm),
                distinctive_similarity(first, second, 0 * norm))  # fmt: skip


# ---- importance and performance -------------------------------------------------------------


def test_quadrants_on_paper():
    # Means 3 and 3: item 0 matters and goes badly, 1 matters and goes well, 2 neither, 3 goes well.
    importance, performance = np.array([5.0, 4, 2, 1]), np.array([1.0, 5, 2, 4])
    table = importance_performance(importance, performance)
    assert table["quadrant"].tolist() == list(QUADRANTS)
    assert table["n_replicates"].tolist() == [0] * 4
    assert table["share_keep_up"].isna().all()


def test_an_item_on_a_line_is_in_no_quadrant_and_counts_half_to_either_side():
    table = importance_performance(
        np.array([3.0, 4]), np.array([4.0, 4]), lines="midpoint", midpoint=3,
        importance_replicates=np.array([[3.0, 4], [4, 4]]), performance_replicates=np.array([4.0, 2]),
    )  # fmt: skip
    assert table["quadrant"].tolist() == ["on_the_line", "keep_up"]
    assert table["share_keep_up"].tolist() == [0.75, 0]
    assert table["share_possible_overkill"].tolist() == [0.25, 0]
    assert table["share_concentrate_here"].tolist() == [0, 1]


def test_a_flat_profile_has_no_quadrants_about_its_own_mean():
    flat, other = np.full(4, 0.1), np.array([1.0, 2, 3, NAN])
    table = importance_performance(flat, other)
    assert table["quadrant"].tolist() == [""] * 4
    assert table["note"].tolist() == ["no_variation"] * 3 + ["too_few_answers"]
    assert importance_performance(flat, other, lines="midpoint", midpoint=3)["note"][0] == ""


def test_the_midpoint_must_be_given():
    with pytest.raises(ValueError, match="needs the midpoint of the scale"):
        importance_performance(np.ones(3), np.ones(3), lines="midpoint")
    with pytest.raises(ValueError, match=r"lines must be one of \('grand_mean', 'midpoint'\)"):
        importance_performance(np.ones(3), np.ones(3), lines="median")
    with pytest.raises(ValueError, match="same items"):
        importance_performance(np.ones(3), np.ones(4))


SWAPPED = dict(
    zip(
        QUADRANTS, ("possible_overkill", "keep_up", "low_priority", "concentrate_here"), strict=True
    )
)
REVERSED = dict(
    zip(
        QUADRANTS, ("possible_overkill", "low_priority", "keep_up", "concentrate_here"), strict=True
    )
)


@pytest.mark.parametrize("lines", ["grand_mean", "midpoint"])
@given(pair=pairs())
def test_quadrants_follow_their_items(lines, pair):
    first, second = pair
    options = {"lines": lines, "midpoint": 3.0}

    def quadrants(x, y, **changed):
        draws = {"importance_replicates": x, "performance_replicates": y}
        return importance_performance(x[0], y[0], **{**options, **changed}, **draws)

    table = quadrants(first, second)
    shares = [f"share_{name}" for name in QUADRANTS]
    there = table["n_replicates"] > 0
    np.testing.assert_allclose(table.loc[there, shares].sum(axis=1), 1, rtol=1e-12)
    assert table.loc[~there, shares].isna().all(axis=None)
    assert_same(quadrants(4 * first - 2, 4 * second - 2, midpoint=10.0).drop(columns=["importance", "performance"]),
                table.drop(columns=["importance", "performance"]))  # fmt: skip
    for other, names in (
        (quadrants(second, first), SWAPPED),
        (quadrants(6 - first, 6 - second), REVERSED),
    ):
        assert other["quadrant"].tolist() == [names.get(q, q) for q in table["quadrant"]]
        for name in QUADRANTS:
            np.testing.assert_allclose(
                other[f"share_{names[name]}"], table[f"share_{name}"], atol=1e-12
            )
