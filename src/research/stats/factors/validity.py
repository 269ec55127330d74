"""Do the items of a factor share enough with it, and are two factors two things?"""

from itertools import combinations
from typing import Literal, get_args

import numpy as np
import pandas as pd

from research.errors import require_choice
from research.stats.estimates import HEYWOOD, NO_VARIATION, NOT_IDENTIFIED
from research.stats.reliability.complete import TOO_FEW_ITEMS
from research.stats.reliability.composite import NEGATIVE_LOADING

Mean = Literal["arithmetic", "geometric"]
MEANS: tuple[str, ...] = get_args(Mean)


def convergent_validity(loadings: np.ndarray, cluster: np.ndarray) -> pd.DataFrame:
    """Average variance extracted and composite reliability; one row a factor.

    ``loadings`` are the standardised ones, one an item, ``cluster`` names the item's only factor;
    factors in order of first appearance. ``average_variance_extracted`` is the mean squared
    loading; ``composite_reliability`` the squared sum over itself plus the sum of 1 - loading
    squared: omega, as the model implies it, of the sum of the *standardised* items.

    For ordinal items the loadings are those of the latent responses, and so is what is shared:
    semTools::AVE does the same. For continuous items it weighs every item by its variance, and
    gives these numbers for a model of standardised items.

    Notes
    -----
    One item: ``too_few_items``. A loading that is not there: ``not_identified``; beyond 1:
    ``heywood``. Items that load against each other keep both numbers, the second that of the sum
    as it is scored, with the note ``negative_loading``.

    References
    ----------
    Fornell & Larcker (1981), J. Mark. Res. 18, 39-50.
    """
    loadings, cluster = np.asarray(loadings, dtype=float), np.asarray(cluster)
    rows = []
    for name in pd.unique(cluster):
        own = loadings[cluster == name]
        note = _why_not(own)
        extracted = reliability = np.nan
        if not note:
            squares = np.square(own)
            extracted = squares.mean()
            common = own.sum() ** 2
            reliability = common / (common + np.sum(1 - squares))
            note = NEGATIVE_LOADING if own.min() < 0 < own.max() else ""
        rows.append((name, extracted, reliability, len(own), note))
    columns = ["cluster", "average_variance_extracted", "composite_reliability", "n_items", "note"]
    return pd.DataFrame(rows, columns=columns)


def _why_not(loadings: np.ndarray) -> str:
    if len(loadings) < 2:
        return TOO_FEW_ITEMS
    if not np.isfinite(loadings).all():
        return NOT_IDENTIFIED
    if (np.abs(loadings) > 1).any():
        return HEYWOOD
    return "" if loadings.any() else NO_VARIATION


def heterotrait_monotrait(
    correlations: np.ndarray, cluster: np.ndarray, *, mean: Mean = "arithmetic"
) -> pd.DataFrame:
    """Heterotrait-monotrait ratio of every two clusters of items; one row a pair.

    Mean absolute correlation between items of the two clusters, over the geometric mean of the
    two mean absolute correlations within: an estimate of the factors' correlation that needs no
    model. Near 1 the two are one thing; above 1 is possible. ``cluster`` names the cluster of
    every item; pairs in order of first appearance. Absolute values, so turning items round
    changes nothing.

    Parameters
    ----------
    mean
        "arithmetic": HTMT of 2015. "geometric": HTMT2, right also where the loadings of a factor
        differ, and the default of semTools::htmt; one correlation of zero makes the mean zero.

    Notes
    -----
    A cluster of one item has no correlation within: ``too_few_items``; a correlation that is not
    there: ``not_identified``; no correlation at all within a cluster: ``no_variation``.

    References
    ----------
    Henseler, Ringle & Sarstedt (2015), J. Acad. Mark. Sci. 43, 115-135 (absolute values as in
    semTools); Roemer, Schuberth & Henseler (2021), Ind. Manag. Data Syst. 121, 2637-2650.
    """
    require_choice("mean", mean, MEANS)
    correlations, cluster = np.abs(np.asarray(correlations, dtype=float)), np.asarray(cluster)
    members = {name: np.flatnonzero(cluster == name) for name in pd.unique(cluster)}
    within = {
        name: _mean(correlations[np.ix_(of, of)][np.triu_indices(len(of), k=1)], mean)
        for name, of in members.items()
    }
    rows = []
    for first, second in combinations(members, 2):
        between = _mean(correlations[np.ix_(members[first], members[second])], mean)
        inside = np.sqrt(within[first] * within[second])
        if min(len(members[first]), len(members[second])) < 2:
            note = TOO_FEW_ITEMS
        elif not np.isfinite(between * inside):
            note = NOT_IDENTIFIED
        else:
            note = "" if inside > 0 else NO_VARIATION
        rows.append((first, second, np.nan if note else between / inside, note))
    return pd.DataFrame(rows, columns=["first", "second", "estimate", "note"])


def _mean(values: np.ndarray, mean: Mean) -> float:
    """Return the mean; NaN of nothing, and the geometric one 0 where a value is 0."""
    if values.size == 0:
        return np.nan
    if mean == "arithmetic":
        return float(np.mean(values))
    if (values == 0).any() and np.isfinite(values).all():
        return 0.0
    return float(np.exp(np.mean(np.log(values))))
