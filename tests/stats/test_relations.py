"""What must stay true whatever the answers are.

Each relation compares a statistic of a changed study with the same statistic of the study as it was.
The latter is the same for all of them, so one test per statistic takes a study through every relation
there is for it; a failure names the relation.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.stats.conftest import EXAMPLES
from tests.stats.same import assert_same

from research.stats.clustered import cr2_difference, cr2_mean
from research.stats.differences import brunner_munzel, hedges_g, mean_against, welch

IN_POINTS = ["estimate", "ci_low", "ci_high", "standard_error"]
TWO_ROLES = {
    "welch": lambda values, first, cluster: welch(values, first),
    "hedges_g": lambda values, first, cluster: hedges_g(values, first),
    "brunner_munzel": lambda values, first, cluster: brunner_munzel(values, first),
    "cr2_difference": cr2_difference,
}
MEANS = {
    "mean_against": lambda values, first, cluster: mean_against(values, null_value=3.0),
    "cr2_mean": lambda values, first, cluster: cr2_mean(values, cluster, null_value=3.0),
}
EVERY = TWO_ROLES | MEANS
STUDENT = ("welch", "cr2_difference", "mean_against", "cr2_mean")
LABELS = np.array(["zuid", "7", "Älv", "b b", "10", "", "ZUID", "7.0"])
SEEDS = st.integers(0, 2**32 - 1)
RELATIONS = []

every = pytest.mark.parametrize("statistic", EVERY.values(), ids=EVERY)


def tiny_study(generator):
    """A few people, every answer drawn by itself: anything may be degenerate."""
    n, k = generator.integers(4, 11), generator.integers(1, 3)
    # Few levels make constant groups common.
    levels = generator.permutation([1.0, 2.0, 3.0, 4.0, 5.0, np.nan])[: generator.integers(1, 7)]
    values = generator.choice(levels, (n, k))
    return values, generator.random(n) < generator.random(), generator.integers(0, len(LABELS), n)


def ordinary_study(generator):
    """Five-point answers with a gap, some missing, of people in two to eight clusters."""
    n, k, clusters = (generator.integers(low, high) for low, high in ((12, 61), (1, 5), (2, 9)))
    first, cluster = generator.random(n) < 0.5, generator.integers(0, clusters, n)
    middle = 3 + first[:, None] * generator.normal(0, 1, k)
    values = np.clip(np.rint(generator.normal(middle, 1, (n, k))), 1, 5)
    return np.where(generator.random((n, k)) < 0.1, np.nan, values), first, cluster


def drawn_study(generator):
    return (tiny_study if generator.random() < 0.5 else ordinary_study)(generator)


def relation(of):
    """Make what follows a relation of these statistics, by name."""

    def add(check):
        RELATIONS.append((check, frozenset(of)))
        return check

    return add


@pytest.mark.parametrize("name", EVERY)
@given(seed=SEEDS)
def test_every_relation_holds(name, seed):
    generator = np.random.default_rng(seed)
    statistic, study = EVERY[name], drawn_study(generator)
    expected = statistic(*study)
    for check, of in RELATIONS:
        if name not in of:
            continue
        try:
            check(statistic, study, expected, generator)
        except Exception as broken:
            broken.add_note(f"{name}: {check.__name__} does not hold of {study}")
            raise


def test_no_relation_is_left_out_and_each_meets_many_studies():
    for name, number in {"hedges_g": 10, "cr2_mean": 11, "cr2_difference": 13}.items():
        assert sum(name in of for _, of in RELATIONS) == number
    assert settings.default.max_examples == EXAMPLES >= 100


@every
def test_most_ordinary_studies_can_be_computed(statistic):
    # Otherwise the relations below would hold of nothing but notes.
    reached = []

    @settings(max_examples=100)  # no relation: a share
    @given(seed=SEEDS)
    def look(seed):
        study = ordinary_study(np.random.default_rng(seed))
        reached.append(statistic(*study)["ci_low"].notna().any())

    look()
    assert np.mean(reached) > 0.8


@relation(EVERY)
def order_does_not_matter(statistic, study, expected, generator):
    values, first, cluster = study
    rows, columns = (generator.permutation(size) for size in values.shape)
    found = statistic(values[rows][:, columns], first[rows], cluster[rows])
    assert_same(found, expected.iloc[columns])


@relation(EVERY)
def cluster_names_do_not_matter(statistic, study, expected, generator):
    values, first, cluster = study
    assert_same(statistic(values, first, LABELS[cluster]), expected, rtol=1e-12)


@relation(EVERY)
def a_column_alone_gives_what_it_gives_among_others(statistic, study, expected, generator):
    values, first, cluster = study
    for j in range(values.shape[1]):
        assert_same(statistic(values[:, j], first, cluster), expected.iloc[[j]])


@relation(EVERY)
def an_all_missing_column_leaves_the_others_unmoved(statistic, study, expected, generator):
    values, first, cluster = study
    place = generator.integers(0, values.shape[1], endpoint=True)
    wider = statistic(np.insert(values, place, np.nan, axis=1), first, cluster)
    assert_same(wider.drop(index=place), expected)
    assert np.isnan(wider.loc[place, "estimate"])
    assert wider.loc[place, "note"] == "too_few_answers"


@relation(EVERY)
def people_who_answered_nothing_are_only_counted(statistic, study, expected, generator):
    values, first, cluster = study
    longer = statistic(
        np.vstack([values, np.full((2, values.shape[1]), np.nan)]),
        np.append(first, [True, False]),
        np.append(cluster, [0, 9]),
    )
    assert_same(longer.assign(n_dropped=longer["n_dropped"] - 2), expected)


@relation(TWO_ROLES)
def a_shift_moves_no_difference(statistic, study, expected, generator):
    values, first, cluster = study
    shift = generator.choice([-3.0, 0.5, 100.0])
    assert_same(statistic(values + shift, first, cluster), expected)


@relation(STUDENT)
def a_scale_moves_points_and_no_test(statistic, study, expected, generator):
    values, first, cluster = study
    factor = generator.choice([0.1, 2.5, 25.0])
    # Midpoint 3 of the one-sample tests stays where it is: stretch around it.
    scaled = statistic((values - 3) * factor + 3, first, cluster)
    assert_same(scaled, expected, but=IN_POINTS)
    np.testing.assert_allclose(
        scaled[IN_POINTS] / factor, expected[IN_POINTS], rtol=1e-9, atol=1e-12
    )


@relation(["hedges_g", "brunner_munzel"])
def a_scale_moves_no_standardised_value(statistic, study, expected, generator):
    values, first, cluster = study
    factor = generator.choice([0.1, 2.5, 25.0])
    assert_same(statistic(values * factor, first, cluster), expected)


@relation(["brunner_munzel"])
def superiority_depends_on_order_only(statistic, study, expected, generator):
    values, first, cluster = study
    assert_same(statistic(values**3, first, cluster), expected)


@relation(TWO_ROLES)
def swapping_roles_flips_the_sign(statistic, study, expected, generator):
    values, first, cluster = study
    assert_mirrored(statistic(values, ~first, cluster), expected, swapped=True)


@relation(EVERY)
def reverse_coding_flips_the_sign(statistic, study, expected, generator):
    values, first, cluster = study
    assert_mirrored(statistic(6 - values, first, cluster), expected, swapped=False)


def assert_mirrored(found, expected, *, swapped):
    """Require ``found`` to be ``expected`` with its sign turned (a chance: one minus it)."""
    is_chance = "statistic" in found and found["estimate"].dropna().between(0, 1).all()
    centre = 1.0 if is_chance and _sums_to_one(found, expected) else 0.0
    turned = {
        "estimate": centre - expected["estimate"],
        "ci_low": centre - expected["ci_high"],
        "ci_high": centre - expected["ci_low"],
    }
    if "statistic" in expected:
        turned["statistic"] = -expected["statistic"]
    if swapped:
        turned |= {"n_a": expected["n_b"], "n_b": expected["n_a"]}
    assert_same(found, expected, but=turned)
    for column, values in turned.items():
        np.testing.assert_allclose(found[column], values, rtol=1e-9, atol=1e-12, err_msg=column)


def _sums_to_one(found, expected):
    return np.allclose((found["estimate"] + expected["estimate"]).dropna(), 1.0)


@relation(["welch"])
def everybody_twice_keeps_the_estimate_and_narrows_the_interval(
    statistic, study, expected, generator
):
    twice = statistic(*twofold(study))
    tested = (expected["note"] == "").to_numpy()
    np.testing.assert_allclose(twice["estimate"], expected["estimate"], rtol=1e-12, atol=1e-14)
    # Each variance over n shrinks by (n - 1)/(2n - 1): between 1/3 (n = 2) and 1/2.
    ratio = (twice["standard_error"] / expected["standard_error"])[tested]
    assert ratio.between(np.sqrt(1 / 3) - 1e-9, np.sqrt(1 / 2)).all()


@relation(["cr2_difference", "cr2_mean"])
def copies_within_a_cluster_teach_cr2_nothing(statistic, study, expected, generator):
    # The number of clusters is what counts: people copied into their own cluster add no certainty.
    twice = statistic(*twofold(study))
    # (One answer, copied, is no longer too few answers, but still one cluster.)
    kept = expected["note"] != "too_few_answers"
    columns = [*IN_POINTS, "statistic", "df", "p_value", "n_clusters", "note"]
    assert_same(twice.loc[kept, columns], expected.loc[kept, columns])


@relation(["cr2_difference"])
def copies_in_new_clusters_narrow_cr2(statistic, study, expected, generator):
    values, first, cluster = study
    twice = statistic(*twofold((values, first)), np.concatenate([cluster, cluster + 10]))
    tested = expected["p_value"].notna()
    assert (twice["standard_error"] < expected["standard_error"])[tested].all()
    assert (twice["df"] > expected["df"])[tested].all()


def twofold(study):
    return tuple(np.concatenate([part, part]) for part in study)


@relation(["welch"])
def people_who_are_their_own_cluster_have_welchs_standard_error(
    statistic, study, expected, generator
):
    values, first, _ = study
    alone = cr2_difference(values, first, np.arange(len(values)))
    columns = ["estimate", "standard_error", "statistic", "n_a", "n_b", "n_dropped"]
    assert_same(alone[columns], expected[columns])


@relation(["mean_against"])
def a_mean_of_people_who_are_their_own_cluster_is_the_t_test(statistic, study, expected, generator):
    alone = cr2_mean(study[0], np.arange(len(study[0])), null_value=3.0)
    columns = [*IN_POINTS, "statistic", "df", "p_value", "n_a", "n_dropped"]
    assert_same(alone[columns], expected[columns])


@relation(STUDENT)
def the_interval_leaves_out_zero_exactly_when_p_is_below_five_per_cent(
    statistic, study, expected, generator
):
    table = expected.dropna(subset=["p_value"])
    excludes_zero = (table["ci_low"] > 0) | (table["ci_high"] < 0)
    undecided = (table["p_value"] - 0.05).abs() < 1e-9
    assert (excludes_zero == (table["p_value"] < 0.05))[~undecided].all()


@relation(["mean_against"])
def one_sided_p_of_a_mean_is_half_the_two_sided_on_its_side(statistic, study, expected, generator):
    assert_half(mean_against(study[0], null_value=3.0, alternative="greater"), expected)


@relation(["cr2_mean"])
def one_sided_p_of_cr2_is_half_the_two_sided_on_its_side(statistic, study, expected, generator):
    values, _, cluster = study
    assert_half(cr2_mean(values, cluster, null_value=3.0, alternative="greater"), expected)


def assert_half(one_sided, two_sided):
    half = two_sided["p_value"] / 2
    expected = half.where(two_sided["statistic"] > 0, 1 - half)
    np.testing.assert_allclose(one_sided["p_value"], expected, rtol=1e-12)


@relation(EVERY)
def everybody_is_counted_once_and_every_missing_number_has_a_reason(
    statistic, study, expected, generator
):
    counted = expected["n_a"] + expected["n_dropped"] + expected.get("n_b", 0)
    assert (counted == len(study[0])).all()
    assert (expected["n_dropped"] == np.isnan(study[0]).sum(axis=0)).all()
    assert (expected["note"] != "")[expected["ci_low"].isna()].all()
    numbers = [expected[name].to_numpy() for name in expected if expected[name].dtype.kind == "f"]
    assert not np.isinf(numbers).any()


@every
@given(
    answer=st.sampled_from([1.0, 4.0, 0.1, 0.1 + 0.2, 1e-3 / 3, 3.3333333]),
    n=st.integers(6, 40),
    n_columns=st.integers(1, 3),
)
def test_constant_answers_give_a_note_and_no_test(statistic, answer, n, n_columns):
    rows = np.arange(n)
    table = statistic(np.full((n, n_columns), answer), rows % 2 == 0, rows % 3)
    assert (table["note"] == "no_variation").all()
    assert table["ci_low"].isna().all()
    if "p_value" in table:
        assert table["p_value"].isna().all()


@every
def test_a_constant_column_leaves_its_neighbours_unmoved(statistic):
    generator = np.random.default_rng(20)
    values = generator.integers(1, 6, (30, 3)).astype(float)
    first, cluster = np.arange(30) % 2 == 0, np.arange(30) % 5
    with_constant = np.column_stack([values[:, 0], np.full(30, 4.0), values[:, 1:]])
    table = statistic(with_constant, first, cluster)
    assert_same(table.drop(index=1), statistic(values, first, cluster))
    assert table.loc[1, "note"] == "no_variation"
