"""Means and differences, each with its interval and number of people beside it, for export."""

from collections.abc import Iterator

import pandas as pd
from markupsafe import Markup

from research.presentation.gap_tables import entry_name, grouped
from research.presentation.sections import suppression_note
from research.presentation.tables import (
    Column,
    cell,
    html_table,
    interval,
    pick,
    points,
    section,
)
from research.presentation.texts import Reader


def estimates_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """A table for the clusters and one for the activities: what the page draws, in numbers."""
    gap = results[results["analysis"] == "gap"]
    tables = [
        estimates_table(gap, reader, level=level)
        for level in ("clusters", "activities")
        if len(pick(gap, "mean", level=level))
    ]
    if not tables:
        return Markup("")
    return section(
        "estimates",
        reader.text("estimates.h"),
        *tables,
        suppression_note(gap, reader, intervals=True),
    )


def estimates_table(results: pd.DataFrame, reader: Reader, *, level: str) -> Markup:
    """Per role mean, interval and n; the difference with interval and verdict; a row an entry."""
    roles = [role for role in reader.study.role_ids if len(pick(results, "mean", role=role))]
    means = {role: pick(results, "mean", level=level, role=role) for role in roles}
    gaps = pick(results, "mean_difference", level=level)
    rows = {}
    for entry in next(iter(means.values())).index:
        rows[entry] = [reader.label(entry)]
        for found in means.values():
            rows[entry] += _mean_cells(found.loc[entry], reader)
        if len(gaps):
            rows[entry] += _difference_cells(gaps.loc[entry], reader)
    return html_table(
        table_id=f"estimates-{level}",
        caption=reader.text(f"estimates.caption.{level}"),
        columns=list(_columns(roles, reader, level=level, difference=len(gaps) > 0)),
        groups=grouped(rows, reader, level=level),
    )


def _columns(roles: list[str], reader: Reader, *, level: str, difference: bool) -> Iterator[Column]:
    yield Column(heading=reader.text(entry_name(level)), kind="text")
    for role in roles:
        for key in ("estimates.mean", "estimates.interval", "estimates.n"):
            yield Column(heading=reader.text(key, what=reader.plural(role)))
    if difference:
        what = reader.text("gap.difference")
        yield Column(heading=what)
        yield Column(heading=reader.text("estimates.interval", what=what))
        yield Column(heading=reader.text("estimates.verdict"), kind="text")


def _mean_cells(row: pd.Series, reader: Reader) -> list[str]:
    return [
        cell(row, "estimate", reader),
        interval(row, reader),
        cell(row, "n_a", reader, shown=reader.count),
    ]


def _difference_cells(row: pd.Series, reader: Reader) -> list[str]:
    shown = points(row, reader)
    return [
        cell(row, "estimate", reader, shown=lambda value: shown(value, signed=True)),
        interval(row, reader),
        reader.text(f"verdict.{row['verdict'] or 'none'}"),
    ]
