"""The notebooks as they are stored: one question, thin cells, no outputs."""

import ast
import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
EXPECTED = {
    "00_overview",
    "01_planning",
    "10_response_quality",
    "20_measurement",
    "30_value_of_activities",
    "40_manager_customer_gap",
    "50_use_of_power",
    "60_across_organisations",
    "90_organisation_report",
    "95_study_report",
}
OUR_ROOMS = ("research.analyses", "research.presentation", "research.responses", "research.study")
TAGS = {"parameters", "guide"}


def read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def cells(path: Path, kind: str) -> list[dict]:
    return [cell for cell in read(path)["cells"] if cell["cell_type"] == kind]


def source(cell: dict) -> str:
    return "".join(cell["source"])


def test_every_notebook_of_the_plan_is_there():
    assert {path.stem for path in NOTEBOOKS} == EXPECTED


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
class TestStoredNotebook:
    def test_holds_no_output_and_no_trace_of_a_run(self, path):
        notebook = read(path)
        for cell in cells(path, "code"):
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
        for cell in notebook["cells"]:
            assert set(cell["metadata"]) <= {"tags"}
            assert set(cell["metadata"].get("tags", [])) <= TAGS
        assert set(notebook["metadata"]) == {"kernelspec", "language_info"}
        assert notebook["metadata"]["language_info"] == {"name": "python"}
        assert notebook["metadata"]["kernelspec"]["name"] == "python3"

    def test_asks_one_question_in_its_first_cell(self, path):
        first = source(read(path)["cells"][0])
        heading = first.splitlines()[0]
        assert heading.startswith("# ") and heading.endswith("?")
        headings = [
            line
            for cell in cells(path, "markdown")
            for line in source(cell).splitlines()
            if line.startswith("# ")
        ]
        assert len(headings) == 1

    def test_has_one_cell_of_literal_parameters(self, path):
        tagged = [c for c in cells(path, "code") if "parameters" in c["metadata"].get("tags", [])]
        assert len(tagged) == 1
        lines = source(tagged[0]).splitlines()
        for line in lines:
            (statement,) = ast.parse(line).body
            assert isinstance(statement, ast.AnnAssign), "typed, one a line"
            assert isinstance(statement.value, ast.Constant), "a literal, not a computed value"
            assert "#" in line, "with a comment"

    def test_stays_thin(self, path):
        assert len(read(path)["cells"]) <= 30
        for cell in cells(path, "code"):
            text = source(cell)
            assert len(text.splitlines()) <= 10
            assert not text.lstrip().startswith(("!", "%"))
            for node in ast.walk(ast.parse(text)):
                assert not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)

    def test_imports_only_the_rooms_a_notebook_may_use(self, path):
        for cell in cells(path, "code"):
            for node in ast.walk(ast.parse(source(cell))):
                if isinstance(node, ast.ImportFrom):
                    assert node.module.startswith(OUR_ROOMS), node.module
                    if node.module.startswith("research.responses"):
                        assert [alias.name for alias in node.names] == ["store"]

    def test_carries_no_text_of_data_in_markdown(self, path):
        """Markdown passes live HTML, so nothing from an export may stand in it."""
        for cell in cells(path, "markdown"):
            assert "<" not in source(cell)
