"""Where does one organisation stand among the others? A band without names."""

import numpy as np
import pandas as pd

from research.analyses.gap import keys_of
from research.analyses.release import release_without_counts
from research.disclosure import rules
from research.stats.cells import Cells, sum_cells
from research.stats.estimates import join_results, result_table
from research.study.answers import Answers

QUARTILES = (0.25, 0.75)
BAND_STEPS = 10  # to a scale point: limits are told on this grid, rounded outwards
NOISE = 1e-9  # of the sum of a mean
# Where the released figure of this organisation lies, with its whole interval.
ABOVE, BELOW, NOT_OUTSIDE = "above_others", "below_others", "not_outside_others"


def among_others(answers: Answers, organisation_id: str, own: pd.DataFrame) -> pd.DataFrame:
    """Where the middle half of the other organisations lies, on every cluster; released.

    One row a ``band_of_others``: per role for its mean, and for the difference between the roles.
    ``ci_low`` and ``ci_high`` are the quartiles over the other organisations, each counted once,
    rounded outwards to a tenth of a scale point; ``n_clusters`` is their number, people are told
    in whole fifties. Only organisations with as many people as may be shown count, so a band says
    nothing of those that are withheld; with fewer than five there is none, for two of them could
    work out the rest. ``own`` are the released results of this organisation: ``verdict`` compares
    their interval with the band, "" where no interval is shown, and what is withheld there has no
    row here. No rows without other organisations.
    """
    table = answers.clusters
    cells = sum_cells(table.to_numpy(), answers.is_first_role, answers.organisation)
    others = cells.clusters != organisation_id
    if not others.any():
        return result_table([])
    minimum = answers.study.privacy.shown_from
    enough = (cells.n >= minimum) & others[None, :, None]
    keys = {"organisation_id": organisation_id, **keys_of(answers, table, "clusters")}
    bands = [
        _bands(cells.mean[place], enough[place], cells, (place,)).assign(role=role, **keys)
        for place, role in enumerate(answers.study.role_ids)
        if role in answers.roles_present
    ]
    if answers.has_two_roles:
        gap = cells.mean[0] - cells.mean[1]
        gaps = _bands(gap, enough.all(axis=0), cells, (0, 1))
        bands.append(gaps.assign(contrast=answers.study.contrast, **keys))
    found = result_table(
        join_results(map(result_table, bands)),
        analysis="context",
        estimate_type="band_of_others",
        test="quartiles_of_organisations",
    )
    found = _judged(found, own)
    released = release_without_counts(found, answers)
    return rules.withhold_few_to_compare(released, found["n_clusters"])


def _bands(values: np.ndarray, used: np.ndarray, cells: Cells, roles: tuple) -> pd.DataFrame:
    """Return quartiles per column of ``values`` (one row an organisation), outwards on the grid."""
    rows = []
    for column, chosen in enumerate(used.T):
        low, high = (
            np.quantile(values[chosen, column], QUARTILES) if chosen.any() else (np.nan, np.nan)
        )
        people = [cells.n[role, chosen, column].sum() for role in roles]
        rows.append(
            {
                "ci_low": np.floor(low * BAND_STEPS + NOISE) / BAND_STEPS,
                "ci_high": np.ceil(high * BAND_STEPS - NOISE) / BAND_STEPS,
                "n_a": people[0],
                "n_b": people[1] if len(people) == 2 else np.nan,
                "n_clusters": chosen.sum(),
            }
        )
    return pd.DataFrame(rows)


def _judged(bands: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """Bands of figures that the organisation itself is shown, with where it lies."""
    same = ["cluster_id", "role", "contrast"]
    figures = own[
        (own["analysis"] == "gap")
        & (own["activity_id"] == "")
        & own["estimate_type"].isin(("mean", "mean_difference"))
        & own["estimate"].notna()
    ]
    found = bands.merge(figures[[*same, "ci_low", "ci_high"]], on=same, suffixes=("", "_own"))
    verdict = np.select(
        [
            found[["ci_low_own", "ci_high_own"]].isna().any(axis=1),
            found["ci_low_own"] > found["ci_high"],
            found["ci_high_own"] < found["ci_low"],
        ],
        ["", ABOVE, BELOW],
        NOT_OUTSIDE,
    )
    return found.assign(verdict=verdict)[list(bands.columns)]
