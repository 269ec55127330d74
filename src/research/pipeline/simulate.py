"""A synthetic study in a folder of its own, ready to build."""

from pathlib import Path

from research.errors import InputError
from research.study.example import CUSTOMERS_FILE, MANAGERS_FILE, write_exports
from research.study.simulate import ORGANISATION_NAMES, simulate_study
from research.study.study_file import read_study
from research.study.workspace import Workspace

EXAMPLE = "example"


def simulate_into(
    workspace: Workspace, study_id: str, *, organisations: int, seed: int, force: bool
) -> Path:
    """Write a synthetic study to data/raw; returns its folder.

    The study file is a copy of the example's. Exports that are there already stay, unless
    ``force``: raw data are never replaced by accident.
    """
    folder = workspace.raw / study_id
    there = [name for name in (MANAGERS_FILE, CUSTOMERS_FILE) if (folder / name).exists()]
    if there and not force:
        raise InputError(
            f"data/raw/{study_id} already holds {' and '.join(there)}. "
            "Give another name, or --force to replace them."
        )
    template = workspace.study_path(EXAMPLE).read_text(encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    study_path = folder / "study.yaml"
    if not study_path.exists():
        lines = template.replace(f"id: {EXAMPLE}\n", f"id: {study_id}\n", 1)
        study_path.write_text(lines.replace("seed: 2026\n", f"seed: {seed}\n"), encoding="utf-8")
    _, instrument = read_study(study_path)
    study = simulate_study(instrument, organisations=_names(organisations), seed=seed)
    write_exports(study, instrument, folder=folder)
    return folder


def _names(count: int) -> list[str]:
    more = [f"Organisatie {number:03d}" for number in range(len(ORGANISATION_NAMES) + 1, count + 1)]
    return [*ORGANISATION_NAMES[:count], *more]
