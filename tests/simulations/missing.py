"""Answers that are missing: does the interval of a cluster's gap still hold the true gap?

Aims: coverage and bias of the gap on a cluster with imputed answers, beside two ways of leaving
them out. Data: twelve organisations, eight activities whose means differ, ten per cent missing
completely at random, or more where role, organisation and the answers to the first two activities
make it so. Estimand: the expected difference of the cluster scores had everybody answered
everything. Methods: imputation, the mean of what the person answered, complete people only; each
with CR2 over organisations. Performance: coverage of the 95 % interval; bias against the gap of the
same people's whole answers, which takes the chance of who was drawn out of it.

``python -m tests.simulations.missing`` writes ``missing.csv`` beside this file (ten minutes).
"""

import sys
from functools import cache
from pathlib import Path

import numpy as np
from scipy import special

from research.stats.clustered import cr2_difference
from research.stats.missing.imputation import impute
from research.stats.missing.rubin import pool
from research.stats.resampling.streams import named_generator
from tests.simulations.designs import (
    GAP_SPREAD,
    HALO,
    LEVEL_SPREAD,
    SEED,
    SPREAD,
    Design,
    as_answers,
    draw_design,
    expected_answer,
)
from tests.simulations.table import COVERAGE, NO_BOUND, figure, finished

TABLE = Path(__file__).with_name("missing.csv")
ORGANISATIONS = 12
LATENT_GAP = 0.5
# The first two are answered by everybody; what is missing later goes with them.
MEANS = np.array([3.8, 3.6, 4.2, 3.9, 3.5, 3.2, 2.9, 2.6])
SHARE = 0.1
IMPUTATIONS, ITERATIONS = 20, 10
METHODS = {
    "imputed": "multiple imputation",
    "person_mean": "the mean of what a person answered (at least half)",
    "complete": "people who answered everything",
}
MECHANISMS = {
    "mcar": "a tenth missing completely at random",
    "mar": "missing by role, organisation and other answers",
}
BIAS = (-0.02, 0.02)


def figures(mechanism: str, *, studies: int = 300, seed: int = SEED) -> list[dict]:
    """Coverage and bias of every method; one batch a study."""
    generator = named_generator(seed, "missing", mechanism)
    found = np.array([_one_study(generator, mechanism, seed + number) for number in range(studies)])
    rows = []
    for place, (method, title) in enumerate(METHODS.items()):
        ours = method == "imputed"
        for kind, what, description, bound in (
            (0, "coverage", "Share of 95 % intervals that hold the true gap", COVERAGE),
            (1, "bias", "Mean difference from the gap of the whole answers, scale points", BIAS),
        ):
            rows.append(
                figure(
                    f"missing_{what}_{method}_{mechanism}",
                    f"{description}, by {title}; {MECHANISMS[mechanism]}.",
                    found[:, place, kind],
                    np.ones(studies),
                    bound=bound if ours else NO_BOUND,
                    organisations=ORGANISATIONS,
                )
            )
    return rows


@cache
def true_gap() -> float:
    """Expected difference of the cluster scores, from the normal distribution."""
    narrow = float(np.hypot(SPREAD, LEVEL_SPREAD))
    wide = float(np.hypot(narrow, GAP_SPREAD))
    gaps = [expected_answer(m + LATENT_GAP, wide) - expected_answer(m, narrow) for m in MEANS]
    return float(np.mean(gaps))


def draw_cluster(generator: np.random.Generator, design: Design) -> np.ndarray:
    """Whole answers to the activities of one cluster; the organisation's gap is theirs together."""
    n, organisation = len(design.first), design.organisation
    latent = generator.normal(0, np.sqrt(SPREAD**2 - HALO**2), (n, len(MEANS)))
    latent += generator.normal(0, HALO, (n, 1)) + MEANS
    latent += generator.normal(0, LEVEL_SPREAD, ORGANISATIONS)[organisation][:, None]
    gap = LATENT_GAP + generator.normal(0, GAP_SPREAD, ORGANISATIONS)
    latent[design.first] += gap[organisation[design.first]][:, None]
    return as_answers(latent)


def with_missing(
    generator: np.random.Generator, answers: np.ndarray, design: Design, mechanism: str
) -> np.ndarray:
    """The answers with some of them missing."""
    if mechanism == "mcar":
        chance = np.full(answers.shape, SHARE)
    else:
        level = generator.normal(0, 0.5, ORGANISATIONS)[design.organisation]
        odds = level - 2.6 + design.first * 1.0 - 0.8 * (answers[:, :2].mean(axis=1) - 3.7)
        # The first role skips what stands lower: a person's mean of the rest is then too high.
        harder = np.where(design.first, 0.5, -0.3)[:, None] * np.linspace(-1, 1, len(MEANS))
        chance = special.expit(odds[:, None] + harder)
        chance[:, :2] = 0.0
    return np.where(generator.random(answers.shape) < chance, np.nan, answers)


def _one_study(generator: np.random.Generator, mechanism: str, seed: int) -> np.ndarray:
    """Return per method whether the interval holds the truth, and how far the gap is off."""
    design = draw_design(generator, ORGANISATIONS)
    whole = draw_cluster(generator, design)
    answers = with_missing(generator, whole, design, mechanism)
    missing = np.isnan(answers)
    enough = (~missing).sum(axis=1) >= len(MEANS) / 2
    tables = [
        imputed_gap(answers, design, seed=seed),
        *(
            cr2_difference(np.where(kept, score, np.nan), design.first, design.organisation)
            for kept, score in (
                (enough, np.nansum(answers, axis=1) / np.maximum((~missing).sum(axis=1), 1)),
                (~missing.any(axis=1), answers.mean(axis=1)),
            )
        ),
    ]
    truth = true_gap()
    score = whole.mean(axis=1)
    own = score[design.first].mean() - score[~design.first].mean()
    rows = [table.iloc[0] for table in tables]
    return np.array(
        [(row["ci_low"] <= truth <= row["ci_high"], row["estimate"] - own) for row in rows]
    )


def imputed_gap(answers: np.ndarray, design: Design, *, seed: int):
    """The gap of the score over completed answers, pooled."""
    completed = impute(
        answers,
        design.first,
        design.organisation,
        n_imputations=IMPUTATIONS,
        n_iterations=ITERATIONS,
        seed=seed,
    )
    each = cr2_difference(completed.items.mean(axis=2).T, design.first, design.organisation)
    columns = (each[name].to_numpy()[:, None] for name in ("estimate", "standard_error", "df"))
    estimate, standard_error, df = columns
    return pool(estimate, standard_error**2, df, prior_factor=False)


def main() -> None:
    rows = []
    for mechanism in MECHANISMS:
        rows += figures(mechanism)
        sys.stdout.write(f"{mechanism}\n")
        sys.stdout.flush()
    table = finished(rows)
    table.to_csv(TABLE, index=False, float_format="%.6f", lineterminator="\n")
    sys.stdout.write(
        table[["what", "value", "mc_error", "runs", "within_bound"]].to_string() + "\n"
    )


if __name__ == "__main__":
    main()
