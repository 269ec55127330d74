"""The command line: every command parses its options and calls one function."""

import os
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from research.cli_steps import (
    batch_pages,
    build_tables,
    errors,
    open_page,
    out,
    report_pages,
    run_everything,
    shown,
)
from research.errors import ResearchError
from research.study.workspace import ROOT_VARIABLE, find_workspace

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

StudyId = Annotated[str, typer.Argument(help="Name of the folder under data/raw.")]
Jobs = Annotated[int, typer.Option(min=1, max=64, help="Pages made at the same time.")]
LanguageOption = Annotated[
    str | None, typer.Option("--language", help="nl or en; without it every language of the study.")
]
Only = Annotated[
    str | None, typer.Option("--only", help="Id of the one organisation to make pages for.")
]
PdfOption = Annotated[
    bool,
    typer.Option("--pdf", help="Print every report to PDF too; needs Chromium, Chrome or Edge."),
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
    build_tables(workspace, study)
    out.print(f"Processed tables: {shown(workspace.processed(study), workspace)}")


@app.command()
def report(
    study: StudyId, language: LanguageOption = None, jobs: Jobs = 2, pdf: PdfOption = False
) -> None:
    """Make the study report and the page of every question notebook."""
    page = report_pages(find_workspace(), study, language=language, jobs=jobs, pdf=pdf)
    out.print(f"Study report: {page}")


@app.command()
def batch(
    study: StudyId,
    language: LanguageOption = None,
    jobs: Jobs = 2,
    only: Only = None,
    pdf: PdfOption = False,
) -> None:
    """Make a page per organisation, and the index of them."""
    page, error = batch_pages(
        find_workspace(), study, language=language, jobs=jobs, only=only, pdf=pdf
    )
    out.print(f"Organisation reports: {page}")
    if error is not None:
        raise error


@app.command()
def run(
    study: StudyId, language: LanguageOption = None, jobs: Jobs = 2, pdf: PdfOption = False
) -> None:
    """Build, report and batch, one after the other."""
    run_everything(find_workspace(), study, language=language, jobs=jobs, pdf=pdf)


@app.command()
def export(study: StudyId, language: LanguageOption = None) -> None:
    """Write the tables of the study report to Word and Excel."""
    from research.pipeline.export import export_study

    workspace = find_workspace()
    for path in export_study(workspace, study, language=language):
        out.print(f"Tables: {shown(path, workspace)}")


@app.command("open")
def open_(study: StudyId, language: LanguageOption = None) -> None:
    """Open the index of the reports in the browser; without one the study report."""
    open_page(find_workspace(), study, language=language)


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
    out.print(f"Rehearsal on simulated answers: {shown(workspace.raw / made, workspace)}")
    run_everything(workspace, made, language=language, jobs=jobs)


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
    out.print(f"Synthetic study: {shown(folder, workspace)}")


@app.command()
def purge(
    study: StudyId,
    yes: Annotated[bool, typer.Option("--yes", help="Remove it. There is no way back.")] = False,
) -> None:
    """Remove exports, tables and reports of a study from this project, and check that it is so.

    Without --yes it only says what would be removed.
    """
    from research.pipeline import purge as purging

    workspace = find_workspace()
    found = purging.held(workspace, study)
    for line in purging.held_lines(workspace, found):
        out.print(line)
    if not yes:
        out.print(f"Nothing was removed. `research purge {study} --yes` removes it for good.")
        return
    for line in purging.purged_lines(found, purging.purge(workspace, found)):
        out.print(line)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def lab(context: typer.Context) -> None:
    """Open JupyterLab on the notebooks; further options go to JupyterLab.

    The example study is built first where it is not yet.
    """
    workspace = find_workspace()
    if not workspace.processed(EXAMPLE).exists():
        build_tables(workspace, EXAMPLE)
    environment = {**os.environ, ROOT_VARIABLE: str(workspace.root)}
    command = [sys.executable, "-m", "jupyterlab", str(workspace.notebooks), *context.args]
    raise typer.Exit(subprocess.run(command, env=environment, check=False).returncode)


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
