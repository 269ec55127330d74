"""pingouin and statsmodels as a second opinion, each only on numbers it gets right.

Two programs that agree are evidence, no proof: the hand cases are in test_by_hand.py.
"""

import numpy as np
import pandas as pd
import pytest

from research.stats import differences
from research.stats.multiplicity import adjust_p_values
from research.stats.reliability.alpha import cronbach_alpha

pg = pytest.importorskip("pingouin", reason="pingouin is optional: no published number needs it")


@pytest.fixture(scope="module")
def answers():
    rng = np.random.default_rng(77)
    first = np.arange(120) < 80
    values = np.clip(np.rint(rng.normal(3.4, 1.0, (120, 6)) + 0.4 * first[:, None]), 1, 5)
    return values, first


def test_welch_agrees_with_pingouin(answers):
    values, first = answers
    ours = differences.welch(values, first)
    for column, row in ours.iterrows():
        theirs = pg.ttest(values[first, column], values[~first, column], correction=True).iloc[0]
        np.testing.assert_allclose(row["statistic"], theirs["T"], rtol=1e-10)
        np.testing.assert_allclose(row["df"], theirs["dof"], rtol=1e-10)
        np.testing.assert_allclose(row["p_value"], theirs["p_val"], rtol=1e-8)


def test_hedges_g_agrees_with_pingouin_to_its_approximate_correction(answers):
    """pingouin corrects by 1 - 3 / (4 n - 9), we by the gamma function: four digits."""
    values, first = answers
    ours = differences.hedges_g(values, first)["estimate"]
    theirs = [
        pg.compute_effsize(column[first], column[~first], eftype="hedges") for column in values.T
    ]
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)


def test_alpha_agrees_with_pingouin_and_its_interval_to_three_decimals(answers):
    values, _ = answers
    ours = cronbach_alpha(values).iloc[0]
    alpha, interval = pg.cronbach_alpha(pd.DataFrame(values))
    np.testing.assert_allclose(ours["estimate"], alpha, rtol=1e-10)
    np.testing.assert_allclose([ours["ci_low"], ours["ci_high"]], interval, atol=0.5e-3)


def test_brunner_munzel_agrees_with_statsmodels_in_our_direction(answers):
    """statsmodels' prob1 is P(x1 > x2): our estimate, the other sign of R's lawstat."""
    from statsmodels.stats.nonparametric import rank_compare_2indep

    values, first = answers
    ours = differences.brunner_munzel(values, first)
    for column, row in ours.iterrows():
        theirs = rank_compare_2indep(values[first, column], values[~first, column])
        np.testing.assert_allclose(row["estimate"], theirs.prob1, rtol=1e-12)
        np.testing.assert_allclose(row["p_value"], theirs.pvalue, rtol=1e-8)
        np.testing.assert_allclose([row["ci_low"], row["ci_high"]], theirs.conf_int(), rtol=1e-8)


@pytest.mark.parametrize("method", ["holm", "fdr_bh"])
def test_corrections_agree_with_statsmodels_where_nothing_is_missing(method):
    from statsmodels.stats.multitest import multipletests

    p_values = np.random.default_rng(5).uniform(0, 0.2, 30)
    theirs = multipletests(p_values, method=method)[1]
    np.testing.assert_allclose(adjust_p_values(p_values, method=method), theirs, rtol=1e-12)
