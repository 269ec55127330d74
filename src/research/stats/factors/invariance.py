"""Do two or more groups use the items alike? The ladder of invariance, ordinal and continuous."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy import special

from research.stats.factors import fit_indices
from research.stats.factors.continuous_fit import ContinuousFit, fit_continuous, sample_moments
from research.stats.factors.fit_indices import TestStatistic
from research.stats.factors.ordinal_fit import OrdinalFit, fit_ordinal
from research.stats.factors.polychoric import ordinal_moments
from research.stats.factors.structure import STEPS, Structure, factor_model

Fit = OrdinalFit | ContinuousFit


@dataclass(frozen=True, kw_only=True)
class Rung:
    """One step of a ladder: the fitted model and what the step cost against the one before.

    ``released`` are the items that keep parameters of their own from this step on; ``before`` is
    the model of the previous step with the same items released. The cost is a scaled statistic
    for ordinal items, a likelihood ratio for continuous ones. Positive deltas of RMSEA and SRMR
    and negative ones of CFI are losses.
    """

    step: str
    fit: Fit
    before: Fit | None
    released: tuple[int, ...]
    statistic: float
    df: float

    @property
    def p_value(self) -> float:
        return float(special.chdtrc(self.df, max(self.statistic, 0.0))) if self.df > 0 else np.nan

    @property
    def rmsea_difference(self) -> float:
        """RMSEA of what the step cost; 0 where it cost less than chance."""
        return fit_indices.rmsea_of_cost(self.fit.test, self.statistic, self.df)

    @property
    def note(self) -> str:
        return self.fit.note or (self.before.note if self.before else "")

    @property
    def found(self) -> bool:
        return self.fit.found and (self.before is None or self.before.found)

    def change_of(self, index: Callable[[TestStatistic], float]) -> float:
        return index(self.fit.test) - index(self.before.test) if self.before else np.nan


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """Models that hold more and more equal over groups, one factor structure for all of them."""

    structure: Structure
    fit_model: Callable[[object], Fit]

    @property
    def steps(self) -> tuple[str, ...]:
        return STEPS if self.structure.is_ordinal else tuple(s for s in STEPS if s != "thresholds")

    def fit(self, step: str, released: Collection[int] = ()) -> Fit:
        return self.fit_model(factor_model(self.structure, step=step, released=released))

    def rung(self, step: str, released: Sequence[int] = (), *, before: Fit | None = None) -> Rung:
        """One step and its cost against the step before it, both with these items released."""
        place = self.steps.index(step)
        if place and before is None:
            before = self.fit(self.steps[place - 1], released)
        fit = self.fit(step, released)
        statistic, df = np.nan, np.nan
        if before is not None and before.found and fit.found:
            cost = fit.cost_against(before)
            # Items of two categories alone leave nothing to hold equal at some steps.
            statistic, df = cost if cost[1] > 0 else (np.nan, np.nan)
        return Rung(
            step=step,
            fit=fit,
            before=before,
            released=tuple(released),
            statistic=statistic,
            df=df,
        )

    def climb(self) -> list[Rung]:
        """All steps with nothing released, whatever they cost."""
        rungs: list[Rung] = []
        for step in self.steps:
            rungs.append(self.rung(step, before=rungs[-1].fit if rungs else None))
        return rungs


def ordinal_ladder(
    items: np.ndarray,
    group: np.ndarray,
    factor_of: Sequence[int],
    *,
    cluster: np.ndarray | None = None,
) -> Ladder:
    """The ladder for ordinal items: thresholds, loadings, intercepts, residuals (WLSMV).

    ``items`` one row a respondent, NaN where missing (left out pair by pair); an item must have
    the same categories in every group, see ``harmonised_categories``. ``group`` holds 0, 1, ...
    per respondent: group 0 sets the scale. ``cluster`` is the label of the organisation of each
    respondent where they are nested: tests and standard errors then allow for it.

    References
    ----------
    Wu & Estabrook (2016), Psychometrika 81, 1014-1045; Svetina, Rutkowski & Rutkowski (2020),
    Struct. Equ. Modeling 27, 111-130, on the steps in this order.
    """
    samples = [
        ordinal_moments(items[group == g], cluster=None if cluster is None else cluster[group == g])
        for g in range(int(group.max()) + 1)
    ]
    structure = Structure(
        factor_of=tuple(factor_of), n_thresholds=samples[0].n_thresholds, n_groups=len(samples)
    )
    return Ladder(structure=structure, fit_model=partial(fit_ordinal, samples=samples))


def continuous_ladder(items: np.ndarray, group: np.ndarray, factor_of: Sequence[int]) -> Ladder:
    """The ladder for items taken as continuous: loadings, intercepts, residuals (ML, FIML).

    References
    ----------
    Meredith (1993), Psychometrika 58, 525-543.
    """
    samples = [sample_moments(items[group == g]) for g in range(int(group.max()) + 1)]
    structure = Structure(factor_of=tuple(factor_of), n_groups=len(samples))
    return Ladder(structure=structure, fit_model=partial(fit_continuous, samples=samples))


def ladder_table(rungs: Sequence[Rung]) -> pd.DataFrame:
    """Fit of every step and what it cost; one row a step, chi-square scaled where ordinal.

    ``p_value`` and the RMSEA of the difference belong to the cost, ``n_free`` counts parameters.
    NaN and a note where a model could not be fitted.
    """
    rows = []
    for rung in rungs:
        row = {"step": rung.step, "n_released": len(rung.released), "note": rung.note}
        if rung.fit.found:
            test = rung.fit.test
            low, high = fit_indices.rmsea_interval(test)
            row |= {
                "n_free": len(rung.fit.free),
                "chi_square": test.chi_square,
                "df": test.df,
                "fit_p_value": test.p_value,
                "cfi": fit_indices.comparative_fit(test),
                "tli": fit_indices.tucker_lewis(test),
                "rmsea": fit_indices.rmsea(test),
                "rmsea_low": low,
                "rmsea_high": high,
                "srmr": rung.fit.srmr,
            }
        if rung.before is not None and rung.found:
            row |= {
                "difference": rung.statistic,
                "difference_df": rung.df,
                "p_value": rung.p_value,
                "rmsea_difference": rung.rmsea_difference,
                "delta_cfi": rung.change_of(fit_indices.comparative_fit),
                "delta_rmsea": rung.change_of(fit_indices.rmsea),
                "delta_srmr": rung.fit.srmr - rung.before.srmr,
            }
        rows.append(row)
    return pd.DataFrame(rows, columns=list(TABLE_COLUMNS))


TABLE_COLUMNS = (
    "step",
    "n_released",
    "n_free",
    "chi_square",
    "df",
    "fit_p_value",
    "cfi",
    "tli",
    "rmsea",
    "rmsea_low",
    "rmsea_high",
    "srmr",
    "difference",
    "difference_df",
    "p_value",
    "rmsea_difference",
    "delta_cfi",
    "delta_rmsea",
    "delta_srmr",
    "note",
)
