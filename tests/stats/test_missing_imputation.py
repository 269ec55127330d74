"""Multiple imputation: what must hold whatever the answers, and agreement with mice."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.simulations import missing as simulation
from tests.simulations.designs import draw_design
from tests.stats.oracle import matrix, reference

from research.stats.missing import imputation
from research.stats.missing.imputation import DONORS, impute, nearest_donors

NAN = np.nan
close = np.testing.assert_allclose


def drawn(seed=1, n=120, p=6, share=0.15, organisations=5):
    """Answers of two roles in organisations, some missing; with role and organisation."""
    rng = np.random.default_rng(seed)
    role = np.where(rng.random(n) < 0.5, "customer", "manager")
    organisation = rng.integers(0, organisations, n)
    latent = 3 + 0.7 * rng.normal(size=(n, 1)) + rng.normal(size=(n, p)) * 0.7
    latent += rng.normal(0, 0.4, organisations)[organisation][:, None]
    items = np.clip(np.rint(latent + (role == "customer")[:, None] * 0.4), 1, 5)
    items[rng.random((n, p)) < share] = NAN
    return items, role, organisation


def made(data, **options):
    return impute(*data, n_imputations=options.pop("n_imputations", 4), **options)


# ---- what must hold ---------------------------------------------------------------------------


def test_given_answers_stay_and_imputed_ones_were_given_by_that_role():
    items, role, organisation = drawn()
    found = made((items, role, organisation))
    there = ~np.isnan(items)
    assert found.n_imputed == (~there).sum()
    for completed in found.items:
        assert np.array_equal(completed[there], items[there])
        assert not np.isnan(completed).any()
        for each in ("customer", "manager"):
            for item in range(items.shape[1]):
                given = set(items[(role == each) & there[:, item], item])
                assert set(completed[role == each, item]) <= given


def test_imputations_differ_and_the_seed_with_the_name_says_how():
    data = drawn()
    first = made(data, seed=3, names=("a",)).items
    np.random.default_rng().normal(size=9)
    assert np.array_equal(first, made(data, seed=3, names=("a",)).items, equal_nan=True)
    assert not np.array_equal(first, made(data, seed=4, names=("a",)).items)
    assert not np.array_equal(first, made(data, seed=3, names=("b",)).items)
    assert not np.array_equal(first[0], first[1])


def test_one_role_is_imputed_without_looking_at_the_other():
    items, role, organisation = drawn()
    changed = np.where((role == "manager")[:, None], 6 - items, items)
    same = role == "customer"
    before, after = (made((x, role, organisation)).items[:, same] for x in (items, changed))
    assert np.array_equal(before, after)


def test_without_missing_answers_nothing_happens():
    items, role, organisation = drawn(share=0)
    found = made((items, role, organisation))
    assert found.n_imputed == 0
    assert (found.items == items).all()


def test_who_answered_nothing_and_what_nobody_answered_stay_missing():
    items, role, organisation = drawn()
    items[7] = NAN
    items[role == "manager", 2] = NAN
    left = np.isnan(made((items, role, organisation)).items)
    assert left[:, 7].all()
    assert left[:, role == "manager", 2].all()
    left[:, 7], left[:, role == "manager", 2] = False, False
    assert not left.any()


def test_an_answer_that_others_tell_is_found_again():
    items, role, organisation = drawn(share=0)
    twin = items[:, 0].copy()
    twin[::4] = NAN
    found = made((np.column_stack([items, twin]), role, organisation))
    off = np.abs(found.items[:, ::4, -1] - items[::4, 0])
    # An answer that fewer than five of the role gave has donors of another.
    given = [
        np.sum((role == r) & (twin == x)) for r, x in zip(role[::4], items[::4, 0], strict=True)
    ]
    assert off[:, np.array(given) >= DONORS].mean() < 0.01


def test_organisations_are_respected_where_nothing_else_tells_them_apart():
    rng = np.random.default_rng(5)
    organisation = np.repeat(np.arange(6), 30)
    items = np.clip(np.rint(1.5 + 0.6 * organisation + rng.normal(0, 0.4, 180)), 1, 5)[:, None]
    noise = rng.normal(size=(180, 1))  # everybody answered something
    items[::3] = NAN
    found = made((np.hstack([items, noise]), np.full(180, "x"), organisation), n_imputations=20)
    completed = found.items[:, :, 0].mean(axis=0)
    for each in range(6):
        here = organisation == each
        there = here & ~np.isnan(items[:, 0])
        missing = here & np.isnan(items[:, 0])
        assert completed[missing].mean() == pytest.approx(items[there].mean(), abs=0.25)


@pytest.mark.parametrize(
    "data",
    [
        drawn(n=14, p=30, organisations=3),
        drawn(n=40, organisations=1),
        drawn(n=60, organisations=40),
        drawn(n=4, p=3, share=0.3),
        drawn(n=30, p=1, share=0.2),
        drawn(share=0.7),
    ],
    ids=["fewer people than items", "one organisation", "alone", "four people", "one item", "most"],
)
def test_few_people_one_organisation_or_little_left_are_no_obstacle(data):
    found = made(data).items
    answered = ~np.isnan(data[0]).all(axis=1)
    for each in ("customer", "manager"):
        here = answered & (data[1] == each)
        left = np.isnan(found[:, here])
        # Missing only where nobody of the role answered the item.
        assert not left[:, :, (~np.isnan(data[0][here])).any(axis=0)].any()


def test_constant_twin_and_opposite_items_are_no_obstacle():
    items, role, organisation = drawn()
    whole = np.where(np.isnan(items), 3, items)
    items = np.column_stack([items, np.full(len(items), 4.0), whole[:, 0], 6 - whole[:, 0]])
    items[3:9, -3:] = NAN
    found = made((items, role, organisation)).items
    assert not np.isnan(found).any()
    assert (found[:, :, -3] == 4).all()


def test_predictions_of_the_missing_come_from_drawn_coefficients():
    # Of 23 people's own predictions always the same five would be nearest.
    items = np.random.default_rng(3).normal(size=(24, 2))
    items[0, 0] = NAN
    alone = np.full(24, "x")
    found = made((items, alone, alone), n_imputations=200, n_iterations=4).items[:, 0, 0]
    assert (np.unique(found, return_counts=True)[1] >= 10).sum() > DONORS


def test_imputations_made_in_turns_are_as_good(monkeypatch):
    monkeypatch.setattr(imputation, "WORKING_NUMBERS", 800)
    found = made(drawn(), n_imputations=5).items
    assert not np.isnan(found).any()
    assert not np.array_equal(found[0], found[-1])


# ---- its parts --------------------------------------------------------------------------------


def test_donors_are_the_five_nearest_each_as_often():
    rng = np.random.default_rng(2)
    fitted, wanted = rng.normal(size=(2, 40)), np.full((2, 3000), 0.3)
    wanted[1] = 99  # beyond everybody
    chosen = nearest_donors(fitted, wanted, rng)
    for row in range(2):
        nearest = np.argsort(np.abs(fitted[row] - wanted[row, 0]))[:DONORS]
        counts = np.bincount(chosen[row], minlength=40)
        assert set(np.flatnonzero(counts)) == set(nearest)
        assert stats.chisquare(counts[nearest]).pvalue > 1e-4


def test_equal_predictions_are_all_chosen_now_and_then():
    rng = np.random.default_rng(3)
    chosen = [nearest_donors(np.zeros((2, 30)), np.zeros((2, 1)), rng) for _ in range(1500)]
    counts = np.bincount(np.ravel(chosen), minlength=30)
    assert stats.chisquare(counts).pvalue > 1e-4


def test_fewer_than_five_to_choose_from():
    rng = np.random.default_rng(4)
    chosen = nearest_donors(np.array([[1.0, 2, 3]]), np.array([[5.0] * 100]), rng)
    assert set(chosen[0]) == {0, 1, 2}
    assert nearest_donors(np.ones((2, 4)), np.ones((2, 0)), rng).shape == (2, 0)


def test_a_scale_no_answers_tell_about_is_half_cauchy():
    # Its median is one; 4,000 chains of 30 steps from a far start.
    rng = np.random.default_rng(6)
    variance = np.full(4000, 100.0)
    for _ in range(30):
        variance = imputation._draw_variance(rng, variance, np.zeros(4000), 0)
    assert stats.kstest(np.sqrt(variance), stats.halfcauchy.cdf).pvalue > 1e-3


def test_a_scale_many_answers_tell_is_theirs():
    rng = np.random.default_rng(7)
    drawn_ones = imputation._draw_variance(rng, np.ones(4000), np.full(4000, 50.0), 200)
    close(drawn_ones.mean(), 50 / 200, rtol=0.05)
    close(drawn_ones.std(), 50 / 200 * np.sqrt(2 / 200), rtol=0.1)


# ---- mice -------------------------------------------------------------------------------------

RECORDS = reference("missing").get("imputation", [])
IMPUTATIONS = 100


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record["name"])
def test_the_pooled_gap_is_that_of_mice(record):
    items, first = matrix(record["items"]), np.array(record["first"])
    data = items, first, np.array(record["organisation"])
    score = impute(*data, n_imputations=IMPUTATIONS, seed=11).items.mean(axis=2)
    a, b = score[:, first == 1], score[:, first == 0]
    gaps = a.mean(axis=1) - b.mean(axis=1)
    within = (a.var(axis=1, ddof=1) / a.shape[1] + b.var(axis=1, ddof=1) / b.shape[1]).mean()
    sd = np.nanstd(np.nanmean(items, axis=1))
    between = gaps.var(ddof=1)
    for method in ("pmm", "two_level"):
        theirs = record["expected"][method]
        error = np.hypot(np.sqrt(between / IMPUTATIONS), theirs["estimate_error"])
        assert abs(gaps.mean() - theirs["estimate"]) < 0.02 * sd + 2 * error, method
        close(within, theirs["within"], rtol=0.05, err_msg=method)
        # Both are estimated: logarithms of two variances from so many imputations.
        spread = np.sqrt(2 / (IMPUTATIONS - 1) + 2 / (theirs["m"] - 1))
        assert abs(np.log(between / theirs["between"])) < 0.35 + 3 * spread, method


# ---- the simulation ---------------------------------------------------------------------------


def test_the_simulated_interval_covers_and_the_gap_is_hardly_off():
    table = pd.read_csv(simulation.TABLE).set_index("what")
    assert len(table) == 2 * 2 * len(simulation.METHODS)
    assert (table["runs"] == 300).all()
    ours = table[table.index.str.contains("_imputed_")]
    assert ours["within_bound"].all()
    # What it is for: leaving answers out shifts the gap where they are missing for a reason.
    value = table["value"]
    assert value["missing_bias_person_mean_mar"] > 0.03
    assert value["missing_bias_complete_mar"] > 0.1
    assert value["missing_coverage_complete_mar"] < 0.9


def test_a_small_rerun_of_the_simulation_tells_the_same():
    found = {row["what"]: row["value"] for row in simulation.figures("mar", studies=4, seed=99)}
    assert abs(found["missing_bias_imputed_mar"]) < 0.025
    assert found["missing_bias_person_mean_mar"] > 0.02
    assert found["missing_bias_complete_mar"] > 0.05


def test_simulated_answers_have_the_gap_they_are_said_to_have():
    rng = np.random.default_rng(8)
    gaps = []
    for _ in range(150):
        design = draw_design(rng, simulation.ORGANISATIONS)
        score = simulation.draw_cluster(rng, design).mean(axis=1)
        gaps.append(score[design.first].mean() - score[~design.first].mean())
    # The gap of twelve organisations varies by .4 / sqrt(12): error of the mean about .012.
    assert np.mean(gaps) == pytest.approx(simulation.true_gap(), abs=0.04)
