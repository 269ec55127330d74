"""Making pages and publishing them together."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from research.batch.manifest import read_manifest, write_manifest
from research.batch.publish import new_release
from research.batch.run import run_batch
from research.batch.task import PUBLISHED, Outcome
from research.errors import ReportError
from research.pipeline.auditing import audit_release
from research.pipeline.index_pages import (
    Checked,
    withheld_in,
    write_failed_page,
    write_indexes,
)
from research.pipeline.pages import plan_batch, plan_report
from research.pipeline.scanning import scan_release
from research.reporting.run import forget_failed
from research.responses.store import Build
from research.study.workspace import Workspace

# Told after every page: what became of it, and how many there are in all.
OnProgress = Callable[[int, Outcome], None]


@dataclass(frozen=True, kw_only=True)
class Release:
    """Pages that were published together."""

    folder: Path
    first_page: Path
    outcomes: Sequence[Outcome]

    @property
    def failed(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.status != PUBLISHED]


def _counted(on_progress: OnProgress | None, total: int) -> Callable[[Outcome], None] | None:
    return None if on_progress is None else partial(on_progress, total)


def make_report(
    workspace: Workspace,
    build: Build,
    *,
    languages: Sequence[str],
    jobs: int,
    browser: str = "",
    on_progress: OnProgress | None = None,
) -> Release:
    """Study report and question pages, published together or not at all.

    With a ``browser`` each page is printed to PDF too.
    """
    target = workspace.reports(build.study.id) / "study"
    forget_failed(workspace.root, build.study.id)
    with new_release(target) as folder:
        planned = plan_report(workspace, build, languages, folder)
        tasks = [replace(task, browser=browser) for task in planned]
        outcomes = run_batch(tasks, jobs=jobs, on_progress=_counted(on_progress, len(tasks)))
        broken = [outcome for outcome in outcomes if outcome.status != PUBLISHED]
        if broken:
            lines = "\n".join(f"- {outcome.message}" for outcome in broken)
            raise ReportError(
                f"{len(broken)} of {len(outcomes)} pages could not be made; the earlier report "
                f"stands.\n{lines}"
            )
        write_manifest(outcomes, folder)
        audit_release(workspace, build, folder)
        scan_release(folder, workspace, build.study.id)
    return Release(folder=target, first_page=target / tasks[0].output.name, outcomes=outcomes)


def make_batch(
    workspace: Workspace,
    build: Build,
    *,
    languages: Sequence[str],
    jobs: int,
    only: str | None = None,
    browser: str = "",
    on_progress: OnProgress | None = None,
) -> Release:
    """A page per organisation, an index per language, and the record of it.

    An organisation whose page could not be made gets a page that says so; the others are
    published. With ``only`` one organisation is made anew in the release that stands. With a
    ``browser`` each page is printed to PDF too.
    """
    target = workspace.reports(build.study.id) / "organisations"
    if only is not None:
        return _only_one(
            workspace, build, only, languages=languages, browser=browser, on_progress=on_progress
        )
    with new_release(target) as folder:
        planned = plan_batch(workspace, build, folder, languages=languages)
        tasks = [replace(task, browser=browser) for task in planned]
        outcomes = run_batch(tasks, jobs=jobs, on_progress=_counted(on_progress, len(tasks)))
        if all(outcome.status != PUBLISHED for outcome in outcomes):
            raise ReportError(
                "No organisation's page could be made; the earlier release stands.\n- "
                + outcomes[0].message
            )
        for task, outcome in zip(tasks, outcomes, strict=True):
            if outcome.status != PUBLISHED:
                write_failed_page(task, build)
        _complete(folder, workspace, build, languages, outcomes, made=outcomes)
    return Release(
        folder=target, first_page=target / f"index.{languages[0]}.html", outcomes=outcomes
    )


def _only_one(
    workspace: Workspace,
    build: Build,
    only: str,
    *,
    languages: Sequence[str],
    browser: str,
    on_progress: OnProgress | None,
) -> Release:
    """A release like the one that stands, with the pages of one organisation made anew."""
    target = workspace.reports(build.study.id) / "organisations"
    with new_release(target) as folder:
        if target.exists():
            shutil.copytree(target, folder, dirs_exist_ok=True)
        planned = plan_batch(workspace, build, folder, languages=languages, only=only)
        tasks = [replace(task, browser=browser) for task in planned]
        made = run_batch(tasks, jobs=1, on_progress=_counted(on_progress, len(tasks)))
        broken = [outcome for outcome in made if outcome.status != PUBLISHED]
        if broken:
            raise ReportError(f"{broken[0].message} The earlier pages stand.")
        fresh = {(outcome.organisation_id, outcome.language) for outcome in made}
        kept = [o for o in read_manifest(folder) if (o.organisation_id, o.language) not in fresh]
        outcomes = sorted([*kept, *made], key=lambda o: (o.organisation_id, o.language))
        _complete(folder, workspace, build, languages, outcomes, made=made)
    return Release(folder=target, first_page=target / tasks[0].output.name, outcomes=made)


def _complete(
    folder: Path,
    workspace: Workspace,
    build: Build,
    languages: Sequence[str],
    outcomes: Sequence[Outcome],
    *,
    made: Sequence[Outcome],
) -> None:
    """Add record and index to the pages ``made``; the index says what audit and scan saw."""
    write_manifest(outcomes, folder)
    audit = audit_release(workspace, build, folder, made=made)
    scan = scan_release(folder, workspace, build.study.id)
    checked = Checked(audit=audit, scan=scan, withheld=withheld_in(folder))
    write_indexes(workspace, build, folder, languages=languages, outcomes=outcomes, checked=checked)
    scan_release(folder, workspace, build.study.id, pattern="index.*")
