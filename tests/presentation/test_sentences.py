"""Sentences follow the numbers: they turn when the sign turns, and say what was withheld."""

import pandas as pd
import pytest
from tests.studies_made import instrument, study_file

from research.presentation.sentences import gap_sentence, gap_title, valued_sentence
from research.presentation.texts import Reader
from research.stats.estimates import result_table


def reader(language="en"):
    return Reader(study=study_file(), instrument=instrument(), language=language)


def gap(**changes):
    row = {
        "analysis": "gap", "cluster_id": "power", "estimate_type": "mean_difference",
        "estimate": 0.644, "ci_low": 0.468, "ci_high": 0.819, "n_a": 737, "n_b": 236,
        "p_value": 0.0001, "verdict": "relevant",
    }  # fmt: skip
    return result_table([row | changes]).iloc[0]


def test_a_difference_is_told_with_interval_n_and_verdict_in_both_languages():
    assert gap_sentence(gap(), reader()) == (
        "Customers rate ‘Use of power’ 0.64 points higher than managers (likely between 0.47 and "
        "0.82; 737 customers, 236 managers): a clear difference."
    )
    assert gap_sentence(gap(), reader("nl")) == (
        "Klanten waarderen ‘Inzet van macht’ 0,64 punt hoger dan managers (waarschijnlijk tussen "
        "0,47 en 0,82; 737 klanten, 236 managers): een duidelijk verschil."
    )


def test_the_sentence_turns_with_the_sign_and_the_interval_with_it():
    sentence = gap_sentence(gap(estimate=-0.83, ci_low=-1.36, ci_high=-0.31), reader())
    assert "0.83 points lower than managers (likely between 0.31 and 1.36;" in sentence


def test_a_rounded_zero_is_not_called_equal():
    sentence = gap_sentence(
        gap(estimate=0.004, ci_low=-0.4, ci_high=0.4, verdict="inconclusive"), reader()
    )
    assert "rounds to zero" in sentence
    assert sentence.endswith("not shown either way.")


def test_few_people_get_one_decimal_and_a_coarse_interval_is_named():
    sentence = gap_sentence(
        gap(estimate=0.9, ci_low=0.0, ci_high=1.5, n_b=15, note="suppressed_spread"), reader()
    )
    assert "0.9 points higher" in sentence
    assert "rounded outwards to half points" in sentence


def test_what_was_withheld_is_said():
    sentence = gap_sentence(
        gap(estimate=None, ci_low=None, ci_high=None, verdict="", note="suppressed_too_few"),
        reader("nl"),
    )
    assert (
        sentence == "Het verschil op ‘Inzet van macht’ is niet getoetst: [c] te weinig antwoorden."
    )


@pytest.mark.parametrize(
    ("estimates", "title"),
    [
        ([0.6, 0.7], "Customers rate 2 of 3 activities clearly higher"),
        ([-0.6, -0.7], "Customers rate 2 of 3 activities clearly lower"),
        ([0.6, -0.7], "Customers rate 1 of 3 activities clearly higher, 1 clearly lower"),
        ([], "No clear difference on any of 3 activities"),
    ],
)
def test_the_title_states_the_finding_and_turns_with_it(estimates, title):
    rows = [gap(estimate=value) for value in estimates]
    rows += [gap(verdict="inconclusive")] * (3 - len(rows))
    shown = gap_title(pd.DataFrame(rows), reader())
    assert shown == title
    assert len(shown.split()) <= 12


@pytest.mark.parametrize(("p", "words"), [(0.001, "value every one"), (0.2, "could not be shown")])
def test_all_valued_holds_when_the_weakest_test_does(p, words):
    tests = [
        {"analysis": "value", "role": "customer", "estimate_type": "mean_above_midpoint",
         "activity_id": f"a{number:02d}", "cluster_id": "own_actions", "estimate": 0.4 + number / 10,
         "p_value": p if number == 1 else 0.0001, "n_a": 700}
        for number in (1, 2, 3)
    ]  # fmt: skip
    claim = {"analysis": "value", "role": "customer", "estimate_type": "all_valued",
             "estimate": 0.5, "p_value": p, "n_a": 700}  # fmt: skip
    sentence = valued_sentence(result_table([*tests, claim]), reader(), role="customer", alpha=0.05)
    assert words in sentence
