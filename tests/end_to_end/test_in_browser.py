"""The finished pages in headless Chromium: nothing fetched, nothing wrong, nothing cut off."""

import pytest

from tests.reporting.browser import audit, open_page, require_chromium

PAGES = (
    "study.nl.html",
    "study.en.html",
    "00_overview.html",
    "10_response_quality.html",
    "20_measurement.html",
    "30_value_of_activities.html",
    "40_manager_customer_gap.html",
    "50_use_of_power.html",
    "60_across_organisations.html",
    "rijnpoort-advies.nl.html",
    "hofstede-zonen.en.html",
    "index.nl.html",
    "index.en.html",
)


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_from_disk_without_a_fault(example, name, width):
    require_chromium()
    seen = audit(example.page(name), width)
    assert seen.requests == []
    assert seen.console_errors == []
    assert seen.violations == []
    assert seen.scroll_width <= width
    assert seen.spilling == []
    assert seen.min_font_px >= 11


@pytest.mark.parametrize("name", ["study.nl.html", "study.en.html", "hofstede-zonen.en.html"])
def test_the_language_of_a_page_is_its_own(example, name):
    require_chromium()
    with open_page(example.page(name), width=1280) as (page, _, _):
        language = name.split(".")[-2]
        assert page.evaluate("document.documentElement.lang") == language


def test_every_figure_has_its_numbers_in_a_table(example):
    """A drawn figure is followed by a table, a drawn row stands in one."""
    require_chromium()
    for name in PAGES:
        with open_page(example.page(name), width=1280) as (page, _, _):
            figures = page.locator("figure").count()
            tables = page.locator("table").count()
            loose = page.locator("svg:not(table svg)").count()
        assert loose == 0, name
        assert figures == 0 or tables >= 1, name
