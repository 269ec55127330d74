"""What only a workbook can have: sheets, header rows, formulas, error values, dates, hidden rows."""

import datetime
import io
import zipfile

import pytest

from research.errors import ResponseError
from research.responses.ingest.files import excel
from research.responses.ingest.tables import ReadOptions, Source

NAMES = frozenset({"id", "org", "role", "a01", "a02", "a03", "a04"})
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
# "Strict Open XML Spreadsheet" of Excel's save dialogue: ISO/IEC 29500-1, the same parts under
# other names of their namespaces and relations.
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
STRICT_RELATIONS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
HEADER = ["id", "org", "role", "a01", "a02", "a03", "a04"]


def raw_xlsx(sheet, *, shared="", styles="", settings="", main=MAIN, relations=RELATIONS):
    """Bytes of a workbook with one sheet, from the XML inside its <worksheet>."""
    package = "http://schemas.openxmlformats.org/package/2006/relationships"

    def refer(*targets):
        lines = "".join(
            f'<Relationship Id="rId{n}" Type="{relations}/{kind}" Target="{target}"/>'
            for n, (kind, target) in enumerate(targets, start=1)
        )
        return f'<Relationships xmlns="{package}">{lines}</Relationships>'

    parts = {
        "_rels/.rels": refer(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}">{settings}'
        '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": refer(
            ("worksheet", "worksheets/sheet1.xml"),
            ("sharedStrings", "/xl/sharedStrings.xml"),
            ("styles", "styles.xml"),
        ),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}">{sheet}</worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{main}">{shared}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}">{styles}</styleSheet>',
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def inline(*texts, number=""):
    """A row of texts as programs without a table of shared texts write it."""
    place = f' r="{number}"' if number else ""
    cells = "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)
    return f"<row{place}>{cells}</row>"


def small(rows, **options):
    return raw_xlsx(f"<sheetData>{inline(*HEADER)}{rows}</sheetData>", **options)


def person(*answers, name="r1"):
    """A row of one person; each answer is the XML of its cell."""
    texts = "".join(
        f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in (name, "Noord", "customer")
    )
    return f"<row>{texts}{''.join(answers)}</row>"


def number(value, **attributes):
    return "<c" + "".join(f' {k}="{v}"' for k, v in attributes.items()) + f"><v>{value}</v></c>"


def read(content, **options):
    source = Source("e.xlsx", content)
    return excel.read(source, ReadOptions(expected_names=NAMES, **options), "test")


def answers_of(table, row=0):
    return table.cells.iloc[row, 3:].tolist()


# --- sheets -------------------------------------------------------------------------------------


def test_two_sheets_with_answers_ask_for_a_name(load, rows, to_xlsx):
    content = to_xlsx({"Answers": rows, "Old": rows})
    with pytest.raises(ResponseError, match="2 sheets.*'Answers', 'Old'.*`sheet: Answers`"):
        load({"e.xlsx": content})


def test_a_named_sheet_is_read(load, rows, to_xlsx):
    content = to_xlsx({"Answers": rows, "Old": rows[:4]})
    result = load({"e.xlsx": content}, exports=[{"path": "e.xlsx", "sheet": "Old"}])
    assert len(result.responses) == 3


def test_an_unknown_sheet_names_the_nearest(load, rows, to_xlsx):
    with pytest.raises(ResponseError, match="no sheet 'Answer'. Did you mean 'Answers'"):
        load(
            {"e.xlsx": to_xlsx({"Answers": rows})}, exports=[{"path": "e.xlsx", "sheet": "Answer"}]
        )


def test_the_sheet_with_known_headers_is_taken_among_others(load, rows, to_xlsx):
    book = [["activity", "wording"], ["a01", "The manager does thing 1."]]
    content = to_xlsx({"Read me": [["Made in May"]], "Codebook": book, "Answers": rows})
    assert load({"e.xlsx": content}).receipt["files"][0]["sheet"] == "Answers"


def hide_sheet(name):
    def change(workbook):
        workbook[name].sheet_state = "hidden"

    return change


def test_a_hidden_sheet_is_passed_over_for_a_shown_one(load, rows, to_xlsx):
    content = to_xlsx({"Old": rows[:3], "Answers": rows}, hide_sheet("Old"))
    assert len(load({"e.xlsx": content}).responses) == 6


def test_answers_on_a_hidden_sheet_alone_are_read_and_said(load, rows, to_xlsx):
    content = to_xlsx({"Front": [["Our study"]], "Data": rows}, hide_sheet("Data"))
    failures = load({"e.xlsx": content}).failures
    assert failures["rule"].tolist() == ["hidden sheet"]
    assert "`sheet: Data`" in failures["remedy"].iloc[0]


# --- header rows --------------------------------------------------------------------------------


def test_titles_above_the_header_are_skipped_and_rows_keep_their_numbers(load, rows, to_xlsx):
    rows[2][3] = 7
    titled = [["Customer survey 2026"], [], ["Exported", "1 May"], *rows]
    result = load({"e.xlsx": to_xlsx({"Answers": titled})})
    assert result.receipt["files"][0]["header_row"] == 4
    assert result.failures["row"].tolist() == ["6"]


def test_question_texts_below_the_names_are_a_second_header_row(load, rows, to_xlsx):
    texts = ["", "", "", *(f"The manager does thing {n}." for n in range(1, 5))]
    result = load({"e.xlsx": to_xlsx({"Answers": [rows[0], texts, *rows[1:]]})})
    assert len(result.responses) == 6
    assert result.receipt["files"][0]["header_row"] == 2


def test_names_spread_over_two_header_rows_are_put_together(load, rows, to_xlsx):
    upper = [*rows[0][:3], "Part A", None, None, None]
    lower = [None, None, None, *rows[0][3:]]

    def merge(workbook):
        for area in ("A1:A2", "B1:B2", "C1:C2", "D1:G1"):
            workbook["Answers"].merge_cells(area)

    content = to_xlsx({"Answers": [upper, lower, *rows[1:]]}, merge)
    result = load({"e.xlsx": content})
    assert len(result.responses) == 6
    assert result.failures.empty


def test_a_sheet_without_a_header_asks_for_one(load, rows, to_xlsx):
    numbers = [[n, 1, 2, 3, 4, 5, 5] for n in range(1, 5)]
    with pytest.raises(ResponseError, match="row 1: no row .*holds numbers.*under `columns`"):
        load({"e.xlsx": to_xlsx({"Answers": numbers})})


def test_a_header_of_unknown_names_is_said_with_those_names(load, rows, to_xlsx):
    rows[0] = ["nr", "bedrijf", "rol", "v1", "v2", "v3", "v4"]
    with pytest.raises(ResponseError, match="'bedrijf'"):
        load({"e.xlsx": to_xlsx({"Answers": rows})})


def test_empty_rows_and_columns_around_the_table_do_not_matter(load, rows, to_xlsx):
    shifted = [[], [], *([None, None, *row, None] for row in rows), [], [" "]]
    result = load({"e.xlsx": to_xlsx({"Answers": shifted})})
    assert len(result.responses) == 6
    assert result.receipt["left_out"] == {}


def test_rows_below_a_gap_keep_their_number(load, rows, to_xlsx):
    rows.insert(3, [None] * 7)
    rows[5][3] = 7
    result = load({"e.xlsx": to_xlsx({"Answers": rows})})
    assert result.failures["row"].tolist() == ["6"]
    assert result.receipt["left_out"] == {"blank line": 1}


# --- odd cells ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (datetime.datetime(2026, 5, 1), ("cell D3", "date", "such as 1-5", "type Text")),
        (datetime.time(10, 30), ("cell D3", "(time)", "date and time together")),
        ("#N/A", ("cell D3", "error value #N/A", "Correct the cell")),
        ("#DIV/0!", ("cell D3", "error value #DIV/0!", "Correct the cell")),
        ("#N/B", ("cell D3", "error value #N/B typed as text", "Correct the cell")),
        ("#DEEL/0!", ("cell D3", "error value #DEEL/0! typed as text", "Correct the cell")),
        ("#WAARDE!", ("cell D3", "error value #WAARDE! typed as text", "Correct the cell")),
        ("=1+1", ("cell D3", "formula without a stored value", "Open the workbook")),
        (3.5, ("1 answer(s) are not whole numbers (rows 3)", "export the answers themselves")),
        (True, ("'True' (1)", "answer_words")),
    ],
)
def test_a_cell_that_is_no_plain_value_is_named(load, rows, to_xlsx, value, words):
    rows[2][3] = value
    with pytest.raises(ResponseError, match="e.xlsx, sheet Answers, row 3, column a01") as error:
        load({"e.xlsx": to_xlsx({"Answers": rows})})
    for word in words:
        assert word in str(error.value)
    assert len(error.value.problems) == 1


def test_a_percentage_among_the_answers_is_named_by_its_address(load, rows, to_xlsx):
    def as_percentage(workbook):
        workbook["Answers"]["D3"].number_format = "0%"

    with pytest.raises(ResponseError, match=r"cell D3 .*\(percentage\).*format General"):
        load({"e.xlsx": to_xlsx({"Answers": rows}, as_percentage)})


def test_an_answer_column_of_nothing_but_dates_is_named_once(load, rows, to_xlsx):
    for number_, row in enumerate(rows[1:], start=1):
        row[4] = datetime.date(2026, number_, 1)
    with pytest.raises(ResponseError, match="cell E2 .*as in the whole column") as error:
        load({"e.xlsx": to_xlsx({"Answers": rows})})
    assert error.value.failures["rule"].tolist().count("odd cell") == 1


def test_odd_cells_in_columns_nobody_uses_do_not_matter(load, rows, to_xlsx):
    table = [[*rows[0], "remark"], *([*row, "#N/A"] for row in rows[1:])]
    assert len(load({"e.xlsx": to_xlsx({"Answers": table})}).responses) == 6


def test_dates_belong_in_start_and_finish_and_in_a_covariate_of_dates(load, rows, to_xlsx):
    begin = datetime.datetime(2026, 5, 1, 10, 0)
    times = [[begin, begin + datetime.timedelta(seconds=90 + n), begin] for n in range(6)]
    table = [
        [*rows[0], "from", "to", "since"],
        *([*row, *time] for row, time in zip(rows[1:], times, strict=True)),
    ]
    columns = {"respondent": "id", "organisation": "org", "role": "role"}
    columns |= {"started": "from", "finished": "to", "covariates": {"since": "since"}}
    responses = load({"e.xlsx": to_xlsx({"Answers": table})}, columns=columns).responses
    assert sorted(responses["duration_seconds"]) == [90, 91, 92, 93, 94, 95]
    assert set(responses["since"]) == {"2026-05-01 10:00:00"}


def test_one_date_among_the_texts_of_a_covariate_is_refused(load, rows, to_xlsx):
    ages = ["6-10", datetime.date(2026, 5, 1), "6-10", "6-10", "11-15", "6-10"]
    table = [[*rows[0], "age"], *([*row, age] for row, age in zip(rows[1:], ages, strict=True))]
    columns = {"respondent": "id", "organisation": "org", "role": "role"}
    with pytest.raises(ResponseError, match="column age: cell H3 .*date"):
        load(
            {"e.xlsx": to_xlsx({"Answers": table})},
            columns=columns | {"covariates": {"age": "age"}},
        )


def test_dates_counted_from_1904_come_out_right():
    # 1 May 2026 is day 46143 from 1900 and day 44681 from 1904 (they lie 1462 days apart).
    style = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    later = small(person(number(46143, s=1)), styles=style)
    since_1904 = small(
        person(number(44681, s=1)), styles=style, settings='<workbookPr date1904="1"/>'
    )
    assert read(later).cells.iloc[0, 3] == read(since_1904).cells.iloc[0, 3] == "2026-05-01"


def test_an_organisation_shown_as_007_by_its_number_format_keeps_its_noughts():
    style = '<numFmts><numFmt numFmtId="164" formatCode="000"/></numFmts>'
    style += '<cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs>'
    table = read(small(person(number(7, s=1), number(7)), styles=style))
    assert answers_of(table)[:2] == ["007", "7"]


def test_numbers_keep_their_digits_and_lose_only_what_excel_does_not_show():
    stored = ["12345678901234567", "2.9999999999999996", "0.1", "4.0", "1E3", "-1"]
    row = "".join(number(value) for value in stored)
    table = read(raw_xlsx(f"<sheetData>{inline(*HEADER[:6])}<row>{row}</row></sheetData>"))
    assert table.cells.iloc[0].tolist() == ["12345678901234567", "3", "0.1", "4", "1000", "-1"]


def test_numbers_as_text_are_read_and_apostrophes_are_counted(load, rows, to_xlsx):
    rows[1][3], rows[2][3], rows[3][4] = "1", "'2", "'3"
    result = load({"e.xlsx": to_xlsx({"Answers": rows})})
    assert result.responses["a01"].sum() == 1 + 2 + 3 + 4 + 5 + 1
    assert result.failures["rule"].tolist() == ["apostrophe before a number"]
    assert "2 cell(s)" in result.failures["message"].iloc[0]
    assert "in D3" in result.failures["message"].iloc[0]


def test_a_formula_gives_its_stored_value_and_is_said():
    cells = ("<c><f>6-2</f><v>4</v></c>", '<c t="str"><f>""</f><v></v></c>', "<c><f>1</f><v/></c>")
    table = read(small(person(*cells)))
    assert answers_of(table) == ["4", "", "", ""]
    assert [odd.kind for odd in table.odd_cells] == ["formula without a stored value"]
    [warning] = table.problems
    assert (warning.rule, warning.severity) == ("formulas", "warning")
    assert "2 cell(s) in 2 column(s) are formulas, the first in D2" in warning.message


def test_a_formula_that_gives_an_error_is_odd_and_the_null_of_spss_is_missing(load):
    broken = '<c t="e"><f>1/0</f><v>#DIV/0!</v></c>'
    null = '<c t="e"><v>#NULL!</v></c>'
    table = read(small(person(broken, null)))
    assert [odd.kind for odd in table.odd_cells] == ["error value #DIV/0!"]
    responses = load({"e.xlsx": small(person(number(3), null))}).responses
    assert responses[["a01", "a02"]].isna().to_numpy().tolist() == [[False, True]]


# --- merged and hidden --------------------------------------------------------------------------


def test_merged_organisation_cells_are_refused_by_row_and_address(load, rows, to_xlsx):
    def merge(workbook):
        workbook["Answers"].merge_cells("B2:B3")

    with pytest.raises(
        ResponseError, match="row 3, column org: 1 row.*split merged cells"
    ) as error:
        load({"e.xlsx": to_xlsx({"Answers": rows}, merge)})
    assert "cell B3 holds no plain value (covered by the merged cells B2:B3)" in str(error.value)


@pytest.mark.parametrize(("area", "address"), [("D3:E3", "E3"), ("F4:F6", "F5")])
def test_answers_covered_by_merged_cells_are_refused(load, rows, to_xlsx, area, address):
    def merge(workbook):
        workbook["Answers"].merge_cells(area)

    with pytest.raises(ResponseError, match=f"cell {address} .*merged cells {area}.*split"):
        load({"e.xlsx": to_xlsx({"Answers": rows}, merge)})


def test_hidden_rows_are_read_and_said(load, rows, to_xlsx):
    def hide(workbook):
        workbook["Answers"].row_dimensions[3].hidden = True

    result = load({"e.xlsx": to_xlsx({"Answers": rows}, hide)})
    assert len(result.responses) == 6
    assert result.failures["rule"].tolist() == ["hidden rows"]
    assert result.failures["row"].tolist() == ["3"]


def test_rows_hidden_by_a_filter_are_said_as_such(load, rows, to_xlsx):
    def filter_customers(workbook):
        sheet = workbook["Answers"]
        sheet.auto_filter.ref = "A1:G7"
        sheet.auto_filter.add_filter_column(2, ["customer"])
        for row in (5, 6, 7):
            sheet.row_dimensions[row].hidden = True

    failures = load({"e.xlsx": to_xlsx({"Answers": rows}, filter_customers)}).failures
    assert failures["message"].tolist() == [
        "3 row(s) hidden by a filter were read like the others."
    ]


def test_hidden_columns_are_said_when_they_are_known(load, rows, to_xlsx):
    def hide(workbook):
        for letter in "EH":
            workbook["Answers"].column_dimensions[letter].hidden = True

    table = [[*rows[0], "remark"], *([*row, "x"] for row in rows[1:])]
    failures = load({"e.xlsx": to_xlsx({"Answers": table}, hide)}).failures
    assert failures["message"].tolist() == [
        "1 hidden column(s) were read like the others: a02 (E)."
    ]


@pytest.mark.parametrize("word", ["Totaal", "Gemiddelde:", "Mean"])
def test_a_row_of_totals_is_refused_by_its_number(load, rows, to_xlsx, word):
    total = [word, None, None, 16, 20, 15, 21]
    with pytest.raises(ResponseError, match="row 9, column A: the row begins with '" + word):
        load({"e.xlsx": to_xlsx({"Answers": [*rows, [], total]})})


def test_an_organisation_called_total_is_no_total(load, rows, to_xlsx):
    # Without a column for the respondent the organisation may stand first.
    columns = {"organisation": "org", "role": "role"}
    table = [row[1:] for row in rows] + [row[1:] for row in rows[1:]]
    for row in table[1:]:
        row[0] = "Total"
    assert len(load({"e.xlsx": to_xlsx({"Answers": table})}, columns=columns).responses) == 12


# --- what is in the archive ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [{}, {"main": STRICT_MAIN, "relations": STRICT_RELATIONS}],
    ids=["without cell addresses", "strict Open XML"],
)
def test_workbooks_of_other_programs_are_read(options):
    table = read(small(person(*map(number, (1, 2, 3, 4))), **options))
    assert table.headers == tuple(HEADER)
    assert answers_of(table) == ["1", "2", "3", "4"]


def test_prefixed_elements_and_dates_as_text_are_read():
    # The Open XML SDK may write x: before every element; strict files write dates as t="d".
    row = '<x:row r="2"><x:c r="A2" t="d"><x:v>2026-05-01T10:00:00</x:v></x:c>'
    row += '<x:c r="D2"><x:v>4</x:v></x:c></x:row>'
    names = "".join(f'<x:c t="str"><x:v>{name}</x:v></x:c>' for name in HEADER)
    sheet = f'<x:sheetData xmlns:x="{MAIN}"><x:row r="1">{names}</x:row>{row}</x:sheetData>'
    table = read(raw_xlsx(sheet))
    assert table.cells.iloc[0, [0, 3]].tolist() == ["2026-05-01 10:00:00", "4"]
    assert [odd.address for odd in table.odd_cells] == ["A2"]


def test_shared_texts_with_runs_reading_aids_and_escapes_come_out_as_shown():
    shared = '<si><r><t>Ca</t></r><r><rPr/><t xml:space="preserve">fé </t></r></si>'
    shared += "<si><t>東京</t><rPh><t>トウキョウ</t></rPh></si><si><t>a_x000D_b</t></si>"
    cells = "".join(number(n, t="s") for n in range(3))
    aided = '<c t="inlineStr"><is><t>東京</t><rPh><t>トウキョウ</t></rPh></is></c>'
    table = read(small(f"<row>{cells}{aided}</row>", shared=shared))
    assert table.cells.iloc[0, :4].tolist() == ["Café", "東京", "a\rb", "東京"]


def zipped(*names, content=b"x"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (zipped("mimetype", "content.xml"), ("OpenDocument file (.ods)", "save it as .xlsx")),
        (zipped("xl/workbook.bin"), ("binary workbook (.xlsb)", "save it as .xlsx")),
        (zipped("Index/Document.iwa"), ("Apple Numbers", "Export it from Numbers")),
        (zipped("word/document.xml"), ("Word document", "Export the answers")),
        (zipped("export.csv"), ("no readable workbook", "Unpack it")),
        (zipped("xl/workbook.xml"), ("damaged", "download it again")),
        (small(person(number("x"))), ("damaged", "download it again")),
        (small(person(number(0, t="s"))), ("damaged", "download it again")),
        (raw_xlsx(""), ("no sheet with cells", "Export it again")),
    ],
)
def test_an_archive_that_is_no_workbook_says_what_it_is(load, content, words):
    with pytest.raises(ResponseError, match="e.xlsx: ") as error:
        load({"e.xlsx": content})
    for word in words:
        assert word in str(error.value)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_part_of_a_workbook_is_refused(load, rows, to_xlsx, share):
    content = to_xlsx({"Answers": rows})
    with pytest.raises(ResponseError, match="e.xlsx: the workbook is cut off or damaged.*again"):
        load({"e.xlsx": content[: int(len(content) * share)]})


def test_a_changed_byte_in_a_sheet_is_refused(load, rows, to_xlsx):
    content = bytearray(to_xlsx({"Answers": rows}))
    sheet = bytes(content).index(b"xl/worksheets/sheet1.xml")
    content[sheet + 60] ^= 0xFF
    with pytest.raises(ResponseError, match="cut off or damaged"):
        load({"e.xlsx": bytes(content)})


def test_an_archive_that_unpacks_without_end_is_refused_unopened():
    content = zipped("xl/workbook.xml", content=b" " * (65 * 1024**2))
    with pytest.raises(ResponseError, match="unpacks to 65 MB.*new workbook"):
        read(content)


def test_entities_are_refused():
    bomb = '<!DOCTYPE w [<!ENTITY a "x">]><worksheet xmlns="{MAIN}">&a;</worksheet>'
    buffer = io.BytesIO(small(""))
    with zipfile.ZipFile(buffer, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("xl/worksheets/sheet1.xml", bomb)
    with pytest.raises(ResponseError, match="damaged"):
        read(buffer.getvalue())


def test_a_workbook_under_the_ending_of_a_text_file_is_read(load, rows, to_xlsx):
    assert len(load({"e.csv": to_xlsx({"Answers": rows})}).responses) == 6


def test_a_text_file_under_the_ending_of_a_workbook_is_read_and_said(load, csv_text):
    result = load({"e.xlsx": csv_text})
    assert "the name ends in .xlsx, which it is not" in result.receipt["files"][0]["why"]


def test_a_hundred_thousand_formatted_empty_rows_are_no_rows():
    # Excel's "used range" grows to 1,048,576 rows when a whole column is formatted.
    empty = "".join(f'<row r="{n}" s="1"><c r="A{n}" s="1"/></row>' for n in range(3, 100_000))
    table = read(small(person(number(3)) + empty))
    assert len(table.cells) == 1
    assert table.left_out == {}


# --- for the readers of tools -------------------------------------------------------------------


def test_peek_shows_the_first_rows_of_the_sheet_that_would_be_read(rows, to_xlsx):
    long = [["Title"], [], *rows, *([[f"x{n}", "Noord"] for n in range(30)])]
    source = Source("e.xlsx", to_xlsx({"Read me": [["Hello"]], "Answers": long}))
    records = excel.peek(source, ReadOptions(expected_names=NAMES))
    assert len(records) == 20
    assert records[:4] == [
        ["Title"],
        [],
        HEADER,
        ["r1", "Café Zuid", "customer", "1", "5", "2", "3"],
    ]


@pytest.mark.parametrize("content", [b"", b"text", b"PK", zipped("a"), small("")[:700]])
def test_peek_never_raises(content):
    assert excel.peek(Source("e.xlsx", content), ReadOptions(sheet="No such sheet")) == []


def test_rows_below_a_header_that_a_tool_knows(rows, to_xlsx):
    texts = [None, None, None, "Thing 1", "Thing 2", "Thing 3", "Thing 4", "Further"]
    rows[2][3] = datetime.date(2026, 5, 1)
    source = Source("e.xlsx", to_xlsx({"Answers": [["Title"], rows[0], texts, *rows[1:]]}))
    found = excel.read_rows(source, ReadOptions(), header_index=1, n_header_rows=2)
    assert found.head == [[*HEADER, ""], ["" if text is None else text for text in texts]]
    assert found.cells.index.tolist() == [4, 5, 6, 7, 8, 9]
    assert [(odd.address, odd.row) for odd in found.odd_cells] == [("D5", 5)]
    assert (found.blank, found.sheet, found.problems) == (0, "Answers", ())


def test_twenty_columns_of_a_workbook_come_back_exactly(to_xlsx):
    values = ["007", "NA", "None", "é", "x\ny", " b ", 3, -4, 2.5, 1e-7, 123456789012345, 0, 1e20]
    shown = ["007", "NA", "None", "é", "x\ny", "b", "3", "-4", "2.5", "1e-07", "123456789012345"]
    shown += ["0", "100000000000000000000"]
    header = [f"c{n}" for n in range(len(values))]
    source = Source("e.xlsx", to_xlsx({"S": [header, values]}))
    assert excel.read(source, ReadOptions(), "").cells.iloc[0].tolist() == shown
