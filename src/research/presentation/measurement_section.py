"""May scores be added up, and may the roles be compared? The evidence behind the verdict."""

from collections.abc import Callable

import pandas as pd
from markupsafe import Markup

from research.presentation.comparability_note import (
    NOT_COMPARABLE,
    WITH_CARE,
    between_roles,
    comparability_badge,
    released_of,
    verdict_note,
    verdicts,
    why_not,
)
from research.presentation.measurement_cells import (
    care_note,
    headings,
    role_heading,
    rows_by,
    shown_cell,
    shown_test,
    three_decimals,
)
from research.presentation.measurement_tables import structure_table
from research.presentation.numbers import is_number
from research.presentation.sections import suppression_note
from research.presentation.sentences import extremes_sentence, withheld_words
from research.presentation.tables import (
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
from research.presentation.texts import Reader

STEPS = ("configural", "thresholds", "loadings", "intercepts", "residuals")


def comparability_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """The answer, the verdict per cluster, what was released and what every step costs."""
    overall, clusters = verdicts(results)
    if overall is None:
        return Markup("")
    found = between_roles(results)
    return section(
        "comparability",
        reader.text("comparability.h"),
        verdict_note(results, reader, closing=reader.text("comparability.means")),
        verdict_table(results, reader),
        suppression_note(clusters, reader),
        merged_part(found, reader),
        released_table(results, reader),
        cost_table(found, reader),
        item_by_item(found, reader),
        simulated_part(results, reader),
        paragraph(reader.text("comparability.rule"), "caption"),
        subheading("comparability-sum-h", reader.text("comparability.sum.h")),
        sum_part(results, reader),
        paragraph(reader.text("comparability.sum.where", heading=reader.text("measures.h"))),
    )


def merged_part(found: pd.DataFrame, reader: Reader) -> Markup:
    """How many activities had an answer that only one role gave; "" without any."""
    count = found.loc[found["estimate_type"] == "merged_answers", "estimate"].sum()
    if not count > 0:
        return Markup("")
    return paragraph(reader.text("comparability.merged", count=reader.count(count)), "caption")


def item_by_item(found: pd.DataFrame, reader: Reader) -> Markup:
    """What tests of single activities say where the steps could not be tested; "" elsewhere."""
    tested = found[(found["estimate_type"] == "dif") & (found["verdict"] != "")]
    if tested.empty:
        return Markup("")
    off = tested[tested["verdict"].isin(("B", "C"))]
    labels = ", ".join(reader.label(activity) for activity in off["activity_id"])
    key = "comparability.items.some" if labels else "comparability.items.none"
    words = {"labels": labels} if labels else {}
    return paragraph(reader.text(key, count=reader.count(len(tested)), **words))


def sum_part(results: pd.DataFrame, reader: Reader) -> Markup:
    """How much the activities of a cluster have in common, and the fit of all clusters at once."""
    omegas = results[results["estimate_type"] == "ordinal_omega"]
    if omegas.empty:
        return Markup("")
    what = extremes_sentence(omegas, reader, what="comparability.sum", kind="proportion")
    return paragraph(what) + structure_table(results, reader)


def verdict_table(results: pd.DataFrame, reader: Reader) -> Markup:
    """Per cluster the verdict, where the steps stopped, and the difference before and after."""
    _, clusters = verdicts(results)
    gaps = pick(results[results["analysis"] == "gap"], "mean_difference", level="clusters")
    allowing = rows_by(between_roles(results), "gap_allowing", "cluster_id")
    if clusters.empty:
        return Markup("")
    rows = []
    for _, row in clusters.iterrows():
        cluster_id = row["cluster_id"]
        after = allowing.get((cluster_id,)) if row["verdict"] == WITH_CARE else None
        before = gaps.loc[cluster_id] if cluster_id in gaps.index else None
        rows.append(
            [
                reader.label(cluster_id),
                comparability_badge(row["verdict"], reader),
                _stopped(row, reader),
                _released_labels(between_roles(results), row, reader),
                _signed(before, reader),
                _signed(after, reader),
            ]
        )
    names = ("verdict", "stopped", "released", "before", "after")
    columns = [reader.text(f"comparability.table.{name}") for name in names]
    return html_table(
        table_id="comparability-verdicts",
        caption=reader.text("comparability.caption"),
        columns=headings(reader, "table.cluster", columns, words=columns[:3]),
        groups=[Group(rows=rows)],
    )


def _stopped(
    row: pd.Series, reader: Reader, *, why: Callable[[pd.Series, Reader], str] = why_not
) -> str:
    """The first step that did not hold, "none" where all did, or why there is no telling."""
    if row["test"]:
        return reader.text(f"measurement.step.{row['test']}")
    if row["note"]:
        return why(row, reader)
    return reader.text("comparability.none")


def _released_labels(results: pd.DataFrame, row: pd.Series, reader: Reader) -> str:
    """The activities released, in words where there are none or too many of them."""
    if row["verdict"] == NOT_COMPARABLE and row["test"] != "configural":
        return reader.text("comparability.too_many")
    released = released_of(results, row["cluster_id"])
    if row["verdict"] == WITH_CARE and len(released):
        return ", ".join(reader.label(entry) for entry in released["activity_id"])
    untested = row["verdict"] == NOT_COMPARABLE or not is_number(row["estimate"])
    return reader.text("reason.none" if untested else "comparability.none")


def _signed(row: pd.Series | None, reader: Reader) -> str:
    if row is None:
        return reader.text("reason.none")
    return cell(row, "estimate", reader, shown=lambda x: points(row, reader)(x, signed=True))


def released_table(results: pd.DataFrame, reader: Reader) -> Markup:
    """How much higher the first role answers each released activity at the same level."""
    _, clusters = verdicts(results)
    groups = []
    for cluster_id in clusters.loc[clusters["verdict"] == WITH_CARE, "cluster_id"]:
        rows = [
            [
                reader.label(row["activity_id"]),
                reader.text(f"measurement.step.{row['test']}"),
                _signed(row, reader),
                interval(row, reader),
            ]
            for _, row in released_of(between_roles(results), cluster_id).iterrows()
        ]
        if rows:
            groups.append(Group(rows=rows, heading=reader.label(cluster_id)))
    if not groups:
        return Markup("")
    keys = ("comparability.released.step", "gap.difference", "table.interval")
    columns = [reader.text(key) for key in keys]
    return html_table(
        table_id="comparability-released",
        caption=reader.text("comparability.released.caption"),
        columns=headings(reader, "table.activity", columns, words=columns[:1]),
        groups=groups,
    )


def cost_table(found: pd.DataFrame, reader: Reader) -> Markup:
    """What every step costs, a row a cluster: its test and the RMSEA of the difference."""
    costs = rows_by(found, "ladder_cost", "cluster_id", "test")
    steps = [step for step in STEPS if any(step == test for _, test in costs)]
    rows = [
        [
            reader.label(cluster_id),
            *(_cost(costs.get((cluster_id, step)), reader) for step in steps),
        ]
        for cluster_id in dict.fromkeys(cluster_id for cluster_id, _ in costs)
    ]
    if not rows:
        return Markup("")
    return html_table(
        table_id="comparability-steps",
        caption=reader.text("comparability.steps.caption"),
        columns=headings(
            reader, "table.cluster", [reader.text(f"measurement.step.{step}") for step in steps]
        ),
        groups=[Group(rows=rows)],
    )


def _cost(row: pd.Series | None, reader: Reader) -> Markup | str:
    test = shown_test(row, reader)
    if row is None or not is_number(row["estimate"]):
        return test
    error = reader.proportion(row["estimate"], decimals=3)
    words = reader.text("measurement.cost.rmsea", value=error)
    return Markup("{}<br>{}").format(test, words)


def simulated_part(results: pd.DataFrame, reader: Reader) -> Markup:
    """How often the rule judges rightly in a simulated study of this size; "" without one."""
    found = rows_by(results, "measured_stop", "test")
    lines = [
        reader.text(f"comparability.simulated.{test}", share=reader.share(row["estimate"]))
        for (test,), row in found.items()
        if is_number(row["estimate"])
    ]
    if not lines:
        return Markup("")
    sizes = next(iter(found.values()))
    n_a, n_b = (reader.count(sizes[column]) for column in ("n_a", "n_b"))
    words = {"n_a": n_a, "n_b": n_b}
    if is_number(sizes["n_clusters"]):
        organisations = reader.count(sizes["n_clusters"])
        lead = reader.text("comparability.simulated.nested", organisations=organisations, **words)
    else:
        lead = reader.text("comparability.simulated", **words)
    return paragraph(lead) + bullets(lines)


def ladder_table(results: pd.DataFrame, reader: Reader) -> Markup:
    """Every step of every cluster: fit, its indices, their changes and the cost of the step."""
    found = between_roles(results)
    place = ("cluster_id", "test")
    fits, costs = (rows_by(found, name, *place) for name in ("ladder_fit", "ladder_cost"))
    indices = [
        rows_by(found, f"ladder_{name}", *place)
        for name in ("cfi", "rmsea", "delta_cfi", "delta_rmsea", "delta_srmr")
    ]
    groups = []
    for cluster_id in reader.instrument.cluster_ids:
        rows = []
        for step in STEPS:
            if (key := (cluster_id, step)) in fits:
                cfi, rmsea, *deltas = (
                    shown_cell(table.get(key), reader, three_decimals(reader)) for table in indices
                )
                rows.append(
                    [
                        reader.text(f"measurement.step.{step}"),
                        shown_test(fits[key], reader),
                        *(cfi, rmsea, shown_cell(fits[key], reader, three_decimals(reader))),
                        *deltas,
                        shown_test(costs.get(key), reader),
                        shown_cell(costs.get(key), reader, three_decimals(reader)),
                    ]
                )
        if rows:
            groups.append(Group(rows=rows, heading=reader.label(cluster_id)))
    columns = ("test", "cfi", "rmsea", "srmr", "delta_cfi", "delta_rmsea", "delta_srmr")
    columns += ("cost", "rmsea_difference")
    table = html_table(
        table_id="measurement-ladder",
        caption=reader.text("measurement.ladder.caption"),
        columns=headings(
            reader, "measurement.step", [reader.text(f"measurement.{name}") for name in columns]
        ),
        groups=groups,
    )
    ladder = found["estimate_type"].str.startswith("ladder_")
    return table + care_note(found[ladder], reader)


def waves_table(results: pd.DataFrame, reader: Reader) -> Markup:
    """Does a role use the scale in a later wave as in the first? "" where there is one wave."""
    found = results[results["analysis"] == "waves"]
    groups = []
    for (role, contrast), own in found.groupby(["role", "contrast"], sort=False):
        rows = [
            [
                reader.label(row["cluster_id"]),
                comparability_badge(row["verdict"], reader),
                _stopped(row, reader, why=withheld_words),
                _released_labels(own, row, reader),
            ]
            for _, row in own[own["estimate_type"] == "comparability"].iterrows()
        ]
        heading = f"{role_heading(reader, role)}: {contrast}"
        groups.append(Group(rows=rows, heading=heading))
    if not groups:
        return Markup("")
    names = ("verdict", "stopped", "released")
    columns = [reader.text(f"comparability.table.{name}") for name in names]
    return html_table(
        table_id="comparability-waves",
        caption=reader.text("comparability.waves.caption"),
        columns=headings(reader, "table.cluster", columns, words=columns),
        groups=groups,
    )
