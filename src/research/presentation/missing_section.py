"""How much is missing, in which patterns, and what that may mean, as a table and sentences."""

from functools import partial

import pandas as pd
from markupsafe import Markup

from research.presentation.numbers import is_number
from research.presentation.sections import suppression_note
from research.presentation.tables import Column, Group, cell, html_table, interval, paragraph, pick
from research.presentation.texts import Reader, capitalised


def missing_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """Counts and patterns per role with Little's test, who leaves questions open, and cautions."""
    found = results[results["analysis"] == "missing"]
    return Markup("").join(
        [
            _table(found, reader),
            suppression_note(found, reader),
            *map(paragraph, missing_sentences(found, reader)),
        ]
    )


def missing_sentences(found: pd.DataFrame, reader: Reader) -> list[str]:
    """What Little's test and the regression say, and what neither can say."""
    alpha = 1 - reader.confidence_level
    lines = []
    for role, row in pick(found, "little_mcar").iterrows():
        if is_number(row["p_value"]):
            key = "missing.little.not" if row["p_value"] <= alpha else "missing.little.may"
            lines.append(
                reader.text(key, plural=reader.plural(role), p=reader.p_equation(row["p_value"]))
            )
    if lines:
        lines.append(reader.text("missing.little.caution"))
    lines += _role_lines(found, reader, alpha)
    by_organisation = found[found["estimate_type"] == "missing_by_organisation"]
    for _, row in by_organisation.iterrows():
        if is_number(row["p_value"]):
            differ = "yes" if row["p_value"] <= alpha else "no"
            lines.append(
                reader.text(f"missing.organisation.{differ}", p=reader.p_equation(row["p_value"]))
            )
    return lines


def _role_lines(found: pd.DataFrame, reader: Reader, alpha: float) -> list[str]:
    """Whether one role leaves questions open more often than the other."""
    lines = []
    for _, row in found[found["estimate_type"] == "missing_odds_ratio"].iterrows():
        if not (is_number(row["estimate"]) and is_number(row["p_value"])):
            continue
        differ = "yes" if row["p_value"] <= alpha else "no"
        lines.append(
            reader.text(
                f"missing.role.{differ}",
                odds=reader.ratio(row["estimate"]),
                interval=interval(row, reader, shown=reader.ratio),
                p=reader.p_equation(row["p_value"]),
            )
        )
    return lines


def _table(found: pd.DataFrame, reader: Reader) -> Markup:
    complete, share, patterns, little = (
        pick(found, kind)
        for kind in ("people_complete", "answers_missing", "missing_patterns", "little_mcar")
    )
    rows = [
        [
            capitalised(reader.plural(role)),
            cell(complete.loc[role], "n_a", reader, shown=reader.count),
            cell(complete.loc[role], "estimate", reader, shown=reader.count),
            cell(share.loc[role], "estimate", reader, shown=partial(reader.share, decimals=1)),
            cell(patterns.loc[role], "estimate", reader, shown=reader.count),
            cell(little.loc[role], "statistic", reader),
            cell(little.loc[role], "df", reader, shown=reader.count),
            cell(little.loc[role], "p_value", reader, shown=reader.p),
        ]
        for role in complete.index
    ]
    headings = ("people", "complete", "share", "patterns", "little", "df", "p")
    return html_table(
        table_id="missing-patterns",
        caption=reader.text("missing.caption"),
        columns=[
            Column(heading=reader.text("missing.role"), kind="text"),
            *(Column(heading=reader.text(f"missing.{name}")) for name in headings),
        ],
        groups=[Group(rows=rows)],
    )
