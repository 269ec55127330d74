"""SPSS .sav and .zsav: numbers with labels, and codes the file itself declares missing."""

import datetime
import re
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from research.errors import Problem
from research.responses.ingest.tables import (
    MissingCodes,
    RawTable,
    ReadOptions,
    Source,
    as_text,
    tidy,
)

LAYOUT = "spss"
MAGIC = (b"$FL2", b"$FL3")
PORTABLE = b"SPSS PORT FILE"
ENCRYPTED = b"ENCRYPTEDSAV"  # behind eight bytes, as PSPP's description of the format says
# SPSS counts seconds from the first day of the Gregorian calendar.
FIRST_DAY = datetime.datetime(1582, 10, 14)
DATE_FORMATS = frozenset({"DATE", "ADATE", "EDATE", "SDATE", "JDATE", "MOYR", "QYR", "WKYR"})
MOMENT_FORMATS = frozenset({"DATETIME", "YMDHMS"})
# For files that do not say their encoding: what SPSS on a Western European Windows wrote.
USUAL_ENCODING = "WINDOWS-1252"


def recognise(source: Source) -> str | None:
    """Return why a file is SPSS: it begins with $FL2, or $FL3 when compressed (zsav).

    Portable (.por) and encrypted files are SPSS too; ``read`` refuses them in words.
    """
    if source.content.startswith(MAGIC):
        return "it begins with the mark of an SPSS file"
    if PORTABLE in source.content[:500]:
        return "it begins with the mark of an SPSS portable file"
    if ENCRYPTED in source.content[:40]:
        return "it begins with the mark of an encrypted SPSS file"
    return None


def read(source: Source, options: ReadOptions, why: str) -> RawTable:
    """Rows of a .sav file as text; row 1 is the first case, as in SPSS's data view.

    User-missing codes keep their value here and are declared in ``user_missing``; system missing
    is empty. Dates are ISO 8601, times and durations seconds. A file that does not say its
    encoding is read as Windows-1252, with a warning.
    """
    _refuse_other_kinds(source)
    table, meta, problems = _read_sav(source)
    positions = {name: position for position, name in enumerate(meta.column_names)}
    cells = pd.DataFrame(
        {
            # A damaged file may hold a format nobody knows, which comes back as None.
            position: _text_column(table[name], meta.original_variable_types.get(name) or "")
            for name, position in positions.items()
        }
    )
    cells.index = pd.RangeIndex(1, len(table) + 1, name="row")
    questions = zip(meta.column_names, meta.column_labels, strict=True)
    return RawTable(
        source=source,
        layout=LAYOUT,
        why=why,
        headers=tuple(tidy(name) for name in meta.column_names),
        cells=cells,
        header_row=0,
        encoding=meta.file_encoding or "",
        questions={positions[name]: tidy(text) for name, text in questions if text},
        value_labels={
            positions[name]: {as_text(code): tidy(str(label)) for code, label in codes.items()}
            for name, codes in meta.variable_value_labels.items()
        },
        user_missing={
            positions[name]: _missing_codes(ranges) for name, ranges in meta.missing_ranges.items()
        },
        problems=tuple(problems),
    )


def _refuse_other_kinds(source: Source) -> None:
    if PORTABLE in source.content[:500]:
        raise source.refuse(
            "layout",
            "the file is an SPSS portable file (.por), which keeps names to eight letters.",
            "Open it in SPSS or PSPP and save it as .sav.",
        )
    if ENCRYPTED in source.content[:40]:
        raise source.refuse(
            "password",
            "the SPSS file is protected by a password.",
            "Open it in SPSS and save it without encryption.",
        )


def _read_sav(source: Source):
    """Table, description and warnings; a second try when the texts do not decode."""
    import pyreadstat  # imported here: a compiled library nobody needs for CSV or Excel

    # pyreadstat reads from a path only; the copy also keeps the user's own path out of errors.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.sav"
        path.write_bytes(source.content)

        def attempt(**encoding: str):
            with warnings.catch_warnings():
                # pyreadstat renames doubled columns with a warning; such a file is damaged.
                warnings.simplefilter("error", UserWarning)
                # Its own dates wrap times at 24 hours and stop at one impossible date.
                return pyreadstat.read_sav(
                    str(path), user_missing=True, disable_datetime_conversion=True, **encoding
                )

        failures = (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, UserWarning)
        try:
            return *attempt(), []
        except failures as error:
            if "encoding" not in str(error):
                raise _unreadable(source, error) from None
        try:
            return *attempt(encoding=USUAL_ENCODING), [_encoding_guessed(source)]
        except failures as error:
            raise _unreadable(source, error) from None


def _unreadable(source: Source, error: Exception):
    return source.refuse(
        "unreadable file",
        "the SPSS file cannot be read.",
        "It may be cut off or damaged: save it again in SPSS and copy it anew.",
    )


def _encoding_guessed(source: Source) -> Problem:
    return source.problem(
        "encoding",
        "the texts of the SPSS file are not in the encoding the file names.",
        "Look whether names with accents came out right; if not, save the file again in SPSS "
        "with Unicode switched on.",
        severity="warning",
        done="read as Windows-1252",
    )


def _missing_codes(ranges: list[dict]) -> MissingCodes:
    """Codes and ranges declared missing; texts can be declared one by one only."""
    numbers = [entry for entry in ranges if not isinstance(entry["lo"], str)]
    return MissingCodes(
        ranges=tuple((float(entry["lo"]), float(entry["hi"])) for entry in numbers),
        texts=frozenset(tidy(entry["lo"]) for entry in ranges if isinstance(entry["lo"], str)),
    )


def _text_column(column: pd.Series, display: str) -> pd.Categorical:
    codes, values = pd.factorize(column.to_numpy(dtype=object), use_na_sentinel=True)
    kind = re.sub(r"[\d.]+$", "", display)
    texts = [_text(value, kind) for value in values]
    merged = sorted(set(texts) | {""})
    place = {text: number for number, text in enumerate(merged)}
    lookup = np.array([place[text] for text in texts] + [place[""]], dtype=np.intp)
    return pd.Categorical.from_codes(lookup[codes], categories=pd.Index(merged, dtype="str"))


def _text(value: object, kind: str) -> str:
    if isinstance(value, float) and kind in DATE_FORMATS | MOMENT_FORMATS:
        try:
            moment = FIRST_DAY + datetime.timedelta(seconds=value)
        except OverflowError:
            return as_text(value)
        return as_text(moment.date() if kind in DATE_FORMATS else moment)
    return as_text(value)
