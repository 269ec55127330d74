"""A project folder of one notebook, and a function that runs it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from research.reporting.run import RunOutcome, run_notebook
from tests.reporting import sample
from tests.reporting.browser import running_chromium

GIVEN = {"study": "s1", "organisation_id": "007", "language": "en"}


@pytest.fixture
def page_path(tmp_path: Path) -> Path:
    return tmp_path / "reports" / "s1" / "page.en.html"


@pytest.fixture
def run_page(tmp_path: Path, page_path: Path) -> Callable[..., RunOutcome]:
    """Run a notebook with the right parameters, or those given, to ``page_path``."""

    def run(notebook: Path, *, parameters: dict | None = None, timeout: float = 60) -> RunOutcome:
        return run_notebook(
            notebook,
            parameters=GIVEN if parameters is None else parameters,
            output=page_path,
            context=sample.context(kind="organisation"),
            timeout=timeout,
            root=tmp_path,
        )

    return run


@pytest.fixture(scope="module")
def chromium():
    """One browser for the tests of a file."""
    with running_chromium() as browser:
        yield browser
