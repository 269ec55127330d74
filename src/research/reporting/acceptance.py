"""Whether an executed notebook is complete. Neither papermill's exit nor its metadata tells.

Messages name cells and kinds of error only: what an error says may hold answers.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

from nbformat import NotebookNode

from research.errors import ReportError
from research.presentation.display import COMPLETION_MIME

# Cells papermill adds; the numbering a person sees in JupyterLab does not count them.
ADDED_TAGS = frozenset({"injected-parameters", "papermill-error-cell-tag"})


@dataclass(frozen=True, kw_only=True)
class Completion:
    """The record of the last cell; see ``presentation.display.finish``."""

    study: str
    organisation_id: str
    language: str
    notebook: str
    n_results: int
    results_csv: str
    results_hash: str


def accept(notebook: NotebookNode, parameters: Mapping[str, object], *, name: str) -> Completion:
    """Return the completion record of a notebook that ran from top to bottom without remark.

    Raises
    ------
    ReportError
        Naming the first cell that says otherwise, by its number and the heading above it.
    """
    _refuse_errors(notebook, name)
    _refuse_stderr(notebook, name)
    _require_every_cell_ran(notebook, name)
    completion = _only_completion(notebook, name)
    for key in ("study", "organisation_id", "language"):
        if key in parameters and parameters[key] != getattr(completion, key):
            raise ReportError(
                f"{name}: the completion record is for another {key} than the task. Nothing of it "
                "was published."
            )
    if completion.notebook.removesuffix(".ipynb") != name.removesuffix(".ipynb"):
        raise ReportError(
            f"{name}: the completion record names another notebook: {completion.notebook}."
        )
    return completion


def place(notebook: NotebookNode, cell: NotebookNode) -> str:
    """Where a cell stands: its number as in JupyterLab and the heading above it."""
    number, heading = 0, ""
    for other in notebook.cells:
        if not ADDED_TAGS.intersection(other.get("metadata", {}).get("tags", [])):
            number += 1
        if other.cell_type == "markdown" and other.source.lstrip().startswith("#"):
            heading = other.source.lstrip().splitlines()[0].lstrip("#").strip()
        if other is cell:
            break
    return f"cell {number}" + (f" (under '{heading}')" if heading else "")


def unfinished_cell(notebook: NotebookNode) -> NotebookNode | None:
    """First code cell without an execution count; None where all ran."""
    for cell in _code_cells(notebook):
        if cell.get("execution_count") is None:
            return cell
    return None


def _code_cells(notebook: NotebookNode) -> Iterator[NotebookNode]:
    """Code cells with something in them; an empty one is never run."""
    return (c for c in notebook.cells if c.cell_type == "code" and c.source.strip())


def _refuse_errors(notebook: NotebookNode, name: str) -> None:
    for cell in _code_cells(notebook):
        for output in cell.outputs:
            if output.output_type != "error":
                continue
            where = place(notebook, cell)
            if output.ename == "SystemExit":
                raise ReportError(f"{name} stopped half-way in {where}: it called exit.")
            raise ReportError(f"{name} stopped in {where}: {output.ename}.")


def _refuse_stderr(notebook: NotebookNode, name: str) -> None:
    for cell in _code_cells(notebook):
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                raise ReportError(
                    f"{name} wrote a warning in {place(notebook, cell)}. A page with a warning "
                    "behind it is not published: remove its cause."
                )


def _require_every_cell_ran(notebook: NotebookNode, name: str) -> None:
    left = unfinished_cell(notebook)
    if left is not None:
        raise ReportError(f"{name} did not reach {place(notebook, left)}.")
    counts = [cell.execution_count for cell in _code_cells(notebook)]
    if any(later <= earlier for earlier, later in zip(counts, counts[1:], strict=False)):
        raise ReportError(f"{name}: the cells did not run once each from top to bottom.")


def _only_completion(notebook: NotebookNode, name: str) -> Completion:
    records = [
        output.data[COMPLETION_MIME]
        for cell in _code_cells(notebook)
        for output in cell.outputs
        if COMPLETION_MIME in output.get("data", {})
    ]
    if len(records) != 1:
        found = "no completion record" if not records else f"{len(records)} completion records"
        raise ReportError(f"{name} has {found}: its last cell must call finish(), once.")
    wanted = [field.name for field in fields(Completion)]
    missing = [key for key in wanted if key not in records[0]]
    if missing:
        raise ReportError(f"{name}: the completion record lacks {', '.join(missing)}.")
    completion = Completion(**{key: records[0][key] for key in wanted})
    found_hash = hashlib.sha256(completion.results_csv.encode("utf-8")).hexdigest()
    if found_hash != completion.results_hash:
        raise ReportError(f"{name}: the results do not match their fingerprint.")
    return completion
