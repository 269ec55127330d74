"""Questions put to an opened page, each answered with what is wrong or what was measured.

The scripts run from outside (playwright); the page itself holds none.
"""

from pathlib import Path
from statistics import median

from tests.reporting.browser import open_page

# WCAG 1.4.12: what a reader may set, and nothing may be cut then. Not in drawings: their rows say
# the same in text.
TEXT_SPACING = """*:not(svg, svg *) { line-height: 1.5 !important; letter-spacing: .12em !important;
  word-spacing: .16em !important; } p { margin-bottom: 2em !important; }"""
DOUBLE_TEXT = "html { font-size: 200% !important; }"
# Everything that may hold the focus, in the order of the page.
FOCUSABLE = "a[href]:not([tabindex='-1']), summary, [tabindex='0']"
FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const all = [...document.querySelectorAll("FOCUSABLE")].filter(e => e.checkVisibility());
  const style = getComputedStyle(e), box = e.getBoundingClientRect();
  return {
    place: all.indexOf(e), total: all.length, skip: e.className === 'skip',
    ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: box.bottom > 0 && box.top < innerHeight && box.width > 0,
  };
}""".replace("FOCUSABLE", FOCUSABLE)
# Text that does not fit the box that hides what sticks out; what is hidden from sight on purpose
# (a table's head on a phone, where every cell carries its heading) is clipped altogether.
CUT = """() => [...document.querySelectorAll('body *')].filter(e => {
  if (e.closest('svg, .unseen, .skip')) return false;
  const style = getComputedStyle(e);
  if (style.clipPath !== 'none') return false;
  const hides = /hidden|clip/;
  return (hides.test(style.overflowX) && e.scrollWidth > e.clientWidth + 1)
    || (hides.test(style.overflowY) && e.scrollHeight > e.clientHeight + 1);
}).map(e => e.outerHTML.slice(0, 120))"""
# WCAG 2.5.8: 24 by 24, or a circle of 24 around its middle free of other targets; links within a
# sentence are exempt.
SMALL_TARGETS = """() => {
  document.querySelectorAll('details').forEach(e => { e.open = true; });
  const inSentence = e => {
    const around = e.closest('p, li, td, dd, th');
    return around && around.textContent.trim() !== e.textContent.trim();
  };
  const targets = [...document.querySelectorAll('a[href]:not(.skip), summary')]
    .filter(e => e.getClientRects().length)
    .map(e => ({e, box: e.getBoundingClientRect()}));
  const small = targets.filter(t => t.box.width < 24 || t.box.height < 24);
  return small.filter(t => !inSentence(t.e)).filter(t => {
    const x = (t.box.left + t.box.right) / 2, y = (t.box.top + t.box.bottom) / 2;
    return targets.some(o => {
      if (o === t) return false;
      const dx = Math.max(o.box.left - x, 0, x - o.box.right);
      const dy = Math.max(o.box.top - y, 0, y - o.box.bottom);
      return Math.hypot(dx, dy) < 12;
    });
  }).map(t => t.e.outerHTML.slice(0, 120));
}"""
# What can be scrolled sideways must be a labelled region one can reach with the keyboard.
LOOSE_SCROLLERS = """() => [...document.querySelectorAll('main *')].filter(e => {
  const scrolls = /auto|scroll/.test(getComputedStyle(e).overflowX);
  return scrolls && e.scrollWidth > e.clientWidth + 1
    && !(e.tabIndex === 0 && (e.getAttribute('aria-label') || e.tagName === 'PRE'));
}).map(e => e.outerHTML.slice(0, 120))"""
# Lowest contrast of text with the nearest colour behind it, and where. axe cannot say for cells
# scrolled out of sight and for text in drawings.
LOWEST_CONTRAST = """() => {
  const parse = colour => (colour.match(/[\\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const light = rgb => {
    const [r, g, b] = rgb.slice(0, 3).map(v => v / 255)
      .map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const opaque = colour => colour.length < 4 || colour[3] > 0;
  const holds = (shape, box) => {
    const own = shape.getBoundingClientRect();
    const x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
    return own.left <= x && x <= own.right && own.top <= y && y <= own.bottom;
  };
  const behind = e => {
    if (e.ownerSVGElement) {
      const box = e.getBoundingClientRect();
      const under = [...e.ownerSVGElement.querySelectorAll('rect, circle, path, polygon')]
        .filter(s => s.compareDocumentPosition(e) & 4 && holds(s, box))
        .map(s => parse(getComputedStyle(s).fill)).filter(opaque);
      if (under.length) return under[under.length - 1];
    }
    for (let a = e; a; a = a.parentElement) {
      const colour = parse(getComputedStyle(a).backgroundColor);
      if (opaque(colour)) return colour;
    }
    return [255, 255, 255];
  };
  let lowest = {ratio: 21, where: ''};
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !e.getClientRects().length) continue;
    const style = getComputedStyle(e);
    const text = light(parse(e.ownerSVGElement ? style.fill : style.color));
    const back = light(behind(e));
    const ratio = (Math.max(text, back) + .05) / (Math.min(text, back) + .05);
    if (ratio < lowest.ratio) lowest = {ratio, where: e.outerHTML.slice(0, 120)};
  }
  return lowest;
}"""
# Every colour as computed: equal in light and dark means the page has one look.
COLOURS = """() => [...document.querySelectorAll('*')].map(e => {
  const style = getComputedStyle(e);
  return [style.color, style.backgroundColor, style.fill, style.borderTopColor].join();
}).join(';')"""
LOAD_EVENT = "() => performance.getEntriesByType('navigation')[0].loadEventEnd"
# Marks of a drawn row, as values on the axis in the head of its table, with the row's own words.
PLOTTED = """() => [...document.querySelectorAll('table.chart')].flatMap(table => {
  const number = text => parseFloat(text.replace(',', '.').replace('−', '-').replace('+', ''));
  const labels = [...table.querySelectorAll('thead svg text')].map(t => [parseFloat(t.getAttribute('x')), number(t.textContent)]);
  if (labels.length < 2) return [];
  const [[x1, v1], [x2, v2]] = [labels[0], labels[labels.length - 1]];
  const value = x => v1 + (parseFloat(x) - x1) * (v2 - v1) / (x2 - x1);
  return [...table.querySelectorAll('tbody tr:not(.group)')].map(row => ({
    table: table.id,
    words: [...row.cells].map(cell => cell.innerText).join(' | '),
    marks: [...row.querySelectorAll('td.chart svg circle')].map(m => value(m.getAttribute('cx')))
      .concat([...row.querySelectorAll('td.chart svg rect[transform]')].map(m => value(m.getAttribute('x')))),
    ends: [x1, x2].map(value),
  })).filter(row => row.marks.length);
})"""


def tab_stops(page, *, limit: int = 400) -> list[dict]:
    """Every stop of the Tab key from the top of the page until the focus leaves it."""
    stops = []
    for _ in range(limit):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop is None or (stops and stop["place"] == stops[0]["place"]):
            return stops
        stops.append(stop)
    return stops


def load_seconds(path: Path, *, chromium, times: int = 5) -> float:
    """Median time to the load event, each in a fresh context."""
    seen = []
    for _ in range(times):
        with open_page(path, width=1280, chromium=chromium) as (page, _, _):
            seen.append(page.evaluate(LOAD_EVENT) / 1000)
    return median(seen)
