"""Tables about single activities: with their cluster, between the roles, and by level."""

import pandas as pd
from markupsafe import Markup

from research.presentation.gap_tables import grouped
from research.presentation.measurement_cells import (
    care_note,
    headings,
    rows_by,
    shown_cell,
    shown_test,
)
from research.presentation.tables import html_table, paragraph, reason
from research.presentation.texts import Reader

FUNCTIONING = ("uniform", "non_uniform", "total")


def items_table(results: pd.DataFrame, reader: Reader) -> Markup:
    """How each activity goes with the others: item-rest, alpha without it, adequacy, per role."""
    columns = []
    for name in ("item_rest", "alpha_if_dropped", "kmo"):
        found = rows_by(results[results["activity_id"] != ""], name, "role", "activity_id")
        columns += [(name, role, found) for role in dict.fromkeys(role for role, _ in found)]
    rows = {
        activity: [
            reader.label(activity),
            *(
                shown_cell(found.get((role, activity)), reader, reader.proportion)
                for _, role, found in columns
            ),
        ]
        for activity in reader.instrument.activity_ids
    }
    named = [f"{reader.text(f'measurement.{name}')}, {reader.plural(r)}" for name, r, _ in columns]
    table = html_table(
        table_id="measurement-items",
        caption=reader.text("measurement.items.caption"),
        columns=headings(reader, "table.activity", named),
        groups=grouped(rows, reader, level="activities"),
    )
    return table + care_note(_of_types(results, ["item_rest", "alpha_if_dropped", "kmo"]), reader)


def loadings_table(results: pd.DataFrame, reader: Reader) -> Markup:
    """Loadings: of the one factor behind the cluster per role, then exploratory per role."""
    one = rows_by(results, "loading", "role", "activity_id")
    several = rows_by(results, "efa_loading", "role", "statistic", "activity_id")
    columns = [
        (reader.text("measurement.loading", plural=reader.plural(role)), one, (role,))
        for role in dict.fromkeys(role for role, _ in one)
    ]
    columns += [
        (
            reader.text("measurement.efa", number=reader.short(number), plural=reader.plural(role)),
            several,
            (role, number),
        )
        for role, number in sorted(
            {key[:2] for key in several},
            key=lambda key: (reader.study.role_ids.index(key[0]), key[1]),
        )
    ]
    rows = {
        activity: [
            reader.label(activity),
            *(
                shown_cell(found.get((*place, activity)), reader, reader.proportion)
                for _, found, place in columns
            ),
        ]
        for activity in reader.instrument.activity_ids
    }
    table = html_table(
        table_id="measurement-loadings",
        caption=reader.text("measurement.loadings.caption"),
        columns=headings(reader, "table.activity", [heading for heading, _, _ in columns]),
        groups=grouped(rows, reader, level="activities"),
    )
    return table + care_note(_of_types(results, ["loading", "efa_loading"]), reader)


def thresholds_table(results: pd.DataFrame, reader: Reader) -> Markup:
    """Thresholds of every activity per role, with interval."""
    found = rows_by(results, "threshold", "role", "statistic", "activity_id")
    places = sorted(
        {key[:2] for key in found},
        key=lambda key: (key[1], reader.study.role_ids.index(key[0])),
    )
    rows = {
        activity: [
            reader.label(activity),
            *(shown_cell(found.get((*place, activity)), reader, reader.number) for place in places),
        ]
        for activity in reader.instrument.activity_ids
    }
    named = [
        reader.text("measurement.threshold", number=reader.short(k), plural=reader.plural(role))
        for role, k in places
    ]
    table = html_table(
        table_id="measurement-thresholds",
        caption=reader.text("measurement.thresholds.caption"),
        columns=headings(reader, "table.activity", named),
        groups=grouped(rows, reader, level="activities"),
    )
    return table + care_note(_of_types(results, ["threshold"]), reader)


def functioning_table(results: pd.DataFrame, reader: Reader) -> Markup:
    """Whether an activity is answered alike at equal level: tests, gain, class, odds ratio."""
    tests = {
        (test, activity): row
        for (test, activity), row in rows_by(results, "dif", "test", "activity_id").items()
    }
    odds = rows_by(results, "dif_odds_ratio", "activity_id")
    rows = {}
    for activity in reader.instrument.activity_ids:
        total = tests.get(("total", activity))
        if total is not None:
            rows[activity] = [
                reader.label(activity),
                *(
                    shown_test(tests.get((t, activity)), reader, p="p_adjusted")
                    for t in FUNCTIONING
                ),
                shown_cell(total, reader, lambda gain: reader.proportion(gain, decimals=3)),
                total["verdict"] or reason(total, reader),
                shown_cell(odds.get((activity,)), reader, reader.ratio),
            ]
    columns = [f"measurement.dif.{name}" for name in (*FUNCTIONING, "gain", "class")]
    table = html_table(
        table_id="measurement-dif",
        caption=reader.text("measurement.dif.caption"),
        columns=headings(
            reader,
            "table.activity",
            [reader.text(key) for key in (*columns, "methods.odds")],
        ),
        groups=grouped(rows, reader, level="activities"),
    )
    care = care_note(_of_types(results, ["dif", "dif_odds_ratio"]), reader)
    return table + care + paragraph(reader.text("measurement.dif.read"), "caption")


def information_table(results: pd.DataFrame, reader: Reader) -> Markup:
    """How sharply each activity tells people apart and where; a sentence without the extra."""
    found = results[results["analysis"] == "information"]
    sharp = rows_by(found, "discrimination", "activity_id")
    peak = rows_by(found, "information_peak", "activity_id")
    if not peak:
        why = reason(found.iloc[0], reader) if len(found) else reader.text("reason.not_made")
        return paragraph(reader.text("measurement.information.none", reason=why))
    rows = {
        activity: [
            reader.label(activity),
            shown_cell(sharp.get((activity,)), reader, reader.number),
            shown_cell(peak.get((activity,)), reader, reader.number),
            shown_cell(
                peak.get((activity,)),
                reader,
                lambda level: reader.number(level, decimals=1, signed=True),
                "statistic",
            ),
        ]
        for activity in reader.instrument.activity_ids
    }
    columns = ("discrimination", "peak", "peak_at")
    table = html_table(
        table_id="measurement-information",
        caption=reader.text("measurement.information.caption"),
        columns=headings(
            reader,
            "table.activity",
            [reader.text(f"measurement.information.{name}") for name in columns],
        ),
        groups=grouped(rows, reader, level="activities"),
    )
    care = care_note(_of_types(found, ["discrimination", "information_peak"]), reader)
    return table + care + paragraph(reader.text("measurement.information.read"), "caption")


def _of_types(results: pd.DataFrame, estimate_types: list[str]) -> pd.DataFrame:
    """The rows about single activities of these kinds."""
    chosen = results["estimate_type"].isin(estimate_types) & (results["activity_id"] != "")
    return results[chosen]
