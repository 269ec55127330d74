"""The receipt of a build as a page a language, beside the receipt itself."""

from pathlib import Path

from research.pipeline.pages import PageMaker
from research.presentation.receipt_page import receipt_sections
from research.reporting.ready_page import write_sections
from research.responses.store import Build
from research.study.workspace import Workspace


def write_receipt_pages(workspace: Workspace, build: Build) -> list[Path]:
    """Write ``receipt.<language>.html`` into the folder of the build; returns their paths."""
    folder = workspace.processed(build.study.id)
    pages = []
    for language in build.study.languages:
        maker = PageMaker(workspace, build, language)
        title = maker.reader.text("receipt.title", title=build.study.title.get(language))
        context = maker.context(
            title=title,
            kind="receipt",
            links=maker.other_languages("receipt", build.study.languages),
        )
        sections = receipt_sections(build.receipt, build.failures, maker.reader)
        pages.append(write_sections(sections, folder / f"receipt.{language}.html", context))
    return pages
