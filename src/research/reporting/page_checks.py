"""Fast checks on a finished page. A page with a finding is not published.

The slow ones (axe, requests, width) run in a browser, in the tests.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

from research.reporting.page_reader import HEADINGS, PageReader

ALT_LENGTH = (40, 400)
SIZE_LIMIT = {"organisation": 1_000_000, "index": 1_000_000}
OTHER_SIZE_LIMIT = 3_000_000
LOADED_BY = {"src", "srcset", "poster", "data", "background", "xlink:href"}
FORBIDDEN_TAGS = ("script", "iframe", "object", "embed", "form", "link", "base", "audio", "video")
SCOPES = ("row", "col", "rowgroup", "colgroup")
NOT_A_NUMBER = re.compile(r"(?<![\w.])(?:NaN|nan|NaT|<NA>)(?![\w.])")
NO_CELL = ("None", "inf", "-inf", "True", "False")
ABSOLUTE_PATH = re.compile(
    r"(?<![\w./:-])/(?:home|root|tmp|usr|var|Users|opt|mnt|srv|private|work)/|\b[A-Za-z]:\\\w"
)
TRACEBACK = re.compile(r"Traceback \(most recent call last\)|\x1b\[|File \"[^\"]+\", line \d+")


def check_page(page: str, *, language: str, kind: str, names: Sequence[str] = ()) -> list[str]:
    """Findings in words, none for a good page; each rule reports its first offence.

    ``names`` are those of the organisations, of which one may look like a path or be called NaN.
    """
    reader = PageReader(page)
    findings = [*_document(reader, language), *_size(page, kind)]
    for rule in _RULES:
        findings += rule(reader)
    for rule in (_cells, _leaks):
        findings += rule(reader, names)
    return findings


def _document(reader: PageReader, language: str) -> Iterator[str]:
    if reader.doctype != "doctype html":
        yield "the page does not begin with <!doctype html>"
    roots = reader.of("html")
    if not roots or roots[0].attributes.get("lang") != language:
        yield f"html lang is not '{language}'"
    titles = [element.text for element in reader.of("title") if "svg" not in element.around]
    if len(titles) != 1 or titles[0] in ("", "Notebook"):
        yield "the page has no real title"
    for tag in ("main", "header", "footer"):
        if len([e for e in reader.of(tag) if e.around == ("html", "body")]) != 1:
            yield f"the page needs one <{tag}>"
    if reader.unbalanced:
        yield f"broken HTML: {reader.unbalanced[0]}"


def _size(page: str, kind: str) -> Iterator[str]:
    limit = SIZE_LIMIT.get(kind, OTHER_SIZE_LIMIT)
    size = len(page.encode("utf-8"))
    if size > limit:
        yield f"the page has {size} bytes, more than {limit}"


def _policy(reader: PageReader) -> Iterator[str]:
    policies = [
        meta.attributes.get("content", "")
        for meta in reader.of("meta")
        if meta.attributes.get("http-equiv", "").lower() == "content-security-policy"
    ]
    if len(policies) != 1 or "default-src 'none'" not in policies[0] or "script" in policies[0]:
        yield "the content-security policy is missing or too wide"


def _self_contained(reader: PageReader) -> Iterator[str]:
    for element in reader.elements:
        if element.tag in FORBIDDEN_TAGS:
            yield f"<{element.tag}> has no place on a page"
            return
        for name, value in element.attributes.items():
            target = re.sub(r"[\x00-\x20]+", "", value).lower()
            if name.startswith("on"):
                yield f"an element has the script attribute {name}"
                return
            if name in ("href", "xlink:href") and target.startswith(("javascript:", "vbscript:")):
                yield "a link runs a script"
                return
            if name in LOADED_BY and not target.startswith(("data:", "#")):
                yield f"<{element.tag}> loads something from outside"
                return
            if name == "style" and "url(" in target and "url(data:" not in target:
                yield f"<{element.tag}> loads something from outside"
                return
    for style in reader.of("style"):
        if re.search(r"@import|url\(\s*['\"]?(?!data:)", style.text):
            yield "the style sheet loads something from outside"


def _headings(reader: PageReader) -> Iterator[str]:
    found = reader.of(*HEADINGS)
    if len(reader.of("h1")) != 1:
        yield f"the page has {len(reader.of('h1'))} h1 headings, not one"
    levels = [int(heading.tag[1]) for heading in found]
    if any(later > earlier + 1 for earlier, later in pairwise(levels)):
        yield "a heading level is skipped"
    empty = [heading.tag for heading in found if not heading.text]
    if empty:
        yield f"an {empty[0]} heading is empty"


def _contents(reader: PageReader) -> Iterator[str]:
    links = [e for e in reader.of("a") if "nav" in e.around and "contents" in e.within_class]
    if [link.text for link in links] != [heading.text for heading in reader.of("h2")]:
        yield "the contents list differs from the headings"
    known = {element.attributes.get("id") for element in reader.elements}
    for link in reader.of("a"):
        target = link.attributes.get("href", "")
        if target.startswith("#") and target[1:] not in known:
            yield f"the link to {target} leads nowhere"
            return
    anchors = reader.of("a")
    if not anchors or anchors[0].attributes.get("class") != "skip":
        yield "the skip link is not first"


def _ids(reader: PageReader) -> Iterator[str]:
    seen: set[str] = set()
    for element in reader.elements:
        found = element.attributes.get("id")
        if found is None:
            continue
        if found in seen or not found or " " in found:
            yield f"the id '{found}' is empty, holds a space or stands twice"
            return
        seen.add(found)
    for element in reader.elements:
        for name in ("aria-labelledby", "aria-describedby", "headers"):
            lost = set(element.attributes.get(name, "").split()) - seen
            if lost:
                yield f"{name} names an unknown id: {min(lost)}"
                return


def _images(reader: PageReader) -> Iterator[str]:
    low, high = ALT_LENGTH
    for image in reader.of("img"):
        alt = image.attributes.get("alt", "").strip()
        if not low <= len(alt) <= high:
            yield f"an image has an alternative text of {len(alt)} characters, not {low}-{high}"
            return
    for drawing in reader.of("svg"):
        named = drawing.attributes.get("aria-label") or drawing.attributes.get("aria-labelledby")
        hidden = drawing.attributes.get("aria-hidden") == "true"
        if drawing.attributes.get("role") == "img" and named:
            continue
        if not (hidden and {"td", "th"}.intersection(drawing.around)):
            yield "a drawing is neither labelled nor part of a table that says the same"
            return


def _tables(reader: PageReader) -> Iterator[str]:
    captions = [e for e in reader.of("caption") if e.text]
    if len(captions) != len(reader.of("table")):
        yield "a table has no caption"
    for header in reader.of("th"):
        if header.attributes.get("scope") not in SCOPES:
            yield f"the table header '{header.text}' has no scope"
            return
        if not header.text:
            yield "a table header is empty"
            return


def _without(names: Sequence[str], offence: re.Pattern[str], text: str) -> str:
    """A text without the names that would be taken for an offence."""
    for name in names:
        if offence.search(name):
            text = text.replace(name, " ")
    return text


def _cells(reader: PageReader, names: Sequence[str]) -> Iterator[str]:
    for cell in reader.of("td", "dd"):
        if cell.text in NO_CELL:
            yield f"a cell shows '{cell.text}'"
            return
    # Not in titles and row headers, which hold the names of organisations.
    for element in reader.of("td", "dd", "p", "li", "caption", "figcaption"):
        found = NOT_A_NUMBER.search(_without(names, NOT_A_NUMBER, element.text))
        if found:
            yield f"the text shows '{found.group()}'"
            return


def _leaks(reader: PageReader, names: Sequence[str]) -> Iterator[str]:
    attributes = [
        value
        for element in reader.elements
        for value in element.attributes.values()
        if not value.startswith(("data:", "http:", "https:"))
    ]
    for text in [reader.text, *attributes]:
        if ABSOLUTE_PATH.search(_without(names, ABSOLUTE_PATH, text)):
            yield "a path of this machine stands on the page"
            return
    if TRACEBACK.search(reader.text):
        yield "a traceback stands on the page"


_RULES: tuple[Callable[[PageReader], Iterator[str]], ...] = (
    _policy,
    _self_contained,
    _headings,
    _contents,
    _ids,
    _images,
    _tables,
)
