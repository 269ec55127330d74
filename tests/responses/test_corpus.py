"""Every broken or odd file of the corpus has its stated outcome through the command line itself."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
import yaml
from tests.responses import (  # noqa: F401 (each registers its cases)
    corpus_containers,
    corpus_content,
    corpus_study,
    corpus_text,
    corpus_tools,
)
from tests.responses.conftest import INSTRUMENT
from tests.responses.corpus import COLUMNS, CORPUS, Case

from research import cli
from research.errors import ResponseError
from research.pipeline import build, check
from research.study import instrument, study_file

INSTRUMENT_TEXT = yaml.safe_dump(INSTRUMENT, allow_unicode=True)
OLDER_BUILD = {"responses.csv": b"respondent_id\nolder\n", "receipt.json": b"{}\n"}


@dataclass
class Run:
    """What a command did: its code, its words, and what import made or raised underneath."""

    code: int = -1
    words: str = ""
    result: object = None
    error: Exception | None = None


@pytest.fixture(scope="module", autouse=True)
def _questionnaire_read_once():
    """Reading the same questionnaire costs more than a whole import of three rows."""
    patch = pytest.MonkeyPatch()
    patch.setattr(study_file, "read_instrument", _read_instrument)
    yield
    patch.undo()


def _read_instrument(name: str, *, folder: Path) -> instrument.Instrument:
    path = folder / name
    if path.is_file() and path.read_text(encoding="utf-8") == INSTRUMENT_TEXT:
        return _usual_instrument()
    return instrument.read_instrument(name, folder=folder)


@cache
def _usual_instrument() -> instrument.Instrument:
    return instrument.Instrument.model_validate(INSTRUMENT)


def _import_lines(workspace, study_id: str) -> list[str]:
    """What a check says of the import; its analyses take ten times as long and are not meant."""
    result = check.import_study(workspace, study_id).result
    return check.receipt_lines(result.receipt, result.failures)


def _study_text(case: Case, names: list[str]) -> str:
    if case.study_file is not None:
        return case.study_file
    study = {
        "id": "small",
        "title": {"nl": "Klein", "en": "Small"},
        "instrument": "instrument.yaml",
        "synthetic": True,
        "exports": [{"path": name} for name in names],
        "columns": COLUMNS,
        **case.study,
    }
    return json.dumps(study, ensure_ascii=False)  # JSON is YAML, and quicker to write


def _write_project(case: Case, root: Path) -> None:
    folder = root / "data/raw/small"
    folder.mkdir(parents=True)
    files = case.files()
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    text = _study_text(case, list(files)).encode("utf-8", "surrogateescape")
    (folder / "study.yaml").write_bytes(text)
    (folder / "instrument.yaml").write_text(INSTRUMENT_TEXT, encoding="utf-8")


def _everything_in(root: Path) -> dict[str, bytes]:
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def research(tmp_path, monkeypatch, capsys) -> Callable[..., Run]:
    """Run the command line in this process, and keep what import made or raised."""
    run = Run()
    import_study = build.import_study

    def recorded(*arguments):
        try:
            imported = import_study(*arguments)
        except Exception as error:
            run.error = error
            raise
        run.result = imported.result
        return imported

    def call(*arguments: str) -> Run:
        monkeypatch.setattr(sys, "argv", ["research", *arguments])
        with pytest.raises(SystemExit) as end:
            cli.main()
        shown = capsys.readouterr()
        run.code, run.words = end.value.code, shown.out + shown.err
        return run

    monkeypatch.setenv("RESEARCH_ROOT", str(tmp_path))
    monkeypatch.setattr(build, "import_study", recorded)
    monkeypatch.setattr(check, "import_study", recorded)
    return call


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case.name)
def test_a_file_of_the_corpus_has_its_stated_outcome(case, research, tmp_path, monkeypatch):
    monkeypatch.setattr(check, "check_lines", _import_lines)
    _write_project(case, tmp_path)
    if case.outcome == "refuse":
        _is_refused(case, research, tmp_path)
    else:
        _loads(case, research, tmp_path)


def _is_refused(case: Case, research, root: Path) -> None:
    """Exit code 2, words with an address and a remedy, and the older build left as it stands."""
    older = root / "data/processed/small"
    older.mkdir(parents=True)
    for name, content in OLDER_BUILD.items():
        (older / name).write_bytes(content)
    before = _everything_in(root)
    run = research("build", "small")
    assert run.code == 2, run.words
    assert _everything_in(root) == before
    _is_said_to_a_person(case, run, root)
    if case.rule:
        assert isinstance(run.error, ResponseError), run.words
        _is_among(case, run.error.problems)
        assert all(p.file and p.rule and p.message and p.remedy for p in run.error.problems)


def _loads(case: Case, research, root: Path) -> None:
    """Exit code 0, the right people and answers, and a warning only where one is stated."""
    before = _everything_in(root)
    run = research("check", "small")
    assert run.code == 0, run.words
    assert _everything_in(root) == before
    _is_said_to_a_person(case, run, root)
    assert len(run.result.responses) == case.n
    for (who, column), value in case.cells.items():
        assert _value(run.result.responses, who, column) == value, (who, column)
    for reason, count in case.left_out.items():
        assert run.result.receipt["left_out"].get(reason) == count
    failures = run.result.failures
    if case.outcome == "load":
        assert failures.empty, failures["message"].tolist()
    else:
        _is_among(case, list(failures.itertuples()))
        assert (failures["severity"] == "warning").all()
        assert (failures["done"] != "").all()


def _is_said_to_a_person(case: Case, run: Run, root: Path) -> None:
    assert (case.names or case.file) in run.words
    for words in case.says:
        assert words in run.words, run.words
    for machine in ("Traceback", "Unexpected error", "Error(", "np.", str(root)):
        assert machine not in run.words


def _is_among(case: Case, problems: list) -> None:
    """One of the problems has the stated rule, at the stated place."""
    ruled = [problem for problem in problems if problem.rule == case.rule]
    assert ruled, [problem.rule for problem in problems]
    places = [{key: getattr(problem, key) for key in case.place} for problem in ruled]
    assert case.place in places, places


def _value(responses: pd.DataFrame, who: str, column: str) -> object:
    people = responses["organisation_id"] + " " + responses["role"]
    chosen = responses[(responses["respondent_id"] == who) | (people == who)]
    assert len(chosen) == 1, responses
    value = chosen.iloc[0][column]
    return None if pd.isna(value) else value


def test_the_corpus_is_large_and_no_case_stands_twice():
    names = [case.name for case in CORPUS]
    assert len(names) >= 80
    assert len(set(names)) == len(names)
    outcomes = [case.outcome for case in CORPUS]
    assert min(outcomes.count(outcome) for outcome in ("load", "warn", "refuse")) >= 8


@pytest.mark.parametrize(("name", "code"), [("half a workbook", 2), ("utf 16 without mark", 0)])
def test_the_program_itself_ends_with_the_same_words_and_code(name, code, research, tmp_path):
    case = next(case for case in CORPUS if case.name == name)
    _write_project(case, tmp_path)
    environment = {**os.environ, "RESEARCH_ROOT": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "research.cli", "check", "small"],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == code
    run = research("check", "small")
    assert (done.stdout + done.stderr).split() == run.words.split()
