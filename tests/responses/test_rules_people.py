"""Who answered: ids, roles, waves, times and exports; each rule with a file that breaks it."""

import hashlib
import re

import pytest
import yaml

from research.errors import InputError, ResponseError

HEADER = "id,org,role,a01,a02,a03,a04\n"
GOOD = HEADER + "r1,Zuid,customer,1,2,3,4\nr2,Noord,manager,5,4,3,2\n"
COLUMNS = {"respondent": "id", "organisation": "org", "role": "role"}


def people(ids: list[str]) -> str:
    rows = (f'"{name}",Zuid,{"customer" if n % 2 else "manager"},1,2,{n % 5 + 1},4\n'
            for n, name in enumerate(ids))  # fmt: skip
    return HEADER + "".join(rows)


def in_waves(waves: list[str]) -> str:
    rows = (f"r{n},Zuid,customer,{wave},1,2,{n % 5 + 1},4\n" for n, wave in enumerate(waves))
    return "id,org,role,wave,a01,a02,a03,a04\n" + "".join(rows)


@pytest.mark.parametrize(
    ("ids", "kind"),
    [
        (["a.jansen@uni.nl", "r2"], "e-mail addresses"),
        (["192.0.2.17", "r2"], "internet addresses"),
        (["+31 6 12345678", "r2"], "telephone numbers"),
        (["0031612345678", "r2"], "telephone numbers"),
        (["06-12345678", "0687654321"], "telephone numbers"),
    ],
)
def test_ids_that_are_addresses_are_refused_and_shown_nowhere(load, ids, kind):
    with pytest.raises(ResponseError, match=f"look like {kind}") as error:
        load({"e.csv": people([*ids, ids[0]])})  # a double, which no message may name
    text = str(error.value) + error.value.failures.to_csv()
    assert not any(name in text for name in ids if name != "r2")
    assert "by a code" in text
    assert error.value.failures["rule"].tolist() == ["direct identifier"]


@pytest.mark.parametrize("ids", [["0123456789", "r2", "r3"], ["0000000012"], ["10.2", "A@B"]])
def test_ids_that_only_resemble_an_address_are_kept(load, ids):
    found = load({"e.csv": people(ids)}).responses["respondent_id"]
    assert sorted(found) == sorted(ids)


def test_ids_written_as_decimals_are_read_as_whole_numbers_and_counted(load):
    result = load({"e.csv": people(["1.0", "2,00", "3", "007", "v1.0"])})
    assert sorted(result.responses["respondent_id"]) == ["007", "1", "2", "3", "v1.0"]
    (warning,) = result.failures.itertuples()
    assert "2 respondent id(s) are written with decimals" in warning.message
    assert warning.done == "read as whole numbers"


def test_one_person_written_in_two_ways_is_a_double(load):
    with pytest.raises(ResponseError, match="'1' stands 2 times"):
        load({"e.csv": people(["1.0", "r2", "1"])})


def test_ids_shortened_by_a_spreadsheet_are_refused(load):
    with pytest.raises(ResponseError, match=r"1 respondent id\(s\) were shortened"):
        load({"e.csv": people(["1.23457E+11", "r2"])})


def test_a_cause_that_doubles_many_ids_is_told_once(load):
    text = (
        people([f"r{n}" for n in range(30)]) + people([f"r{n}" for n in range(30)])[len(HEADER) :]
    )
    with pytest.raises(ResponseError, match="1 problem") as error:
        load({"e.csv": text})
    assert "30 respondents stand more than once, 30 of them with the same" in str(error.value)
    assert "columns: wave:" in str(error.value)


def test_files_that_number_their_own_people_are_told_once(load):
    rows = {"e.csv": "customer", "f.csv": "manager"}
    files = {
        file: HEADER + "".join(f"{n},Zuid,{role},1,2,{n % 5 + 1},4\n" for n in range(30))
        for file, role in rows.items()
    }
    with pytest.raises(
        ResponseError, match="1 problem.*\n.*30 respondents have both roles"
    ) as error:
        load(files)
    assert "drop `columns: respondent:`" in str(error.value)


@pytest.mark.parametrize("header", ["IP Address", "E-mailadres", "Achternaam", "telefoonnummer"])
def test_a_covariate_that_identifies_people_is_refused_by_its_header(load, header):
    columns = {**COLUMNS, "covariates": {"extra": header}}
    text = GOOD.replace("id,", f"{header},id,", 1).replace("r1,", "x,r1,").replace("r2,", "y,r2,")
    with pytest.raises(ResponseError, match="identifies people directly"):
        load({"e.csv": text}, columns=columns)


def test_a_covariate_that_identifies_people_is_refused_by_its_content(load):
    text = GOOD.replace("id,", "contact,id,", 1)
    text = text.replace("r1,", "jan@uni.nl,r1,").replace("r2,", ",r2,")
    with pytest.raises(ResponseError, match="covariate 'extra' holds e-mail") as error:
        load({"e.csv": text}, columns={**COLUMNS, "covariates": {"extra": "contact"}})
    assert "jan@" not in str(error.value)


def test_rows_without_a_role_are_warned_about_left_out_and_counted(load):
    result = load({"e.csv": GOOD + "r3,Zuid,,1,2,3,4\nr4,Zuid, ,1,2,3,4\nr5,Zuid,klant,1,2,3,4\n"})
    (warning,) = result.failures.itertuples()
    assert (warning.rule, warning.row, warning.done) == ("empty role", "4", "left out")
    assert "2 row(s) have no role: 4, 5" in warning.message
    assert result.receipt["left_out"] == {"no role": 2}
    assert result.responses["respondent_id"].tolist() == ["r1", "r5", "r2"]


def test_a_role_column_that_is_mostly_empty_is_refused(load):
    rows = "".join(f"x{n},Zuid,,1,2,3,4\n" for n in range(5))
    with pytest.raises(ResponseError, match=r"5 row\(s\) have no role"):
        load({"e.csv": GOOD + rows})


def test_unknown_role_words_come_in_lines_that_work_when_pasted(load):
    text = GOOD + "r3,Zuid,Kklanten,1,2,3,4\nr4,Zuid,hoofdd,1,2,3,4\n"
    with pytest.raises(ResponseError, match=r"'Kklanten' \(1\), 'hoofdd' \(1\)") as error:
        load({"e.csv": text})
    assert '# best guess: "Kklanten"' in str(error.value)
    assert "# ? hoofdd: 1 times" in str(error.value)
    lines = yaml.safe_load(str(error.value).split("`roles:`:\n", 1)[1])
    assert "Kklanten" in lines["roles"][0]["words"]
    with pytest.raises(ResponseError, match=r"1 unknown role word\(s\): 'hoofdd'"):
        load({"e.csv": text}, **lines)
    lines["roles"][1]["words"].append("hoofdd")
    roles = load({"e.csv": text}, **lines).responses["role"].tolist()
    assert roles == ["customer", "customer", "manager", "manager"]


SEVEN = ["T0", "t0", "T 0", "voormeting", "T1", "meting 1", "Nameting"]


def test_seven_spellings_of_two_waves_stop_the_import_until_the_study_file_decides(load):
    files = {"e.csv": in_waves(SEVEN)}
    columns = {**COLUMNS, "wave": "wave"}
    with pytest.raises(ResponseError, match="7 words for waves seem to mean 2") as error:
        load(files, columns=columns)
    lines = yaml.safe_load(str(error.value).split("where they are wrong:\n", 1)[1])
    assert sorted(map(len, (wave["words"] for wave in lines["waves"]))) == [3, 4]
    result = load(files, columns=columns, **lines)
    assert result.receipt["waves"] == ["T 0", "Nameting"] or len(result.receipt["waves"]) == 2
    decided = [{"id": "before", "words": SEVEN[:4]}, {"id": "after", "words": SEVEN[4:]}]
    result = load(files, columns=columns, waves=decided, wave="after")
    assert result.responses["wave"].value_counts().to_dict() == {"before": 4, "after": 3}


@pytest.mark.parametrize(
    "waves", [["1", "2", "3"], ["pre", "post"], ["2025", "2026"], ["T1 test", "T1 control"]]
)
def test_waves_that_differ_are_left_as_they_are(load, waves):
    result = load({"e.csv": in_waves(waves)}, columns={**COLUMNS, "wave": "wave"})
    assert set(result.responses["wave"]) == set(waves)


def test_a_word_of_no_declared_wave_is_listed_with_lines_that_load(load):
    waves = [{"id": "T0", "words": ["voormeting"]}, {"id": "T1", "words": []}]
    files = {"e.csv": in_waves(["T0", "Voormeting", "t1", "meting 1", "later"])}
    columns = {**COLUMNS, "wave": "wave"}
    with pytest.raises(ResponseError, match=r"'later' \(1\), 'meting 1' \(1\)") as error:
        load(files, columns=columns, waves=waves)
    lines = yaml.safe_load(str(error.value).split("every remark:\n", 1)[1])
    result = load(files, columns=columns, **lines)
    assert result.responses["wave"].value_counts().to_dict() == {"T0": 2, "T1": 2, "later": 1}


@pytest.mark.parametrize(
    ("study", "words"),
    [
        ({"waves": [{"id": "a", "words": ["x"]}, {"id": "b", "words": ["X "]}]}, "under two waves"),
        ({"waves": [{"id": "a"}], "wave": "b"}, "wave: 'b' is unknown"),
    ],
)
def test_waves_that_contradict_each_other_are_refused_in_the_study_file(load, study, words):
    with pytest.raises(InputError, match=words):
        load({"e.csv": GOOD}, **study)


def test_the_same_ids_in_two_waves_are_one_person_twice(load):
    text = in_waves(["T0", "T0"]) + "r0,Zuid,customer,T1,1,2,3,4\nr1,Zuid,customer,T1,1,2,3,4\n"
    result = load({"e.csv": text}, columns={**COLUMNS, "wave": "wave"})
    assert len(result.responses) == 4
    assert result.receipt["ids"]["people_in_several_waves"] == 2


def timed(times: list[str], use: str) -> tuple[str, dict]:
    rows = (f'r{n},Zuid,customer,"{t}",1,2,{n % 5 + 1},4\n' for n, t in enumerate(times))
    text = f"id,org,role,{use},a01,a02,a03,a04\n" + "".join(rows)
    return text, {**COLUMNS, "duration": use}


def test_durations_that_cannot_be_read_are_missing_and_counted(load):
    text, columns = timed(["125", "0:02:05", "125,5", "long", "-3", ""], "took")
    result = load({"e.csv": text}, columns=columns)
    seconds = result.responses["duration_seconds"].tolist()
    assert seconds[:3] == [125.0, 125.0, 125.5]
    assert result.responses["duration_seconds"].isna().sum() == 3
    warning = result.failures[result.failures["rule"] == "unreadable time"].iloc[0]
    assert warning["message"] == "2 duration(s) cannot be read."
    assert (warning["row"], warning["column"]) == ("5", "took")


def test_dates_of_which_the_month_is_a_guess_are_missing_and_counted(load):
    times = [("2026-03-02 09:00", "2026-03-02 09:01"), ("03/04/2026", "2026-03-02 09:01"),
             ("2026-03-02 09:00", "2026-03-02 08:00")]  # fmt: skip
    rows = (f"r{n},Zuid,customer,{a},{b},1,2,3,4\n" for n, (a, b) in enumerate(times))
    text = "id,org,role,from,to,a01,a02,a03,a04\n" + "".join(rows)
    columns = {**COLUMNS, "started": "from", "finished": "to"}
    result = load({"e.csv": text}, columns=columns)
    assert result.responses["duration_seconds"].tolist()[0] == 60
    warned = result.failures[result.failures["rule"] == "unreadable time"]
    assert warned["message"].tolist() == [
        "1 date(s) cannot be read.", "1 respondent(s) finished before they started.",
    ]  # fmt: skip


def test_an_export_named_twice_is_one_problem(load):
    with pytest.raises(ResponseError, match="1 problem.*\n.*names this export twice"):
        load({"e.csv": GOOD}, exports=[{"path": "e.csv"}, {"path": "e.csv"}])


def test_the_same_content_under_another_name_is_refused(load):
    with pytest.raises(ResponseError, match=r"f.csv: holds the very same content as e.csv"):
        load({"e.csv": GOOD, "f.csv": GOOD})


def test_two_exports_of_one_name_are_refused(load, tmp_path):
    (tmp_path / "sub").mkdir()
    other = HEADER + "r8,Zuid,customer,1,1,1,2\n"
    with pytest.raises(ResponseError, match=r"e.csv: two exports have this name"):
        load({"e.csv": GOOD, "sub/e.csv": other})


def test_one_wide_file_read_once_a_role_is_no_double_but_a_person_in_both(load):
    text = "org," + ",".join(f"{who}{n}" for who in "cm" for n in range(1, 5)) + "\n"
    text += "Zuid,1,2,3,4,5,4,3,2\n"
    exports = [
        {"path": "e.csv", "role": role, "columns": {"organisation": "org", "activities": pattern}}
        for role, pattern in (("customer", "c{number}"), ("manager", "m{number}"))
    ]
    with pytest.raises(ResponseError, match="'e.csv-000002' has both roles"):
        load({"e.csv": text}, exports=exports)


def test_names_like_a_formula_are_kept_and_warned_about(load):
    names = ["=1+1", "@home", "-", "+Plus", "Zuid"]
    rows = "".join(f"r{n},{name},customer,1,2,3,4\n" for n, name in enumerate(names))
    result = load({"e.csv": HEADER + rows})
    assert set(result.responses["organisation_id"]) == set(names)
    warning = result.failures[result.failures["rule"] == "name like a formula"].iloc[0]
    assert "3 organisation name(s)" in warning["message"]
    assert warning["done"] == "kept as it is"


@pytest.mark.parametrize("use", ["organisation", "respondent", "wave"])
def test_an_empty_key_is_refused_with_its_rows(load, use):
    row = {"organisation": "r9,,customer,T1", "respondent": ",Zuid,customer,T1",
           "wave": "r9,Zuid,customer,"}[use]  # fmt: skip
    text = in_waves(["T1", "T1"]) + row + ",1,2,3,4\n"
    with pytest.raises(ResponseError, match=rf"1 row\(s\) have no {use}: 4"):
        load({"e.csv": text}, columns={**COLUMNS, "wave": "wave"})


def test_the_receipt_names_what_the_build_was_made_from_and_with(load):
    first = load({"e.csv": GOOD}).receipt
    again = load({"e.csv": GOOD}).receipt
    assert first == again
    assert set(first["made_with"]) >= {"python", "research", "pandas", "numpy"}
    assert first["files"][0]["sha256"] == hashlib.sha256(GOOD.encode()).hexdigest()
    assert re.fullmatch("[0-9a-f]{64}", first["instrument"]["sha256"])
    changed = load({"e.csv": GOOD}, seed=2).receipt
    assert changed["study_sha256"] != first["study_sha256"]
    assert changed["instrument"] == first["instrument"]


def test_the_receipt_says_of_every_column_what_became_of_it(load):
    text = GOOD.replace("a04", "action 4").replace("id,", "Naam,remark,id,", 1)
    text = (
        text.replace("r1,", "Jan,good,r1,")
        .replace("r2,", "An,,r2,")
        .replace("3,4\n", "3,weet niet\n")
    )
    columns = load({"e.csv": text}).receipt["files"][0]["columns"]
    assert set(columns["mapped"]) == {
        "respondent",
        "organisation",
        "role",
        "a01",
        "a02",
        "a03",
        "a04",
    }
    assert columns["renamed"] == {"a04": "action 4"}
    assert columns["matched_by"]["role"] == "study file"
    assert columns["dropped"] == {"Naam": "direct identifier", "remark": "not asked for"}


def test_the_receipt_holds_nothing_of_one_person(load):
    text = GOOD.replace("id,", "remark,id,", 1).replace("r1,", "she is great,r1,")
    text = text.replace("r2,", ",r2,").replace("r1,Zuid,customer,1", "r1,Zuid,customer,77")
    result = load({"e.csv": text})
    shown = str(result.receipt)
    assert not any(word in shown for word in ("she is great", "'r1'", "'r2'", "77."))
    assert result.receipt["files"][0]["answers_refused"] == {"a01": {"off the scale": 1}}
