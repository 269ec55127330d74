"""Notebooks run in this process instead of a kernel each: the same cells, pages in a second.

Everything around the kernel stays as it is: parameters, acceptance, page, checks, publishing.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from unittest.mock import patch

from nbformat import NotebookNode
from nbformat.v4 import new_output

from research.reporting.engine import KernelRun
from research.study.workspace import ROOT_VARIABLE


@contextmanager
def notebooks_in_this_process() -> Iterator[None]:
    """Within it, ``run_notebook`` starts no kernel; batches must be made with ``jobs=1``."""
    with patch("research.reporting.run._execute", execute):
        yield


def execute(
    source: NotebookNode, parameters: Mapping[str, object], run: KernelRun, name: str
) -> None:
    """Run the code cells in a namespace of their own; a failing one leaves its error as output."""
    run.notebook = deepcopy(source)
    names: dict[str, object] = {}
    count = 0
    with patch.dict("os.environ", {ROOT_VARIABLE: str(run.root)}):
        for cell in run.notebook.cells:
            if cell.cell_type != "code":
                continue
            count += 1
            cell.execution_count = count
            if not run_cell(cell, names):
                return
            if "parameters" in cell.metadata.get("tags", []):
                names.update(parameters)


def run_cell(cell: NotebookNode, names: dict[str, object]) -> bool:
    """Whether a cell ran to its end; what it shows becomes its output."""

    def shown(data: dict, *, raw: bool = False, metadata: dict | None = None) -> None:
        cell.outputs.append(new_output("display_data", data=data, metadata=metadata or {}))

    with patch("research.presentation.display.display", shown):
        try:
            exec(compile(cell.source, "<cell>", "exec"), names)
        except Exception as error:
            cell.outputs.append(
                new_output("error", ename=type(error).__name__, evalue=str(error), traceback=[])
            )
            return False
    return True
