"""The corpus of broken and odd files: how a case is written down, and what files are made from.

Every case is a small function that returns the export (or several files by name), under a
decorator that states its right outcome: ``loads``, ``warns`` or ``refused``. All of them together
are the one table ``CORPUS``, which drives ``test_corpus.py``. The outcome is what
``design/import-and-quality.md`` asks for, not what the code happened to do.
"""

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Files = Mapping[str, bytes | str]

HEADER = "id,org,role,a01,a02,a03,a04\n"
ROWS = (
    "r1,Café Zuid,customer,1,2,3,4\n"
    "r2,Noord,manager,5,4,1,2\n"
    "r3,Noord,customer,2,3,,5\n"
)  # fmt: skip
GOOD = HEADER + ROWS
TABLE = [line.split(",") for line in GOOD.splitlines()]
COLUMNS = {"respondent": "id", "organisation": "org", "role": "role"}
WAVE_COLUMNS = {**COLUMNS, "wave": "wave"}
WORDS = {
    "1": "helemaal niet",
    "2": "weinig",
    "3": "neutraal",
    "4": "waardevol",
    "5": "zeer waardevol",
    "": "",
}
WORDINGS = [f"De manager doet ding {number}." for number in range(1, 5)]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One broken or odd study, and what must become of it.

    ``file`` is the export, ``names`` what the message names instead of it. ``rule`` is the rule of the first problem or warning that matters; ``place`` its file, sheet,
    row and column as far as they exist; ``says`` what the user must read. A load states how many
    people come out and, as ``cells``, what some of them must hold: by respondent id, or by
    organisation and role where the ids are made.
    """

    name: str
    make: Callable[[], Files | bytes | str]
    outcome: str
    file: str = "e.csv"
    names: str = ""
    rule: str = ""
    place: dict[str, str] = field(default_factory=dict)
    says: tuple[str, ...] = ()
    study: dict = field(default_factory=dict)
    study_file: str | None = None
    n: int | None = None
    cells: dict[tuple[str, str], object] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)

    def files(self) -> dict[str, bytes]:
        """Every file beside the study file, as bytes."""
        made = self.make()
        files = made if isinstance(made, Mapping) else {self.file: made}
        return {
            name: content.encode("utf-8") if isinstance(content, str) else content
            for name, content in files.items()
        }


CORPUS: list[Case] = []
PLACES = ("sheet", "row", "column")


def _add(outcome: str, rule: str, options: dict) -> Callable[[Callable], Callable]:
    place = {key: options.pop(key) for key in PLACES if key in options}

    def register(make: Callable) -> Callable:
        name = make.__name__.strip("_").replace("_", " ")
        CORPUS.append(
            Case(name=name, make=make, outcome=outcome, rule=rule, place=place, **options)
        )
        return make

    return register


def loads(n: int, cells: dict | None = None, **options) -> Callable[[Callable], Callable]:
    """Every right answer comes out and nothing is said."""
    return _add("load", "", {"n": n, "cells": cells or {}, **options})


def warns(rule: str, n: int, cells: dict | None = None, **options) -> Callable:
    """It loads, and one warning says what was handled and how often."""
    return _add("warn", rule, {"n": n, "cells": cells or {}, **options})


def refused(rule: str, **options) -> Callable[[Callable], Callable]:
    """It would give a wrong number: nothing is written. Without a rule the study file is it."""
    return _add("refuse", rule, options)


# What r1 to r3 must hold however the file was written.
SAME = {("r1", "organisation_id"): "Café Zuid", ("r2", "a01"): 5, ("r3", "a03"): None}
SAME_PEOPLE = {
    ("Café Zuid customer", "a04"): 4,
    ("Noord manager", "a01"): 5,
    ("Noord customer", "a03"): None,
}


def typed(table: list[list[str]] = TABLE) -> list[list]:
    """Rows as Excel holds them: answers as numbers, nothing as an empty cell."""
    return [
        [int(cell) if cell.isdecimal() and cell[0] != "0" else cell or None for cell in row]
        for row in table
    ]


def workbook(sheets: dict[str, list[list]], change: Callable | None = None) -> bytes:
    """Bytes of a workbook; ``change`` may edit the openpyxl workbook first."""
    import openpyxl

    made = openpyxl.Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    if change:
        change(made)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def rewritten(content: bytes, entry: str, change: Callable[[bytes], bytes]) -> bytes:
    """A zip archive with one of its entries changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as out:
        for info in source.infolist():
            data = source.read(info)
            out.writestr(info.filename, change(data) if info.filename == entry else data)
    return target.getvalue()


def archive(entry: str) -> bytes:
    """A zip archive that is no workbook."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        out.writestr(entry, "hello " * 1000)
    return buffer.getvalue()


def sav(table: list[list[str]] = TABLE, **options) -> bytes:
    """Bytes of an SPSS file; answers are numbers, the rest is text."""
    import tempfile
    from pathlib import Path

    import pandas as pd
    import pyreadstat

    frame = pd.DataFrame(table[1:], columns=table[0])
    answers = [name for name in frame if name.startswith("a0")]
    frame[answers] = frame[answers].apply(pd.to_numeric)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.sav"
        pyreadstat.write_sav(frame, str(path), **options)
        return path.read_bytes()


def quoted(rows: list[list[str]], *, delimiter: str = ",") -> str:
    """Rows as survey tools write them: every cell between quotation marks."""
    return "".join(
        delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) + "\r\n" for row in rows
    )
