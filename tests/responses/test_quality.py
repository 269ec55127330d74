"""Quality flags: by hand, against the R package careless, and what must stay true."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from research.responses.quality import FLAG_COLUMNS, flag_respondents, longest_string
from research.study.instrument import Instrument

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "careless_respondents"


def _instrument(n_activities: int, *, high: int = 5) -> Instrument:
    def both(text: str) -> dict:
        return {"nl": text, "en": text}

    return Instrument.model_validate(
        {
            "id": "flags",
            "version": 1,
            "illustrative": True,
            "source": "made for the tests",
            "scale": {
                "low": 1,
                "high": high,
                "midpoint": (high + 1) / 2,
                "labels": both([str(point) for point in range(1, high + 1)]),
            },
            "stem": both("how"),
            "clusters": [{"id": "all", "label": both("all")}],
            "activities": [
                {"id": f"a{n}", "cluster": "all", "label": both(f"a{n}"), "wording": both(f"A {n}")}
                for n in range(n_activities)
            ],
        }
    )


def _responses(answers: list[list[float]] | np.ndarray, seconds: float = np.nan) -> pd.DataFrame:
    table = pd.DataFrame(np.asarray(answers, dtype=float)).add_prefix("a").astype("Int64")
    table.insert(0, "respondent_id", [f"r{n}" for n in range(len(table))])
    return table.assign(wave="", duration_seconds=seconds)


def test_longest_string_counts_the_longest_run_and_breaks_at_a_missing_answer():
    answers = np.array([[1, 1, 2, 2, 2, 1], [3, 3, np.nan, 3, 3, 3], [np.nan] * 6])
    assert longest_string(answers).tolist() == [3, 3, 0]


def test_indices_by_hand():
    flags = flag_respondents(_responses([[1, 2, 3, 2, np.nan]], seconds=6.0), _instrument(5))
    row = flags.iloc[0]
    assert tuple(flags.columns) == FLAG_COLUMNS
    assert row["n_answered"] == 4
    assert row["share_missing"] == pytest.approx(0.2)
    assert row["intra_individual_variability"] == pytest.approx((2 / 3) ** 0.5)  # 1 2 3 2
    assert row["seconds_per_activity"] == pytest.approx(1.5)
    assert row["reasons"] == "too_fast"


@pytest.mark.parametrize(
    ("answers", "seconds", "reasons"),
    [
        ([3] * 12, 60.0, "long_string;no_variability"),
        ([3] * 9 + [1, 2, 4], 60.0, ""),
        ([3] * 10 + [1, 2], 60.0, "long_string"),
        ([1, 2, 3, 4, 5] + [np.nan] * 7, 60.0, "many_missing"),
        ([1, 2, 3, 4, 5, 4, 3, 2, 1, 2, 3, 4], 23.0, "too_fast"),
        ([1, 2, 3, 4, 5, 4, 3, 2, 1, 2, 3, 4], np.nan, ""),
    ],
)
def test_a_respondent_is_flagged_for_the_limits_crossed(answers, seconds, reasons):
    row = flag_respondents(_responses([answers], seconds), _instrument(12)).iloc[0]
    assert row["reasons"] == reasons
    assert row["flagged"] == bool(reasons)


def test_flags_do_not_depend_on_the_order_of_respondents():
    rng = np.random.default_rng(41)
    responses = _responses(rng.integers(1, 6, (50, 12)))
    flags = flag_respondents(responses, _instrument(12))
    order = rng.permutation(50)
    shuffled = flag_respondents(responses.iloc[order], _instrument(12))
    pd.testing.assert_frame_equal(shuffled, flags.iloc[order])


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared data folder is not on this machine")
@pytest.mark.parametrize(
    ("name", "file", "high"),
    [
        ("careless_dataset", "careless_dataset.csv", 5),
        ("careless_dataset2", "careless_dataset2.csv", 7),
    ],
)
def test_agrees_with_r_on_the_data_of_the_package_careless(name, file, high):
    expected = json.loads((SHARED / "expected.json").read_text(encoding="utf-8"))[name]
    answers = pd.read_csv(SHARED / file)
    answers = answers[[c for c in answers if answers[c].between(1, high).all()]].to_numpy()
    assert answers.shape[1] == expected["items"]
    flags = flag_respondents(_responses(answers), _instrument(answers.shape[1], high=high))
    np.testing.assert_array_equal(flags["longest_string"], expected["longest_identical_run"])
    np.testing.assert_allclose(
        flags["intra_individual_variability"], expected["within_person_sd"], rtol=1e-8, atol=1e-8
    )


def test_a_reversed_activity_is_not_turned_before_a_run_is_sought():
    content = yaml.safe_load(_instrument(12).model_dump_json())
    content["activities"][5]["reverse_keyed"] = True
    turned = Instrument.model_validate(content)
    assert flag_respondents(_responses([[4] * 12]), turned)["longest_string"].tolist() == [12]
