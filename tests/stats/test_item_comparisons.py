"""Counting once gives what every function gives by itself, for all answers and every cluster."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stats.same import assert_same

from research.stats.counts import level_counts, level_counts_by_cluster, whole_counts
from research.stats.differences import brunner_munzel, hedges_g, welch
from research.stats.item_comparisons import compare_items, compare_items_by_cluster
from research.stats.multiplicity import adjust_p_values
from research.stats.ranks import mann_whitney

ALONE = {
    "mean_difference": welch,
    "hedges_g": hedges_g,
    "superiority": brunner_munzel,
    "mann_whitney": lambda values, first: mann_whitney(values, first).drop(columns="test"),
}


@st.composite
def studies(draw):
    """Few or many people, whole or half points, some missing; groups and clusters may be empty."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, k = draw(st.integers(0, 40)), draw(st.integers(1, 4))
    step = draw(st.sampled_from([1.0, 0.5, 0.1]))
    values = rng.integers(1, draw(st.integers(2, 7)), (n, k)) * step
    values = np.where(rng.random((n, k)) < draw(st.sampled_from([0.0, 0.2, 1.0])), np.nan, values)
    return values, rng.random(n) < draw(st.floats(0, 1)), rng.integers(0, 3, n)


@given(studies())
def test_every_statistic_is_that_of_its_own_function(study):
    values, first, _ = study
    together = compare_items(values, first)
    for name, alone in ALONE.items():
        assert_same(together.table(name), alone(values, first))
    p_values = welch(values, first)["p_value"].to_numpy()
    np.testing.assert_allclose(together.p_adjusted, adjust_p_values(p_values, method="holm"))


@given(studies())
def test_a_cluster_in_company_is_as_it_is_alone(study):
    values, first, cluster = study
    labels, together = compare_items_by_cluster(values, first, cluster)
    for place, label in enumerate(labels):
        own = cluster.astype(str) == label
        alone = compare_items(values[own], first[own])
        rows = slice(place * values.shape[1], (place + 1) * values.shape[1])
        for name in ALONE:
            found = together.table(name).iloc[rows].reset_index(drop=True)
            assert_same(found, alone.table(name))
        np.testing.assert_allclose(together.p_adjusted[rows], alone.p_adjusted)


def test_counts_by_hand():
    values = np.array([[1, 5.0], [3, np.nan], [3, 5], [1, 4], [np.nan, 4]])
    first = np.array([True, True, False, False, False])
    counts = level_counts(values, first)
    np.testing.assert_array_equal(counts.levels, [1, 2, 3, 4, 5])
    np.testing.assert_array_equal(counts.a, [[1, 0, 1, 0, 0], [0, 0, 0, 0, 1]])
    np.testing.assert_array_equal(counts.b, [[1, 0, 1, 0, 0], [0, 0, 0, 2, 1]])
    n, mean, variance = counts.moments(counts.b)
    np.testing.assert_allclose(n, [2, 3])
    np.testing.assert_allclose(mean, [2, 13 / 3])
    np.testing.assert_allclose(variance, [2, 1 / 3])


def test_counts_per_cluster_by_hand():
    values = np.array([[1.0], [2], [2], [1]])
    labels, counts = level_counts_by_cluster(
        values, np.array([True, False, True, True]), np.array(["b", "a", "b", "a"])
    )
    assert labels.tolist() == ["a", "b"]
    np.testing.assert_array_equal(counts.a, [[1, 0], [1, 1]])
    np.testing.assert_array_equal(counts.b, [[0, 1], [0, 0]])
    np.testing.assert_array_equal(counts.n_rows, [2, 2])


@pytest.mark.parametrize("kind", ["int8", "int64", "float32", "float64"])
def test_the_kind_of_number_does_not_matter(kind):
    values = np.array([[1, 2], [5, 2], [3, 4]]).astype(kind)
    counts = level_counts(values, np.array([True, False, True]))
    np.testing.assert_array_equal(counts.a.sum(axis=1), [2, 2])
    np.testing.assert_array_equal(counts.levels, [1, 2, 3, 4, 5])


@pytest.mark.parametrize(
    "values",
    [[[0.5], [1.0]], [[0.0], [5000.0]], [[1.0], [np.inf]]],
    ids=["half", "wide", "infinite"],
)
def test_what_is_no_short_scale_of_whole_numbers_is_not_taken_for_one(values):
    assert whole_counts(np.array(values), np.array([True, False])) is None


def test_more_people_than_a_block_are_all_counted():
    rng = np.random.default_rng(8)
    values = rng.integers(0, 11, (9_000, 30)).astype(float)
    first = rng.random(9_000) < 0.5
    counts = level_counts(values, first)
    for level in range(11):
        np.testing.assert_array_equal(counts.a[:, level], (values[first] == level).sum(axis=0))
        np.testing.assert_array_equal(counts.b[:, level], (values[~first] == level).sum(axis=0))
