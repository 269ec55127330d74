"""Which layout a file has, and why: its content is asked first, its ending only explains."""

from research.errors import ResponseError
from research.responses.ingest import spss
from research.responses.ingest.registry import READERS, Reader
from research.responses.ingest.tables import Source

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
WEB_PAGE = (b"<!doctype html", b"<html", b"<table", b"<head", b"<?xml")
EXPECTED_LAYOUT = {".xlsx": "excel", ".xlsm": "excel", ".sav": "spss", ".zsav": "spss"}


def detect(source: Source, *, layout: str = "auto") -> tuple[Reader, str]:
    """Return the reader for a file and the reason for the choice.

    ``layout`` other than ``auto`` is what the study file claims; a file that is something else
    is refused, because a reader that forces its way through gives wrong numbers.
    """
    _refuse_what_is_no_table(source)
    for reader in READERS:
        why = reader.recognise(source)
        if why is None or (layout == "csv" and reader.layout == "qualtrics"):
            continue
        if layout not in ("auto", reader.layout):
            raise source.refuse(
                "layout",
                f"the study file says layout '{layout}', but the file is '{reader.layout}': {why}.",
                f"Write `layout: {reader.layout}` or leave the line out.",
            )
        expected = EXPECTED_LAYOUT.get(source.ending)
        if expected is not None and expected != reader.layout:
            why += f"; the name ends in {source.ending}, which it is not"
        return reader, why
    raise _unreadable(source)


def _refuse_what_is_no_table(source: Source) -> None:
    content = source.content
    if not content.strip():
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
    return source.refuse(
        "layout",
        "the file is none of the layouts known here: "
        + ", ".join(reader.layout for reader in READERS)
        + ".",
        "Export it again as CSV (UTF-8), Excel (.xlsx) or SPSS (.sav).",
    )
