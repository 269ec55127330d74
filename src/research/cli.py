"""The command line: every command parses its options and calls one function."""

import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from typer.exceptions import TyperException

from research.errors import BatchError, InputError, ResearchError
from research.study.workspace import ROOT_VARIABLE, Workspace, find_workspace

DEBUG_VARIABLE = "RESEARCH_DEBUG"
INTERRUPTED = 130
EXAMPLE = "example"  # what every notebook opens by default

app = typer.Typer(
    help="Analysis of two-sided questionnaires: from survey exports to reports.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
errors = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
out = Console(highlight=False, soft_wrap=True, markup=False)

StudyId = Annotated[str, typer.Argument(help="Name of the folder under data/raw.")]
Jobs = Annotated[int, typer.Option(min=1, max=64, help="Pages made at the same time.")]
LanguageOption = Annotated[
    str | None, typer.Option("--language", help="nl or en; without it every language of the study.")
]
Only = Annotated[
    str | None, typer.Option("--only", help="Id of the one organisation to make pages for.")
]


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Name of the study, and of its folder.")],
    more: Annotated[list[Path] | None, typer.Argument(metavar="FILE", hidden=True)] = None,
    files: Annotated[
        list[Path] | None, typer.Option("--from", help="Exports, or a folder that holds them.")
    ] = None,
    instrument: Annotated[
        str | None, typer.Option(help="An instrument file, or the id of one that comes along.")
    ] = None,
) -> None:
    """Look at exports and write a first study file; without exports a template."""
    from research.pipeline.new_study import new_study

    named = [*(files or ()), *(more or ())]
    for line in new_study(find_workspace(), name, files=named, instrument=instrument):
        out.print(line)


@app.command()
def check(
    study: Annotated[str, typer.Argument(help="Name of the folder under data/raw.")] = "example",
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of an instrument file.")
    ] = False,
    fix_notebooks: Annotated[
        bool, typer.Option("--fix-notebooks", help="Strip outputs from the notebooks.")
    ] = False,
) -> None:
    """Read the exports and say what a build would do; changes nothing."""
    from research.pipeline import check as checking

    if schema:
        out.print(checking.instrument_schema())
        return
    if fix_notebooks:
        changed = checking.fix_notebooks(find_workspace())
        out.print(f"{len(changed)} notebooks cleaned: {', '.join(changed) or 'none needed it'}.")
        return
    for line in checking.check_lines(find_workspace(), study):
        out.print(line)


@app.command()
def build(study: StudyId) -> None:
    """Read the exports and write the processed tables."""
    workspace = find_workspace()
    _build(workspace, study)
    out.print(f"Processed tables: {_shown(workspace.processed(study), workspace)}")


@app.command()
def report(study: StudyId, language: LanguageOption = None, jobs: Jobs = 2) -> None:
    """Make the study report and the page of every question notebook."""
    workspace = find_workspace()
    out.print(f"Study report: {_report(workspace, study, language, jobs)}")


@app.command()
def batch(
    study: StudyId, language: LanguageOption = None, jobs: Jobs = 2, only: Only = None
) -> None:
    """Make a page per organisation, and the index of them."""
    workspace = find_workspace()
    page, error = _batch(workspace, study, language, jobs, only)
    out.print(f"Organisation reports: {page}")
    if error is not None:
        raise error


@app.command()
def run(study: StudyId, language: LanguageOption = None, jobs: Jobs = 2) -> None:
    """Build, report and batch, one after the other."""
    _run(find_workspace(), study, language, jobs)


@app.command()
def plan(
    organisations: Annotated[
        int | None, typer.Option(min=2, max=100_000, help="How many take part (12).")
    ] = None,
    customers: Annotated[
        int | None, typer.Option(min=1, max=100_000, help="Of the first role, in each (40).")
    ] = None,
    managers: Annotated[
        int | None, typer.Option(min=1, max=100_000, help="Of the second role, in each (15).")
    ] = None,
    difference: Annotated[
        float | None, typer.Option(min=0.001, help="True difference to find, in points (0.3).")
    ] = None,
    margin: Annotated[
        float | None, typer.Option(min=0.001, help="Instead: to show equality within it.")
    ] = None,
    answer_sd: Annotated[
        float | None, typer.Option(min=0.001, help="Standard deviation of answers (1).")
    ] = None,
    icc: Annotated[
        float | None,
        typer.Option(min=0, max=0.95, help="Share of variance between organisations (0.05)."),
    ] = None,
    gap_sd: Annotated[
        float | None,
        typer.Option(min=0, help="How much the difference varies between organisations (0.3)."),
    ] = None,
    tests: Annotated[int, typer.Option(min=1, max=10_000, help="Size of the family.")] = 30,
    power: Annotated[float, typer.Option(min=0.1, max=0.999, help="Chance asked for.")] = 0.8,
    like: Annotated[
        str | None, typer.Option(help="Take spreads and sizes from this built study.")
    ] = None,
) -> None:
    """Say how many organisations and people a study needs."""
    from research.pipeline.plan import PlanOptions, plan_lines

    options = PlanOptions(
        organisations=organisations,
        customers=customers,
        managers=managers,
        answer_sd=answer_sd,
        icc=icc,
        gap_sd=gap_sd,
        difference=difference,
        margin=margin,
        tests=tests,
        power=power,
        like=like,
    )
    for line in plan_lines(options):
        out.print(line)


@app.command()
def rehearse(
    study: StudyId,
    organisations: Annotated[
        int | None, typer.Option(min=1, max=500, help="Without it those of the study file.")
    ] = None,
    language: LanguageOption = None,
    jobs: Jobs = 2,
) -> None:
    """Run the whole study on simulated answers, before a single real one exists.

    Needs the study file and the instrument, no exports; makes a study of its own beside it.
    """
    from research.pipeline.rehearse import rehearse_into

    workspace = find_workspace()
    made = rehearse_into(workspace, study, organisations=organisations)
    out.print(f"Rehearsal on simulated answers: {_shown(workspace.raw / made, workspace)}")
    _run(workspace, made, language, jobs)


@app.command()
def simulate(
    study: Annotated[str, typer.Argument(help="Folder under data/raw to make.")] = "simulated",
    organisations: Annotated[int, typer.Option(min=1, max=500)] = 12,
    seed: Annotated[int, typer.Option(min=0)] = 2026,
    force: Annotated[bool, typer.Option("--force", help="Replace exports already there.")] = False,
) -> None:
    """Make a synthetic study with a known truth."""
    from research.pipeline.simulate import simulate_into

    workspace = find_workspace()
    folder = simulate_into(workspace, study, organisations=organisations, seed=seed, force=force)
    out.print(f"Synthetic study: {_shown(folder, workspace)}")


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context) -> None:
    """Open JupyterLab on the notebooks; further options go to JupyterLab.

    The example study is built first where it is not yet.
    """
    workspace = find_workspace()
    if not workspace.processed(EXAMPLE).exists():
        _build(workspace, EXAMPLE)
    environment = {**os.environ, ROOT_VARIABLE: str(workspace.root)}
    command = [sys.executable, "-m", "jupyterlab", str(workspace.notebooks), *context.args]
    raise typer.Exit(subprocess.run(command, env=environment, check=False).returncode)


def _run(workspace: Workspace, study: str, language: str | None, jobs: int) -> None:
    _build(workspace, study)
    study_page = _report(workspace, study, language, jobs)
    index, error = _batch(workspace, study, language, jobs, None)
    out.print(f"Organisation reports: {index}")
    out.print(f"Study report: {study_page}")
    if error is not None:
        raise error


def _build(workspace: Workspace, study: str) -> None:
    from research.pipeline.build import build_study
    from research.pipeline.check import receipt_lines

    with errors.status("Reading the exports ..."):
        made = build_study(workspace, study)
    for line in receipt_lines(made.receipt, made.failures):
        out.print(line)


def _report(workspace: Workspace, study: str, language: str | None, jobs: int) -> str:
    from research.pipeline import release as releases
    from research.responses import store

    made = store.read_build(workspace, study)
    languages = _languages(made.study.languages, language)
    with _progress("Study report") as told:
        release = releases.make_report(
            workspace, made, languages=languages, jobs=jobs, on_progress=told
        )
    return _shown(release.first_page, workspace)


def _batch(
    workspace: Workspace, study: str, language: str | None, jobs: int, only: str | None
) -> tuple[str, BatchError | None]:
    from research.pipeline import release as releases
    from research.responses import store

    made = store.read_build(workspace, study)
    languages = _languages(made.study.languages, language)
    with _progress("Organisation reports") as told:
        release = releases.make_batch(
            workspace, made, languages=languages, jobs=jobs, only=only, on_progress=told
        )
    error = None
    if release.failed:
        lines = "\n".join(f"- {one.organisation_id}: {one.message}" for one in release.failed)
        error = BatchError(f"{len(release.failed)} pages could not be made:\n{lines}")
    return _shown(release.first_page, workspace), error


def _languages(known: tuple[str, ...], chosen: str | None) -> tuple[str, ...]:
    if chosen is None:
        return known
    if chosen not in known:
        raise InputError(f"--language must be one of {known}, not '{chosen}'.")
    return (chosen,)


class _progress:
    """A bar over the pages; where nobody watches (a log, CI) a line a page."""

    def __init__(self, title: str):
        self.title = title
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=errors,
            transient=True,
        )

    def __enter__(self):
        if errors.is_terminal:
            self.bar.start()
        self.task = self.bar.add_task(self.title, total=None)
        return self._told

    def __exit__(self, *_):
        self.bar.stop()

    def _told(self, total, outcome) -> None:
        self.bar.update(self.task, total=total, advance=1)
        if not errors.is_terminal:
            name = outcome.organisation_id or outcome.notebook
            words = outcome.page or "failed"
            errors.print(f"  {name} ({outcome.language}): {words}, {outcome.seconds:.1f} s")


def _shown(path: Path, workspace: Workspace) -> str:
    return path.relative_to(workspace.root).as_posix()


def main() -> None:
    """Run the command line; every failure ends in words and a code of its own."""
    try:
        code = app(standalone_mode=False)
    except ResearchError as error:
        errors.print(str(error))
        code = error.exit_code
    except TyperException as error:  # wrong use: typer's own words, which name the nearest option
        message = error.format_message().strip()
        message += "" if message.endswith((".", "?", "!")) else "."
        hint = "" if message.startswith("Usage") else " `research --help` lists what there is."
        errors.print(f"{message}{hint}")
        code = error.exit_code
    except (typer.Abort, KeyboardInterrupt):
        errors.print("Interrupted. What was published before stands.")
        code = INTERRUPTED
    except Exception as error:  # the last resort: words, not a traceback full of answers
        if os.environ.get(DEBUG_VARIABLE):
            raise
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        errors.print(
            f"Unexpected error ({type(error).__name__} at {where}). This is a mistake in the "
            f"program, not yours; {DEBUG_VARIABLE}=1 shows the details for a report."
        )
        code = 1
    sys.exit(code or 0)


if __name__ == "__main__":
    main()
