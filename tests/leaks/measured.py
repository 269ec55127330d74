"""How often something gets through, counted: goals P1, P3, P5, P6, P7 of the privacy design."""

import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import nbformat
import numpy as np
import yaml

from research.errors import ResearchError
from research.pipeline.build import build_study
from research.pipeline.export import export_study
from research.pipeline.release import make_batch, make_report
from research.pipeline.scanning import scan_release
from research.study.workspace import Workspace
from tests.end_to_end.conftest import ROOT, project_at
from tests.in_process import notebooks_in_this_process
from tests.leaks import canaries
from tests.leaks.hostile_study import write_study
from tests.leaks.names import hostile_names
from tests.leaks.payloads import Rotating, hostile_instrument, hostile_study_file

FORMULA = tuple("=+-@\t\r＝＋－＠")
NUMBER = re.compile(r"[+-]?[\d.]+(?:e[+-]?\d+)?|[+-]?inf|nan", re.I)
INSTRUMENT = ROOT / "src/research/study/instruments/managerial_activities.yaml"
SHOW_IDS = "from research.presentation.display import show\nshow"
READ = "from research.responses import store\nids = store.open_build(study).responses['respondent_id']\n"


def scanned_organisations(root: Path, *, organisations: int, per_study: int = 50) -> dict[str, int]:
    """P1 and P3: pages of organisations of one to sixty people a role, looked through.

    Every other study lets cluster means leave from five people on. The pipeline scans before it
    publishes; what it found stands in ``findings``.
    """
    counted = dict.fromkeys(("organisations", "files", "tables", "cells", "findings", "small"), 0)
    for number in range(organisations // per_study):
        rng = np.random.default_rng([2026, number])
        sizes = {
            f"org {n}": tuple(int(x) for x in np.exp(rng.uniform(0, np.log(60), 2)).round())
            for n in range(per_study)
        }
        workspace = project_at(root / f"p1-{number}")
        minimum = {"privacy": {"minimum_n": 5 if number % 2 else 10}}
        language = {"languages": ["en" if number % 2 else "nl"]}
        write_study(workspace, "sizes", sizes, study=minimum | language, seed=number)
        _made, scan = made_here(workspace, "sizes")
        counted["organisations"] += per_study
        counted["small"] += sum(min(people) < 10 for people in sizes.values())
        for name in ("files", "tables", "cells"):
            counted[name] += getattr(scan, name)
        counted["findings"] += len(scan.findings)
    return counted


def made_here(workspace: Workspace, study_id: str, *, report: bool = False):
    """Build a study and make its pages in this process; the build, and a scan of what came out."""
    build = build_study(workspace, study_id)
    options = {"languages": build.study.languages, "jobs": 1}
    with notebooks_in_this_process():
        batch = make_batch(workspace, build, **options)
        if report:
            make_report(workspace, build, **options)
    if batch.failed:
        raise ResearchError(batch.failed[0].message)
    if report:
        export_study(workspace, study_id)
    return build, scan_release(workspace.reports(study_id), workspace, study_id)


def hostile_texts(root: Path, *, rounds: int, look: Callable[[Path], list[str]]) -> dict[str, int]:
    """P6: in every round each text field holds another of the forty payloads.

    ``look`` opens a page in a browser and says what ran. Outputs: page, index, CSV, workbook and
    text document.
    """
    names = ("rounds", "pages", "files", "crashes", "ran", "formulas")
    counted = dict.fromkeys(names, 0)
    for turn in range(rounds):
        counted["rounds"] += 1
        workspace = project_at(root / f"p6-{turn}")
        give = Rotating(turn)
        content = yaml.safe_load(INSTRUMENT.read_text(encoding="utf-8"))
        file = hostile_study_file(give)
        instrument = hostile_instrument(content, give)
        organisations = [entry["id"] for entry in file["organisations"]]
        sizes = {name: (24 + n, 12 + n) for n, name in enumerate(dict.fromkeys(organisations))}
        folder = write_study(
            workspace, "hostile", sizes, study=file | {"instrument": "instrument.yaml"}, seed=turn
        )
        text = yaml.safe_dump(instrument, allow_unicode=True)
        (folder / "instrument.yaml").write_text(text, encoding="utf-8")
        try:
            made_here(workspace, "hostile", report=True)
        except Exception as error:  # counted, and said by whoever runs this
            counted["crashes"] += 1
            sys.stdout.write(f"round {turn}: {type(error).__name__}: {str(error)[:300]}\n")
            continue
        published = [p for p in workspace.reports("hostile").rglob("*") if p.is_file()]
        counted["files"] += len(published)
        for page in (p for p in published if p.suffix == ".html"):
            counted["pages"] += 1
            counted["ran"] += len(look(page))
        counted["formulas"] += sum(map(formulas_in, published))
        shutil.rmtree(workspace.root)
    return counted


def formulas_in(path: Path) -> int:
    """Cells of a CSV file or a workbook that a spreadsheet would run, read by openpyxl."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        return sum(cell.startswith(FORMULA) and not NUMBER.fullmatch(cell) for cell in cells)
    if path.suffix != ".xlsx":
        return 0
    import openpyxl

    cells = [
        cell
        for sheet in openpyxl.load_workbook(path)
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]
    texts = [cell.value for cell in cells if cell.data_type == "s"]
    return sum(cell.data_type == "f" for cell in cells) + sum(
        text.startswith(FORMULA) and not NUMBER.fullmatch(text) for text in texts
    )


def hostile_organisations(root: Path, *, count: int) -> dict[str, int]:
    """P7: a page for each of so many hostile names, and nothing beside the folder."""
    workspace = project_at(root / "p7")
    names = hostile_names(count)
    write_study(
        workspace,
        "names",
        dict.fromkeys(names, (3, 2)) | {"plain": (30, 20)},
        study={"languages": ["en"]},
    )
    before = set(root.rglob("*"))
    build, _scan = made_here(workspace, "names")
    known = set(build.answers.organisation_ids)
    folder = workspace.reports("names") / "organisations"
    pages = {page for page in folder.glob("*.html") if not page.name.startswith("index.")}
    allowed = (workspace.reports("names"), workspace.processed("names"))
    outside = [
        path
        for path in set(root.rglob("*")) - before
        if not any(path == place or place in path.parents for place in allowed)
        and path not in [parent for place in allowed for parent in place.parents]
    ]
    return {
        "names": len(names),
        "known": len(known),
        "pages": len(pages),
        "lost": len(known) - len(pages),
        "outside": len(outside),
        "spelled otherwise": len(set(names) - known),
    }


def leaked_canaries(root: Path) -> Iterator[tuple[str, dict[str, object]]]:
    """P5: where the sixty canaries are after a run that went well and after ten that did not.

    Each as the command line does it, in a home and a folder for scratch files of its own. Yields
    the name of the run and what it left.
    """
    yield "success", _one_run(root, "success", ["run"])
    for name, (change, command) in failures().items():
        yield name, _one_run(root, name, command, change)


def failures() -> Mapping[str, tuple[Callable[[Workspace], None], list[str]]]:
    """Ten ways to fail: before a table is written, in a notebook, at the scan, from outside."""
    one = ["batch", "--only", "noord"]
    return {
        "a column is missing": (lambda w: _replace(w, ",a07,", ",b07,"), ["run"]),
        "an id stands twice": (lambda w: _replace(w, "cu-00009", "cu-00008"), ["run"]),
        "an unknown word": (lambda w: _replace(w, "cu-00009,noord,,,,,,", "cu-00009,noord,,,,,,x"), ["run"]),
        "half a file": (_halve, ["run"]),
        "an error with an answer": (lambda w: _cell(w, READ + "raise ValueError(' '.join(ids))"), one),
        "a warning with an answer": (
            lambda w: _cell(w, READ + "import warnings\nwarnings.warn(' '.join(ids))"), one),
        "a table of people": (
            lambda w: _cell(w, READ + SHOW_IDS + "(store.open_build(study).responses)"), one),
        "an id on the page": (
            lambda w: _cell(w, READ + SHOW_IDS + "('<p>' + ' '.join(ids) + '</p>')"), one),
        "a dead kernel": (
            lambda w: _cell(w, READ + "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"), one),
        "killed half-way": (lambda w: None, ["batch", "KILL"]),
    }  # fmt: skip


def _one_run(
    root: Path, name: str, command: list[str], change: Callable[[Workspace], None] | None = None
) -> dict[str, object]:
    base = root / re.sub(r"\W+", "-", name)
    workspace = project_at(base / "project")
    study = {"languages": ["en"]}
    sizes = {"noord": (30, 15), "zuid": (25, 14), "west": (22, 16)}
    write_study(workspace, "mine", sizes, columns=canaries.cells, study=study)
    folders = {key: base / key for key in ("home", "scratch")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    said = ""
    if command[0] != "run":
        said += _research(workspace, folders, ["build", "mine"])[1]
    if change is not None:
        change(workspace)
    kill = "KILL" in command
    words = [command[0], "mine", *command[1:]] if not kill else [command[0], "mine"]
    code, printed = _research(workspace, folders, words, kill_after=5 if kill else None)
    return {"code": code, **_left(workspace, folders, said + printed)}


def _left(workspace: Workspace, folders: Mapping[str, Path], said: str) -> dict[str, object]:
    """Hits by place; the private folder is counted apart, with its rights."""
    kinds = canaries.planted()
    every = canaries.all_words(kinds)
    outside = canaries.files_of(workspace.root / "reports", *folders.values(), without=".failed")
    tables = canaries.files_of(workspace.root / "data" / "processed")
    private = [p for p in workspace.root.rglob(".failed/*") if p.is_file()]
    return {
        "files searched": len(outside) + len(tables) + len(private),
        "hits in outputs, logs, caches": sum(map(len, canaries.hits(outside, every).values())),
        "hits on the terminal": sum(word in said for word in every),
        "hits in tables (ids may stand there)": sum(
            map(len, canaries.hits(tables, canaries.all_words(kinds, without="id")).values())
        ),
        "hits in the private folder": sum(map(len, canaries.hits(private, every).values())),
        "private folder open to others": sum(
            bool(path.stat().st_mode & 0o077 or path.parent.stat().st_mode & 0o077)
            for path in private
        ),
    }


def _research(
    workspace: Workspace,
    folders: Mapping[str, Path],
    words: list[str],
    *,
    kill_after: float | None = None,
) -> tuple[int, str]:
    environment = {
        **os.environ,
        "RESEARCH_ROOT": str(workspace.root),
        "HOME": str(folders["home"]),
        "TMPDIR": str(folders["scratch"]),
        "XDG_CACHE_HOME": str(folders["home"] / ".cache"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    running = subprocess.Popen(
        [sys.executable, "-m", "research.cli", *words],
        env=environment, cwd=workspace.root, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if kill_after is not None:
        time.sleep(kill_after)
        os.killpg(running.pid, signal.SIGKILL)
    printed, _ = running.communicate(timeout=900)
    return running.returncode, printed


def _replace(workspace: Workspace, old: str, new: str) -> None:
    path = workspace.raw / "mine" / "customer.csv"
    text = path.read_text(encoding="utf-8")
    if old not in text:
        raise ValueError(f"nothing to replace: {old}")
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def _halve(workspace: Workspace) -> None:
    path = workspace.raw / "mine" / "customer.csv"
    whole = path.read_bytes()
    path.write_bytes(b"PK\x03\x04" + whole[: len(whole) // 2])


def _cell(workspace: Workspace, source: str) -> None:
    """A cell put into the notebook of the organisations, before its last."""
    path = workspace.notebooks / "90_organisation_report.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(-1, nbformat.v4.new_code_cell(source))
    nbformat.write(notebook, path)
