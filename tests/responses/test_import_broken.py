"""Broken and odd exports: each loads, warns or is refused with an address and a remedy."""

import io
import random
import zipfile
from dataclasses import dataclass, field

import pandas as pd
import pytest

from research.errors import InputError, ResponseError

HEADER = "id,org,role,a01,a02,a03,a04\n"
ROWS = "r1,Zuid,customer,1,2,3,4\nr2,Noord,manager,5,4,3,2\n"
GOOD = HEADER + ROWS
ROLE_BY_FILE = [{"path": "e.csv", "role": "customer"}, {"path": "f.csv", "role": "manager"}]
MORE = "".join(f"x{n},Oost,manager,3,3,4,4\n" for n in range(20))


@dataclass(frozen=True)
class Broken:
    """One export, the study around it, and the words its refusal must hold."""

    content: bytes | str
    words: tuple[str, ...]
    name: str = "e.csv"
    study: dict = field(default_factory=dict)
    others: dict = field(default_factory=dict)


def _zip(entry: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry, "hello " * 1000)
    return buffer.getvalue()


REFUSED = {
    "wrong delimiter": Broken(
        GOOD.replace(",", ":"), ("e.csv", "4 of 4 activities", "one column only", "delimiter")
    ),
    "missing activity column": Broken(
        GOOD.replace("a03", "a3"), ("e.csv", "column a03", "'a3'", "Correct `columns`")
    ),
    "missing organisation column": Broken(
        GOOD.replace("org", "organ"), ("column org", "organisation", "Nearest header: 'organ'")
    ),
    "duplicate column": Broken(
        GOOD.replace("a04", "a03"), ("column a03", "2 times", "columns 6, 7", "Rename")
    ),
    "one column for two uses": Broken(
        GOOD,
        ("used for a02 and role", "a column of its own"),
        study={"columns": {"respondent": "id", "organisation": "org", "role": "a02"}},
    ),
    "same id with different answers": Broken(
        GOOD + "r1,Zuid,customer,5,5,5,5\n",
        ("e.csv, row 2", "'r1'", "2 times with different answers", "row 2, 4", "exclusions"),
    ),
    "same row twice": Broken(
        GOOD + "r1,Zuid,customer,1,2,3,4\n", ("with the same answers", "row 2, 4", "exclusions")
    ),
    "both roles for one id": Broken(
        GOOD + "r1,Zuid,manager,1,2,3,4\n", ("row 2, 4", "'r1' has both roles", "exclusions")
    ),
    "both roles over two files": Broken(
        GOOD,
        ("both roles", "e.csv row 2", "f.csv row 2", "drop `columns: respondent:`"),
        study={"exports": ROLE_BY_FILE},
        others={"f.csv": GOOD},
    ),
    "truncated workbook": Broken(
        _zip("xl/workbook.xml")[:60], ("e.xlsx", "cut off or damaged", "again"), name="e.xlsx"
    ),
    "archive that is no workbook": Broken(
        _zip("notes.txt"), ("e.xlsx", "no readable workbook", "Unpack"), name="e.xlsx"
    ),
    "workbook with a password": Broken(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
        ("e.xlsx", "password", "take the password off"),
        name="e.xlsx",
    ),
    "old workbook": Broken(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 rest", ("old Excel", "save it as .xlsx"), name="e.xls"
    ),
    "web page under an Excel ending": Broken(
        "<html><table><tr><td>1</td></tr></table></html>",
        ("e.xlsx", "web page", "save it as .xlsx"),
        name="e.xlsx",
    ),
    ".sav that is none": Broken(GOOD, ("e.sav", "SPSS", "right ending"), name="e.sav"),
    "truncated .sav": Broken(
        b"$FL2@(#) SPSS DATA FILE", ("e.sav", "cannot be read", "save it again"), name="e.sav"
    ),
    "layout that the file has not": Broken(
        GOOD,
        ("layout 'spss'", "'csv'", "`layout: csv`"),
        study={"exports": [{"path": "e.csv", "layout": "spss"}]},
    ),
    "empty file": Broken("", ("e.csv", "the file is empty", "Export it again")),
    "blank file": Broken("\n\n", ("e.csv", "the file is empty", "Export it again")),
    "header only": Broken(HEADER, ("no answers below the header (row 1)", "export it again")),
    "binary file": Broken(bytes(range(256)), ("e.csv", "none of the layouts", "Export it again")),
    "ragged row": Broken(
        GOOD + "r3,Noord,manager,1,2,3\n", ("e.csv, row 4", "7 fields", "row 4 has 6", "quotation")
    ),
    "row with one cell too many": Broken(
        GOOD + "r3,Noord, Oost,manager,1,2,3,4\n", ("row 4", "row 4 has 8", "quotation")
    ),
    "unclosed quote": Broken(
        GOOD + 'r3,"Noord,manager,1,2,3,4\n', ("e.csv, row 4", "quotation mark", "Close it")
    ),
    "unknown role word": Broken(
        GOOD + "r3,Noord,boss,1,2,3,4\n",
        ("row 4", "column role", "'boss'", "leidinggevende", "roles: words:"),
    ),
    "no role anywhere": Broken(
        GOOD,
        ("which role", "columns: role:"),
        study={"columns": {"respondent": "id", "organisation": "org"}},
    ),
    "empty organisation": Broken(
        GOOD + "r3,,manager,1,2,3,4\n", ("row 4", "column org", "1 row(s) have no organisation")
    ),
    "empty respondent id": Broken(
        GOOD + ",Zuid,manager,1,2,3,4\n", ("row 4", "column id", "no respondent", "Give every")
    ),
    "unknown answer words": Broken(
        HEADER + "r1,Zuid,customer,mwah,mwah,3,4\nr2,Zuid,manager,top,1,2,3\n",
        ("row 2", "'mwah' (2), 'top' (1)", 'answer_words:\n  "mwah": null # 2 times'),
    ),
    "answers that are not whole": Broken(
        GOOD.replace(",", ";").replace("5;4;3;2", "3,5;4;3;2"),
        ("row 3", "column a01", "not whole numbers", "export the answers"),
    ),
    "scale 0-4": Broken(
        HEADER
        + "".join(f"r{n},Zuid,customer,{n % 5},{(n + 1) % 5},2,3\n" for n in range(40))
        + "m,Zuid,manager,1,2,3,4\n",
        ("role 'customer' seems shifted", "run from 0 to 4", "answer_words"),
    ),
    "scale 1-7": Broken(
        HEADER + "".join(f"r{n},Zuid,customer,{n % 7 + 1},3,2,3\n" for n in range(40)),
        ("role 'customer' seems shifted", "run from 1 to 7"),
    ),
    "scale 10-50": Broken(
        HEADER + "r1,Zuid,customer,10,20,30,40\nr2,Zuid,customer,50,40,30,20\n",
        ("more than half of the answers", "from 10 to 50"),
    ),
    "spellings of a wave": Broken(
        GOOD.replace("id,", "wave,id,", 1).replace("r1", "T1,r1").replace("r2", "t 1,r2"),
        ("'T1', 't 1'", "Spell it one way"),
        study={
            "columns": {"respondent": "id", "organisation": "org", "role": "role", "wave": "wave"}
        },
    ),
    "wave of the study file that is not there": Broken(
        GOOD, ("wave '2'", "not in the exports"), study={"wave": "2"}
    ),
    "e-mail address as respondent": Broken(
        GOOD.replace("id,", "E-mail,", 1),
        ("column E-mail", "identifies people", "a code instead"),
        study={"columns": {"respondent": "E-mail", "organisation": "org", "role": "role"}},
    ),
    "nobody answered": Broken(
        HEADER + "r1,Zuid,customer,,,,\nr2,Zuid,manager,-,,,\n", ("nobody gave an answer", "filter")
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_broken_export_is_refused_with_its_place_and_a_remedy(load, case):
    broken = REFUSED[case]
    with pytest.raises(ResponseError, match="Nothing was written") as error:
        load({broken.name: broken.content, **broken.others}, **broken.study)
    message = str(error.value)
    for words in broken.words:
        assert words in message
    assert all(problem.remedy and problem.file for problem in error.value.problems)
    assert len(error.value.failures) == len(error.value.problems)


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


@pytest.mark.parametrize("text", ["5 because she listens", "4 - zeer waardevol", "1-5", "5/5"])
def test_a_text_that_only_begins_with_a_number_is_not_taken_for_it(load, text):
    with pytest.raises(ResponseError, match="stand for no known answer"):
        load({"e.csv": HEADER + f"r1,Zuid,customer,{text},2,3,4\n" + MORE})


def test_a_long_number_in_an_answer_column_is_listed_without_its_value(load):
    result = load({"e.csv": HEADER + "r1,Zuid,customer,31612345678,2,3,4\n" + MORE})
    assert not result.failures["message"].str.contains("316").any()


@pytest.mark.parametrize("seed", range(30))
def test_damaged_files_are_read_or_refused_and_never_crash(load, seed):
    rng = random.Random(9000 + seed)
    damaged = bytearray(GOOD.encode("utf-8"))
    for _ in range(rng.randint(1, 5)):
        place = rng.randrange(len(damaged))
        damaged[place : place + rng.randint(0, 3)] = rng.choice(
            [b'"', b",", b"\n", b";", b"\0", b"\xff\xfe", b"\r", b"", b"\xe9", b"9"]
        )
    try:
        result = load({"e.csv": bytes(damaged)})
    except InputError as error:
        assert "e.csv" in str(error) or "all exports" in str(error)
    else:
        assert len(result.responses) <= 3


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


def test_a_missing_export_is_named_without_its_path(load, tmp_path):
    with pytest.raises(InputError, match="gone.csv: the study file names this export") as error:
        load({"e.csv": GOOD}, exports=[{"path": "gone.csv"}])
    assert str(tmp_path) not in str(error.value)


def test_an_exclusion_of_nobody_is_refused(load):
    with pytest.raises(InputError, match="no respondent 'r11'.*Did you mean 'r1'"):
        load({"e.csv": GOOD}, exclusions=[{"respondent_id": "r11", "reason": "test row"}])


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


def test_one_absent_role_is_a_warning(load):
    result = load({"e.csv": HEADER + MORE})
    assert "nobody has the role 'customer'" in result.failures["message"].iloc[0]
    assert result.receipt["roles_absent"] == ["customer"]


def test_nearly_equal_organisation_names_are_warned_about_and_kept_apart(load):
    text = GOOD + "r3,noord ,manager,1,2,3,4\nr4,Noord.,manager,1,2,3,4\n"
    result = load({"e.csv": text})
    assert "'Noord', 'Noord.', 'noord'" in result.failures["message"].iloc[0]
    assert set(result.responses["organisation_id"]) == {"Zuid", "Noord", "Noord.", "noord"}


def test_numbered_teams_are_not_nearly_equal(load):
    text = GOOD.replace("Zuid", "Team 1").replace("Noord", "Team 2")
    assert load({"e.csv": text}).failures.empty


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)</script>", "../x", "NA", "None", "007", "=1+1", "nan", "1.50", "True"],
)
def test_any_organisation_name_survives_as_plain_text(load, name):
    result = load({"e.csv": GOOD.replace("Zuid", name)})
    assert name in set(result.responses["organisation_id"])


def test_accents_are_composed_so_that_one_name_stays_one_name(load):
    text = GOOD.replace("Zuid", "Cafe\u0301").replace("Noord", " Café ")
    assert load({"e.csv": text}).responses["organisation_id"].unique().tolist() == ["Café"]


def test_people_without_any_answer_are_left_out_and_counted(load):
    receipt = load({"e.csv": GOOD + "r3,,boss,,weet niet,n.v.t.,\n"}).receipt
    assert receipt["left_out"] == {"no answer at all": 1}
    assert (receipt["rows_in"], receipt["rows_out"]) == (3, 2)


def test_excluded_people_are_left_out_and_counted_and_settle_a_double_id(load):
    text = GOOD + "r3,Zuid,customer,1,2,3,4\nr3,Zuid,customer,2,2,3,4\n"
    result = load({"e.csv": text}, exclusions=[{"respondent_id": "r3", "reason": "test row"}])
    assert result.receipt["left_out"] == {"excluded in the study file": 2}
    assert result.responses["respondent_id"].tolist() == ["r1", "r2"]


def test_without_a_respondent_column_ids_are_made_from_file_and_row(load):
    result = load({"e.csv": GOOD}, columns={"organisation": "org", "role": "role"})
    assert result.responses["respondent_id"].tolist() == ["e-000002", "e-000003"]
    assert result.receipt["files"][0]["respondent_ids"] == "made from file name and row"


def test_without_an_organisation_everyone_belongs_to_the_study(load):
    result = load({"e.csv": GOOD}, columns={"respondent": "id", "role": "role"})
    assert result.responses["organisation_id"].unique().tolist() == ["small"]


def test_declared_codes_and_words_are_read_as_the_study_says(load):
    text = HEADER + "r1,Zuid,customer,99,mwah,2,1\nr2,Zuid,manager,-9,top,3,4\n"
    result = load({"e.csv": text}, missing_codes=[99, -9], answer_words={"MWAH": None, "top": 5})
    assert result.failures.empty
    assert result.responses["a01"].isna().all()
    assert result.responses["a02"].tolist()[1] == 5
    words = {entry["word"]: entry["answer"] for entry in result.receipt["files"][0]["words"]}
    assert words == {"top": 5}


def test_a_shifted_scale_can_be_recoded_in_the_study_file(load):
    text = HEADER + "r1,Zuid,customer,0,1,2,3\nr2,Zuid,manager,4,3,2,1\n"
    recode = {str(code): code + 1 for code in range(5)}
    result = load({"e.csv": text}, answer_words=recode)
    assert result.responses.loc[0, "a01":"a04"].tolist() == [1, 2, 3, 4]


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
