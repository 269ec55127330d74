"""The page: one self-contained HTML file from an executed notebook, through our own template.

What the cell tags mean is defined here and nowhere else.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from pathlib import Path
from typing import Literal, get_args

from jinja2 import Environment
from markupsafe import Markup
from nbconvert.exporters.templateexporter import TemplateExporter
from nbconvert.preprocessors import TagRemovePreprocessor
from nbformat import NotebookNode, v4

from research.errors import ReportError, require_choice
from research.reporting.checking.sources import Known
from research.reporting.fragments import contents, page_fragments
from research.reporting.provenance import Provenance
from research.study.instrument import LANGUAGES

PageKind = Literal["study", "organisation", "question", "index", "receipt"]
PAGE_KINDS: tuple[str, ...] = get_args(PageKind)
GUIDE_TAG = "guide"  # prose for people in JupyterLab, not on the page
TITLE_PIECE = re.compile(r'<h1 id="top">([^<]*)</h1>')
TEMPLATE_FOLDER = Path(__file__).parent / "template"
REQUIRED_WORDS: tuple[str, ...] = (
    "page.skip",
    "page.contents",
    "page.provenance",
    "page.download",
)


@dataclass(frozen=True, kw_only=True)
class PageLink:
    """A link in the title block, as to the same page in the other language."""

    label: str
    href: str
    language: str = ""


@dataclass(frozen=True, kw_only=True)
class PageContext:
    """What the page says beside the notebook; every word comes from the caller.

    ``provenance`` and ``facts`` are label to text (``reporting.provenance.provenance_rows``).
    ``banners`` hold one text for each of ``synthetic`` and ``illustrative`` that is set. Without
    a title, a question notebook's own first heading is the title. ``made`` fills the trust box;
    ``known`` is what a page may say that stands in no result, ``names`` how organisations are
    called, who may be called like a path.
    """

    title: str
    language: str
    kind: str
    words: Mapping[str, str]
    provenance: Mapping[str, str] = field(default_factory=dict)
    banners: Sequence[str] = ()
    synthetic: bool = False
    illustrative: bool = False
    subtitle: str = ""
    links: Sequence[PageLink] = ()
    made: Provenance | None = None
    known: Known | None = None
    names: Sequence[str] = ()

    def __post_init__(self) -> None:
        require_choice("language", self.language, LANGUAGES)
        require_choice("kind", self.kind, PAGE_KINDS)
        missing = [key for key in REQUIRED_WORDS if not self.words.get(key)]
        if missing:
            raise ValueError(f"the page's words lack {', '.join(missing)}")
        if len(self.banners) < self.synthetic + self.illustrative:
            raise ValueError(
                "synthetic and illustrative pages say so: give one banner text for each"
            )


class PageExporter(TemplateExporter):
    """nbconvert with our template only, and everything escaped that is not marked as HTML."""

    file_extension = ".html"
    output_mimetype = "text/html"

    def _create_environment(self) -> Environment:
        environment = super()._create_environment()
        environment.autoescape = True
        environment.trim_blocks = environment.lstrip_blocks = True
        return environment


@cache
def _exporter() -> PageExporter:
    return PageExporter(template_paths=[str(TEMPLATE_FOLDER)], template_file="page.html.j2")


@cache
def _style() -> Markup:
    style = (TEMPLATE_FOLDER / "page.css").read_text(encoding="utf-8")
    return Markup(re.sub(r"/\*.*?\*/\s*", "", style, flags=re.DOTALL).strip())


def render_notebook(
    notebook: NotebookNode, *, name: str, context: PageContext, results_csv: str, csv_name: str
) -> str:
    """Page of an executed notebook: what its cells show, never its code."""
    remover = TagRemovePreprocessor(remove_cell_tags={GUIDE_TAG})
    shown, _ = remover.preprocess(v4.new_notebook(cells=list(notebook.cells)), {})
    title = context.title
    if context.kind == "question":
        shown, heading = _without_title(shown)
        title = title or heading
    fragments = page_fragments(shown, name=name, plain_allowed=context.kind == "question")
    return render_page(
        fragments, context=context, title=title, results_csv=results_csv, csv_name=csv_name
    )


def render_page(
    fragments: Sequence[Markup],
    *,
    context: PageContext,
    title: str = "",
    results_csv: str = "",
    csv_name: str = "results.csv",
) -> str:
    """Page of ready-made pieces of HTML, in the same template.

    A first piece that is an ``<h1>`` is the title: it may say what was found.
    """
    found = TITLE_PIECE.fullmatch(str(fragments[0])) if fragments else None
    if found:
        title, fragments = unescape(found[1]), fragments[1:]
    title = title or context.title
    if not title.strip():
        raise ReportError("a page needs a title.")
    body = Markup("\n").join(fragments)
    page = {
        "context": context,
        "title": title,
        "body": body,
        "contents": contents(body),
        "style": _style(),
        "csv": base64.b64encode(results_csv.encode("utf-8")).decode("ascii"),
        "csv_name": csv_name,
    }
    text, _ = _exporter().from_notebook_node(v4.new_notebook(), {"page": page})
    return text.rstrip() + "\n"


def _without_title(notebook: NotebookNode) -> tuple[NotebookNode, str]:
    """Notebook without its first heading, and that heading: on the page it is the title."""
    for position, cell in enumerate(notebook.cells):
        if cell.cell_type != "markdown":
            continue
        first, _, rest = cell.source.strip().partition("\n")
        if not first.startswith("# "):
            break
        cells = list(notebook.cells)
        cells[position] = v4.new_markdown_cell(rest.strip())
        return v4.new_notebook(cells=cells), first.removeprefix("# ").strip()
    return notebook, ""
