"""The quick ways for large files give what the general ways give, for any content."""

import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.responses.conftest import INSTRUMENT

from research.errors import ResponseError
from research.responses import text_words
from research.responses.ingest.answers.numbers import AnswerNumbers, stacked
from research.responses.ingest.files import bytes_reader, delimited
from research.responses.ingest.files.bytes_reader import read_columns
from research.responses.ingest.joining import order_of_ids
from research.responses.ingest.tables import SAMPLE_ROWS, as_text_column, texts_of, tidied, tidy
from research.responses.validation import contract, require_contract
from research.study.instrument import Instrument
from research.study.study_file import Study

# What may stand in a field without quotation marks, accents and several bytes a letter among it.
FIELD = st.text(
    st.characters(exclude_characters='";\n\r\0', exclude_categories=["Cs"]), max_size=12
)
ANSWER = st.sampled_from(["", "1", "2", "5", "é", "weet niet", "10"])


@st.composite
def tables(draw) -> list[list[str]]:
    width = draw(st.integers(2, 4))
    column = st.sampled_from([FIELD, ANSWER])
    return [[draw(draw(column)) for _ in range(width)] for _ in range(draw(st.integers(1, 12)))]


def as_bytes(rows: list[list[str]], *, last_line_end: bool = True) -> bytes:
    return ("\n".join(map(";".join, rows)) + "\n" * last_line_end).encode()


def texts(columns: list) -> list[list[str]]:
    """Rows of texts again, whatever the columns are made of."""
    spread = []
    for column in columns:
        codes, distinct = texts_of(pd.Series(column))
        spread.append([distinct[code] for code in codes])
    return [list(row) for row in zip(*spread, strict=True)]


@settings(max_examples=150, deadline=None)
@given(rows=tables(), last_line_end=st.booleans(), piece=st.sampled_from([4, 40, 1 << 19]))
@example(rows=[["", ""]], last_line_end=False, piece=4)
def test_bytes_are_cut_as_csv_cuts_them(rows, last_line_end, piece):
    content = as_bytes(rows, last_line_end=last_line_end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bytes_reader, "PIECE_BYTES", piece)
        columns = read_columns(content, start=0, delimiter=";", width=len(rows[0]))
    expected = list(csv.reader(io.StringIO(content.decode(), newline=""), delimiter=";"))
    assert texts(columns) == expected == rows


@settings(max_examples=100, deadline=None)
@given(
    rows=tables(),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL, csv.QUOTE_NONNUMERIC]),
    stray=st.sampled_from(["", "", '"', "\n", ";", 'a"b']),
    piece=st.sampled_from([4, 1 << 19]),
)
def test_quotation_marks_are_taken_off_as_csv_takes_them_or_not_at_all(rows, quoting, stray, piece):
    rows[-1][0] += stray
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=";", quoting=quoting, lineterminator="\n").writerows(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bytes_reader, "PIECE_BYTES", piece)
        columns = read_columns(
            stream.getvalue().encode(), start=0, delimiter=";", width=len(rows[0])
        )
    assert (columns is None) == bool(stray)
    if columns is not None:
        assert texts(columns) == rows


@settings(max_examples=60, deadline=None)
@given(rows=tables())
def test_codes_and_order_of_texts_are_those_of_the_general_reader(rows):
    quick = read_columns(as_bytes(rows), start=0, delimiter=";", width=len(rows[0]))
    for place, column in enumerate(quick):
        general = as_text_column(pd.Series([row[place] for row in rows], dtype="str"))
        if isinstance(column, pd.Categorical) and isinstance(general, pd.Categorical):
            assert column.categories.tolist() == general.categories.tolist()
            assert column.codes.tolist() == general.codes.tolist()


@pytest.mark.parametrize(
    "content",
    [
        b'1;"2""3"\n3;4\n',
        b'1;2"\n"3;4\n',
        b'1;"2;3"\n3;4\n',
        b'1;"2\n3"\n3;4\n',
        b'1; "2"\n3;4\n',
        b'1;"2" \n3;4\n',
        b'1;"\n',
        b"1;2\n\n3;4\n",
        b"1;2\n3\n",
        b"1;2;3\n4\n",  # as many fields as two rows of two, cut elsewhere
        b"1;2\n3;4;5\n",
        b"",
        b"1;" + b"x" * 70_000 + b"\n",
    ],
    ids=[
        "doubled quote",
        "quote in a text",
        "wrapped delimiter",
        "wrapped line break",
        "blank before",
        "blank after",
        "unclosed",
        "blank line",
        "short",
        "shifted",
        "long",
        "nothing",
        "huge field",
    ],
)
def test_what_is_no_plain_grid_is_left_to_the_general_reader(content):
    assert read_columns(content, start=0, delimiter=";", width=2) is None


def test_many_different_longer_texts_in_a_column_of_short_ones_stay_apart():
    remarks = [f"remark {n}" if n % 3 == 0 else str(n % 9) for n in range(900)]
    rows = [[remark, "1"] for remark in remarks]
    rows[7][0] = "long " * 100
    assert texts(read_columns(as_bytes(rows), start=0, delimiter=";", width=2)) == rows


def test_an_answer_that_first_stands_far_down_is_read():
    rows = [["1", "2"]] * (SAMPLE_ROWS + 5) + [["4", ""], ["1", "weet niet"]]
    assert texts(read_columns(as_bytes(rows), start=0, delimiter=";", width=2)) == rows


def test_the_quick_reader_is_used_below_a_quoted_header(load, csv_text, monkeypatch):
    header, rest = csv_text.split("\n", 1)
    quoted = ",".join(f'"{name}"' for name in header.split(",")) + "\n" + rest
    plain = load({"e.csv": quoted}).responses
    monkeypatch.setattr(delimited, "_columns", None)  # the general way would fail
    pd.testing.assert_frame_equal(load({"e.csv": quoted}).responses, plain)
    monkeypatch.undo()
    monkeypatch.setattr(bytes_reader, "read_columns", lambda *_, **__: None)
    pd.testing.assert_frame_equal(load({"e.csv": quoted}).responses, plain)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), max_size=20))
@example(["", "a", "a\0", "b"])
@example(["x" * 70, "x" * 71, "x" * 70])
def test_ids_are_ordered_as_python_orders_them(ids):
    order = order_of_ids(pd.Series(ids, dtype=object))
    assert [ids[place] for place in order.places] == sorted(ids)
    assert order.everybody_once == (len(set(ids)) == len(ids))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=6), max_size=5))
def test_texts_are_tidied_alike_together_and_one_by_one(some):
    assert tidied(some) == [tidy(text) for text in some]


def test_a_value_that_is_no_text_is_no_id():
    with pytest.raises(TypeError):
        text_words.order_words(["r1", float("nan")])


def test_numbers_of_two_files_stand_below_each_other():
    first = AnswerNumbers((np.array([0, 1], dtype=np.int8),), (np.array([5, np.nan], np.float32),))
    second = AnswerNumbers((np.array([1, 0], dtype=np.int8),), (np.array([99, 1], np.float32),))
    both = stacked([first, second])
    assert both.shape == (4, 1)
    np.testing.assert_array_equal(both[:], [[5], [np.nan], [1], [99]])
    np.testing.assert_array_equal(both[np.array([3, 0]), 0], [99, 5])
    assert both.steps(0, low=1, high=5).tolist() == [5, 0, 1, 0]


def test_the_same_ids_in_two_waves_are_ordered_by_wave(load):
    header = "id,org,role,wave,a01,a02,a03,a04\n"
    people = [f"r{n},Zuid,{role}" for n, role in ((2, "customer"), (1, "customer"), (3, "manager"))]
    rows = [f"{who},{wave},1,2,3,4" for wave in ("t1", "t0") for who in people]
    columns = {"respondent": "id", "organisation": "org", "role": "role", "wave": "wave"}
    made = load({"e.csv": header + "\n".join(rows) + "\n"}, columns=columns).responses
    customers = made[made["role"] == "customer"]
    assert customers[["respondent_id", "wave"]].to_numpy().tolist() == [
        ["r1", "t0"], ["r1", "t1"], ["r2", "t0"], ["r2", "t1"],
    ]  # fmt: skip


@pytest.fixture
def responses(load, csv_text) -> pd.DataFrame:
    return load({"e.csv": csv_text}).responses


def small_study() -> tuple[Instrument, Study]:
    study = {"id": "small", "title": {"nl": "Klein", "en": "Small"}, "instrument": "i.yaml"}
    study |= {"synthetic": True, "exports": [{"path": "e.csv"}]}
    return Instrument.model_validate(INSTRUMENT), Study.model_validate(study)


def test_a_table_that_keeps_the_contract_is_returned_as_it_is(responses, monkeypatch):
    monkeypatch.setattr(contract, "_refuse", None)  # nothing needs explaining
    assert require_contract(responses, *small_study()) is responses


BREACHES = {
    "missing column": lambda table: table.drop(columns="a02"),
    "another order": lambda table: table[table.columns[::-1]],
    "number as text": lambda table: table.assign(a01=table["a01"].astype("str")),
    "off the scale": lambda table: table.assign(a01=table["a01"] + 1),
    "below the scale": lambda table: table.assign(a01=table["a01"] - 1),
    "missing id": lambda table: table.assign(
        respondent_id=table["respondent_id"].where(table.index > 0)
    ),
    "empty id": lambda table: table.assign(
        respondent_id=table["respondent_id"].where(table.index > 0, "")
    ),
    "empty organisation": lambda table: table.assign(organisation_id=""),
    "missing wave": lambda table: table.assign(wave=pd.Series(np.nan, table.index, dtype="str")),
    "unknown role": lambda table: table.assign(role="boss"),
    "same id": lambda table: table.assign(respondent_id="r1"),
    "same long id": lambda table: table.assign(respondent_id="r" * 90),
    "duration as text": lambda table: table.assign(duration_seconds="1"),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_the_quick_verdict_misses_no_breach_of_the_contract(breach, responses):
    with pytest.raises(ResponseError, match="fault of the import"):
        require_contract(BREACHES[breach](responses), *small_study())
