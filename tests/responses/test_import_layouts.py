"""The same answers through every layout give the same responses."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from research.errors import ResponseError

ITEMS = ["a01", "a02", "a03", "a04"]
WORDS = dict(
    zip(
        "12345", ["helemaal niet", "weinig", "neutraal", "waardevol", "zeer waardevol"], strict=True
    )
)


@pytest.fixture
def expected(load, csv_text) -> pd.DataFrame:
    """Responses from plain CSV; that they are right is checked by hand below."""
    return load({"plain.csv": csv_text}).responses


def test_plain_csv_gives_the_answers_as_given_sorted_by_role_and_organisation(expected):
    assert expected["respondent_id"].tolist() == ["r1", "r2", "r3", "r4", "r5", "r6"]
    assert expected["organisation_id"].tolist()[:3] == ["Café Zuid", "Café Zuid", "Noord"]
    assert expected["a02"].tolist() == [5, 4, 3, 2, 1, 5]
    assert expected["a03"].isna().tolist() == [False, True, False, False, False, False]
    assert expected[ITEMS].dtypes.astype(str).unique().tolist() == ["Int64"]


@pytest.mark.parametrize(
    ("write", "encoding", "delimiter"),
    [
        pytest.param(lambda t: t.encode("utf-8-sig"), "UTF-8 with byte", "comma", id="bom"),
        pytest.param(lambda t: t.encode("utf-16"), "UTF-16", "comma", id="utf16"),
        pytest.param(lambda t: t.encode("utf-16-le"), "UTF-16", "comma", id="utf16-no-mark"),
        pytest.param(lambda t: t.encode("cp1252"), "Windows-1252", "comma", id="cp1252"),
        pytest.param(lambda t: t.replace(",", ";").encode(), "UTF-8", "semicolon", id="semicolon"),
        pytest.param(lambda t: t.replace(",", "\t").encode(), "UTF-8", "tab", id="tab"),
        pytest.param(lambda t: t.replace("\n", "\r").encode(), "UTF-8", "comma", id="cr"),
        pytest.param(lambda t: t.replace("\n", "\r\n").encode(), "UTF-8", "comma", id="crlf"),
        pytest.param(
            lambda t: ("sep=;\n" + t.replace(",", ";")).encode(), "UTF-8", "semicolon", id="sep"
        ),
        pytest.param(
            lambda t: ("Survey 2026,,,,,,\n,,,,,,\n" + t).encode(), "UTF-8", "comma", id="title"
        ),
        pytest.param(lambda t: (t + "\n\n").encode(), "UTF-8", "comma", id="blank-lines"),
        pytest.param(
            lambda t: t.replace("Noord", '"Noord"').encode(), "UTF-8", "comma", id="quotes"
        ),
    ],
)
def test_every_way_to_write_csv_gives_the_same_responses(
    load, csv_text, expected, write, encoding, delimiter
):
    result = load({"export.csv": write(csv_text)})
    pd.testing.assert_frame_equal(result.responses, expected)
    file = result.receipt["files"][0]
    assert file["encoding"].startswith(encoding)
    assert file["delimiter"] == delimiter


def test_excel_gives_the_same_responses(load, rows, to_xlsx, expected):
    result = load({"export.xlsx": to_xlsx({"Answers": rows})})
    pd.testing.assert_frame_equal(result.responses, expected)
    assert result.receipt["files"][0]["sheet"] == "Answers"


def test_excel_with_title_rows_and_numbers_as_text_gives_the_same_responses(
    load, answers, to_xlsx, expected
):
    table = [["Survey 2026"], [], list(answers.columns), *answers.to_numpy().tolist()]
    result = load({"export.xlsx": to_xlsx({"Answers": table, "Notes": [["x"], ["y"]]})})
    pd.testing.assert_frame_equal(result.responses, expected)
    assert result.receipt["files"][0]["header_row"] == 3


def test_spss_with_labels_and_user_missing_gives_the_same_responses(
    load, answers, tmp_path, expected
):
    load({"export.sav": _sav(answers, tmp_path)})
    result = load({"export.sav": _sav(answers, tmp_path)})
    pd.testing.assert_frame_equal(result.responses, expected)


def _sav(answers: pd.DataFrame, folder: Path) -> bytes:
    """Return a .sav with roles as labelled codes; the open answer is the user-missing code 9."""
    import pyreadstat

    table = answers.assign(role=answers["role"].map({"customer": 1.0, "manager": 2.0}))
    table[ITEMS] = table[ITEMS].replace("", "9").astype(float)
    path = folder / "written.sav"
    points = {float(code): label for code, label in WORDS.items()}
    pyreadstat.write_sav(
        table,
        str(path),
        column_labels=[f"question {name}" for name in table],
        variable_value_labels={"role": {1: "Klant", 2: "Leidinggevende"}}
        | {item: points | {9.0: "weigert"} for item in ITEMS},
        missing_ranges={item: [9] if item != "a03" else [{"lo": 8, "hi": 9}] for item in ITEMS},
    )
    return path.read_bytes()


def _qualtrics(answers: pd.DataFrame, recode: Callable[[str], str]) -> str:
    """Return Qualtrics' CSV: three header rows, and four rows that are no respondents."""
    tool = pd.DataFrame(
        {
            "StartDate": "2026-03-02 09:00:00",
            "Status": "IP Address",
            "IPAddress": "192.0.2.7",
            "Progress": "100",
            "Duration (in seconds)": "120",
            "Finished": "True",
            "ResponseId": answers["id"],
            "RecipientEmail": "someone@example.org",
            "LocationLatitude": "52.1",
        }
    )
    items = answers[ITEMS].map(recode).set_axis(["Q2_1", "Q2_2", "Q2_3", "Q2_4"], axis=1)
    table = pd.concat([tool, answers[["org", "role"]], items], axis=1)
    extra = pd.concat([table.head(1)] * 4, ignore_index=True)
    extra["Status"] = ["Survey Preview", "Spam", "IP Address", "8"]
    extra.loc[2, "Finished"] = "False"
    texts = [f"How valuable?\n- {name}" for name in table]
    imports = [json.dumps({"ImportId": name}) for name in table]
    head = pd.DataFrame([texts, imports], columns=table.columns)
    return pd.concat([head, extra, table]).to_csv(index=False, lineterminator="\n")


@pytest.mark.parametrize(
    "recode",
    [
        pytest.param(lambda code: code, id="codes"),
        pytest.param(lambda code: WORDS.get(code, ""), id="dutch-words"),
        pytest.param(lambda code: WORDS.get(code, "Weet niet ").upper(), id="missing-word"),
        pytest.param(lambda code: f"{code} - {WORDS[code]}" if code else "", id="numbered-words"),
        pytest.param(lambda code: code.translate({49: "１", 53: "５"}), id="full-width"),
        pytest.param(lambda code: f"{code}.0" if code else "-", id="decimals"),
    ],
)
def test_qualtrics_gives_the_same_responses(load, answers, expected, recode):
    columns = {"organisation": "org", "role": "role", "activities": "Q2_{number}"}
    result = load({"export.csv": _qualtrics(answers, recode)}, columns=columns)
    keys = [name for name in expected if name != "duration_seconds"]
    pd.testing.assert_frame_equal(result.responses[keys], expected[keys])
    assert result.responses["duration_seconds"].tolist() == [120.0] * 6


def test_qualtrics_leaves_out_and_counts_rows_that_are_no_respondents(load, answers):
    columns = {"organisation": "org", "role": "role", "activities": "Q2_{number}"}
    receipt = load({"export.csv": _qualtrics(answers, str)}, columns=columns).receipt
    assert receipt["left_out"] == {"preview": 1, "spam": 2, "unfinished": 1}
    assert (receipt["rows_in"], receipt["rows_out"]) == (10, 6)


def test_qualtrics_identifiers_never_enter(load, answers):
    columns = {"organisation": "org", "role": "role", "activities": "Q2_{number}"}
    result = load({"export.csv": _qualtrics(answers, str)}, columns=columns)
    everything = result.responses.to_csv() + result.failures.to_csv() + json.dumps(result.receipt)
    assert "192.0.2.7" not in everything
    assert "example.org" not in everything
    dropped = result.receipt["files"][0]["columns"]["dropped"]
    assert dropped["IPAddress"] == dropped["RecipientEmail"] == "direct identifier"


def test_headers_that_are_the_wording_are_recognised(load, answers, expected):
    wordings = {item: f"{n}. de manager doet ding {n}" for n, item in enumerate(ITEMS, start=1)}
    text = answers.rename(columns=wordings).to_csv(index=False)
    pd.testing.assert_frame_equal(load({"export.csv": text}).responses, expected)


def test_a_qualtrics_grid_is_recognised_by_its_question_texts(load, answers, expected):
    text = _qualtrics(answers, str)
    for number in range(1, 5):
        text = text.replace(f"- Q2_{number}", f"- De manager doet ding {number}.")
    result = load({"export.csv": text}, columns={"organisation": "org", "role": "role"})
    pd.testing.assert_frame_equal(result.responses[ITEMS], expected[ITEMS])


def test_a_map_in_the_study_file_places_single_activities(load, answers, expected):
    text = answers.rename(columns={"a02": "question two"}).to_csv(index=False)
    columns = {"respondent": "id", "organisation": "org", "role": "role"}
    result = load({"e.csv": text}, columns={**columns, "activities": {"a02": "question two"}})
    pd.testing.assert_frame_equal(result.responses, expected)


def test_an_export_may_have_its_own_columns_and_role(load, answers, expected):
    customers = answers[answers["role"] == "customer"].drop(columns="role")
    managers = answers[answers["role"] == "manager"].drop(columns="role")
    managers = managers.rename(columns={"id": "Nummer", "org": "Bedrijf"})
    own = {"respondent": "Nummer", "organisation": "Bedrijf"}
    result = load(
        {"c.csv": customers.to_csv(index=False), "m.csv": managers.to_csv(index=False)},
        columns={"respondent": "id", "organisation": "org"},
        exports=[
            {"path": "c.csv", "role": "customer"},
            {"path": "m.csv", "role": "manager", "columns": own},
        ],
    )
    pd.testing.assert_frame_equal(result.responses, expected)


def test_a_csv_under_an_excel_ending_is_read_and_said(load, csv_text, expected):
    result = load({"export.xlsx": csv_text})
    pd.testing.assert_frame_equal(result.responses, expected)
    assert "which it is not" in result.receipt["files"][0]["why"]


def test_the_same_files_give_the_same_result(load, csv_text):
    first, second = load({"export.csv": csv_text}), load({"export.csv": csv_text})
    pd.testing.assert_frame_equal(first.responses, second.responses)
    assert first.receipt == second.receipt


def test_an_unknown_word_of_an_excluded_respondent_blocks_for_the_others_too(load, answers):
    answers["a01"] = ["foo", "2", "3", "4", "5", "foo"]  # the last one is left out
    exclusions = [{"respondent_id": "r6", "reason": "asked to be left out"}]
    with pytest.raises(ResponseError, match=r"'foo' \(1\)"):
        load({"export.csv": answers.to_csv(index=False, quoting=1)}, exclusions=exclusions)
