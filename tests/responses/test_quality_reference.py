"""Quality indices against R on made data (tests/reference/make_quality.R) and on published sets."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from research.responses.quality.consistency import (
    even_odd_correlation,
    even_odd_inconsistency,
    pair_correlation,
    synonym_pairs,
)
from research.responses.quality.distance import mahalanobis_p, squared_mahalanobis
from research.responses.quality.person_fit import guttman_errors, person_total_correlation
from research.responses.quality.rows import Why
from research.responses.quality.spread import intra_individual_variability
from research.responses.quality.strings import average_string, longest_string
from research.responses.quality.styles import extreme_share, midpoint_share
from research.study.instrument import ResponseScale

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "careless_respondents"
REFERENCE = Path(__file__).parents[1] / "reference" / "quality.json"
SETS = json.loads(REFERENCE.read_text(encoding="utf-8"))["sets"]


class MadeSet:
    """A made data set as R saw it, with what R found."""

    def __init__(self, name: str) -> None:
        self.expected = SETS[name]
        self.answers = np.array(self.expected["answers"], dtype=float)
        self.low, self.high = self.expected["low"][0], self.expected["high"][0]
        turned = np.array(self.expected["reversed"], dtype=int) - 1
        self.keyed = self.answers.copy()
        self.keyed[:, turned] = self.low + self.high - self.keyed[:, turned]
        ends = np.cumsum(self.expected["sizes"])
        self.clusters = np.split(np.arange(ends[-1]), ends[:-1])
        words = {language: () for language in ("nl", "en")}
        self.scale = ResponseScale(
            low=self.low, high=self.high, labels=words, midpoint=(self.low + self.high) / 2
        )


@pytest.fixture(params=SETS)
def made(request):
    return MadeSet(request.param)


def assert_same(found: np.ndarray, expected: list, rtol: float = 1e-8) -> None:
    """Values agree, and none is there that R does not have."""
    np.testing.assert_allclose(found, np.array(expected, dtype=float), rtol=rtol, atol=1e-9)


def test_there_are_enough_made_sets():
    assert len(SETS) >= 25


def test_runs_and_spread_agree_with_r(made):
    np.testing.assert_array_equal(longest_string(made.answers), made.expected["longest_string"])
    assert_same(average_string(made.answers), made.expected["average_string"])
    spread = intra_individual_variability(made.answers)
    assert_same(spread, made.expected["intra_individual_variability"])


def test_squared_distances_and_their_p_agree_with_r(made):
    found = squared_mahalanobis(made.answers)
    p_value = mahalanobis_p(found.values, (~np.isnan(made.answers)).sum(axis=1))
    expected = made.expected["mahalanobis_squared"]
    if isinstance(expected, dict):
        assert expected["why"] == ["singular_covariance"]
        assert np.isnan(found.values).all() and np.isnan(p_value).all()
        assert (found.why == Why.SINGULAR_COVARIANCE).all()
        return
    assert_same(found.values, expected)
    assert_same(p_value, made.expected["mahalanobis_p"])


def test_even_odd_agrees_with_r(made):
    found = even_odd_inconsistency(even_odd_correlation(made.keyed, made.clusters))
    assert_same(found.values, made.expected["even_odd_inconsistency"])


@pytest.mark.parametrize(("key", "antonyms"), [("synonyms", False), ("antonyms", True)])
def test_synonyms_and_antonyms_agree_with_r(made, key, antonyms):
    expected, pairs = made.expected[key], synonym_pairs(made.answers, antonyms=antonyms)
    found = pair_correlation(made.answers, pairs)
    if "why" in expected:
        assert expected["why"] == ["no_pairs"]
        assert len(pairs) == 0
        assert (found.why == Why.NO_PAIRS).all()
        return
    assert [len(pairs)] == expected["n_pairs"]
    assert_same(found.values, expected["values"])


def test_person_fit_agrees_with_r(made):
    found = person_total_correlation(made.keyed)
    assert_same(found.values, made.expected["person_total_correlation"])
    errors = guttman_errors(made.keyed, low=made.low, high=made.high)
    assert_same(errors.values, made.expected["guttman_errors"])
    assert_same(np.nanquantile(errors.values, [0.25, 0.75]), made.expected["quartiles_of_errors"])


def test_styles_agree_with_r(made):
    assert_same(extreme_share(made.answers, made.scale).values, made.expected["extreme_share"])
    middle = midpoint_share(made.answers, made.scale)
    if (made.low + made.high) % 2:
        assert (middle.why == Why.NO_MIDPOINT).all()
    else:
        assert_same(middle.values, made.expected["midpoint_share"])


def test_without_missing_answers_values_are_those_of_careless(made):
    if np.isnan(made.answers).any():
        pytest.skip("careless takes every missing answer for a run, and the mean for its value")
    theirs = made.expected["careless"]
    assert_same(longest_string(made.answers), theirs["longest_string"])
    assert_same(average_string(made.answers), theirs["average_string"])
    squared = squared_mahalanobis(made.answers)
    if squared.why.max() == Why.COMPUTED:
        assert_same(squared.values, theirs["mahalanobis_squared"])


@pytest.mark.parametrize("name", ["some_missing", "empty_rows"])
def test_with_missing_answers_careless_differs_as_the_docstrings_say(name):
    made = MadeSet(name)
    theirs = {k: np.array(v, dtype=float) for k, v in made.expected["careless"].items()}
    n_missing = np.isnan(made.answers).sum(axis=1)
    empty = n_missing == made.answers.shape[1]
    run = longest_string(made.answers)
    np.testing.assert_array_equal(theirs["longest_string"], np.where(empty, 1, run))
    # Every missing answer is one more run, of length one.
    n_runs = (~np.isnan(made.answers)).sum(axis=1) / average_string(made.answers)
    as_careless = made.answers.shape[1] / (np.where(empty, 0, n_runs) + n_missing)
    np.testing.assert_allclose(theirs["average_string"], as_careless)
    # The full inverse is never smaller than that of the answers given.
    ours = squared_mahalanobis(made.answers).values
    some = (n_missing > 0) & ~empty
    assert (theirs["mahalanobis_squared"][some] >= ours[some] - 1e-9).all()
    assert (theirs["mahalanobis_squared"][some] > ours[some] + 1e-6).any()


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is not on this machine")
@pytest.mark.parametrize(
    ("name", "file", "high"),
    [
        ("careless_dataset", "careless_dataset.csv", 5),
        ("careless_dataset2", "careless_dataset2.csv", 7),
    ],
)
def test_agrees_with_r_on_the_data_of_the_package_careless(name, file, high):
    expected = json.loads((SHARED / "expected.json").read_text(encoding="utf-8"))[name]
    answers = pd.read_csv(SHARED / file).drop(columns="respondent_id").to_numpy(dtype=float)
    assert answers.shape[1] == expected["items"]
    assert np.nanmax(answers) == high
    run, spread = longest_string(answers), intra_individual_variability(answers)
    squared = squared_mahalanobis(answers)
    np.testing.assert_array_equal(run, expected["longest_identical_run"])
    # Their file holds ten decimals.
    np.testing.assert_allclose(spread, expected["within_person_sd"], rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(squared.values, expected["mahalanobis_d2"], rtol=1e-8, atol=1e-10)
    p_value = mahalanobis_p(squared.values, np.full(len(answers), answers.shape[1]))
    assert expected["flagged"] == {
        "run_ge_half_of_items": int((run >= answers.shape[1] / 2).sum()),
        "run_ge_10": int((run >= 10).sum()),
        "sd_zero": int((spread == 0).sum()),
        "mahalanobis_p_lt_.001": int((p_value < 0.001).sum()),
    }
