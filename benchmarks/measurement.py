"""Times the measurement models against lavaan and psych and prints ratios; run by `make bench`.

Both sides get the same answers from a file; CPU seconds, median over runs. Without R only our own
times are printed. Only the ratios mean something: absolute times differ per machine.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from research.stats.factors.comparability import judge_ladder
from research.stats.factors.invariance import ordinal_ladder
from research.stats.factors.ordinal_fit import fit_ordinal
from research.stats.factors.polychoric import ordinal_moments, polychoric
from research.stats.factors.structure import Structure, factor_model

R_SCRIPT = Path(__file__).with_name("measurement.R")
MODEL_ITEMS, MODEL_PEOPLE = 25, 2400
MANY_ITEMS, MANY_PEOPLE = 30, 100_000
CLUSTERS = (7, 8, 8, 7)
ROLES = (737, 236)


def made(n: int, items: int, *, factors: int) -> np.ndarray:
    """Five-point answers of ``n`` people: simple structure, correlated factors, skewed margins."""
    rng = np.random.default_rng([n, items])
    common = rng.normal(size=(n, 1))
    traits = np.sqrt(0.4) * common + np.sqrt(0.6) * rng.normal(size=(n, factors))
    of_item = np.arange(items) * factors // items
    loadings = np.linspace(0.5, 0.8, items)
    latent = loadings * traits[:, of_item] + np.sqrt(1 - loadings**2) * rng.normal(size=(n, items))
    return 1.0 + (latent[:, :, None] > [-1.8, -1.0, -0.2, 0.8]).sum(axis=2)


def wlsmv(answers: np.ndarray) -> None:
    """Polychoric correlations with their covariance, five factors, scaled test, robust errors."""
    moments = ordinal_moments(answers)
    structure = Structure(
        factor_of=tuple(np.arange(MODEL_ITEMS) // 5), n_thresholds=(4,) * MODEL_ITEMS
    )
    fit = fit_ordinal(factor_model(structure, parametrisation="delta"), [moments])
    if not (fit.scaled.chi_square > 0 and (fit.standard_errors > 0).all()):
        raise RuntimeError(f"the model was not fitted: {fit.note}")


def ladders(answers: np.ndarray) -> None:
    """The ladder of each cluster over two roles, judged."""
    role = np.repeat([0, 1], ROLES)
    edges = np.concatenate([[0], np.cumsum(CLUSTERS)])
    for start, stop in zip(edges[:-1], edges[1:], strict=True):
        ladder = ordinal_ladder(answers[:, start:stop], role, [0] * (stop - start))
        judge_ladder(ladder, n_ladders=len(CLUSTERS))


def seconds(compute: Callable[[np.ndarray], object], answers: np.ndarray, *, runs: int) -> float:
    """CPU seconds of one run: the median."""
    compute(answers)  # what is only done once
    taken = []
    for _ in range(runs):
        start = time.process_time()
        compute(answers)
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def r_times(folder: Path) -> dict[str, float]:
    """Seconds R takes for the same answers; empty without R."""
    if shutil.which("Rscript") is None:
        return {}
    ended = subprocess.run(
        ["Rscript", str(R_SCRIPT), str(folder)], capture_output=True, text=True, check=True
    )
    rows = [line.split(";") for line in ended.stdout.splitlines() if ";" in line]
    return {what: float(taken) for what, taken in rows}


def main() -> None:
    model = made(MODEL_PEOPLE, MODEL_ITEMS, factors=5)
    many = made(MANY_PEOPLE, MANY_ITEMS, factors=4)
    study = made(sum(ROLES), sum(CLUSTERS), factors=4)
    rows = [
        ("wlsmv", "WLSMV of 25 items, n = 2,400", "<= 2 times lavaan", wlsmv, model, 5),
        ("polychoric", "polychoric, 30 items, n = 10^5", ">= 5 times faster", polychoric, many, 3),
        ("ladders", "ordinal ladder, 4 clusters x 2 roles", "<= 10 s", ladders, study, 3),
    ]
    with tempfile.TemporaryDirectory() as name:
        for key, _, _, _, answers, _ in rows:
            np.savetxt(Path(name) / f"{key}.csv", answers, fmt="%d", delimiter=",")
        theirs = r_times(Path(name))
    sys.stdout.write(
        "| what | ours (s) | R (s) | R / ours | goal |\n| --- | --- | --- | --- | --- |\n"
    )
    for key, what, goal, compute, answers, runs in rows:
        own = seconds(compute, answers, runs=runs)
        other = theirs.get(key, np.nan)
        sys.stdout.write(f"| {what} | {own:.2f} | {other:.2f} | {other / own:.1f} | {goal} |\n")


if __name__ == "__main__":
    main()
