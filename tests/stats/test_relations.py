"""What must stay true whatever the answers are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
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
STUDENT = {name: EVERY[name] for name in ("welch", "cr2_difference", "mean_against", "cr2_mean")}
LABELS = np.array(["zuid", "7", "Älv", "b b", "10", "", "ZUID", "7.0"])
CLUSTERS = st.integers(0, len(LABELS) - 1)

every = pytest.mark.parametrize("statistic", EVERY.values(), ids=EVERY)
two_roles = pytest.mark.parametrize("statistic", TWO_ROLES.values(), ids=TWO_ROLES)
student = pytest.mark.parametrize("statistic", STUDENT.values(), ids=STUDENT)


@st.composite
def tiny_studies(draw):
    """A few people, every answer drawn by itself: anything may be degenerate."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, k = generator.integers(4, 11), generator.integers(1, 3)
    # Few levels make constant groups common.
    levels = generator.permutation([1.0, 2.0, 3.0, 4.0, 5.0, np.nan])[: generator.integers(1, 7)]
    values = generator.choice(levels, (n, k))
    return values, generator.random(n) < generator.random(), generator.integers(0, len(LABELS), n)


@st.composite
def ordinary_studies(draw):
    """Five-point answers with a gap, some missing, of people in two to eight clusters."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, k, clusters = draw(st.integers(12, 60)), draw(st.integers(1, 4)), draw(st.integers(2, 8))
    first, cluster = generator.random(n) < 0.5, generator.integers(0, clusters, n)
    middle = 3 + first[:, None] * generator.normal(0, 1, k)
    values = np.clip(np.rint(generator.normal(middle, 1, (n, k))), 1, 5)
    return np.where(generator.random((n, k)) < 0.1, np.nan, values), first, cluster


def studies():
    return st.one_of(tiny_studies(), ordinary_studies())


@every
def test_most_ordinary_studies_can_be_computed(statistic):
    # Otherwise the relations below would hold of nothing but notes.
    reached = []

    @given(ordinary_studies())
    def look(study):
        reached.append(statistic(*study)["ci_low"].notna().any())

    look()
    assert np.mean(reached) > 0.8


@every
@given(study=studies(), seed=st.integers(0, 999))
def test_order_does_not_matter(statistic, study, seed):
    values, first, cluster = study
    generator = np.random.default_rng(seed)
    rows, columns = (generator.permutation(size) for size in values.shape)
    found = statistic(values[rows][:, columns], first[rows], cluster[rows])
    assert_same(found, statistic(*study).iloc[columns])


@every
@given(study=studies())
def test_cluster_names_do_not_matter(statistic, study):
    values, first, cluster = study
    assert_same(statistic(values, first, LABELS[cluster]), statistic(*study), rtol=1e-12)


@every
@given(study=studies())
def test_a_column_alone_gives_what_it_gives_among_others(statistic, study):
    values, first, cluster = study
    together = statistic(values, first, cluster)
    for j in range(values.shape[1]):
        assert_same(statistic(values[:, j], first, cluster), together.iloc[[j]])


@every
@given(study=studies(), place=st.integers(0, 4))
def test_an_all_missing_column_leaves_the_others_unmoved(statistic, study, place):
    values, first, cluster = study
    place = min(place, values.shape[1])
    wider = statistic(np.insert(values, place, np.nan, axis=1), first, cluster)
    assert_same(wider.drop(index=place), statistic(*study))
    assert np.isnan(wider.loc[place, "estimate"])
    assert wider.loc[place, "note"] == "too_few_answers"


@every
@given(study=studies())
def test_people_who_answered_nothing_are_only_counted(statistic, study):
    values, first, cluster = study
    longer = statistic(
        np.vstack([values, np.full((2, values.shape[1]), np.nan)]),
        np.append(first, [True, False]),
        np.append(cluster, [0, 9]),
    )
    expected = statistic(*study)
    assert_same(longer.assign(n_dropped=longer["n_dropped"] - 2), expected)


@two_roles
@given(study=studies(), shift=st.sampled_from([-3.0, 0.5, 100.0]))
def test_a_shift_moves_no_difference(statistic, study, shift):
    values, first, cluster = study
    assert_same(statistic(values + shift, first, cluster), statistic(*study))


@student
@given(study=studies(), factor=st.sampled_from([0.1, 2.5, 25.0]))
def test_a_scale_moves_points_and_no_test(statistic, study, factor):
    values, first, cluster = study
    # Midpoint 3 of the one-sample tests stays where it is: stretch around it.
    scaled = statistic((values - 3) * factor + 3, first, cluster)
    expected = statistic(*study)
    assert_same(scaled.assign(**(scaled[IN_POINTS] / factor)), expected)


@pytest.mark.parametrize("statistic", [hedges_g, brunner_munzel])
@given(study=studies(), factor=st.sampled_from([0.1, 2.5, 25.0]))
def test_a_scale_moves_no_standardised_value(statistic, study, factor):
    values, first, _ = study
    assert_same(statistic(values * factor, first), statistic(values, first))


@given(study=studies())
def test_superiority_depends_on_order_only(study):
    values, first, _ = study
    assert_same(brunner_munzel(values**3, first), brunner_munzel(values, first))


@two_roles
@given(study=studies())
def test_swapping_roles_flips_the_sign(statistic, study):
    values, first, cluster = study
    assert_mirrored(statistic(values, ~first, cluster), statistic(*study), swapped=True)


@every
@given(study=studies())
def test_reverse_coding_flips_the_sign(statistic, study):
    values, first, cluster = study
    assert_mirrored(statistic(6 - values, first, cluster), statistic(*study), swapped=False)


def assert_mirrored(found, expected, *, swapped):
    """Require ``found`` to be ``expected`` with its sign turned (a chance: one minus it)."""
    is_chance = "statistic" in found and found["estimate"].dropna().between(0, 1).all()
    centre = 1.0 if is_chance and _sums_to_one(found, expected) else 0.0
    turned = expected.assign(
        estimate=centre - expected["estimate"],
        ci_low=centre - expected["ci_high"],
        ci_high=centre - expected["ci_low"],
    )
    if "statistic" in turned:
        turned["statistic"] = -expected["statistic"]
    if swapped:
        turned = turned.assign(n_a=expected["n_b"], n_b=expected["n_a"])
    assert_same(found, turned)


def _sums_to_one(found, expected):
    return np.allclose((found["estimate"] + expected["estimate"]).dropna(), 1.0)


@given(study=studies())
def test_everybody_twice_keeps_the_estimate_and_narrows_the_interval(study):
    values, first, _ = study
    once, twice = welch(values, first), welch(np.tile(values, (2, 1)), np.tile(first, 2))
    tested = (once["note"] == "").to_numpy()
    np.testing.assert_allclose(twice["estimate"], once["estimate"], rtol=1e-12, atol=1e-14)
    # Each variance over n shrinks by (n - 1)/(2n - 1): between 1/3 (n = 2) and 1/2.
    ratio = (twice["standard_error"] / once["standard_error"])[tested]
    assert ratio.between(np.sqrt(1 / 3) - 1e-9, np.sqrt(1 / 2)).all()


@pytest.mark.parametrize("statistic", [cr2_difference, STUDENT["cr2_mean"]], ids=["two", "one"])
@given(study=studies())
def test_copies_within_a_cluster_teach_cr2_nothing(statistic, study):
    # The number of clusters is what counts: people copied into their own cluster add no certainty.
    once, twice = statistic(*study), statistic(*(np.concatenate([part, part]) for part in study))
    # (One answer, copied, is no longer too few answers, but still one cluster.)
    kept = once["note"] != "too_few_answers"
    columns = [*IN_POINTS, "statistic", "df", "p_value", "n_clusters", "note"]
    assert_same(twice.loc[kept, columns], once.loc[kept, columns])


@given(study=studies())
def test_copies_in_new_clusters_narrow_cr2(study):
    values, first, cluster = study
    once = cr2_difference(*study)
    twice = cr2_difference(
        np.tile(values, (2, 1)), np.tile(first, 2), np.concatenate([cluster, cluster + 10])
    )
    tested = once["p_value"].notna()
    assert (twice["standard_error"] < once["standard_error"])[tested].all()
    assert (twice["df"] > once["df"])[tested].all()


@given(study=studies())
def test_people_who_are_their_own_cluster_have_welchs_standard_error(study):
    values, first, _ = study
    alone = cr2_difference(values, first, np.arange(len(values)))
    by_welch = welch(values, first)
    columns = ["estimate", "standard_error", "statistic", "n_a", "n_b", "n_dropped"]
    assert_same(alone[columns], by_welch[columns])


@given(values=hnp.arrays(float, st.tuples(st.integers(3, 30), st.integers(1, 3)),
                         elements=st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, np.nan])))  # fmt: skip
def test_a_mean_of_people_who_are_their_own_cluster_is_the_t_test(values):
    alone = cr2_mean(values, np.arange(len(values)), null_value=3.0)
    columns = [*IN_POINTS, "statistic", "df", "p_value", "n_a", "n_dropped"]
    assert_same(alone[columns], mean_against(values, null_value=3.0)[columns])


@student
@given(study=studies())
def test_the_interval_leaves_out_zero_exactly_when_p_is_below_five_per_cent(statistic, study):
    table = statistic(*study).dropna(subset=["p_value"])
    excludes_zero = (table["ci_low"] > 0) | (table["ci_high"] < 0)
    undecided = (table["p_value"] - 0.05).abs() < 1e-9
    assert (excludes_zero == (table["p_value"] < 0.05))[~undecided].all()


@given(study=studies(), alternative=st.sampled_from(["two-sided", "greater"]))
def test_one_sided_p_is_half_the_two_sided_on_its_side(study, alternative):
    values, _, cluster = study
    for two_sided, one_sided in (
        (mean_against(values, null_value=3.0),
         mean_against(values, null_value=3.0, alternative="greater")),
        (cr2_mean(values, cluster, null_value=3.0),
         cr2_mean(values, cluster, null_value=3.0, alternative="greater")),
    ):  # fmt: skip
        half = two_sided["p_value"] / 2
        expected = half.where(two_sided["statistic"] > 0, 1 - half)
        np.testing.assert_allclose(one_sided["p_value"], expected, rtol=1e-12)


@every
@given(study=studies())
def test_everybody_is_counted_once_and_every_missing_number_has_a_reason(statistic, study):
    table = statistic(*study)
    counted = table["n_a"] + table["n_dropped"] + table.get("n_b", 0)
    assert (counted == len(study[0])).all()
    assert (table["n_dropped"] == np.isnan(study[0]).sum(axis=0)).all()
    assert (table["note"] != "")[table["ci_low"].isna()].all()
    numbers = [table[name].to_numpy() for name in table if table[name].dtype.kind == "f"]
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
