"""The made-up answers: five-point, skewed, of people in organisations or of one organisation.

A latent value of mean 4 is rounded to 1..5 and cut at the ends, which skews it. Expected answers
follow exactly from the normal distribution, so the true gap is known and is no estimate.
"""

from dataclasses import dataclass

import numpy as np
from scipy import optimize, special

SEED = 20_260_101
MEAN = 4.0
SPREAD = np.sqrt(0.98)  # within role and organisation: halo and noise together
HALO = 0.77  # r = .6 of the latent values; of the rounded answers .45 and .52 (first, second role)
LEVEL_SPREAD = 0.15  # between organisations
GAP_SPREAD = 0.4  # of the gap between organisations: 0.4 of the spread within them
STEPS = np.arange(1.5, 5.0)  # an answer of at least k is given above k - 1/2
LEVELS = np.arange(1.0, 6.0)


@dataclass(frozen=True, kw_only=True)
class Design:
    """Who is asked: per person the role and the organisation."""

    first: np.ndarray
    organisation: np.ndarray


def draw_design(generator: np.random.Generator, organisations: int) -> Design:
    """10 to 29 people of the first role and 25 to 89 of the second in every organisation."""
    sizes = generator.integers((10, 25), (30, 90), size=(organisations, 2))
    return Design(
        first=np.repeat(np.repeat([True, False], organisations), sizes.T.ravel()),
        organisation=np.repeat(np.tile(np.arange(organisations), 2), sizes.T.ravel()),
    )


def draw_answers(
    generator: np.random.Generator,
    design: Design,
    latent_gap: np.ndarray,
    *,
    family: int = 1,
    rounded: bool = True,
) -> np.ndarray:
    """Answers: one row a person, one column an entry of ``latent_gap``, each with gaps of its own.

    ``family`` columns in a row are answers of the same person, correlated at about 0.5; families
    are independent of each other. Not ``rounded``: the latent values, which are normal.
    """
    n, organisations, columns = len(design.first), design.organisation.max() + 1, len(latent_gap)
    level = generator.normal(0, LEVEL_SPREAD, (organisations, columns))
    gap = latent_gap + generator.normal(0, GAP_SPREAD, (organisations, columns))
    latent = generator.normal(0, np.sqrt(SPREAD**2 - HALO**2), (n, columns))
    latent += np.repeat(generator.normal(0, HALO, (n, columns // family)), family, axis=1)
    latent += MEAN + level[design.organisation]
    latent[design.first] += gap[design.organisation[design.first]]
    return as_answers(latent) if rounded else latent


def as_answers(latent: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(latent), 1, 5)


def level_chances(mean: float, spread: float) -> np.ndarray:
    """Chance of each answer 1..5 for a normal latent value."""
    above = special.ndtr((mean - STEPS) / spread)
    return -np.diff(np.concatenate([[1.0], above, [0.0]]))


def expected_answer(mean: float, spread: float) -> float:
    return float(level_chances(mean, spread) @ LEVELS)


def latent_gap(target: float) -> float:
    """Latent gap at which the expected gap in scale points is exactly ``target``.

    Not ``target`` itself: the role whose gap varies is spread wider and cut more at the ends.
    """
    narrow = np.hypot(SPREAD, LEVEL_SPREAD)
    return _shift(target, narrow, np.hypot(narrow, GAP_SPREAD))


def latent_shift(target: float) -> float:
    """Latent difference at which two roles of one organisation differ by ``target`` points."""
    return _shift(target, SPREAD, SPREAD)


def _shift(target: float, other_spread: float, spread: float) -> float:
    goal = expected_answer(MEAN, other_spread) + target
    return optimize.brentq(
        lambda shift: expected_answer(MEAN + shift, spread) - goal, -3, 3, xtol=1e-13
    )
