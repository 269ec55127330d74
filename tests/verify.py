"""Slow simulations behind the report's claims; run by `make verify`, which writes their table.

Aims, data, estimands, methods, performance (ADEMP; Morris, White & Crowther 2019):

- type I error and coverage of the primary test when there is no gap on average but the gap varies
  between organisations (skewed five-point answers; 6, 10, 20 organisations);
- family-wise error of Holm over thirty such activities;
- recovery of the planted truth of the example's design: bias, coverage, false verdicts.

Every figure comes with its Monte-Carlo standard error. The test suite runs a reduced version.
"""

import sys
from datetime import date
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd

from research.stats.clustered import cr2_difference
from research.stats.differences import welch
from research.stats.equivalence import equivalence_test, judge
from research.stats.multiplicity import adjust_p_values
from research.study.simulate import Design, simulate_study
from tests.studies_made import instrument

TABLE = Path(__file__).parent / "reference" / "simulations.csv"
RUNS, STUDIES, SEED = 10_000, 200, 20_260_101
MARGIN = 0.3


def null_study(rng: np.random.Generator, organisations: int, columns: int) -> tuple:
    """Skewed five-point answers without an average gap; the gap varies (SD 0.4 of the spread)."""
    sizes = rng.integers((10, 25), (30, 90), size=(organisations, 2))
    organisation = np.repeat(np.tile(np.arange(organisations), 2), sizes.T.ravel())
    first = np.repeat(np.repeat([True, False], organisations), sizes.T.ravel())
    level = rng.normal(0, 0.15, (organisations, columns))[organisation]
    gap = rng.normal(0, 0.4, (organisations, columns))[organisation] * first[:, None]
    halo = rng.normal(0, 0.7, len(first))[:, None]  # correlates a person's answers at about 0.5
    noise = rng.normal(0, 0.7, (len(first), columns))
    answers = np.clip(np.rint(4.0 + level + gap + halo + noise), 1, 5)
    return answers, first, organisation


def true_gap_of_null() -> float:
    """Rounding at the ends makes the wider role a little lower; measured once, very large."""
    rng = np.random.default_rng(SEED + 1)
    n = 4_000_000
    narrow = rng.normal(0, np.sqrt(0.15**2 + 0.98), n)
    wide = rng.normal(0, np.sqrt(0.15**2 + 0.98 + 0.16), n)
    low, high = (np.clip(np.rint(4.0 + x), 1, 5).mean() for x in (narrow, wide))
    return float(high - low)


def share(hits: int, runs: int) -> dict:
    value = hits / runs
    return {"value": value, "mc_error": np.sqrt(value * (1 - value) / runs), "runs": runs}


def null_rows(organisations: int, true_gap: float) -> list[dict]:
    rng = np.random.default_rng([SEED, organisations])
    rejected = pooled = covered = 0
    for _ in range(RUNS):
        answers, first, organisation = null_study(rng, organisations, 1)
        found = cr2_difference(answers - true_gap * first[:, None], first, organisation).iloc[0]
        rejected += found["p_value"] <= 0.05
        covered += found["ci_low"] <= 0 <= found["ci_high"]
        pooled += welch(answers - true_gap * first[:, None], first)["p_value"].iloc[0] <= 0.05
    base = {"organisations": organisations}
    return [
        base | {"what": "type I error, CR2 (nominal .05)", **share(rejected, RUNS)},
        base | {"what": "coverage, CR2 (nominal .95)", **share(covered, RUNS)},
        base | {"what": "type I error, Welch on people (for comparison)", **share(pooled, RUNS)},
    ]


def family_row(organisations: int, true_gap: float) -> dict:
    rng = np.random.default_rng([SEED, organisations, 30])
    runs, wrong = RUNS, 0
    for _ in range(runs):
        answers, first, organisation = null_study(rng, organisations, 30)
        found = cr2_difference(answers - true_gap * first[:, None], first, organisation)
        wrong += bool((adjust_p_values(found["p_value"], method="holm") <= 0.05).any())
    name = "family-wise error, Holm over 30 activities (nominal .05)"
    return {"organisations": organisations, "what": name, **share(wrong, runs)}


def planted_rows() -> list[dict]:
    questionnaire = instrument()
    errors, covered, wrong, powered, found_right = [], 0, 0, 0, 0
    tests = 0
    for seed in range(STUDIES):
        study = simulate_study(questionnaire, design=Design(careless=0), seed=SEED + seed)
        table = study.answers
        answers = table[questionnaire.activity_ids].replace(-1, np.nan).to_numpy()
        first = (table["role"] == "customer").to_numpy()
        found = cr2_difference(answers, first, table["organisation"].to_numpy())
        truth = np.array([entry["gap"] for entry in study.truth["activities"].values()])
        equivalence = equivalence_test(
            found["estimate"], found["standard_error"], found["df"], margin=MARGIN
        )
        verdict = judge(
            found.assign(
                p_adjusted=adjust_p_values(found["p_value"], method="holm"),
                p_equivalence=equivalence["p_value"],
            ),
            margin=MARGIN,
        )
        errors.append(found["estimate"] - truth)
        covered += int(((found["ci_low"] <= truth) & (truth <= found["ci_high"])).sum())
        tests += len(truth)
        wrong += bool(((verdict == "relevant") & (np.abs(truth) < MARGIN)).any())
        strong = (np.abs(truth) - MARGIN) > 3 * found["standard_error"]
        powered += int(strong.sum())
        found_right += int((strong & (verdict == "relevant")).sum())
    errors = np.concatenate(errors)
    bias = {"value": errors.mean(), "mc_error": errors.std() / np.sqrt(len(errors)), "runs": tests}
    base = {"organisations": 12}
    return [
        base | {"what": "planted truth: bias in scale points (bound .02)", **bias},
        base | {"what": "planted truth: coverage", **share(covered, tests)},
        base | {"what": "planted truth: a false 'relevant' in the family", **share(wrong, STUDIES)},
        base
        | {
            "what": "planted truth: right verdict where well powered",
            **share(found_right, max(powered, 1)),
        },
    ]


def main() -> None:
    true_gap = true_gap_of_null()
    rows = []
    for organisations in (6, 10, 20):
        rows += null_rows(organisations, true_gap)
        sys.stdout.write(f"{organisations} organisations done\n")
    rows.append(family_row(12, true_gap))
    rows += planted_rows()
    table = pd.DataFrame(rows)[["what", "organisations", "value", "mc_error", "runs"]]
    table = table.assign(
        seed=SEED,
        date=date.today().isoformat(),
        versions=f"numpy {metadata.version('numpy')}, scipy {metadata.version('scipy')}",
    )
    table.to_csv(TABLE, index=False, float_format="%.5f", lineterminator="\n")
    sys.stdout.write(table.iloc[:, :5].to_string(index=False) + f"\nWritten: {TABLE.name}\n")


if __name__ == "__main__":
    main()
