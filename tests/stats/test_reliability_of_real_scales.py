"""Reliability of the scales of four real questionnaires against R.

What R computes stands in ``reference/reliability_shared.json``; the answers are not ours to copy
and lie in a folder beside the repository.
"""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.stats.oracle import matrix, reference
from tests.stats.oracles.reliability import of_error, of_items, of_splits

from research.stats.reliability.alpha import cronbach_alpha
from research.stats.reliability.composite import factor_omega
from research.stats.reliability.ordinal import green_yang, latent_omega, ordinal_alpha
from research.stats.reliability.split_half import split_halves

SHARED = Path(__file__).parents[3] / "shared"
DATA = SHARED / "data"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the shared data folder is not on this machine"
)
RECORDS = {record["name"]: record for record in reference("reliability_shared")["scales"]}
TURNED = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
close = np.testing.assert_allclose
NAN = np.nan


@cache
def read(folder: str, file: str) -> pd.DataFrame:
    return pd.read_csv(DATA / folder / file)


def items_of(name: str, *, turned: bool = True, missing: float = -99) -> np.ndarray:
    """Items of a scale by the name R knows it under."""
    questionnaire, *rest = name.split("_")
    stem = rest[-1] if rest else ""
    if questionnaire == "bfi":
        frame = read("bfi_gender", "bfi.csv").loc[:, "A1":"O5"]
        if "complete" in rest:
            frame = frame.dropna()
        frame = frame.assign(**{item: 7 - frame[item] for item in TURNED if turned})
    elif questionnaire == "army":
        frame, stem = read("army_units_leadership", "bhr2000.csv"), "A[FPS]"
    elif questionnaire == "mobile":
        frame = read("mobile_customers_reputation", "corp_rep.csv").replace(missing, NAN)
    else:
        frame = read("fairplayer_self_teacher", "fairplayer_long.csv")
        frame = frame[(frame["wave"] == 1) & (frame["rater"] == rest[0])]
    return frame.filter(regex=f"^{stem}_?[0-9]+$").to_numpy(float)


@cache
def r_reference() -> dict:
    return json.loads((SHARED / "reference" / "r_reference.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", RECORDS)
def test_items_splits_and_error_agree_with_r(name):
    items, expected = items_of(name), RECORDS[name]["expected"]
    computed = {
        "items_of_alpha": of_items(items),
        "measurement_error": of_error(items),
        "split_halves": of_splits(items, kind="covariance"),
        "split_halves_standardised": of_splits(items, kind="correlation"),
    }
    for statistic, values in computed.items():
        assert values["note"] == ""
        for column, value in expected[statistic].items():
            if column != "psych":
                close(values[column], np.array(value, float), rtol=1e-10, err_msg=column)


@pytest.mark.parametrize("name", RECORDS)
def test_omegas_of_one_factor_agree_with_semtools(name):
    ordinal, continuous = RECORDS[name]["ordinal"], RECORDS[name]["continuous"]
    names = ("thresholds", "threshold_item", "loadings", "correlations")
    solution = [matrix(ordinal[key]) for key in names]
    items = items_of(name)
    covariance = np.cov(items[~np.isnan(items).any(axis=1)], rowvar=False, bias=True)
    tables = {
        "green_yang": green_yang(*solution),
        "latent_omega": latent_omega(*solution[2:]),
        "ordinal_alpha": ordinal_alpha(solution[3]),
        "factor_omega": factor_omega(
            matrix(continuous["loadings"]), matrix(continuous["error_variances"]), covariance
        ),
    }
    for statistic, expected in (ordinal["expected"] | continuous["expected"]).items():
        values = np.atleast_1d(expected["estimate"])
        found = tables[statistic]["estimate"].to_numpy()
        # Where the items correlate less than the model says semTools prints shares above 1.
        close(found, np.where(values > 1, NAN, values), rtol=1e-10, err_msg=statistic)
        assert [note == "heywood" for note in tables[statistic]["note"]] == (values > 1).tolist()


def test_teachers_see_a_factor_with_more_variance_than_the_sum():
    # SI by the teacher: 1.0017 of the answers, 1.027 of the latent responses.
    expected = RECORDS["fairplayer_teacher_SI"]["ordinal"]["expected"]
    assert min(expected[name]["estimate"][0] for name in ("green_yang", "latent_omega")) > 1


@pytest.mark.parametrize("letter", "ACENO")
def test_the_bfi_scales_agree_with_the_shared_reference(letter):
    expected, items = r_reference()["alpha"][letter], items_of(f"bfi_complete_{letter}")
    found, table = cronbach_alpha(items).iloc[0], of_items(items)
    close(found["estimate"], expected["raw"], rtol=1e-11)
    close(
        [found["ci_low"], found["ci_high"]],
        [expected["feldt_lo"], expected["feldt_hi"]],
        rtol=1e-11,
    )
    close(table["item_rest"], expected["r_drop"], rtol=1e-11)
    close(table["alpha_if_dropped"], expected["drop"], rtol=1e-11)
    # psych::alpha takes lambda 6 from correlations.
    lambda_6 = split_halves(items, matrix="correlation").table["estimate"].iloc[-1]
    close(lambda_6, expected["G6"], rtol=1e-11)
    if letter == "A":
        close(lambda_6, r_reference()["splithalf_lambda6_A"], rtol=1e-11)


@pytest.mark.parametrize("letter", "ACENO")
def test_the_omegas_of_the_bfi_agree_with_the_shared_reference(letter):
    # omega_cfa: observed and implied. omega_cfa_ord: of the answers (Green and Yang) and of the
    # latent responses, both over the observed polychoric correlations, then the loadings.
    answers, latent, *loadings = r_reference()["omega_cfa_ord"][letter]
    ordinal = RECORDS[f"bfi_complete_{letter}"]["ordinal"]
    close(ordinal["loadings"], loadings, rtol=1e-7)
    thresholds, item, correlations = (
        matrix(ordinal[key]) for key in ("thresholds", "threshold_item", "correlations")
    )
    close(green_yang(thresholds, item, loadings, correlations)["estimate"][0], answers, rtol=1e-8)
    close(latent_omega(loadings, correlations)["estimate"][0], latent, rtol=1e-8)
    fit = r_reference()["omega_cfa_fit"][letter]
    covariance = np.cov(items_of(f"bfi_complete_{letter}"), rowvar=False, bias=True)
    table = factor_omega(fit["load"], fit["theta"], covariance)
    close(table["estimate"], r_reference()["omega_cfa"][letter], rtol=1e-11)


@pytest.mark.parametrize("letter", "ACENO")
def test_alpha_is_listwise_and_not_pairwise(letter):
    # psych's default takes every covariance from whoever answered both items.
    expected = json.loads((DATA / "bfi_gender" / "expected.json").read_text(encoding="utf-8"))
    values = expected["reliability"][letter]
    found = cronbach_alpha(items_of(f"bfi_{letter}"))["estimate"][0]
    close(found, values["alpha_listwise"], rtol=1e-9)
    close(values["alpha_pairwise"], r_reference()["alpha_pairwise"][letter], rtol=1e-9)
    assert abs(found - values["alpha_pairwise"]) > 2e-4


def test_items_that_were_not_turned_are_marked():
    found = of_items(items_of("bfi_A", turned=False))
    assert found["against"].tolist() == [True, False, False, False, False]
    turned = of_items(items_of("bfi_A"))
    assert not turned["against"].any()
    close(found["item_rest"][0], -turned["item_rest"][0], rtol=1e-12)


def test_minus_99_as_a_number_would_halve_alpha():
    expected = json.loads(
        (DATA / "mobile_customers_reputation" / "expected.json").read_text(encoding="utf-8")
    )
    wrong = cronbach_alpha(items_of("mobile_cusl", missing=NAN))["estimate"][0]
    close(wrong, expected["alpha_WRONG_if_minus99_kept_as_number"], rtol=1e-9)
    right = cronbach_alpha(items_of("mobile_cusl"))["estimate"][0]
    close(right, expected["reliability_minus99_missing"]["cusl"]["alpha_listwise"], rtol=1e-9)
