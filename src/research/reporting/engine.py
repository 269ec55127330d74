"""The papermill engine: a new Jupyter kernel a notebook, with its own environment and limits."""

import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines
from traitlets.config import Config

from research.study.workspace import ROOT_VARIABLE

ENGINE = "research-kernel"
START_LIMIT = 60
OUTPUT_LIMIT = 30  # seconds for the outputs of a cell to arrive after it ended; 4 is too short
# Left out: PYTHONDONTWRITEBYTECODE would make every kernel compile all its imports anew.
LEFT_OUT = ("PYTHONDONTWRITEBYTECODE", "PYTHONSTARTUP", "PYTHONINSPECT")
SINGLE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(kw_only=True)
class KernelRun:
    """One kernel: where it runs, for how long, and the notebook as far as it came."""

    root: Path
    scratch: Path
    timeout: float
    notebook: NotebookNode | None = None
    started: float = field(default_factory=time.monotonic)

    def seconds_left(self, _cell: NotebookNode | None = None) -> float:
        """Limit of the next cell: what is left for the whole notebook, never zero."""
        # nbclient reads 0 as "no limit".
        return max(self.timeout - (time.monotonic() - self.started), 0.01)

    def environment(self) -> dict[str, str]:
        """Environment of the kernel: ours, without what would change a number or slow it down."""
        kept = {key: value for key, value in os.environ.items() if key not in LEFT_OUT}
        return {
            **kept,
            # One thread: sums in one order whatever the number of jobs.
            **dict.fromkeys(SINGLE_THREAD, "1"),
            ROOT_VARIABLE: str(self.root),
            # No start-up files, history or profile of whoever runs this.
            "IPYTHONDIR": str(self.scratch),
            # Else debugpy may write a remark about frozen modules to stderr.
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        }

    def connection(self) -> Config:
        """Talk to the kernel through files of our own folder: answers pass no network port."""
        # ipykernel warns that TCP, the default, can be listened to by others on the machine.
        # Windows has no such sockets.
        transport = "tcp" if sys.platform == "win32" else "ipc"
        connection_file = str(self.scratch / "kernel.json")
        return Config(KernelManager={"transport": transport, "connection_file": connection_file})


class KernelEngine(NBClientEngine):
    """papermill's own engine, with an environment of our making and a limit on the whole run."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: object, kernel_name: str, run: KernelRun | None = None, **_ignored: object
    ) -> NotebookNode:
        """Run the cells one after another; the notebook stays on ``run``, also upon failure."""
        if run is None:
            raise TypeError("the engine needs run=KernelRun(...)")
        run.notebook = nb_man.nb
        client = PapermillNotebookClient(
            nb_man,
            kernel_name=kernel_name,
            timeout=max(int(run.timeout), 1),
            timeout_func=run.seconds_left,
            startup_timeout=START_LIMIT,
            iopub_timeout=OUTPUT_LIMIT,
            shutdown_kernel="immediate",
            config=run.connection(),
        )
        return client.execute(env=run.environment(), cwd=str(run.root))


papermill_engines.register(ENGINE, KernelEngine)
