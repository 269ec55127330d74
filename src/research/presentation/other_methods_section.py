"""Do other methods say the same? The same differences, one column a method."""

import pandas as pd
from markupsafe import Markup

from research.presentation.gap_tables import grouped
from research.presentation.number_tables import estimate_with_interval
from research.presentation.numbers import is_number
from research.presentation.sections import suppression_note
from research.presentation.tables import (
    Column,
    Group,
    cell,
    html_table,
    paragraph,
    pick,
    points,
    section,
)
from research.presentation.texts import Reader

# Methods that give a p-value, in the order of their columns.
TESTED = ("mean_difference_organisations", "mean_difference_mixed", "odds_ratio")
MOST_NAMED = 5


def other_methods_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """Whether the decision on each activity depends on the method; "" with one role."""
    found = results[results["analysis"] == "other_methods"]
    primary = pick(results[results["analysis"] == "gap"], "mean_difference", level="activities")
    if found.empty or primary.empty:
        return Markup("")
    methods = {
        name: table for name in TESTED if len(table := pick(found, name, level="activities"))
    }
    several = "mean_difference_mixed" in methods
    return section(
        "other-methods",
        reader.text("methods.h"),
        paragraph(reader.text("methods.explain" if several else "methods.explain.one")),
        *map(paragraph, method_sentences(primary, methods, reader)),
        _table(primary, methods, pick(found, "bayes_factor", level="activities"), reader),
        paragraph(reader.text("methods.read"), "caption"),
        suppression_note(found, reader),
    )


def method_sentences(
    primary: pd.DataFrame, methods: dict[str, pd.DataFrame], reader: Reader
) -> list[str]:
    """On how many activities every method decides alike, and on which they do not."""
    alpha = 1 - reader.confidence_level
    decided = primary["p_adjusted"].dropna()
    if decided.empty:
        return []
    p_values = pd.DataFrame({name: table["p_adjusted"] for name, table in methods.items()})
    p_values = p_values.loc[decided.index]
    same = (p_values <= alpha).eq(decided <= alpha, axis=0)
    alike = (same | p_values.isna()).all(axis=1)  # a test that gave no p decides nothing
    lines = [reader.text("methods.same", same=int(alike.sum()), total=len(alike))]
    if incomplete := int(p_values.isna().any(axis=1).sum()):
        lines.append(reader.text("methods.incomplete", count=incomplete))
    different = [reader.quoted(entry) for entry in alike.index[~alike]]
    if len(different) > MOST_NAMED:
        lines.append(reader.text("methods.differ.many"))
    elif different:
        lines.append(reader.text("methods.differ", labels=", ".join(different)))
    return lines


def _table(
    primary: pd.DataFrame, methods: dict[str, pd.DataFrame], factors: pd.DataFrame, reader: Reader
) -> Markup:
    rows = {}
    for entry, gap in primary.iterrows():
        row = [reader.label(entry), cell(gap, "p_adjusted", reader, shown=reader.p)]
        row += [
            cell(table.loc[entry], "p_adjusted", reader, shown=reader.p)
            for table in methods.values()
        ]
        odds = methods["odds_ratio"].loc[entry]
        row.append(estimate_with_interval(odds, reader, shown=reader.ratio))
        row.append(cell(factors.loc[entry], "estimate", reader, shown=reader.ratio))
        rows[entry] = row
    used = primary["test"].iloc[0]
    headings = [f"methods.{used}", *(f"methods.{name}" for name in methods)]
    headings += ["methods.odds", "methods.bayes"]
    return html_table(
        table_id="other-methods-table",
        caption=reader.text("methods.caption"),
        columns=[
            Column(heading=reader.text("table.activity"), kind="text"),
            *(Column(heading=reader.text(key)) for key in headings),
        ],
        groups=grouped(rows, reader, level="activities"),
    )


def power_methods_part(results: pd.DataFrame, reader: Reader) -> Markup:
    """The contrast of power by every method, one row a method; "" without it."""
    found = results[results["analysis"] == "power_methods"].set_index("estimate_type")
    if found.empty:
        return Markup("")
    rows = []
    for name in (*TESTED, "pooled_gap"):
        if name in found.index:
            row = found.loc[name]
            rows.append(
                [
                    reader.text(f"methods.{name}"),
                    estimate_with_interval(row, reader, shown=points(row, reader)),
                    cell(row, "p_value", reader, shown=reader.p),
                ]
            )
    table = html_table(
        table_id="power-methods",
        caption=reader.text("power.methods.caption"),
        columns=[
            Column(heading=reader.text("methods.method"), kind="text"),
            Column(heading=reader.text("gap.difference")),
            Column(heading=reader.text("gap.p")),
        ],
        groups=[Group(rows=rows)],
    )
    table += suppression_note(found, reader)
    if "predicted_gap" not in found.index:
        return table
    predicted = found.loc["predicted_gap"]
    if not is_number(predicted["ci_low"]):
        return table
    shown = points(predicted, reader)
    low, high = (shown(predicted[end], signed=True) for end in ("ci_low", "ci_high"))
    return table + paragraph(reader.text("power.predicted", low=low, high=high))
