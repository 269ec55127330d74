"""The sections of one organisation's report: its own people, nobody else's."""

import pandas as pd
from markupsafe import Markup

from research.presentation.comparability_note import (
    comparability_finding,
    comparability_note,
    comparability_rule,
)
from research.presentation.gap_tables import gap_chart
from research.presentation.number_tables import numbers_table
from research.presentation.numbers import is_number
from research.presentation.sections import (
    comparison_counts,
    detectable_now,
    expected_by_chance,
    interval_notes,
    method_section,
    suppression_note,
    trust_lines,
    verdict_rules,
)
from research.presentation.sentences import (
    gap_sentence,
    gap_title,
    tested,
    verdict_counts_sentence,
)
from research.presentation.tables import (
    bullets,
    paragraph,
    pick,
    section,
)
from research.presentation.texts import Reader
from research.presentation.value_tables import value_chart


def summary_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """Who answered, the cluster chart and the clearest finding, or why there is none."""
    lines = [counts_sentence(results, reader), *findings(results, reader)]
    if not roles_withheld(results):
        lines.append(comparability_finding(results, reader))
    gap = results[results["analysis"] == "gap"]
    return section(
        "summary",
        reader.text("organisation.summary.h"),
        *(paragraph(line) for line in lines if line),
        gap_chart(
            gap,
            reader,
            level="clusters",
            caption=reader.text("gap.clusters.caption"),
            table_id="summary-clusters",
        )
        if len(gap)
        else Markup(""),
        suppression_note(gap[gap["activity_id"] == ""], reader),
    )


def counts_sentence(results: pd.DataFrame, reader: Reader) -> str:
    """How many of the organisation answered, per role; small numbers only as "fewer than"."""
    counts = pick(results, "respondents")["estimate"]
    enough = [role for role in counts.index if role not in roles_withheld(results)]
    minimum = reader.study.privacy.shown_from
    if not enough:
        only = "" if len(counts) == 2 else ".role"
        return reader.text(f"organisation.counts.none{only}", minimum=minimum)
    if len(counts) == 1:
        return reader.text("organisation.counts.role", n_a=reader.count(counts.iloc[0]))
    if len(enough) == 1:
        (few,) = (role for role in counts.index if role not in enough)
        return reader.text(
            "organisation.counts.few",
            n=reader.count(counts[enough[0]]),
            plural=reader.plural(enough[0]),
            minimum=minimum,
            others=reader.plural(few),
        )
    n_a, n_b = (reader.count(count) for count in counts)
    return reader.text("organisation.counts", n_a=n_a, n_b=n_b)


def roles_withheld(results: pd.DataFrame) -> list[str]:
    """Return the roles of which too few answered to show anything."""
    counts = pick(results, "respondents")
    return list(counts[counts["estimate"].isna()].index)


def findings(results: pd.DataFrame, reader: Reader) -> list[str]:
    """Sentences under the counts: what was found, or why nothing can be said."""
    withheld = roles_withheld(results)
    if withheld:
        words = " / ".join(reader.plural(role) for role in withheld)
        minimum = reader.study.privacy.shown_from
        lines = [reader.text("organisation.too_few", roles=words, minimum=minimum)]
        if len(reader.study.roles) == 2:
            lines.append(reader.text("organisation.too_few.gap"))
        return lines
    gaps = pick(results[results["analysis"] == "gap"], "mean_difference", level="activities")
    if gaps.empty:
        return []
    clear = gaps[gaps["verdict"] == "relevant"]
    lines = [verdict_counts_sentence(gaps, reader)]
    if len(clear):
        largest = clear.loc[clear["estimate"].abs().idxmax()]
        label = reader.quoted(largest["activity_id"])
        lines += [
            reader.text("organisation.largest", label=label),
            gap_sentence(largest, reader),
        ]
    elif not is_number(detectable_now(results)):
        lines.append(reader.text("organisation.no_clear.plain", count=tested(gaps)))
    else:
        lines.append(
            reader.text(
                "organisation.no_clear",
                count=tested(gaps),
                detectable=reader.number(detectable_now(results), decimals=1),
            )
        )
    return lines


def read_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """How to read the charts."""
    scale = reader.instrument.scale
    labels = scale.labels.get(reader.language)
    words = {
        "low": scale.low,
        "high": scale.high,
        "low_label": labels[0],
        "high_label": labels[-1],
    }
    roles = list(dict.fromkeys(pick(results, "mean")["role"]))
    if len(roles) < 2:
        plural = reader.plural(roles[0]) if roles else ""
        return section(
            "read",
            reader.text("read.h"),
            paragraph(reader.text("read.text.role", a_plural=plural, **words)),
        )
    return section(
        "read",
        reader.text("read.h"),
        paragraph(reader.text("read.text", **words)),
        paragraph(reader.text("read.interval")),
        paragraph(reader.text("gap.direction")),
    )


def clusters_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """One sentence a cluster, and the numbers."""
    gap = results[results["analysis"] == "gap"]
    clusters = pick(gap, "mean_difference", level="clusters")
    if clusters.empty or roles_withheld(results):
        return Markup("")
    count = len(clusters)
    key = "organisation.clusters.h" if count > 1 else "organisation.clusters.h.one"
    return section(
        "clusters",
        reader.text(key, count=count),
        comparability_note(results, reader, closing=reader.text("comparability.whole_study")),
        bullets(gap_sentence(row, reader) for _, row in clusters.iterrows()),
        numbers_table(gap, reader, level="clusters", table_id="clusters-numbers"),
        suppression_note(clusters, reader),
    )


def activities_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """The chart of all activities."""
    gap = results[results["analysis"] == "gap"]
    gaps = pick(gap, "mean_difference", level="activities")
    count = len(reader.instrument.activities)
    caption = (
        gap_title(gaps, reader)
        if len(gaps)
        else reader.text("gap.activities.title.withheld", total=count)
    )
    numbers = []
    full = gaps["p_value"].notna().any() if len(gaps) else False
    if full and not roles_withheld(results):
        table = numbers_table(gap, reader, level="activities", table_id="activities-numbers")
        numbers = [table]
    if len(gaps) and not roles_withheld(results):
        numbers.append(verdict_rules(reader))
    return section(
        "activities",
        reader.text("organisation.activities.h", count=count),
        gap_chart(gap, reader, level="activities", caption=caption, table_id="activities-chart"),
        paragraph(reader.text("gap.read"), "caption") if len(gaps) else Markup(""),
        interval_notes(gap, reader),
        suppression_note(gap[gap["estimate_type"] == "mean_difference"], reader),
        *numbers,
    )


def value_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """Which activities are valued, for every role of which enough people answered."""
    shown = [
        value_chart(results, reader, role=role)
        for role in dict.fromkeys(pick(results, "mean")["role"])
        if role not in roles_withheld(results)
    ]
    if not shown:
        return Markup("")
    value = results[results["analysis"] == "value"]
    return section(
        "value",
        reader.text("value.h"),
        paragraph(reader.text("value.read"), "caption"),
        *shown,
        suppression_note(value, reader, intervals=True),
    )


def agreement_section(results: pd.DataFrame, reader: Reader) -> Markup:
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
    return section(
        "agreement",
        reader.text("organisation.agreement.h"),
        bullets(lines),
        paragraph(reader.text("organisation.agreement.rule"), "caption"),
    )


def caution_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """Few people, one moment, many comparisons."""
    tests = sum(comparison_counts(results))
    lines = [reader.text("caution.small"), reader.text("caution.use")]
    if tests:
        lines.insert(
            1,
            reader.text("caution.tests", tests=tests, expected=expected_by_chance(tests, reader)),
        )
    return section("caution", reader.text("caution.h"), bullets(lines))


def trust_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """What the page rests on: its data, the number of comparisons, what was withheld."""
    return section("trust", reader.text("trust.h"), bullets(trust_lines(results, reader)))


def organisation_sections(results: pd.DataFrame, reader: Reader) -> list[Markup]:
    """Every section of the organisation report in order; empty ones are left out."""
    parts = [
        summary_section(results, reader),
        read_section(results, reader),
        clusters_section(results, reader),
        activities_section(results, reader),
        value_section(results, reader),
        agreement_section(results, reader),
        caution_section(results, reader),
        trust_section(results, reader),
        method_section(results, reader, more=comparability_rule(results, reader)),
    ]
    return [part for part in parts if part]
