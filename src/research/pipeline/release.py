"""Making pages and publishing them together."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from research.batch.index import write_failed_page, write_index
from research.batch.manifest import read_manifest, write_manifest
from research.batch.publish import new_release
from research.batch.run import run_batch
from research.batch.task import PUBLISHED, Outcome
from research.errors import ReportError
from research.pipeline.pages import PageMaker, plan_batch, plan_report
from research.reporting.html_export import PageLink
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
    on_progress: OnProgress | None = None,
) -> Release:
    """Study report and question pages, published together or not at all."""
    target = workspace.reports(build.study.id) / "study"
    forget_failed(workspace.root, build.study.id)
    with new_release(target) as folder:
        tasks = plan_report(workspace, build, languages, folder)
        outcomes = run_batch(tasks, jobs=jobs, on_progress=_counted(on_progress, len(tasks)))
        broken = [outcome for outcome in outcomes if outcome.status != PUBLISHED]
        if broken:
            lines = "\n".join(f"- {outcome.message}" for outcome in broken)
            raise ReportError(
                f"{len(broken)} of {len(outcomes)} pages could not be made; the earlier report "
                f"stands.\n{lines}"
            )
        write_manifest(outcomes, folder)
    return Release(folder=target, first_page=target / tasks[0].output.name, outcomes=outcomes)


def make_batch(
    workspace: Workspace,
    build: Build,
    *,
    languages: Sequence[str],
    jobs: int,
    only: str | None = None,
    on_progress: OnProgress | None = None,
) -> Release:
    """A page per organisation, an index per language, and the record of it.

    An organisation whose page could not be made gets a page that says so; the others are
    published. With ``only`` one organisation is made anew in the release that stands.
    """
    target = workspace.reports(build.study.id) / "organisations"
    if only is not None:
        return _only_one(workspace, build, target, only, languages, on_progress)
    with new_release(target) as folder:
        tasks = plan_batch(workspace, build, folder, languages=languages)
        outcomes = run_batch(tasks, jobs=jobs, on_progress=_counted(on_progress, len(tasks)))
        if all(outcome.status != PUBLISHED for outcome in outcomes):
            raise ReportError(
                "No organisation's page could be made; the earlier release stands.\n- "
                + outcomes[0].message
            )
        for task, outcome in zip(tasks, outcomes, strict=True):
            if outcome.status != PUBLISHED:
                write_failed_page(task.output, context=task.context)
        for language in languages:
            _write_index(workspace, build, folder, language, languages, outcomes)
        write_manifest(outcomes, folder)
    return Release(
        folder=target, first_page=target / f"index.{languages[0]}.html", outcomes=outcomes
    )


def _only_one(
    workspace: Workspace,
    build: Build,
    target: Path,
    only: str,
    languages: Sequence[str],
    on_progress: OnProgress | None,
) -> Release:
    """A release like the one that stands, with the pages of one organisation made anew."""
    with new_release(target) as folder:
        if target.exists():
            shutil.copytree(target, folder, dirs_exist_ok=True)
        tasks = plan_batch(workspace, build, folder, languages=languages, only=only)
        made = run_batch(tasks, jobs=1, on_progress=_counted(on_progress, len(tasks)))
        broken = [outcome for outcome in made if outcome.status != PUBLISHED]
        if broken:
            raise ReportError(f"{broken[0].message} The earlier pages stand.")
        fresh = {(outcome.organisation_id, outcome.language) for outcome in made}
        kept = [o for o in read_manifest(folder) if (o.organisation_id, o.language) not in fresh]
        outcomes = sorted([*kept, *made], key=lambda o: (o.organisation_id, o.language))
        for language in languages:
            _write_index(workspace, build, folder, language, languages, outcomes)
        write_manifest(outcomes, folder)
    return Release(folder=target, first_page=target / tasks[0].output.name, outcomes=made)


def _write_index(
    workspace: Workspace,
    build: Build,
    folder: Path,
    language: str,
    languages: Sequence[str],
    outcomes: Sequence[Outcome],
) -> None:
    maker = PageMaker(workspace, build, language)
    study_link = PageLink(
        label=maker.reader.text("index.study"), href=f"../study/study.{language}.html"
    )
    title = maker.reader.text("index.title", title=build.study.title.get(language))
    links = [study_link, *maker.other_languages("index", languages)]
    write_index(
        outcomes,
        output=folder / f"index.{language}.html",
        context=maker.context(title=title, kind="index", links=links),
        names=build.study.organisation_names,
    )
