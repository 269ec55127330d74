"""Plain CSV: one header row, one row a respondent."""

from research.responses.ingest.files import delimited
from research.responses.ingest.tables import RawTable, ReadOptions, Source, fold_header

LAYOUT = "csv"
TITLE_ROWS = 15


def recognise(source: Source) -> str | None:
    """Return why a file is plain CSV: it is text, and no other layout knows it."""
    return "text with a delimiter and one header row" if delimited.is_text(source) else None


def read(source: Source, options: ReadOptions, why: str) -> RawTable:
    """Rows of a CSV file as text; titles above the header are skipped when it is recognised."""
    text = delimited.open_text(source)
    index = text.first_record + find_header(text.sample(), options.expected_names)
    head, cells, blank = delimited.parse_records(source, text, header_index=index, n_header_rows=1)
    return RawTable(
        source=source,
        layout=LAYOUT,
        why=why,
        headers=tuple(head[0]) if head else (),
        cells=cells,
        header_row=index + 1,
        encoding=text.encoding,
        delimiter=text.delimiter,
        left_out={"blank line": blank} if blank else {},
    )


def find_header(records: list[list[str]], expected_names: frozenset[str]) -> int:
    """Number of the record that looks like the header: the one with most expected names.

    Without any expected name it is the first record with more than one cell filled.
    """
    hits = [
        len({fold_header(cell) for cell in record} & expected_names)
        for record in records[:TITLE_ROWS]
    ]
    if hits and max(hits) > 0:
        return hits.index(max(hits))
    filled = (sum(bool(cell.strip()) for cell in record) > 1 for record in records[:TITLE_ROWS])
    return next((index for index, several in enumerate(filled) if several), 0)
