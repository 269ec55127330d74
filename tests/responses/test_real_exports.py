"""Questionnaires of other people: counts as in their reference values.

Nothing of them lies in the project; the data are copied into a temporary folder from the shared
data folder, and the tests are skipped where it is absent.
"""

import json
import shutil
from pathlib import Path

import pytest
import yaml

from research.responses.ingest import ImportResult, import_exports
from research.responses.scoring import score_clusters
from research.study.instrument import Instrument
from research.study.study_file import read_study

REPOSITORY = Path(__file__).parents[2]
SHARED = REPOSITORY.parent / "shared" / "data"
STUDIES = REPOSITORY / "tests" / "studies"
pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared data folder is not on this machine"
)


# Finished respondents of both files: n and mean to five decimals, from the README of the set.
OPEN_SCIENCE = {
    "Q3": (158, 3.94304),
    "Q6": (154, 3.27922),
    "Q11": (148, 2.49324),
    "Q14": (147, 3.31973),
    "Q18": (155, 3.76774),
}


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
                "roles": [{"id": "staff", "label": _both("staff"), "plural": _both("staff")}],
            }
        ),
        encoding="utf-8",
    )
    result = import_exports(*read_study(tmp_path / "study.yaml"), folder=tmp_path)
    assert result.receipt["left_out"] == {"spam": 3, "unfinished": 40}
    assert result.failures.empty
    for question, (n, mean) in OPEN_SCIENCE.items():
        answers = result.responses[question].dropna().astype(float)
        assert len(answers) == n
        assert answers.mean() == pytest.approx(mean, abs=5e-6)  # five decimals in the README


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
