"""What only a workbook can have: sheets, formulas, error values, dates, hidden rows."""

import datetime

import pytest

from research.errors import ResponseError


def test_two_sheets_with_answers_ask_for_a_name(load, rows, to_xlsx):
    content = to_xlsx({"Answers": rows, "Old": rows})
    with pytest.raises(ResponseError, match="2 sheets.*'Answers', 'Old'.*`sheet: Answers`"):
        load({"e.xlsx": content})


def test_half_a_workbook_is_refused(load, rows, to_xlsx):
    content = to_xlsx({"Answers": rows})
    with pytest.raises(ResponseError, match="e.xlsx: the workbook is cut off or damaged.*again"):
        load({"e.xlsx": content[: len(content) // 2]})


def test_a_named_sheet_is_read(load, rows, to_xlsx):
    content = to_xlsx({"Answers": rows, "Old": rows[:4]})
    result = load({"e.xlsx": content}, exports=[{"path": "e.xlsx", "sheet": "Old"}])
    assert len(result.responses) == 3


def test_an_unknown_sheet_names_the_nearest(load, rows, to_xlsx):
    with pytest.raises(ResponseError, match="no sheet 'Answer'. Did you mean 'Answers'"):
        load(
            {"e.xlsx": to_xlsx({"Answers": rows})}, exports=[{"path": "e.xlsx", "sheet": "Answer"}]
        )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (datetime.datetime(2026, 5, 1), ("cell D3", "date", "type Text")),
        ("#N/A", ("cell D3", "error value #N/A", "Correct the cell")),
        ("=1+1", ("cell D3", "formula without a stored value", "Open the workbook")),
    ],
)
def test_a_cell_that_is_no_plain_value_is_named_by_its_address(load, rows, to_xlsx, value, words):
    rows[2][3] = value
    with pytest.raises(ResponseError, match="e.xlsx, sheet Answers, row 3, column a01") as error:
        load({"e.xlsx": to_xlsx({"Answers": rows})})
    for word in words:
        assert word in str(error.value)


def test_odd_cells_in_columns_nobody_uses_do_not_matter(load, rows, to_xlsx):
    table = [[*rows[0], "remark"], *([*row, "#N/A"] for row in rows[1:])]
    assert len(load({"e.xlsx": to_xlsx({"Answers": table})}).responses) == 6


def test_hidden_rows_are_read_and_said(load, rows, to_xlsx):
    def hide(workbook):
        workbook["Answers"].row_dimensions[3].hidden = True

    result = load({"e.xlsx": to_xlsx({"Answers": rows}, hide)})
    assert len(result.responses) == 6
    assert result.failures["rule"].tolist() == ["hidden rows"]
    assert result.failures["row"].tolist() == ["3"]


def test_merged_organisation_cells_are_refused_by_row(load, rows, to_xlsx):
    def merge(workbook):
        workbook["Answers"].merge_cells("B2:B3")

    with pytest.raises(ResponseError, match="row 3, column org: 1 row.*split merged cells"):
        load({"e.xlsx": to_xlsx({"Answers": rows}, merge)})


def test_rows_below_a_gap_keep_their_number(load, rows, to_xlsx):
    rows.insert(3, [None] * 7)
    rows[5][3] = 7
    failures = load({"e.xlsx": to_xlsx({"Answers": rows})}).failures
    assert failures["row"].tolist() == ["6"]
