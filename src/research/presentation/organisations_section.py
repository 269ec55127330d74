"""How much do organisations differ? Pooled gaps with their spread, and agreement within."""

import pandas as pd
from markupsafe import Markup

from research.presentation import marks
from research.presentation.gap_tables import difference_axis, entry_name, grouped
from research.presentation.number_tables import estimate_with_interval
from research.presentation.numbers import is_number
from research.presentation.organisation_strip import organisation_strip
from research.presentation.sections import suppression_note
from research.presentation.sentences import withheld_words
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
)
from research.presentation.texts import Reader, capitalised
from research.presentation.titles import spread_title


def organisations_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """Spread of the gaps over organisations, clusters first; "" with one organisation."""
    found = results[results["analysis"] == "organisations"]
    if found.empty:
        return Markup("")
    parts = [paragraph(reader.text("organisations.explain"))]
    spread = pick(found, "gap_spread", level="clusters")
    if len(spread):
        predicted = pick(found, "predicted_gap", level="clusters")
        lines = (
            spread_sentence(spread.loc[entry], predicted.loc[entry], reader)
            for entry in spread.index
        )
        parts += [
            bullets(lines),
            spread_chart(found, reader, level="clusters"),
            paragraph(reader.text("organisations.read"), "caption"),
            organisation_strip(found, reader),
            spread_chart(found, reader, level="activities"),
        ]
    if sentence := distinctive_sentence(found, reader):
        parts.append(paragraph(sentence))
    parts += [agreement_part(found, reader), suppression_note(found, reader, intervals=True)]
    return section("organisations", reader.text("organisations.h"), *parts)


def spread_sentence(spread: pd.Series, predicted: pd.Series, reader: Reader) -> str:
    """How much the gap on one cluster differs between organisations, and what a new one shows."""
    label = reader.quoted(spread["activity_id"] or spread["cluster_id"])
    if not (is_number(spread["estimate"]) and is_number(predicted["ci_low"])):
        why = withheld_words(predicted, reader)
        return reader.text("organisations.untested", label=label, reason=why)
    shown = points(spread, reader)
    # An interval that starts above zero shows a spread; a test that finds none proves nothing.
    surely = is_number(spread["p_value"]) and spread["p_value"] <= 1 - reader.confidence_level
    return reader.text(
        "organisations.spread" if surely else "organisations.spread.unsure",
        label=label,
        spread=shown(spread["estimate"]),
        interval=interval(spread, reader),
        low=shown(predicted["ci_low"], signed=True),
        high=shown(predicted["ci_high"], signed=True),
        count=reader.count(spread["n_clusters"]),
    )


def spread_chart(found: pd.DataFrame, reader: Reader, *, level: str) -> Markup:
    """Pooled gap with interval, spread and the range expected of a further organisation."""
    pooled, spread, predicted = (
        pick(found, kind, level=level) for kind in ("pooled_gap", "gap_spread", "predicted_gap")
    )
    limit, heading = difference_axis(predicted, reader)
    rows = {}
    for entry, gap in pooled.iterrows():
        outer = predicted.loc[entry]
        rows[entry] = [
            reader.label(entry),
            estimate_with_interval(gap, reader, shown=points(gap, reader)),
            cell(spread.loc[entry], "estimate", reader),
            interval(outer, reader),
            marks.forest_mark(
                gap["estimate"],
                gap["ci_low"],
                gap["ci_high"],
                limit=limit,
                margin=reader.study.margin,
                outer=(outer["ci_low"], outer["ci_high"]),
            ),
        ]
    return html_table(
        table_id=f"organisations-{level}",
        caption=spread_title(spread, reader, level=level),
        columns=[
            Column(heading=reader.text(entry_name(level)), kind="text"),
            Column(heading=reader.text("organisations.pooled")),
            Column(heading=reader.text("organisations.sd"), narrow=False),
            Column(heading=reader.text("organisations.predicted"), narrow=False),
            Column(heading=heading, kind="chart"),
        ],
        groups=grouped(rows, reader, level=level),
    )


def agreement_part(found: pd.DataFrame, reader: Reader) -> Markup:
    """Share of the answers' spread that lies between organisations, and where one mean may do."""
    icc = found[found["estimate_type"] == "icc1"]
    if icc.empty:
        return Markup("")
    reliable = found[found["estimate_type"] == "icc2"]
    may, may_not = (
        found[found["estimate_type"] == f"organisations_{verdict}"]
        for verdict in ("may", "may_not")
    )
    groups = []
    for role in dict.fromkeys(icc["role"]):
        tables = [
            table[table["role"] == role].set_index("cluster_id")
            for table in (icc, reliable, may, may_not)
        ]
        rows = []
        for entry in tables[0].index:
            first, second, *judged = (table.loc[entry] for table in tables)
            rows.append(
                [
                    reader.label(entry),
                    estimate_with_interval(first, reader, shown=reader.proportion),
                    cell(second, "estimate", reader, shown=reader.proportion),
                    aggregable_words(*judged, reader),
                ]
            )
        heading = reader.plural(role)
        groups.append(Group(rows=rows, heading=capitalised(heading)))
    table = html_table(
        table_id="organisations-agreement",
        caption=reader.text("organisations.agreement.caption"),
        columns=[
            Column(heading=reader.text("table.cluster"), kind="text"),
            *(
                Column(heading=reader.text(f"organisations.{key}"))
                for key in ("icc1", "icc2", "aggregable")
            ),
        ],
        groups=groups,
    )
    return (
        subheading("organisations-agreement-h", reader.text("organisations.agreement.h"))
        + paragraph(reader.text("organisations.agreement.explain"))
        + table
        + paragraph(reader.text("organisations.agreement.rule"), "caption")
    )


def aggregable_words(may: pd.Series, may_not: pd.Series, reader: Reader) -> str:
    """Return in how many of the organisations judged one mean may stand for all, or may not."""
    if not is_number(may["estimate"]):
        return cell(may, "estimate", reader)
    rest = may["n_clusters"] - may["estimate"] - may_not["estimate"]
    return reader.text(
        "organisations.aggregable.count",
        may=reader.count(may["estimate"]),
        may_not=reader.count(may_not["estimate"]),
        undecided=reader.count(rest),
    )


def distinctive_sentence(found: pd.DataFrame, reader: Reader) -> str:
    """Whether what sets an organisation apart for one role does so for the other; "" if unknown."""
    rows = found[found["estimate_type"] == "distinctive_similarity"]
    if rows.empty or not is_number(rows.iloc[0]["ci_low"]):
        return ""
    row = rows.iloc[0]
    return reader.text(
        "organisations.distinctive",
        estimate=reader.proportion(row["estimate"]),
        interval=interval(row, reader, shown=reader.proportion),
        count=reader.count(row["n_clusters"]),
    )
