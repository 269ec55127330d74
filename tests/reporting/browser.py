"""A page seen in headless Chromium: what it requests, says on the console, and axe's findings.

Not installed by pip: Debian's chromium (``.ci/run`` installs it). playwright's own download is
not used. One browser serves a whole test module (fixture ``chromium``): starting one for every look
took half of the time. Every opening has a context of its own, as a fresh browser would.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
AXE_OPTIONS = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations", "incomplete"],  # else axe describes every cell that passed
}
HEIGHT = 800
# In CSS pixels as seen: text in a drawing is measured after the drawing's own scaling.
SMALLEST_FONT = """() => {
  let smallest = Infinity;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const holder = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !holder.getClientRects().length) continue;
    const scale = holder.ownerSVGElement ? Math.abs(holder.getScreenCTM().a) : 1;
    smallest = Math.min(smallest, scale * parseFloat(getComputedStyle(holder).fontSize));
  }
  return smallest;
}"""
# Content cut or spilling: elements that reach beyond the window without a scrolling region.
SPILLING = """() => [...document.querySelectorAll('body *')].filter(e => {
  if (e.closest('.table-region, pre, .skip, .unseen')) return false;
  const box = e.getBoundingClientRect();
  return box.width > 0 && box.right > window.innerWidth + 1;
}).map(e => e.tagName.toLowerCase() + '.' + (e.getAttribute('class') || ''))"""


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What was seen; ``requests`` leaves out the page itself and its data links."""

    requests: list[str]
    console_errors: list[str]
    violations: list[str]
    incomplete: list[str]
    scroll_width: int
    min_font_px: float
    spilling: list[str]


def find_chromium() -> str | None:
    """Path of a Chromium on this machine, None where there is none."""
    found = (shutil.which(name) for name in CHROMIUM_NAMES)
    return next((path for path in found if path), None)


def require_chromium() -> str:
    """Path of a Chromium; the test is skipped, with the reason, where there is none."""
    path = find_chromium()
    if path is None:
        pytest.skip(f"no Chromium on this machine ({', '.join(CHROMIUM_NAMES)}); see .ci/run")
    return path


@contextmanager
def running_chromium():
    """A running browser, for ``open_page`` and those below it."""
    executable = require_chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_page(path: Path, *, width: int, chromium=None, **options: object):
    """Open a file in a context of its own; gives the page, its requests and errors.

    ``options`` are playwright's for a context: ``java_script_enabled``, ``bypass_csp``,
    ``color_scheme`` ... Without ``chromium`` one is started for this page alone.
    """
    if chromium is None:
        with (
            running_chromium() as own,
            open_page(path, width=width, chromium=own, **options) as opened,
        ):
            yield opened
        return
    context = chromium.new_context(viewport={"width": width, "height": HEIGHT}, **options)
    try:
        page = context.new_page()
        requests: list[str] = []
        errors: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.on(
            "console",
            lambda message: errors.append(message.text) if message.type == "error" else None,
        )
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(path.resolve().as_uri(), wait_until="load")
        yield page, requests, errors
    finally:
        context.close()


def audit(path: Path, width: int, *, chromium=None) -> Audit:
    """What a browser makes of a page at a width in CSS pixels."""
    from axe_playwright_python.sync_playwright import Axe

    with open_page(path, width=width, chromium=chromium) as (page, requests, errors):
        scroll_width = page.evaluate("document.documentElement.scrollWidth")
        smallest = page.evaluate(SMALLEST_FONT)
        spilling = page.evaluate(SPILLING)
        own = path.resolve().as_uri()
        outside = [url for url in requests if url != own and not url.startswith("data:")]
        console = list(errors)
    # axe is a script, and the page's policy forbids scripts: a second, unguarded opening.
    with open_page(path, width=width, chromium=chromium, bypass_csp=True) as (page, _, _):
        found = Axe().run(page, options=AXE_OPTIONS).response
    return Audit(
        requests=outside,
        console_errors=console,
        violations=list(_named(found["violations"])),
        incomplete=list(_named(found["incomplete"])),
        scroll_width=scroll_width,
        min_font_px=smallest,
        spilling=spilling,
    )


def _named(results: list[dict]) -> Iterator[str]:
    for result in results:
        for node in result["nodes"]:
            yield f"{result['id']}: {node['html'][:160]}"


def print_pdf(path: Path, target: Path, *, chromium=None) -> Path:
    """Print to A4 with tags; returns the file (``tests.reporting.printed`` reads it)."""
    with open_page(path, width=1000, chromium=chromium) as (page, _, _):
        page.pdf(path=str(target), format="A4", print_background=True, tagged=True)
    return target
