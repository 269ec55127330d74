import itertools

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy import special

from research.disclosure import rules
from research.stats.differences import mean_against, welch
from research.stats.estimates import result_table
from research.study.study_file import Privacy

POINTS = np.arange(1.0, 6.0)


def counts_of(n: int) -> np.ndarray:
    """Every way to spread n answers over five points."""
    bars = itertools.combinations(range(n + 4), 4)
    return np.array([np.diff([-1, *bar, n + 4]) - 1 for bar in bars], dtype=float)


COUNTS_OF_TWELVE = counts_of(12)


def row(**values):
    base = {"estimate_type": "mean", "estimate": 3.5, "ci_low": 3.0, "ci_high": 4.0, "n_a": 50}
    return base | values


def protected(*rows, privacy=None):
    return rules.protect(result_table(rows), privacy or Privacy())


@pytest.mark.parametrize("n", [1, 5, 9])
def test_a_mean_of_fewer_than_ten_is_withheld(n):
    found = protected(row(n_a=n)).iloc[0]
    assert found[rules.WITHHELD_COLUMNS].isna().all()
    assert found["note"] == rules.SUPPRESSED


def test_a_mean_of_ten_stays():
    assert protected(row(n_a=10)).iloc[0]["estimate"] == 3.5


def test_a_difference_needs_ten_in_both_groups():
    found = protected(row(estimate_type="mean_difference", n_a=50, n_b=9, verdict="relevant"))
    assert found["estimate"].isna().all()
    assert found["verdict"].tolist() == [""]


@pytest.mark.parametrize(("n", "shown"), [(10, False), (19, False), (20, True)])
def test_a_standard_deviation_needs_twenty(n, shown):
    found = protected(row(estimate_type="standard_deviation", n_a=n)).iloc[0]
    assert np.isfinite(found["estimate"]) == shown


@pytest.mark.parametrize(
    ("share", "n", "note"),
    [(0.0, 30, "share_at_most"), (1.0, 49, "share_at_least"), (1.0, 50, ""), (0.5, 12, "")],
)
def test_nobody_and_everybody_become_a_bound_in_small_groups(share, n, note):
    found = protected(row(estimate_type="share_above_midpoint", estimate=share, n_a=n)).iloc[0]
    assert found["note"] == note
    assert np.isnan(found["estimate"]) == bool(note)


def test_between_five_and_ten_only_cluster_means_with_one_decimal_leave():
    lower = Privacy(minimum_n=5)
    cluster = protected(row(n_a=7, cluster_id="power", estimate=3.4567), privacy=lower).iloc[0]
    assert cluster["estimate"] == pytest.approx(3.5)
    assert np.isnan(cluster["ci_low"])
    assert cluster["note"] == rules.CLUSTER_MEAN_ONLY
    other = protected(
        row(n_a=7, estimate_type="share_above_midpoint", cluster_id="power"), privacy=lower
    )
    assert other["estimate"].isna().all()


@pytest.mark.parametrize("key", ["minimum_n", "minimum_n_distribution", "minimum_organisations"])
def test_the_study_file_cannot_go_below_the_floor(key):
    with pytest.raises(ValidationError):
        Privacy(**{key: 2})


def test_applying_the_rules_twice_changes_nothing():
    rows = [row(n_a=n, estimate_type=kind, n_dropped=3) for n in (4, 8, 12, 30)
            for kind in ("mean", "share_above_midpoint", "standard_deviation")]  # fmt: skip
    once = protected(*rows, privacy=Privacy(minimum_n=5))
    pd.testing.assert_frame_equal(rules.protect(once, Privacy(minimum_n=5)), once)


def test_a_row_that_does_not_say_how_many_people_is_withheld():
    found = protected(row(n_a=np.nan)).iloc[0]
    assert np.isnan(found["estimate"])
    assert found["note"] == rules.SUPPRESSED


def test_between_five_and_ten_an_activity_mean_stays_in():
    found = protected(
        row(n_a=7, cluster_id="power", activity_id="a24"), privacy=Privacy(minimum_n=5)
    )
    assert found["estimate"].isna().all()


@pytest.mark.parametrize(
    ("count", "low", "high", "note"),
    [
        (8, None, None, rules.SUPPRESSED),
        (10, 10, 19, "banded"),
        (49, 20, 49, "banded"),
        (50, 50, None, "banded"),
    ],
)
def test_people_of_an_organisation_are_counted_in_bands(count, low, high, note):
    counts = result_table([{"role": "manager", "estimate": count, "n_a": count}])
    found = rules.band_counts(counts, Privacy()).iloc[0]
    assert np.isnan(found["estimate"]) and np.isnan(found["n_a"])
    for value, expected in ((found["ci_low"], low), (found["ci_high"], high)):
        assert np.isnan(value) if expected is None else value == expected
    assert found["note"] == note


@pytest.mark.parametrize(("share", "note"), [(0.92, "share_at_least"), (0.08, "share_at_most")])
def test_nearly_everybody_is_masked_as_well(share, note):
    """Masking exactly 100 % only would make the mask itself the answer."""
    found = protected(row(estimate_type="share_above_midpoint", estimate=share, n_a=30)).iloc[0]
    assert found["note"] == note


@pytest.mark.parametrize(
    ("mean", "note"),
    [(5.0, "mean_at_least"), (4.9, "mean_at_least"), (1.1, "mean_at_most"), (4.8, "")],
)
def test_a_mean_at_the_end_of_the_scale_becomes_a_bound_in_small_groups(mean, note):
    table = protected(row(estimate=mean, n_a=30))
    found = rules.mask_extreme_means(table, low=1, high=5, midpoint=3, privacy=Privacy()).iloc[0]
    assert found["note"] == note
    assert np.isnan(found["estimate"]) == bool(note)


@pytest.mark.parametrize("note", ["no_variation", "complete_separation"])
def test_that_everybody_answered_alike_is_not_told_of_small_groups(note):
    found = protected(row(n_a=30, n_b=30, estimate_type="superiority", note=note)).iloc[0]
    assert found["note"] == rules.SUPPRESSED


@pytest.mark.parametrize(
    ("sizes", "allowed"),
    [
        ([20, 20, 20], True),
        ([20, 20], False),
        ([60, 20, 20], False),
        ([50, 30, 20], True),
        ([9], True),
    ],
)
def test_overall_figures_need_three_organisations_none_dominant(sizes, allowed):
    organisations = np.repeat([f"o{i}" for i in range(len(sizes))], sizes).astype(object)
    roles = np.full(len(organisations), "customer", dtype=object)
    assert rules.overall_allowed(organisations, roles, Privacy()) == allowed


class TestFewDecimalsFromFewPeople:
    def test_scores_keep_one_decimal_and_the_statistic_too(self):
        found = protected(
            row(
                estimate_type="mean_difference",
                n_a=15,
                n_b=80,
                estimate=0.8712,
                ci_low=0.3849,
                ci_high=1.3551,
                statistic=3.5712,
                df=21.46,
            )
        ).iloc[0]
        assert found[["estimate", "ci_low", "ci_high", "statistic", "df"]].tolist() == [
            pytest.approx(x) for x in (0.9, 0.4, 1.4, 3.6, 21)
        ]

    def test_a_mean_keeps_two_decimals_whatever_n(self):
        """At full precision n times the mean is the sum: less another page's, few people's."""
        for kind in ("mean", "mean_difference", "share_above_midpoint"):
            found = protected(row(n_a=5_000, estimate=0.123456, estimate_type=kind))
            assert found.iloc[0]["estimate"] == pytest.approx(0.12)

    def test_an_effect_size_of_a_hundred_people_keeps_full_precision(self):
        found = protected(row(n_a=100, estimate=0.123456, estimate_type="hedges_g"))
        assert found.iloc[0]["estimate"] == 0.123456

    def test_a_tiny_p_stays_above_zero(self):
        found = protected(
            row(
                estimate_type="mean_difference",
                n_a=15,
                n_b=20,
                p_value=0.0000314,
                p_adjusted=0.01234,
            )
        ).iloc[0]
        assert found["p_value"] == pytest.approx(3e-5)
        assert found["p_adjusted"] == pytest.approx(0.012)

    @pytest.mark.parametrize(("n", "shown"), [(19, False), (20, True)])
    def test_the_interval_of_a_mean_needs_twenty(self, n, shown):
        """It gives the standard deviation; the mean itself stays."""
        found = protected(row(n_a=n, p_value=0.02, statistic=2.1, df=18.0)).iloc[0]
        assert np.isfinite(found["estimate"])
        for column in ("ci_low", "ci_high", "p_value", "statistic", "df"):
            assert np.isfinite(found[column]) == shown, column

    def test_what_is_published_of_twelve_people_fits_many_sets_of_answers(self):
        """Whoever knows n, the mean and the share above the midpoint looks for the counts."""
        rng = np.random.default_rng(20)
        answers = rng.choice(POINTS, size=(12, 100), p=[0.05, 0.1, 0.25, 0.35, 0.25])
        table = result_table(
            mean_against(answers).drop(columns="standard_error"), estimate_type="mean"
        )
        shown = rules.protect(table, Privacy())
        assert len(shown) == 100
        assert shown["ci_low"].isna().all()
        means = COUNTS_OF_TWELVE @ POINTS / 12
        shares = COUNTS_OF_TWELVE[:, 3:].sum(axis=1)
        for estimate, above in zip(shown["estimate"], (answers > 3).sum(axis=0), strict=True):
            near = np.abs(means - estimate) <= 0.05 + 1e-9
            assert (near & (shares == above)).sum() >= 2


@pytest.mark.parametrize("seed", range(12))
def test_an_attacker_finds_no_single_set_of_answers(seed):
    """All that is published of one activity in a group of 10 to 19, put together by a solver.

    The attacker knows n, the one-decimal mean, the interval of the difference (half points) and,
    the worst case, the other role's answers exactly.
    """
    rng = np.random.default_rng(seed)
    n = int(rng.integers(10, 20))
    few = rng.choice(POINTS, size=n, p=[0.05, 0.1, 0.25, 0.35, 0.25])
    many = rng.choice(POINTS, size=60, p=[0.02, 0.08, 0.2, 0.4, 0.3])
    values = np.concatenate([many, few])
    found = welch(values, np.arange(len(values)) < 60).drop(columns="standard_error")
    rows = [
        result_table(found, estimate_type="mean_difference", activity_id="a01"),
        result_table(
            [{"estimate_type": "mean", "activity_id": "a01", "estimate": few.mean(), "n_a": n}]
        ),
    ]
    shown = rules.protect(pd.concat(rows, ignore_index=True), Privacy())
    gap, mean = shown.iloc[0], shown.iloc[1]
    assert gap[["statistic", "df", "p_value"]].isna().all()
    fits = 0
    for counts in counts_of(n):
        own = counts @ POINTS / n
        if abs(own - mean["estimate"]) > 0.05 + 1e-9:
            continue
        parts = many.var(ddof=1) / 60, counts @ (POINTS - own) ** 2 / (n - 1) / n
        df = sum(parts) ** 2 / (parts[0] ** 2 / 59 + parts[1] ** 2 / (n - 1))
        half = special.stdtrit(df, 0.975) * np.sqrt(sum(parts))
        low, high = many.mean() - own - half, many.mean() - own + half
        rounded = [np.floor(np.round(low, 1) / 0.5) * 0.5, np.ceil(np.round(high, 1) / 0.5) * 0.5]
        fits += bool(np.allclose(rounded, [gap["ci_low"], gap["ci_high"]]))
    assert fits >= 3
