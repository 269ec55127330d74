"""How much do organisations differ?"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from research.analyses.gap import LEVELS, keys_of
from research.analyses.release import release, release_without_counts
from research.disclosure import rules
from research.disclosure.rounding import to_decimals
from research.stats import differences, pooling
from research.stats.agreement import profiles, within_groups
from research.stats.agreement.aggregation import may_be_aggregated
from research.stats.cells import sum_cells
from research.stats.estimates import (
    TOO_FEW_ANSWERS,
    TOO_FEW_CLUSTERS,
    contract_part,
    join_results,
    result_table,
)
from research.study.answers import Answers


def across_organisations(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """How much the gaps, the clusters and the answers differ between organisations.

    One row an estimate. Per cluster and activity, from the organisations with both roles:
    ``pooled_gap`` (random effects, REML and Hartung-Knapp), ``gap_spread`` (standard deviation
    of the true gaps, Q-profile interval, p of the test that all are equal), ``predicted_gap``
    (where the gap of a further organisation is expected). Per cluster ``organisation_gap``, a row
    an organisation without its name. Per cluster and role: ``icc1`` and
    ``icc2`` (one-way ANOVA), ``organisations_may`` and ``organisations_may_not`` (in how many
    organisations one mean may stand for all answers; ``n_clusters`` were judged). Once:
    ``distinctive_similarity`` (does what sets an organisation apart for its one role also set it
    apart for the other; mean over organisations, t-test). No rows with one organisation.
    """
    if not answers.spans_organisations:
        return result_table([])
    agreement = join_results(_agreement_tables(answers, confidence_level))
    tables = [rules.withhold_few_to_compare(release(agreement, answers), agreement["n_clusters"])]
    if answers.has_two_roles:
        tables.append(release_without_counts(_distinctive(answers, confidence_level), answers))
        for level in LEVELS:
            table = answers.activities if level == "activities" else answers.clusters
            keys = {"analysis": "organisations", **keys_of(answers, table, level)}
            tables.append(
                pooled_over_organisations(
                    answers, table.to_numpy(), keys, confidence_level=confidence_level
                )
            )
        tables.append(gaps_of_each(answers))
    return join_results(tables)


def gaps_of_each(answers: Answers) -> pd.DataFrame:
    """The gap of every single organisation on every cluster, without its name.

    Tenths of a point from the lowest to the highest within a cluster (``statistic`` counts them),
    so that neither decimals nor order nor numbers of people, of which there are none, tell one
    organisation on two clusters. Who is left out, and how many there must be, as for the pooled
    gap.
    """
    gaps = pooling.organisation_gaps(
        answers.clusters.to_numpy(),
        answers.is_first_role,
        answers.organisation,
        minimum_n=answers.study.privacy.shown_from,
    )
    gaps = gaps[gaps["estimate"].notna()]
    # Adding zero turns a minus zero into a zero, which is stacked on the others.
    gaps = gaps.assign(estimate=to_decimals(gaps["estimate"], 1) + 0.0)
    gaps = gaps.sort_values(["column", "estimate"], kind="stable")
    of_cluster = gaps.groupby("column")["estimate"]
    rows = pd.DataFrame(
        {
            "cluster_id": answers.clusters.columns.to_numpy()[gaps["column"]],
            "estimate": gaps["estimate"],
            "statistic": of_cluster.cumcount() + 1,
            "n_a": gaps["n_a"],
            "n_b": gaps["n_b"],
            "n_clusters": of_cluster.transform("size"),
        }
    )
    found = result_table(
        rows,
        analysis="organisations",
        contrast=answers.study.contrast,
        estimate_type="organisation_gap",
    )
    released = release_without_counts(found, answers).assign(n_a=np.nan, n_b=np.nan)
    told = rules.withhold_few_to_compare(released, found["n_clusters"])
    # What is withheld is one row a cluster: how many there would be is not told either.
    empty = told["estimate"].isna()
    return join_results([told[~empty], told[empty].drop_duplicates("cluster_id")])


def pooled_over_organisations(
    answers: Answers, values: np.ndarray, keys: dict, *, confidence_level: float
) -> pd.DataFrame:
    """Pooled gap, its spread and prediction per column of ``values``, released without counts.

    Organisations with fewer people in a role than may be shown are left out; a spread needs
    five, for fewer could be solved for one another's difference.
    """
    minimum = answers.study.privacy.shown_from
    gaps = pooling.organisation_gaps(
        values, answers.is_first_role, answers.organisation, minimum_n=minimum
    )
    pooled = pooling.pool_gaps(*pooling.gap_matrices(gaps), confidence_level=confidence_level)
    used = gaps[gaps["note"] == ""].groupby("column")[["n_a", "n_b"]].sum()
    people = used.reindex(range(values.shape[1]), fill_value=0).reset_index(drop=True)
    common = pooled[["n_clusters", "note"]].assign(confidence_level=confidence_level)
    spread = common.assign(
        estimate=np.sqrt(pooled["tau_squared"]),
        ci_low=np.sqrt(pooled["tau_squared_low"]),
        ci_high=np.sqrt(pooled["tau_squared_high"]),
        statistic=pooled["q"],
        df=pooled["q_df"],
        p_value=pooled["q_p_value"],
    )
    predicted = common.assign(
        estimate=pooled["estimate"],
        ci_low=pooled["prediction_low"],
        ci_high=pooled["prediction_high"],
    )
    kinds = (
        ("pooled_gap", "reml_hartung_knapp", contract_part(pooled)),
        ("gap_spread", "reml_q_profile", spread),
        ("predicted_gap", "reml_prediction", predicted),
    )
    keys = {"contrast": answers.study.contrast, **keys}
    tables = [
        result_table(found.assign(**people), estimate_type=kind, test=test, **keys)
        for kind, test, found in kinds
    ]
    found = join_results(tables)
    released = release_without_counts(found, answers)
    return rules.withhold_few_to_compare(released, found["n_clusters"])


def _agreement_tables(answers: Answers, confidence_level: float) -> Iterator[pd.DataFrame]:
    """Yield ICC(1), ICC(2) and the verdicts on one mean per organisation, per role."""
    for role in answers.roles_present:
        chosen = answers.is_role(role)
        organisation = answers.organisation[chosen]
        keys = {"analysis": "organisations", "role": role}
        by_cluster = {**keys, **keys_of(answers, answers.clusters, "clusters")}
        scores = answers.clusters.to_numpy()[chosen]
        between = within_groups.icc_1(scores, organisation, confidence_level=confidence_level)
        means = within_groups.icc_2(scores, organisation, confidence_level=confidence_level)
        for kind, found in (("icc1", between), ("icc2", means)):
            yield result_table(
                contract_part(found), estimate_type=kind, test="one_way_anova", **by_cluster
            )
        for place, cluster_id in enumerate(answers.clusters.columns):
            own = answers.instrument.activities_of(cluster_id)
            verdicts = _verdicts(
                answers,
                answers.activities.loc[chosen, own].to_numpy(),
                organisation,
                between.iloc[[place]],
                means.iloc[[place]],
            )
            counts = {
                "n_a": int(between["n_a"].iloc[place]),
                "n_clusters": len(verdicts),
                "note": "" if len(verdicts) else TOO_FEW_ANSWERS,
            }
            rows = [
                counts
                | {
                    "estimate_type": f"organisations_{verdict}",
                    "estimate": (verdicts["verdict"] == verdict).sum() if len(verdicts) else np.nan,
                    "test": "rwg_j_and_average_deviation",
                }
                for verdict in ("may", "may_not")
            ]
            yield result_table(rows, **keys, cluster_id=cluster_id)


def _verdicts(
    answers: Answers,
    values: np.ndarray,
    organisation: np.ndarray,
    between: pd.DataFrame,
    means: pd.DataFrame,
) -> pd.DataFrame:
    """Return verdict and reasons per organisation with enough people; a row an organisation."""
    n_levels = len(answers.instrument.scale.points)
    verdicts = may_be_aggregated(
        within_groups.rwg_j(values, organisation, n_levels=n_levels),
        within_groups.average_deviation_j(values, organisation),
        between,
        means,
        n_levels=n_levels,
        minimum_n=answers.study.privacy.shown_from,
    )
    # Agreement is a spread in other words, and is judged from as many people.
    return verdicts[verdicts["n_a"] >= answers.study.privacy.minimum_n_distribution]


def _distinctive(answers: Answers, confidence_level: float) -> pd.DataFrame:
    """Return the mean over organisations of the roles' likeness beyond what is normal."""
    minimum = answers.study.privacy.shown_from
    cells = sum_cells(answers.activities.to_numpy(), answers.is_first_role, answers.organisation)
    enough = (cells.n >= minimum).all(axis=(0, 2))
    first, second = (mean[enough] for mean in cells.mean)
    n = int(enough.sum())
    likeness = np.full(n, np.nan)
    if n >= pooling.MINIMUM_ORGANISATIONS:
        # Normal is the mean of the other organisations, of each role by itself.
        normal = [(mean.sum(axis=0) - mean) / (n - 1) for mean in (first, second)]
        found = profiles.distinctive_similarity(first, second, *normal)
        likeness = found["estimate"].to_numpy()
    table = differences.mean_against(likeness, confidence_level=confidence_level)
    people = cells.n[:, enough].min(axis=2).sum(axis=1) if n else (0, 0)
    few = np.count_nonzero(~np.isnan(likeness)) < rules.SPREAD_ORGANISATIONS
    if few:
        table[["estimate", "ci_low", "ci_high", "statistic", "df", "p_value"]] = np.nan
        table["note"] = TOO_FEW_CLUSTERS
    return result_table(
        contract_part(table).assign(
            n_a=people[0], n_b=people[1], n_clusters=table["n_a"], n_dropped=np.nan
        ),
        analysis="organisations",
        contrast=answers.study.contrast,
        estimate_type="distinctive_similarity",
        test="t_over_organisations",
    )
