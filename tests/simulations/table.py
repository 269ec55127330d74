"""A figure, its Monte-Carlo error and its bound; and the table of all of them."""

from datetime import date
from importlib import metadata
from pathlib import Path
from platform import python_version

import numpy as np
import pandas as pd

from tests.simulations.designs import SEED

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "src" / "research" / "analyses" / "simulations.csv"
PLACE = ["organisations", "n_first", "n_second"]
COLUMNS = [
    "what", "description", *PLACE, "value", "mc_error", "runs",
    "bound_low", "bound_high", "within_bound", "seed", "date", "versions",
]  # fmt: skip
Bound = tuple[float, float]
NO_BOUND: Bound = (np.nan, np.nan)
TYPE_1: Bound = (0.0428, 0.0572)  # .05 plus or minus 3.3 Monte-Carlo errors of 10,000 runs
COVERAGE: Bound = (0.93, 0.97)
FAMILY: Bound = (np.nan, 0.057)


def mean_of(hits: np.ndarray, tested: np.ndarray) -> dict[str, float]:
    """Share (or mean) over batches, with its Monte-Carlo error and the number of runs.

    ``hits`` is the sum and ``tested`` the number of runs of each batch. Runs of a batch share a
    design, so the error comes from the spread between batches (ratio estimator); never less than
    one hit in all runs, which is what a share of nil could still be.
    """
    hits, tested = np.asarray(hits, dtype=float), np.asarray(tested, dtype=float)
    runs, batches = tested.sum(), len(hits)
    value = hits.sum() / runs
    off = hits - value * tested
    error = np.sqrt((off**2).sum() * batches / (batches - 1)) / runs
    return {"value": value, "mc_error": max(error, 1 / runs), "runs": int(runs)}


def figure(
    what: str,
    description: str,
    hits: np.ndarray,
    tested: np.ndarray,
    *,
    bound: Bound = NO_BOUND,
    **place: int,
) -> dict:
    """One row of the table; ``place`` holds organisations, or n_first and n_second."""
    row = {"what": what, "description": description, **place, **mean_of(hits, tested)}
    return row | {"bound_low": bound[0], "bound_high": bound[1]}


def covering(found: pd.DataFrame, truth: np.ndarray | float = 0.0) -> tuple[int, int]:
    """Intervals that hold the truth, and intervals there are."""
    low, high = found["ci_low"].to_numpy(), found["ci_high"].to_numpy()
    return int(((low <= truth) & (truth <= high)).sum()), int((~np.isnan(low)).sum())


def rejecting(p_values: np.ndarray, alpha: float = 0.05) -> tuple[int, int]:
    """Tests that reject at ``alpha``, and tests there are."""
    p_values = np.asarray(p_values)
    return int((p_values <= alpha).sum()), int((~np.isnan(p_values)).sum())


def finished(rows: list[dict]) -> pd.DataFrame:
    """The table in its committed form; a missing bound never binds."""
    table = pd.DataFrame(rows)
    low, high = table["bound_low"], table["bound_high"]
    bounded = low.notna() | high.notna()
    inside = (low.isna() | (table["value"] >= low)) & (high.isna() | (table["value"] <= high))
    names = ("numpy", "scipy", "pandas")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    table = table.assign(
        within_bound=inside.astype("boolean").mask(~bounded),
        seed=SEED,
        date=date.today().isoformat(),
        versions=f"{versions}, python {python_version()}",
    ).reindex(columns=COLUMNS)
    return table.astype({name: "Int64" for name in PLACE})


def write(table: pd.DataFrame) -> None:
    table.to_csv(TABLE, index=False, float_format="%.6f", lineterminator="\n")


def read() -> pd.DataFrame:
    whole = {name: "Int64" for name in PLACE}
    return pd.read_csv(TABLE, dtype=whole | {"within_bound": "boolean"})


def key(row: pd.Series) -> str:
    """What was measured and where: ``coverage_cr2@6`` or ``coverage_welch@10+10``."""
    place = [str(row[name]) for name in PLACE if pd.notna(row.get(name))]
    return f"{row['what']}@{'+'.join(place)}"
