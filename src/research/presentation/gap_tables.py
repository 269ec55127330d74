"""The chart that is a table: means per role and their difference, a row an activity or cluster."""

import math

import pandas as pd
from markupsafe import Markup

from research.presentation import marks
from research.presentation.numbers import is_number
from research.presentation.tables import (
    Column,
    Group,
    cell,
    html_table,
    interval,
    paragraph,
    pick,
    points,
    verdict_chip,
)
from research.presentation.texts import Reader
from research.presentation.titles import largest_title
from research.presentation.trace import Traced


def axis_heading(reader: Reader) -> Markup:
    """Heading of a column of marks on the response scale: the axis, and its words for no eyes."""
    scale = reader.instrument.scale
    ticks = [(float(point), str(point)) for point in scale.points]
    return with_words(
        marks.axis_mark(ticks, low=scale.low, high=scale.high),
        reader.text("value.chart", low=scale.low, high=scale.high),
    )


def with_words(axis: Markup, words: str) -> Markup:
    """Return a drawn axis with the words a screen reader says instead."""
    return Markup('<span class="unseen">{}</span>{}').format(words, axis)


def grouped(rows: dict[str, list], reader: Reader, *, level: str) -> list[Group]:
    """Rows per activity under their cluster's heading, in their order; per cluster in one group."""
    if level == "clusters":
        return [Group(rows=list(rows.values()))]
    instrument = reader.instrument
    if len(instrument.clusters) == 1:
        return [Group(rows=list(rows.values()))]
    return [
        Group(
            heading=cluster.label.get(reader.language),
            rows=[row for i, row in rows.items() if instrument.cluster_of(i) == cluster.id],
        )
        for cluster in instrument.clusters
    ]


def entry_name(level: str) -> str:
    """Key of the heading over the row headers."""
    return "table.cluster" if level == "clusters" else "table.activity"


def gap_chart(
    results: pd.DataFrame, reader: Reader, *, level: str, caption: str, table_id: str
) -> Markup:
    """Two-dot gap chart as a table; with one role its means with intervals.

    Activities stand under their cluster by size of the difference, the first role highest on top.
    Columns: both means, the difference with interval and verdict, and the marks. On a phone the
    means give way to the marks; the numbers stand in the table of all numbers as well.
    """
    roles = [role for role in reader.study.role_ids if len(pick(results, "mean", role=role))]
    if len(roles) < 2:
        return mean_chart(results, reader, level=level, caption=caption, table_id=table_id)
    means = [pick(results, "mean", level=level, role=role) for role in roles]
    gaps = pick(results, "mean_difference", level=level)
    scale = reader.instrument.scale
    rows = {}
    if level == "activities":
        gaps = gaps.sort_values("estimate", ascending=False, kind="stable")
    for entry, gap in gaps.iterrows():
        first, second = means[0].loc[entry], means[1].loc[entry]
        rows[entry] = [
            reader.label(entry),
            cell(first, "estimate", reader),
            cell(second, "estimate", reader),
            difference_cell(gap, reader),
            marks.gap_mark(
                first["estimate"],
                second["estimate"],
                scale=(scale.low, scale.high),
                midpoint=scale.midpoint,
            ),
        ]
    # Where no difference may be shown, the means are what is left to read on a phone.
    shown = bool(gaps["ci_low"].notna().any())
    columns = [
        Column(heading=reader.text(entry_name(level)), kind="text"),
        *(Column(heading=reader.plural(role), narrow=not shown) for role in roles),
        Column(heading=reader.text("gap.difference"), narrow=shown),
        Column(heading=axis_heading(reader), kind="chart"),
    ]
    return html_table(
        table_id=table_id,
        caption=caption,
        columns=columns,
        groups=grouped(rows, reader, level=level),
    )


def difference_cell(gap: pd.Series, reader: Reader) -> Markup | str:
    """Return difference, interval and verdict stacked; a lone reason where nothing was tested."""
    if not is_number(gap["estimate"]) or not is_number(gap["ci_low"]):
        return cell(gap, "ci_low", reader)
    return Markup('<b>{}</b> <span class="range">{}</span> {}').format(
        Traced(points(gap, reader)(gap["estimate"], signed=True), gap),
        interval(gap, reader),
        verdict_chip(gap["verdict"], reader),
    )


def mean_chart(
    results: pd.DataFrame, reader: Reader, *, level: str, caption: str, table_id: str
) -> Markup:
    """Means of the only role that answered, with intervals on the response scale."""
    means = pick(results, "mean", level=level)
    scale = reader.instrument.scale
    rows = {
        entry: [
            reader.label(entry),
            cell(row, "estimate", reader),
            interval(row, reader),
            marks.mean_mark(
                row["estimate"],
                row["ci_low"],
                row["ci_high"],
                scale=(scale.low, scale.high),
                midpoint=scale.midpoint,
            ),
        ]
        for entry, row in means.iterrows()
    }
    columns = [
        Column(heading=reader.text(entry_name(level)), kind="text"),
        Column(heading=reader.text("value.mean")),
        Column(heading=reader.text("table.interval"), narrow=False),
        Column(heading=axis_heading(reader), kind="chart"),
    ]
    return html_table(
        table_id=table_id,
        caption=caption,
        columns=columns,
        groups=grouped(rows, reader, level=level),
    )


def difference_axis(gaps: pd.DataFrame, reader: Reader) -> tuple[float, Markup]:
    """Reach of an axis around zero on which every interval fits, and its heading."""
    reach = gaps[["ci_low", "ci_high"]].abs().max().max()
    limit = max(math.ceil(reach * 2) / 2, 1.0) if is_number(reach) else 1.0
    ticks = [
        (value, reader.number(value, decimals=1, signed=True)) for value in (-limit, 0.0, limit)
    ]
    axis = marks.axis_mark(ticks, low=-limit, high=limit)
    return limit, with_words(axis, reader.text("gap.difference"))


def forest_chart(
    gaps: pd.DataFrame, reader: Reader, *, level: str, table_id: str, caption: str = ""
) -> Markup:
    """Differences with interval around zero, and how to read them; the band is the margin.

    ``gaps`` is indexed by activity or cluster and may hold only some of them.
    """
    margin = reader.study.margin
    limit, heading = difference_axis(gaps, reader)
    rows = {
        entry: [
            reader.label(entry),
            difference_cell(row, reader),
            marks.forest_mark(
                row["estimate"], row["ci_low"], row["ci_high"], limit=limit, margin=margin
            ),
        ]
        for entry, row in gaps.iterrows()
    }
    table = html_table(
        table_id=table_id,
        caption=caption or largest_title(gaps, reader),
        columns=[
            Column(heading=reader.text(entry_name(level)), kind="text"),
            Column(heading=reader.text("gap.difference")),
            Column(heading=heading, kind="chart"),
        ],
        groups=grouped(rows, reader, level=level),
    )
    return table + paragraph(reader.text("gap.forest.read", margin=reader.short(margin)), "caption")
