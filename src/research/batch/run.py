"""Tasks over worker processes: one that fails is a line in the record, not the end."""

import multiprocessing
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from research.batch.task import Outcome, ReportTask, failed, run_report
from research.errors import BatchError

OnProgress = Callable[[Outcome], None]
WORKER_DIED = "the process that made this page died. Often the memory was full."


def run_batch(
    tasks: Sequence[ReportTask], *, jobs: int = 2, on_progress: OnProgress | None = None
) -> list[Outcome]:
    """Outcome of every task, in the order of the tasks.

    ``jobs`` reports are made at once, each in a kernel of its own; ``on_progress`` is called in
    this process as each ends. With one job the reports are made in this process.
    """
    if jobs < 1:
        raise ValueError(f"jobs must be at least 1, not {jobs}")
    _require_own_files(tasks)
    report = on_progress or _quiet
    if jobs == 1 or len(tasks) < 2:
        return [_told(run_report(task), report) for task in tasks]
    done = _in_workers(tasks, range(len(tasks)), jobs, report)
    # A worker that dies takes the whole pool with it, and nobody knows whose fault it was:
    # what it left is tried once more, each task in a pool of its own.
    for position in range(len(tasks)):
        if position not in done:
            done |= _in_workers(tasks, [position], 1, report)
        if position not in done:
            task = tasks[position]
            done[position] = _told(failed(task, f"{task.notebook.name}: {WORKER_DIED}"), report)
    return [done[position] for position in range(len(tasks))]


def _in_workers(
    tasks: Sequence[ReportTask], positions: Sequence[int], jobs: int, report: OnProgress
) -> dict[int, Outcome]:
    """Outcomes by position; a task lost with its worker is absent."""
    done: dict[int, Outcome] = {}
    # spawn: a forked child would inherit threads of zmq and numpy in an unknown state.
    method = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(max_workers=min(jobs, len(positions)), mp_context=method)
    try:
        waiting = {pool.submit(run_report, tasks[position]): position for position in positions}
        for future in as_completed(waiting):
            try:
                done[waiting[future]] = _told(future.result(), report)
            except BrokenProcessPool:
                continue
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return done


def _require_own_files(tasks: Sequence[ReportTask]) -> None:
    shared = [path for path, count in Counter(task.output for task in tasks).items() if count > 1]
    if shared:
        raise BatchError(f"Two reports would be written to {shared[0].name}. Nothing was made.")


def _told(outcome: Outcome, report: OnProgress) -> Outcome:
    report(outcome)
    return outcome


def _quiet(_outcome: Outcome) -> None:
    return None
