"""What a page does in a browser that lets it do anything: its own policy is switched off."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.reporting.browser import open_page, running_chromium


@contextmanager
def what_ran(chromium=None) -> Iterator[Callable[[Path], list[str]]]:
    """A look at a page: what ran in it, and what it asked for from outside."""
    if chromium is None:
        with running_chromium() as own, what_ran(own) as look:
            yield look
        return

    def look(path: Path) -> list[str]:
        with open_page(path, width=1000, chromium=chromium, bypass_csp=True) as (page, asked, _):
            page.wait_for_timeout(30)  # an animation or an error event comes after the load
            ran = page.evaluate("window.__ran")
            here = path.resolve().as_uri()
            outside = [url for url in asked if url != here and not url.startswith("data:")]
        return [*(["a script"] if ran is not None else []), *outside]

    yield look
