"""Where do the two roles differ, and does it matter?"""

from typing import Literal, get_args

import numpy as np
import pandas as pd

from research.analyses.release import release
from research.disclosure import rules
from research.errors import require_choice
from research.stats import clustered, differences
from research.stats.equivalence import equivalence_test, judge
from research.stats.estimates import (
    TOO_FEW_CLUSTERS,
    contract_part,
    join_results,
    result_table,
)
from research.stats.item_comparisons import compare_items
from research.stats.multiplicity import adjust_p_values
from research.stats.power import detectable_difference
from research.study.answers import Answers

Level = Literal["activities", "clusters"]
LEVELS: tuple[str, ...] = get_args(Level)
POWER = 0.8


def role_gaps(answers: Answers, *, level: Level, confidence_level: float = 0.95) -> pd.DataFrame:
    """Means per role and every form of their difference, per activity or per cluster.

    One row an estimate, contrast first role - second role: ``mean`` per role,
    ``mean_difference`` (the primary test, adjusted within the family, with verdict),
    ``equivalence``, ``mean_difference_people`` (Welch, beside a clustered primary test),
    ``hedges_g``, ``superiority`` and ``detectable_difference``. With one organisation the
    primary test is Welch's; with several CR2 over organisations. No rows with one role.
    """
    require_choice("level", level, LEVELS)
    table = answers.activities if level == "activities" else answers.clusters
    means = role_means(answers, table, level=level, confidence_level=confidence_level)
    if not answers.has_two_roles:
        return release(means, answers)
    gaps = contrast_results(answers, table, level=level, confidence_level=confidence_level)
    return release(join_results([means, *gaps]), answers)


def keys_of(answers: Answers, table: pd.DataFrame, level: Level) -> dict[str, object]:
    """Key columns of results that have one row per column of ``table``."""
    ids = list(table.columns)
    if level == "clusters":
        return {"cluster_id": ids, "activity_id": ""}
    return {
        "cluster_id": [answers.instrument.cluster_of(activity) for activity in ids],
        "activity_id": ids,
    }


def scope_of(answers: Answers) -> str:
    """The organisation a result is about; "" when it is about the whole study."""
    ids = answers.organisation_ids
    return ids[0] if len(ids) == 1 else ""


def role_means(
    answers: Answers, table: pd.DataFrame, *, level: Level, confidence_level: float
) -> pd.DataFrame:
    """Mean per role with its interval: CR2 over organisations, Student's t within one."""
    rows = []
    for role in answers.roles_present:
        chosen = answers.is_role(role)
        values, cluster = table.to_numpy()[chosen], answers.organisation[chosen]
        if answers.spans_organisations:
            found = clustered.cr2_mean(values, cluster, confidence_level=confidence_level)
            found["test"] = "cr2_t"
        else:
            found = differences.mean_against(values, confidence_level=confidence_level)
            found["test"] = "student_t"
        # A test against zero answers no question; value.py tests against the midpoint.
        found = found.drop(columns=["standard_error", "p_value", "statistic"])
        rows.append(
            result_table(
                found,
                analysis="gap",
                role=role,
                estimate_type="mean",
                organisation_id=scope_of(answers),
                **keys_of(answers, table, level),
            )
        )
    return join_results(rows)


def contrast_results(
    answers: Answers, table: pd.DataFrame, *, level: Level, confidence_level: float
) -> list[pd.DataFrame]:
    """Return the difference tables of ``role_gaps``: primary, equivalence, beside it."""
    values = table.to_numpy()
    keys = {
        "analysis": "gap",
        "organisation_id": scope_of(answers),
        "contrast": answers.study.contrast,
        **keys_of(answers, table, level),
    }
    primary = primary_difference(answers, values, confidence_level=confidence_level)
    method = getattr(answers.study.families, level)
    judged, equivalence = judged_difference(
        primary, answers.study.margin, method, confidence_level=confidence_level
    )
    counts = primary[["n_a", "n_b", "n_clusters", "n_dropped", "note"]]
    detectable = detectable_difference(
        primary["standard_error"], primary["df"], confidence_level=confidence_level, power=POWER
    )
    clustered_test = primary["test"].iloc[0]
    return [
        result_table(
            judged.drop(columns="standard_error"),
            estimate_type="mean_difference",
            family=f"{level}: {primary['p_value'].notna().sum()} tests",
            **keys,
        ),
        result_table(
            equivalence.join(counts),
            estimate_type="equivalence",
            test=clustered_test.replace("_t", "_tost"),
            **keys,
        ),
        result_table(
            counts.assign(estimate=detectable, confidence_level=confidence_level),
            estimate_type="detectable_difference",
            test=f"power_{POWER}",
            **keys,
        ),
        *people_results(answers, values, keys, confidence_level=confidence_level),
    ]


def judged_difference(
    primary: pd.DataFrame, margin: float, method: str, *, confidence_level: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the differences with adjusted p and verdict, and their equivalence tests.

    The rows of ``primary`` are one family; columns as from ``primary_difference``.
    """
    alpha = 1 - confidence_level
    equivalence = equivalence_test(
        primary["estimate"], primary["standard_error"], primary["df"], margin=margin, alpha=alpha
    )
    judged = primary.assign(
        p_adjusted=adjust_p_values(primary["p_value"], method=method), adjust_method=method
    )
    verdict = judge(judged.assign(p_equivalence=equivalence["p_value"]), margin=margin, alpha=alpha)
    return judged.assign(verdict=verdict), equivalence


def people_results(
    answers: Answers, values: np.ndarray, keys: dict, *, confidence_level: float
) -> list[pd.DataFrame]:
    """Effect sizes that take people as independent; Welch as well where it is not the primary."""
    compared = compare_items(values, answers.is_first_role, confidence_level=confidence_level)
    kinds = [
        ("hedges_g", "noncentral_t", compared.hedges_g),
        ("superiority", "brunner_munzel", compared.superiority),
    ]
    if answers.spans_organisations:
        kinds.append(("mean_difference_people", "welch_t", compared.mean_difference))
    return [
        result_table(contract_part(pd.DataFrame(found)), estimate_type=kind, test=test, **keys)
        for kind, test, found in kinds
    ]


def primary_difference(
    answers: Answers, values: np.ndarray, *, confidence_level: float
) -> pd.DataFrame:
    """Difference first - second role with the study's primary test; one row a column.

    CR2 over organisations where there are several, Welch within one. A difference whose groups
    are smaller than the privacy minimum is not tested: NaN and a note, so that it does not count
    in its family either.
    """
    first = answers.is_first_role
    if answers.spans_organisations:
        found = clustered.cr2_difference(
            values, first, answers.organisation, confidence_level=confidence_level
        ).assign(test="cr2_t")
    else:
        found = differences.welch(values, first, confidence_level=confidence_level).assign(
            test="welch_t", n_clusters=1
        )
    small = ~rules.may_be_tested(found["n_a"], found["n_b"], answers.study.privacy)
    found.loc[small, ["statistic", "df", "p_value", "standard_error", "ci_low", "ci_high"]] = np.nan
    found.loc[small, "note"] = rules.SUPPRESSED
    # Without an interval the bare difference says nothing: two organisations cannot carry CR2.
    found.loc[found["note"] == TOO_FEW_CLUSTERS, "estimate"] = np.nan
    return found
