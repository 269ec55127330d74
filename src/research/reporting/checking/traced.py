"""Every number of a page found where it comes from."""

import re
from collections import Counter
from collections.abc import Iterator

import numpy as np

from research.presentation.texts import catalogue
from research.reporting.checking.page_text import PageRow, PageSentence, PageTable
from research.reporting.checking.printed import Printed, printed_intervals, printed_numbers
from research.reporting.checking.sources import (
    SHORTEST_FRAGMENT,
    Sources,
    fitting,
    fixed_fragments,
)

# What a check says: its kind, and "" or what is wrong.
Finding = tuple[str, str]
SHOWN = 90
BOUND_NOTES = ("share_at_most", "share_at_least", "mean_at_most", "mean_at_least")
FEWEST = 3  # rows of which the kind of a column can be told


def traced_cells(tables: list[PageTable], sources: Sources, language: str) -> Iterator[Finding]:
    """Numbers of table cells.

    Under one heading of rows the numbers in the same place of a column are one kind of number: the
    kind of result that most of them are must be that of all. Where nothing is of one kind, each is
    looked for among the rows about its activity or cluster, or among all.
    """
    for table in tables:
        if table.rows and table.rows[0].cells[0] in sources.places:
            continue  # the list of all results: see ``linked``
        for group in dict.fromkeys(row.group for row in table.rows):
            rows = [row for row in table.rows if row.group == group]
            yield from _traced_group(table, rows, sources, language)


def _traced_group(
    table: PageTable, rows: list[PageRow], sources: Sources, language: str
) -> Iterator[Finding]:
    entries = [sources.known.labels.get(row.cells[0], "") for row in rows]
    for column in range(1, max(len(row.cells) for row in rows)):
        cells = [row.cells[column] if column < len(row.cells) else "" for row in rows]
        bounds = [
            bound_note(cell, language) if entry else ""
            for cell, entry in zip(cells, entries, strict=True)
        ]
        numbers = [
            [] if bound else printed_numbers(cell, language)
            for cell, bound in zip(cells, bounds, strict=True)
        ]
        usual = Counter(len(n) for n in numbers if n).most_common(1)
        width = usual[0][0] if usual else 0
        alike = [i for i, n in enumerate(numbers) if entries[i] and len(n) == width]
        ids = [entries[i] for i in alike]
        slots = [_of_one_kind(sources, ids, [numbers[i][k] for i in alike]) for k in range(width)]
        for i, cell in enumerate(cells):
            where = f"table {table.table_id}, row '{rows[i].cells[0]}': '{cell[:SHOWN]}'"
            if bounds[i]:
                right = bounds[i] in sources.notes_of(entries[i])
                yield "traced", "" if right else f"no result was replaced by a bound ({where})"
                continue
            if i not in alike or not all(slot is not None for slot in slots):
                of_entry = sources.rows_of([entries[i]] if entries[i] else [])
                yield from _traced(cell, sources, of_entry, language, where=where, cell=True)
                continue
            for slot, number in zip(slots, numbers[i], strict=True):
                shown = cell[number.start : number.end]
                right = slot[alike.index(i)]
                yield "traced", "" if right else f"{shown} is not the result it should be ({where})"


def bound_note(cell: str, language: str) -> str:
    """Return the note of the result that this cell shows as "at least ...", "" for a number."""
    for note in BOUND_NOTES:
        before, _, after = catalogue()[f"reason.{note}"][language].partition("{")
        after = after.partition("}")[2]
        if before + after and cell.startswith(before) and cell.endswith(after):
            return note
    return ""


def _of_one_kind(sources: Sources, entries: list[str], numbers: list[Printed]) -> np.ndarray | None:
    """Where numbers, one an activity or cluster, are the kind of result most of them are.

    None where no kind of result fits more than half of them, or there are too few to tell.
    """
    places, every = sources.by_entry
    if len(entries) < FEWEST or not set(entries) <= places.keys():
        return None
    values = every[:, [places[entry] for entry in entries]]
    fits = np.column_stack([fitting(values[:, i], n) for i, n in enumerate(numbers)])
    best = fits[fits.sum(axis=1).argmax()]
    return best if best.sum() > len(entries) / 2 else None


def traced_sentences(
    sentences: list[PageSentence], sources: Sources, language: str
) -> Iterator[Finding]:
    """Numbers of sentences; where a sentence quotes one activity or cluster, among its rows."""
    for sentence in sentences:
        quoted = [
            entry
            for label, entry in sources.known.labels.items()
            if f"\N{LEFT SINGLE QUOTATION MARK}{label}\N{RIGHT SINGLE QUOTATION MARK}"
            in sentence.text
        ]
        text = without_fixed(sentence.text, sources, language)
        where = f"section {sentence.section}: '{sentence.text[:SHOWN]}'"
        rows = sources.rows_of(quoted)
        if sentence.row_id and sentence.row_id not in sources.places:
            yield "linked", f"a sentence links to no result ({where})"
        elif sentence.row_id:
            yield from _linked_sentence(text, sources, sentence.row_id, language, where=where)
        yield from _traced(text, sources, rows, language, where=where, cell=False)


def _linked_sentence(
    text: str, sources: Sources, row_id: str, language: str, *, where: str
) -> Iterator[Finding]:
    """A sentence made from one result: one of its intervals is that of the result."""
    row = np.array([sources.places[row_id]])
    intervals = printed_intervals(text, printed_numbers(text, language), language, cell=False)
    if intervals:
        right = any(sources.holds_together(interval, row) for interval in intervals)
        yield "linked", "" if right else f"a sentence is not that of its result {row_id} ({where})"


def without_fixed(text: str, sources: Sources, language: str) -> str:
    """A text without the numbers that the catalogue, the instrument or the study file wrote."""
    blank = " \N{HORIZONTAL ELLIPSIS} "
    words = sources.known.words
    long = [word for word in words if len(word) >= SHORTEST_FRAGMENT]
    for piece in (*long, *fixed_fragments(language)):
        text = text.replace(piece, blank)
    for word in set(words) - set(long):  # an answer may be called "2", which 2016 is not
        text = re.sub(rf"(?<![\w.,]){re.escape(word)}(?![\w.,]*\d)", blank, text)
    return text


def _traced(
    text: str, sources: Sources, rows: np.ndarray, language: str, *, where: str, cell: bool
) -> Iterator[Finding]:
    numbers = printed_numbers(text, language)
    told: set[Printed] = set()
    for interval in printed_intervals(text, numbers, language, cell=cell):
        parts = [interval.estimate, interval.low, interval.high, *interval.people]
        together = [part for part in parts if part is not None]
        if sources.holds_together(interval, rows):
            told.update(together)
            yield from (("traced", "") for _ in together)
        elif interval.estimate or interval.people or (cell and len(rows) < len(sources.results)):
            told.update(together)
            shown = " ".join(text[part.start : part.end] for part in together)
            yield "traced", f"no result holds {shown} together ({where})"
    for number in numbers:
        if number not in told:
            found = sources.holds(number, rows)
            shown = text[number.start : number.end]
            yield "found", "" if found else f"no result is written {shown} ({where})"
