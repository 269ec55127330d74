"""Differences of the single organisations as dots without names, a row a cluster."""

import pandas as pd
from markupsafe import Markup

from research.presentation import marks
from research.presentation.gap_tables import difference_axis
from research.presentation.tables import Column, Group, html_table, paragraph, reason
from research.presentation.texts import Reader
from research.presentation.titles import short_enough


def organisation_strip(found: pd.DataFrame, reader: Reader) -> Markup:
    """Dots per cluster with lowest, highest and how many lie beyond the margin; "" without any.

    Dots carry no name and their order says nothing: an organisation knows only its own.
    """
    gaps = found[found["estimate_type"] == "organisation_gap"]
    if gaps.empty:
        return Markup("")
    shown = gaps.assign(ci_low=gaps["estimate"], ci_high=gaps["estimate"])
    limit, heading = difference_axis(shown, reader)
    rows = [
        _row(cluster_id, own, limit, reader)
        for cluster_id, own in gaps.groupby("cluster_id", sort=False)
    ]
    margin = reader.short(reader.study.margin)
    names = ("range", "lower", "within", "higher")
    table = html_table(
        table_id="organisations-strip",
        caption=strip_title(gaps, reader),
        columns=[
            Column(heading=reader.text("table.cluster"), kind="text"),
            *(
                Column(
                    heading=reader.text(f"organisations.strip.{name}", margin=margin),
                    narrow=name == "range",
                )
                for name in names
            ),
            Column(heading=heading, kind="chart"),
        ],
        groups=[Group(rows=rows)],
    )
    return table + paragraph(reader.text("organisations.strip.read"), "caption")


def strip_title(gaps: pd.DataFrame, reader: Reader) -> str:
    """On which cluster most organisations agree which role is higher, and how many of them."""
    told = gaps[gaps["estimate"].notna()]
    plain = reader.text("organisations.strip.title.plain")
    if told.empty:
        return plain
    sides = {
        key: (told["estimate"] * sign > 0).groupby(told["cluster_id"], sort=False).mean()
        for key, sign in (("higher", 1), ("lower", -1))
    }
    key = max(sides, key=lambda name: sides[name].max())
    cluster_id = sides[key].idxmax()
    own = told[told["cluster_id"] == cluster_id]
    title = reader.text(
        f"organisations.strip.title.{key}",
        label=reader.quoted(cluster_id),
        count=reader.count(sides[key][cluster_id] * len(own)),
        total=reader.count(len(own)),
    )
    return short_enough(title, plain)


def _row(cluster_id: str, own: pd.DataFrame, limit: float, reader: Reader) -> list[str | Markup]:
    values = own["estimate"].dropna()
    margin = reader.study.margin
    label = reader.label(cluster_id)
    if values.empty:
        why = reason(own.iloc[0], reader)
        return [label, why, why, why, why, marks.strip_mark([], limit=limit, margin=margin)]
    ends = [reader.number(end, decimals=1, signed=True) for end in (values.min(), values.max())]
    counts = (
        (values < -margin).sum(),
        values.between(-margin, margin).sum(),
        (values > margin).sum(),
    )
    return [
        label,
        reader.text("organisations.strip.ends", low=ends[0], high=ends[1]),
        *map(reader.count, counts),
        marks.strip_mark(values.tolist(), limit=limit, margin=margin),
    ]
