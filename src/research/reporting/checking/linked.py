"""Numbers that link to their result: the result is there, about the same, and says the same."""

from collections.abc import Iterator

import numpy as np

from research.reporting.checking.page_text import PageLink, PageTable
from research.reporting.checking.printed import printed_intervals, printed_numbers
from research.reporting.checking.sources import Sources
from research.reporting.checking.traced import SHOWN, Finding, bound_note

# In the table of all results these columns are words: which row, about what, of what kind.
WORD_COLUMNS = 3


def linked_numbers(links: list[PageLink], sources: Sources, language: str) -> Iterator[Finding]:
    """Every number with a link: it stands in the result it links to."""
    for link in links:
        where = f"{link.where}, '{link.entry}': '{link.text[:SHOWN]}' links to {link.row_id}"
        place = sources.places.get(link.row_id)
        if place is None:
            yield "linked", f"a number links to no result ({where})"
            continue
        about = sources.known.labels.get(link.entry, "")
        if about and sources.entry_of(place) not in ("", about):
            yield "linked", f"a number links to a result about something else ({where})"
            continue
        note = bound_note(link.text, language)
        if note and note == sources.results["note"].iloc[place]:
            yield "linked", ""
        elif printed_numbers(link.text, language):
            right = _says(link.text, sources, place, language)
            yield "linked", "" if right else f"a number is not that of its result ({where})"


def listed_results(tables: list[PageTable], sources: Sources, language: str) -> Iterator[Finding]:
    """The table of all results: every number of a line stands in the result it names."""
    for table in tables:
        for row in table.rows:
            place = sources.places.get(row.cells[0]) if row.cells else None
            if place is None:
                continue
            for text in row.cells[WORD_COLUMNS:]:
                if printed_numbers(text, language):
                    right = _says(text, sources, place, language)
                    where = f"table {table.table_id}, {row.cells[0]}: '{text[:SHOWN]}'"
                    yield "listed", "" if right else f"a result is listed wrongly ({where})"


def _says(text: str, sources: Sources, place: int, language: str) -> bool:
    """Whether a result holds every number of a text, and its interval as an interval."""
    numbers = printed_numbers(text, language)
    row = np.array([place])
    for interval in printed_intervals(text, numbers, language, cell=True):
        if not sources.holds_together(interval, row):
            return False
    return all(sources.holds(number, row, only=True) for number in numbers)
