"""The structure, kept by reading the imports: rooms look left and up, never right or down."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "research"
ROOMS = {
    "errors": set(),
    "study": {"errors"},
    "responses": {"errors", "study", "stats.estimates"},
    "stats": {"errors"},
    "disclosure": {"errors", "study", "stats.estimates"},
    "analyses": {"errors", "study", "stats", "disclosure"},
    "presentation": {"errors", "study", "stats.estimates"},
    "reporting": {"errors", "study", "stats.estimates", "disclosure", "presentation"},
    "batch": {"errors", "study", "responses.store", "reporting", "disclosure"},
    "pipeline": None,  # joins the stages
    "cli": None,
    "cli_steps": None,
}
# Libraries that only one place may import.
ALONE = {
    "pydantic": "study",
    "yaml": "study",
    "pyreadstat": "responses/ingest",
    "openpyxl": ("responses/ingest", "reporting/export/workbook.py"),
    "docx": "reporting/export/word.py",
    "pandera": "responses/validation",
    "statsmodels": "stats",
    "pingouin": "stats/crosscheck.py",
    "matplotlib": "presentation/figures.py",
    "seaborn": "presentation/figures.py",
    "IPython": "presentation/display.py",
    "papermill": "reporting",
    "nbformat": "reporting",
    "nbconvert": "reporting",
    "typer": "cli.py",
    "rich": "cli",
}
MODULES = sorted(PACKAGE.rglob("*.py"))
# What stands at the top level, and nothing else.
TOP_LEVEL = {
    ".ci", ".gitattributes", ".gitignore", "CHANGELOG.md", "CITATION.cff", "LICENSE", "Makefile",
    "NOTICE", "PRIVACY.md", "README.md", "benchmarks", "data", "notebooks", "pyproject.toml", "reports",
    "requirements.lock", "src", "tests",
}  # fmt: skip


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_room_imports_only_the_rooms_before_it(path):
    room = name_of(path).split("/")[0].removesuffix(".py")
    allowed = ROOMS.get(room, set())
    if allowed is None:
        return
    for name in imported(path):
        if not name.startswith("research."):
            continue
        target = name.removeprefix("research.")
        own = target.split(".")[0] == room
        known = any(target == a or target.startswith(f"{a}.") for a in allowed)
        # `from research.stats import estimates` names the package first.
        parent = any(a.startswith(f"{target}.") for a in allowed)
        assert own or known or parent, f"{name_of(path)} imports {name}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_library_is_imported_in_its_own_place_only(path):
    for name in imported(path):
        library = name.split(".")[0]
        if library in ALONE:
            assert name_of(path).startswith(ALONE[library]), f"{name_of(path)} imports {library}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_and_functions_stay_small(path):
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= 350, "split by question, not by technique"
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lines = (body[-1].end_lineno - body[0].lineno + 1) if body else 0
            assert lines <= 50, f"{node.name}: {lines} lines"
            assert len(node.args.kwonlyargs) <= 6, f"{node.name}: too many options"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_forbidden_stands_in_the_source(path):
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    for node in ast.walk(tree):
        assert not isinstance(node, ast.Assert), "assert vanishes under python -O"
        assert not (isinstance(node, ast.ExceptHandler) and node.type is None), "bare except"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id != "round", "only presentation.numbers rounds"
            if node.func.id == "print":
                assert name_of(path) == "cli.py"
    assert "import *" not in source
    assert not re.search(r"\bplt\.", source)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_public_functions_are_typed_and_documented(path):
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            assert ast.get_docstring(node), node.name
            assert node.returns is not None, node.name
            arguments = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
            assert all(argument.annotation for argument in arguments), node.name


def test_the_top_level_holds_the_agreed_entries_and_no_others():
    from subprocess import run

    listed = run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode:
        pytest.skip("not a git checkout (downloaded as an archive)")
    found = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert found == TOP_LEVEL


def test_statistics_stay_light_to_import():
    """Nothing heavier than numpy, pandas and scipy.special on the path of every report."""
    for path in (PACKAGE / "stats").rglob("*.py"):
        if path.name == "crosscheck.py":
            continue
        outside = {name.split(".")[0] for name in imported(path)} - {"research"}
        heavy = outside & {"statsmodels", "pingouin", "sklearn", "seaborn", "matplotlib"}
        assert not heavy, f"{name_of(path)} imports {heavy}"


def test_the_lock_file_holds_hashes_and_no_address():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "--hash=sha256:" in lock
    assert "://" not in lock
    assert "--index-url" not in lock and "--find-links" not in lock
