"""Tables of a page as Word and Excel: the same words, numbers that stay numbers, no formula."""

import io
import math
import zipfile

import openpyxl
import pandas as pd
import pytest
from docx import Document
from markupsafe import Markup

from research.presentation.tables import Column, Group, html_table, paragraph, section
from research.reporting.export.page_tables import Cell, PageContent, PageTable, read_page
from research.reporting.export.split_cells import Number, split_table
from research.reporting.export.word import word_document
from research.reporting.export.workbook import workbook
from research.stats.estimates import result_table
from tests.reporting import sample

# Everything a spreadsheet may take for the start of a formula.
PAYLOADS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A1",
    "#DIV/0!",
]


def table(*rows, columns=("Activity", "mean"), **changes):
    given = {
        "table_id": "t", "section": "s", "caption": "c", "columns": list(columns),
        "kinds": ["text", *["number"] * (len(columns) - 1)],
        "rows": [[Cell(text=word) for word in row] for row in rows],
    }  # fmt: skip
    return PageTable(**{**given, **changes})


def results():
    row = {"analysis": "gap", "estimate_type": "mean_difference", "activity_id": "a01"}
    return result_table([row | {"estimate": 0.25, "ci_low": -0.5, "ci_high": 1.0, "n_a": 20}])


def book_of(content, language="en"):
    made = workbook(content, results(), language=language, source="study.en.html")
    return openpyxl.load_workbook(io.BytesIO(made))


def cells_of(sheet, first=4):
    return [list(row) for row in sheet.iter_rows(min_row=first, values_only=True)]


@pytest.fixture(scope="module")
def content():
    return read_page(sample.page())


class TestReadBack:
    def test_every_table_of_the_page_is_there_under_its_heading(self, content):
        assert content.tables[0].table_id == "gap-chart"
        assert content.tables[0].section == "Where customers and managers differ"
        assert content.banners == ["Synthetic data: no person gave these answers."]
        assert ("Code version", "0a1b2c3d4e5f (unchanged)") in content.provenance

    def test_the_drawn_column_is_left_out_and_a_stacked_cell_keeps_its_parts(self, content):
        chart = content.tables[0]
        assert chart.columns == ["Activity", "customers", "managers", "difference"]
        first = next(row for row in chart.rows if len(row) > 1)
        assert [part for cell in first[1:] for part in cell.parts] == [
            "4.21", "3.98", "+0.23", "0.03 to 0.43", "a clear difference",
        ]  # fmt: skip

    def test_notes_under_a_table_go_along_and_words_elsewhere_do_not(self):
        made = html_table(
            table_id="t",
            caption="C",
            columns=[Column(heading="A", kind="text"), Column(heading="n")],
            groups=[Group(heading="G", rows=[["a", "12"], ["b", Markup("[c]<br>few")]])],
        )
        page = section(
            "s",
            "S",
            paragraph("before", "note"),
            made,
            paragraph("plain"),
            paragraph("[c] = …", "note"),
        )
        (found,) = read_page(page).tables
        assert found.notes == ["[c] = …"]
        assert [[cell.text for cell in row] for row in found.rows] == [
            ["G"], ["a", "12"], ["b", "[c] few"],
        ]  # fmt: skip


class TestOneNumberACell:
    @pytest.mark.parametrize(
        ("language", "word", "value", "shown"),
        [
            ("en", "3.40", 3.4, "0.00"),
            ("nl", "3,40", 3.4, "0.00"),
            ("nl", "1.234", 1234, "#,##0"),
            ("en", "−0.5", -0.5, "0.0"),
            ("en", "+0.25", 0.25, "+0.00;-0.00;0.00"),
            ("en", ".046", 0.046, "0.000"),
            ("nl", "83\N{NO-BREAK SPACE}%", 0.83, "#,##0%"),
        ],
    )
    def test_a_number_is_read_in_its_language_and_keeps_its_decimals(
        self, language, word, value, shown
    ):
        _, [[_, found]] = split_table(table(["a", word]), language=language)
        assert found == Number(value=value, shown=shown)

    @pytest.mark.parametrize("word", ["< .001", "[c]", "–", "practically equal", "1.2.3", ""])
    def test_what_is_no_number_stays_words(self, word):
        _, [[_, found]] = split_table(table(["a", word]), language="en")
        assert found == word

    def test_an_estimate_with_its_interval_becomes_three_columns(self):
        made = table(["a", "0.89 (0.71 to 1.06)"], ["b", "[c]"], columns=("Cluster", "g"))
        headings, rows = split_table(made, language="en")
        assert headings == ["Cluster", "g", "g: lower limit", "g: upper limit"]
        assert [cell.value for cell in rows[0][1:]] == [0.89, 0.71, 1.06]
        assert rows[1] == ["b", "[c]", "", ""]

    def test_two_counts_go_to_their_own_roles(self):
        made = table(["a", "737 / 236"], columns=("Cluster", "n customers / managers"))
        headings, rows = split_table(made, language="en")
        assert headings[1:] == ["n customers", "n managers"]
        assert [cell.value for cell in rows[0][1:]] == [737, 236]

    def test_a_stacked_difference_gets_its_limits_and_its_verdict(self):
        cell = Cell(
            text="+0,9 0,0 tot 1,5 een oordeel", stacked=["+0,9", "0,0 tot 1,5", "een oordeel"]
        )
        made = table(columns=("Cluster", "verschil"), rows=[[Cell(text="a"), cell]])
        headings, rows = split_table(made, language="nl")
        assert headings[1:] == [
            "verschil", "verschil: ondergrens", "verschil: bovengrens", "verschil: oordeel",
        ]  # fmt: skip
        assert [getattr(one, "value", one) for one in rows[0]] == [
            "a",
            0.9,
            0.0,
            1.5,
            "een oordeel",
        ]


class TestWorkbook:
    def test_a_sheet_a_table_and_the_results_with_n_and_interval_beside_each_estimate(self):
        book = book_of(read_page(sample.page()))
        assert book.sheetnames[0] == "Contents" and book.sheetnames[-1] == "results"
        assert "gap-chart" in book.sheetnames
        head, row = (list(line) for line in book["results"].iter_rows(values_only=True))
        at = dict(zip(head, row, strict=True))
        assert (at["estimate"], at["ci_low"], at["ci_high"], at["n_a"]) == (0.25, -0.5, 1.0, 20)
        assert at["p_value"] is None

    def test_no_text_becomes_a_formula_wherever_it_stands(self):
        for payload in PAYLOADS:
            hostile = table(
                [payload, payload], columns=(payload, payload), caption=payload, section=payload,
                notes=[payload], table_id=payload,
            )  # fmt: skip
            content = PageContent(title=payload, banners=[payload], tables=[hostile])
            content.provenance.append((payload, payload))
            for sheet in book_of(content):
                for row in sheet.iter_rows():
                    for cell in row:
                        assert cell.data_type not in ("f", "e")
                        assert cell.data_type == "n" or cell.value[0] not in "=+-@\t\r＝＋－＠"

    def test_names_of_sheets_are_short_plain_and_never_twice_the_same(self):
        made = [table(["a", "1"], table_id=f"{'x' * 40}[{n}]*") for n in range(3)]
        names = book_of(PageContent(title="t", tables=made)).sheetnames
        assert len(set(names)) == 5
        assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)

    def test_signs_that_no_office_file_can_hold_are_left_out(self):
        made = PageContent(title="a\x00b", tables=[table(["c\x0bd", "1"])])
        assert cells_of(book_of(made)["t"])[0] == ["cd", 1]
        document = Document(io.BytesIO(word_document(made, language="en", source="s")))
        assert document.paragraphs[0].text == "ab"


@pytest.fixture(scope="module")
def document(content):
    return Document(io.BytesIO(word_document(content, language="nl", source="study.nl.html")))


class TestWord:
    def test_every_table_stands_numbered_under_its_heading(self, document):
        captions = [p.text for p in document.paragraphs if p.style.name == "Caption"]
        assert len(captions) == len(document.tables)
        assert captions[0].startswith("Tabel 1  Mean answer per role")

    def test_the_header_row_comes_back_on_every_page(self, document):
        for made in document.tables:
            assert made.rows[0]._tr.trPr.xpath("w:tblHeader")

    def test_its_language_is_that_of_the_page(self, document):
        (language,) = document.styles.element.xpath("//w:rPrDefault//w:lang/@w:val")
        assert language == "nl-NL"

    def test_a_table_of_thousands_of_rows_is_left_to_the_workbook(self):
        content = PageContent(title="t", tables=[table(*[["a", "1"]] * 401)])
        document = Document(io.BytesIO(word_document(content, language="en", source="s")))
        assert not document.tables
        assert "401 rows" in " ".join(p.text for p in document.paragraphs)


def made(kind):
    content = read_page(sample.page())
    if kind == "docx":
        return word_document(content, language="en", source="study.en.html")
    return workbook(content, results(), language="en", source="study.en.html")


@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_the_same_page_gives_the_same_bytes_without_time_or_maker(kind):
    first = made(kind)
    assert first == made(kind)
    with zipfile.ZipFile(io.BytesIO(first)) as file:
        assert {entry.date_time[0] for entry in file.infolist()} == {1980}
        core = file.read("docProps/core.xml").decode()
    assert "openpyxl" not in core and "python-docx" not in core
    assert "created" not in core and "modified" not in core


def test_a_missing_number_is_an_empty_cell():
    frame = pd.DataFrame({"estimate": [math.nan, 1.5]})
    content = PageContent(title="t", tables=[])
    read = openpyxl.load_workbook(io.BytesIO(workbook(content, frame, language="en", source="s")))
    assert cells_of(read["results"], first=2) == [[None], [1.5]]
