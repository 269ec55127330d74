"""A notebook counts as done only when it is; each case was seen to pass papermill unnoticed."""

import base64
import html
import os
import re
from pathlib import Path

import nbformat
import pytest

from research.errors import EnvironmentFailure, InputError, ReportError
from research.reporting.files import write_files
from research.reporting.run import read_notebook
from tests.reporting.conftest import GIVEN
from tests.reporting.notebook_maker import FINISH, KERNEL_KILLED, make_notebook

pytestmark = pytest.mark.slow
SECRET = "answer-of-respondent-31"


def expect_failure(run_page, notebook: Path, page_path: Path, match: str, **how: object) -> str:
    """Message of the ReportError; no page and no results may be there."""
    with pytest.raises(ReportError, match=match) as caught:
        run_page(notebook, **how)
    assert not page_path.exists()
    assert not page_path.with_suffix(".results.csv").exists()
    return str(caught.value)


def test_a_complete_notebook_gives_a_page_and_its_results(tmp_path, page_path, run_page):
    outcome = run_page(make_notebook(tmp_path))
    assert "Organisation 007." in outcome.page.read_text(encoding="utf-8")
    assert outcome.results.read_bytes() == b"analysis,estimate\r\ngap,0.1\r\n"
    assert sorted(p.name for p in page_path.parent.iterdir()) == [
        "page.en.html",
        "page.en.results.csv",
    ]


def test_two_runs_give_the_same_bytes(tmp_path, run_page):
    notebook = make_notebook(tmp_path)
    first = run_page(notebook).page.read_bytes()
    assert run_page(notebook).page.read_bytes() == first


def test_the_page_carries_its_results_as_a_download(tmp_path, run_page):
    outcome = run_page(make_notebook(tmp_path))
    found = re.search(r"data:text/csv[^,]*,([A-Za-z0-9+/=]+)", outcome.page.read_text())
    assert base64.b64decode(found.group(1)) == outcome.results.read_bytes()


def test_code_guides_and_parameters_stay_off_the_page(tmp_path, run_page):
    page = run_page(make_notebook(tmp_path)).page.read_text(encoding="utf-8")
    for private in ("for people only", "import pandas", "Parameters", "In the middle"):
        assert private not in page


def test_exit_half_way_is_no_success(tmp_path, page_path, run_page):
    notebook = make_notebook(tmp_path, "import sys\nsys.exit(0)")
    expect_failure(run_page, notebook, page_path, r"half-way in cell 6 \(under 'In the middle'\)")


def test_an_error_is_named_without_what_it_says(tmp_path, page_path, run_page):
    notebook = make_notebook(tmp_path, f"raise ValueError('{SECRET}')")
    message = expect_failure(run_page, notebook, page_path, r"cell 6 .*: ValueError\.")
    assert SECRET not in message


def test_a_failed_notebook_is_kept_in_a_private_folder(tmp_path, page_path, run_page):
    notebook = make_notebook(tmp_path, f"raise ValueError('{SECRET}')")
    expect_failure(run_page, notebook, page_path, r"reports/s1/\.failed/page\.en\.failed\.ipynb")
    kept = tmp_path / "reports" / "s1" / ".failed" / "page.en.failed.ipynb"
    assert SECRET in kept.read_text(encoding="utf-8")
    assert kept.parent.stat().st_mode & 0o077 == 0


def test_a_killed_kernel_is_no_success(tmp_path, page_path, run_page):
    notebook = make_notebook(tmp_path, KERNEL_KILLED)
    expect_failure(run_page, notebook, page_path, "kernel died in cell 6")


def test_a_cell_that_takes_too_long_is_stopped(tmp_path, page_path, run_page):
    notebook = make_notebook(tmp_path, "import time\ntime.sleep(60)")
    expect_failure(run_page, notebook, page_path, "limit of 3 seconds.*cell 6", timeout=3)


def test_many_short_cells_share_one_limit(tmp_path, page_path, run_page):
    notebook = make_notebook(tmp_path, *["import time\ntime.sleep(1)"] * 5)
    expect_failure(run_page, notebook, page_path, "limit of 3 seconds", timeout=3)


def test_a_kernel_that_never_ends_is_ended(tmp_path, run_page):
    endless = "import threading, time\nthreading.Thread(target=time.sleep, args=(600,)).start()"
    assert run_page(make_notebook(tmp_path, endless)).seconds < 30


def test_a_warning_is_no_success(tmp_path, page_path, run_page):
    notebook = make_notebook(tmp_path, "import warnings\nwarnings.warn('old')")
    expect_failure(run_page, notebook, page_path, "wrote a warning in cell 6")


def test_waiting_for_a_person_is_no_success(tmp_path, page_path, run_page):
    notebook = make_notebook(tmp_path, "input('name?')")
    expect_failure(run_page, notebook, page_path, "StdinNotImplementedError")


def test_a_notebook_without_a_completion_record_is_refused(tmp_path, page_path, run_page):
    notebook = make_notebook(tmp_path, finish="")
    expect_failure(run_page, notebook, page_path, r"no completion record.*finish\(\)")


def test_two_completion_records_are_refused(tmp_path, page_path, run_page):
    notebook = make_notebook(tmp_path, FINISH)
    expect_failure(run_page, notebook, page_path, "2 completion records")


def test_the_record_of_another_organisation_is_refused(tmp_path, page_path, run_page):
    other = FINISH.replace("organisation_id=organisation_id", "organisation_id='008'")
    notebook = make_notebook(tmp_path, finish=other)
    expect_failure(run_page, notebook, page_path, "another organisation_id")


def test_respondents_are_not_shown(tmp_path, page_path, run_page):
    notebook = make_notebook(tmp_path, "show(pd.DataFrame({'respondent_id': ['r1']}))")
    expect_failure(run_page, notebook, page_path, "cell 6 .*PrivacyError")


def test_plain_output_stands_on_no_report(tmp_path, page_path, run_page):
    notebook = make_notebook(tmp_path, "print('left over')")
    expect_failure(run_page, notebook, page_path, "plain text cannot stand")


def test_a_figure_without_alternative_text_is_refused(tmp_path, page_path, run_page):
    draw = "from IPython.display import SVG, display\ndisplay(SVG('<svg xmlns=\"x\"></svg>'))"
    expect_failure(run_page, make_notebook(tmp_path, draw), page_path, "no alternative text")


def test_a_page_that_is_not_sound_is_refused(tmp_path, page_path, run_page):
    notebook = make_notebook(tmp_path, "show('<script>alert(1)</script>')")
    expect_failure(run_page, notebook, page_path, "not sound: <script> has no place")


def test_an_earlier_page_survives_a_failure(tmp_path, page_path, run_page):
    run_page(make_notebook(tmp_path))
    before = page_path.read_bytes()
    with pytest.raises(ReportError, match="ZeroDivisionError"):
        run_page(make_notebook(tmp_path, "1 / 0"))
    assert page_path.read_bytes() == before


HOSTILE_IDS = ["007", "'); import os; os._exit(1) #", "{study}", 'a"b\\n', "Ünïté €", "</script>"]


@pytest.mark.parametrize("organisation_id", HOSTILE_IDS)
def test_ids_arrive_as_they_are(tmp_path, run_page, organisation_id):
    show_escaped = (
        "import html\nshow('<p id=\"who\">' + html.escape(organisation_id + '|') + '</p>')"
    )
    section = "show('<section><h2 id=\"one\">One</h2></section>')"
    notebook = make_notebook(tmp_path, show_escaped, section=section)
    outcome = run_page(notebook, parameters={**GIVEN, "organisation_id": organisation_id})
    found = re.search(r'<p id="who">(.*?)</p>', outcome.page.read_text("utf-8"), re.DOTALL)
    assert html.unescape(found.group(1)) == organisation_id + "|"


def test_the_kernel_has_an_environment_of_its_own(tmp_path, run_page, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    check = (
        "import os\nif 'PYTHONDONTWRITEBYTECODE' in os.environ:\n    raise ValueError\n"
        f"if os.environ['RESEARCH_ROOT'] != {str(tmp_path)!r} or os.getcwd() != {str(tmp_path)!r}:"
        "\n    raise KeyError"
    )
    assert run_page(make_notebook(tmp_path, check)).n_results == 1
    assert os.environ["PYTHONDONTWRITEBYTECODE"] == "1"


def test_a_folder_with_braces_is_no_format_string(tmp_path, run_page):
    assert run_page(make_notebook(tmp_path / "{study}")).n_results == 1


def test_a_missing_notebook_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match=r"There is no notebook 91_none\.ipynb in notebooks/"):
        read_notebook(tmp_path / "notebooks" / "91_none.ipynb")


@pytest.mark.parametrize("text", ["", "no json", "{}", '{"cells": 3, "nbformat": 4}'])
def test_a_broken_notebook_is_an_input_error(tmp_path, text):
    # Validation still works although jsonschema goes without rfc3987_syntax (see reporting).
    path = tmp_path / "broken.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="no valid notebook"):
        read_notebook(path)


def test_validation_rejects_an_unknown_cell_type(tmp_path):
    broken = nbformat.v4.new_notebook()
    cell = {"cell_type": "spell", "id": "a", "source": "", "metadata": {}}
    broken.cells = [nbformat.from_dict(cell)]
    with pytest.raises(nbformat.ValidationError, match="spell"):
        nbformat.validate(broken)


def test_what_cannot_be_written_leaves_the_earlier_files(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("before")
    blocked = tmp_path / "file" / "results.csv"
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(EnvironmentFailure, match="Earlier pages are as they were"):
        write_files({page: "after", blocked: "after"})
    assert page.read_text() == "before"
    assert not list(tmp_path.glob(".*partial"))
