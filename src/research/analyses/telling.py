"""How coarsely must this study be told? Decided once, when it is built, for all of its pages."""

import pandas as pd

from research.disclosure.coarseness import Coarseness, coarseness_of
from research.stats.estimates import result_table
from research.study.answers import Answers

ANALYSIS = "telling"
YES, NO = "yes", "no"
WITHHELD = "withheld"
HIDDEN = "told_question"


def telling(answers: Answers) -> pd.DataFrame:
    """How numbers are told so that none that is withheld can be worked out; no number in it.

    One row a decision, as the verdict. Per role ``told_counts`` (exact, fives or bands: numbers
    of people on organisation pages), ``told_means`` and ``told_shares`` over all organisations
    (usual or tenths, shares also withheld); once ``told_overall`` and ``told_flow`` (yes or no);
    ``told_question`` per role and question of which nothing over all organisations is told.
    """
    coarse = _decided(answers)
    rows = [
        {"role": role, "estimate_type": f"told_{kind}", "verdict": verdict}
        for role in answers.study.role_ids
        for kind, verdict in (
            ("counts", coarse.rung(role)),
            ("means", "tenths" if role in coarse.means else "usual"),
            ("shares", _of_shares(role, coarse)),
        )
    ]
    rows += [
        {"estimate_type": f"told_{kind}", "verdict": YES if told else NO}
        for kind, told in (("overall", coarse.overall), ("flow", coarse.flow))
    ]
    rows += [
        {"estimate_type": HIDDEN, "role": role, "cluster_id": cluster, "activity_id": activity}
        | {"verdict": WITHHELD}
        for role, cluster, activity in sorted(coarse.hidden)
    ]
    return result_table(rows, analysis=ANALYSIS)


def told_as(answers: Answers) -> Coarseness:
    """How coarsely the study is told that these answers were taken from; as built, if it was."""
    everybody = answers.everybody or answers
    rows = everybody.as_built(ANALYSIS)
    if rows is None or rows.empty:
        return _decided(everybody)
    hidden = rows.loc[rows["estimate_type"] == HIDDEN, ["role", "cluster_id", "activity_id"]]
    rows = rows[rows["estimate_type"] != HIDDEN]
    verdicts = rows.set_index(["estimate_type", "role"])["verdict"]
    roles = everybody.study.role_ids
    return Coarseness(
        counts=tuple((role, verdicts["told_counts", role]) for role in roles),
        means=frozenset(role for role in roles if verdicts["told_means", role] == "tenths"),
        shares=frozenset(role for role in roles if verdicts["told_shares", role] == "tenths"),
        no_shares=frozenset(role for role in roles if verdicts["told_shares", role] == WITHHELD),
        overall=verdicts["told_overall", ""] == YES,
        flow=verdicts["told_flow", ""] == YES,
        hidden=frozenset(map(tuple, hidden.to_numpy().tolist())),
    )


def _of_shares(role: str, coarse: Coarseness) -> str:
    if role in coarse.no_shares:
        return WITHHELD
    return "tenths" if role in coarse.shares else "usual"


def _decided(answers: Answers) -> Coarseness:
    scale = answers.instrument.scale
    ends = (float(scale.low), float(scale.high))
    return coarseness_of(answers.cells, answers.study.privacy, ends)
