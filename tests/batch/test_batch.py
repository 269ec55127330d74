"""Several reports: one that fails is a line in the record, and leaves the others alone."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.reporting import sample
from tests.reporting.notebook_maker import KERNEL_KILLED, make_notebook

from research.batch.manifest import MANIFEST_COLUMNS, write_manifest
from research.batch.run import run_batch
from research.batch.task import ReportTask, run_report
from research.errors import BatchError, ReportError
from research.reporting.run import RunOutcome

BREAKS = f"if organisation_id == 'broken':\n    {KERNEL_KILLED.replace(chr(10), chr(10) + '    ')}"


def tasks(root: Path, *organisation_ids: str) -> list[ReportTask]:
    notebook = make_notebook(root, BREAKS)
    return [
        ReportTask(
            notebook=notebook,
            parameters={"study": "s1", "organisation_id": one, "language": "en"},
            output=root / "reports" / "s1" / f"{one}.en.html",
            context=sample.context(kind="organisation"),
            root=root,
            organisation_id=one,
            timeout=60,
        )
        for one in organisation_ids
    ]


@pytest.mark.slow
def test_one_broken_organisation_does_not_stop_the_others(tmp_path):
    told = []
    wanted = tasks(tmp_path, "noord", "broken", "zuid")
    outcomes = run_batch(wanted, jobs=2, on_progress=told.append)
    assert [outcome.status for outcome in outcomes] == ["published", "failed", "published"]
    assert "kernel died" in outcomes[1].message
    assert sorted(o.organisation_id for o in told) == ["broken", "noord", "zuid"]
    assert not wanted[1].output.exists()


@pytest.mark.slow
def test_the_number_of_jobs_changes_no_byte(tmp_path):
    wanted = tasks(tmp_path, "noord", "zuid")
    two = [outcome.page_hash for outcome in run_batch(wanted, jobs=2)]
    assert [outcome.page_hash for outcome in run_batch(wanted, jobs=1)] == two
    assert two[0] != two[1]


@pytest.mark.slow
def test_no_page_holds_anything_of_another_organisation(tmp_path):
    wanted = tasks(tmp_path, "marker-noord", "marker-zuid")
    run_batch(wanted, jobs=2)
    assert "marker-noord" in wanted[0].output.read_text(encoding="utf-8")
    assert "marker-zuid" not in wanted[0].output.read_text(encoding="utf-8")


def test_a_worker_that_dies_is_recorded_and_the_rest_is_made(tmp_path, monkeypatch):
    from research.batch import run as module

    wanted = tasks(tmp_path, "a", "b", "c")
    monkeypatch.setattr(module, "run_report", die_on_b)
    outcomes = run_batch(wanted, jobs=2)
    assert [outcome.status for outcome in outcomes] == ["published", "failed", "published"]
    assert "process that made this page died" in outcomes[1].message


def die_on_b(task: ReportTask):
    import os

    from research.batch.task import Outcome

    if task.organisation_id == "b":
        os._exit(9)
    return Outcome(
        organisation_id=task.organisation_id,
        language="en",
        notebook="",
        status="published",
        page="",
        seconds=0.0,
    )


def test_wrong_parameters_are_an_outcome_with_their_exit_code(tmp_path):
    (task,) = tasks(tmp_path, "noord")
    outcome = run_report(replace(task, parameters={"study": "s1"}))
    assert (outcome.status, outcome.exit_code) == ("failed", 2)
    assert "Missing parameter 'organisation_id'" in outcome.message


def test_an_unforeseen_error_is_recorded_without_what_it_says(tmp_path, monkeypatch):
    def broken(*_args, **_options):
        raise ZeroDivisionError("answer of r31")

    monkeypatch.setattr("research.batch.task.run_notebook", broken)
    outcome = run_report(tasks(tmp_path, "noord")[0])
    assert outcome.message == "90_page.ipynb: unforeseen error ZeroDivisionError."


@pytest.fixture
def printing(tmp_path, monkeypatch):
    """A task that is printed too; no kernel runs, and the page is one word."""

    def ran(_notebook, *, output, **_options):
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text("page")
        output.with_suffix(".results.csv").write_text("estimate")
        return RunOutcome(
            page=output, results=output, n_results=1, results_hash="", page_hash="", seconds=1.0
        )

    monkeypatch.setattr("research.batch.task.run_notebook", ran)
    (task,) = tasks(tmp_path, "noord")
    return replace(task, browser="a browser")


def test_a_page_is_printed_beside_itself_where_it_is_asked_for(printing, monkeypatch):
    def printed(page, *, browser):
        target = page.with_suffix(".pdf")
        target.write_text(browser)
        return target

    monkeypatch.setattr("research.batch.task.print_page", printed)
    assert run_report(printing).pdf == "noord.en.pdf"
    assert printing.output.with_suffix(".pdf").read_text() == "a browser"
    # A page made anew without a PDF: the PDF of the earlier one must not stay beside it.
    assert run_report(replace(printing, browser="")).pdf == ""
    assert not printing.output.with_suffix(".pdf").exists()


def test_a_page_that_could_not_be_printed_leaves_nothing_behind(printing, monkeypatch):
    def broken(_page, *, browser):
        raise ReportError("no PDF")

    monkeypatch.setattr("research.batch.task.print_page", broken)
    outcome = run_report(printing)
    assert (outcome.status, outcome.page, outcome.pdf) == ("failed", "", "")
    assert not list(printing.output.parent.iterdir())


def test_two_reports_in_one_file_are_refused_before_anything_runs(tmp_path):
    first, second = tasks(tmp_path, "noord", "zuid")
    with pytest.raises(BatchError, match=r"Two reports would be written to noord\.en\.html"):
        run_batch([first, replace(second, output=first.output)], jobs=2)


def test_jobs_must_be_at_least_one():
    with pytest.raises(ValueError, match="at least 1, not 0"):
        run_batch([], jobs=0)


@pytest.fixture
def outcomes():
    from research.batch.task import Outcome

    made = {"notebook": "90.ipynb", "seconds": 1.2345}
    return [
        Outcome(
            organisation_id="zuid",
            language="nl",
            status="published",
            page="zuid.nl.html",
            **made,
        ),
        Outcome(
            organisation_id="=noord",
            language="nl",
            status="failed",
            page="",
            message="It stopped.",
            **made,
        ),
    ]


def test_the_manifest_has_a_line_a_page(tmp_path, outcomes):
    as_csv, as_json = write_manifest(outcomes, tmp_path)
    with as_csv.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == MANIFEST_COLUMNS
    assert [row["organisation_id"] for row in rows] == ["zuid", "'=noord"]
    assert [row["status"] for row in json.loads(as_json.read_text("utf-8"))] == [
        "published",
        "failed",
    ]
