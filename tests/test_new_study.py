"""`research new`: from untouched exports to a study file that builds after a few edits."""

import csv
import datetime
import json
import random
import re
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import yaml

from research.errors import InputError, ResponseError
from research.pipeline.build import build_study, import_study
from research.pipeline.new_study import new_study
from research.pipeline.yaml_draft import quoted
from research.responses.ingest.sketch.activities import pattern_of
from research.responses.ingest.sketch.columns import role_of
from research.study.instrument import FILL_IN, read_instrument
from research.study.study_file import Study, read_study
from research.study.workspace import Workspace

INSTRUMENT = read_instrument("managerial_activities")
WORDINGS = [activity.wording.nl for activity in INSTRUMENT.activities]
LABELS = INSTRUMENT.scale.labels.nl
ORGANISATIONS = ["Noord", "Zuid", "Café West"]
AGREEMENT = ["Helemaal mee oneens", "Mee oneens", "Neutraal", "Mee eens", "Helemaal mee eens"]
TITLE = {"{nl: FILL_IN, en: FILL_IN}": "{nl: Waarde, en: Value}"}


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace(tmp_path / "project")


@pytest.fixture
def exports(tmp_path) -> Path:
    """A folder as a download folder is: exports, and something that is none."""
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "notes.docx").write_bytes(b"no export")
    return folder


def answers_of(n: int, *, seed: int = 1) -> list[list[int]]:
    chance = random.Random(seed)
    return [[chance.randint(1, 5) for _ in WORDINGS] for _ in range(n)]


def qualtrics(path: Path, answers: list[list], *, organisation: str = "Q1") -> None:
    """Three header rows, as Qualtrics writes them; every seventh person did not finish."""
    own = ["StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)",
           "Finished", "RecordedDate", "ResponseId", "RecipientEmail"]  # fmt: skip
    names = [*own, organisation, *(f"Q2_{n}" for n in range(1, 31)), "Q9"]
    texts = [*own, "Van welke organisatie bent u klant?"]
    texts += [f"{INSTRUMENT.stem.nl} - {wording}" for wording in WORDINGS]
    rows = [names, [*texts, "Wilt u nog iets kwijt?"]]
    rows.append([json.dumps({"ImportId": name}) for name in names])
    for number, given in enumerate(answers):
        done = number % 7 != 6
        rows.append(
            ["2026-03-04 10:00:00", "2026-03-04 10:05:00", "IP Address", "192.0.2.7",
             "100" if done else "40", "300", str(done), "2026-03-04 10:05:01", f"R_{number:03d}",
             "someone@example.org", ORGANISATIONS[number % 3], *given, f"opmerking {number}"]
        )  # fmt: skip
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(rows)


def workbook(path: Path, rows: list[list], *, sheet: str = "Blad1", **others: list[list]) -> None:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for title, content in {sheet: rows, **others}.items():
        page = book[title] if title in book.sheetnames else book.create_sheet(title)
        for row in content:
            page.append(row)
    book.save(path)


def managers(path: Path, answers: list[list], **options) -> None:
    header = ["Nr", "Organisatie", *WORDINGS]
    rows = [[f"M{n}", ORGANISATIONS[n % 3], *given] for n, given in enumerate(answers)]
    workbook(path, [header, *rows], **options)


def plain_csv(path: Path, header: list[str], rows: list[list], delimiter: str = ";") -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, delimiter=delimiter).writerows([header, *rows])


def edit(workspace: Workspace, name: str, edits: dict[str, str], file: str = "study.yaml") -> None:
    """Replace texts of a file of the study, each of which stands in one line."""
    path = workspace.raw / name / file
    text = path.read_text(encoding="utf-8")
    for old, new in edits.items():
        assert sum(old in line for line in text.splitlines()) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def study_of(workspace: Workspace, name: str) -> dict:
    return yaml.safe_load((workspace.raw / name / "study.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("choice_text", [False, True], ids=["numbers", "choice text"])
def test_untouched_qualtrics_and_excel_build_after_one_edit(workspace, exports, choice_text):
    given, of_managers = answers_of(35), answers_of(20, seed=2)
    shown = [[LABELS[a - 1] for a in row] for row in given] if choice_text else given
    qualtrics(exports / "Waardering+door+klanten_March+4,+2026_06.21.csv", shown)
    managers(exports / "Leidinggevenden (antwoorden).xlsx", of_managers)

    lines = new_study(workspace, "mine", files=[exports])
    assert lines[-1] == "Next: research check mine"
    assert "Left alone, no exports by their names: notes.docx." in lines
    edit(workspace, "mine", TITLE)
    if choice_text:  # a whole build takes seconds: once is enough
        responses = import_study(workspace, "mine").result.responses
    else:
        responses = build_study(workspace, "mine").responses

    assert responses["role"].value_counts().to_dict() == {"customer": 30, "manager": 20}
    assert set(responses["organisation_id"]) == set(ORGANISATIONS)
    of_people = responses.set_index("respondent_id")[INSTRUMENT.activity_ids]
    assert of_people.loc["R_003"].tolist() == given[3]
    assert of_people.loc["M7"].tolist() == of_managers[7]


def test_a_questionnaire_numbered_in_order_becomes_a_pattern(workspace, exports):
    qualtrics(exports / "klanten.csv", answers_of(8))
    new_study(workspace, "mine", files=[exports / "klanten.csv"])
    (export,) = study_of(workspace, "mine")["exports"]
    assert export["columns"]["activities"] == "Q2_{number}"
    assert export["columns"]["respondent"] == "ResponseId"
    assert export["columns"]["organisation"] == "Q1"
    assert export["layout"] == "qualtrics"


def test_exports_are_copied_byte_by_byte(workspace, exports):
    qualtrics(exports / "klanten.csv", answers_of(8))
    new_study(workspace, "mine", files=[exports])
    copied = workspace.raw / "mine" / "klanten.csv"
    assert copied.read_bytes() == (exports / "klanten.csv").read_bytes()


def test_limesurvey_codes_and_forms_words_build_after_one_edit(workspace, exports):
    given, of_managers = answers_of(14), answers_of(12, seed=2)
    header = ["id", "submitdate", "lastpage", "startlanguage", "organisatie"]
    header += [f"G1Q1[SQ{n:03d}]" for n in range(1, 31)]
    rows = [
        [n + 1, "2026-03-04 10:00:00", 3, "nl", ORGANISATIONS[n % 3], *(f"A{a}" for a in row)]
        for n, row in enumerate(given)
    ]
    plain_csv(exports / "results-survey123456_klanten.csv", header, rows, delimiter=",")
    start = datetime.datetime(2026, 3, 4, 10, 0)
    header = ["ID", "Begintijd", "Tijd van voltooien", "E-mail", "Naam",
              "Voor welke organisatie werkt u?", *WORDINGS]  # fmt: skip
    rows = [
        [n + 1, start, start, "anonymous", "", ORGANISATIONS[n % 3], *(LABELS[a - 1] for a in row)]
        for n, row in enumerate(of_managers)
    ]
    workbook(exports / "Leidinggevenden(1-12).xlsx", [header, *rows], sheet="Sheet1")

    lines = new_study(workspace, "mine", files=[exports])
    assert any("by their order only" in line for line in lines)
    edit(workspace, "mine", TITLE)
    responses = import_study(workspace, "mine").result.responses
    assert responses["role"].value_counts().to_dict() == {"customer": 14, "manager": 12}
    # Both tools number their people 1, 2, 3 ...: the ids are made, so nobody is in both roles.
    assert responses["respondent_id"].is_unique
    answers = responses[INSTRUMENT.activity_ids].astype(int).to_numpy().tolist()
    assert sorted(answers) == sorted(given + of_managers)


def test_both_roles_in_one_file_come_from_the_column(workspace, exports):
    rows = [
        [f"p{n}", "Noord" if n % 2 else "Zuid", "Teamleider" if n < 5 else "Klant", *given]
        for n, given in enumerate(answers_of(20))
    ]
    header = ["deelnemer", "bedrijf", "functie", *(f"a{n:02d}" for n in range(1, 31))]
    plain_csv(exports / "alles.csv", header, rows)
    new_study(workspace, "mine", files=[exports / "alles.csv"])
    columns = study_of(workspace, "mine")["exports"][0]["columns"]
    assert columns == {"respondent": "deelnemer", "organisation": "bedrijf", "role": "functie"}
    edit(workspace, "mine", TITLE)
    responses = import_study(workspace, "mine").result.responses
    assert responses["role"].value_counts().to_dict() == {"customer": 15, "manager": 5}


def test_role_words_that_are_not_plain_are_asked_for(workspace, exports):
    rows = [
        [n, "Noord", "docent" if n < 5 else "leerling", *given]
        for n, given in enumerate(answers_of(20))
    ]
    plain_csv(exports / "x.csv", ["nr", "school", "rol", *INSTRUMENT.activity_ids], rows)
    lines = new_study(workspace, "mine", files=[exports / "x.csv"])
    asked = [line for line in lines if "which words mean" in line]
    assert len(asked) == 2 and "'docent' (5)" in asked[0] and "'leerling' (15)" in asked[0]
    with pytest.raises(InputError, match=r"roles\.words"):
        import_study(workspace, "mine")


def test_a_role_column_is_known_by_its_words_whatever_its_name(workspace, exports):
    rows = [
        [f"p{n}", "ja", "Leidinggevende" if n < 5 else "Klant", *given]
        for n, given in enumerate(answers_of(20))
    ]
    header = ["respondent", "toestemming", "Wat bent u?", *INSTRUMENT.activity_ids]
    plain_csv(exports / "x.csv", header, rows)
    new_study(workspace, "mine", files=[exports / "x.csv"])
    assert study_of(workspace, "mine")["exports"][0]["columns"]["role"] == "Wat bent u?"


def test_ids_that_repeat_are_not_taken_for_ids(workspace, exports):
    rows = [[n // 2, "Noord", *given] for n, given in enumerate(answers_of(10))]
    plain_csv(exports / "klanten.csv", ["nr", "organisatie", *INSTRUMENT.activity_ids], rows)
    lines = new_study(workspace, "mine", files=[exports / "klanten.csv"])
    assert any("the values of 'nr' repeat" in line for line in lines)
    assert "respondent" not in study_of(workspace, "mine")["exports"][0]["columns"]


def test_equal_ids_that_are_no_serial_numbers_stay_and_the_build_names_the_people(
    workspace, exports
):
    header = ["respondent", "organisatie", *INSTRUMENT.activity_ids]
    for seed, name in enumerate(("klanten.csv", "managers.csv"), start=1):
        rows = [[f"p{n}", "Noord", *given] for n, given in enumerate(answers_of(6, seed=seed))]
        plain_csv(exports / name, header, rows)
    new_study(workspace, "mine", files=[exports])
    edit(workspace, "mine", TITLE)
    with pytest.raises(ResponseError, match="both roles"):
        import_study(workspace, "mine")


def test_one_file_of_nobody_known_asks_whose_it_is(workspace, exports):
    managers(exports / "export.xlsx", answers_of(12))
    lines = new_study(workspace, "mine", files=[exports / "export.xlsx"])
    (asked,) = [line for line in lines if "whose answers" in line]
    line = int(re.search(r"line (\d+)", asked)[1])
    text = (workspace.raw / "mine" / "study.yaml").read_text(encoding="utf-8").splitlines()
    assert text[line - 1] == "    role: FILL_IN"
    edit(workspace, "mine", {**TITLE, "role: FILL_IN": "role: manager"})
    assert len(import_study(workspace, "mine").result.responses) == 12


def test_without_an_organisation_column_it_is_said_and_asked_for_where_others_have_one(
    workspace, exports
):
    managers(exports / "managers.xlsx", answers_of(6))
    rows = [[f"k{n}", *given] for n, given in enumerate(answers_of(6, seed=2))]
    plain_csv(exports / "klanten.csv", ["respondent", *INSTRUMENT.activity_ids], rows)
    alone = new_study(workspace, "alone", files=[exports / "klanten.csv"])
    assert any("one organisation" in line for line in alone)
    both = new_study(workspace, "both", files=[exports])
    assert any("the organisation of the people in klanten.csv" in line for line in both)
    edit(workspace, "both", {**TITLE, "organisation: FILL_IN": "organisation: Noord"})
    responses = import_study(workspace, "both").result.responses
    assert set(responses.loc[responses["role"] == "customer", "organisation_id"]) == {"Noord"}


def test_unknown_words_and_codes_are_shown_with_counts_and_decide_nothing(workspace, exports):
    answers = [[LABELS[a - 1] for a in row] for row in answers_of(10)]
    answers[0][4] = answers[1][4] = "best wel waardevol"
    answers[2][3] = "zeer waardevoll"
    answers[3][0] = 99
    answers[4][0] = "Mijn leidinggevende, J. de Vries, doet dit nooit en dat vind ik heel jammer."
    managers(exports / "managers.xlsx", answers)
    new_study(workspace, "mine", files=[exports / "managers.xlsx"])
    text = (workspace.raw / "mine" / "study.yaml").read_text(encoding="utf-8")
    assert "  best wel waardevol: FILL_IN # 2 times" in text
    assert "  zeer waardevoll: FILL_IN # once; looks like 5, zeer waardevol" in text
    assert "# missing_codes: [99]" in text
    assert "missing_codes" not in study_of(workspace, "mine")
    assert "Vries" not in text


def test_a_number_off_the_scale_that_is_no_code_is_not_suggested_as_one(workspace, exports):
    answers = answers_of(10)
    answers[3][0] = 11
    managers(exports / "managers.xlsx", answers)
    lines = new_study(workspace, "mine", files=[exports / "managers.xlsx"])
    text = (workspace.raw / "mine" / "study.yaml").read_text(encoding="utf-8")
    assert "11 (once)" in text and "missing_codes" not in text
    assert any("answers off the scale: 11 (once)" in line for line in lines)


def test_waves_are_listed_and_the_one_to_report_is_asked_for(workspace, exports):
    rows = [
        [f"k{n % 6}", "Noord", "voormeting" if n < 6 else "nameting", *given]
        for n, given in enumerate(answers_of(12))
    ]
    header = ["respondent", "organisatie", "meting", *INSTRUMENT.activity_ids]
    plain_csv(exports / "klanten.csv", header, rows)
    new_study(workspace, "mine", files=[exports / "klanten.csv"])
    edit(workspace, "mine", {**TITLE, "wave: FILL_IN": "wave: voormeting"})
    assert {wave["id"] for wave in study_of(workspace, "mine")["waves"]} == {
        "voormeting",
        "nameting",
    }
    responses = import_study(workspace, "mine").result.responses
    assert responses["wave"].value_counts().to_dict() == {"voormeting": 6, "nameting": 6}


def test_nearly_equal_organisations_are_named_over_the_exports(workspace, exports):
    managers(exports / "managers.xlsx", answers_of(6))
    rows = [[n, "Cafe West", *given] for n, given in enumerate(answers_of(6))]
    plain_csv(exports / "klanten.csv", ["nr", "organisatie", *INSTRUMENT.activity_ids], rows)
    new_study(workspace, "mine", files=[exports])
    text = (workspace.raw / "mine" / "study.yaml").read_text(encoding="utf-8")
    assert "'Cafe West', 'Café West'" in text
    assert "Noord" not in text  # names of organisations only where something is wrong with them


def test_of_several_sheets_the_one_with_the_activities_is_taken(workspace, exports):
    managers(exports / "managers.xlsx", answers_of(6), Codeboek=[["vraag", "tekst"], ["a", "b"]])
    new_study(workspace, "mine", files=[exports / "managers.xlsx"])
    assert study_of(workspace, "mine")["exports"][0]["sheet"] == "Blad1"


def test_each_sheet_with_the_activities_is_an_export_of_its_own(workspace, exports):
    header = ["Organisatie", *WORDINGS]
    sheets = {
        "Leidinggevenden": [header, *(["Noord", *given] for given in answers_of(6))],
        "Klanten": [header, *(["Noord", *given] for given in answers_of(9, seed=2))],
        "Toelichting": [["dit", "dat"], ["a", "b"]],
    }
    rows = sheets.pop("Leidinggevenden")
    workbook(exports / "alles.xlsx", rows, sheet="Leidinggevenden", **sheets)
    new_study(workspace, "mine", files=[exports / "alles.xlsx"])
    edit(workspace, "mine", TITLE)
    responses = import_study(workspace, "mine").result.responses
    assert responses["role"].value_counts().to_dict() == {"customer": 9, "manager": 6}


def test_an_instrument_that_lies_in_the_folder_is_not_written_over(workspace):
    folder = workspace.raw / "mine"
    folder.mkdir(parents=True)
    other_questionnaire(folder / "klanten.csv")
    (folder / "instrument.yaml").write_text("id: mine\n", encoding="utf-8")
    before = snapshot(folder)
    with pytest.raises(InputError, match="instrument.yaml has the name of a file"):
        new_study(workspace, "mine", files=[folder])
    assert snapshot(folder) == before


def test_activities_that_were_not_found_are_asked_for_with_the_nearest_header(workspace, exports):
    managers(exports / "managers.xlsx", answers_of(6))
    book = openpyxl.load_workbook(exports / "managers.xlsx")
    book.active["D1"] = WORDINGS[1].replace("klacht", "probleem")
    book.save(exports / "managers.xlsx")
    lines = new_study(workspace, "mine", files=[exports / "managers.xlsx"])
    assert any("the column of a02 ('settle')" in line for line in lines)
    text = (workspace.raw / "mine" / "study.yaml").read_text(encoding="utf-8")
    assert f"        a02: {FILL_IN}" in text
    above = " ".join(text.split("a02: FILL_IN")[0].replace("#", "").split())
    assert above.endswith("Nearest: 'De manager handelt een vraag of probleem zelf af.'")


def other_questionnaire(path: Path, n_items: int = 8) -> list[str]:
    """A Qualtrics export of items that are not ours, on a scale of five, and a gender."""
    chance = random.Random(4)
    items = [f"Mijn werk geeft mij ding {n}" for n in range(1, n_items + 1)]
    names = ["ResponseId", "Finished", "Progress", "Status", "organisatie", "geslacht"]
    names += [f"Q7_{n}" for n in range(1, n_items + 1)]
    texts = [*names[:6], *(f"In hoeverre bent u het eens met? - {item}" for item in items)]
    rows = [names, texts, [json.dumps({"ImportId": name}) for name in names]]
    for n in range(30):
        given = [AGREEMENT[chance.randrange(5)] for _ in items]
        rows.append([f"R_{n}", "True", "100", "IP Address", f"Org {n % 3}", "man", *given])
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return items


def test_another_questionnaire_gets_an_instrument_of_its_own(workspace, exports):
    items = other_questionnaire(exports / "klanten.csv")
    lines = new_study(workspace, "mine", files=[exports / "klanten.csv"])
    assert any("instrument.yaml" in line and "8 columns" in line for line in lines)
    edit(workspace, "mine", TITLE)
    study, instrument = read_study(workspace.raw / "mine" / "study.yaml")
    assert [activity.wording.nl for activity in instrument.activities] == items
    assert instrument.stem.nl == "In hoeverre bent u het eens met?"
    assert instrument.cluster_ids == ["all_items"] and not instrument.illustrative
    assert instrument.scale.labels.en[0] == "strongly disagree"
    assert study.exports[0].columns.activities == "Q7_{number}"
    responses = import_study(workspace, "mine").result.responses
    assert len(responses) == 30
    with (exports / "klanten.csv").open(encoding="utf-8", newline="") as stream:
        first = list(csv.reader(stream))[3]  # the row of R_0
    given = [AGREEMENT.index(word) + 1 for word in first[6:]]
    by_id = responses.set_index("respondent_id")[instrument.activity_ids]
    assert by_id.loc["R_0"].tolist() == given


def test_columns_on_another_scale_are_no_items(workspace, exports):
    chance = random.Random(7)
    rows = [
        [n, chance.randint(1, 2), chance.randint(1, 9), *(chance.randint(1, 5) for _ in range(6))]
        for n in range(40)
    ]
    header = ["nr", "geslacht2", "domein", *(f"v{n}" for n in range(1, 7))]
    plain_csv(exports / "klanten.csv", header, rows)
    new_study(workspace, "mine", files=[exports / "klanten.csv"])
    text = (workspace.raw / "mine" / "instrument.yaml").read_text(encoding="utf-8")
    assert re.findall(r"- id: (v\d|geslacht2|domein)", text) == [f"v{n}" for n in range(1, 7)]


def test_words_of_unknown_order_are_left_to_the_person(workspace, exports):
    chance = random.Random(5)
    words = ["paars", "oranje", "groen"]
    rows = [[n, *(chance.choice(words) for _ in range(4))] for n in range(20)]
    plain_csv(exports / "klanten.csv", ["nr", "v1", "v2", "v3", "v4"], rows)
    lines = new_study(workspace, "mine", files=[exports / "klanten.csv"])
    assert any("instrument.yaml, line" in line and "labels" in line for line in lines)
    edit(workspace, "mine", TITLE)
    with pytest.raises(InputError, match=r"instrument\.yaml is not filled in yet"):
        read_study(workspace.raw / "mine" / "study.yaml")


def test_a_given_instrument_is_copied_and_used(workspace, exports, tmp_path):
    own = tmp_path / "mijn_vragen.yaml"
    content = INSTRUMENT.model_dump(mode="json", exclude_none=True) | {"id": "own"}
    own.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    managers(exports / "managers.xlsx", answers_of(6))
    new_study(workspace, "mine", files=[exports / "managers.xlsx"], instrument=str(own))
    assert (workspace.raw / "mine" / own.name).read_bytes() == own.read_bytes()
    edit(workspace, "mine", TITLE)
    assert import_study(workspace, "mine").instrument.id == "own"


def test_columns_of_nothing_known_leave_a_study_file_that_says_what_is_missing(workspace, exports):
    plain_csv(exports / "iets.csv", ["a", "b"], [[1, 2], [3, 4]])
    new_study(workspace, "mine", files=[exports / "iets.csv"])
    with pytest.raises(InputError) as caught:
        import_study(workspace, "mine")
    text = (workspace.raw / "mine" / "study.yaml").read_text(encoding="utf-8")
    at = [n for n, line in enumerate(text.splitlines(), 1) if FILL_IN in line.split("#")[0]]
    assert re.findall(r"line (\d+)", str(caught.value)) == [str(n) for n in at]


def test_the_template_names_what_to_fill_in_and_then_is_a_study(workspace):
    lines = new_study(workspace, "mine", files=[])
    assert "Fill in (4), where FILL_IN stands:" in lines
    text = (workspace.raw / "mine" / "study.yaml").read_text(encoding="utf-8")
    filled = yaml.safe_load(text.replace("role: FILL_IN", "role: manager"))
    assert Study.model_validate(filled).exports[0].role == "manager"


@pytest.mark.parametrize("name", ["Mine", "my study", "../mine", "", "-x", "x" * 41])
def test_a_name_that_cannot_be_is_refused(workspace, name):
    with pytest.raises(InputError, match="cannot be the name of a study"):
        new_study(workspace, name, files=[])
    assert not workspace.raw.exists()


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_study_that_is_there_is_never_touched(workspace, exports):
    managers(exports / "managers.xlsx", answers_of(6))
    new_study(workspace, "mine", files=[exports])
    before = snapshot(workspace.root)
    for files in ([], [exports], [workspace.raw / "mine"]):
        with pytest.raises(InputError, match="holds a study already"):
            new_study(workspace, "mine", files=files)
    assert snapshot(workspace.root) == before


def test_everything_that_cannot_be_read_is_said_at_once_and_nothing_is_written(workspace, exports):
    managers(exports / "managers.xlsx", answers_of(6))
    (exports / "empty.csv").write_bytes(b"")
    (exports / "broken.xlsx").write_bytes(b"PK\x03\x04 cut off")
    (exports / "more").mkdir()
    plain_csv(exports / "more" / "Managers.XLSX", ["a"], [[1]])
    files = [exports, exports / "more" / "Managers.XLSX", exports / "gone.csv"]
    with pytest.raises(ResponseError) as caught:
        new_study(workspace, "mine", files=files)
    found = {(problem.file, problem.rule) for problem in caught.value.problems}
    assert {("Managers.XLSX", "same name"), ("gone.csv", "missing file")} < found
    assert {file for file, _ in found} == {
        "Managers.XLSX", "gone.csv", "empty.csv", "broken.xlsx",
    }  # fmt: skip
    assert str(exports) not in str(caught.value)
    assert not workspace.raw.exists()


def test_a_folder_without_exports_is_refused(workspace, exports):
    with pytest.raises(InputError, match="holds no export"):
        new_study(workspace, "mine", files=[exports])


def test_exports_that_lie_in_the_study_folder_stay_where_they_are(workspace):
    folder = workspace.raw / "mine"
    folder.mkdir(parents=True)
    managers(folder / "managers.xlsx", answers_of(6))
    with pytest.raises(InputError, match="--from data/raw/mine"):
        new_study(workspace, "mine", files=[])
    before = snapshot(folder)
    new_study(workspace, "mine", files=[folder])
    after = snapshot(folder)
    assert {path: after[path] for path in before} == before
    assert sorted(p.name for p in folder.iterdir()) == ["managers.xlsx", "study.yaml"]


def test_nothing_about_people_stands_in_the_study_file(workspace, exports):
    qualtrics(exports / "klanten.csv", answers_of(8))
    lines = new_study(workspace, "mine", files=[exports / "klanten.csv"])
    text = (workspace.raw / "mine" / "study.yaml").read_text(encoding="utf-8")
    for private in ("R_003", "someone@", "192.0.2.7", "opmerking", "Noord", str(exports)):
        assert private not in text + "\n".join(lines)


TEXTS = ["yes", "No", "Q2_{number}", "a: b", "x #y", "12", "1e3", "-", "", "~", " lead", "é", "a\nb",
         'say "hi"', "back\\slash", "\x7f", "\u2028", "[x]", "*a", "a, b", "Duration (in seconds)",
         "\x85", "null", "2026-01-01", "='1+1'", "@x", "%y", "😀"]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_a_quoted_text_is_read_back_as_it_was(text):
    assert yaml.safe_load(f"key: {quoted(text)} # why\n") == {"key": text}
    assert yaml.safe_load(f"key: [{quoted(text)}, {{in: {quoted(text)}}}]\n") == {
        "key": [text, {"in": text}]
    }


@pytest.mark.parametrize(
    ("headers", "pattern"),
    [
        (["Q5_1", "Q5_2", "Q5_3"], "Q5_{number}"),
        (["Q1_1", "Q1_2", "Q1_3"], "Q1_{number}"),
        (["a01", "a02", "a03"], "a{number:02d}"),
        (["G[SQ001]", "G[SQ002]"], "G[SQ{number:03d}]"),
        (["{1}", "{2}"], "{{{number}}}"),
        (["Q5_2", "Q5_3"], ""),
        (["Q5_1", "Q5_3"], ""),
        (["x", "y"], ""),
    ],
)
def test_a_pattern_is_written_only_for_numbers_in_order(headers, pattern):
    assert pattern_of(headers) == pattern


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Onderzoek+klanten_March", "customer"),
        ("Cliënten 2026", "customer"),
        ("leidinggevenden(1-12)", "manager"),
        ("klanten over managers", ""),
        ("export", ""),
    ],
)
def test_a_role_shows_in_a_name_only_when_one_of_both_does(text, role):
    assert role_of(text) == role


def test_spss_labels_become_the_scale(workspace, exports):
    pyreadstat = pytest.importorskip("pyreadstat")
    labels = {1: "slecht", 2: "matig", 3: "goed"}
    chance = random.Random(6)
    names = [f"v{n}" for n in range(1, 6)]
    questions = [f"Oordeel over ding {n}" for n in range(1, 6)]
    table = pd.DataFrame({name: [chance.randint(1, 3) for _ in range(20)] for name in names})
    pyreadstat.write_sav(
        table, str(exports / "klanten.sav"),
        variable_value_labels={name: labels for name in names},
        column_labels=questions,
    )  # fmt: skip
    new_study(workspace, "mine", files=[exports / "klanten.sav"])
    edit(workspace, "mine", TITLE)
    text = (workspace.raw / "mine" / "instrument.yaml").read_text(encoding="utf-8")
    assert "nl: [slecht, matig, goed]" in text
    assert "Oordeel over ding 5" in text
