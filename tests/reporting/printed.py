"""A printed page read back: which words stand on which sheet, by the tags of the PDF."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pypdf import PdfReader

HEADINGS = {"/H1", "/H2", "/H3", "/H4"}


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Something printed: its sheet, and the tags around it, each with a number of its own."""

    sheet: int
    around: tuple[tuple[str, int], ...]

    @property
    def tags(self) -> set[str]:
        return {tag for tag, _ in self.around}

    @property
    def leads(self) -> bool:
        """Whether it announces what comes next; a figure's caption stands below it."""
        return bool(self.tags & HEADINGS) or {"/Table", "/Caption"} <= self.tags


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A PDF: number of sheets, language, whether it is tagged, its words and its pieces."""

    sheets: int
    language: str
    tagged: bool
    words: str
    pieces: tuple[Piece, ...]

    @property
    def stranded(self) -> list[int]:
        """Sheets that end with a heading or a table's caption whose text stands on the next."""
        return [
            piece.sheet + 1
            for place, piece in enumerate(self.pieces[:-1])
            if piece.leads
            and not any(p.sheet == piece.sheet and not p.leads for p in self.pieces[place + 1 :])
        ]

    @property
    def split(self) -> list[str]:
        """Rows with a number and figures that stand on more than one sheet.

        The row of headers is on every sheet of a long table, and is meant to.
        """
        sheets: dict[tuple[str, int], set[int]] = {}
        cells: set[tuple[str, int]] = set()
        for piece in self.pieces:
            rows = [part for part in piece.around if part[0] in ("/TR", "/Figure")]
            for part in rows:
                sheets.setdefault(part, set()).add(piece.sheet)
                if part[0] == "/Figure" or "/TD" in piece.tags:
                    cells.add(part)
        return [
            f"{part[0]} on sheets {sorted(on)}"
            for part, on in sheets.items()
            if len(on) > 1 and part in cells
        ]


def read_pdf(path: Path) -> Printed:
    """What is in a printed page; a PDF without tags has no pieces."""
    reader = PdfReader(path)
    root = reader.trailer["/Root"]
    numbers = {page.indirect_reference.idnum: at for at, page in enumerate(reader.pages)}
    tree = root.get("/StructTreeRoot")
    return Printed(
        sheets=len(reader.pages),
        language=str(root.get("/Lang", "")),
        tagged=bool(root.get("/MarkInfo", {}).get("/Marked", False)),
        # NFKC: a printed "ff" is one letter.
        words=unicodedata.normalize("NFKC", " ".join(p.extract_text() for p in reader.pages)),
        pieces=tuple(_pieces(tree, (), None, numbers)) if tree is not None else (),
    )


def _pieces(node, around: tuple, sheet: int | None, numbers: dict[int, int]) -> Iterator[Piece]:
    """Marked content below a node of the structure tree, in reading order."""
    node = node.get_object()
    if isinstance(node, list):
        for child in node:
            yield from _pieces(child, around, sheet, numbers)
    elif isinstance(node, dict):
        if "/Pg" in node:
            sheet = numbers[node.raw_get("/Pg").idnum]
        if node.get("/Type") == "/MCR":
            yield Piece(sheet=sheet, around=around)
        elif "/K" in node:
            tag = node.get("/S")
            inner = around if tag is None else (*around, (str(tag), id(node)))
            yield from _pieces(node["/K"], inner, sheet, numbers)
    else:  # the number of a piece of content on the node's own sheet
        yield Piece(sheet=sheet, around=around)
