"""Provenance says what was used and nothing of where."""

import getpass
import os
import platform
import subprocess
from dataclasses import asdict

import pytest

from research.reporting.provenance import PROVENANCE_WORDS, collect, provenance_rows

WORDS = {key: key.removeprefix("provenance.") for key in PROVENANCE_WORDS}


@pytest.fixture
def repository(tmp_path):
    def git(*arguments: str) -> None:
        subprocess.run(
            ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b", *arguments],
            check=True,
            capture_output=True,
        )

    git("init")
    (tmp_path / "requirements.lock").write_text("numpy==2.1\n")
    git("add", "-A")
    git("commit", "-m", "first")
    return tmp_path


def made(root):
    return collect(root, data_hash="ab" * 32, seed=7, packages=("numpy", "no-such-package"))


def test_a_clean_tree_is_called_clean(repository):
    found = made(repository)
    assert (found.tree, len(found.commit)) == ("clean", 40)


def test_a_changed_file_makes_the_tree_changed(repository):
    (repository / "new.py").write_text("1")
    assert made(repository).tree == "changed"


def test_without_git_the_commit_is_unknown(tmp_path):
    found = made(tmp_path)
    assert (found.commit, found.tree, found.lock_hash) == ("unknown", "unknown", "unknown")


def test_the_commit_of_a_folder_above_is_not_ours(repository):
    (repository / "inside").mkdir()
    assert made(repository / "inside").commit == "unknown"


def test_rows_are_in_the_readers_words(repository):
    rows = provenance_rows(made(repository), WORDS)
    assert rows["data"] == "abababababab"
    assert rows["commit"].endswith("(tree.clean)")
    assert rows["seed"] == "7"
    assert f"Python {platform.python_version()}, numpy " in rows["versions"]
    assert rows["versions"].endswith("no-such-package unknown")


def test_no_host_user_or_path_is_in_it(repository):
    text = str(asdict(made(repository)))
    assert str(repository) not in text
    assert platform.node() not in text
    assert f"'{os.environ.get('USER', getpass.getuser())}'" not in text
