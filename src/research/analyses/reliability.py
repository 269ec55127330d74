"""Do the activities of one cluster belong together?"""

import pandas as pd

from research.analyses.gap import scope_of
from research.analyses.release import release
from research.stats.estimates import join_results, result_table
from research.stats.reliability import cronbach_alpha
from research.study.answers import Answers


def reliability(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Cronbach's alpha with Feldt's interval per role and cluster; one row each.

    From respondents who answered every activity of the cluster; ``n_dropped`` counts the others.
    """
    tables = []
    for role in answers.roles_present:
        chosen = answers.is_role(role)
        for cluster_id in answers.instrument.cluster_ids:
            items = answers.activities.loc[chosen, answers.instrument.activities_of(cluster_id)]
            found = cronbach_alpha(items.to_numpy(), confidence_level=confidence_level)
            tables.append(
                result_table(
                    found.rename(columns={"n_complete": "n_a"}).drop(columns="n_items"),
                    analysis="reliability",
                    organisation_id=scope_of(answers),
                    role=role,
                    cluster_id=cluster_id,
                    estimate_type="cronbach_alpha",
                    test="feldt",
                )
            )
    return release(join_results(tables), answers)
