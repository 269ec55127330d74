"""Before the first answer: how large must the study be, and does it run from end to end?"""

import hashlib
import json
import re

import numpy as np
import pandas as pd
import pytest
import yaml

from research.analyses.planning import plan_like, planning_results
from research.errors import InputError, ResponseError
from research.pipeline.build import build_study
from research.pipeline.plan import PlanOptions, plan_lines
from research.pipeline.rehearse import rehearse_into
from research.presentation import figures, planning_tables
from research.presentation.texts import Reader
from research.stats.power import PlannedStudy, planned_detectable, planned_power
from research.study.instrument import read_instrument
from tests.end_to_end.conftest import ROOT, project_at
from tests.studies_made import made_answers, study_file
from tests.test_cli import research

LABELS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"]


def instrument_content(*, low: int = 1, high: int = 7, one_cluster: bool = False) -> dict:
    """Seven questions in two clusters, the second turned round."""
    words = LABELS[: high - low + 1]
    return {
        "id": "lessons",
        "version": 1,
        "illustrative": True,
        "source": "made up",
        "scale": {
            "low": low,
            "high": high,
            "midpoint": (low + high) / 2,
            "labels": {"nl": [f"{word}s" for word in words], "en": words},
        },
        "stem": {"nl": "Hoe vaak?", "en": "How often?"},
        "clusters": [
            {"id": name, "label": {"nl": name, "en": name}}
            for name in ("calm", "lead")[: 1 if one_cluster else 2]
        ],
        "activities": [
            {
                "id": f"q{n}",
                "cluster": "calm" if n < 4 or one_cluster else "lead",
                "reverse_keyed": n == 2,
                "label": {"nl": f"zaak {n}", "en": f"thing {n}"},
                "wording": {"nl": f"Doet zaak {n}", "en": f"Does thing {n}"},
            }
            for n in range(1, 8)
        ],
    }


def role(name: str, *words: str) -> dict:
    label = {"nl": name, "en": name}
    return {
        "id": name,
        "label": label,
        "plural": {k: f"{name}s" for k in label},
        "words": list(words),
    }


SCHOOL = {
    "id": "school",
    "title": {"nl": "Scholen", "en": "Schools"},
    "instrument": "lessons.yaml",
    "synthetic": False,
    "population": {"nl": "leerlingen", "en": "pupils"},
    "exports": [{"path": "exports/answers.sav"}],
    "columns": {
        "respondent": "nr",
        "organisation": "school",
        "role": "who",
        "wave": "term",
        "duration": "seconds",
        "covariates": {"age": "years"},
        "activities": {f"q{n}": f"v_{n}" for n in range(1, 8)},
    },
    "roles": [role("pupil", "P"), role("teacher", "T")],
    "wave": "2",
    "languages": ["nl", "en"],
    "exclusions": [{"respondent_id": "17", "reason": "withdrew consent"}],
}


@pytest.fixture
def workspace(tmp_path):
    return project_at(tmp_path)


def put_study(workspace, content: dict, questionnaire: dict | None = None):
    folder = workspace.raw / content["id"]
    folder.mkdir(parents=True)
    text = yaml.safe_dump(questionnaire or instrument_content(), sort_keys=False)
    (folder / "lessons.yaml").write_text(text, encoding="utf-8")
    (folder / "study.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return folder


def fingerprints(folder) -> dict[str, str]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def rehearsed(workspace, content: dict, questionnaire: dict | None = None, **options):
    """The rehearsal of a study, built; no pages."""
    put_study(workspace, content, questionnaire)
    made = rehearse_into(workspace, content["id"], **({"organisations": None} | options))
    return build_study(workspace, made)


# ---- rehearsal ----------------------------------------------------------------------------


def test_a_study_without_exports_runs_from_end_to_end(workspace):
    folder = put_study(workspace, SCHOOL)
    before = fingerprints(folder)
    options = ["--organisations", "3", "--language", "nl"]
    done = research(workspace.root, "rehearse", "school", *options)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "Rehearsal on simulated answers: data/raw/school-rehearsal"
    assert lines[-1] == "Study report: reports/school-rehearsal/study/study.nl.html"
    assert fingerprints(folder) == before
    assert not workspace.processed("school").exists()
    made = yaml.safe_load((workspace.raw / "school-rehearsal/study.yaml").read_text("utf-8"))
    assert made["synthetic"] is True
    assert made["id"] == "school-rehearsal"
    reports = workspace.reports("school-rehearsal")
    page = (reports / "study/study.nl.html").read_text(encoding="utf-8")
    assert "Generale repetitie op nagebootste antwoorden: Scholen" in page
    assert "Synthetische gegevens" in page
    assert len(list((reports / "organisations").glob("organisation-*.nl.html"))) == 3


def test_the_rehearsal_has_the_shape_the_study_file_asks_for(workspace):
    build = rehearsed(workspace, SCHOOL, organisations=4)
    exports = pd.read_csv(workspace.raw / "school-rehearsal/answers.csv", dtype=str)
    named = ["nr", "school", "who", "term", "seconds", "years"]
    assert list(exports) == [*named, *(f"v_{n}" for n in range(1, 8))]
    assert set(exports["who"]) == {"P", "T"}
    assert set(exports["term"]) == {"2"}
    assert build.study.role_ids == ["pupil", "teacher"]
    assert build.receipt["n_organisations"] == 4
    assert build.failures.empty
    answers = build.answers.activities
    assert answers.min().min() == 1 and answers.max().max() == 7
    # The turned question is turned in the export, so that turned back it is like the others.
    means = answers.mean()
    assert abs(means["q2"] - means.drop("q2").mean()) < 1
    assert exports["v_2"].astype(float).mean() < 4 < exports["v_1"].astype(float).mean()


def test_a_rehearsal_shows_the_effect_that_was_put_in(workspace):
    """The first role values the first cluster more: what the pages show is not only noise."""
    build = rehearsed(workspace, SCHOOL, organisations=12)
    scores = build.answers.clusters.groupby(build.answers.people["role"]).mean()
    gap = scores.loc["pupil"] - scores.loc["teacher"]
    assert gap["calm"] > 0.5 and abs(gap["lead"]) < 0.5


TWO_FILES = [{"path": "pupils.csv", "role": "pupil"}, {"path": "x/pupils.csv", "role": "teacher"}]
COLUMNS = {"respondent": "nr", "organisation": "school"}
PER_SCHOOL = [
    {"path": f"{name}.csv", "organisation": name, "columns": {"role": "who", "respondent": "nr"}}
    for name in ("North", "South", "East")
]


@pytest.mark.parametrize(
    ("changes", "questionnaire", "organisations"),
    [
        ({"exports": TWO_FILES, "columns": COLUMNS}, {}, 12),
        ({"exports": PER_SCHOOL}, {}, 3),
        ({"columns": {"role": "who"}}, {}, 1),  # one organisation, ids made from the row
        ({"columns": SCHOOL["columns"] | {"activities": "item{number:02d}"}}, {}, 12),
        ({"exports": [{"path": "a.xlsx", "sheet": "Blad 1"}]}, {}, 12),
        ({"exports": [{"path": "a.csv", "layout": "qualtrics"}]}, {}, 12),
        ({}, {"low": 0, "high": 10}, 12),
        ({}, {"low": 0, "high": 1}, 12),
        ({}, {"one_cluster": True}, 12),
        ({"roles": [role("pupil", "P")], "columns": COLUMNS}, {}, 12),
        ({"organisations": [{"id": n, "name": f"School {n}"} for n in "ABCD"]}, {}, 4),
        ({"invited": {"pupil": 600, "teacher": 90}}, {}, 12),
        ({"power_cluster": "lead"}, {}, 12),
    ],
    ids=[
        "two files of one name", "a file an organisation", "no organisations", "pattern", "excel",
        "qualtrics", "0-10", "yes or no", "one cluster", "one role", "named organisations",
        "invited", "power cluster",
    ],
)  # fmt: skip
def test_other_shapes_rehearse_too(workspace, changes, questionnaire, organisations):
    content = {
        k: v for k, v in (SCHOOL | changes).items() if k != "wave" or "columns" not in changes
    }
    if "exports" in changes and "columns" in changes["exports"][0]:
        del content["wave"]
    build = rehearsed(workspace, content, instrument_content(**questionnaire))
    assert build.receipt["roles_absent"] == []
    assert build.receipt["n_organisations"] == organisations
    assert len(build.answers) > 25
    assert build.failures.empty
    assert build.answers.activities.notna().mean().min() > 0.9


def test_the_same_study_file_gives_the_same_rehearsal(workspace):
    content = SCHOOL | {"exports": [{"path": "a.xlsx"}]}
    first = rehearsed(workspace, content).input_hash
    rehearse_into(workspace, "school", organisations=None)  # made anew over itself
    assert build_study(workspace, "school-rehearsal").input_hash == first


def test_a_mistake_in_the_study_file_shows_in_the_rehearsal(workspace):
    """No column says who is who: better found now than with a thousand answers in hand."""
    columns = {k: v for k, v in SCHOOL["columns"].items() if k != "role"}
    with pytest.raises(ResponseError, match="nothing says which role"):
        rehearsed(workspace, SCHOOL | {"columns": columns})


def test_a_rehearsal_replaces_no_study(workspace):
    put_study(workspace, SCHOOL)
    taken = put_study(workspace, SCHOOL | {"id": "school-rehearsal"})
    before = fingerprints(taken)
    with pytest.raises(InputError, match="holds something else than a rehearsal"):
        rehearse_into(workspace, "school", organisations=None)
    assert fingerprints(taken) == before


def test_the_name_of_a_rehearsal_stays_within_what_a_study_may_be_called(workspace):
    put_study(workspace, SCHOOL | {"id": "s" * 40})
    made = rehearse_into(workspace, "s" * 40, organisations=3)
    assert made == "s" * 30 + "-rehearsal"
    assert build_study(workspace, made).study.id == made


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rehearse", "scool"], "Did you mean 'school'?"),
        (["rehearse", "school", "--organisations", "0"], "--organisations"),
        (["rehearse", "alone", "--organisations", "4"], "name no column with the organisation"),
        (["rehearse", "school", "--language", "de"], "must be one of"),
        (["rehearse", "again"], "is a rehearsal itself"),
        (["rehearse", "other"], "must be the same"),
        (["rehearse", "pattern"], "is no pattern"),
    ],
)
def test_a_rehearsal_that_cannot_be_ends_in_words_and_two(workspace, arguments, words):
    put_study(workspace, SCHOOL)
    put_study(workspace, SCHOOL | {"id": "alone", "columns": {"role": "who"}})
    columns = SCHOOL["columns"] | {"activities": "v_{n}"}
    put_study(workspace, SCHOOL | {"id": "pattern", "columns": columns})
    put_study(workspace, SCHOOL | {"id": "other"})
    path = workspace.raw / "other/study.yaml"
    path.write_text(path.read_text("utf-8").replace("id: other", "id: another"), encoding="utf-8")
    made = rehearse_into(workspace, "school", organisations=3)
    (workspace.raw / made).rename(workspace.raw / "again")
    done = research(workspace.root, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert words in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


# ---- plan ---------------------------------------------------------------------------------


def test_a_plan_needs_no_project(tmp_path):
    done = research(tmp_path, "plan", "--organisations", "20", "--tests", "1")
    assert done.returncode == 0, done.stderr
    text = done.stdout.replace("\N{NO-BREAK SPACE}", " ")
    assert "With 20 organisations (40 customers, 15 managers in each)" in text
    assert "Assumed:" in text
    assert text.count("\n") > 12


def test_the_readme_shows_what_a_plan_prints():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    arguments, shown = re.search(r"research (plan [^\n`]*)\n(.*?)\n```", text, re.S).groups()
    assert research(ROOT, *arguments.split()).stdout.rstrip() == shown


@pytest.mark.parametrize("command", ["plan", "rehearse"])
def test_the_commands_have_help(command):
    assert research(ROOT, command, "--help").returncode == 0


def test_the_table_and_the_sentences_hold_the_computed_numbers():
    lines = plan_lines(PlanOptions(organisations=14, customers=30, managers=10, difference=0.4))
    text = "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")
    plan = PlannedStudy(
        organisations=14, first_per_organisation=30, second_per_organisation=10,
        answer_sd=1.0, icc=0.05, gap_sd=0.3,
    )  # fmt: skip
    detectable = planned_detectable(plan, n_tests=30)["estimate"][0]
    chance = planned_power(plan, difference=0.4, n_tests=30)["estimate"][0]
    (row,) = (line.split() for line in text.splitlines() if line.split()[:1] == ["14"])
    assert row[4:7] == [f"{detectable:.2f}", f"{100 * chance:.0f}", "%"]
    assert f"a true difference of 0.4 points is found with a chance of {100 * chance:.0f} %" in text


def test_a_plan_says_when_no_number_of_people_is_enough():
    text = "\n".join(plan_lines(PlanOptions(organisations=6, gap_sd=0.6)))
    assert "In 6 organisations no number of people is enough" in text
    assert "(standard deviation 0.60)" in text
    assert "it takes" in text, "more organisations are"
    assert "no number of people" not in "\n".join(plan_lines(PlanOptions(gap_sd=0.0)))


def test_with_a_margin_the_plan_is_about_equality():
    text = "\n".join(plan_lines(PlanOptions(margin=0.5, gap_sd=0.1)))
    assert "shown to be equal within 0.5 points" in text
    assert "Equality within the margin is not corrected" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--organisations", "1"], "--organisations"),
        (["--organisations", "many"], "--organisations"),
        (["--difference", "0"], "--difference"),
        (["--difference", "inf"], "--difference must be a number"),
        (["--gap-sd", "-1"], "--gap-sd"),
        (["--icc", "1"], "--icc"),
        (["--icc", "nan"], "--icc"),
        (["--power", "1"], "--power"),
        (["--tests", "0"], "--tests"),
        (["--difference", "1", "--margin", "1"], "not both"),
        (["--like", "nobody"], "was not found"),
        (["--like", "school"], "has not been built"),
    ],
)
def test_a_plan_that_cannot_be_ends_in_words_and_two(workspace, arguments, words):
    put_study(workspace, SCHOOL)
    done = research(workspace.root, "plan", *arguments)
    assert done.returncode == 2, done.stdout
    assert words in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_a_plan_like_a_study_speaks_its_words_and_names_none_of_its_parts(workspace):
    rehearsed(workspace, SCHOOL, organisations=9)
    done = research(workspace.root, "plan", "--like", "school-rehearsal")
    assert done.returncode == 0, done.stderr
    assert "pupils" in done.stdout and "teachers" in done.stdout
    assert "With 9 organisations" in done.stdout
    for word in ("Organisation ", "thing", "R00", "customer"):
        assert word not in done.stdout


class TestPlanLike:
    def test_takes_spreads_and_sizes_from_the_answers(self):
        answers = made_answers(seed=4, organisations=30, careless=0, organisation_gap_spread=0.5)
        plan = plan_like(answers)
        people = answers.people.groupby(["role", "organisation_id"]).size()
        assert plan.organisations == 30
        assert plan.first_per_organisation == np.rint(30 / (1 / people["customer"]).sum())
        assert plan.second_per_organisation == np.rint(30 / (1 / people["manager"]).sum())
        # Latent spreads of the design: 1.0 within (halo .4, cluster .45, answer .7 and rounding).
        assert 0.8 < plan.answer_sd < 1.1
        assert 0.35 < plan.gap_sd < 0.6
        assert 0.0 < plan.icc < 0.2

    def test_finds_no_variation_of_the_difference_where_there_is_none(self):
        quiet = made_answers(seed=5, organisations=30, careless=0, organisation_gap_spread=0.0)
        assert plan_like(quiet).gap_sd < 0.12

    @pytest.mark.parametrize(
        ("choose", "words"),
        [
            (lambda p: p["role"] == "customer", "one role"),
            (lambda p: p["organisation_id"] == "organisation 0", "fewer than 3 organisations"),
            (lambda p: p["organisation_id"] < "organisation 2", "may not show figures over all"),
            (
                lambda p: (p["organisation_id"] == "organisation 0") | (np.arange(len(p)) % 6 == 0),
                "may not show figures over all",
            ),
            (lambda p: (p["role"] == "customer") | (np.arange(len(p)) % 9 == 0), "may not show"),
        ],
        ids=["one role", "one organisation", "two organisations", "one outweighs", "few managers"],
    )
    def test_refuses_what_the_study_may_not_show(self, choose, words):
        answers = made_answers(seed=6, organisations=6)
        chosen = answers.where(np.asarray(choose(answers.people)))
        with pytest.raises(InputError, match=words):
            plan_like(chosen)

    def test_refuses_answers_that_do_not_vary(self):
        answers = made_answers(seed=7, organisations=6)
        answers.activities.loc[:, :] = 4.0
        with pytest.raises(InputError, match="do not vary"):
            plan_like(answers)


# ---- the pieces of the notebook -----------------------------------------------------------


@pytest.fixture
def results():
    plan = PlannedStudy(
        organisations=10, first_per_organisation=30, second_per_organisation=10,
        answer_sd=1.0, icc=0.05, gap_sd=0.3,
    )  # fmt: skip
    return planning_results(plan, difference=0.3, n_tests=30)


def reader_in(language: str) -> Reader:
    study = study_file()
    return Reader(study=study, instrument=read_instrument(study.instrument), language=language)


@pytest.mark.parametrize("language", ["nl", "en"])
def test_every_sentence_and_table_of_a_plan_is_filled_in(results, language):
    reader = reader_in(language)
    lines = [
        *planning_tables.answer_sentences(results, reader),
        *planning_tables.assumption_sentences(results, reader),
        planning_tables.planning_words(results, reader, power=0.8).title,
        planning_tables.planning_words(results, reader, power=0.8).alt,
        planning_tables.planning_table(results, reader, table_id="plan"),
    ]
    for line in lines:
        assert "{" not in line and "nan" not in line.lower().replace("standaard", "")
    assert lines[-1].count('<tr><th scope="row">') == 9


def test_the_figure_draws_the_computed_differences(results):
    reader = reader_in("en")
    _, ax = figures.new_figure(height=4)
    drawn = planning_tables.drawn_designs(results, reader)
    figures.draw_planned(drawn, reader, asked=0.3, ax=ax)
    lines = ax.get_lines()
    assert [line.get_label() for line in lines[:3]] == list(dict.fromkeys(drawn["size"]))
    for line in lines[:3]:
        own = drawn[drawn["size"] == line.get_label()]
        np.testing.assert_array_equal(line.get_ydata(), own["detectable"])
    assert set(lines[3].get_ydata()) == {0.3}
    assert ax.get_ylim()[0] == 0


def test_the_results_of_a_plan_hold_what_was_assumed(results):
    found = dict(zip(results["estimate_type"], results["estimate"], strict=True))
    assert found["assumed_gap_sd"] == 0.3 and found["assumed_n_tests"] == 30
    assert json.dumps(sorted(set(results["analysis"]))) == '["planning"]'
