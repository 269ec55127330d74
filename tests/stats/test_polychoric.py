"""Polychoric correlations, their covariance, and the same categories in every group."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import special
from tests.stats.oracle import ITERATIVE, matrix, reference
from tests.stats.oracles.polychoric import lower

from research.stats.estimates import (
    EMPTY_CATEGORY,
    NO_VARIATION,
    NOT_IDENTIFIED,
    TOO_FEW_ANSWERS,
)
from research.stats.factors.bivariate_normal import (
    bivariate_normal_cdf,
    bivariate_normal_density,
    cells,
    density_slope,
)
from research.stats.factors.categories import category_codes, harmonised_categories
from research.stats.factors.polychoric import ordinal_moments, polychoric

SHARED = Path(__file__).parents[2].parent / "shared"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared data folder is not on this machine"
)
# A case is 2 ms on an idle core, two or three of them an example; the file stays under 20 s.
slow = settings(max_examples=100)
nan = np.nan


def of_table(table) -> np.ndarray:
    """Two items whose table of counts is this one."""
    counts = np.array(table)
    cell = np.indices(counts.shape).reshape(2, -1).T
    return np.repeat(cell, counts.ravel(), axis=0).astype(float)


def of_pair(table) -> tuple[float, str]:
    found = ordinal_moments(of_table(table))
    return float(found.correlations[1, 0]), found.note


@st.composite
def answers(draw, least=2, most=40):
    """Two to four items of two to five categories, alike or not, some answers missing."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, p = draw(st.integers(least, most)), draw(st.integers(2, 4))
    common = generator.normal(size=(n, 1)) * generator.choice([0.2, 1.0, 2.0])
    values = common * generator.choice([-1, 1], p) + generator.normal(size=(n, p))
    limits = [np.sort(generator.normal(0, 1.3, generator.integers(1, 5))) for _ in range(p)]
    items = np.column_stack([np.digitize(v, c) for v, c in zip(values.T, limits, strict=True)])
    holes = generator.random((n, p)) < draw(st.sampled_from([0.0, 0.0, 0.15]))
    return np.where(holes, nan, items + 1.0)


# ---- the bivariate normal -------------------------------------------------------------------


def by_owen(x, y, r):
    """The same probability from Owen's T function, another way altogether (Owen 1956, eq. 2.1)."""
    root = np.sqrt((1 - r) * (1 + r))
    half = (special.ndtr(x) + special.ndtr(y) - (x * y < 0)) / 2
    first = special.owens_t(x, (y - r * x) / (x * root))
    return half - first - special.owens_t(y, (x - r * y) / (y * root))


def test_cdf_is_that_of_owens_t_to_fourteen_decimals():
    generator = np.random.default_rng(1)
    x, y = generator.normal(0, 1.7, (2, 6000))
    r = np.concatenate(
        [
            generator.uniform(-0.999, 0.999, 3000),
            generator.choice([-1, 1], 2000) * generator.uniform(0.92, 0.93, 2000),
            generator.choice([-1, 1], 1000) * (1 - 10 ** -generator.uniform(1, 5, 1000)),
        ]
    )
    y[::3] = np.sign(r[::3]) * x[::3] + generator.normal(0, 0.03, len(y[::3]))
    assert np.abs(bivariate_normal_cdf(x, y, r) - by_owen(x, y, r)).max() < 1e-14


def test_cdf_at_the_origin_is_sheppards():
    # P(X <= 0, Y <= 0) = 1/4 + arcsin(r) / 2 pi (Sheppard 1899).
    r = np.linspace(-1, 1, 401)
    expected = 0.25 + np.arcsin(r) / (2 * np.pi)
    np.testing.assert_allclose(bivariate_normal_cdf(0.0, 0.0, r), expected, rtol=0, atol=1e-15)


@pytest.mark.parametrize("r", [-1.0, -0.95, -0.3, 0.0, 0.6, 0.93, 1.0])
def test_cdf_with_an_infinite_limit_is_the_margin_or_nothing(r):
    x = np.array([-1.3, 0.0, 2.0])
    margin = special.ndtr(x)
    np.testing.assert_allclose(bivariate_normal_cdf(x, np.inf, r), margin, rtol=0, atol=1e-15)
    np.testing.assert_allclose(bivariate_normal_cdf(-np.inf, x, r), 0.0, rtol=0, atol=1e-15)


def test_cdf_at_perfect_correlation_is_the_smaller_or_the_overlap():
    x, y = np.array([0.3, -1.0, 1.5]), np.array([0.5, 0.2, -0.7])
    smaller = special.ndtr(np.minimum(x, y))
    overlap = np.maximum(special.ndtr(x) - special.ndtr(-y), 0)
    np.testing.assert_allclose(bivariate_normal_cdf(x, y, 1.0), smaller, atol=1e-15)
    np.testing.assert_allclose(bivariate_normal_cdf(x, y, -1.0), overlap, atol=1e-15)
    assert np.isnan(bivariate_normal_cdf(0.0, 0.0, 1.01))


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(-0.99, 0.99))
def test_density_and_its_slope_are_the_derivatives_to_the_correlation(x, y, r):
    step = 1e-5 * (1 - abs(r))
    cdf = bivariate_normal_cdf(x, y, r + step) - bivariate_normal_cdf(x, y, r - step)
    density = bivariate_normal_density(x, y, r)
    assert cdf / (2 * step) == pytest.approx(density, rel=1e-5, abs=1e-8)
    around = [bivariate_normal_density(x, y, r + s) for s in (-step, step)]
    slope = density * density_slope(x, y, r)
    assert (around[1] - around[0]) / (2 * step) == pytest.approx(slope, rel=1e-4, abs=1e-6)


# ---- by hand --------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.05, 0.1, 0.2, 0.25, 0.3, 0.45])
def test_two_items_split_at_their_medians_give_sheppards_sine(share):
    # p11 = 1/4 + arcsin(r) / 2 pi, so r = sin(2 pi (p11 - 1/4)) = sin(pi/2 (4 p11 - 1)).
    same, other = round(share * 200), round((0.5 - share) * 200)
    found, note = of_pair([[same, other], [other, same]])
    assert found == pytest.approx(np.sin(np.pi / 2 * (4 * share - 1)), abs=1e-13)
    assert note == ""


def test_thresholds_are_normal_quantiles_of_the_cumulative_shares():
    # Ten answers 1 1 2 2 2 4 4 4 4 7: shares below .2, .5, .9; 3 occurs nowhere and is no category.
    found = ordinal_moments(np.array([1, 1, 2, 2, 2, 4, 4, 4, 4, 7.0]))
    expected = [-0.8416212335729142, 0.0, 1.2815515655446004]  # tables of the normal quantile
    np.testing.assert_allclose(found.thresholds, expected, atol=1e-14)
    assert found.threshold_item.tolist() == [0, 0, 0]


def test_covariance_of_two_independent_halves_by_hand():
    # Threshold: p(1 - p) / phi(0)^2 = (1/4) 2 pi = pi/2. Correlation: all four cells have chance
    # 1/4 and slope phi(0)^2 = 1 / 2 pi, so the information is 4 (1 / 2 pi)^2 / (1/4) / 4 = 4 / pi^2
    # a person, and the variance pi^2 / 4. At r = 0 nothing covaries.
    found = ordinal_moments(of_table([[5, 5], [5, 5]]))
    expected = np.diag([np.pi / 2, np.pi / 2, np.pi**2 / 4])
    np.testing.assert_allclose(found.covariance, expected, atol=1e-13)


def test_covariance_of_thresholds_of_two_items_is_the_delta_method():
    # cov(F_a, G_b) = P(a and b) - F_a G_b, and a quantile's derivative is 1 / phi(threshold).
    table = np.array([[6, 3, 1], [2, 5, 4]])
    found = ordinal_moments(of_table(table))
    shares = table / table.sum()
    first, second = shares.sum(axis=1).cumsum()[0], shares.sum(axis=0).cumsum()[:2]
    together = shares[0].cumsum()[:2]
    phi = np.exp(-(found.thresholds**2) / 2) / np.sqrt(2 * np.pi)
    expected = (together - first * second) / (phi[0] * phi[1:])
    np.testing.assert_allclose(found.covariance[0, 1:3], expected, atol=1e-13)


def test_one_empty_cell_of_two_by_two_gets_half_an_answer_with_the_margins_kept():
    # 9 0 / 4 7 becomes 8.5 0.5 / 4.5 6.5: the correlation at which P(both low) = 8.5 / 20.
    found, note = of_pair([[9, 0], [4, 7]])
    limits = special.ndtri([9 / 20, 13 / 20])
    assert bivariate_normal_cdf(*limits, found) == pytest.approx(8.5 / 20, abs=1e-13)
    assert note == ""


def test_empty_cells_of_a_larger_table_are_left_alone():
    table = np.array([[8, 2, 0], [3, 9, 1], [0, 4, 6]])
    found, _ = of_pair(table)
    filled, _ = of_pair(np.maximum(2 * table, 1))  # half an answer in each, and all twice
    assert found > filled + 0.01


# ---- against R on real data -----------------------------------------------------------------


def real_items(name: str) -> np.ndarray:
    def of(*path) -> pd.DataFrame:
        return pd.read_csv(SHARED.joinpath("data", *path))

    def numbered(stem: str, n: int) -> list[str]:
        return [f"{stem}{i}" for i in range(1, n + 1)]

    if name == "bfi_agreeableness_neuroticism":
        table = of("bfi_gender", "bfi.csv")[numbered("A", 5) + numbered("N", 5)]
    elif name == "army_leadership":
        table = of("army_units_leadership", "bhr2000.csv").filter(regex="^A[FPS][0-9]+$")
    elif name == "mobile":
        names = [*numbered("like_", 3), *numbered("comp_", 3), *numbered("cusl_", 3)]
        table = of("mobile_customers_reputation", "corp_rep.csv")[names + numbered("qual_", 8)]
        table = table.replace(-99, nan)
    else:
        table = of("fairplayer_self_teacher", "fairplayer_long.csv")
        chosen = (table["wave"] == 1) & (table["rater"] == name.removeprefix("fairplayer_"))
        table = table.loc[chosen].filter(regex="^EM")
    return table.to_numpy(float)


@needs_shared
@pytest.mark.parametrize("missing", ["pairwise", "listwise"])
@pytest.mark.parametrize("name", [n for n in reference("polychoric_shared") if n != "versions"])
def test_real_answers_give_lavaans_thresholds_correlations_and_covariance(name, missing):
    # make_polychoric_shared.R: lavaan 0.6-14; its own optimiser stops 1e-8 to 1e-7 early.
    expected = reference("polychoric_shared")[name][missing]
    found = ordinal_moments(real_items(name), missing=missing)
    correlations = lower(found.correlations, diagonal=False)
    assert (found.n, found.note) == (expected["n"], "")
    np.testing.assert_allclose(found.thresholds, expected["thresholds"], atol=1e-12)
    np.testing.assert_allclose(correlations, expected["correlations"], atol=1e-10)
    np.testing.assert_allclose(correlations, expected["lavaan_correlations"], atol=1e-6)
    covariance = found.covariance
    for ours, theirs in (
        (np.diag(covariance), "covariance_diagonal"),
        (covariance[0], "covariance_first"),
        (covariance[-1], "covariance_last"),
        (covariance.sum(), "covariance_sum"),
    ):
        np.testing.assert_allclose(ours, expected[theirs], rtol=1e-8, atol=1e-9, err_msg=theirs)


@needs_shared
def test_all_bfi_items_give_the_correlations_of_lavaan_and_of_psych():
    # r_reference.json: complete cases, seven items reversed. psych's optimize() stops at 1e-5.
    expected = json.loads((SHARED / "reference" / "r_reference.json").read_text(encoding="utf-8"))
    items = pd.read_csv(SHARED / "data" / "bfi_gender" / "bfi.csv").filter(regex="^[ACENO][1-5]$")
    reversed_items = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
    items[reversed_items] = 7 - items[reversed_items]
    found = polychoric(items.dropna().to_numpy(float))
    np.testing.assert_allclose(found, np.array(expected["poly_lavCor"]), rtol=0, atol=1e-6)
    for name in ("poly_psych_default", "poly_psych_nocorr"):
        np.testing.assert_allclose(found, np.array(expected[name]), rtol=0, atol=5e-5)


COMPARED = [r for r in reference("polychoric")["items"] if "why" not in r["expected"]["polychoric"]]


@pytest.mark.parametrize("record", [pytest.param(r, id=r["name"]) for r in COMPARED])
def test_lavaan_and_polycor_as_they_come_are_near(record):
    # lavaan stops at 1e-10 of the likelihood, polycor's optimize() at 1e-4 of the correlation.
    found = lower(polychoric(matrix(record["items"])), diagonal=False)
    second = record["expected"]["polychoric"]["second"]
    np.testing.assert_allclose(found, second["lavaan"], rtol=0, atol=ITERATIVE)
    if "polycor" in second:
        np.testing.assert_allclose(found, second["polycor"], rtol=0, atol=2e-4)


# ---- relations ------------------------------------------------------------------------------


def same(found, expected, *, rtol=1e-7, atol=1e-8) -> None:
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=atol)


def assert_same_moments(found, expected, **tolerance) -> None:
    assert found.note == expected.note
    for part in ("thresholds", "correlations", "covariance", "threshold_item"):
        same(getattr(found, part), getattr(expected, part), **tolerance)


@slow
@given(answers(), st.randoms(use_true_random=False))
def test_order_of_people_and_names_of_categories_do_not_matter(items, random):
    base = ordinal_moments(items)
    order = random.sample(range(len(items)), len(items))
    assert_same_moments(ordinal_moments(items[order]), base)
    assert_same_moments(ordinal_moments(np.exp(items) - 40), base)


@slow
@given(answers(), st.randoms(use_true_random=False))
def test_order_of_items_moves_the_numbers_along(items, random):
    p = items.shape[1]
    order = np.array(random.sample(range(p), p))
    base, moved = ordinal_moments(items), ordinal_moments(items[:, order])
    same(moved.correlations, base.correlations[np.ix_(order, order)])
    place = np.concatenate([np.flatnonzero(base.threshold_item == j) for j in order])
    number = np.zeros((p, p), dtype=int)
    first, second = np.triu_indices(p, k=1)
    number[first, second] = number[second, first] = np.arange(len(first))
    place = np.append(place, len(base.thresholds) + number[order[first], order[second]])
    same(moved.covariance, base.covariance[np.ix_(place, place)])
    assert moved.note == base.note


@slow
@given(answers())
def test_a_reversed_item_mirrors_its_thresholds_and_flips_its_correlations(items):
    turned = items.copy()
    turned[:, 0] = 6 - turned[:, 0]
    base, found = ordinal_moments(items), ordinal_moments(turned)
    own = int((base.threshold_item == 0).sum())
    sign = np.ones(items.shape[1])
    sign[0] = -1
    first, second = np.triu_indices(items.shape[1], k=1)
    same(found.correlations, base.correlations * np.outer(sign, sign))
    same(found.thresholds[:own], -base.thresholds[:own][::-1])
    place = np.append(np.arange(own)[::-1], np.arange(own, len(base.covariance)))
    sign = np.concatenate([-np.ones(own), np.ones(len(base.thresholds) - own), sign[first]])
    same(found.covariance, base.covariance[np.ix_(place, place)] * np.outer(sign, sign))
    assert found.note == base.note


@slow
@given(answers(), st.sampled_from(["pairwise", "listwise"]))
def test_everybody_twice_changes_only_n(items, missing):
    base = ordinal_moments(items, missing=missing)
    found = ordinal_moments(np.vstack([items, items]), missing=missing)
    assert found.n == 2 * base.n
    same(found.thresholds, base.thresholds)
    # Half an answer in an empty cell of a two-by-two table weighs less among twice as many; and
    # twice the information may be enough.
    used = items[~np.isnan(items).any(axis=1)] if missing == "listwise" else items
    binary = category_codes(used).n_categories <= 2
    unknown = [np.isnan(m.correlations).any() for m in (base, found)]
    kept = ~(binary[:, None] & binary) & ~np.isnan(base.correlations)
    same(found.correlations[kept], base.correlations[kept])
    if binary.sum() < 2 and not any(unknown):
        assert_same_moments(found, base)


@slow
@given(answers())
def test_an_item_nobody_answered_moves_nothing_else(items):
    base = ordinal_moments(items)
    found = ordinal_moments(np.column_stack([items, np.full(len(items), nan)]))
    p = items.shape[1]
    same(found.correlations[:p, :p], base.correlations)
    same(found.thresholds, base.thresholds)
    kept = np.triu_indices(p + 1, k=1)[1] < p
    kept = np.append(np.ones(len(base.thresholds), dtype=bool), kept)
    same(found.covariance[np.ix_(kept, kept)], base.covariance)
    assert found.note == TOO_FEW_ANSWERS
    assert np.isnan(found.correlations[p, :p]).all()


@slow
@given(answers())
def test_numbers_are_finite_or_missing_with_a_reason(items):
    found = ordinal_moments(items)
    numbers = [found.thresholds, found.correlations, found.covariance]
    assert not any(np.isinf(x).any() for x in numbers)
    assert np.isnan(found.correlations).any() <= (found.note != "")
    assert np.isnan(found.covariance).any() == np.isnan(found.correlations).any()
    known = ~np.isnan(np.diag(found.covariance))
    values = np.linalg.eigvalsh(found.covariance[np.ix_(known, known)])
    assert values.min(initial=0) > -1e-8 * values.max(initial=1)


def log_likelihood(items: np.ndarray, grid: np.ndarray) -> np.ndarray:
    """That of a pair at correlations of a grid; thresholds from the margins of all answers."""
    limits = []
    for column in items.T:
        there = column[~np.isnan(column)]
        shares = np.cumsum(np.unique(there, return_counts=True)[1])[:-1] / len(there)
        limits.append(np.concatenate([[-np.inf], special.ndtri(shares), [np.inf]]))
    answered = category_codes(items)
    both = ~np.isnan(items).any(axis=1)
    chance = cells(
        bivariate_normal_cdf(limits[0][:, None], limits[1][None, :], grid[:, None, None])
    )
    own = chance[:, answered.codes[both, 0], answered.codes[both, 1]]
    return np.log(np.maximum(own, 1.5e-8)).sum(axis=1)


@slow
@given(answers())
def test_no_other_correlation_makes_the_answers_more_likely(items):
    items = items[:, :2]
    items = items[~np.isnan(items).all(axis=1)]
    assume((category_codes(items).n_categories > 1).all())
    assume((category_codes(items).n_categories > 2).any())  # half an answer: another table
    found = ordinal_moments(items, with_covariance=False)
    grid = np.linspace(-0.9985, 0.9985, 41)
    highest = log_likelihood(items, grid).max()
    if found.note == "":
        best = log_likelihood(items, found.correlations[0, 1:])[0]
        assert best >= highest - 1e-8
    elif found.note == NOT_IDENTIFIED:
        # Rising to an end, or so flat that information below 1/4 makes no more than 1/8 of it.
        at_the_ends = log_likelihood(items, np.array([-0.999, 0.999])).max()
        assert at_the_ends >= highest - 0.125


# ---- traps ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ([[0, 5, 3], [4, 9, 1], [2, 0, 0]], -0.79460),
        ([[1, 1, 0, 0], [0, 1, 3, 0], [0, 0, 4, 3], [0, 1, 0, 12]], 0.85717),
        ([[0, 1, 17], [0, 0, 1], [11, 0, 15]], -0.75368),
    ],
)
def test_a_step_to_where_the_answers_are_impossible_is_taken_back(table, expected):
    # Newton's step from the product-moment correlation lands where some cells have no chance at
    # all, and the score there points on to the end. Expected: the top of the likelihood on a grid.
    grid = np.linspace(expected - 0.01, expected + 0.01, 2001)
    top = grid[log_likelihood(of_table(table), grid).argmax()]
    found, note = of_pair(table)
    assert found == pytest.approx(top, abs=1e-5)
    assert found == pytest.approx(expected, abs=1e-5)
    assert note == ""


@pytest.mark.parametrize(
    ("table", "note"),
    [
        ([[5, 0], [0, 5]], NOT_IDENTIFIED),
        ([[0, 5], [5, 0]], NOT_IDENTIFIED),
        ([[3, 0, 0], [0, 4, 0], [0, 0, 5]], NOT_IDENTIFIED),
        ([[4, 2, 0], [0, 3, 0], [0, 1, 6]], NOT_IDENTIFIED),  # never contradicting
        ([[37, 7, 1], [7, 0, 0], [1, 0, 0]], NOT_IDENTIFIED),  # flat from -.96 on
        ([[0, 0, 1], [0, 0, 4], [1, 4, 35]], NOT_IDENTIFIED),
        ([[5, 5]], NO_VARIATION),
        ([[3], [4]], NO_VARIATION),
        ([[7]], NO_VARIATION),
        ([[1]], TOO_FEW_ANSWERS),
        ([[0]], TOO_FEW_ANSWERS),
        ([[1, 0], [0, 1]], NOT_IDENTIFIED),
    ],
)
def test_no_correlation_but_a_reason(table, note):
    found, said = of_pair(table)
    assert np.isnan(found)
    assert said == note


def test_one_bad_pair_leaves_the_other_correlations_alone():
    generator = np.random.default_rng(4)
    items = np.digitize(generator.normal(size=(60, 3)), [-0.5, 0.5]).astype(float)
    twin = np.column_stack([items, items[:, 0]])
    base, found = ordinal_moments(items), ordinal_moments(twin)
    assert found.note == NOT_IDENTIFIED
    assert np.argwhere(np.isnan(found.correlations)).tolist() == [[0, 3], [3, 0]]
    same(found.correlations[:3, :3], base.correlations)
    same(found.correlations[3, 1:3], base.correlations[0, 1:])


def test_flat_likelihood_with_other_peoples_margins_is_no_estimate():
    # Nobody who answered both was in the middle; from about -.8 on nothing changes any more.
    both = of_table([[0, 0, 0], [0, 0, 4], [0, 4, 35]])
    alone = np.array([[0, nan], [0, nan], [nan, 0], [nan, 0]])
    found = ordinal_moments(np.vstack([both, alone]))
    assert np.isnan(found.correlations[0, 1])
    assert found.note == NOT_IDENTIFIED


def test_pairwise_thresholds_come_from_all_answers_to_the_item():
    items = of_table([[6, 2], [3, 7]])
    more = np.vstack([items, [[0.0, nan]] * 10, [[nan, nan]] * 3])
    found = ordinal_moments(more)
    assert found.thresholds[0] == pytest.approx(special.ndtri(18 / 28), abs=1e-14)
    assert found.n == 28  # who answered nothing does not count
    listwise = ordinal_moments(more, missing="listwise")
    assert_same_moments(listwise, ordinal_moments(items))
    assert listwise.n == 18


def test_items_never_answered_together_have_no_correlation_but_thresholds():
    items = np.vstack([[[0, nan]] * 3, [[1, nan]] * 3, [[nan, 0]] * 2, [[nan, 1]] * 2])
    found = ordinal_moments(items)
    np.testing.assert_allclose(found.thresholds, [0, 0], atol=1e-15)
    assert np.isnan(found.correlations[0, 1])
    assert found.note == TOO_FEW_ANSWERS


def test_without_covariance_the_rest_is_the_same():
    items = of_table([[6, 2, 1], [3, 7, 4]])
    full, part = ordinal_moments(items), ordinal_moments(items, with_covariance=False)
    np.testing.assert_array_equal(part.correlations, full.correlations)
    assert np.isnan(part.covariance).all()
    assert part.covariance.shape == full.covariance.shape == (4, 4)


def test_more_people_than_one_block_are_all_counted():
    items = of_table([[600, 200, 100], [300, 700, 400]])
    items = np.column_stack([items, np.random.default_rng(2).permutation(items[:, 1])])
    small = ordinal_moments(items)
    large = ordinal_moments(np.tile(items, (5, 1)))
    assert_same_moments(large, small)
    assert large.n == 11500


def test_a_wrong_word_for_missing_lists_the_right_ones():
    with pytest.raises(Exception, match="pairwise.*listwise"):
        ordinal_moments(of_table([[1, 1], [1, 1]]), missing="drop")


def test_measurements_are_not_taken_for_categories():
    with pytest.raises(ValueError, match="150 values"):
        polychoric(np.random.default_rng(1).normal(size=(150, 2)))


# ---- the same categories in every group -----------------------------------------------------


def harmonised(*groups):
    """One item; the answers of each group."""
    column = np.concatenate([np.array(g, dtype=float) for g in groups])
    label = np.repeat([chr(ord("a") + i) for i in range(len(groups))], [len(g) for g in groups])
    return harmonised_categories(column[:, None], label)


ALL_FIVE = [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("lacking", "merges", "codes"),
    [
        (ALL_FIVE, [], [0, 1, 2, 3, 4]),
        ([2, 3, 4, 5], [(1, 2)], [0, 0, 1, 2, 3]),
        ([1, 2, 3, 4], [(5, 4)], [0, 1, 2, 3, 3]),
        ([1, 3, 4, 5], [(2, 3)], [0, 1, 1, 2, 3]),
        ([3, 4, 5], [(1, 2), (2, 3)], [0, 0, 0, 1, 2]),
        ([2, 3, 4], [(1, 2), (5, 4)], [0, 0, 1, 2, 2]),
        ([4, 5], [(1, 2), (2, 3), (3, 4)], [0, 0, 0, 0, 1]),
        ([1, 2, 4, 5], [(3, 2)], [0, 1, 1, 2, 3]),  # as many answers on both sides: lower
        ([1, 2, 4, 5, 2, 2], [(3, 4)], [0, 1, 2, 2, 3]),  # fewer answers above
        ([1, 2, 2, 4], [(5, 4), (3, 2)], [0, 1, 1, 2, 2]),  # the farthest first: 4 and 5 are many
    ],
)
def test_a_category_empty_in_one_group_goes_with_its_neighbour(lacking, merges, codes):
    found = harmonised(ALL_FIVE, lacking)
    assert list(zip(found.merged["category"], found.merged["merged_with"], strict=True)) == merges
    assert found.codes[:5, 0].tolist() == codes
    assert set(found.merged["group"]) <= {"b"}
    assert found.refused.empty


def test_both_groups_that_lack_a_category_are_named():
    found = harmonised([1, 2, 3], [2, 3], [2, 3])
    assert found.merged.to_dict("records") == [
        {"item": 0, "category": 1.0, "merged_with": 2.0, "group": "b, c"}
    ]


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        (([1, 2, 3], [2, 2]), EMPTY_CATEGORY),
        (([1, 2], [3, 4]), EMPTY_CATEGORY),
        (([4, 4], [4]), EMPTY_CATEGORY),
        (([1, 2, 3], [nan, nan]), TOO_FEW_ANSWERS),
        (([nan], [nan]), TOO_FEW_ANSWERS),
    ],
)
def test_an_item_without_two_common_categories_is_refused(groups, reason):
    found = harmonised(*groups)
    assert found.refused.to_dict("records") == [{"item": 0, "note": reason}]
    assert np.isnan(found.codes).all()
    assert found.merged.empty


def test_harmonising_nobody_refuses_every_item():
    found = harmonised_categories(np.empty((0, 2)), np.array([]))
    assert found.refused["item"].tolist() == [0, 1]


@given(answers(most=25), st.randoms(use_true_random=False))
def test_every_group_has_every_category_and_order_and_holes_stay(items, random):
    group = np.array([random.choice("xyz") for _ in items])
    found = harmonised_categories(items, group)
    refused = set(found.refused["item"])
    for j, (column, codes) in enumerate(zip(items.T, found.codes.T, strict=True)):
        if j in refused:
            continue
        there = ~np.isnan(codes)
        assert (there == ~np.isnan(column)).all()
        wanted = set(range(int(codes[there].max()) + 1))
        assert len(wanted) >= 2
        assert all(set(codes[there & (group == g)]) == wanted for g in set(group))
        order = np.argsort(column[there], kind="stable")
        assert (np.diff(codes[there][order]) >= 0).all()
        n_merges = int((found.merged["item"] == j).sum())
        assert len(wanted) == len(np.unique(column[there])) - n_merges


@slow
@given(answers(most=25), st.randoms(use_true_random=False))
def test_names_of_groups_and_order_of_people_do_not_change_the_codes(items, random):
    group = np.array([random.choice("xyz") for _ in items])
    other = np.array([{"x": 30, "y": 1, "z": 7}[g] for g in group])
    order = random.sample(range(len(items)), len(items))
    base = harmonised_categories(items, group)
    moved = harmonised_categories(items[order], other[order])
    np.testing.assert_array_equal(moved.codes, base.codes[order])
    columns = ["item", "category", "merged_with"]
    pd.testing.assert_frame_equal(moved.merged[columns], base.merged[columns])


# ---- people nested in clusters -----------------------------------------------------------------


def test_everybody_a_cluster_of_their_own_gives_the_covariance_of_independent_people():
    items = np.random.default_rng(5).integers(1, 6, (60, 4)).astype(float)
    moments = ordinal_moments(items, cluster=np.arange(60))
    together = moments.n * moments.of_clusters.T @ moments.of_clusters
    np.testing.assert_allclose(together, moments.covariance, rtol=1e-9, atol=1e-10)


def test_what_all_people_move_the_moments_by_is_nothing():
    # The estimates are where the scores add up to zero.
    items = np.random.default_rng(6).integers(1, 4, (80, 3)).astype(float)
    items[::7, 1] = np.nan
    moments = ordinal_moments(items, cluster=np.repeat(["x", "y", "z", "w"], 20))
    np.testing.assert_allclose(moments.of_clusters.sum(axis=0), 0.0, atol=1e-9)


def test_threshold_of_clusters_that_agree_within_is_as_uncertain_as_their_number():
    # Two halves: all of one say 1, all of the other 2. By hand: the threshold is 0, its density
    # .3989; every cluster of ten of n = 40 moves it by -+ 10 * .5 / (40 * .3989).
    items = np.column_stack([np.repeat([1.0, 1.0, 2.0, 2.0], 10), np.tile([1.0, 2.0], 20)])
    moments = ordinal_moments(items, cluster=np.repeat(np.arange(4), 10))
    expected = 10 * 0.5 / (40 * 0.3989422804014327)
    np.testing.assert_allclose(np.abs(moments.of_clusters[:, 0]), expected, rtol=1e-9)


def test_order_and_names_of_clusters_do_not_matter():
    generator = np.random.default_rng(7)
    items = generator.integers(1, 6, (90, 3)).astype(float)
    cluster = generator.integers(0, 6, 90)
    order = generator.permutation(90)
    base = ordinal_moments(items, cluster=cluster).of_clusters
    found = ordinal_moments(items[order], cluster=np.array(list("fedcba"))[cluster[order]])
    np.testing.assert_allclose(found.of_clusters[::-1], base, rtol=1e-9, atol=1e-12)
