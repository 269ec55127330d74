"""Words of a table cell as a spreadsheet wants them: a number a cell, with its decimals."""

import re
from dataclasses import dataclass

from research.presentation.numbers import MINUS, NO_BREAK, SEPARATORS
from research.presentation.texts import text
from research.reporting.export.page_tables import Cell, PageTable

SPACES = str.maketrans({NO_BREAK: " ", "\N{NARROW NO-BREAK SPACE}": " "})
NUMBER = rf"[+{MINUS}-]?(?:\d[\d.,]*|\.\d+)(?: %)?"
INTERVAL = rf"({NUMBER}) (?:to|tot) ({NUMBER})"
# How a cell may hold several numbers, and what each of them is.
SHAPES = (
    (re.compile(rf"({NUMBER}) \({INTERVAL}\)"), ("", "low", "high")),
    (re.compile(INTERVAL), ("low", "high")),
    (re.compile(rf"({NUMBER}) / ({NUMBER})"), ("first", "second")),
)
LONE = re.compile(rf"({NUMBER})")


@dataclass(frozen=True, kw_only=True)
class Number:
    """A number and how a spreadsheet shows it."""

    value: float
    shown: str


Value = Number | str


def split_table(table: PageTable, *, language: str) -> tuple[list[str], list[list[Value]]]:
    """Headings and rows with one number a cell.

    A column that stacks or joins numbers (difference, limits of its interval, verdict; two
    counts) becomes as many columns. A mark such as [c] stands where the number would. A row of
    one cell is a heading and stays one.
    """
    full = [row for row in table.rows if len(row) > 1]
    headings: list[str] = []
    columns: list[list[list[Value]]] = []
    for place, heading in enumerate(table.columns):
        cells = [row[place] if place < len(row) else Cell() for row in full]
        names, values = _split_column(heading, cells, language)
        headings += names
        columns.append(values)
    joined = iter(
        [[value for part in parts for value in part] for parts in zip(*columns, strict=True)]
    )
    rows = [next(joined) if len(row) > 1 else [row[0].text] for row in table.rows]
    return headings, rows


def _split_column(
    heading: str, cells: list[Cell], language: str
) -> tuple[list[str], list[list[Value]]]:
    """Headings and, per row, values of the columns that one column of the page becomes."""
    depth = max((len(cell.parts) for cell in cells), default=1)
    names, values = [], [[] for _ in cells]
    for level in range(depth):
        words = [cell.parts[level] if level < len(cell.parts) else "" for cell in cells]
        words = [word.translate(SPACES) for word in words]
        pattern, kinds = _shape(words)
        if level == depth - 1 and level > 0 and kinds == ("",):
            kinds = ("verdict",)
        names += [_heading(heading, kind, language) for kind in kinds]
        for row, word in zip(values, words, strict=True):
            found = pattern.fullmatch(word)
            parts = found.groups() if found else (word, *[""] * (len(kinds) - 1))
            row += [_value(part, language) for part in parts]
    return names, values


def _shape(words: list[str]) -> tuple[re.Pattern[str], tuple[str, ...]]:
    """The first shape that one of the cells has; a lone number or words where none has."""
    for pattern, kinds in SHAPES:
        if any(pattern.fullmatch(word) for word in words):
            return pattern, kinds
    return LONE, ("",)


def _heading(heading: str, kind: str, language: str) -> str:
    """Heading of one of the columns; ``n customers / managers`` gives each its own role."""
    if kind in ("first", "second"):
        one, _, other = heading.partition(" / ")
        start = one.rpartition(" ")[0]
        return one if kind == "first" else f"{start} {other or one}".strip()
    return text(f"export.{kind}", language=language, heading=heading) if kind else heading


def _value(word: str, language: str) -> Value:
    """The number a cell holds with as many decimals as it is written with, else its words."""
    if not LONE.fullmatch(word):
        return word
    group, point = SEPARATORS[language]
    digits = word.removesuffix(" %").replace(group, "").replace(point, ".").replace(MINUS, "-")
    try:
        value = float(digits)
    except ValueError:
        return word
    decimals = len(digits.partition(".")[2])
    shown = f"0.{'0' * decimals}" if decimals else "#,##0"
    if word.startswith("+"):
        shown = f"+{shown};-{shown};{shown}"
    if word.endswith("%"):
        return Number(value=value / 100, shown=f"{shown}%")
    return Number(value=value, shown=shown)
