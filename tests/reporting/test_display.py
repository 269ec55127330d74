"""What a cell shows, and the results as they are written."""

import io

import pandas as pd
import pytest

from research.errors import PrivacyError
from research.presentation import display


def test_a_table_with_respondent_ids_is_refused():
    with pytest.raises(PrivacyError, match="respondent ids"):
        display.show(pd.DataFrame({"respondent_id": ["r1"], "score": [3.0]}))


def test_respondent_ids_in_the_index_are_refused_too():
    table = pd.DataFrame({"score": [3.0]}, index=pd.Index(["r1"], name="respondent_id"))
    with pytest.raises(PrivacyError, match="respondent ids"):
        display.finish(table, study="s", organisation_id="", language="nl", notebook="n")


def test_any_other_table_is_refused_with_the_remedy():
    with pytest.raises(TypeError, match=r"presentation\.tables"):
        display.show(pd.DataFrame({"score": [3.0]}))


def test_results_keep_their_full_precision():
    values = [0.1 + 0.2, 1 / 3, 1e-300, 12345678.9]
    text = display.results_csv(pd.DataFrame({"estimate": values}))
    assert [float(line) for line in text.split("\r\n")[1:-1]] == values


def test_a_missing_number_is_an_empty_cell():
    table = pd.DataFrame({"analysis": ["gap"], "estimate": [float("nan")]})
    assert display.results_csv(table) == "analysis,estimate\r\ngap,\r\n"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_no_text_cell_is_a_formula(start):
    text = display.results_csv(pd.DataFrame({"note": [start + "1+1"], "estimate": [-0.5]}))
    read = pd.read_csv(io.StringIO(text, newline=""), dtype={"note": "str"})
    assert read["note"][0] == "'" + start + "1+1"
    assert read["estimate"][0] == -0.5


def test_the_fallback_of_a_fragment_is_its_words():
    assert display.plain_text("<p>A &amp; <b>B</b></p>\n<p>C</p>") == "A & B C"
