"""Where a study's files lie on this machine."""

import os
from dataclasses import dataclass
from pathlib import Path

from research.errors import InputError, nearest

ROOT_VARIABLE = "RESEARCH_ROOT"


@dataclass(frozen=True)
class Workspace:
    """The project folder and the places in it; stages get their paths from here only."""

    root: Path

    @property
    def raw(self) -> Path:
        return self.root / "data" / "raw"

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    def processed(self, study_id: str) -> Path:
        return self.root / "data" / "processed" / study_id

    def reports(self, study_id: str) -> Path:
        return self.root / "reports" / study_id

    def study_path(self, study_id: str) -> Path:
        """Path of a study file; an unknown study is an error that names the known ones."""
        path = self.raw / study_id / "study.yaml"
        if "/" in study_id or "\\" in study_id or not path.is_file():
            known = sorted(p.parent.name for p in self.raw.glob("*/study.yaml"))
            hint = nearest(study_id, known) if known else "There is no study yet."
            raise InputError(
                f"Study '{study_id}' was not found: there is no "
                f"data/raw/{Path(study_id).name}/study.yaml. {hint}"
            )
        return path


def find_workspace() -> Workspace:
    """Return the project folder: RESEARCH_ROOT, or the nearest folder above with notebooks/."""
    named = os.environ.get(ROOT_VARIABLE)
    if named:
        return Workspace(Path(named).resolve())
    here = Path.cwd().resolve()
    for folder in (here, *here.parents):
        if (folder / "notebooks").is_dir() and (folder / "pyproject.toml").is_file():
            return Workspace(folder)
    raise InputError(
        "This is not the project folder: no folder above it holds pyproject.toml and notebooks/. "
        f"Go to the folder you cloned, or set {ROOT_VARIABLE}."
    )
