"""Nothing private leaves with the pages, nothing on them runs, and what would is not published.

Larger counts: ``python -m tests.simulations.leaks``.
"""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import yaml

from research.batch.task import Outcome
from research.errors import PrivacyError
from research.pipeline import release
from research.pipeline.pages import PageMaker
from research.pipeline.scanning import known_of, scan_release
from research.reporting.pdf import find_browser, print_page
from research.reporting.run import run_notebook
from research.study.instrument import Instrument
from research.study.study_file import Study
from tests.in_process import notebooks_in_this_process
from tests.leaks.browser import what_ran
from tests.leaks.canaries import files_of, hits
from tests.leaks.measured import INSTRUMENT
from tests.leaks.payloads import PAYLOADS, Rotating, hostile_instrument, hostile_study_file

PRIVATE_COLUMNS = ("ResponseId", "IPAddress", "RecipientEmail", "StartDate", "EndDate")


@pytest.fixture(scope="module")
def private(example) -> set[str]:
    """What the exports of the example hold of a person beside the answers."""
    folder = example.workspace.raw / "example"
    with (folder / "klanten_qualtrics.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))[2:]  # two more header lines
    found = {row[column] for row in rows for column in PRIVATE_COLUMNS}
    sheet = openpyxl.load_workbook(folder / "leidinggevenden.xlsx", read_only=True).active
    found |= {str(cell) for row in sheet.iter_rows(min_row=2, max_col=1, values_only=True)
              for cell in row}  # fmt: skip
    return {word for word in found if len(word) >= 6}


def test_no_private_value_of_the_exports_is_in_any_published_file(example, private):
    assert len(private) > 1_500
    assert not hits(files_of(example.workspace.root / "reports"), private)


def test_the_tables_hold_ids_but_no_address(example, private):
    addresses = {word for word in private if word.startswith("192.0.2.") or "@" in word}
    assert addresses
    assert not hits(files_of(example.workspace.root / "data" / "processed"), addresses)


def test_the_scanner_finds_nothing_in_the_example(example):
    seen = [
        scan_release(folder, example.workspace, "example")
        for folder in (example.study.folder, example.organisations.folder)
    ]
    # The ledger and the audit lie beside the two folders and stay at home.
    reports = example.workspace.reports("example")
    assert sum(scan.files for scan in seen) == len(example.published) - 2
    assert {path.name for path in reports.glob("*.csv")} == {"audit.csv", "ledger.csv"}
    assert min(scan.cells for scan in seen) > 10_000


def test_printed_pages_pass_the_scanner(example, chromium, tmp_path):
    """Fonts and pictures of a PDF are no words: the pages of the example once were refused."""
    for name in ("rijnpoort-advies.nl.html", "study.en.html"):
        page = shutil.copy(example.page(name), tmp_path)
        print_page(Path(page), browser=find_browser())
    found = scan_release(tmp_path, example.workspace, "example", pattern="*.pdf")
    assert (found.files, found.findings) == (2, ())


def test_the_scanner_searches_for_every_respondent(example):
    known = known_of(example.workspace, example.build.study, example.build.instrument)
    assert known.private == set(example.build.responses["respondent_id"])
    assert str(example.workspace.root) in known.places


def test_pages_with_a_finding_are_not_published(example, tmp_path, monkeypatch):
    """The release that stands is left as it was."""
    workspace = replace(example.workspace, root=tmp_path)
    for name in ("raw", "processed"):
        shutil.copytree(example.workspace.root / "data" / name, tmp_path / "data" / name)
    target = workspace.reports("example") / "organisations"
    shutil.copytree(example.organisations.folder, target)
    before = {path.name: path.read_bytes() for path in target.iterdir()}
    someone = example.build.responses["respondent_id"].iloc[0]

    def made(tasks, **_options):
        for task in tasks:
            task.output.write_text(f"<p>{someone}</p>", encoding="utf-8")
        return [
            Outcome(organisation_id=task.organisation_id, language=task.context.language,
                    notebook="", status="published", page=task.output.name, seconds=0.0)
            for task in tasks
        ]  # fmt: skip

    monkeypatch.setattr(release, "run_batch", made)
    with pytest.raises(PrivacyError, match="something private of a respondent"):
        release.make_batch(
            workspace, example.build, languages=["en"], jobs=1, only="Rijnpoort Advies"
        )
    assert {path.name: path.read_bytes() for path in target.iterdir()} == before


@pytest.mark.parametrize("turn", [0, 13])
def test_hostile_words_stand_on_the_page_as_words(example, tmp_path, monkeypatch, chromium, turn):
    """Every text of the study file and the instrument is a payload; the browser may do anything."""
    give = Rotating(turn)
    roles = tuple(example.build.study.role_ids)
    study = example.build.study.model_dump() | hostile_study_file(give, roles=roles)
    study["organisations"] = [{"id": "Rijnpoort Advies", "name": give()}]
    content = yaml.safe_load(INSTRUMENT.read_text(encoding="utf-8"))
    build = replace(
        example.build,
        study=Study.model_validate(study),
        instrument=Instrument.model_validate(hostile_instrument(content, give)),
    )
    monkeypatch.setattr("research.responses.store.open_build", lambda _study: build)
    maker = PageMaker(example.workspace, build, "en")
    task = maker.task(
        "90_organisation_report",
        tmp_path / "page.en.html",
        title=maker.organisation_title("Rijnpoort Advies"),
        kind="organisation",
        organisation_id="Rijnpoort Advies",
    )
    with notebooks_in_this_process():
        run_notebook(task.notebook, parameters=task.parameters, output=task.output,
                     context=task.context, root=task.root)  # fmt: skip
    with what_ran(chromium) as look:
        assert look(task.output) == []
    assert scan_release(tmp_path, example.workspace, "example").files == 2
    assert give.next - turn > len(PAYLOADS)


def test_a_payload_that_runs_would_be_noticed(tmp_path, chromium):
    page = tmp_path / "page.html"
    page.write_text(f"<!doctype html><title>x</title>{PAYLOADS[1]}", encoding="utf-8")
    with what_ran(chromium) as look:
        assert "a script" in look(page)
