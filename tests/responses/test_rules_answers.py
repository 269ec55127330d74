"""Words and numbers of answers: read as a person would, or listed and refused."""

import pandas as pd
import pytest
import yaml

from research.errors import ResponseError

HEADER = "id,org,role,a01,a02,a03,a04\n"
MORE = "".join(
    f"x{n},Oost,manager,{n % 5 + 1},{5 - n % 5},{n % 3 + 2},{n % 4 + 1}\n" for n in range(20)
)


def one_answer(text: str) -> str:
    quoted = '"' + text.replace('"', '""') + '"'
    return HEADER + f"r1,Zuid,customer,{quoted},2,3,4\n" + MORE


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Zeer waardevol", 5),
        ("ZEER WAARDEVOL", 5),
        ("zeer waardevol ", 5),
        ("zeer\u00a0waardevol", 5),
        ("zeer waardevol.", 5),
        ("“zeer waardevol”", 5),
        ("very valuable", 5),
        ("zéér waardevol", 5),
        ("5 - zeer waardevol", 5),
        ("5. Zeer waardevol", 5),
        ("(5) zeer waardevol", 5),
        ("[5] very valuable", 5),
        ("5 (zeer waardevol)", 5),
        ("zeer waardevol (5)", 5),
        ("Zeer waardevol = 5", 5),
        ("zeer waardevol - 5", 5),
        ("5.", 5),
        ("(5)", 5),
        ("'5", 5),
        ("2.0", 2),
        ("2,0", 2),
        ("２", 2),
        ("５．０", 5),
        ("weet niet.", None),
        ("(n.v.t.)", None),
        ("I don’t know", "unknown"),
        ("don’t know", None),
        ("zeer waardevol (4)", "unknown"),
        ("(4) zeer waardevol", "unknown"),
        ("zeer waardevol 5 sterren", "unknown"),
        ("5 of 4", "unknown"),
        ("V", "unknown"),
        ("five", "unknown"),
    ],
)
def test_an_answer_is_read_as_a_person_would_or_refused(load, text, value):
    if value == "unknown":
        with pytest.raises(ResponseError, match="stand for no known answer"):
            load({"e.csv": one_answer(text)})
        return
    answer = load({"e.csv": one_answer(text)}).responses.loc[0, "a01"]
    assert (None if pd.isna(answer) else answer) == value


@pytest.mark.parametrize("text", [".5", ",5", "4.5"])
def test_half_a_point_is_never_taken_for_a_point(load, text):
    with pytest.raises(ResponseError, match=r"not whole numbers|no known answer"):
        load({"e.csv": one_answer(text)})


@pytest.mark.parametrize("code", ["99", "999", "-99", "-9"])
def test_a_code_is_missing_when_declared_and_else_listed_with_its_place(load, code):
    listed = load({"e.csv": one_answer(code)}).failures
    assert listed["message"].tolist() == [f"the answer is outside 1-5: {code}."]
    declared = load({"e.csv": one_answer(code)}, missing_codes=[int(code)])
    assert declared.failures.empty
    assert pd.isna(declared.responses.loc[0, "a01"])
    assert declared.receipt["files"][0]["words"] == [{"word": code, "answer": None, "count": 1}]


def test_a_code_on_the_scale_is_an_answer(load):
    assert load({"e.csv": one_answer("5")}, missing_codes=[99]).responses.loc[0, "a01"] == 5


def test_unknown_words_come_in_lines_that_load_when_pasted(load):
    text = HEADER + 'r1,Zuid,customer,mwah,"top ""5""",mwah,4\n' + MORE
    with pytest.raises(ResponseError, match=r"'mwah' \(2\), 'top \"5\"' \(1\)") as error:
        load({"e.csv": text})
    lines = yaml.safe_load(str(error.value).split("missing:\n", 1)[1])
    assert lines == {"answer_words": {"mwah": None, 'top "5"': None}}
    result = load({"e.csv": text}, **lines)
    assert result.responses.loc[0, "a01":"a03"].isna().all()


def test_many_cells_of_one_code_are_one_row_a_column(load):
    code = "".join(f"y{n},Oost,manager,3,4,-99,2\n" for n in range(1200))
    rest = "".join(f"z{n},Oost,manager,{n % 5 + 1},3,4,{5 - n % 5}\n" for n in range(1300))
    result = load({"e.csv": HEADER + code + rest})
    off = result.failures[result.failures["rule"] == "off the scale"]
    assert off["message"].tolist() == ["1200 answers are outside 1-5: -99; this is the first."]
    assert off[["row", "column", "respondent_id"]].to_numpy().tolist() == [["2", "a03", ""]]
    assert result.receipt["files"][0]["answers_refused"] == {"a03": {"off the scale": 1200}}
