"""The rows of one worksheet as text, each odd cell with what is odd about it."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from xml.etree import ElementTree
from xml.parsers import expat

from research.responses.ingest.files.workbook import BAD_ARCHIVE, Sheet, Workbook, unescaped
from research.responses.ingest.tables import as_text, tidy

CHUNK = 1 << 16
LONGEST_TEXT = 1 << 20  # Excel itself allows 32,767 characters in a cell
# Error values as Excel writes them in Dutch and English; typed or pasted they are mere text.
# #NULL! is missing from the list: SPSS writes it for a missing answer (see ingest.answers.words).
ERROR_TEXTS = frozenset(
    """#n/b #deel/0! #waarde! #verw! #naam? #getal! #leeg! #overloop! #berekenen! #blokkeren!
    #n/a #div/0! #value! #ref! #name? #num! #spill! #calc! #blocked!""".split()
)
DATE = "date"
TIME = "time"
PERCENTAGE = "percentage"
NO_STORED_VALUE = "formula without a stored value"


class Cell(NamedTuple):
    """A filled cell: column from 0, its text, and what is odd about it (nothing: empty)."""

    column: int
    text: str
    kind: str
    formula: bool


class Row(NamedTuple):
    """A row of the sheet by its number in Excel; rows without a filled cell are not made."""

    number: int
    hidden: bool
    cells: list[Cell]


@dataclass(kw_only=True)
class SheetFacts:
    """What a sheet says besides its cells; complete once all rows were read."""

    hidden_columns: set[int] = field(default_factory=set)
    merged: list[str] = field(default_factory=list)
    filtered: bool = False


def read_sheet(
    workbook: Workbook, sheet: Sheet, facts: SheetFacts, *, last_row: int | None = None
) -> Iterator[Row]:
    """Rows of a sheet from top to bottom; ``facts`` is filled on the way.

    Reading stops soon after ``last_row``; ``facts`` is not complete then.
    """
    collector = _Collector(workbook, facts)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = collector.start
    parser.EndElementHandler = collector.end
    parser.CharacterDataHandler = collector.characters
    parser.StartDoctypeDeclHandler = collector.refuse_doctype
    try:
        with workbook.open_part(sheet.part) as stream:
            while chunk := stream.read(CHUNK):
                parser.Parse(chunk, False)
                yield from collector.take()
                if last_row is not None and collector.row_number > last_row:
                    return
            parser.Parse(b"", True)
    except (*BAD_ARCHIVE, expat.ExpatError, ElementTree.ParseError, ValueError, StopIteration):
        # A shared text that is not there (StopIteration) or no number where one must be.
        raise workbook.damaged() from None
    yield from collector.take()


class _Collector:
    """Turns the elements of a worksheet (ECMA-376, 18.3.1) into rows."""

    def __init__(self, workbook: Workbook, facts: SheetFacts):
        self._workbook = workbook
        self._facts = facts
        self._rows: list[Row] = []
        self.row_number = 0
        self._hidden = False
        self._cells: list[Cell] = []
        self._column = -1
        self._attributes: dict[str, str] = {}
        self._formula = False
        self._open = False  # whether characters belong to the cell
        self._reading_aid = False  # Japanese texts carry how they are read (rPh)
        self._texts: list[str] = []
        self._shown: dict[tuple, tuple[str, str]] = {}

    def take(self) -> list[Row]:
        """Rows that are complete, once."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, name: str, attributes: dict[str, str]) -> None:
        # The commonest first: a large sheet has millions of them.
        if name == "c":
            self._attributes, self._texts, self._formula = attributes, [], False
            place = attributes.get("r")
            self._column = column_number(place) if place else self._column + 1
        elif name in ("v", "t"):
            self._open = not self._reading_aid
        elif name == "row":
            self.row_number = int(attributes.get("r", self.row_number + 1))
            self._hidden = attributes.get("hidden") in ("1", "true")
            self._cells, self._column = [], -1
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._reading_aid = True
        elif ":" in name:
            self.start(name.rpartition(":")[2], attributes)
        else:
            self._note(name, attributes)

    def end(self, name: str) -> None:
        if name == "c":
            if self._texts or self._formula:
                self._add_cell()
        elif name in ("v", "t"):
            self._open = False
        elif name == "row":
            if self._cells:
                self._rows.append(Row(self.row_number, self._hidden, self._cells))
        elif name == "rPh":
            self._reading_aid = False
        elif ":" in name:
            self.end(name.rpartition(":")[2])

    def characters(self, text: str) -> None:
        if self._open:
            if len(text) > LONGEST_TEXT or len(self._texts) > LONGEST_TEXT:
                raise ValueError("a cell without end")
            self._texts.append(text)

    def refuse_doctype(self, *_: object) -> None:
        """Stop: Excel writes no document type, and entities in one can grow without bound."""
        raise ValueError("document type")

    def _note(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "col" and attributes.get("hidden") in ("1", "true"):
            first, last = int(attributes["min"]), int(attributes["max"])
            self._facts.hidden_columns |= set(range(first - 1, min(last, 16_384)))
        elif tag == "mergeCell" and ":" in attributes.get("ref", ""):
            self._facts.merged.append(attributes["ref"])
        elif tag == "filterColumn":
            self._facts.filtered = True

    def _add_cell(self) -> None:
        value = "".join(self._texts)
        kind, style = self._attributes.get("t", "n"), self._attributes.get("s", "0")
        key = (value, kind, style, self._formula)
        shown = self._shown.get(key)
        if shown is None:
            shown = _shown(self._workbook, value, kind, int(style), formula=self._formula)
            self._shown[key] = shown
        if shown[0] or shown[1]:
            self._cells.append(Cell(self._column, *shown, self._formula))


def column_number(address: str) -> int:
    """Column of an address from 0: A is 0, AA is 26."""
    number = 0
    for character in address:
        if not character.isalpha():
            break
        number = number * 26 + ord(character.upper()) - 64
    return number - 1


def column_letter(number: int) -> str:
    """Letters of a column counted from 0, as Excel shows them."""
    letters, number = "", number + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _shown(
    workbook: Workbook, value: str, kind: str, style: int, *, formula: bool
) -> tuple[str, str]:
    """Text of a cell and what is odd about it, from its stored value, type and style."""
    if kind == "s":
        return _plain_text(workbook.shared_texts[int(value)])
    if kind in ("str", "inlineStr"):
        return _plain_text(unescaped(value))
    if value == "":
        return "", NO_STORED_VALUE if formula else ""
    if kind == "b":
        return as_text(value in ("1", "true")), ""
    if kind == "e":
        if value == "#NULL!" and not formula:
            return value, ""
        return "", f"error value {value}"
    if kind == "d":
        return value.replace("T", " ").removesuffix("Z"), DATE
    return _number(workbook, value, style)


def _plain_text(text: str) -> tuple[str, str]:
    text = tidy(text)
    if text.startswith("#") and text.casefold() in ERROR_TEXTS:
        return "", f"error value {text} typed as text"
    return text, ""


def _number(workbook: Workbook, value: str, style: int) -> tuple[str, str]:
    formats = workbook.formats
    if style in formats.dates:
        return _moment(workbook, float(value))
    if value.isdecimal():  # all digits of a long id stay
        width = formats.padded.get(style, 0)
        return value.zfill(width), PERCENTAGE if style in formats.percentages else ""
    number = float(value)
    # Excel calculates in binary and shows 15 digits: 2.9999999999999996 is 3 to whoever looks.
    shown = float(f"{number:.15g}")
    text = as_text(shown if shown.is_integer() else number)
    return text, PERCENTAGE if style in formats.percentages else ""


def _moment(workbook: Workbook, number: float) -> tuple[str, str]:
    """Date, or time of day or duration, that a number stands for in a cell of such a format."""
    from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

    epoch = CALENDAR_MAC_1904 if workbook.counts_from_1904 else CALENDAR_WINDOWS_1900
    try:
        moment = from_excel(number, epoch)
    except (OverflowError, ValueError):
        return as_text(number), DATE
    if not isinstance(moment, datetime.datetime):
        return as_text(moment), TIME
    return as_text(moment.date() if moment.time() == datetime.time(0) else moment), DATE
