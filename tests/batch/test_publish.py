"""A release is the old one or the new one, whatever happens in between."""

import os

import pytest

from research.batch import publish
from research.batch.publish import new_release
from research.errors import EnvironmentFailure


def release(target, text: str) -> None:
    with new_release(target) as folder:
        (folder / "page.html").write_text(text)


def left_over(target) -> list[str]:
    return sorted(path.name for path in target.parent.iterdir() if path != target)


@pytest.mark.parametrize("exchange", [True, False])
def test_a_new_release_replaces_the_old_one_whole(tmp_path, monkeypatch, exchange):
    if not exchange:
        monkeypatch.setattr(publish, "_exchange", lambda one, other: False)
    target = tmp_path / "release"
    release(target, "old")
    (target / "withdrawn.html").write_text("gone")
    release(target, "new")
    assert [path.name for path in target.iterdir()] == ["page.html"]
    assert (target / "page.html").read_text() == "new"
    assert left_over(target) == []


def test_a_failure_while_building_leaves_the_old_release(tmp_path):
    target = tmp_path / "release"
    release(target, "old")
    with pytest.raises(RuntimeError, match="half-way"), new_release(target) as folder:
        (folder / "page.html").write_text("new")
        raise RuntimeError("half-way")
    assert (target / "page.html").read_text() == "old"
    assert left_over(target) == []


def test_failed_notebooks_outlive_a_release(tmp_path):
    target = tmp_path / "release"
    (target / ".failed").mkdir(parents=True)
    (target / ".failed" / "page.failed.ipynb").write_text("{}")
    release(target, "new")
    assert (target / ".failed" / "page.failed.ipynb").exists()


def test_what_a_killed_run_left_is_cleared(tmp_path):
    target = tmp_path / "release"
    (tmp_path / ".release.building").mkdir()
    (tmp_path / ".release.building" / "half.html").write_text("half")
    release(target, "new")
    assert [path.name for path in target.iterdir()] == ["page.html"]
    assert left_over(target) == []


def test_an_old_release_that_lost_its_place_gets_it_back(tmp_path):
    target = tmp_path / "release"
    (tmp_path / ".release.replaced").mkdir()
    (tmp_path / ".release.replaced" / "page.html").write_text("old")
    with pytest.raises(RuntimeError, match="again"), new_release(target):
        raise RuntimeError("again")
    assert (target / "page.html").read_text() == "old"


def test_a_swap_that_fails_puts_the_old_release_back(tmp_path, monkeypatch):
    target = tmp_path / "release"
    release(target, "old")
    monkeypatch.setattr(publish, "_exchange", lambda one, other: False)
    rename = os.rename

    def refuse(self, other):
        if self.name == ".release.building":
            raise OSError(28, "No space left on device")
        rename(self, other)

    monkeypatch.setattr("pathlib.Path.rename", refuse)
    with pytest.raises(EnvironmentFailure, match="No space left.*as it was"):
        release(target, "new")
    assert (target / "page.html").read_text() == "old"


def test_a_place_that_cannot_be_written_is_an_environment_failure(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(EnvironmentFailure, match="could not be put in place"):
        release(tmp_path / "file" / "release", "new")
