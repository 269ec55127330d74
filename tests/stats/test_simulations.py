"""The slow simulations: their parts on paper, their table complete, and a small rerun of them."""

from datetime import date
from importlib import resources

import numpy as np
import pandas as pd
import pytest
from tests.simulations import (
    clustered,
    families,
    invariance,
    margins,
    one_organisation,
    planted,
    resampled,
    scale_use,
)
from tests.simulations.designs import (
    GAP_SPREAD,
    LEVEL_SPREAD,
    MEAN,
    SEED,
    SPREAD,
    draw_answers,
    draw_design,
    expected_answer,
    latent_gap,
    latent_shift,
    level_chances,
)
from tests.simulations.known_misses import KNOWN_MISSES
from tests.simulations.scale_use import Condition
from tests.simulations.table import COLUMNS, TABLE, figure, finished, key, mean_of, read, rejecting

from research.stats.factors.comparability import INSIDE

COMMITTED = read().assign(key=lambda table: table.apply(key, axis=1)).set_index("key")
OTHER_SEED = SEED + 1_000_000  # no stream in common with the committed run


# ---- the parts on paper ---------------------------------------------------------------------


def test_the_error_of_a_share_comes_from_the_spread_between_batches():
    # Shares 1/4 and 3/4: their SD is sqrt(1/8), the error of their mean sqrt(1/8)/sqrt(2) = 1/4.
    found = mean_of(np.array([1, 3]), np.array([4, 4]))
    assert found["value"] == 0.5
    assert found["mc_error"] == pytest.approx(0.25)
    assert found["runs"] == 8


def test_no_hit_at_all_is_not_free_of_error():
    assert mean_of(np.zeros(5), np.full(5, 20))["mc_error"] == 0.01


def test_the_true_gap_is_the_one_asked_for():
    # Expected answer = 1 + the chances of passing 1.5, 2.5, 3.5 and 4.5, by simulation-free sums.
    narrow = np.hypot(SPREAD, LEVEL_SPREAD)
    wide = np.hypot(narrow, GAP_SPREAD)
    for target in (0.0, 0.3, -0.3):
        gap = expected_answer(MEAN + latent_gap(target), wide) - expected_answer(MEAN, narrow)
        assert gap == pytest.approx(target, abs=1e-11)
        moved = expected_answer(MEAN + latent_shift(target), SPREAD)
        assert moved - expected_answer(MEAN, SPREAD) == pytest.approx(target, abs=1e-11)


def test_chances_of_answers_around_the_middle_mirror_each_other():
    # Mean 3, spread 1: P(answer = 3) = P(|Z| < 1/2) = .382925 (table of the normal distribution).
    chances = level_chances(3.0, 1.0)
    np.testing.assert_allclose(chances, chances[::-1], rtol=1e-12)
    np.testing.assert_allclose(chances[2], 0.382925, atol=5e-7)


def test_drawn_answers_have_the_gap_the_clusters_and_the_correlation_they_are_said_to_have():
    generator = np.random.default_rng(OTHER_SEED)
    design = draw_design(generator, 4_000)
    answers = draw_answers(generator, design, np.full(3, latent_gap(0.3)), family=3)
    first = design.first
    # Error of a mean gap: sqrt(.4^2 / 4000 / 3) = .004; sizes add a little.
    assert answers[first].mean() - answers[~first].mean() == pytest.approx(0.3, abs=0.02)
    for rows in (first, ~first):
        r = np.corrcoef(answers[rows].T)[np.triu_indices(3, 1)].mean()
        assert 0.42 < r < 0.55
    counts = np.bincount(design.organisation[first])
    assert counts.min() == 10 and counts.max() == 29
    assert set(np.unique(answers)) == {1, 2, 3, 4, 5}


def test_true_values_follow_from_every_pair_of_answers():
    truth = one_organisation.true_values(40, 10)
    a, b = (level_chances(*role) for role in (one_organisation.HIGHER, one_organisation.LOWER))
    joint, x, y = np.outer(a, b), np.arange(1, 6)[:, None], np.arange(1, 6)
    assert truth["welch"] == pytest.approx((joint * (x - y)).sum())
    higher = (joint * (x > y)).sum() + (joint * (x == y)).sum() / 2
    assert truth["brunner_munzel"] == pytest.approx(higher)
    variances = [chances @ x[:, 0] ** 2 - (chances @ x[:, 0]) ** 2 for chances in (a, b)]
    pooled = (39 * variances[0] + 9 * variances[1]) / 48
    assert truth["hedges_g"] == pytest.approx(truth["welch"] / np.sqrt(pooled))


def test_wrong_conclusions_of_a_family_are_counted_as_on_paper():
    # Nulls 1..30, then 15 true gaps. Study 1: one null at .001 < .05/30, and it is the first, so
    # outside the BH family of nulls 16..30. Study 2: null 30 at .001 beside 15 gaps at .001:
    # sixteen found, one of them false.
    p = np.full((2, 45), 0.9)
    p[0, 0] = p[1, 29] = 0.001
    p[1, 30:] = 0.001
    errors, tail, false_share = families._wrong(p)
    assert errors == (2, 2)
    assert tail == (2, 60)
    assert false_share == (pytest.approx(1 / 16), 2)


def test_a_missing_test_is_no_test():
    assert rejecting(np.array([0.05, 0.2, np.nan])) == (1, 2)


def test_a_figure_without_a_bound_is_neither_within_nor_outside():
    place = {"organisations": 6}
    hits, tested = np.array([1, 3]), np.array([4, 4])
    table = finished(
        [
            figure("a", "", hits, tested, **place),
            figure("b", "", hits, tested, bound=(0.6, np.nan), **place),
            figure("c", "", hits, tested, bound=(np.nan, 0.5), n_first=3, n_second=4),
        ]
    )
    assert table["within_bound"].tolist() == [pd.NA, False, True]
    assert table.apply(key, axis=1).tolist() == ["a@6", "b@6", "c@3+4"]


def test_what_a_shifted_item_adds_to_the_gap_is_as_on_paper():
    # One threshold at 0, loading .6, own SD .8, so spread 1; the first role .5 higher. Its people
    # stand at .3, the others at 0. Chances of passing: .5 + .6 * .3 = .68 and .5 (first scale),
    # .18 and 0 (second): .751748, .691462, .571424, .5 (table of the normal distribution).
    plain = scale_use.Measured(
        loadings=np.array([0.6]),
        thresholds=np.zeros((1, 1)),
        intercepts=np.zeros(1),
        residual_sd=np.array([0.8]),
    )
    generator = np.random.default_rng(1)
    shifted = scale_use.planted_in(plain, "intercepts", np.array([0]), generator)
    truth = scale_use.true_parts(shifted, plain)
    shift = ((0.751748 - 0.571424) + (0.691462 - 0.5)) / 2
    assert truth["true_shift"] == pytest.approx(shift, abs=2e-6)
    assert sum(truth.values()) == pytest.approx(0.751748 - 0.5, abs=2e-6)


def test_a_moved_threshold_stays_between_its_neighbours_and_moves_alone():
    generator = np.random.default_rng(2)
    plain = scale_use.draw_measured(generator, 8, 5)
    moved = scale_use.planted_in(plain, "thresholds", np.array([1, 4, 6]), generator)
    changed = moved.thresholds != plain.thresholds
    assert changed.sum(axis=1).tolist() == [0, 1, 0, 0, 1, 0, 1, 0]
    assert not changed[:, [0, -1]].any()  # the outer ones stay
    np.testing.assert_allclose(np.abs(moved.thresholds - plain.thresholds)[changed], 0.6)
    assert (np.diff(moved.thresholds) > 0).all()
    assert np.array_equal(moved.loadings, plain.loadings)


def test_drawn_clusters_have_the_gap_the_shift_and_the_missing_answers_they_are_said_to_have():
    condition = scale_use.Condition(n_first=40_000, n_second=40_000)
    clusters = list(scale_use.draw_study(np.random.default_rng(OTHER_SEED), condition))
    assert [c.kind for c in clusters[:4]] == ["none", "thresholds", "loadings", "intercepts"]
    assert [c.answers.shape[1] for c in clusters] == [8, 8, 8, 8, 7, 8, 7]
    for cluster in clusters:
        first = cluster.role == 0
        gap = np.nanmean(cluster.answers[first]) - np.nanmean(cluster.answers[~first])
        # Error of a gap: .7 * sqrt(2 / 40,000) = .005.
        assert gap == pytest.approx(cluster.true_gap + cluster.true_shift, abs=0.02)
        assert np.isnan(cluster.answers).mean() == pytest.approx(0.03, abs=0.002)
        assert (cluster.true_shift != 0) == (cluster.kind != "none")


def test_nested_people_share_what_they_are_said_to_share():
    condition = scale_use.Condition(n_first=400, n_second=400, organisations=200, nesting=0.1)
    role = np.repeat([0, 1], 400)
    drawn = scale_use.nested(np.random.default_rng(3), role, 0.1, (800, 300), condition)
    one, other = drawn[:200], drawn[200:400]  # two people of every organisation, one role
    # 60,000 pairs: the error of a correlation is .004.
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] == pytest.approx(0.1, abs=0.02)
    assert drawn.std() == pytest.approx(1, abs=0.01)
    across = np.corrcoef(one.ravel(), drawn[400:600].ravel())[0, 1]
    assert across == pytest.approx(0, abs=0.02)  # organisations differ in each role by themselves


# ---- the committed table ----------------------------------------------------------------------


def expected_keys() -> set[str]:
    names = [*clustered.FAST, *clustered.SLOW]
    both = ("type_1_error", "coverage")
    keys = {f"{w}_{m}@{k}" for w in both for m in names for k in clustered.ORGANISATIONS}
    keys |= {
        f"{w}_{m}@{a}+{b}"
        for w in both
        for m in one_organisation.TITLES
        for a, b in one_organisation.SIZES
    }
    figures = (
        "family_wise_error_holm", "type_1_error_at_first_holm_step", "false_discovery_rate_bh",
    )  # fmt: skip
    keys |= {
        f"{w}_{m}@{k}" for w in figures for m in families.METHODS for k in families.ORGANISATIONS
    }
    tail = "type_1_error_at_first_holm_step_normal_answers"
    keys |= {f"{tail}_{m}@{families.NORMAL_AT}" for m in families.METHODS}
    keys |= {f"{what}@12" for what in planted.TITLES}
    keys |= {f"false_equivalence_cr2@{k}" for k in margins.ORGANISATIONS}
    keys |= {f"false_equivalence_welch@{a}+{b}" for a, b in margins.SIZES}
    keys |= {
        key(pd.Series(row))
        for condition in (*invariance.AS_USUAL, *invariance.UNUSUAL, *invariance.NESTED)
        for row in invariance.places(condition)
    }
    return keys | {
        f"coverage_bootstrap_organisations_{m}@{k}"
        for m in resampled.TITLES
        for k in resampled.ORGANISATIONS
    }


def test_the_table_holds_every_figure_once():
    assert COMMITTED.index.is_unique
    assert set(COMMITTED.index) == expected_keys()
    assert list(read().columns) == COLUMNS


def test_the_table_is_where_the_reports_look_for_it():
    assert resources.files("research.analyses").joinpath("simulations.csv").read_bytes() == (
        TABLE.read_bytes()
    )


def test_every_figure_has_its_error_runs_and_origin():
    assert COMMITTED["value"].notna().all()
    assert (COMMITTED["mc_error"] > 0).all()
    assert (COMMITTED["runs"] >= 200).all()
    assert (COMMITTED["seed"] == SEED).all()
    assert (
        COMMITTED["versions"]
        .str.fullmatch(r"numpy \d[\d.]+, scipy \d[\d.]+, pandas \d[\d.]+, python \d[\d.]+")
        .all()
    )
    assert len({date.fromisoformat(day) for day in COMMITTED["date"]}) == 1
    assert COMMITTED["description"].str.fullmatch(r"[A-Z].*\.").all()


@pytest.mark.parametrize("organisations", clustered.ORGANISATIONS)
def test_the_primary_test_has_its_full_number_of_runs(organisations):
    assert COMMITTED.loc[f"type_1_error_cr2@{organisations}", "runs"] == 10_000


def test_bounds_stand_where_the_design_demands_them():
    bound = COMMITTED[["bound_low", "bound_high"]].apply(tuple, axis=1)
    for k in (6, 10, 20):
        assert bound[f"type_1_error_cr2@{k}"] == (0.0428, 0.0572)
    for k in (6, 8, 10, 12, 20, 40):
        assert bound[f"coverage_cr2@{k}"] == (0.93, 0.97)
        for what in ("family_wise_error_holm_cr2", "false_discovery_rate_bh_cr2"):
            assert COMMITTED.loc[f"{what}@{k}", "bound_high"] == 0.057
    for a, b in ((10, 10), (20, 20), (50, 50), (100, 100), (40, 10)):
        assert bound[f"coverage_welch@{a}+{b}"] == (0.93, 0.97)
    assert bound["planted_bias@12"] == (-0.02, 0.02)
    assert COMMITTED.loc["planted_right_verdict@12", "bound_low"] == 0.9
    assert COMMITTED.loc["planted_false_relevant@12", "bound_high"] == 0.05
    equivalence = COMMITTED[COMMITTED["what"].str.startswith("false_equivalence")]
    assert (equivalence["bound_high"] == 0.05).all()


def test_whether_a_figure_is_within_its_bound_is_what_its_numbers_say():
    low = COMMITTED["bound_low"].fillna(-np.inf)
    high = COMMITTED["bound_high"].fillna(np.inf)
    bounded = COMMITTED[["bound_low", "bound_high"]].notna().any(axis=1)
    assert (COMMITTED["within_bound"].notna() == bounded).all()
    inside = COMMITTED["value"].between(low, high)
    assert (COMMITTED.loc[bounded, "within_bound"] == inside[bounded]).all()


def test_every_figure_outside_its_bound_is_known_and_explained():
    missed = COMMITTED.index[~COMMITTED["within_bound"].fillna(True)]
    assert set(missed) == set(KNOWN_MISSES)
    assert all(reason.endswith(".") for reason in KNOWN_MISSES.values())


def is_inside(condition: Condition) -> bool:
    """Whether the stop rule gives verdicts on studies like this."""
    people = min(condition.n_first, condition.n_second)
    return not any(
        INSIDE.reason_outside(per_role=people, n_items=n_items, n_categories=condition.n_categories)
        for n_items in condition.n_items
    )


def test_the_stop_rule_speaks_where_it_was_simulated_to_be_right_and_no_further():
    inside = [c for c in (*invariance.AS_USUAL, *invariance.UNUSUAL) if is_inside(c)]
    n_items = [n for condition in inside for n in condition.n_items]
    n_categories = [condition.n_categories for condition in inside]
    assert INSIDE.n_items == (min(n_items), max(n_items))
    assert INSIDE.n_categories == (min(n_categories), max(n_categories))
    assert min((c.n_first, c.n_second) for c in inside) == (INSIDE.per_role, INSIDE.per_role)
    for condition in (*inside, *invariance.NESTED):
        rows = map(pd.Series, invariance.places(condition))
        share = {row["what"]: COMMITTED.loc[key(row), "value"] for row in rows}
        assert share[invariance.name_of("right_none", condition)] >= 0.9
        if not condition.organisations:  # few organisations hide what is planted
            for kind in set(condition.planted) - {"loadings"}:
                assert share[invariance.name_of(f"right_{kind}", condition)] >= 0.8


@pytest.mark.parametrize(
    ("per_role", "n_items", "n_categories", "reason"),
    [
        (150, 4, 3, ""),
        (150, 10, 7, ""),
        (149, 8, 5, "too_few_answers"),
        (150, 3, 5, "not_simulated"),
        (150, 11, 5, "not_simulated"),
        (150, 8, 2, "not_simulated"),
        (150, 8, 8, "not_simulated"),
    ],
)
def test_outside_what_was_simulated_there_is_a_reason(per_role, n_items, n_categories, reason):
    found = INSIDE.reason_outside(per_role=per_role, n_items=n_items, n_categories=n_categories)
    assert found == reason


def test_two_to_five_organisations_are_too_few_for_a_verdict():
    found = [
        INSIDE.reason_outside(per_role=200, n_items=8, n_categories=5, organisations=k)
        for k in (1, 2, 5, 6)
    ]
    assert found == ["", "too_few_clusters", "too_few_clusters", ""]


# ---- a small rerun ----------------------------------------------------------------------------

RERUNS = {
    "three organisations": lambda seed: clustered.figures(3, designs=40, seed=seed),
    "six organisations": lambda seed: clustered.figures(6, designs=40, seed=seed),
    "twenty organisations": lambda seed: clustered.figures(20, designs=40, seed=seed),
    "mixed model": lambda seed: clustered.figures(
        6, methods=clustered.SLOW, designs=20, columns=5, seed=seed
    ),
    "ten and ten people": lambda seed: one_organisation.figures(
        10, 10, batches=20, resampled=15, seed=seed
    ),
    "forty and ten people": lambda seed: one_organisation.figures(
        40, 10, batches=20, resampled=15, seed=seed
    ),
    "families": lambda seed: families.figures(12, designs=50, seed=seed),
    "normal answers": lambda seed: families.normal_figures(12, designs=20, seed=seed),
    "planted truth": lambda seed: planted.figures(studies=20, seed=seed),
    "gap of the margin": lambda seed: margins.clustered_figures(12, designs=40, seed=seed),
    "difference of the margin": lambda seed: margins.welch_figures(100, 100, batches=40, seed=seed),
    "bootstrap over organisations": lambda seed: resampled.figures(6, designs=20, seed=seed),
    "ladder of invariance": lambda seed: invariance.figures(
        invariance.USUAL, studies=8, released=4, seed=seed
    ),
}


@pytest.mark.parametrize("rerun", RERUNS.values(), ids=RERUNS)
def test_a_small_rerun_agrees_with_the_table(rerun):
    """Within four errors of the difference; a share's own error is at least the binomial one."""
    for row in map(pd.Series, rerun(OTHER_SEED)):
        whole = COMMITTED.loc[key(row)]
        binomial = np.sqrt(max(whole["value"] * (1 - whole["value"]), 0) / row["runs"])
        error = np.hypot(max(row["mc_error"], binomial), whole["mc_error"])
        assert abs(row["value"] - whole["value"]) <= 4 * error, key(row)


def test_the_same_seed_gives_the_same_figures_whatever_ran_before():
    def run(seed):
        return [row["value"] for row in clustered.figures(4, designs=3, seed=seed)]

    once = run(SEED)
    np.random.default_rng().normal(size=7)
    assert run(SEED) == once
    assert run(OTHER_SEED) != once
