"""All results of a report at once, in the order of its sections."""

import pandas as pd

from research.analyses import (
    agreement,
    answering,
    answers_given,
    comparability,
    context,
    dimensions,
    gap,
    highlights,
    items,
    missing,
    order,
    organisations,
    other_methods,
    power_use,
    reliability,
    sample,
    sensitivity,
    simulated,
    value,
)
from research.stats.estimates import join_results, page_results
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
        answers_given.answers_given(answers),
        gap_results(answers, **options),
        other_methods.other_methods(answers, level="clusters", **options),
        *_beside_gaps(answers, options),
        sensitivity.others_as_built(answers),
        comparability.as_built(answers),
        items.instead_of_steps(answers, **options),
        simulated.measured_stops(answers),
        dimensions.four_factors(answers, **options),
    ]
    if answers.study.power_cluster is not None:
        tables += _power_tables(answers, options)
    tables.append(simulated.measured_for(answers, **options))
    tables.append(organisations.across_organisations(answers, **options))
    return page_results(tables)


def _power_tables(answers: Answers, options: dict) -> list[pd.DataFrame]:
    return [
        power_use.power_against_the_rest(answers, **options),
        power_use.power_by_other_methods(answers, **options),
    ]


def comparison_results(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Differences between the roles, the same by other methods, and the order of activities."""
    options = {"confidence_level": confidence_level}
    return page_results([gap_results(answers, **options), *_beside_gaps(answers, options)])


def _beside_gaps(answers: Answers, options: dict) -> list[pd.DataFrame]:
    return [
        other_methods.other_methods(answers, level="activities", **options),
        order.order_of_activities(answers, **options),
    ]


def gap_results(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Differences between the roles on every cluster and every activity."""
    return join_results(
        gap.role_gaps(answers, level=level, confidence_level=confidence_level)
        for level in ("clusters", "activities")
    )


def power_results(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Power against the other clusters, with the differences on every cluster beside it."""
    options = {"confidence_level": confidence_level}
    return page_results(
        [
            *_power_tables(answers, options),
            gap.role_gaps(answers, level="clusters", **options),
        ]
    )


def organisation_results(
    answers: Answers, organisation_id: str, *, confidence_level: float = 0.95
) -> pd.DataFrame:
    """Every result of one organisation's report; its figures come from its own people.

    Of the whole study are the verdicts on comparing the roles and the range in which the other
    organisations lie.
    """
    own = answers.of_organisation(organisation_id)
    options = {"confidence_level": confidence_level}
    figures = join_results(
        [
            sample.who_answered(own).assign(organisation_id=organisation_id),
            value.value_of_activities(own, **options),
            gap_results(own, **options),
            agreement.agreement_within(own),
        ]
    )
    figures = join_results([figures, context.among_others(answers, organisation_id, figures)])
    chosen = highlights.highlights(figures, midpoint=answers.instrument.scale.midpoint)
    return page_results([figures, chosen, comparability.in_short(answers)])


def measurement_results(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Everything on adding answers up and on comparing the roles, with who answered."""
    options = {"confidence_level": confidence_level}
    return page_results(
        [
            sample.who_answered(answers),
            gap.role_gaps(answers, level="clusters", **options),
            comparability.as_built(answers),
            comparability.as_built(answers, analysis="waves"),
            simulated.measured_stops(answers),
            reliability.reliability(answers, **options),
            reliability.item_reliability(answers, **options),
            dimensions.dimensions(answers, **options),
            items.measurement_of_items(answers, **options),
            items.differential_functioning(answers, **options),
            items.information(answers, **options),
        ]
    )


def quality_results(
    answers: Answers, flags: pd.DataFrame, *, confidence_level: float = 0.95
) -> pd.DataFrame:
    """Everything on whether the answers can be used, with the headline differences once more."""
    options = {"confidence_level": confidence_level}
    tables = [
        sample.who_answered(answers),
        answering.answering(answers, flags),
        missing.missingness(answers, **options),
        gap.role_gaps(answers, level="clusters", **options),
    ]
    if answers.study.power_cluster is not None:
        tables.append(power_use.power_against_the_rest(answers, **options))
    return page_results([*tables, sensitivity.others_as_built(answers)])


def across_results(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """How much organisations differ, with who answered."""
    return page_results(
        [
            sample.who_answered(answers),
            organisations.across_organisations(answers, confidence_level=confidence_level),
        ]
    )


def overview_results(answers: Answers) -> pd.DataFrame:
    """Who answered."""
    return page_results([sample.who_answered(answers)])


def value_results(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Which activities are valued, by whom."""
    return page_results([value.value_of_activities(answers, confidence_level=confidence_level)])
