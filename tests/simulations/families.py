"""Thirty activities at once, correlated at 0.5 within a person: how many wrong conclusions?"""

from collections.abc import Callable

import numpy as np

from research.stats.clustered import cr2_difference
from research.stats.multiplicity import adjust_p_values
from research.stats.pooling import organisation_level_test
from research.stats.resampling.streams import named_generator
from tests.simulations.designs import SEED, draw_answers, draw_design, latent_gap
from tests.simulations.table import FAMILY, figure, rejecting

ORGANISATIONS = (6, 8, 10, 12, 20, 40)
NORMAL_AT = 12  # where the other explanation of a heavy tail is tried
ACTIVITIES, DIFFERENT, GAP, ALPHA = 30, 15, 0.5, 0.05
METHODS: dict[str, tuple[str, Callable]] = {
    "cr2": ("CR2", cr2_difference),
    "organisation_level": ("the t-test on organisation gaps", organisation_level_test),
}


def figures(
    organisations: int, *, designs: int = 1_000, studies: int = 10, seed: int = SEED
) -> list[dict]:
    """Family-wise error of Holm, false discovery rate of BH, and the tail that Holm asks about.

    Every study has thirty activities without a gap (the Holm family) and fifteen with a gap of
    half a point; the latter and fifteen of the former are the BH family.
    """
    generator = named_generator(seed, "families", str(organisations))
    none, some = latent_gap(0.0), latent_gap(GAP)
    gaps = np.tile(np.repeat([none, some], [ACTIVITIES, DIFFERENT]), studies)
    counts: dict[str, list] = {name: [] for name in METHODS}
    for _ in range(designs):
        design = draw_design(generator, organisations)
        answers = draw_answers(generator, design, gaps, family=ACTIVITIES + DIFFERENT)
        for name, (_, method) in METHODS.items():
            found = method(answers, design.first, design.organisation)
            counts[name].append(_wrong(found["p_value"].to_numpy().reshape(studies, -1)))
    rows = []
    for name, (title, _) in METHODS.items():
        wrong, tail, false_share = (np.array(part).T for part in zip(*counts[name], strict=True))
        rows += _figures_of(name, title, (wrong, tail, false_share), organisations)
    return rows


def _wrong(p_values: np.ndarray) -> tuple[tuple, tuple, tuple]:
    """Hits and runs of one design: a family-wise error, a single test's tail, false discoveries."""
    null = p_values[:, :ACTIVITIES]
    mixed = p_values[:, ACTIVITIES - DIFFERENT :]  # the last of the nulls, then the true gaps
    studies = len(p_values)
    errors = sum((adjust_p_values(one, method="holm") <= ALPHA).any() for one in null)
    false = 0.0
    for one in mixed:
        found = adjust_p_values(one, method="fdr_bh") <= ALPHA
        false += found[:DIFFERENT].sum() / max(found.sum(), 1)
    return (errors, studies), rejecting(null, ALPHA / ACTIVITIES), (false, studies)


def _figures_of(name: str, title: str, counts: tuple, organisations: int) -> list[dict]:
    place = {"organisations": organisations}
    wrong, tail, false_share = counts
    return [
        figure(
            f"family_wise_error_holm_{name}",
            f"Share of studies with at least one false difference among thirty activities without "
            f"a gap; Holm on p-values of {title}.",
            *wrong,
            bound=FAMILY,
            **place,
        ),
        figure(
            f"type_1_error_at_first_holm_step_{name}",
            f"Share of true null hypotheses with a p-value of {title} of at most .05 / 30, the "
            "first step of Holm over thirty (nominal .00167).",
            *tail,
            **place,
        ),
        figure(
            f"false_discovery_rate_bh_{name}",
            f"Mean share of false differences among those found, half of thirty activities having "
            f"a gap of 0.5; Benjamini-Hochberg on p-values of {title}.",
            *false_share,
            bound=FAMILY,
            **place,
        ),
    ]


def normal_figures(
    organisations: int, *, designs: int = 1_000, studies: int = 10, seed: int = SEED
) -> list[dict]:
    """The tail that Holm asks about, with normal answers: does the cutting at 5 make it heavy?"""
    generator = named_generator(seed, "families", "normal answers", str(organisations))
    none = np.zeros(ACTIVITIES * studies)
    tail: dict[str, list] = {name: [] for name in METHODS}
    for _ in range(designs):
        design = draw_design(generator, organisations)
        answers = draw_answers(generator, design, none, family=ACTIVITIES, rounded=False)
        for name, (_, method) in METHODS.items():
            p_values = method(answers, design.first, design.organisation)["p_value"]
            tail[name].append(rejecting(p_values, ALPHA / ACTIVITIES))
    return [
        figure(
            f"type_1_error_at_first_holm_step_normal_answers_{name}",
            f"Share of true null hypotheses with a p-value of {title} of at most .05 / 30 (nominal "
            ".00167) when answers are normal, neither rounded nor cut at the ends of the scale.",
            *np.array(tail[name]).T,
            organisations=organisations,
        )
        for name, (title, _) in METHODS.items()
    ]
