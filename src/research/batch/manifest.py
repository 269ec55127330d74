"""The record of a release: a line a page, as CSV for people and JSON for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from research.batch.task import Outcome
from research.reporting.files import table_text, write_files

MANIFEST_COLUMNS: tuple[str, ...] = tuple(field.name for field in fields(Outcome))


def write_manifest(outcomes: Sequence[Outcome], folder: Path) -> tuple[Path, Path]:
    """Write ``manifest.csv`` and ``manifest.json``; returns both paths."""
    rows = [{**asdict(outcome), "seconds": float(f"{outcome.seconds:.2f}")} for outcome in outcomes]
    targets = folder / "manifest.csv", folder / "manifest.json"
    listed = json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
    write_files({targets[0]: table_text(rows, MANIFEST_COLUMNS), targets[1]: listed})
    return targets


def read_manifest(folder: Path) -> list[Outcome]:
    """Outcomes of the release in a folder; none where there is no release."""
    path = folder / "manifest.json"
    if not path.is_file():
        return []
    return [Outcome(**row) for row in json.loads(path.read_text(encoding="utf-8"))]
