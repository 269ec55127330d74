"""Builds are written whole, read back as they were, and refused when they are out of date."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from research.errors import EnvironmentFailure, InputError
from research.responses import store
from research.responses.quality import flag_respondents
from research.responses.scoring import score_clusters
from research.study.study_file import read_study
from research.study.workspace import Workspace


@pytest.fixture
def built(load, csv_text, tmp_path):
    """Return a workspace with the small study in data/raw, and what `research build` would store."""
    text = csv_text.replace("Noord", "007").replace("r6", "NA").replace("r1,", "r1,")
    result = load({"export.csv": text})
    raw = tmp_path / "project" / "data" / "raw" / "small"
    raw.mkdir(parents=True)
    for name in ("study.yaml", "instrument.yaml", "export.csv"):
        shutil.copy(tmp_path / name, raw / name)
    _, instrument = read_study(raw / "study.yaml")
    tables = {
        "responses": result.responses,
        "failures": result.failures,
        "flags": flag_respondents(result.responses, instrument),
        "scores": score_clusters(result.responses, instrument),
        "receipt": result.receipt,
    }
    return Workspace(tmp_path / "project"), tables


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_build_is_read_back_as_it_was(built):
    workspace, tables = built
    store.write_build(workspace, "small", **tables)
    build = store.read_build(workspace, "small")
    for name in ("responses", "failures", "flags"):
        pd.testing.assert_frame_equal(getattr(build, name), tables[name], check_exact=True)
    key = ["respondent_id", "cluster_id"]
    scores = tables["scores"].sort_values(key).reset_index(drop=True)
    pd.testing.assert_frame_equal(build.scores.sort_values(key).reset_index(drop=True), scores)
    assert {"NA", "r1"} <= set(build.responses["respondent_id"])
    assert "007" in set(build.responses["organisation_id"])


def test_the_same_build_gives_the_same_bytes_with_unix_line_ends(built):
    workspace, tables = built
    first = _bytes(store.write_build(workspace, "small", **tables))
    second = _bytes(store.write_build(workspace, "small", **tables))
    assert first == second
    assert set(first) == {*(f"{name}.csv" for name in store.TABLES), "receipt.json"}
    assert not any(b"\r" in content for content in first.values())


def test_flags_and_scores_are_stored_in_the_order_of_the_responses(built):
    workspace, tables = built
    tables["flags"] = tables["flags"].iloc[::-1]
    store.write_build(workspace, "small", **tables)
    build = store.read_build(workspace, "small")
    assert build.flags["respondent_id"].tolist() == build.responses["respondent_id"].tolist()


def test_a_failed_write_leaves_the_old_build_and_nothing_else(built, monkeypatch):
    workspace, tables = built
    folder = store.write_build(workspace, "small", **tables)
    before = _bytes(folder)

    def no_space(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "_write_text", no_space)
    with pytest.raises(EnvironmentFailure, match="No space left on device"):
        store.write_build(workspace, "small", **tables)
    assert _bytes(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == ["small"]


def test_a_missing_build_says_which_command_makes_it(built):
    workspace, _ = built
    with pytest.raises(InputError, match="Run `research build small` first"):
        store.read_build(workspace, "small")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("export.csv", "r1", "r9"),
        ("study.yaml", "title:", "margin: 0.4\ntitle:"),
        ("instrument.yaml", "midpoint: 3", "midpoint: 2.5"),
    ],
)
def test_a_build_older_than_its_inputs_is_refused(built, name, old, new):
    workspace, tables = built
    store.write_build(workspace, "small", **tables)
    path = workspace.raw / "small" / name
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match="before its exports, study file or instrument changed"):
        store.read_build(workspace, "small")


def test_a_comment_in_the_study_file_changes_no_build(built):
    workspace, tables = built
    store.write_build(workspace, "small", **tables)
    before = store.read_build(workspace, "small").input_hash
    path = workspace.raw / "small" / "study.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# a remark\n", encoding="utf-8")
    assert store.read_build(workspace, "small").input_hash == before


def test_a_build_can_be_read_when_the_exports_were_taken_away(built):
    workspace, tables = built
    store.write_build(workspace, "small", **tables)
    (workspace.raw / "small" / "export.csv").unlink()
    assert len(store.read_build(workspace, "small").responses) == 6


def test_a_notebook_opens_a_build_by_its_name(built, monkeypatch):
    workspace, tables = built
    store.write_build(workspace, "small", **tables)
    monkeypatch.setenv("RESEARCH_ROOT", str(workspace.root))
    assert store.open_build("small").study.id == "small"
