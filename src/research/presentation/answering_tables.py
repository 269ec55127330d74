"""Missing answers, broken rules and flagged people, as tables and sentences."""

from functools import partial

import pandas as pd
from markupsafe import Markup

from research.presentation.gap_tables import grouped
from research.presentation.numbers import is_number
from research.presentation.tables import (
    Column,
    Group,
    cell,
    html_table,
    paragraph,
    pick,
)
from research.presentation.texts import Reader
from research.study.study_file import FLAG_REASONS


def missing_table(results: pd.DataFrame, reader: Reader) -> Markup:
    """Share of missing answers per activity, one column a role."""
    roles = list(dict.fromkeys(pick(results, "share_missing")["role"]))
    by_role = [pick(results, "share_missing", level="activities", role=role) for role in roles]
    rows = {
        activity: [
            reader.label(activity),
            *(
                cell(
                    table.loc[activity], "estimate", reader, shown=partial(reader.share, decimals=1)
                )
                for table in by_role
            ),
        ]
        for activity in reader.instrument.activity_ids
    }
    return html_table(
        table_id="missing",
        caption=reader.text("answering.missing.caption"),
        columns=[
            Column(heading=reader.text("table.activity"), kind="text"),
            *(Column(heading=reader.plural(role)) for role in roles),
        ],
        groups=grouped(rows, reader, level="activities"),
    )


def failures_table(failures: pd.DataFrame, reader: Reader) -> Markup:
    """How many cells broke which rule; no cell, no person and no answer is named."""
    counts = failures["rule"].value_counts().sort_index()
    if counts.empty:
        return paragraph(reader.text("answering.failures.none"))
    return html_table(
        table_id="failures",
        caption=reader.text("answering.failures.caption"),
        columns=[
            Column(heading=reader.text("answering.failures.rule"), kind="text"),
            Column(heading=reader.text("answering.failures.count")),
        ],
        groups=[
            Group(rows=[(str(rule), reader.few_or_count(count)) for rule, count in counts.items()])
        ],
    )


def flagged_line(results: pd.DataFrame, reader: Reader) -> Markup:
    """How many people are flagged as possibly careless, over all roles, and by which rule."""
    count = pick(results, "flagged").iloc[0]["estimate"]
    words = reader.few_or_count(count if is_number(count) else 0)
    return paragraph(reader.text("trust.careless", count=words)) + paragraph(
        reader.text("quality.rule")
    )


def signs_table(results: pd.DataFrame, reader: Reader) -> Markup:
    """How many people show which sign of careless answering, and how each sign is told."""
    counts = results[results["estimate_type"] == "sign"].set_index("test")["estimate"]
    rows = []
    for sign in FLAG_REASONS[1:]:  # the first joins the others and stands in a sentence
        count = counts.get(sign, 0)
        shown = reader.count(0) if sign not in counts.index else reader.few_or_count(count)
        rows.append(
            (reader.text(f"quality.sign.{sign}"), reader.text(f"quality.why.{sign}"), shown)
        )
    return html_table(
        table_id="signs",
        caption=reader.text("quality.caption"),
        columns=[
            Column(heading=reader.text("quality.sign"), kind="text"),
            Column(heading=reader.text("quality.told"), kind="text"),
            Column(heading=reader.text("quality.people")),
        ],
        groups=[Group(rows=rows)],
    )
