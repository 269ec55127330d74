"""Studies of the example's design with a planted truth: is it found, and nothing else?"""

import numpy as np
import pandas as pd

from research.stats.clustered import cr2_difference
from research.stats.equivalence import equivalence_test, judge
from research.stats.multiplicity import adjust_p_values
from research.study.simulate import ORGANISATION_NAMES, Design, simulate_study
from tests.simulations.designs import SEED
from tests.simulations.table import COVERAGE, figure
from tests.studies_made import instrument

MARGIN = 0.3
POWERED = 3.0  # standard errors by which the truth lies beyond the margin
TITLES = {
    "planted_bias": (
        "Mean error of the gap, estimate minus truth, in scale points; planted truth.",
        (-0.02, 0.02),
    ),
    "planted_coverage_cr2": (
        "Share of 95 % CR2 intervals that hold the planted gap.",
        COVERAGE,
    ),
    "planted_right_verdict": (
        "Share of well-powered activities (truth three standard errors beyond the margin) judged "
        "relevant; planted truth.",
        (0.90, np.nan),
    ),
    "planted_false_relevant": (
        "Share of studies with at least one activity judged relevant whose planted gap is below "
        "the margin.",
        (np.nan, 0.05),
    ),
}


def figures(*, studies: int = 200, seed: int = SEED) -> list[dict]:
    """Bias, coverage and verdicts over ``studies`` studies; one batch a study."""
    questionnaire = instrument()
    counts = np.array([_one_study(questionnaire, seed + number) for number in range(studies)])
    return [
        figure(what, title, *counts[:, place].T, bound=bound, organisations=len(ORGANISATION_NAMES))
        for place, (what, (title, bound)) in enumerate(TITLES.items())
    ]


def _one_study(questionnaire, seed: int) -> list[tuple[float, int]]:
    """Hits and runs of one study, in the order of ``TITLES``."""
    study = simulate_study(questionnaire, design=Design(careless=0), seed=seed)
    table = study.answers
    found = cr2_difference(
        table[questionnaire.activity_ids].replace(-1, np.nan).to_numpy(),
        (table["role"] == "customer").to_numpy(),
        table["organisation"].to_numpy(),
    )
    truth = np.array([entry["gap"] for entry in study.truth["activities"].values()])
    relevant = verdicts(found, adjust="holm") == "relevant"
    powered = (np.abs(truth) - MARGIN) > POWERED * found["standard_error"]
    covered = (found["ci_low"] <= truth) & (truth <= found["ci_high"])
    return [
        ((found["estimate"] - truth).sum(), len(truth)),
        (covered.sum(), len(truth)),
        ((powered & relevant).sum(), powered.sum()),
        ((relevant & (np.abs(truth) < MARGIN)).any(), 1),
    ]


def verdicts(found: pd.DataFrame, *, adjust: str) -> np.ndarray:
    """Verdicts of one family as the reports reach them."""
    equivalence = equivalence_test(
        found["estimate"], found["standard_error"], found["df"], margin=MARGIN
    )
    judged = found.assign(
        p_adjusted=adjust_p_values(found["p_value"], method=adjust),
        p_equivalence=equivalence["p_value"],
    )
    return judge(judged, margin=MARGIN)
