"""What can go wrong for a user, said so that a user can act on it.

Every message names the place (file, sheet, row, column), the rule that was broken and the
remedy. ``exit_code`` is what the command line ends with.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from difflib import get_close_matches
from typing import Literal

import pandas as pd

Severity = Literal["refused", "warning"]
SHOWN_PROBLEMS = 8


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One broken rule, with its address.

    ``row`` and ``column`` are written as the user sees them in the file (row 1 is the first
    line; a column is its header or, in a workbook, its letter). ``done`` says what was done
    about it; it never holds an answer's text.
    """

    file: str
    rule: str
    message: str
    remedy: str
    severity: Severity = "refused"
    sheet: str = ""
    row: str = ""
    column: str = ""
    respondent_id: str = ""
    done: str = ""

    def __str__(self) -> str:
        place = [self.file]
        if self.sheet:
            place.append(f"sheet {self.sheet}")
        if self.row:
            place.append(f"row {self.row}")
        if self.column:
            place.append(f"column {self.column}")
        return f"{', '.join(place)}: {self.message} {self.remedy}".rstrip()


PROBLEM_COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Problem))


def problem_table(problems: Iterable[Problem]) -> pd.DataFrame:
    """Every problem as a table; one row is a broken rule, columns as in ``Problem``."""
    rows = [asdict(problem) for problem in problems]
    return pd.DataFrame(rows, columns=list(PROBLEM_COLUMNS), dtype="str")


class ResearchError(Exception):
    """Any failure that is explained to the user in words instead of a traceback."""

    exit_code = 1


class InputError(ResearchError):
    """A file, an option or a study file that cannot be used as it is."""

    exit_code = 2


class ResponseError(InputError):
    """Exports that would give wrong numbers; ``failures`` lists every broken rule.

    The message shows the first few, or every one with ``in_full``.
    """

    def __init__(self, problems: Iterable[Problem], *, in_full: bool = False):
        self.problems = tuple(problems)
        self.failures = problem_table(self.problems)
        most = None if in_full else SHOWN_PROBLEMS
        shown = [f"- {problem}" for problem in self.problems[:most]]
        left = len(self.problems) - len(shown)
        if left > 0:
            shown.append(f"- and {left} more; `research check` lists every one.")
        count = len(self.problems)
        head = f"{count} problem{'s' if count > 1 else ''} in the exports. Nothing was written."
        super().__init__("\n".join([head, *shown]))


class ReportError(ResearchError):
    """A report that did not come out whole; nothing of it was published."""


class BatchError(ResearchError):
    """Some organisations have no page; the others were published."""

    exit_code = 3


class PrivacyError(ResearchError):
    """Something that may not be shown would have been shown."""

    exit_code = 4


class EnvironmentFailure(ResearchError):
    """The machine, not the data: no disk space, no write permission, no kernel."""

    exit_code = 5


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a sentence naming the known word closest to ``word``, or the whole list."""
    known = sorted(known)
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{close[0]}'?"
    return f"Known here: {', '.join(known)}."


def require_choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    """Return ``value`` if it is one of ``allowed``; the error prints the whole list."""
    if value not in allowed:
        raise ValueError(f"{name} must be one of {allowed}, not {value!r}")
    return value
