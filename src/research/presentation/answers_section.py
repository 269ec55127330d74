"""What people answered: a bar of 100 % per activity, a panel per cluster and role."""

import pandas as pd
from markupsafe import Markup

from research.presentation import marks, titles
from research.presentation.gap_tables import with_words
from research.presentation.measurement_cells import rows_by
from research.presentation.numbers import is_number
from research.presentation.sections import suppression_note
from research.presentation.tables import (
    Column,
    Group,
    bullets,
    cell,
    html_table,
    paragraph,
    section,
)
from research.presentation.texts import Reader

Shares = dict[tuple, pd.Series]


def answers_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """Shares of every answer: a sentence a cluster, the key, a chart a role; "" without them."""
    found = results[results["analysis"] == "answers"]
    if found.empty:
        return Markup("")
    privacy = reader.study.privacy
    roles = list(dict.fromkeys(found["role"]))
    return section(
        "answers",
        reader.text("answers.h"),
        bullets(answer_sentences(found, reader)),
        paragraph(reader.text("answers.read")),
        answers_key(reader),
        *(answers_chart(found, reader, role=role) for role in roles),
        paragraph(
            reader.text(
                "answers.rule",
                spread=privacy.minimum_n_distribution,
                extreme=privacy.minimum_n_extreme_share,
                share=reader.share(0.1),
            ),
            "caption",
        ),
        *(
            paragraph(reader.text("answers.fives", plural=reader.plural(role)), "caption")
            for role in dict.fromkeys(found.loc[found["test"] == "in_fives", "role"])
        ),
        suppression_note(found, reader),
    )


def share_above(found: pd.DataFrame, reader: Reader) -> dict[tuple[str, str], float]:
    """Share of a cluster's answers above the midpoint by role and cluster; only where shown."""
    rows = found[(found["estimate_type"] == "answer_share") & (found["activity_id"] == "")]
    above = rows[rows["statistic"] > reader.instrument.scale.midpoint]
    return above.groupby(["role", "cluster_id"], sort=False)["estimate"].sum().to_dict()


def answer_sentences(found: pd.DataFrame, reader: Reader) -> list[str]:
    """Per cluster the share of answers above the midpoint, by role; none where it is withheld."""
    shares = share_above(found, reader)
    roles = [role for role in reader.study.role_ids if role in set(found["role"])]
    lines = []
    for cluster_id in reader.instrument.cluster_ids:
        told = [shares.get((role, cluster_id)) for role in roles]
        if any(share is None for share in told):
            continue
        words = {
            "label": reader.quoted(cluster_id),
            "midpoint": reader.short(reader.instrument.scale.midpoint),
            "first": reader.share(told[0]),
            "first_plural": reader.plural(roles[0]),
        }
        if len(roles) == 1:
            lines.append(reader.text("answers.cluster.one", **words))
        else:
            words |= {"second": reader.share(told[1]), "second_plural": reader.plural(roles[1])}
            lines.append(reader.text("answers.cluster", **words))
    return lines


def answers_key(reader: Reader) -> Markup:
    """Colour and words of every answer, lowest first."""
    scale = reader.instrument.scale
    colours = marks.answer_colours(len(scale.points))
    items = Markup("").join(
        Markup('<li><span style="{}background:{}"></span>{}</li>').format(
            _SWATCH, colour, _answer_words(point, reader)
        )
        for point, colour in zip(scale.points, colours, strict=True)
    )
    return Markup('<ul class="key">{}</ul>').format(items)


# Printed as well: browsers leave backgrounds out of print unless told otherwise.
_SWATCH = Markup(
    "display:inline-block;width:1em;height:1em;margin-right:.4em;vertical-align:-.1em;"
    "border:1px solid #8a8f98;print-color-adjust:exact;-webkit-print-color-adjust:exact;"
)


def _answer_words(point: int, reader: Reader) -> str:
    """Return the answer with its label, where the scale has a label for every point."""
    scale = reader.instrument.scale
    labels = scale.labels.get(reader.language)
    if len(labels) == len(scale.points):
        return f"{point} {labels[list(scale.points).index(point)]}"
    ends = {scale.points[0]: labels[0], scale.points[-1]: labels[-1]}
    return f"{point} {ends[point]}" if point in ends else str(point)


def answers_chart(found: pd.DataFrame, reader: Reader, *, role: str) -> Markup:
    """The bars of one role: per cluster all its answers together, then each activity.

    Columns: people, the share of every answer, who gave none, and the bar. On a phone the bars
    stay; their numbers stand in the table of the page's numbers as well.
    """
    own = found[found["role"] == role]
    shares = rows_by(own, "answer_share", "cluster_id", "activity_id", "statistic")
    missing = rows_by(own, "share_missing", "activity_id")
    withheld = rows_by(own, "answer_share", "cluster_id", "activity_id")
    instrument = reader.instrument
    groups = []
    for cluster_id in instrument.cluster_ids:
        activities = instrument.activities_of(cluster_id)
        rows = [
            _row((cluster_id, activity), shares, withheld, missing.get((activity,)), reader)
            for activity in ["", *activities]
        ]
        groups.append(Group(rows=rows, heading=reader.label(cluster_id)))
    return html_table(
        table_id=f"answers-{role}",
        caption=titles.answers_title(share_above(own, reader), reader, role=role),
        columns=_columns(reader),
        groups=groups,
    )


def _columns(reader: Reader) -> list[Column]:
    percentages = [(share, reader.share(share)) for share in (0.0, 0.5, 1.0)]
    axis = marks.axis_mark(percentages, low=0, high=1)
    return [
        Column(heading=reader.text("table.activity"), kind="text"),
        Column(heading=reader.text("table.n"), narrow=False),
        *(Column(heading=str(point), narrow=False) for point in reader.instrument.scale.points),
        Column(heading=reader.text("answers.none"), narrow=False),
        Column(heading=with_words(axis, reader.text("answers.axis")), kind="chart"),
    ]


def _row(
    place: tuple[str, str],
    shares: Shares,
    withheld: Shares,
    missing: pd.Series | None,
    reader: Reader,
) -> list[str | Markup]:
    """One bar with its numbers; the first row of a cluster is all its answers together."""
    points = reader.instrument.scale.points
    found = [shares.get((*place, float(point))) for point in points]
    label = reader.label(place[1]) if place[1] else reader.text("answers.together")
    shown = all(row is not None and is_number(row["estimate"]) for row in found)
    none = reader.text("reason.none")
    without = none if missing is None else cell(missing, "estimate", reader, shown=reader.share)
    if not shown:
        why = cell(withheld[place], "estimate", reader)
        return [label, why, *(why for _ in points), without, marks.answers_mark([float("nan")])]
    values = [row["estimate"] for row in found]
    return [
        label if place[1] else Markup("<b>{}</b>").format(label),
        cell(found[0], "n_a", reader, shown=reader.count),
        *(cell(row, "estimate", reader, shown=reader.share) for row in found),
        without,
        marks.answers_mark(values),
    ]
