"""SPSS .sav: numbers with labels, and codes the file itself declares missing."""

import tempfile
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

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


def recognise(source: Source) -> str | None:
    """Return why a file is SPSS: it begins with $FL2, or $FL3 when compressed."""
    return "it begins with the mark of an SPSS file" if source.content[:4] in MAGIC else None


def read(source: Source, options: ReadOptions, why: str) -> RawTable:
    """Rows of a .sav file as text; row 1 is the first case, as in SPSS's data view.

    User-missing codes keep their value here and are declared in ``user_missing``.
    """
    table, meta = _read_sav(source)
    positions = {name: position for position, name in enumerate(meta.column_names)}
    labels = {
        positions[name]: {as_text(code): tidy(str(label)) for code, label in codes.items()}
        for name, codes in meta.variable_value_labels.items()
    }
    cells = pd.DataFrame(
        {position: _text_column(table[name]) for name, position in positions.items()}
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
        value_labels=labels,
        user_missing={
            positions[name]: MissingCodes(ranges=_numeric_ranges(ranges))
            for name, ranges in meta.missing_ranges.items()
        },
    )


def _read_sav(source: Source):
    import pyreadstat  # imported here: a compiled library nobody needs for CSV or Excel

    # pyreadstat reads from a path only; the copy also keeps the user's own path out of errors.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.sav"
        path.write_bytes(source.content)
        try:
            with warnings.catch_warnings():
                # pyreadstat renames doubled columns with a warning; such a file is damaged.
                warnings.simplefilter("error", UserWarning)
                return pyreadstat.read_sav(str(path), user_missing=True)
        except (pyreadstat.ReadstatError, ValueError, UserWarning) as error:
            raise source.refuse(
                "unreadable file",
                f"the SPSS file cannot be read ({type(error).__name__}).",
                "It may be cut off or damaged: save it again in SPSS and copy it anew.",
            ) from None


def _numeric_ranges(ranges: list[dict]) -> tuple[tuple[float, float], ...]:
    return tuple(
        (float(entry["lo"]), float(entry["hi"]))
        for entry in ranges
        if not isinstance(entry["lo"], str)
    )


def _text_column(column: pd.Series) -> pd.Categorical:
    codes, values = pd.factorize(column.to_numpy(dtype=object), use_na_sentinel=True)
    texts = [as_text(value) for value in values]
    merged = sorted(set(texts) | {""})
    place = {text: number for number, text in enumerate(merged)}
    lookup = np.array([place[text] for text in texts] + [place[""]], dtype=np.intp)
    return pd.Categorical.from_codes(lookup[codes], categories=merged)
