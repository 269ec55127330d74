"""Does the answer hold? Each headline difference by every choice that could have been made."""

from collections.abc import Iterator

import pandas as pd
from markupsafe import Markup

from research.presentation import marks
from research.presentation.gap_tables import difference_axis
from research.presentation.number_tables import estimate_with_interval
from research.presentation.numbers import is_number
from research.presentation.sections import suppression_note
from research.presentation.tables import (
    Column,
    Group,
    bullets,
    cell,
    html_table,
    paragraph,
    points,
    section,
)
from research.presentation.texts import Reader

# Choices in the order of the rows: which analysis holds the result, and as what kind of estimate.
# The first is the one reported.
CLUSTER_CHOICES: dict[str, tuple[str, str]] = {
    "reported": ("gap", "mean_difference"),
    "people": ("gap", "mean_difference_people"),
    "one_each": ("other_methods", "mean_difference_organisations"),
    "mixed": ("other_methods", "mean_difference_mixed"),
    "pooled": ("organisations", "pooled_gap"),
    "without_flagged": ("without_flagged", "mean_difference"),
    "with_flagged": ("with_flagged", "mean_difference"),
    "imputed": ("imputed", "mean_difference"),
    "allowing": ("comparability", "gap_allowing"),
}
POWER_CHOICES: dict[str, tuple[str, str]] = {
    "reported": ("power_use", "mean_difference"),
    "one_each": ("power_methods", "mean_difference_organisations"),
    "mixed": ("power_methods", "mean_difference_mixed"),
    "pooled": ("power_methods", "pooled_gap"),
    "without_flagged": ("without_flagged", "power_difference"),
    "with_flagged": ("with_flagged", "power_difference"),
    "imputed": ("imputed", "power_difference"),
}
Choices = dict[str, pd.Series]


def robust_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """The specification plot with what it says; "" where no difference was tested."""
    groups = list(_choices_by_difference(results, reader))
    if not groups:
        return Markup("")
    used = pd.DataFrame([row for _, rows in groups for row in rows.values()])
    return section(
        "robust",
        reader.text("robust.h"),
        paragraph(reader.text("robust.explain")),
        bullets(robust_sentences(groups, reader)),
        robust_chart(groups, reader),
        paragraph(reader.text("robust.read"), "caption"),
        suppression_note(used, reader),
    )


def _choices_by_difference(results: pd.DataFrame, reader: Reader) -> Iterator[tuple[str, Choices]]:
    """Yield the name of each headline difference and its result by choice, the reported first."""
    for cluster_id in reader.instrument.cluster_ids:
        rows = _choices(results, cluster_id, CLUSTER_CHOICES)
        if rows:
            yield reader.label(cluster_id), rows
    power = reader.study.power_cluster
    if power and (rows := _choices(results, power, POWER_CHOICES)):
        yield reader.text("sensitivity.power", label=reader.quoted(power)), rows


def _choices(
    results: pd.DataFrame, cluster_id: str, choices: dict[str, tuple[str, str]]
) -> Choices:
    """Return the result of every choice that was made; none without the one reported."""
    here = results[(results["cluster_id"] == cluster_id) & (results["activity_id"] == "")]
    rows = {}
    for name, (analysis, kind) in choices.items():
        found = here[(here["analysis"] == analysis) & (here["estimate_type"] == kind)]
        if len(found):
            rows[name] = found.iloc[0]
    told = "reported" in rows and is_number(rows["reported"]["ci_low"])
    return rows if told and len(rows) > 1 else {}


def same_conclusion(row: pd.Series, reported: pd.Series) -> bool | None:
    """Whether both say the same of direction and zero; None where there is no interval to say it.

    The same direction, and the interval leaves zero out where the reported one does.
    """
    if not is_number(row["ci_low"]):
        return None
    sides = [_side(result) for result in (row, reported)]
    alike = (row["estimate"] > 0) == (reported["estimate"] > 0)
    return sides[0] == sides[1] and (alike or sides[0] == 0)


def _side(row: pd.Series) -> int:
    """Return 1 where the whole interval lies above zero, -1 below, 0 where it holds zero."""
    return int(row["ci_low"] > 0) - int(row["ci_high"] < 0)


def _changed(rows: Choices) -> list[str]:
    reported = rows["reported"]
    return [name for name, row in rows.items() if same_conclusion(row, reported) is False]


def robust_title(groups: list[tuple[str, Choices]], reader: Reader) -> str:
    """On how many of the differences some choice changes the conclusion."""
    changed = sum(bool(_changed(rows)) for _, rows in groups)
    key = "robust.title.some" if changed else "robust.title.none"
    return reader.text(key, changed=changed, total=len(groups))


def robust_sentences(groups: list[tuple[str, Choices]], reader: Reader) -> list[str]:
    """Per difference between which values the choices put it, and which change the conclusion."""
    lines = []
    for name, rows in groups:
        told = [row for row in rows.values() if is_number(row["estimate"])]
        low, high = (pick(told, key=lambda row: row["estimate"]) for pick in (min, max))
        line = reader.text(
            "robust.range",
            name=name,
            count=len(told),
            low=points(low, reader)(low["estimate"], signed=True),
            high=points(high, reader)(high["estimate"], signed=True),
        )
        if changed := _changed(rows):
            names = "; ".join(reader.text(f"robust.choice.{choice}") for choice in changed)
            line = f"{line} {reader.text('robust.changed', names=names)}"
        lines.append(line)
    return lines


def robust_chart(groups: list[tuple[str, Choices]], reader: Reader) -> Markup:
    """One row a choice under its difference: estimate, interval, same conclusion, and the mark."""
    drawn = pd.DataFrame([row for _, rows in groups for row in rows.values()])
    limit, heading = difference_axis(drawn, reader)
    bodies = [
        Group(heading=name, rows=[_row(choice, rows, limit, reader) for choice in rows])
        for name, rows in groups
    ]
    return html_table(
        table_id="robust-chart",
        caption=robust_title(groups, reader),
        columns=[
            Column(heading=reader.text("robust.choice"), kind="text"),
            Column(heading=reader.text("gap.difference")),
            Column(heading=reader.text("robust.same"), kind="text", narrow=False),
            Column(heading=heading, kind="chart"),
        ],
        groups=bodies,
    )


def _estimate(row: pd.Series, reader: Reader) -> str:
    """Return the estimate with its interval, or alone where the method gives none."""
    shown = points(row, reader)
    if is_number(row["estimate"]) and not is_number(row["ci_low"]):
        return cell(row, "estimate", reader, shown=shown)
    return estimate_with_interval(row, reader, shown=shown)


def _row(choice: str, rows: Choices, limit: float, reader: Reader) -> list[str | Markup]:
    row, reported = rows[choice], choice == "reported"
    words = reader.text(f"robust.choice.{choice}")
    same = None if reported else same_conclusion(row, rows["reported"])
    verdict = {None: "reason.none", True: "robust.yes", False: "robust.no"}[same]
    return [
        Markup("<b>{}</b>").format(words) if reported else words,
        _estimate(row, reader),
        reader.text(verdict),
        marks.forest_mark(
            row["estimate"],
            row["ci_low"],
            row["ci_high"],
            limit=limit,
            margin=reader.study.margin,
            hollow=not reported,
        ),
    ]
