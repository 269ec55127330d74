"""Builds are written whole, read back as they were, and refused when they are out of date."""

import shutil
from dataclasses import replace
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
    study, instrument = read_study(raw / "study.yaml")
    build = store.Build(
        study=study,
        instrument=instrument,
        responses=result.responses,
        failures=result.failures,
        flags=flag_respondents(result.responses, instrument),
        scores=score_clusters(result.responses, instrument),
        receipt=result.receipt,
    )
    return Workspace(tmp_path / "project"), build


def _bytes(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_a_build_is_read_back_as_it_was(built):
    workspace, made = built
    store.write_build(workspace, made)
    build = store.read_build(workspace, "small")
    for name in ("responses", "failures", "flags"):
        pd.testing.assert_frame_equal(getattr(build, name), getattr(made, name), check_exact=True)
    key = ["respondent_id", "cluster_id"]
    scores = made.scores.sort_values(key).reset_index(drop=True)
    pd.testing.assert_frame_equal(build.scores.sort_values(key).reset_index(drop=True), scores)
    assert {"NA", "r1"} <= set(build.responses["respondent_id"])
    assert "007" in set(build.responses["organisation_id"])


def test_the_same_build_gives_the_same_bytes_with_unix_line_ends(built):
    workspace, made = built
    first = _bytes(store.write_build(workspace, made))
    second = _bytes(store.write_build(workspace, made))
    assert first == second
    assert set(first) == {*(f"{name}.csv" for name in store.TABLES), "receipt.json"}
    assert not any(b"\r" in content for content in first.values())


def test_flags_and_scores_are_stored_in_the_order_of_the_responses(built):
    workspace, made = built
    made = replace(made, flags=made.flags.iloc[::-1])
    store.write_build(workspace, made)
    build = store.read_build(workspace, "small")
    assert build.flags["respondent_id"].tolist() == build.responses["respondent_id"].tolist()


def test_a_failed_write_leaves_the_old_build_and_nothing_else(built, monkeypatch):
    workspace, made = built
    folder = store.write_build(workspace, made)
    before = _bytes(folder)

    def no_space(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "_write_text", no_space)
    with pytest.raises(EnvironmentFailure, match="No space left on device"):
        store.write_build(workspace, made)
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
    workspace, made = built
    store.write_build(workspace, made)
    path = workspace.raw / "small" / name
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match="before its exports, study file or instrument changed"):
        store.read_build(workspace, "small")


def test_a_comment_in_the_study_file_changes_no_build(built):
    workspace, made = built
    store.write_build(workspace, made)
    before = store.read_build(workspace, "small").input_hash
    path = workspace.raw / "small" / "study.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "# a remark\n", encoding="utf-8")
    assert store.read_build(workspace, "small").input_hash == before


def test_a_build_can_be_read_when_the_exports_were_taken_away(built):
    workspace, made = built
    store.write_build(workspace, made)
    (workspace.raw / "small" / "export.csv").unlink()
    assert len(store.read_build(workspace, "small").responses) == 6


def test_a_notebook_opens_a_build_by_its_name(built, monkeypatch):
    workspace, made = built
    store.write_build(workspace, made)
    monkeypatch.setenv("RESEARCH_ROOT", str(workspace.root))
    assert store.open_build("small").study.id == "small"


class TestLeavingOutByAFlag:
    @pytest.fixture
    def flagged(self, built):
        """The build of six people of whom the second looks careless and the third only hurries."""
        _, made = built
        flags = made.flags.assign(flagged=False, reasons="")
        people = flags["respondent_id"].tolist()
        second, third = people[1], people[2]
        flags.loc[1, ["flagged", "reasons"]] = [True, "too_fast;misfit"]
        flags.loc[2, "reasons"] = "too_fast"
        return replace(made, flags=flags), second, third

    def left(self, build, *reasons):
        chosen = replace(build, study=build.study.model_copy(update={"exclude_flagged": reasons}))
        return chosen, set(build.responses["respondent_id"]) - set(
            chosen.answers.people["respondent_id"]
        )

    def test_nobody_is_left_out_unless_the_study_file_says_so(self, flagged):
        build, second, _ = flagged
        assert self.left(build)[1] == set()
        unflagged = set(build.answers_unflagged.people["respondent_id"])
        assert set(build.responses["respondent_id"]) - unflagged == {second}

    def test_the_rule_leaves_out_who_looks_careless(self, flagged):
        build, second, _ = flagged
        assert self.left(build, "careless")[1] == {second}

    def test_a_sign_leaves_out_everybody_who_shows_it(self, flagged):
        build, second, third = flagged
        chosen, gone = self.left(build, "too_fast")
        assert gone == {second, third}
        assert self.left(build, "misfit")[1] == {second}
        assert len(chosen.answers_of_everybody) == 6

    def test_the_flow_counts_them_and_closes(self, flagged):
        build, *_ = flagged
        flow = self.left(build, "too_fast")[0].flow
        assert flow.left_out[store.FLAGGED] == 2
        assert flow.rows_in == flow.rows_out + sum(flow.left_out.values())

    def test_leaving_out_everybody_is_refused(self, flagged):
        build, *_ = flagged
        everybody = replace(build, flags=build.flags.assign(flagged=True))
        with pytest.raises(InputError, match="leaves nobody"):
            self.left(everybody, "careless")
