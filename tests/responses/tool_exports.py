"""Small exports in the shape survey tools write, as records; and the containers they come in."""

import csv
import io
import json
from collections.abc import Callable

import pandas as pd

ITEMS = ["a01", "a02", "a03", "a04"]
DUTCH = ["helemaal niet", "weinig", "neutraal", "waardevol", "zeer waardevol"]
ENGLISH = ["not at all", "of little value", "neutral", "valuable", "very valuable"]
WORDINGS = [f"De manager doet ding {number}." for number in range(1, 5)]
STEM = "Hoe waardevol?"
Records = list[list[object]]


def dutch(answer: str) -> str:
    """Label of an answer in the instrument of conftest.py; nothing stays nothing."""
    return DUTCH[int(answer) - 1] if answer else ""


def english(answer: str) -> str:
    return ENGLISH[int(answer) - 1] if answer else ""


def as_text(records: Records, *, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    """Delimited text; every field with a line break or quote is quoted, as the tools do."""
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter).writerows(records)
    return buffer.getvalue().encode(encoding)


def as_workbook(records: Records) -> bytes:
    """A workbook with one sheet; numbers are numbers, as the tools write them."""
    import openpyxl

    workbook = openpyxl.Workbook()
    for record in records:
        workbook.active.append([_as_number(cell) for cell in record])
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _as_number(cell: object) -> object:
    if isinstance(cell, str) and cell.isdecimal():
        return int(cell)
    return None if cell == "" else cell


# File name and writer; the tools write these, or people save them so.
CONTAINERS: dict[str, tuple[str, Callable[[Records], bytes]]] = {
    "utf8": ("export.csv", as_text),
    "bom": ("export.csv", lambda records: as_text(records, encoding="utf-8-sig")),
    "semicolon": ("export.csv", lambda records: as_text(records, delimiter=";")),
    "cp1252": ("export.csv", lambda records: as_text(records, encoding="cp1252")),
    "utf16-tab": (
        "export.tsv",
        lambda records: as_text(records, delimiter="\t", encoding="utf-16"),
    ),
    "workbook": ("export.xlsx", as_workbook),
}
QUALTRICS_NAMES = (
    "StartDate EndDate Status IPAddress Progress Duration_(in_seconds) Finished RecordedDate "
    "ResponseId RecipientLastName RecipientFirstName RecipientEmail ExternalReference "
    "LocationLatitude LocationLongitude DistributionChannel UserLanguage"
).replace("_", " ")
QUALTRICS_IMPORT_IDS = (
    "startDate endDate status ipAddress progress duration finished recordedDate _recordId "
    "recipientLastName recipientFirstName recipientEmail externalDataReference locationLatitude "
    "locationLongitude distributionChannel userLanguage"
).split()
QUALTRICS_TEXTS = {
    "en": "Start Date|End Date|Response Type|IP Address|Progress|Duration (in seconds)|Finished|"
    "Recorded Date|Response ID|Recipient Last Name|Recipient First Name|Recipient Email|"
    "External Data Reference|Location Latitude|Location Longitude|Distribution Channel|"
    "User Language",
    "nl": "Begindatum|Einddatum|Responstype|IP-adres|Voortgang|Duur (in seconden)|Voltooid|"
    "Opnamedatum|Respons-ID|Achternaam ontvanger|Voornaam ontvanger|E-mail ontvanger|"
    "Externe datareferentie|Breedtegraad locatie|Lengtegraad locatie|Distributiekanaal|"
    "Gebruikerstaal",
}
SECRET = ("192.0.2.7", "Jansen", "jan@example.org", "EXT-99", "52.0907", "5.1214")


def qualtrics_row(identifier: str, *, status: str = "IP Address", finished: str = "True") -> list:
    """Qualtrics' own cells of one respondent, in the order of its names."""
    progress = "100" if finished in ("True", "TRUE", "WAAR", "1") else "40"
    when = "2026-03-02 09:00:00"
    address, name, mail, reference, latitude, longitude = SECRET
    return [
        *[when, when, status, address, progress, "120", finished, when, identifier],
        *[name, "Jan", mail, reference, latitude, longitude, "anonymous", "NL"],
    ]


def qualtrics(
    answers: pd.DataFrame,
    recode: Callable[[str], str] = str,
    *,
    header: str = "three",
    language: str = "en",
    finished: str = "True",
    extra: Records = (),
) -> Records:
    """Qualtrics' export with ``three`` header rows, ``two``, ``ids`` (without texts) or ``one``."""
    own = QUALTRICS_NAMES.replace("Duration (in seconds)", "Duration").split()
    own[own.index("Duration")] = "Duration (in seconds)"
    names = [*own, "Q1", "Q2", *[f"Q3_{number}" for number in range(1, 5)]]
    texts = [
        *QUALTRICS_TEXTS[language].split("|"),
        "Bij welke organisatie\nhoort u?",
        "Wat bent u?",
        *[f"Denk aan de manager’s werk.\n\n{STEM} - {wording}" for wording in WORDINGS],
    ]
    ids = [*QUALTRICS_IMPORT_IDS, "QID1", "QID2", *[f"QID3_{n}" for n in range(1, 5)]]
    imports = [json.dumps({"ImportId": name}, separators=(",", ":")) for name in ids]
    head = {
        "three": [names, texts, imports],
        "two": [names, texts],
        "ids": [names, imports],
        "one": [names],
    }
    rows = [
        [*qualtrics_row(row.id, finished=finished), row.org, row.role]
        + [recode(getattr(row, item)) for item in ITEMS]
        for row in answers.itertuples()
    ]
    return [*head[header], *extra, *rows]


def old_qualtrics(answers: pd.DataFrame) -> Records:
    """Qualtrics' export of before 2017: V1, V2, ... with their names in the second row."""
    names = [*[f"V{n}" for n in range(1, 11)], "Q1", "Q2", *[f"Q3_{n}" for n in range(1, 5)]]
    texts = [
        *"ResponseID ResponseSet Name ExternalDataReference Email IPAddress Status".split(),
        *"StartDate EndDate Finished".split(),
        *["Bij welke organisatie hoort u?", "Wat bent u?"],
        *[f"{STEM}-{wording}" for wording in WORDINGS],
    ]
    address, name, mail, reference, _, _ = SECRET
    when = "2015-03-02 09:00:00"
    rows = [
        [row.id, "Default Response Set", name, reference, mail, address, "0", when, when, "1"]
        + [row.org, row.role, *[getattr(row, item) for item in ITEMS]]
        for row in answers.itertuples()
    ]
    unfinished = [*rows[0][:9], "0", *rows[0][10:]]
    return [names, texts, unfinished, *rows]


LIMESURVEY_CODES = "id submitdate lastpage startlanguage seed startdate datestamp ipaddr refurl"
LIMESURVEY_TEXTS = {
    "en": "Response ID|Date submitted|Last page|Start language|Seed|Date started|"
    "Date last action|IP address|Referrer URL",
    "nl": "Antwoord-ID|Datum ingestuurd|Laatste pagina|Starttaal|Seed|Datum gestart|"
    "Datum laatste actie|IP-adres|Verwijzende URL",
}


def limesurvey(
    answers: pd.DataFrame,
    recode: Callable[[str], str] = str,
    *,
    names: str = "code",
    language: str = "en",
    submitted: str = "2026-03-02 09:05:00",
) -> Records:
    """LimeSurvey's export, headers as ``code``, ``underscore``, ``text`` or ``both``.

    Two rows of people who stopped halfway stand between the others.
    """
    codes = [*LIMESURVEY_CODES.split(), "G01Q01", "G01Q02"]
    codes += [f"G02Q03[SQ00{number}]" for number in range(1, 5)]
    texts = [*LIMESURVEY_TEXTS[language].split("|"), "Bij welke organisatie hoort u?"]
    texts += ["Wat bent u?", *[f"{STEM}  [{wording}]" for wording in WORDINGS]]
    header = {
        "code": codes,
        "underscore": [code.replace("[", "_").replace("]", "") for code in codes],
        "text": texts,
        "both": [f"{code}. {text}" for code, text in zip(codes, texts, strict=True)],
    }[names]
    rows = [
        [str(number), submitted, "3", "nl", "12345", "2026-03-02 09:00:00", submitted]
        + ["192.0.2.7", "https://example.org/jan", row.org, row.role]
        + [recode(getattr(row, item)) for item in ITEMS]
        for number, row in enumerate(answers.itertuples(), start=1)
    ]
    stopped = [rows[0][0] + "9", "", "1", *rows[0][3:]]
    return [header, *rows[:2], stopped, *rows[2:], stopped]


def google(
    answers: pd.DataFrame,
    recode: Callable[[str], str] = str,
    *,
    language: str = "nl",
    grid: bool = True,
) -> Records:
    """Google Forms: a grid's header is ``Question [Row]``, else every statement is a question."""
    time, mail = {"nl": ("Tijdstempel", "E-mailadres"), "en": ("Timestamp", "Username")}[language]
    questions = [f"{STEM} [{wording}]" if grid else wording for wording in WORDINGS]
    header = [time, mail, "Bij welke organisatie hoort u?", "Wat bent u?", *questions]
    rows = [
        ["2026/03/02 9:00:00 a.m. CET", "jan@example.org", row.org, row.role]
        + [recode(getattr(row, item)) for item in ITEMS]
        for row in answers.itertuples()
    ]
    return [header, *rows]


MICROSOFT = {
    "en": ["ID", "Start time", "Completion time", "Email", "Name"],
    "nl": ["ID", "Begintijd", "Tijd van voltooien", "E-mail", "Naam"],
}


def microsoft(
    answers: pd.DataFrame,
    recode: Callable[[str], str] = str,
    *,
    language: str = "nl",
    times: tuple[object, object] = ("2026-03-02 09:00:00", "2026-03-02 09:02:00"),
) -> Records:
    """Microsoft Forms: Likert statements as headers, a choice question with its semicolon."""
    header = [*MICROSOFT[language], "Bij welke organisatie hoort u?\xa0", "Wat bent u?", *WORDINGS]
    rows = [
        [str(number), *times, "jan@example.org", "Jan Jansen", row.org, f"{row.role};"]
        + [recode(getattr(row, item)) for item in ITEMS]
        for number, row in enumerate(answers.itertuples(), start=1)
    ]
    return [header, *rows]


SURVEYMONKEY = (
    "Respondent ID|Collector ID|Start Date|End Date|IP Address|Email Address|First Name|"
    "Last Name|Custom Data 1"
)


def surveymonkey(
    answers: pd.DataFrame,
    recode: Callable[[str], str] = str,
    *,
    expanded: bool = False,
    numbers: bool = False,
) -> Records:
    """SurveyMonkey: the question above its first column only; ``expanded`` has one a choice."""
    own = SURVEYMONKEY.split("|")
    rows_of = [f"{wording} - {label}" for wording in WORDINGS for label in DUTCH]
    labels = rows_of if expanded else WORDINGS
    header = [*own, "Bij welke organisatie hoort u?", "Wat bent u?", STEM]
    header += [""] * (len(labels) - 1)
    second = [*[""] * len(own), "Open-Ended Response", "Response", *labels]
    rows = []
    for number, row in enumerate(answers.itertuples(), start=1):
        given = [getattr(row, item) for item in ITEMS]
        if expanded:
            cells = [
                (answer if numbers else label) if str(point) == answer else ""
                for answer in given
                for point, label in enumerate(DUTCH, start=1)
            ]
        else:
            cells = [recode(answer) for answer in given]
        who = [f"1140000{number}", "4021", "03/02/2026 09:00:00 AM", "03/02/2026 09:02:00 AM"]
        who += ["192.0.2.7", "jan@example.org", "Jan", "Jansen", ""]
        rows.append([*who, row.org, row.role, *cells])
    return [header, second, *rows]
