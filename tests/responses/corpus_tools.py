"""Cases of survey tools: what Qualtrics, LimeSurvey, Forms and SurveyMonkey write, and its quirks.

The exports hold the same three people as plain CSV does, so the same answers must come out.
"""

import datetime
import json

from tests.responses.corpus import (
    SAME_PEOPLE,
    TABLE,
    WORDINGS,
    WORDS,
    loads,
    quoted,
    refused,
    warns,
    workbook,
)

PEOPLE = [row[1:] for row in TABLE[1:]]  # organisation, role, four answers
STEM = "Hoe waardevol?"
GRID = [f"{STEM} [{wording}]" for wording in WORDINGS]
BY_TOOL = {"organisation": "org", "role": "role"}
DATE, LATER = "2026-03-02 09:00:00", "2026-03-02 09:05:00"


def in_words(people: list[list[str]] = PEOPLE) -> list[list[str]]:
    """The answers as labels of the scale."""
    return [[*row[:2], *(WORDS[answer] for answer in row[2:])] for row in people]


# ---------------------------------------------------------------------- Qualtrics

QUALTRICS = {"study": {"columns": {**BY_TOOL, "activities": "Q2_{number}"}}}
NAMES = ["StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)",
         "Finished", "RecordedDate", "ResponseId", "RecipientEmail", "org", "role",
         *(f"Q2_{n}" for n in range(1, 5))]  # fmt: skip
TEXTS = ["Start Date", "End Date", "Response Type", "IP Address", "Progress",
         "Duration (in seconds)", "Finished", "Recorded Date", "Response ID", "Recipient Email",
         "org", "role", *(f"{STEM} - {wording}" for wording in WORDINGS)]  # fmt: skip
IDS = [json.dumps({"ImportId": name}) for name in (
    "startDate", "endDate", "status", "ipAddress", "progress", "duration", "finished",
    "recordedDate", "_recordId", "recipientEmail", "QID1_TEXT", "QID3",
    *(f"QID2_{n}" for n in range(1, 5)))]  # fmt: skip


def qualtrics_row(
    number: int, answers: list[str], *, status: str = "IP Address", finished: str = "True"
) -> list[str]:
    """One response as Qualtrics writes it; ``answers`` begin with organisation and role."""
    progress = "100" if finished == "True" else "40"
    return [DATE, LATER, status, "192.0.2.7", progress, "300", finished, LATER, f"R_{number}",
            f"person{number}@example.org", *answers]  # fmt: skip


def qualtrics_table(people: list[list[str]], *, headers: int = 3) -> list[list[str]]:
    """Header rows and responses."""
    rows = [qualtrics_row(number, answers) for number, answers in enumerate(people, start=1)]
    return [*[NAMES, TEXTS, IDS][:headers], *rows]


@loads(3, SAME_PEOPLE, says=("qualtrics", "identifiers dropped: IPAddress"), **QUALTRICS)
def qualtrics():
    return quoted(qualtrics_table(PEOPLE))


@loads(3, SAME_PEOPLE, **QUALTRICS)
def qualtrics_in_words():
    return "\ufeff" + quoted(qualtrics_table(in_words()))


@loads(3, SAME_PEOPLE, **QUALTRICS)
def qualtrics_in_words_with_numbers_mixed_in():
    return quoted(qualtrics_table([PEOPLE[0], *in_words()[1:]]))


@loads(3, SAME_PEOPLE, **QUALTRICS)
def qualtrics_with_two_header_rows():
    return quoted(qualtrics_table(PEOPLE, headers=2))


@loads(3, SAME_PEOPLE, **QUALTRICS)
def qualtrics_with_line_breaks_in_its_questions():
    table = qualtrics_table(PEOPLE)
    table[1] = [text.replace(" - ", "\n\n - ") for text in table[1]]
    return quoted(table)


@loads(3, SAME_PEOPLE, **QUALTRICS)
def qualtrics_saved_again_by_excel():
    return quoted(qualtrics_table(PEOPLE), delimiter=";").encode("cp1252")


@loads(3, SAME_PEOPLE, **QUALTRICS)
def qualtrics_as_tsv_in_utf_16():
    return quoted(qualtrics_table(PEOPLE), delimiter="\t").encode("utf-16")


@loads(3, SAME_PEOPLE, left_out={"preview": 1, "test": 1, "spam": 1, "unfinished": 2}, **QUALTRICS)
def qualtrics_with_rows_that_do_not_count():
    one = ["Noord", "customer", "1", "1", "1", "1"]
    extra = [qualtrics_row(7, one, status="Survey Preview"),
             qualtrics_row(8, one, status="Survey Test"),
             qualtrics_row(9, one, status="Spam"),
             qualtrics_row(10, one, finished="False"),
             qualtrics_row(11, ["", "", "", "", "", ""], finished="False")]  # fmt: skip
    return quoted([*qualtrics_table(PEOPLE), *extra])


@refused("no rows", says=("no answers below the header", "left out"), **QUALTRICS)
def qualtrics_with_unfinished_rows_only():
    rows = [qualtrics_row(n, answers, finished="False") for n, answers in enumerate(PEOPLE)]
    return quoted([*qualtrics_table([]), *rows])


@refused("duplicate respondent", says=("'R_1'", "2 times"), **QUALTRICS)
def qualtrics_with_a_response_twice():
    table = qualtrics_table(PEOPLE)
    return quoted([*table, table[3]])


@refused("unclosed quote", says=("quotation mark",), **QUALTRICS)
def qualtrics_cut_off():
    return quoted(qualtrics_table(PEOPLE))[:-20]


@refused("missing column", column="Q2_4", says=("a04 (expected 'Q2_4')",), **QUALTRICS)
def qualtrics_without_a_question():
    return quoted([row[:-1] for row in qualtrics_table(PEOPLE)])


@refused(
    "direct identifier", column="RecipientEmail", says=("identifies people",),
    study={"columns": {**QUALTRICS["study"]["columns"], "respondent": "RecipientEmail"}},
)  # fmt: skip
def qualtrics_with_the_e_mail_address_as_id():
    return quoted(qualtrics_table(PEOPLE))


# ---------------------------------------------------------------------- LimeSurvey

LIME = {"study": {"columns": BY_TOOL}}
LIME_HEAD = ["id", "submitdate", "lastpage", "startlanguage", "seed", "ipaddr", "org", "role"]
LIME_IDS = [*LIME_HEAD, *(f"G01Q02[SQ00{n}]" for n in range(1, 5))]
LIME_STUDY = {"study": {"columns": {**BY_TOOL, "activities": "G01Q02[SQ00{number}]"}}}


def lime_table(
    people: list[list[str]], *, questions: list[str], submitted: str = DATE
) -> list[list[str]]:
    """Header and responses; ``questions`` are codes or whole questions, as the user chose."""
    rows = [[str(number), submitted, "2", "nl", "12345", "192.0.2.7", *answers]
            for number, answers in enumerate(people, start=1)]  # fmt: skip
    return [[*LIME_HEAD, *questions], *rows]


def in_codes(people: list[list[str]] = PEOPLE, *, prefix: str = "A") -> list[list[str]]:
    """Answers as LimeSurvey's answer codes A1 to A5."""
    return [[*row[:2], *(prefix + a if a else "" for a in row[2:])] for row in people]


@warns("answer codes", 3, SAME_PEOPLE, column="G01Q02[SQ001]",
       says=("limesurvey", "A1 as 1", "identifiers dropped: ipaddr"), **LIME_STUDY)  # fmt: skip
def limesurvey_with_codes():
    return quoted(lime_table(in_codes(), questions=LIME_IDS[-4:]))


@warns("answer codes", 3, SAME_PEOPLE, says=("AO05 as 5",), **LIME_STUDY)
def limesurvey_with_codes_and_semicolons():
    text = quoted(lime_table(in_codes(prefix="AO0"), questions=LIME_IDS[-4:]), delimiter=";")
    return "\ufeff" + text


@loads(3, SAME_PEOPLE, **LIME)
def limesurvey_with_whole_questions():
    return quoted(lime_table(in_words(), questions=GRID))


@warns("answer codes", 3, SAME_PEOPLE, left_out={"not submitted": 2}, **LIME_STUDY)
def limesurvey_with_rows_not_submitted():
    table = lime_table(in_codes(), questions=LIME_IDS[-4:])
    open_rows = [[str(number), "", "1", *table[1][3:]] for number in (8, 9)]
    return quoted([*table, *open_rows])


@refused("no rows", says=("no answers below the header", "left out"), **LIME_STUDY)
def limesurvey_with_no_row_submitted():
    return quoted(lime_table(in_codes(), questions=LIME_IDS[-4:], submitted=""))


@refused("unknown word", row="2", column="G01Q02[SQ001]", says=("'X1' (1)",), **LIME_STUDY)
def limesurvey_with_a_code_of_another_list():
    people = [[*PEOPLE[0][:2], "X1", "A2", "A3", "A4"], *in_codes()[1:]]
    return quoted(lime_table(people, questions=LIME_IDS[-4:]))


# ---------------------------------------------------------------------- Google and Microsoft Forms

FORMS = {"study": {"columns": {"organisation": "Wat is uw organisatie?", "role": "Uw rol"}}}
ASKED = ["Wat is uw organisatie?", "Uw rol"]


def forms_table(people: list[list[str]]) -> list[list[str]]:
    """A Dutch Google form: the question as header, a grid with the row in square brackets."""
    head = ["Tijdstempel", "E-mailadres", *ASKED, *GRID]
    rows = [["2026/03/02 9:00:00 a.m. CET", f"person{n}@example.org", *answers]
            for n, answers in enumerate(people)]  # fmt: skip
    return [head, *rows]


@loads(3, SAME_PEOPLE, says=("forms", "identifiers dropped: E-mailadres"), **FORMS)
def google_forms():
    return quoted(forms_table(in_words()))


@loads(3, SAME_PEOPLE, says=("forms",), **FORMS)
def google_forms_in_english():
    table = forms_table(in_words())
    table[0][:2] = ["Timestamp", "Email Address"]
    return quoted(table)


@loads(3, SAME_PEOPLE, file="e.xlsx", **FORMS)
def microsoft_forms():
    head = ["ID", "Begintijd", "Tijd van voltooien", "E-mail", "Naam", *ASKED, *WORDINGS]
    start = datetime.datetime(2026, 3, 2, 9, 0)
    rows = [[n, start, start + datetime.timedelta(minutes=5), "anonymous", None,
             *(cell or None for cell in answers)]
            for n, answers in enumerate(in_words(), start=1)]  # fmt: skip
    return workbook({"Sheet1": [head, *rows]})


@refused("missing column", says=("a04",), **FORMS)
def google_forms_with_a_question_reworded():
    table = forms_table(in_words())
    table[0][-1] = "Iets heel anders"
    return quoted(table)


# ---------------------------------------------------------------------- SurveyMonkey

MONKEY = {"study": {"columns": {"organisation": "Wat is uw organisatie?", "role": "Uw rol"}}}
MONKEY_HEAD = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address",
               "Email Address", "First Name", "Last Name", "Custom Data 1"]  # fmt: skip


def monkey_table(people: list[list[str]]) -> list[list[str]]:
    """Two header rows: the question once, and below it Response or the rows of a grid."""
    first = [*MONKEY_HEAD, *ASKED, STEM, "", "", ""]
    second = [""] * len(MONKEY_HEAD) + ["Open-Ended Response", "Response", *WORDINGS]
    rows = [[f"1185{n}", "4001", "03/02/2026 09:00:00 AM", "03/02/2026 09:05:00 AM", "192.0.2.7",
             f"person{n}@example.org", "Jan", "Jansen", "", *answers]
            for n, answers in enumerate(people)]  # fmt: skip
    return [first, second, *rows]


@loads(3, SAME_PEOPLE, says=("surveymonkey", "identifiers dropped: IP Address"), **MONKEY)
def surveymonkey():
    return quoted(monkey_table(in_words()))


@loads(3, SAME_PEOPLE, says=("surveymonkey",), **MONKEY)
def surveymonkey_in_numbers():
    return quoted(monkey_table(PEOPLE))


@loads(3, SAME_PEOPLE, file="e.xlsx", says=("surveymonkey",), **MONKEY)
def surveymonkey_workbook():
    rows = [[cell or None for cell in row] for row in monkey_table(in_words())]
    return workbook({"Sheet": rows})


@refused("no rows", says=("no answers below the header",), **MONKEY)
def surveymonkey_with_headers_only():
    return quoted(monkey_table([]))
