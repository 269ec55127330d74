"""Which activities are valued: means against the midpoint as a chart that is a table."""

import pandas as pd
from markupsafe import Markup

from research.presentation import marks
from research.presentation.gap_tables import axis_heading, grouped
from research.presentation.numbers import is_number
from research.presentation.tables import Column, cell, html_table, pick
from research.presentation.texts import Reader


def value_chart(results: pd.DataFrame, reader: Reader, *, role: str) -> Markup:
    """Mean with interval, share above the midpoint and one-sided p per activity, for one role."""
    tests = pick(results, "mean_above_midpoint", level="activities", role=role)
    shares = pick(results, "share_above_midpoint", level="activities", role=role)
    scale = reader.instrument.scale
    rows = {}
    for activity, test in tests.iterrows():
        # The test is on mean minus midpoint; the reader sees the mean on the scale itself.
        shifted = test.copy()
        shifted[["estimate", "ci_low", "ci_high"]] += scale.midpoint
        rows[activity] = [
            reader.label(activity),
            cell(shifted, "estimate", reader),
            share_cell(shares.loc[activity], reader),
            cell(test, "p_value", reader, shown=reader.p),
            marks.mean_mark(
                shifted["estimate"],
                shifted["ci_low"],
                shifted["ci_high"],
                scale=(scale.low, scale.high),
                midpoint=scale.midpoint,
                second=role != reader.study.role_ids[0],
            ),
        ]
    return html_table(
        table_id=f"value-{role}",
        caption=reader.text("value.caption", role=reader.plural(role)),
        columns=[
            Column(heading=reader.text("table.activity"), kind="text"),
            Column(heading=reader.text("value.mean")),
            Column(heading=reader.text("value.share")),
            Column(heading=reader.text("value.p"), narrow=False),
            Column(heading=axis_heading(reader), kind="chart"),
        ],
        groups=grouped(rows, reader, level="activities"),
    )


def share_cell(row: pd.Series, reader: Reader) -> str:
    """Share as a percentage; nobody and everybody in a small group become a bound."""
    if is_number(row["estimate"]):
        return reader.share(row["estimate"])
    if row["note"] == "share_at_most":
        return reader.text("reason.share_at_most", share=reader.share(0.1))
    if row["note"] == "share_at_least":
        return reader.text("reason.share_at_least", share=reader.share(0.9))
    return cell(row, "estimate", reader)
