"""The index of a release in every language, and the page in place of one that failed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from research.batch.task import PUBLISHED, Outcome, ReportTask
from research.disclosure import rules
from research.disclosure.audit import Audit
from research.disclosure.scanner import Scan
from research.pipeline.auditing import read_results
from research.pipeline.pages import PageMaker
from research.presentation.index_page import IndexRow, failed_sections, index_sections
from research.presentation.numbers import is_number
from research.presentation.sample_sections import band_cell
from research.presentation.tables import SUPPRESSED_PREFIX
from research.presentation.texts import Reader
from research.reporting.html_export import PageLink
from research.reporting.ready_page import write_sections
from research.responses.store import Build
from research.stats.estimates import result_table
from research.study.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What is known of a release before it is published; ``withheld`` counts results."""

    audit: Audit
    scan: Scan
    withheld: int


def withheld_in(folder: Path) -> int:
    """How many results the pages of a folder withhold."""
    pages = read_results(folder).values()
    return sum(int(page["note"].str.startswith(SUPPRESSED_PREFIX).sum()) for page in pages)


def write_indexes(
    workspace: Workspace,
    build: Build,
    folder: Path,
    *,
    languages: Sequence[str],
    outcomes: Sequence[Outcome],
    checked: Checked,
) -> list[Path]:
    """Write ``index.<language>.html`` beside the pages it lists; returns their paths."""
    paths = []
    for language in languages:
        maker = PageMaker(workspace, build, language)
        reader = maker.reader
        context = maker.context(
            title=reader.text("index.title", title=build.study.title.get(language)),
            kind="index",
            links=[*_study_link(maker), *maker.other_languages("index", languages)],
        )
        rows = index_rows(build, reader, outcomes)
        sections = index_sections(rows, reader, checks=check_lines(checked, reader))
        paths.append(write_sections(sections, folder / f"index.{language}.html", context))
    return paths


def _study_link(maker: PageMaker) -> list[PageLink]:
    """Link to the report on the whole study; none where that has not been made yet."""
    name = f"study.{maker.reader.language}.html"
    if not (maker.workspace.reports(maker.build.study.id) / "study" / name).is_file():
        return []
    return [PageLink(label=maker.reader.text("index.study"), href=f"../study/{name}")]


def write_failed_page(task: ReportTask, build: Build) -> Path:
    """Write the page of an organisation whose report failed: it says so and holds no data."""
    language = task.context.language
    reader = Reader(study=build.study, instrument=build.instrument, language=language)
    return write_sections(failed_sections(reader), task.output, task.context)


def check_lines(checked: Checked, reader: Reader) -> list[str]:
    """What was withheld, how narrowly it can be told at best, and what was looked through."""
    lines = [reader.text("index.withheld", count=reader.count(checked.withheld))]
    for what, decimals in (("people", 0), ("mean", 2)):
        narrowest = checked.audit.narrowest(what)
        if is_number(narrowest):
            # Downwards: "at least" must stay true.
            least = math.floor(narrowest * 10**decimals) / 10**decimals
            width = reader.number(least, decimals=decimals)
            lines.append(reader.text(f"index.audited.{what}", width=width))
    scan = checked.scan
    numbers = {"files": scan.files, "tables": scan.tables, "cells": scan.cells}
    counts = {name: reader.count(count) for name, count in numbers.items()}
    return [*lines, reader.text("index.scanned", **counts)]


def index_rows(build: Build, reader: Reader, outcomes: Sequence[Outcome]) -> list[IndexRow]:
    """A row an organisation, from what became of its pages."""
    people = people_bands(build, reader)
    names = build.study.organisation_names
    rows = []
    for organisation_id in dict.fromkeys(outcome.organisation_id for outcome in outcomes):
        own = [outcome for outcome in outcomes if outcome.organisation_id == organisation_id]
        made = [outcome for outcome in own if outcome.status == PUBLISHED]
        rows.append(
            IndexRow(
                name=names.get(organisation_id, organisation_id),
                pages={outcome.language: outcome.page for outcome in made},
                prints={outcome.language: outcome.pdf for outcome in made if outcome.pdf},
                people=people[organisation_id],
                failed=len(own) - len(made),
            )
        )
    return rows


def people_bands(build: Build, reader: Reader) -> dict[str, str]:
    """How many people of an organisation answered, all roles together, as a band.

    [c] where of one role fewer answered than may be told. No band a role: beside the codes of the
    study report those would tell which code is whose, and a band of all roles beside the exact
    number of one could tell a withheld number.
    """
    answers = build.answers
    smallest = build.study.privacy.shown_from
    counts = answers.people.value_counts(["organisation_id", "role"]).unstack(fill_value=0)  # noqa: PD010
    counts = counts.reindex(columns=build.study.role_ids, fill_value=0)
    totals = counts.sum(axis=1).where((counts >= smallest).all(axis=1), 0)
    rows = result_table(
        {"organisation_id": one, "estimate": count, "n_a": count} for one, count in totals.items()
    )
    banded = rules.band_counts(rows, build.study.privacy).set_index("organisation_id")
    return {one: band_cell(row, reader) for one, row in banded.iterrows()}
