"""Ids of respondents: read as text, never an address or a telephone number of a person."""

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from research.responses.ingest.people.columns import PersonColumns
from research.responses.ingest.tables import listed

E_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
INTERNET_ADDRESS = re.compile(r"(\d{1,3}\.){3}\d{1,3}")
# +31 6 12345678, 0031612345678, 06-12345678, (020) 123 4567. A number of ten digits is a
# telephone number only when most ids of the column are; it may be a student number.
INTERNATIONAL_PHONE = re.compile(r"(\+|00)[1-9][\d ().-]{7,18}")
NATIONAL_PHONE = re.compile(r"\(?0[ ()-]*[1-9]([ ()-]*\d){8}")
DECIMAL = re.compile(r"([+-]?\d+)[.,]0+")
# Excel shows a long number so and keeps fifteen digits of it: several people become one.
SHORTENED = re.compile(r"\d([.,]\d+)?[eE]\+\d+")
# Ids without any of these fit none of the patterns; a million need not be tried one by one.
SIGNS = ("@", ".", ",", "+", "\n0", "\n(")


def respondent_ids(person: PersonColumns) -> np.ndarray:
    """Ids of the column the study names, else made from the file name and the row.

    An id such as 1.0 is read as 1, because tools write the same number in both ways, and counted.
    Ids that identify people by themselves, and shortened ones, are refused, and made ids stand in
    for them, so that no message shows one.
    """
    if not person.has("respondent"):
        return _made_ids(person)
    person.refuse_empty("respondent", "Give every respondent an id.")
    ids = person.text("respondent")
    joined = "\n" + "\n".join(ids)
    if not any(sign in joined for sign in SIGNS):
        return ids
    counts = person.counts("respondent")
    kind = identifying(counts)
    if kind:
        rows = person.rows_where("respondent", lambda text: _is_kind(text, kind))
        person.refuse(
            "respondent",
            "direct identifier",
            f"{len(rows)} respondent id(s) look like {kind} (rows {listed(rows)}).",
            "Replace each by a code in a copy of the export, the same for the same "
            "person, and keep the key elsewhere; or drop `columns: respondent:`.",
            rows,
        )
        return _made_ids(person)
    _refuse_shortened(person, counts)
    _warn_decimal(person, counts)
    return person.read("respondent", _whole, dtype=object)


def identifying(texts: Iterable[str]) -> str:
    """What the texts of a column give away about people, in words; empty when nothing."""
    texts = list(texts)
    joined = "\n" + "\n".join(texts)
    # Two million ids are searched only when a sign of an address is there at all.
    if "@" in joined and any(E_MAIL.fullmatch(text) for text in texts):
        return "e-mail addresses"
    if joined.count(".") >= 3 and any(INTERNET_ADDRESS.fullmatch(text) for text in texts):
        return "internet addresses"
    if ("\n+" in joined or "\n00" in joined) and any(map(INTERNATIONAL_PHONE.fullmatch, texts)):
        return "telephone numbers"
    if "\n0" in joined or "\n(" in joined:
        filled = [text for text in texts if text]
        if 2 * sum(bool(NATIONAL_PHONE.fullmatch(text)) for text in filled) > len(filled):
            return "telephone numbers"
    return ""


def _is_kind(text: str, kind: str) -> bool:
    if kind == "e-mail addresses":
        return bool(E_MAIL.fullmatch(text))
    if kind == "internet addresses":
        return bool(INTERNET_ADDRESS.fullmatch(text))
    return bool(INTERNATIONAL_PHONE.fullmatch(text) or NATIONAL_PHONE.fullmatch(text))


def _whole(text: str) -> str:
    decimal = DECIMAL.fullmatch(text) if text.endswith("0") else None
    return decimal[1] if decimal else text


def _warn_decimal(person: PersonColumns, counts: dict[str, int]) -> None:
    n_decimal = sum(count for text, count in counts.items() if _whole(text) != text)
    if n_decimal:
        rows = person.rows_where("respondent", lambda text: _whole(text) != text)
        person.warn(
            "respondent",
            "ids with decimals",
            f"{n_decimal} respondent id(s) are written with decimals, such as 1.0.",
            "Nothing to do when they are whole numbers; other files may write 1.",
            rows,
            "read as whole numbers",
        )


def _refuse_shortened(person: PersonColumns, counts: dict[str, int]) -> None:
    if any("+" in text and SHORTENED.fullmatch(text) for text in counts):
        rows = person.rows_where("respondent", lambda text: bool(SHORTENED.fullmatch(text)))
        person.refuse(
            "respondent",
            "shortened ids",
            f"{len(rows)} respondent id(s) were shortened by a spreadsheet, such as 1.2E+11 "
            f"(rows {listed(rows)}).",
            "Different people may have one id now: export again and do not save it in Excel.",
            rows,
        )


def _made_ids(person: PersonColumns) -> np.ndarray:
    """Ids from file name and row: the same file gives the same ids."""
    stems = [Path(export.path).stem for export in person.study.exports]
    source = person.table.source
    prefix = source.stem if stems.count(source.stem) == 1 else source.name
    names = [Path(export.path).name for export in person.study.exports]
    if person.table.sheet and names.count(source.name) > 1:
        prefix = f"{prefix}-{person.table.sheet}"  # two sheets of one workbook
    return np.array([f"{prefix}-{row:06d}" for row in person.cells.index.tolist()], dtype=object)
