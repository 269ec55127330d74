"""Questionnaires of other people: counts as in their reference values.

Nothing of them lies in the project; the data are copied into a temporary folder from the shared
data folder, and the tests are skipped where it is absent.
"""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from research.responses.ingest import ImportResult, import_exports
from research.responses.scoring import score_clusters
from research.stats.reliability.alpha import cronbach_alpha
from research.study.instrument import Instrument
from research.study.study_file import read_study

REPOSITORY = Path(__file__).parents[2]
SHARED = REPOSITORY.parent / "shared" / "data"
STUDIES = REPOSITORY / "tests" / "studies"
pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared data folder is not on this machine"
)


OPEN_SCIENCE = ("Q3", "Q6", "Q11", "Q14", "Q18")


def _both(text: str) -> dict:
    return {"nl": text, "en": text}


def _open_science() -> dict:
    """Return an instrument for the five Likert questions of the open science survey."""
    kinds = ["Not at all", "Slightly", "Moderately", "Very", "Extremely"]
    labels = [f"{kind} important" for kind in kinds]
    return {
        "id": "open_science",
        "version": 1,
        "illustrative": False,
        "source": "Open Science Survey 2022, Erasmus University Rotterdam",
        "scale": {
            "low": 1,
            "high": 5,
            "midpoint": 3,
            "labels": {"nl": ["niets", "weinig", "matig", "veel", "zeer veel"], "en": labels},
            "missing_words": {"en": ["I don't know/prefer not to answer"]},
        },
        "stem": _both("How important"),
        "clusters": [{"id": "importance", "label": _both("importance")}],
        "activities": [
            {"id": q, "cluster": "importance", "label": _both(q), "wording": _both(f"about {q}")}
            for q in OPEN_SCIENCE
        ],
    }


@pytest.fixture
def imported(tmp_path):
    """Return a function that imports one of the studies and its reference values."""

    def run(name: str, export: str) -> tuple[ImportResult, Instrument, dict]:
        folder = shutil.copytree(STUDIES / name, tmp_path / name)
        shutil.copy(SHARED / name / export, folder / export)
        study, instrument = read_study(folder / "study.yaml")
        expected = json.loads((SHARED / name / "expected.json").read_text(encoding="utf-8"))
        return import_exports(study, instrument, folder=folder), instrument, expected

    return run


def test_fairplayer_has_the_reference_n_per_rater_and_wave(imported):
    result, _, expected = imported("fairplayer_self_teacher", "fairplayer_long.csv")
    found = result.responses.groupby(["role", "wave"]).size()
    assert {f"{role} {wave}": n for (role, wave), n in found.items()} == {
        name: entry["n"] for name, entry in expected["by_rater_wave"].items()
    }


def test_fairplayer_lists_the_one_answer_off_the_scale(imported, tmp_path):
    result, _, expected = imported("fairplayer_self_teacher", "fairplayer_long.csv")
    (reference,) = expected["out_of_range"]
    (failure,) = result.failures.itertuples()
    # The reference names the ratee and wave; our ids are made from the row of the file.
    lines = (tmp_path / "fairplayer_self_teacher" / "fairplayer_long.csv").read_text("utf-8")
    line = lines.splitlines()[int(failure.row) - 1]
    assert line.startswith(f'"{reference["respondent_id"]}"')
    assert failure.column == "RA01"
    assert failure.message.endswith(f"outside 1-5: {reference['RA01']}.")


def test_fairplayer_misses_as_many_answers_as_the_file_has_empty_cells(imported):
    result, instrument, _ = imported("fairplayer_self_teacher", "fairplayer_long.csv")
    # 471 empty cells counted in the file, and the answer 11.
    assert int(result.responses[instrument.activity_ids].isna().sum().sum()) == 471 + 1


def test_army_has_all_soldiers_of_all_companies_and_one_role(imported):
    result, instrument, expected = imported("army_units_leadership", "bhr2000.csv")
    assert len(result.responses) == expected["n_rows"][0]
    assert (
        result.responses["organisation_id"].nunique() == expected["bhr2000"]["agreement"]["groups"]
    )
    assert result.responses["role"].unique().tolist() == ["soldier"]
    assert not result.responses[instrument.activity_ids].isna().any(axis=None)
    assert result.failures.empty


def test_real_qualtrics_choice_text_has_the_reference_answers(tmp_path):
    folder = SHARED / "eur_open_science_qualtrics"
    files = ["eur_qualtrics_choice_text.csv", "esl_qualtrics_choice_text.csv"]
    for file in files:
        shutil.copy(folder / file, tmp_path / file)
    (tmp_path / "instrument.yaml").write_text(yaml.safe_dump(_open_science()), encoding="utf-8")
    (tmp_path / "study.yaml").write_text(
        yaml.safe_dump(
            {
                "id": "open_science",
                "title": _both("Open science"),
                "instrument": "instrument.yaml",
                "synthetic": False,
                "exports": [{"path": file} for file in files],
                "columns": {"covariates": {"school": "Q1", "position": "Q2"}},
                "roles": [{"id": "staff", "label": _both("staff"), "plural": _both("staff")}],
            }
        ),
        encoding="utf-8",
    )
    result = import_exports(*read_study(tmp_path / "study.yaml"), folder=tmp_path)
    assert result.receipt["left_out"] == {"spam": 3, "unfinished": 40}
    assert result.failures.empty
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    for question in OPEN_SCIENCE:
        answers = result.responses[question].dropna().astype(float)
        reference = expected["means_finished"][question]
        assert len(answers) == reference["n"]
        assert answers.mean() == pytest.approx(reference["mean"], abs=1e-12)
        assert answers.std() == pytest.approx(reference["sd"], abs=1e-12)
        assert _as_labels(answers, expected) == _scale_points_of(
            expected["counts_finished"][question], expected
        )
    for school, questions in expected["finished_by_school"].items():
        people = result.responses[result.responses["school"] == school]
        for question, counts in questions.items():
            given = people[question].dropna().astype(float)
            assert _as_labels(given, expected) == _scale_points_of(counts, expected), school
    (alpha,) = cronbach_alpha(
        result.responses[list(OPEN_SCIENCE)].to_numpy(float, na_value=np.nan)
    )["estimate"]
    assert alpha == pytest.approx(expected["alpha_5_items_listwise"]["alpha"], abs=1e-12)


def _as_labels(answers: pd.Series, expected: dict) -> dict[str, int]:
    labels = {code: label for label, code in expected["answer_codes"].items()}
    return answers.map(labels).value_counts().to_dict()


def _scale_points_of(counts: dict[str, int], expected: dict) -> dict[str, int]:
    """Counts of the reference without what is no point of the scale."""
    return {label: n for label, n in counts.items() if label in expected["answer_codes"]}


IMPORTANCE = ["not at all important", "slightly", "moderately", "very", "extremely important"]
QUALITY = ["very poor", "poor", "fair", "good", "very good"]
LIMESURVEY = "limesurvey_unit_test_quality"


def _unit_tests(folder: Path, items: list[str], labels: list[str], **study: object) -> ImportResult:
    """Import the raw LimeSurvey export with an instrument and a study file written here."""
    instrument = _open_science()
    instrument["id"], instrument["source"] = "unit_tests", "Pizza versus Pinsa, Univ. of Zurich"
    instrument["scale"]["labels"]["en"] = labels
    instrument["scale"]["missing_words"] = {"en": ["I do not know", "not applicable"]}
    instrument["activities"] = [
        {
            "id": f"i{n:02d}",
            "cluster": "importance",
            "label": _both(f"item {n}"),
            "wording": _both(i),
        }
        for n, i in enumerate(items, start=1)
    ]
    content = {
        "id": "unit_tests",
        "title": _both("Unit tests"),
        "instrument": "instrument.yaml",
        "synthetic": False,
        "exports": [{"path": "limesurvey_results.csv"}],
        "roles": [{"id": "developer", "label": _both("developer"), "plural": _both("developers")}],
        **study,
    }
    shutil.copy(SHARED / LIMESURVEY / "limesurvey_results.csv", folder)
    for name, written in (("instrument.yaml", instrument), ("study.yaml", content)):
        (folder / name).write_text(yaml.safe_dump(written, allow_unicode=True), encoding="utf-8")
    return import_exports(*read_study(folder / "study.yaml"), folder=folder)


def _same_as_reference(result: ImportResult, reference: dict[str, dict]) -> None:
    """n, mean and SD of every item; the items stand in the order of the reference."""
    for number, (name, entry) in enumerate(reference.items(), start=1):
        answers = result.responses[f"i{number:02d}"].dropna().astype(float)
        assert len(answers) == entry["n"], name
        assert answers.mean() == pytest.approx(entry["mean"], abs=1e-12), name
        assert answers.std() == pytest.approx(entry["sd"], abs=1e-12), name


def test_real_limesurvey_questions_have_the_reference_answers(tmp_path):
    """Whole questions as headers: each item is found by its subquestion in brackets."""
    expected = json.loads((SHARED / LIMESURVEY / "expected.json").read_text(encoding="utf-8"))
    items = expected["importance_items"]
    result = _unit_tests(tmp_path, list(items), IMPORTANCE)
    file = result.receipt["files"][0]
    assert (file["layout"], file["rows_in"], file["rows_out"]) == ("limesurvey", 67, 67)
    assert file["left_out"] == {}  # everyone submitted, on 1980-01-01
    _same_as_reference(result, items)
    words = {word["word"]: word["count"] for word in file["words"]}
    assert words["I do not know"] == sum(entry["dont_know"] for entry in items.values())
    complete = result.responses[[f"i{n:02d}" for n in range(1, 12)]].dropna().astype(float)
    reference = expected["alpha_importance_11_items_listwise"]
    assert len(complete) == reference["n"]
    (alpha,) = cronbach_alpha(complete.to_numpy())["estimate"]
    assert alpha == pytest.approx(reference["alpha"], abs=1e-12)


def test_real_limesurvey_ratings_have_the_reference_answers(tmp_path):
    """Ten headers that differ in a number only, named one by one in the study file."""
    expected = json.loads((SHARED / LIMESURVEY / "expected.json").read_text(encoding="utf-8"))
    tests = expected["overall_quality_per_test"]
    path = SHARED / LIMESURVEY / "limesurvey_results.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        header = next(csv.reader(stream))
    columns = {
        f"i{n:02d}": header[entry["column_index0"]] for n, entry in enumerate(tests.values(), 1)
    }
    result = _unit_tests(tmp_path, list(tests), QUALITY, columns={"activities": columns})
    _same_as_reference(result, tests)
    # Everyone saw a few of the ten tests; those who rated none of them on the scale do not count.
    left_out = result.receipt["left_out"]
    assert result.receipt["rows_in"] == 67 == len(result.responses) + sum(left_out.values())
    assert set(left_out) == {"no answer at all"}


def test_bfi_has_the_reference_counts(imported):
    result, instrument, expected = imported("bfi_gender", "bfi.csv")
    answers = result.responses[instrument.activity_ids]
    assert result.responses["role"].value_counts().to_dict() == expected["group_n"]
    assert int(answers.isna().sum().sum()) == expected["missing_cells"]
    assert int(answers.notna().all(axis=1).sum()) == expected["complete_25_items"]
    assert answers.isna().sum().to_dict() == {
        item: entry["missing"] for item, entry in expected["items_after_reversing"].items()
    }
    assert instrument.reverse_keyed_ids == ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
    assert result.failures.empty


def test_bfi_scores_have_the_reference_n_and_mean_with_half_of_the_items(imported):
    result, instrument, expected = imported("bfi_gender", "bfi.csv")
    scores = score_clusters(result.responses, instrument).merge(
        result.responses[["respondent_id", "role"]], on="respondent_id"
    )
    for cluster, letter in zip(instrument.cluster_ids, "ACENO", strict=True):
        entry = expected["groups_scales"]["variables"][f"scale_{letter}"]
        for role, suffix in (("male", "1"), ("female", "2")):
            part = scores[(scores["cluster_id"] == cluster) & (scores["role"] == role)]["score"]
            assert part.notna().sum() == entry[f"n{suffix}"]
            assert part.mean() == pytest.approx(entry[f"mean{suffix}"], abs=1e-8)
