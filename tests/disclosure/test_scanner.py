"""The scanner of finished files: everything planted is found, and a clean page passes."""

import base64
import io
import json
import zipfile
import zlib

import pytest

from research.disclosure.scanner import Known, scan_folder
from research.disclosure.scanner.leak_rules import private_words
from research.errors import PrivacyError
from research.stats.estimates import RESULT_COLUMNS
from research.study.study_file import Privacy

KNOWN = Known(
    private=frozenset({"R_31kX9", "jan.jansen"}),
    places=("/work/project",),
    stated=("Interviews with 5 managers", "info@university.example"),
    roles={"customer": ("customer", "customers"), "manager": ("manager", "managers", "leiders")},
    scale=(1, 5),
)


def results(*rows: dict, **values: object) -> str:
    """A results table as it is downloaded: a mean of 3.5 from fifty people unless said otherwise."""
    base = {"analysis": "gap", "estimate_type": "mean", "estimate": 3.5, "n_a": 50}
    lines = [",".join(RESULT_COLUMNS)]
    for row in rows or (values,):
        filled = base | row
        lines.append(",".join(str(filled.get(name, "")) for name in RESULT_COLUMNS))
    return "\r\n".join(lines) + "\r\n"


def table(head: list[str], *rows: list[str], drawn: str = "") -> str:
    """A table as a page holds it; ``drawn`` is the mark in the last cell of every row."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join(
        "<tr><th>" + row[0] + "</th>" + "".join(f"<td>{cell}</td>" for cell in row[1:])
        + (f"<td><svg>{drawn}</svg></td>" if drawn else "") + "</tr>"
        for row in rows
    )  # fmt: skip
    return f'<table id="t"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'


def page(body: str = "", *, download: str = "", head: str = "") -> str:
    coded = base64.b64encode(download.encode()).decode()
    link = f'<a href="data:text/csv;base64,{coded}">CSV</a>' if download else ""
    return f"<!doctype html><html><head>{head}</head><body>{body}{link}</body></html>"


def scanned(folder, name: str, content: str | bytes, known: Known = KNOWN):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return scan_folder(folder, privacy=Privacy(), known=known)


def rules_broken(folder, name: str, content: str | bytes) -> set[str]:
    return {finding.rule for finding in scanned(folder, name, content).findings}


FEW = "a number from fewer people than allowed"
NO_COUNT = "a number that does not say from how many people it comes"
SPREAD = "a spread, or what gives it back, of fewer people than allowed"
EXTREME = "(nearly) nobody or (nearly) everybody of few people"
DECIMALS = "more decimals than the number of people allows"
DRAWN = "a drawn mark where every number is withheld"
FORMULA = "a cell that a spreadsheet runs"
RUNS = "something that runs"
# The title of the rows below it, one cell over all columns.
GROUP = '<tbody><tr><th colspan="3">2</th></tr>'
CIRCLE = '<circle fill="#12436D"/>'


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"n_a": 9}, FEW),
        ({"n_a": 50, "n_b": 9, "estimate_type": "mean_difference"}, FEW),
        ({"n_a": ""}, NO_COUNT),
        ({"n_a": "", "estimate_type": "shift", "estimate": 0.07}, NO_COUNT),
        ({"n_a": "", "n_clusters": 2}, NO_COUNT),
        ({"n_a": 19, "estimate_type": "standard_deviation"}, SPREAD),
        ({"n_a": 19, "ci_low": 3.1}, SPREAD),
        ({"n_a": 19, "p_value": 0.03}, SPREAD),
        ({"n_a": 19, "n_b": 30, "activity_id": "a01", "estimate_type": "hedges_g"}, SPREAD),
        ({"n_a": 49, "estimate_type": "share_above_midpoint", "estimate": 1}, EXTREME),
        ({"n_a": 49, "estimate_type": "answer_share", "estimate": 0}, EXTREME),
        ({"n_a": 49, "estimate": 4.9}, EXTREME),
        ({"n_a": 49, "estimate_type": "mean_above_midpoint", "estimate": -2}, EXTREME),
        ({"n_a": 99, "estimate": 3.52}, DECIMALS),
        ({"n_a": "", "estimate_type": "respondents_in_organisation", "ci_low": 12}, NO_COUNT),
    ],
)
def test_a_planted_row_of_results_is_found(tmp_path, row, rule):
    """In a file beside the page, and in the download within it."""
    assert rules_broken(tmp_path, "a.results.csv", results(**row)) == {rule}
    (tmp_path / "a.results.csv").unlink()
    assert rules_broken(tmp_path, "a.html", page(download=results(**row))) == {rule}


@pytest.mark.parametrize(
    "row",
    [
        {"n_a": 10},
        {"n_a": 9, "estimate": "", "note": "suppressed_too_few"},
        {"n_a": 20, "estimate_type": "standard_deviation", "estimate": 0.8},
        {"n_a": 20, "ci_low": 3.1, "ci_high": 3.9},
        {"n_a": 50, "estimate_type": "share_above_midpoint", "estimate": 1},
        {"n_a": 100, "estimate": 3.52},
        {"n_a": "", "n_clusters": 3},
        {"n_a": "", "estimate_type": "respondents_in_organisation", "estimate": "",
         "ci_low": 20, "ci_high": 49},
        {"n_a": "", "estimate_type": "measured_coverage", "estimate": 0.951},
        {"n_a": "", "estimate_type": "comparability", "estimate": 0},
        {"n_a": "", "estimate_type": "shift", "estimate": 0.15000000000000002},
        {"n_a": "", "estimate_type": "power_shift", "estimate": "-0.0"},
        {"n_a": "", "analysis": "without_flagged", "estimate_type": "mean_difference"},
        {"n_a": 50, "estimate": 3.52},  # told as "50 or more": it may be a hundred
    ],
)  # fmt: skip
def test_a_row_that_may_be_shown_passes(tmp_path, row):
    assert rules_broken(tmp_path, "a.results.csv", results(**row)) == set()


MANAGERS_WITHHELD = results(
    {"estimate_type": "respondents", "estimate": 84, "n_a": 84, "role": "customer"},
    {"estimate_type": "respondents", "estimate": "", "n_a": "", "role": "manager"},
)
BANDED = results(
    {"estimate_type": "respondents", "estimate": "", "ci_low": 10, "ci_high": 19, "role": "manager",
     "n_a": ""},
)  # fmt: skip
ELEVEN = results({"estimate_type": "respondents", "estimate": 11, "n_a": 11, "role": "customer"})


@pytest.mark.parametrize(
    ("body", "download", "rule"),
    [
        (table(["Cluster", "mean", "n"], ["Power", "3.5", "9"]), "", FEW),
        (table(["Answer", "n"], ["5", "5"]), "", FEW),
        (table(["Cluster", "n customers / managers"], ["Power", "40 / 9"]), "", FEW),
        (table(["Step", "Rijen"], ["Weggelaten", "3"]), "", FEW),
        (table(["Cluster", "SD", "n"], ["Power", "0.8", "19"]), "", SPREAD),
        (table(["Cluster", "standaarddeviatie"], ["Macht", "0,8"]), ELEVEN, SPREAD),
        (table(["Cluster", "above", "n"], ["Power", "100 %", "49"]), "", EXTREME),
        (table(["Cluster", "boven"], ["Macht", "0\N{NO-BREAK SPACE}%"]), ELEVEN, EXTREME),
        (table(["Cluster", "SD"], ["Power", "0.8"]), BANDED, SPREAD),
        (table(["Cluster", "managers"], ["Power", "3.1"]), MANAGERS_WITHHELD, FEW),
        (table(["Cluster", "difference"], ["Power", "+0.3"]), MANAGERS_WITHHELD, FEW),
        (table(["Cluster", "managers", ""], ["Power", "[c]"], drawn=CIRCLE), "", DRAWN),
        ("<p>Of them 8 managers answered.</p>", "", FEW),
        ("<p>Daarvan zijn 9 leiders.</p>", "", FEW),
        ('<img src="data:," alt="A chart of 7 people.">', "", FEW),
    ],
)
def test_a_planted_cell_or_sentence_is_found(tmp_path, body, download, rule):
    assert rules_broken(tmp_path, "a.html", page(body, download=download)) == {rule}


@pytest.mark.parametrize(
    ("body", "download"),
    [
        (table(["Cluster", "mean", "n"], ["Power", "3.5", "10"]), ""),
        (table(["Stap", "Rijen"], ["Weggelaten: voorbeeld- of testrijen", "3"]), ""),
        (table(["Cluster", "managers", "n"], ["Power", "[c]", "[c]"]), MANAGERS_WITHHELD),
        (table(["Cluster", "customers"], ["Power", "3.1"]), MANAGERS_WITHHELD),
        (table(["Cluster", "managers"], ["Power", "3.1"]), BANDED),
        (table(["Cluster", "", ""], ["Power", "[c]"], drawn='<rect fill="#e6e9ee"/>'), ""),
        (table(["Cluster", "standard deviation between organisations"], ["Power", "0.2"]), ELEVEN),
        (table(["Cluster", "above", "n"], ["Power", "100 %", "50"]), ""),
        (table(["Cluster", "mean", "n"], ["Power", "3.5", "40"]).replace("<tbody>", GROUP), ""),
        ("<p>Withheld: fewer than 10 managers. 12 managers and 1.8 managers.</p>", ""),
        ("<p>Interviews with 5 managers; write to info@university.example.</p>", ""),
    ],
)
def test_what_may_stand_on_a_page_passes(tmp_path, body, download):
    assert rules_broken(tmp_path, "a.html", page(body, download=download)) == set()


MEANS_OF_FIVE = results(
    {"estimate_type": "respondents", "estimate": "", "n_a": "", "role": "manager"},
    {"estimate_type": "mean", "cluster_id": "power", "estimate": 3.1, "n_a": "", "role": "manager"},
)


@pytest.mark.parametrize(
    ("minimum_n", "heading", "cell", "rules"),
    [
        (5, "managers", "3.1", set()),
        (5, "managers", "at least 4.9", set()),
        (5, "managers", "3.14", {FEW}),
        (5, "difference", "+0.3", {FEW}),
        (10, "managers", "3.1", {FEW, NO_COUNT}),
    ],
)
def test_of_five_to_nine_people_a_cluster_mean_with_one_decimal_is_told(
    tmp_path, minimum_n, heading, cell, rules
):
    """Only where the study file lets it."""
    body = table(["Cluster", heading], ["Power", cell])
    text = page(body, download=MEANS_OF_FIVE)
    (tmp_path / "a.html").write_text(text, encoding="utf-8")
    found = scan_folder(tmp_path, privacy=Privacy(minimum_n=minimum_n), known=KNOWN)
    assert {finding.rule for finding in found.findings} == rules


LEAKS = {
    "a path of this machine": ["/home/jan/export.csv", r"C:\Users\jan", "/work/project/x",
                               "file:///x"],
    "a traceback or a warning of a program": ["Traceback (most recent call last):",
                                              "ValueError: 3", 'File "x.py", line 3'],
    "traces of a notebook": ['"execution_count": 3', "injected-parameters"],
    "an e-mail address": ["jan@example.org"],
    "an IP address": ["192.0.2.17"],
    "a moment in time": ["2026-03-02 09:54:00", "2026-03-02T09:54"],
    "something private of a respondent": ["R_31kX9", "by jan.jansen himself"],
}  # fmt: skip


@pytest.mark.parametrize(("rule", "text"), [(r, t) for r in LEAKS for t in LEAKS[r]])
def test_a_leak_is_found_in_every_kind_of_file(tmp_path, rule, text):
    quoted = text.replace('"', '""')
    assert rules_broken(tmp_path, "a.html", page(f"<p>{text}</p>")) == {rule}
    (tmp_path / "a.html").unlink()
    assert rules_broken(tmp_path, "a.csv", f'a,b\r\n1,"{quoted}"\r\n') == {rule}
    (tmp_path / "a.csv").unlink()
    assert rules_broken(tmp_path, "a.json", json.dumps({"a": text})) == {rule}
    (tmp_path / "a.json").unlink()
    assert rules_broken(tmp_path, "a.xlsx", workbook(shared=[text])) == {rule}
    (tmp_path / "a.xlsx").unlink()
    assert rules_broken(tmp_path, "a.docx", document(text)) == {rule}


def coded(kind: str, content: bytes) -> str:
    return f'<img alt="x" src="data:{kind};base64,{base64.b64encode(content).decode()}">'


@pytest.mark.parametrize(
    "body",
    [
        '<b title="R_31kX9">x</b>',
        '<b data-of="R_31kX9">x</b>',
        "<!-- R_31kX9 -->",
        "<style>/* R_31kX9 */</style>",
        "<svg><title>R_31kX9</title></svg>",
        coded("image/svg+xml", b"<svg><text>R_31kX9</text></svg>"),
        coded("image/png", b"....tEXtComment\x00by R_31kX9"),
    ],
)
def test_a_leak_is_found_where_nobody_looks(tmp_path, body):
    rule = "something private of a respondent"
    assert rules_broken(tmp_path, "a.html", page(body)) == {rule}


@pytest.mark.parametrize(
    "body",
    [
        "<script>1</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="java\nscript:alert(1)">x</a>',
        '<iframe srcdoc="x"></iframe>',
        "<svg><foreignObject></foreignObject></svg>",
        "<svg><a xlink:href='javascript:alert(1)'>x</a></svg>",
        '<meta http-equiv="refresh" content="0;url=x">',
        '<div style="background: url(https://x.example/y)">x</div>',
        '<img src="data:image/svg+xml;base64,PHN2Zz48c2NyaXB0Lz48L3N2Zz4=" alt="x">',
        '<form action="x"></form>',
        '<img src="data:image/png;base64,A" alt="what cannot be read">',
    ],
)
def test_whatever_would_run_is_found(tmp_path, body):
    assert rules_broken(tmp_path, "a.html", page(body)) == {RUNS}


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-2+3", "@SUM(1)", "\t=1", "＝1", "＋1", "＠x"])
def test_a_cell_a_spreadsheet_would_run_is_found(tmp_path, cell):
    assert rules_broken(tmp_path, "a.csv", f'a\r\n"{cell}"\r\n') == {FORMULA}
    (tmp_path / "a.csv").unlink()
    assert rules_broken(tmp_path, "a.xlsx", workbook(shared=["a"], inline=cell)) == {FORMULA}
    (tmp_path / "a.xlsx").unlink()
    assert rules_broken(tmp_path, "a.html", page(download=f'a\r\n"{cell}"\r\n')) == {FORMULA}


@pytest.mark.parametrize("cell", ["-0.5", "+3", "-1e-05", "'=1+1", "−0.5"])
def test_numbers_and_guarded_text_are_no_formula(tmp_path, cell):
    assert rules_broken(tmp_path, "a.csv", f"a\r\n{cell}\r\n") == set()


def workbook(*, shared: list[str], inline: str = "", formula: str = "", by: str = "") -> bytes:
    """The smallest .xlsx that holds a shared text, an inline text and perhaps a formula."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    items = "".join(f"<si><t>{escaped(text)}</t></si>" for text in shared)
    cells = '<c r="A1" t="s"><v>0</v></c>'
    cells += f'<c r="C1" t="inlineStr"><is><t>{escaped(inline)}</t></is></c>' if inline else ""
    cells += f"<c r='D1'><f>{formula}</f><v>2</v></c>" if formula else ""
    sheet = f"<worksheet {main}><sheetData><row>{cells}</row></sheetData></worksheet>"
    return zipped(
        {
            "xl/sharedStrings.xml": f"<sst {main}>{items}</sst>",
            "xl/worksheets/sheet1.xml": sheet,
            "docProps/core.xml": f'<c xmlns:dc="d"><dc:creator>{by}</dc:creator></c>',
        }
    )


def document(text: str, rows: list[list[str]] | None = None) -> bytes:
    """The smallest .docx that holds a paragraph and perhaps a table."""
    main = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'

    def paragraph(words: str) -> str:
        return f"<w:p><w:r><w:t>{escaped(words)}</w:t></w:r></w:p>"

    lines = "".join(
        "<w:tr>" + "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) + "</w:tr>"
        for row in rows or []
    )
    body = paragraph(text) + (f"<w:tbl>{lines}</w:tbl>" if lines else "")
    return zipped({"word/document.xml": f"<w:document {main}><w:body>{body}</w:body></w:document>"})


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


def zipped(parts: dict[str, str]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return whole.getvalue()


def test_a_formula_and_a_makers_name_in_a_workbook_are_found(tmp_path):
    assert rules_broken(tmp_path, "a.xlsx", workbook(shared=["a"], formula="1+1")) == {RUNS}
    found = rules_broken(tmp_path, "a.xlsx", workbook(shared=["a"], by="Jan"))
    assert found == {"the name of who made the file"}


def test_tables_of_other_files_obey_the_same_rules(tmp_path):
    small = document("x", [["Cluster", "mean", "n"], ["Power", "3.5", "9"]])
    assert rules_broken(tmp_path, "a.docx", small) == {FEW}


def test_an_address_of_this_machine_in_a_pdf_is_found(tmp_path):
    """Chromium writes a relative link as a file address."""
    link = b"%PDF-1.4\n<< /A << /S /URI /URI (file:///home/jan/index.html) >> >>\n"
    assert rules_broken(tmp_path, "a.pdf", link) == {"a path of this machine"}


@pytest.mark.parametrize(("about", "found"), [(b"", True), (b"/Length1 99", False)])
def test_glyphs_of_a_font_in_a_pdf_are_no_words(tmp_path, about, found):
    """By chance they hold anything; what is typed in any other stream is read."""
    packed = zlib.compress(b"(jan@outside.example) Tj (\x1b[ab)")
    file = b"%%PDF-1.4\n7 0 obj\n<< %s >>\nstream\n%s\nendstream\n" % (about, packed)
    assert rules_broken(tmp_path, "a.pdf", file) == ({"an e-mail address"} if found else set())


@pytest.mark.parametrize(("name", "content"), [("a.ipynb", "{}"), ("a.log", "x"), ("a.xlsx", "x")])
def test_a_file_of_another_kind_or_a_broken_one_is_found(tmp_path, name, content):
    assert len(scanned(tmp_path, name, content).findings) == 1


def test_a_clean_folder_says_how_much_was_looked_at(tmp_path):
    (tmp_path / ".failed").mkdir()
    (tmp_path / ".failed" / "x.ipynb").write_text("private")
    found = scanned(tmp_path, "a.html", page(download=results(n_a=50)))
    found.require_clean()
    assert (found.files, found.tables) == (1, 1)
    assert found.cells == 2  # estimate and n_a


def test_a_finding_stops_and_repeats_nothing_of_what_it_found(tmp_path):
    found = scanned(tmp_path, "a.html", page("<p>R_31kX9</p><p>8 managers</p>"))
    with pytest.raises(PrivacyError, match=r"a\.html: something private") as caught:
        found.require_clean()
    assert "R_31kX9" not in str(caught.value) and "8" not in str(caught.value)
    assert caught.value.exit_code == 4


@pytest.mark.parametrize("heading", ["respondent_id", "ResponseId", "respondent"])
def test_a_table_with_a_row_a_person_is_found(tmp_path, heading):
    found = rules_broken(tmp_path, "a.csv", f"{heading},score\r\n7,3.4\r\n")
    assert found == {"a column of respondents"}


def test_a_private_word_is_found_whole_only():
    assert private_words("see R12x and (R12)", frozenset({"R12"})) == {"R12"}
    assert private_words("R12x", frozenset({"R12"})) == set()
    assert private_words("by Jan Smit.", frozenset({"Jan Smit"})) == {"Jan Smit"}
