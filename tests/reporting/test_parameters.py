"""Parameters are checked before anything runs; the error lists the right ones."""

import nbformat
import pytest

from research.errors import InputError
from research.reporting.parameters import check_parameters
from tests.reporting.notebook_maker import make_notebook

CELL = (
    "study: str = 'example'  # folder under data/raw\n"
    "language: str = 'nl'  # nl or en\n"
    "confidence_level: float = 0.95\n"
    "rounds = 3\n"
    "full: bool = False"
)
RIGHT = {"study": "s1", "language": "en"}


def check(tmp_path, given: dict, cell: str | None = CELL) -> dict:
    path = make_notebook(tmp_path, parameters=cell)
    return check_parameters(nbformat.read(path, as_version=4), given, name=path.name)


def test_what_is_not_given_keeps_its_default(tmp_path):
    assert check(tmp_path, {**RIGHT, "rounds": 5}) == {
        "study": "s1",
        "language": "en",
        "confidence_level": 0.95,
        "rounds": 5,
        "full": False,
    }


def test_a_whole_number_serves_where_a_float_is_wanted(tmp_path):
    assert check(tmp_path, {**RIGHT, "confidence_level": 1})["confidence_level"] == 1


def test_an_unknown_parameter_is_an_error_naming_the_nearest(tmp_path):
    with pytest.raises(InputError, match="Unknown parameter 'langauge'. Did you mean 'language'"):
        check(tmp_path, {**RIGHT, "langauge": "nl"})


def test_an_error_lists_every_parameter_with_its_type(tmp_path):
    listed = r"study \(str\), language \(str\), confidence_level \(float\), rounds \(int\)"
    with pytest.raises(InputError, match=listed):
        check(tmp_path, {**RIGHT, "nothing": 1})


@pytest.mark.parametrize("left_out", ["study", "language"])
def test_whose_page_it_is_must_be_said(tmp_path, left_out):
    given = {key: value for key, value in RIGHT.items() if key != left_out}
    with pytest.raises(InputError, match=f"Missing parameter '{left_out}'"):
        check(tmp_path, given)


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("study", 7, r"'study' must be str, not int \(7\)"),
        ("rounds", "3", "'rounds' must be int, not str"),
        ("rounds", True, "'rounds' must be int, not bool"),
        ("full", 1, "'full' must be bool, not int"),
        ("confidence_level", None, "'confidence_level' must be float, not NoneType"),
    ],
)
def test_a_wrong_type_is_an_error(tmp_path, key, value, message):
    with pytest.raises(InputError, match=message):
        check(tmp_path, {**RIGHT, key: value})


def test_every_offence_is_reported_at_once(tmp_path):
    with pytest.raises(InputError, match="Unknown.*Missing.*must be"):
        check(tmp_path, {"study": "s1", "nothing": 1, "rounds": "x"})


def test_a_notebook_without_a_parameters_cell_is_refused(tmp_path):
    with pytest.raises(InputError, match="no cell tagged 'parameters'"):
        check(tmp_path, RIGHT, cell=None)


def test_a_computed_value_in_the_parameters_cell_is_refused(tmp_path):
    with pytest.raises(InputError, match="line 2 of the parameters cell is no literal"):
        check(tmp_path, RIGHT, cell="study: str = 'a'\ntitle = study.upper()")


def test_a_line_papermill_cannot_read_is_refused(tmp_path):
    cell = "study: str = 'a=b'\nlanguage: str = 'nl'"
    with pytest.raises(InputError, match="cannot be read at study"):
        check(tmp_path, RIGHT, cell=cell)
