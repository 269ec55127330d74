"""A page of ready-made sections, without a notebook behind it: checked, then written."""

from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from research.errors import ReportError
from research.reporting.files import write_files
from research.reporting.html_export import PageContext, render_page
from research.reporting.page_checks import check_page


def write_sections(sections: Sequence[Markup], output: Path, context: PageContext) -> Path:
    """Write a page of sections in our template; returns its path. An unsound one is an error."""
    page = render_page(sections, context=context)
    findings = check_page(page, language=context.language, kind=context.kind, names=context.names)
    if findings:
        raise ReportError(f"{output.name}: the page is not sound: {'; '.join(findings)}.")
    write_files({output: page})
    return output
