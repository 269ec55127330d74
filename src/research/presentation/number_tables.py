"""Every number behind the differences, in one table a level: what a referee asks for."""

from collections.abc import Callable
from functools import partial

import pandas as pd
from markupsafe import Markup

from research.presentation.gap_tables import entry_name, grouped
from research.presentation.numbers import is_number
from research.presentation.tables import (
    Column,
    cell,
    html_table,
    interval,
    pick,
    points,
    score_decimals,
)
from research.presentation.texts import Reader

# Heading of each column, in order; what fills it stands in ``_row``.
HEADINGS = (
    "gap.statistic",
    "gap.df",
    "gap.p",
    "gap.p_adjusted",
    "gap.hedges_g",
    "gap.superiority",
    "gap.p_equivalence",
    "gap.detectable",
    "gap.n",
)
BESIDE = ("mean_difference", "hedges_g", "superiority", "equivalence", "detectable_difference")


def numbers_table(results: pd.DataFrame, reader: Reader, *, level: str, table_id: str) -> Markup:
    """Means, test, correction, effect sizes, equivalence, detectable difference and n per row."""
    found = {name: pick(results, name, level=level) for name in BESIDE}
    roles = reader.study.role_ids
    found |= {role: pick(results, "mean", level=level, role=role) for role in roles}
    rows = {
        entry: _row(entry, {name: table.loc[entry] for name, table in found.items()}, reader)
        for entry in found["mean_difference"].index
    }
    return html_table(
        table_id=table_id,
        caption=reader.text(f"gap.numbers.caption.{level}"),
        columns=[
            Column(heading=reader.text(entry_name(level)), kind="text"),
            *(Column(heading=reader.plural(role)) for role in roles),
            *(Column(heading=reader.text(key)) for key in HEADINGS),
        ],
        groups=grouped(rows, reader, level=level),
    )


def _row(entry: str, found: dict[str, pd.Series], reader: Reader) -> list[str]:
    gap = found["mean_difference"]
    df_decimals = score_decimals(gap, reader) - 1
    counts = (cell(gap, column, reader, shown=reader.count) for column in ("n_a", "n_b"))
    return [
        reader.label(entry),
        *(cell(found[role], "estimate", reader) for role in reader.study.role_ids),
        cell(gap, "statistic", reader),
        cell(gap, "df", reader, shown=partial(reader.number, decimals=df_decimals)),
        cell(gap, "p_value", reader, shown=reader.p),
        cell(gap, "p_adjusted", reader, shown=reader.p),
        estimate_with_interval(found["hedges_g"], reader, shown=points(found["hedges_g"], reader)),
        estimate_with_interval(found["superiority"], reader, shown=reader.proportion),
        cell(found["equivalence"], "p_value", reader, shown=reader.p),
        cell(found["detectable_difference"], "estimate", reader),
        " / ".join(counts),
    ]


def estimate_with_interval(row: pd.Series, reader: Reader, *, shown: Callable[[float], str]) -> str:
    """Return ``0.89 (0.71 to 1.06)``, or the reason why there is none."""
    if not is_number(row["ci_low"]):
        why = cell(row, "ci_low", reader)
        withheld = str(row["note"]).startswith("suppressed") or not row["note"]
        if withheld or not is_number(row["estimate"]):
            return why
        return f"{shown(row['estimate'])} ({why})"
    return f"{shown(row['estimate'])} ({interval(row, reader, shown=shown)})"
