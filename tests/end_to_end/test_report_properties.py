"""The testable properties of a report (R1 to R20), on the example's pages in headless Chromium.

axe (R6) is in ``test_in_browser``, equal bytes (R22) in ``test_golden``, the colours (R16)
in ``tests/presentation/test_colours.py``; what a reader needs no browser for is in
``reporting/page_checks``, which refuses the page.
"""

import base64
import io
import re
import shutil
from functools import cache
from itertools import pairwise

import pandas as pd
import pytest

from research.reporting.page_reader import HEADINGS, PageReader
from tests.reporting import page_probe as probe
from tests.reporting.browser import SMALLEST_FONT, SPILLING, open_page, print_pdf
from tests.reporting.printed import read_pdf

STUDY = ("study.nl.html", "study.en.html")
ORGANISATION = ("rijnpoort-advies.nl.html", "hofstede-zonen.en.html")
PAGES = (*STUDY, *ORGANISATION, "index.nl.html")
REPORTS = (*STUDY, *ORGANISATION)
SCROLL_WIDTH = "document.documentElement.scrollWidth"
# Short words of one language that are no words of the other.
COMMON = {
    "nl": {"het", "een", "van", "niet", "zijn", "voor", "met", "dat", "die", "wordt", "ook"},
    "en": {"the", "and", "not", "are", "for", "with", "that", "which", "this", "by"},
}
REPEATS_HEADER = """() => [...document.querySelectorAll('table thead')]
  .every(e => getComputedStyle(e).display === 'table-header-group')"""
# A table meant for the screen only is not printed at all, and a line in print says where it is.
LOST_COLUMNS = """() => [...document.querySelectorAll('table thead th')]
  .filter(e => !e.closest('.screen-only') && !e.getClientRects().length).map(e => e.textContent)"""
NAMELESS = """() => [...document.querySelectorAll('section, table, figure, .keynumbers')]
  .filter(e => !e.id).map(e => e.outerHTML.slice(0, 100))"""


@pytest.fixture(scope="module")
def look(example, chromium):
    """Open a page of the example at a width; the answer to each script, asked once."""

    @cache
    def at(name: str, width: int, *scripts: str, style: str = "", **options: object) -> list:
        options |= {"chromium": chromium, "bypass_csp": bool(style)}
        with open_page(example.page(name), width=width, **options) as (page, _, _):
            if style:
                page.add_style_tag(content=style)
            return [page.evaluate(script) for script in scripts]

    return at


@pytest.fixture(scope="module")
def printed(example, chromium, tmp_path_factory):
    """A page of the example as a PDF on A4, read back."""

    @cache
    def get(name: str):
        target = tmp_path_factory.mktemp("printed") / "page.pdf"
        return read_pdf(print_pdf(example.page(name), target, chromium=chromium))

    return get


@pytest.fixture(scope="module")
def reader(example):
    """What stands in a page of the example."""
    return cache(lambda name: PageReader(example.page(name).read_text(encoding="utf-8")))


def links_of(reader: PageReader) -> list[str]:
    return [link.attributes.get("href", "") for link in reader.of("a")]


@pytest.mark.parametrize("name", PAGES)
def test_r1_r2_a_page_alone_in_a_folder_and_offline_is_whole(example, chromium, tmp_path, name):
    alone = shutil.copy(example.page(name), tmp_path / "alone.html")
    with open_page(alone, width=1280, chromium=chromium, offline=True) as (page, requests, errors):
        assert [url for url in requests if not url.startswith("data:")] == [alone.as_uri()]
        assert errors == []
        assert page.locator("img").evaluate_all("all => all.every(e => e.naturalWidth > 0)")


@pytest.mark.parametrize(("name", "limit"), [(STUDY[0], 3e6), *((n, 1e6) for n in ORGANISATION)])
def test_r3_a_page_is_small(example, name, limit):
    assert example.page(name).stat().st_size <= limit


@pytest.mark.parametrize("name", [STUDY[0], ORGANISATION[0]])
def test_r4_a_page_has_loaded_within_a_second(example, chromium, name):
    assert probe.load_seconds(example.page(name), chromium=chromium) < 1.0


@pytest.mark.parametrize("name", REPORTS)
def test_r5_without_javascript_nothing_is_missing(example, chromium, name):
    seen = []
    for javascript in (True, False):
        options = {"chromium": chromium, "java_script_enabled": javascript}
        with open_page(example.page(name), width=1280, **options) as (page, _, _):
            seen.append(page.locator("body").inner_text())
            page.locator(".contents a").last.click()
            assert page.locator("#provenance").is_visible()
            assert page.evaluate("scrollY") > 1000
    assert seen[0] == seen[1]


@pytest.mark.parametrize("name", PAGES)
def test_r6_r20_a_page_has_one_look_in_light_and_dark(look, name):
    light, dark = (
        look(name, 1280, probe.COLOURS, color_scheme=scheme)[0] for scheme in ("light", "dark")
    )
    assert light == dark


@pytest.mark.parametrize("name", PAGES)
def test_r6_every_text_stands_out_where_axe_cannot_say(look, name):
    (lowest,) = look(name, 1280, probe.LOWEST_CONTRAST)
    assert lowest["ratio"] >= 4.5, lowest["where"]


def test_r7_an_alternative_text_is_no_caption_and_names_numbers(example):
    for path in sorted(example.study.folder.glob("*.html")):
        reader = PageReader(path.read_text(encoding="utf-8"))
        alts = [image.attributes["alt"] for image in reader.of("img")]
        captions = {caption.text for caption in reader.of("figcaption", "caption")}
        assert len(set(alts)) == len(alts)
        for alt in alts:
            assert alt not in captions
            assert re.search(r"\d", alt), alt
            assert not re.search(r"\.(png|svg)\b|no description", alt, re.IGNORECASE)


@pytest.mark.parametrize("name", REPORTS)
def test_r8_the_download_holds_the_results_of_the_page(example, reader, name):
    prefix = "data:text/csv;charset=utf-8;base64,"
    files = [
        base64.b64decode(link.removeprefix(prefix))
        for link in links_of(reader(name))
        if link.startswith(prefix)
    ]
    assert example.page(name).with_suffix(".results.csv").read_bytes() in files
    for content in files:
        assert len(pd.read_csv(io.BytesIO(content))) > 0


@pytest.mark.parametrize("name", REPORTS)
def test_r8_every_mark_stands_at_a_number_of_its_row(look, name):
    """Measured on the axis in the head of its table; half a unit of the last decimal off at most."""
    (rows,) = look(name, 1280, probe.PLOTTED)
    assert len(rows) > 30
    for row in rows:
        words = row["words"].replace("−", "-").replace(",", ".")
        numbers = [float(n) for n in re.findall(r"[-+]?(?:\d+(?:\.\d+)?|\.\d+)", words)]
        ends = sorted(row["ends"])
        if len(row["marks"]) > 3:  # a strip of dots: their range is printed, not every one
            assert (
                numbers[0] - 0.051 <= min(row["marks"]) <= max(row["marks"]) <= numbers[1] + 0.051
            )
            continue
        for mark in row["marks"]:
            near = min(abs(mark - min(max(n, ends[0]), ends[1])) for n in numbers)
            assert near <= 0.051, row


@pytest.mark.parametrize("name", REPORTS)
def test_r9_r19_in_print_headers_repeat_and_no_column_is_lost(example, chromium, name):
    with open_page(example.page(name), width=665, chromium=chromium) as (page, _, _):
        page.emulate_media(media="print")
        assert page.evaluate(REPEATS_HEADER)
        assert page.evaluate(LOST_COLUMNS) == []
        left_out, said = (page.locator(css).count() for css in (".screen-only", ".print-only"))
        assert said >= min(left_out, 1)


@pytest.mark.parametrize("name", PAGES)
def test_r10_headings_descend_one_level_at_a_time_and_are_the_contents(reader, name):
    found = reader(name).of(*HEADINGS)
    levels = [int(heading.tag[1]) for heading in found]
    assert levels.count(1) == 1 and levels[0] == 1
    assert all(later <= earlier + 1 for earlier, later in pairwise(levels))
    listed = [e.text for e in reader(name).of("a") if "nav" in e.around]
    assert listed == [heading.text for heading in found if heading.tag == "h2"]


@pytest.mark.parametrize("name", REPORTS)
def test_r11_every_section_figure_and_table_can_be_linked_to(look, name):
    assert look(name, 1280, NAMELESS) == [[]]


def test_r11_r18_both_languages_have_the_same_ids_in_the_same_order(example):
    dutch = [path for path in example.published if path.name.endswith(".nl.html")]
    assert len(dutch) == 14
    for path in dutch:
        other = path.with_name(path.name.replace(".nl.", ".en."))
        pair = [
            [
                e.attributes["id"]
                for e in PageReader(one.read_text("utf-8")).elements
                if "id" in e.attributes
            ]
            for one in (path, other)
        ]
        assert pair[0] == pair[1], path.name
        assert len(set(pair[0])) == len(pair[0])


@pytest.mark.parametrize(("name", "width"), [*((n, 1280) for n in REPORTS), (STUDY[0], 360)])
def test_r12_the_keyboard_reaches_everything_in_reading_order(example, chromium, name, width):
    """Every link, fold and scrolling region that is in sight, once each; the first is the way past."""
    with open_page(example.page(name), width=width, chromium=chromium) as (page, _, _):
        stops = probe.tab_stops(page)
    places = [stop["place"] for stop in stops]
    assert stops[0]["skip"]
    assert places == list(range(stops[0]["total"]))
    assert all(stop["ring"] and stop["seen"] for stop in stops)


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", PAGES)
def test_r13_targets_can_be_hit(look, name, width):
    assert look(name, width, probe.SMALL_TARGETS) == [[]]


@pytest.mark.parametrize("width", [360, 320])
@pytest.mark.parametrize("name", PAGES)
def test_r14_a_narrow_page_scrolls_one_way_and_can_be_read(look, name, width):
    asked = (SCROLL_WIDTH, SPILLING, SMALLEST_FONT, probe.LOOSE_SCROLLERS, probe.CUT)
    scroll_width, spilling, smallest, loose, cut = look(name, width, *asked)
    assert scroll_width == width
    assert (spilling, loose, cut) == ([], [], [])
    assert smallest >= (11 if width == 360 else 10)


LARGER = {
    "zoom 200 %": (640, ""),
    "text twice as large": (1280, probe.DOUBLE_TEXT),
    "wide spacing": (1280, probe.TEXT_SPACING),
    "wide spacing on a phone": (360, probe.TEXT_SPACING),
}


@pytest.mark.parametrize("how", LARGER)
@pytest.mark.parametrize("name", PAGES)
def test_r15_larger_text_and_wider_spacing_cut_nothing(look, name, how):
    width, style = LARGER[how]
    scroll_width, spilling, cut = look(name, width, SCROLL_WIDTH, SPILLING, probe.CUT, style=style)
    assert scroll_width == width
    assert (spilling, cut) == ([], [])


@pytest.mark.parametrize("name", PAGES)
def test_r17_the_language_said_is_the_language_written(reader, name):
    language = name.split(".")[-2]
    (root,) = reader(name).of("html")
    assert root.attributes["lang"] == language
    # Names of functions and reason codes (agreement_within) are no words of a language.
    words = re.findall(r"(?<!\w)[a-zë]+(?!\w)", reader(name).text.lower())
    found = {key: sum(word in common for word in words) for key, common in COMMON.items()}
    other = "en" if language == "nl" else "nl"
    assert found[language] > 20 * found[other]
    abroad = [a for a in reader(name).of("a") if f".{other}." in a.attributes.get("href", "")]
    assert all(link.attributes.get("lang") == other for link in abroad)


@pytest.mark.parametrize(
    ("name", "most"), [(n, 40) for n in STUDY] + [(n, 8) for n in ORGANISATION]
)
def test_r19_a_page_prints_whole(printed, name, most):
    pdf = printed(name)
    assert pdf.tagged
    assert pdf.language == name.split(".")[-2]
    assert 1 <= pdf.sheets <= most
    assert pdf.stranded == []
    assert pdf.split == []


@pytest.mark.parametrize("name", REPORTS)
def test_r19_folded_parts_are_printed(printed, reader, name):
    flat = "".join(printed(name).words.split())
    for part in reader(name).of("caption", "summary"):
        if not {"contents", "screen-only"} & set(part.within_class.split()):
            assert "".join(part.text.split()) in flat, part.text
