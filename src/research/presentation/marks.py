"""The small drawings in the last column of a table, as inline SVG.

Positions are percentages and sizes pixels, so a mark keeps its shape at every width. The row
carries the numbers in text; the drawing is hidden from screen readers.
"""

from collections.abc import Iterable

from markupsafe import Markup

from research.presentation.numbers import is_number

HEIGHT = 22
MIDDLE = HEIGHT // 2
EDGE = 4.0  # per cent kept free at both ends, so that a mark on the end of the scale fits
FIRST_COLOUR, SECOND_COLOUR = "#12436D", "#F46A25"
GUIDE, BAND, INK = "#8a8f98", "#e6e9ee", "#1d2430"


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
) -> Markup:
    """A difference with its interval around a zero line; the band is the margin.

    ``outer`` is a wider range drawn as a thin line: where a further organisation is expected.
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
        parts.append(_circle(place(estimate, -limit, limit), FIRST_COLOUR))
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
