"""Agreement within organisations and the verdict on it: on paper, relations and traps.

The values of R are compared in ``test_agreement``.
"""

from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.stats import same

from research.stats.agreement.aggregation import (
    AGGREGATION_VERDICTS,
    may_be_aggregated,
    people_agree,
)
from research.stats.agreement.within_groups import (
    average_deviation,
    average_deviation_j,
    icc_1,
    icc_2,
    null_variance,
    rwg,
    rwg_j,
)

assert_same = partial(same.assert_same, atol=1e-11)

NAN = np.nan
BETWEEN = {"icc_1": icc_1, "icc_2": icc_2}
WITHIN = {
    "rwg": lambda values, cluster: rwg(values, cluster, n_levels=5),
    "rwg_keep": lambda values, cluster: rwg(values, cluster, n_levels=5, negative="keep"),
    "ad_mean": average_deviation,
    "ad_median": lambda values, cluster: average_deviation(values, cluster, centre="median"),
}
WHOLE = {
    "rwg_j": lambda values, cluster: rwg_j(values, cluster, n_levels=5),
    "rwg_j_keep": lambda values, cluster: rwg_j(values, cluster, n_levels=5, negative="keep"),
    "ad_mean_j": average_deviation_j,
    "ad_median_j": lambda values, cluster: average_deviation_j(values, cluster, centre="median"),
}
# One of each kind for the relations: the others share its lines.
KINDS = {
    name: (BETWEEN | WITHIN | WHOLE)[name] for name in ("icc_1", "icc_2", "rwg_keep", "ad_mean")
}
KINDS |= {name: (WITHIN | WHOLE)[name] for name in ("rwg_j_keep", "ad_mean_j")}
every = pytest.mark.parametrize("statistic", KINDS.values(), ids=KINDS)


@st.composite
def studies(draw):
    """A few people in up to four organisations: anything may be degenerate."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, k = draw(st.integers(2, 12)), draw(st.integers(1, 3))
    values = generator.integers(1, draw(st.integers(2, 6)), (n, k)).astype(float)
    values[generator.random((n, k)) < draw(st.sampled_from([0, 0.1, 0.5]))] = NAN
    return values, generator.integers(0, draw(st.integers(1, 4)), n)


def test_icc_of_three_clusters_on_paper():
    # Means 2, 4, 6: between 2 * 8 / 2 = 8, within 6 / 3 = 2, F = 4. Two a cluster:
    # ICC(1) = 6 / (8 + 2), ICC(2) = 1 - 1/4.
    values, cluster = np.array([1.0, 3, 3, 5, 5, 7]), np.repeat(["x", "y", "z"], 2)
    one, two = icc_1(values, cluster).iloc[0], icc_2(values, cluster).iloc[0]
    assert one["estimate"] == pytest.approx(0.6, rel=1e-14)
    assert two["estimate"] == pytest.approx(0.75, rel=1e-14)
    assert (one["statistic"], one["df"], one["df_error"]) == (4, 2, 3)
    # F(2, 3) = 4: p = (1 + 2 * 4 / 3)^(-3/2).
    assert one["p_value"] == pytest.approx((11 / 3) ** -1.5, rel=1e-12)


def test_unequal_clusters_enter_with_their_mean_size():
    # Sizes 2 and 4, means 2 and 4 about 10/3: between 16/3, within 2/4. Mean size 3 (Bliese):
    # (16/3 - 1/2) / (16/3 + 2/2) = 29/38; Haggard's size 8/3 would give 29/37.
    values, cluster = np.array([1.0, 3, 4, 4, 4, 4]), [1, 1, 2, 2, 2, 2]
    row = icc_1(values, cluster).iloc[0]
    assert row["mean_group_size"] == 3
    assert row["estimate"] == pytest.approx(29 / 38, rel=1e-14)


def test_icc_names_its_estimator_and_may_be_negative():
    # A REML model gives 0 here. Means 2 and 2.5, spread 4.
    row = icc_1(np.array([0.0, 4, 0.5, 4.5]), [1, 1, 2, 2]).iloc[0]
    assert row["estimator"] == "anova"
    assert row["estimate"] < 0


@pytest.mark.parametrize(
    ("values", "cluster", "estimates", "note"),
    [
        ([1.0, 3, 4], ["a", "a", "a"], (NAN, NAN), "too_few_clusters"),
        # Its mean is off by the last bit when taken twice.
        ([0.5, 0.1, 0.1], ["a", "a", "a"], (NAN, NAN), "too_few_clusters"),
        ([1.0, 3, 4], ["a", "b", "c"], (NAN, NAN), "too_few_answers"),
        ([0.1, 0.1, 0.1, 0.1], ["a", "a", "b", "b"], (NAN, NAN), "no_variation"),
        ([0.1, 0.3, 0.2, 0.2], ["a", "a", "b", "b"], (-1, NAN), "no_variation"),
        # Both means are .5, but for the last bit.
        ([0.1, 0.7, 0.7, 0.5, 0.5, 0.5], list("aaabbb"), (-0.5, NAN), "no_variation"),
        ([0.1, 0.1, 0.3, 0.3], ["a", "a", "b", "b"], (1, 1), "no_residual_variation"),
        ([NAN, NAN, NAN], ["a", "a", "b"], (NAN, NAN), "too_few_answers"),
        ([], [], (NAN, NAN), "too_few_answers"),
    ],
)
def test_icc_of_degenerate_answers_is_defined(values, cluster, estimates, note):
    for statistic, expected in zip(BETWEEN.values(), estimates, strict=True):
        row = statistic(np.array(values, dtype=float), cluster).iloc[0]
        assert row["note"] == note
        np.testing.assert_allclose(row["estimate"], expected)
        assert row[["ci_low", "ci_high", "statistic", "p_value"]].isna().all()


def test_agreement_on_one_item_on_paper():
    # Variance of 2, 3, 4 is 1. Uniform null on five points (25 - 1)/12 = 2; skewed 1.34.
    values, cluster = np.array([2.0, 3, 4]), ["x"] * 3
    assert rwg(values, cluster, n_levels=5)["estimate"][0] == pytest.approx(0.5)
    skewed = rwg(values, cluster, n_levels=5, null_distribution="slightly_skewed")
    assert skewed["estimate"][0] == pytest.approx(1 - 1 / 1.34)
    assert (skewed["null_distribution"][0], skewed["negative"][0]) == (
        "slightly_skewed",
        "truncate",
    )


def test_less_agreement_than_chance_is_set_to_zero_or_kept():
    # Variance of 1 and 5 is 8, four times the null: 1 - 4. Two such items: 2 * -3 / (-6 + 4) = 3
    # is no agreement but a sign lost below the line.
    values, cluster = np.array([[1.0, 5], [5, 1]]), ["x", "x"]
    assert rwg(values, cluster, n_levels=5)["estimate"].tolist() == [0, 0]
    assert rwg(values, cluster, n_levels=5, negative="keep")["estimate"].tolist() == [-3, -3]
    assert rwg_j(values, cluster, n_levels=5)["estimate"].tolist() == [0]
    kept = rwg_j(values, cluster, n_levels=5, negative="keep")
    assert kept["estimate"].isna().all()
    assert kept["note"].tolist() == ["not_identified"]


def test_agreement_on_a_scale_on_paper():
    # Item variances 1 and 0 over 2: u = 1/4; 2 * .75 / (1.5 + .25) = 6/7. The incomplete row goes.
    values = np.array([[2.0, 4], [3, 4], [4, 4], [1, NAN]])
    row = rwg_j(values, ["x"] * 4, n_levels=5).iloc[0]
    assert row["estimate"] == pytest.approx(6 / 7, rel=1e-14)
    assert (row["n_a"], row["n_dropped"], row["n_items"]) == (3, 1, 2)


def test_average_deviation_on_paper():
    # 1, 1, 4: about the mean 2 (1 + 1 + 2)/3, about the median 1 (0 + 0 + 3)/3.
    values, cluster = np.array([[1.0, 3], [1, 3], [4, 3]]), ["x"] * 3
    assert average_deviation(values, cluster)["estimate"].tolist() == pytest.approx([4 / 3, 0])
    about_median = average_deviation(values, cluster, centre="median")
    assert about_median["estimate"].tolist() == pytest.approx([1, 0])
    assert average_deviation_j(values, cluster)["estimate"].tolist() == pytest.approx([2 / 3])


def test_medians_are_those_of_each_cluster_and_column():
    generator = np.random.default_rng(8)
    values = generator.integers(1, 6, (60, 4)).astype(float)
    values[generator.random(values.shape) < 0.3] = NAN
    cluster = generator.integers(0, 9, 60)
    found = average_deviation(values, cluster, centre="median")
    for _, row in found.iterrows():
        answers = values[cluster == int(row["cluster"]), row["column"]]
        answers = answers[~np.isnan(answers)]
        if len(answers) > 1:
            expected = np.mean(np.abs(answers - np.median(answers)))
            assert row["estimate"] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("answer", [0.1, 1 / 3, 1e6 / 7])
def test_rounding_of_a_constant_is_not_taken_for_disagreement(answer):
    values, cluster = np.full((21, 2), answer), np.arange(21) % 3
    for name, statistic in (WITHIN | WHOLE).items():
        assert set(statistic(values, cluster)["estimate"]) == {1.0 if "rwg" in name else 0.0}


def test_wrong_choices_are_refused_with_the_list():
    with pytest.raises(ValueError, match=r"negative must be one of \('truncate', 'keep'\)"):
        rwg(np.ones(3), np.ones(3), n_levels=5, negative="zero")
    with pytest.raises(
        ValueError, match=r"null_distribution must be one of \('uniform', 'slightly"
    ):
        null_variance(5, "normal")
    with pytest.raises(ValueError, match=r"is known for n_levels \(5,\), not 7"):
        null_variance(7, "slightly_skewed")
    with pytest.raises(ValueError, match="at least 2 answer options, not 1"):
        rwg_j(np.ones((3, 2)), np.ones(3), n_levels=1)
    with pytest.raises(ValueError, match=r"centre must be one of \('mean', 'median'\)"):
        average_deviation(np.ones(3), np.ones(3), centre="mode")


# ---- the verdict ----------------------------------------------------------------------------


def judged(rwg=0.8, deviation=0.5, n=10, icc=0.2, reliability=0.8, p=0.001, **options):
    """Verdict and reasons of one organisation on one scale of five points (A/6 = .833)."""
    cluster = {"cluster": ["x"], "n_a": [n]}
    table = may_be_aggregated(
        pd.DataFrame({**cluster, "estimate": [rwg]}),
        pd.DataFrame({**cluster, "estimate": [deviation]}),
        pd.DataFrame({"estimate": [icc], "p_value": [p]}),
        pd.DataFrame({"estimate": [reliability], "p_value": [p]}),
        n_levels=5,
        **options,
    ).iloc[0]
    return table["verdict"], table["reasons"]


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, ("may", "")),
        ({"rwg": 0.7, "deviation": 5 / 6, "icc": 0.05, "reliability": 0.7}, ("may", "")),
        ({"rwg": 0.7 - 1e-15, "deviation": 5 / 6 + 1e-15}, ("may", "")),  # rounding of the limits
        ({"rwg": 0.69}, ("undecided", "rwg_below")),
        ({"deviation": 0.84}, ("undecided", "ad_above")),
        ({"rwg": 0.5, "deviation": 1.1}, ("may_not", "rwg_below ad_above")),
        ({"p": 0.051}, ("undecided", "clusters_do_not_differ")),
        ({"icc": 0.049}, ("undecided", "icc_1_below")),
        ({"reliability": 0.69}, ("undecided", "icc_2_below")),
        ({"n": 4}, ("undecided", "too_few_answers")),
        ({"n": 4, "rwg": 0.1, "deviation": 2.0}, ("undecided", "too_few_answers")),
        ({"n": 4, "minimum_n": 3}, ("may", "")),
        ({"rwg": NAN}, ("undecided", "too_few_answers")),
        ({"p": NAN}, ("undecided", "not_tested")),
        ({"p": NAN, "rwg": 0.5, "deviation": 1.1}, ("may_not", "rwg_below ad_above not_tested")),
        ({"p": 0.01, "alpha": 0.001}, ("undecided", "clusters_do_not_differ")),
        ({"rwg": 0.1, "deviation": 2.0, "icc": 0.0, "reliability": 0.1, "p": 0.4},
         ("may_not", "rwg_below ad_above clusters_do_not_differ icc_1_below icc_2_below")),
    ],
)  # fmt: skip
def test_the_verdict_follows_the_rule(case, expected):
    assert judged(**case) == expected


def test_a_scale_is_judged_by_one_row_of_icc():
    values, cluster = np.arange(12.0).reshape(6, 2) % 5, np.repeat([1, 2, 3], 2)
    with pytest.raises(ValueError, match="one row of icc_1"):
        may_be_aggregated(
            rwg_j(values, cluster, n_levels=5),
            average_deviation_j(values, cluster),
            icc_1(values, cluster),
            icc_2(values, cluster),
            n_levels=5,
        )


@given(studies())
def test_every_organisation_gets_a_verdict_and_a_reason_unless_it_may(study):
    items = may_be_aggregated(
        rwg(*study, n_levels=5), average_deviation(*study), icc_1(*study), icc_2(*study),
        n_levels=5, minimum_n=2,
    )  # fmt: skip
    assert len(items) == len(np.unique(study[1])) * study[0].shape[1]
    assert set(items["verdict"]) <= set(AGGREGATION_VERDICTS)
    assert ((items["verdict"] == "may") == (items["reasons"] == "")).all()


def test_verdicts_per_item_use_the_icc_of_that_item():
    # Item 0: three organisations apart, everyone within agrees closely. Item 1: all alike.
    generator = np.random.default_rng(4)
    cluster = np.repeat(["a", "b", "c"], 20)
    base = np.repeat([1.0, 3, 5], 20)
    values = np.column_stack([base, np.full(60, 3.0)]) + generator.choice([-0.5, 0, 0.5], (60, 2))
    table = may_be_aggregated(
        rwg(values, cluster, n_levels=5), average_deviation(values, cluster),
        icc_1(values, cluster), icc_2(values, cluster), n_levels=5,
    )  # fmt: skip
    assert set(table.loc[table["column"] == 0, "verdict"]) == {"may"}
    assert set(table.loc[table["column"] == 1, "verdict"]) == {"undecided"}


def test_tables_of_other_organisations_are_refused():
    values, cluster = np.arange(12.0).reshape(6, 2) % 5, np.repeat([1, 2, 3], 2)
    score = values.mean(axis=1)
    with pytest.raises(ValueError, match="same clusters in the same order"):
        may_be_aggregated(
            rwg_j(values, cluster, n_levels=5),
            average_deviation_j(values, cluster)[::-1],
            icc_1(score, cluster),
            icc_2(score, cluster),
            n_levels=5,
        )


# ---- relations ------------------------------------------------------------------------------

LABELS = np.sort(["10", "2", "Älv", "b b"])
PLAIN = np.array(["k", "l", "m", "n"])


@every
@given(study=studies(), seed=st.integers(0, 99), shift=st.integers(-3, 3))
def test_order_names_place_and_direction_change_nothing(statistic, study, seed, shift):
    values, cluster = study
    expected = statistic(values, PLAIN[cluster])
    rows = np.random.default_rng(seed).permutation(len(values))
    moved = statistic(values[rows] + shift, PLAIN[cluster[rows]])
    assert_same(moved, expected)
    reversed_ = statistic(6 - values, LABELS[cluster])
    if "cluster" in expected:
        assert reversed_["cluster"].tolist() == LABELS[np.unique(cluster)].repeat(
            len(expected) // len(np.unique(cluster))
        ).tolist()  # fmt: skip
        reversed_ = reversed_.assign(cluster=expected["cluster"])
    assert_same(reversed_, expected)


@given(studies())
def test_icc_depends_neither_on_the_unit_nor_on_other_columns_nor_on_the_silent(study):
    values, cluster = study
    expected = icc_1(values, cluster)
    wider = icc_1(np.insert(4 * values[:, ::-1], 0, NAN, axis=1), cluster)
    assert_same(wider.iloc[1:], expected.iloc[::-1])
    assert wider["note"][0] == "too_few_answers"
    longer = icc_1(np.vstack([values, np.full((2, values.shape[1]), NAN)]), [*cluster, 0, 9])
    assert_same(longer.assign(n_dropped=longer["n_dropped"] - 2), expected)


@given(studies())
def test_icc_1_and_icc_2_are_linked_by_spearman_and_brown(study):
    one, two = icc_1(*study), icc_2(*study)
    for column in ("estimate", "ci_low", "ci_high"):
        there = two[column].notna()
        size, single = one["mean_group_size"][there], one[column][there]
        stepped_up = size * single / (1 + (size - 1) * single)
        np.testing.assert_allclose(stepped_up, two[column][there], rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("name", ["rwg_keep", "ad_median", "rwg_j_keep"])
@given(study=studies(), chosen=st.integers(0, 11))
def test_an_organisation_and_an_item_alone_give_what_they_give_among_others(name, study, chosen):
    values, cluster = study
    together = (WITHIN | WHOLE)[name](values, cluster)
    label = cluster[chosen % len(cluster)]
    mine, item = cluster == label, chosen % values.shape[1]
    expected = together[together["cluster"] == str(label)]
    if name in WHOLE:
        assert_same(WHOLE[name](values[mine], cluster[mine]), expected)
        return
    alone = WITHIN[name](values[mine, item], cluster[mine])
    assert_same(alone.assign(column=item), expected[expected["column"] == item])


@pytest.mark.parametrize(("item", "scale"), [("rwg", "rwg_j"), ("ad_median", "ad_median_j")])
@given(study=studies())
def test_a_scale_of_one_item_is_that_item(item, scale, study):
    values, cluster = study
    columns = ["cluster", "estimate", "n_a", "n_dropped", "note"]
    whole = WHOLE[scale](values[:, :1], cluster)
    assert_same(whole[columns], WITHIN[item](values[:, :1], cluster)[columns])


@given(studies())
def test_everybody_twice_deviates_as_much(study):
    values, cluster = study
    once = average_deviation(values, cluster, centre="median")
    twice = average_deviation(np.vstack([4 * values] * 2), np.tile(cluster, 2), centre="median")
    several = once["n_a"] > 1
    np.testing.assert_allclose(
        twice["estimate"][several], 4 * once["estimate"][several], atol=1e-12
    )


@given(studies())
def test_truncating_sets_what_is_below_zero_to_zero_and_nothing_else(study):
    kept, cut = WITHIN["rwg_keep"](*study), WITHIN["rwg"](*study)
    np.testing.assert_array_equal(kept["estimate"].clip(lower=0), cut["estimate"])
    kept, cut = WHOLE["rwg_j_keep"](*study)["estimate"], WHOLE["rwg_j"](*study)["estimate"]
    assert cut.dropna().between(0, 1).all()
    np.testing.assert_allclose(kept.clip(lower=0)[kept.notna()], cut[kept.notna()], rtol=1e-12)


def test_people_agree_where_neither_measure_fails_by_hand():
    # Five options: null variance 2, A/6 = .833. Alike: r_wg 1, deviation 0. At both ends (1, 5):
    # variance 8, r_wg 0, deviation 2. Alone: no variance, no verdict.
    # 1 2 3: variance 1, r_wg .5 fails, deviation 2/3 does not: that is enough to differ.
    values = np.array([4.0, 4, 4, 1, 5, 2, 1, 2, 3])
    cluster = np.array(list("aaabbcddd"))
    verdicts = people_agree(
        rwg(values, cluster, n_levels=5), average_deviation(values, cluster), n_levels=5
    )
    assert verdicts.tolist() == ["agree", "differ", "", "differ"]
