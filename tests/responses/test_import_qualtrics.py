"""Qualtrics: three header rows, two or one, in every language and container it writes."""

import json

import pandas as pd
import pytest
from tests.responses.tool_exports import (
    CONTAINERS,
    ITEMS,
    SECRET,
    dutch,
    english,
    old_qualtrics,
    qualtrics,
    qualtrics_row,
)

from research.errors import ResponseError
from research.responses.ingest.tables import ReadOptions, Source
from research.responses.ingest.tools.detection import detect

COLUMNS = {"organisation": "Q1", "role": "Q2", "activities": "Q3_{number}"}
KEYS = ["respondent_id", "organisation_id", "role", *ITEMS]


@pytest.fixture
def expected(load, csv_text) -> pd.DataFrame:
    return load({"plain.csv": csv_text}).responses


@pytest.fixture
def read(load):
    """Import records of a tool from one container."""

    def run(records, container="utf8", **study):
        name, write = CONTAINERS[container]
        return load({name: write(records)}, **{"columns": COLUMNS, **study})

    return run


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("header", ["three", "two", "ids", "one"])
def test_every_header_in_every_container_gives_the_same_answers(
    read, answers, expected, container, header
):
    if container == "cp1252":
        answers = answers.replace("", "3")  # cp1252 is read whole; a second study is as good
        expected = expected.fillna({"a03": 3})
    result = read(qualtrics(answers, header=header), container)
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])
    assert result.receipt["files"][0]["layout"] == "qualtrics"
    assert set(result.responses["duration_seconds"]) == {120.0}


@pytest.mark.parametrize("recode", [dutch, english])
@pytest.mark.parametrize("container", ["utf16-tab", "workbook"])
def test_choice_text_is_recoded_through_the_labels(read, answers, expected, container, recode):
    mixed = qualtrics(answers, recode)
    mixed[3][-1] = answers["a04"][0]  # a number among the words
    result = read(mixed, container)
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])


@pytest.mark.parametrize("header", ["three", "two"])
def test_a_dutch_interface_gives_the_same_answers(read, answers, expected, header):
    result = read(qualtrics(answers, header=header, language="nl", finished="WAAR"))
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])


def test_dutch_names_in_the_first_row_are_known_too(read, answers, expected):
    records = qualtrics(answers, header="two", language="nl", finished="WAAR")
    records[0][:17] = records[1][:17]
    result = read(records)
    assert result.receipt["files"][0]["layout"] == "qualtrics"
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])


@pytest.mark.parametrize("finished", ["True", "TRUE", "WAAR", "1"])
def test_every_word_for_finished_is_known(read, answers, finished):
    assert read(qualtrics(answers, finished=finished)).receipt["left_out"] == {}


def test_rows_that_are_no_respondents_are_left_out_and_counted_once(read, answers):
    given = ["Noord", "customer", "1", "1", "1", "1"]
    extra = [
        [*qualtrics_row("x1", status="Survey Preview"), *given],
        [*qualtrics_row("x2", status="Enquêtevoorbeeld"), *given],
        [*qualtrics_row("x3", status="Survey Test"), *given],
        [*qualtrics_row("x4", status="Spam", finished="False"), *given],
        [*qualtrics_row("x5", status="9"), *given],  # preview and spam: 1 + 8
        [*qualtrics_row("x6", finished="False"), *given],
        [*qualtrics_row("x7", finished="ONWAAR"), *given],
    ]
    receipt = read(qualtrics(answers, extra=extra)).receipt
    assert receipt["left_out"] == {"preview": 3, "spam": 1, "test": 1, "unfinished": 2}
    assert (receipt["rows_in"], receipt["rows_out"]) == (13, 6)


@pytest.mark.parametrize("header", ["three", "two", "one"])
@pytest.mark.parametrize("container", ["utf8", "workbook"])
def test_identifiers_never_enter(read, answers, header, container):
    result = read(qualtrics(answers, header=header), container)
    everything = result.responses.to_csv() + result.failures.to_csv() + json.dumps(result.receipt)
    assert not [secret for secret in SECRET if secret in everything]
    dropped = result.receipt["files"][0]["columns"]["dropped"]
    withheld = [name for name, reason in dropped.items() if reason == "direct identifier"]
    assert len(withheld) == 7  # address, two names, e-mail, reference, two coordinates


@pytest.mark.parametrize("column", ["RecipientEmail", "ExternalReference", "LocationLatitude"])
def test_an_identifier_that_is_asked_for_is_refused(read, answers, column):
    with pytest.raises(ResponseError, match="identifies people directly"):
        read(qualtrics(answers), columns={**COLUMNS, "respondent": column})


def test_old_exports_have_their_names_in_the_second_row(read, answers, expected):
    result = read(old_qualtrics(answers))
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])
    assert result.receipt["left_out"] == {"unfinished": 1}
    dropped = result.receipt["files"][0]["columns"]["dropped"]
    assert [name for name, why in dropped.items() if why == "direct identifier"] == [
        "V3", "V4", "V5", "V6",
    ]  # fmt: skip


@pytest.mark.parametrize("container", ["utf8", "workbook"])
def test_activities_are_found_by_question_texts_with_line_breaks(
    read, answers, expected, container
):
    columns = {"organisation": "Q1", "role": "Q2"}
    result = read(qualtrics(answers), container, columns=columns)
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])


def test_a_question_called_name_or_response_type_is_no_column_of_qualtrics(read, answers, expected):
    records = qualtrics(answers)
    records[0][17:19] = ["Name", "Response Type"]
    columns = {**COLUMNS, "organisation": "Name", "role": "Response Type"}
    result = read(records, columns=columns)
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])
    assert result.receipt["left_out"] == {}


def test_questions_of_one_name_are_refused_only_when_used(read, answers, expected):
    records = [[*row, "twice", "twice"] for row in qualtrics(answers)]
    pd.testing.assert_frame_equal(read(records).responses[KEYS], expected[KEYS])
    columns = {**COLUMNS, "covariates": {"more": "twice"}}
    with pytest.raises(ResponseError, match="'twice' stands 2 times"):
        read(records, columns=columns)


@pytest.mark.parametrize("header", ["three", "ids"])
def test_a_title_above_the_header_changes_nothing(read, answers, expected, header):
    width = len(qualtrics(answers)[0])
    title = [["Export of March", *[""] * (width - 1)], [""] * width]
    for container in ("semicolon", "workbook"):
        result = read([*title, *qualtrics(answers, header=header)], container)
        pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])
        assert result.receipt["files"][0]["header_row"] == 3


def test_a_header_longer_than_the_first_sample_is_read_whole(read, answers, expected):
    records = qualtrics(answers)
    records[1][18] = "Wat bent u? " + "Lees goed. " * 8_000
    pd.testing.assert_frame_equal(read(records).responses[KEYS], expected[KEYS])


@pytest.mark.parametrize(("container", "layout"), [("utf8", "csv"), ("workbook", "excel")])
def test_the_study_file_may_ask_for_the_plain_table(read, answers, container, layout):
    """Then the texts and import ids below the header are rows like others, and are refused."""
    exports = [{"path": CONTAINERS[container][0], "layout": layout}]
    with pytest.raises(ResponseError, match="stand for no known answer"):
        read(qualtrics(answers, header="two"), container, exports=exports)
    result = read(qualtrics(answers, header="one"), container, exports=exports)
    assert result.receipt["files"][0]["layout"] == layout


def test_a_claimed_layout_that_the_file_is_not_is_refused(read, answers, load, csv_text):
    with pytest.raises(ResponseError, match="layout 'limesurvey', but the file is 'qualtrics'"):
        read(qualtrics(answers), exports=[{"path": "export.csv", "layout": "limesurvey"}])
    with pytest.raises(ResponseError, match="layout 'qualtrics', but the file is 'csv'"):
        load({"export.csv": csv_text}, exports=[{"path": "export.csv", "layout": "qualtrics"}])
    with pytest.raises(ResponseError, match="layout 'csv', but the file is 'qualtrics'"):
        read(qualtrics(answers), "workbook", exports=[{"path": "export.xlsx", "layout": "csv"}])


def test_import_ids_are_never_taken_for_questions(answers):
    content = CONTAINERS["utf8"][1](qualtrics(answers, header="ids"))
    source = Source("export.csv", content)
    reader, why = detect(source)
    table = reader.read(source, ReadOptions(), why)
    assert table.questions == {}
    assert table.headers[-1] == "Q3_4"


def test_a_question_called_as_a_column_of_the_tool_leaves_that_column_unused(
    read, answers, expected
):
    records = [[*row, "May"] for row in qualtrics(answers)]
    records[0][-1] = "EndDate"
    pd.testing.assert_frame_equal(read(records).responses[KEYS], expected[KEYS])
