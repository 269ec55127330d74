"""Cases small enough to do on paper; the arithmetic stands beside each."""

import numpy as np
import pandas as pd
import pytest
from tests.stats.same import only_row

from research.stats.clustered import cr2_difference, cr2_mean
from research.stats.differences import brunner_munzel, hedges_g, mean_against, welch
from research.stats.equivalence import equivalence_test, judge
from research.stats.multiplicity import adjust_p_values
from research.stats.power import detectable_difference
from research.stats.proportions import wilson_interval
from research.stats.reliability.alpha import cronbach_alpha

NORMAL_975 = 1.959963984540054
# Two df have a closed form: p = 1 - |t|/sqrt(t^2 + 2); so p = .05 at t^2 = 2 (.95^2)/(1 - .95^2).
T_975_DF_2 = np.sqrt(2 * 0.95**2 / (1 - 0.95**2))


def two_roles(a, b):
    return np.array([*a, *b], dtype=float), np.arange(len(a) + len(b)) < len(a)


def test_welch_with_two_answers_each():
    # Means 2 and 6, variances 2 and 2: se^2 = 2/2 + 2/2 = 2; t = -4/sqrt(2) = -sqrt(8).
    # df = 2^2 / (1/1 + 1/1) = 2; p = 1 - sqrt(8)/sqrt(8 + 2) = 1 - sqrt(.8).
    half = T_975_DF_2 * np.sqrt(2)
    only_row(
        welch(*two_roles([1, 3], [5, 7])),
        estimate=-4, standard_error=np.sqrt(2), statistic=-np.sqrt(8), df=2,
        p_value=1 - np.sqrt(0.8), ci_low=-4 - half, ci_high=-4 + half,
        n_a=2, n_b=2, n_dropped=0, note="",
    )  # fmt: skip


def test_welch_with_unequal_variances_and_n():
    # a: mean 2, variance 1, n 3. b: mean 5, variance (9+1+1+9)/3 = 20/3, n 4.
    # se^2 = 1/3 + 5/3 = 2. df = 4 / ((1/9)/2 + (25/9)/3) = 4 / (3/54 + 50/54) = 216/53.
    only_row(
        welch(*two_roles([1, 2, 3], [2, 4, 6, 8])),
        estimate=-3, standard_error=np.sqrt(2), statistic=-3 / np.sqrt(2), df=216 / 53,
        n_a=3, n_b=4,
    )  # fmt: skip


def test_mean_against_the_midpoint():
    # 3, 5, 4: mean 4, variance 1, se 1/sqrt(3); against 3: t = sqrt(3), df 2,
    # p = 1 - sqrt(3/5); one-sided half of it.
    data = np.array([3.0, 5.0, 4.0, np.nan])
    p_value = 1 - np.sqrt(3 / 5)
    half = T_975_DF_2 / np.sqrt(3)
    only_row(
        mean_against(data, null_value=3.0),
        estimate=1, standard_error=1 / np.sqrt(3), statistic=np.sqrt(3), df=2, p_value=p_value,
        ci_low=1 - half, ci_high=1 + half, n_a=3, n_dropped=1,
    )  # fmt: skip
    only_row(mean_against(data, null_value=3.0, alternative="greater"), p_value=p_value / 2)


def test_cr2_mean_of_equal_clusters_is_a_test_on_their_means():
    # Clusters (0,2), (1,3), (5,7): means 1, 2, 6 around 3; variance of means (4+1+9)/2 = 7;
    # se = sqrt(7/3), df = 3 - 1 = 2. The same from CR2: residual sums -4, -2, 6, each scaled by
    # 1/sqrt(1 - 1/3): (16+4+36) 1.5 / 6^2 = 84/36 = 7/3.
    values, cluster = np.array([0.0, 2, 1, 3, 5, 7]), np.array(list("AABBCC"))
    t = 3 / np.sqrt(7 / 3)
    only_row(
        cr2_mean(values, cluster),
        estimate=3, standard_error=np.sqrt(7 / 3), statistic=t, df=2,
        p_value=1 - t / np.sqrt(t**2 + 2), n_a=6, n_clusters=3,
    )  # fmt: skip


def test_cr2_mean_of_two_unequal_clusters():
    # A: 1. B: 3, 5. Mean 3; residual sums -2 and 2; 1/(1 - 1/3) = 1.5 and 1/(1 - 2/3) = 3:
    # variance (4 * 1.5 + 4 * 3) / 3^2 = 2.
    # df: a_A^2 = 1.5/9, a_B^2 = 3/9. G_AA = 1/6 - 1/18 = 1/9; G_BB = 2/3 - (4/3)/3 = 2/9;
    # G_AB^2 = (1/6)(4/3)/9 = 2/81. df = (1/3)^2 / (1/81 + 4/81 + 2 * 2/81) = 1.
    # One df is Cauchy's: p = 1 - (2/pi) atan(t), t = 3/sqrt(2).
    only_row(
        cr2_mean(np.array([1.0, 3, 5]), np.array(["A", "B", "B"])),
        estimate=3, standard_error=np.sqrt(2), df=1, n_clusters=2,
        p_value=1 - 2 / np.pi * np.arctan(3 / np.sqrt(2)),
    )  # fmt: skip


def test_cr2_difference_of_one_pair_a_cluster_is_the_paired_test():
    # Gaps 1, 3, 5: mean 3, SD 2, se = 2/sqrt(3), df 2; t = 3 sqrt(3)/2, t^2 = 27/4.
    values, first = two_roles([2, 4, 6], [1, 1, 1])
    only_row(
        cr2_difference(values, first, np.array(list("XYZXYZ"))),
        estimate=3, standard_error=2 / np.sqrt(3), statistic=1.5 * np.sqrt(3), df=2,
        p_value=1 - np.sqrt(27 / 35), n_a=3, n_b=3, n_clusters=3,
    )  # fmt: skip


def test_cr2_difference_when_roles_share_no_cluster():
    # Everybody a cluster of one: per role residuals -1, 1, scaled by 1/(1 - 1/2) = 2:
    # (1*2 + 1*2)/2^2 = 1 a role, together 2; df 2 (two roles of one df each, equal weight).
    # t = 1/sqrt(2): p = 1 - sqrt(.5/2.5) = 1 - sqrt(.2).
    values, first = two_roles([2, 4], [1, 3])
    only_row(
        cr2_difference(values, first, np.array(list("PQRS"))),
        estimate=1, standard_error=np.sqrt(2), df=2, p_value=1 - np.sqrt(0.2), n_clusters=4,
    )  # fmt: skip


def test_hedges_g_with_two_df():
    # d = 4/sqrt(2); J = gamma(1) / (sqrt(2/2) gamma(1/2)) = 1/sqrt(pi).
    only_row(hedges_g(*two_roles([5, 7], [1, 3])), estimate=np.sqrt(8 / np.pi), n_a=2, n_b=2)


def test_hedges_g_with_four_df():
    # Means 2 and 3, both variances 1: d = -1; J = gamma(2) / (sqrt(2) gamma(3/2)) = sqrt(2/pi).
    only_row(hedges_g(*two_roles([1, 2, 3], [2, 3, 4])), estimate=-np.sqrt(2 / np.pi))


def test_brunner_munzel_with_two_answers_each():
    # a = 2, 3; b = 1, 2. Pairs a > b: 2>1, 3>1, 3>2 and one tie: 3.5 of 4 = .875.
    # Placements of a: .75, 1; of b: 0, .25; each of variance .03125; se^2 = .03125/2 * 2.
    # t = .375 / sqrt(.03125) = 3/sqrt(2); df = 2; p = 1 - sqrt(4.5/6.5).
    se = np.sqrt(0.03125)
    only_row(
        brunner_munzel(*two_roles([2, 3], [1, 2])),
        estimate=0.875, standard_error=se, statistic=3 / np.sqrt(2), df=2,
        p_value=1 - np.sqrt(4.5 / 6.5),
        ci_low=0.875 - T_975_DF_2 * se, ci_high=0.875 + T_975_DF_2 * se,
    )  # fmt: skip


def test_brunner_munzel_gives_the_example_of_the_paper():
    # Brunner & Munzel (2000), pain scores; printed there and by lawstat with these digits.
    a = [3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4]
    b = [1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1]
    row = brunner_munzel(*two_roles(a, b)).iloc[0]
    assert row["statistic"] == pytest.approx(3.1375, abs=5e-5)
    assert row["df"] == pytest.approx(17.683, abs=5e-4)
    assert row["p_value"] == pytest.approx(0.005786, abs=5e-7)
    assert row["estimate"] == pytest.approx(0.788961, abs=5e-7)
    assert row["ci_low"] == pytest.approx(0.5952169, abs=5e-8)
    assert row["ci_high"] == pytest.approx(0.9827052, abs=5e-8)


def test_alpha_of_two_items():
    # Items 1,2,3 (variance 1) and 2,2,5 (variance 3); sums 3,4,8 (variance 7):
    # alpha = 2 (1 - 4/7) = 6/7. F with 2 and 2 df has P(F < x) = x/(1 + x): quantiles 39, 1/39.
    only_row(
        cronbach_alpha(np.array([[1.0, 2], [2, 2], [3, 5]])),
        estimate=6 / 7, ci_low=1 - 39 / 7, ci_high=1 - 1 / (39 * 7),
        n_complete=3, n_dropped=0, n_items=2, note="",
    )  # fmt: skip


def test_alpha_of_three_items_can_be_negative():
    # Items 1,2,3; 3,2,1; 1,2,3, each of variance 1; sums 5,6,7 of variance 1:
    # alpha = 3/2 (1 - 3/1) = -3.
    only_row(cronbach_alpha(np.array([[1.0, 3, 1], [2, 2, 2], [3, 1, 3]])), estimate=-3)


def test_holm_by_hand():
    # Sorted .01, .03, .04 times 3, 2, 1: .03, .06, .04; never falling: .03, .06, .06.
    adjusted = adjust_p_values(np.array([0.04, 0.01, 0.03]), method="holm")
    np.testing.assert_allclose(adjusted, [0.06, 0.03, 0.06], rtol=1e-14)


def test_benjamini_hochberg_by_hand():
    # Sorted .01, .03, .04 times 3/1, 3/2, 3/3: .03, .045, .04; never rising backwards: .03, .04.
    adjusted = adjust_p_values(np.array([0.04, 0.01, 0.03]), method="fdr_bh")
    np.testing.assert_allclose(adjusted, [0.04, 0.03, 0.04], rtol=1e-14)


def test_adjustment_stops_at_one():
    # .4 * 2 = .8; .7 * 1 = .7, raised to .8. And .6 * 2 = 1.2, capped.
    np.testing.assert_allclose(adjust_p_values([0.4, 0.7], method="holm"), [0.8, 0.8])
    np.testing.assert_allclose(adjust_p_values([0.6, 0.7], method="holm"), [1.0, 1.0])


def test_no_adjustment_gives_the_same_values():
    np.testing.assert_array_equal(adjust_p_values([0.2, 0.01], method="none"), [0.2, 0.01])


def test_wilson_interval_of_one_half():
    # p = 1/2: centre 1/2; half-width z sqrt(1/(4n) + z^2/(4n^2)) / (1 + z^2/n), which is
    # z / (2 sqrt(n + z^2)).
    half = NORMAL_975 / (2 * np.sqrt(10 + NORMAL_975**2))
    np.testing.assert_allclose(wilson_interval(5, 10), (0.5 - half, 0.5 + half), rtol=1e-12)


def test_wilson_interval_of_none_and_all():
    # p = 0: from 0 to z^2/(n + z^2); p = 1 its mirror image.
    edge = NORMAL_975**2 / (8 + NORMAL_975**2)
    low, high = wilson_interval(np.array([0, 8]), np.array([8, 8]))
    np.testing.assert_allclose(low, [0, 1 - edge], rtol=1e-12)
    np.testing.assert_allclose(high, [edge, 1], rtol=1e-12)


def test_equivalence_with_two_df():
    # Estimate .5, se 1, margin 1: t = 1.5 above -1 and -.5 below 1. The worse one decides:
    # p = P(T > .5) = (1 - .5/sqrt(2.25))/2 = 1/3.
    only_row(
        equivalence_test(np.array([0.5]), np.array([1.0]), np.array([2.0]), margin=1.0),
        p_value=1 / 3, statistic=-0.5, confidence_level=0.9,
    )  # fmt: skip


def test_equivalence_interval_lies_within_the_margin_exactly_at_alpha():
    # 90 % at two df: t_95 with 1 - 2(.05) = t/sqrt(t^2 + 2), t^2 = 2 (.81)/.19; the estimate that
    # touches the margin has p = .05.
    t_95 = np.sqrt(2 * 0.81 / 0.19)
    touching = 4.0 - t_95
    only_row(
        equivalence_test(np.array([touching]), np.array([1.0]), np.array([2.0]), margin=4.0),
        p_value=0.05, ci_high=4.0, ci_low=touching - t_95,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("verdict", "estimate", "low", "high", "p_adjusted", "p_equivalence"),
    [
        ("relevant", 0.8, 0.5, 1.1, 0.001, 0.99),
        ("equivalent", 0.05, -0.1, 0.2, 0.6, 0.01),
        ("trivial", 0.1, 0.05, 0.15, 0.01, 0.001),
        ("inconclusive", 0.2, -0.3, 0.7, 0.4, 0.3),
        ("", np.nan, np.nan, np.nan, np.nan, np.nan),
    ],
)
def test_four_verdicts_against_a_margin(verdict, estimate, low, high, p_adjusted, p_equivalence):
    row = pd.DataFrame(
        {
            "estimate": [estimate],
            "ci_low": [low],
            "ci_high": [high],
            "p_adjusted": [p_adjusted],
            "p_equivalence": [p_equivalence],
        }
    )
    assert judge(row, margin=0.3).tolist() == [verdict]


def test_detectable_difference_with_very_many_df_is_normal():
    # z_975 + z_80 = 1.9599640 + 0.8416212 = 2.8015852 standard errors (the far tail adds < 1e-6).
    found = detectable_difference(np.array([0.1]), np.array([1e7]))
    np.testing.assert_allclose(found, [0.28015852], rtol=1e-5)
