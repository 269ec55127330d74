"""The receipt as a page: what a researcher looks for is there, and no answer of a person."""

import re

import pytest

from research.presentation.receipt_page import receipt_sections
from research.presentation.texts import Reader
from research.study.study_file import read_study


@pytest.fixture
def page(load, csv_text, answers, tmp_path):
    """The page of two files: one with words, an identifier, an answer off the scale and a preview."""
    odd = answers.assign(id=[f"x{n}" for n in range(6)], naam="Jansen")
    odd = odd.replace({"a01": {"1": "helemaal niet"}, "a04": {"3": "weet niet"}})
    odd.loc[5, "a03"] = "9"
    odd.loc[6] = ["x9", "Noord", "customer", "", "", "", "", "Jansen"]
    result = load({"export.csv": csv_text, "odd.csv": odd.to_csv(index=False, sep=";")})

    def written(language):
        study, instrument = read_study(tmp_path / "study.yaml")
        reader = Reader(study=study, instrument=instrument, language=language)
        parts = receipt_sections(result.receipt, result.failures, reader)
        text = " ".join(map(str, parts))
        return " ".join(re.sub(r"<[^>]*>", " ", text).replace("\u00a0", " ").split())

    return written


def test_the_page_says_what_was_read_and_what_was_not(page):
    told = page("en")
    assert "13 rows were read from 2 file(s); 12 are used" in told
    assert "Left out: no answer at all 1" in told
    assert "Delimiter semicolon" in told
    assert "helemaal niet 1 2" in told  # the word, what it stands for, how often
    assert "weet niet missing 2" in told
    assert "naam identifies a person directly" in told
    assert "a03 off the scale 1" in told
    assert "a01 · action 1 a01 its id" in told


def test_the_dutch_page_has_dutch_words_for_what_is_not_a_quotation(page):
    told = page("nl")
    assert "Scheidingsteken puntkomma" in told
    assert "naam wijst een persoon rechtstreeks aan" in told
    assert "weet niet ontbrekend 2" in told


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_page_names_no_person(page, language):
    told = page(language)
    assert "Jansen" not in told
    assert not re.search(r"\bx\d\b|\br\d\b", told)
