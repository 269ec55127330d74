"""SurveyMonkey: two header rows, the question above its first column only."""

import json

import pandas as pd
import pytest
from tests.responses.tool_exports import (
    CONTAINERS,
    DUTCH,
    ITEMS,
    STEM,
    WORDINGS,
    dutch,
    english,
    surveymonkey,
)

from research.errors import ResponseError

COLUMNS = {"organisation": "Bij welke organisatie hoort u?", "role": "Wat bent u?"}
KEYS = ["organisation_id", "role", *ITEMS]


@pytest.fixture
def expected(load, csv_text) -> pd.DataFrame:
    return load({"plain.csv": csv_text}).responses


@pytest.fixture
def read(load):
    def run(records, container="utf8", **study):
        name, write = CONTAINERS[container]
        return load({name: write(records)}, **{"columns": COLUMNS, **study})

    return run


@pytest.mark.parametrize("container", ["utf8", "bom", "workbook"])
@pytest.mark.parametrize("recode", [dutch, english, str])
def test_a_condensed_export_gives_the_same_answers(read, answers, expected, container, recode):
    result = read(surveymonkey(answers, recode), container)
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])
    assert result.receipt["files"][0]["layout"] == "surveymonkey"
    assert result.responses["respondent_id"].str.startswith("1140000").all()
    assert result.failures.empty


@pytest.mark.parametrize("container", ["utf8", "workbook"])
@pytest.mark.parametrize("numbers", [False, True], ids=["texts", "numbers"])
def test_an_expanded_export_gives_the_same_answers(read, answers, expected, container, numbers):
    result = read(surveymonkey(answers, expanded=True, numbers=numbers), container)
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])


def test_an_expanded_question_without_rows_becomes_one_column(read, answers, expected):
    """Each statement its own question; the second row has the choices only."""
    records = surveymonkey(answers, expanded=True)
    for number, wording in enumerate(WORDINGS):
        records[0][11 + 5 * number] = wording
        records[1][11 + 5 * number : 16 + 5 * number] = DUTCH
    result = read(records)
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])


def test_choices_of_which_somebody_took_two_stay_columns_of_their_own(read, answers):
    records = surveymonkey(answers, expanded=True)
    records[2][11:16] = [DUTCH[0], DUTCH[1], "", "", ""]
    with pytest.raises(ResponseError, match="no column: a01"):
        read(records)


def test_a_remark_beside_the_choices_keeps_its_column(read, answers, expected):
    records = surveymonkey(answers)
    records = [[*row, *tail] for row, tail in zip(records, _other(len(records)), strict=True)]
    covariates = {"sector": "Uw sector?", "remark": "Uw sector? - Anders, namelijk"}
    result = read(records, columns={**COLUMNS, "covariates": covariates})
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])
    assert sorted(result.responses["sector"]) == ["", "", "Bouw", "Bouw", "Zorg", "Zorg"]
    assert sorted(result.responses["remark"]) == ["", "", "", "", "duinen", "zee"]


def _other(n_records: int) -> list[list[str]]:
    """An expanded question with a field for an answer of one's own, under both header rows."""
    rows = [["Uw sector?", "", ""], ["Zorg", "Bouw", "Anders, namelijk"]]
    for remark in ("zee", "duinen"):
        rows += [["Zorg", "", ""], ["", "Bouw", ""], ["", "", remark]]
    return rows[:n_records]


def test_the_whole_name_of_a_row_may_stand_in_the_study_file(read, answers, expected):
    activities = {f"a0{n}": f"{STEM} - {wording}" for n, wording in enumerate(WORDINGS, start=1)}
    result = read(surveymonkey(answers), columns={**COLUMNS, "activities": activities})
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])


def test_the_names_of_old_exports_are_known(read, answers, expected):
    records = surveymonkey(answers)
    records[0][:9] = [
        *["RespondentID", "CollectorID", "StartDate", "EndDate", "IP Address"],
        *["Email Address", "FirstName", "LastName", "CustomData"],
    ]
    result = read(records)
    assert result.receipt["files"][0]["layout"] == "surveymonkey"
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])


def test_without_its_second_row_every_question_is_a_column(read, answers, expected):
    records = surveymonkey(answers)
    records[0][11:] = WORDINGS
    result = read([records[0], *records[2:]])
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])


@pytest.mark.parametrize("container", ["utf8", "workbook"])
def test_identifiers_never_enter(read, answers, container):
    result = read(surveymonkey(answers), container)
    everything = result.responses.to_csv() + result.failures.to_csv() + json.dumps(result.receipt)
    for secret in ("192.0.2.7", "jan@", "Jansen"):
        assert secret not in everything
    dropped = result.receipt["files"][0]["columns"]["dropped"]
    assert list(dropped.values()).count("direct identifier") == 4


def test_a_row_that_two_questions_share_is_refused_until_named(read, answers):
    records = [[*row, *row[11:]] for row in surveymonkey(answers)]
    records[0][15] = "Hoe vaak?"
    with pytest.raises(ResponseError, match="stands 2 times|2 columns"):
        read(records)


def test_rows_answered_by_one_person_each_are_not_taken_for_choices(read, answers):
    """Nobody fills two columns here either, but the numbers do not rise as choices do."""
    answers = answers.iloc[[0, 3]].assign(a01=["4", ""], a02=["", "2"], a03="", a04="")
    result = read(surveymonkey(answers))
    assert result.responses["a01"].dropna().tolist() == [4]
    assert result.responses["a02"].dropna().tolist() == [2]
