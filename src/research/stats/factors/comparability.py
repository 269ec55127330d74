"""May groups be compared? Judging the ladder, releasing the worst items, and what that changes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from research.stats.estimates import NOT_SIMULATED, TOO_FEW_ANSWERS, TOO_FEW_CLUSTERS
from research.stats.factors import fit_indices
from research.stats.factors.invariance import Ladder, Rung
from research.stats.factors.model import Matrices
from research.stats.factors.ordinal_fit import OrdinalFit

COMPARABLE, WITH_CARE, NOT_COMPARABLE = "comparable", "with_care", "not_comparable"
VERDICTS = (COMPARABLE, WITH_CARE, NOT_COMPARABLE)
# The step at which comparing means is warranted; equal residuals are shown, not asked for.
NEEDED_STEP = "intercepts"
# Width of the differences by which the shifts are differentiated, relative to the parameter.
DIFFERENCE = 1e-5


@dataclass(frozen=True, kw_only=True)
class StopRule:
    """When a step of the ladder is refused; the values were chosen by simulation.

    A step is refused when its cost is significant at ``alpha`` divided by the number of tests of
    the family, and its RMSEA exceeds ``tolerated_rmsea`` (Savalei, Brace & Fouladi 2023): the
    first alone would refuse trifles in large samples, the second alone noise in small ones. The
    configural model is refused when both its CFI and its SRMR are bad. At least ``share_equal``
    of the items must stay equal for a partial comparison.
    """

    alpha: float = 0.05
    tolerated_rmsea: float = 0.05
    least_cfi: float = 0.90
    largest_srmr: float = 0.08
    share_equal: float = 0.5

    def refuses(self, rung: Rung, *, n_tests: int) -> bool:
        if rung.before is None:
            cfi = fit_indices.comparative_fit(rung.fit.test)
            return cfi < self.least_cfi and rung.fit.srmr > self.largest_srmr
        if not rung.df > 0:
            return False
        significant = rung.p_value < self.alpha / n_tests
        return significant and rung.rmsea_difference > self.tolerated_rmsea


RULE = StopRule()


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What the values of a stop rule were simulated for; outside it a rule gives no verdict.

    People in the smaller role, organisations where there are several, and the fewest and the most
    activities of a ladder and categories of the response scale.
    """

    per_role: int
    organisations: int
    n_items: tuple[int, int]
    n_categories: tuple[int, int]

    def reason_outside(
        self, *, per_role: int, n_items: int, n_categories: int, organisations: int = 1
    ) -> str:
        """Why there is no verdict: a reason code, "" inside the conditions."""
        if per_role < self.per_role:
            return TOO_FEW_ANSWERS
        if 1 < organisations < self.organisations:
            return TOO_FEW_CLUSTERS
        fewest_items, most_items = self.n_items
        fewest_categories, most_categories = self.n_categories
        tried = (
            fewest_items <= n_items <= most_items
            and fewest_categories <= n_categories <= most_categories
        )
        return "" if tried else NOT_SIMULATED


# As in tests/simulations/invariance.py; a test holds the two together.
INSIDE = Conditions(per_role=150, organisations=6, n_items=(4, 10), n_categories=(3, 7))
MINIMUM_PER_ROLE = INSIDE.per_role


@dataclass(frozen=True, kw_only=True)
class Judged:
    """How far the ladder was climbed, with which items released, and the verdict.

    ``stopped_at`` is the first step that could not be held with nothing released ("" if all
    could), or the step that could not be fitted where there is no verdict. ``rungs`` are the steps
    with nothing released; ``final`` is the step that carries a comparison, or the last that could
    be fitted. ``note`` is the reason where there is none, or to read the verdict with care.
    """

    verdict: str
    stopped_at: str
    released: tuple[int, ...]
    released_at: tuple[str, ...]
    rungs: Sequence[Rung]
    final: Rung | None
    note: str


def judge_ladder(ladder: Ladder, *, n_ladders: int = 1, rule: StopRule = RULE) -> Judged:
    """Verdict on comparing the groups' means: comparable, with care, or not.

    Climbs until a step is refused, then releases the item whose release improves that step most,
    again until the step holds, as long as enough items stay equal; a step once refused must hold
    at ``alpha`` undivided, or too few would be released. Nothing released: comparable.
    Some released: with care. Too many, or a configural model that does not fit: not comparable.
    Where a model cannot be fitted there is no verdict but a note. ``n_ladders`` is the number of
    ladders climbed in one study: the tests of all of them are one family (Bonferroni).

    References
    ----------
    Byrne, Shavelson & Muthen (1989), Psychol. Bull. 105, 456-466, on partial invariance;
    Steenkamp & Baumgartner (1998), J. Consum. Res. 25, 78-90, on comparing with part of the items.
    """
    rungs = ladder.climb()
    needed = ladder.steps[: ladder.steps.index(NEEDED_STEP) + 1]
    released: tuple[int, ...] = ()
    released_at: tuple[str, ...] = ()
    stopped_at, final = "", None

    def ended(verdict: str, note: str) -> Judged:
        return Judged(
            verdict=verdict,
            stopped_at=stopped_at,
            released=released,
            released_at=released_at,
            rungs=rungs,
            final=final,
            note=note,
        )

    for rung, step in zip(rungs, needed, strict=False):
        if released:
            rung = ladder.rung(step, released, before=final.fit)
        n_tests = n_ladders * (len(needed) - 1)
        while rung.found and rule.refuses(rung, n_tests=n_tests):
            stopped_at, n_tests = stopped_at or step, 1
            worse = _worst_item(ladder, rung) if rung.before is not None else None
            left = ladder.structure.n_items - len(released) - 1
            if worse is None or left < max(2, rule.share_equal * ladder.structure.n_items):
                return ended(NOT_COMPARABLE, "")
            released, released_at = (*released, worse), (*released_at, step)
            rung = ladder.rung(step, released)
        if not rung.found:
            stopped_at = step
            return ended("", rung.note)
        final = rung
    return ended(WITH_CARE if released else COMPARABLE, final.note)


def _worst_item(ladder: Ladder, rung: Rung) -> int | None:
    """The item whose release lets the refused step fit best; None if none could be fitted."""
    best, least = None, np.inf
    for item in range(ladder.structure.n_items):
        if item not in rung.released:
            fit = ladder.fit(rung.step, (*rung.released, item))
            if fit.found and fit.chi_square < least:
                best, least = item, fit.chi_square
    return best


@dataclass(frozen=True, kw_only=True)
class Shifts:
    """What unequal use of the scale adds to the first group's answers, in scale points.

    ``items`` has one row a released item, ``mean`` one row: the shift of the mean over all items
    of the model.
    """

    items: pd.DataFrame
    mean: pd.DataFrame


def score_shifts(
    fit: OrdinalFit,
    released: Sequence[int],
    category_scores: Sequence[np.ndarray],
    *,
    first: int = 0,
    second: int = 1,
    confidence_level: float = 0.95,
) -> Shifts:
    """How much higher the first group answers released items at the same level of the factor.

    First minus second group: expected answer with the first group's thresholds, loading and
    intercept minus expected answer with the second's, for the same people; the mean over both
    groups' people. Intervals by the delta method from the robust covariance of the parameters,
    with Student's t and clusters - 1 df where people are nested.
    ``category_scores`` holds the answer behind each category of each item (categories merged
    before fitting: their mean).

    References
    ----------
    Meade (2010), J. Appl. Psychol. 95, 728-743, eq. 3 and 9 (SIDS and STDS), here for both groups.
    """

    def shifts(free: np.ndarray) -> np.ndarray:
        values = fit.model.parameters.filled(free)
        one, other = (fit.model.matrices(values, group) for group in (first, second))
        of_items = [
            np.mean(
                [
                    _expected_answer(one, people, here, category_scores[item])
                    - _expected_answer(other, people, here, category_scores[item])
                    for people in (one, other)
                ]
            )
            for item, here in places
        ]
        return np.array([*of_items, np.sum(of_items) / fit.model.n_items])

    places = [(item, (item, fit.model.threshold_item == item)) for item in released]
    estimate = shifts(fit.free)
    jacobian = np.empty((len(estimate), len(fit.free)))
    for number, width in enumerate(DIFFERENCE * np.maximum(np.abs(fit.free), 0.1)):
        move = np.zeros(len(fit.free))
        move[number] = width
        jacobian[:, number] = (shifts(fit.free + move) - shifts(fit.free - move)) / (2 * width)
    standard_error = np.sqrt(np.diag(jacobian @ fit.covariance @ jacobian.T))
    tail = 0.5 + confidence_level / 2
    k = len(fit.clusters)
    critical = special.stdtrit(k - 1, tail) if k else special.ndtri(tail)
    half = critical * standard_error
    table = pd.DataFrame(
        {
            "estimate": estimate,
            "standard_error": standard_error,
            "ci_low": estimate - half,
            "ci_high": estimate + half,
            "confidence_level": confidence_level,
        }
    )
    items = table.iloc[:-1].assign(item=list(released))
    return Shifts(items=items, mean=table.iloc[-1:].reset_index(drop=True))


def _expected_answer(
    measuring: Matrices,
    people: Matrices,
    place: tuple[int, np.ndarray],
    scores: np.ndarray,
) -> float:
    """Mean answer of one group's people to an item measured as in another group."""
    item, thresholds = place
    loadings = measuring.loadings[item]
    mean = measuring.intercepts[item] + loadings @ people.factor_means
    variance = loadings @ people.factor_covariances @ loadings + measuring.residuals[item]
    above = special.ndtr((mean - measuring.thresholds[thresholds]) / np.sqrt(variance))
    return float(scores[0] + np.diff(scores) @ above)
