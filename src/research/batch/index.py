"""The page that lists every organisation's page, and the page in place of one that failed."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from markupsafe import Markup

from research.batch.task import PUBLISHED, Outcome
from research.reporting.html_export import PageContext
from research.reporting.ready_page import write_sections

INDEX_WORDS: tuple[str, ...] = (
    "index.heading",
    "index.caption",
    "index.organisation",
    "index.page",
    "index.status",
    "index.published",
    "index.failed",
    "index.language.nl",
    "index.language.en",
    "failed.heading",
    "failed.text",
)


def write_index(
    outcomes: Sequence[Outcome],
    *,
    output: Path,
    context: PageContext,
    names: Mapping[str, str],
) -> Path:
    """Write the page that lists organisations with a link per language and a status.

    ``names`` are the display names by organisation id. Links are relative: the index lies in the
    folder of the pages. ``context.words`` also holds INDEX_WORDS.
    """
    words = context.words
    _require_words(words)
    organisations = list(dict.fromkeys(outcome.organisation_id for outcome in outcomes))
    organisations.sort(key=lambda one: (names.get(one, one).casefold(), one))
    rows = Markup("\n").join(
        _row(names.get(one, one), [o for o in outcomes if o.organisation_id == one], words)
        for one in organisations
    )
    head = Markup("").join(
        Markup('<th scope="col">{}</th>').format(words[key])
        for key in ("index.organisation", "index.page", "index.status")
    )
    section = Markup(
        '<section id="pages" aria-labelledby="pages-h"><h2 id="pages-h">{}</h2>\n'
        '<div class="table-region" role="region" tabindex="0" aria-label="{}">'
        '<table id="organisations"><caption>{}</caption><thead><tr>{}</tr></thead>'
        "<tbody>\n{}\n</tbody></table></div></section>"
    ).format(words["index.heading"], words["index.caption"], words["index.caption"], head, rows)
    return write_sections([section], output, context)


def write_failed_page(output: Path, *, context: PageContext) -> Path:
    """Write the page of an organisation whose report failed: it says so and holds no data."""
    _require_words(context.words)
    section = Markup(
        '<section id="failed" aria-labelledby="failed-h"><h2 id="failed-h">{}</h2>'
        "<p>{}</p></section>"
    ).format(context.words["failed.heading"], context.words["failed.text"])
    return write_sections([section], output, context)


def _row(name: str, outcomes: Sequence[Outcome], words: Mapping[str, str]) -> Markup:
    links = Markup(" ").join(
        Markup('<a class="page-link" href="{}" lang="{}" hreflang="{}">{}</a>').format(
            outcome.page,
            outcome.language,
            outcome.language,
            words[f"index.language.{outcome.language}"],
        )
        for outcome in sorted(outcomes, key=lambda one: one.language)
        if outcome.status == PUBLISHED
    )
    complete = all(outcome.status == PUBLISHED for outcome in outcomes)
    return Markup('<tr><th scope="row">{}</th><td>{}</td><td class="{}">{}</td></tr>').format(
        name,
        links or "–",
        "status published" if complete else "status failed",
        words["index.published" if complete else "index.failed"],
    )


def _require_words(words: Mapping[str, str]) -> None:
    missing = [key for key in INDEX_WORDS if not words.get(key)]
    if missing:
        raise ValueError(f"the page's words lack {', '.join(missing)}")
