"""Do the activities of a cluster belong together? Tables of reliability and of dimensions."""

from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from research.presentation.measurement_cells import (
    care_note,
    headings,
    method_words,
    role_heading,
    rows_by,
    shown_cell,
    shown_test,
    three_decimals,
)
from research.presentation.tables import Group, html_table, paragraph, points
from research.presentation.texts import Reader

# What the study report shows of each cluster, and what the notebook adds.
REPORTED = (
    "cronbach_alpha",
    "omega_total",
    "omega_hierarchical",
    "ordinal_omega",
    "split_half_worst",
    "standard_error_of_measurement",
)
FURTHER = ("ordinal_alpha", "ordinal_omega_latent", "split_half", "split_half_best")
FACTOR_COUNTS = ("parallel_pearson", "parallel_polychoric", "map")


def reliability_table(
    results: pd.DataFrame, reader: Reader, *, kinds: Sequence[str] = REPORTED
) -> Markup:
    """Coefficients per role and cluster, with method and matrix of each under the table."""
    found = results[(results["analysis"] == "reliability") & (results["activity_id"] == "")]
    kinds = [name for name in kinds if (found["estimate_type"] == name).any()]
    tables = {name: rows_by(found, name, "role", "cluster_id") for name in kinds}
    groups = []
    for role in dict.fromkeys(found["role"]):
        rows = []
        for cluster_id in reader.instrument.cluster_ids:
            place = (role, cluster_id)
            row = [reader.label(cluster_id), str(len(reader.instrument.activities_of(cluster_id)))]
            row += [_coefficient(tables[name].get(place), reader) for name in kinds]
            counted = next((t[place] for t in tables.values() if place in t), None)
            rows.append([*row, shown_cell(counted, reader, reader.count, "n_a")])
        groups.append(Group(rows=rows, heading=role_heading(reader, role)))
    names = [reader.text(f"measurement.coefficient.{name}") for name in kinds]
    table = html_table(
        table_id="measures-alpha",
        caption=reader.text("measures.caption"),
        columns=headings(
            reader,
            "table.cluster",
            [reader.text("table.items"), *names, reader.text("table.n")],
        ),
        groups=groups,
    )
    shown = found[found["estimate_type"].isin(kinds)]
    return table + care_note(shown, reader) + _methods(tables, names, reader)


def _coefficient(row: pd.Series | None, reader: Reader) -> str:
    if row is not None and row["estimate_type"] == "standard_error_of_measurement":
        return shown_cell(row, reader, points(row, reader))
    return shown_cell(row, reader, reader.proportion)


def _methods(tables: dict[str, dict], names: list[str], reader: Reader) -> Markup:
    """Name, method and matrix of every coefficient in one line, those of one method together."""
    used: dict[str, list[str]] = {}
    for name, rows in zip(names, tables.values(), strict=True):
        tests = dict.fromkeys(row["test"] for row in rows.values() if row["test"])
        used.setdefault(" / ".join(method_words(test, reader) for test in tests), []).append(name)
    lines = [f"{', '.join(own)}: {words}" for words, own in used.items() if words]
    if not lines:
        return Markup("")
    return paragraph(reader.text("measures.methods", methods="; ".join(lines)), "caption")


def structure_table(results: pd.DataFrame, reader: Reader) -> Markup:
    """Fit of the model with a factor a cluster, per role and method; "" where it was not made."""
    found = results[results["analysis"] == "dimensions"]
    fits, three = rows_by(found, "four_factors", "role", "test"), three_decimals(reader)
    if not fits:
        return Markup("")
    indices = [
        rows_by(found, name, "role", "test")
        for name in ("four_factors_cfi", "four_factors_tli", "four_factors_rmsea")
    ]
    groups = []
    for role in dict.fromkeys(role for role, _ in fits):
        rows = [
            [
                method_words(test, reader),
                shown_test(fits[role, test], reader),
                *(shown_cell(table.get((role, test)), reader, three) for table in indices),
                shown_cell(fits[role, test], reader, three),
            ]
            for test in [method for owner, method in fits if owner == role]
        ]
        groups.append(Group(rows=rows, heading=role_heading(reader, role)))
    columns = ("test", "cfi", "tli", "rmsea", "srmr")
    table = html_table(
        table_id="measurement-structure",
        caption=reader.text("measurement.structure.caption", count=len(reader.instrument.clusters)),
        columns=headings(
            reader, "methods.method", [reader.text(f"measurement.{name}") for name in columns]
        ),
        groups=groups,
    )
    shown = found["estimate_type"].str.startswith("four_factors")
    lines = paragraph(reader.text("measurement.structure.read"), "caption")
    return table + care_note(found[shown], reader) + lines


def dimensions_table(results: pd.DataFrame, reader: Reader) -> Markup:
    """Whether the answers can be factored, and how many factors each method finds, per role.

    "" where no role has enough people; ``structure_table`` says of each role why.
    """
    found = results[(results["analysis"] == "dimensions") & (results["activity_id"] == "")]
    adequacy, sphericity = (rows_by(found, name, "role") for name in ("kmo", "bartlett"))
    roles = [role for (role,) in adequacy]
    if not roles:
        return Markup("")
    counts = rows_by(found, "n_factors", "role", "test")
    extracted = rows_by(found, "ave", "role", "cluster_id")
    rows = [
        [
            reader.text("measurement.kmo"),
            *(shown_cell(adequacy.get((role,)), reader, reader.proportion) for role in roles),
        ],
        [
            reader.text("measurement.bartlett"),
            *(shown_test(sphericity.get((role,)), reader) for role in roles),
        ],
    ]
    rows += [
        [
            reader.text(f"measurement.n_factors.{name}"),
            *(shown_cell(counts.get((role, name)), reader, reader.count) for role in roles),
        ]
        for name in FACTOR_COUNTS
    ]
    rows += [
        [
            reader.text("measurement.ave", label=reader.quoted(cluster_id)),
            *(
                shown_cell(extracted.get((role, cluster_id)), reader, reader.proportion)
                for role in roles
            ),
        ]
        for cluster_id in dict.fromkeys(cluster_id for _, cluster_id in extracted)
    ]
    table = html_table(
        table_id="measurement-dimensions",
        caption=reader.text("measurement.dimensions.caption"),
        columns=headings(reader, "order.measure", [role_heading(reader, role) for role in roles]),
        groups=[Group(rows=rows)],
    )
    shown = found["estimate_type"].isin(("kmo", "n_factors", "ave"))
    return table + care_note(found[shown], reader)


def eigenvalues_table(results: pd.DataFrame, reader: Reader) -> Markup:
    """Eigenvalues with what chance gives, per role and matrix: the numbers of the scree figures."""
    found = rows_by(results, "eigenvalue", "statistic", "role", "test")
    if not found:
        return Markup("")
    places = list(dict.fromkeys(key[1:] for key in found))
    rows = [
        [
            reader.short(number),
            *(
                shown_cell(found.get((number, *place)), reader, reader.number, column)
                for place in places
                for column in ("estimate", "ci_high")
            ),
        ]
        for number in dict.fromkeys(key[0] for key in found)
    ]
    named = [
        f"{reader.text(f'figure.scree.{matrix}')}, {reader.plural(role)}: {reader.text(key)}"
        for role, matrix in places
        for key in ("figure.scree.observed", "figure.scree.chance")
    ]
    return html_table(
        table_id="measurement-eigenvalues",
        caption=reader.text("measurement.eigenvalues.caption"),
        columns=headings(reader, "figure.scree.axis", named),
        groups=[Group(rows=rows)],
    )


def distinct_table(results: pd.DataFrame, reader: Reader) -> Markup:
    """Whether two clusters are two things: factor correlation and HTMT a pair, per role."""
    found = results[results["analysis"] == "dimensions"]
    names = ("factor_correlation", "htmt")
    tables = [rows_by(found, name, "role", "cluster_id", "contrast") for name in names]
    places = dict.fromkeys(key for table in tables for key in table)
    if not places:
        return Markup("")
    roles = list(dict.fromkeys(role for role, _, _ in places))
    rows = [
        [
            f"{reader.label(one)} \N{EN DASH} {reader.label(other)}",
            *(
                shown_cell(table.get((role, one, other)), reader, reader.proportion)
                for role in roles
                for table in tables
            ),
        ]
        for one, other in dict.fromkeys((one, other) for _, one, other in places)
    ]
    named = [
        f"{reader.text(f'measurement.{name}')}, {reader.plural(role)}"
        for role in roles
        for name in names
    ]
    table = html_table(
        table_id="measurement-distinct",
        caption=reader.text("measurement.distinct.caption"),
        columns=headings(reader, "measurement.pair", named),
        groups=[Group(rows=rows)],
    )
    return table + care_note(found[found["estimate_type"].isin(names)], reader)
