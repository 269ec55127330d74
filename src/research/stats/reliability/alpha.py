"""Do the items of a cluster belong together, and does each of them belong?"""

import numpy as np
import pandas as pd
from scipy import special

from research.stats.agreement.variance_ratio import NO_RESIDUAL_VARIATION
from research.stats.estimates import NO_VARIATION, TOO_FEW_ANSWERS
from research.stats.reliability.complete import (
    TOO_FEW_ITEMS,
    CompleteAnswers,
    complete_answers,
    sum_varies,
)

# A correlation that differs by less from 0 or from 1 is taken as that.
ROUNDING = 1e-12


def cronbach_alpha(items: np.ndarray, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Cronbach's alpha of the complete rows, with Feldt's interval; one row.

    ``items`` is one row a respondent, one column an item, reversed items already turned. Rows
    with a missing answer are left out *before* anything is computed (pingouin's listwise option
    takes the interval's n from before; psych::alpha takes covariances pair by pair and the rows
    of all respondents). Raw alpha from covariances, not the standardised one. Fewer than two
    items or three complete rows, or no variation: NaN with a note.

    References
    ----------
    Cronbach (1951), Psychometrika 16, 297-334, eq. 2; Feldt, Woodruff & Salih (1987), Appl.
    Psychol. Meas. 11, 93-103, eq. 8.
    """
    complete = complete_answers(items)
    n, k = complete.n, complete.n_items
    alpha = low = high = np.nan
    note = TOO_FEW_ANSWERS if k < 2 else complete.note
    if not note:
        alpha = _alpha(complete.covariance)
        low, high = _feldt_interval(alpha, n, k, confidence_level)
    return pd.DataFrame(
        {
            "estimate": [alpha],
            "ci_low": [low],
            "ci_high": [high],
            "confidence_level": [confidence_level],
            "n_complete": [n],
            "n_dropped": [complete.n_dropped],
            "n_items": [k],
            "note": [note],
        }
    )


def items_of_alpha(items: np.ndarray, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Item-rest correlation, and alpha without the item, each with its interval; one row an item.

    ``items`` as for ``cronbach_alpha``, and the same complete rows for every item (listwise).

    - ``item_rest`` is Pearson's correlation of the item with the sum of the *other* items, as
      answered (from covariances: ``r.drop`` of psych::alpha), with Fisher's z interval. Items do
      not weigh equally in it where their spreads differ.
    - ``against`` marks an item that runs against the rest (a negative ``item_rest``): most often
      a reversed item that was not turned.
    - ``alpha_if_dropped`` is Cronbach's alpha of the other items, with Feldt's interval for one
      item less. Taking the item out that raises it most capitalises on chance.

    ``note`` is about ``item_rest`` and its interval, ``note_if_dropped`` about the alpha.

    Notes
    -----
    A constant item has no correlation (``no_variation``); three rows give none an interval
    (``too_few_answers``) and nor does a perfect correlation (``no_residual_variation``). Of two
    items one is left: no alpha without it (``too_few_items``), where psych prints a covariance
    divided by a variance.

    References
    ----------
    Fisher (1921), Metron 1(4), 3-32; Feldt, Woodruff & Salih (1987), Appl. Psychol. Meas. 11,
    93-103, eq. 8. Nunnally & Bernstein (1994), Psychometric Theory, 3rd ed. (the rest instead
    of the total).
    """
    complete = complete_answers(items)
    k = complete.n_items
    item_rest, note = _item_rest(complete)
    low, high = _fisher_interval(item_rest, complete.n, confidence_level)
    alphas, note_if_dropped = _alpha_if_dropped(complete)
    alpha_low, alpha_high = _feldt_interval(alphas, complete.n, k - 1, confidence_level)
    no_interval = (note == "") & np.isnan(low)
    reason = TOO_FEW_ANSWERS if complete.n <= 3 else NO_RESIDUAL_VARIATION
    return pd.DataFrame(
        {
            "item": np.arange(k),
            "item_rest": item_rest,
            "item_rest_low": low,
            "item_rest_high": high,
            "against": item_rest < -ROUNDING,
            "alpha_if_dropped": alphas,
            "alpha_if_dropped_low": alpha_low,
            "alpha_if_dropped_high": alpha_high,
            "confidence_level": confidence_level,
            "n_complete": complete.n,
            "n_dropped": complete.n_dropped,
            "note": np.where(no_interval, reason, note).astype(object),
            "note_if_dropped": note_if_dropped,
        }
    )


def _alpha(covariance: np.ndarray) -> float:
    k = len(covariance)
    return k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())


def _item_rest(complete: CompleteAnswers) -> tuple[np.ndarray, np.ndarray]:
    """Return the correlation of every item with the sum of the others, and why there is none."""
    k = complete.n_items
    nothing = np.full(k, np.nan)
    if complete.note == TOO_FEW_ANSWERS:
        return nothing, np.full(k, TOO_FEW_ANSWERS, dtype=object)
    if k < 2:
        return nothing, np.full(k, TOO_FEW_ITEMS, dtype=object)
    covariance, means = complete.covariance, complete.answers.mean(axis=0)
    constant = complete.constant | ~_rest_varies(covariance, means)
    # Summed over the others, not taken from the total: a wide item would cost the rest its digits.
    others = ~np.eye(k, dtype=bool)
    with_rest = np.sum(covariance, axis=0, where=others)
    of_rest = np.einsum("ji,jl,il->i", others, covariance, others)
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = with_rest / np.sqrt(np.diag(covariance) * of_rest)
    note = np.where(constant, NO_VARIATION, "").astype(object)
    return np.where(constant, np.nan, np.clip(correlation, -1, 1)), note


def _rest_varies(covariance: np.ndarray, means: np.ndarray) -> np.ndarray:
    """Return for every item whether the sum of the others varies."""
    rests = [np.delete(np.arange(len(means)), item) for item in range(len(means))]
    return np.array([sum_varies(covariance[np.ix_(r, r)], means[r]) for r in rests])


def _alpha_if_dropped(complete: CompleteAnswers) -> tuple[np.ndarray, np.ndarray]:
    """Return alpha of the other items for every item, and why there is none."""
    k = complete.n_items
    alphas = np.full(k, np.nan)
    if complete.note == TOO_FEW_ANSWERS:
        return alphas, np.full(k, TOO_FEW_ANSWERS, dtype=object)
    if k < 3:
        return alphas, np.full(k, TOO_FEW_ITEMS, dtype=object)
    varies = _rest_varies(complete.covariance, complete.answers.mean(axis=0))
    for item in np.flatnonzero(varies):
        rest = np.delete(np.arange(k), item)
        alphas[item] = _alpha(complete.covariance[np.ix_(rest, rest)])
    return alphas, np.where(varies, "", NO_VARIATION).astype(object)


def _fisher_interval(r: np.ndarray, n: int, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits from Fisher's z, variance 1 / (n - 3); NaN for n <= 3 and |r| = 1."""
    r = np.where(1 - np.abs(r) > ROUNDING, r, np.nan)
    half = special.ndtri(0.5 + level / 2) / np.sqrt(n - 3) if n > 3 else np.nan
    return np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half)


def _feldt_interval(
    alpha: float | np.ndarray, n: int, k: int, level: float
) -> tuple[float | np.ndarray, float | np.ndarray]:
    """Return the limits from F with n - 1 and (n - 1)(k - 1) df."""
    if n < 2 or k < 2:
        return alpha * np.nan, alpha * np.nan
    df_people, df_error = n - 1, (n - 1) * (k - 1)
    tail = (1 - level) / 2
    low = 1 - (1 - alpha) * special.fdtri(df_people, df_error, 1 - tail)
    high = 1 - (1 - alpha) * special.fdtri(df_people, df_error, tail)
    return low, high
