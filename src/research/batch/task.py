"""One report as a task: everything it needs, in a form that travels to another process."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from research.errors import ResearchError
from research.reporting.html_export import PageContext
from research.reporting.pdf import print_page
from research.reporting.run import run_notebook

PUBLISHED, FAILED = "published", "failed"


@dataclass(frozen=True, kw_only=True)
class ReportTask:
    """One page to make. ``organisation_id`` is empty for a page on the whole study.

    ``browser`` is the one that prints the page to PDF too; without one there is no PDF.
    """

    notebook: Path
    parameters: Mapping[str, object]
    output: Path
    context: PageContext
    root: Path
    organisation_id: str = ""
    timeout: float = 600
    browser: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a task. ``message`` says in words why there is no page."""

    organisation_id: str
    language: str
    notebook: str
    status: str
    page: str
    seconds: float
    n_results: int = 0
    page_hash: str = ""
    results_hash: str = ""
    message: str = ""
    exit_code: int = 0
    pdf: str = ""


def run_report(task: ReportTask) -> Outcome:
    """Outcome of one task: a failure is recorded, not raised."""
    begun = time.monotonic()
    try:
        made = run_notebook(
            task.notebook,
            parameters=task.parameters,
            output=task.output,
            context=task.context,
            timeout=task.timeout,
            root=task.root,
        )
        pdf = _printed(task)
    except ResearchError as error:
        return failed(task, str(error), seconds=time.monotonic() - begun, exit_code=error.exit_code)
    except Exception as error:  # the other organisations still get their pages
        # Only its kind: what an unforeseen error says may hold answers.
        message = f"{task.notebook.name}: unforeseen error {type(error).__name__}."
        return failed(task, message, seconds=time.monotonic() - begun)
    return Outcome(
        organisation_id=task.organisation_id,
        language=task.context.language,
        notebook=task.notebook.name,
        status=PUBLISHED,
        page=task.output.name,
        seconds=made.seconds,
        n_results=made.n_results,
        page_hash=made.page_hash,
        results_hash=made.results_hash,
        pdf=pdf,
    )


def _printed(task: ReportTask) -> str:
    """Name of the page's PDF, "" where none is asked for; a page that has none is not published."""
    task.output.with_suffix(".pdf").unlink(missing_ok=True)  # of an earlier page under this name
    if not task.browser:
        return ""
    try:
        return print_page(task.output, browser=task.browser).name
    except ResearchError:
        task.output.unlink(missing_ok=True)
        task.output.with_suffix(".results.csv").unlink(missing_ok=True)
        raise


def failed(task: ReportTask, message: str, *, seconds: float = 0.0, exit_code: int = 1) -> Outcome:
    """Outcome of a task without a page."""
    return Outcome(
        organisation_id=task.organisation_id,
        language=task.context.language,
        notebook=task.notebook.name,
        status=FAILED,
        page="",
        seconds=seconds,
        message=message,
        exit_code=exit_code,
    )
