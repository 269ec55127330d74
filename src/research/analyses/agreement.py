"""Do the people of one organisation agree, so that their mean speaks for them?"""

import numpy as np
import pandas as pd

from research.analyses.gap import scope_of
from research.analyses.release import release
from research.disclosure import rules
from research.stats.agreement import within_groups
from research.stats.agreement.aggregation import people_agree
from research.stats.estimates import result_table
from research.study.answers import Answers


def agreement_within(answers: Answers) -> pd.DataFrame:
    """Whether the people of a role agree on a cluster; one row a role and cluster.

    No number, only the verdict: *agree* where r_wg(j) is at least .70 and the average deviation
    at most a sixth of the answer options, else *differ*. The measures themselves would give the
    spread of few people's answers away, so even the verdict needs as many people as a spread.
    From respondents who answered every activity of the cluster.
    """
    n_levels = len(answers.instrument.scale.points)
    rows = []
    for role in answers.roles_present:
        chosen = answers.is_role(role)
        for cluster_id in answers.instrument.cluster_ids:
            own = answers.instrument.activities_of(cluster_id)
            values = answers.activities.loc[chosen, own].to_numpy()
            n = int((~np.isnan(values).any(axis=1)).sum())
            enough = n >= answers.study.privacy.minimum_n_distribution
            rows.append(
                {
                    "role": role,
                    "cluster_id": cluster_id,
                    "n_a": n,
                    "verdict": _verdict(values, n_levels) if enough else "",
                    "note": "" if enough else rules.SUPPRESSED,
                }
            )
    table = result_table(
        rows,
        analysis="agreement",
        organisation_id=scope_of(answers),
        estimate_type="agreement_within",
        test="rwg_j_and_average_deviation",
    )
    return release(table, answers)


def _verdict(values: np.ndarray, n_levels: int) -> str:
    everybody = np.zeros(len(values), dtype=int)
    verdicts = people_agree(
        within_groups.rwg_j(values, everybody, n_levels=n_levels),
        within_groups.average_deviation_j(values, everybody),
        n_levels=n_levels,
    )
    return str(verdicts[0])
