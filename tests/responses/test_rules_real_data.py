"""Questionnaires of other people from their raw files: n, means, alpha and Welch's t as published.

Expected numbers are those of the sets' own ``expected.json``, computed with R (psych and t.test)
by whoever collected the sets. The study file and the instrument are written here; nothing of the
data is in the project, and the tests are skipped where the shared data folder is absent.
"""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from research.errors import ResponseError
from research.responses.ingest import ImportResult, import_exports
from research.responses.scoring import keyed_answers, score_clusters
from research.stats.differences import welch
from research.stats.reliability.alpha import cronbach_alpha
from research.study.study_file import read_study

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared data folder is not on this machine"
)
MOBILE = {"csor": 5, "attr": 3, "perf": 5, "qual": 8, "like": 3, "comp": 3, "cusl": 3}
WIKI = {
    "PU": 3, "PEU": 3, "ENJ": 2, "Qu": 5, "Vis": 3, "Im": 3, "SA": 3, "Use": 5, "Pf": 3,
    "JR": 2, "BI": 2, "Inc": 4, "Exp": 5,
}  # fmt: skip
FAIRPLAYER = {"EM": 8, "RA": 5, "SI": 10}


def _both(text: str) -> dict[str, str]:
    return {"nl": text, "en": text}


def _instrument(items: dict[str, list[str]], *, high: int, share: float, turned: str = "") -> dict:
    labels = [f"punt {point}" for point in range(1, high + 1)]
    return {
        "id": "questionnaire",
        "version": 1,
        "illustrative": False,
        "source": "the README of the set",
        "scale": {
            "low": 1, "high": high, "midpoint": (1 + high) / 2,
            "labels": {"nl": labels, "en": [label.replace("punt", "point") for label in labels]},
        },
        "stem": _both("How?"),
        "clusters": [
            {"id": f"c_{name}", "label": _both(name), "min_answered": share} for name in items
        ],
        "activities": [
            {
                "id": item, "cluster": f"c_{name}", "label": _both(f"label of {item}"),
                "wording": _both(f"wording of {item}"), "reverse_keyed": item == turned,
            }
            for name, ids in items.items()
            for item in ids
        ],
    }  # fmt: skip


def _role(role: str, word: str) -> dict:
    return {"id": role, "label": _both(role), "plural": _both(f"{role}s"), "words": [word]}


def _study(path: str, roles: list[dict], columns: dict, **more: object) -> dict:
    return {
        "id": "other",
        "title": _both("Other people's questionnaire"),
        "instrument": "instrument.yaml",
        "synthetic": False,
        "exports": [{"path": path}],
        "roles": roles,
        "columns": columns,
        **more,
    }


@pytest.fixture
def run(tmp_path) -> Callable[..., tuple[ImportResult, dict]]:
    """Import one raw file with a study file and an instrument; returns the expected figures too."""

    def go(folder: str, study: dict, instrument: dict) -> tuple[ImportResult, dict]:
        file = study["exports"][0]["path"]
        shutil.copy(SHARED / folder / file, tmp_path / file)
        for name, content in (("study", study), ("instrument", instrument)):
            (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        expected = json.loads((SHARED / folder / "expected.json").read_text(encoding="utf-8"))
        return import_exports(*read_study(tmp_path / "study.yaml"), folder=tmp_path), expected

    return go


def _scores(result: ImportResult, tmp_path: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Keyed answers, and one column of scores a cluster, in the order of the responses."""
    _, instrument = read_study(tmp_path / "study.yaml")
    scores = score_clusters(result.responses, instrument)
    wide = {c: part["score"].to_numpy() for c, part in scores.groupby("cluster_id", sort=False)}
    return keyed_answers(result.responses, instrument), pd.DataFrame(wide)


def _agrees_with_welch(scores: np.ndarray, first: np.ndarray, entry: dict, name: str) -> None:
    found = welch(scores[:, None], first).iloc[0]
    means = [np.nanmean(scores[first]), np.nanmean(scores[~first])]
    assert (found["n_a"], found["n_b"]) == (entry["n1"], entry["n2"]), name
    assert means == pytest.approx([entry["mean1"], entry["mean2"]], abs=1e-8), name
    assert found["statistic"] == pytest.approx(entry["welch"]["t"], abs=1e-6), name
    assert found["df"] == pytest.approx(entry["welch"]["df"], abs=1e-4), name


def _agree_alpha(answers: pd.DataFrame, entry: dict, name: str) -> None:
    found = cronbach_alpha(answers.to_numpy()).iloc[0]
    assert found["n_complete"] == entry["n_complete"], name
    assert found["estimate"] == pytest.approx(entry["alpha_listwise"], abs=1e-8), name


def _mobile(**more: object) -> tuple[dict, dict]:
    items = {name: [f"{name}_{n}" for n in range(1, k + 1)] for name, k in MOBILE.items()}
    study = _study(
        "corp_rep.csv",
        [_role("prepaid", "1"), _role("contract", "2")],
        {
            "respondent": "respondent_id",
            "organisation": "serviceprovider",
            "role": "servicetype",
            "covariates": {"age_group": "age"},
        },
        **more,
    )
    return study, _instrument(items, high=7, share=1.0)


def test_mobile_customers_have_the_reference_alphas_and_gaps(run, tmp_path):
    result, expected = run("mobile_customers_reputation", *_mobile(missing_codes=[-99]))
    keyed, scores = _scores(result, tmp_path)
    first = (result.responses["role"] == "prepaid").to_numpy()
    assert len(result.responses) == expected["n_rows"] == 344
    assert int(keyed.isna().sum().sum()) == expected["code_minus99_cells_in_items"] == 10
    for name in MOBILE:
        entry = expected["reliability_minus99_missing"][name]
        _agree_alpha(keyed[[c for c in keyed if c.startswith(f"{name}_")]], entry, name)
        entry = expected["groups_servicetype"]["variables"][name]
        _agrees_with_welch(scores[f"c_{name}"].to_numpy(), first, entry, name)


def test_an_undeclared_code_of_mobile_customers_is_listed_and_never_a_number(run):
    result, expected = run("mobile_customers_reputation", *_mobile())
    off = result.failures[result.failures["rule"] == "off the scale"]
    assert len(off) == expected["code_minus99_cells_in_items"]
    assert off["message"].unique().tolist() == ["the answer is outside 1-7: -99."]
    refused = result.receipt["files"][0]["answers_refused"]
    assert sum(counts["off the scale"] for counts in refused.values()) == len(off)


def test_wikipedia_teachers_have_the_reference_alphas_and_gaps(run, tmp_path):
    items = {name: [f"{name}{n}" for n in range(1, k + 1)] for name, k in WIKI.items()}
    study = _study("wiki4HE.csv", [_role("uoc", "1"), _role("upf", "2")], {"role": "UNIVERSITY"})
    instrument = _instrument(items, high=5, share=0.5, turned="Qu4")
    result, expected = run("wiki4he_two_universities", study, instrument)
    keyed, scores = _scores(result, tmp_path)
    first = (result.responses["role"] == "uoc").to_numpy()
    assert result.receipt["files"][0]["delimiter"] == "semicolon"
    assert {"1": int(first.sum()), "2": int((~first).sum())} == expected["university"]["n"]
    assert int(keyed.isna().sum().sum()) == expected["question_mark_cells_in_items"]
    (word,) = result.receipt["files"][0]["words"]
    assert word == {"word": "?", "answer": None, "count": expected["question_mark_cells_in_items"]}
    for name in WIKI:
        entry = expected["reliability_raw"][name]
        if name == "Qu":
            entry = expected["reliability_Qu_with_Qu4_reversed"]
        _agree_alpha(keyed[items[name]], entry, name)
        entry = expected["groups_university_scales"]["variables"][name]
        _agrees_with_welch(scores[f"c_{name}"].to_numpy(), first, entry, name)


def _fairplayer(**columns: object) -> tuple[dict, dict]:
    items = {name: [f"{name}{n:02d}" for n in range(1, k + 1)] for name, k in FAIRPLAYER.items()}
    study = _study(
        "fairplayer_long.csv",
        [_role("pupil", "self"), _role("teacher", "teacher")],
        {"role": "rater", "wave": "wave", **columns},
        waves=[{"id": f"T{n}", "words": [str(n)]} for n in (1, 2, 3)],
        wave="T1",
    )
    return study, _instrument(items, high=5, share=0.5)


def test_fairplayer_has_the_reference_alphas_per_wave_and_gaps(run, tmp_path):
    result, expected = run("fairplayer_self_teacher", *_fairplayer())
    keyed, scores = _scores(result, tmp_path)
    role, wave = result.responses["role"], result.responses["wave"]
    raters = {"pupil": "self", "teacher": "teacher"}
    for who, number in [(who, number) for who in raters for number in "123"]:
        rater = raters[who]
        chosen = (role == who) & (wave == f"T{number}")
        entry = expected["by_rater_wave"][f"{rater} {number}"]
        assert int(chosen.sum()) == entry["n"]
        for name in FAIRPLAYER:
            items = keyed.loc[chosen, [c for c in keyed if c.startswith(name)]]
            _agree_alpha(items, entry["reliability"][name], f"{rater} {number} {name}")
    now = (wave == "T1").to_numpy()
    for name in FAIRPLAYER:
        entry = expected["unpaired_wave1"]["variables"][name]
        first = (role == "pupil").to_numpy()[now]
        _agrees_with_welch(scores[f"c_{name}"].to_numpy()[now], first, entry, name)
    (failure,) = result.failures.itertuples()
    assert (failure.column, failure.message) == ("RA01", "the answer is outside 1-5: 11.")


def test_fairplayer_ids_that_stand_twice_are_named(run):
    with pytest.raises(ResponseError) as error:
        run("fairplayer_self_teacher", *_fairplayer(respondent="respondent_id"))
    rules = error.value.failures["rule"]
    assert set(rules) == {"duplicate respondent"}
    assert len(rules) == 10  # counted with uniq -d on the first column
    assert re.search("2 times with different answers", str(error.value))


def test_the_question_worded_against_wikipedia_is_named_unless_it_is_turned(run):
    items = {name: [f"{name}{n}" for n in range(1, k + 1)] for name, k in WIKI.items()}
    study = _study("wiki4HE.csv", [_role("uoc", "1"), _role("upf", "2")], {"role": "UNIVERSITY"})
    named = {}
    for turned in ("", "Qu4"):
        instrument = _instrument(items, high=5, share=0.5, turned=turned)
        failures = run("wiki4he_two_universities", study, instrument)[0].failures
        named[turned] = failures[failures["rule"] == "against its cluster"]["column"].tolist()
    # The README of the set: Qu4 is worded against Wikipedia.
    assert named == {"": ["Qu4"], "Qu4": []}
