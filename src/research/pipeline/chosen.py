"""What a command was asked for: which languages, and which page to open first."""

from pathlib import Path

from research.errors import InputError
from research.study.study_file import read_study_of
from research.study.workspace import Workspace


def page_to_open(workspace: Workspace, study_id: str, *, language: str | None = None) -> Path:
    """Index of the organisations' reports; the study report where there is no index yet.

    In the language asked for, else the first one of the study of which there is a page.
    """
    study, _ = read_study_of(workspace, study_id)
    wanted = chosen_languages(study.languages, language)
    reports = workspace.reports(study_id)
    pages = [reports / "organisations" / f"index.{one}.html" for one in wanted]
    pages += [reports / "study" / f"study.{one}.html" for one in wanted]
    found = next((page for page in pages if page.is_file()), None)
    if found is None:
        raise InputError(
            f"Study '{study_id}' has no report to open yet. Run `research run {study_id}` first."
        )
    return found


def chosen_languages(known: tuple[str, ...], language: str | None) -> tuple[str, ...]:
    """Return the language asked for as the only one; without it all that are known."""
    if language is None:
        return known
    if language not in known:
        raise InputError(f"--language must be one of {known}, not '{language}'.")
    return (language,)
