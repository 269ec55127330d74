"""The sample page in a real browser: no request, no error, nothing cut, axe content."""

import pytest

from research.batch.index import INDEX_WORDS, write_index
from research.batch.task import Outcome
from tests.reporting import browser, sample

pytestmark = pytest.mark.slow
WIDTHS = [1280, 360, 320]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    browser.require_chromium()
    path = tmp_path_factory.mktemp("page") / "sample.html"
    path.write_text(sample.page(), encoding="utf-8")
    return path


@pytest.fixture(scope="module", params=WIDTHS)
def seen(request, page):
    return request.param, browser.audit(page, request.param)


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


def test_a_script_on_a_page_would_not_run(page, tmp_path):
    attack = tmp_path / "attack.html"
    script = "<script>document.title = 'taken'</script></main>"
    attack.write_text(page.read_text(encoding="utf-8").replace("</main>", script))
    with browser.open_page(attack, width=1280) as (opened, _, errors):
        assert opened.title() != "taken"
        assert any("Content Security Policy" in error for error in errors)


def test_the_keyboard_meets_the_skip_link_first(page):
    with browser.open_page(page, width=1280) as (opened, _, _):
        opened.keyboard.press("Tab")
        focused = opened.evaluate("document.activeElement.className")
        top = opened.evaluate("document.activeElement.getBoundingClientRect().top")
    assert focused == "skip"
    assert top >= 0


def test_links_of_the_frame_are_large_enough_to_hit(page):
    with browser.open_page(page, width=360) as (opened, _, _):
        heights = opened.evaluate(
            "[...document.querySelectorAll('nav a, .links a, .download a, summary')]"
            ".map(e => e.getBoundingClientRect().height)"
        )
    assert min(heights) >= 24


def test_without_javascript_the_page_is_the_same(page):
    with browser.open_page(page, width=1280, javascript=False) as (opened, _, _):
        assert opened.locator("table.chart tbody tr").count() == 7


def test_large_text_spacing_cuts_nothing(page):
    # WCAG 1.4.12: line height 1.5, letters 0.12 em, words 0.16 em apart.
    spacing = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }"
    with browser.open_page(page, width=360, bypass_csp=True) as (opened, _, _):
        opened.add_style_tag(content=spacing)
        assert opened.evaluate("document.documentElement.scrollWidth") == 360
        assert opened.evaluate(browser.SPILLING) == []


def test_in_print_no_column_is_lost(page):
    with browser.open_page(page, width=665) as (opened, _, _):
        opened.emulate_media(media="print")
        assert opened.locator("table.chart thead th").evaluate_all(
            "cells => cells.every(cell => cell.getClientRects().length > 0)"
        )


def test_the_page_prints_to_a_few_sheets(page, tmp_path):
    assert 1 <= browser.print_pdf(page, tmp_path / "page.pdf") <= 3


@pytest.mark.parametrize("width", WIDTHS)
def test_the_index_of_organisations_passes_too(tmp_path, width):
    browser.require_chromium()
    words = {**sample.WORDS["nl"], **{key: key.split(".")[-1] for key in INDEX_WORDS}}
    outcomes = [
        Outcome(
            organisation_id=f"Organisatie met een lange naam {number}",
            language=language,
            notebook="90.ipynb",
            status="published" if number else "failed",
            page=f"o{number}.{language}.html",
            seconds=1.0,
        )
        for number in range(3)
        for language in ("nl", "en")
    ]
    path = write_index(
        outcomes,
        output=tmp_path / "index.html",
        context=sample.context("nl", kind="index", words=words),
        names={},
    )
    seen = browser.audit(path, width)
    assert (seen.violations, seen.requests, seen.console_errors) == ([], [], [])
    assert seen.scroll_width == width
