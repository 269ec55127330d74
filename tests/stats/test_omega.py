"""Omega total and hierarchical: on paper, against psych, signs, refusals."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.stats.factor_data import (
    SETS,
    answers,
    bfi,
    implied,
    needs_shared,
    r_reference,
    shared_items,
    three_factors,
)
from tests.stats.oracle import FOLDER, reference

from research.stats.factors.pearson import pearson
from research.stats.reliability.omega import omega


def test_one_factor_on_paper():
    # Four loadings of .7: common 2.8^2 = 7.84, unique 4 (1 - .49) = 2.04.
    found = omega(implied(np.full(4, 0.7)), n_factors=1)
    assert found.total == pytest.approx(7.84 / 9.88, rel=1e-10)
    assert found.hierarchical == found.total
    assert found.limit == 1


def test_three_factors_on_paper():
    # Factors correlate .49: general loading .7 of the item's. Sums: general .7 * 5.85, groups
    # sqrt(.51) times 2.1, 1.95 and 1.8; the unique rest is 9 less the squared loadings.
    loadings, phi = three_factors(0.49)
    found = omega(implied(loadings, phi), n_factors=3, tolerance=1e-10)
    general = (0.7 * 5.85) ** 2
    common = general + 0.51 * (2.1**2 + 1.95**2 + 1.8**2)
    variance = common + 9 - (loadings**2).sum()
    assert found.total == pytest.approx(common / variance, rel=1e-8)
    assert found.hierarchical == pytest.approx(general / variance, rel=1e-7)
    assert found.limit == pytest.approx(general / common, rel=1e-7)


def test_an_item_that_loads_negatively_is_turned_before_the_sum():
    # Two of nine items worded the other way: the same omega, and it is said which were turned.
    loadings, phi = three_factors()
    sign = np.array([1, 1, 1, -1, 1, 1, 1, -1, 1.0])
    plain = omega(implied(loadings, phi))
    found = omega(implied(loadings * sign[:, None], phi))
    assert found.total == pytest.approx(plain.total, abs=1e-6)
    assert found.hierarchical == pytest.approx(plain.hierarchical, abs=1e-5)
    assert found.signs.tolist() == sign.tolist()
    assert (found.general > 0).all()
    # Left as they are, the items would cancel out: the sum's general variance is far smaller.
    unturned = implied(loadings * sign[:, None], phi).sum()
    assert (sign @ found.general) ** 2 / unturned < plain.hierarchical - 0.2


@pytest.mark.parametrize("name", ["items_turned", "one_factor_turned", "factor_turned"])
def test_signs_are_those_of_psych(name):
    record = next(r for r in reference("factors")["matrices"] if r["name"] == name)
    found = omega(np.array(record["correlations"]), n_factors=record["n_factors"])
    theirs = record["expected"]["omega"]
    assert found.signs.tolist() == theirs["signs"]
    assert found.total == pytest.approx(theirs["psych"]["total"], abs=1e-6)


def test_psych_itself_is_near_on_every_made_matrix():
    # psych stops its searches early, most so next to a Heywood case; with one factor its
    # hierarchical is (sum of loadings)^2.
    compared = 0
    for record in reference("factors")["matrices"]:
        expected = record["expected"]["omega"]
        if "why" in expected:
            continue
        found = omega(np.array(record["correlations"]), n_factors=record["n_factors"])
        theirs = expected["psych"]
        odd = max(record["expected"]["minres"]["communalities"]) > 0.99
        near = 1e-4 if odd else 1e-5
        assert found.total == pytest.approx(theirs["total"], abs=near), record["name"]
        if record["n_factors"] > 1:
            hierarchical = theirs["hierarchical"]
            assert found.hierarchical == pytest.approx(hierarchical, abs=2e-4), record["name"]
        compared += 1
    assert compared >= 30


def test_one_factor_of_psych_differs_by_the_residuals():
    record = next(r for r in reference("factors")["matrices"] if r["name"] == "one_factor_8")
    matrix = np.array(record["correlations"])
    found, theirs = omega(matrix, n_factors=1), record["expected"]["omega"]["psych"]
    assert found.general.sum() ** 2 / matrix.sum() == pytest.approx(
        theirs["hierarchical"], abs=1e-6
    )
    residuals = matrix.sum() - 8 + (found.general**2).sum() - found.general.sum() ** 2
    assert found.total - theirs["hierarchical"] == pytest.approx(residuals / matrix.sum(), abs=1e-6)


def test_three_group_factors_of_five_items_are_refused():
    found = omega(np.corrcoef(answers(1, 200, 5).T), n_factors=3)
    assert found.note == "not_identified"
    assert np.isnan([found.total, found.hierarchical, found.limit]).all()
    assert np.isnan(found.general).all() and np.isnan(found.group).all()


def test_items_that_cancel_out_have_no_omega():
    # Three items correlating -1/2 sum to a constant; turned by their loadings they do not, so
    # the sum always has some variance: a matrix of nothing is what is left to refuse.
    assert omega(np.full((4, 4), np.nan)).note == "no_variation"
    assert omega(np.eye(6), n_factors=1).note == "not_identified"


def test_a_factor_that_is_the_general_one_is_told():
    # Factor 1 correlates .9 and .8 with two that correlate .5: .9 * .8 / .5 = 1.44 > 1.
    loadings, phi = three_factors()
    phi = np.array([[1, 0.9, 0.8], [0.9, 1, 0.5], [0.8, 0.5, 1]])
    found = omega(implied(loadings, phi))
    assert found.note == "heywood"
    assert 0 < found.hierarchical <= found.total < 1


@settings(max_examples=80)  # a rotation and two extractions each
@given(
    seed=st.integers(0, 10**6),
    order=st.permutations(range(7)),
    signs=st.lists(st.sampled_from([1.0, -1.0]), min_size=7, max_size=7),
    n_factors=st.integers(1, 3),
)
def test_omega_does_not_depend_on_order_or_direction_of_items(seed, order, signs, n_factors):
    matrix = np.corrcoef(
        (answers(seed, 60, 7) + np.random.default_rng(seed).normal(size=(60, 7))).T
    )
    sign = np.array(signs)
    found = omega(matrix, n_factors=n_factors, tolerance=1e-9)
    other = omega(
        (np.outer(sign, sign) * matrix)[np.ix_(order, order)], n_factors=n_factors, tolerance=1e-9
    )
    assert other.note == found.note
    # A general loading of about zero may fall on either side.
    if np.isfinite(found.total) and np.abs(found.general).min() > 1e-5:
        assert other.total == pytest.approx(found.total, abs=1e-7)
        assert other.hierarchical == pytest.approx(found.hierarchical, abs=1e-6)


@settings(max_examples=250)
@given(
    hnp.arrays(
        float,
        st.tuples(st.integers(0, 7), st.integers(1, 6)),
        elements=st.sampled_from([1.0, 2, 3, np.nan]),
    ),
    st.integers(1, 3),
)
def test_whatever_the_answers_omega_is_finite_or_has_a_reason(items, n_factors):
    found = omega(pearson(items).correlations, n_factors=n_factors)
    numbers = np.array([found.total, found.hierarchical, found.limit])
    assert np.isfinite(numbers).all() or (np.isnan(numbers).all() and found.note != "")


@needs_shared
def test_bfi_has_psychs_omega():
    expected = r_reference()["omega_bfi25_5"]
    found = omega(np.corrcoef(bfi().T), n_factors=5)
    assert found.total == pytest.approx(expected["tot"], abs=1e-6)
    assert found.hierarchical == pytest.approx(expected["h"], abs=1e-5)
    assert found.limit == pytest.approx(expected["lim"], abs=1e-5)
    np.testing.assert_allclose(found.general, expected["gload"], atol=1e-5)


@needs_shared
def test_psychs_omega_of_five_items_with_three_factors_is_not_repeated():
    # psych prints .7309 and .8548 for the N cluster: 10 correlations, 12 free loadings.
    expected = r_reference()["omega_N_3"]
    assert 0 < expected["h"] < expected["tot"]
    found = omega(np.corrcoef(bfi()[:, 15:20].T), n_factors=3)
    assert found.note == "not_identified"
    assert np.isnan(found.total)


@needs_shared
@pytest.mark.parametrize("name", SETS)
def test_three_more_sets_agree_with_psych(name):
    rows = json.loads((FOLDER / "factors_shared.json").read_text(encoding="utf-8"))[name]["omega"]
    matrix = np.corrcoef(shared_items(name).T)
    for row in rows:
        found = omega(matrix, n_factors=row["n_factors"])
        assert found.total == pytest.approx(row["total"], abs=1e-6)
        if row["n_factors"] > 1:
            assert found.hierarchical == pytest.approx(row["hierarchical"], abs=1e-5)
            assert found.limit == pytest.approx(row["limit"], abs=1e-5)
