"""Reliability per cluster as dots with intervals, the roles above one another."""

import pandas as pd
from markupsafe import Markup

from research.presentation import marks
from research.presentation.gap_tables import with_words
from research.presentation.measurement_cells import rows_by, shown_cell
from research.presentation.numbers import is_number
from research.presentation.tables import Column, Group, cell, html_table, interval, paragraph
from research.presentation.texts import Reader
from research.presentation.titles import reliability_title

# Where every interval lies in its upper half, the axis shows that half only.
HALF = 0.5


def _alpha(row: pd.Series | None, reader: Reader) -> Markup | str:
    """Return alpha with its interval, which goes below it on a phone."""
    if row is None or not is_number(row["ci_low"]):
        return shown_cell(row, reader, reader.proportion)
    return Markup('{} <span class="range">{}</span>').format(
        cell(row, "estimate", reader, shown=reader.proportion),
        interval(row, reader, shown=reader.proportion),
    )


def reliability_chart(results: pd.DataFrame, reader: Reader) -> Markup:
    """Cronbach's alpha with its interval per cluster and role; "" without any."""
    found = results[(results["analysis"] == "reliability") & (results["activity_id"] == "")]
    alphas = rows_by(found, "cronbach_alpha", "role", "cluster_id")
    if not alphas:
        return Markup("")
    roles = [role for role in reader.study.role_ids if any(role == own for own, _ in alphas)]
    missing = {"estimate": float("nan"), "ci_low": float("nan"), "ci_high": float("nan")}
    shown = found[found["estimate_type"] == "cronbach_alpha"]
    low = HALF if (shown[["estimate", "ci_low"]].dropna() > HALF).all(axis=None) else 0.0
    rows = []
    for cluster_id in reader.instrument.cluster_ids:
        own = [alphas.get((role, cluster_id)) for role in roles]
        drawn = [missing if row is None else row for row in own]
        rows.append(
            [
                reader.label(cluster_id),
                *(_alpha(row, reader) for row in own),
                marks.pair_mark(
                    [(row["estimate"], row["ci_low"], row["ci_high"]) for row in drawn],
                    low=low,
                    second=roles[0] != reader.study.role_ids[0],
                ),
            ]
        )
    ticks = [(tick, reader.short(tick)) for tick in (low, (low + 1) / 2, 1.0)]
    axis = marks.axis_mark(ticks, low=low, high=1)
    words = reader.text("measures.axis", low=reader.short(low))
    table = html_table(
        table_id="measures-dots",
        caption=reliability_title(shown, reader),
        columns=[
            Column(heading=reader.text("table.cluster"), kind="text"),
            *(Column(heading=reader.plural(role)) for role in roles),
            Column(heading=with_words(axis, words), kind="chart"),
        ],
        groups=[Group(rows=rows)],
    )
    return table + paragraph(reader.text("measures.dots.read"), "caption")
