"""Differential item functioning: on paper, what must stay true, traps, and other people's data.

The values of R on made data are compared in ``test_agreement``.
"""

from functools import cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import special
from tests.stats import same
from tests.stats.oracle import ITERATIVE, Statistic, differences, reference

from research.stats.cumulative import maximise
from research.stats.factors import dif
from research.stats.factors.dif import jodoin_gierl_class, ordinal_dif, purify
from research.stats.multiplicity import adjust_p_values
from research.stats.ordinal import cumulative_link
from research.stats.proportional_odds import proportional_odds

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
NAN = np.nan
# The p-values follow from the ratios; next to a ratio of zero they lose half the digits.
assert_same = partial(
    same.assert_same, rtol=1e-6, atol=1e-8, but=("p_uniform", "p_non_uniform", "p_total")
)


def strata(low_a, low_b, high_a, high_b):
    """Two items of two levels: counts of (1, 2) on the first, per level of the second and group."""
    rows, first = [], []
    for score, in_a, counts in ((1, 1, low_a), (1, 0, low_b), (2, 1, high_a), (2, 0, high_b)):
        for answer, n in zip((1, 2), counts, strict=True):
            rows += [[answer, score]] * n
            first += [bool(in_a)] * n
    return np.array(rows, dtype=float), np.array(first)


def planted(seed, n=120, items=6, shift=2.0, biased=(0,), gap=0.0):
    """Answers 1 to 5 of a one-dimensional cluster; a answers ``shift`` logits higher on some."""
    rng = np.random.default_rng(seed)
    first = np.arange(2 * n) < n
    trait = rng.normal(size=2 * n) + gap * first
    latent = 1.5 * trait[:, None] + rng.logistic(size=(2 * n, items))
    latent[:, list(biased)] += shift * first[:, None]
    return np.digitize(latent, [-2.2, -0.7, 0.7, 2.2]) + 1.0, first


# ---- on paper ------------------------------------------------------------------------------


def test_the_same_odds_ratio_in_two_strata():
    # Odds of a high answer, a to b: low score (1/1)/(1/3) = 3, high score (3/1)/(2/2) = 3. Model 2
    # meets all four shares, so model 3 adds nothing. Model 1 has shares 2/6 and 5/8.
    # Information on the log odds ratio, per stratum 1/(1/(n p q) + 1/(n p q)): in the low one
    # 1/(2 + 4/3) = 3/10, in the high one 1/(4/3 + 1) = 3/7; together 51/70.
    row = ordinal_dif(*strata((1, 1), (3, 1), (1, 3), (2, 2))).iloc[0]
    full = 6 * np.log(1 / 2) + 6 * np.log(3 / 4) + 2 * np.log(1 / 4)
    score_only = 4 * np.log(2 / 3) + 2 * np.log(1 / 3) + 3 * np.log(3 / 8) + 5 * np.log(5 / 8)
    none = 14 * np.log(1 / 2)
    ratio = 2 * (full - score_only)
    nagelkerke = [(1 - np.exp((none - x) / 7)) / (1 - 1 / 4) for x in (score_only, full)]
    expected = {
        "estimate": np.log(3),
        "odds_ratio": 3,
        "standard_error": np.sqrt(70 / 51),
        "ratio_uniform": ratio,
        "ratio_total": ratio,
        "p_uniform": special.erfc(np.sqrt(ratio / 2)),
        "p_total": np.exp(-ratio / 2),
        "nagelkerke_uniform": nagelkerke[1] - nagelkerke[0],
        "mcfadden_uniform": (score_only - full) / none,
    }
    for column, value in expected.items():
        assert row[column] == pytest.approx(value, rel=1e-10), column
    assert row["ratio_non_uniform"] == pytest.approx(0, abs=1e-10)
    assert (row["n_a"], row["n_b"], row["n_dropped"], row["note"]) == (6, 8, 0, "")


def test_opposite_odds_ratios_in_two_strata_are_not_uniform():
    # 3 in the low stratum, 1/3 in the high one, and 2 of 6 high in both: score and group alone
    # say nothing, model 3 meets all four shares.
    row = ordinal_dif(*strata((1, 1), (3, 1), (3, 1), (1, 1))).iloc[0]
    full = 4 * np.log(1 / 2) + 6 * np.log(3 / 4) + 2 * np.log(1 / 4)
    none = 8 * np.log(2 / 3) + 4 * np.log(1 / 3)
    assert row["ratio_non_uniform"] == pytest.approx(2 * (full - none), rel=1e-10)
    assert row["p_total"] == pytest.approx(np.exp(none - full), rel=1e-10)
    assert row["ratio_uniform"] == pytest.approx(0, abs=1e-10)
    assert row["estimate"] == pytest.approx(0, abs=1e-8)


def test_without_a_score_the_model_is_that_of_two_groups():
    values, first = planted(3)
    counts = np.stack(
        [
            [np.bincount(v[first == g].astype(int) - 1, minlength=5) for g in (0, 1)]
            for v in values.T
        ]
    ).astype(float)
    group = np.broadcast_to(np.array([[0.0], [1.0]]), (6, 2, 1))
    fit = proportional_odds(counts, group)
    expected = cumulative_link(values, first)
    np.testing.assert_allclose(fit.parameters[:, -1], expected["estimate"], rtol=1e-9)
    np.testing.assert_allclose(fit.standard_errors[:, -1], expected["standard_error"], rtol=1e-9)


def test_derivatives_are_those_of_the_log_likelihood(monkeypatch):
    # Central differences of step 1e-5 have an error near 1e-9.
    rng = np.random.default_rng(5)
    counts, x = rng.integers(0, 4, (2, 6, 4)).astype(float), rng.normal(size=(2, 6, 3))
    caught = {}

    def keep(evaluate, start):
        caught["evaluate"] = evaluate
        return maximise(evaluate, start)

    monkeypatch.setattr("research.stats.proportional_odds.maximise", keep)
    proportional_odds(counts, x)
    at, both = np.array([[-1.0, 0.1, 1.2, 0.4, -0.3, 0.2]] * 2), np.arange(2)
    _, score, hessian = caught["evaluate"](at, both)
    for place in range(6):
        step = 1e-5 * (np.arange(6) == place)
        up, down = caught["evaluate"](at + step, both), caught["evaluate"](at - step, both)
        np.testing.assert_allclose(score[:, place], (up[0] - down[0]) / 2e-5, rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(
            hessian[:, place], (up[1] - down[1]) / 2e-5, rtol=1e-6, atol=1e-7
        )


def test_classes_of_jodoin_and_gierl():
    gain = [0.2, 0.0699, 0.07, 0.035, 0.0349, 0.5, NAN, 0.5]
    p_value = [0.01, 0.01, 0.05, 0.01, 0.01, 0.051, 0.01, NAN]
    assert jodoin_gierl_class(gain, p_value).tolist() == ["C", "B", "C", "B", "A", "A", "", ""]
    assert jodoin_gierl_class([0.2], [0.02], significance=0.01).tolist() == ["A"]


# ---- what must stay true -------------------------------------------------------------------


@st.composite
def studies(draw):
    """A few people and three items; anything may be degenerate."""
    n = draw(st.integers(6, 24))
    answers = st.sampled_from([1.0, 2.0, 2.0, 3.0, NAN])
    return draw(hnp.arrays(float, (n, 3), elements=answers)), draw(hnp.arrays(bool, n))


def swapped(table):
    """The table when the groups, or the direction of all answers, are exchanged."""
    turned = {
        "estimate": -table["estimate"],
        "ci_low": -table["ci_high"],
        "ci_high": -table["ci_low"],
        "odds_ratio": 1 / table["odds_ratio"],
        "odds_ratio_low": 1 / table["odds_ratio_high"],
        "odds_ratio_high": 1 / table["odds_ratio_low"],
    }
    return table.assign(**turned)


# 100 examples: each makes seven tables of three items with three models each.
@settings(max_examples=100)
@given(studies(), st.randoms(use_true_random=False), st.sampled_from(["rest", "total"]))
def test_order_groups_direction_shift_and_scale(study, random, matching):
    items, first = study
    table = ordinal_dif(items, first, matching=matching)
    rows, columns = list(range(len(items))), [0, 1, 2]
    random.shuffle(rows)
    random.shuffle(columns)
    run = partial(ordinal_dif, matching=matching)
    assert_same(run(items[rows], first[rows]), table, "row order")
    reordered = table.iloc[columns].assign(item=[0, 1, 2])
    assert_same(run(items[:, columns], first), reordered, "item order")
    groups = swapped(table).assign(n_a=table["n_b"], n_b=table["n_a"])
    assert_same(run(items, ~first), groups, "groups")
    assert_same(run(4 - items, first), swapped(table), "direction")
    assert_same(run(2 * items + 5, first), table, "shift and scale")
    more = run(np.column_stack([items, np.full(len(items), 2.0)]), first)
    assert more["note"].iloc[3] in ("no_variation", "too_few_answers")


@settings(max_examples=200)  # every example may need sixty steps to find that there is no maximum
@given(studies(), st.sampled_from(["rest", "total"]), st.sampled_from(["none", "iterative"]))
def test_every_number_is_finite_or_has_a_reason(study, matching, purification):
    table = ordinal_dif(*study, matching=matching, purification=purification)
    numbers = table.select_dtypes("number")
    assert not np.isinf(numbers.to_numpy()).any()
    there = (table["note"] == "").to_numpy()
    assert numbers[there].notna().all(axis=None)
    assert table.loc[~there, "p_total"].isna().all()
    kept = table[there]
    for column in ("ratio_uniform", "ratio_non_uniform", "nagelkerke_total"):
        assert (kept[column] >= -1e-9).all(), column
    np.testing.assert_allclose(
        kept["ratio_total"], kept["ratio_uniform"] + kept["ratio_non_uniform"], atol=1e-9
    )


def test_everybody_twice_doubles_the_ratios_only():
    items, first = planted(7)
    table = ordinal_dif(items, first)
    twice = ordinal_dif(np.vstack([items, items]), np.tile(first, 2))
    for column in ("ratio_uniform", "ratio_total"):
        np.testing.assert_allclose(twice[column], 2 * table[column], rtol=1e-9)
    for column in ("estimate", "nagelkerke_total", "mcfadden_uniform"):
        np.testing.assert_allclose(twice[column], table[column], rtol=1e-8)
    np.testing.assert_allclose(
        twice["standard_error"], table["standard_error"] / np.sqrt(2), rtol=1e-9
    )


@pytest.mark.parametrize("shape", [(0, 3), (5, 0), (6, 1), (2, 4)])
def test_almost_no_data_has_a_row_an_item_and_a_reason(shape):
    table = ordinal_dif(np.ones(shape), np.arange(shape[0]) % 2 == 0)
    assert len(table) == shape[1]
    assert (table["note"] == "too_few_answers").all()


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"matching": "sum"}, r"matching must be one of \('rest', 'total'\), not 'sum'"),
        (
            {"purification": "yes"},
            r"purification must be one of \('none', 'iterative'\), not 'yes'",
        ),
    ],
)
def test_a_wrong_word_is_answered_with_the_list(option, message):
    with pytest.raises(ValueError, match=message):
        ordinal_dif(np.ones((4, 2)), np.arange(4) < 2, **option)


# ---- traps ---------------------------------------------------------------------------------


def test_the_rest_score_does_not_hold_the_item_itself():
    # Another distance between the levels of the first item moves the total, not its rest score.
    items, first = planted(11, items=3)
    stretched = np.column_stack([items[:, 0] ** 3, items[:, 1:]])
    for matching, untouched in (("rest", True), ("total", False)):
        tables = [ordinal_dif(x, first, matching=matching).iloc[:1] for x in (items, stretched)]
        numbers = [t["ratio_uniform"].to_numpy() for t in tables]
        assert np.allclose(*numbers, rtol=1e-9) == untouched, matching


def test_a_biased_item_makes_the_others_look_biased_until_it_leaves_the_score():
    items, first = planted(1, n=400, items=4, shift=3)
    plain = ordinal_dif(items, first)
    clean = ordinal_dif(items, first, purification="iterative")
    assert (plain["estimate"][1:] < -0.4).all()
    assert (clean["estimate"][1:].abs() < 0.3).all()
    assert clean["in_score"].tolist() == [False, True, True, True]
    assert (clean["purification"] == "stable").all()
    adjusted = adjust_p_values(clean["p_total"], method="holm")
    classes = jodoin_gierl_class(clean["nagelkerke_total"], adjusted)
    assert classes.tolist() == ["C", "A", "A", "A"]


def test_a_true_difference_is_shared_by_all_items():
    # What the docstring warns of: the rest score's error leaves the same part in every item.
    items, first = planted(2, n=1000, items=4, gap=1.5, biased=())
    estimates = ordinal_dif(items, first)["estimate"]
    assert estimates.between(0.1, 1).all()
    assert np.ptp(estimates) < 0.4


def test_a_person_needs_half_of_the_score():
    items, first = planted(13, n=40, items=5)
    items[0, 1:4] = NAN  # one of the first item's four others
    items[1, 1:3] = NAN  # two of them
    table = ordinal_dif(items, first)
    assert table["n_dropped"][0] == 1
    assert table["n_a"][0] == 39
    # The person at row 0 answered items 0 and 4: for item 4 that is one of four as well.
    assert table["n_dropped"][4] == 1


@pytest.mark.parametrize("group", [0, 1])
def test_a_category_empty_in_one_group_is_no_separation(group):
    items, first = planted(17)
    items[(first == group) & (items[:, 0] == 5), 0] = 4
    row = ordinal_dif(items, first).iloc[0]
    assert (row["note"], row["n_levels"]) == ("", 5)
    assert abs(row["estimate"]) < 6


def test_separation_and_dependence_are_told_apart():
    items, first = planted(19, n=20, items=3)
    items[:, 0] = np.where(first, 4, 2) + (np.arange(40) % 2)
    table = ordinal_dif(items, first)
    assert table["note"][0] == "complete_separation"
    assert np.isnan(table.loc[0, ["estimate", "ratio_uniform", "p_total"]].astype(float)).all()
    two = np.column_stack([planted(19, n=20)[0][:, 0], first + 1.0])
    assert ordinal_dif(two, first)["note"][0] == "not_identified"


def test_one_score_in_a_group_leaves_the_uniform_test():
    items, first = planted(23, n=30, items=3)
    items[first, 1:] = 3
    row = ordinal_dif(items, first).iloc[0]
    assert row["note"] == "not_identified"
    assert np.isfinite(row[["estimate", "p_uniform", "nagelkerke_uniform"]].astype(float)).all()
    assert np.isnan(row[["p_non_uniform", "p_total", "mcfadden_total"]].astype(float)).all()


def flags(*rounds):
    """A search for biased items whose rounds flag what ``rounds`` say, the last one for ever."""
    asked = []

    def matched_on(in_score):
        asked.append(in_score.tolist())
        flagged = np.isin(np.arange(4), rounds[min(len(asked), len(rounds)) - 1])
        return pd.DataFrame(
            {"p_total": np.where(flagged, 1e-4, 0.9), "nagelkerke_total": np.where(flagged, 0.1, 0)}
        )

    return matched_on, asked


@pytest.mark.parametrize(
    ("rounds", "ending", "n_rounds", "left_out"),
    [
        ([[]], "stable", 1, []),
        ([[0], [0]], "stable", 2, [0]),
        ([[0], [0, 1], [0, 1]], "stable", 3, [0, 1]),
        ([[0], [1], [0]], "cycles", 3, [1]),
        ([[0, 1, 2]], "too_few_anchors", 1, []),
        ([[0], [0, 1, 2]], "too_few_anchors", 2, [0]),
    ],
)
def test_purification_says_how_it_ended(rounds, ending, n_rounds, left_out):
    matched_on, asked = flags(*rounds)
    _, in_score, found, count = purify(matched_on, np.ones(4, dtype=bool))
    assert (found, count) == (ending, n_rounds)
    assert np.flatnonzero(~in_score).tolist() == left_out
    assert asked[-1] == in_score.tolist(), "the table belongs to the score that is told"


def test_purification_ends_after_ten_rounds(monkeypatch):
    sets = [[i] for i in range(4)] + [[i, j] for i in range(4) for j in range(i)]
    matched_on, asked = flags(*sets)
    _, in_score, ending, n_rounds = purify(matched_on, np.ones(4, dtype=bool))
    assert (ending, n_rounds, len(asked)) == ("not_stable", 10, 10)
    assert asked[-1] == in_score.tolist()
    monkeypatch.setattr(dif, "MOST_ROUNDS", 2)
    matched_on, asked = flags(*sets)
    assert purify(matched_on, np.ones(4, dtype=bool))[2:] == ("not_stable", 2)


# ---- other people's data -------------------------------------------------------------------


@cache
def sets():
    bfi = pd.read_csv(SHARED / "bfi_gender" / "bfi.csv").assign(A1=lambda x: 7 - x["A1"])
    fair = pd.read_csv(SHARED / "fairplayer_self_teacher" / "fairplayer_long.csv")
    fair = fair[fair["wave"] == 1]
    mobile = pd.read_csv(SHARED / "mobile_customers_reputation" / "corp_rep.csv").replace(-99, NAN)
    army = pd.read_csv(SHARED / "army_units_leadership" / "bhr2000.csv")
    male = bfi["gender"] == "male"
    return {
        "bfi_agreeableness": (bfi[[f"A{i}" for i in range(1, 6)]], male),
        "bfi_neuroticism": (bfi[[f"N{i}" for i in range(1, 6)]], male),
        "fairplayer_empathy": (fair[[f"EM0{i}" for i in range(1, 9)]], fair["rater"] == "self"),
        "mobile_quality": (mobile[[f"qual_{i}" for i in range(1, 9)]], mobile["servicetype"] == 1),
        "army_officers": (army[["AF06", "AP33", "AS14", "AS16"]], army["HRS"] > 11),
    }


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is not on this machine")
@pytest.mark.parametrize("name", [key for key in reference("dif_shared") if key != "versions"])
def test_other_peoples_data_agree_with_nested_clm_fits(name):
    # dif_shared.json: ordinal::clm, make_dif_shared.R.
    items, first = sets()[name]
    options = {
        "dif_rest": {},
        "dif_total": {"matching": "total"},
        "dif_purified": {"purification": "iterative"},
    }
    for statistic, chosen in options.items():

        def compute(_, chosen=chosen):
            found = ordinal_dif(items.to_numpy(float), first.to_numpy(), **chosen)
            return {c: found[c].to_numpy() for c in found} | {"n_rounds": found["n_rounds"][0]}

        compared = Statistic(name=statistic, section="", oracle="", compute=compute)
        found = differences(compared, {"expected": reference("dif_shared")[name]})
        assert {c: d for c, d in found.items() if d > ITERATIVE} == {}, statistic
