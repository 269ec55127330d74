"""How coarsely a study is told, so that a withheld number cannot be worked out from the others.

Decided once per study, from the numbers themselves and before any page is made: complementary
suppression. Rounding comes before withholding, because it costs the reader least.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np

from research.disclosure.rounding import decimals_of
from research.disclosure.rules import BANDS, EXTREME_SHARE
from research.disclosure.solving import widths_together
from research.disclosure.windows import CLOSE, Sum, windows
from research.study.cells import Cells, Question
from research.study.study_file import Privacy

CountRung = Literal["exact", "fives", "bands"]
COUNT_RUNGS: tuple[CountRung, ...] = ("exact", "fives", "bands")
FIVE = 5
# What an outsider, one organisation or any pair must be left in doubt about.
FEWEST_COUNTS = 5  # possible numbers of people
NARROWEST_MEAN = 0.5  # scale points
NARROWEST_SHARE = 0.125  # of the people, as half a point is of a scale of four
# Scale points from which several published numbers together are not tried: they narrowed a window
# to a quarter at most in what was tried (tests/simulations/releases.py).
WIDE_ENOUGH = 3.0
PAIR = 2


@dataclass(frozen=True, kw_only=True)
class Coarseness:
    """What is rounded or withheld for the sake of other numbers.

    ``counts`` says per role how numbers of people are told on organisation pages; ``means`` and
    ``shares`` name the roles whose means and shares over all organisations keep one decimal
    whatever their n, ``no_shares`` those whose shares over all organisations are withheld;
    ``hidden`` holds role, cluster and activity of means that are withheld over all organisations;
    without
    ``overall`` no figure over all organisations is told, nor how many people there are; without
    ``flow`` not how many rows the exports held.
    """

    counts: tuple[tuple[str, CountRung], ...]
    means: frozenset[str]
    shares: frozenset[str]
    overall: bool
    flow: bool
    no_shares: frozenset[str] = frozenset()
    hidden: frozenset[tuple[str, str, str]] = frozenset()

    def rung(self, role: str) -> CountRung:
        """Return how numbers of people of a role are told on organisation pages."""
        return dict(self.counts).get(role, "exact")


@lru_cache(maxsize=8)
def coarseness_of(cells: Cells, privacy: Privacy, scale: tuple[float, float]) -> Coarseness:
    """How coarsely this study must be told; the first rung of each ladder that protects.

    ``scale`` holds the lowest and the highest answer. With one organisation there is nothing to
    subtract but the rows of the flow.
    """
    totals = cells.people.sum(axis=1)
    flow = bool(((totals == 0) | (totals >= privacy.shown_from)).all())
    exact = tuple((role, COUNT_RUNGS[0]) for role in cells.roles)
    none: frozenset[str] = frozenset()
    if len(cells.organisations) == 1:
        return Coarseness(counts=exact, means=none, shares=none, overall=True, flow=flow)
    counts = [_first_rung(cells, role, privacy) for role in range(len(cells.roles))]
    everyone = range(len(cells.roles))
    means = [_means_told(cells, role, privacy, scale) for role in everyone]
    shares = [_shares_told(cells, role, privacy) for role in everyone]
    if None in (*counts, *means):
        return Coarseness(counts=exact, means=none, shares=none, overall=False, flow=False)

    def named(found: list[bool | None], decided: bool | None) -> frozenset[str]:
        return frozenset(
            role for role, one in zip(cells.roles, found, strict=True) if one is decided
        )

    return Coarseness(
        counts=tuple(zip(cells.roles, counts, strict=True)),
        means=named([tenths for tenths, _ in means], True),
        shares=named(shares, True),
        overall=True,
        flow=flow,
        no_shares=named(shares, None),
        hidden=frozenset(
            (role, *cells.questions[question])
            for role, (_, questions) in zip(cells.roles, means, strict=True)
            for question in questions
        ),
    )


def _first_rung(cells: Cells, role: int, privacy: Privacy) -> CountRung | None:
    return next((rung for rung in COUNT_RUNGS if _counts_hold(cells, role, rung, privacy)), None)


def _means_told(
    cells: Cells, role: int, privacy: Privacy, scale: tuple[float, float]
) -> tuple[bool, frozenset[int]] | None:
    """Return whether means must be coarse and which are withheld; None where nothing helps."""
    for tenths in (False, True):
        narrow = _too_narrow(cells, role, privacy, scale, tenths=tenths)
        if not narrow:
            return tenths, narrow
    hidden = narrow
    while narrow := _too_narrow(cells, role, privacy, scale, tenths=True, hidden=hidden):
        if narrow <= hidden:
            return None
        hidden |= narrow
    return True, hidden


def _shares_told(cells: Cells, role: int, privacy: Privacy) -> bool | None:
    """Return whether shares must be coarse; None where that is not enough."""
    for tenths in (False, True):
        if not _too_narrow(cells, role, privacy, None, tenths=tenths):
            return tenths
    return None


def count_limits(n: np.ndarray, rung: CountRung) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest number of people that is told as these numbers are; rounded down.

    No upper limit in the last band (infinite). Numbers below ten are withheld, not told.
    """
    if rung == "exact":
        return n.astype(float), n.astype(float)
    if rung == "fives":
        low = np.floor(n / FIVE) * FIVE
        return low, low + FIVE - 1
    ends = np.array([*BANDS, np.inf])
    place = np.clip(np.searchsorted(ends, n, side="right") - 1, 0, len(BANDS) - 1)
    return ends[place], ends[place + 1] - 1


def protected(cells: Cells, role: int, question: int, privacy: Privacy) -> np.ndarray:
    """Places of the organisations of whose role few people answered the question."""
    n = cells.n[role, question]
    withheld = (n > 0) & (n < privacy.shown_from)
    if cells.questions[question][1] == "" and privacy.minimum_n < privacy.shown_from:
        withheld &= n < privacy.minimum_n  # the mean of the others is told, with one decimal
    return np.flatnonzero(withheld)


def _counts_hold(cells: Cells, role: int, rung: CountRung, privacy: Privacy) -> bool:
    """Whether the number of people of no organisation can be narrowed down too far."""
    people = cells.people[role]
    few = np.flatnonzero((people > 0) & (people < privacy.shown_from))
    if not len(few) or people.sum() < privacy.shown_from:
        return True
    least = float((people > 0).all())  # how many organisations have the role is told
    given = published_counts(people, rung, privacy.shown_from, least=least)
    by_question = [published_counts(n, rung, privacy.shown_from, least=0.0) for n in cells.n[role]]
    for target in few:
        own = windows(given, target)
        # Who answered a question is among the people: each question raises their lower limit.
        floor = max((w.low for one in by_question for w in windows(one, target)), default=0.0)
        highest = min(found.high for found in own)
        widths = [found.width for found in own] + [highest - floor]
        if min(widths) + 1 < FEWEST_COUNTS:
            return False
    return True


def published_counts(people: np.ndarray, rung: CountRung, shown_from: int, *, least: float) -> Sum:
    """Numbers of people per organisation as told on their pages, and the exact total."""
    low, high = count_limits(people, rung)
    withheld = people < shown_from
    return Sum(
        low=np.where(withheld, least, low),
        high=np.minimum(np.where(withheld, shown_from - 1, high), people.sum()),
        true=people,
        total_low=people.sum(),
        total_high=people.sum(),
    )


def _too_narrow(
    cells: Cells,
    role: int,
    privacy: Privacy,
    scale: tuple[float, float] | None,
    *,
    tenths: bool,
    hidden: frozenset[int] = frozenset(),
) -> frozenset[int]:
    """Questions of which a mean (without ``scale``: share) of few can be narrowed too far."""
    planned = Planned(cells, privacy, scale, role if tenths else None, role, hidden)
    found = (
        question for question in range(len(cells.questions)) if _is_narrow(planned, role, question)
    )
    return frozenset(found)


def _is_narrow(planned: "Planned", role: int, question: int) -> bool:
    cells, privacy, scale = planned.cells, planned.privacy, planned.scale
    wanted = NARROWEST_SHARE if scale is None else NARROWEST_MEAN
    n = cells.n[role, question]
    few = protected(cells, role, question, privacy)
    if not len(few) or n.sum() < privacy.shown_from:
        return False
    if scale is None and not cells.questions[question][1]:
        return False
    given = planned.sums(role, question)
    for target in few.tolist():
        width = min(found.width for found in windows(given, target)) / n[target]
        if scale is not None and wanted <= width < WIDE_ENOUGH:
            found = widths_together(planned, cells, (role, question, target), sizes=(PAIR,))
            width = min(width, found[PAIR])
        if width < wanted:
            return True
    return False


@dataclass(frozen=True, eq=False)
class Planned:
    """What pages would publish of means (without ``scale``: of shares).

    Of the role ``coarse`` one decimal over all organisations; of the role ``of`` the questions
    ``hidden`` not at all there.
    """

    cells: Cells
    privacy: Privacy
    scale: tuple[float, float] | None
    coarse: int | None
    of: int
    hidden: frozenset[int]

    def sums(self, role: int, question: int) -> Sum:
        """Sums of answers to a question (of people above) per organisation, and over all."""
        cells, privacy = self.cells, self.privacy
        n = cells.n[role, question]
        activity = cells.questions[question][1] != ""
        if self.scale is None:
            least, total = privacy.minimum_n_distribution, cells.above[role, question]
        else:
            least = privacy.shown_from if activity else privacy.minimum_n
            total = cells.total[role, question]
        given = published_sums(
            n,
            total,
            n >= least,
            scale=self.scale,
            tenths=role == self.coarse,
            extremes_from=privacy.minimum_n_extreme_share,
        )
        if role == self.of and question in self.hidden:
            given = replace(given, total_low=given.low.sum(), total_high=given.high.sum())
        return given.whole() if activity else given

    def mean_sums(self, _cells: Cells, role: int, question: int) -> Sum:
        """Sums of answers to a question per organisation, and over all."""
        return self.sums(role, question)

    def difference(self, organisation_id: str, question: Question) -> tuple[float, float]:
        """Limits of the difference between the roles; infinite where it is withheld."""
        cells, place = self.cells, self.cells.questions.index(question)
        here = [cells.organisations.index(organisation_id)] if organisation_id else slice(None)
        n = cells.n[:, place, here].sum(axis=1)
        if n.min() < self.privacy.shown_from or (not organisation_id and place in self.hidden):
            return -np.inf, np.inf
        first, second = cells.total[:, place, here].sum(axis=1) / n
        coarse = self.coarse is not None and not organisation_id
        value, half = _published(first - second, decimals_of(n.min()), tenths=coarse)
        return float(value - half), float(value + half)


def published_sums(
    n: np.ndarray,
    total: np.ndarray,
    shown: np.ndarray,
    *,
    scale: tuple[float, float] | None,
    tenths: bool,
    extremes_from: int,
) -> Sum:
    """Limits that published means (or, without ``scale``, shares) leave to sums of answers.

    Everybody's n is taken as known: an attacker may be as well informed as that. Of fewer than
    ``extremes_from`` people a share near 0 or 1 is told as a bound.
    """
    ends = scale or (0.0, 1.0)
    options = {"share": scale is None, "extremes_from": extremes_from}
    low, high = _rounded_limits(n, total, tenths=False, **options)
    low, high = np.where(shown, low, n * ends[0]), np.where(shown, high, n * ends[1])
    people, everything = n.sum(), total.sum()
    whole = _rounded_limits(people[None], everything[None], tenths=tenths, **options)
    return Sum(
        low=np.clip(low, n * ends[0], n * ends[1]),
        high=np.clip(high, n * ends[0], n * ends[1]),
        true=total,
        total_low=float(np.clip(whole[0][0], people * ends[0], people * ends[1])),
        total_high=float(np.clip(whole[1][0], people * ends[0], people * ends[1])),
    )


def _published(
    exact: np.ndarray, decimals: np.ndarray, *, tenths: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers as published, and how far from them the exact ones may lie.

    Tenths are made from what was rounded before, as on the pages; and a tie falls as it does
    there (``rounding.to_decimals``), for another tenth would be another window.
    """
    factor = 10.0**decimals
    published, half = np.rint(exact * factor) / factor, 0.5 / factor
    if not tenths:
        return published, half
    twice = np.where(decimals > 1, half, 0.0)
    return np.rint(published * 10) / 10, 0.05 + twice


def _rounded_limits(
    n: np.ndarray, total: np.ndarray, *, share: bool, tenths: bool, extremes_from: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the sums that round to the same published mean or share."""
    n_or_one = np.maximum(n, 1)
    decimals = np.full(len(n), 2.0) if share else decimals_of(n)
    published, half = _published(total / n_or_one, decimals, tenths=tenths)
    low, high = (published - half) * n, (published + half) * n
    if not share:
        return low, high
    low, high = np.ceil(low - CLOSE), np.floor(high + CLOSE)
    # Nearly nobody and nearly everybody are told as a bound in small groups.
    few, exact = n < extremes_from, total / n_or_one
    nobody, everybody = few & (exact <= EXTREME_SHARE), few & (exact >= 1 - EXTREME_SHARE)
    low = np.where(nobody, 0.0, np.where(everybody, np.ceil((1 - EXTREME_SHARE) * n), low))
    high = np.where(everybody, n, np.where(nobody, np.floor(EXTREME_SHARE * n), high))
    return low, high
