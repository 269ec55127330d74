"""What did people answer? Shares of every answer, per role, activity and cluster."""

import numpy as np
import pandas as pd

from research.analyses.release import release, told_as
from research.disclosure import rules
from research.stats.estimates import join_results, result_table
from research.study.answers import Answers

# Shares are told in whole per cents, or in fives where means or shares of the role are told
# coarsely: exact ones would give the exact mean back, and with it a withheld organisation's.
STEPS, COARSE_STEPS = 100, 20
IN_FIVES = "in_fives"


def answers_given(answers: Answers) -> pd.DataFrame:
    """Share of each answer on the scale, per role; one row an estimate, between 0 and 1.

    ``answer_share``: ``statistic`` is the answer; of an activity a share of the people who
    answered it, of a cluster a share of all answers to its activities, ``n_a`` the people who
    gave them. Rounded to whole per cents that add up to 100, or to fives (``test`` says so).
    ``share_missing``: per activity, of all people of the role, those without an answer on the
    scale (none, or *don't know*). A distribution from fewer than twenty people is withheld; from
    fewer than fifty also where some answer was given by at most a tenth, because what a masked
    share hides would follow from the other shares of its row.
    """
    coarse = told_as(answers)
    tables = []
    for role in answers.roles_present:
        given = answers.activities[answers.is_role(role)]
        steps = COARSE_STEPS if role in coarse.means | coarse.shares else STEPS
        for cluster_id in answers.instrument.cluster_ids:
            own = answers.instrument.activities_of(cluster_id)
            keys = {"analysis": "answers", "role": role, "cluster_id": cluster_id}
            for names, activity_id in [(own, ""), *(([name], name) for name in own)]:
                shares = _shares(given[names].to_numpy(), answers, steps)
                tables.append(result_table(shares, activity_id=activity_id, **keys))
            missing = given[own].isna().mean().to_numpy()
            rows = pd.DataFrame({"activity_id": own, "estimate": missing, "n_a": len(given)})
            tables.append(result_table(rows, estimate_type="share_missing", **keys))
    return release(join_results(tables), answers)


def _shares(given: np.ndarray, answers: Answers, steps: int) -> pd.DataFrame:
    """Return the share of each point of the scale among all answers of a matrix."""
    points = np.array(answers.instrument.scale.points, dtype=float)
    counts = (given[:, :, None] == points).sum(axis=(0, 1))
    shares = counts / max(counts.sum(), 1)
    n = int((~np.isnan(given)).any(axis=1).sum())
    few = n < answers.study.privacy.minimum_n_extreme_share
    extreme = few and bool((shares <= rules.EXTREME_SHARE).any())
    return pd.DataFrame(
        {
            "estimate_type": "answer_share",
            "statistic": points,
            "estimate": shares_in_steps(shares, steps),
            "n_a": n,
            "test": IN_FIVES if steps == COARSE_STEPS else "",
            "note": rules.SUPPRESSED if extreme else "",
        }
    )


def shares_in_steps(shares: np.ndarray, steps: int) -> np.ndarray:
    """Shares as multiples of 1 / ``steps`` that still add up to 1 (largest remainders first)."""
    parts = shares * steps
    whole = np.floor(parts + 1e-9)
    left = int(np.rint(shares.sum() * steps - whole.sum()))
    whole[np.argsort(whole - parts, kind="stable")[:left]] += 1
    return whole / steps
