"""What must not stand in a finished file whatever its numbers: people, machines, programs."""

import re
from collections.abc import Iterator, Sequence

from research.disclosure.scanner.finished import Content, Grid
from research.disclosure.scanner.number_rules import Found

PATH = re.compile(
    r"(?<![\w./:-])/(?:home|root|tmp|usr|var|Users|opt|mnt|srv|private|work|etc)/\w"
    r"|\b[A-Za-z]:\\\w|file:/|\\\\\w+\\\w"
)
TRACEBACK = re.compile(
    r"Traceback \(most recent call last\)|\x1b\[|File \"[^\"]+\", line \d"
    r"|<ipython-input|Cell In\s?\["
    r"|\b(?:[A-Z][a-z]+)+(?:Error|Exception|Warning): "
)
NOTEBOOK = re.compile(
    r"\"(?:cell_type|execution_count|kernelspec|nbformat)\"|injected-parameters|papermill\.record"
    r"|\bjp-(?:Cell|Output|Input)|class=\"input_area"
)
MAIL = re.compile(r"[\w.+-]+@[\w-]+\.[A-Za-z]{2,}")
IP_ADDRESS = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
MOMENT = re.compile(r"\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
TOKEN = re.compile(r"[\w@.+-]*\w")
FORMULA = tuple("=+-@\t\r＝＋－＠")
PLAIN_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf|nan", re.I)
PROGRAMS = frozenset({"", "openpyxl", "python-docx", "research"})


def leak_rules(
    content: Content, *, private: frozenset[str], places: Sequence[str], stated: Sequence[str]
) -> Found:
    """Ids, addresses, moments, paths, traces of a program and whatever would run.

    ``stated`` are the researcher's own words (a contact address, an organisation that is called
    like a path): they may stand.
    """
    raw = content.raw
    for text in stated:
        raw = raw.replace(text, " ")
    if any(place in raw for place in places) or PATH.search(raw):
        yield "a path of this machine", ""
    for rule, pattern in (
        ("a traceback or a warning of a program", TRACEBACK),
        ("traces of a notebook", NOTEBOOK),
        ("an e-mail address", MAIL),
        ("an IP address", IP_ADDRESS),
        ("a moment in time", MOMENT),
    ):
        if pattern.search(raw if pattern is not IP_ADDRESS else content.words):
            yield rule, ""
    if private_words(raw, private):
        yield "something private of a respondent", ""
    for what in dict.fromkeys(content.active):
        yield "something that runs", what
    if set(content.written_by) - PROGRAMS:
        yield "the name of who made the file", ""


def private_words(text: str, private: frozenset[str]) -> set[str]:
    """The private words that stand in a text as a whole word, or anywhere with a space in it."""
    if not private:
        return set()
    found = private.intersection(TOKEN.findall(text))
    return found | {word for word in private if " " in word and word in text}


def formula_rules(grid: Grid) -> Found:
    """Text cells that a spreadsheet would run."""
    for number, cells in enumerate([grid.head, *(row.cells for row in grid.rows)], start=1):
        for cell in cells:
            if cell.startswith(FORMULA) and not PLAIN_NUMBER.fullmatch(cell):
                yield "a cell that a spreadsheet runs", f"line {number}"


def column_rules(grid: Grid) -> Iterator[tuple[str, str]]:
    """A column that holds one row a person."""
    for heading in grid.head:
        if re.fullmatch(r"respondent(?:_?id)?|response_?id|ip_?address", heading, re.I):
            yield "a column of respondents", grid.name
