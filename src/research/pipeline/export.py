"""The tables of a study report as files to work on: Word and Excel."""

from pathlib import Path

from research.batch.publish import new_release
from research.errors import InputError
from research.pipeline.auditing import read_page_results
from research.pipeline.chosen import chosen_languages
from research.pipeline.scanning import scan_release
from research.presentation.estimates_tables import estimates_section
from research.presentation.texts import Reader
from research.reporting.export.page_tables import read_page
from research.reporting.export.word import word_document
from research.reporting.export.workbook import workbook
from research.study.study_file import read_study_of
from research.study.workspace import Workspace

EVERY_RESULT = "data-"  # how the ids of those tables begin


def export_study(workspace: Workspace, study_id: str, *, language: str | None = None) -> list[Path]:
    """Write ``study.<language>.docx`` and ``.xlsx`` to ``reports/<study>/export``.

    They hold the tables of the report that stands, word for word, and in the workbook every
    result behind them. No answer is read: what the report withholds is not here either. All
    files appear together, in place of those of an earlier export.

    Raises
    ------
    InputError
        Where there is no study report in a language asked for.
    PrivacyError
        When the scanner finds in a file what may not be shown; nothing is then written.
    """
    study, instrument = read_study_of(workspace, study_id)
    pages = [
        (one, workspace.reports(study_id) / "study" / f"study.{one}.html")
        for one in chosen_languages(study.languages, language)
    ]
    missing = [one for one, page in pages if not page.is_file()]
    if missing:
        raise InputError(
            f"Study '{study_id}' has no study report in '{missing[0]}' yet. "
            f"Run `research report {study_id}` first."
        )
    target = workspace.reports(study_id) / "export"
    with new_release(target) as folder:
        for one, page in pages:
            reader = Reader(
                study=study,
                instrument=instrument,
                language=one,
                confidence_level=study.confidence_level,
            )
            _export_page(page, folder, reader)
        scan_release(folder, workspace, study_id)
    return sorted(target.iterdir())


def _export_page(page: Path, folder: Path, reader: Reader) -> None:
    content = read_page(page.read_text(encoding="utf-8"))
    results = read_page_results(page.with_suffix(".results.csv"))
    # The page's own list of every result is the sheet of results here.
    content.tables = [t for t in content.tables if not t.table_id.startswith(EVERY_RESULT)]
    # What the page draws, in numbers: read back like every other table.
    content.tables += read_page(estimates_section(results, reader)).tables
    options = {"language": reader.language, "source": page.name}
    (folder / f"{page.stem}.docx").write_bytes(word_document(content, **options))
    (folder / f"{page.stem}.xlsx").write_bytes(workbook(content, results, **options))
