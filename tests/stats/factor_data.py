"""Matrices with known factors, made answers, and the shared real ones, for tests of factors."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

SHARED = Path(__file__).parents[3] / "shared"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared data folder is not on this machine"
)


def implied(loadings: np.ndarray, factor_correlations: np.ndarray | None = None) -> np.ndarray:
    """Correlations that a factor model implies."""
    loadings = np.atleast_2d(loadings.T).T
    phi = np.eye(loadings.shape[1]) if factor_correlations is None else factor_correlations
    matrix = loadings @ phi @ loadings.T
    np.fill_diagonal(matrix, 1)
    return matrix


def three_factors(between: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Nine items, three a factor, and the factors' correlations."""
    loadings = np.zeros((9, 3))
    sizes = [0.8, 0.7, 0.6, 0.75, 0.65, 0.55, 0.7, 0.6, 0.5]
    loadings[np.arange(9), np.repeat([0, 1, 2], 3)] = sizes
    return loadings, np.full((3, 3), between) + (1 - between) * np.eye(3)


def answers(seed: int, n: int, p: int, *, missing: float = 0.0) -> np.ndarray:
    """Answers of 1 to 5 that share a factor, some of them missing."""
    rng = np.random.default_rng(seed)
    latent = 0.9 * rng.normal(size=(n, 1)) + rng.normal(size=(n, p))
    values = np.clip(np.rint(3 + latent), 1, 5)
    values[rng.random(values.shape) < missing] = np.nan
    return values


@cache
def r_reference() -> dict:
    return json.loads((SHARED / "reference" / "r_reference.json").read_text(encoding="utf-8"))


@cache
def bfi() -> np.ndarray:
    """Complete answers to the 25 items, seven of them turned."""
    items = pd.read_csv(SHARED / "data" / "bfi_gender" / "bfi.csv").loc[:, "A1":"O5"]
    turned = ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]
    items[turned] = 7 - items[turned]
    return items.dropna().to_numpy(float)


@cache
def shared_items(name: str) -> np.ndarray:
    """Complete answers of one of the three other sets, as make_factors_shared.R takes them."""
    if name == "army_leadership":
        table = pd.read_csv(SHARED / "data" / "army_units_leadership" / "bhr2000.csv")
        items = table.filter(regex=r"^A[FPS]\d+$")
    elif name == "mobile_reputation":
        table = pd.read_csv(SHARED / "data" / "mobile_customers_reputation" / "corp_rep.csv")
        # -99 is a missing answer there.
        items = table.filter(regex=r"^(csor|attr|perf|qual|like|comp|cusl)_\d$").replace(
            -99, np.nan
        )
    else:
        table = pd.read_csv(SHARED / "data" / "fairplayer_self_teacher" / "fairplayer_long.csv")
        chosen = (table["rater"] == name.removeprefix("pupils_")) & (table["wave"] == 1)
        items = table[chosen].filter(regex="^SI")
    return items.dropna().to_numpy(float)


SETS = ["army_leadership", "mobile_reputation", "pupils_self", "pupils_teacher"]
