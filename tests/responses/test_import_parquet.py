"""Parquet and feather: every type as text and back, and a sentence where pyarrow is not there.

The library is an extra that the tests do without; `pip install pyarrow` lets all of them run.
"""

import datetime
import io
import sys
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from research.errors import ResponseError
from research.responses.ingest.files import parquet
from research.responses.ingest.tables import ReadOptions, Source

FORMATS = ["parquet", "feather"]


@pytest.fixture
def write():
    """Return the bytes of a table as parquet or feather, or skip where pyarrow is not there."""
    pytest.importorskip("pyarrow", reason="needs the extra `parquet` (pip install pyarrow)")

    def written(table: pd.DataFrame, kind: str, **options) -> bytes:
        buffer = io.BytesIO()
        getattr(table, f"to_{kind}")(buffer, **options)
        return buffer.getvalue()

    return written


def read(content):
    return parquet.read(Source("e.parquet", content), ReadOptions(), "test")


def text_columns(content):
    table = read(content)
    return dict(zip(table.headers, (table.cells[n].tolist() for n in table.cells), strict=True))


@pytest.mark.parametrize("kind", FORMATS)
def test_a_small_study_comes_back_exactly(load, answers, csv_text, write, kind):
    items = ["a01", "a02", "a03", "a04"]
    as_floats = answers.assign(**answers[items].apply(pd.to_numeric))
    as_whole = as_floats.assign(**as_floats[items].astype("Int8"))
    as_categories = answers.astype("category")
    expected = load({"e.csv": csv_text}).responses
    for table in (answers, as_floats, as_whole, as_categories):
        result = load({f"e.{kind}": write(table, kind)})
        pd.testing.assert_frame_equal(result.responses, expected)
        assert result.failures.empty
    assert f"the mark of a {kind} file" in result.receipt["files"][0]["why"]


@pytest.mark.parametrize("kind", FORMATS)
def test_every_type_is_text_that_reads_back_to_the_same_value(write, kind):
    numbers = [1.0, np.nan, 0.1, 1 / 3, 1e-300, -2.5]
    table = pd.DataFrame(
        {
            "float": numbers,
            "float32": np.array([3.1, 1, 2, 0.1, -4, np.nan], dtype="float32"),
            "whole": [2**60 + 1, -1, 0, 1, 2, 3],
            "nullable": pd.array([1, None, 3, 4, 5, 6], dtype="Int64"),
            "truth": [True, False] * 3,
            "maybe": pd.array([True, None, False] * 2, dtype="boolean"),
            "text": ["007", "NA", "None", "", None, " é "],
            "group": pd.Categorical(
                ["b", None, "a", "b", "a", "b"], categories=["b", "a", "never"]
            ),
            "rank": pd.Categorical([3, 1, 2, 3, 1, None], ordered=True),
        }
    )
    texts = text_columns(write(table, kind))
    floats = [float(text) if text else np.nan for text in texts["float"]]
    np.testing.assert_array_equal(floats, numbers)
    assert texts["float32"] == ["3.1", "1", "2", "0.1", "-4", ""]
    assert texts["whole"] == ["1152921504606846977", "-1", "0", "1", "2", "3"]
    assert texts["nullable"] == ["1", "", "3", "4", "5", "6"]
    assert texts["truth"] == ["True", "False"] * 3
    assert texts["maybe"] == ["True", "", "False"] * 2
    assert texts["text"] == ["007", "NA", "None", "", "", "é"]
    assert texts["group"] == ["b", "", "a", "b", "a", "b"]
    assert texts["rank"] == ["3", "1", "2", "3", "1", ""]


def test_dates_decimals_and_bytes_are_text_too(write):
    table = pd.DataFrame(
        {
            "day": [datetime.date(2026, 5, 1), None],
            "moment": [pd.Timestamp("2026-05-01 10:00"), None],
            "decimal": [Decimal("4.00"), Decimal("2.50")],
            "bytes": ["Café".encode(), b""],
        }
    )
    assert text_columns(write(table, "parquet")) == {
        "day": ["2026-05-01", ""],
        "moment": ["2026-05-01 10:00:00", ""],
        "decimal": ["4.00", "2.50"],
        "bytes": ["Café", ""],
    }


def test_several_row_groups_are_one_table(write):
    table = pd.DataFrame({"group": pd.Categorical(["x", "y", "x", "z", "y"])})
    assert text_columns(write(table, "parquet", row_group_size=2))["group"] == list("xyxzy")


def test_an_index_with_a_name_is_a_column(load, answers, write):
    result = load({"e.parquet": write(answers.set_index("id"), "parquet")})
    assert sorted(result.responses["respondent_id"]) == answers["id"].tolist()


@pytest.mark.parametrize("name", ["a01", "remark"])
def test_a_column_of_lists_is_refused_only_when_it_is_used(load, answers, write, name):
    table = answers.assign(**{name: [[1, 2]] * 6})
    if name == "remark":
        assert len(load({"e.parquet": write(table, "parquet")}).responses) == 6
        return
    with pytest.raises(ResponseError, match="column a01: cell 1 of column a01 .*lists or struct"):
        load({"e.parquet": write(table, "parquet")})


def test_a_table_without_rows_is_said(load, answers, write):
    with pytest.raises(ResponseError, match="no answers below the header"):
        load({"e.parquet": write(answers[:0], "parquet")})


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("share", [0.01, 0.5, 0.95])
def test_a_part_of_a_file_is_refused(load, answers, write, kind, share):
    content = write(answers, kind)
    with pytest.raises(ResponseError, match=f"e.{kind}: the {kind} file cannot be read"):
        load({f"e.{kind}": content[: int(len(content) * share) + 6]})


@pytest.mark.parametrize(("mark", "kind"), [(b"PAR1", "parquet"), (b"ARROW1", "feather")])
def test_without_pyarrow_a_sentence_says_how_to_install_it(load, monkeypatch, mark, kind):
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # makes the import fail
    with pytest.raises(ResponseError, match=f"e.data: this is a {kind} file.*pip install pyarrow"):
        load({"e.data": mark + b"\0" * 100})


def test_an_encrypted_file_is_said_as_such(load):
    with pytest.raises(ResponseError, match="e.parquet: the parquet file is encrypted"):
        load({"e.parquet": b"PARE" + b"\0" * 100})
