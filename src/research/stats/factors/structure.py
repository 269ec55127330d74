"""Which items load on which factor, and which parameters are equal over groups at each step."""

from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np

from research.errors import require_choice
from research.stats.factors.model import (
    FACTOR_COVARIANCE,
    FACTOR_MEAN,
    INTERCEPT,
    LOADING,
    RESIDUAL,
    SCALE,
    THRESHOLD,
    FactorModel,
    Parameters,
    Parametrisation,
)

Step = Literal["configural", "thresholds", "loadings", "intercepts", "residuals"]
STEPS: tuple[str, ...] = get_args(Step)
Identification = Literal["factor_variance", "first_loading"]
IDENTIFICATIONS: tuple[str, ...] = get_args(Identification)

# What is held equal over groups from which step on.
EQUAL_FROM = {
    THRESHOLD: "thresholds",
    LOADING: "loadings",
    INTERCEPT: "intercepts",
    RESIDUAL: "residuals",
}


@dataclass(frozen=True, kw_only=True)
class Structure:
    """Simple structure: one factor an item.

    ``factor_of`` is the number of the factor of each item; ``n_thresholds`` the number of
    thresholds of each item, empty for continuous items.
    """

    factor_of: tuple[int, ...]
    n_thresholds: tuple[int, ...] = ()
    n_groups: int = 1

    @property
    def n_items(self) -> int:
        return len(self.factor_of)

    @property
    def n_factors(self) -> int:
        return max(self.factor_of) + 1

    @property
    def is_ordinal(self) -> bool:
        return bool(self.n_thresholds)

    @property
    def threshold_item(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.n_thresholds)), self.n_thresholds).astype(int)


@dataclass
class _Entries:
    """Entries under construction: each free one has a label, equal labels are one parameter."""

    rows: list[tuple] = field(default_factory=list)
    numbers: dict[Hashable, int] = field(default_factory=dict)

    def free(self, kind: str, group: int, row: int, column: int, label: Hashable) -> None:
        number = self.numbers.setdefault((kind, row, column, label), len(self.numbers))
        self.rows.append((kind, group, row, column, number, 0.0))

    def fixed(self, kind: str, group: int, row: int, column: int, value: float) -> None:
        self.rows.append((kind, group, row, column, -1, value))

    def table(self) -> Parameters:
        kind, group, row, column, free, value = zip(*self.rows, strict=True)
        return Parameters(
            kind=np.array(kind),
            group=np.array(group),
            row=np.array(row),
            column=np.array(column),
            free=np.array(free),
            value=np.array(value, dtype=float),
        )


def factor_model(
    structure: Structure,
    *,
    step: Step = "configural",
    released: Collection[int] = (),
    parametrisation: Parametrisation = "theta",
    identified_by: Identification = "factor_variance",
) -> FactorModel:
    """The model of one step of the ladder: from nothing equal over groups to everything equal.

    Factors have variance 1 and mean 0 in the first group, so every loading is estimated; with
    ``identified_by="first_loading"`` the first item of each factor has loading 1 instead. Ordinal
    items follow Wu and Estabrook: once thresholds are equal, intercepts and residual variances
    (of the latent responses) of the later groups are free; once loadings are equal, factor
    variances are; once intercepts are equal, factor means are. The one threshold of a two-category
    item cannot tell intercept from residual variance: equal thresholds free its intercept, and
    only equal intercepts free its residual variance (as semTools). Its thresholds and intercepts
    are thus not tested apart, and steps that differ in it are not nested. Items in ``released``
    keep parameters of their own in every group. One group: step "configural".

    References
    ----------
    Wu & Estabrook (2016), Psychometrika 81, 1014-1045, propositions 4, 10, 15 (delta-free
    identification with factor variances fixed); Meredith (1993), Psychometrika 58, 525-543.
    """
    require_choice("step", step, STEPS)
    require_choice("identification", identified_by, IDENTIFICATIONS)
    by_loading = identified_by == "first_loading"
    entries = _Entries()
    for group in range(structure.n_groups):
        _add_loadings(entries, structure, group, by_loading, _label_of(step, released, group))
        add = _add_ordinal if structure.is_ordinal else _add_continuous
        add(entries, structure, group, _label_of(step, released, group), parametrisation)
        _add_factors(entries, structure, group, step, by_loading)
    return FactorModel(
        n_items=structure.n_items,
        n_factors=structure.n_factors,
        n_groups=structure.n_groups,
        parametrisation=parametrisation if structure.is_ordinal else "continuous",
        threshold_item=structure.threshold_item,
        parameters=entries.table(),
    )


def _reached(step: str, needed: str) -> bool:
    return STEPS.index(step) >= STEPS.index(needed)


def _label_of(step: str, released: Collection[int], group: int) -> Callable[[str, int], Hashable]:
    """Return what tells the label of an item's parameter: "equal" over groups, or the group."""

    def label(kind: str, item: int) -> Hashable:
        equal = _reached(step, EQUAL_FROM[kind]) and item not in released
        return "equal" if equal else group

    return label


def _add_loadings(
    entries: _Entries, structure: Structure, group: int, by_loading: bool, label: Callable
) -> None:
    for item, factor in enumerate(structure.factor_of):
        if by_loading and structure.factor_of.index(factor) == item:
            entries.fixed(LOADING, group, item, factor, 1.0)
        else:
            entries.free(LOADING, group, item, factor, label(LOADING, item))


def _add_continuous(
    entries: _Entries, structure: Structure, group: int, label: Callable, _: str
) -> None:
    for item in range(structure.n_items):
        for kind in (INTERCEPT, RESIDUAL):
            entries.free(kind, group, item, 0, label(kind, item))


def _add_ordinal(
    entries: _Entries, structure: Structure, group: int, label: Callable, parametrisation: str
) -> None:
    unit = SCALE if parametrisation == "delta" else RESIDUAL
    for position, item in enumerate(structure.threshold_item):
        entries.free(THRESHOLD, group, position, 0, label(THRESHOLD, item))
    for item, n_thresholds in enumerate(structure.n_thresholds):
        anchored = group > 0 and label(THRESHOLD, item) == "equal"
        equal_intercept = label(INTERCEPT, item) == "equal"
        own_unit = anchored and (n_thresholds > 1 or equal_intercept)
        if own_unit and label(RESIDUAL, item) != "equal":
            entries.free(unit, group, item, 0, group)
        else:
            entries.fixed(unit, group, item, 0, 1.0)
        if anchored and not equal_intercept:
            entries.free(INTERCEPT, group, item, 0, group)
        else:
            entries.fixed(INTERCEPT, group, item, 0, 0.0)


def _add_factors(
    entries: _Entries, structure: Structure, group: int, step: str, by_loading: bool
) -> None:
    for factor in range(structure.n_factors):
        if by_loading or (group > 0 and _reached(step, "loadings")):
            entries.free(FACTOR_COVARIANCE, group, factor, factor, group)
        else:
            entries.fixed(FACTOR_COVARIANCE, group, factor, factor, 1.0)
        if group > 0 and _reached(step, "intercepts"):
            entries.free(FACTOR_MEAN, group, factor, 0, group)
        else:
            entries.fixed(FACTOR_MEAN, group, factor, 0, 0.0)
        for other in range(factor):
            entries.free(FACTOR_COVARIANCE, group, factor, other, group)
