"""Times the statistics against the usual loops and prints ratios; run by `make bench`.

Both sides answer the same question on the same data in one process, in turn. Only the ratios mean
something: absolute times differ per machine. Written for people to read, not as a test.
"""

import statistics
import sys
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import pingouin
from scipy import stats as scipy_stats

from research.stats import clustered, differences
from research.stats.multiplicity import adjust_p_values

ITEMS = 30
REPEATS = 5


def made(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Five-point answers of ``n`` people, which role, which of twelve organisations."""
    rng = np.random.default_rng(n)
    answers = rng.integers(1, 6, (n, ITEMS)).astype(float)
    return answers, rng.random(n) < 0.75, rng.integers(0, 12, n)


def ours(answers: np.ndarray, first: np.ndarray) -> None:
    welch = differences.welch(answers, first)
    differences.hedges_g(answers, first)
    differences.brunner_munzel(answers, first)
    adjust_p_values(welch["p_value"].to_numpy(), method="holm")


def usual(answers: np.ndarray, first: np.ndarray) -> None:
    p_values = []
    for item in answers.T:
        a, b = item[first], item[~first]
        p_values.append(pingouin.ttest(a, b, correction=True).iloc[0]["p_val"])
        pingouin.compute_effsize(a, b, eftype="hedges")
        scipy_stats.brunnermunzel(a, b)
    pingouin.multicomp(p_values, method="holm")


def cr2_all(answers: np.ndarray, first: np.ndarray, organisation: np.ndarray) -> None:
    clustered.cr2_difference(answers, first, organisation)


def cr2_loop(answers: np.ndarray, first: np.ndarray, organisation: np.ndarray) -> None:
    """Return nothing: statsmodels has no CR2, so its cheaper CR1 stands in, item by item."""
    from statsmodels.regression.linear_model import OLS

    design = np.column_stack([np.ones(len(first)), first.astype(float)])
    for item in answers.T:
        OLS(item, design).fit(cov_type="cluster", cov_kwds={"groups": organisation})


def median_ratio(slow: Callable[[], None], fast: Callable[[], None]) -> tuple[float, float]:
    """Median over pairs of slow divided by fast, and the median seconds of the fast one."""
    pairs = []
    for _ in range(REPEATS):
        pairs.append((seconds(slow), seconds(fast)))
    return statistics.median(s / f for s, f in pairs), statistics.median(f for _, f in pairs)


def seconds(function: Callable[[], None]) -> float:
    begun = time.perf_counter()
    function()
    return time.perf_counter() - begun


def main() -> None:
    rows = []
    for n in (300, 10_000):
        answers, first, organisation = made(n)
        pairs = {
            "Welch, g, Brunner-Munzel, Holm against a pingouin/scipy loop": (
                lambda a=answers, f=first: usual(a, f),
                lambda a=answers, f=first: ours(a, f),
            ),
            "CR2 with Satterthwaite df against a statsmodels CR1 loop": (
                lambda a=answers, f=first, o=organisation: cr2_loop(a, f, o),
                lambda a=answers, f=first, o=organisation: cr2_all(a, f, o),
            ),
        }
        for name, (slow, fast) in pairs.items():
            fast(), slow()  # imports and first calls are not what is compared
            ratio, took = median_ratio(slow, fast)
            rows.append(
                {"what": name, "n": n, "ratio": f"{ratio:.0f}", "ours, ms": f"{took * 1000:.1f}"}
            )
    sys.stdout.write(pd.DataFrame(rows).to_string(index=False) + "\n")


if __name__ == "__main__":
    main()
