"""How coarsely must this study be told? Decided once, when it is built, for all of its pages."""

import pandas as pd

from research.disclosure.coarseness import Coarseness, coarseness_of
from research.stats.estimates import result_table
from research.study.answers import Answers

ANALYSIS = "telling"
YES, NO = "yes", "no"


def telling(answers: Answers) -> pd.DataFrame:
    """How numbers are told so that none that is withheld can be worked out; no number in it.

    One row a decision, as the verdict. Per role ``told_counts`` (exact, fives or bands: numbers
    of people on organisation pages), ``told_means`` and ``told_shares`` over all organisations
    (usual or tenths); once ``told_overall`` and ``told_flow`` (yes or no).
    """
    coarse = _decided(answers)
    rows = [
        {"role": role, "estimate_type": f"told_{kind}", "verdict": verdict}
        for role in answers.study.role_ids
        for kind, verdict in (
            ("counts", coarse.rung(role)),
            ("means", "tenths" if role in coarse.means else "usual"),
            ("shares", "tenths" if role in coarse.shares else "usual"),
        )
    ]
    rows += [
        {"estimate_type": f"told_{kind}", "verdict": YES if told else NO}
        for kind, told in (("overall", coarse.overall), ("flow", coarse.flow))
    ]
    return result_table(rows, analysis=ANALYSIS)


def told_as(answers: Answers) -> Coarseness:
    """How coarsely the study is told that these answers were taken from; as built, if it was."""
    everybody = answers.everybody or answers
    rows = everybody.as_built(ANALYSIS)
    if rows is None or rows.empty:
        return _decided(everybody)
    verdicts = rows.set_index(["estimate_type", "role"])["verdict"]
    roles = everybody.study.role_ids
    return Coarseness(
        counts=tuple((role, verdicts["told_counts", role]) for role in roles),
        means=frozenset(role for role in roles if verdicts["told_means", role] == "tenths"),
        shares=frozenset(role for role in roles if verdicts["told_shares", role] == "tenths"),
        overall=verdicts["told_overall", ""] == YES,
        flow=verdicts["told_flow", ""] == YES,
    )


def _decided(answers: Answers) -> Coarseness:
    scale = answers.instrument.scale
    ends = (float(scale.low), float(scale.high))
    return coarseness_of(answers.cells, answers.study.privacy, ends)
