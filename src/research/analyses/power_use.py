"""Do customers value the use of power more, beyond answering everything higher?"""

import numpy as np
import pandas as pd

from research.analyses.gap import judged_difference, primary_difference, scope_of
from research.analyses.organisations import pooled_over_organisations
from research.analyses.other_methods import compared_by_methods
from research.analyses.release import release
from research.errors import InputError
from research.stats.estimates import join_results, result_table
from research.study.answers import Answers


def power_against_the_rest(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Gap on the power cluster minus the mean gap on the other clusters; one row or none.

    Computed per person: score on power minus the mean of the other cluster scores, then compared
    between the roles with the study's primary test. Who answers everything higher drops out. A
    person without a score on every cluster is left out. One planned comparison, so p is not
    adjusted. No row with one role or one cluster.
    """
    study = answers.study
    if study.power_cluster is None:
        raise InputError(
            "This study names no power cluster. Add `power_cluster: <cluster id>` to study.yaml."
        )
    contrast = power_contrast(answers)
    if not answers.has_two_roles or contrast is None:
        return result_table([])
    found = primary_difference(answers, contrast, confidence_level=confidence_level)
    judged, _ = judged_difference(found, study.margin, "none", confidence_level=confidence_level)
    table = result_table(
        judged.drop(columns="standard_error"),
        analysis="power_use",
        organisation_id=scope_of(answers),
        cluster_id=study.power_cluster,
        contrast=study.contrast,
        estimate_type="mean_difference",
        family="planned: 1 test",
    )
    return release(table, answers)


def power_contrast(answers: Answers) -> np.ndarray | None:
    """Score on power minus the mean of the other cluster scores, per person; None without others.

    A matrix of one column. NaN for who has no score on every cluster.
    """
    power = answers.study.power_cluster
    others = [c for c in answers.instrument.cluster_ids if c != power]
    if not others:
        return None
    scores = answers.clusters
    contrast = scores[power] - scores[others].mean(axis=1, skipna=False)
    return contrast.to_numpy()[:, None]


def power_by_other_methods(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """The same contrast by other methods, and how much it differs between organisations.

    Rows as of ``other_methods`` and, with several organisations, ``pooled_gap``, ``gap_spread``
    and ``predicted_gap``. No row where there is no contrast.
    """
    contrast = power_contrast(answers)
    if not answers.has_two_roles or contrast is None:
        return result_table([])
    keys = {"analysis": "power_methods", "cluster_id": answers.study.power_cluster}
    tables = [
        compared_by_methods(
            answers,
            contrast,
            keys,
            family="planned",
            method="none",
            confidence_level=confidence_level,
        )
    ]
    if answers.spans_organisations:
        tables.append(
            pooled_over_organisations(answers, contrast, keys, confidence_level=confidence_level)
        )
    return join_results(tables)
