"""What only a .sav can have: labels, codes declared missing, its own dates and encodings."""

import datetime

import numpy as np
import pandas as pd
import pytest

from research.errors import ResponseError
from research.responses.ingest.files import spss
from research.responses.ingest.tables import ReadOptions, Source

ITEMS = ["a01", "a02", "a03", "a04"]
LABELS = {1: "not at all", 2: "of little value", 3: "neutral", 4: "valuable", 5: "very valuable"}


@pytest.fixture
def sav(answers, tmp_path):
    """Return the bytes of a .sav of the small questionnaire; columns may replace its own."""
    import pyreadstat

    def write(labels=None, *, ending=".sav", changes=None, **options) -> bytes:
        table = answers.copy()
        table[ITEMS] = table[ITEMS].apply(pd.to_numeric)
        table = table.assign(**(changes or {}))
        path = tmp_path / f"written{ending}"
        values = {"variable_value_labels": dict.fromkeys(ITEMS, labels)} if labels else {}
        pyreadstat.write_sav(table, str(path), **{**values, **options})
        return path.read_bytes()

    return write


def read(content):
    return spss.read(Source("e.sav", content), ReadOptions(), "test")


# --- labels against the scale -------------------------------------------------------------------


def test_labels_that_agree_are_no_warning(load, sav):
    assert load({"e.sav": sav(LABELS)}).failures.empty


@pytest.mark.parametrize(
    "names",
    [
        ["not at all", "of little value", "neutral", "valuable", "very valuable"],
        ["helemaal niet", "weinig", "neutraal", "waardevol", "zeer waardevol"],
        ["1 - not at all", "2 - of little value", "3", "4", "5 - very valuable"],
    ],
)
def test_labels_that_run_the_other_way_are_a_warning_that_names_it(load, sav, names):
    turned = dict(zip([5, 4, 3, 2, 1], names, strict=True))
    failures = load({"e.sav": sav(turned)}).failures
    assert failures["rule"].tolist() == ["labels against the scale"]
    [message] = failures["message"]
    assert "run the other way than the instrument" in message
    assert f"code 1 is labelled '{names[4]}', which is 5" in message
    assert "(columns: a01, a02, a03, a04)" in message


def test_only_the_columns_that_contradict_are_named_and_each_contradiction_apart(load, sav):
    turned = dict(zip(LABELS, reversed(LABELS.values()), strict=True))
    labels = {"a01": LABELS, "a02": turned, "a03": LABELS, "a04": {4: "very valuable"}}
    failures = load({"e.sav": sav(variable_value_labels=labels)}).failures
    assert failures["column"].tolist() == ["a02", "a04"]
    assert "other way" in failures["message"].iloc[0]
    assert "code 4 is labelled 'very valuable', which is 5" in failures["message"].iloc[1]


def test_the_warning_goes_when_the_study_recodes_as_the_labels_say(load, sav):
    turned = dict(zip(LABELS, reversed(LABELS.values()), strict=True))
    words = {str(code): 6 - code for code in LABELS}
    result = load({"e.sav": sav(turned)}, answer_words=words)
    assert "labels against the scale" not in set(result.failures["rule"])
    assert result.responses["a01"].sum() == 36 - (1 + 2 + 3 + 4 + 5 + 1)


@pytest.mark.parametrize("label", ["weet niet", "don't know", "n.v.t."])
def test_a_label_that_means_missing_on_a_code_of_the_scale_is_refused(load, sav, label):
    content = sav({3: label})
    with pytest.raises(ResponseError, match=f"column a01: code 3 .*'{label}', which means missing"):
        load({"e.sav": content})
    kept = load({"e.sav": content}, answer_words={label: 3}).responses
    dropped = load({"e.sav": content}, answer_words={"3": None}).responses
    assert kept["a01"].notna().sum() == 6
    assert dropped["a01"].notna().sum() == 5


def test_a_dash_as_label_of_a_point_in_the_middle_is_no_missing(load, sav):
    assert load(
        {"e.sav": sav({1: "not at all", 2: "-", 3: ".", 5: "very valuable"})}
    ).failures.empty


def test_a_variable_with_a_label_but_no_value_labels_is_found_by_its_question(load, sav, answers):
    content = sav(column_labels={"a01": "The manager does thing 1."})
    renamed = content.replace(b"A01 ", b"Q77 ").replace(b"A01=a01", b"Q77=Q77")
    result = load({"e.sav": renamed})
    assert result.receipt["files"][0]["columns"]["mapped"]["a01"] == "Q77"


# --- missing ------------------------------------------------------------------------------------


def test_user_missing_codes_and_ranges_are_missing_and_other_codes_stay(load, sav):
    content = sav(
        changes={"a01": [1.0, 99, 3, 4, 5, 97], "a02": [5.0, 4, 98, 2, np.nan, 5]},
        missing_ranges={"a01": [{"lo": 97, "hi": 99}], "a02": [98.0]},
    )
    table = read(content)
    assert table.cells[3].tolist() == ["1", "99", "3", "4", "5", "97"]
    result = load({"e.sav": content})
    assert result.failures.empty
    answers = result.responses.set_index("respondent_id")[["a01", "a02"]]
    assert answers["a01"].isna().tolist() == [False, True, False, False, False, True]
    assert answers["a02"].isna().tolist() == [False, False, True, False, True, False]


def test_a_code_on_the_scale_is_missing_where_the_file_declares_it_so(load, sav):
    responses = load({"e.sav": sav(missing_ranges={"a03": [5.0]})}).responses
    assert responses["a03"].isna().sum() == 2  # r2 gave no answer, r4 gave 5
    assert responses["a01"].isna().sum() == 0


def test_a_code_that_no_one_declared_missing_is_off_the_scale_and_listed(load, sav):
    failures = load({"e.sav": sav(changes={"a01": [1.0, 99, 3, 4, 5, 1]})}).failures
    assert failures["rule"].tolist() == ["off the scale"]


def test_texts_declared_missing_in_a_column_of_texts_are_missing_and_counted(load, sav):
    content = sav(
        changes={"a01": ["1", "9", "3", "4", "5", "zz"]}, missing_ranges={"a01": ["9", "zz"]}
    )
    result = load({"e.sav": content})
    assert result.responses["a01"].isna().sum() == 2
    words = {entry["word"]: entry["count"] for entry in result.receipt["files"][0]["words"]}
    assert words == {"9": 1, "zz": 1}


def test_an_organisation_declared_missing_is_empty(load, sav):
    content = sav(changes={"org": ["Noord"] * 5 + ["XX"]}, missing_ranges={"org": ["XX"]})
    with pytest.raises(ResponseError, match="row 6, column org: 1 row.* no organisation"):
        load({"e.sav": content})


def test_a_role_declared_missing_is_empty(load, sav):
    roles = [1.0, 1, 1, 2, 2, 9]
    content = sav(
        changes={"role": roles},
        missing_ranges={"role": [9.0]},
        variable_value_labels={"role": {1: "klant", 2: "manager", 9: "manager"}},
    )
    assert len(load({"e.sav": content}).responses) == 5


# --- names by label -----------------------------------------------------------------------------


def test_roles_and_organisations_are_read_by_their_labels(load, sav):
    content = sav(
        changes={"org": [1.0, 1, 2, 1, 2, 2], "role": [1.0, 1, 1, 2, 2, 2]},
        variable_value_labels={
            "org": {1: "Café Zuid", 2: "Noord"},
            "role": {1: "Klant", 2: "Manager"},
        },
    )
    responses = load({"e.sav": content}).responses
    assert responses["role"].tolist() == ["customer"] * 3 + ["manager"] * 3
    assert set(responses["organisation_id"]) == {"Café Zuid", "Noord"}


def test_two_organisations_with_one_label_are_never_made_one(load, sav):
    content = sav(
        changes={"org": [1.0, 1, 2, 1, 2, 3]},
        variable_value_labels={"org": {1: "Zuid", 2: "Noord", 3: "Noord", 4: "Zuid"}},
    )
    with pytest.raises(ResponseError, match="column org: the codes 2, 3 are all labelled 'Noord'"):
        load({"e.sav": content})


def test_texts_as_answers_are_read_by_word_and_codes_of_text_by_their_label(load, sav):
    words = ["not at all", "weinig", "neutral", "waardevol", "very valuable", "not at all"]
    codes = ["A1", "A2", "A3", "A4", "A5", "A1"]
    names = dict(zip(codes, words, strict=False))
    content = sav(changes={"a01": words, "a03": codes}, variable_value_labels={"a03": names})
    responses = load({"e.sav": content}).responses.sort_values("respondent_id")
    assert responses["a01"].tolist() == responses["a03"].tolist() == [1, 2, 3, 4, 5, 1]


# --- the file itself ----------------------------------------------------------------------------


def test_a_compressed_file_is_read(load, sav):
    content = sav(LABELS, ending=".zsav", compress=True)
    assert content.startswith(b"$FL3")
    assert len(load({"e.zsav": content}).responses) == 6


def test_dates_times_and_long_texts_come_out_as_they_are(sav):
    moment = datetime.datetime(2026, 5, 1, 23, 59, 58)
    content = sav(
        changes={
            "day": [datetime.date(2026, 5, 1)] * 5 + [None],
            "moment": pd.Series([moment] * 5 + [None]),
            "long": ["é" * 400, "x" * 3000, "", "NA", "007", "None"],
            "took": [100_000.0, 3, 4, 5, 6, 7],
            "lost": [1e17, 3.0, 4, 5, 6, 7],
        },
        variable_format={"took": "TIME8", "lost": "DATE11"},
    )
    cells = read(content).cells.set_axis(
        ["id", "org", "role", *ITEMS, "day", "moment", "long", "took", "lost"], axis=1
    )
    assert cells["day"].tolist() == ["2026-05-01"] * 5 + [""]
    assert cells["moment"].tolist() == ["2026-05-01 23:59:58"] * 5 + [""]
    assert cells["long"].tolist() == ["é" * 400, "x" * 3000, "", "NA", "007", "None"]
    assert cells["took"].iloc[0] == "100000"  # a duration above a day is not wrapped
    assert cells["lost"].iloc[0] == str(10**17)  # beyond any calendar: the number itself


def test_start_and_finish_of_a_sav_give_seconds(load, sav):
    begin = pd.Series(pd.to_datetime(["2026-05-01 10:00:00"] * 6))
    content = sav(changes={"from": begin, "to": begin + pd.Timedelta(seconds=61)})
    columns = {"respondent": "id", "organisation": "org", "role": "role"}
    columns |= {"started": "from", "finished": "to"}
    assert set(load({"e.sav": content}, columns=columns).responses["duration_seconds"]) == {61}


@pytest.mark.parametrize(
    ("encoding", "letter", "rules"),
    [("CP850", b"\x82", []), ("ASCII", b"\xe9", ["encoding"])],
    ids=["named by the file", "named wrongly"],
)
def test_texts_that_are_not_utf8_come_out_intact(load, sav, encoding, letter, rules):
    # The encoding record is patched to another name of five letters; é takes one byte less.
    content = sav().replace(b"UTF-8", encoding.encode())
    content = content.replace("Café Zuid".encode(), b"Caf" + letter + b" Zuid ")
    result = load({"e.sav": content})
    assert set(result.responses["organisation_id"]) == {"Café Zuid", "Noord"}
    assert result.failures["rule"].tolist() == rules


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.98])
def test_a_part_of_a_sav_is_refused(load, sav, share):
    content = sav(LABELS)
    with pytest.raises(ResponseError, match="e.sav: the SPSS file cannot be read.*copy it anew"):
        load({"e.sav": content[: int(len(content) * share)]})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"ASCII SPSS PORT FILE" + b" " * 500, ("portable file (.por)", "save it as .sav")),
        (b"\x1c" + b"\0" * 7 + b"ENCRYPTEDSAV" + b"\0" * 40, ("password", "without encryption")),
    ],
)
@pytest.mark.parametrize("name", ["e.sav", "e.por"])
def test_other_files_of_spss_are_refused_in_words(load, content, words, name):
    with pytest.raises(ResponseError, match=name) as error:
        load({name: content})
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize("ending", [".sav", ".zsav"])
def test_a_small_study_comes_back_exactly(load, sav, csv_text, ending):
    options = {"compress": True} if ending == ".zsav" else {}
    labelled = sav(LABELS, ending=ending, missing_ranges=dict.fromkeys(ITEMS, [99.0]), **options)
    pd.testing.assert_frame_equal(
        load({f"e{ending}": labelled}).responses, load({"e.csv": csv_text}).responses
    )
