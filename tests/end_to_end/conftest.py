"""The example study built and reported once, in a project folder of its own."""

import pickle
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from research.pipeline.build import build_study
from research.pipeline.release import Release, make_batch, make_report
from research.responses.store import Build
from research.study.workspace import Workspace
from tests.reporting.browser import running_chromium

ROOT = Path(__file__).parents[2]


def project_at(root: Path) -> Workspace:
    """A project folder with our notebooks and no data."""
    root.mkdir(parents=True, exist_ok=True)
    shutil.copytree(ROOT / "notebooks", root / "notebooks", dirs_exist_ok=True)
    for name in ("pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / name, root / name)
    return Workspace(root)


@dataclass(frozen=True)
class Made:
    """A study that went all the way."""

    workspace: Workspace
    build: Build
    study: Release
    organisations: Release

    def page(self, name: str) -> Path:
        folder = self.study.folder if (self.study.folder / name).exists() else None
        return (folder or self.organisations.folder) / name

    @property
    def published(self) -> list[Path]:
        reports = self.workspace.reports(self.build.study.id)
        return [p for p in reports.rglob("*") if p.is_file() and ".failed" not in p.parts]


@pytest.fixture(scope="session")
def example(tmp_path_factory, worker_id) -> Made:
    """Made by the worker that comes first; another one waits and reads what it left."""
    if worker_id == "master":
        return make_example(tmp_path_factory.mktemp("example"))
    shared = tmp_path_factory.getbasetemp().parent / "example"
    kept = shared / "made.pickle"
    try:
        shared.mkdir()
    except FileExistsError:
        deadline = time.monotonic() + 600
        while not kept.exists():
            if time.monotonic() > deadline or (shared / "failed").exists():
                pytest.fail("the other worker could not make the example study")
            time.sleep(0.5)
        return pickle.loads(kept.read_bytes())
    try:
        made = make_example(shared / "project")
    except BaseException:
        (shared / "failed").touch()
        raise
    fresh = shared / "made.fresh"
    fresh.write_bytes(pickle.dumps(made))
    fresh.rename(kept)
    return made


@pytest.fixture(scope="module")
def chromium(example):
    """One browser for the tests of a file; started after the notebooks, which need the event loop."""
    with running_chromium() as browser:
        yield browser


def make_example(root: Path) -> Made:
    workspace = project_at(root)
    shutil.copytree(ROOT / "data/raw/example", workspace.raw / "example")
    build = build_study(workspace, "example")
    options = {"languages": build.study.languages, "jobs": 2}
    study = make_report(workspace, build, **options)
    organisations = make_batch(workspace, build, **options)
    return Made(workspace, build, study, organisations)
