"""Parquet and feather: typed columns, taken as they are; they need the library pyarrow.

The library is an extra (`parquet` in pyproject.toml) and is imported inside the functions here:
no other layout needs it, and where it is installed pandas keeps every text in another way.
"""

import io

import numpy as np
import pandas as pd

from research.errors import ResponseError
from research.responses.ingest.tables import (
    OddCell,
    RawTable,
    ReadOptions,
    Source,
    as_text,
    tidy,
)

LAYOUT = "parquet"
# Parquet, feather version 2 (an Arrow file) and feather version 1, each by its first bytes.
MARKS = {b"PAR1": "parquet", b"PARE": "parquet", b"ARROW1": "feather", b"FEA1": "feather"}
ENCRYPTED = b"PARE"
HALF_A_FILE = "It may be cut off or damaged: write it again and copy it anew, or export CSV."


def recognise(source: Source) -> str | None:
    """Return why a file is parquet or feather: the mark it begins with."""
    kind = _kind(source)
    return f"it begins with the mark of a {kind} file" if kind else None


def read(source: Source, options: ReadOptions, why: str) -> RawTable:
    """Rows of a typed table as text; row 1 is the first one.

    Whole numbers have no decimal point (4, also when stored as 4.0), others as many digits as
    they need to be read back exactly; true and false are True and False, dates ISO 8601, a
    category its own text. NaN, None and missing are empty. Columns of lists or structures become
    odd cells: refused when they are used.
    """
    table = _read_table(source)
    headers = tuple(tidy(name) for name in table.column_names)
    columns, odd = {}, []
    for position, (header, column) in enumerate(zip(headers, table.columns, strict=True)):
        texts = _text_column(column)
        if texts is None:
            odd.append(_no_plain_column(position, header))
            texts = pd.Categorical.from_codes(np.zeros(len(column), dtype=int), categories=[""])
        columns[position] = texts
    return RawTable(
        source=source,
        layout=LAYOUT,
        why=why,
        headers=headers,
        cells=pd.DataFrame(columns, index=pd.RangeIndex(1, table.num_rows + 1, name="row")),
        header_row=0,
        odd_cells=tuple(odd),
    )


def _kind(source: Source) -> str:
    return next((kind for mark, kind in MARKS.items() if source.content.startswith(mark)), "")


def _read_table(source: Source):
    if source.content.startswith(ENCRYPTED):
        raise source.refuse(
            "password", "the parquet file is encrypted.", "Write it again without encryption."
        )
    try:
        import pyarrow  # imported here: an extra that only this layout needs
        from pyarrow import feather, parquet
    except ImportError:
        raise _without_library(source) from None
    stream = io.BytesIO(source.content)
    try:
        if _kind(source) == "feather":
            return feather.read_table(stream, use_threads=False)
        # ParquetFile, not read_table: a repeated name stays; columns.matching names it.
        return parquet.ParquetFile(stream).read(use_threads=False)
    except (pyarrow.ArrowException, OSError):
        raise source.refuse(
            "unreadable file",
            f"the {_kind(source)} file cannot be read.",
            HALF_A_FILE,
        ) from None


def _without_library(source: Source) -> ResponseError:
    return source.refuse(
        "missing library",
        f"this is a {_kind(source)} file, and the library that reads it (pyarrow) is not "
        "installed.",
        "Install it once with `pip install pyarrow`, or save the answers as CSV.",
    )


def _text_column(column) -> pd.Categorical | None:
    """Texts of a column, each distinct value turned once; None when its values are no scalars."""
    import pyarrow
    from pyarrow import types

    if isinstance(column.type, pyarrow.ExtensionType):
        column = pyarrow.chunked_array([chunk.storage for chunk in column.chunks])
    if types.is_nested(column.type):
        return None
    if len(column) == 0:
        return pd.Categorical.from_codes([], categories=pd.Index([""], dtype="str"))
    if not types.is_dictionary(column.type):
        column = column.dictionary_encode()
    array = column.unify_dictionaries().combine_chunks()
    values = array.dictionary.to_pylist()
    if types.is_float32(array.dictionary.type):  # 3.1 is stored as 3.0999999046325684
        values = [float(str(np.float32(value))) for value in values]
    texts = [_text(value) for value in values]
    places = {text: number for number, text in enumerate(dict.fromkeys([*texts, ""]))}
    lookup = np.array([places[text] for text in [*texts, ""]], dtype=np.int64)
    codes = array.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False).astype(np.int64)
    return pd.Categorical.from_codes(lookup[codes], categories=pd.Index(list(places), dtype="str"))


def _text(value: object) -> str:
    # Older writers (Impala, Spark) store text as bytes.
    return as_text(value.decode("utf-8", "replace") if isinstance(value, bytes) else value)


def _no_plain_column(position: int, header: str) -> OddCell:
    return OddCell(
        row=1,
        position=position,
        address=f"1 of column {header}",
        kind="lists or structures, as in the whole column",
        whole_column=True,
        remedy="Write one value per cell: one column for each answer.",
    )
