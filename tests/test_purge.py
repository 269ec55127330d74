"""`research purge`: everything of a study goes, nothing of another, and what is left is named."""

import shutil
import subprocess

import pytest
from typer.testing import CliRunner

from research.cli import app
from research.errors import EnvironmentFailure, InputError, PrivacyError
from research.pipeline.purge import held, held_lines, purge, purged_lines
from research.study.workspace import ROOT_VARIABLE, Workspace

IDS = ("R_31kX9", "R_77aB2")


@pytest.fixture
def project(tmp_path):
    """Two studies as a build and a report leave them; `mine` also left a broken run."""
    workspace = Workspace(tmp_path)
    for study, ids in (("mine", IDS), ("other", ("Q_1", "Q_2"))):
        files = {
            workspace.raw / study / "study.yaml": f"id: {study}",
            workspace.raw / study / "export.csv": "id,a01\n" + ",4\n".join(ids) + ",4\n",
            workspace.processed(study) / "responses.csv": "respondent_id,a01\n"
            + "".join(f"{one},4\n" for one in ids),
            workspace.processed(study) / "failures.csv": "file,rule\n",
            workspace.reports(study) / "study" / "study.nl.html": "<p>3.4</p>",
            workspace.reports(study) / ".failed" / "page.failed.ipynb": f'"{ids[0]}"',
        }
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for name in (".mine-x1x1x1x1", ".mine-other-x1x1x1x1"):  # the second is of study mine-other
        left = workspace.root / "data" / "processed" / name
        left.mkdir()
        (left / "responses.csv").write_text(name, encoding="utf-8")
    return workspace


def everything(workspace: Workspace) -> set[str]:
    root = workspace.root
    return {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}


def test_everything_of_the_study_goes_and_nothing_of_another(project):
    of_other = {name for name in everything(project) if "other" in name}
    found = held(project, "mine")
    assert (found.files, found.ids) == (7, frozenset(IDS))
    proof = purge(project, found)
    assert everything(project) == of_other
    assert proof.left == ()
    assert proof.searched == 7


def test_what_was_checked_and_what_cannot_be_reached_is_said(project):
    found = held(project, "mine")
    assert [line for line in held_lines(project, found) if line.startswith("- ")] == [
        "- data/raw/mine",
        "- data/processed/mine",
        "- data/processed/.mine-x1x1x1x1",
        "- reports/mine",
    ]
    said = " ".join(purged_lines(found, purge(project, found)))
    assert "Removed: 7 files" in said and "2 ids of respondents" in said and "back-ups" in said


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes/copy of export.csv", "copy"),
        ("notebooks/10_mine.ipynb", f'"text": "{IDS[1]}"'),
        ("notebooks/.ipynb_checkpoints/10-checkpoint.ipynb", f"<td>{IDS[0]}</td>"),
        ("data/raw/other/both.csv", f"id\n{IDS[0]}\n"),
    ],
)
def test_a_copy_or_an_id_elsewhere_is_named(project, name, content):
    path = project.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if content == "copy":
        shutil.copy(project.raw / "mine" / "export.csv", path)
    else:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(PrivacyError, match="still holds something") as caught:
        purge(project, held(project, "mine"))
    assert f"- {name}" in str(caught.value)
    assert not any(one in str(caught.value) for one in IDS)
    assert not (project.raw / "mine").exists()


def test_of_a_link_the_target_is_named(project, tmp_path_factory):
    outside = tmp_path_factory.mktemp("disk") / "mine"
    shutil.move(project.raw / "mine", outside)
    (project.raw / "mine").symlink_to(outside, target_is_directory=True)
    with pytest.raises(PrivacyError, match="disk"):
        purge(project, held(project, "mine"))
    assert outside.is_dir() and not (project.raw / "mine").is_symlink()


@pytest.mark.parametrize("name", ["nobody", "../mine", "", ".", "mine/../other", "*"])
def test_a_study_that_is_not_there_removes_nothing(project, name):
    before = everything(project)
    with pytest.raises(InputError, match="Nothing is held"):
        held(project, name)
    assert everything(project) == before


def test_what_cannot_be_removed_is_said(project, monkeypatch):
    def refused(_folder):
        raise PermissionError(13, "Permission denied")

    found = held(project, "mine")
    monkeypatch.setattr("research.pipeline.purge.shutil.rmtree", refused)
    with pytest.raises(EnvironmentFailure, match=r"data/raw/mine could not be removed .*denied"):
        purge(project, found)


def test_git_that_holds_the_study_is_mentioned(project):
    def git(*arguments: str) -> None:
        who = ["-c", "user.name=x", "-c", "user.email=x@x.example"]
        subprocess.run(["git", "-C", str(project.root), *who, *arguments], check=True,
                       capture_output=True)  # fmt: skip

    git("init")
    git("add", "data/raw/mine/study.yaml")
    git("commit", "-m", "x")
    assert held(project, "mine").in_git
    assert not held(project, "other").in_git


def test_the_command_removes_only_with_yes(project, monkeypatch):
    monkeypatch.setenv(ROOT_VARIABLE, str(project.root))
    before = everything(project)
    shown = CliRunner().invoke(app, ["purge", "mine"])
    assert shown.exit_code == 0 and "Nothing was removed" in shown.output
    assert everything(project) == before
    done = CliRunner().invoke(app, ["purge", "mine", "--yes"])
    assert done.exit_code == 0 and "Checked: 7 files" in done.output
    assert not (project.raw / "mine").exists()
