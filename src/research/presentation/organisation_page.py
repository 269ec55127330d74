"""The sections of one organisation's report: its own people, and the others only as a range."""

import pandas as pd
from markupsafe import Markup

from research.presentation.data_section import data_section
from research.presentation.number_tables import numbers_table
from research.presentation.organisation_charts import activities_section, clusters_section
from research.presentation.organisation_context import context_section
from research.presentation.organisation_summary import (
    lead_block,
    read_section,
    roles_shown,
    summary_section,
)
from research.presentation.organisation_talk import caution_section, talk_section
from research.presentation.sections import suppression_note
from research.presentation.tables import paragraph, pick, section
from research.presentation.texts import Reader
from research.presentation.trust_section import trust_section
from research.presentation.value_tables import value_numbers


def organisation_sections(results: pd.DataFrame, reader: Reader, *, data_hash: str) -> list[Markup]:
    """Every section of the organisation report in order; empty ones are left out.

    Where too few answered in every role, the first section says so and no other shows a figure.
    """
    parts = [
        lead_block(results, reader),
        summary_section(results, reader),
        read_section(results, reader),
        clusters_section(results, reader),
        activities_section(results, reader),
        context_section(results, reader),
        talk_section(results, reader),
        caution_section(results, reader),
        trust_section(
            results,
            reader,
            answered=answered_lines(results, reader),
            closing=[reader.text("organisation.trust.full", heading=reader.text("trust.h"))],
        ),
        method_section(results, reader),
        numbers_section(results, reader),
        data_section(results, reader, data_hash=data_hash),
    ]
    return [part for part in parts if part]


def answered_lines(results: pd.DataFrame, reader: Reader) -> list[str]:
    """From the people who answered to those behind a figure: one line a role that is shown."""
    means = results[(results["analysis"] == "gap") & (results["estimate_type"] == "mean")]
    counts = pick(results, "respondents")
    lines = []
    for role in roles_shown(results):
        if counts.loc[role, "note"] == "banded":
            continue  # rounded numbers do not say from how many to how many
        used = means.loc[(means["role"] == role) & (means["activity_id"] != ""), "n_a"].dropna()
        if len(used):
            least, most = (reader.count(used.agg(end)) for end in ("min", "max"))
            key = "organisation.trust.flow" if least != most else "organisation.trust.flow.all"
            plural = reader.plural(role)
            n = reader.count(counts.loc[role, "estimate"])
            lines.append(reader.text(key, n=n, plural=plural, least=least, most=most))
    return lines


def method_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """How the figures of this page were made, in short; "" where none is shown."""
    if not roles_shown(results):
        return Markup("")
    lines = []
    if (results["estimate_type"] == "mean_difference").any():
        families = reader.study.families
        lines = [
            reader.text("method.primary.welch"),
            reader.text("method.equivalence", margin=reader.short(reader.study.margin)),
            reader.text(
                "method.family",
                activities=reader.text(f"method.{families.activities}"),
                clusters=reader.text(f"method.{families.clusters}"),
            ),
        ]
    if (results["estimate_type"] == "band_of_others").any():
        lines.append(reader.text("method.context"))
    lines.append(reader.text("method.missing"))
    return section("method", reader.text("method.h"), paragraph(" ".join(lines)))


def numbers_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """The numbers behind the charts in tables; "" where none is shown."""
    roles = roles_shown(results)
    if not roles:
        return Markup("")
    gap = results[results["analysis"] == "gap"]
    tables, long = [], []
    if len(roles) == 2:
        tables.append(numbers_table(gap, reader, level="clusters", table_id="clusters-numbers"))
        gaps = pick(gap, "mean_difference", level="activities")
        if gaps["p_value"].notna().any():
            long.append(
                numbers_table(gap, reader, level="activities", table_id="activities-numbers")
            )
    long.append(value_numbers(results, reader, roles=roles))
    value = results[results["analysis"].isin(("value", "gap")) & results["role"].isin(roles)]
    return section(
        "numbers",
        reader.text("organisation.numbers.h"),
        paragraph(reader.text("organisation.numbers.intro")),
        *tables,
        paragraph(reader.text("organisation.numbers.print"), "print-only"),
        Markup('<div class="screen-only">{}</div>').format(Markup("").join(long)),
        suppression_note(value, reader, intervals=True),
    )
