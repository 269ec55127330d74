"""What a finished page says in numbers: its tables row by row, and its sentences."""

from dataclasses import dataclass, field

from research.presentation.trace import ROW_PREFIX
from research.reporting.page_reader import Element, PageReader

PROSE = ("p", "li", "dd", "dt", "caption", "figcaption", "h1", "h2", "h3", "h4", "summary")
# Filled from the record of the run, not from the results.
NOT_FROM_RESULTS = frozenset({"nav", "footer"})
# Sizes of the dots that stand for an estimate of their row (``presentation.marks``).
ESTIMATE_DOTS = ("5.5", "4.5")
TO_ROW = f"#{ROW_PREFIX}"


@dataclass
class PageTable:
    """A table: its id and section, its column headings, and a row per line of its body."""

    table_id: str
    section: str
    headings: list[str] = field(default_factory=list)
    rows: list["PageRow"] = field(default_factory=list)
    ticks: list[tuple[float, str]] = field(default_factory=list)


@dataclass
class PageRow:
    """A row: the heading of its group, its cells as text (the first names it), its drawn marks.

    ``marks`` are the places of the drawn estimates, in per cent of the drawing's width.
    """

    group: str
    cells: list[str] = field(default_factory=list)
    marks: list[float] = field(default_factory=list)


@dataclass
class PageSentence:
    """A paragraph, list entry, heading or caption, the section it stands in, its result's id."""

    section: str
    text: str
    row_id: str = ""


@dataclass(frozen=True, kw_only=True)
class PageLink:
    """A number that links to its result; ``entry`` is the header of its row in a table."""

    row_id: str
    text: str
    entry: str
    where: str


@dataclass(frozen=True, kw_only=True)
class PageText:
    """The tables, sentences and linked numbers of a page in order."""

    tables: list[PageTable] = field(default_factory=list)
    sentences: list[PageSentence] = field(default_factory=list)
    links: list[PageLink] = field(default_factory=list)


def read_page(page: str) -> PageText:
    """Return what a page says; navigation and footer are left out."""
    found = PageText()
    tables, sentences = found.tables, found.sentences
    section, group = "", ""
    for element in PageReader(page).elements:
        if NOT_FROM_RESULTS.intersection(element.around):
            continue
        if element.tag == "section":
            section = element.attributes.get("id", "")
        elif element.tag in PROSE and not {"svg", "td"}.intersection(element.around):
            sentences.append(PageSentence(section, words_of(element)))
        elif element.tag == "a" and element.attributes.get("href", "").startswith(TO_ROW):
            _into_links(found, element, section)
        elif element.tag == "table":
            tables.append(PageTable(element.attributes.get("id", ""), section))
            group = ""
        elif "table" in element.around:
            group = _into_table(tables[-1], element, group)
    return found


def _into_links(found: PageText, element: Element, section: str) -> None:
    """Add a link to a result: of one number, or of the sentence it stands behind."""
    row_id = element.attributes["href"].removeprefix(TO_ROW)
    if element.attributes.get("class") == "source":
        found.sentences[-1].row_id = row_id
        return
    row = found.tables[-1].rows[-1] if "td" in element.around else None
    where = f"table {found.tables[-1].table_id}" if row else f"section {section}"
    entry = row.cells[0] if row else ""
    found.links.append(PageLink(row_id=row_id, text=words_of(element), entry=entry, where=where))


def words_of(element: Element) -> str:
    """Text of an element; where another element begins a word begins."""
    return " ".join(" ".join(element.words).split())


def _into_table(table: PageTable, element: Element, group: str) -> str:
    """Add one element to its table; returns the heading of the group now open."""
    head = "thead" in element.around
    if element.tag == "tr" and not head:
        table.rows.append(PageRow(group))
    elif element.tag == "th" and head:
        table.headings.append(words_of(element))
    elif element.tag == "th" and element.attributes.get("scope") == "rowgroup":
        table.rows.pop()
        return words_of(element)
    elif element.tag in ("th", "td"):
        table.rows[-1].cells.append(words_of(element))
    elif element.tag == "text" and head:
        table.ticks.append((_per_cent(element, "x"), words_of(element)))
    elif element.tag == "circle" and element.attributes.get("r") in ESTIMATE_DOTS and not head:
        table.rows[-1].marks.append(_per_cent(element, "cx"))
    elif element.tag == "rect" and element.attributes.get("width") == "10" and not head:
        table.rows[-1].marks.append(_per_cent(element, "x"))
    return group


def _per_cent(element: Element, name: str) -> float:
    return float(element.attributes.get(name, "nan").rstrip("%"))
