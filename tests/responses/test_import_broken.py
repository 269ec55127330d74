"""What import makes of odd exports beyond the corpus: receipts, words, several files at once."""

import pandas as pd
import pytest

from research.errors import ResponseError

HEADER = "id,org,role,a01,a02,a03,a04\n"
ROWS = "r1,Zuid,customer,1,2,3,4\nr2,Noord,manager,5,4,3,2\n"
GOOD = HEADER + ROWS
MORE = "".join(f"x{n},Oost,manager,3,3,4,4\n" for n in range(20))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5 - zeer waardevol", 5),
        ("Zeer  Waardevol", 5),
        ("5: very valuable", 5),
        (" 2.0 ", 2),
        ("2,0", 2),
        ("３", 3),
        ("N.V.T.", None),
        ("WEET NIET", None),
        ("NA", None),
        ("—", None),
        ("don’t know", None),
    ],
)
def test_an_answer_is_read_as_a_person_would(load, text, value):
    quoted = f'"{text}"'
    result = load({"e.csv": HEADER + f"r1,Zuid,customer,{quoted},2,3,4\n" + MORE})
    answer = result.responses.loc[0, "a01"]
    assert (None if pd.isna(answer) else answer) == value


def test_all_problems_of_all_files_come_at_once(load):
    files = {"e.csv": GOOD.replace("a03", "b03"), "f.csv": "", "g.csv": GOOD + "r3,,boss,1,x,2,3\n"}
    with pytest.raises(ResponseError, match="5 problems") as error:
        load(files)
    rules = error.value.failures["rule"].tolist()
    assert rules[:2] == ["missing column", "empty file"]
    assert set(rules[2:]) == {"empty organisation", "unknown role", "unknown word"}


def test_a_double_id_is_told_together_with_an_unknown_word(load):
    with pytest.raises(ResponseError, match="2 problems") as error:
        load({"e.csv": GOOD + "r1,Zuid,customer,mwah,2,3,4\n"})
    assert error.value.failures["rule"].tolist() == ["unknown word", "duplicate respondent"]


def test_an_answer_off_the_scale_is_set_to_missing_and_listed_with_its_address(load):
    result = load({"e.csv": HEADER + "r1,Zuid,customer,11,2,3,4\n" + MORE})
    failure = result.failures[result.failures["rule"] == "off the scale"].iloc[0]
    place = failure[["file", "row", "column", "respondent_id", "severity", "done"]].tolist()
    assert place == ["e.csv", "2", "a01", "r1", "warning", "set to missing"]
    assert "outside 1-5: 11" in failure["message"]
    assert result.responses.set_index("respondent_id").loc["r1", "a01":"a02"].isna().tolist() == [
        True,
        False,
    ]


def test_without_a_respondent_column_ids_are_made_from_file_and_row(load):
    result = load({"e.csv": GOOD}, columns={"organisation": "org", "role": "role"})
    assert result.responses["respondent_id"].tolist() == ["e-000002", "e-000003"]
    assert result.receipt["files"][0]["respondent_ids"] == "made from file name and row"


def test_declared_codes_and_words_are_read_as_the_study_says(load):
    text = HEADER + "r1,Zuid,customer,99,mwah,2,1\nr2,Zuid,manager,-9,top,3,4\n"
    result = load({"e.csv": text}, missing_codes=[99, -9], answer_words={"MWAH": None, "top": 5})
    assert result.failures.empty
    assert result.responses["a01"].isna().all()
    assert result.responses["a02"].tolist()[1] == 5
    words = {entry["word"]: entry["answer"] for entry in result.receipt["files"][0]["words"]}
    assert words == {"-9": None, "99": None, "mwah": None, "top": 5}


def test_one_person_may_answer_in_several_waves(load):
    text = GOOD.replace("id,", "wave,id,", 1).replace("r1", "1,r1").replace("r2", "1,r2")
    text += "2,r1,Zuid,customer,5,5,5,5\n"
    columns = {"respondent": "id", "organisation": "org", "role": "role", "wave": "wave"}
    responses = load({"e.csv": text}, columns=columns, wave="1").responses
    assert responses[["respondent_id", "wave"]].to_numpy().tolist() == [
        ["r1", "1"],
        ["r1", "2"],
        ["r2", "1"],
    ]


def test_covariates_and_duration_come_along(load):
    text = GOOD.replace("id,", "age,from,to,id,", 1)
    for person, age in (("r1", "41"), ("r2", "")):
        text = text.replace(f"{person},", f"{age},2026-03-02 09:00,2026-03-02 09:03:20,{person},")
    columns = {
        "respondent": "id",
        "organisation": "org",
        "role": "role",
        "covariates": {"age": "age"},
    }
    responses = load(
        {"e.csv": text}, columns={**columns, "started": "from", "finished": "to"}
    ).responses
    assert responses["age"].tolist() == ["41", ""]
    assert responses["duration_seconds"].tolist() == [200.0, 200.0]


def test_the_receipt_closes_and_holds_no_path(load, tmp_path):
    receipt = load({"e.csv": GOOD + "\nr3,Zuid,manager,,,,\n"}).receipt
    for part in (receipt, *receipt["files"]):
        assert part["rows_in"] == part["rows_out"] + sum(part["left_out"].values())
    assert receipt["left_out"] == {"blank line": 1, "no answer at all": 1}
    assert str(tmp_path) not in str(receipt)
    assert receipt["files"][0]["columns"]["mapped"]["a01"] == "a01"
