"""Which activities are valued: means against the midpoint as a chart that is a table."""

from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from research.presentation import marks
from research.presentation.gap_tables import axis_heading, grouped
from research.presentation.tables import Column, cell, html_table, pick
from research.presentation.texts import Reader, capitalised
from research.presentation.titles import value_title


def value_chart(results: pd.DataFrame, reader: Reader, *, role: str) -> Markup:
    """Mean with interval, share above the midpoint and one-sided p per activity, for one role."""
    tests = pick(results, "mean_above_midpoint", level="activities", role=role)
    shares = pick(results, "share_above_midpoint", level="activities", role=role)
    scale = reader.instrument.scale
    rows = {}
    for activity, test in tests.iterrows():
        shifted = _on_scale(test, reader)
        rows[activity] = [
            reader.label(activity),
            cell(shifted, "estimate", reader),
            cell(shares.loc[activity], "estimate", reader, shown=reader.share),
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
        caption=value_title(tests, reader, role=role),
        columns=[
            Column(heading=reader.text("table.activity"), kind="text"),
            Column(heading=reader.text("value.mean")),
            Column(heading=reader.text("value.share")),
            Column(heading=reader.text("value.p"), narrow=False),
            Column(heading=axis_heading(reader), kind="chart"),
        ],
        groups=grouped(rows, reader, level="activities"),
    )


def value_numbers(results: pd.DataFrame, reader: Reader, *, roles: Sequence[str]) -> Markup:
    """The same without the drawing, the roles beside each other: mean, share and p per activity."""
    found = {
        role: [
            pick(results, kind, level="activities", role=role)
            for kind in ("mean_above_midpoint", "share_above_midpoint")
        ]
        for role in roles
    }
    rows = {activity: [reader.label(activity)] for activity in next(iter(found.values()))[0].index}
    columns = [Column(heading=reader.text("table.activity"), kind="text")]
    for role, (tests, shares) in found.items():
        for key in ("value.mean", "value.share", "value.p"):
            heading = f"{capitalised(reader.plural(role))}: {reader.text(key)}"
            columns.append(Column(heading=heading))
        for activity, row in rows.items():
            test = _on_scale(tests.loc[activity], reader)
            row += [
                cell(test, "estimate", reader),
                cell(shares.loc[activity], "estimate", reader, shown=reader.share),
                cell(test, "p_value", reader, shown=reader.p),
            ]
    return html_table(
        table_id="value-numbers",
        caption=reader.text("value.numbers.caption"),
        columns=columns,
        groups=grouped(rows, reader, level="activities"),
    )


def _on_scale(test: pd.Series, reader: Reader) -> pd.Series:
    """Return a test on mean minus midpoint as the mean on the scale itself."""
    shifted = test.copy()
    shifted[["estimate", "ci_low", "ci_high"]] += reader.instrument.scale.midpoint
    return shifted
