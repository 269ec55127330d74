"""Green and Yang's omega with its interval: against itself without one, and against resampling."""

import numpy as np
import pytest

from research.analyses.reliability import one_factor
from research.stats.factors.polychoric import ordinal_moments
from research.stats.reliability.ordinal import green_yang
from research.stats.reliability.ordinal_omega import ordinal_omega


def made(n: int, *, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    loadings = np.array([0.5, 0.6, 0.7, 0.8])
    latent = np.outer(rng.normal(size=n), loadings)
    latent += rng.normal(size=(n, 4)) * np.sqrt(1 - loadings**2)
    return (latent[:, :, None] > [-0.8, 0.2, 1.0]).sum(axis=2).astype(float)


def estimate_alone(answers: np.ndarray) -> float:
    moments = ordinal_moments(answers)
    loadings = one_factor(moments).matrices().loadings[:, 0]
    table = green_yang(moments.thresholds, moments.threshold_item, loadings, moments.correlations)
    return table["estimate"][0]


def test_the_estimate_is_that_of_green_and_yang():
    answers = made(300)
    found = ordinal_omega(one_factor(ordinal_moments(answers)))
    assert found["estimate"][0] == estimate_alone(answers)


def test_its_standard_error_is_the_spread_over_resampled_people():
    answers = made(300)
    rng = np.random.default_rng(2)
    resampled = [
        ordinal_omega(one_factor(ordinal_moments(answers[rng.integers(0, 300, 300)])))["estimate"][
            0
        ]
        for _ in range(60)
    ]
    found = ordinal_omega(one_factor(ordinal_moments(answers)))
    # The spread of 60 resamples is itself known to a tenth.
    assert found["standard_error"][0] == pytest.approx(np.std(resampled, ddof=1), rel=0.3)


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    truth = estimate_alone(made(200_000, seed=3))
    held = 0
    for seed in range(100, 130):
        row = ordinal_omega(one_factor(ordinal_moments(made(300, seed=seed)))).iloc[0]
        held += row["ci_low"] <= truth <= row["ci_high"]
    assert held >= 25  # of 30; fewer has a chance of .3 % at 95 %


def test_items_turned_round_keep_estimate_and_interval():
    answers = made(300)
    one, other = (
        ordinal_omega(one_factor(ordinal_moments(items))) for items in (answers, 3 - answers)
    )
    np.testing.assert_allclose(
        one[["estimate", "ci_low", "ci_high"]], other[["estimate", "ci_low", "ci_high"]], rtol=1e-6
    )


def test_a_model_that_cannot_be_fitted_gives_the_reason_only():
    answers = made(50)
    answers[:, 1] = answers[:, 0]
    row = ordinal_omega(one_factor(ordinal_moments(answers))).iloc[0]
    assert np.isnan(row["estimate"])
    assert row["note"] != ""
