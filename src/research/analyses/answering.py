"""Can the answers be used? How much is missing, and how many people look careless."""

import pandas as pd

from research.analyses.gap import keys_of, scope_of
from research.analyses.release import release
from research.stats.estimates import join_results, result_table
from research.study.answers import Answers


def answering(answers: Answers, flags: pd.DataFrame) -> pd.DataFrame:
    """Share missing per role and activity, and how many people show which sign of carelessness.

    One row an estimate: ``share_missing`` (no answer or *don't know*), ``flagged`` (who looks
    careless by the rule that joins the signs) and ``sign`` (one of the signs, named in ``test``);
    the counts are withheld when small, for a few flagged people are easily recognised. ``flags``
    has one row a respondent and wave with a true-or-false column ``flagged`` and ``reasons``
    joined by semicolons.
    """
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
    key = ["respondent_id", "wave"]
    here = pd.MultiIndex.from_frame(flags[key]).isin(pd.MultiIndex.from_frame(answers.people[key]))
    signs = flags.loc[here, "reasons"].str.split(";").explode()
    counts = signs[signs != ""].value_counts().sort_index()
    rows = [("flagged", "", int(flags.loc[here, "flagged"].sum()))]
    rows += [("sign", name, int(count)) for name, count in counts.items()]
    # Its own size is what must not be small, so it stands as n as well. Over both roles at once:
    # a count per role would follow from the total in the trust box.
    counted = pd.DataFrame(rows, columns=["estimate_type", "test", "estimate"])
    tables.append(result_table(counted.assign(n_a=counted["estimate"]), analysis="answering"))
    return release(join_results(tables), answers)
