"""A page as PDF: printed by the browser of this machine, with nothing of the machine in it."""

import stat
import sys

import pytest

from research.errors import EnvironmentFailure, ReportError
from research.reporting import pdf
from tests.reporting import browser, sample
from tests.reporting.printed import read_pdf


@pytest.fixture
def page(tmp_path):
    path = tmp_path / "page.en.html"
    path.write_text(sample.page(), encoding="utf-8")
    return path


@pytest.fixture
def stand_in(tmp_path):
    """Make a program that stands in for the browser and does what is asked."""

    def make(does):
        path = tmp_path / "browser"
        path.write_text(f"#!{sys.executable}\nimport sys\n{does}", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return str(path)

    return make


WRITES = """
target = [a for a in sys.argv if a.startswith("--print-to-pdf=")][0].partition("=")[2]
open(target, "wb").write({content!r})
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """A page and its PDF, printed twice."""
    path = tmp_path_factory.mktemp("pdf") / "page.en.html"
    path.write_text(sample.page(), encoding="utf-8")
    chromium = browser.require_chromium()
    first = pdf.print_page(path, browser=chromium).read_bytes()
    return path, first, pdf.print_page(path, browser=chromium).read_bytes()


@pytest.mark.slow
class TestPrinted:
    def test_it_is_tagged_in_the_language_of_the_page_and_two_prints_are_the_same_bytes(
        self, printed
    ):
        path, first, second = printed
        seen = read_pdf(path.with_suffix(".pdf"))
        assert (seen.tagged, seen.language) == (True, "en")
        assert 1 <= seen.sheets <= 3
        assert first == second

    def test_nothing_of_the_machine_is_in_it(self, printed):
        """The sample page links to a file beside it: printed as it is, that gives a path."""
        path, content, _ = printed
        assert 'href="sample.nl.html"' in path.read_text(encoding="utf-8")
        for said in (b"file:", b"HeadlessChrome", b"Mozilla", str(path.parent).encode()):
            assert said not in content
        assert content.count(b"(D:20000101000000+00'00')") == 2
        assert b"(D:2026" not in content


def test_links_to_files_lose_their_target_and_others_keep_it(page, stand_in, tmp_path):
    """What the browser is given, kept by a stand-in."""
    links = (
        '<a href="../study/study.nl.html">a</a><a class="x" href="data:text/csv;base64,AA">b</a>'
        '<a href="#gap">c</a><a href="https://doi.org/10">d</a>'
    )
    page.write_text(links, encoding="utf-8")
    kept = tmp_path / "kept.html"
    copies = f"import urllib.request as r; open({str(kept)!r}, 'wb').write(r.urlopen(sys.argv[-1]).read())"
    pdf.print_page(page, browser=stand_in(copies + WRITES.format(content=b"%PDF-1.4")))
    assert kept.read_text(encoding="utf-8") == (
        '<a>a</a><a class="x">b</a><a href="#gap">c</a><a href="https://doi.org/10">d</a>'
    )


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("sys.exit(3)", "ended with code 3 and left no PDF"),
        (WRITES.format(content=b"<html>"), "ended with code 0 and left no PDF"),
        (WRITES.format(content=b"%PDF-1.4 /URI (file:///data)"), "holds a path of this machine"),
    ],
)
def test_a_print_that_failed_is_told_and_leaves_no_file(page, stand_in, does, said):
    with pytest.raises(ReportError, match=said):
        pdf.print_page(page, browser=stand_in(does))
    assert not page.with_suffix(".pdf").exists()


def test_a_browser_that_hangs_is_stopped(page, stand_in, monkeypatch):
    monkeypatch.setattr(pdf, "LONGEST", 0.3)
    with pytest.raises(ReportError, match="could not be printed: TimeoutExpired"):
        pdf.print_page(page, browser=stand_in("import time; time.sleep(30)"))


def test_without_a_browser_it_is_said_what_to_do(monkeypatch):
    monkeypatch.setattr(pdf.shutil, "which", lambda _name: None)
    monkeypatch.setattr(pdf, "KNOWN_PLACES", {})
    with pytest.raises(EnvironmentFailure, match="Install one of them, or open the page"):
        pdf.find_browser()
