"""Qualtrics CSV: names, question texts and import ids above the data; previews in between."""

import re

import numpy as np
import pandas as pd

from research.responses.ingest import delimited
from research.responses.ingest.tables import (
    DIRECT_IDENTIFIERS,
    RawTable,
    ReadOptions,
    Source,
    fold,
    mapped,
)

LAYOUT = "qualtrics"
IMPORT_ID = re.compile(r'^\s*\{\s*"ImportId"')
TOOL_COLUMNS = frozenset(
    "startdate enddate status progress finished recordeddate responseid distributionchannel "
    "userlanguage duration_(in_seconds) ipaddress".split()
)
DATE_TEXTS = {"start date", "startdate", "begindatum"}
# Status is a sum of bits: 1 preview, 2 test, 8 spam (Qualtrics support, "Understanding your
# dataset"); with choice text it is a phrase.
NO_RESPONDENT_BITS = {1: "preview", 2: "test", 8: "spam"}
YES = frozenset({"true", "1", "yes", "waar", "ja"})


def recognise(source: Source) -> str | None:
    """Return why a file comes from Qualtrics: its import ids or its own columns."""
    if not delimited.is_text(source):
        return None
    records = delimited.peek_records(source)[:4]
    number = _import_id_record(records)
    if number:
        return f"row {number + 1} holds Qualtrics' import ids, below {number} header row(s)"
    if records and _tool_columns(records[0]) >= 4 and "responseid" in _names(records[0]):
        return "the header has Qualtrics' own columns (ResponseId, Finished, ...)"
    return None


def read(source: Source, options: ReadOptions, why: str) -> RawTable:
    """Rows of people who finished; previews, tests, spam and unfinished rows are counted.

    Columns that identify a person directly (IP address, name, e-mail, coordinates) are not kept.
    """
    text = delimited.open_text(source)
    records = text.sample()
    n_header_rows = _count_header_rows(records)
    head, cells, blank = delimited.parse_records(
        source, text, header_index=text.first_record, n_header_rows=n_header_rows
    )
    left_out = {"blank line": blank} if blank else {}
    for reason, rows in _no_respondents(head[0], cells).items():
        if rows.any():
            left_out[reason] = int(rows.sum())
    keep = ~np.logical_or.reduce(list(_no_respondents(head[0], cells).values()))
    identifying = [i for i, name in enumerate(head[0]) if DIRECT_IDENTIFIERS.match(name)]
    kept = [position for position in range(len(head[0])) if position not in identifying]
    texts = head[1] if n_header_rows > 1 else head[0]
    rows = cells.loc[keep, kept].set_axis(range(len(kept)), axis=1)
    return RawTable(
        source=source,
        layout=LAYOUT,
        why=why,
        headers=tuple(head[0][position] for position in kept),
        cells=rows,
        header_row=text.first_record + 1,
        encoding=text.encoding,
        delimiter=text.delimiter,
        questions={new: texts[old] for new, old in enumerate(kept)} if n_header_rows > 1 else {},
        left_out=left_out,
        withheld={head[0][position]: "direct identifier" for position in identifying},
        standard_columns=_standard_columns(head[0]),
    )


def _names(record: list[str]) -> list[str]:
    return [fold(name).replace(" ", "_") for name in record]


def _tool_columns(record: list[str]) -> int:
    return len(TOOL_COLUMNS & set(_names(record)))


def _import_id_record(records: list[list[str]]) -> int:
    """Number of the record with the import ids (from 0); 0 when there is none."""
    for number, record in enumerate(records[:4]):
        if number and any(IMPORT_ID.match(cell) for cell in record):
            return number
    return 0


def _count_header_rows(records: list[list[str]]) -> int:
    """Return 3 with import ids below the texts, 2 in old exports, 1 when someone cut them off."""
    number = _import_id_record(records)
    if number:
        return number + 1
    if len(records) > 1:
        second = {fold(cell) for cell in records[1]}
        if second & DATE_TEXTS or {"finished", "progress"} <= second:
            return 2
    return 1


def _standard_columns(headers: list[str]) -> dict[str, str]:
    known = {name: header for name, header in zip(_names(headers), headers, strict=True)}
    wanted = {"respondent": "responseid", "duration": "duration_(in_seconds)"}
    return {use: known[name] for use, name in wanted.items() if name in known}


def _no_respondents(headers: list[str], cells: pd.DataFrame) -> dict[str, np.ndarray]:
    """Rows that are no respondents, by reason; a row is counted under its first reason."""
    names = _names(headers)
    counted = np.zeros(len(cells), dtype=bool)
    reasons = {reason: counted for reason in ("preview", "test", "spam", "unfinished")}
    if "status" in names:
        status = cells[names.index("status")]
        kinds = mapped(status, _status, dtype="U10")
        for reason in NO_RESPONDENT_BITS.values():
            reasons[reason] = kinds == reason
            counted = counted | reasons[reason]
    unfinished = _unfinished(names, cells)
    return reasons | {"unfinished": unfinished & ~counted}


def _status(text: str) -> str:
    plain = fold(text)
    if plain.isdecimal():
        bits = int(plain)
        return next((kind for bit, kind in NO_RESPONDENT_BITS.items() if bits & bit), "")
    return next((kind for kind in NO_RESPONDENT_BITS.values() if kind in plain), "")


def _unfinished(names: list[str], cells: pd.DataFrame) -> np.ndarray:
    if "finished" in names:
        column = cells[names.index("finished")]
        return mapped(column, lambda text: fold(text) not in YES, dtype=bool)
    if "progress" in names:
        column = cells[names.index("progress")]
        return mapped(column, lambda text: fold(text) != "100", dtype=bool)
    return np.zeros(len(cells), dtype=bool)
