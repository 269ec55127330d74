"""Cases of containers: workbooks, SPSS, parquet, and files under an ending that is not theirs."""

import datetime

from tests.responses.corpus import (
    COLUMNS,
    GOOD,
    SAME,
    TABLE,
    archive,
    loads,
    refused,
    rewritten,
    sav,
    typed,
    warns,
    workbook,
)

XLSX = {"file": "e.xlsx"}
SHEET = {"file": "e.xlsx", "sheet": "Answers"}
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PAGE = "<html><table><tr><td>id</td></tr></table></html>"


def _answers(rows: list[list], change=None) -> bytes:
    return workbook({"Answers": rows}, change)


def _with(row: int, position: int, value: object) -> bytes:
    """The usual workbook with one cell changed; row as the user sees it."""
    rows = typed()
    rows[row - 1][position] = value
    return _answers(rows)


# ---------------------------------------------------------------------- workbooks


@loads(3, SAME, says=("excel", "Answers"), **XLSX)
def workbook_with_one_sheet():
    return _answers(typed())


@loads(3, SAME, **XLSX)
def workbook_with_numbers_as_text():
    return _answers(TABLE)


@loads(3, SAME, **XLSX)
def workbook_with_titles_and_a_gap():
    return _answers([["Survey 2026"], [], *typed()])


@loads(3, SAME, **XLSX)
def workbook_with_notes_on_another_sheet():
    return workbook({"Notes": [["x"], ["y"]], "Answers": typed()})


@refused("sheet", says=("2 sheets", "'Answers', 'Old'", "`sheet: Answers`"), **XLSX)
def workbook_with_two_sheets_of_answers():
    return workbook({"Answers": typed(), "Old": typed()})


@loads(2, study={"exports": [{"path": "e.xlsx", "sheet": "Old"}]}, **XLSX)
def workbook_with_the_sheet_named():
    return workbook({"Answers": typed(), "Old": typed()[:3]})


@refused(
    "sheet", says=("no sheet 'Answer'", "Did you mean 'Answers'?"),
    study={"exports": [{"path": "e.xlsx", "sheet": "Answer"}]}, **XLSX,
)  # fmt: skip
def workbook_without_the_sheet_named():
    return _answers(typed())


@refused("empty organisation", row="4", column="org", says=("split merged cells",), **SHEET)
def workbook_with_merged_organisations():
    def merge(made):
        made["Answers"].merge_cells("B3:B4")

    return _answers(typed(), merge)


@warns("hidden rows", 3, SAME, row="3", says=("1 hidden row",), **SHEET)
def workbook_with_a_hidden_row():
    def hide(made):
        made["Answers"].row_dimensions[3].hidden = True

    return _answers(typed(), hide)


@refused("odd cell", row="2", column="a01", says=("cell D2", "date", "type Text"), **SHEET)
def workbook_where_excel_read_a_date():
    return _with(2, 3, datetime.datetime(2026, 5, 1))


@refused("odd cell", row="3", column="a02", says=("cell E3", "#N/A", "Correct the cell"), **SHEET)
def workbook_with_an_error_value():
    return _with(3, 4, "#N/A")


@refused("odd cell", row="2", column="a01", says=("cell D2", "formula", "save it"), **SHEET)
def workbook_with_a_formula_never_calculated():
    return _with(2, 3, "=1+1")


@warns("formulas", 3, {**SAME, ("r1", "a01"): 2}, says=("D2", "stored"), **SHEET)
def workbook_with_a_formula():
    """Excel keeps the value beside the formula; that value is the answer."""

    def calculated(xml: bytes) -> bytes:
        return xml.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>").replace(
            b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>"
        )

    return rewritten(_with(2, 3, "=1+1"), "xl/worksheets/sheet1.xml", calculated)


@loads(3, SAME, **XLSX)
def workbook_with_errors_in_a_column_nobody_uses():
    rows = typed()
    return _answers([[*rows[0], "remark"], *([*row, "#N/A"] for row in rows[1:])])


@refused("not a whole number", row="2", column="a01", **XLSX)
def workbook_with_a_mean():
    return _with(2, 3, 2.5)


@refused("unknown word", row="2", column="a01", says=("stand for no known answer",), **XLSX)
def workbook_with_a_truth_value():
    return _with(2, 3, True)


@warns("off the scale", 3, {("r2", "a01"): None}, row="4", column="a01", **SHEET)
def workbook_with_a_gap_between_the_rows():
    """Row numbers stay those of the sheet."""
    rows = typed()
    rows[2][3] = 77
    return _answers([*rows[:2], [], *rows[2:]])


@refused("no rows", says=("no answers below the header",), **XLSX)
def workbook_with_a_header_only():
    return _answers(typed()[:1])


@refused("empty file", says=("no sheet with cells",), **XLSX)
def workbook_without_cells():
    return workbook({"Answers": []})


@refused("duplicate column", column="a01", says=("2 times",), **XLSX)
def workbook_with_a_column_twice():
    return _answers([[*row, row[3]] for row in typed()])


@refused("unreadable file", says=("cut off or damaged", "again"), **XLSX)
def half_a_workbook():
    content = _answers(typed())
    return content[: len(content) // 2]


@refused("unreadable file", says=("damaged", "again"), **XLSX)
def workbook_with_a_broken_sheet():
    return rewritten(
        _answers(typed()), "xl/worksheets/sheet1.xml", lambda xml: xml[: len(xml) // 2]
    )


@refused("unreadable file", says=("no readable workbook", "Unpack"), **XLSX)
def archive_that_is_no_workbook():
    return archive("notes.txt")


@refused("unreadable file", file="e.zip", says=("Unpack",))
def archive_with_the_export_in_it():
    return archive("e.csv")


@refused("password", says=("password", "take the password off"), **XLSX)
def workbook_with_a_password():
    return OLD_OFFICE + b"\0" * 512 + "EncryptedPackage".encode("utf-16-le")


@refused("layout", file="e.xls", says=("old Excel", "save it as .xlsx"))
def old_workbook():
    return OLD_OFFICE + b" rest"


# ---------------------------------------------------------------------- endings


@refused("layout", file="e.xls", says=("web page", "save it as .xlsx"))
def web_page_under_xls():
    return PAGE


@refused("layout", says=("web page", "save it as .xlsx"))
def web_page_under_csv():
    return "\ufeff<!DOCTYPE html>\n" + PAGE


@refused("layout", file="e.xls", says=("web page", "save it as .xlsx"))
def xml_spreadsheet_under_xls():
    return '<?xml version="1.0"?><Workbook><Worksheet/></Workbook>'


@loads(3, SAME, says=("csv",), **XLSX)
def csv_under_xlsx():
    return GOOD


@loads(3, SAME, says=("excel",))
def workbook_under_csv():
    return _answers(typed())


@refused("layout", file="e.sav", says=("SPSS", "right ending"))
def csv_under_sav():
    return GOOD


@loads(3, SAME, says=("spss",))
def spss_under_csv():
    return sav()


@refused(
    "layout", says=("layout 'spss'", "'csv'", "`layout: csv`"),
    study={"exports": [{"path": "e.csv", "layout": "spss"}]},
)  # fmt: skip
def layout_that_the_file_has_not():
    return GOOD


@refused(
    "layout", says=("layout 'qualtrics'", "'csv'"),
    study={"exports": [{"path": "e.csv", "layout": "qualtrics"}]},
)  # fmt: skip
def csv_called_qualtrics():
    return GOOD


# ---------------------------------------------------------------------- SPSS and parquet


@loads(3, SAME, file="e.sav", says=("spss",))
def spss():
    return sav()


@loads(3, {("r1", "a01"): None, ("r2", "a01"): 5}, file="e.sav")
def spss_with_user_missing_codes():
    rows = [list(row) for row in TABLE]
    rows[1][3] = "99"
    return sav(rows, missing_ranges={"a01": [99]})


@warns("off the scale", 3, {("r1", "a01"): None}, file="e.sav", row="1", column="a01")
def spss_with_a_code_nobody_declared():
    rows = [list(row) for row in TABLE]
    rows[1][3] = "99"
    return sav(rows)


@warns("labels against the scale", 3, {("r2", "a01"): 5}, file="e.sav", column="a01")
def spss_with_labels_the_other_way():
    labels = {1.0: "zeer waardevol", 5.0: "helemaal niet"}
    return sav(variable_value_labels={"a01": labels})


@refused("not a whole number", file="e.sav", row="1", column="a01")
def spss_with_a_mean():
    rows = [list(row) for row in TABLE]
    rows[1][3] = "2.5"
    return sav(rows)


@refused("unreadable file", file="e.sav", says=("cannot be read", "save it again"))
def half_an_spss_file():
    content = sav()
    return content[: len(content) // 2]


@refused("unreadable file", file="e.sav", says=("cannot be read", "save it again"))
def spss_mark_and_nothing_else():
    return b"$FL2@(#) SPSS DATA FILE"


@refused("", file="e.parquet", says=("e.parquet",), study={"columns": COLUMNS})
def parquet_that_is_none():
    """Without the extra a sentence says how to install it; with it the file is damaged."""
    return b"PAR1" + b"\x15\x04" * 40 + b"PAR1"
