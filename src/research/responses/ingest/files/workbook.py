"""The parts of an Excel workbook: sheets, shared texts and number formats, out of its zip archive.

Read here and not by openpyxl for four reasons: one pass gives a formula, its stored value and
the hidden rows together (openpyxl reads twice and still drops merged cells when it reads quickly);
files saved as "Strict Open XML" open; a workbook with a million formatted empty rows costs
seconds; and nothing is held that is not used. Structure: ECMA-376, part 1, section 18.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import BinaryIO
from xml.etree import ElementTree

from research.errors import ResponseError
from research.responses.ingest.tables import Source

# A workbook of 1,048,576 rows and 35 columns is about 1.3 GB of XML; deflate packs at most 1:1032.
LARGEST_PART = 3 * 1024**3
LARGEST_SMALL_PART = 64 * 1024**2
SUSPICIOUS_SIZE = 200 * 1024**2
SUSPICIOUS_RATIO = 300
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
# Why an archive is no workbook, by an entry that only this kind of file has.
OTHER_KINDS = (
    ("xl/workbook.bin", "a binary workbook (.xlsb)", "Open it in Excel and save it as .xlsx."),
    ("content.xml", "an OpenDocument file (.ods)", "Open it and save it as .xlsx."),
    ("index/document.iwa", "an Apple Numbers file", "Export it from Numbers as Excel."),
    ("word/document.xml", "a Word document", "Export the answers as Excel or CSV."),
    ("ppt/presentation.xml", "a presentation", "Export the answers as Excel or CSV."),
)
BAD_ARCHIVE = (zipfile.BadZipFile, zipfile.zlib.error, EOFError, NotImplementedError, OSError)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A worksheet: its name, whether Excel shows it, and the part of the archive it is in."""

    title: str
    part: str
    hidden: bool


@dataclass(frozen=True, kw_only=True)
class NumberFormats:
    """Cell styles (by number) that show a date, a percentage, or a whole number padded to width."""

    dates: frozenset[int] = frozenset()
    percentages: frozenset[int] = frozenset()
    padded: dict[int, int]


class Workbook:
    """An opened workbook; parts are read when they are asked for."""

    def __init__(self, source: Source):
        self.source = source
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(source.content))
        except BAD_ARCHIVE:
            raise self.damaged() from None
        # Some programs write back-slashes or other capitals than the ones they refer to.
        self._entries = {_plain(entry.filename): entry for entry in self._archive.infolist()}
        self._main = self._main_part()

    def damaged(self) -> ResponseError:
        """Return the error for an archive that does not open to its end."""
        return self.source.refuse(
            "unreadable file",
            "the workbook is cut off or damaged: its zip archive does not open.",
            "Copy or download it again; open it in Excel to check.",
        )

    def no_workbook(self, what: str, remedy: str) -> ResponseError:
        """Return the error for an archive that is something else."""
        return self.source.refuse("unreadable file", f"the file is {what}.", remedy)

    def open_part(self, name: str, *, largest: int = LARGEST_PART) -> BinaryIO:
        """Open a part for reading, after a look at how large it says it is."""
        entry = self._entries.get(_plain(name))
        if entry is None:
            raise self.damaged()
        if entry.flag_bits & 1:
            raise self.source.refuse(
                "password", "the archive is protected by a password.", "Take the password off."
            )
        ratio = entry.file_size / max(entry.compress_size, 1)
        if entry.file_size > largest or (
            entry.file_size > SUSPICIOUS_SIZE and ratio > SUSPICIOUS_RATIO
        ):
            raise self.source.refuse(
                "too large",
                f"the workbook unpacks to {entry.file_size // 1024**2:,} MB; no answers need that.",
                "Copy the answers alone into a new workbook, or export them as CSV.",
            )
        return self._archive.open(entry)

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """Worksheets in their order; sheets that hold a chart only are none."""
        parts = {
            key: target for key, kind, target in self._relations(self._main) if kind == "worksheet"
        }
        found = []
        for element in self._small_part(self._main).iter():
            if _local(element.tag) != "sheet":
                continue
            attributes = {_local(name): value for name, value in element.attrib.items()}
            if attributes.get("id") in parts:
                found.append(
                    Sheet(
                        title=attributes.get("name", ""),
                        part=parts[attributes["id"]],
                        hidden=attributes.get("state", "visible") != "visible",
                    )
                )
        return tuple(found)

    @cached_property
    def counts_from_1904(self) -> bool:
        """Whether dates are counted from 1904, as older Excel for the Mac does."""
        return any(
            _local(element.tag) == "workbookPr" and element.get("date1904") in ("1", "true", "on")
            for element in self._small_part(self._main).iter()
        )

    @cached_property
    def formats(self) -> NumberFormats:
        """What the number format of each cell style makes of a number."""
        from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format  # only for workbooks

        part = self._related_part("styles")
        if part is None:
            return NumberFormats(padded={})
        codes: dict[int, str] = dict(BUILTIN_FORMATS)
        # 27-36 and 50-58 are the dates of Chinese, Japanese and Korean Excel (18.8.30).
        codes |= dict.fromkeys([*range(27, 37), *range(50, 59)], "yyyy-mm-dd")
        styles: list[int] = []
        for element in self._small_part(part):
            if _local(element.tag) == "numFmts":
                codes |= {int(one.get("numFmtId", 0)): one.get("formatCode", "") for one in element}
            elif _local(element.tag) == "cellXfs":
                styles = [int(one.get("numFmtId", 0)) for one in element]
        shown = {style: codes.get(number, "General") for style, number in enumerate(styles)}
        return NumberFormats(
            dates=frozenset(style for style, code in shown.items() if is_date_format(code)),
            percentages=frozenset(style for style, code in shown.items() if "%" in code),
            padded={style: len(code) for style, code in shown.items() if re.match("00+$", code)},
        )

    @cached_property
    def shared_texts(self) -> "SharedTexts":
        part = self._related_part("sharedStrings")
        return SharedTexts(iter(()) if part is None else _shared_texts(self.open_part(part)))

    def _main_part(self) -> str:
        for entry, what, remedy in OTHER_KINDS:
            if entry in self._entries:
                raise self.no_workbook(what, remedy)
        named = [target for _, kind, target in self._relations("") if kind == "officeDocument"]
        for name in (*named, "xl/workbook.xml"):
            if _plain(name) in self._entries:
                return name
        raise self.no_workbook(
            "a zip archive but no readable workbook",
            "Unpack it if it is a .zip; otherwise open it in Excel and save it as .xlsx.",
        )

    def _related_part(self, kind: str) -> str | None:
        targets = [target for _, found, target in self._relations(self._main) if found == kind]
        return next((target for target in targets if _plain(target) in self._entries), None)

    def _relations(self, part: str) -> list[tuple[str, str, str]]:
        """Key, kind and target of what a part refers to; strict files name kinds differently."""
        folder, name = posixpath.split(part)
        file = posixpath.join(folder, "_rels", f"{name}.rels")
        if _plain(file) not in self._entries:
            return []
        return [
            (
                element.get("Id", ""),
                element.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, element.get("Target", "")))[1:],
            )
            for element in self._small_part(file)
        ]

    def _small_part(self, name: str) -> ElementTree.Element:
        try:
            with self.open_part(name, largest=LARGEST_SMALL_PART) as stream:
                content = stream.read()
            if b"<!DOCTYPE" in content:  # Excel writes none; entities can grow without bound
                raise self.damaged()
            return ElementTree.fromstring(content)
        except (*BAD_ARCHIVE, ElementTree.ParseError):
            raise self.damaged() from None


class SharedTexts:
    """Texts that cells refer to by number, read only as far as they are asked for."""

    def __init__(self, texts: Iterator[str]):
        self._coming = texts
        self._read: list[str] = []

    def __getitem__(self, number: int) -> str:
        while number >= len(self._read):
            self._read.append(next(self._coming))
        return self._read[number]


def _shared_texts(stream: BinaryIO) -> Iterator[str]:
    """Every shared text in order; the reading aids of Japanese texts (rPh) are left out."""
    items = ElementTree.iterparse(stream, events=("start", "end"))
    _, root = next(items)
    for event, element in items:
        if event == "end" and _local(element.tag) == "si":
            runs = [child for child in element if _local(child.tag) in ("t", "r")]
            texts = [part for run in runs for part in run.iter() if _local(part.tag) == "t"]
            yield unescaped("".join(part.text or "" for part in texts))
            root.clear()


def unescaped(text: str) -> str:
    """Text with Excel's own escapes (_x000D_ for a carriage return) turned back (22.9.2.19)."""
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
