"""A seeded mutator: small damages to one export of every layout, each with what must come of it.

A mutant whose right outcome is known by construction says so: ``truth`` is what must come out,
``may_refuse`` and ``may_load`` which of the two outcomes is right. Damage at random places has no
stated outcome; where the text can still be cut into the same table by Python's own csv module,
``second_reading`` gives the truth from there.
"""

import csv
import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.responses import corpus_tools
from tests.responses.corpus import COLUMNS, HEADER, WORDS, quoted, sav, typed, workbook

Rows = list[list[str]]
Person = tuple[str, str, tuple[int | None, ...]]  # organisation, role, four answers
Truth = dict[str, Person]

ENGLISH = ["not at all", "of little value", "neutral", "valuable", "very valuable"]
CODES = {f"A{point}": point for point in range(1, 6)}
JUNK = ["mwah", "5 because", "4/5", "1-5", "3.5", "2,5", "#N/B", "A9", "x" * 300]
NAMES = ["Café Zuid", "Noord"]


@dataclass(frozen=True, kw_only=True)
class Export:
    """One small export: its header rows and people, where things stand, how it is written."""

    layout: str
    file: str
    rows: Rows
    n_headers: int
    who: int
    organisation: int
    role: int
    answers: tuple[int, ...]
    study: dict
    write: Callable[[Rows], bytes] = field(default=lambda rows: quoted(rows).encode("utf-8"))
    is_text: bool = True

    @property
    def truth(self) -> Truth:
        return {row[self.who]: self.person(row) for row in self.rows[self.n_headers :]}

    def person(self, row: list[str]) -> Person:
        return (
            row[self.organisation],
            row[self.role],
            tuple(meaning(row[position]) for position in self.answers),
        )

    @property
    def names_people(self) -> bool:
        """Whether the study names the column of ids; a tool's own, once damaged, is not found."""
        return "respondent" in self.study["columns"]

    @property
    def used(self) -> list[int]:
        return [self.who, self.organisation, self.role, *self.answers]


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A damaged export and its right outcome; without ``truth`` only a crash is wrong."""

    name: str
    content: bytes
    truth: Truth | None = None
    may_refuse: bool = True
    may_load: bool = True


def meaning(text: str) -> int | None:
    """Point of the scale; KeyError for a text that is none. Not the code under test."""
    known = {"": None, **CODES, **{str(n): n for n in range(1, 6)}}
    known |= {label: int(point) for point, label in WORDS.items() if point}
    known |= {label: point for point, label in enumerate(ENGLISH, start=1)}
    return known[text.strip()]


def people() -> Rows:
    """Twelve people of two organisations: id, organisation, role, four answers."""
    answers = ["1234", "2345", "3451", "4512", "5123", "1352"]
    return [
        [str(101 + n), NAMES[n % 2], ("customer", "manager")[n % 3 == 0],
         *(answers[n % 6] if n != 4 else ["2", "", "4", "5"])]
        for n in range(12)
    ]  # fmt: skip


def _plain() -> Export:
    rows = [[*HEADER.strip().split(","), "remark"], *([*row, "fine, thanks"] for row in people())]
    return Export(layout="csv", file="e.csv", rows=rows, n_headers=1, who=0, organisation=1, role=2,
                  answers=(3, 4, 5, 6), study={"columns": COLUMNS})  # fmt: skip


def _qualtrics() -> Export:
    rows = corpus_tools.qualtrics_table(corpus_tools.in_words([row[1:] for row in people()]))
    for row, person in zip(rows[3:], people(), strict=True):
        row[8] = person[0]
    return Export(layout="qualtrics", file="e.csv", rows=rows, n_headers=3, who=8, organisation=10,
                  role=11, answers=(12, 13, 14, 15), **corpus_tools.QUALTRICS)  # fmt: skip


def _limesurvey() -> Export:
    table = corpus_tools.in_codes([row[1:] for row in people()])
    rows = corpus_tools.lime_table(table, questions=corpus_tools.LIME_IDS[-4:])
    for row, person in zip(rows[1:], people(), strict=True):
        row[0] = person[0]
    columns = {**corpus_tools.LIME_STUDY["study"]["columns"], "respondent": "id"}
    return Export(layout="limesurvey", file="e.csv", rows=rows, n_headers=1, who=0, organisation=6,
                  role=7, answers=(8, 9, 10, 11), study={"columns": columns})  # fmt: skip


def _forms() -> Export:
    rows = corpus_tools.forms_table(corpus_tools.in_words([row[1:] for row in people()]))
    rows = [row + [code] for row, code in
            zip(rows, ["Uw code", *(row[0] for row in people())], strict=True)]  # fmt: skip
    columns = {**corpus_tools.FORMS["study"]["columns"], "respondent": "Uw code"}
    return Export(layout="forms", file="e.csv", rows=rows, n_headers=1, who=8, organisation=2,
                  role=3, answers=(4, 5, 6, 7), study={"columns": columns})  # fmt: skip


def _surveymonkey() -> Export:
    rows = corpus_tools.monkey_table(corpus_tools.in_words([row[1:] for row in people()]))
    for row, person in zip(rows[2:], people(), strict=True):
        row[0] = person[0]
    return Export(layout="surveymonkey", file="e.csv", rows=rows, n_headers=2, who=0,
                  organisation=9, role=10, answers=(11, 12, 13, 14), **corpus_tools.MONKEY)  # fmt: skip


def exports() -> dict[str, Export]:
    """One export a layout; all hold the same twelve people."""
    plain = _plain()
    excel = replace(plain, layout="excel", file="e.xlsx", is_text=False,
                    write=lambda rows: workbook({"Answers": typed(rows)}))  # fmt: skip
    spss = replace(plain, layout="spss", file="e.sav", is_text=False, write=sav)
    made = [plain, _qualtrics(), _limesurvey(), _forms(), _surveymonkey(), excel, spss]
    return {export.layout: export for export in made}


# ---------------------------------------------------------------------- known by construction


def _some_row(rng: random.Random, export: Export) -> int:
    return rng.randrange(export.n_headers, len(export.rows))


def _with_cell(export: Export, row: int, position: int, text: str) -> Rows:
    rows = [list(record) for record in export.rows]
    rows[row][position] = text
    return rows


def _of(export: Export, rows: Rows) -> Truth:
    return replace(export, rows=rows).truth


def row_dropped(rng, export) -> Mutant:
    rows = list(export.rows)
    del rows[_some_row(rng, export)]
    return Mutant(name="row dropped", content=export.write(rows), truth=_of(export, rows),
                  may_refuse=False)  # fmt: skip


def row_doubled(rng, export) -> Mutant:
    rows = list(export.rows)
    rows.insert(_some_row(rng, export), rows[_some_row(rng, export)])
    return Mutant(name="row doubled", content=export.write(rows), may_load=False)


def rows_exchanged(rng, export) -> Mutant:
    rows = list(export.rows)
    one, other = _some_row(rng, export), _some_row(rng, export)
    rows[one], rows[other] = rows[other], rows[one]
    return Mutant(name="rows exchanged", content=export.write(rows), truth=export.truth,
                  may_refuse=False)  # fmt: skip


def blank_row(rng, export) -> Mutant:
    rows = list(export.rows)
    rows.insert(_some_row(rng, export), [""] * len(rows[0]))
    return Mutant(name="blank row", content=export.write(rows), truth=export.truth,
                  may_refuse=False)  # fmt: skip


def columns_exchanged(rng, export) -> Mutant:
    one, other = rng.sample(range(len(export.rows[0])), 2)
    rows = [list(row) for row in export.rows]
    for row in rows:
        row[one], row[other] = row[other], row[one]
    # SurveyMonkey writes a question once, above the first column of its grid.
    return Mutant(name="columns exchanged", content=export.write(rows), truth=export.truth,
                  may_refuse=export.layout == "surveymonkey")  # fmt: skip


def used_column_dropped(rng, export) -> Mutant:
    position = rng.choice(export.used[1:])
    rows = [row[:position] + row[position + 1 :] for row in export.rows]
    return Mutant(name=f"column {position} dropped", content=export.write(rows), may_load=False)


def used_column_doubled(rng, export) -> Mutant:
    position = rng.choice(export.used if export.names_people else export.used[1:])
    place = rng.randrange(len(export.rows[0]))
    rows = [row[:place] + [row[position]] + row[place:] for row in export.rows]
    return Mutant(name=f"column {position} doubled", content=export.write(rows), may_load=False)


def unused_column_dropped(rng, export) -> Mutant:
    position = rng.choice([n for n in range(len(export.rows[0])) if n not in export.used])
    rows = [row[:position] + row[position + 1 :] for row in export.rows]
    return Mutant(name=f"unused column {position} dropped", content=export.write(rows),
                  truth=export.truth)  # fmt: skip


def header_changed(rng, export) -> Mutant:
    number, position = rng.randrange(export.n_headers), rng.randrange(len(export.rows[0]))
    if position == export.who and not export.names_people:
        position = export.role
    text = export.rows[number][position]
    new = rng.choice([text.upper(), text.lower(), f" {text} ", text[1:], text + "x", "", "same"])
    rows = _with_cell(export, number, position, new)
    return Mutant(name=f"header {position} changed", content=export.write(rows), truth=export.truth)


def answer_changed(rng, export) -> Mutant:
    row, position = _some_row(rng, export), rng.choice(export.answers)
    column = [record[position] for record in export.rows[export.n_headers :]]
    rows = _with_cell(export, row, position, rng.choice(column))
    return Mutant(name="answer changed", content=export.write(rows), truth=_of(export, rows),
                  may_refuse=False)  # fmt: skip


def answer_in_other_words(rng, export) -> Mutant:
    row, position = _some_row(rng, export), rng.choice(export.answers)
    text = rng.choice([*WORDS.values(), *ENGLISH, *"12345"])
    text = text.upper() if rng.random() < 0.3 else text
    rows = _with_cell(export, row, position, text)
    truth = _of(export, _with_cell(export, row, position, text.lower()))
    return Mutant(name=f"answer '{text}'", content=export.write(rows), truth=truth,
                  may_refuse=False)  # fmt: skip


def answer_emptied(rng, export) -> Mutant:
    rows = _with_cell(export, _some_row(rng, export), rng.choice(export.answers), "")
    return Mutant(name="answer emptied", content=export.write(rows), truth=_of(export, rows),
                  may_refuse=False)  # fmt: skip


def answer_spoilt(rng, export) -> Mutant:
    text = rng.choice(JUNK)
    rows = _with_cell(export, _some_row(rng, export), rng.choice(export.answers), text)
    return Mutant(name=f"answer '{text[:9]}'", content=export.write(rows), may_load=False)


def answer_off_the_scale(rng, export) -> Mutant:
    row, position = _some_row(rng, export), rng.choice(export.answers)
    rows = _with_cell(export, row, position, rng.choice(["0", "6", "77", "-9"]))
    truth = _of(export, _with_cell(export, row, position, ""))
    return Mutant(name="answer off the scale", content=export.write(rows), truth=truth)


def answers_exchanged(rng, export) -> Mutant:
    row, (one, other) = _some_row(rng, export), rng.sample(export.answers, 2)
    rows = _with_cell(export, row, one, export.rows[row][other])
    rows[row][other] = export.rows[row][one]
    return Mutant(name="answers exchanged", content=export.write(rows), truth=_of(export, rows),
                  may_refuse=False)  # fmt: skip


def person_spoilt(rng, export) -> Mutant:
    position, text = rng.choice(
        [(export.who, ""), (export.organisation, ""), (export.role, "boss"),
         (export.answers[0], NAMES[0]), (export.role, "3")]
    )  # fmt: skip
    rows = _with_cell(export, _some_row(rng, export), position, text)
    return Mutant(name=f"'{text}' in column {position}", content=export.write(rows), may_load=False)


def role_emptied(rng, export) -> Mutant:
    row = _some_row(rng, export)
    rest = [record for number, record in enumerate(export.rows) if number != row]
    content = export.write(_with_cell(export, row, export.role, ""))
    return Mutant(name="role emptied", content=content, truth=_of(export, rest), may_refuse=False)


def odd_organisation(rng, export) -> Mutant:
    name = rng.choice(['A, "B"; C', "A\nB", "NA", "None", "007", "A|B\tC", "北 💚", "1e5", "=1+1"])
    if export.layout == "excel":
        name = name.lstrip("=")  # openpyxl writes it as a formula, which is refused
    rows = _with_cell(export, _some_row(rng, export), export.organisation, name)
    return Mutant(name=f"organisation {name!r}", content=export.write(rows),
                  truth=_of(export, rows), may_refuse=False)  # fmt: skip


def cell_dropped(rng, export) -> Mutant:
    rows = [list(row) for row in export.rows]
    del rows[_some_row(rng, export)][rng.choice(range(len(rows[0])))]
    return Mutant(name="cell dropped", content=export.write(rows), may_load=False)


def cell_inserted(rng, export) -> Mutant:
    rows = [list(row) for row in export.rows]
    rows[_some_row(rng, export)].insert(rng.choice(range(len(rows[0]))), rng.choice(["", "3", "x"]))
    return Mutant(name="cell inserted", content=export.write(rows), may_load=False)


def encoding_changed(rng, export) -> Mutant:
    codec = rng.choice(["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
    content = export.write(export.rows).decode("utf-8").encode(codec)
    return Mutant(name=f"encoding {codec}", content=content, truth=export.truth, may_refuse=False)


def delimiter_changed(rng, export) -> Mutant:
    delimiter = rng.choice(";\t|")
    buffer = io.StringIO()
    quoting = rng.choice([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
    end = rng.choice(["\n", "\r\n", "\r"])
    csv.writer(buffer, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(
        export.rows
    )
    return Mutant(name=f"delimiter {delimiter!r}, line end {end!r}", truth=export.truth,
                  content=buffer.getvalue().encode("utf-8"), may_refuse=False)  # fmt: skip


# ---------------------------------------------------------------------- damage at random places

PIECES = [b'"', b",", b";", b"\n", b"\r", b"\0", b"\xff\xfe", b"\xe9", b"\xc3\xa9", b"9", b" ",
          b'""', b"\t", b"=", b"\xef\xbb\xbf", b"\xe2\x80\x8b", b"\x1a", b",,,,", b"1e999"]  # fmt: skip


def damaged(rng: random.Random, export: Export, whole: bytes) -> Mutant:
    """Bytes flipped, deleted, inserted, doubled, or the end cut off."""
    content = bytearray(whole)
    kinds = [
        rng.choice(["flip", "delete", "insert", "double", "cut"])
        for _ in range(rng.choice([1, 1, 2, 5]))
    ]
    for kind in kinds:
        place = rng.randrange(max(len(content), 1))
        end = place + rng.choice([1, 1, 3, 20])
        if kind == "flip" and content:
            content[place] ^= 1 << rng.randrange(8)
        elif kind == "delete":
            del content[place:end]
        elif kind == "insert":
            content[place:place] = rng.choice(PIECES)
        elif kind == "double":
            content[place:place] = content[place:end]
        elif kind == "cut":
            del content[place:]
    return Mutant(name="+".join(kinds), content=bytes(content))


TABLE_CHANGES = [row_dropped, row_doubled, rows_exchanged, blank_row, columns_exchanged,
                 used_column_dropped, used_column_doubled, unused_column_dropped, header_changed,
                 answer_changed, answer_in_other_words, answer_emptied, answer_spoilt,
                 answer_off_the_scale, answers_exchanged, person_spoilt, role_emptied, odd_organisation]  # fmt: skip
TEXT_CHANGES = [cell_dropped, cell_inserted, encoding_changed, delimiter_changed]
# Answers of a .sav are numbers, and it has no blank rows and no doubled names.
SAV_CHANGES = [row_dropped, row_doubled, rows_exchanged, columns_exchanged, used_column_dropped,
               unused_column_dropped, answer_changed, answer_emptied, answer_off_the_scale,
               answers_exchanged, odd_organisation]  # fmt: skip


def mutant(layout: str, number: int, export: Export, whole: bytes) -> Mutant:
    """Return the mutant with this number; the same number gives the same bytes."""
    rng = random.Random(f"{layout} {number}")
    if rng.random() < 0.5:
        return damaged(rng, export, whole)
    changes = {"excel": TABLE_CHANGES, "spss": SAV_CHANGES}
    return rng.choice(changes.get(layout, TABLE_CHANGES + TEXT_CHANGES))(rng, export)


def second_reading(export: Export, content: bytes) -> dict[str, Person | None] | None:
    """Truth of a damaged text by Python's csv module; None where it cannot be cut the same way.

    A person is None where a cell other than the answers was damaged, or an answer is none.
    """
    try:
        text = content.decode("utf-8")
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except (UnicodeDecodeError, csv.Error):
        return None
    n = export.n_headers
    if "\0" in text or rows[:n] != export.rows[:n] or {len(row) for row in rows} != {len(rows[0])}:
        return None
    whole = {row[export.who]: row for row in export.rows[n:]}
    found: dict[str, Person | None] = {}
    for row in rows[n:]:
        first = whole.get(row[export.who])
        same = first is not None and all(
            row[p] == first[p] for p in range(len(row)) if p not in export.answers
        )
        try:
            found[row[export.who]] = export.person(row) if same else None
        except KeyError:
            found[row[export.who]] = None
    return found
