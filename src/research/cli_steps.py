"""The steps the commands share, told on the terminal while they run."""

import webbrowser
from pathlib import Path

from rich.console import Console

from research.cli_progress import PageProgress
from research.errors import BatchError
from research.study.workspace import Workspace

errors = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
out = Console(highlight=False, soft_wrap=True, markup=False)


def run_everything(
    workspace: Workspace, study: str, *, language: str | None, jobs: int, pdf: bool = False
) -> None:
    """Build, study report and organisation reports; the last lines say where they lie."""
    if pdf:
        _browser(pdf)  # none: said before minutes of work, not after
    build_tables(workspace, study)
    page = report_pages(workspace, study, language=language, jobs=jobs, pdf=pdf)
    index, error = batch_pages(workspace, study, language=language, jobs=jobs, pdf=pdf)
    out.print(f"Organisation reports: {index}")
    out.print(f"Study report: {page}")
    if error is not None:
        raise error


def build_tables(workspace: Workspace, study: str) -> None:
    """Processed tables of a study, and what import did, in lines."""
    from research.pipeline.build import build_study
    from research.pipeline.check import receipt_lines

    with errors.status("Reading the exports ..."):
        made = build_study(workspace, study)
    for line in receipt_lines(made.receipt, made.failures):
        out.print(line)


def report_pages(
    workspace: Workspace, study: str, *, language: str | None, jobs: int, pdf: bool
) -> str:
    """Where the study report lies, after making it."""
    from research.pipeline import release as releases
    from research.pipeline.chosen import chosen_languages
    from research.responses import store

    browser = _browser(pdf)
    made = store.read_build(workspace, study)
    languages = chosen_languages(made.study.languages, language)
    with PageProgress("Study report", errors) as told:
        release = releases.make_report(
            workspace, made, languages=languages, jobs=jobs, browser=browser, on_progress=told
        )
    return shown(release.first_page, workspace)


def batch_pages(
    workspace: Workspace,
    study: str,
    *,
    language: str | None,
    jobs: int,
    only: str | None = None,
    pdf: bool,
) -> tuple[str, BatchError | None]:
    """Where the index of the organisations' pages lies, and which of them could not be made."""
    from research.pipeline import release as releases
    from research.pipeline.chosen import chosen_languages
    from research.responses import store

    browser = _browser(pdf)
    made = store.read_build(workspace, study)
    release_options = {
        "languages": chosen_languages(made.study.languages, language),
        "jobs": jobs,
        "only": only,
        "browser": browser,
    }
    with PageProgress("Organisation reports", errors) as told:
        release = releases.make_batch(workspace, made, **release_options, on_progress=told)
    error = None
    if release.failed:
        lines = "\n".join(f"- {one.organisation_id}: {one.message}" for one in release.failed)
        error = BatchError(f"{len(release.failed)} pages could not be made:\n{lines}")
    return shown(release.first_page, workspace), error


def open_page(workspace: Workspace, study: str, *, language: str | None) -> None:
    """Open the index of the reports in the browser of this machine, and say where it lies."""
    from research.pipeline.chosen import page_to_open

    page = page_to_open(workspace, study, language=language)
    if not webbrowser.open(page.as_uri()):
        out.print("No browser could be opened here; open this page yourself:")
    out.print(shown(page, workspace))


def shown(path: Path, workspace: Workspace) -> str:
    """Path as a person types it from the project folder."""
    return path.relative_to(workspace.root).as_posix()


def _browser(pdf: bool) -> str:
    """Browser that prints, or "" where no PDF is asked for."""
    if not pdf:
        return ""
    from research.reporting.pdf import find_browser

    return find_browser()
