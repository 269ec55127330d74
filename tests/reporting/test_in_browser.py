"""The sample page in a real browser: no request, no error, nothing cut, axe content."""

import pytest

from research.presentation.index_page import IndexRow, index_sections
from research.presentation.texts import Reader
from research.reporting.ready_page import write_sections
from tests.reporting import browser, sample
from tests.reporting.page_probe import DOUBLE_TEXT, TEXT_SPACING
from tests.reporting.printed import read_pdf
from tests.studies_made import instrument, study_file

pytestmark = pytest.mark.slow
WIDTHS = [1280, 360, 320]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "sample.html"
    path.write_text(sample.page(), encoding="utf-8")
    return path


@pytest.fixture(scope="module", params=WIDTHS)
def seen(request, page, chromium):
    return request.param, browser.audit(page, request.param, chromium=chromium)


def test_nothing_is_requested_and_no_error_is_logged(seen):
    assert (seen[1].requests, seen[1].console_errors) == ([], [])


def test_axe_finds_nothing(seen):
    assert seen[1].violations == []


def test_the_page_does_not_scroll_sideways(seen):
    width, found = seen
    assert found.scroll_width == width
    assert found.spilling == []


def test_the_smallest_text_can_be_read(seen):
    assert seen[1].min_font_px >= 11


def test_a_script_on_a_page_would_not_run(page, tmp_path, chromium):
    attack = tmp_path / "attack.html"
    script = "<script>document.title = 'taken'</script></main>"
    attack.write_text(page.read_text(encoding="utf-8").replace("</main>", script))
    with browser.open_page(attack, width=1280, chromium=chromium) as (opened, _, errors):
        assert opened.title() != "taken"
        assert any("Content Security Policy" in error for error in errors)


def test_the_keyboard_meets_the_skip_link_first(page, chromium):
    with browser.open_page(page, width=1280, chromium=chromium) as (opened, _, _):
        opened.keyboard.press("Tab")
        focused = opened.evaluate("document.activeElement.className")
        top = opened.evaluate("document.activeElement.getBoundingClientRect().top")
    assert focused == "skip"
    assert top >= 0


def test_on_a_phone_the_contents_are_folded_and_beside_the_text_they_are_not(page, chromium):
    with browser.open_page(page, width=360, chromium=chromium) as (opened, _, _):
        assert not opened.locator(".contents ol").is_visible()
        opened.locator(".contents summary").click()
        assert opened.locator(".contents ol").is_visible()
    with browser.open_page(page, width=1280, chromium=chromium) as (opened, _, _):
        assert opened.locator(".contents ol").is_visible()
        assert not opened.locator(".contents summary").is_visible()


def test_links_of_the_frame_are_large_enough_to_hit(page, chromium):
    with browser.open_page(page, width=360, chromium=chromium) as (opened, _, _):
        opened.locator(".contents summary").click()
        heights = opened.evaluate(
            "[...document.querySelectorAll('nav a, .links a, .download a, summary')]"
            ".map(e => e.getBoundingClientRect().height)"
        )
    assert min(heights) >= 24


def test_without_javascript_the_page_is_the_same(page, chromium):
    without = {"chromium": chromium, "java_script_enabled": False}
    with browser.open_page(page, width=1280, **without) as (opened, _, _):
        assert opened.locator("table.chart tbody tr").count() == 7


@pytest.mark.parametrize(("width", "style"), [(360, TEXT_SPACING), (1280, DOUBLE_TEXT)])
def test_large_text_and_wide_spacing_cut_nothing(page, chromium, width, style):
    options = {"chromium": chromium, "bypass_csp": True}
    with browser.open_page(page, width=width, **options) as (opened, _, _):
        opened.add_style_tag(content=style)
        assert opened.evaluate("document.documentElement.scrollWidth") == width
        assert opened.evaluate(browser.SPILLING) == []


def test_in_print_no_column_is_lost(page, chromium):
    with browser.open_page(page, width=665, chromium=chromium) as (opened, _, _):
        opened.emulate_media(media="print")
        assert opened.locator("table.chart thead th").evaluate_all(
            "cells => cells.every(cell => cell.getClientRects().length > 0)"
        )


def test_the_page_prints_to_a_few_sheets(page, tmp_path, chromium):
    target = browser.print_pdf(page, tmp_path / "page.pdf", chromium=chromium)
    assert 1 <= read_pdf(target).sheets <= 3


@pytest.mark.parametrize("width", WIDTHS)
def test_the_index_of_organisations_passes_too(tmp_path, width, chromium):
    rows = [
        IndexRow(
            name=f"Organisatie met een lange naam {number}",
            pages={language: f"o{number}.{language}.html" for language in ("nl", "en")},
            prints={"nl": f"o{number}.nl.pdf"},
            people="20–49" if number else "[c]",
            failed=number,
        )
        for number in range(3)
    ]
    reader = Reader(study=study_file(), instrument=instrument(), language="nl")
    sections = index_sections(rows, reader, checks=["Doorzocht: 52 bestanden."])
    context = sample.context("nl", kind="index")
    path = write_sections(sections, tmp_path / "index.html", context)
    seen = browser.audit(path, width, chromium=chromium)
    assert (seen.violations, seen.requests, seen.console_errors) == ([], [], [])
    assert seen.scroll_width == width
