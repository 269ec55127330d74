"""Qualtrics: names, question texts and import ids above the answers; previews among them.

What a column of Qualtrics' own holds is told by its import id, which no language of the
interface changes; by its name where the import ids are gone (workbooks, old exports).
"""

import re

import numpy as np
import pandas as pd

from research.responses.ingest.tables import ReadOptions, fold, mapped
from research.responses.ingest.tools.survey_tools import Grid, Shaped

LAYOUT = "qualtrics"
IMPORT_ID = re.compile(r'^\s*\{\s*"ImportId"\s*:\s*"([^"]*)"')
# Old exports call their own columns V1, V2, ... and write the real names below.
NUMBERED = re.compile(r"^V\d+$")
NUMBER = re.compile(r"^[\d.,]+$")
MOST_HEADER_ROWS = 3
# Qualtrics' own columns by what they hold: import id, English names, Dutch names
# (Qualtrics support, "Understanding Your Dataset").
OWN_COLUMNS = {
    "started": "startdate|start date|begindatum|startdatum",
    "ended": "enddate|end date|einddatum",
    "recorded": "recordeddate|recorded date|opnamedatum|vastgelegde datum|geregistreerde datum",
    "status": "status|response type|reactietype|responstype|type respons|antwoordtype",
    "progress": "progress|voortgang",
    "duration": "duration|duration (in seconds)|duur (in seconden)",
    "finished": "finished|voltooid|afgerond|beëindigd",
    "respondent": "_recordid|responseid|response id|respons-id|reactie-id|antwoord-id",
    "response set": "responseset|response set",
    "channel": "distributionchannel|distribution channel|distributiekanaal",
    "language": "userlanguage|user language|gebruikerstaal",
    "address": "ipaddress|ip address|ip-adres",
    "last name": "recipientlastname|recipient last name|achternaam ontvanger|name|naam",
    "first name": "recipientfirstname|recipient first name|voornaam ontvanger",
    "e-mail": "recipientemail|recipient email|e-mail ontvanger|email|emailaddress",
    "reference": "externaldatareference|externalreference|external data reference|"
    "externe datareferentie|externe gegevensreferentie",
    "latitude": "locationlatitude|location latitude|breedtegraad locatie|breedtegraad",
    "longitude": "locationlongitude|location longitude|lengtegraad locatie|lengtegraad",
}
MEANINGS = {name: use for use, names in OWN_COLUMNS.items() for name in names.split("|")}
IDENTIFYING = frozenset(
    ("address", "last name", "first name", "e-mail", "reference", "latitude", "longitude")
)
STANDARD = {"respondent": "respondent", "duration": "duration", "started": "started"}
# Status is a sum of bits: 1 preview, 2 test, 8 spam (Qualtrics support, "Understanding Your
# Dataset"); with choice text it is a phrase.
NO_RESPONDENT_BITS = {1: "preview", 2: "test", 8: "spam"}
STATUS_WORDS = {
    "preview": "preview",
    "voorbeeld": "preview",
    "voorvertoning": "preview",
    "test": "test",
    "spam": "spam",
}
YES = frozenset({"true", "1", "yes", "waar", "ja", "vrai", "wahr", "oui"})


def recognise(records: list[list[str]]) -> str | None:
    """Return why records come from Qualtrics: their import ids or Qualtrics' own columns."""
    number = _import_id_record(records)
    if number:
        return f"a row of Qualtrics' import ids stands below {number} header row(s)"
    if not records:
        return None
    own = set(_meanings(records[:2]).values())
    if len(own) >= 4 and "respondent" in own and own & {"finished", "progress", "status"}:
        return "the header has Qualtrics' own columns (ResponseId, Finished, ...)"
    return None


def count_header_rows(records: list[list[str]]) -> int:
    """Return 3 with import ids below the texts, 2 in old exports, 1 when someone cut them off."""
    number = _import_id_record(records)
    if number:
        return number + 1
    return 2 if len(records) > 1 and _is_text_row(records[0], records[1]) else 1


def shape(grid: Grid, options: ReadOptions) -> Shaped:
    """Names from the first header row, questions from the second, no respondents marked."""
    own = _meanings(grid.head)
    last_text = _import_id_record(grid.head) or len(grid.head)
    questions = dict(enumerate(grid.head[1])) if last_text > 1 else {}
    places = {use: position for position, use in reversed(own.items())}
    return Shaped(
        grid=grid,
        headers=grid.head[0],
        questions=questions,
        no_respondents=_no_respondents(grid.cells, places),
        identifiers=frozenset(position for position, use in own.items() if use in IDENTIFYING),
        standard_columns={
            use: places[meaning]
            for use, meaning in {**STANDARD, "finished": "ended"}.items()
            if meaning in places
        },
    )


def _import_id_record(records: list[list[str]]) -> int:
    """Number of the record with the import ids (from 0); 0 when there is none."""
    for number, record in enumerate(records[:MOST_HEADER_ROWS]):
        if number and any(IMPORT_ID.match(cell) for cell in record):
            return number
    return 0


def _meanings(head: list[list[str]]) -> dict[int, str]:
    """What Qualtrics' own columns hold, by column number.

    With import ids only they count: a question may be called Status or Name.
    """
    number = _import_id_record(head)
    if number:
        ids = [IMPORT_ID.match(cell) for cell in head[number]]
        names = ["" if found is None else fold(found[1]) for found in ids]
    else:
        below = head[1] if len(head) > 1 else []
        names = [
            fold(below[position] if NUMBERED.match(name) and position < len(below) else name)
            for position, name in enumerate(head[0])
        ]
    return {position: MEANINGS[name] for position, name in enumerate(names) if name in MEANINGS}


def _is_text_row(names: list[str], record: list[str]) -> bool:
    """Whether a record holds question texts: answers have a number under Progress and Duration."""
    if names and NUMBERED.match(names[0]):
        return True
    below = {
        use: fold(record[position])
        for position, use in _meanings([names]).items()
        if position < len(record)
    }
    numbers = {below.get("progress", ""), below.get("duration", "")} - {""}
    return any(MEANINGS.get(text) == use for use, text in below.items()) or any(
        not NUMBER.match(text) for text in numbers
    )


def _no_respondents(cells: pd.DataFrame, places: dict[str, int]) -> dict[str, np.ndarray]:
    """Rows that are no respondents, by reason."""
    reasons: dict[str, np.ndarray] = {}
    if "status" in places:
        kinds = mapped(cells[places["status"]], _status, dtype="U10")
        reasons = {reason: kinds == reason for reason in NO_RESPONDENT_BITS.values()}
    if "finished" in places:
        column = cells[places["finished"]]
        reasons["unfinished"] = mapped(column, lambda text: fold(text) not in YES, dtype=bool)
    elif "progress" in places:
        column = cells[places["progress"]]
        reasons["unfinished"] = mapped(column, lambda text: fold(text) != "100", dtype=bool)
    return reasons


def _status(text: str) -> str:
    plain = fold(text)
    if plain.isdecimal():
        bits = int(plain)
        return next((kind for bit, kind in NO_RESPONDENT_BITS.items() if bits & bit), "")
    return next((kind for word, kind in STATUS_WORDS.items() if word in plain), "")
