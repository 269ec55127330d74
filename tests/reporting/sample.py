"""A made-up page with everything the template has a style for; used by the tests of this folder."""

from markupsafe import Markup

from research.presentation import marks
from research.presentation.tables import Column, Group, html_table, paragraph, section
from research.reporting.html_export import PageContext, PageLink, render_page

WORDS = {
    "nl": {
        "page.skip": "Direct naar de inhoud",
        "page.contents": "Inhoud",
        "page.provenance": "Waar deze pagina vandaan komt",
        "page.download": "Alle cijfers van deze pagina als CSV",
    },
    "en": {
        "page.skip": "Skip to the content",
        "page.contents": "Contents",
        "page.provenance": "Where this page comes from",
        "page.download": "All numbers of this page as CSV",
    },
}
ACTIVITIES = [
    ("Setting goals together with the team and keeping to them", 4.21, 3.98, 0.23, "relevant"),
    ("Taking decisions without asking anybody", 2.10, 2.14, -0.04, "equivalent"),
    ("Explaining why a decision was taken, also when it is unwelcome", 4.40, 4.31, 0.09, "trivial"),
    ("Using one's position to get things done", 1.92, 2.35, -0.43, "inconclusive"),
    ("Thanking people", 4.71, 4.02, 0.69, ""),
]
VERDICTS = {
    "relevant": "a clear difference",
    "equivalent": "practically equal",
    "trivial": "real but too small to matter",
    "inconclusive": "not shown either way",
    "": "no test",
}


def context(language: str = "en", **changes: object) -> PageContext:
    """Context of a study page with every optional part filled."""
    given = {
        "title": "Customers value explaining and thanking more than managers think",
        "language": language,
        "kind": "study",
        "words": WORDS[language],
        "provenance": {
            "Code version": "0a1b2c3d4e5f (unchanged)",
            "Data fingerprint (SHA-256)": "6f1ed002ab55",
            "Software": "Python 3.11.7, numpy 2.4.6, pandas 3.1.1, scipy 1.17.1",
        },
        "banners": ("Synthetic data: no person gave these answers.",),
        "synthetic": True,
        "subtitle": "Twelve organisations, spring 2026",
        "links": (PageLink(label="Nederlandse versie", href="sample.nl.html", language="nl"),),
    }
    return PageContext(**{**given, **changes})


def gap_table(table_id: str = "gap-chart") -> Markup:
    """Chart-as-table of five activities in two groups."""
    rows = [
        [
            label,
            f"{first:.2f}",
            f"{second:.2f}",
            Markup(
                '<b>{}</b> <span class="range">{} to {}</span> <span class="verdict {}">{}</span>'
            ).format(
                f"{gap:+.2f}",
                f"{gap - 0.2:.2f}",
                f"{gap + 0.2:.2f}",
                verdict or "none",
                VERDICTS[verdict],
            ),
            marks.gap_mark(first, second, scale=(1, 5), midpoint=3),
        ]
        for label, first, second, gap, verdict in ACTIVITIES
    ]
    axis = marks.axis_mark([(float(n), str(n)) for n in range(1, 6)], low=1, high=5)
    return html_table(
        table_id=table_id,
        caption="Mean answer per role, sorted as in the questionnaire; 95 % interval",
        columns=[
            Column(heading="Activity", kind="text"),
            Column(heading="customers", narrow=False),
            Column(heading="managers", narrow=False),
            Column(heading="difference"),
            Column(heading=Markup('<span class="unseen">Scale 1 to 5</span>') + axis, kind="chart"),
        ],
        groups=[
            Group(heading="Working together", rows=rows[:3]),
            Group(heading="Use of power", rows=rows[3:]),
        ],
    )


def numbers_table() -> Markup:
    """Wide table of the numbers behind the chart, in a region of its own."""
    heads = ["t", "df", "p", "p adjusted", "Hedges g (95 % interval)", "superiority", "n"]
    cells = ["2.31", "9.4", ".043", ".129", "0.31 (0.02 to 0.60)", ".58 (.51 to .65)", "412 / 118"]
    return html_table(
        table_id="numbers",
        caption="Every number behind the differences",
        columns=[Column(heading="Activity", kind="text"), *(Column(heading=h) for h in heads)],
        groups=[Group(rows=[[activity[0], *cells] for activity in ACTIVITIES])],
    )


def fragments() -> list[Markup]:
    """Sections of the sample page."""
    strip = Markup(
        '<dl class="keynumbers"><div><dt>customers</dt><dd>1,204</dd></div><div><dt>managers</dt>'
        "<dd>212</dd></div><div><dt>organisations</dt><dd>12</dd></div><div>"
        "<dt>activities with a clear difference</dt><dd>9 of 30</dd></div></dl>"
    )
    key = Markup(
        '<ul class="key"><li class="first">customers</li><li class="second">managers</li></ul>'
    )
    answer = paragraph(
        "Customers score 0.43 points higher on explaining decisions (likely between 0.21 and 0.65; "
        "1,204 customers, 212 managers). On the use of power the two roles do not differ beyond "
        "what could be shown.",
        "answer",
    )
    note = Markup('<div class="note"><p>{}</p></div>').format(
        "What this does not show: whether one thing leads to another. People chose to answer."
    )
    folded = Markup(
        "<details open><summary>How this was computed</summary><p>Difference of means with an "
        "interval that takes organisations as clusters.</p></details>"
    )
    caption = paragraph("[c] = withheld, because fewer than 10 people answered.", "caption")
    return [
        section("summary", "The answer in one page", answer, strip, note),
        section("gap", "Where customers and managers differ", key, gap_table(), caption),
        section("data", "Numbers behind the figures", numbers_table(), folded),
    ]


def page(language: str = "en", **changes: object) -> str:
    """Return the sample page as HTML."""
    return render_page(
        fragments(), context=context(language, **changes), results_csv="estimate\r\n0.1\r\n"
    )
