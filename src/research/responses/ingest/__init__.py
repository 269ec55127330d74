"""Exports of survey tools in, one table of responses out.

The way of a file: ``detection`` asks each *container* of ``registry`` whether it knows the file
(SPSS, parquet, workbook, delimited text) and then each survey *tool* whether it knows the records
in it; the reader makes a ``RawTable`` of text; ``columns`` finds what each column holds;
``answers`` turns text into points of the scale; ``people`` reads who answered; ``importing``
joins the files and applies ``research.responses.validation``.

**A new survey tool is one module** in this folder, plus its name in ``registry.TOOLS`` and in
``study_file.Layout``. It never learns which container its records stood in, so it is read from
every one (``tools`` joins the two). The module has four names:

``LAYOUT: str``
    The word for it in the study file.
``recognise(records: list[list[str]]) -> str | None``
    Why records are the tool's, as half a sentence for the receipt, or None. The first record is
    the header; titles above it are skipped before. It does not raise.
``count_header_rows(records: list[list[str]]) -> int``
    How many of these records stand above the answers.
``shape(grid: Grid, options: ReadOptions) -> Shaped``
    Names and questions of the columns; rows that are no respondents, marked with one of the
    reasons ``preview``, ``test``, ``spam``, ``unfinished``, ``not submitted``; the columns the
    tool fills with what identifies a person; the columns it fixes (respondent, duration,
    started, finished). A respondent id that counts from 1 in every survey is not among them: two
    surveys, one for each role, would clash.

**A new container is one module** too, plus its name in ``registry.CONTAINERS`` (before plain CSV)
and in ``study_file.Layout``. The module has three names:

``LAYOUT: str``
    The word for it in the study file.
``recognise(source: Source) -> str | None``
    Why a file is one, or None. It looks at the content, never only at the ending, and does not
    raise.
``read(source: Source, options: ReadOptions, why: str) -> RawTable``
    The rows as text, without a tool. It raises ``source.refuse(...)`` when the file cannot be
    read and counts (``left_out``) blank lines. It knows nothing of the instrument except
    ``options.expected_names``, the header names that would be recognised.

A container that survey tools write also gives its first records and the rows below a header that
is known: add it to ``tools.peek`` and ``tools.read``, as ``excel.peek`` and ``excel.read_rows``.

Nothing is converted before the meaning of its column is known: an organisation called NA, None
or 007 stays what it is.
"""

from research.responses.ingest.importing import ImportResult, import_exports

__all__ = ["ImportResult", "import_exports"]
