"""Cases of content: columns, organisations, roles, ids, waves, scales, words and characters."""

import unicodedata

from tests.responses.corpus import (
    COLUMNS,
    GOOD,
    HEADER,
    ROWS,
    SAME,
    WAVE_COLUMNS,
    WORDS,
    loads,
    refused,
    warns,
)

BY_FILE = [{"path": "e.csv", "role": "customer"}, {"path": "f.csv", "role": "manager"}]
NO_ROLE = {"respondent": "id", "organisation": "org"}
MORE = "".join(f"x{n},Noord,manager,{n % 5 + 1},3,{(n + 2) % 5 + 1},4\n" for n in range(20))


def _answer(text: str) -> str:
    """The usual table with this text as r1's first answer."""
    return GOOD.replace("customer,1,", f'customer,"{text}",')


def _organisation(name: str) -> str:
    quoted = '"' + name.replace('"', '""') + '"'
    return GOOD.replace("Noord", quoted)


# ---------------------------------------------------------------------- columns


@refused("missing column", column="a03", says=("1 of 4", "'a3'", "Correct `columns`"))
def missing_activity():
    return GOOD.replace("a03", "a3")


@refused("missing column", column="org", says=("organisation", "Nearest header: 'organ'"))
def missing_organisation_column():
    return GOOD.replace(",org,", ",organ,")


@refused("missing column", column="role")
def missing_role_column():
    return GOOD.replace(",role,", ",,")


@refused("duplicate column", column="a03", says=("2 times", "columns 6, 7", "Rename"))
def duplicate_header_of_an_activity():
    return GOOD.replace("a04", "a03")


@refused("duplicate column", column="role", says=("2 times",))
def duplicate_header_of_the_role():
    return GOOD.replace("\n", ",customer\n").replace(",customer\n", ",role\n", 1)


@loads(3, SAME)
def duplicate_headers_nobody_uses():
    return "".join(f"{line},x,x\n" for line in GOOD.splitlines())


@loads(3, SAME)
def columns_without_a_header():
    return "".join(f",{line},\n" for line in GOOD.splitlines())


@loads(3, SAME)
def columns_in_another_order():
    return "".join(",".join(line.split(",")[::-1]) + "\n" for line in GOOD.splitlines())


@loads(3, SAME)
def headers_in_capitals_with_blanks():
    return HEADER.upper().replace(",", " , ") + ROWS


@refused(
    "duplicate column", column="a02", says=("used for a02 and role", "a column of its own"),
    study={"columns": {**COLUMNS, "role": "a02"}},
)  # fmt: skip
def one_column_for_two_uses():
    return GOOD


@refused("missing column", says=("a01 (expected 'Q1')",),
         study={"columns": {**COLUMNS, "activities": "Q{number}"}})  # fmt: skip
def pattern_that_fits_no_column():
    return GOOD


@refused("", names="study.yaml", says=("columns.activities", "{number}"),
         study={"columns": {**COLUMNS, "activities": "Q{nummer}"}})  # fmt: skip
def pattern_that_is_none():
    return GOOD


# ---------------------------------------------------------------------- organisations


@loads(3, {("r2", "organisation_id"): "NA"})
def organisation_called_na():
    return _organisation("NA")


@loads(3, {("r2", "organisation_id"): "None"})
def organisation_called_none():
    return _organisation("None")


@loads(3, {("r2", "organisation_id"): "007"})
def organisation_called_007():
    return _organisation("007")


@loads(3, {("r2", "organisation_id"): "1.50"})
def organisation_called_1_50():
    return _organisation("1.50")


@loads(3, {("r2", "organisation_id"): "TRUE"})
def organisation_called_true():
    return _organisation("TRUE")


@warns("name like a formula", 3, {("r2", "organisation_id"): '=HYPERLINK("x")'})
def organisation_that_looks_like_a_formula():
    return _organisation('=HYPERLINK("x")')


@warns("name like a formula", 3, {("r2", "organisation_id"): "@SUM(1+1)*cmd|' /C calc'!A0"})
def organisation_that_looks_like_a_command():
    return _organisation("@SUM(1+1)*cmd|' /C calc'!A0")


@loads(3, {("r2", "organisation_id"): "<script>alert(1)</script>"})
def organisation_that_looks_like_a_script():
    return _organisation("<script>alert(1)</script>")


@loads(3, {("r2", "organisation_id"): "../x"})
def organisation_that_looks_like_a_path():
    return _organisation("../x")


@loads(3, {("r2", "organisation_id"): "Zorg 💚 北"})
def organisation_with_an_emoji():
    return _organisation("Zorg 💚 北")


@loads(3, SAME)
def organisation_with_accents_apart():
    """Macs write é as e and an accent; both are one letter."""
    return unicodedata.normalize("NFD", GOOD)


@loads(3, SAME)
def organisation_with_blanks_and_invisible_characters():
    return GOOD.replace("Café Zuid", " \u200bCafé Zuid\u00a0\t")


@loads(3, SAME)
def organisation_with_marks_of_reading_direction():
    return GOOD.replace("Café Zuid", "\u202aCafé Zuid\u200f\u202c")


@warns("near-equal organisations", 4, says=("'Noord', 'Noord.'", "spell it one way"))
def organisations_nearly_equal():
    return GOOD + "r4,Noord.,manager,1,2,3,4\n"


@warns("near-equal organisations", 4, says=("'Noord', 'noord'",))
def organisations_that_differ_by_a_capital():
    return GOOD + "r4,noord,manager,1,2,3,4\n"


@loads(3, {("r1", "organisation_id"): "Team 1", ("r2", "organisation_id"): "Team 2"})
def organisations_with_numbers():
    return GOOD.replace("Café Zuid", "Team 1").replace("Noord", "Team 2")


@refused("empty organisation", row="5", column="org", says=("1 row(s) have no organisation",))
def empty_organisation():
    return GOOD + "r4, ,manager,1,2,3,4\n"


@loads(
    3, {("r1", "organisation_id"): "small"}, study={"columns": {"respondent": "id", "role": "role"}}
)
def no_organisation_column():
    return GOOD


# ---------------------------------------------------------------------- roles and ids


@loads(3, {("r2", "role"): "manager", ("r1", "role"): "customer"})
def roles_in_other_words():
    return GOOD.replace("manager", "Leidinggevende ").replace("customer", "KLANT")


@refused("unknown role", row="5", column="role", says=("'boss'", "leidinggevende", "roles: words:"))
def unknown_role():
    return GOOD + "r4,Noord,boss,1,2,3,4\n"


@warns("empty role", 3, SAME, row="5", column="role", says=("1 row(s) have no role",))
def empty_role():
    return GOOD + "r4,Noord,,1,2,3,4\n"


@refused("empty role", row="2", column="role", says=("3 row(s) have no role", "Fill the role"))
def roles_mostly_empty():
    return GOOD.replace("customer", "").replace("manager", "") + "r4,Noord,manager,1,2,3,4\n"


@refused("no role", says=("which role", "columns: role:"), study={"columns": NO_ROLE})
def no_role_column():
    return GOOD


@warns("absent role", 2, says=("nobody has the role 'manager'",))
def one_role_only():
    return GOOD.replace("r2,Noord,manager,5,4,1,2\n", "")


@refused("both roles", row="2", says=("row 2, 5", "'r1' has both roles", "exclusions"))
def one_id_in_both_roles():
    return GOOD + "r1,Zuid,manager,1,2,3,4\n"


@refused("both roles", says=("e.csv row 2", "f.csv row 2", "drop `columns: respondent:`"),
         study={"exports": BY_FILE, "columns": NO_ROLE})  # fmt: skip
def ids_that_begin_anew_in_each_file():
    return {"e.csv": GOOD, "f.csv": GOOD.replace("3,4\n", "3,3\n")}


@refused("export twice", names="f.csv", says=("the very same content as e.csv", "take one out"),
         study={"exports": BY_FILE, "columns": NO_ROLE})  # fmt: skip
def one_export_under_two_names():
    return {"e.csv": GOOD, "f.csv": GOOD}


@refused(
    "duplicate respondent", row="2", says=("'r1'", "2 times with different answers", "row 2, 5")
)
def one_id_with_different_answers():
    return GOOD + "r1,Café Zuid,customer,5,5,5,5\n"


@refused("duplicate respondent", row="2", says=("with the same answers", "exclusions"))
def the_same_row_twice():
    return GOOD + "r1,Café Zuid,customer,1,2,3,4\n"


@loads(3, SAME, study={"exclusions": [{"respondent_id": "r9", "reason": "test row"}]},
       left_out={"excluded in the study file": 2})  # fmt: skip
def a_double_id_settled_by_an_exclusion():
    return GOOD + "r9,Noord,customer,1,2,3,4\nr9,Noord,customer,2,2,3,4\n"


@refused("", names="study.yaml", says=("no respondent 'r11'", "Did you mean 'r1'?"),
         study={"exclusions": [{"respondent_id": "r11", "reason": "test row"}]})  # fmt: skip
def an_exclusion_of_nobody():
    return GOOD


@refused("empty respondent", row="5", column="id", says=("no respondent", "Give every"))
def empty_id():
    return GOOD + ",Noord,manager,1,2,3,4\n"


@loads(3, {("e-000002", "a01"): 1}, study={"columns": {"organisation": "org", "role": "role"}})
def no_id_column():
    return GOOD


@refused("direct identifier", column="E-mail", says=("identifies people", "a code instead"),
         study={"columns": {**COLUMNS, "respondent": "E-mail"}})  # fmt: skip
def e_mail_as_id():
    return GOOD.replace("id,", "E-mail,", 1)


@refused(
    "direct identifier",
    column="id",
    row="2",
    says=("look like e-mail addresses", "code in a copy of the export"),
)
def ids_that_are_e_mail_addresses():
    return GOOD.replace("r1,", "jan@example.org,").replace("r2,", "piet@example.org,")


# ---------------------------------------------------------------------- waves


def _waves(*names: str) -> str:
    """r1 and r2 answer once in each wave."""
    head = "wave," + HEADER
    rows = [f"{name},r{n},Noord,{role},{n},2,3,4\n" for name in names
            for n, role in ((1, "customer"), (2, "manager"))]  # fmt: skip
    return head + "".join(rows)


@loads(4, study={"columns": WAVE_COLUMNS, "wave": "T0"})
def two_waves_are_a_key():
    return _waves("T0", "T1")


@refused("duplicate respondent", says=("'r1'", "2 times"))
def two_waves_without_a_wave_column():
    return _waves("T0", "T1")


@refused("duplicate respondent", says=("'r1'", "2 times"), study={"columns": WAVE_COLUMNS})
def one_person_twice_in_a_wave():
    return _waves("T0", "T1", "T1")


SPELLINGS = ("T1", "t1", "T 1", "T-1", "T2", "t2", "T.2")


def _spellings() -> str:
    rows = [f"{name},r{n},Noord,{role},1,2,3,4\n" for n, (name, role) in
            enumerate(zip(SPELLINGS, ["customer", "manager"] * 4, strict=False))]  # fmt: skip
    return "wave," + HEADER + "".join(rows)


@refused("spellings of a wave", names="all exports", says=("'T 1', 'T-1',", "waves:"),
         study={"columns": WAVE_COLUMNS})  # fmt: skip
def seven_spellings_of_two_waves():
    return _spellings()


@loads(7, {("r1", "wave"): "1", ("r6", "wave"): "2"},
       study={"columns": WAVE_COLUMNS, "wave": "1",
              "waves": [{"id": "1", "words": list(SPELLINGS[:4])},
                        {"id": "2", "words": list(SPELLINGS[4:])}]})  # fmt: skip
def seven_spellings_settled_in_the_study_file():
    return _spellings()


@refused("unknown wave", names="all exports", says=("wave '2'", "not in the exports"),
         study={"columns": WAVE_COLUMNS, "wave": "2"})  # fmt: skip
def a_wave_that_is_not_there():
    return _waves("T0", "T1")


@refused("empty wave", row="4", column="wave", says=("no wave",), study={"columns": WAVE_COLUMNS})
def empty_wave():
    return _waves("T0") + ",r3,Noord,manager,1,2,3,4\n"


# ---------------------------------------------------------------------- the scale


def _scale(answer) -> str:
    rows = [f"r{n},Zuid,customer,{answer(n)},{answer(n + 1)},{answer(n + 3)},{answer(n + 2)}\n"
            for n in range(40)]  # fmt: skip
    return HEADER + "".join(rows) + MORE


@refused("scale seems shifted", says=("role 'customer'", "from 0 to 4", "answer_words"))
def scale_from_0_to_4():
    return _scale(lambda n: n % 5)


@loads(60, {("r0", "a01"): 1}, study={"columns": NO_ROLE, "exports": [
    {"path": "e.csv", "role": "customer"}, {"path": "f.csv", "role": "manager"}],
    "answer_words": {str(n): n + 1 for n in range(5)}})  # fmt: skip
def scale_from_0_to_4_recoded_in_the_study_file():
    text = _scale(lambda n: n % 5)
    managers = "".join(
        f"m{n},Zuid,manager,{n % 5},{(n + 2) % 5},{(n + 3) % 5},{(n + 1) % 5}\n" for n in range(20)
    )
    return {"e.csv": text[: text.index("x0,")], "f.csv": HEADER + managers}


@refused("scale seems shifted", says=("role 'customer'", "from 1 to 7"))
def scale_from_1_to_7_against_1_to_5():
    return _scale(lambda n: n % 7 + 1)


@refused("scale seems shifted", says=("outside the scale", "from 10 to 50"))
def scale_from_10_to_50():
    return HEADER + "r1,Zuid,customer,10,20,30,40\nr2,Zuid,manager,50,40,30,20\n"


@warns("off the scale", 23, {("r1", "a01"): None, ("r2", "a01"): 5}, row="2", column="a01",
       says=("outside 1-5: 99", "missing_codes"))  # fmt: skip
def a_code_of_99_nobody_declared():
    return _answer("99") + MORE


@warns("off the scale", 23, {("r1", "a01"): None}, row="2", column="a01", says=("-9",))
def a_code_of_minus_9_nobody_declared():
    return _answer("-9") + MORE


@loads(3, {("r1", "a01"): None, ("r2", "a01"): 5}, study={"missing_codes": [99, -99]})
def codes_declared_missing():
    return _answer("99").replace("r3,Noord,customer,2,3,,5", "r3,Noord,customer,2,3,-99,5")


@warns("off the scale", 23, {("r1", "a01"): None}, row="2", column="a01", says=("a long number",))
def a_telephone_number_for_an_answer():
    return _answer("31612345678") + MORE


# ---------------------------------------------------------------------- answer words


@refused("unknown word", row="2", says=("'mwah' (2)", 'answer_words:\n  "mwah": null # 2 times'))
def unknown_words():
    return _answer("mwah").replace("customer,2,", "customer,mwah,")


@refused("unknown word", row="2", column="a01", says=("'5 because she listens' (1)",))
def a_remark_that_begins_with_a_number():
    return _answer("5 because she listens")


@refused("unknown word", row="2", column="a01", says=("'4 - zeer waardevol' (1)",))
def a_number_with_the_label_of_another():
    return _answer("4 - zeer waardevol")


@refused("unknown word", row="2", column="a01", says=("'1-5' (1)",))
def a_range_for_an_answer():
    return _answer("1-5")


@refused("unknown word", row="2", column="a01", says=("'01-mei' (1)",))
def a_date_that_excel_made_of_an_answer():
    return _answer("01-mei")


@refused("unknown word", row="2", column="a01", says=("'#N/B' (1)",))
def an_error_value_of_dutch_excel():
    return _answer("#N/B")


@loads(3, SAME)
def dutch_words():
    lines = [line.split(",") for line in GOOD.splitlines()]
    return "\n".join(",".join([*line[:3], *(WORDS.get(c, c) for c in line[3:])]) for line in lines)


@loads(3, {("r1", "a01"): 5, ("r2", "a01"): 1})
def english_words_in_any_case():
    return _answer("Very  VALUABLE ").replace("manager,5,", "manager,Not at all,")


@loads(3, {("r1", "a01"): 5})
def a_number_with_its_own_label():
    return _answer("5 - zeer waardevol")


@loads(3, {("r1", "a01"): 3})
def full_width_digits():
    return _answer("３")


@loads(3, {("r1", "a01"): 4})
def an_answer_among_blanks():
    return _answer("\u00a0 4\u2009\t")


@loads(3, {("r1", "a01"): 4})
def an_answer_with_a_mark_of_reading_direction():
    return _answer("\u200f4\u200e")


@loads(3, {("r1", "a01"): None, ("r2", "a01"): None, ("r3", "a01"): None})
def missing_words():
    return _answer("n.v.t.").replace("manager,5,", "manager,Weet niet,").replace(
        "customer,2,", "customer,—,")  # fmt: skip


@loads(3, {("r1", "a01"): None, ("r2", "a01"): 5}, study={"answer_words": {"MWAH": None, "top": 5}})
def words_declared_in_the_study_file():
    return _answer("mwah").replace("manager,5,", "manager,Top,")


@loads(3, SAME, left_out={"no answer at all": 1})
def a_person_without_any_answer():
    return GOOD + "r4,,boss,,weet niet,n.v.t.,\n"


@refused("no rows", names="all exports", says=("nobody gave an answer", "filter"))
def nobody_answered():
    return HEADER + "r1,Zuid,customer,,,,\nr2,Zuid,manager,-,,,\n"
