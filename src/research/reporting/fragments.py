"""From an executed notebook to the pieces of HTML that stand on the page, and their headings."""

import base64
import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from markupsafe import Markup
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from research.errors import ReportError
from research.presentation.display import COMPLETION_MIME
from research.reporting.acceptance import place

IMAGE_TYPES = ("image/svg+xml", "image/png")


@dataclass(frozen=True)
class Heading:
    """An entry of the contents list: the id it leads to and its words."""

    target: str
    text: str


class _MarkdownRenderer(IPythonRenderer):
    """nbconvert's Markdown, with heading ids of our own: from the words, no pilcrow."""

    def __init__(self) -> None:
        super().__init__(escape=False, exclude_anchor_links=True)
        self.taken: set[str] = set()

    def heading(self, text: str, level: int, **_attrs: object) -> str:
        base = heading_id(html.unescape(re.sub(r"<[^>]*>", "", text)))
        unique, count = base, 1
        while unique in self.taken:
            count += 1
            unique = f"{base}-{count}"
        self.taken.add(unique)
        return f'<h{level} id="{unique}">{text}</h{level}>\n'


def heading_id(text: str) -> str:
    """Stable id from the words of a heading: ``What is it?`` becomes ``what-is-it``."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "section"


def page_fragments(notebook: NotebookNode, *, name: str, plain_allowed: bool) -> list[Markup]:
    """Pieces of HTML in reading order: prose cells and what code cells show, never code.

    ``plain_allowed``: whether plain text may stand on the page where a cell shows nothing else.
    """
    renderer = _MarkdownRenderer()
    pieces = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            pieces.append(Markup(MarkdownWithMath(renderer=renderer).render(cell.source)))
        elif cell.cell_type == "code":
            for output in cell.outputs:
                try:
                    pieces.append(_output(output, plain_allowed))
                except ReportError as error:
                    raise ReportError(f"{name}, {place(notebook, cell)}: {error}") from None
    return [piece for piece in pieces if piece]


def _output(output: NotebookNode, plain_allowed: bool) -> Markup:
    if output.output_type == "stream":
        return _plain(output.text, plain_allowed)
    data = output.data
    if COMPLETION_MIME in data:
        return Markup("")
    if "text/html" in data:
        return Markup(data["text/html"])
    for kind in IMAGE_TYPES:
        if kind in data:
            return _image(data[kind], kind, output.get("metadata", {}))
    if set(data) == {"text/plain"}:
        return _plain(data["text/plain"], plain_allowed)
    raise ReportError(f"an output of type {', '.join(sorted(data))} cannot stand on a page.")


def _image(data: str, kind: str, metadata: dict) -> Markup:
    alt = str(metadata.get("alt") or metadata.get(kind, {}).get("alt") or "").strip()
    if not alt:
        raise ReportError("a figure has no alternative text; give it as metadata 'alt'.")
    if kind == "image/svg+xml":
        data = base64.b64encode(data.encode("utf-8")).decode("ascii")
    source = f"data:{kind};base64,{data.strip()}"
    return Markup('<figure><img src="{}" alt="{}"></figure>').format(source, alt)


def _plain(text: str, allowed: bool) -> Markup:
    if not allowed:
        raise ReportError("plain text cannot stand on this page; use show() with HTML.")
    return Markup('<pre tabindex="0">{}</pre>').format(text.rstrip("\n"))


class _HeadingReader(HTMLParser):
    """Collects the h2 of a page; a section named by its h2 lends its shorter id."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.sections: dict[str, str] = {}
        self.found: list[tuple[str, list[str]]] = []
        self.open: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "section" and given.get("id") and given.get("aria-labelledby"):
            self.sections[given["aria-labelledby"]] = given["id"]
        if tag == "h2":
            self.open = []
            self.found.append((given.get("id") or "", self.open))

    def handle_endtag(self, tag: str) -> None:
        if tag == "h2":
            self.open = None

    def handle_data(self, data: str) -> None:
        if self.open is not None:
            self.open.append(data)


def contents(body: str) -> list[Heading]:
    """Contents list of a page: its h2 headings in order.

    Raises
    ------
    ReportError
        For a heading without an id: nothing could link to it.
    """
    reader = _HeadingReader()
    reader.feed(body)
    reader.close()
    return list(_headings(reader))


def _headings(reader: _HeadingReader) -> Iterator[Heading]:
    for found_id, words in reader.found:
        text = " ".join("".join(words).split())
        if not found_id:
            raise ReportError(f"the heading '{text}' has no id.")
        yield Heading(reader.sections.get(found_id, found_id), text)
