"""Files put in place in one step: a reader sees the old one or the new one, never half of it."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from research.errors import EnvironmentFailure
from research.presentation.display import results_csv


def table_text(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> str:
    """Rows as CSV that no spreadsheet runs, columns in the order given."""
    return results_csv(pd.DataFrame(list(rows), columns=list(columns)))


def write_files(texts: Mapping[Path, str]) -> None:
    """Write several files: all to disk beside their targets first, then renamed one by one.

    Raises
    ------
    EnvironmentFailure
        When the disk is full or may not be written; earlier files are then as they were.
    """
    staged: dict[Path, Path] = {}
    try:
        for target, text in texts.items():
            target.parent.mkdir(parents=True, exist_ok=True)
            staged[target] = target.with_name(f".{target.name}.{os.getpid()}.partial")
            _write_through(staged[target], text)
        for target, partial in staged.items():
            partial.replace(target)
    except OSError as error:
        raise EnvironmentFailure(
            f"The page could not be written: {error.strerror}. Earlier pages are as they were. "
            "Make room or give write permission, and run it again."
        ) from None
    finally:
        for partial in staged.values():
            partial.unlink(missing_ok=True)


def _write_through(path: Path, text: str) -> None:
    """Write bytes to the disk itself: a rename may otherwise outlive its content."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
