"""A true difference of exactly the margin: how often is it called too small to matter?"""

import numpy as np

from research.stats.clustered import cr2_difference
from research.stats.differences import welch
from research.stats.resampling.streams import named_generator
from tests.simulations.designs import (
    MEAN,
    SEED,
    SPREAD,
    as_answers,
    draw_answers,
    draw_design,
    latent_gap,
    latent_shift,
)
from tests.simulations.planted import MARGIN, verdicts
from tests.simulations.table import figure

ORGANISATIONS = (6, 12, 20, 40)
SIZES = ((20, 20), (50, 50), (100, 100))
BOUND = (np.nan, 0.05)
SMALL = ("equivalent", "trivial")


def clustered_figures(
    organisations: int, *, designs: int = 200, columns: int = 50, seed: int = SEED
) -> list[dict]:
    """Share judged too small at a gap of the margin; half of the columns above nil, half below."""
    generator = named_generator(seed, "margins", str(organisations))
    gaps = np.resize([latent_gap(MARGIN), latent_gap(-MARGIN)], columns)
    wrong = []
    for _ in range(designs):
        design = draw_design(generator, organisations)
        answers = draw_answers(generator, design, gaps)
        found = cr2_difference(answers, design.first, design.organisation)
        wrong.append(np.isin(verdicts(found, adjust="none"), SMALL).sum())
    return [
        figure(
            "false_equivalence_cr2",
            "Share judged equivalent or trivial (CR2) when the true gap is exactly the margin; "
            "gaps vary between organisations (SD 0.4).",
            np.array(wrong),
            np.full(designs, columns),
            bound=BOUND,
            organisations=organisations,
        )
    ]


def welch_figures(
    n_first: int, n_second: int, *, batches: int = 200, columns: int = 50, seed: int = SEED
) -> list[dict]:
    """Share judged too small at a difference of the margin; people of one organisation."""
    generator = named_generator(seed, "margins", str(n_first), str(n_second))
    first = np.repeat([True, False], [n_first, n_second])
    shift = np.resize([latent_shift(MARGIN), latent_shift(-MARGIN)], columns)
    wrong = []
    for _ in range(batches):
        latent = generator.normal(MEAN, SPREAD, (len(first), columns))
        latent[first] += shift
        found = welch(as_answers(latent), first)
        wrong.append(np.isin(verdicts(found, adjust="none"), SMALL).sum())
    return [
        figure(
            "false_equivalence_welch",
            "Share judged equivalent or trivial (Welch) when the true difference is exactly the "
            "margin; one organisation.",
            np.array(wrong),
            np.full(batches, columns),
            bound=BOUND,
            n_first=n_first,
            n_second=n_second,
        )
    ]
