"""Exports of survey tools in, one table of responses out.

The way of a file: ``detection`` asks each reader of ``registry`` whether it knows the file; the
reader makes a ``RawTable`` of text; ``columns`` finds what each column holds; ``answers`` turns
text into points of the scale; ``people`` reads who answered; ``importing`` joins the files and
applies ``research.responses.validation``.

**A new layout is one module** in this folder, plus its name in ``registry.READERS`` (before plain
CSV) and in ``study_file.Layout``. The module has three names:

``LAYOUT: str``
    The word for it in the study file.
``recognise(source: Source) -> str | None``
    Why a file has this layout, as half a sentence for the receipt, or None. It looks at the
    content, never only at the ending, and does not raise.
``read(source: Source, options: ReadOptions, why: str) -> RawTable``
    The rows as text. It raises ``source.refuse(...)`` when the file cannot be read, leaves out
    and counts (``left_out``) rows that are no respondents, and never keeps a column that
    identifies a person (``withheld``). It knows nothing of the instrument except
    ``options.expected_names``, the header names that would be recognised. Texts that are
    delimited underneath start from ``delimited.open_text`` and ``delimited.parse_records``.

Nothing is converted before the meaning of its column is known: an organisation called NA, None
or 007 stays what it is.
"""

from research.responses.ingest.importing import ImportResult, import_exports

__all__ = ["ImportResult", "import_exports"]
