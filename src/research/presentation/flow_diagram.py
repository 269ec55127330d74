"""The flow from rows to people as a drawing beside its table: boxes down, losses to the right."""

import textwrap
from collections.abc import Sequence

from markupsafe import Markup, escape

from research.presentation.flow import Step, flow_steps, flow_table, left_out_lines
from research.presentation.marks import BAND, FIRST_COLOUR, GUIDE, INK
from research.presentation.tables import paragraph
from research.presentation.texts import Reader
from research.presentation.titles import short_enough
from research.study.answers import SampleFlow

# In pixels: as wide as the text of a phone, so that the words are never drawn smaller.
WIDTH, BOX, SIDE = 328, 142, 160
LINE, PADDING, GAP = 17, 8, 24
LETTERS = {BOX: 19, SIDE: 23}  # that fit on a line at 13 and 12 pixels


def flow_part(flow: SampleFlow, reader: Reader) -> Markup:
    """The drawing of the flow and, beside it on a wide screen, the same numbers as a table.

    A sentence instead where the numbers would tell the size of a group that is withheld.
    """
    if not flow.told:
        return paragraph(reader.text("sample.flow.withheld"), "note")
    return Markup(
        '<div style="display:flex;flex-wrap:wrap;gap:0 2.5rem;align-items:flex-start">'
        '{}<div style="flex:1 1 20rem;min-width:0">{}</div></div>'
    ).format(flow_figure(flow, reader), flow_table(flow, reader))


def flow_figure(flow: SampleFlow, reader: Reader) -> Markup:
    """The drawing with its finding as the caption and its numbers in the text alternative."""
    steps = flow_steps(flow, limit=reader.study.privacy.shown_from)
    return Markup(
        '<figure id="figure-flow" style="flex:0 1 {}px">{}<figcaption>{}</figcaption></figure>'
    ).format(WIDTH, _drawing(steps, reader, flow_alt(steps, reader)), flow_title(steps, reader))


def flow_title(steps: Sequence[Step], reader: Reader) -> str:
    """How many of the rows read are in the analysis."""
    last = reader.count(steps[-1].count)
    if steps[0].stage != "in":
        return reader.text("sample.flow.title.few", last=last)
    first = reader.count(steps[0].count)
    plain = reader.text("sample.flow.title.few", last=last)
    return short_enough(reader.text("sample.flow.title", first=first, last=last), plain)


def flow_alt(steps: Sequence[Step], reader: Reader) -> str:
    """Every stage with its number, first to last, and the largest reason for a loss."""
    stages = "; ".join(
        f"{reader.text(f'sample.flow.{step.stage}')}: {reader.count(step.count)}" for step in steps
    )
    return reader.text("sample.flow.alt", stages=stages)


def _drawing(steps: Sequence[Step], reader: Reader, alt: str) -> Markup:
    parts, y = [], 1
    for place, step in enumerate(steps):
        losses = left_out_lines(step, reader)
        if place or losses:
            lines = [line for loss in losses for line in textwrap.wrap(loss, LETTERS[SIDE])]
            height = max(GAP, len(lines) * LINE + 2 * PADDING + 8 if lines else 0)
            if place:
                parts.append(_arrow(y, y + height))
            if lines:
                middle = y + height / 2
                parts += _loss(lines, middle)
            y += height
        words = textwrap.wrap(reader.text(f"sample.flow.{step.stage}"), LETTERS[BOX])
        height = (len(words) + 1) * LINE + 2 * PADDING
        parts += _box(words, reader.count(step.count), y, height)
        y += height
    return Markup(
        f'<svg role="img" aria-label="{{}}" width="100%" viewBox="0 0 {WIDTH} {y + 1:g}"'
        f' style="display:block;max-width:{WIDTH}px;font-family:var(--sans,sans-serif)">'
        "{}</svg>"
    ).format(alt, Markup("".join(parts)))


def _box(words: Sequence[str], count: str, y: float, height: float) -> list[str]:
    parts = [
        f'<rect x="1" y="{y:g}" width="{BOX}" height="{height:g}" fill="{BAND}"'
        f' stroke="{FIRST_COLOUR}" stroke-width="1.5"/>'
    ]
    for number, line in enumerate(words):
        parts.append(_text(line, 1 + BOX / 2, y + PADDING + LINE * (number + 0.75), 13))
    bottom = y + PADDING + LINE * (len(words) + 0.8)
    return [*parts, _text(count, 1 + BOX / 2, bottom, 15, bold=True)]


def _loss(lines: Sequence[str], middle: float) -> list[str]:
    """A line from the arrow to a box at the right that says why rows were left out."""
    height = len(lines) * LINE + PADDING
    top, x = middle - height / 2, WIDTH - SIDE - 1
    parts = [
        f'<line x1="{1 + BOX / 2:g}" x2="{x}" y1="{middle:g}" y2="{middle:g}" stroke="{GUIDE}"/>',
        f'<rect x="{x}" y="{top:g}" width="{SIDE}" height="{height:g}" fill="#fff"'
        f' stroke="{GUIDE}"/>',
    ]
    for number, line in enumerate(lines):
        parts.append(_text(line, x + 6, top + PADDING / 2 + LINE * (number + 0.75), 12, start=True))
    return parts


def _arrow(top: float, bottom: float) -> str:
    x = 1 + BOX / 2
    return (
        f'<line x1="{x:g}" x2="{x:g}" y1="{top:g}" y2="{bottom - 5:g}" stroke="{INK}"/>'
        f'<path d="M{x - 4:g} {bottom - 7:g}L{x:g} {bottom:g}L{x + 4:g} {bottom - 7:g}Z"'
        f' fill="{INK}"/>'
    )


def _text(
    words: str, x: float, y: float, size: int, *, bold: bool = False, start: bool = False
) -> str:
    anchor = "start" if start else "middle"
    weight = ' font-weight="650"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" text-anchor="{anchor}" fill="{INK}"{weight}>'
        f"{escape(words)}</text>"
    )
