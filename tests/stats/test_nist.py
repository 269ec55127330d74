"""Accuracy against the certified values of NIST's Statistical Reference Datasets."""

from fractions import Fraction

import numpy as np
import pytest
from tests.stats import nist

from research.stats.regression import least_squares, one_way_anova

# Least digits: lower and average difficulty as in the design; higher as the doubles allow (below).
UNIVARIATE = {"mean": {"lower": 14, "average": 14, "higher": 14},
              "sd": {"lower": 13, "average": 9, "higher": 8}}  # fmt: skip
ANOVA = {"lower": 13, "average": 9.8, "higher": 3.8}
REGRESSION = {"lower": 13, "average": 14, "higher": 7.5}


@pytest.mark.parametrize("name", nist.certified()["univariate"])
def test_means_and_standard_deviations(name):
    difficulty = nist.certified()["univariate"][name]["difficulty"]
    for statistic, digits in nist.univariate_digits(name).items():
        assert digits >= UNIVARIATE[statistic][difficulty], statistic


@pytest.mark.parametrize("name", nist.certified()["anova"])
def test_analysis_of_variance(name):
    least = ANOVA[nist.certified()["anova"][name]["difficulty"]]
    assert min(nist.anova_digits(name).values()) >= least


@pytest.mark.parametrize("name", nist.certified()["regression"])
def test_linear_regression(name):
    expected = nist.certified()["regression"][name]
    assert min(nist.regression_digits(name).values()) >= REGRESSION[expected["difficulty"]]


@pytest.mark.parametrize("name", ["Longley", "Wampler1", "Wampler2", "Wampler3", "Wampler4"])
def test_higher_difficulty_with_whole_or_short_numbers_keeps_eleven_digits(name):
    assert min(nist.regression_digits(name).values()) >= 11


# ---- what is lost, doubles had lost before we saw them ----------------------------------------


def exact_anova(values, group):
    """F and mean squares in rational arithmetic of the doubles as they are."""
    y = [Fraction(float(value)) for value in values]
    groups = {g: [v for v, h in zip(y, group, strict=True) if h == g] for g in set(group)}
    grand = sum(y) / len(y)
    means = {g: sum(v) / len(v) for g, v in groups.items()}
    between = sum(len(v) * (means[g] - grand) ** 2 for g, v in groups.items()) / (len(groups) - 1)
    within = sum((x - means[g]) ** 2 for g, v in groups.items() for x in v) / (len(y) - len(groups))
    return float(between / within), float(between), float(within)


@pytest.mark.parametrize("name", ["SiRstv", "AtmWtAg", "SmLs04", "SmLs07"])
def test_anova_is_exact_for_the_doubles_it_is_given(name):
    values, group = nist.anova(name)
    row = one_way_anova(values, group).iloc[0]
    found = row[["statistic", "mean_square_between", "mean_square_within"]].astype(float)
    assert nist.log_relative_error(found, exact_anova(values, group)) >= 13


@pytest.mark.parametrize(("name", "digits"), [("Norris", 14), ("Pontius", 14), ("Filip", 10)])
def test_regression_is_that_of_the_doubles_it_is_given(name, digits):
    # Filip: ten powers rounded to doubles; their exact solution has 7.6 of the certified digits.
    y, x = nist.regression(name)
    expected = nist.rational_least_squares(y, x)
    assert nist.log_relative_error(least_squares(y, x).coefficients, expected) >= digits


# ---- the data themselves ----------------------------------------------------------------------


def test_generated_sets_have_the_size_and_first_values_of_nist():
    assert nist.pi_digits()[:10].tolist() == [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]
    assert len(nist.univariate("PiDigits")) == 5000
    assert len(nist.univariate("NumAcc4")) == 1001
    assert nist.univariate("NumAcc3")[:3].tolist() == [1000000.2, 1000000.1, 1000000.3]
    assert [len(nist.simon_lesage(i)[0]) for i in (1, 2, 3, 9)] == [189, 1809, 18009, 18009]
    assert nist.simon_lesage(7)[0][:3].tolist() == [
        1000000000000.4,
        1000000000000.3,
        1000000000000.5,
    ]
    assert nist.wampler(3)[0][:4].tolist() == [760, -2042, 2111, -1684]
    assert nist.wampler(5)[0][-1] == 3368421 + 7590000


def test_pi_with_the_slip_of_nists_file_has_its_certified_autocorrelation():
    # NIST certifies the lag-1 autocorrelation too: -0.00355099287237972. Pi itself has -0.0038.
    away = nist.univariate("PiDigits") - 4.5348
    found = (away[1:] * away[:-1]).sum() / (away**2).sum()
    assert found == pytest.approx(-0.00355099287237972, rel=1e-12)


def test_generated_anova_sets_are_those_scipy_ships():
    scipy_stats = pytest.importorskip("scipy.stats")
    from pathlib import Path

    folder = Path(scipy_stats.__file__).parent / "tests" / "data" / "nist_anova"
    if not folder.exists():
        pytest.skip("this scipy comes without its test data")
    for number in (1, 4, 7):
        group, values = np.loadtxt(folder / f"SmLs0{number}.dat", skiprows=60, unpack=True)
        ours, our_group = nist.simon_lesage(number)
        assert ours.tolist() == values.tolist()
        assert our_group.tolist() == group.tolist()


def test_the_table_has_a_line_a_data_set():
    for collection, sets in nist.certified().items():
        if collection != "source":
            lines = nist.as_markdown(nist.digits_table(collection)).splitlines()
            assert len(lines) == 2 + len(sets)
