"""No gap on average, but a gap that varies between organisations: who rejects, who covers?"""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from research.stats.clustered import cr2_difference
from research.stats.differences import welch
from research.stats.mixed import mixed_difference
from research.stats.pooling import (
    gap_matrices,
    organisation_gaps,
    organisation_level_test,
    pool_gaps,
)
from research.stats.resampling.streams import named_generator
from tests.simulations.designs import SEED, draw_answers, draw_design, latent_gap
from tests.simulations.table import (
    COVERAGE,
    NO_BOUND,
    TYPE_1,
    covering,
    figure,
    rejecting,
)

Method = Callable[[np.ndarray, np.ndarray, np.ndarray], pd.DataFrame]
ORGANISATIONS = (3, 4, 5, 6, 8, 10, 12, 20, 40)
TYPE_1_BOUND_AT = (6, 10, 20)
FEWEST_BOUND = 6
FAST: dict[str, tuple[str, Method]] = {
    "cr2": ("CR2 with Satterthwaite df", cr2_difference),
    "organisation_level": ("the t-test on one gap an organisation", organisation_level_test),
    "hartung_knapp": (
        "random-effects pooling of organisation gaps (REML, Hartung-Knapp)",
        lambda *data: pool_gaps(*gap_matrices(organisation_gaps(*data))),
    ),
    "welch_on_people": (
        "Welch on people, organisations ignored (for comparison)",
        lambda values, first, _: welch(values, first),
    ),
}
SLOW: dict[str, tuple[str, Method]] = {
    "mixed_slope": (
        "the mixed model with a random gap (REML, Satterthwaite)",
        lambda *data: mixed_difference(*data, random="slope"),
    ),
}


def figures(
    organisations: int,
    *,
    methods: Mapping[str, tuple[str, Method]] = FAST,
    designs: int = 200,
    columns: int = 50,
    seed: int = SEED,
) -> list[dict]:
    """Type I error and coverage of every method at a number of organisations.

    ``designs`` draws of who is asked, ``columns`` independent studies on each.
    """
    generator = named_generator(seed, "clustered", *methods, str(organisations))
    gap = np.full(columns, latent_gap(0.0))
    counts = {name: [] for name in methods}
    for _ in range(designs):
        design = draw_design(generator, organisations)
        answers = draw_answers(generator, design, gap)
        for name, (_, method) in methods.items():
            found = method(answers, design.first, design.organisation)
            counts[name].append((*rejecting(found["p_value"]), *covering(found)))
    return [
        row
        for name, (title, _) in methods.items()
        for row in _figures_of(name, title, np.array(counts[name]).T, organisations)
    ]


def _figures_of(name: str, title: str, counts: np.ndarray, organisations: int) -> list[dict]:
    tells, compared = organisations >= FEWEST_BOUND, name == "welch_on_people"
    primary = name == "cr2" and organisations in TYPE_1_BOUND_AT
    where = "no gap on average, gaps vary between organisations (SD 0.4)"
    return [
        figure(
            f"type_1_error_{name}",
            f"Share of true null hypotheses rejected at .05 by {title}; {where}.",
            *counts[:2],
            bound=TYPE_1 if primary else NO_BOUND,
            organisations=organisations,
        ),
        figure(
            f"coverage_{name}",
            f"Share of 95 % intervals of {title} that hold the true gap; {where}.",
            *counts[2:],
            bound=COVERAGE if tells and not compared else NO_BOUND,
            organisations=organisations,
        ),
    ]
