"""A finished page as PDF: A4, tagged, printed by the Chromium of this machine."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from research.errors import EnvironmentFailure, ReportError

BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "msedge",
)
# Where they lie when they are not on the search path.
KNOWN_PLACES = {
    "darwin": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
    "win32": (
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    ),
}
OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--no-first-run",
    # A page needs no network; nothing of the browser's own may use it either.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    "--export-tagged-pdf",
    "--generate-pdf-document-outline",
)
LONGEST = 120  # seconds for one page
# A link to a file beside the page, or to a download in it: on paper it leads nowhere, and
# printed it would carry the path of the folder.
LINK_TO_FILE = re.compile(r'(<a\b[^>]*?)\shref="(?!#|https?:|mailto:)[^"]*"')
# Skia's record of browser and time: bytes of the same length keep every place in the file.
RECORD = re.compile(rb"/(Creator|CreationDate|ModDate) \(((?:\\.|[^\\()])*)\)")
MIDNIGHT = b"D:20000101000000+00'00'"


def find_browser() -> str:
    """Path of a Chromium, Chrome or Edge on this machine.

    Raises
    ------
    EnvironmentFailure
        Where there is none; the message says what to do instead.
    """
    places = [shutil.which(name) for name in BROWSERS]
    places += [place for place in KNOWN_PLACES.get(sys.platform, ()) if Path(place).is_file()]
    found = next((place for place in places if place), None)
    if found is None:
        raise EnvironmentFailure(
            "No PDF without a browser: Chromium, Chrome or Edge was not found on this machine. "
            "Install one of them, or open the page in any browser and print it to A4. "
            "Nothing was made; without --pdf the pages are made as always."
        )
    return found


def print_page(page: Path, *, browser: str) -> Path:
    """Print a page to a PDF of the same name beside it; returns its path.

    The same page gives the same bytes with the same browser. Nothing of the machine is in it:
    no time, no path, no name of the browser.

    Raises
    ------
    ReportError
        When the browser ends without a PDF, or takes too long.
    """
    target = page.with_suffix(".pdf")
    with tempfile.TemporaryDirectory(prefix="research-", ignore_cleanup_errors=True) as scratch:
        source = Path(scratch) / "page.html"
        printed = Path(scratch) / "page.pdf"
        source.write_text(LINK_TO_FILE.sub(r"\1", page.read_text("utf-8")), encoding="utf-8")
        _run(browser, source, printed, page.name)
        content = _sealed(printed.read_bytes())
        if b"file://" in content:
            raise ReportError(f"{target.name}: the PDF holds a path of this machine.")
    target.write_bytes(content)
    return target


def _run(browser: str, source: Path, printed: Path, name: str) -> None:
    command = [browser, *OPTIONS, f"--user-data-dir={source.parent / 'profile'}"]
    if getattr(os, "geteuid", lambda: 1)() == 0:
        command.append("--no-sandbox")  # Chromium refuses its sandbox to root, as in a container
    command += [f"--print-to-pdf={printed}", source.as_uri()]
    try:
        ended = subprocess.run(command, capture_output=True, timeout=LONGEST, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ReportError(f"{name} could not be printed: {type(error).__name__}.") from None
    if not printed.is_file() or not printed.read_bytes().startswith(b"%PDF"):
        raise ReportError(
            f"{name} could not be printed: {Path(browser).name} ended with code "
            f"{ended.returncode} and left no PDF."
        )


def _sealed(content: bytes) -> bytes:
    """PDF with its record of browser and time overwritten in place."""

    def plain(match: re.Match[bytes]) -> bytes:
        wanted = b"" if match[1] == b"Creator" else MIDNIGHT
        return b"/%b (%b)" % (match[1], wanted[: len(match[2])].ljust(len(match[2])))

    return RECORD.sub(plain, content, count=3)
