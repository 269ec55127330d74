"""What the tables about measurement share: finding a row, and writing its number or its reason."""

from collections.abc import Callable, Collection, Iterable

import pandas as pd
from markupsafe import Markup

from research.presentation.numbers import is_number
from research.presentation.tables import (
    SUPPRESSED_PREFIX,
    Column,
    cell,
    interval,
    paragraph,
    reason,
)
from research.presentation.texts import Reader, capitalised, catalogue

STAR = "*"
Shown = Callable[[float], str]


def rows_by(results: pd.DataFrame, estimate_type: str, *keys: str) -> dict[tuple, pd.Series]:
    """Results of one kind by the columns named: each row under the tuple of its keys."""
    rows = results[results["estimate_type"] == estimate_type]
    return {tuple(row[key] for key in keys): row for _, row in rows.iterrows()}


def shown_cell(
    row: pd.Series | None, reader: Reader, shown: Shown, column: str = "estimate"
) -> str:
    """A number with its interval, starred where ``care_note`` says why to read it with care.

    Without a number the reason; without a row a dash.
    """
    if row is None:
        return reader.text("reason.none")
    if column != "estimate" or not is_number(row["estimate"]):
        return cell(row, column, reader, shown=shown)
    text = shown(row["estimate"])
    if is_number(row["ci_low"]) and is_number(row["ci_high"]):
        text = f"{text} ({interval(row, reader, shown=shown)})"
    return f"{text}{STAR}" if _needs_care(row["note"]) else text


def _needs_care(note: str) -> bool:
    return note != "" and not note.startswith(SUPPRESSED_PREFIX)


def care_note(rows: pd.DataFrame, reader: Reader) -> Markup:
    """What the stars of a table mean; "" where it holds none."""
    there = rows[rows["estimate"].notna() & rows["note"].map(_needs_care).astype(bool)]
    reasons = [reason(row, reader) for _, row in there.drop_duplicates("note").iterrows()]
    return paragraph(f"{STAR} {'; '.join(reasons)}", "caption") if reasons else Markup("")


def shown_test(row: pd.Series | None, reader: Reader, *, p: str = "p_value") -> str:
    """A chi-square with df and p, or why there is none."""
    if row is None:
        return reader.text("reason.none")
    if not (is_number(row["statistic"]) and is_number(row[p])):
        return reason(row, reader)
    return reader.text(
        "measurement.chi_square",
        statistic=reader.number(row["statistic"], decimals=1),
        df=reader.short(row["df"]),
        p=reader.p_equation(row[p]),
    )


def headings(
    reader: Reader, first: str, others: Iterable[str], *, words: Collection[str] = ()
) -> list[Column]:
    """A column of row headers and one a heading; those in ``words`` hold text, not numbers."""
    return [
        Column(heading=reader.text(first), kind="text"),
        *(Column(heading=x, kind="text" if x in words else "number") for x in others),
    ]


def role_heading(reader: Reader, role: str) -> str:
    """Plural of a role as the heading of a group of rows."""
    return capitalised(reader.plural(role))


def method_words(test: str, reader: Reader) -> str:
    """Method and matrix behind a coefficient, in words where there are any."""
    key = f"measurement.method.{test}" if test else "reason.none"
    return reader.text(key) if key in catalogue() else test


def three_decimals(reader: Reader) -> Shown:
    """Fit indices are compared in their third decimal."""
    return lambda value: reader.proportion(value, decimals=3)
