"""LimeSurvey: headers as codes, questions or both; answers as its own codes or as texts."""

import json

import pandas as pd
import pytest
from tests.responses.tool_exports import CONTAINERS, ITEMS, dutch, english, limesurvey

from research.errors import ResponseError

BY_CODE = {"organisation": "G01Q01", "role": "G01Q02", "activities": "G02Q03[SQ{number:03d}]"}
BY_TEXT = {"organisation": "Bij welke organisatie hoort u?", "role": "Wat bent u?"}
KEYS = ["organisation_id", "role", *ITEMS]
STUDY_COLUMNS = {
    "code": BY_CODE,
    "underscore": {**BY_CODE, "activities": "G02Q03_SQ{number:03d}"},
    "text": BY_TEXT,
    "both": BY_CODE,
}


def old_codes(answer: str) -> str:
    return f"A{answer}" if answer else ""


def new_codes(answer: str) -> str:
    return f"AO0{answer}" if answer else ""


@pytest.fixture
def expected(load, csv_text) -> pd.DataFrame:
    return load({"plain.csv": csv_text}).responses


@pytest.fixture
def read(load):
    def run(records, container="semicolon", **study):
        name, write = CONTAINERS[container]
        return load({name: write(records)}, **{"columns": BY_CODE, **study})

    return run


@pytest.mark.parametrize("container", ["bom", "semicolon", "utf16-tab", "workbook"])
@pytest.mark.parametrize("names", STUDY_COLUMNS)
def test_every_header_in_every_container_gives_the_same_answers(
    read, answers, expected, container, names
):
    result = read(limesurvey(answers, names=names), container, columns=STUDY_COLUMNS[names])
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])
    assert result.receipt["files"][0]["layout"] == "limesurvey"
    assert result.receipt["left_out"] == {"not submitted": 2}
    assert set(result.responses["duration_seconds"]) == {300.0}


@pytest.mark.parametrize("names", ["text", "both"])
def test_a_dutch_interface_gives_the_same_answers(read, answers, expected, names):
    records = limesurvey(answers, names=names, language="nl")
    result = read(records, columns=STUDY_COLUMNS[names])
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])
    assert result.receipt["left_out"] == {"not submitted": 2}


def test_with_code_and_text_the_study_file_may_name_the_whole_header(read, answers, expected):
    columns = {
        "organisation": "G01Q01. Bij welke organisatie hoort u?",
        "role": "G01Q02. Wat bent u?",
    }
    result = read(limesurvey(answers, names="both"), columns=columns)
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])


@pytest.mark.parametrize("recode", [dutch, english, old_codes, new_codes])
@pytest.mark.parametrize("container", ["semicolon", "workbook"])
def test_answers_as_texts_or_codes_are_the_same_answers(read, answers, expected, container, recode):
    result = read(limesurvey(answers, recode), container)
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])


def test_codes_are_counted_in_the_receipt_and_warned_about(read, answers):
    result = read(limesurvey(answers, old_codes))
    words = {
        word["word"]: (word["answer"], word["count"])
        for word in result.receipt["files"][0]["words"]
    }
    given = answers[ITEMS].to_numpy().ravel().tolist()
    assert words == {f"A{point}": (point, given.count(str(point))) for point in range(1, 6)}
    (warning,) = result.failures[result.failures["rule"] == "answer codes"].itertuples()
    assert "23 answer(s) in 4 column(s)" in warning.message
    assert "A1 as 1, A2 as 2" in warning.message


@pytest.mark.parametrize("code", ["A6", "A0", "B1", "AO06", "A1b", "A-1"])
def test_a_code_that_is_no_point_of_the_scale_is_an_unknown_word(read, answers, code):
    records = limesurvey(answers, old_codes)
    records[1][-1] = code
    with pytest.raises(ResponseError, match=f"'{code}' \\(1\\)"):
        read(records)


def test_the_study_file_may_say_what_the_codes_mean(read, answers, expected):
    turned = limesurvey(answers, lambda answer: f"A{6 - int(answer)}" if answer else "")
    words = {f"A{code}": 6 - code for code in range(1, 6)}
    result = read(turned, answer_words=words)
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])
    assert "answer codes" not in set(result.failures["rule"])


@pytest.mark.parametrize("layout", ["limesurvey", "csv"])
def test_codes_are_only_read_in_an_export_of_limesurvey(read, answers, load, layout):
    """The same codes in a plain table stand for anything."""
    records = limesurvey(answers, old_codes)
    exports = [{"path": "export.csv", "layout": layout}]
    if layout == "limesurvey":
        assert len(read(records, exports=exports).responses) == 6
    else:
        with pytest.raises(ResponseError, match="'A1'"):
            read(records, exports=exports)


@pytest.mark.parametrize("word", ["N/A", "-oth-"])
def test_what_limesurvey_writes_for_no_answer_is_missing(read, answers, expected, word):
    records = limesurvey(answers, lambda answer: old_codes(answer) or word)
    result = read(records)
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])
    words = {word["word"]: word for word in result.receipt["files"][0]["words"]}
    assert words[word] == {"word": word, "answer": None, "count": 1}


def test_an_anonymous_survey_is_submitted_in_1980(read, answers, expected):
    result = read(limesurvey(answers, submitted="1980-01-01 00:00:00"))
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])
    assert result.receipt["left_out"] == {"not submitted": 2}
    assert result.responses["duration_seconds"].isna().all()
    assert result.failures.empty


@pytest.mark.parametrize("names", STUDY_COLUMNS)
def test_identifiers_never_enter(read, answers, names):
    result = read(limesurvey(answers, names=names), columns=STUDY_COLUMNS[names])
    everything = result.responses.to_csv() + result.failures.to_csv() + json.dumps(result.receipt)
    assert "192.0.2.7" not in everything
    assert "example.org" not in everything
    dropped = result.receipt["files"][0]["columns"]["dropped"]
    assert list(dropped.values()).count("direct identifier") == 2


def test_two_surveys_count_their_respondents_from_one_and_do_not_clash(load, answers, expected):
    files = {
        f"{role}.csv": CONTAINERS["semicolon"][1](limesurvey(part))
        for role, part in answers.groupby("role")
    }
    result = load(files, columns=BY_CODE)
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])


def test_spaces_written_as_underscores_are_known(read, answers, expected):
    records = limesurvey(answers, names="text")
    records[0] = [name.replace(" ", "_") if n < 9 else name for n, name in enumerate(records[0])]
    result = read(records, columns=BY_TEXT)
    pd.testing.assert_frame_equal(result.responses[KEYS], expected[KEYS])
    assert result.receipt["left_out"] == {"not submitted": 2}


def test_both_scales_of_a_dual_scale_question_are_refused_as_doubled(read, answers):
    records = limesurvey(answers, names="text")
    header = [f"{name} [Scale 1]" if "ding" in name else name for name in records[0]]
    second = [f"{name} [Scale 2]" for name in records[0][-4:]]
    rows = [[*row, *row[-4:]] for row in records[1:]]
    with pytest.raises(ResponseError, match="a01|ding 1"):
        read([[*header, *second], *rows], columns=BY_TEXT)
