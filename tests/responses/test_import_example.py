"""The example study that comes with the project, and the list of layouts."""

from pathlib import Path

import pytest

from research.responses.ingest import import_exports
from research.responses.ingest.tools.registry import LAYOUTS as KNOWN
from research.study.study_file import LAYOUTS, read_study

EXAMPLE = Path(__file__).parents[2] / "data" / "raw" / "example"


@pytest.fixture(scope="module")
def example():
    study, instrument = read_study(EXAMPLE / "study.yaml")
    return import_exports(study, instrument, folder=EXAMPLE)


def test_the_example_study_imports_without_a_failure(example):
    assert example.failures.empty
    assert [file["layout"] for file in example.receipt["files"]] == ["excel", "qualtrics"]
    assert example.receipt["roles_present"] == ["customer", "manager"]


def test_previews_and_unfinished_rows_of_the_example_do_not_count(example):
    assert example.receipt["left_out"] == {"preview": 3, "unfinished": 17}
    assert len(example.responses) == example.receipt["rows_in"] - 20


def test_no_address_of_the_internet_reaches_the_responses(example):
    assert "192.0.2." not in example.responses.to_csv()


def test_every_reader_has_its_word_in_the_study_file():
    assert set(KNOWN) == set(LAYOUTS) - {"auto"}
