"""The list of reports: every organisation once, what is ready, and nobody's number given away."""

import pandas as pd
import pytest
from markupsafe import Markup
from tests.studies_made import instrument, study_file

from research.batch.task import FAILED, PUBLISHED, Outcome
from research.disclosure.audit import Audit
from research.disclosure.scanner import Scan
from research.pipeline.index_pages import Checked, check_lines, index_rows, people_bands
from research.presentation.index_page import IndexRow, failed_sections, index_sections
from research.presentation.texts import Reader


def reader(language="en"):
    return Reader(study=study_file(), instrument=instrument(), language=language)


def row(name, **changes):
    given = {"name": name, "pages": {"nl": "a.nl.html", "en": "a.en.html"}, "people": "20–49"}
    return IndexRow(**{**given, **changes})


def words(sections):
    return " ".join(Markup("").join(sections).striptags().split())


def page(rows, language="en"):
    return str(Markup("").join(index_sections(rows, reader(language))))


def test_organisations_stand_in_alphabetical_order_whatever_the_case_and_it_is_said():
    made = page([row("Zuid"), row("noord <b>"), row("Aa")])
    assert made.index("Aa") < made.index("noord &lt;b&gt;") < made.index("Zuid")
    assert "alphabetical order" in made


def test_every_language_of_a_report_is_a_link_in_its_own_language():
    made = page([row("Noord", prints={"nl": "a.nl.pdf"})])
    assert '<a class="page-link" href="a.nl.html" lang="nl" hreflang="nl">Nederlands</a>' in made
    assert 'href="a.nl.pdf" lang="nl" hreflang="nl">Nederlands (PDF)</a>' in made
    assert 'href="a.en.html"' in made and "English (PDF)" not in made


def test_what_could_not_be_made_is_counted_and_marked_with_a_shape_of_its_own():
    ready = page([row("Noord"), row("Zuid")])
    assert "Organisations: 2. Reports: 4, all of them ready." in ready
    assert 'class="status failed"' not in ready
    broken = page([row("Noord"), row("Zuid", pages={"nl": "z.nl.html"}, failed=1)])
    assert "Reports: 4, not all of them ready. What could not be made: 1;" in broken
    assert '<span class="status failed">could not be made: 1</span>' in broken


@pytest.mark.parametrize(
    ("language", "said"), [("en", "send an organisation only its own"), ("nl", "alleen haar eigen")]
)
def test_whoever_sends_the_reports_is_told_to_keep_the_list(language, said):
    assert said in page([row("Noord")], language)


def test_the_page_of_a_failed_report_says_so_and_shows_no_figure():
    said = words(failed_sections(reader()))
    assert "so it shows no figures" in said
    assert not any(sign.isdigit() for sign in said)


def audited(**narrowest):
    rows = [{"what": what, "pair": width, "wanted": 0.0} for what, width in narrowest.items()]
    return Audit(cells=pd.DataFrame(rows, columns=["what", "pair", "wanted"]))


def test_the_checks_before_publication_are_told_in_numbers():
    scan = Scan(files=52, tables=1234, cells=9, findings=())
    made = Checked(audit=audited(people=7.0, mean=0.629), scan=scan, withheld=1500)
    lines = check_lines(made, reader("nl"))
    assert "1.500" in lines[0]
    assert "minstens 7" in lines[1] and "0,62 punt" in lines[2]
    assert lines[3].startswith("Doorzocht: 52 bestanden, 1.234 tabellen, 9 cellen met een getal.")


def test_where_nothing_is_protected_nothing_is_said_of_how_narrowly():
    scan = Scan(files=1, tables=1, cells=1, findings=())
    assert len(check_lines(Checked(audit=audited(), scan=scan, withheld=0), reader())) == 2


class Made:
    """As much of a build as the index reads."""

    def __init__(self, counts):
        self.study = study_file(organisations=[{"id": "org1", "name": "Zuid"}])
        rows = [
            {"organisation_id": organisation, "role": role}
            for organisation, by_role in counts.items()
            for role, n in by_role.items()
            for _ in range(n)
        ]
        self.answers = type("Answers", (), {"people": pd.DataFrame(rows)})


def test_people_are_told_in_bands_and_withheld_where_a_role_has_few():
    made = Made(
        {
            "org1": {"customer": 30, "manager": 10},
            "org2": {"customer": 60, "manager": 12},
            # 49 customers: a band of all roles would tell that there is no manager
            "org3": {"customer": 49, "manager": 9},
            "org4": {"customer": 49},
        }
    )
    assert people_bands(made, reader()) == {
        "org1": "20–49",
        "org2": "50 or more",
        "org3": "[c]",
        "org4": "[c]",
    }


def test_a_row_holds_the_pages_that_were_made_and_counts_those_that_were_not():
    made = {"organisation_id": "org1", "notebook": "90", "seconds": 1.0}
    outcomes = [
        Outcome(language="nl", status=PUBLISHED, page="z.nl.html", pdf="z.nl.pdf", **made),
        Outcome(language="en", status=FAILED, page="", message="It stopped.", **made),
    ]
    (found,) = index_rows(Made({"org1": {"customer": 30, "manager": 10}}), reader(), outcomes)
    assert found == IndexRow(
        name="Zuid",
        pages={"nl": "z.nl.html"},
        prints={"nl": "z.nl.pdf"},
        people="20–49",
        failed=1,
    )
