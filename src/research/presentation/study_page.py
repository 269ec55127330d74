"""The sections of the study report, answer first; every number comes from the results."""

import pandas as pd
from markupsafe import Markup

from research.presentation.answers_section import answers_section
from research.presentation.apa import apa_list
from research.presentation.checklist_section import checklist_section
from research.presentation.comparability_note import comparability_finding, comparability_note
from research.presentation.conduct_section import cite_section, deviations_section
from research.presentation.data_section import data_section
from research.presentation.gap_tables import forest_chart, gap_chart
from research.presentation.glossary_section import glossary_section
from research.presentation.limits_section import limits_section
from research.presentation.meaning_section import meaning_section
from research.presentation.measurement_section import comparability_section
from research.presentation.measurement_tables import reliability_table
from research.presentation.method_section import method_section
from research.presentation.number_tables import numbers_table
from research.presentation.order_section import order_section
from research.presentation.organisations_section import organisations_section
from research.presentation.other_methods_section import (
    other_methods_section,
    power_methods_part,
)
from research.presentation.question_section import (
    headline_gap,
    question_section,
    study_title,
)
from research.presentation.reliability_chart import reliability_chart
from research.presentation.robust_section import robust_section
from research.presentation.sample_sections import sample_section, title_block
from research.presentation.sections import (
    interval_notes,
    key_numbers,
    suppression_note,
    verdict_rules,
)
from research.presentation.sensitivity_section import sensitivity_section
from research.presentation.sentences import (
    gap_sentence,
    gap_title,
    power_note,
    power_sentence,
    valued_sentence,
    verdict_counts_sentence,
)
from research.presentation.tables import (
    bullets,
    paragraph,
    pick,
    section,
    subheading,
)
from research.presentation.texts import Reader
from research.presentation.titles import clusters_title, power_title
from research.presentation.trust_section import trust_section
from research.presentation.value_tables import value_chart
from research.study.answers import SampleFlow


def summary_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """The findings, the clusters, and what this does not show."""
    alpha = 1 - reader.confidence_level
    role = pick(results, "mean")["role"].iloc[0]
    findings = [valued_sentence(results, reader, role=role, alpha=alpha)]
    found = results[results["analysis"] == "gap"]
    gaps = pick(found, "mean_difference", level="activities")
    if len(gaps):
        findings.append(gap_sentence(headline_gap(results, reader), reader))
        findings += [power_sentence(results, reader), verdict_counts_sentence(gaps, reader)]
        findings.append(comparability_finding(results, reader))
    else:
        plural = reader.plural(role)
        findings.append(reader.text("summary.one_role", a_plural=plural))
    return section(
        "summary",
        reader.text("summary.h"),
        bullets(filter(None, findings)),
        key_numbers(results, reader),
        gap_chart(
            found,
            reader,
            level="clusters",
            caption=clusters_title(pick(found, "mean_difference", level="clusters"), reader),
            table_id="summary-clusters",
        ),
        paragraph(reader.text("gap.read"), "caption") if len(gaps) else Markup(""),
        suppression_note(found[found["activity_id"] == ""], reader, intervals=gaps.empty),
        paragraph(reader.text("summary.not"), "note"),
    )


def measures_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """Scale, question and reliability per cluster and role."""
    instrument = reader.instrument
    labels = instrument.scale.labels.get(reader.language)
    found = results[results["analysis"] == "reliability"]
    explained = [reader.text("measures.explain")]
    if (found["estimate_type"] == "omega_total").any():
        explained.append(reader.text("measures.explain.omega"))
    return section(
        "measures",
        reader.text("measures.h"),
        paragraph(
            reader.text(
                "measures.intro",
                activities=len(instrument.activities),
                clusters=len(instrument.clusters),
                low=instrument.scale.low,
                high=instrument.scale.high,
                low_label=labels[0],
                high_label=labels[-1],
            )
        ),
        paragraph(reader.text("measures.stem", stem=instrument.stem.get(reader.language))),
        reliability_chart(results, reader),
        reliability_table(results, reader),
        suppression_note(found, reader),
        *(paragraph(line, "caption") for line in explained),
    )


def value_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """Which activities are valued, a chart per role."""
    parts = [paragraph(reader.text("value.iut")), paragraph(reader.text("value.read"), "caption")]
    value = results[results["analysis"] == "value"]
    for role in dict.fromkeys(value["role"]):
        parts.append(value_chart(results, reader, role=role))
    parts.append(suppression_note(value, reader, intervals=True))
    return section("value", reader.text("value.h"), *parts)


def gap_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """The main result: clusters, then thirty activities, then every number; "" with one role."""
    found = results[results["analysis"] == "gap"]
    activities = pick(found, "mean_difference", level="activities")
    if activities.empty:
        return Markup("")
    clusters = pick(found, "mean_difference", level="clusters")
    head = reader.text("comparability.h")
    return section(
        "gap",
        reader.text("gap.h"),
        comparability_note(results, reader, closing=reader.text("comparability.see", heading=head)),
        paragraph(reader.text("gap.direction")),
        subheading("gap-clusters-h", reader.text("gap.clusters.h")),
        bullets(gap_sentence(row, reader) for _, row in clusters.iterrows()),
        forest_chart(clusters, reader, level="clusters", table_id="gap-clusters"),
        interval_notes(found, reader),
        numbers_table(found, reader, level="clusters", table_id="gap-clusters-numbers"),
        apa_list(found, reader, level="clusters"),
        subheading("gap-activities-h", reader.text("gap.activities.h")),
        gap_chart(
            found,
            reader,
            level="activities",
            caption=gap_title(activities, reader),
            table_id="gap-activities",
        ),
        paragraph(reader.text("gap.read"), "caption"),
        suppression_note(found, reader),
        paragraph(power_note(found, reader)),
        numbers_table(found, reader, level="activities", table_id="gap-activities-numbers"),
        apa_list(found, reader, level="activities"),
        verdict_rules(reader),
    )


def power_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """Is power special? Only where the study names a power cluster and both roles answered."""
    row = results[results["analysis"] == "power_use"]
    sentence = power_sentence(results, reader)
    if row.empty or not sentence:
        return Markup("")
    label = reader.quoted(row.iloc[0]["cluster_id"])
    gaps = row.set_index("cluster_id", drop=False)
    return section(
        "power",
        reader.text("power.h", label=label),
        paragraph(reader.text("power.explain", label=label)),
        paragraph(sentence),
        forest_chart(
            gaps,
            reader,
            level="clusters",
            table_id="power-chart",
            caption=power_title(row.iloc[0], reader),
        ),
        power_methods_part(results, reader),
    )


def study_sections(
    results: pd.DataFrame, reader: Reader, flow: SampleFlow, *, data_hash: str
) -> list[Markup]:
    """Every section of the study report in order; empty ones are left out."""
    parts = [
        study_title(results, reader),
        title_block(results, reader),
        summary_section(results, reader),
        trust_section(results, reader, flow=flow),
        question_section(results, reader),
        sample_section(results, reader, flow),
        measures_section(results, reader),
        comparability_section(results, reader),
        answers_section(results, reader),
        value_section(results, reader),
        gap_section(results, reader),
        other_methods_section(results, reader),
        sensitivity_section(results, reader, flow),
        robust_section(results, reader),
        order_section(results, reader),
        power_section(results, reader),
        organisations_section(results, reader),
        limits_section(results, reader),
        meaning_section(results, reader),
        method_section(results, reader, parameters=True),
        deviations_section(reader),
        data_section(results, reader, data_hash=data_hash),
        glossary_section(results, reader),
        cite_section(reader),
    ]
    parts.append(checklist_section(reader, parts))
    return [part for part in parts if part]
