"""The README says what is so: commands exist, shown output is real, code runs, links lead somewhere."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from research.cli import app
from research.pipeline.build import import_study
from research.study.workspace import Workspace
from tests.test_cli import research

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = {command.name or command.callback.__name__ for command in app.registered_commands}


def test_every_command_is_in_the_readme_and_the_other_way_round():
    named = set(re.findall(r"research ([a-z]+)", README)) - {"repository"}
    assert named == COMMANDS


def test_the_shown_check_is_what_it_prints():
    shown = re.search(r"\$ \.venv/bin/research check example\n(.*?)\n```", README, re.S).group(1)
    assert research(ROOT, "check", "example").stdout.rstrip() == shown


def test_the_shown_new_study_is_what_it_prints_and_builds_after_the_shown_edits(tmp_path):
    shutil.copytree(ROOT / "data/raw/example", tmp_path / "data/raw/example")
    command, shown, edits = re.search(
        r"\$ \.venv/bin/research (new [^\n]*)\n(.*?)\n```.*?```yaml\n(.*?)```", README, re.S
    ).groups()
    assert research(tmp_path, *command.split()).stdout.rstrip() == shown
    study = tmp_path / "data/raw/mystudy/study.yaml"
    text = study.read_text(encoding="utf-8")
    assert len(edits.splitlines()) <= 3
    for line in edits.splitlines():
        text, n = re.subn(rf"(?m)^{line.split(':')[0]}:.*$", line, text)
        assert n == 1
    study.write_text(text, encoding="utf-8")
    mine = import_study(Workspace(tmp_path), "mystudy").result.responses
    example = import_study(Workspace(ROOT), "example").result.responses
    pd.testing.assert_frame_equal(mine, example)


def test_every_make_target_that_is_named_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))
    assert set(re.findall(r"`make ([a-z]+)`|\$ make ([a-z]+)", README)) != set()
    for pair in re.findall(r"`make ([a-z]+)`|\$ make ([a-z]+)", README):
        assert next(filter(None, pair)) in targets


def test_the_python_example_runs():
    (code,) = re.findall(r"```python\n(.*?)```", README, re.S)
    *lines, last = code.strip().splitlines()
    names: dict = {}
    exec("\n".join(lines), names)
    table = eval(last, names)
    assert table["estimate"].notna().all()


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#:]+)\)", README))
def test_links_lead_to_files(target):
    assert (ROOT / target).is_file()


def test_every_notebook_is_listed_with_its_question():
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        assert f"`{path.stem}`" in README


@pytest.mark.parametrize("name", ["README.md", "PRIVACY.md", "CHANGELOG.md", "NOTICE"])
def test_no_text_names_a_path_of_somebodys_machine(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"/(home|Users|root|work|tmp)/", text)
