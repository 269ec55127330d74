"""Text with a delimiter: encoding, delimiter, and records that are all as wide as the header.

Shared by every layout that is text underneath (plain CSV, Qualtrics).
"""

import codecs
import csv
import io
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.responses.ingest.files import bytes_reader
from research.responses.ingest.files.encodings import refuse_two_encodings, zero_bytes
from research.responses.ingest.tables import (
    Source,
    as_text_column,
    listed,
    tidy,
    without_blank_rows,
)

DELIMITERS = (",", ";", "\t", "|")
DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
SAMPLE_BYTES = 65_536
SAMPLE_RECORDS = 50
NEWLINE, RETURN, QUOTE = 10, 13, 34
END_OF_DOS_FILE = b"\x1a"
# csv refuses cells of more than 128 KB; a pasted text may be longer.
csv.field_size_limit(2**31 - 1)
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 with byte order mark"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16"),
)


@dataclass(frozen=True, kw_only=True)
class DelimitedText:
    """Decoded text, ready to be cut into records."""

    content: bytes  # UTF-8, line ends \n, without byte order mark
    encoding: str
    delimiter: str
    first_record: int  # 1 when Excel's `sep=;` line stands above the header, else 0

    def sample(self) -> list[list[str]]:
        """Return the first records, headers included."""
        return _sample_records(self.content[:SAMPLE_BYTES], self.delimiter)[self.first_record :]


def is_text(source: Source) -> bool:
    """Whether the file can be text at all: no NUL bytes except those of UTF-16."""
    start = source.content[:SAMPLE_BYTES]
    return b"\0" not in start or _utf16_without_mark(start) != "" or _mark(start) is not None


def open_text(source: Source) -> DelimitedText:
    """Text of a file with its encoding and delimiter found; both are named in the receipt."""
    content, encoding = _decode(source)
    if b"\r" in content:
        # Old Macs end lines with CR alone; the rest of this module knows one line end.
        content = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if content.endswith(END_OF_DOS_FILE):
        content = content.removesuffix(END_OF_DOS_FILE)
    first_line = content[:10].split(b"\n", 1)[0].strip().lower()
    if first_line.startswith(b"sep=") and len(first_line) == 5:
        return DelimitedText(
            content=content,
            encoding=encoding,
            delimiter=first_line[4:].decode("ascii"),
            first_record=1,
        )
    delimiter = _find_delimiter(content[:SAMPLE_BYTES])
    return DelimitedText(content=content, encoding=encoding, delimiter=delimiter, first_record=0)


def peek_records(source: Source) -> list[list[str]]:
    """Return the first records of a file that may be text; never raises."""
    start, codec, _ = _codec(source.content)
    head = source.content[start : start + SAMPLE_BYTES * 4].decode(codec, "replace")
    plain = head.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8")
    return _sample_records(plain, _find_delimiter(plain[:SAMPLE_BYTES]))


def _mark(start: bytes) -> tuple[bytes, str, str] | None:
    return next((entry for entry in BYTE_ORDER_MARKS if start.startswith(entry[0])), None)


def _utf16_without_mark(start: bytes) -> str:
    """Guess UTF-16 from where the zero bytes of plain letters stand."""
    zeros = np.frombuffer(start[: len(start) // 2 * 2], dtype=np.uint8).reshape(-1, 2) == 0
    even, odd = zeros.mean(axis=0) if len(zeros) else (0.0, 0.0)
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.1 else ""


def _codec(content: bytes) -> tuple[int, str, str]:
    """Length of the byte order mark, codec and its name; UTF-8 until proved otherwise."""
    mark = _mark(content)
    if mark:
        return len(mark[0]), mark[1], mark[2]
    codec = _utf16_without_mark(content[:SAMPLE_BYTES])
    return (0, codec, "UTF-16") if codec else (0, "utf-8", "UTF-8")


def _decode(source: Source) -> tuple[bytes, str]:
    start, codec, name = _codec(source.content)
    body = source.content[start:]
    if codec == "utf-8" and not _is_utf8(body):
        refuse_two_encodings(source, body)
        codec, name = "cp1252", "Windows-1252"
    if codec != "utf-8":
        try:
            body = body.decode(codec).encode("utf-8")
        except UnicodeDecodeError:
            raise _not_decodable(source, name) from None
    if b"\0" in body:
        raise zero_bytes(source)
    return body, name


def _is_utf8(content: bytes) -> bool:
    """Whether bytes are UTF-8, without ever holding a large file as text too."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(content), SAMPLE_BYTES):
            piece = content[start : start + SAMPLE_BYTES]
            if not piece.isascii() or decoder.getstate()[0]:
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _not_decodable(source: Source, name: str):
    if name == "UTF-16":
        return source.refuse(
            "encoding",
            "the text is UTF-16, but some of its letters are broken; it was probably cut off.",
            "Copy or download it again, or export it again as CSV UTF-8.",
        )
    return source.refuse(
        "encoding",
        "the text is neither UTF-8, UTF-16 nor Windows-1252.",
        "Export it again as CSV UTF-8.",
    )


def _sample_records(start: bytes, delimiter: str) -> list[list[str]]:
    text = start.decode("utf-8", errors="ignore")
    records = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            records.append(record)
            if len(records) > SAMPLE_RECORDS:
                break
    except csv.Error:
        pass
    return records


def _find_delimiter(start: bytes) -> str:
    """Return the delimiter that cuts most records as wide as the first, and wide enough."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        records = [record for record in _sample_records(start, delimiter) if record]
        if len(records) > 2:
            records = records[:-1]  # the sample may end in the middle of a record
        if not records or len(records[0]) < 2:
            continue
        width = len(records[0])
        same = sum(len(record) == width for record in records) / len(records)
        score = (same, width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def parse_records(
    source: Source, text: DelimitedText, *, header_index: int, n_header_rows: int
) -> tuple[list[list[str]], pd.DataFrame, int]:
    """Header records, cells as categorical text by record number, and how many were blank.

    ``header_index`` is the record (from 0) that holds the column names. Ragged records and an
    unclosed quote are refused with their record numbers.
    """
    first_data = header_index + n_header_rows
    head = _head_records(text, first_data)[header_index:]
    columns = _plain_columns(text, first_data, head)
    if columns is None:
        width = _require_even_records(source, text, header_index)
        columns = _columns(text, first_data, width)
    cells = pd.DataFrame(dict(enumerate(columns)), copy=False)
    cells.index = pd.RangeIndex(first_data + 1, first_data + 1 + len(cells), name="row")
    cells, blank = without_blank_rows(cells)
    return head, cells, blank


def _plain_columns(
    text: DelimitedText, first_data: int, head: list[list[str]]
) -> list[pd.Categorical | pd.Series] | None:
    """Columns of a plain grid below its header, the quick way; None when it is none."""
    start = 0
    for _ in range(first_data):
        start = text.content.find(b"\n", start) + 1
        if not start:
            return None
    above = io.StringIO(text.content[:start].decode("utf-8"), newline="")
    if not head or len(list(csv.reader(above, delimiter=text.delimiter))) != first_data:
        return None  # a quoted header holds a line break
    return bytes_reader.read_columns(
        text.content, start=start, delimiter=text.delimiter, width=len(head[0])
    )


def _columns(text: DelimitedText, first_data: int, width: int) -> list[pd.Categorical | pd.Series]:
    """Columns of any table whose records are equally wide."""
    try:
        texts = pd.read_csv(
            io.BytesIO(text.content),
            sep=text.delimiter,
            header=None,
            names=list(range(width)),
            skiprows=first_data,  # records, not lines: a quoted text may hold line breaks
            dtype="str",
            na_filter=False,
            skip_blank_lines=False,
            encoding="utf-8",
        )
    except pd.errors.EmptyDataError:
        texts = pd.DataFrame({position: [] for position in range(width)}, dtype="str")
    return [as_text_column(texts[position]) for position in texts]


def _head_records(text: DelimitedText, count: int) -> list[list[str]]:
    stream = io.StringIO(text.content[: SAMPLE_BYTES * 16].decode("utf-8", "ignore"), newline="")
    reader = csv.reader(stream, delimiter=text.delimiter)
    return [
        [tidy(cell) for cell in record] for record, _ in zip(reader, range(count), strict=False)
    ]


def _require_even_records(source: Source, text: DelimitedText, header_index: int) -> int:
    """Return the width of the table, after checking that every record has it."""
    widths = _widths(text.content, ord(text.delimiter))
    if widths is not None and header_index < len(widths):
        wanted = widths[header_index]
        if bool(np.all((widths[header_index:] == wanted) | (widths[header_index:] == 0))):
            return int(wanted)
    return _explain_uneven_records(source, text, header_index)


def _widths(content: bytes, delimiter: int) -> np.ndarray | None:
    """Fields per record, counted outside quotes; None when the quotes do not close.

    An exclusive-or over the quote characters says for each byte whether it lies in quotes; a
    doubled quote switches twice, as RFC 4180 wants it. Blank lines count 0 fields.
    """
    octets = np.frombuffer(content, dtype=np.uint8)
    quotes = octets == QUOTE
    outside: np.ndarray | bool = True
    if quotes.any():
        inside = np.bitwise_xor.accumulate(quotes)
        if inside[-1] or not _quotes_stand_around_fields(octets, quotes, inside, delimiter):
            return None
        outside = ~inside
    ends = np.flatnonzero((octets == NEWLINE) & outside)
    if len(octets) and octets[-1] != NEWLINE:
        ends = np.append(ends, len(octets))
    marks = np.flatnonzero((octets == delimiter) & outside)
    counts = np.diff(np.searchsorted(marks, ends), prepend=0)
    lengths = np.diff(ends, prepend=-1) - 1
    return np.where(lengths == 0, 0, counts + 1)


def _quotes_stand_around_fields(
    octets: np.ndarray, quotes: np.ndarray, inside: np.ndarray, delimiter: int
) -> bool:
    """Whether every quote opens or closes a field, or is doubled in one.

    A quote within an unquoted text (4" pipe) is a letter; counting it would hide short rows.
    """
    borders = quotes | (octets == delimiter) | (octets == NEWLINE)
    opening, closing = quotes & inside, quotes & ~inside
    return not ((opening[1:] & ~borders[:-1]).any() or (closing[:-1] & ~borders[1:]).any())


def _explain_uneven_records(source: Source, text: DelimitedText, header_index: int) -> int:
    """Read record by record to say where the table breaks; slow, and only when it does."""
    stream = io.StringIO(text.content.decode("utf-8"), newline="")
    reader = csv.reader(stream, delimiter=text.delimiter, strict=True)
    width, number, uneven = 0, 0, []
    try:
        for number, record in enumerate(reader, start=1):
            if number == header_index + 1:
                width = len(record)
            elif number > header_index + 1 and len(record) != width:
                # Blanks alone are a blank line, as long as they do not make the table wider.
                if len(record) > width or any(map(str.strip, record)):
                    uneven.append((number, len(record)))
    except csv.Error as error:
        raise source.refuse(
            "unclosed quote",
            f"a quotation mark is opened and not closed properly ({error}).",
            'Close it, or write a quotation mark inside a text twice: "". If the file ends there, '
            "it was cut off: export it again.",
            row=str(number + 1),
        ) from None
    if uneven:
        first, found = uneven[0]
        name = DELIMITER_NAMES.get(text.delimiter, text.delimiter)
        rows = listed([row for row, _ in uneven])
        raise source.refuse(
            "ragged rows",
            f"{len(uneven)} row(s) do not have the {width} fields of the header (delimiter: "
            f"{name}); row {first} has {found}. Rows: {rows}.",
            "Put texts that hold the delimiter between quotation marks, or export it again.",
            row=str(first),
        )
    return width
