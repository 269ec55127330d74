"""Can the answers be used? How much is missing, and how many people look careless."""

import pandas as pd

from research.analyses.gap import keys_of, scope_of
from research.analyses.release import release
from research.stats.estimates import join_results, result_table
from research.study.answers import Answers


def answering(answers: Answers, flags: pd.DataFrame) -> pd.DataFrame:
    """Share missing per role and activity, and people flagged as possibly careless.

    One row an estimate: ``share_missing`` (no answer or *don't know*) and ``flagged`` (a count;
    withheld when it is small, for a few flagged people are easily recognised). ``flags`` has one
    row a respondent with a true-or-false column ``flagged``.
    """
    flagged = set(flags.loc[flags["flagged"], "respondent_id"])
    tables = []
    for role in answers.roles_present:
        chosen = answers.is_role(role)
        missing = answers.activities[chosen].isna()
        keys = {"analysis": "answering", "organisation_id": scope_of(answers), "role": role}
        tables.append(
            result_table(
                pd.DataFrame({"estimate": missing.mean().to_numpy(), "n_a": len(missing)}),
                estimate_type="share_missing",
                **keys,
                **keys_of(answers, answers.activities, "activities"),
            )
        )
    count = int(answers.people["respondent_id"].isin(flagged).sum())
    # Its own size is what must not be small, so it stands as n as well. Over both roles at once:
    # a count per role would follow from the total in the trust box.
    total = {"analysis": "answering", "estimate_type": "flagged", "estimate": count, "n_a": count}
    return release(join_results([*tables, result_table([total])]), answers)
