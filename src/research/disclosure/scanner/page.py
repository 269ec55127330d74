"""A finished page: its words, its tables, its downloads, and whatever in it would run."""

import base64
import binascii
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote

from research.disclosure.scanner.finished import Content, Grid, Row

VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
INLINE = frozenset("a abbr b code em i strong sub sup".split())
RUNS = frozenset(
    "script iframe frame object embed applet form base portal foreignobject animate set".split()
)
ADDRESSES = frozenset("href src action formaction xlink:href data background poster srcset".split())
RUNNING_ADDRESS = re.compile(r"(?:javascript|vbscript|data:text/html|data:image/svg\+xml,)", re.I)
READ_ALOUD = ("alt", "aria-label", "title")
SHAPES = frozenset({"circle", "rect", "path", "polygon", "ellipse"})
DATA_LINK = re.compile(r"data:([\w/+.-]*)[^,]*?(;base64)?,(.*)", re.DOTALL)


@dataclass
class _Table:
    name: str
    head: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    in_head: bool = False
    cells: list[str] = field(default_factory=list)
    n_cells: int = 0  # as written, however many columns they span
    words: list[str] | None = None
    span: int = 1
    drawn: bool = False


class PageWords(HTMLParser):
    """Collects ``content`` in one pass; the words of a table stand in ``words`` too."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.content = Content()
        self.pieces: list[str] = []
        self.kept: list[str] = []  # attributes, comments and style: everything but data links
        self.tables: list[_Table] = []
        self.silent = ""
        self.feed(page)
        self.close()
        self.content.words = re.sub(r"[^\S\n]+", " ", "".join(self.pieces))
        self.content.raw = self.content.words + "\n" + "\n".join(self.kept)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._look_for_scripts(tag, given)
        for name, value in given.items():
            self._keep(name, value)
        if tag in ("style", "script"):
            self.silent = tag
        self._break(tag)
        self._table_starts(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == self.silent:
            self.silent = ""
        self._break(tag)
        self._table_ends(tag)

    def handle_data(self, data: str) -> None:
        if self.silent:
            self.kept.append(data)
            return
        self.pieces.append(data)
        if self.tables and self.tables[-1].words is not None:
            self.tables[-1].words.append(data)

    def handle_comment(self, data: str) -> None:
        self.kept.append(data)

    def _break(self, tag: str) -> None:
        """End a piece of text where a reader would see an end."""
        if tag not in INLINE:
            self.pieces.append(" " if tag in ("span", "text") else "\n")

    def _keep(self, name: str, value: str) -> None:
        link = DATA_LINK.match(value)
        if link is None:
            self.kept.append(value)
            if name in READ_ALOUD:
                self.pieces.append(f"\n{value}\n")
            return
        kind, coded, data = link.groups()
        try:
            whole = base64.b64decode(data) if coded else unquote(data).encode()
        except (binascii.Error, ValueError):
            self.content.active.append("a data link that cannot be read")
            return
        if kind == "text/csv":
            self.content.downloads.append(whole.decode("utf-8", "replace"))
        elif kind == "image/png":
            self.kept.append(_png_words(whole))
        else:
            self.kept.append(whole.decode("utf-8", "replace"))
            if re.search(rb"<script|\son\w+\s*=", whole):
                self.content.active.append("a script in a data link")

    def _look_for_scripts(self, tag: str, given: dict[str, str]) -> None:
        found = self.content.active
        if tag in RUNS:
            found.append(f"<{tag}>")
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            found.append("a page that leads elsewhere")
        for name, value in given.items():
            if name.startswith("on") or name == "srcdoc":
                found.append(f"the attribute {name}")
            plain = re.sub(r"[\x00-\x20]+", "", value)
            if name in ADDRESSES and RUNNING_ADDRESS.match(plain):
                found.append(f"a script in {name}")
            if name == "style" and re.search(r"expression\(|url\((?!['\"]?data:)", plain, re.I):
                found.append("a style that loads or runs something")

    def _table_starts(self, tag: str, given: dict[str, str]) -> None:
        if tag == "table":
            self.tables.append(_Table(name=given.get("id", "")))
            return
        if not self.tables:
            return
        table = self.tables[-1]
        if tag == "thead":
            table.in_head = True
        elif tag == "tr":
            table.cells, table.n_cells, table.drawn = [], 0, False
        elif tag in ("td", "th"):
            table.words = []
            spanned = given.get("colspan", "1")
            table.span = int(spanned) if spanned.isdecimal() else 1
        elif tag in SHAPES and _coloured(given.get("fill", "")):
            table.drawn = True

    def _table_ends(self, tag: str) -> None:
        if not self.tables:
            return
        table = self.tables[-1]
        if tag in ("td", "th") and table.words is not None:
            table.cells += [" ".join("".join(table.words).split())] * table.span
            table.n_cells += 1
            table.words = None
        elif tag == "tr" and table.in_head:
            table.head = table.cells
        elif tag == "tr":
            spans_all = table.n_cells == 1 and len(table.cells) > 1
            cells = tuple(table.cells)
            table.rows.append(Row(cells=cells, drawn=table.drawn, is_title=spans_all))
        elif tag == "thead":
            table.in_head = False
        elif tag == "table":
            done = self.tables.pop()
            self.content.grids.append(
                Grid(name=done.name, head=tuple(done.head), rows=tuple(done.rows))
            )


def _coloured(fill: str) -> bool:
    """Whether a fill is a colour and no grey: guides and bands are grey, data are not."""
    digits = re.fullmatch(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})", fill.strip())
    if digits is None:
        return False
    values = [int(part, 16) for part in digits.groups()]
    return max(values) - min(values) > 24


def _png_words(whole: bytes) -> str:
    """Text chunks of a PNG: what a drawing program wrote into it."""
    return "\n".join(
        match.decode("latin-1", "replace")
        for match in re.findall(rb"(?:tEXt|iTXt|eXIf)([\x20-\x7e\x00]{1,400})", whole)
    )
