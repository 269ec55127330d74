"""Do other methods come to the same decision on the differences?"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from research.analyses.gap import Level, keys_of, scope_of
from research.analyses.release import release, release_without_counts
from research.disclosure import rules
from research.stats import bayes, mixed, ordinal, pooling
from research.stats.estimates import contract_part, join_results, result_table
from research.stats.multiplicity import adjust_p_values
from research.study.answers import Answers


def other_methods(
    answers: Answers, *, level: Level, confidence_level: float = 0.95
) -> pd.DataFrame:
    """The same differences by other methods, p adjusted in the family as in the primary test.

    One row an estimate: ``mean_difference_organisations`` (t-test with one value an organisation),
    ``mean_difference_mixed`` (linear mixed model whose gap varies between organisations), for
    activities ``odds_ratio`` (of a higher answer, cumulative-link model, with an organisation
    intercept where there are several) and ``bayes_factor`` (JZS, people as independent).
    Differences of groups below the privacy minimum are not computed. No rows with one role.
    """
    table = answers.activities if level == "activities" else answers.clusters
    keys = {"analysis": "other_methods", **keys_of(answers, table, level)}
    return compared_by_methods(
        answers,
        table.to_numpy(),
        keys,
        family=level,
        method=getattr(answers.study.families, level),
        confidence_level=confidence_level,
    )


def compared_by_methods(
    answers: Answers,
    values: np.ndarray,
    keys: dict,
    *,
    family: str,
    method: str,
    confidence_level: float,
) -> pd.DataFrame:
    """Differences of the columns of ``values`` by every other method, released.

    ``family`` names what the p-values are adjusted over; "activities" are answers on the response
    scale, which alone can be taken as ordered categories.
    """
    if not answers.has_two_roles:
        return result_table([])
    keys = {"organisation_id": scope_of(answers), "contrast": answers.study.contrast, **keys}
    tables = []
    looks = _looks(answers, values, family == "activities", confidence_level)
    for estimate_type, test, found in looks:
        found = _not_from_few(found, answers)
        if "p_value" in found:
            found["p_adjusted"] = adjust_p_values(found["p_value"], method=method)
            found["adjust_method"] = method
            found["family"] = f"{family}: {found['p_value'].notna().sum()} tests"
        results = result_table(found, estimate_type=estimate_type, test=test, **keys)
        if test == "t_over_organisations":  # leaves out organisations with few people
            released = release_without_counts(results, answers)
            tables.append(rules.withhold_few_to_compare(released, results["n_clusters"]))
        else:
            tables.append(release(results, answers))
    return join_results(tables)


def _looks(
    answers: Answers, values: np.ndarray, ordered: bool, confidence_level: float
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """Yield kind of estimate, test and table; one row a column of ``values``."""
    first, organisation = answers.is_first_role, answers.organisation
    options = {"confidence_level": confidence_level}
    if answers.spans_organisations:
        yield (
            "mean_difference_organisations",
            "t_over_organisations",
            pooling.organisation_level_test(
                values,
                first,
                organisation,
                minimum_n=answers.study.privacy.shown_from,
                **options,
            ),
        )
        yield (
            "mean_difference_mixed",
            "mixed_model_t",
            mixed.mixed_difference(values, first, organisation, random="slope", **options),
        )
    if ordered and answers.spans_organisations:
        found = ordinal.cumulative_link_mixed(values, first, organisation, **options)
        yield "odds_ratio", "cumulative_link_mixed", _as_odds(found)
    elif ordered:
        found = ordinal.cumulative_link(values, first, **options)
        yield "odds_ratio", "cumulative_link", _as_odds(found)
    factors = bayes.bayes_factor_difference(values, first)
    yield "bayes_factor", "jzs", factors.drop(columns=["statistic", "df"], errors="ignore")


def _as_odds(found: pd.DataFrame) -> pd.DataFrame:
    """Return log odds ratios as odds ratios, which readers know; z and p stay."""
    return found.assign(**{name: np.exp(found[name]) for name in ("estimate", "ci_low", "ci_high")})


def _not_from_few(found: pd.DataFrame, answers: Answers) -> pd.DataFrame:
    """Return the contract's columns, emptied where a group is below the privacy minimum."""
    found = contract_part(found).copy()
    small = ~rules.may_be_tested(found["n_a"], found["n_b"], answers.study.privacy)
    numbers = ["estimate", "ci_low", "ci_high", "statistic", "df", "p_value"]
    found.loc[small, found.columns.intersection(numbers)] = np.nan
    found.loc[small, "note"] = rules.SUPPRESSED
    return found
