"""Office files with fixed dates and nothing of the machine: same tables, same bytes."""

import io
import re
import zipfile
from xml.sax.saxutils import escape

CORE = "docProps/core.xml"
# XML has no place for these.
UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
THE_BEGINNING = (1980, 1, 1, 0, 0, 0)  # the earliest date a zip archive can hold
NAMESPACES = (
    'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def writable(text: str) -> str:
    """Text without the control signs that no office file can hold."""
    return UNWRITABLE.sub("", text)


def sealed(content: bytes, *, title: str, language: str) -> bytes:
    """The same file with its properties reduced to title and language, and no time in it."""
    core = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f"<cp:coreProperties {NAMESPACES}><dc:title>{escape(writable(title))}</dc:title>"
        f"<dc:language>{language}</dc:language></cp:coreProperties>"
    )
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as given,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as kept,
    ):
        for entry in given.infolist():
            part = core.encode("utf-8") if entry.filename == CORE else given.read(entry)
            name = zipfile.ZipInfo(entry.filename, date_time=THE_BEGINNING)
            kept.writestr(name, part, compress_type=zipfile.ZIP_DEFLATED)
    return written.getvalue()
