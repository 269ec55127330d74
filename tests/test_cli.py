"""The command line as people use it: words, exit codes, nothing half-made."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import yaml

from research.study.instrument import read_instrument
from tests.end_to_end.conftest import project_at

ROOT = Path(__file__).parents[1]


def research(root: Path, *arguments: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "RESEARCH_ROOT": str(root), "COLUMNS": "200"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return subprocess.run(
        [sys.executable, "-m", "research.cli", *arguments],
        env=environment, capture_output=True, text=True, timeout=120, check=False, cwd=root,
    )  # fmt: skip


@pytest.fixture
def project(tmp_path):
    """A project with one small study: a CSV per role, made to be broken."""
    workspace = project_at(tmp_path)
    folder = workspace.raw / "small"
    folder.mkdir(parents=True)
    activities = read_instrument("managerial_activities").activity_ids
    for role, answer in (("manager", 3), ("customer", 4)):
        rows = [
            {
                "id": f"{role[0]}{n}",
                "org": f"org{n % 3}",
                **{a: (answer + (n + i) % 2) for i, a in enumerate(activities)},
            }
            for n in range(36)
        ]
        pd.DataFrame(rows).to_csv(folder / f"{role}.csv", index=False)
    study = {
        "id": "small",
        "title": {"nl": "Klein", "en": "Small"},
        "instrument": "managerial_activities",
        "synthetic": True,
        "exports": [{"path": f"{role}.csv", "role": role} for role in ("manager", "customer")],
        "columns": {"respondent": "id", "organisation": "org"},
        "languages": ["en"],
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
    return workspace


def table(project) -> pd.DataFrame:
    return pd.read_csv(project.raw / "small/customer.csv", dtype=str, keep_default_na=False)


def put(project, changed: pd.DataFrame, **options: object) -> None:
    changed.to_csv(project.raw / "small/customer.csv", index=False, **options)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["bild"], 2, "No such command 'bild'"),
        (["run", "exmaple"], 2, "was not found"),
        (["report", "small", "--language", "de"], 2, "must be one of"),
        (["report", "small"], 2, "Run `research build small` first"),
        (["batch", "small", "--jobs", "0"], 2, "--jobs"),
        (["check", "../small"], 2, "was not found"),
        (["simulate", "small", "--organisations", "0"], 2, "--organisations"),
    ],
)
def test_wrong_use_ends_in_words_and_two(project, arguments, code, words):
    done = research(project.root, *arguments)
    if arguments[0] == "report" and arguments[-1] == "de":
        research(project.root, "build", "small")
        done = research(project.root, *arguments)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_every_command_has_help():
    shown = research(ROOT, "--help").stdout
    for command in (
        "check",
        "build",
        "report",
        "batch",
        "run",
        "open",
        "export",
        "simulate",
        "lab",
    ):
        assert command in shown
        assert research(ROOT, command, "--help").returncode == 0


def test_a_check_changes_nothing(project):
    before = sorted(str(path) for path in project.root.rglob("*"))
    done = research(project.root, "check", "small")
    assert done.returncode == 0, done.stderr
    assert "Nothing was written" in done.stdout
    assert before == sorted(str(path) for path in project.root.rglob("*"))


def test_the_schema_of_an_instrument_is_printed():
    done = research(ROOT, "check", "--schema")
    assert '"activities"' in done.stdout and done.returncode == 0


def test_simulated_exports_build_and_are_not_replaced_by_accident(project):
    shutil.copytree(ROOT / "data/raw/example", project.raw / "example")
    first = research(project.root, "simulate", "mine", "--organisations", "3", "--seed", "5")
    assert first.returncode == 0, first.stderr
    assert research(project.root, "build", "mine").returncode == 0
    again = research(project.root, "simulate", "mine")
    assert again.returncode == 2
    assert "--force" in again.stderr


def test_the_last_line_says_where_the_tables_lie(project):
    done = research(project.root, "build", "small")
    assert done.stdout.splitlines()[-1] == "Processed tables: data/processed/small"


def change_wrong_delimiter(project):
    path = project.raw / "small/customer.csv"
    path.write_text(path.read_text().replace(",", "|"), encoding="utf-8")


def change_utf16(project):
    path = project.raw / "small/customer.csv"
    path.write_bytes(path.read_text().encode("utf-16"))


def change_out_of_scale(project):
    changed = table(project)
    changed.loc[4, "a07"] = "9"
    put(project, changed)


def change_missing_column(project):
    put(project, table(project).drop(columns="a12"))


def change_unknown_word(project):
    changed = table(project)
    changed.loc[[2, 6], "a03"] = "best wel waardevol"
    put(project, changed)


def change_missing_file(project):
    (project.raw / "small/customer.csv").unlink()


def change_role_absent(project):
    folder = project.raw / "small"
    study = yaml.safe_load((folder / "study.yaml").read_text())
    study["exports"] = study["exports"][:1]
    (folder / "study.yaml").write_text(yaml.safe_dump(study))


def change_hostile_names(project):
    for name in ("customer.csv", "manager.csv"):
        path = project.raw / "small" / name
        text = path.read_text()
        for plain, hostile in zip(("org0", "org1", "org2"), HOSTILE_NAMES, strict=True):
            text = text.replace(plain, hostile)
        path.write_text(text)


HOSTILE_NAMES = ("<script>alert(1)</script> & $x$", "../x", "NA")


# As a process of its own; every other way to be broken is in the corpus (tests/responses).
REFUSED = [
    (change_missing_column, ["customer.csv", "a12"]),
    (change_unknown_word, ["customer.csv", "a03", "best wel waardevol", "2"]),
    (change_missing_file, ["customer.csv"]),
]


@pytest.mark.parametrize(("change", "words"), REFUSED, ids=lambda x: getattr(x, "__name__", ""))
def test_a_broken_export_is_refused_with_place_and_remedy(project, change, words):
    change(project)
    done = research(project.root, "run", "small")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr, done.stderr
    assert not project.processed("small").exists()
    assert not project.reports("small").exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (change_utf16, []),
        (change_wrong_delimiter, []),
        (change_out_of_scale, ["a07"]),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_an_odd_export_is_read_or_refused_in_words(project, change, words):
    change(project)
    done = research(project.root, "build", "small")
    assert "Traceback" not in done.stderr
    assert done.returncode in (0, 2)
    if done.returncode == 2:
        assert "customer.csv" in done.stderr
        assert not project.processed("small").exists()
    for word in words:
        assert word in done.stdout + done.stderr


# The study's own pages with such names are made in test_golden and test_leaks.
@pytest.mark.parametrize(
    ("change", "commands", "folders"),
    [
        (change_hostile_names, ("build", "batch"), {"organisations": 3 + 1}),  # and the index
        # the study report and six questions
        (change_role_absent, ("run",), {"organisations": 3 + 1, "study": 1 + 6}),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_a_hostile_name_or_an_absent_role_ends_in_a_correct_page(
    project, change, commands, folders
):
    change(project)
    for command in commands:
        done = research(project.root, command, "small")
        assert done.returncode == 0, done.stderr
    pages = list(project.reports("small").rglob("*.html"))
    assert len(pages) == sum(folders.values())
    found = {path.parent for path in project.root.rglob("*.html")}
    processed = project.processed("small")  # the receipt, which names no organisation
    assert found == {processed, *(project.reports("small") / name for name in folders)}
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<script" not in text
        assert "Traceback" not in text
