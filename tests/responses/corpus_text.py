"""Cases of text: encodings, delimiters, line ends, quotation marks, rows and cells."""

from tests.responses.corpus import GOOD, HEADER, ROWS, SAME, loads, refused

# ---------------------------------------------------------------------- encodings


@loads(3, SAME, says=("UTF-8",))
def utf_8():
    return GOOD


@loads(3, SAME, says=("UTF-8 with byte order mark",))
def utf_8_with_mark():
    return GOOD.encode("utf-8-sig")


@loads(3, SAME, says=("UTF-16",))
def utf_16_with_mark():
    return GOOD.encode("utf-16")


@loads(3, SAME, says=("UTF-16",))
def utf_16_big_end_first_with_mark():
    return b"\xfe\xff" + GOOD.encode("utf-16-be")


@loads(3, SAME, says=("UTF-16",))
def utf_16_without_mark():
    return GOOD.encode("utf-16-le")


@loads(3, SAME, says=("UTF-16",))
def utf_16_big_end_first_without_mark():
    return GOOD.encode("utf-16-be")


@loads(3, SAME, says=("Windows-1252",))
def windows_1252():
    return GOOD.encode("cp1252")


@refused("encoding", says=("neither UTF-8, UTF-16 nor Windows-1252", "CSV UTF-8"))
def mac_roman():
    """The è of an old Mac (0x8F) stands for nothing in Windows-1252."""
    return GOOD.replace("Café", "Crème").encode("mac_roman")


@refused("encoding", row="3", says=("UTF-8", "Windows-1252", "row 3"))
def two_encodings_in_one_file():
    """Read as Windows-1252 throughout, Café would become CafÃ©."""
    return GOOD.encode("utf-8").replace(b"Noord", "Noörd".encode("cp1252"))


@refused("encoding", says=("zero bytes", "again"))
def zero_bytes_at_the_end():
    """What a broken disk or download leaves behind."""
    return GOOD.encode() + b"\0" * 512


@refused("encoding", says=("zero bytes",))
def zero_byte_in_a_cell():
    return GOOD.replace("Noord", "No\0rd")


@refused("encoding", says=("UTF-16", "cut off", "again"))
def utf_16_cut_in_the_middle_of_a_letter():
    return GOOD.encode("utf-16")[:-1]


@refused("layout", says=("none of the layouts", "Export it again"))
def bytes_of_a_picture():
    return bytes(range(256)) * 4


# ---------------------------------------------------------------------- delimiters


@loads(3, SAME, says=("semicolon",))
def semicolons():
    return GOOD.replace(",", ";")


@loads(3, SAME, says=("tab",))
def tabs():
    return GOOD.replace(",", "\t")


@loads(3, SAME, says=("bar",))
def bars():
    return GOOD.replace(",", "|")


@loads(3, SAME, says=("semicolon",))
def sep_line():
    return "sep=;\n" + GOOD.replace(",", ";")


@loads(3, SAME, says=("semicolon",))
def sep_line_in_utf_16():
    return ("sep=;\r\n" + GOOD.replace(",", ";")).encode("utf-16")


@refused("missing column", says=("4 of 4 activities", "one column only", "delimiter"))
def sep_line_that_names_another_delimiter():
    return "sep=;\n" + GOOD


@refused("missing column", says=("one column only", "delimiter"))
def colons():
    return GOOD.replace(",", ":")


@refused("ragged rows", row="3", says=("7 fields", "row 3 has 1"))
def another_delimiter_below_the_header():
    first, second, *rest = GOOD.splitlines(keepends=True)
    return first + second + "".join(rest).replace(",", ";")


@loads(3, {("r2", "organisation_id"): "Noord, Oost; West"})
def delimiters_within_quoted_texts():
    return GOOD.replace("Noord", '"Noord, Oost; West"')


@refused(
    "not a whole number", row="2", column="a01", says=("not whole numbers", "export the answers")
)
def decimal_comma():
    """3,5 is 3.5: never 35, and never 3."""
    return GOOD.replace(",", ";").replace("customer;1;", "customer;3,5;")


@refused("not a whole number", row="2", column="a01")
def decimal_comma_between_quotes():
    return GOOD.replace("customer,1,", 'customer,"3,5",')


@refused("ragged rows", row="2", says=("row 2 has 8", "quotation marks"))
def decimal_comma_without_quotes():
    return GOOD.replace("customer,1,", "customer,3,5,")


@loads(3, {("r1", "a01"): 3, ("r2", "a01"): 5})
def whole_numbers_with_decimals():
    return GOOD.replace(",", ";").replace("customer;1;", "customer;3,0;").replace(";5;", ";5.00;")


# ---------------------------------------------------------------------- line ends, blank lines


@loads(3, SAME)
def line_ends_of_windows():
    return GOOD.replace("\n", "\r\n")


@loads(3, SAME)
def line_ends_of_an_old_mac():
    return GOOD.replace("\n", "\r")


@loads(3, SAME)
def two_kinds_of_line_ends():
    return GOOD.replace("\n", "\r\n", 2)


@loads(3, SAME)
def no_line_end_after_the_last_row():
    return GOOD.rstrip("\n")


@loads(3, SAME, left_out={"blank line": 3})
def blank_lines():
    return HEADER + "\n" + ROWS + "\n\n"


@loads(3, SAME, left_out={"blank line": 2})
def lines_of_delimiters_only():
    return GOOD + ",,,,,,\n , ,,,,,\n"


@loads(3, SAME, left_out={"blank line": 1})
def a_line_of_blanks():
    return GOOD + "   \n"


@loads(3, SAME)
def blank_lines_above_the_header():
    return "\n\n" + GOOD


@loads(3, SAME)
def titles_above_the_header():
    return "Survey 2026,,,,,,\n,,,,,,\n" + GOOD


@loads(3, SAME)
def a_narrow_title_above_the_header():
    return "Survey 2026\n" + GOOD


@refused("missing column", says=("4 of 4 activities have no column",))
def only_titles():
    return "Survey 2026,\nExported on 3 March,\n"


@refused("empty file", says=("the file is empty", "download finished"))
def empty_file():
    return ""


@refused("empty file", says=("the file is empty",))
def blank_file():
    return "\n \n\t\n"


@refused("empty file", says=("the file is empty",))
def nothing_but_a_byte_order_mark():
    return b"\xef\xbb\xbf\r\n"


@refused("empty file", says=("the file is empty",))
def nothing_but_a_byte_order_mark_of_utf_16():
    return b"\xff\xfe\r\x00\n\x00"


@refused("no rows", says=("no answers below the header (row 1)", "export it again"))
def header_only():
    return HEADER


@refused("no rows", says=("no answers below the header (row 1)", "filter"))
def header_and_blank_lines():
    return HEADER + "\n\n,,,,,,\n"


# ---------------------------------------------------------------------- quotation marks


@refused("unclosed quote", row="4", says=("quotation mark", "Close it"))
def unclosed_quote():
    return GOOD.replace("r3,Noord", 'r3,"Noord')


@refused("unclosed quote", says=("quotation mark",))
def unclosed_quote_in_the_header():
    return GOOD.replace("id,org", 'id,"org')


@loads(3, {("r2", "organisation_id"): 'Noord "Oost"'})
def doubled_quotes():
    return GOOD.replace("Noord", '"Noord ""Oost"""')


@loads(3, {("r2", "organisation_id"): 'Noord 5"', ("r2", "a01"): 5})
def quote_inside_an_unquoted_text():
    return GOOD.replace("r2,Noord", 'r2,Noord 5"')


@loads(3, {("r1", "organisation_id"): 'Zuid 4"', ("r3", "organisation_id"): 'Noord 5"'})
def quotes_inside_several_unquoted_texts():
    return GOOD.replace("Café Zuid", 'Zuid 4"').replace("Noord", 'Noord 5"')


@refused("ragged rows", row="2", says=("row 2 has 6",))
def stray_quotes_that_hide_a_short_row():
    """Counted with regard to quotation marks, rows 2 and 3 look like one row of seven fields."""
    return (
        HEADER + 'r1,Zu"id,customer,1,2,3\nr2,No"ord,manager,5,4,1,2\n' + "r3,Z,customer,2,3,,5\n"
    )


@loads(3, {**SAME, ("r2", "organisation_id"): "Noord\nOost"})
def line_breaks_in_a_quoted_text():
    return GOOD.replace("r2,Noord", 'r2,"Noord\r\nOost"')


@loads(3, SAME)
def everything_between_quotes():
    return "".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) + "\n" for line in GOOD.splitlines()
    )


# ---------------------------------------------------------------------- rows and columns


@refused("ragged rows", row="5", says=("7 fields", "row 5 has 6", "quotation marks"))
def row_with_a_field_too_few():
    return GOOD + "r4,Noord,manager,1,2,3\n"


@refused("ragged rows", row="5", says=("row 5 has 8", "quotation marks"))
def row_with_a_field_too_many():
    return GOOD + "r4,Noord, Oost,manager,1,2,3,4\n"


@refused("ragged rows", row="4", says=("row 4 has 5",))
def file_cut_off_in_a_row():
    return GOOD[:-4]


@loads(3, SAME)
def delimiter_after_every_row():
    return GOOD.replace("\n", ",\n")


@refused("ragged rows", row="2", says=("3 row(s)", "row 2 has 8"))
def delimiter_after_every_row_but_not_the_header():
    return HEADER + ROWS.replace("\n", ",\n")


@loads(3, SAME)
def blank_last_line_of_dos():
    """The sign for the end of a file in DOS; some old exports still have it."""
    return GOOD + "\x1a"


def _wide(n_columns: int) -> str:
    head, *rows = GOOD.splitlines()
    extra = ",".join(f"x{number}" for number in range(n_columns))
    return "\n".join([f"{head},{extra}", *(row + "," * n_columns for row in rows)]) + "\n"


@loads(3, SAME)
def five_thousand_columns():
    return _wide(5000)


@loads(3, SAME)
def a_text_of_a_megabyte():
    head, *rows = GOOD.splitlines()
    return "\n".join([f"{head},remark", *(f'{row},"{"long, " * 180_000}"' for row in rows)]) + "\n"
