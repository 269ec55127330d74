"""Confirmatory factor models: on paper, the ladder of invariance, what must stay true, real data.

The values of lavaan on made data are compared in ``test_agreement``.
"""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from tests.stats.oracle import FOLDER, reference
from tests.stats.oracles import confirmatory as oracle

from research.stats.estimates import HEYWOOD, NOT_IDENTIFIED
from research.stats.factors import fit_indices
from research.stats.factors.categories import harmonised_categories
from research.stats.factors.continuous_fit import Sample, fit_continuous, sample_moments
from research.stats.factors.fit_indices import (
    comparative_fit,
    rmsea,
    rmsea_interval,
    standardised_residual,
    tucker_lewis,
)
from research.stats.factors.model import (
    FACTOR_MEAN,
    INTERCEPT,
    LOADING,
    RESIDUAL,
    THRESHOLD,
)
from research.stats.factors.ordinal_fit import fit_ordinal, scale_and_shift, scaled_difference
from research.stats.factors.patterns import Pattern
from research.stats.factors.polychoric import OrdinalMoments, ordinal_moments
from research.stats.factors.structure import STEPS, Structure, factor_model

SHARED = Path(__file__).parents[2].parent / "shared"
ALONG = tuple(step for step in STEPS if step != "thresholds")
on_this_machine = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared data folder is not on this machine"
)
# A hypothesis example here is a handful of model fits, up to 50 ms each.
few = settings(max_examples=10)


def statistic(chi_square, df, baseline, baseline_df, n=100, n_groups=1):
    return fit_indices.TestStatistic(
        chi_square=chi_square,
        df=df,
        baseline_chi_square=baseline,
        baseline_df=baseline_df,
        n=n,
        n_groups=n_groups,
    )


def continuous_sample(covariances, means=None, n=100):
    """A group with exactly these moments."""
    covariances = np.asarray(covariances, dtype=float)
    p = len(covariances)
    means = np.zeros(p) if means is None else np.asarray(means, dtype=float)
    pattern = Pattern(items=np.arange(p), means=means, covariances=covariances, n=n)
    log_likelihood = pattern.scores(means, covariances)[0]
    return Sample(
        means=means,
        covariances=covariances,
        patterns=[pattern],
        log_likelihood=log_likelihood,
        n=n,
        note="",
    )


def ordinal_sample(correlations, thresholds, n=101, variances=1.0):
    """A group of items with one threshold each and uncorrelated moments of equal precision."""
    correlations = np.asarray(correlations, dtype=float)
    p = len(correlations)
    return OrdinalMoments(
        thresholds=np.asarray(thresholds, dtype=float),
        threshold_item=np.arange(p),
        correlations=correlations,
        covariance=np.eye(p + p * (p - 1) // 2) * variances,
        n=n,
        note="",
    )


def made(seed, sizes=(90, 80), p=4, n_factors=1, levels=4, missing=0.0):
    """Answers 1 .. levels of a clear factor structure, group number, factor of each item."""
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(len(sizes)), sizes)
    factor_of = np.repeat(np.arange(n_factors), p // n_factors)
    factors = rng.normal(size=(len(group), n_factors)) + 0.4 * rng.normal(size=(len(group), 1))
    latent = factors[:, factor_of] * np.linspace(1.1, 0.7, p) + rng.normal(size=(len(group), p))
    latent += 0.2 * group[:, None]
    items = 1.0 + np.digitize(latent, np.linspace(-1.1, 1.2, levels - 1))
    items[rng.random(items.shape) < missing] = np.nan
    return items, group, tuple(int(f) for f in factor_of)


def ordinal(items, group, factor_of, step="configural", **options):
    samples = [ordinal_moments(items[group == g]) for g in np.unique(group)]
    structure = oracle.structure_of(items, factor_of, len(samples))
    return fit_ordinal(factor_model(structure, step=step, **options), samples)


def continuous(items, group, factor_of, step="configural", **options):
    samples = [sample_moments(items[group == g]) for g in np.unique(group)]
    structure = Structure(factor_of=factor_of, n_groups=len(samples))
    return fit_continuous(factor_model(structure, step=step, **options), samples)


def numbers(fit):
    """What of a fit does not hang on how people, items or groups are ordered."""
    tests = [fit.unscaled] + ([fit.scaled] if hasattr(fit, "scaled") else [])
    found = [fit.srmr, float(fit.df)]
    for test in tests:
        found += [*oracle.indices(test).values()]
    return np.array(found)


def assert_same_fit(one, other, *, rel=1e-6):
    """The same numbers; or a reason on either side, where the search leaves what can be."""
    if not (one.found and other.found):
        assert one.note != "" and other.note != ""
        return
    assert numbers(other) == pytest.approx(numbers(one), rel=rel, abs=rel, nan_ok=True)


# ---- on paper ------------------------------------------------------------------------------


def test_indices_of_two_groups():
    # 30 on 10 df against 130 on 20: CFI 1 - 20/110, TLI (6.5 - 3)/(6.5 - 1),
    # RMSEA sqrt(2 * 20 / (10 * 100)) = .2.
    test = statistic(30, 10, 130, 20, n_groups=2)
    assert comparative_fit(test) == pytest.approx(1 - 20 / 110, rel=1e-12)
    assert tucker_lewis(test) == pytest.approx(3.5 / 5.5, rel=1e-12)
    assert rmsea(test) == pytest.approx(0.2, rel=1e-12)


def test_p_value_of_two_degrees_of_freedom_is_an_exponential():
    assert statistic(6, 2, 50, 6).p_value == pytest.approx(np.exp(-3), rel=1e-12)


def test_a_model_better_than_chance_has_cfi_one_and_rmsea_zero():
    test = statistic(5, 10, 130, 20)
    assert (comparative_fit(test), rmsea(test)) == (1.0, 0.0)
    assert tucker_lewis(test) == pytest.approx((6.5 - 0.5) / 5.5, rel=1e-12)  # not cut off


def test_limits_of_rmsea_leave_five_percent_on_either_side():
    test = statistic(30, 10, 130, 20, n_groups=2)
    misfits = np.array(rmsea_interval(test)) ** 2 * 10 * 100 / 2
    assert stats.ncx2.cdf(30, 10, misfits) == pytest.approx([0.95, 0.05], abs=1e-9)


def test_limits_of_rmsea_of_a_good_model_start_at_zero():
    assert rmsea_interval(statistic(5, 10, 130, 20))[0] == 0.0
    assert rmsea_interval(statistic(1, 10, 130, 20)) == (0.0, 0.0)


def test_a_saturated_model_has_no_test():
    test = statistic(0, 0, 130, 3)
    assert np.isnan([test.p_value, tucker_lewis(test), rmsea(test), *rmsea_interval(test)]).all()
    assert comparative_fit(test) == 1.0


def test_srmr_weighs_groups_by_their_people():
    # Mean squares (0 + 0 + .04)/3 and (.01 + .02 + 0)/3, groups of 30 and 10.
    residuals = [np.array([0, 0, 0.2]), np.array([0.1, np.sqrt(0.02), 0])]
    expected = 0.75 * np.sqrt(0.04 / 3) + 0.25 * np.sqrt(0.03 / 3)
    assert standardised_residual(residuals, [30, 10]) == pytest.approx(expected, rel=1e-12)


def test_scale_and_shift_give_mean_and_variance_of_a_chi_square():
    # Traces 6 and 12 on 3 df: scale sqrt(3/12) = 1/2, shift 3 - 6/2 = 0; traces 5 and 9 of
    # diag(1, 2, 2): scale sqrt(3/9), shift 3 - 5 sqrt(1/3).
    assert scale_and_shift(np.diag([2.0, 2.0, 2.0]), 3) == pytest.approx((0.5, 0.0), abs=1e-12)
    expected = (np.sqrt(1 / 3), 3 - 5 * np.sqrt(1 / 3))
    assert scale_and_shift(np.diag([1.0, 2.0, 2.0]), 3) == pytest.approx(expected, rel=1e-12)


THREE = np.array([[1, 0.48, 0.40], [0.48, 1, 0.30], [0.40, 0.30, 1]])  # of loadings .8, .6, .5


def test_three_items_have_the_loadings_of_their_correlations():
    # l1 = sqrt(.48 * .40 / .30) = .8, and so on.
    model = factor_model(Structure(factor_of=(0, 0, 0)))
    fit = fit_continuous(model, [continuous_sample(THREE * 4)])
    matrices = fit.matrices()
    assert matrices.loadings[:, 0] == pytest.approx([1.6, 1.2, 1.0], abs=1e-8)
    assert matrices.residuals == pytest.approx([4 * 0.36, 4 * 0.64, 4 * 0.75], abs=1e-8)
    assert (fit.df, fit.note) == (0, "")
    assert fit.chi_square == pytest.approx(0, abs=1e-10)


@pytest.mark.parametrize("parametrisation", ["delta", "theta"])
def test_three_ordinal_items_have_the_loadings_of_their_correlations(parametrisation):
    # Theta: residual variance 1, so loadings and thresholds divide by sqrt(1 - l^2).
    structure = Structure(factor_of=(0, 0, 0), n_thresholds=(1, 1, 1))
    model = factor_model(structure, parametrisation=parametrisation)
    fit = fit_ordinal(model, [ordinal_sample(THREE, [0.5, 0, -1])])
    matrices, loadings = fit.matrices(), np.array([0.8, 0.6, 0.5])
    unit = np.sqrt(1 - loadings**2) if parametrisation == "theta" else np.ones(3)
    assert matrices.loadings[:, 0] * unit == pytest.approx(loadings, abs=1e-8)
    assert matrices.thresholds * unit == pytest.approx([0.5, 0, -1], abs=1e-8)


def test_the_first_loading_as_the_unit_moves_the_rest_into_the_factor():
    model = factor_model(Structure(factor_of=(0, 0, 0)), identified_by="first_loading")
    matrices = fit_continuous(model, [continuous_sample(THREE)]).matrices()
    assert matrices.loadings[:, 0] == pytest.approx([1, 0.75, 0.625], abs=1e-8)
    assert matrices.factor_covariances[0, 0] == pytest.approx(0.64, abs=1e-8)


def test_least_squares_counts_people_less_one_a_group():
    # Group one has all correlations .3 and fits exactly; group two has one of .5 among them, so
    # all misfit is its. Every moment has variance 1: chi-square is 50 times its squared residuals,
    # of independence 100 * 6 * .3^2 + 50 * (5 * .3^2 + .5^2).
    structure = Structure(factor_of=(0,) * 4, n_thresholds=(1,) * 4)
    even = np.full((4, 4), 0.3) + 0.7 * np.eye(4)
    off = even.copy()
    off[0, 1] = off[1, 0] = 0.5
    second = ordinal_sample(off, np.zeros(4), n=51)
    alone = fit_ordinal(factor_model(structure), [second])
    samples = [ordinal_sample(even, np.zeros(4), n=101), second]
    both = fit_ordinal(factor_model(replace(structure, n_groups=2)), samples)
    for fit in (alone, both):
        assert fit.chi_square == pytest.approx(50 * alone.residuals @ alone.residuals, rel=1e-8)
    assert both.unscaled.baseline_chi_square == pytest.approx(54 + 35, rel=1e-12)


def test_a_shift_along_the_loadings_is_a_factor_mean():
    # The second group is (.8, .6, .5) higher on items with loadings (.8, .6, .5): factor mean 1.
    # 2 (3 + 6) moments; 3 loadings, 3 intercepts, 2 * 3 residuals, mean and variance: 4 df.
    structure = Structure(factor_of=(0, 0, 0), n_groups=2)
    samples = [continuous_sample(THREE), continuous_sample(THREE, [0.8, 0.6, 0.5])]
    fit = fit_continuous(factor_model(structure, step="intercepts"), samples)
    assert fit.chi_square == pytest.approx(0, abs=1e-8)
    assert fit.matrices(1).factor_means[0] == pytest.approx(1, abs=1e-7)
    assert fit.df == 4


# ---- the ladder ----------------------------------------------------------------------------

EQUAL_FROM = {THRESHOLD: "thresholds", LOADING: "loadings", RESIDUAL: "residuals"}


def entries(fit, kind, group):
    """Values of a kind in a group, in the order of the matrix."""
    table = fit.model.parameters
    here = np.flatnonzero(table.where(kind, group=group))
    return fit.values[here[np.lexsort((table.column[here], table.row[here]))]]


@pytest.mark.parametrize("kind", EQUAL_FROM)
@pytest.mark.parametrize("step", STEPS)
def test_what_a_step_says_is_equal_is_equal_and_nothing_before(kind, step):
    fit = oracle.ordinal("two_groups_differ", step, "theta", "factor_variance", "pairwise", ())
    first, second = entries(fit, kind, 0), entries(fit, kind, 1)
    reached = STEPS.index(step) >= STEPS.index(EQUAL_FROM[kind])
    if kind == RESIDUAL and step == "configural":
        reached = True  # both fixed: nothing else tells the unit of a group
    assert (np.abs(first - second) < 1e-12).all() == reached


@pytest.mark.parametrize("step", STEPS)
def test_intercepts_are_zero_where_equal_and_factor_means_free_only_then(step):
    fit = oracle.ordinal("two_groups_differ", step, "theta", "factor_variance", "pairwise", ())
    equal = STEPS.index(step) >= STEPS.index("intercepts")
    own = step in ("thresholds", "loadings")
    assert (entries(fit, INTERCEPT, 0) == 0).all()
    assert (entries(fit, INTERCEPT, 1) != 0).all() == own
    assert (entries(fit, FACTOR_MEAN, 0) == 0).all()
    assert (entries(fit, FACTOR_MEAN, 1) != 0).all() == equal


@pytest.mark.parametrize("step", ALONG)
def test_continuous_items_hold_equal_what_the_step_says(step):
    fit = oracle.continuous("two_groups_differ", step, "factor_variance", "listwise", ())
    for kind in (LOADING, INTERCEPT, RESIDUAL):
        needed = {**EQUAL_FROM, INTERCEPT: "intercepts"}[kind]
        same = np.abs(entries(fit, kind, 0) - entries(fit, kind, 1)) < 1e-12
        assert same.all() == (ALONG.index(step) >= ALONG.index(needed)), kind


def test_a_released_item_keeps_its_own_parameters_in_every_group():
    arguments = ("residuals", "theta", "factor_variance", "pairwise")
    fit = oracle.ordinal("two_groups_differ", *arguments, (0, 1))
    first, second = (np.concatenate([entries(fit, LOADING, g)]) for g in (0, 1))
    assert list(np.abs(first - second) < 1e-12) == [False] * 2 + [True] * 4
    held = oracle.ordinal("two_groups_differ", *arguments, ())
    # Two items of four thresholds, loading, intercept and residual (fixed in group two): 2 * 5.
    assert held.df - fit.df == 10


@pytest.mark.parametrize("name", ["two_groups", "two_groups_differ", "three_groups", "holes"])
def test_every_step_costs_and_none_gains(name):
    arguments = ("theta", "factor_variance", "pairwise", ())
    fits = [oracle.ordinal(name, step, *arguments) for step in STEPS]
    assert (np.diff([fit.chi_square for fit in fits]) > -1e-7).all()
    assert (np.diff([fit.df for fit in fits]) >= 0).all()


def test_three_categories_are_not_tested_by_equal_thresholds():
    # Two thresholds of group two against an intercept and a residual variance: the same model.
    items, group, factor_of = made(3, levels=3, sizes=(150, 150))
    fits = [ordinal(items, group, factor_of, step) for step in ("configural", "thresholds")]
    assert fits[0].df == fits[1].df
    assert fits[0].chi_square == pytest.approx(fits[1].chi_square, rel=1e-8)


def test_two_categories_are_not_tested_by_equal_thresholds():
    # A wrong model here (intercept fixed) would claim the same share of "yes" in both groups.
    items, group, factor_of = made(4, levels=2, sizes=(200, 200))
    fits = [ordinal(items, group, factor_of, step) for step in ("configural", "thresholds")]
    assert fits[0].df == fits[1].df
    assert fits[0].chi_square == pytest.approx(fits[1].chi_square, abs=1e-8)


# ---- what must stay true -------------------------------------------------------------------

seeds = st.integers(0, 10_000)


@few
@given(seed=seeds, step=st.sampled_from(STEPS))
def test_order_of_people_items_and_factors_does_not_matter(seed, step):
    items, group, factor_of = made(seed, p=6, n_factors=2)
    rng = np.random.default_rng(seed)
    rows, columns = rng.permutation(len(items)), rng.permutation(6)
    moved = items[rows][:, columns], group[rows], tuple(1 - factor_of[c] for c in columns)
    for fit in (ordinal, continuous):
        assert_same_fit(fit(items, group, factor_of, step), fit(*moved, step))


@few
@given(seed=seeds, step=st.sampled_from(STEPS))
def test_which_group_comes_first_does_not_matter(seed, step):
    items, group, factor_of = made(seed, sizes=(110, 80))
    for fit in (ordinal, continuous):
        assert_same_fit(fit(items, group, factor_of, step), fit(items, 1 - group, factor_of, step))


@few
@given(seed=seeds, step=st.sampled_from(STEPS))
def test_two_equal_groups_are_one_group_twice(seed, step):
    items, group, factor_of = made(seed, sizes=(120,))
    twice = np.vstack([items, items]), np.repeat([0, 1], 120), factor_of
    for fit in (ordinal, continuous):
        one, two = fit(items, group, factor_of), fit(*twice, step)
        if not one.found:
            assert two.note != ""
            continue
        assert two.chi_square == pytest.approx(2 * one.chi_square, rel=1e-6, abs=1e-7)
        baselines = [f.unscaled.baseline_chi_square for f in (one, two)]
        assert baselines[1] == pytest.approx(2 * baselines[0], rel=1e-9)
        # Several groups of continuous items count four means beside ten covariances.
        diluted = np.sqrt(10 / 14) if fit is continuous else 1.0
        assert two.srmr == pytest.approx(one.srmr * diluted, rel=1e-5, abs=1e-7)


@few
@given(seed=seeds, shift=st.floats(-50, 50), scale=st.floats(0.1, 20))
def test_unit_and_origin_of_continuous_items_do_not_matter(seed, shift, scale):
    items, group, factor_of = made(seed, sizes=(60, 50))
    holes = made(seed, sizes=(70,), missing=0.05)[0]
    for answers, members, step in ((items, group, "residuals"), (holes, np.zeros(70), STEPS[0])):
        one = continuous(answers, members, factor_of, step)
        assert_same_fit(
            one, continuous(answers * scale + shift, members, factor_of, step), rel=1e-5
        )


@few
@given(seed=seeds, step=st.sampled_from(STEPS[:4]))
def test_parametrisation_and_identification_change_no_fit(seed, step):
    items, group, factor_of = made(seed)
    delta = ordinal(items, group, factor_of, step, parametrisation="delta")
    assert_same_fit(ordinal(items, group, factor_of, step), delta)
    for fit in (ordinal, continuous):
        alone = items[group == 0], group[group == 0], factor_of
        assert_same_fit(fit(*alone), fit(*alone, identified_by="first_loading"))


@few
@given(seed=seeds)
def test_reversing_an_item_turns_its_loading_around(seed):
    items, group, factor_of = made(seed, sizes=(130,))
    turned = items.copy()
    turned[:, 2] = 5 - turned[:, 2]
    for fit in (ordinal, continuous):
        one, other = fit(items, group, factor_of), fit(turned, group, factor_of)
        assert_same_fit(one, other)
        if one.found:
            expected = one.matrices().loadings[:, 0] * [1, 1, -1, 1]
            assert other.matrices().loadings[:, 0] == pytest.approx(expected, rel=1e-4, abs=1e-5)


@few
@given(seed=seeds)
def test_people_without_any_answer_do_not_count(seed):
    items, group, factor_of = made(seed, sizes=(100,))
    empty = np.vstack([items, np.full((3, 4), np.nan)]), np.append(group, [0] * 3), factor_of
    for fit in (ordinal, continuous):
        one, other = fit(items, group, factor_of), fit(*empty)
        assert other.n == 100
        assert_same_fit(one, other)


def test_a_cost_of_nothing_is_nothing():
    items, group, factor_of = made(1)
    fit = ordinal(items, group, factor_of)
    assert scaled_difference(fit, fit) == (0.0, 0)


# ---- degenerate data -----------------------------------------------------------------------


def _bad(kind):
    items, group, factor_of = made(11, sizes=(60, 60))
    if kind == "constant item":
        items[:, 1] = 3
    elif kind == "constant item in one group":
        items[group == 1, 1] = 3
    elif kind == "identical items":
        items[:, 1] = items[:, 0]
    elif kind == "nobody answered":
        items[:] = np.nan
    elif kind == "nobody answered an item":
        items[:, 2] = np.nan
    elif kind == "an item never together":
        items[::2, 0] = np.nan
        items[1::2, 1:] = np.nan
    elif kind.startswith("people"):
        keep = int(kind.split()[1])
        chosen = np.concatenate([np.flatnonzero(group == g)[:keep] for g in (0, 1)])
        items, group = items[chosen], group[chosen]
    return items, group, factor_of


BAD = (
    "constant item",
    "constant item in one group",
    "identical items",
    "nobody answered",
    "nobody answered an item",
    "an item never together",
    *(f"people {n}" for n in (1, 2, 3, 4, 5)),
)


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("fit", [ordinal, continuous])
def test_degenerate_answers_give_a_reason_and_no_infinite_number(fit, kind):
    found = fit(*_bad(kind))
    assert found.note != ""
    if not found.found:
        values = [found.free, found.standard_errors, numbers(found)[[0, 2, 3]]]
        assert np.isnan(np.concatenate(values)).all()
    else:
        assert np.isfinite(found.free).all()


@pytest.mark.parametrize("fit", [ordinal, continuous])
def test_two_items_do_not_determine_a_factor(fit):
    items, group, _ = made(12, sizes=(100,))
    assert fit(items[:, :2], group, (0, 0)).note == NOT_IDENTIFIED


# r12 r13 / r23 = .56 * .56 / .3 > 1: the first item would share more than all it has.
IMPOSSIBLE = np.array([[1, 0.56, 0.56], [0.56, 1, 0.3], [0.56, 0.3, 1]])


def test_an_impossible_variance_is_told():
    model = factor_model(Structure(factor_of=(0, 0, 0)))
    fit = fit_continuous(model, [continuous_sample(IMPOSSIBLE)])
    assert fit.note == HEYWOOD
    assert fit.matrices().residuals[0] == pytest.approx(1 - 0.56**2 / 0.3, abs=1e-6)


def test_an_impossible_variance_of_ordinal_items_is_told():
    # A residual variance of 1 (theta) cannot be negative beside it: there no solution is found.
    structure = Structure(factor_of=(0, 0, 0), n_thresholds=(1, 1, 1))
    sample = ordinal_sample(IMPOSSIBLE, np.zeros(3))
    fit = fit_ordinal(factor_model(structure, parametrisation="delta"), [sample])
    assert fit.note == HEYWOOD
    assert fit.matrices().loadings[0, 0] == pytest.approx(np.sqrt(0.56**2 / 0.3), abs=1e-6)
    other = fit_ordinal(factor_model(structure, parametrisation="theta"), [sample])
    assert not other.found
    assert other.note != ""


def test_unknown_choices_are_named():
    structure = Structure(factor_of=(0, 0, 0))
    for option in ("step", "identified_by"):
        with pytest.raises(ValueError, match="configural" if option == "step" else "first"):
            factor_model(structure, **{option: "strict"})


# ---- real data -----------------------------------------------------------------------------


def _army(columns):
    data = pd.read_csv(SHARED / "data/army_units_leadership/bhr2000.csv")
    return data[columns].to_numpy(float), data["GRP"].to_numpy()


@cache
def shared_data(name):
    """Answers, group and factor of the items of a set of confirmatory_shared.json."""
    if name.startswith("army"):
        pairs = ["AF06", "AP33", "AS14", "AS16", "AF07", "AP34", "AS15", "AS17"]
        every = "AF06 AF07 AP12 AP17 AP33 AP34 AS14 AS15 AS16 AS17 AS28".split()
        items, company = _army(every if name == "army_one_factor" else pairs)
        group = company % 2 if name == "army_by_company_number" else 0 * company
        return items, group, (0,) * 11 if items.shape[1] == 11 else (0,) * 4 + (1,) * 4
    if name.startswith("mobile"):
        data = pd.read_csv(SHARED / "data/mobile_customers_reputation/corp_rep.csv")
        columns = [f"{scale}_{i}" for scale in ("like", "comp", "cusl") for i in (1, 2, 3)]
        items = data[columns].replace(-99, np.nan).to_numpy(float)
        kind = data["servicetype"].to_numpy()
        return (
            items,
            kind if name.endswith("servicetype") else 0 * kind,
            (0,) * 3 + (1,) * 3 + (2,) * 3,
        )
    data = pd.read_csv(SHARED / "data/fairplayer_self_teacher/fairplayer_long.csv")
    data = data[data["wave"] == 1]
    prefix = {"empathy": "EM", "aggression": "RA", "intelligence": "SI"}[name.split("_")[1]]
    items = data.filter(regex=f"^{prefix}").replace(11, np.nan).to_numpy(float)
    return items, data["rater"].to_numpy(), (0,) * items.shape[1]


@cache
def shared_moments(name):
    items, group, factor_of = shared_data(name)
    codes = harmonised_categories(items, group.astype(str)).codes
    samples = [ordinal_moments(codes[group == g]) for g in in_order(group)]
    return samples, oracle.structure_of(codes, factor_of, len(samples))


def in_order(group):
    """Groups as lavaan takes them: in the order in which they appear."""
    return pd.unique(pd.Series(group))


@cache
def shared_fit(kind, name, step, missing):
    if kind == "ordinal":
        samples, structure = shared_moments(name)
        parametrisation = "theta" if structure.n_groups > 1 else "delta"
        return fit_ordinal(
            factor_model(structure, step=step, parametrisation=parametrisation), samples
        )
    items, group, factor_of = shared_data(name)
    if missing == "listwise":
        complete = ~np.isnan(items).any(axis=1)
        items, group = items[complete], group[complete]
    groups = in_order(group)
    model = factor_model(Structure(factor_of=factor_of, n_groups=len(groups)), step=step)
    return fit_continuous(model, [sample_moments(items[group == g]) for g in groups])


def close(computed, expected, *, rel=1e-6):
    for column, value in expected.items():
        value = np.array(value, dtype=float)
        if column == "estimate":  # a factor may be turned around in lavaan
            computed, value = {**computed, column: np.abs(computed[column])}, np.abs(value)
        assert computed[column] == pytest.approx(value, rel=rel, abs=1e-6, nan_ok=True), column


def _shared_records(kind):
    file = FOLDER / "confirmatory_shared.json"
    return [
        pytest.param(kind, record, id=f"{kind} {record['name']}")
        for record in json.loads(file.read_text(encoding="utf-8"))[kind]
    ]


@on_this_machine
@pytest.mark.parametrize(
    ("kind", "record"), _shared_records("ordinal") + _shared_records("continuous")
)
def test_real_data_agree_with_lavaan(kind, record, monkeypatch):
    def fit_of(record, step=None):
        return shared_fit(kind, record["data"], step or record["step"], record["missing"])

    monkeypatch.setattr(oracle, f"{kind}_of", fit_of)
    expected = record["expected"]
    close(getattr(oracle, f"{kind}_fit")(record), expected[f"{kind}_fit"])
    close(oracle.estimates(fit_of(record)), expected[f"{kind}_estimates"], rel=1e-5)
    if "before" in record:
        difference = getattr(oracle, f"{kind}_difference")(record)
        close(difference, expected[f"{kind}_difference"])


@on_this_machine
@pytest.mark.parametrize("name", sorted(reference("confirmatory_shared")["merges"]))
def test_categories_are_merged_as_in_the_models_of_r(name):
    items, group, _ = shared_data(name)
    found = harmonised_categories(items, group.astype(str)).merged
    columns = ["item", "category", "merged_with"]
    expected = reference("confirmatory_shared")["merges"][name]
    assert found[columns].to_dict("records") == expected


# ---- values handed over with the project (r_reference.json; lavaan with its own tolerances) ---


@cache
def handed_over():
    return json.loads((SHARED / "reference/r_reference.json").read_text(encoding="utf-8"))


@cache
def big_five(clusters):
    data = pd.read_csv(SHARED / "data/bfi_gender/bfi.csv")
    every = [f"{cluster}{i}" for cluster in "ACENO" for i in range(1, 6)]
    data = data.dropna(subset=every)
    items = data[[name for name in every if name[0] in clusters]].to_numpy(float)
    factor_of = tuple(np.repeat(range(len(clusters)), 5).tolist())
    return items, (data["gender"] == "female").to_numpy().astype(int), factor_of


@cache
def holzinger():
    data = pd.read_csv(SHARED / "data/holzinger_two_schools/hs1939.csv")
    return data[[f"x{i}" for i in range(1, 10)]].to_numpy(float), data["school"].to_numpy()


NAMES = {
    "chisq": "chi_square",
    "pvalue": "p_value",
    "cfi": "cfi",
    "tli": "tli",
    "rmsea": "rmsea",
    "rmsea.ci.lower": "rmsea_low",
    "rmsea.ci.upper": "rmsea_high",
}


def assert_handed_over(fit, expected):
    found = {theirs: oracle.indices(fit.unscaled)[ours] for theirs, ours in NAMES.items()}
    found |= {"df": fit.df, "srmr": fit.srmr}
    if hasattr(fit, "scaled"):
        scaled = oracle.indices(fit.scaled)
        found |= {f"{name}.scaled": scaled[name] for name in ("cfi", "tli", "rmsea")}
        found |= {"chisq.scaled": scaled["chi_square"], "npar": len(fit.free)}
    else:
        found["logl"] = fit.log_likelihood
    for name in found.keys() & expected.keys():
        assert found[name] == pytest.approx(expected[name], rel=1e-6, abs=2e-6), name


@on_this_machine
def test_holzinger_agrees_with_lavaan():
    items, _ = holzinger()
    structure = Structure(factor_of=(0,) * 3 + (1,) * 3 + (2,) * 3)
    model = factor_model(structure, identified_by="first_loading")
    fit = fit_continuous(model, [sample_moments(items)])
    expected = handed_over()["cfa_hs_ml"]
    assert_handed_over(fit, expected["fit"])
    loadings = [row for row in expected["est"] if row["op"] == "=~"]
    ours = oracle.estimates(fit)
    for column, key in (("estimate", "est"), ("standard_error", "se")):
        theirs = [row[key] for row in loadings]
        assert ours[column][:9] == pytest.approx(theirs, abs=1e-5)


@on_this_machine
@pytest.mark.parametrize(("clusters", "key"), [("ACENO", "cfa_bfi_wlsmv"), ("AN", "cfa_AN_wlsmv")])
def test_ordinal_big_five_agree_with_lavaan(clusters, key):
    items, group, factor_of = big_five(clusters)
    fit = ordinal(items, 0 * group, factor_of, parametrisation="delta")
    assert_handed_over(fit, handed_over()[key]["fit"])


@on_this_machine
def test_continuous_big_five_agree_with_lavaan():
    items, group, factor_of = big_five("ACENO")
    fit = continuous(items, 0 * group, factor_of)
    assert_handed_over(fit, handed_over()["cfa_bfi_ml"]["fit"])


# lavaan's names of the steps.
THEIRS = {
    "configural": "configural",
    "thresholds": "thresholds",
    "loadings": "metric",
    "intercepts": "scalar",
    "residuals": "strict",
}


@on_this_machine
@pytest.mark.parametrize("kind", ["inv_bfi_gender_wlsmv", "inv_bfi_gender_ml", "inv_hs_school"])
def test_ladders_agree_with_lavaan(kind):
    if kind == "inv_hs_school":
        items, group = holzinger()
        factor_of = (0,) * 3 + (1,) * 3 + (2,) * 3
    else:
        items, group, factor_of = big_five("AN")
    fit_step = ordinal if kind.endswith("wlsmv") else continuous
    expected, before, rows = handed_over()[kind], None, iter(handed_over()[kind]["lrt"])
    for step, theirs in THEIRS.items():
        if theirs not in expected:
            continue
        fit, row = fit_step(items, group, factor_of, step), next(rows)
        assert_handed_over(fit, expected[theirs])
        if before is not None:
            cost, df = fit.chi_square - before.chi_square, fit.df - before.df
            if fit_step is ordinal:
                cost, df = scaled_difference(before, fit)
            assert df == row["Df diff"]
            assert cost == pytest.approx(row["Chisq diff"], rel=2e-6)
        before = fit
