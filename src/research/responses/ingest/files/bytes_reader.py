"""Columns of a large delimited text straight from its bytes, where quotation marks mean nothing.

A general reader looks at every byte for what it might mean. Where quotation marks do no more than
wrap fields, they can be taken away; then every delimiter is one, the ends of all fields are found
at once, and a field of one byte (an answer on a scale) is its own code. Anything else than such a
plain grid is left to the general reader.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.responses.ingest.tables import SAMPLE_ROWS
from research.responses.text_words import WORD, field_words, windows

NEWLINE, QUOTE = 10, 34
# A piece and its positions fit in the processor's cache.
PIECE_BYTES = 1 << 19
BLOCK_ROWS = 1 << 16
# Codes of longer texts start where no character of one byte can be.
FIRST_LONG_CODE = 128
MOST_LONG_TEXTS = 256 - FIRST_LONG_CODE
LONGEST_FIELD = 2**16 - 1
LONGEST_KEY = 64
LONGEST_WINDOW = 256


def read_columns(
    content: bytes, *, start: int, delimiter: str, width: int
) -> list[pd.Categorical | pd.Series] | None:
    r"""Text columns of the records from byte ``start`` on, or None when they are no plain grid.

    Parameters
    ----------
    content
        UTF-8 with line ends ``\n`` and without NUL, already checked.
    start
        Place of the first byte after the header.
    delimiter, width
        One ASCII character, and the number of fields every record must have.

    Returns
    -------
    list or None
        One entry a column: codes and distinct texts in order of appearance, or, where most
        texts differ (ids, remarks), the texts themselves. None when a quotation mark belongs to
        a text or wraps a delimiter or line break, when a line is blank or a record has another
        width, and when the table has one column or no record.
    """
    if width < 2 or len(content) >= 2**32 or start >= len(content):
        return None
    if not content.endswith(b"\n"):
        content += b"\n"
    _keep_freed_memory()
    if content.find(b'"', start) >= 0:
        content, start = _unquoted(content, start, ord(delimiter)), 0
    grid = _grid(content, start, ord(delimiter), width) if content else None
    if grid is None:
        return None
    table = _Table(content, grid)
    return [table.column(number) for number in range(width)]


def _keep_freed_memory() -> None:
    """Make the C library of Linux reuse freed arrays instead of returning them to the system.

    Getting them back page by page costs more than the work on them. Freeing one block of up to
    32 MB raises the limit to its size: mallopt(3), M_MMAP_THRESHOLD.
    """
    np.empty((1 << 25) - (1 << 16), dtype=np.uint8)


def _unquoted(content: bytes, start: int, delimiter: int) -> bytes:
    """The records without quotation marks that wrap whole fields; nothing if some do more."""
    parts = []
    for low, high in _pieces(content, start):
        piece = np.frombuffer(content, dtype=np.uint8)[low:high]
        quotes = piece == QUOTE
        places = np.flatnonzero(quotes)
        opening, closing = places[::2], places[1::2]
        borders = (piece == NEWLINE) | (piece == delimiter)
        # The piece ends with a line end, so that also stands "before" its first byte, at -1.
        if (
            len(opening) != len(closing)
            or not (borders[opening - 1] & borders[closing + 1]).all()
            or (np.diff(np.cumsum(borders, dtype=np.int32)[places])[::2] > 0).any()
        ):
            return b""
        parts.append(piece[~quotes].tobytes())
    return b"".join(parts)


def _pieces(content: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Bounds of small parts of whole records."""
    while start < len(content):
        end = content.rfind(b"\n", start, start + PIECE_BYTES) + 1
        if not end:  # a record longer than a piece
            end = content.find(b"\n", start) + 1
        yield start, end
        start = end


@dataclass(frozen=True, kw_only=True)
class _Grid:
    """Where each record starts; length and first byte of each field, one row a column.

    The first byte of an empty field is the delimiter or line end that follows it.
    """

    starts: np.ndarray
    lengths: np.ndarray
    first_bytes: np.ndarray


def _grid(content: bytes, start: int, delimiter: int, width: int) -> _Grid | None:
    """Return the places of all fields; None if records differ in width or a field is huge."""
    n_rows = content.count(b"\n", start)
    starts = np.empty(n_rows, dtype=np.uint32)
    lengths = np.empty((width, n_rows), dtype=np.uint8)  # until a field is longer
    first_bytes = np.empty((width, n_rows), dtype=np.uint8)
    octets = np.frombuffer(content, dtype=np.uint8)
    row = 0
    for low, high in _pieces(content, start):
        piece = octets[low:high]
        line_ends = piece == NEWLINE
        marks = np.flatnonzero(line_ends | (piece == delimiter))
        n_records = int(np.count_nonzero(line_ends))
        if len(marks) != n_records * width or not line_ends[marks[width - 1 :: width]].all():
            return None
        rows = slice(row, row + n_records)
        fields = np.empty_like(marks)
        fields[0] = 0
        np.add(marks[:-1], 1, out=fields[1:])
        sizes = marks - fields
        longest = sizes.max()
        if longest > LONGEST_FIELD:
            return None
        if longest > np.iinfo(lengths.dtype).max:
            lengths = lengths.astype(np.uint16)
        starts[rows] = fields[::width] + low
        lengths[:, rows] = sizes.astype(lengths.dtype).reshape(n_records, width).T
        first_bytes[:, rows] = piece[fields].reshape(n_records, width).T
        row += n_records
    return _Grid(starts=starts, lengths=lengths, first_bytes=first_bytes)


@dataclass(frozen=True)
class _Table:
    """The fields of a table, by their places in the content."""

    content: bytes
    grid: _Grid

    def fields(self, number: int, rows: np.ndarray | slice) -> tuple[np.ndarray, np.ndarray]:
        """Where the chosen fields of a column start, and their lengths."""
        before = self.grid.lengths[:number, rows].sum(axis=0, dtype=np.int64)
        starts = self.grid.starts[rows] + before + number
        return starts, self.grid.lengths[number, rows]

    def texts(self, number: int, rows: np.ndarray | slice) -> list[str]:
        return _texts(self.content, *self.fields(number, rows))

    def distinct(self, number: int, rows: np.ndarray | slice) -> tuple[np.ndarray, np.ndarray]:
        return _distinct(self.content, *self.fields(number, rows))

    def column(self, number: int) -> pd.Categorical | pd.Series:
        """Codes and distinct texts, or the texts themselves where they mostly differ."""
        lengths = self.grid.lengths[number]
        longer = np.flatnonzero(lengths > 1)
        if len(longer) < len(lengths) / 2:
            column = self._short_column(number, longer)
            if column is not None:
                return column
        everywhere = slice(None)
        _, rows = self.distinct(number, slice(SAMPLE_ROWS))
        if len(rows) > len(lengths[:SAMPLE_ROWS]) / 2:
            return pd.Series(self.texts(number, everywhere), dtype="str")
        codes, rows = self.distinct(number, everywhere)
        return _categorical(codes, self.texts(number, rows))

    def _short_column(self, number: int, longer: np.ndarray) -> pd.Categorical | None:
        """Categories where most fields have one byte or none; None with too many longer ones."""
        keys = self.grid.first_bytes[number]
        if len(longer):
            codes, rows = self.distinct(number, longer)
            if len(rows) > MOST_LONG_TEXTS:
                return None
            keys = keys.copy()
            keys[longer] = codes + FIRST_LONG_CODE
        raw = keys.tobytes()
        present = set(raw[:SAMPLE_ROWS])
        present |= set(raw.translate(None, bytes(present)))  # what is left without those
        firsts = np.sort([raw.find(key) for key in present])
        table = np.zeros(256, dtype=np.uint8)
        table[keys[firsts]] = np.arange(len(firsts))
        codes = np.frombuffer(raw.translate(table.tobytes()), dtype=np.uint8)
        if len(firsts) <= FIRST_LONG_CODE:
            codes = codes.view(np.int8)
        return _categorical(codes, self.texts(number, firsts))


def _categorical(codes: np.ndarray, texts: list[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(codes, categories=pd.Index(texts, dtype="str"))


def _distinct(
    content: bytes, starts: np.ndarray, lengths: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """A code per field in order of appearance, and the first row of each distinct text."""
    longest = int(lengths.max())
    if longest > LONGEST_KEY:
        codes, _ = pd.factorize(np.array(_texts(content, starts, lengths), dtype=object))
    else:
        codes = np.zeros(len(starts), dtype=np.int64)
        for place in range(0, max(longest, 1), WORD):
            words, texts = pd.factorize(field_words(content, starts, lengths, place))
            # Exact, unlike a hash: a pair of codes is a number of its own.
            codes, _ = pd.factorize(codes * len(texts) + words)
    n_texts = int(codes.max()) + 1
    rows = np.empty(n_texts, dtype=np.int64)
    rows[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return codes, rows


def _texts(content: bytes, starts: np.ndarray, lengths: np.ndarray) -> list[str]:
    """The fields as text."""
    texts: list[str] = []
    for low in range(0, len(starts), BLOCK_ROWS):
        block = slice(low, low + BLOCK_ROWS)
        first, sizes = starts[block].astype(np.int64), lengths[block].astype(np.int64)
        longest = int(sizes.max())
        if longest > LONGEST_WINDOW:
            bounds = zip(first.tolist(), (first + sizes).tolist(), strict=True)
            texts += [content[start:end].decode("utf-8") for start, end in bounds]
            continue
        found = windows(content, first, longest + 1)
        # With the mark that ends each field they can be decoded at once and cut there again.
        joined = found[np.arange(longest + 1) <= sizes[:, None]].tobytes().decode("utf-8")
        texts += joined.split(chr(content[first[0] + sizes[0]]))[:-1]
    return texts
