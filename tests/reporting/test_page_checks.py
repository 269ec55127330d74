"""Each rule finds its offence, and a good page has none."""

import pytest

from research.reporting.page_checks import check_page
from tests.reporting import sample

GOOD_IMAGE = '<img src="data:image/png;base64,AA==" alt="{}">'


def findings(page: str, language: str = "en") -> list[str]:
    return check_page(page, language=language, kind="study")


@pytest.fixture(scope="module")
def page() -> str:
    return sample.page()


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_good_page_has_no_findings(language):
    assert findings(sample.page(language), language) == []


BODY_OFFENCES = [
    ("<script>1</script>", "<script> has no place"),
    ('<p onclick="x()">a</p>', "script attribute onclick"),
    ('<a href="java\tscript:x()">a</a>', "a link runs a script"),
    ('<img src="https://example.org/a.png" alt="">', "<img> loads something from outside"),
    ('<img src="figure.png" alt="">', "<img> loads something from outside"),
    ('<p style="background: url(http://example.org)">a</p>', "loads something from outside"),
    ('<svg><image xlink:href="http://example.org/a.svg"/></svg>', "<image> loads"),
    ('<iframe src="data:text/html,a"></iframe>', "<iframe> has no place"),
    ("<h1>Again</h1>", "2 h1 headings"),
    ("<h4>Deep</h4>", "a heading level is skipped"),
    ("<h3></h3>", "an h3 heading is empty"),
    ('<h2 id="late">Late</h2>', "contents list differs"),
    ('<a href="#nowhere">a</a>', "#nowhere leads nowhere"),
    ('<p id="gap">a</p>', "the id 'gap' is empty, holds a space or stands twice"),
    ('<p aria-labelledby="lost">a</p>', "aria-labelledby names an unknown id: lost"),
    (GOOD_IMAGE.format("too short"), "an alternative text of 9 characters"),
    (GOOD_IMAGE.format("long " * 90), "an alternative text of 449 characters"),
    ("<svg></svg>", "a drawing is neither labelled"),
    ('<svg aria-hidden="true"></svg>', "a drawing is neither labelled"),
    ("<table><tr><td>1</td></tr></table>", "a table has no caption"),
    ("<table><caption>a</caption><tr><th>b</th></tr></table>", "header 'b' has no scope"),
    ('<table><caption>a</caption><tr><th scope="col"></th></tr></table>', "header is empty"),
    ("<table><caption>a</caption><tr><td>None</td></tr></table>", "a cell shows 'None'"),
    ("<p>The difference is nan points.</p>", "the text shows 'nan'"),
    ("<p>See /home/someone/data.csv</p>", "a path of this machine"),
    (r"<p>See C:\data\answers.csv</p>", "a path of this machine"),
    ("<p>Traceback (most recent call last)</p>", "a traceback"),
    ("<section><p>open</section>", "broken HTML"),
]


@pytest.mark.parametrize(("body", "finding"), BODY_OFFENCES)
def test_an_offence_in_the_body_is_found(page, body, finding):
    found = findings(page.replace("</main>", body + "</main>"))
    assert any(finding in line for line in found), found


HEAD_OFFENCES = [
    ('<html lang="en">', '<html lang="nl">', "html lang"),
    ("<!doctype html>", "", "doctype"),
    ("default-src 'none'", "default-src *", "content-security policy"),
    ("<title>Customers", "<title></title><title>Customers", "no real title"),
    ("<style>", "<style>@import 'x.css';", "style sheet loads"),
    ('class="skip"', 'class="other"', "skip link"),
    ("<main", "<div", "one <main>"),
]


@pytest.mark.parametrize(("before", "after", "finding"), HEAD_OFFENCES)
def test_an_offence_in_the_frame_is_found(page, before, after, finding):
    found = findings(page.replace(before, after, 1))
    assert any(finding in line for line in found), found


def test_a_link_to_a_source_is_allowed(page):
    link = '<p><a href="https://doi.org/10.1000/1">a source</a></p>'
    assert findings(page.replace("</main>", link + "</main>")) == []


def test_a_labelled_drawing_and_a_described_image_are_allowed(page):
    good = '<svg role="img" aria-label="Gap per cluster"></svg>' + GOOD_IMAGE.format("words " * 10)
    assert findings(page.replace("</main>", good + "</main>")) == []


def test_a_page_that_is_too_large_is_found(page):
    body = "<p>" + "a" * 1_000_000 + "</p></main>"
    found = check_page(page.replace("</main>", body), language="en", kind="organisation")
    assert any("more than 1000000" in line for line in found)


def test_a_heading_at_the_end_that_says_nan_in_a_name_is_no_number(page):
    assert findings(page.replace("</main>", "<p>Nanette and finance.</p></main>")) == []
