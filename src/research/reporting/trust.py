"""The part of the trust box that can only be filled in when the page is finished."""

from collections.abc import Callable
from functools import partial

from markupsafe import Markup

from research.presentation.texts import text
from research.presentation.trust_section import RUN_PLACE, VERDICT_PLACE, TrustRow, trust_row
from research.reporting.number_checks import NumberChecks
from research.reporting.provenance import SHOWN_HASH, UNKNOWN, Provenance

LOOK = '<div class="look">'
Text = Callable[..., str]


def fill_trust_box(
    page: str, checks: NumberChecks, provenance: Provenance | None, *, language: str
) -> str:
    """Page with the verdict of its own checks and the rows on how it was made.

    A page without a trust box stays as it is. ``checks`` must be without mismatches: a page that
    has any is not published.
    """
    if RUN_PLACE not in page:
        return page
    words = partial(text, language=language)
    rows = [_checked(checks, words), *_made(provenance, words)]
    page = page.replace(RUN_PLACE, Markup("").join(trust_row(row, words) for row in rows))
    points = page.count(LOOK)
    key = {0: "trust.verdict.all", 1: "trust.verdict.one"}.get(points, "trust.verdict.look")
    passed = checks.total - len(checks.untraced)
    verdict = words(key, checks=passed, points=points)
    said = Markup('<p class="answer" id="trust-verdict">{}</p>').format(verdict)
    return page.replace(VERDICT_PLACE, said)


def _checked(checks: NumberChecks, words: Text) -> TrustRow:
    """How many numbers of each kind were checked on this very page."""
    lines = [words("trust.checks", checks=checks.total)]
    parts = [words(f"trust.checks.{kind}", count=count) for kind, count in checks.counts.items()]
    if parts:
        lines.append("; ".join(parts).capitalize() + ".")
    if checks.untraced:
        lines.append(words("trust.checks.untraced", count=len(checks.untraced)))
    return TrustRow(topic="checks", lines=lines, look=bool(checks.untraced))


def _made(provenance: Provenance | None, words: Text) -> list[TrustRow]:
    if provenance is None:
        return []
    commit = provenance.commit
    tree = words(f"trust.code.{provenance.tree}")
    if commit != UNKNOWN:
        tree = words("trust.code.commit", commit=commit[:SHOWN_HASH], tree=tree)
    versions = words("trust.versions.locked")
    if provenance.off_lock:
        versions = words("trust.versions.off", packages=", ".join(provenance.off_lock))
    return [
        TrustRow(topic="code", lines=[tree], look=provenance.tree != "clean"),
        TrustRow(topic="versions", lines=[versions], look=bool(provenance.off_lock)),
        TrustRow(topic="seed", lines=[words("trust.seed", seed=provenance.seed)]),
    ]
