"""Times the statistics against the usual loops and prints ratios; run by `make bench`.

Both sides answer the same question on the same data in one process, in turn; CPU seconds, median
over pairs. Only the ratios mean something: absolute times differ per machine. Where R is
installed, it times its own loops on answers of the same shape. Written for people to read, not
as a test; takes some five minutes. `make bench` allows one thread, so that a ratio is of one core.
"""

import shutil
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pingouin
from scipy import stats as scipy_stats

from research.stats import clustered
from research.stats.item_comparisons import compare_items, compare_items_by_cluster
from research.stats.multiplicity import adjust_p_values
from research.stats.ranks import permutation_test
from research.stats.resampling.items import bootstrap_items
from research.stats.resampling.joint import joint_bootstrap

ITEMS, REPLICATES = 30, 10_000
SETS = [np.arange(start, stop) for start, stop in ((0, 7), (7, 15), (15, 23), (23, 30))]
R_SCRIPT = Path(__file__).with_name("loops.R")


def made(n: int, n_levels: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Answers of ``n`` people to thirty items, and who belongs to the larger role (four in five)."""
    rng = np.random.default_rng(n)
    return rng.integers(1, n_levels + 1, (n, ITEMS)).astype(float), rng.random(n) < 0.8


def item_loop(answers: np.ndarray, first: np.ndarray) -> None:
    p_values = []
    for item in answers.T:
        a, b = item[first], item[~first]
        p_values.append(pingouin.ttest(a, b, correction=True).iloc[0]["p_val"])
        pingouin.compute_effsize(a, b, eftype="hedges")
        pingouin.mwu(a, b)
        scipy_stats.brunnermunzel(a, b)
    pingouin.multicomp(p_values, method="holm")


def scipy_axis(answers: np.ndarray, first: np.ndarray) -> None:
    """Welch and Mann-Whitney only: the fastest that scipy has for all items at once."""
    a, b = answers[first], answers[~first]
    welch = scipy_stats.ttest_ind(a, b, equal_var=False, axis=0)
    scipy_stats.mannwhitneyu(a, b, axis=0)
    adjust_p_values(welch.pvalue, method="holm")


def organisations_loop(answers: np.ndarray, first: np.ndarray, organisation: np.ndarray) -> None:
    table = pd.DataFrame(answers).assign(first=first)
    for _, own in table.groupby(organisation):
        role, values = own["first"].to_numpy(), own.drop(columns="first").to_numpy()
        scipy_axis(values, role)
        scipy_stats.brunnermunzel(values[role], values[~role], axis=0)


def cluster_robust_loop(answers: np.ndarray, first: np.ndarray, organisation: np.ndarray) -> None:
    """statsmodels has no CR2, so its cheaper CR1 stands in, item by item."""
    from statsmodels.regression.linear_model import OLS

    design = np.column_stack([np.ones(len(first)), first.astype(float)])
    for item in answers.T:
        OLS(item, design).fit(cov_type="cluster", cov_kwds={"groups": organisation})


def pingouin_bootstrap(answers: np.ndarray, first: np.ndarray) -> None:
    def g(a: np.ndarray, b: np.ndarray) -> float:
        return pingouin.compute_effsize(a, b, eftype="hedges")

    for item in answers.T:
        a, b = item[first], item[~first]
        pingouin.compute_bootci(a, b, func=g, paired=False, n_boot=REPLICATES, method="per", seed=1)


def scipy_bootstrap(answers: np.ndarray, first: np.ndarray) -> None:
    a, b = answers[first], answers[~first]
    for one, other in zip(a.T, b.T, strict=True):
        scipy_stats.bootstrap(
            (one, other),
            lambda x, y, axis: x.mean(axis) - y.mean(axis),
            n_resamples=REPLICATES,
            method="percentile",
            vectorized=True,
            rng=np.random.default_rng(1),
        )


def scipy_permutations(answers: np.ndarray, first: np.ndarray) -> None:
    a, b = answers[first], answers[~first]
    for one, other in zip(a.T, b.T, strict=True):
        scipy_stats.permutation_test(
            (one, other),
            lambda x, y, axis: x.mean(axis) - y.mean(axis),
            n_resamples=REPLICATES,
            vectorized=True,
            rng=np.random.default_rng(1),
        )


def everything_bootstrapped(answers: np.ndarray, first: np.ndarray) -> None:
    """Thirty g, four cluster gaps and twelve alphas (both roles and all), with BCa intervals."""
    scores = np.column_stack([answers[:, columns].mean(axis=1) for columns in SETS])
    values = np.column_stack([answers, scores])
    found = joint_bootstrap(
        values, first, item_sets=SETS, n_replicates=REPLICATES, generator=np.random.default_rng(1)
    )
    for part in found.values():
        part.interval(method="bca")


def items_bootstrapped(answers: np.ndarray, first: np.ndarray, n_replicates: int) -> None:
    bootstrap_items(answers, first, n_replicates=n_replicates, generator=np.random.default_rng(1))


def alphas_bootstrapped(answers: np.ndarray, first: np.ndarray) -> None:
    """Four alphas of everybody, percentile intervals, as psych::alpha(n.iter) gives them."""
    everybody = np.ones(len(first), dtype=bool)
    found = joint_bootstrap(
        answers,
        everybody,
        item_sets=SETS,
        n_replicates=REPLICATES,
        generator=np.random.default_rng(1),
        with_acceleration=False,
    )
    found["alpha_a"].interval(method="percentile")


def seconds(function: Callable[[], object]) -> float:
    begun = time.process_time()
    function()
    return time.process_time() - begun


def ratio(
    slow: Callable, fast: Callable, *, repeats: int = 5, calls: int = 1
) -> tuple[float, float]:
    """Median over pairs of slow divided by fast (mean of ``calls``), and the fast seconds."""
    fast()  # imports and first calls are not what is compared
    pairs = []
    for _ in range(repeats):
        fast_seconds = seconds(lambda: [fast() for _ in range(calls)]) / calls
        pairs.append((seconds(slow), fast_seconds))
    return statistics.median(s / f for s, f in pairs), statistics.median(f for _, f in pairs)


def item_rows() -> list[dict]:
    rows = []
    for n, repeats in ((300, 9), (10_000, 2)):
        answers, first = made(n)
        for words, goal, interval in (("g", ">= 150", False), ("g with its interval", "", True)):
            rows.append(
                row(
                    f"30 items: Welch, {words}, Mann-Whitney, Brunner-Munzel, Holm; against "
                    "pingouin and scipy item by item", n, goal if n == 300 else "",
                    lambda a=answers, f=first: item_loop(a, f),
                    lambda a=answers, f=first, i=interval: compare_items(a, f, effect_interval=i),
                    repeats=repeats, calls=20,
                )
            )  # fmt: skip
    for n, goal in ((300, ""), (10_000, ""), (1_000_000, ">= 30")):
        answers, first = made(n)
        rows.append(
            row(
                "the same against scipy's axis calls (Welch, Mann-Whitney, Holm only)", n, goal,
                lambda a=answers, f=first: scipy_axis(a, f),
                lambda a=answers, f=first: compare_items(a, f, effect_interval=False),
                repeats=3, calls=3,
            )
        )  # fmt: skip
    return rows


def organisation_rows() -> list[dict]:
    rows = []
    answers, first = made(10_000)
    organisation = np.arange(10_000) % 12
    rows.append(
        row(
            "CR2 with Satterthwaite df, 12 organisations; against statsmodels CR1 item by item",
            10_000, "",
            lambda: cluster_robust_loop(answers, first, organisation),
            lambda: clustered.cr2_difference(answers, first, organisation),
            repeats=3, calls=3,
        )
    )  # fmt: skip
    large, role = made(1_000_000)
    where = np.arange(1_000_000) % 2_000
    rows.append(
        row(
            "Welch, Mann-Whitney, Brunner-Munzel, Holm in each of 2,000 organisations; against a "
            "groupby loop of scipy axis calls",
            1_000_000, ">= 20",
            lambda: organisations_loop(large, role, where),
            lambda: compare_items_by_cluster(large, role, where, effect_interval=False),
            repeats=1,
        )
    )  # fmt: skip
    return rows


def resampling_rows() -> list[dict]:
    answers, first = made(300)
    rows = [
        row(
            "10,000 resamples: 30 g, 12 alphas, 4 cluster gaps, BCa; against pingouin's of the g",
            300, ">= 150",
            lambda: pingouin_bootstrap(answers, first),
            lambda: everything_bootstrapped(answers, first),
            repeats=1, calls=3,
        ),
        row(
            "the same against scipy.stats.bootstrap of the 30 mean differences alone, percentile",
            300, ">= 8",
            lambda: scipy_bootstrap(answers, first),
            lambda: everything_bootstrapped(answers, first),
            repeats=3,
        ),
        row(
            "exact permutation p of 30 items; against scipy.stats.permutation_test, 10,000 draws",
            300, ">= 10",
            lambda: scipy_permutations(answers, first),
            lambda: permutation_test(answers, first),
            repeats=3,
        ),
    ]  # fmt: skip
    rows.append(growth_row())
    return rows


def growth_row() -> dict:
    """Cost of 10,000 resamples at n = 10^6 over that at 10^4, the counting pass taken off."""
    took = {}
    for n in (10_000, 1_000_000):
        answers, first = made(n)
        many, few = (
            min(
                seconds(partial(items_bootstrapped, answers, first, n_replicates)) for _ in range(3)
            )
            for n_replicates in (REPLICATES, 200)
        )
        took[n] = (many - few) / (REPLICATES - 200)
    return {
        "what": "a resample of 30 items at n = 10^6 over one at n = 10^4 (counts; growth)",
        "n": 1_000_000,
        "ratio": f"{took[1_000_000] / took[10_000]:.2f}",
        "goal": "<= 1.2",
        "ours, ms": f"{took[1_000_000] * REPLICATES * 1000:.0f}",
    }


def r_rows() -> list[dict]:
    """R's own loops, timed by R; only where Rscript is installed."""
    if shutil.which("Rscript") is None:
        return [{"what": "R is not installed: its loops were not timed"}]
    done = subprocess.run(
        ["Rscript", "--vanilla", str(R_SCRIPT)], capture_output=True, text=True, check=True
    )
    rows = []
    for line in done.stdout.splitlines():
        what, n, took = line.split(";")
        answers, first = made(int(n))
        ours = compare_items if what.startswith("t.test") else alphas_bootstrapped
        own = min(seconds(partial(ours, answers, first)) for _ in range(3))
        rows.append(
            {
                "what": f"R: {what}",
                "n": int(n),
                "ratio": f"{float(took) / own:.0f}",
                "goal": ">= 80" if "alpha" in what else "",
                "ours, ms": f"{own * 1000:.1f}",
            }
        )
    return rows


def row(
    what: str, n: int, goal: str, slow: Callable, fast: Callable, *, repeats: int, calls: int = 1
) -> dict:
    found, took = ratio(slow, fast, repeats=repeats, calls=calls)
    return {
        "what": what, "n": n, "ratio": f"{found:.1f}", "goal": goal, "ours, ms": f"{took * 1000:.1f}"
    }  # fmt: skip


def main() -> None:
    warnings.simplefilter("ignore")  # ties and constant draws, on both sides
    rows = []
    for part in (item_rows, organisation_rows, resampling_rows, r_rows):
        rows += part()
        sys.stdout.write(f"{part.__name__} done\n")
    table = pd.DataFrame(rows).fillna("")
    with pd.option_context("display.max_colwidth", None, "display.width", None):
        sys.stdout.write(table.to_string(index=False) + "\n")


if __name__ == "__main__":
    main()
