"""Texts whose bytes do not fit together: two encodings in one file, zero bytes between letters."""

import re

from research.errors import ResponseError
from research.responses.ingest.tables import Source

# UTF-8 of the letters and signs of western languages. In Windows-1252 the same bytes are pairs
# such as Ã© and â€™, which no text has.
LETTERS_OF_UTF8 = re.compile(rb"[\xc2\xc3][\x80-\xbf]|\xe2[\x80-\x82][\x80-\xbf]")
# What is left of a table when its zero bytes are taken away: letters, blanks and line ends.
PLAIN_BYTES = bytes({*range(32, 127), 9, 10, 13, *range(128, 256)})
MOST_ODD_BYTES = 0.01
SAMPLE_BYTES = 65_536


def refuse_two_encodings(source: Source, body: bytes) -> None:
    """Refuse bytes that are no UTF-8 as a whole and hold letters of it all the same.

    Read as Windows-1252 throughout, every Café written as UTF-8 would become CafÃ© without a word.
    """
    found = LETTERS_OF_UTF8.search(body)
    if found is None:
        return
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        first, other = (body.count(b"\n", 0, place) + 1 for place in (found.start(), error.start))
        raise source.refuse(
            "encoding",
            f"the text mixes two encodings: line {first} is UTF-8, row {other} is not (it may be "
            "Windows-1252).",
            "It was probably put together from two files: name each as an export of its own, or "
            "correct the letters with accents and save it as CSV UTF-8.",
            row=str(other),
        ) from None


def zero_bytes(source: Source) -> ResponseError:
    """Return the refusal of a text with zero bytes, which no program writes on purpose."""
    return source.refuse(
        "encoding",
        "the text holds zero bytes, as after a broken download or a damaged disk.",
        "Copy or download it again, or export it again as CSV UTF-8.",
    )


def is_text_with_zero_bytes(source: Source) -> bool:
    """Whether a file would be text if its zero bytes were taken away."""
    rest = source.content[:SAMPLE_BYTES].replace(b"\0", b"")
    odd = rest.translate(None, PLAIN_BYTES)
    return b"\n" in rest and len(odd) <= MOST_ODD_BYTES * len(rest)
