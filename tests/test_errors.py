import pytest

from research.errors import Problem, ResponseError, nearest, require_choice


def problem(row):
    return Problem(
        file="klanten.csv", row=str(row), column="Q2_1", rule="answer_on_scale",
        message="value 7 lies outside 1 to 5.", remedy="Correct the export.",
    )  # fmt: skip


def test_a_problem_names_file_row_column_and_remedy():
    assert str(problem(12)) == (
        "klanten.csv, row 12, column Q2_1: value 7 lies outside 1 to 5. Correct the export."
    )


def test_all_failures_are_carried_and_the_first_are_printed():
    error = ResponseError([problem(row) for row in range(20)])
    assert len(error.failures) == 20
    assert str(error).startswith("20 problems in the exports. Nothing was written.")
    assert "and 12 more" in str(error)
    assert error.exit_code == 2


def test_a_closed_list_is_printed_whole():
    with pytest.raises(ValueError, match=r"level must be one of \('a', 'b'\), not 'c'"):
        require_choice("level", "c", ("a", "b"))


def test_the_nearest_word_is_named():
    assert nearest("exprots", ["exports", "columns"]) == "Did you mean 'exports'?"
    assert nearest("xyz", ["exports", "columns"]) == "Known here: columns, exports."
