"""Which answers are missing, why perhaps, and would the gaps differ had they been given?"""

from dataclasses import replace

import numpy as np
import pandas as pd

from research.analyses.gap import judged_difference, primary_difference, scope_of
from research.analyses.power_use import power_contrast
from research.analyses.release import release
from research.stats.estimates import join_results, result_table
from research.stats.missing.imputation import impute
from research.stats.missing.little import little_mcar
from research.stats.missing.missingness import missingness_regression
from research.stats.missing.patterns import missing_counts
from research.stats.missing.rubin import pool
from research.study.answers import Answers

# A hundred thousand people with thirty activities take two minutes and a gigabyte.
MOST_ANSWERS = 3_000_000
TOO_MANY_ANSWERS = "too_many_answers"
IMPUTED = "mean_difference_imputed"


def missingness(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """How much is missing, in which patterns, and whether it goes with answers, role, organisation.

    One row an estimate. Per role: ``people_complete`` (a count), ``answers_missing`` (share of
    all answers), ``missing_patterns`` (different sets of unanswered activities) and
    ``little_mcar`` (a test without an estimate). Over both roles: ``missing_odds_ratio``, first
    against second role, of leaving an activity open, and ``missing_by_organisation``, a test
    whether organisations differ in it. People who answered nothing count in all but Little's
    test. Neither test allows for people of one organisation answering alike in other ways.
    """
    items = answers.activities.to_numpy(float)
    keys = {"analysis": "missing", "organisation_id": scope_of(answers)}
    tables = []
    for role in answers.roles_present:
        tables.append(result_table(_of_role(items[answers.is_role(role)]), role=role, **keys))
    left_open = np.isnan(items).any(axis=1)
    tables.append(result_table(_who_leaves_open(answers, left_open, confidence_level), **keys))
    return release(join_results(tables), answers)


def gaps_with_imputation(
    answers: Answers, *, confidence_level: float = 0.95, n_imputations: int = 20
) -> pd.DataFrame:
    """Gap per cluster, and of power against the rest, once more with missing answers imputed.

    One row an estimate. Per cluster ``mean_difference_imputed``, with p adjusted and the verdict
    reached as in the primary test; ``missing_information``, the share of what the answers would
    have told about the gap that is missing; ``imputation_error``, by how much another set of
    imputations would move the gap (one standard error, in scale points). Analysis "power_missing"
    holds the same for the study's power contrast. Each completed data set gets the study's primary
    test; Rubin's rules pool them. Who answered nothing at all stays out. Where nothing is missing
    the numbers are those of the primary test. Above three million answers, missing ones included,
    nothing is imputed: NaN, note ``too_many_answers``. No rows with one role.
    """
    if not answers.has_two_roles:
        return result_table([])
    clusters = list(answers.clusters.columns)
    study = answers.study
    keys = {"organisation_id": scope_of(answers), "contrast": study.contrast}
    power = [study.power_cluster] if study.power_cluster is not None and len(clusters) > 1 else []
    if answers.activities.size > MOST_ANSWERS:
        return release(_not_imputed(answers, clusters, power, keys), answers)
    completed = completed_scores(answers, n_imputations=n_imputations)
    tables = [
        _pooled_gaps(
            answers,
            np.stack([table.to_numpy() for table in completed]),
            {**keys, "analysis": "missing", "cluster_id": clusters},
            method=study.families.clusters,
            confidence_level=confidence_level,
        )
    ]
    if power:
        contrasts = [power_contrast(replace(answers, clusters=table)) for table in completed]
        tables.append(
            _pooled_gaps(
                answers,
                np.stack(contrasts),
                {**keys, "analysis": "power_missing", "cluster_id": power},
                method="none",
                confidence_level=confidence_level,
            )
        )
    return release(join_results(tables), answers)


def completed_scores(answers: Answers, *, n_imputations: int) -> list[pd.DataFrame]:
    """Cluster scores per imputation, as the answers hold them; given scores of whole answers stay.

    Roles are imputed apart, with all activities of the questionnaire. NaN for who answered
    nothing, and for activities nobody of the role answered, which are then left out of the mean.
    """
    people = answers.people
    # Draws go by the place of a person: the order of the export must not change a number.
    order = np.lexsort(
        [people[name].astype(str) for name in ("wave", "respondent_id", "organisation_id", "role")]
    )
    back = np.argsort(order)
    imputed = impute(
        answers.activities.to_numpy(float)[order],
        people["role"].to_numpy(dtype=object)[order],
        answers.organisation[order],
        n_imputations=n_imputations,
        seed=answers.study.seed,
        names=("imputation", scope_of(answers)),
    )
    empty = answers.activities.isna().all(axis=1).to_numpy()
    whole = [answers.clusters.copy() for _ in range(n_imputations)]
    for cluster in answers.clusters.columns:
        columns = answers.activities.columns.get_indexer(answers.instrument.activities_of(cluster))
        changed = answers.activities.iloc[:, columns].isna().any(axis=1).to_numpy() & ~empty
        part = imputed.items[:, back[changed]][:, :, columns]
        there = ~np.isnan(part)
        mean = np.where(there, part, 0.0).sum(axis=2) / np.maximum(there.sum(axis=2), 1)
        for table, scores in zip(whole, mean, strict=True):
            table.loc[changed, cluster] = scores
    return whole


def _not_imputed(
    answers: Answers, clusters: list[str], power: list[str], keys: dict
) -> pd.DataFrame:
    sizes = {"n_a": answers.is_first_role.sum(), "n_b": (~answers.is_first_role).sum()}
    rows = [{"analysis": "missing", "cluster_id": cluster, **sizes} for cluster in clusters]
    rows += [{"analysis": "power_missing", "cluster_id": cluster, **sizes} for cluster in power]
    return result_table(rows, estimate_type=IMPUTED, note=TOO_MANY_ANSWERS, **keys)


def _of_role(items: np.ndarray) -> list[dict]:
    counts = missing_counts(items)
    little = little_mcar(items)
    n = {"n_a": counts.n}
    return [
        {"estimate_type": "people_complete", "estimate": counts.n_complete, **n},
        {"estimate_type": "answers_missing", "estimate": counts.share, **n},
        {"estimate_type": "missing_patterns", "estimate": counts.n_patterns, **n},
        {
            "estimate_type": "little_mcar",
            "test": "little_chi_square",
            **{name: little[name] for name in ("statistic", "df", "p_value", "n_a", "n_dropped")},
            "note": little["note"],
        },
    ]


def _who_leaves_open(
    answers: Answers, left_open: np.ndarray, confidence_level: float
) -> pd.DataFrame:
    found = missingness_regression(
        left_open,
        answers.is_first_role,
        answers.organisation,
        confidence_level=confidence_level,
    )
    of_role = found["term"] == "role"
    found["estimate_type"] = np.where(of_role, "missing_odds_ratio", "missing_by_organisation")
    found["contrast"] = np.where(of_role, answers.study.contrast, "")
    found["test"] = "penalised_likelihood_ratio"
    if not answers.has_two_roles:  # the other's nil people are no group that is too small
        found = found.assign(n_a=len(answers), n_b=np.nan)
    return found.drop(columns="term")


def _pooled_gaps(
    answers: Answers,
    scores: np.ndarray,
    keys: dict,
    *,
    method: str,
    confidence_level: float,
) -> pd.DataFrame:
    """Pool the primary test over imputations; ``scores`` are imputations x people x columns."""
    each = [
        primary_difference(answers, values, confidence_level=confidence_level) for values in scores
    ]
    estimates, errors, df, notes = (
        np.array([table[name] for table in each])
        for name in ("estimate", "standard_error", "df", "note")
    )
    pooled = pool(estimates, errors**2, df, confidence_level=confidence_level, prior_factor=False)
    # One imputation without a test leaves none: it is the one to say why.
    why = np.isnan(errors).argmax(axis=0)
    counts = each[0][["n_a", "n_b", "n_clusters", "n_dropped", "test"]]
    pooled = pooled.join(counts).assign(note=notes[why, np.arange(len(why))])
    judged, _ = judged_difference(
        pooled, answers.study.margin, method, confidence_level=confidence_level
    )
    beside = pooled[["n_a", "n_b", "n_clusters", "note"]]
    family = f"imputed: {pooled['p_value'].notna().sum()} tests"
    extra = ["within", "between", "missing_information", "efficiency", "monte_carlo_error"]
    return join_results(
        [
            result_table(
                judged.drop(columns=["standard_error", *extra]),
                estimate_type=IMPUTED,
                family=family,
                **keys,
            ),
            *(
                result_table(beside.assign(estimate=pooled[name]), estimate_type=kind, **keys)
                for kind, name in (
                    ("missing_information", "missing_information"),
                    ("imputation_error", "monte_carlo_error"),
                )
            ),
        ]
    )
