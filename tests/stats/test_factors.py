"""Exploratory factors, rotation, adequacy and parallel analysis: on paper, real data, relations.

The values of R on made data are compared in ``test_agreement``.
"""

import json
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.stats.factor_data import (
    SETS,
    SHARED,
    answers,
    bfi,
    implied,
    needs_shared,
    r_reference,
    shared_items,
    three_factors,
)
from tests.stats.oracle import FOLDER, reference

from research.stats.factors import parallel
from research.stats.factors.adequacy import minimum_average_partial, sampling_adequacy
from research.stats.factors.exploratory import exploratory_factors, factor_scores, minres
from research.stats.factors.minres import LEAST, degrees_of_freedom, minres_many
from research.stats.factors.parallel import parallel_analysis
from research.stats.factors.pearson import pearson
from research.stats.factors.rotation import oblimin, varimax
from research.stats.factors.schmid_leiman import schmid_leiman

close = partial(np.testing.assert_allclose, rtol=1e-9, atol=1e-9)
NAN = np.nan
ONE_FACTOR = np.array([0.8, 0.7, 0.6, 0.5])


# ---- on paper -------------------------------------------------------------------------------


def test_one_factor_is_recovered_from_its_own_correlations():
    # Correlations are products of the loadings: residuals zero, 6 - 4 = 2 df, chi-square 0.
    found = exploratory_factors(implied(ONE_FACTOR), 1, n=100)
    close(found.loadings[:, 0], ONE_FACTOR)
    close(found.communalities, [0.64, 0.49, 0.36, 0.25])
    assert found.df == degrees_of_freedom(4, 1) == 2
    close([found.chi_square, found.rms, found.rmsea, found.rmsea_high], 0)
    assert found.p_value == pytest.approx(1)
    # Null chi-square per df d = 2 F0 / 12, TLI = d / (d - 1 / (99 - 13/6 - 2/3)).
    per_df = -2 * np.log(np.linalg.det(implied(ONE_FACTOR))) / 12
    assert found.tli == pytest.approx(per_df / (per_df - 1 / (99 - 13 / 6 - 2 / 3)))
    assert found.note == ""


def test_simple_structure_is_recovered_with_its_factor_correlations():
    loadings, phi = three_factors()
    found = exploratory_factors(implied(loadings, phi), 3, n=500, tolerance=1e-10)
    np.testing.assert_allclose(found.loadings, loadings, atol=1e-8)
    np.testing.assert_allclose(found.factor_correlations, phi, atol=1e-8)


def test_varimax_leaves_upright_simple_structure_as_it_is():
    # 20 degrees from two pure factors: back to them, larger sum of squares first. R's
    # stats::varimax stops where it starts on this one.
    pure = np.array([[0.8, 0], [0.6, 0], [0, 0.9], [0, 0.7]])
    cosine, sine = np.cos(np.pi / 9), np.sin(np.pi / 9)
    turn = np.array([[cosine, -sine], [sine, cosine]])
    np.testing.assert_allclose(varimax(pure @ turn), pure[:, ::-1], atol=1e-6)


def test_equal_correlations_have_these_measures_on_paper():
    # r = 1/2: partial correlations r / (1 + r) = 1/3. KMO = (1/4) / (1/4 + 1/9) = 9/13.
    # Determinant (1 - r)^2 (1 + 2r) = 1/2; chi-square ln 2 (99 - 11/6), 3 df.
    table = sampling_adequacy(implied(np.full(3, np.sqrt(0.5))), 100)
    close(table["estimate"][:4], 9 / 13)
    assert table["statistic"].iloc[-1] == pytest.approx(np.log(2) * (99 - 11 / 6), rel=1e-12)
    assert table["df"].iloc[-1] == 3
    assert table["coefficient"].tolist() == ["kmo", *["kmo_item"] * 3, "bartlett"]


def test_the_average_partial_correlation_on_paper():
    # r = .8: none taken out .64. The first component has variance 2.6 and takes .8667 from every
    # entry: .1333 on the diagonal, -.0667 beside it, partial -1/2, squared .25.
    found = minimum_average_partial(implied(np.full(3, np.sqrt(0.8))))
    close(found.average_squares, [0.64, 0.25])
    assert found.n_components == 1
    # Two items at .6 and a third alone: .12, and then -.2 / .2: partial -1 of one pair, 1/3.
    alone = np.array([[1, 0.6, 0], [0.6, 1, 0], [0, 0, 1.0]])
    found = minimum_average_partial(alone)
    close(found.average_squares, [0.12, 1 / 3])
    assert found.n_components == 0


def test_a_general_factor_on_paper():
    # Factors correlate .49 = .7^2: general loading .7 of the item's, group part sqrt(.51).
    loadings, phi = three_factors(0.49)
    split = schmid_leiman(loadings, phi)
    close(split.second_order, 0.7)
    close(split.general, 0.7 * loadings.sum(axis=1))
    close(split.group, np.sqrt(0.51) * loadings)
    close(split.communalities, split.general**2 + (split.group**2).sum(axis=1))


def test_two_factors_share_their_correlation_and_one_is_the_general_one():
    loadings, phi = three_factors()
    pair = schmid_leiman(loadings[:6, :2], np.array([[1, -0.36], [-0.36, 1]]))
    close(pair.second_order, [0.6, -0.6])
    one = schmid_leiman(loadings[:3, :1], np.eye(1))
    close(one.general, loadings[:3, 0])
    close(one.group, 0)


def test_factor_scores_on_paper():
    # Two items correlating 0: weights are the loadings, scores their sums of z-values.
    items = np.array([[1.0, 1], [1, 3], [3, 1], [3, 3]])
    found = factor_scores(items, np.array([0.6, 0.8]), np.eye(1))
    z = np.sqrt(3) / 2
    close(found.scores[:, 0], [-1.4 * z, 0.2 * z, -0.2 * z, 1.4 * z])
    close(found.squared_correlations, 1.0)


# ---- people --------------------------------------------------------------------------------


def test_scores_stay_with_their_person_when_rows_move():
    items, loadings = answers(1, 60, 6, missing=0.05), np.full((6, 1), 0.6)
    order = np.random.default_rng(2).permutation(60)
    close(
        factor_scores(items[order], loadings, np.eye(1)).scores,
        factor_scores(items, loadings, np.eye(1)).scores[order],
    )


def test_a_missing_answer_empties_its_own_row_and_no_other():
    items, loadings = answers(3, 40, 5), np.full((5, 1), 0.6)
    whole = factor_scores(items, loadings, np.eye(1)).scores
    items[7, 2] = NAN
    found = factor_scores(items, loadings, np.eye(1)).scores
    assert found.shape == whole.shape
    assert np.flatnonzero(np.isnan(found[:, 0])).tolist() == [7]
    # The seventh and ninth person have nearly the scores they had, not each other's.
    np.testing.assert_allclose(found[[6, 8]], whole[[6, 8]], atol=0.05)
    assert np.corrcoef(np.delete(found, 7), np.delete(whole, 7))[0, 1] > 0.999


def test_a_reversed_item_weighs_the_other_way_and_scores_stay():
    items, loadings = answers(4, 50, 5), np.full((5, 1), 0.6)
    turned, sign = items.copy(), np.array([1, -1, 1, 1, -1.0])
    turned[:, sign < 0] = 6 - turned[:, sign < 0]
    found = factor_scores(turned, loadings * sign[:, None], np.eye(1))
    expected = factor_scores(items, loadings, np.eye(1))
    close(found.scores, expected.scores)
    close(found.weights, expected.weights * sign[:, None])


# ---- the optimum ---------------------------------------------------------------------------


@pytest.mark.parametrize("n_factors", [1, 2, 3])
def test_the_gradient_vanishes_at_the_optimum_inside_the_bounds(n_factors):
    matrix = np.corrcoef(answers(5, 120, 9).T)
    found = minres(matrix, n_factors)
    values, vectors = np.linalg.eigh(matrix - np.diag(found.uniquenesses))
    again = vectors[:, -n_factors:] * np.sqrt(values[-n_factors:])
    close((again**2).sum(axis=1), found.communalities)


def test_no_loadings_nearby_leave_smaller_residuals():
    # Stationary is not enough: twenty random directions, short and long.
    matrix = np.corrcoef(answers(6, 150, 7).T)
    found = minres(matrix, 2).loadings
    off = ~np.eye(7, dtype=bool)
    rng = np.random.default_rng(1)

    def residual(loadings):
        return ((matrix - loadings @ loadings.T)[off] ** 2).sum()

    for size in np.repeat([1e-4, 1e-2], 10):
        assert residual(found + size * rng.normal(size=found.shape)) >= residual(found) - 1e-15


def test_matrices_together_come_out_as_alone():
    matrices = np.stack([np.corrcoef(answers(seed, 80, 6).T) for seed in range(12)])
    together = minres_many(matrices, 2)
    for one, loadings in zip(matrices, together.loadings, strict=True):
        close(np.abs(minres(one, 2).loadings), np.abs(loadings))


@pytest.mark.parametrize("name", ["heywood", "heywood_two"])
def test_a_heywood_case_is_told_and_the_numbers_are_psychs(name):
    record = next(r for r in reference("factors")["matrices"] if r["name"] == name)
    found = minres(np.array(record["correlations"]), record["n_factors"])
    assert found.note == "heywood"
    assert found.communalities.max() > 1 - LEAST
    np.testing.assert_allclose(
        found.communalities, record["expected"]["minres"]["communalities"], atol=1e-9
    )


def test_stopping_where_gparotation_does_is_near_the_optimum_and_psych_a_little_less():
    # Both stop at a gradient of 1e-5. psych's factors besides are those of a search that stops
    # early, most so next to a Heywood case.
    compared = 0
    for record in reference("factors")["matrices"]:
        expected = record["expected"]["oblimin"]
        if "why" in expected or record["n_factors"] == 1:
            continue
        matrix = np.array(record["correlations"])
        found = exploratory_factors(matrix, record["n_factors"], n=record["n"])
        near = partial(np.testing.assert_allclose, found.loadings, err_msg=record["name"])
        near(expected["loadings"], atol=2e-5)
        near(expected["psych"]["loadings"], atol=1e-3 if found.communalities.max() > 0.99 else 1e-4)
        compared += 1
    assert compared >= 15


# ---- refusals -------------------------------------------------------------------------------


def test_more_free_loadings_than_correlations_are_refused():
    # Five items, three factors: 10 - 15 + 3 = -2. psych::fa prints numbers.
    matrix = np.corrcoef(answers(7, 100, 5).T)
    for found in (minres(matrix, 3), exploratory_factors(matrix, 3, n=100)):
        assert found.note == "not_identified"
        assert np.isnan(found.loadings).all() and np.isnan(found.communalities).all()


def test_items_without_correlations_hold_no_factor():
    assert minres(np.eye(5), 1).note == "not_identified"
    # Two factors asked of a matrix with one: the second has nothing to load on.
    assert minres(implied(np.full(6, 0.7)), 2).note == "not_identified"


def test_factors_that_are_the_same_are_not_rotated():
    assert oblimin(np.tile([[0.7], [0.6], [0.5]], 2)).note == "not_identified"


def test_a_search_that_does_not_end_is_told(monkeypatch):
    monkeypatch.setattr("research.stats.factors.rotation.MOST_STEPS", 2)
    monkeypatch.setattr("research.stats.factors.minres.MOST_STEPS", 1)
    matrix = np.corrcoef(answers(8, 100, 6).T)
    assert minres(matrix, 1).note == "no_convergence"
    assert np.isnan(minres(matrix, 1).loadings).all()
    rotated = oblimin(np.random.default_rng(1).normal(size=(6, 3)))
    assert rotated.note == "no_convergence"
    assert np.isnan(rotated.loadings).all()


def test_a_matrix_without_inverse_has_loadings_but_no_chi_square():
    items = answers(9, 100, 5)
    matrix = pearson(np.column_stack([items, items[:, :2].sum(axis=1)])).correlations
    found = exploratory_factors(matrix, 1, n=100)
    assert found.note in ("not_positive_definite", "heywood")
    assert np.isfinite(found.loadings).all() and np.isfinite(found.rms)
    assert np.isnan([found.chi_square, found.p_value, found.rmsea, found.tli]).all()
    assert set(sampling_adequacy(matrix, 100)["note"]) == {"not_positive_definite"}
    assert minimum_average_partial(matrix).note == "not_positive_definite"


def test_a_component_that_takes_an_item_whole_ends_the_average_partial():
    # Unrelated items: nothing to average but zero, and the first component is one of them.
    found = minimum_average_partial(np.eye(4))
    assert found.average_squares[0] == 0
    assert np.isnan(found.average_squares[1:]).all()
    assert (found.n_components, found.note) == (0, "not_positive_definite")


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match=r"matrix must be one of \('pearson', 'polychoric'\)"):
        parallel_analysis(answers(1, 20, 4), seed=1, matrix="spearman")
    with pytest.raises(ValueError, match="n_factors must be at least 1, not 0"):
        minres(np.eye(4), 0)
    with pytest.raises(ValueError, match="n_simulations must be at least 1, not 0"):
        parallel_analysis(answers(1, 20, 4), seed=1, n_simulations=0)


# ---- parallel analysis ----------------------------------------------------------------------


def test_normal_answers_need_not_be_drawn_one_by_one():
    # The decomposition against answers themselves: mean eigenvalues of 4,000 matrices each.
    n, p, many = 12, 5, 4_000
    rng = np.random.default_rng(11)
    short = parallel._normal(np.zeros((n, p)), n, many, rng)
    long = np.stack([np.corrcoef(rng.normal(size=(p, n))) for _ in range(many)])
    ours, theirs = (np.linalg.eigvalsh(x) for x in (short, long))
    error = np.sqrt((ours.var(axis=0) + theirs.var(axis=0)) / many)
    assert (np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) < 4 * error).all()
    np.testing.assert_allclose(ours.std(axis=0), theirs.std(axis=0), rtol=0.06)


def test_a_shuffle_keeps_every_items_answers_and_loses_their_relation():
    items = answers(12, 200, 4, missing=0.05)
    found = parallel_analysis(items, seed=1, matrix="polychoric", n_simulations=5)
    assert found.n_factors == 1
    assert found.eigenvalues["component_reference"][0] < 1.6 < found.eigenvalues["component"][0]


@pytest.mark.parametrize("matrix", parallel.MATRICES)
def test_one_seed_gives_one_result_whatever_the_order(matrix):
    items = answers(13, 60, 4, missing=0.03)
    rng = np.random.default_rng(3)
    rows, columns = rng.permutation(60), rng.permutation(4)
    one, again = (
        parallel_analysis(x, seed=5, matrix=matrix, n_simulations=6)
        for x in (items, items[rows][:, columns])
    )
    np.testing.assert_allclose(again.eigenvalues, one.eigenvalues, rtol=1e-7)
    other = parallel_analysis(items, seed=6, matrix=matrix, n_simulations=6)
    assert (other.eigenvalues["component_mean"] != one.eigenvalues["component_mean"]).any()
    assert (one.seed, one.n_simulations, one.percentile) == (5, 6, 95)


def test_counting_stops_at_the_first_eigenvalue_that_does_not_stand_out():
    loadings, phi = three_factors(0.2)
    rng = np.random.default_rng(14)
    items = rng.multivariate_normal(np.zeros(9), implied(loadings, phi), size=600)
    found = parallel_analysis(items, seed=1)
    assert (found.n_factors, found.n_components) == (3, 3)
    nothing = parallel_analysis(rng.normal(size=(600, 9)), seed=2, percentile=99.9)
    assert (nothing.n_factors, nothing.n_components) == (0, 0)


def test_an_eigenvalue_after_the_first_that_fails_does_not_count(monkeypatch):
    # 3 > 1.5, .9 < 1, and 1 > .8 again, as eigenvalues never do but references may.
    def eigenvalues(matrices):
        line = [3.0, 0.9, 1.0, 0.1] if len(matrices) == 1 else [1.5, 1.0, 0.8, 0.2]
        return (np.tile(line, (len(matrices), 1)),) * 2

    monkeypatch.setattr(parallel, "_eigenvalues", eigenvalues)
    found = parallel_analysis(answers(18, 50, 4), seed=1, n_simulations=3)
    assert (found.n_factors, found.n_components) == (1, 1)


def test_missing_answers_make_the_simulated_sample_smaller():
    items = answers(15, 100, 4)
    items[:50, 0] = NAN
    # Three pairs of 50 people, three of 100: harmonic mean 6 / (3/50 + 3/100) = 66.67.
    assert parallel_analysis(items, seed=1, n_simulations=2).n == pytest.approx(200 / 3)


@pytest.mark.parametrize("matrix", parallel.MATRICES)
def test_no_more_people_than_items_or_a_constant_item_gives_a_reason(matrix):
    few = parallel_analysis(answers(16, 4, 4), seed=1, matrix=matrix, n_simulations=2)
    assert few.note == "too_few_answers"
    constant = answers(17, 50, 4)
    constant[:, 1] = 3
    same = parallel_analysis(constant, seed=1, matrix=matrix, n_simulations=2)
    assert same.note == "no_variation"
    for found in (few, same):
        assert np.isnan(found.eigenvalues).all(axis=None)
        assert np.isnan([found.n_factors, found.n_components]).all()


# ---- relations ------------------------------------------------------------------------------


@settings(max_examples=100)  # several relations in one; a rotation costs ten milliseconds
@given(
    seed=st.integers(0, 10**6),
    n_factors=st.integers(1, 2),
    order=st.permutations(range(6)),
    signs=st.lists(st.sampled_from([1.0, -1.0]), min_size=6, max_size=6),
)
def test_factors_do_not_depend_on_order_scale_or_direction_of_items(seed, n_factors, order, signs):
    items = answers(seed, 40, 6, missing=0.02) + np.random.default_rng(seed).normal(
        scale=0.3, size=(40, 6)
    )
    matrix = pearson(items).correlations
    found = exploratory_factors(matrix, n_factors, n=40, tolerance=1e-8)
    sign = np.array(signs)
    moved = (items * sign * 2 + 7)[:, order]
    other = exploratory_factors(pearson(moved).correlations, n_factors, n=40, tolerance=1e-8)
    assert other.note == found.note
    # Turned items may turn a factor: sizes are compared, and what is free of signs.
    same = partial(np.testing.assert_allclose, rtol=1e-4, atol=1e-5, equal_nan=True)
    same(other.communalities, found.communalities[order])
    same([other.chi_square, other.rms, other.tli], [found.chi_square, found.rms, found.tli])
    if found.note == "" and n_factors == 1:
        same(np.abs(other.loadings), np.abs(found.loadings[order]))
    table, again = sampling_adequacy(matrix, 40), sampling_adequacy(pearson(moved).correlations, 40)
    close(again["estimate"][1:7], table["estimate"][1:7].to_numpy()[order])
    close(again.iloc[-1, 3:6].astype(float), table.iloc[-1, 3:6].astype(float))
    close(
        minimum_average_partial(pearson(moved).correlations).average_squares,
        minimum_average_partial(matrix).average_squares,
    )


@settings(max_examples=200)  # six statistics on each
@given(
    hnp.arrays(
        float,
        st.tuples(st.integers(0, 7), st.integers(1, 5)),
        elements=st.sampled_from([1.0, 2, 3, NAN]),
    ),
    st.integers(1, 3),
)
def test_whatever_the_answers_every_number_is_finite_or_has_a_reason(items, n_factors):
    matrix, n = pearson(items).correlations, len(items)
    found = exploratory_factors(matrix, n_factors, n=n)
    numbers = [found.loadings, found.communalities, found.chi_square, found.rmsea, found.tli]
    assert found.note != "" or all(np.isfinite(x).all() for x in numbers)
    assert not any(np.isinf(x).any() for x in numbers)
    adequacy = sampling_adequacy(matrix, n)
    missing = adequacy[["estimate", "statistic"]].isna().all(axis=1)
    assert (adequacy["note"][missing] != "").all()
    assert not np.isinf(adequacy[["estimate", "statistic"]].to_numpy()).any()
    average = minimum_average_partial(matrix)
    assert average.note != "" or np.isfinite(average.average_squares).all()
    people = factor_scores(items, np.full((items.shape[1], 1), 0.5), np.eye(1))
    assert people.scores.shape == (n, 1)
    assert (
        people.note != ""
        or (np.isfinite(people.scores[:, 0]) == ~np.isnan(items).any(axis=1)).all()
    )
    lines = parallel_analysis(items, seed=1, n_simulations=2)
    assert lines.note != "" or np.isfinite(lines.eigenvalues).all(axis=None)


@settings(max_examples=200)  # pandas' own pairwise correlations are the slow part
@given(seed=st.integers(0, 10**6), shift=st.integers(-3, 3), scale=st.integers(1, 5))
def test_pairwise_correlations_know_no_place_or_scale(seed, shift, scale):
    items = answers(seed, 15, 4, missing=0.2)
    found = pearson(items).correlations
    close(pearson(items * scale + shift).correlations, found)
    close(found, pd.DataFrame(items).corr(min_periods=2).to_numpy())


# ---- real data --------------------------------------------------------------------------------


@needs_shared
@pytest.mark.parametrize("which", ["efa_pearson5", "efa_poly5"])
def test_bfi_has_psychs_five_factors(which):
    expected = r_reference()[which]
    matrix = np.corrcoef(bfi().T)
    if which == "efa_poly5":
        matrix = np.array(r_reference()["poly_psych_nocorr"])
    found = exploratory_factors(matrix, 5, n=len(bfi()))
    np.testing.assert_allclose(found.loadings, expected["load"], atol=1e-5)
    np.testing.assert_allclose(found.factor_correlations, expected["phi"], atol=1e-5)
    np.testing.assert_allclose(found.communalities, expected["comm"], atol=1e-5)
    ours = [found.chi_square, found.df, found.tli, found.rms]
    np.testing.assert_allclose(
        ours, [expected[key] for key in ("chi2", "dof", "tli", "rms")], rtol=1e-6
    )
    rmsea = [found.rmsea, found.rmsea_low, found.rmsea_high]
    np.testing.assert_allclose(rmsea, expected["rmsea"][:3], atol=5e-7)


@needs_shared
def test_bfi_unrotated_and_upright_factors_are_psychs():
    extracted = minres(np.corrcoef(bfi().T), 5)
    np.testing.assert_allclose(extracted.loadings, r_reference()["efa_unrot5"]["load"], atol=1e-5)
    # R stops turning 9e-4 before the optimum (eps = 1e-15 brings it to ours, 1e-8).
    upright, theirs = varimax(extracted.loadings), np.array(r_reference()["efa_varimax5"]["load"])
    np.testing.assert_allclose(upright, theirs, atol=1e-3)
    length = np.sqrt(extracted.communalities)[:, None]
    ours, stopped = (((x / length) ** 2).var(axis=0).sum() for x in (upright, theirs))
    assert ours > stopped


@needs_shared
def test_bfi_adequacy_and_average_partial_are_psychs():
    matrix, expected = np.corrcoef(bfi().T), r_reference()
    table = sampling_adequacy(matrix, len(bfi()))
    close(table["estimate"][0], expected["kmo"]["overall"])
    close(table["estimate"][1:26], expected["kmo"]["items"])
    close(table["statistic"].iloc[-1], expected["bartlett"]["chi2"])
    close(minimum_average_partial(matrix).average_squares[1:9], expected["map"])


@needs_shared
def test_bfi_has_psychs_number_of_factors():
    found, expected = parallel_analysis(bfi(), seed=1), r_reference()["parallel"]
    assert (found.n_factors, found.n_components) == (expected["nfact"], expected["ncomp"])
    np.testing.assert_allclose(found.eigenvalues["factor"], expected["fa_obs"], atol=1e-6)
    close(found.eigenvalues["component"], expected["pc_obs"])
    # psych's are means of 20 simulations: the largest eigenvalue has SD .015 and .017.
    np.testing.assert_allclose(found.eigenvalues["factor_mean"], expected["fa_sim"], atol=0.016)
    np.testing.assert_allclose(found.eigenvalues["component_mean"], expected["pc_sim"], atol=0.016)


@needs_shared
@pytest.mark.parametrize("name", SETS)
def test_three_more_sets_agree_with_psych(name):
    expected = json.loads((FOLDER / "factors_shared.json").read_text(encoding="utf-8"))[name]
    items = shared_items(name)
    assert len(items) == expected["n"]
    matrix, factors = np.corrcoef(items.T), expected["factors"]
    found = exploratory_factors(matrix, expected["n_factors"], n=len(items))
    for ours, key in [(found.loadings, "loadings"), (found.communalities, "communalities")]:
        np.testing.assert_allclose(ours, factors[key], atol=1e-5, err_msg=key)
    for key in ("chi_square", "df", "rmsea", "rmsea_low", "rmsea_high", "tli", "rms"):
        # psych's uniroot finds the limits of RMSEA to four digits or so.
        assert getattr(found, key) == pytest.approx(factors[key], rel=1e-5, abs=1e-7), key
    table = sampling_adequacy(matrix, len(items))
    close(table["estimate"][:-1], [expected["kmo"]["overall"], *expected["kmo"]["items"]])
    close(
        table.iloc[-1][["statistic", "df", "p_value"]].astype(float),
        list(expected["bartlett"].values()),
    )
    average = minimum_average_partial(matrix).average_squares[1:9]
    close(average, expected["map"][: len(average)])
    scores = factor_scores(
        items, np.array(factors["loadings"]), np.array(factors["factor_correlations"])
    )
    close(scores.scores[:5], expected["scores"]["first"])
    lines, theirs = parallel_analysis(items, seed=1), expected["parallel"]
    assert (lines.n_factors, lines.n_components) == (theirs["n_factors"], theirs["n_components"])
    np.testing.assert_allclose(lines.eigenvalues["factor"], theirs["factor"], atol=1e-6)
    close(lines.eigenvalues["component"], theirs["component"])


@needs_shared
def test_minus_99_as_an_answer_would_change_the_factors():
    # The trap of that set: ten cells of -99 read as numbers.
    table = pd.read_csv(SHARED / "data" / "mobile_customers_reputation" / "corp_rep.csv")
    raw = table.filter(regex=r"^(like|comp|cusl)_\d$").to_numpy(float)
    clean = np.where(raw == -99, NAN, raw)
    assert (raw == -99).any()
    one, other = (minres(pearson(x).correlations, 1).communalities for x in (raw, clean))
    assert np.abs(one - other).max() > 0.05
