"""HTML tables: a caption that says what stands in it, scoped headers, numbers already words."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd
from markupsafe import Markup, escape

from research.presentation.numbers import is_number
from research.presentation.texts import Reader
from research.presentation.trace import Traced

SUPPRESSED_PREFIX = "suppressed"
IN_TENTHS = "in_tenths"
SHARE_BOUNDS = {"share_at_most": 0.1, "share_at_least": 0.9}
CELL_TAG = re.compile(r'<(table|thead|tbody|tr|td|th scope="(?:row|col|rowgroup)")(?=[ >])')
ROLES = {
    "table": "table",
    "thead": "rowgroup",
    "tbody": "rowgroup",
    "tr": "row",
    "td": "cell",
    'th scope="row"': "rowheader",
    'th scope="rowgroup"': "rowheader",
    'th scope="col"': "columnheader",
}


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column: heading (text or a drawn axis), and how its cells stand."""

    heading: str | Markup
    kind: str = "number"  # number, text or chart: a style, and chart takes the width left over
    narrow: bool = True  # whether it stays on a phone


@dataclass(frozen=True, kw_only=True)
class Group:
    """Rows under one heading; the first cell of a row is its header.

    ``row_ids`` gives every row an id that a link can lead to.
    """

    rows: Sequence[Sequence[str | Markup]]
    heading: str = ""
    row_ids: Sequence[str] = ()


def html_table(
    *, table_id: str, caption: str | Markup, columns: Sequence[Column], groups: Iterable[Group]
) -> Markup:
    """Table as HTML, wrapped in a region of its own that scrolls if it must.

    Column 1 holds the row headers. Text is escaped; ``Markup`` cells stand as they are. Where
    every column is text, a row becomes a small list on a phone (page.css, ``table.words``).
    """
    chart = any(column.kind == "chart" for column in columns)
    words = all(column.kind == "text" for column in columns)
    head = Markup("").join(
        Markup('<th scope="col" class="{}">{}</th>').format(_css(column), column.heading)
        for column in columns
    )
    bodies = Markup("").join(_body(group, columns) for group in groups)
    kind = "chart" if chart else "words" if words else "numbers"
    table = Markup(
        '<table id="{}" class="{}"><caption>{}</caption><thead><tr>{}</tr></thead>{}</table>'
    ).format(table_id, kind, caption, head, bodies)
    if chart:
        return table
    if words:
        return _with_roles(table)
    return Markup(
        '<div class="table-region" role="region" tabindex="0" aria-label="{}">{}</div>'
    ).format(Markup(caption).striptags(), table)


def _with_roles(table: Markup) -> Markup:
    """Table that stays one for a screen reader when its style lays the cells out as a list."""
    return Markup(CELL_TAG.sub(lambda found: f'{found[0]} role="{ROLES[found[1]]}"', table))


def _label(column: Column) -> Markup:
    """Heading of a text column, repeated in the cell for where the heading is not in sight."""
    if column.kind != "text":
        return Markup("")
    return Markup(' data-label="{}"').format(Markup(escape(column.heading)).striptags())


def _css(column: Column) -> str:
    return column.kind if column.narrow else f"{column.kind} wide"


def _body(group: Group, columns: Sequence[Column]) -> Markup:
    lines = []
    if group.heading:
        lines.append(
            Markup('<tr class="group"><th scope="rowgroup" colspan="{}">{}</th></tr>').format(
                len(columns), group.heading
            )
        )
    for position, row in enumerate(group.rows):
        cells = [Markup('<th scope="row">{}</th>').format(row[0])]
        cells += [
            Markup('<td class="{}"{}>{}</td>').format(_css(column), _label(column), cell)
            for column, cell in zip(columns[1:], row[1:], strict=True)
        ]
        start = Markup("<tr>")
        if group.row_ids:
            start = Markup('<tr id="{}">').format(group.row_ids[position])
        lines.append(start + Markup("").join(cells) + Markup("</tr>"))
    return Markup("<tbody>{}</tbody>").format(Markup("").join(lines))


def pick(
    results: pd.DataFrame, estimate_type: str, *, level: str = "", role: str = ""
) -> pd.DataFrame:
    """Results of one kind, indexed by activity or cluster id, in the order of the instrument.

    ``level`` is activities or clusters; without it the index is the role.
    """
    chosen = results[results["estimate_type"] == estimate_type]
    if role:
        chosen = chosen[chosen["role"] == role]
    if level == "activities":
        return chosen[chosen["activity_id"] != ""].set_index("activity_id", drop=False)
    if level == "clusters":
        return chosen[(chosen["activity_id"] == "") & (chosen["cluster_id"] != "")].set_index(
            "cluster_id", drop=False
        )
    return chosen.set_index("role", drop=False)


def reason(row: pd.Series, reader: Reader) -> str:
    """Return why a number is not there: the mark [c], or the reason in words."""
    note = str(row["note"])
    if note.startswith(SUPPRESSED_PREFIX):
        return reader.text("reason.suppressed")
    if note == "":
        return reader.text("reason.none")
    if note in ("mean_at_most", "mean_at_least"):
        scale = reader.instrument.scale
        bound = scale.low + 0.1 if note == "mean_at_most" else scale.high - 0.1
        return reader.text(f"reason.{note}", value=reader.number(bound, decimals=1))
    if note in SHARE_BOUNDS:
        return reader.text(f"reason.{note}", share=reader.share(SHARE_BOUNDS[note]))
    return reader.text(f"reason.{note}")


def points(row: pd.Series, reader: Reader) -> Callable[[float], str]:
    """How scores of this result are written: with fewer decimals where few people answered."""
    return partial(reader.number, decimals=score_decimals(row, reader))


def score_decimals(row: pd.Series, reader: Reader) -> int:
    """Return the decimals of a score, by the smaller of the groups it is made from.

    One where it was rounded to tenths for the sake of another number.
    """
    if row["note"] == IN_TENTHS:
        return 1
    n = row[["n_a", "n_b"]].astype(float).min(skipna=True)
    return reader.study.privacy.decimals(n)


def cell(
    row: pd.Series, column: str, reader: Reader, *, shown: Callable[[float], str] | None = None
) -> str:
    """One number of a result, or the reason why there is none."""
    if is_number(row[column]):
        return Traced((shown or points(row, reader))(row[column]), row)
    return Traced(reason(row, reader), row)


def interval(row: pd.Series, reader: Reader, *, shown: Callable[[float], str] | None = None) -> str:
    """Return the interval of a result: ``0.67 to 1.03``; never a comma between the limits."""
    if not (is_number(row["ci_low"]) and is_number(row["ci_high"])):
        return Traced(reason(row, reader), row)
    shown = shown or points(row, reader)
    between = {"en": "to", "nl": "tot"}[reader.language]
    return Traced(f"{shown(row['ci_low'])} {between} {shown(row['ci_high'])}", row)


def verdict_chip(verdict: str, reader: Reader) -> Markup:
    """Verdict as words with a shape of its own, so that colour is not the only difference."""
    if not verdict:
        return Markup('<span class="verdict none">{}</span>').format(reader.text("verdict.none"))
    return Markup('<span class="verdict {}">{}</span>').format(
        verdict, reader.text(f"verdict.{verdict}")
    )


def paragraph(text: str, css: str = "") -> Markup:
    """Return a paragraph with its text escaped."""
    if css:
        return Markup('<p class="{}">{}</p>').format(css, text)
    return Markup("<p>{}</p>").format(text)


def bullets(lines: Iterable[str]) -> Markup:
    """Return a list with every line escaped."""
    return Markup("<ul>{}</ul>").format(
        Markup("").join(Markup("<li>{}</li>").format(x) for x in lines)
    )


def section(section_id: str, heading: str, *parts: Markup) -> Markup:
    """Section with a stable id and its heading; the contents list is made from these."""
    return Markup(
        '<section id="{}" aria-labelledby="{}-h"><h2 id="{}-h">{}</h2>{}</section>'
    ).format(
        section_id,
        section_id,
        section_id,
        escape(heading),
        Markup("\n").join(p for p in parts if p),
    )


def subheading(heading_id: str, heading: str) -> Markup:
    """Heading within a section."""
    return Markup('<h3 id="{}">{}</h3>').format(heading_id, heading)
