"""Google Forms and Microsoft Forms: the question is the header, words are answers."""

import datetime
import json

import pandas as pd
import pytest
from tests.responses.tool_exports import (
    CONTAINERS,
    ITEMS,
    dutch,
    english,
    google,
    microsoft,
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


@pytest.mark.parametrize("container", ["utf8", "semicolon", "workbook"])
@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("grid", [True, False], ids=["grid", "questions"])
def test_google_forms_gives_the_same_answers(read, answers, expected, container, language, grid):
    result = read(google(answers, dutch, language=language, grid=grid), container)
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])
    assert result.receipt["files"][0]["layout"] == "forms"
    assert result.failures.empty


@pytest.mark.parametrize("container", ["utf8", "workbook"])
@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("recode", [dutch, english, str])
def test_microsoft_forms_gives_the_same_answers(
    read, answers, expected, container, language, recode
):
    result = read(microsoft(answers, recode, language=language), container)
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])
    assert result.receipt["files"][0]["layout"] == "forms"
    assert set(result.responses["duration_seconds"]) == {120.0}


def test_a_numeric_scale_of_google_forms_is_read_as_it_is(read, answers, expected):
    result = read(google(answers, str), "workbook")
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])


def test_dates_in_a_workbook_of_microsoft_forms_give_the_duration(read, answers):
    times = (datetime.datetime(2026, 3, 2, 9, 0), datetime.datetime(2026, 3, 2, 9, 2))
    result = read(microsoft(answers, dutch, times=times), "workbook")
    assert set(result.responses["duration_seconds"]) == {120.0}
    assert set(result.failures["rule"]) <= {"closing semicolon"}


def test_times_that_are_not_iso_are_not_guessed(read, answers):
    times = ("3/2/26 9:00:00", "3/2/26 9:02:00")
    result = read(microsoft(answers, dutch, times=times))
    assert result.responses["duration_seconds"].isna().all()
    assert set(result.failures["rule"]) == {"closing semicolon"}


def test_the_semicolon_behind_a_choice_is_taken_off_and_counted(read, answers):
    result = read(microsoft(answers, dutch))
    (warning,) = result.failures.itertuples()
    assert warning.rule == "closing semicolon"
    assert "6 answer(s) in 1 column(s)" in warning.message


def test_several_choices_in_a_cell_stay_as_they_are(read, answers):
    records = microsoft(answers, dutch)
    records[1][6] = "customer;manager;"
    with pytest.raises(ResponseError, match="customer;manager;"):
        read(records)


@pytest.mark.parametrize("write", [google, microsoft])
@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("container", ["utf8", "workbook"])
def test_identifiers_never_enter(read, answers, write, language, container):
    result = read(write(answers, dutch, language=language), container)
    everything = result.responses.to_csv() + result.failures.to_csv() + json.dumps(result.receipt)
    assert "jan@" not in everything
    assert "Jan Jansen" not in everything


def test_asking_for_the_name_of_the_respondent_is_refused(read, answers):
    with pytest.raises(ResponseError, match="identifies people directly"):
        read(microsoft(answers, dutch), columns={**COLUMNS, "respondent": "Naam"})


def test_two_forms_count_their_respondents_from_one_and_do_not_clash(load, answers, expected):
    files = {
        f"{role}.xlsx": CONTAINERS["workbook"][1](microsoft(part, dutch))
        for role, part in answers.groupby("role")
    }
    result = load(files, columns=COLUMNS)
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])


def test_a_column_called_id_alone_makes_no_microsoft_form(load, csv_text):
    assert load({"e.csv": csv_text}).receipt["files"][0]["layout"] == "csv"


def test_google_forms_may_be_claimed_and_a_plain_file_may_not(read, answers, load, csv_text):
    exports = [{"path": "export.csv", "layout": "forms"}]
    assert len(read(google(answers, dutch), exports=exports).responses) == 6
    with pytest.raises(ResponseError, match="layout 'forms', but the file is 'csv'"):
        load({"export.csv": csv_text}, exports=exports)


@pytest.mark.parametrize(
    ("write", "language", "column"),
    [(google, "en", "Username"), (google, "nl", "E-mailadres"), (microsoft, "en", "Name")],
)
def test_whoever_answered_is_not_even_read_as_an_organisation(
    read, answers, write, language, column
):
    records = write(answers, dutch, language=language)
    with pytest.raises(ResponseError, match="identifies people directly"):
        read(records, columns={**COLUMNS, "organisation": column})
    dropped = read(records).receipt["files"][0]["columns"]["dropped"]
    assert dropped[column] == "direct identifier"
