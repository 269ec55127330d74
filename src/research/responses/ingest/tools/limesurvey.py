"""LimeSurvey: one header row of codes, of whole questions or of both; answers as codes or texts.

The names of LimeSurvey's own columns are those of its export (application/helpers/admin/export
in LimeSurvey's sources: ``id``, ``submitdate``, ...; ``id. Response ID`` with code and text).
"""

import re

import numpy as np
import pandas as pd

from research.responses.ingest.tables import ReadOptions, fold, fold_header, mapped, texts_of
from research.responses.ingest.tools.survey_tools import Grid, Shaped

LAYOUT = "limesurvey"
# By code: English texts, Dutch texts.
OWN_COLUMNS = {
    "id": "response id|antwoord-id|antwoord id|reactie-id|reactie id|respons-id|respons id",
    "submitdate": "date submitted|datum ingestuurd|datum ingediend|datum ingezonden|"
    "datum verzonden|datum inzending|inzenddatum|datum van inzending",
    "lastpage": "last page|laatste pagina|laatste bladzijde",
    "startlanguage": "start language|starttaal|begintaal|taal bij start",
    "seed": "seed|startwaarde|startgetal|zaad",
    "startdate": "date started|datum gestart|datum begonnen|startdatum|begindatum|datum start",
    "datestamp": "date last action|datum laatste actie|datum van de laatste actie",
    "ipaddr": "ip address|ip-adres|ip adres",
    "refurl": "referrer url|verwijzende url|referrer-url|url van verwijzing",
    "token": "access code|token|toegangscode",
    "interviewtime": "total time|totale tijd|totale duur",
    "firstname": "first name|voornaam",
    "lastname": "last name|achternaam",
    "email": "email address|e-mailadres|e-mail address",
}
MEANINGS = {text: code for code, texts in OWN_COLUMNS.items() for text in texts.split("|")} | {
    code: code for code in OWN_COLUMNS
}
# Names that only LimeSurvey gives: two of them make a file LimeSurvey's.
TELLING = frozenset(("submitdate", "lastpage", "startlanguage"))
IDENTIFYING = frozenset(("ipaddr", "refurl", "firstname", "lastname", "email"))
# The code of a question and its subquestion, then the text: "G01Q01[SQ001]. How ..."
CODE_AND_TEXT = re.compile(r"^([A-Za-z]\w*(?:\[[^\]]*\])*)\.\s+(.*)$", re.DOTALL)
SUBQUESTION = re.compile(r"^.*?\s\[(.+)\]$", re.DOTALL)
# Answer codes LimeSurvey gives by itself: A1, A2, ... and, since version 4, AO01, AO02, ...
POINT_CODES = r"^ao?0*([1-9]\d?)$"
# What an anonymous survey has instead of a date.
NO_DATE = "1980-01-01"
NOT_SUBMITTED = frozenset(("", "n/a", "null"))


def recognise(records: list[list[str]]) -> str | None:
    """Return why records come from LimeSurvey: the names of its own columns."""
    own = set(_own_columns(records[0]).values()) if records else set()
    if len(own) >= 3 and len(own & TELLING) >= 2:
        return "the header has LimeSurvey's own columns (submitdate, lastpage, startlanguage, ...)"
    return None


def count_header_rows(records: list[list[str]]) -> int:
    """Return 1: LimeSurvey writes one header row."""
    return 1


def shape(grid: Grid, options: ReadOptions) -> Shaped:
    """Names as codes or questions, whichever the study file uses; unsubmitted rows marked.

    Anonymous surveys have 1980-01-01 as the date of everyone who submitted; only an empty date
    means that somebody stopped halfway.
    """
    (written,) = grid.head
    own = _own_columns(written)
    headers, questions = _names(written, own, options.expected_names)
    places = {code: position for position, code in reversed(own.items())}
    no_respondents: dict[str, np.ndarray] = {}
    if "submitdate" in places:
        no_respondents["not submitted"] = mapped(
            grid.cells[places["submitdate"]],
            lambda text: fold(text) in NOT_SUBMITTED,
            dtype=bool,
        )
    # The id counts from 1 in every survey and would clash between two of them (one for each
    # role): it is no standard column, but the study file may name it.
    standard = {"duration": "interviewtime", "started": "startdate", "finished": "submitdate"}
    if "submitdate" in places and _is_anonymous(grid.cells[places["submitdate"]]):
        del standard["finished"]
    return Shaped(
        grid=grid,
        headers=headers,
        questions=questions,
        no_respondents=no_respondents,
        identifiers=frozenset(position for position, code in own.items() if code in IDENTIFYING),
        standard_columns={use: places[code] for use, code in standard.items() if code in places},
        point_codes=POINT_CODES,
    )


def _is_anonymous(cells: pd.Series) -> bool:
    return any(text.startswith(NO_DATE) for text in texts_of(cells)[1])


def _own_columns(header: list[str]) -> dict[int, str]:
    """Codes of LimeSurvey's own columns by column number, from code, text or both."""
    found = {}
    for position, name in enumerate(header):
        both = CODE_AND_TEXT.match(name)
        if both and fold(both[1]) in OWN_COLUMNS:
            found[position] = fold(both[1])
            continue
        # Spaces are written as underscores where the export was told to.
        code = MEANINGS.get(fold(name)) or MEANINGS.get(fold(name.replace("_", " ")))
        if code is not None:
            found[position] = code
    return found


def _names(
    written: list[str], own: dict[int, str], expected: frozenset[str]
) -> tuple[list[str], dict[int, str]]:
    """Header and question of every column.

    With code and text in one header the code is the name, unless the study file asks for the
    whole. The question of a grid is its subquestion, which stands in brackets behind it.
    """
    with_codes = any(CODE_AND_TEXT.match(written[position]) for position in own)
    headers, questions = [], {}
    for position, name in enumerate(written):
        both = CODE_AND_TEXT.match(name) if with_codes else None
        text = both[2] if both else name
        whole = both is None or fold_header(name) in expected
        headers.append(name if whole else both[1])
        subquestion = SUBQUESTION.match(text)
        if subquestion:
            questions[position] = subquestion[1]
        elif both:
            questions[position] = text
    return headers, questions
