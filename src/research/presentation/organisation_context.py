"""One organisation among the others: its own dot and the range of their middle half, no names."""

from functools import partial

import pandas as pd
from markupsafe import Markup

from research.presentation import marks
from research.presentation.gap_tables import axis_heading, difference_axis
from research.presentation.sections import suppression_note
from research.presentation.tables import (
    Column,
    Group,
    cell,
    html_table,
    interval,
    paragraph,
    pick,
    section,
)
from research.presentation.texts import Reader, capitalised

OUTSIDE = ("above_others", "below_others")


def context_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """Own means and differences per cluster beside the range of the others; "" without others."""
    bands = results[results["estimate_type"] == "band_of_others"]
    if bands.empty:
        return Markup("")
    heading = reader.text("organisation.context.h")
    shown = bands[bands["ci_low"].notna()]
    if shown.empty:
        return section(
            "context",
            heading,
            paragraph(reader.text("organisation.context.none")),
            suppression_note(bands, reader),
        )
    return section(
        "context",
        heading,
        paragraph(reader.text("organisation.context.explain")),
        _chart(results, shown[shown["role"] != ""], reader),
        _chart(results, shown[shown["role"] == ""], reader),
        paragraph(
            reader.text(
                "organisation.context.read",
                minimum=reader.study.privacy.shown_from,
                count=context_count(shown, reader),
            ),
            "caption",
        ),
        paragraph(
            reader.text(
                "organisation.context.unjudged",
                spread=reader.study.privacy.minimum_n_distribution,
            ),
            "caption",
        )
        if (shown["verdict"] == "").any()
        else Markup(""),
        suppression_note(bands, reader),
    )


def context_count(bands: pd.DataFrame, reader: Reader) -> str:
    """Return how many other organisations stand behind the bands: ``9`` or ``9-11``."""
    least, most = (reader.count(bands["n_clusters"].agg(end)) for end in ("min", "max"))
    return least if least == most else f"{least}\N{EN DASH}{most}"


def context_title(bands: pd.DataFrame, reader: Reader) -> str:
    """Title of a chart: how many figures lie clearly outside the range of the others."""
    what = "differences" if (bands["role"] == "").all() else "means"
    judged = bands[bands["verdict"] != ""]
    outside = int(judged["verdict"].isin(OUTSIDE).sum())
    if judged.empty:
        return reader.text(f"organisation.context.title.{what}.plain")
    return reader.text(f"organisation.context.title.{what}", outside=outside, count=len(judged))


def _chart(results: pd.DataFrame, bands: pd.DataFrame, reader: Reader) -> Markup:
    """Return a row per band, grouped by role; means on the response scale, differences on zero."""
    if bands.empty:
        return Markup("")
    means = (bands["role"] != "").all()
    own = _own(results, "mean" if means else "mean_difference")
    scale = reader.instrument.scale
    limit, heading = difference_axis(pd.concat([bands, *_rows(own, bands)]), reader)
    axis = (scale.low, scale.high) if means else (-limit, limit)
    groups = []
    for role, rows in bands.groupby("role", sort=False):
        lines = []
        for _, band in rows.iterrows():
            figure = own.loc[(band["cluster_id"], role)]
            lines.append(
                [
                    reader.label(band["cluster_id"]),
                    position_cell(figure, band, reader),
                    marks.among_mark(
                        figure["estimate"],
                        (figure["ci_low"], figure["ci_high"]),
                        band=(band["ci_low"], band["ci_high"]),
                        axis=axis,
                        guide=scale.midpoint if means else 0.0,
                        second=means and role != reader.study.role_ids[0],
                    ),
                ]
            )
        groups.append(Group(rows=lines, heading=capitalised(reader.plural(role)) if role else ""))
    return html_table(
        table_id="context-means" if means else "context-gaps",
        caption=context_title(bands, reader),
        columns=[
            Column(heading=reader.text("table.cluster"), kind="text"),
            Column(heading=reader.text("organisation.context.own")),
            Column(heading=axis_heading(reader) if means else heading, kind="chart"),
        ],
        groups=groups,
    )


def _own(results: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return this organisation's own figures by cluster and role ("" for a difference)."""
    found = pick(results[results["analysis"] == "gap"], kind, level="clusters")
    return found.set_index(["cluster_id", "role"], drop=False)


def _rows(own: pd.DataFrame, bands: pd.DataFrame) -> list[pd.DataFrame]:
    return [own.loc[own["cluster_id"].isin(bands["cluster_id"]), ["ci_low", "ci_high"]]]


def figures_beside(figure: pd.Series, band: pd.Series, reader: Reader) -> Markup:
    """Own figure and the range of the others."""
    shown = partial(reader.number, decimals=1, signed=band["role"] == "")
    return Markup('<b>{}</b> <span class="range">{} {}</span>').format(
        cell(figure, "estimate", reader, shown=shown),
        reader.text("organisation.context.others"),
        interval(band, reader, shown=shown),
    )


def position_cell(figure: pd.Series, band: pd.Series, reader: Reader) -> Markup:
    """Own figure, the range of the others, and in words whether it lies outside."""
    parts = figures_beside(figure, band, reader)
    if band["verdict"] not in OUTSIDE:
        return parts
    words = reader.text(f"organisation.context.{band['verdict']}")
    # The filled diamond of the style sheet.
    return parts + Markup(' <span class="verdict relevant">{}</span>').format(words)
