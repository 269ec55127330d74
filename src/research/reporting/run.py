"""One notebook, run and published only when complete.

papermill's exit tells little: a killed kernel, ``sys.exit(0)`` half-way or a mistyped parameter
all leave a notebook that says "completed". What counts is in ``acceptance``.
"""

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
import papermill
from jupyter_client.kernelspec import NoSuchKernel
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from research.errors import EnvironmentFailure, InputError, ReportError
from research.reporting.acceptance import accept, place, unfinished_cell
from research.reporting.engine import ENGINE, KernelRun
from research.reporting.files import write_files
from research.reporting.html_export import PageContext, render_notebook
from research.reporting.number_checks import (
    check_numbers,
    read_results,
    require_right_numbers,
)
from research.reporting.page_checks import check_page
from research.reporting.parameters import check_parameters
from research.reporting.trust import fill_trust_box
from research.study.workspace import ROOT_VARIABLE, Workspace

FAILED_FOLDER = ".failed"
SHOWN_FINDINGS = 5
# What nbformat raises on files that are JSON but no notebook differs from file to file.
NO_NOTEBOOK = (ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True, kw_only=True)
class RunOutcome:
    """A published page: where it and its results lie, and what it took."""

    page: Path
    results: Path
    n_results: int
    results_hash: str
    page_hash: str
    seconds: float


def run_notebook(
    notebook: Path,
    *,
    parameters: Mapping[str, object],
    output: Path,
    context: PageContext,
    timeout: float = 600,
    root: Path | None = None,
) -> RunOutcome:
    """Run a notebook, check that it is complete, and put its page and results in place.

    The results lie beside the page: ``name.html`` and ``name.results.csv``. ``timeout`` is in
    seconds, for the whole notebook. ``root`` is the project folder (default: RESEARCH_ROOT, or
    the folder that holds the notebook's folder).

    Raises
    ------
    InputError
        Before anything runs: no such notebook, or parameters that do not fit it.
    ReportError
        The run was not complete or the page not sound. No page is written; the notebook as far
        as it came is kept in a private folder.
    EnvironmentFailure
        No kernel, or no room to write.
    """
    begun = time.monotonic()
    source = read_notebook(notebook)
    effective = check_parameters(source, parameters, name=notebook.name)
    if effective.get("language", context.language) != context.language:
        raise InputError(f"{notebook.name}: the page's language is not the notebook's.")
    root = root or _project_root(notebook)
    results = output.with_suffix(".results.csv")
    with tempfile.TemporaryDirectory(prefix="research-") as scratch:
        run = KernelRun(root=root, scratch=Path(scratch), timeout=timeout)
        try:
            _execute(source, parameters, run, notebook.name)
            completion = accept(run.notebook, effective, name=notebook.name)
            page = render_notebook(
                run.notebook,
                name=notebook.name,
                context=context,
                results_csv=completion.results_csv,
                csv_name=results.name,
            )
            page = _checked(page, completion.results_csv, context, notebook.name)
        except ReportError as error:
            study = str(effective.get("study", ""))
            kept = _keep_failed(run.notebook, root, study, output.stem)
            raise ReportError(f"{error} {kept}".strip()) from None
    write_files({results: completion.results_csv, output: page})
    return RunOutcome(
        page=output,
        results=results,
        n_results=completion.n_results,
        results_hash=completion.results_hash,
        page_hash=hashlib.sha256(page.encode("utf-8")).hexdigest(),
        seconds=time.monotonic() - begun,
    )


def read_notebook(path: Path) -> NotebookNode:
    """Notebook as stored; one that is none is an error in words."""
    if not path.is_file():
        raise InputError(f"There is no notebook {path.name} in {path.parent.name}/.")
    try:
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
    except (*NO_NOTEBOOK, nbformat.ValidationError):
        raise InputError(
            f"{path.name} is no valid notebook. Restore it from git or save it anew in JupyterLab."
        ) from None
    return notebook


def _project_root(notebook: Path) -> Path:
    named = os.environ.get(ROOT_VARIABLE)
    return Path(named).resolve() if named else notebook.resolve().parent.parent


def _execute(
    source: NotebookNode, parameters: Mapping[str, object], run: KernelRun, name: str
) -> None:
    """Run the notebook through papermill; it stays on ``run``, also when it failed."""
    try:
        # No output path: papermill reads it as a format string and saves after every cell.
        papermill.execute_notebook(
            source,
            None,
            parameters=dict(parameters),
            engine_name=ENGINE,
            progress_bar=False,
            log_output=False,
            run=run,
        )
    except PapermillExecutionError as error:
        if not _has_error_output(run.notebook):  # acceptance names the cell of those that have
            raise ReportError(f"{name} stopped: {error.ename}.") from None
    except CellTimeoutError:
        raise ReportError(
            f"{name} ran longer than its limit of {run.timeout:g} seconds, and was stopped in "
            f"{_where(run.notebook)}."
        ) from None
    except DeadKernelError:
        raise ReportError(
            f"{name}: its kernel died in {_where(run.notebook)}. Often the memory was full."
        ) from None
    except (NoSuchKernel, RuntimeError, TimeoutError, OSError) as error:
        raise EnvironmentFailure(
            f"{name}: no kernel could be started or reached ({type(error).__name__}). "
            "Run `make report` once to repair the set-up."
        ) from None


def _has_error_output(notebook: NotebookNode) -> bool:
    return any(
        output.output_type == "error"
        for cell in notebook.cells
        for output in cell.get("outputs", [])
    )


def _where(notebook: NotebookNode) -> str:
    """Cell that ran when all stopped: the last one begun, else the first one without a count."""
    begun = [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.metadata.get("papermill", {}).get("start_time")
    ]
    cell = begun[-1] if begun else unfinished_cell(notebook)
    return place(notebook, cell) if cell is not None else "its last cell"


def _checked(page: str, results_csv: str, context: PageContext, name: str) -> str:
    """Page with its trust box filled in, after every check it must pass."""
    if context.known is not None:
        results = read_results(results_csv)
        checks = check_numbers(page, results, language=context.language, known=context.known)
        require_right_numbers(checks, name=name)
        page = fill_trust_box(page, checks, context.made, language=context.language)
    _require_sound(page, context, name)
    return page


def _require_sound(page: str, context: PageContext, name: str) -> None:
    findings = check_page(page, language=context.language, kind=context.kind, names=context.names)
    if findings:
        shown = "; ".join(findings[:SHOWN_FINDINGS])
        more = len(findings) - SHOWN_FINDINGS
        shown += f"; and {more} more" if more > 0 else ""
        raise ReportError(f"{name}: the page is not sound: {shown}.")


def _keep_failed(notebook: NotebookNode | None, root: Path, study: str, name: str) -> str:
    """Keep the failed notebook where nobody publishes it; returns a sentence that says where."""
    if notebook is None:
        return ""
    folder = _failed_folder(root, study)
    kept = folder / f"{name}.failed.ipynb"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        nbformat.write(notebook, kept)
        kept.chmod(0o600)
    except OSError:
        return "The failed notebook could not be kept."
    where = kept.relative_to(root).as_posix()
    return f"The notebook as far as it came is in {where}; it may hold answers, do not share it."


def forget_failed(root: Path, study: str) -> None:
    """Remove the failed notebooks of a study: they may hold answers."""
    shutil.rmtree(_failed_folder(root, study), ignore_errors=True)


def _failed_folder(root: Path, study: str) -> Path:
    """Private folder of a study; a name that would leave ``reports`` gets none of its own."""
    reports = root / "reports"
    own = Workspace(root).reports(study)
    inside = own.resolve().is_relative_to(reports.resolve())
    return (own if inside else reports) / FAILED_FOLDER
