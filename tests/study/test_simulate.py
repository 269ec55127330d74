import hashlib

import numpy as np
import pytest
from tests.studies_made import instrument

from research.stats.clustered import cr2_difference
from research.study.example import write_exports
from research.study.simulate import Design, expected_answer, simulate_study


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    questionnaire = instrument()
    digests = []
    for name in ("one", "two"):
        study = simulate_study(questionnaire, seed=5)
        paths = write_exports(study, questionnaire, folder=tmp_path / name)
        digests.append([hashlib.sha256(path.read_bytes()).hexdigest() for path in paths])
    assert digests[0] == digests[1]


def test_another_seed_gives_other_answers():
    one, two = (simulate_study(instrument(), seed=seed).answers for seed in (1, 2))
    assert not one["a01"].equals(two["a01"])


def test_the_expected_answer_is_what_many_simulated_people_give():
    design = Design()
    rng = np.random.default_rng(8)
    stretch = np.exp(rng.normal(0, design.stretch_spread, 400_000))
    latent = rng.normal(3.9, 0.95, 400_000)
    given = np.clip(np.rint(3 + stretch * (latent - 3)), 1, 5)
    expected = expected_answer(np.array([3.9]), 0.95, instrument(), design)
    assert given.mean() == pytest.approx(expected[0], abs=4 * given.std() / np.sqrt(len(given)))


def test_only_the_stated_directions_are_put_in():
    truth = simulate_study(instrument(), seed=9).truth
    for cluster, value in truth["clusters"].items():
        assert (value > 0.4) if cluster == "power" else (abs(value) < 0.02)
    assert all(entry["customer"] > 3 for entry in truth["activities"].values())


def test_the_planted_gaps_are_recovered_over_many_studies():
    """Bias within Monte-Carlo error and coverage near 95 %, over 40 studies."""
    questionnaire, design = instrument(), Design(careless=0)
    misses, errors = [], []
    for seed in range(100, 140):
        study = simulate_study(questionnaire, design=design, seed=seed)
        answers = study.answers[questionnaire.activity_ids].replace(-1, np.nan)
        scores = np.column_stack(
            [
                answers[questionnaire.activities_of(c)].mean(axis=1)
                for c in questionnaire.cluster_ids
            ]
        )
        found = cr2_difference(
            scores,
            (study.answers["role"] == "customer").to_numpy(),
            study.answers["organisation"].to_numpy(),
        )
        truth = np.array(list(study.truth["clusters"].values()))
        errors.append(found["estimate"] - truth)
        misses.append((found["ci_low"] > truth) | (found["ci_high"] < truth))
    errors = np.array(errors)
    standard_error = errors.std() / np.sqrt(errors.size)
    assert abs(errors.mean()) < 4 * standard_error
    assert np.mean(misses) < 0.05 + 4 * np.sqrt(0.05 * 0.95 / np.size(misses))
