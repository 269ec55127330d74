"""All results of a report at once, in the order of its sections."""

import pandas as pd

from research.analyses import gap, power_use, reliability, sample, value
from research.stats.estimates import join_results
from research.study.answers import Answers


def study_results(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Every result of the study report; one row an estimate, protected.

    With too few organisations for figures over all of them every number but the counts is
    withheld.
    """
    options = {"confidence_level": confidence_level}
    tables = [
        sample.who_answered(answers),
        value.value_of_activities(answers, **options),
        reliability.reliability(answers, **options),
        gap_results(answers, **options),
    ]
    if answers.study.power_cluster is not None:
        tables.append(power_use.power_against_the_rest(answers, **options))
    return join_results(tables)


def gap_results(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Differences between the roles on every cluster and every activity."""
    return join_results(
        gap.role_gaps(answers, level=level, confidence_level=confidence_level)
        for level in ("clusters", "activities")
    )


def power_results(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Power against the other clusters, with the differences on every cluster beside it."""
    options = {"confidence_level": confidence_level}
    return join_results(
        [
            power_use.power_against_the_rest(answers, **options),
            gap.role_gaps(answers, level="clusters", **options),
        ]
    )


def organisation_results(
    answers: Answers, organisation_id: str, *, confidence_level: float = 0.95
) -> pd.DataFrame:
    """Every result of one organisation's report; only that organisation's people go in."""
    own = answers.of_organisation(organisation_id)
    options = {"confidence_level": confidence_level}
    return join_results(
        [
            sample.who_answered(own).assign(organisation_id=organisation_id),
            value.value_of_activities(own, **options),
            gap_results(own, **options),
        ]
    )
