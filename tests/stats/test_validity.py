"""Convergent and discriminant validity: on paper, relations and traps; R in ``test_agreement``."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stats import same
from tests.stats.oracle import matrix, reference

from research.stats.factors.validity import MEANS, convergent_validity, heterotrait_monotrait

assert_same = partial(same.assert_same, rtol=1e-9, atol=1e-12)
close = partial(np.testing.assert_allclose, rtol=1e-12)
NAN = np.nan

# Items 1, 2 of a and 3, 4 of b: within .5 and .32, between .1, .2, .4, .2.
FOUR = np.array([[1, 0.5, 0.1, 0.2], [0.5, 1, 0.4, 0.2], [0.1, 0.4, 1, 0.32], [0.2, 0.2, 0.32, 1]])
PAIRS = np.array(["a", "a", "b", "b"])


@st.composite
def factors(draw):
    """Two to four clusters of one to three items with loadings and any correlations."""
    sizes = draw(st.lists(st.integers(1, 3), min_size=2, max_size=4))
    cluster = np.repeat(np.array(list("dbca"))[: len(sizes)], sizes)
    generator = np.random.default_rng(draw(st.integers(0, 10_000)))
    correlations = np.corrcoef(
        generator.normal(size=(len(cluster) + 3, len(cluster))), rowvar=False
    )
    loadings = generator.uniform(-0.3, 1.02, len(cluster))
    return loadings, correlations, cluster


def test_average_variance_and_composite_reliability_on_paper():
    # Loadings .6 and .8: mean square (.36 + .64) / 2; 1.4^2 over 1.96 + .64 + .36.
    table = convergent_validity([0.6, 0.9, 0.8, 0.9], ["a", "b", "a", "b"])
    assert table["cluster"].tolist() == ["a", "b"]
    close(table["average_variance_extracted"], [0.5, 0.81])
    close(table["composite_reliability"], [1.96 / 2.96, 3.24 / (3.24 + 0.38)])


def test_the_ratio_of_two_clusters_on_paper():
    # Between .9 / 4; within sqrt(.5 * .32) = .4. Geometric (.1 * .2 * .4 * .2)^(1/4) = .2.
    close(heterotrait_monotrait(FOUR, PAIRS)["estimate"], 0.225 / 0.4)
    close(heterotrait_monotrait(FOUR, PAIRS, mean="geometric")["estimate"], 0.2 / 0.4)


@pytest.mark.parametrize("mean", MEANS)
@settings(max_examples=250)  # twice, once a mean
@given(made=factors(), order=st.randoms(use_true_random=False))
def test_validity_does_not_depend_on_order_names_or_direction(mean, made, order):
    loadings, correlations, cluster = made
    table = heterotrait_monotrait(correlations, cluster, mean=mean)
    places = list(range(len(cluster)))
    order.shuffle(places)
    moved = heterotrait_monotrait(correlations[np.ix_(places, places)], cluster[places], mean=mean)
    by_pair = {frozenset(row[:2]): row[2:] for row in table.itertuples(index=False)}
    for first, second, estimate, note in moved.itertuples(index=False):
        expected, reason = by_pair[frozenset((first, second))]
        np.testing.assert_allclose(estimate, expected, rtol=1e-9)
        assert note == reason
    signs = np.where(np.arange(len(cluster)) % 2, -1, 1)
    turned = correlations * np.outer(signs, signs)
    assert_same(heterotrait_monotrait(turned, cluster, mean=mean), table)
    found, by_cluster = convergent_validity(loadings, cluster), {}
    for row in found.itertuples(index=False):
        by_cluster[row[0]] = row[1:]
    for row in convergent_validity(loadings[places], cluster[places]).itertuples(index=False):
        np.testing.assert_allclose(row[1:4], by_cluster[row[0]][:3], rtol=1e-9)
    assert_same(convergent_validity(-loadings, cluster), found)
    assert not np.isinf(table["estimate"]).any()


def test_a_factor_of_one_item_and_an_improper_one_have_reasons():
    table = convergent_validity([0.7, 0.5, 1.1, 0.4, NAN, 0.5, -0.5, 0, 0], list("abbccddee"))
    notes = ["too_few_items", "heywood", "not_identified", "negative_loading", "no_variation"]
    assert table["note"].tolist() == notes
    # Loadings .5 and -.5: a quarter is shared, and cancels in the sum.
    close(table["average_variance_extracted"], [NAN, NAN, NAN, 0.25, NAN])
    close(table["composite_reliability"], [NAN, NAN, NAN, 0, NAN])


@pytest.mark.parametrize("mean", MEANS)
def test_ratios_that_cannot_be_given_have_reasons(mean):
    unknown = FOUR.copy()
    unknown[0, 3] = unknown[3, 0] = NAN
    unrelated = FOUR.copy()
    unrelated[0, 1] = unrelated[1, 0] = 0
    for correlations, cluster, note in (
        (FOUR, ["a", "a", "b", "c"], "too_few_items"),
        (unknown, PAIRS, "not_identified"),
        (unrelated, PAIRS, "no_variation"),
    ):
        table = heterotrait_monotrait(correlations, cluster, mean=mean)
        assert set(table["note"]) == {note}
        assert table["estimate"].isna().all()
    assert heterotrait_monotrait(FOUR, list("aaaa"), mean=mean).empty


def test_one_correlation_of_zero_makes_the_geometric_ratio_zero():
    correlations = FOUR.copy()
    correlations[0, 2] = correlations[2, 0] = 0
    assert heterotrait_monotrait(correlations, PAIRS, mean="geometric")["estimate"][0] == 0
    close(heterotrait_monotrait(correlations, PAIRS)["estimate"], 0.2 / 0.4)


def test_a_ratio_may_exceed_one():
    correlations = np.where(np.eye(4), 1, 0.3)
    correlations[:2, 2:] = correlations[2:, :2] = 0.6
    close(heterotrait_monotrait(correlations, PAIRS)["estimate"], 2)


def test_an_unknown_mean_is_refused_with_the_list():
    with pytest.raises(ValueError, match=r"mean must be one of \('arithmetic', 'geometric'\)"):
        heterotrait_monotrait(FOUR, PAIRS, mean="harmonic")


def test_continuous_items_agree_with_semtools_to_where_lavaan_stops():
    # lavaan's variances of standardised items are 1 to about six digits.
    records = [r for r in reference("reliability")["clusters"] if "where_it_stops" in r["expected"]]
    assert len(records) >= 6
    for record in records:
        table = convergent_validity(matrix(record["loadings"]), np.array(record["cluster"]))
        for column, values in record["expected"]["where_it_stops"].items():
            np.testing.assert_allclose(table[column], values, rtol=1e-5, err_msg=record["name"])
