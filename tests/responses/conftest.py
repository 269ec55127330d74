"""A small questionnaire and the exports of it, written by the tests themselves."""

import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import yaml

from research.responses.ingest import ImportResult, import_exports
from research.study.study_file import read_study

INSTRUMENT = {
    "id": "small",
    "version": 1,
    "illustrative": True,
    "source": "made for the tests",
    "scale": {
        "low": 1,
        "high": 5,
        "midpoint": 3,
        "labels": {
            "nl": ["helemaal niet", "weinig", "neutraal", "waardevol", "zeer waardevol"],
            "en": ["not at all", "of little value", "neutral", "valuable", "very valuable"],
        },
        "missing_words": {"nl": ["weet niet"], "en": ["don't know"]},
    },
    "stem": {"nl": "Hoe waardevol?", "en": "How valuable?"},
    "clusters": [
        {"id": "first", "label": {"nl": "Eerste", "en": "First"}},
        {"id": "second", "label": {"nl": "Tweede", "en": "Second"}},
    ],
    "activities": [
        {
            "id": f"a0{number}",
            "cluster": "first" if number < 3 else "second",
            "label": {"nl": f"handeling {number}", "en": f"action {number}"},
            "wording": {
                "nl": f"De manager doet ding {number}.",
                "en": f"The manager does thing {number}.",
            },
            "reverse_keyed": number == 2,
        }
        for number in range(1, 5)
    ],
}
COLUMNS = {"respondent": "id", "organisation": "org", "role": "role"}


@pytest.fixture
def answers() -> pd.DataFrame:
    """Six people of two organisations, one answer left open."""
    return pd.DataFrame(
        {
            "id": ["r1", "r2", "r3", "r4", "r5", "r6"],
            "org": ["Café Zuid", "Café Zuid", "Noord", "Café Zuid", "Noord", "Noord"],
            "role": ["customer", "customer", "customer", "manager", "manager", "manager"],
            "a01": ["1", "2", "3", "4", "5", "1"],
            "a02": ["5", "4", "3", "2", "1", "5"],
            "a03": ["2", "", "4", "5", "3", "1"],
            "a04": ["3", "3", "4", "2", "5", "4"],
        }
    )


@pytest.fixture
def csv_text(answers) -> str:
    return answers.to_csv(index=False, lineterminator="\n")


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., ImportResult]:
    """Import files of the small questionnaire; keywords change the study file."""

    def run(files: dict[str, bytes | str], **study: object) -> ImportResult:
        for name, content in files.items():
            data = content.encode("utf-8") if isinstance(content, str) else content
            (tmp_path / name).write_bytes(data)
        content = {
            "id": "small",
            "title": {"nl": "Klein", "en": "Small"},
            "instrument": "instrument.yaml",
            "synthetic": True,
            "exports": [{"path": name} for name in files],
            "columns": COLUMNS,
        }
        (tmp_path / "study.yaml").write_text(
            yaml.safe_dump({**content, **study}, allow_unicode=True), encoding="utf-8"
        )
        (tmp_path / "instrument.yaml").write_text(
            yaml.safe_dump(INSTRUMENT, allow_unicode=True), encoding="utf-8"
        )
        return import_exports(*read_study(tmp_path / "study.yaml"), folder=tmp_path)

    return run


@pytest.fixture
def to_xlsx() -> Callable[..., bytes]:
    """Bytes of a workbook; ``change`` may edit the openpyxl workbook first."""

    def write(sheets: dict[str, list[list]], change: Callable | None = None) -> bytes:
        import openpyxl

        workbook = openpyxl.Workbook()
        workbook.remove(workbook.active)
        for title, rows in sheets.items():
            sheet = workbook.create_sheet(title)
            for row in rows:
                sheet.append(row)
        if change:
            change(workbook)
        buffer = io.BytesIO()
        workbook.save(buffer)
        return buffer.getvalue()

    return write


@pytest.fixture
def rows(answers) -> list[list]:
    """Header and rows as Excel would hold them: answers as numbers."""
    body = [
        [int(cell) if cell.isdecimal() else (cell or None) for cell in row]
        for row in answers.to_numpy().tolist()
    ]
    return [list(answers.columns), *body]
