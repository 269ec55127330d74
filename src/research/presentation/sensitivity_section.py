"""Do the headline findings hold with other people, and with missing answers filled in?"""

import pandas as pd
from markupsafe import Markup

from research.presentation.number_tables import estimate_with_interval
from research.presentation.sections import suppression_note
from research.presentation.tables import (
    Column,
    Group,
    html_table,
    paragraph,
    points,
    section,
)
from research.presentation.texts import Reader
from research.study.answers import SampleFlow

# What was done otherwise, in the order of the columns.
VARIANTS = ("without_flagged", "with_flagged", "imputed")
HEADLINES = ("mean_difference", "power_difference")


def sensitivity_section(results: pd.DataFrame, reader: Reader, flow: SampleFlow) -> Markup:
    """Every headline difference once more, a column a variant; "" where nothing was compared."""
    variants = [name for name in VARIANTS if (results["analysis"] == name).any()]
    if not variants:
        return Markup("")
    found = results[results["analysis"].isin(variants)]
    return section(
        "sensitivity",
        reader.text("sensitivity.h"),
        *(paragraph(line) for line in sensitivity_sentences(results, reader, flow)),
        _table(results, variants, reader),
        suppression_note(found, reader),
    )


def sensitivity_sentences(results: pd.DataFrame, reader: Reader, flow: SampleFlow) -> list[str]:
    """What each variant changes, a sentence or two each."""
    lines = []
    for name in VARIANTS:
        shifts = results[
            (results["analysis"] == name) & results["estimate_type"].isin(("shift", "power_shift"))
        ]
        if shifts.empty:
            continue
        nobody = name == "without_flagged" and flow.n_flagged == 0
        told = results[results["estimate_type"] == "missing_information"]["estimate"]
        if nobody or (name == "imputed" and len(told) and (told == 0).all()):
            lines.append(reader.text(f"sensitivity.{name}.none"))
            continue
        lines.append(_moved(shifts, name, reader))
    return lines


def _moved(shifts: pd.DataFrame, name: str, reader: Reader) -> str:
    told = shifts[shifts["estimate"].notna()]
    lead = reader.text(f"sensitivity.{name}")
    if told.empty:
        return f"{lead} {reader.text('sensitivity.untold')}"
    bound = reader.number(told["estimate"].max(), decimals=2)
    changed = told[told["verdict"] == "changed"]
    words = reader.text("sensitivity.moved", bound=bound)
    if changed.empty:
        return f"{lead} {words} {reader.text('sensitivity.same')}"
    labels = ", ".join(_name(row, reader) for _, row in changed.iterrows())
    return f"{lead} {words} {reader.text('sensitivity.changed', labels=labels)}"


def _name(row: pd.Series, reader: Reader) -> str:
    """Return the cluster, or that cluster against the rest."""
    label = reader.quoted(row["cluster_id"])
    if row["estimate_type"].startswith("power"):
        return reader.text("sensitivity.power", label=label)
    return label


def _table(results: pd.DataFrame, variants: list[str], reader: Reader) -> Markup:
    reported = results[results["analysis"].isin(("gap", "power_use"))]
    columns = [_headlines(reported, reader)]
    columns += [_headlines(results[results["analysis"] == name], reader) for name in variants]
    names = list(dict.fromkeys(name for column in columns for name in column))
    return html_table(
        table_id="sensitivity-table",
        caption=reader.text("sensitivity.caption"),
        columns=[
            Column(heading=reader.text("table.cluster"), kind="text"),
            Column(heading=reader.text("sensitivity.reported")),
            *(Column(heading=reader.text(f"sensitivity.column.{name}")) for name in variants),
        ],
        groups=[
            Group(rows=[[name, *(column.get(name, "") for column in columns)] for name in names])
        ],
    )


def _headlines(results: pd.DataFrame, reader: Reader) -> dict[str, str]:
    """Difference with interval by name: the clusters, then power against the rest."""
    chosen = results[results["estimate_type"].isin(HEADLINES) & (results["activity_id"] == "")]
    power = chosen["analysis"].eq("power_use") | chosen["estimate_type"].eq("power_difference")
    shown = {}
    for (_, row), is_power in zip(chosen.iterrows(), power, strict=True):
        name = reader.label(row["cluster_id"])
        if is_power:
            name = reader.text("sensitivity.power", label=reader.quoted(row["cluster_id"]))
        shown[name] = estimate_with_interval(row, reader, shown=points(row, reader))
    return shown
