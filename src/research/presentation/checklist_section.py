"""What JARS-Quant and CHERRIES ask of a report, and where each item stands on this page.

An item leads to a section, to a statement of the study file, or says why it does not apply.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import unescape

from markupsafe import Markup

from research.presentation.conduct_section import statement_id, statement_of
from research.presentation.tables import Column, Group, html_table, paragraph, section
from research.presentation.texts import Reader

FILLED, NOT_APPLICABLE, OPEN = "filled", "not_applicable", "open"
HEADING = re.compile(r'<section id="([^"]+)"[^>]*><h2[^>]*>(.*?)</h2>', re.DOTALL)
NEVER = "never"
# Item -> where it is answered: a section (#id), a subject of `conduct:` or another key of the
# study file, or never in a report of this kind. After Appelbaum et al. (2018), table 1.
JARS: dict[str, str] = {
    "title": "title",
    "authors": "publication.authors",
    "funding": "conduct.funding",
    "abstract": "#summary",
    "problem": NEVER,
    "hypotheses": "#question",
    "inclusion": "population",
    "participants": "#sample",
    "sampling": "conduct.recruitment",
    "response": "invited",
    "dates": "period",
    "payment": "conduct.incentives",
    "ethics": "conduct.ethics",
    "size": "conduct.sample_size",
    "precision": "#gap",
    "measures": "#measures",
    "quality": "conduct.development",
    "psychometrics": "#measures",
    "conditions": NEVER,
    "masking": NEVER,
    "design": "conduct.design",
    "diagnostics": "#sample",
    "strategy": "#method",
    "flow": "#sample",
    "missing": "#sensitivity",
    "descriptives": "#value",
    "inferential": "#gap",
    "effects": "#gap",
    "multiplicity": "#method",
    "exploratory": "#question",
    "support": "#question",
    "similarity": NEVER,
    "limits": "#limits",
    "general": "#limits",
    "implications": "#meaning",
    "deviations": "#deviations",
    "data": "conduct.data_access",
}
# After Eysenbach (2004), in its order.
CHERRIES: dict[str, str] = {
    "design": "conduct.design",
    "ethics": "conduct.ethics",
    "consent": "conduct.consent",
    "protection": "conduct.data_protection",
    "development": "conduct.development",
    "open": "conduct.open_or_closed",
    "contact": "conduct.recruitment",
    "advertising": "conduct.advertising",
    "mode": "conduct.mode",
    "context": "conduct.mode",
    "voluntary": "conduct.voluntary",
    "incentives": "conduct.incentives",
    "dates": "period",
    "randomised": "conduct.form",
    "adaptive": "conduct.form",
    "items": "#measures",
    "screens": "conduct.form",
    "completeness": "conduct.form",
    "review": "conduct.form",
    "visitor": "conduct.duplicates",
    "view_rate": "conduct.visits",
    "participation": "invited",
    "completion": "#sample",
    "cookies": "conduct.duplicates",
    "address": "conduct.duplicates",
    "log": "conduct.duplicates",
    "registration": "conduct.duplicates",
    "incomplete": "#sample",
    "timestamps": "#trust",
    "weights": NEVER,
}
STANDARDS = {"jars": JARS, "cherries": CHERRIES}
# Where on the page a key of the study file is shown.
SHOWN_IN = {
    "title": "top",
    "population": "top",
    "period": "top",
    "invited": "sample",
    "publication": "cite",
}


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item of a list: its state, and the words that say where it stands or why not."""

    name: str
    state: str
    where: str | Markup


def headings_of(sections: Sequence[str]) -> dict[str, str]:
    """Return the sections of a page: id to heading."""
    found = (pair for part in sections for pair in HEADING.findall(str(part)))
    return {section_id: unescape(Markup(heading).striptags()) for section_id, heading in found}


def checklist(reader: Reader, headings: Mapping[str, str]) -> dict[str, list[Item]]:
    """Every item of both lists with its state on a page of these headings."""
    return {
        standard: [
            _item(f"{standard}.{name}", place, reader, headings) for name, place in one.items()
        ]
        for standard, one in STANDARDS.items()
    }


def checklist_section(reader: Reader, sections: Sequence[str]) -> Markup:
    """Both lists as one table, after whether anything is open; ``sections`` are the others."""
    found = checklist(reader, headings_of(sections))
    states = {item.state for items in found.values() for item in items}
    table = html_table(
        table_id="checklist-table",
        caption=reader.text("checklist.caption"),
        columns=[
            Column(heading=reader.text("checklist.item"), kind="text"),
            Column(heading=reader.text("checklist.where"), kind="text"),
        ],
        groups=[
            Group(
                heading=reader.text(f"checklist.{standard}"),
                rows=[(reader.text(f"checklist.{item.name}"), item.where) for item in items],
            )
            for standard, items in found.items()
        ],
    )
    lead = reader.text(f"checklist.lead.{'open' if OPEN in states else 'complete'}")
    return section("checklist", reader.text("checklist.h"), paragraph(lead), table)


def _item(name: str, place: str, reader: Reader, headings: Mapping[str, str]) -> Item:
    if place == NEVER:
        why = reader.text(f"checklist.never.{name}")
        return _not_applicable(name, why, reader)
    if place.startswith("#"):
        target = place.removeprefix("#")
        if target not in headings:
            return _not_applicable(name, reader.text("checklist.no_results"), reader)
        return Item(name=name, state=FILLED, where=_link(target, headings[target]))
    if place.startswith("conduct."):
        return _stated(name, place.removeprefix("conduct."), reader)
    key = place.partition(".")[0]
    value = reader.study
    for part in place.split("."):
        value = getattr(value, part)
    if not value:
        return _open(name, place, reader)
    target = SHOWN_IN[key]
    words = headings.get(target) or reader.text("checklist.title")
    return Item(name=name, state=FILLED, where=_link(target, words))


def _stated(name: str, subject: str, reader: Reader) -> Item:
    stated = statement_of(subject, reader)
    if stated is None:
        return _open(name, f"conduct.{subject}", reader)
    if not stated.applies:
        return _not_applicable(name, stated.get(reader.language), reader)
    where = _link(statement_id(subject), reader.text(f"conduct.{subject}"))
    return Item(name=name, state=FILLED, where=where)


def _link(target: str, words: str) -> Markup:
    return Markup('<a href="#{}">{}</a>').format(target, words)


def _not_applicable(name: str, why: str, reader: Reader) -> Item:
    words = reader.text("checklist.not_applicable", reason=why)
    return Item(name=name, state=NOT_APPLICABLE, where=words)


def _open(name: str, key: str, reader: Reader) -> Item:
    return Item(name=name, state=OPEN, where=reader.text("checklist.open", name=key))
