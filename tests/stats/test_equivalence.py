"""Non-inferiority, and the four verdicts: on paper, and what must hold whatever the numbers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from research.stats.equivalence import (
    DIRECTIONS,
    VERDICTS,
    equivalence_test,
    judge,
    non_inferiority_test,
)
from research.stats.estimates import NO_VARIATION, t_critical, two_sided_p

REAL = st.floats(-3, 3)
ERROR = st.floats(0.01, 2)
DF = st.floats(1, 500)
MARGIN = st.floats(0.05, 2)


def one(*numbers: float) -> list[np.ndarray]:
    return [np.array([number]) for number in numbers]


def not_worse(estimate, error, df, **options) -> pd.Series:
    return non_inferiority_test(*one(estimate, error, df), **options).iloc[0]


def difference(estimate, error, df, *, margin, tests=1) -> pd.DataFrame:
    """One difference as the analyses hand it to judge; Bonferroni stands for the correction."""
    arrays = one(estimate, error, df)
    half = t_critical(arrays[2], 0.95) * arrays[1]
    p = two_sided_p(arrays[0] / arrays[1], arrays[2])
    return pd.DataFrame(
        {
            "estimate": arrays[0],
            "ci_low": arrays[0] - half,
            "ci_high": arrays[0] + half,
            "p_adjusted": np.minimum(1.0, tests * p),
            "p_equivalence": equivalence_test(*arrays, margin=margin)["p_value"],
        }
    )


def verdict(estimate, error, df, *, margin, tests=1) -> str:
    return judge(difference(estimate, error, df, margin=margin, tests=tests), margin=margin)[0]


# ---- on paper -----------------------------------------------------------------------------


def test_non_inferiority_with_two_df():
    # t = (0 + 1)/1 = 1 on 2 df: P(T > 1) = (1 - 1/sqrt(3))/2. 90 % limit: t^2 = 2 (.81)/.19.
    row = not_worse(0.0, 1.0, 2.0, margin=1.0)
    assert row["statistic"] == 1
    np.testing.assert_allclose(row["p_value"], (1 - 1 / np.sqrt(3)) / 2, rtol=1e-12)
    np.testing.assert_allclose(row["ci_low"], -np.sqrt(1.62 / 0.19), rtol=1e-12)
    assert row["confidence_level"] == pytest.approx(0.9)


def test_non_inferiority_where_lower_is_better():
    # a is .5 higher and lower is better: t = (-.5 + 1)/.5 = 1, as in the case above.
    row = not_worse(0.5, 0.5, 2.0, margin=1.0, direction="lower_is_better")
    assert row["statistic"] == 1
    np.testing.assert_allclose(row["p_value"], (1 - 1 / np.sqrt(3)) / 2, rtol=1e-12)


@pytest.mark.parametrize(
    ("expected", "estimate", "low", "high", "p_adjusted", "p_equivalence"),
    [
        # margin .3; each line one rule of judge
        ("relevant", 0.31, 0.30001, 0.32, 0.2, 0.9),  # wholly beyond, though not significant
        ("relevant", -0.5, -0.8, -0.2, 0.05, 0.9),  # significant at exactly alpha, size above
        ("relevant", 0.3, 0.1, 0.5, 0.04, 0.5),  # significant, exactly the margin
        ("inconclusive", 0.29, 0.1, 0.48, 0.001, 0.4),  # significant, below the margin, not inside
        ("inconclusive", 0.9, -0.1, 1.9, 0.06, 0.9),  # large and uncertain
        ("inconclusive", 0.31, 0.3, 0.32, 0.06, 0.9),  # the interval touches the margin
        ("trivial", -0.1, -0.19, -0.01, 0.05, 0.05),  # both at exactly alpha
        ("equivalent", -0.1, -0.19, -0.01, 0.051, 0.05),
        ("", 0.1, 0.0, 0.2, np.nan, 0.01),  # not tested
        ("", 0.1, 0.0, 0.2, 0.01, np.nan),
    ],
)  # fmt: skip
def test_each_rule_of_the_verdicts(expected, estimate, low, high, p_adjusted, p_equivalence):
    names = ("estimate", "ci_low", "ci_high", "p_adjusted", "p_equivalence")
    row = pd.DataFrame(
        [dict(zip(names, (estimate, low, high, p_adjusted, p_equivalence), strict=True))]
    )
    assert judge(row, margin=0.3).tolist() == [expected]


# ---- relations: non-inferiority -----------------------------------------------------------


@given(estimate=REAL, error=ERROR, df=DF, margin=MARGIN)
def test_not_worse_exactly_when_the_worse_end_is_inside_the_margin(estimate, error, df, margin):
    for direction in DIRECTIONS:
        row = not_worse(estimate, error, df, margin=margin, direction=direction)
        if abs(row["p_value"] - 0.05) < 1e-9:
            continue
        inside = row["ci_low"] > -margin if "higher" in direction else row["ci_high"] < margin
        assert (row["p_value"] < 0.05) == inside


@given(estimate=REAL, error=ERROR, df=DF, margin=MARGIN)
def test_the_other_direction_is_the_same_test_of_the_turned_difference(estimate, error, df, margin):
    higher = not_worse(estimate, error, df, margin=margin)
    lower = not_worse(-estimate, error, df, margin=margin, direction="lower_is_better")
    assert higher["p_value"] == lower["p_value"]
    assert higher["statistic"] == lower["statistic"]
    np.testing.assert_allclose(higher["ci_low"], -lower["ci_high"], rtol=1e-12)


@given(estimate=REAL, error=ERROR, df=DF, margin=MARGIN)
def test_equivalence_is_not_worse_in_both_directions(estimate, error, df, margin):
    both = [
        not_worse(estimate, error, df, margin=margin, direction=direction)["p_value"]
        for direction in DIRECTIONS
    ]
    equivalence = equivalence_test(*one(estimate, error, df), margin=margin).iloc[0]
    np.testing.assert_allclose(max(both), equivalence["p_value"], rtol=1e-12)


@given(estimate=REAL, error=ERROR, df=DF, margin=MARGIN, scale=st.floats(0.01, 100))
def test_non_inferiority_has_no_unit_and_a_wider_margin_is_easier(
    estimate, error, df, margin, scale
):
    row = not_worse(estimate, error, df, margin=margin)
    scaled = not_worse(estimate * scale, error * scale, df, margin=margin * scale)
    np.testing.assert_allclose(scaled["p_value"], row["p_value"], rtol=1e-9, atol=1e-300)
    wider = not_worse(estimate, error, df, margin=2 * margin)
    assert wider["p_value"] <= row["p_value"]


def test_non_inferiority_without_a_standard_error_says_why():
    table = non_inferiority_test(
        np.array([0.2, 0.2, np.nan]), np.array([0.0, np.nan, 0.1]), np.full(3, 9.0), margin=0.3
    )
    assert table[["p_value", "ci_low", "statistic"]].iloc[:2].isna().all(axis=None)
    assert table["note"].tolist() == [NO_VARIATION, "", ""]


def test_a_wrong_direction_or_margin_is_refused():
    with pytest.raises(ValueError, match="higher_is_better.*lower_is_better.*not 'up'"):
        not_worse(0.0, 1.0, 9.0, margin=1.0, direction="up")
    with pytest.raises(ValueError, match="margin must be above 0"):
        not_worse(0.0, 1.0, 9.0, margin=0.0)


# ---- relations: the verdicts --------------------------------------------------------------

TESTS = st.integers(1, 30)


@given(estimate=REAL, error=ERROR, df=DF, margin=MARGIN, tests=TESTS)
def test_every_difference_gets_exactly_one_verdict(estimate, error, df, margin, tests):
    found = difference(estimate, error, df, margin=margin, tests=tests)
    (said,) = judge(found, margin=margin)
    row = found.iloc[0]
    within, clear = row["p_equivalence"] <= 0.05, row["p_adjusted"] <= 0.05
    beyond = row["ci_low"] > margin or row["ci_high"] < -margin
    holds = {
        "trivial": within and clear,
        "equivalent": within and not clear,
        "relevant": not within and (beyond or (clear and abs(estimate) >= margin)),
        "inconclusive": not within and not beyond and not (clear and abs(estimate) >= margin),
    }
    assert set(holds) == set(VERDICTS)
    assert [name for name, is_so in holds.items() if is_so] == [said]
    assert not (within and beyond), "an interval is not inside and beyond the margin at once"


@given(estimate=REAL, error=ERROR, df=DF, margin=MARGIN, tests=TESTS)
def test_verdicts_do_not_know_which_role_came_first(estimate, error, df, margin, tests):
    options = {"margin": margin, "tests": tests}
    assert verdict(estimate, error, df, **options) == verdict(-estimate, error, df, **options)


@given(
    estimate=REAL, error=ERROR, df=DF, margins=st.lists(MARGIN, min_size=2, max_size=6), tests=TESTS
)
def test_a_wider_margin_only_moves_from_relevant_to_equivalent(estimate, error, df, margins, tests):
    rank = {"relevant": 0, "inconclusive": 1, "trivial": 2, "equivalent": 2}
    said = [verdict(estimate, error, df, margin=m, tests=tests) for m in sorted(margins)]
    ranks = [rank[name] for name in said]
    assert ranks == sorted(ranks)
    # Whether a difference is clear does not depend on the margin.
    assert len({name for name in said if rank[name] == 2}) <= 1


@given(
    estimate=REAL, error=ERROR, df=DF, margin=MARGIN, scale=st.sampled_from([0.25, 0.5, 2, 4, 8])
)
def test_verdicts_have_no_unit_and_no_row_order(estimate, error, df, margin, scale):
    # Powers of two, so that nothing is rounded and a case at the edge stays there.
    scaled = verdict(estimate * scale, error * scale, df, margin=margin * scale)
    assert scaled == verdict(estimate, error, df, margin=margin)
    rows = pd.concat([difference(e, error, df, margin=margin) for e in (estimate, 0.0, 2.5)])
    assert judge(rows[::-1], margin=margin).tolist() == judge(rows, margin=margin).tolist()[::-1]


@given(estimate=REAL, error=ERROR, df=DF, margin=MARGIN, more=st.integers(1, 20))
def test_a_larger_family_never_makes_a_verdict_firmer(estimate, error, df, margin, more):
    few, many = (verdict(estimate, error, df, margin=margin, tests=n) for n in (1, 1 + more))
    assert (few, many) in {
        *((name, name) for name in VERDICTS),
        ("trivial", "equivalent"),
        ("relevant", "inconclusive"),
    }
