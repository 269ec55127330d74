"""The bytes of an export, or a sentence on why they cannot be had."""

from difflib import get_close_matches
from pathlib import Path, PurePosixPath, PureWindowsPath

from research.errors import InputError
from research.responses.ingest.tables import Source
from research.study.study_file import Export


def read_source(export: Export, *, folder: Path) -> Source:
    """Content of an export, by the name the user knows it by; ``folder`` holds the study file.

    Raises ``InputError`` for a path that leads out of the folder (the first lines of a file
    are shown in messages, so it must be one of the study's own), for one that is not there, is a
    folder, or may not be read.
    """
    name = PurePosixPath(export.path.replace("\\", "/")).name
    if _leads_out(export.path):
        raise InputError(
            f"{name}: `exports: path:` leads out of the folder of the study. "
            "Put the file beside the study file and write only its name."
        )
    path = folder / export.path
    try:
        return Source(name, path.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        raise InputError(_not_there(export, path)) from None
    except IsADirectoryError:
        raise InputError(
            f"{name}: the study file names this export, but it is a folder. "
            f"Write the name of a file: `exports: path: {export.path}/...`."
        ) from None
    except PermissionError:
        raise InputError(
            f"{name} may not be read. Close it in other programs; check your rights on it."
        ) from None


def _leads_out(path: str) -> bool:
    kinds = (PurePosixPath(path), PureWindowsPath(path))
    return any(kind.is_absolute() or kind.drive or ".." in kind.parts for kind in kinds)


def _not_there(export: Export, path: Path) -> str:
    """Sentence with the nearest name in the same folder; case matters on most machines."""
    known = {
        other.name.casefold(): other.name
        for other in (path.parent.iterdir() if path.parent.is_dir() else ())
        if other.is_file() and other.suffix not in (".yaml", ".yml")
    }
    close = get_close_matches(path.name.casefold(), known, n=1, cutoff=0.75)
    hint = f" Did you mean '{known[close[0]]}'?" if close else ""
    return (
        f"{path.name}: the study file names this export, but it is not there.{hint} "
        f"Put it beside the study file or correct `exports: path: {export.path}`."
    )
