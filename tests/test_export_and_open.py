"""`research export` and `research open`: from the reports that stand, in the language asked for."""

import io

import pandas as pd
import pytest
import yaml
from docx import Document
from openpyxl import load_workbook

from research import cli_steps
from research.errors import InputError, PrivacyError
from research.pipeline.chosen import page_to_open
from research.pipeline.export import export_study
from research.presentation.display import results_csv
from research.stats.estimates import result_table
from research.study.workspace import Workspace
from tests.reporting import sample
from tests.studies_made import study_file

ROLES = {"customer": (4.25, 0.1, 120), "manager": (3.75, 0.2, 110)}


def mean(role, **changes):
    estimate, half, n = ROLES[role]
    row = {
        "analysis": "gap", "cluster_id": "power", "role": role, "estimate_type": "mean",
        "estimate": estimate, "ci_low": estimate - half, "ci_high": estimate + half, "n_a": n,
    }  # fmt: skip
    return row | changes


def difference():
    return {
        "analysis": "gap", "cluster_id": "power", "estimate_type": "mean_difference",
        "contrast": "customer - manager", "estimate": 0.5, "ci_low": 0.25, "ci_high": 0.75,
        "n_a": 120, "n_b": 110, "verdict": "relevant",
    }  # fmt: skip


@pytest.fixture
def workspace(tmp_path):
    """A project whose study report stands in both languages; nothing else was kept of it."""
    made = Workspace(tmp_path)
    path = made.raw / "made" / "study.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(study_file().model_dump(mode="json")), encoding="utf-8")
    report(made, [mean("customer"), mean("manager"), difference()])
    return made


def report(workspace, rows):
    folder = workspace.reports("made") / "study"
    folder.mkdir(parents=True, exist_ok=True)
    for language in ("nl", "en"):
        (folder / f"study.{language}.html").write_text(sample.page(language), encoding="utf-8")
        text = results_csv(result_table(rows))
        (folder / f"study.{language}.results.csv").write_text(text, encoding="utf-8", newline="")


def table(book, name):
    head, *rows = list(book[name].iter_rows(min_row=3, values_only=True))
    return pd.DataFrame(rows, columns=head).dropna(how="all")


def test_both_languages_are_written_as_word_and_excel(workspace):
    names = [path.name for path in export_study(workspace, "made")]
    assert names == ["study.en.docx", "study.en.xlsx", "study.nl.docx", "study.nl.xlsx"]
    only = export_study(workspace, "made", language="nl")
    assert [path.name for path in only] == ["study.nl.docx", "study.nl.xlsx"]
    document = Document(io.BytesIO(only[0].read_bytes()))
    assert (
        document.paragraphs[0].text
        == "Customers value explaining and thanking more than managers think"
    )


def test_interval_and_number_of_people_stand_beside_every_mean_and_difference(workspace):
    path = export_study(workspace, "made", language="en")[1]
    row = table(load_workbook(path), "estimates-clusters").iloc[0]
    assert row["Cluster"] == "Use of power"
    assert [row[f"{word} customers"] for word in ("mean", "n")] == [4.25, 120]
    assert row["interval managers: lower limit"] == 3.55
    assert row["n managers"] == 110
    assert (row["difference"], row["interval difference: upper limit"]) == (0.5, 0.75)
    assert row["verdict"] == "a clear difference"


def test_what_may_not_be_shown_is_not_exported_and_the_earlier_export_stays(workspace):
    before = {path: path.read_bytes() for path in export_study(workspace, "made")}
    report(workspace, [mean("customer"), mean("manager", n_a=7), difference()])
    with pytest.raises(PrivacyError, match="Nothing was published"):
        export_study(workspace, "made")
    assert {path: path.read_bytes() for path in before} == before


def test_without_a_report_both_say_what_to_run(workspace):
    for path in workspace.reports("made").rglob("*"):
        if path.is_file():
            path.unlink()
    with pytest.raises(InputError, match="Run `research report made` first"):
        export_study(workspace, "made")
    with pytest.raises(InputError, match="Run `research run made` first"):
        page_to_open(workspace, "made")


def test_a_language_the_study_has_not_is_refused(workspace):
    for asked in (export_study, page_to_open):
        with pytest.raises(InputError, match="--language must be one of"):
            asked(workspace, "made", language="de")


def test_the_index_is_opened_and_the_study_report_where_there_is_none(workspace):
    assert page_to_open(workspace, "made", language="en").name == "study.en.html"
    index = workspace.reports("made") / "organisations" / "index.nl.html"
    index.parent.mkdir()
    index.write_text("index")
    assert page_to_open(workspace, "made") == index


@pytest.mark.parametrize("opens", [True, False])
def test_where_no_browser_opens_the_path_is_there_to_be_opened(
    workspace, monkeypatch, capsys, opens
):
    asked = []
    monkeypatch.setattr(cli_steps.webbrowser, "open", lambda url: asked.append(url) or opens)
    cli_steps.open_page(workspace, "made", language="nl")
    page = workspace.reports("made") / "study" / "study.nl.html"
    assert asked == [page.as_uri()]
    said = capsys.readouterr().out
    assert said.endswith("reports/made/study/study.nl.html\n")
    assert ("No browser could be opened" in said) is not opens
