"""Which layout a file has, and why: its content is asked first, its ending only explains."""

from functools import partial

from research.errors import ResponseError
from research.responses.ingest.files import spss
from research.responses.ingest.files.encodings import is_text_with_zero_bytes, zero_bytes
from research.responses.ingest.tables import ReadOptions, Source
from research.responses.ingest.tools import survey_tools as tools
from research.responses.ingest.tools.registry import CONTAINERS, LAYOUTS, TOOLS, Reader

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
WEB_PAGE = (b"<!doctype html", b"<html", b"<table", b"<head", b"<?xml")
NOTHING = b" \t\r\n\0\x1a\xef\xbb\xbf\xff\xfe"
EXPECTED_LAYOUT = {
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".sav": "spss",
    ".zsav": "spss",
    ".parquet": "parquet",
    ".feather": "parquet",
}
# Layouts that may be forced on a file of a survey tool: the container without the tool.
PLAIN = ("csv", "excel")


def detect(
    source: Source, *, layout: str = "auto", options: ReadOptions | None = None
) -> tuple[Reader, str]:
    """Return the reader for a file and the reason for the choice.

    ``layout`` other than ``auto`` is what the study file claims; a file that is something else
    is refused, because a reader that forces its way through gives wrong numbers. ``csv`` and
    ``excel`` take the file as a plain table even when a survey tool wrote it. ``options`` say
    which sheet of a workbook is meant.
    """
    _refuse_what_is_no_table(source)
    for container in CONTAINERS:
        why = container.recognise(source)
        if why is None:
            continue
        reader = container
        if layout not in PLAIN or layout != container.layout:
            reader, why = _by_tool(container, why, source, options or ReadOptions())
        if layout not in ("auto", reader.layout):
            raise source.refuse(
                "layout",
                f"the study file says layout '{layout}', but the file is '{reader.layout}': {why}.",
                f"Write `layout: {reader.layout}` or leave the line out.",
            )
        expected = EXPECTED_LAYOUT.get(source.ending)
        if expected is not None and expected != container.layout:
            why += f"; the name ends in {source.ending}, which it is not"
        return reader, why
    raise _unreadable(source)


def _by_tool(
    container: Reader, why: str, source: Source, options: ReadOptions
) -> tuple[Reader, str]:
    """Reader of the tool that wrote the records in a container, else the container's own."""
    records = tools.peek(container.layout, source, options)
    for tool in TOOLS:
        found = tools.find_header(tool, records)
        if found:
            read = partial(tools.read, tool, container.layout)
            reader = Reader(layout=tool.layout, recognise=container.recognise, read=read)
            return reader, found[1] + ("; in a workbook" if container.layout == "excel" else "")
    return container, why


def _refuse_what_is_no_table(source: Source) -> None:
    content = source.content
    # Blanks and byte order marks only; strip() would copy a large file.
    if not content or content.isspace() or not content[:100].strip(NOTHING) and len(content) < 100:
        raise source.refuse(
            "empty file", "the file is empty.", "Export it again; check that the download finished."
        )
    if content.startswith(OLD_OFFICE):
        raise _old_office(source)
    start = content[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(WEB_PAGE):
        raise source.refuse(
            "layout",
            f"the file is a web page (HTML or XML), although its name ends in {source.ending}.",
            "Open it in Excel and save it as .xlsx, or export it again as CSV.",
        )
    if EXPECTED_LAYOUT.get(source.ending) == "spss" and spss.recognise(source) is None:
        raise source.refuse(
            "layout",
            f"the name ends in {source.ending}, but the file does not begin as an SPSS file does.",
            "Save it again in SPSS as .sav, or give the file its right ending.",
        )


def _old_office(source: Source) -> ResponseError:
    if ENCRYPTED_STREAM in source.content:
        return source.refuse(
            "password",
            "the workbook is protected by a password.",
            "Open it in Excel, take the password off and save it.",
        )
    return source.refuse(
        "layout",
        "the file is an old Excel workbook (.xls).",
        "Open it in Excel and save it as .xlsx.",
    )


def _unreadable(source: Source) -> ResponseError:
    if is_text_with_zero_bytes(source):
        return zero_bytes(source)
    return source.refuse(
        "layout",
        "the file is none of the layouts known here: " + ", ".join(LAYOUTS) + ".",
        "Export it again as CSV (UTF-8), Excel (.xlsx) or SPSS (.sav).",
    )
