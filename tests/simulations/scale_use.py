"""The made-up answers of two roles that use a scale alike, or otherwise in a known way.

A study has four clusters of seven or eight skewed five-point activities; the first role stands 0.3
standard deviations higher on every cluster. Loadings, thresholds and which activities are off are
drawn anew for every study. What is planted is planted in the first cluster and the first role
only: the same people answer as they would with nothing planted and with each of the three kinds,
so that the studies of one draw differ in nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

# Thresholds of an activity of middling popularity: most answer above the middle.
THRESHOLDS = {
    3: (-1.0, 0.3),
    5: (-1.8, -1.0, -0.2, 0.8),
    7: (-2.0, -1.5, -1.0, -0.4, 0.3, 1.0),
}
POPULARITY = 0.4  # thresholds of an activity lie up to this much lower or higher
LOADINGS = (0.5, 0.8)
FACTOR_CORRELATION = 0.6
GAP = 0.3
MISSING = 0.03
LOWER_LOADING, HIGHER_INTERCEPT = 0.3, 0.5
MOVED_THRESHOLD, ROOM = 0.6, 0.75  # at most this share of the way to the next threshold
AFFECTED = 0  # the cluster something is planted in


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What a study looks like; ``name`` ends the name of its figures where it is not as usual.

    ``nesting`` is the share of each factor that lies between organisations, ``own_nesting`` the
    share of each activity's own part. Organisations differ in the two roles independently, which
    is the worst case for a comparison that counts people as independent.
    """

    n_first: int
    n_second: int
    n_items: tuple[int, ...] = (8, 7, 8, 7)
    n_categories: int = 5
    organisations: int = 0
    nesting: float = 0.0
    own_nesting: float = 0.0
    name: str = ""

    @property
    def planted(self) -> dict[str, int]:
        """What can be planted, and in how many activities: three or two of eight.

        Two thresholds are a location and a unit, so with three categories none can be off.
        """
        affected = self.n_items[AFFECTED]
        two_of_eight = max(1, affected // 4)
        three_of_eight = max(1, round(affected * 3 / 8))
        counts = {"loadings": two_of_eight, "intercepts": two_of_eight}
        return counts if self.n_categories == 3 else {"thresholds": three_of_eight} | counts

    @property
    def title(self) -> str:
        nested = f"in {self.organisations} organisations" if self.organisations else ""
        people = f"{self.n_first} and {self.n_second} people"
        return " ".join(filter(None, (people, nested, self.name)))

    @property
    def setting(self) -> str:
        sizes = ", ".join(map(str, self.n_items))
        text = f"clusters of {sizes} activities with {self.n_categories} categories"
        if self.nesting:
            text += f", {self.nesting:.0%} of each factor"
        if self.own_nesting:
            text += f" and {self.own_nesting:.0%} of each activity's own part"
        return f"{text} between organisations" if self.nesting else text


@dataclass(frozen=True, kw_only=True)
class Measured:
    """How one role uses the scale in one cluster; one row an activity."""

    loadings: np.ndarray
    thresholds: np.ndarray
    intercepts: np.ndarray
    residual_sd: np.ndarray

    def answers(self, factor: np.ndarray, own: np.ndarray) -> np.ndarray:
        latent = self.intercepts + np.outer(factor, self.loadings) + self.residual_sd * own
        return 1.0 + (latent[:, :, None] > self.thresholds).sum(axis=2)

    def expected(self, factor_mean: float) -> np.ndarray:
        """Mean answer to each activity of people with this mean on the factor, spread 1."""
        mean = (self.intercepts + self.loadings * factor_mean)[:, None]
        spread = np.hypot(self.loadings, self.residual_sd)[:, None]
        return 1.0 + special.ndtr((mean - self.thresholds) / spread).sum(axis=1)


def draw_measured(generator: np.random.Generator, n_items: int, n_categories: int) -> Measured:
    loadings = generator.uniform(*LOADINGS, n_items)
    popularity = generator.uniform(-POPULARITY, POPULARITY, n_items)
    return Measured(
        loadings=loadings,
        thresholds=np.array(THRESHOLDS[n_categories]) + popularity[:, None],
        intercepts=np.zeros(n_items),
        residual_sd=np.sqrt(1 - loadings**2),
    )


def planted_in(
    measured: Measured, kind: str, off: np.ndarray, generator: np.random.Generator
) -> Measured:
    """The same scale used otherwise in the activities ``off``, in one respect."""
    if kind == "loadings":
        lower = measured.loadings.copy()
        lower[off] -= LOWER_LOADING
        return replace(measured, loadings=lower)
    if kind == "intercepts":
        higher = measured.intercepts.copy()
        higher[off] += HIGHER_INTERCEPT
        return replace(measured, intercepts=higher)
    # One inner threshold: a shift or stretch of all would be an intercept or a residual.
    moved = measured.thresholds.copy()
    for item in off:
        place = generator.integers(1, moved.shape[1] - 1)
        sign = generator.choice((-1, 1))
        room = ROOM * abs(moved[item, place + sign] - moved[item, place])
        moved[item, place] += sign * min(MOVED_THRESHOLD, room)
    return replace(measured, thresholds=moved)


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """Answers of one cluster; ``off`` are the activities planted in, ``true_shift`` what that adds.

    ``true_shift`` is what the first role's use of the scale adds to the gap of cluster scores, in
    scale points, and ``true_gap`` the gap without it: means over both roles' people, or scales.
    """

    answers: np.ndarray
    role: np.ndarray
    kind: str
    organisation: np.ndarray | None = None
    off: tuple[int, ...] = ()
    true_shift: float = 0.0
    true_gap: float = 0.0


def draw_study(generator: np.random.Generator, condition: Condition) -> Iterator[Cluster]:
    """The clusters with nothing planted, then the first one with each kind planted."""
    n = condition.n_first + condition.n_second
    role = np.repeat([0, 1], [condition.n_first, condition.n_second])
    shared = nested(generator, role, condition.nesting, (n, 1), condition)
    factors = np.sqrt(FACTOR_CORRELATION) * shared + np.sqrt(1 - FACTOR_CORRELATION) * nested(
        generator, role, condition.nesting, (n, len(condition.n_items)), condition
    )
    factors[role == 0] += GAP
    for number, n_items in enumerate(condition.n_items):
        measured = draw_measured(generator, n_items, condition.n_categories)
        own = nested(generator, role, condition.own_nesting, (n, n_items), condition)
        missing = generator.random((n, n_items)) < MISSING
        kinds = ("none", *condition.planted) if number == AFFECTED else ("none",)
        for kind in kinds:
            first, off = measured, np.array([], dtype=int)
            if kind != "none":
                off = generator.choice(n_items, condition.planted[kind], replace=False)
                first = planted_in(measured, kind, off, generator)
            answers = np.concatenate(
                [
                    scale.answers(factors[role == r, number], own[role == r])
                    for r, scale in enumerate((first, measured))
                ]
            )
            answers[missing] = np.nan
            yield Cluster(
                answers=answers,
                role=role,
                kind=kind,
                organisation=organisations_of(role, condition) if condition.organisations else None,
                off=tuple(sorted(off)),
                **true_parts(first, measured),
            )


def nested(
    generator: np.random.Generator,
    role: np.ndarray,
    between: float,
    shape: tuple[int, int],
    condition: Condition,
) -> np.ndarray:
    """Standard normal values of which the share ``between`` is common to an organisation."""
    values = generator.normal(size=shape)
    if not between:
        return values
    k = condition.organisations
    common = generator.normal(size=(2 * k, shape[1]))
    common = common[organisations_of(role, condition) + k * role]
    return np.sqrt(between) * common + np.sqrt(1 - between) * values


def organisations_of(role: np.ndarray, condition: Condition) -> np.ndarray:
    """Number of the organisation of each person: both roles in all of them."""
    return np.arange(len(role)) % condition.organisations


def true_parts(first: Measured, second: Measured) -> dict[str, float]:
    """What two scales and the people's gap contribute to the gap of scores, in scale points."""
    scales = np.array([[s.expected(mean).mean() for mean in (GAP, 0.0)] for s in (first, second)])
    return {
        "true_shift": float((scales[0] - scales[1]).mean()),
        "true_gap": float((scales[:, 0] - scales[:, 1]).mean()),
    }
