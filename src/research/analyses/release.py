"""The gate every result passes on its way out of this room."""

import numpy as np
import pandas as pd

from research.analyses.telling import told_as
from research.disclosure import rules
from research.disclosure.complementary import coarsen_counts, coarsen_overall, tell_respondents
from research.study.answers import Answers

COUNT_STEP = 50


def release(results: pd.DataFrame, answers: Answers) -> pd.DataFrame:
    """Results with everything withheld that may not be shown; same rows as given.

    Thresholds per row, for figures over several organisations the rule on how many there must
    be, and what must be rounded or withheld for the sake of other organisations' numbers. Rows of
    an organisation's own report concern one organisation only.
    """
    scale = answers.instrument.scale
    results = rules.mask_extreme_means(
        rules.protect(results, answers.study.privacy),
        low=scale.low,
        high=scale.high,
        midpoint=scale.midpoint,
        privacy=answers.study.privacy,
    )
    roles = answers.people["role"].to_numpy(dtype=object)
    if not rules.overall_allowed(answers.organisation, roles, answers.study.privacy):
        everything = pd.Series(True, index=results.index)
        return rules.withhold(results, everything, rules.SUPPRESSED_ORGANISATIONS)
    coarse = told_as(answers)
    if answers.spans_organisations:
        return coarsen_overall(results, coarse)
    return coarsen_counts(results, coarse, answers.study.role_ids)


def release_respondents(counts: pd.DataFrame, answers: Answers) -> pd.DataFrame:
    """Numbers of respondents per role with everything withheld that may not be told."""
    protected = rules.protect(counts, answers.study.privacy)
    organisation = answers.everybody is not None
    return tell_respondents(protected, told_as(answers), organisation=organisation)


def release_without_counts(results: pd.DataFrame, answers: Answers) -> pd.DataFrame:
    """Released results with the numbers of people afterwards rounded down to whole fifties.

    For figures that leave out organisations with few people: beside the counts of the whole study
    theirs would tell by subtraction how many answered in those organisations. Under fifty there is
    none.
    """
    released = release(results, answers)
    for column in ("n_a", "n_b"):
        coarse = np.floor(released[column] / COUNT_STEP) * COUNT_STEP
        released[column] = coarse.where(coarse > 0)
    released["n_dropped"] = np.nan
    return released
