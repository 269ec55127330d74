"""Do customers value the use of power more, beyond answering everything higher?"""

import pandas as pd

from research.analyses.gap import judged_difference, primary_difference, scope_of
from research.analyses.release import release
from research.errors import InputError
from research.stats.estimates import result_table
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
    others = [c for c in answers.instrument.cluster_ids if c != study.power_cluster]
    if not answers.has_two_roles or not others:
        return result_table([])
    scores = answers.clusters
    contrast = scores[study.power_cluster] - scores[others].mean(axis=1, skipna=False)
    found = primary_difference(
        answers, contrast.to_numpy()[:, None], confidence_level=confidence_level
    )
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
