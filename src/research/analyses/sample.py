"""Who answered?"""

import numpy as np
import pandas as pd

from research.analyses.release import release_respondents
from research.disclosure import rules
from research.stats.estimates import join_results, result_table
from research.study.answers import Answers


def organisation_codes(answers: Answers) -> dict[str, str]:
    """Code per organisation (O01, O02, ...), in an order drawn from the study's seed.

    Alphabetical codes would give the names back.
    """
    ids = answers.organisation_ids
    order = np.random.default_rng([answers.study.seed, 7]).permutation(len(ids))
    width = max(2, len(str(len(ids))))
    return {ids[place]: f"O{rank + 1:0{width}d}" for rank, place in enumerate(order)}


def who_answered(answers: Answers) -> pd.DataFrame:
    """Number of respondents per role, and per organisation and role in bands.

    One row a count: ``respondents`` (a role in the whole study, with the number of
    organisations) and ``respondents_in_organisation`` (organisation_id holds the code).
    """
    totals, cells = [], []
    codes = organisation_codes(answers)
    for role in answers.study.role_ids:
        members = answers.people.loc[answers.is_role(role), "organisation_id"]
        keys = {"analysis": "sample", "role": role}
        totals.append(
            keys
            | {
                "estimate_type": "respondents",
                "estimate": len(members),
                "n_a": len(members),
                "n_clusters": members.nunique(),
            }
        )
        counts = members.value_counts()
        for organisation_id, code in sorted(codes.items(), key=lambda pair: pair[1]):
            count = int(counts.get(organisation_id, 0))
            cells.append(
                keys
                | {
                    "organisation_id": code,
                    "estimate_type": "respondents_in_organisation",
                    "estimate": count,
                    "n_a": count,
                }
            )
    privacy = answers.study.privacy
    totals_table = release_respondents(result_table(totals), answers)
    if len(codes) < 2:
        return totals_table
    return join_results([totals_table, rules.band_counts(result_table(cells), privacy)])
