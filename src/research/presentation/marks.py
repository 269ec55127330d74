"""The small drawings in the last column of a table, as inline SVG.

Positions are percentages and sizes pixels, so a mark keeps its shape at every width. The row
carries the numbers in text; the drawing is hidden from screen readers.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from markupsafe import Markup

from research.presentation.numbers import is_number

HEIGHT = 22
MIDDLE = HEIGHT // 2
EDGE = 4.0  # per cent kept free at both ends, so that a mark on the end of the scale fits
FIRST_COLOUR, SECOND_COLOUR = "#12436D", "#F46A25"
GUIDE, BAND, INK = "#8a8f98", "#e6e9ee", "#1d2430"
ANSWER_ENDS, NEUTRAL = ("#762a83", "#1b7837"), "#e9e9e9"
DOT = 9  # pixels from one stacked dot to the next
PAIR = 30  # height of a row with two intervals above one another


def place(value: float, low: float, high: float) -> float:
    """Position of a value on the axis, in per cent of the drawing's width."""
    share = min(max((value - low) / (high - low), 0.0), 1.0)
    return EDGE + share * (100 - 2 * EDGE)


def _svg(parts: Iterable[str], height: int = HEIGHT) -> Markup:
    return Markup(
        f'<svg class="mark" width="100%" height="{height}" aria-hidden="true" focusable="false">'
        + "".join(parts)
        + "</svg>"
    )


def _line(x1: float, x2: float, colour: str, width: float = 2) -> str:
    return (
        f'<line x1="{x1:.2f}%" x2="{x2:.2f}%" y1="{MIDDLE}" y2="{MIDDLE}" '
        f'stroke="{colour}" stroke-width="{width:g}"/>'
    )


def _upright(x: float, colour: str, dash: str = "", height: int = HEIGHT) -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x:.2f}%" x2="{x:.2f}%" y1="0" y2="{height}" stroke="{colour}"'
        f' stroke-width="1"{dashed}/>'
    )


def _circle(x: float, colour: str) -> str:
    return f'<circle cx="{x:.2f}%" cy="{MIDDLE}" r="5.5" fill="{colour}"/>'


def _ring(x: float, colour: str) -> str:
    return (
        f'<circle cx="{x:.2f}%" cy="{MIDDLE}" r="4.5" fill="#fff" stroke="{colour}"'
        ' stroke-width="2"/>'
    )


def _square(x: float, colour: str) -> str:
    return (
        f'<rect x="{x:.2f}%" y="{MIDDLE - 5}" width="10" height="10" fill="{colour}"'
        f' transform="translate(-5 0)"/>'
    )


def gap_mark(first: float, second: float, *, scale: tuple[float, float], midpoint: float) -> Markup:
    """Two means on the response scale: circle the first role, square the second."""
    low, high = scale
    spots = [place(value, low, high) for value in (first, second) if is_number(value)]
    parts = [_upright(place(midpoint, low, high), GUIDE, "2 3")]
    if len(spots) == 2:
        parts.append(_line(min(spots), max(spots), GUIDE, 3))
    if is_number(second):
        parts.append(_square(place(second, low, high), SECOND_COLOUR))
    if is_number(first):
        parts.append(_circle(place(first, low, high), FIRST_COLOUR))
    return _svg(parts)


def mean_mark(
    mean: float,
    ci_low: float,
    ci_high: float,
    *,
    scale: tuple[float, float],
    midpoint: float,
    second: bool = False,
) -> Markup:
    """One mean with its interval on the whole response scale, the midpoint drawn.

    ``second`` draws the square of the second role instead of the circle of the first.
    """
    low, high = scale
    colour = SECOND_COLOUR if second else FIRST_COLOUR
    parts = [_upright(place(midpoint, low, high), GUIDE, "2 3")]
    if is_number(ci_low) and is_number(ci_high):
        parts.append(_line(place(ci_low, low, high), place(ci_high, low, high), colour))
    if is_number(mean):
        draw = _square if second else _circle
        parts.append(draw(place(mean, low, high), colour))
    return _svg(parts)


def forest_mark(
    estimate: float,
    ci_low: float,
    ci_high: float,
    *,
    limit: float,
    margin: float,
    outer: tuple[float, float] | None = None,
    hollow: bool = False,
) -> Markup:
    """A difference with its interval around a zero line; the band is the margin.

    ``outer`` is a wider range drawn as a thin line: where a further organisation is expected.
    ``hollow`` draws an open dot: a companion of the result reported.
    """
    left, right = place(-margin, -limit, limit), place(margin, -limit, limit)
    parts = [
        f'<rect x="{left:.2f}%" y="0" width="{right - left:.2f}%" height="{HEIGHT}" '
        f'fill="{BAND}"/>',
        _upright(place(0, -limit, limit), INK),
    ]
    if outer is not None and all(map(is_number, outer)):
        ends = (place(end, -limit, limit) for end in outer)
        parts.append(_line(*ends, FIRST_COLOUR, 1))
    if is_number(ci_low) and is_number(ci_high):
        ends = (place(end, -limit, limit) for end in (ci_low, ci_high))
        parts.append(_line(*ends, FIRST_COLOUR, 2 if outer is None else 4))
    if is_number(estimate):
        draw = _ring if hollow else _circle
        parts.append(draw(place(estimate, -limit, limit), FIRST_COLOUR))
    return _svg(parts)


def among_mark(
    estimate: float,
    interval: tuple[float, float],
    *,
    band: tuple[float, float],
    axis: tuple[float, float],
    guide: float,
    second: bool = False,
) -> Markup:
    """One figure with its interval over the range in which the middle half of others lies.

    ``second`` draws the square of the second role instead of the circle of the first.
    """
    left, right = (place(end, *axis) for end in band)
    colour = SECOND_COLOUR if second else FIRST_COLOUR
    parts = [
        f'<rect x="{left:.2f}%" y="3" width="{right - left:.2f}%" height="{HEIGHT - 6}" '
        f'fill="{BAND}" stroke="{GUIDE}"/>',
        _upright(place(guide, *axis), GUIDE, "2 3"),
    ]
    if all(map(is_number, interval)):
        parts.append(_line(*(place(end, *axis) for end in interval), colour))
    if is_number(estimate):
        parts.append((_square if second else _circle)(place(estimate, *axis), colour))
    return _svg(parts)


def axis_mark(ticks: list[tuple[float, str]], *, low: float, high: float) -> Markup:
    """Tick labels over the drawings of a column, in the same place as the marks below."""
    parts = []
    for value, label in ticks:
        x = place(value, low, high)
        # At the ends the label grows inwards, so that it is not cut off on a phone.
        anchor = "start" if x <= EDGE and len(label) > 1 else "middle"
        anchor = "end" if x >= 100 - EDGE and len(label) > 1 else anchor
        parts.append(
            f'<text x="{x:.2f}%" y="14" text-anchor="{anchor}" font-size="12" fill="{INK}">'
            f"{Markup.escape(label)}</text>"
        )
        parts.append(
            f'<line x1="{x:.2f}%" x2="{x:.2f}%" y1="18" y2="22" stroke="{GUIDE}" stroke-width="1"/>'
        )
    return _svg(parts)


def answer_colours(count: int) -> list[str]:
    """Colours of the answers from the lowest to the highest: strong at the ends, pale grey between.

    With an odd number of answers the middle one is the grey. Purple and green stay apart in the
    common forms of colour blindness (PRGn of ColorBrewer), and neither is the colour of a role.
    """
    half = count // 2
    steps = [step / max(half, 1) for step in range(half)]  # 0 at the end, towards 1 in the middle
    low, high = ([_between(end, NEUTRAL, step) for step in steps] for end in ANSWER_ENDS)
    return [*low, *([NEUTRAL] if count % 2 else []), *reversed(high)]


def _between(first: str, second: str, share: float) -> str:
    ends = [[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in (first, second)]
    mixed = (one + (other - one) * share for one, other in zip(*ends, strict=True))
    return "#" + "".join(f"{int(value + 0.5):02x}" for value in mixed)


def answers_mark(shares: Sequence[float]) -> Markup:
    """Shares of the answers as one bar of 100 %, lowest answer left; empty where one is missing."""
    if not all(map(is_number, shares)):
        return _svg([])
    total, start = sum(shares), 0.0
    parts = []
    for share, colour in zip(shares, answer_colours(len(shares)), strict=True):
        end = start + share / total
        left, right = place(start, 0, 1), place(end, 0, 1)
        parts.append(
            f'<rect x="{left:.2f}%" y="2" width="{right - left:.2f}%" height="{HEIGHT - 4}"'
            f' fill="{colour}" stroke="#fff" stroke-width="1"/>'
        )
        start = end
    parts.append(
        f'<rect x="{EDGE}%" y="2" width="{100 - 2 * EDGE}%" height="{HEIGHT - 4}" fill="none"'
        f' stroke="{GUIDE}" stroke-width="1"/>'
    )
    return _svg(parts)


def strip_mark(values: Sequence[float], *, limit: float, margin: float) -> Markup:
    """Differences as dots around zero, equal ones on top of one another; the band is the margin."""
    heights = Counter(values)
    height = max(HEIGHT, 4 + DOT * max(heights.values(), default=1))
    left, right = place(-margin, -limit, limit), place(margin, -limit, limit)
    parts = [
        f'<rect x="{left:.2f}%" y="0" width="{right - left:.2f}%" height="{height}" '
        f'fill="{BAND}"/>',
        _upright(place(0, -limit, limit), INK, height=height),
    ]
    for value, count in sorted(heights.items()):
        x = place(value, -limit, limit)
        parts += [
            f'<circle cx="{x:.2f}%" cy="{height - 2 - DOT // 2 - DOT * at}" r="{DOT / 2 - 1:g}"'
            f' fill="{FIRST_COLOUR}"/>'
            for at in range(count)
        ]
    return _svg(parts, height)


def pair_mark(
    rows: Sequence[tuple[float, float, float]], *, low: float = 0.0, second: bool = False
) -> Markup:
    """Estimate and interval of each role above one another, on an axis from ``low`` to 1.

    Circle the first role, square the second; ``second`` says that only the second one is there.
    """
    parts = []
    looks = ((_circle, FIRST_COLOUR), (_square, SECOND_COLOUR))[1 if second else 0 :]
    for (estimate, start, end), (draw, colour), shift in zip(rows, looks, (-6, 6), strict=False):
        own = []
        if is_number(start) and is_number(end):
            own.append(_line(place(start, low, 1), place(end, low, 1), colour))
        if is_number(estimate):
            own.append(draw(place(estimate, low, 1), colour))
        parts.append(f'<g transform="translate(0 {shift + PAIR // 2 - MIDDLE})">{"".join(own)}</g>')
    return _svg(parts, PAIR)
