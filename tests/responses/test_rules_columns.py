"""Columns found by id, label or wording; what only resembles one is proposed, never used."""

import re

import pytest
import yaml

from research.errors import ResponseError

PEOPLE = "id,org,role"
ROWS = ["r1,Zuid,customer,1,2,3,4", "r2,Noord,manager,5,4,3,2"]
NAMES = ["a01", "a02", "a03", "a04"]


def export(headers: list[str], rows: list[str] = ROWS) -> str:
    quoted = ['"' + header.replace('"', '""') + '"' for header in headers]
    return "\n".join([",".join([PEOPLE, *quoted]), *rows]) + "\n"


def pasted(error: ResponseError) -> dict:
    """The lines of a message that are meant for the study file."""
    lines = str(error).split("remark:\n", 1)[1].split("\n- ", 1)[0]
    return yaml.safe_load(lines)


@pytest.mark.parametrize(
    ("written", "sign"),
    [
        ("a0{n}", "id"),
        (" A0{n} ", "id"),
        ("De manager doet ding {n}.", "wording, exact"),
        ("The manager does thing {n}.", "wording, exact"),
        ("handeling {n}", "label"),
        ("Handeling {n}:", "label"),
        ("the  MANAGER does thing {n}", "wording, normalised"),
        ("{n}. De manager doet ding {n}?", "wording, normalised"),
        ("Q12_{n} De manager doet ding {n}.", "wording, normalised"),
        ("Q12.{n} - De manager doet ding {n}.", "wording, normalised"),
        ("b) De manager doet ding {n}.", "wording, normalised"),
        ("<p>De <b>manager</b> doet&nbsp;ding {n}.</p>", "wording, normalised"),
        ("De\u00a0manager doet\u202fding {n}…", "wording, normalised"),
        ("“De manager doet ding {n}.”", "wording, normalised"),
        ("De mànager doet ding {n}.", "wording, normalised"),
        ("Hoe waardevol? De manager doet ding {n}.", "stem and wording"),
        ("Hoe waardevol? [De manager doet ding {n}.]", "stem and wording"),
        ("hoe waardevol De manager doet ding {n}", "stem and wording"),
        ("How often? - The manager does thing {n}.", "stem and wording"),
        ("&lt;b&gt;How often?&lt;/b&gt; [{n}. The manager does thing {n}.]", "stem and wording"),
    ],
)
def test_a_header_is_recognised_however_the_tool_wrote_it(load, written, sign):
    result = load({"e.csv": export([written.format(n=n) for n in range(1, 5)])})
    assert result.responses.loc[0, NAMES].tolist() == [1, 2, 3, 4]
    matched = result.receipt["files"][0]["columns"]["matched_by"]
    assert {matched[name] for name in NAMES} == {sign}


def test_a_bare_number_is_part_of_a_question_and_not_its_numbering(load):
    headers = ["3 De manager doet ding 1.", *NAMES[1:]]
    with pytest.raises(ResponseError, match="1 of 4 activities have no column: a01"):
        load({"e.csv": export(headers)})


def test_one_question_in_two_columns_is_refused_whatever_its_spelling(load):
    headers = [*NAMES[:3], "De manager doet ding 4.", "Vaak? - De manager doet ding 4"]
    rows = [row + ",1" for row in ROWS]
    assert load({"e.csv": export(headers, rows)}).responses.loc[0, "a04"] == 4  # the surest sign
    headers[3] = "Hoe zeker? - De manager doet ding 4."
    with pytest.raises(ResponseError, match=r"stands 2 times \(columns 7, 8\)"):
        load({"e.csv": export(headers, rows)})


def test_columns_that_only_resemble_are_proposed_in_lines_that_work_when_pasted(load):
    headers = ["a01", "The manager does thingy 2", "handling 3", "a4"]
    with pytest.raises(ResponseError) as error:
        load({"e.csv": export(headers)})
    text = str(error.value)
    assert "3 of 4 activities have no column: a02, a03, a04" in text
    assert re.search(r'    a01: "a01"\n', text)
    assert re.search(r'a02: "The manager does thingy 2" # best guess, \d\d % alike', text)
    lines = pasted(error.value)
    assert lines["columns"]["respondent"] == "id"  # what stood there before is kept
    result = load({"e.csv": export(headers)}, **lines)
    assert result.responses.loc[0, NAMES].tolist() == [1, 2, 3, 4]
    receipt = result.receipt["files"][0]["columns"]
    assert receipt["matched_by"]["a04"] == "study file"
    assert receipt["renamed"] == dict(zip(NAMES[1:], headers[1:], strict=True))


def test_a_column_like_nothing_is_left_open_and_asked_for_again_after_pasting(load):
    headers = [*NAMES[:3], "something else altogether"]
    with pytest.raises(ResponseError, match=re.escape('a04: "" # ?')) as error:
        load({"e.csv": export(headers)})
    with pytest.raises(ResponseError, match=re.escape('a04: "" # ?')) as again:
        load({"e.csv": export(headers)}, **pasted(error.value))
    assert "no column: a04. " in str(again.value)  # not: expected ''


def test_a_series_as_long_as_the_questionnaire_is_proposed_by_number(load):
    headers = [f"V3_{n}" for n in range(1, 5)]
    with pytest.raises(ResponseError, match="best guess, by its number") as error:
        load({"e.csv": export(headers)})
    result = load({"e.csv": export(headers)}, **pasted(error.value))
    assert result.responses.loc[0, NAMES].tolist() == [1, 2, 3, 4]


def test_numbers_tell_questions_apart_in_a_guess(load):
    with pytest.raises(ResponseError) as error:
        load({"e.csv": export(["a01", "a02", "a03", "De manager doet ding 5."])})
    assert pasted(error.value)["columns"]["activities"]["a04"] == ""


def test_of_several_exports_the_lines_are_the_entry_of_the_one_file(load):
    other = export(NAMES, ["r3,Zuid,customer,1,2,3,4"])
    files = {"e.csv": export(["a01", "a02", "a03", "a4"]), "f.csv": other}
    exports = [{"path": "e.csv", "role": "manager"}, {"path": "f.csv"}]
    with pytest.raises(ResponseError, match="the entry of this file under `exports:`") as error:
        load(files, exports=exports)
    (entry,) = pasted(error.value)
    assert (entry["path"], entry["role"]) == ("e.csv", "manager")
    result = load(files, exports=[entry, exports[1]])
    assert len(result.responses) == 3


def test_a_file_of_one_column_gets_no_mapping_but_a_question_about_its_delimiter(load):
    with pytest.raises(ResponseError, match="one column only: is the delimiter") as error:
        load({"e.csv": "id:org:role:a01:a02:a03:a04\nr1:Zuid:customer:1:2:3:4\n"})
    assert "activities:\n" not in str(error.value)


ATTENTION = [
    {"id": "check", "wording": {"nl": "Kies hier 4.", "en": "Please tick 4."}, "expected": 4}
]


def test_an_attention_item_is_found_as_an_activity_and_read_after_them(load, with_attention):
    rows = ["r1,Zuid,customer,1,2,3,4,4", "r2,Noord,manager,5,4,3,2,", "r3,Zuid,manager,1,1,1,1,9"]
    result = load({"e.csv": export([*NAMES, "<i>Please tick 4</i>"], rows)})
    assert result.responses.columns[-2:].tolist() == ["a04", "check"]
    assert str(result.responses["check"].dtype) == "Int64"
    by_id = result.responses.set_index("respondent_id")["check"]
    assert by_id["r1"] == 4
    assert by_id[["r2", "r3"]].isna().all()
    (failure,) = result.failures.itertuples()
    assert (failure.rule, failure.row, failure.column) == (
        "off the scale", "4", "<i>Please tick 4</i>",
    )  # fmt: skip


def test_whoever_answered_only_the_attention_item_answered_nothing(load, with_attention):
    result = load({"e.csv": export([*NAMES, "check"], ["r1,Zuid,customer,,,,,4", ROWS[1] + ",4"])})
    assert result.receipt["left_out"] == {"no answer at all": 1}


def test_an_absent_attention_item_is_a_warning_and_is_named_in_the_receipt(load, with_attention):
    result = load({"e.csv": export(NAMES)})
    assert "check" not in result.responses
    assert result.failures["rule"].tolist() == ["attention item"]
    assert result.receipt["files"][0]["columns"]["missing"] == ["check"]


def test_an_attention_item_may_be_mapped_in_the_study_file(load, with_attention):
    columns = {"respondent": "id", "organisation": "org", "role": "role"}
    columns["activities"] = {"check": "trap"}
    result = load({"e.csv": export([*NAMES, "trap"], [r + ",4" for r in ROWS])}, columns=columns)
    assert result.responses["check"].tolist() == [4, 4]


@pytest.fixture
def with_attention(monkeypatch):
    """The small questionnaire with one attention item."""
    from tests.responses import conftest

    monkeypatch.setitem(conftest.INSTRUMENT, "attention_items", ATTENTION)
