"""The page that lists every organisation's page, and the page in place of one that failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from research.presentation.tables import (
    Column,
    Group,
    bullets,
    html_table,
    paragraph,
    section,
)
from research.presentation.texts import Reader


@dataclass(frozen=True, kw_only=True)
class IndexRow:
    """One organisation: its pages and PDFs by language (file names), and how many answered.

    ``people`` is a band in words, or [c]. ``failed`` counts the pages that could not be made. The
    languages stand in the order in which they are given.
    """

    name: str
    pages: Mapping[str, str]
    people: str
    prints: Mapping[str, str] = field(default_factory=dict)
    failed: int = 0


def index_sections(
    rows: Sequence[IndexRow], reader: Reader, *, checks: Sequence[str] = ()
) -> list[Markup]:
    """Every organisation in alphabetical order, and what was checked before publication.

    ``checks`` are sentences. The list names organisations: it is for whoever sends the pages out.
    """
    ordered = sorted(rows, key=lambda row: (row.name.casefold(), row.name))
    table = html_table(
        table_id="organisations",
        caption=reader.text("index.caption"),
        columns=[
            Column(heading=reader.text("index.organisation"), kind="text"),
            Column(heading=reader.text("index.page"), kind="text"),
            Column(heading=reader.text("index.people"), kind="text"),
            Column(heading=reader.text("index.status"), kind="text"),
        ],
        groups=[Group(rows=[_row(row, reader) for row in ordered])],
    )
    minimum = reader.study.privacy.shown_from
    parts = [
        section(
            "pages",
            reader.text("index.heading"),
            paragraph(_counts(rows, reader)),
            paragraph(reader.text("index.private"), "note"),
            table,
            paragraph(reader.text("index.people_note", minimum=minimum), "note"),
        )
    ]
    if checks:
        parts.append(section("checked", reader.text("index.checked"), bullets(checks)))
    return parts


def failed_sections(reader: Reader) -> list[Markup]:
    """What stands in place of a report that could not be made: no figure, no reason."""
    words = paragraph(reader.text("failed.text"))
    return [section("failed", reader.text("failed.heading"), words)]


def _counts(rows: Sequence[IndexRow], reader: Reader) -> str:
    """How many organisations and pages, and whether all of them could be made."""
    failed = sum(row.failed for row in rows)
    made = sum(len(row.pages) for row in rows)
    return reader.text(
        "index.counts.failed" if failed else "index.counts",
        organisations=reader.count(len(rows)),
        pages=reader.count(made + failed),
        failed=reader.count(failed),
    )


def _row(row: IndexRow, reader: Reader) -> list[str | Markup]:
    lines = (_links(row.pages, "language", reader), _links(row.prints, "pdf", reader))
    status, words = "published", reader.text("index.published")
    if row.failed:
        status, words = "failed", reader.text("index.failed", failed=row.failed)
    return [
        row.name,
        Markup("<br>").join(line for line in lines if line) or "–",
        row.people,
        Markup('<span class="status {}">{}</span>').format(status, words),
    ]


def _links(targets: Mapping[str, str], kind: str, reader: Reader) -> Markup:
    """One line of links to files by language, each named in its own language."""
    return Markup(" ").join(
        Markup('<a class="page-link" href="{}" lang="{}" hreflang="{}">{}</a>').format(
            target, language, language, reader.text(f"index.{kind}.{language}")
        )
        for language, target in targets.items()
    )
