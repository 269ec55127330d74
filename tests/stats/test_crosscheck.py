"""The second opinion: it agrees, it notices, and nothing depends on it."""

import sys

import numpy as np
import pytest

from research.stats import crosscheck, differences

pytest.importorskip("pingouin", reason="pingouin is optional: no published number needs it")


@pytest.fixture(scope="module")
def study():
    rng = np.random.default_rng(31)
    values = rng.integers(1, 6, (90, 8)).astype(float)
    values[rng.random(values.shape) < 0.05] = np.nan
    first = np.arange(90) < 55
    return values, first, [values[first], values[~first][:, :4]]


def compare(values, first, scales):
    cluster = np.arange(len(values)) % 6
    return crosscheck.compare_with_pingouin(values, first, scales, cluster=cluster, margin=0.3)


def test_every_statistic_agrees(study):
    found = compare(*study)
    # Eight items: nine statistics and two corrections, F and p per role; two alphas.
    assert found["n_compared"] == 8 * (9 + 2 + 4) + 2
    assert found["largest"] < 1e-7  # its Bayes factor is a numerical integral
    exact = {name: value for name, value in found.items() if name not in ("largest", "n_compared")}
    assert max(value for name, value in exact.items() if name != "bayes_factor") < 1e-9


def test_a_wrong_number_is_noticed(study, monkeypatch):
    right = differences.welch
    monkeypatch.setattr(
        differences,
        "welch",
        lambda values, first: right(values, first).assign(df=lambda table: table["df"] + 1),
    )
    found = compare(*study)
    assert found["welch_df"] > 1e-3
    assert found["largest"] == found["welch_df"]


def test_a_constant_item_and_an_empty_scale_are_left_out(study):
    values, first, _ = study
    values = values.copy()
    values[:, 0] = 3.0
    found = compare(values, first, [np.full((5, 3), np.nan)])
    assert found["n_compared"] == 7 * 15


def test_with_one_group_no_difference_is_compared(study):
    values, first, scales = study
    found = compare(values, np.ones_like(first), scales)
    assert set(found) == {"largest", "n_compared", "cronbach_alpha", "one_way_f"}


def test_without_pingouin_there_is_a_note_and_no_error(study, monkeypatch):
    monkeypatch.setitem(sys.modules, "pingouin", None)
    assert compare(*study) == {"note": "pingouin_absent"}
