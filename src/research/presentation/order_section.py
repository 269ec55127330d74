"""Which order do the roles put the activities in? Likeness of the profiles, and quadrants."""

import pandas as pd
from markupsafe import Markup

from research.presentation.number_tables import estimate_with_interval
from research.presentation.numbers import is_number
from research.presentation.sections import suppression_note
from research.presentation.sentences import withheld_words
from research.presentation.tables import (
    Column,
    Group,
    cell,
    html_table,
    interval,
    paragraph,
    pick,
    section,
    subheading,
)
from research.presentation.texts import Reader

MEASURES = ("kendall_tau_b", "spearman", "profile_correlation", "profile_icc", "top_overlap")
QUADRANTS = ("keep_up", "concentrate_here", "possible_overkill", "low_priority", "on_the_line")
TOP = 5


def order_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """Likeness of the two profiles in a sentence and a table, then the quadrants."""
    found = results[results["analysis"] == "order"]
    if found.empty:
        return Markup("")
    return section(
        "order",
        reader.text("order.h"),
        paragraph(order_sentence(found, reader)),
        _measures_table(found, reader),
        paragraph(reader.text("order.read"), "caption"),
        subheading("order-quadrants-h", reader.text("order.quadrants.h")),
        paragraph(reader.text("order.quadrants.explain")),
        _quadrant_table(results, reader),
        suppression_note(found, reader),
    )


def order_sentence(found: pd.DataFrame, reader: Reader) -> str:
    """Rank correlation with interval, and how many of the five highest the roles share."""
    rows = found.set_index("estimate_type")
    tau, top = rows.loc["kendall_tau_b"], rows.loc["top_overlap"]
    if not is_number(tau["ci_low"]) or not is_number(top["estimate"]):
        return reader.text("order.untested", reason=withheld_words(tau, reader))
    return reader.text(
        "order.sentence",
        tau=reader.proportion(tau["estimate"]),
        interval=interval(tau, reader, shown=reader.proportion),
        shared=reader.short(float(f"{top['estimate'] * TOP:.1f}")),
        top=TOP,
    )


def _measures_table(found: pd.DataFrame, reader: Reader) -> Markup:
    rows = found.set_index("estimate_type")
    lines = [
        [
            reader.text(f"order.{name}"),
            estimate_with_interval(rows.loc[name], reader, shown=reader.proportion),
        ]
        for name in MEASURES
    ]
    return html_table(
        table_id="order-measures",
        caption=reader.text("order.caption"),
        columns=[
            Column(heading=reader.text("order.measure"), kind="text"),
            Column(heading=reader.text("order.value")),
        ],
        groups=[Group(rows=lines)],
    )


def _quadrant_table(results: pd.DataFrame, reader: Reader) -> Markup:
    """Activities under the heading of their quadrant, surest first."""
    quadrant = pick(results[results["analysis"] == "order"], "quadrant", level="activities")
    means = [
        pick(results[results["analysis"] == "gap"], "mean", level="activities", role=role)
        for role in reader.study.role_ids
    ]
    groups = []
    for name in (*QUADRANTS, ""):
        chosen = quadrant[quadrant["verdict"] == name].sort_values("estimate", ascending=False)
        rows = [
            [
                reader.label(entry),
                *(cell(mean.loc[entry], "estimate", reader) for mean in means),
                cell(row, "estimate", reader, shown=reader.share),
            ]
            for entry, row in chosen.iterrows()
        ]
        if rows:
            groups.append(Group(rows=rows, heading=reader.text(f"order.quadrant.{name or 'none'}")))
    return html_table(
        table_id="order-quadrants",
        caption=reader.text("order.quadrants.caption"),
        columns=[
            Column(heading=reader.text("table.activity"), kind="text"),
            *(Column(heading=reader.plural(role)) for role in reader.study.role_ids),
            Column(heading=reader.text("order.share")),
        ],
        groups=groups,
    )
