"""The finished pages in headless Chromium: nothing fetched, nothing wrong, nothing cut off."""

import os
from pathlib import Path

import pandas as pd
import pytest

from tests.reporting.browser import audit, open_page

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


ALL = int(os.environ.get("RESEARCH_EXAMPLES", "100")) >= 500  # make verify: every page both ways
WIDE = ("study.nl.html", "40_manager_customer_gap.html", "hofstede-zonen.en.html", "index.en.html")
OPENED = [(name, w) for name in PAGES for w in (1280, 360) if ALL or (w == 1280) == (name in WIDE)]
WITH_FIGURES = ("study.nl.html", "20_measurement.html", "60_across_organisations.html", *PAGES[-4:])
REVIEWED = Path(__file__).with_name("axe_reviewed.csv")


@pytest.mark.parametrize(("name", "width"), OPENED)
def test_a_page_opens_from_disk_without_a_fault(example, chromium, name, width):
    seen = audit(example.page(name), width, chromium=chromium)
    assert seen.requests == []
    assert seen.console_errors == []
    assert seen.violations == []
    assert seen.scroll_width <= width
    assert seen.spilling == []
    assert seen.min_font_px >= 11
    assert {what.split(":")[0] for what in seen.incomplete} <= set(pd.read_csv(REVIEWED)["rule"])


def test_every_figure_has_its_numbers_in_a_table(example, chromium):
    """A drawn figure is followed by a table, a drawn row stands in one."""
    for name in PAGES if ALL else WITH_FIGURES:
        with open_page(example.page(name), width=1280, chromium=chromium) as (page, _, _):
            figures = page.locator("figure").count()
            tables = page.locator("table").count()
            loose = page.locator("svg:not(table svg, [role='img'])").count()
        assert loose == 0, name
        assert figures == 0 or tables >= 1, name
