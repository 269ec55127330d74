"""The tables of a finished page, read back from its HTML: the words and numbers readers saw."""

from dataclasses import dataclass, field

from research.reporting.page_reader import Element, PageReader

PARTS = ("range", "verdict")


@dataclass(kw_only=True)
class Cell:
    """One cell: its words, and where it stacks a number, an interval and a verdict, each."""

    text: str = ""
    stacked: list[str] = field(default_factory=list)

    @property
    def parts(self) -> list[str]:
        whole = " ".join(self.stacked) == self.text
        return self.stacked if self.stacked and whole else [self.text]


@dataclass(kw_only=True)
class PageTable:
    """One table. A row of one cell is the heading of the rows under it; drawings are left out."""

    table_id: str
    section: str
    caption: str = ""
    columns: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class PageContent:
    """What of a page goes into a document: title, warnings, tables, where it comes from."""

    title: str = ""
    banners: list[str] = field(default_factory=list)
    tables: list[PageTable] = field(default_factory=list)
    provenance: list[tuple[str, str]] = field(default_factory=list)


def read_page(page: str) -> PageContent:
    """Tables of a page in order, each with the notes under it, up to the next heading."""
    content = PageContent()
    section = ""
    table: PageTable | None = None
    drawn: list[bool] = []
    for element in PageReader(page).elements:
        name, css = element.tag, element.attributes.get("class", "").split()
        if name == "h1":
            content.title = element.text
        elif name == "h2":
            section, table = element.text, None
        elif name == "p" and "banner" in css:
            content.banners.append(element.text)
        elif name in ("dt", "dd") and "footer" in element.around:
            _add_provenance(content, element)
        elif name == "table":
            table = PageTable(table_id=element.attributes.get("id", ""), section=section)
            content.tables.append(table)
            drawn = []
        elif table is not None and "table" in element.around:
            _add_to_table(table, element, css, drawn)
        elif table is not None and name == "p" and {"note", "caption"}.intersection(css):
            table.notes.append(element.text)
    return content


def _add_provenance(content: PageContent, element: Element) -> None:
    if element.tag == "dt":
        content.provenance.append((element.text, ""))
    else:
        content.provenance[-1] = (content.provenance[-1][0], element.text)


def _add_to_table(table: PageTable, element: Element, css: list[str], drawn: list[bool]) -> None:
    """Add a caption, heading, row, cell or part of a cell; ``drawn`` marks the drawn columns."""
    if element.tag == "caption":
        table.caption = element.text
    elif element.tag == "th" and "thead" in element.around:
        drawn.append("chart" in css)
        if not drawn[-1]:
            table.columns.append(element.text)
            table.kinds.append(css[0] if css else "text")
    elif element.tag == "tr" and "thead" not in element.around:
        table.rows.append([])
    elif element.tag in ("th", "td") and "chart" not in css:
        table.rows[-1].append(Cell(text=element.text))
    elif "td" in element.around and (element.tag == "b" or set(PARTS).intersection(css)):
        table.rows[-1][-1].stacked.append(element.text)
