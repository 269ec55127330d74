"""Do people of two groups who are alike on a cluster answer an item alike?

Differential item functioning of ordinal answers by logistic regression: for samples too small
for a factor model over groups. Group ``a`` is where ``first`` is true.

References
----------
Swaminathan & Rogers (1990), J. Educ. Meas. 27, 361-370 (the models, two levels); Zumbo (1999), A
Handbook on the Theory and Methods of Differential Item Functioning, Ottawa (ordinal answers,
differences of R squared); Crane, Gibbons, Jolley & van Belle (2006), Med. Care 44, S115-S123
(three nested models); Jodoin & Gierl (2001), Appl. Meas. Educ. 14, 329-349 (classes).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import special

from research.errors import require_choice
from research.stats.cumulative import Fit
from research.stats.estimates import (
    COMPLETE_SEPARATION,
    NO_CONVERGENCE,
    NO_VARIATION,
    NOT_IDENTIFIED,
    TOO_FEW_ANSWERS,
    as_columns,
)
from research.stats.multiplicity import adjust_p_values
from research.stats.proportional_odds import null_log_likelihood, proportional_odds, separated

Matching = Literal["rest", "total"]
MATCHINGS: tuple[str, ...] = get_args(Matching)
Purification = Literal["none", "iterative"]
PURIFICATIONS: tuple[str, ...] = get_args(Purification)
TESTS: tuple[str, ...] = ("uniform", "non_uniform", "total")

MOST_ROUNDS = 10
FEWEST_ANCHORS = 2
SAME_SCORE = 1e-8  # of a standard deviation: scores this close are one
FROM_B, FROM_C = 0.035, 0.070  # Jodoin & Gierl (2001)


def ordinal_dif(
    items: np.ndarray,
    first: np.ndarray,
    *,
    matching: Matching = "rest",
    purification: Purification = "none",
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Differential item functioning per item: odds ratio, tests and gains in pseudo R squared.

    ``items`` is one row a respondent, one column an item of one cluster, reversed items turned.
    One row an item. Three proportional-odds models of its answers: (1) matching score, (2) and
    group, (3) and group x score. ``estimate`` is the log odds ratio of a higher answer in a than
    in b at equal score (model 2, Wald interval; positive: a answers higher), ``odds_ratio`` the
    same as a ratio. ``ratio_*`` and ``p_*`` are likelihood-ratio tests: ``uniform`` 2 against 1
    (1 df), ``non_uniform`` 3 against 2 (1 df), ``total`` 3 against 1 (2 df); ``nagelkerke_*``
    and ``mcfadden_*`` what the same steps add to R squared. P-values are per item: adjust them
    over the items with ``adjust_p_values``; judge with ``jodoin_gierl_class``.

    ``matching="rest"`` is the mean of the other items, the recommended one for short clusters:
    in a total the item itself weighs 1/p, so that people are matched partly on the very answer
    that is tested. ``"total"`` includes it, as lordif (its starting score) and difNLR do. A rest
    score has measurement error: where the groups truly differ, a part of that difference stays
    and appears as uniform functioning of all items alike. Read the items against one another.

    ``purification="iterative"`` leaves out of the score what is flagged: Holm-adjusted
    ``p_total`` below .05 and class B or C. It is repeated until the flagged items stay the same,
    and ``purification`` says how it ended: ``stable``, ``cycles`` (they alternate: the last
    round stands), ``too_few_anchors`` (fewer than two items would be left: the round before
    stands) or ``not_stable`` after 10 rounds. ``in_score`` says which items the score used.

    An answer counts where the person answered at least half of the score's items. A level nobody
    used is no level. Notes, with NaN from the model on that fails: fewer than two answers in a
    group, ``too_few_answers``; one level or one score only, ``no_variation``; a score that
    depends on the group (for the interaction: one score only in a group), ``not_identified``; no
    finite maximum, ``complete_separation``. Agrees with nested ``ordinal::clm`` fits.
    """
    require_choice("matching", matching, MATCHINGS)
    require_choice("purification", purification, PURIFICATIONS)
    items, first = as_columns(items), np.asarray(first, dtype=bool)

    def matched_on(in_score: np.ndarray) -> pd.DataFrame:
        scores = _scores(items, in_score, matching)
        cells = [_cells(items[:, j], scores[:, j], first) for j in range(items.shape[1])]
        return _table(cells, len(items), confidence_level)

    in_score = np.ones(items.shape[1], dtype=bool)
    if purification == "none":
        table, ending, n_rounds = matched_on(in_score), "none", 0
    else:
        table, in_score, ending, n_rounds = purify(matched_on, in_score)
    return table.assign(
        matching=matching, in_score=in_score, purification=ending, n_rounds=n_rounds
    )[[name for name in _COLUMNS if name != "note"] + ["note"]]


_COLUMNS = (
    *("item", "estimate", "ci_low", "ci_high", "confidence_level", "standard_error"),
    *("odds_ratio", "odds_ratio_low", "odds_ratio_high"),
    *(f"{kind}_{test}" for test in TESTS for kind in ("ratio", "p", "nagelkerke", "mcfadden")),
    *("n_a", "n_b", "n_dropped", "n_levels"),
    *("matching", "in_score", "purification", "n_rounds", "note"),
)


def jodoin_gierl_class(
    gain: np.ndarray, p_value: np.ndarray, *, significance: float = 0.05
) -> np.ndarray:
    """Class of functioning per item: A negligible, B moderate, C large; "" where not known.

    ``gain`` is what group and interaction add to R squared, ``p_value`` the test of the same
    step (after the adjustment for several items). A: not significant, or a gain below .035; C:
    significant and at least .070; B between. The limits were set for two levels and a weighted
    least squares R squared; others (difR, lordif) also use them for Nagelkerke's.

    References
    ----------
    Jodoin & Gierl (2001), Appl. Meas. Educ. 14, 329-349.
    """
    gain, p_value = np.asarray(gain, dtype=float), np.asarray(p_value, dtype=float)
    counts = p_value <= significance
    known = ~np.isnan(gain) & ~np.isnan(p_value)
    chosen = [~known, counts & (gain >= FROM_C), counts & (gain >= FROM_B)]
    return np.select(chosen, ["", "C", "B"], "A").astype(object)


def purify(
    matched_on: Callable[[np.ndarray], pd.DataFrame], in_score: np.ndarray
) -> tuple[pd.DataFrame, np.ndarray, str, int]:
    """Table of the last round, the items its score used, how it ended and the rounds it took."""
    tried: list[tuple[bool, ...]] = []
    for n_rounds in range(1, MOST_ROUNDS + 1):
        table = matched_on(in_score)
        tried.append(tuple(in_score))
        adjusted = adjust_p_values(table["p_total"].to_numpy(), method="holm")
        kept = ~np.isin(jodoin_gierl_class(table["nagelkerke_total"], adjusted), ["B", "C"])
        if tuple(kept) == tried[-1]:
            return table, in_score, "stable", n_rounds
        if tuple(kept) in tried:
            return table, in_score, "cycles", n_rounds
        if kept.sum() < FEWEST_ANCHORS:
            return table, in_score, "too_few_anchors", n_rounds
        if n_rounds < MOST_ROUNDS:
            in_score = kept
    return table, in_score, "not_stable", MOST_ROUNDS


def _scores(items: np.ndarray, in_score: np.ndarray, matching: Matching) -> np.ndarray:
    """Matching score per person and item; NaN where less than half of it was answered."""
    itself = np.eye(items.shape[1], dtype=bool)
    uses = in_score[:, None] & ~itself if matching == "rest" else in_score[:, None] | itself
    there = ~np.isnan(items)
    answered = there.astype(float) @ uses
    enough = (answered > 0) & (2 * answered >= uses.sum(axis=0))
    sums = np.where(there, items, 0.0) @ uses
    return np.where(enough, sums / np.maximum(answered, 1), np.nan)


@dataclass(frozen=True, kw_only=True)
class _Cells:
    """Answers to one item counted per (score, group): what its three models need."""

    counts: np.ndarray  # cell x level
    predictors: np.ndarray  # cell x (score in standard deviations, group, their product)
    n_a: int
    n_b: int
    note: str
    interaction: bool  # whether the product says something new


def _cells(answers: np.ndarray, scores: np.ndarray, first: np.ndarray) -> _Cells:
    usable = ~np.isnan(answers) & ~np.isnan(scores)
    group = first[usable].astype(float)
    levels, level = np.unique(answers[usable], return_inverse=True)
    score = scores[usable]
    spread = score.std() if len(score) else 0.0
    varies = spread > 1e-12 * np.max(np.abs(score), initial=0.0)
    standard = (score - score.mean()) / spread if varies else np.zeros_like(score)
    distinct, place = np.unique(standard, return_inverse=True)
    cell = 2 * place + group.astype(int)
    counts = np.bincount(cell * len(levels) + level, minlength=2 * len(distinct) * len(levels))
    counts = counts.reshape(2 * len(distinct), len(levels)).astype(float)
    x, g = np.repeat(distinct, 2), np.tile([0.0, 1.0], len(distinct))
    n_a, n_b = int(group.sum()), int((1 - group).sum())
    within = [np.ptp(standard[group == side]) > SAME_SCORE for side in (0, 1) if min(n_a, n_b) > 0]
    note = ""
    if min(n_a, n_b) < 2:
        note = TOO_FEW_ANSWERS
    elif len(levels) < 2 or not varies:
        note = NO_VARIATION
    elif not any(within):
        note = NOT_IDENTIFIED
    return _Cells(
        counts=counts,
        predictors=np.column_stack([x, g, x * g]),
        n_a=n_a,
        n_b=n_b,
        note=note,
        interaction=all(within),
    )


def _nested(cells: list[_Cells]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Log likelihoods of models 0 to 3, (estimate, standard error) of model 2, and the note."""
    n_items = len(cells)
    values, group = np.full((n_items, 4), np.nan), np.full((n_items, 2), np.nan)
    note = np.array([cell.note for cell in cells], dtype=object)
    n_levels = np.array([cell.counts.shape[1] for cell in cells])
    for n in np.unique(n_levels[note == ""]):
        batch = np.flatnonzero((note == "") & (n_levels == n))
        most = max(len(cells[j].counts) for j in batch)
        counts = np.stack([_padded(cells[j].counts, most) for j in batch])
        predictors = np.stack([_padded(cells[j].predictors, most) for j in batch])
        values[batch, 0] = null_log_likelihood(counts)
        for model in (1, 2, 3):
            known = note[batch] == ""
            if model == 3:
                alone = known & ~np.array([cells[j].interaction for j in batch])
                note[batch[alone]] = NOT_IDENTIFIED
                known &= ~alone
            if not known.any():
                break
            x = predictors[known][..., :model]
            fit = proportional_odds(counts[known], x)
            note[batch[known]] = _reason(fit, x)
            values[batch[known], model] = np.where(fit.converged, fit.log_likelihood, np.nan)
            if model == 2:
                found = np.column_stack([fit.parameters[:, -1], fit.standard_errors[:, -1]])
                group[batch[known]] = np.where(fit.converged[:, None], found, np.nan)
    return values, group, note


def _padded(matrix: np.ndarray, n_rows: int) -> np.ndarray:
    return np.pad(matrix, ((0, n_rows - len(matrix)), (0, 0)))


def _reason(fit: Fit, predictors: np.ndarray) -> np.ndarray:
    apart = np.where(separated(fit, predictors), COMPLETE_SEPARATION, NO_CONVERGENCE)
    return np.where(fit.converged, "", apart)


def _table(cells: list[_Cells], n_rows: int, confidence_level: float) -> pd.DataFrame:
    values, group, note = _nested(cells)
    n_a, n_b = np.array([[cell.n_a, cell.n_b] for cell in cells], dtype=int).reshape(-1, 2).T
    estimate, error = group.T
    half = special.ndtri(0.5 + confidence_level / 2) * error
    low, high = estimate - half, estimate + half
    mcfadden = 1 - values / values[:, :1]
    # Nagelkerke (1991), Biometrika 78, 691-692.
    n = np.maximum(n_a + n_b, 1)[:, None]
    nagelkerke = np.expm1(2 / n * (values[:, :1] - values)) / np.expm1(2 / n * values[:, :1])
    steps = {}
    for test, (larger, smaller, df) in zip(TESTS, ((2, 1, 1), (3, 2, 1), (3, 1, 2)), strict=True):
        ratio = np.maximum(2 * (values[:, larger] - values[:, smaller]), 0.0)
        steps |= {f"ratio_{test}": ratio, f"p_{test}": special.chdtrc(df, ratio)}
        steps[f"nagelkerke_{test}"] = nagelkerke[:, larger] - nagelkerke[:, smaller]
        steps[f"mcfadden_{test}"] = mcfadden[:, larger] - mcfadden[:, smaller]
    with np.errstate(over="ignore"):  # beyond the largest number there is no ratio to print
        ratios = [np.where(np.isfinite(e := np.exp(x)), e, np.nan) for x in (estimate, low, high)]
    return pd.DataFrame(
        {
            "item": np.arange(len(cells)),
            "estimate": estimate,
            "ci_low": low,
            "ci_high": high,
            "confidence_level": confidence_level,
            "standard_error": error,
            **dict(zip(("odds_ratio", "odds_ratio_low", "odds_ratio_high"), ratios, strict=True)),
            **steps,
            "n_a": n_a,
            "n_b": n_b,
            "n_dropped": n_rows - n_a - n_b,
            "n_levels": np.array([cell.counts.shape[1] for cell in cells], dtype=int),
            "note": note,
        }
    )
