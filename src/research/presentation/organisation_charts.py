"""One organisation's clusters and activities: forest, two short lists, and the chart of all."""

from functools import partial

import pandas as pd
from markupsafe import Markup

from research.presentation.comparability_note import comparability_note
from research.presentation.gap_tables import forest_chart, gap_chart
from research.presentation.organisation_summary import roles_shown, roles_withheld
from research.presentation.sections import VERDICT_ORDER, interval_notes, suppression_note
from research.presentation.sentences import gap_sentence, gap_title
from research.presentation.tables import (
    Column,
    Group,
    bullets,
    cell,
    html_table,
    interval,
    paragraph,
    pick,
    points,
    section,
    subheading,
    verdict_chip,
)
from research.presentation.texts import Reader
from research.presentation.value_tables import value_chart

ALIKE = ("equivalent", "trivial")


def clusters_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """One sentence a cluster, the forest of differences, and whether the people agree."""
    gap = results[results["analysis"] == "gap"]
    clusters = pick(gap, "mean_difference", level="clusters")
    agreement = agreement_part(results, reader)
    if clusters.empty or roles_withheld(results):
        return section("clusters", _clusters_heading(reader), agreement) if agreement else agreement
    return section(
        "clusters",
        _clusters_heading(reader),
        comparability_note(results, reader, closing=reader.text("comparability.whole_study")),
        bullets(gap_sentence(row, reader) for _, row in clusters.iterrows()),
        forest_chart(clusters, reader, level="clusters", table_id="clusters-chart"),
        suppression_note(clusters, reader),
        agreement,
    )


def _clusters_heading(reader: Reader) -> str:
    count = len(reader.instrument.clusters)
    key = "organisation.clusters.h" if count > 1 else "organisation.clusters.h.one"
    return reader.text(key, count=count)


def agreement_part(results: pd.DataFrame, reader: Reader) -> Markup:
    """On which clusters the people of a role agree, and where the mean hides that they differ."""
    found = results[results["estimate_type"] == "agreement_within"]
    lines = []
    for role in dict.fromkeys(found["role"]):
        plural = reader.plural(role)
        for verdict in ("agree", "differ"):
            chosen = found[(found["role"] == role) & (found["verdict"] == verdict)]
            if len(chosen):
                labels = ", ".join(reader.quoted(entry) for entry in chosen["cluster_id"])
                lines.append(
                    reader.text(f"organisation.agreement.{verdict}", plural=plural, labels=labels)
                )
    if not lines:
        return Markup("")
    return (
        subheading("agreement-h", reader.text("organisation.agreement.h"))
        + bullets(lines)
        + paragraph(reader.text("organisation.agreement.rule"), "caption")
    )


def activities_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """Two lists of five and the chart of all activities; with one role shown, its means."""
    shown = roles_shown(results)
    if not shown:
        return Markup("")
    count = len(reader.instrument.activities)
    heading = reader.text("organisation.activities.h", count=count)
    if len(shown) == 1:
        value = results[results["analysis"] == "value"]
        return section(
            "activities",
            heading,
            value_chart(results, reader, role=shown[0]),
            paragraph(reader.text("value.read"), "caption"),
            suppression_note(value[value["role"] == shown[0]], reader, intervals=True),
        )
    gap = results[results["analysis"] == "gap"]
    gaps = pick(gap, "mean_difference", level="activities")
    return section(
        "activities",
        heading,
        lists_table(results, reader),
        gap_chart(
            gap,
            reader,
            level="activities",
            caption=gap_title(gaps, reader),
            table_id="activities-chart",
        ),
        paragraph(reader.text("gap.read"), "caption"),
        interval_notes(gap, reader),
        suppression_note(gap[gap["estimate_type"] == "mean_difference"], reader),
        _verdict_words(reader),
    )


def _verdict_words(reader: Reader) -> Markup:
    """Return the four verdicts with the rule that gives each, in a short list."""
    lines = (
        Markup("<b>{}</b>: {}").format(
            reader.text(f"verdict.{name}"), reader.text(f"verdict.rule.{name}")
        )
        for name in VERDICT_ORDER
    )
    return subheading("verdict-rules-h", reader.text("gap.verdict_rules")) + bullets(lines)


def figure_words(gap: pd.Series, reader: Reader) -> Markup:
    """A difference and its interval as they stand among words: ``+0.9 (0.4 to 1.4)``."""
    shown = partial(points(gap, reader), signed=True)
    return Markup("{} ({})").format(
        cell(gap, "estimate", reader, shown=shown), interval(gap, reader)
    )


def lists_table(results: pd.DataFrame, reader: Reader) -> Markup:
    """The activities that stand closest and furthest, a line each with its verdict; "" if none."""
    gap = results[results["analysis"] == "gap"]
    gaps = pick(gap, "mean_difference", level="activities")
    groups, first = [], []
    for kind, wanted in (("closest", ALIKE), ("furthest", ("relevant",))):
        chosen = gaps.loc[list(pick(results, kind, level="activities").index)]
        if chosen.empty:
            continue
        shown = int(chosen["verdict"].isin(wanted).sum())
        heading = reader.text(f"organisation.lists.{kind}", count=len(chosen), shown=shown)
        rows = [
            [
                reader.label(entry),
                Markup("{} {}").format(
                    verdict_chip(row["verdict"], reader), figure_words(row, reader)
                ),
            ]
            for entry, row in chosen.iterrows()
        ]
        groups.append(Group(heading=heading, rows=rows))
        first.append(reader.quoted(chosen.index[0]))
    if len(first) < 2:
        return Markup("")
    table = html_table(
        table_id="activities-lists",
        caption=reader.text("organisation.lists.title", closest=first[0], furthest=first[1]),
        columns=[
            Column(heading=reader.text("table.activity"), kind="text"),
            Column(heading=reader.text("organisation.lists.verdict"), kind="text"),
        ],
        groups=groups,
    )
    return table + paragraph(reader.text("organisation.lists.rule"), "caption")
