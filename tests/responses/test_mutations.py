"""Two thousand damaged exports: none crashes the import, and none is loaded wrongly in silence."""

import csv
import io
import unicodedata
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.responses.conftest import INSTRUMENT
from tests.responses.corpus import COLUMNS, TABLE
from tests.responses.mutator import Export, Mutant, Truth, exports, mutant, second_reading

from research.errors import InputError, ResponseError
from research.responses.ingest import importing
from research.responses.ingest.tables import INVISIBLE, Source
from research.study.instrument import Instrument
from research.study.study_file import Study

HOW_MANY = {
    "csv": 600, "qualtrics": 350, "limesurvey": 300, "forms": 300, "surveymonkey": 300,
    "excel": 100, "spss": 50,
}  # fmt: skip
EXPORTS = exports()


@pytest.fixture(autouse=True)
def _without_pandera_and_disk(monkeypatch):
    """The contract checked by hand: a refusal by it would pass for one of the file.

    Files are handed over as bytes; reading them from disk is tested by the corpus.
    """
    monkeypatch.setattr(importing.validation, "require_contract", _require_contract)
    monkeypatch.setattr(importing, "read_source", lambda export, *, folder: folder)


def _require_contract(
    responses: pd.DataFrame, instrument: Instrument, study: Study
) -> pd.DataFrame:
    answers = responses[instrument.activity_ids]
    given = answers.to_numpy(dtype=float, na_value=np.nan)
    keys = responses[["respondent_id", "organisation_id"]]
    if (
        responses.duplicated(["respondent_id", "wave"]).any()
        or np.nanmin(given) < 1
        or np.nanmax(given) > 5
        or (answers.dtypes != "Int64").any()
        or (keys == "").any(axis=None)
        or not responses["role"].isin(study.role_ids).all()
    ):
        raise AssertionError("the responses break their contract")
    return responses


def _study(export: Export) -> Study:
    content = {"id": "small", "title": {"nl": "Klein", "en": "Small"}, "synthetic": True,
               "instrument": "instrument.yaml", "exports": [{"path": export.file}], **export.study}  # fmt: skip
    return Study.model_validate(content)


def fault(export: Export, one: Mutant, study: Study, instrument: Instrument) -> str:
    """What is wrong with the outcome of a mutant; nothing: an empty text."""
    source = Source(export.file, one.content)
    try:
        result = importing.import_exports(study, instrument, folder=source)
    except ResponseError as error:
        return _fault_of_refusal(one, export, str(error), error.problems)
    except InputError as error:
        return _fault_of_refusal(one, export, str(error), ())
    except Exception as error:  # whatever a user would see as a traceback
        return f"crashed: {type(error).__name__}: {error}"
    loaded = _loaded(result.responses)
    if not one.may_load:
        return "was loaded"
    if result.receipt["rows_in"] != len(loaded) + sum(result.receipt["left_out"].values()):
        return "the receipt does not close"
    if one.truth is not None:
        return _difference(loaded, one.truth)
    second = second_reading(export, one.content) if export.is_text else None
    return "" if second is None else _doubt(loaded, second)


def _fault_of_refusal(one: Mutant, export: Export, message: str, problems: tuple) -> str:
    if not one.may_refuse:
        return f"was refused: {message}"
    if export.file not in message and "all exports" not in message:
        return f"names no file: {message}"
    if any("fault of the import" in problem.remedy or not problem.remedy for problem in problems):
        return f"has no remedy: {message}"
    return ""


def _loaded(responses: pd.DataFrame) -> Truth:
    answers = responses[["a01", "a02", "a03", "a04"]].astype(object)
    rows = zip(
        responses["respondent_id"], responses["organisation_id"], responses["role"],
        answers.to_numpy().tolist(), strict=True,
    )  # fmt: skip
    return {
        person: (name, role, tuple(None if pd.isna(a) else int(a) for a in given))
        for person, name, role, given in rows
    }


def _difference(loaded: Truth, truth: Truth) -> str:
    if set(loaded) != set(truth):
        return f"other people: {sorted(set(loaded) ^ set(truth))}"
    wrong = {who: (loaded[who], truth[who]) for who in truth if loaded[who] != truth[who]}
    return f"loaded wrongly: {wrong}" if wrong else ""


def _doubt(loaded: Truth, second: dict) -> str:
    """Differences from a second reading, as far as that one is sure."""
    wrong = {
        who: (loaded.get(who), person)
        for who, person in second.items()
        if person is not None and any(person[2]) and loaded.get(who) != person
    }
    return f"loaded otherwise than csv reads it: {wrong}" if wrong else ""


@pytest.mark.parametrize("layout", HOW_MANY)
def test_damaged_exports_are_read_rightly_or_refused(layout):
    export = EXPORTS[layout]
    study, instrument = _study(export), Instrument.model_validate(INSTRUMENT)
    whole = export.write(export.rows)
    found = {}
    for number in range(HOW_MANY[layout]):
        one = mutant(layout, number, export, whole)
        wrong = fault(export, one, study, instrument)
        if wrong:
            found[f"{layout} {number} ({one.name})"] = wrong
    assert not found, "\n".join(f"{name}: {wrong}" for name, wrong in found.items())


# A format nobody knows in a .sav (found among 20,000 more).
@pytest.mark.parametrize(("layout", "number"), [("spss", 5001)])
def test_a_mutant_that_once_crashed_does_no_more(layout, number):
    export = EXPORTS[layout]
    one = mutant(layout, number, export, export.write(export.rows))
    assert fault(export, one, _study(export), Instrument.model_validate(INSTRUMENT)) == ""


@pytest.mark.parametrize("layout", HOW_MANY)
def test_undamaged_exports_are_read_rightly(layout):
    export = EXPORTS[layout]
    whole = Mutant(name="whole", content=export.write(export.rows), truth=export.truth,
                   may_refuse=False)  # fmt: skip
    assert fault(export, whole, _study(export), Instrument.model_validate(INSTRUMENT)) == ""


def test_the_mutants_are_two_thousand_and_the_same_each_time():
    assert sum(HOW_MANY.values()) == 2000
    export = EXPORTS["csv"]
    whole = export.write(export.rows)
    first, again = (mutant("csv", 7, export, whole) for _ in range(2))
    assert first == again


# ---------------------------------------------------------------------- any text at any place

# A lone surrogate is half a letter: no file holds one.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40) | st.sampled_from(
    ["NA", "nan", "1e5", "-", "=1+1", "\u200d", "\x1a", "sep=;", '"', "\r\n", "\ufeff", "İ", "ß"]
)


def _written(row: int, column: int, text: str) -> Source:
    """The usual three people with this text in one cell, or as a header in row 0."""
    table = [list(record) for record in TABLE]
    table[row][column] = text
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(table)
    return Source("e.csv", buffer.getvalue().encode("utf-8"))


def _kept(text: str) -> str:
    """A text as a person sees it: one kind of line end, composed accents, nothing invisible."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(INVISIBLE)
    return unicodedata.normalize("NFC", lines).strip()


def _outcome(source: Source, columns: dict[str, str]) -> pd.DataFrame | None:
    """Responses, or None when the file was refused in words."""
    study = _study(replace(EXPORTS["csv"], study={"columns": columns}))
    try:
        result = importing.import_exports(
            study, Instrument.model_validate(INSTRUMENT), folder=source
        )
    except InputError as error:
        assert str(error)
        return None
    return result.responses.set_index("respondent_id")


@settings(max_examples=70, deadline=None, derandomize=True)
@given(TEXTS)
def test_any_name_of_an_organisation_survives_or_is_refused(text):
    responses = _outcome(_written(2, 1, text), COLUMNS)
    assert responses is None or responses.loc["r2", "organisation_id"] == _kept(text)
    if _kept(text).isprintable() and _kept(text):
        assert responses is not None


@settings(max_examples=70, deadline=None, derandomize=True)
@given(TEXTS)
def test_any_text_for_an_answer_is_read_or_refused(text):
    responses = _outcome(_written(1, 3, text), COLUMNS)
    if responses is not None:
        assert responses.loc[["r2", "r3"], "a01"].tolist() == [5, 2]
        assert responses.loc["r1", "a02":"a04"].tolist() == [2, 3, 4]


@settings(max_examples=70, deadline=None, derandomize=True)
@given(TEXTS, st.integers(min_value=0, max_value=6))
def test_any_text_for_a_header_is_understood_or_refused(text, column):
    responses = _outcome(_written(0, column, text), COLUMNS)
    if responses is not None:
        assert responses["a01"].tolist() == [1, 2, 5]
