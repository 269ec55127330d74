"""Quality flags: by hand, the rule that joins them, and what must stay true."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simulations import careless

from research.responses.quality import FLAG_COLUMNS, flag_respondents, longest_string
from research.responses.quality.compared import COMPARED, compare_people
from research.responses.quality.consistency import (
    even_odd_correlation,
    even_odd_inconsistency,
    pair_correlation,
    synonym_pairs,
)
from research.responses.quality.distance import squared_mahalanobis
from research.responses.quality.person_fit import guttman_errors, person_total_correlation
from research.responses.quality.rows import Why, correlation_fences, fences, row_correlation
from research.responses.quality.signs import KINDS, REASONS, looks_careless
from research.responses.quality.strings import average_string
from research.study.instrument import Instrument
from research.study.study_file import FLAG_REASONS

NAN = np.nan
MIXED = [1, 2, 3, 4, 5, 4, 3, 2, 1, 2, 3, 4]


def _instrument(
    n_activities: int,
    *,
    low: int = 1,
    high: int = 5,
    n_clusters: int = 1,
    reversed_at: tuple[int, ...] = (),
    attention: dict[str, int] | None = None,
) -> Instrument:
    def both(text: str | list) -> dict:
        return {"nl": text, "en": text}

    return Instrument.model_validate(
        {
            "id": "flags",
            "version": 1,
            "illustrative": True,
            "source": "made for the tests",
            "scale": {
                "low": low,
                "high": high,
                "midpoint": (low + high) / 2,
                "labels": both([str(point) for point in range(low, high + 1)]),
            },
            "stem": both("how"),
            "clusters": [{"id": f"c{k}", "label": both(f"c{k}")} for k in range(n_clusters)],
            "activities": [
                {
                    "id": f"a{n}",
                    "cluster": f"c{n * n_clusters // n_activities}",
                    "label": both(f"a{n}"),
                    "wording": both(f"A {n}"),
                    "reverse_keyed": n in reversed_at,
                }
                for n in range(n_activities)
            ],
            "attention_items": [
                {"id": name, "wording": both(f"Tick {answer}"), "expected": answer}
                for name, answer in (attention or {}).items()
            ],
        }
    )


def _responses(answers, seconds=NAN, role: str = "customer") -> pd.DataFrame:
    table = pd.DataFrame(np.asarray(answers, dtype=float)).add_prefix("a").astype("Int64")
    table.insert(0, "respondent_id", [f"r{n}" for n in range(len(table))])
    return table.assign(role=role, wave="", duration_seconds=seconds)


def _people(n: int, *, seed: int, n_activities: int = 12) -> np.ndarray:
    """Careful answers: activities differ, people differ, and both leave room for chance."""
    rng = np.random.default_rng(seed)
    popular = np.linspace(2, 4.4, n_activities)
    found = popular + rng.normal(0, 0.4, (n, 1)) + rng.normal(0, 0.7, (n, n_activities))
    return np.clip(np.rint(found), 1, 5)


# ---- by hand -------------------------------------------------------------------------------


def test_runs_break_at_a_missing_answer():
    answers = np.array([[1, 1, 2, 2, 2, 1], [3, 3, NAN, 3, 3, 3], [NAN] * 6])
    assert longest_string(answers).tolist() == [3, 3, 0]
    np.testing.assert_allclose(average_string(answers), [6 / 3, 5 / 2, NAN])


def test_indices_by_hand():
    flags = flag_respondents(_responses([[1, 2, 3, 2, NAN]], seconds=6.0), _instrument(5))
    row = flags.iloc[0]
    assert tuple(flags.columns) == FLAG_COLUMNS
    assert row["n_answered"] == 4
    assert row["share_missing"] == pytest.approx(0.2)
    assert row["intra_individual_variability"] == pytest.approx((2 / 3) ** 0.5)  # 1 2 3 2
    assert row["seconds_per_activity"] == pytest.approx(1.5)
    assert row["extreme_share"] == pytest.approx(0.25)
    assert row["midpoint_share"] == pytest.approx(0.25)
    assert row["reasons"] == "too_fast"


def test_even_odd_by_hand():
    # Odd halves 1 3 5, even halves 2 4 3: r = 2 / sqrt(8 * 2) = .5 -> 2r / (1 + r) = 2/3.
    answers = np.array([[1, 2, 3, 4, 5, 3.0]])
    clusters = [np.array([0, 1]), np.array([2, 3]), np.array([4, 5])]
    found = even_odd_correlation(answers, clusters)
    assert found.values[0] == pytest.approx(0.5)
    assert even_odd_inconsistency(found).values[0] == pytest.approx(-2 / 3)
    # Odd and even run against each other: r = -1, which Spearman-Brown would send to infinity.
    against = even_odd_correlation(np.array([[1, 5, 3, 3, 5, 1.0]]), clusters)
    assert even_odd_inconsistency(against).values[0] == 1.0
    assert even_odd_correlation(answers, clusters[:2]).why[0] == Why.TOO_FEW_PAIRS
    alike = even_odd_inconsistency(even_odd_correlation(np.full((1, 6), 3.0), clusters))
    assert alike.why[0] == Why.NO_VARIATION


def test_guttman_errors_by_hand():
    # Three yes-no items passed by 4, 3 and 2 of four people; the last person passes the hard one
    # only, skipping two easier ones: two errors, and a sum of one allows no more than two.
    answers = np.array([[1, 1, 1], [1, 1, 0], [1, 1, 0], [0, 0, 1], [1, 0, 0.0]])
    found = guttman_errors(answers, low=0, high=1).values
    assert found.tolist() == [0.0, 0.0, 0.0, 1.0, 0.0]
    # One error is the most a sum of one allows here: the easier of two items was skipped.
    two = np.array([[0, 1], [1, 0], [1, 0], [1, 1.0]])
    assert guttman_errors(two, low=0, high=1).values.tolist() == [1.0, 0.0, 0.0, 0.0]
    assert guttman_errors(np.array([[NAN] * 3, [1, 1, 1.0]]), low=0, high=1).why.tolist() == [
        Why.TOO_FEW_ANSWERS,
        Why.COMPUTED,
    ]


def test_a_persons_own_answers_do_not_count_among_the_others():
    found = person_total_correlation(np.array([[1, 2, 3.0], [3, 2, 1.0]])).values
    np.testing.assert_allclose(found, [-1, -1])  # with oneself in the mean it would be undefined


def test_synonyms_are_pairs_beyond_sixty_and_opposites_below():
    base = np.array([1, 2, 3, 4, 5, 2, 4.0])
    answers = np.column_stack([base, base, 6 - base, [3, 1, 2, 3, 1, 2, 2]])
    assert synonym_pairs(answers).tolist() == [[1, 0]]
    assert synonym_pairs(answers, antonyms=True).tolist() == [[2, 0], [2, 1]]
    assert pair_correlation(answers, synonym_pairs(answers)).why[0] == Why.TOO_FEW_PAIRS


def test_a_correlation_of_exactly_sixty_is_no_synonym():
    # n = 6, sums 20 and 21: 6 * 76 - 420 = 36, 6 * 80 - 400 = 80, 6 * 81 - 441 = 45: .6 exactly,
    # which rounding carries above it.
    answers = np.column_stack([[5, 2, 4, 5, 3, 1], [5, 3, 2, 5, 3, 3]]).astype(float)
    assert len(synonym_pairs(answers)) == 0


def test_fences_by_hand():
    assert fences(np.array([0, 1, 2, 3, 4, NAN])) == (1 - 1.5 * 2, 3 + 1.5 * 2)
    low, high = correlation_fences(np.tanh([0.0, 0.1, 0.2, 0.3, 0.4]))
    assert (low, high) == pytest.approx((np.tanh(-0.2), np.tanh(0.6)))
    assert np.isnan(fences(np.array([NAN, NAN]))).all()


def test_a_row_correlation_sees_no_spread_where_only_rounding_is():
    thirds = np.array([[0.1 + 0.2, 0.3, 0.3], [1, 2, 3.0]])
    assert row_correlation(np.full((2, 3), 0.1), thirds).why.tolist() == [Why.NO_VARIATION] * 2


def test_the_distance_of_answers_given_is_that_of_their_own_covariance():
    answers = _people(60, seed=3, n_activities=5)
    covariance, centre = np.cov(answers.T), answers.mean(axis=0)
    row = answers[0].copy()
    # A person more, with gaps: pairwise covariances hardly change with 3,000 copies of the others.
    many = np.vstack([np.tile(answers, (3000, 1)), np.where([0, 1, 0, 1, 0], NAN, row)])
    given = [0, 2, 4]
    off = row[given] - centre[given]
    expected = off @ np.linalg.solve(covariance[np.ix_(given, given)] * 59 / 60, off)
    assert squared_mahalanobis(many).values[-1] == pytest.approx(expected, rel=1e-3)


# ---- signs and the rule ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "seconds", "reasons", "careless"),
    [
        ([3] * 12, 60.0, "long_string;no_variability", True),  # all alike is decisive
        ([3] * 9 + [1, 2, 4], 60.0, "", False),
        ([3] * 10 + [1, 2], 60.0, "long_string", False),  # one kind only
        ([3] * 10 + [1, 2], 23.0, "long_string;too_fast", True),  # two kinds
        ([1, 2, 3, 4, 5] + [NAN] * 7, 60.0, "many_missing", False),
        ([1, 2, 3, 4, 5] + [NAN] * 7, 6.0, "many_missing;too_fast", False),  # missing is no kind
        (MIXED, 23.0, "too_fast", False),
        (MIXED, 12.0, "too_fast", False),
        (MIXED, 11.9, "too_fast", True),  # under a second an activity is decisive
        (MIXED, NAN, "", False),
        ([NAN] * 12, NAN, "many_missing", False),
    ],
)
def test_signs_and_the_rule_that_joins_them(answers, seconds, reasons, careless):
    row = flag_respondents(_responses([answers], seconds), _instrument(12)).iloc[0]
    assert row["reasons"] == reasons
    assert row["flagged"] == careless
    assert row["flagged"] == careless


def test_reasons_are_those_of_the_study_file():
    assert {*REASONS, "careless"} == set(FLAG_REASONS)


@pytest.mark.parametrize("names", KINDS.values(), ids=KINDS)
def test_signs_of_one_kind_count_once(names):
    signs = {name: np.array([name in names]) for name in REASONS} | {
        "no_variability": np.array([False])
    }
    nothing = {"seconds": np.array([NAN]), "share_attention_wrong": np.array([NAN])}
    assert not looks_careless(signs, **nothing)[0]
    other = "too_fast" if "too_fast" not in names else "outlying"
    assert looks_careless(signs | {other: np.array([True])}, **nothing)[0]


@pytest.mark.parametrize(
    ("given", "wrong", "careless"),
    [
        ((4, 2), 0, False),
        ((4, 3), 1, True),  # one of two is half of them
        ((4, None), 0, False),  # left open is not wrong
        ((1, None), 1, True),
        ((None, None), NAN, False),
    ],
)
def test_a_failed_attention_item_is_a_sign(given, wrong, careless):
    table = _responses([MIXED]).assign(
        check=pd.array([given[0]], dtype="Int64"), again=pd.array([given[1]], dtype="Int64")
    )
    row = flag_respondents(table, _instrument(12, attention={"check": 4, "again": 2})).iloc[0]
    np.testing.assert_equal(float(row["attention_wrong"]), float(wrong))
    assert row["reasons"] == ("failed_attention" if wrong > 0 else "")
    assert row["flagged"] == careless


def test_one_of_three_attention_items_wrong_is_a_sign_but_not_decisive():
    items = {"one": 1, "two": 2, "three": 3}
    table = _responses([MIXED]).assign(one=1, two=2, three=5)
    row = flag_respondents(table, _instrument(12, attention=items)).iloc[0]
    assert (row["reasons"], row["flagged"]) == ("failed_attention", False)


def test_an_attention_item_without_a_column_says_nothing():
    row = flag_respondents(_responses([MIXED]), _instrument(12, attention={"check": 4})).iloc[0]
    assert np.isnan(row["attention_wrong"])
    assert row["reasons"] == ""


def test_twice_as_fast_as_the_median_is_too_fast():
    seconds = np.r_[np.full(39, 120.0), 59.0, 60.0]
    flags = flag_respondents(_responses(_people(41, seed=5), seconds), _instrument(12))
    assert flags["relative_speed"].to_numpy()[-2:] == pytest.approx([120 / 59, 2.0])
    fast = flags["reasons"].str.contains("too_fast").to_numpy()
    assert fast.nonzero()[0].tolist() == [39]  # exactly twice as fast is not yet


def test_a_negative_duration_is_none_and_few_durations_make_no_median():
    seconds = np.r_[-5.0, np.full(29, 120.0), np.full(10, NAN)]
    flags = flag_respondents(_responses(_people(40, seed=6), seconds), _instrument(12))
    assert np.isnan(flags["seconds_per_activity"].iloc[0])
    assert flags["relative_speed"].isna().all()
    said = flags["not_computed"].str.extract(r"relative_speed:(\w+)")[0]
    assert said.tolist() == ["no_duration"] + ["too_few_people"] * 29 + ["no_duration"] * 10


def test_a_few_answers_all_alike_are_no_sign():
    row = flag_respondents(_responses([[3] * 9]), _instrument(9)).iloc[0]
    assert (row["intra_individual_variability"], row["reasons"]) == (0, "")


def test_random_answers_are_found_among_careful_ones():
    rng = np.random.default_rng(8)
    answers = _people(400, seed=8, n_activities=30)
    answers[:20] = rng.integers(1, 6, (20, 30))
    flags = flag_respondents(_responses(answers), _instrument(30))
    found = flags["flagged"].to_numpy()
    assert found[:20].mean() > 0.7
    assert found[20:].mean() < 0.02


# ---- within the role, and refusals -----------------------------------------------------------


def test_a_manager_among_many_customers_is_compared_with_managers():
    customers, managers = _people(300, seed=11), _people(40, seed=12)[:, ::-1]
    table = pd.concat([_responses(customers), _responses(managers, role="manager")])
    flags = flag_respondents(table.reset_index(drop=True), _instrument(12))
    together = flag_respondents(table.assign(role="person"), _instrument(12))
    is_manager = (table["role"] == "manager").to_numpy()
    assert flags.loc[is_manager, "flagged"].mean() == 0
    assert together.loc[is_manager, "person_total_correlation"].median() < 0
    assert flags.loc[is_manager, "person_total_correlation"].median() > 0.5


def test_waves_are_compared_apart():
    table = _responses(_people(80, seed=13))
    table["wave"] = np.repeat(["2024", "2025"], 40)
    whole = compare_people(table, _instrument(12), np.full(80, NAN))
    first = compare_people(table.iloc[:40], _instrument(12), np.full(40, NAN))
    for name in COMPARED:
        np.testing.assert_array_equal(whole[name].index.values[:40], first[name].index.values)


def test_nobody_is_compared_in_a_group_under_thirty():
    flags = flag_respondents(_responses(_people(29, seed=14), 100.0), _instrument(12, n_clusters=3))
    assert flags[list(COMPARED)].isna().all(axis=None)
    said = flags["not_computed"].iloc[0].split(";")
    assert set(said) == {f"{name}:too_few_people" for name in COMPARED}
    more = flag_respondents(_responses(_people(30, seed=14), 100.0), _instrument(12, n_clusters=3))
    assert more["person_total_correlation"].notna().all()


def test_a_distance_that_cannot_be_outlying_is_not_given():
    # 30 people: no squared distance exceeds 29^2 / 30 = 28.0; twelve activities ask for 32.9.
    flags = flag_respondents(_responses(_people(30, seed=15)), _instrument(12))
    assert "mahalanobis_p:too_few_people" in flags["not_computed"].iloc[0]
    assert (
        flag_respondents(_responses(_people(40, seed=15)), _instrument(12))["mahalanobis_p"]
        .notna()
        .all()
    )


def test_an_activity_everybody_answers_alike_refuses_the_distance_and_nothing_else():
    answers = _people(60, seed=16)
    answers[:, 4] = 3
    flags = flag_respondents(_responses(answers), _instrument(12))
    assert flags["mahalanobis_squared"].isna().all()
    assert flags["not_computed"].str.contains("mahalanobis_squared:singular_covariance").all()
    assert flags["guttman_errors"].notna().all()


def test_even_odd_is_no_sign_over_few_clusters():
    answers = _people(60, seed=17, n_activities=32)
    few = flag_respondents(_responses(answers), _instrument(32, n_clusters=4))
    assert few["even_odd_inconsistency"].notna().any()
    assert few["even_odd_correlation_limit"].isna().all()
    answers = np.random.default_rng(17).integers(1, 6, answers.shape)
    many = flag_respondents(_responses(answers), _instrument(32, n_clusters=8))
    # Nothing of these answers hangs together by cluster: below the cut-off is as usual as above.
    assert (many["even_odd_correlation"] < 0.3 / 1.7).mean() > 0.4
    assert many["even_odd_correlation_limit"].iloc[0] < -0.5
    assert many["reasons"].str.contains("inconsistent").mean() < 0.03


def test_contradicting_oneself_by_cluster_is_inconsistent_where_others_do_not():
    rng = np.random.default_rng(22)
    by_cluster = np.repeat(rng.normal(3, 1, (200, 10)), 4, axis=1)
    answers = np.clip(np.rint(by_cluster + rng.normal(0, 1.1, (200, 40))), 1, 5)
    answers[0] = np.tile([1, 5, 1, 5, 2, 4, 2, 4], 5)
    flags = flag_respondents(_responses(answers), _instrument(40, n_clusters=10))
    assert flags["synonym_correlation"].isna().all()  # so that nothing else says inconsistent
    assert flags["even_odd_inconsistency"].iloc[0] == 1
    assert flags["even_odd_correlation_limit"].iloc[0] <= 0.3 / 1.7
    assert "inconsistent" in flags["reasons"].iloc[0]
    assert flags["reasons"].iloc[1:].str.contains("inconsistent").mean() < 0.02


def test_answering_opposites_alike_is_inconsistent():
    rng = np.random.default_rng(21)
    view = rng.integers(1, 6, (200, 6)).astype(float)
    answers = np.column_stack([view, 6 - view])
    moved = rng.random(answers.shape) < 0.1
    answers = np.where(moved, np.clip(answers + 1, 1, 5), answers)
    answers[0, 6:] = answers[0, :6] = [1, 2, 3, 4, 5, 2]
    flags = flag_respondents(_responses(answers), _instrument(12))
    assert flags["antonym_correlation"].iloc[0] == 1
    assert flags["antonym_correlation_limit"].iloc[0] == 0  # not the fence, which lies below nil
    assert flags["reasons"].str.contains("inconsistent").to_numpy().nonzero()[0].tolist() == [0]


def test_whoever_left_most_open_is_not_judged_by_what_is_left():
    answers = _people(60, seed=18)
    answers[0] = [5, 5, 5, 5, 1] + [NAN] * 7  # against the order of the others
    flags = flag_respondents(_responses(answers), _instrument(12))
    assert flags["reasons"].iloc[0] == "many_missing"
    assert flags["person_total_correlation"].iloc[0] < 0


def test_a_limit_needs_the_cut_off_and_the_fence():
    flags = flag_respondents(_responses(_people(200, seed=19)), _instrument(12))
    limit = flags["person_total_correlation_limit"].iloc[0]
    fence = correlation_fences(flags["person_total_correlation"].to_numpy())[0]
    assert limit == pytest.approx(min(0.0, fence))
    # Four pairs of opposites: careful people often answer these the same way round by chance.
    view = np.random.default_rng(19).normal(3, 1.2, (200, 4))
    opposite = np.random.default_rng(20).normal(6 - view, 0.5)
    pairs = np.clip(np.rint(np.column_stack([view, opposite])), 1, 5)
    flags = flag_respondents(_responses(pairs), _instrument(8))
    fence = correlation_fences(flags["antonym_correlation"].to_numpy())[1]
    assert flags["antonym_correlation_limit"].iloc[0] == pytest.approx(fence)
    assert fence > 0
    # Activities everybody finds alike: many run against the others by chance, few are flagged.
    rng = np.random.default_rng(19)
    flags = flag_respondents(_responses(rng.integers(1, 6, (300, 12))), _instrument(12))
    assert (flags["person_total_correlation"] < 0).mean() > 0.3
    assert flags["reasons"].str.contains("against_the_rest").mean() < 0.03


def test_a_table_without_people_or_without_roles_has_every_column():
    empty = flag_respondents(_responses(np.empty((0, 12))), _instrument(12))
    assert tuple(empty.columns) == FLAG_COLUMNS and empty.empty
    answers = _people(40, seed=20)
    with_role = flag_respondents(_responses(answers), _instrument(12))
    without = flag_respondents(_responses(answers).drop(columns="role"), _instrument(12))
    pd.testing.assert_frame_equal(with_role, without)


# ---- what must stay true ---------------------------------------------------------------------

DATA = st.builds(
    lambda seed, n, missing: np.where(
        np.random.default_rng(seed).random((n, 12)) < missing, NAN, _people(n, seed=seed)
    ),
    st.integers(0, 10_000), st.integers(30, 60), st.sampled_from([0.0, 0.05, 0.3]),
)  # fmt: skip


def _flags(answers: np.ndarray, **options) -> pd.DataFrame:
    return flag_respondents(_responses(answers, 80.0), _instrument(12, n_clusters=4, **options))


def _same(first: pd.DataFrame, second: pd.DataFrame, leave: tuple[str, ...] = ()) -> None:
    pd.testing.assert_frame_equal(
        first.drop(columns=list(leave)), second.drop(columns=list(leave)), rtol=1e-7, atol=1e-9
    )


@settings(max_examples=15, deadline=None)
@given(DATA, st.integers(0, 100))
def test_flags_do_not_depend_on_the_order_of_respondents(answers, seed):
    table = _responses(answers, 80.0)
    order = np.random.default_rng(seed).permutation(len(table))
    flags = flag_respondents(table, _instrument(12, n_clusters=4))
    shuffled = flag_respondents(table.iloc[order], _instrument(12, n_clusters=4))
    _same(shuffled, flags.iloc[order])


@settings(max_examples=15, deadline=None)
@given(DATA, st.integers(-7, 7))
def test_flags_do_not_depend_on_the_numbers_of_the_scale(answers, shift):
    _same(_flags(answers), _flags(answers + shift, low=1 + shift, high=5 + shift))


TURNED = (1, 6, 7)
AS_GIVEN = (
    "longest_string", "longest_string_share", "average_string", "intra_individual_variability",
    "synonym_correlation", "synonym_correlation_limit", "antonym_correlation",
    "antonym_correlation_limit", "reasons", "flagged", "not_computed",
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(DATA)
def test_turning_an_activity_with_its_keying_changes_only_what_is_of_answers_as_given(answers):
    turned = answers.copy()
    turned[:, TURNED] = 6 - turned[:, TURNED]
    _same(_flags(answers), _flags(turned, reversed_at=TURNED), leave=AS_GIVEN)


@settings(max_examples=15, deadline=None)
@given(DATA)
def test_shares_and_correlations_stay_in_their_range(answers):
    flags = _flags(answers)
    for name, low in {
        "guttman_errors": 0, "extreme_share": 0, "midpoint_share": 0, "mahalanobis_p": 0,
        "person_total_correlation": -1, "even_odd_inconsistency": -1,
    }.items():  # fmt: skip
        known = flags[name].dropna()
        assert known.between(low, 1).all(), name
    n_missing = flags[list(COMPARED)].isna().sum(axis=1)
    said = flags["not_computed"].str.count(":").to_numpy()
    own = flags[["extreme_share", "midpoint_share", "seconds_per_activity"]].isna().sum(axis=1)
    np.testing.assert_array_equal(said, n_missing + own)  # every missing index has its reason


def test_a_reversed_activity_is_not_turned_before_a_run_is_sought():
    turned = _instrument(12, reversed_at=(5,))
    assert flag_respondents(_responses([[4] * 12]), turned)["longest_string"].tolist() == [12]


def test_the_opposite_of_consistency_is_seen_after_turning():
    # Contradicting oneself: high on an activity and on its reversed twin.
    answers = np.array([[5, 5, 1, 1, 4, 4, 2, 2.0]])
    clusters = np.split(np.arange(8), 4)
    keyed = answers.copy()
    keyed[:, 1::2] = 6 - keyed[:, 1::2]
    assert even_odd_correlation(answers, clusters).values[0] == pytest.approx(1)
    assert even_odd_correlation(keyed, clusters).values[0] == pytest.approx(-1)


# ---- what the rule does ----------------------------------------------------------------------


def test_the_table_of_the_simulation_is_what_the_rule_does_now():
    table = pd.read_csv(careless.TABLE)
    place = ["instrument", "durations", "careless_people", "share_careless"]
    row = table.set_index(place).loc[("30 activities, 4 clusters", True, "random", 0.1)]
    found = careless.condition(
        careless.INSTRUMENTS["30 activities, 4 clusters"](), "random", durations=True, runs=3
    )
    for name, n in (
        ("careful_looks_careless", "n_careful"),
        ("careless_looks_careless", "n_careless"),
    ):
        error = np.sqrt(row[name] * (1 - row[name]) / found[n])
        assert found[name] == pytest.approx(row[name], abs=4 * error + 1e-4), name


def test_in_the_simulation_hardly_any_careful_person_looks_careless():
    table = pd.read_csv(careless.TABLE)
    assert table["careful_looks_careless"].max() <= 0.005
    assert (
        table.loc[table["careless_people"] == "one point", "careless_looks_careless"] == 1
    ).all()
