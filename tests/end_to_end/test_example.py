"""The example study from exports to pages: right, complete, protected, the same in both languages."""

import ast
import html
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from research.errors import ReportError
from research.pipeline.pages import plan_report
from research.reporting.run import run_notebook
from research.stats.equivalence import VERDICTS

ROOT = Path(__file__).parents[2]


def results_of(page: Path) -> pd.DataFrame:
    return pd.read_csv(page.with_suffix(".results.csv"), keep_default_na=False, na_values=[""])


def words_of(page: Path) -> str:
    """The text a reader sees, without the download and the style."""
    text = page.read_text(encoding="utf-8")
    body = text[text.index("<body") :]
    body = re.sub(r'href="data:[^"]*"', "", body)
    return html.unescape(re.sub(r"<[^>]+>", " ", body))


def numbers_in(page: Path, language: str) -> list[str]:
    """Numbers of the page's main part in order, decimal mark and leading zero evened out."""
    text = page.read_text(encoding="utf-8")
    text = text[text.index("<main") : text.index("</main>")]
    text = html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<svg.*?</svg>", " ", text, flags=re.S)))
    found = re.findall(r"(?<![\w.,])[+−]?(?:\d[\d.,]*\d|\d|\.\d+)", text)
    found = [n for n in found if n.count(".") < 2]  # a version (4.2.2) is no number
    if language == "nl":
        found = [n.replace(".", "").replace(",", ".") for n in found]
    found = [n.replace(",", "").replace("−", "-").replace("+", "") for n in found]
    return sorted(str(float(n)) for n in found)


def test_every_page_of_the_plan_was_published(example):
    organisations = example.build.answers.organisation_ids
    assert len(organisations) == 12
    assert len(example.study.outcomes) == 2 + 7
    assert len(example.organisations.outcomes) == 2 * len(organisations)
    assert not example.study.failed and not example.organisations.failed
    for language in ("nl", "en"):
        assert (example.organisations.folder / f"index.{language}.html").is_file()


def test_rows_in_are_rows_out_and_rows_left_out(example):
    flow = example.build.flow
    assert flow.rows_in == flow.rows_out + sum(flow.left_out.values())


@pytest.mark.parametrize("name", ["study", "rijnpoort-advies", "hofstede-zonen"])
def test_both_languages_carry_the_same_numbers(example, name):
    dutch, english = (example.page(f"{name}.{language}.html") for language in ("nl", "en"))
    assert results_of(dutch).equals(results_of(english))
    assert len(numbers_in(dutch, "nl")) > 100
    assert numbers_in(dutch, "nl") == numbers_in(english, "en")


def test_every_number_in_a_sentence_comes_from_the_results(example):
    """The headline gap on power, as printed, is the one in results.csv."""
    page = example.page("study.en.html")
    results = results_of(page)
    row = results[
        (results["analysis"] == "gap")
        & (results["estimate_type"] == "mean_difference")
        & (results["cluster_id"] == "power")
        & results["activity_id"].isna()
    ].iloc[0]
    sentence = (
        f"Customers rate ‘Use of power’ {row['estimate']:.2f} points higher than managers "
        f"(likely between {row['ci_low']:.2f} and {row['ci_high']:.2f}; "
        f"{row['n_a']:.0f} customers, {row['n_b']:.0f} managers): a clear difference."
    )
    assert sentence in " ".join(words_of(page).split())


class TestPlantedTruth:
    @pytest.fixture
    def judged(self, example):
        """Every gap with the true value beside it, and the verdict the truth asks for."""
        truth = json.loads((example.workspace.raw / "example/truth.json").read_text("utf-8"))
        results = results_of(example.page("study.en.html"))
        gaps = results[results["estimate_type"] == "mean_difference"]
        gaps = gaps[~gaps["note"].fillna("").str.startswith("suppressed")].copy()
        activity = {name: entry["gap"] for name, entry in truth["activities"].items()}
        true = gaps["activity_id"].map(activity).fillna(gaps["cluster_id"].map(truth["clusters"]))
        true[gaps["analysis"] == "power_use"] = truth["power_against_the_rest"]
        margin = example.build.study.margin
        right = (true.abs() >= margin).map({True: "relevant", False: "equivalent"})
        return gaps.assign(true=true, right=right)

    def test_no_verdict_contradicts_the_truth(self, judged):
        """A trivial difference is equivalent too; inconclusive claims nothing."""
        said = judged["verdict"].replace("trivial", "equivalent")
        assert set(judged["verdict"]) <= set(VERDICTS)
        decided = said != "inconclusive"
        assert decided.sum() >= 30
        assert (said[decided] == judged.loc[decided, "right"]).all()

    def test_with_power_the_verdict_is_the_right_one(self, judged):
        """Where the truth lies three standard errors beyond the margin, it was found."""
        error = (judged["ci_high"] - judged["estimate"]) / 2.2
        powered = (judged["true"].abs() - 0.3) > 3 * error
        assert powered.sum() >= 3
        assert (judged.loc[powered, "verdict"] == "relevant").all()

    def test_the_intervals_cover_the_truth(self, judged):
        inside = (judged["ci_low"] <= judged["true"]) & (judged["true"] <= judged["ci_high"])
        assert inside.mean() >= 0.85

    def test_where_nothing_was_shown_the_report_says_what_it_could_have_found(self, example):
        words = " ".join(words_of(example.page("study.en.html")).split())
        assert "would be found with a chance of 80 %" in words
        assert "so a smaller difference may have been missed" in words

    def test_customers_value_every_activity(self, example):
        words = " ".join(words_of(example.page("study.en.html")).split())
        assert "Customers value every one of the 30 activities" in words


class TestDisclosure:
    def test_no_respondent_is_in_any_published_file(self, example):
        ids = set(example.build.responses["respondent_id"])
        for path in example.published:
            text = path.read_text(encoding="utf-8")
            assert not ids & set(re.findall(r"R\d{5}", text)), path.name

    def test_no_path_user_or_time_is_in_any_page(self, example):
        root = str(example.workspace.root)
        for path in example.published:
            text = path.read_text(encoding="utf-8")
            assert root not in text and "/home/" not in text and "Traceback" not in text
            if path.suffix == ".html":
                assert "192.0.2." not in text

    def test_a_role_with_too_few_people_has_no_number_on_the_page(self, example):
        page = example.page("hofstede-zonen.en.html")
        results = results_of(page)
        own = results[results["analysis"] != "comparability"]  # that is of the whole study
        about = own[(own["role"] == "manager") | own["contrast"].notna()]
        numbers = ["estimate", "ci_low", "ci_high", "statistic", "p_value", "n_a", "n_b"]
        assert len(about) > 100
        assert about[numbers].isna().all().all()
        words = words_of(page)
        assert "[c]" in words and "fewer than 10 managers" in words
        assert "8 managers" not in words

    def test_the_marks_draw_nothing_that_was_withheld(self, example):
        """Managers are the squares: the page without their figures has none."""
        withheld = example.page("hofstede-zonen.en.html").read_text(encoding="utf-8")
        shown = example.page("rijnpoort-advies.en.html").read_text(encoding="utf-8")
        square = 'fill="#F46A25"'
        assert square in shown
        assert square not in withheld

    def test_an_organisation_page_names_no_other_organisation(self, example):
        names = set(example.build.answers.organisation_ids)
        for path in example.organisations.folder.glob("*.html"):
            if path.name.startswith("index"):
                continue
            text = html.unescape(path.read_text(encoding="utf-8"))
            assert len([name for name in names if name in text]) == 1, path.name

    def test_the_study_report_names_no_organisation(self, example):
        names = example.build.answers.organisation_ids
        for language in ("nl", "en"):
            text = html.unescape(example.page(f"study.{language}.html").read_text("utf-8"))
            assert not [name for name in names if name in text]


def test_every_page_says_that_it_is_synthetic_and_illustrative(example):
    for path in example.published:
        if path.suffix == ".html":
            text = path.read_text(encoding="utf-8")
            assert "Synthetic data" in text or "Synthetische gegevens" in text, path.name
            assert "Illustrati" in text, path.name


def test_the_same_study_gives_the_same_bytes(example, tmp_path):
    task = next(
        task
        for task in plan_report(example.workspace, example.build, ["nl", "en"], tmp_path)
        if task.output.name == "study.nl.html"
    )
    run_notebook(
        task.notebook,
        parameters=task.parameters,
        output=task.output,
        context=task.context,
        root=task.root,
    )
    assert task.output.read_bytes() == example.page("study.nl.html").read_bytes()


def stored_parameters(path: Path) -> dict[str, object]:
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    (cell,) = (c for c in cells if "parameters" in c["metadata"].get("tags", []))
    lines = ast.parse("".join(cell["source"])).body
    return {line.target.id: line.value.value for line in lines}


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_a_notebook_runs_from_a_clean_kernel_as_it_is_stored(example, tmp_path, path):
    """With the values it is stored with: what a person in JupyterLab sees.

    ``run_notebook`` refuses any error, any warning on stderr and any cell left out.
    """
    from research.pipeline.pages import PageMaker

    language = "nl" if path.stem.startswith("90") else "en"
    maker = PageMaker(example.workspace, example.build, language)
    kind = {"9": "study"}.get(path.stem[0], "question")
    outcome = run_notebook(
        path,
        parameters=stored_parameters(path),
        output=tmp_path / "page.html",
        context=maker.context(title="A title", kind=kind),
        root=example.workspace.root,
    )
    assert outcome.n_results > 10


def test_a_notebook_on_an_unknown_organisation_makes_no_page(example, tmp_path):
    from research.pipeline.pages import PageMaker

    maker = PageMaker(example.workspace, example.build, "nl")
    task = maker.task(
        "90_organisation_report",
        tmp_path / "nobody.nl.html",
        title="Nobody",
        kind="organisation",
        organisation_id="Nobody B.V.",
    )
    with pytest.raises(ReportError, match="90_organisation_report"):
        run_notebook(
            task.notebook,
            parameters=task.parameters,
            output=task.output,
            context=task.context,
            root=task.root,
        )
    assert not task.output.exists()
