"""Do the activities of one cluster belong together?"""

import numpy as np
import pandas as pd

from research.analyses.gap import scope_of
from research.analyses.release import release
from research.stats.estimates import contract_part, join_results, result_table
from research.stats.factors.ordinal_fit import OrdinalFit, fit_ordinal
from research.stats.factors.pearson import pearson
from research.stats.factors.polychoric import OrdinalMoments, ordinal_moments
from research.stats.factors.structure import Structure, factor_model
from research.stats.reliability.alpha import cronbach_alpha, items_of_alpha
from research.stats.reliability.measurement_error import measurement_error
from research.stats.reliability.omega import omega
from research.stats.reliability.ordinal import latent_omega, ordinal_alpha
from research.stats.reliability.ordinal_omega import ordinal_omega
from research.stats.reliability.split_half import split_halves
from research.study.answers import Answers

# Group factors of omega hierarchical, the default of psych::omega.
GROUP_FACTORS = 3
SPLITS = {
    "mean_split_half": "split_half",
    "worst_split_half": "split_half_worst",
    "best_split_half": "split_half_best",
}


def reliability(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Every coefficient of internal consistency per role and cluster; one row an estimate.

    ``cronbach_alpha`` (Feldt's interval), ``omega_total`` and ``omega_hierarchical``,
    ``ordinal_alpha``, ``ordinal_omega`` (of the answers) and ``ordinal_omega_latent``,
    ``split_half`` (mean and central 95 % of all splits), its worst and best split, and the
    ``standard_error_of_measurement`` in scale points. ``test`` names method and matrix. All from
    respondents who answered every activity of the cluster; ``n_dropped`` counts the others.
    """
    tables = []
    for role in answers.roles_present:
        for cluster_id in answers.instrument.cluster_ids:
            items = items_of(answers, role, cluster_id)
            rows = _coefficients(items, confidence_level)
            tables.append(
                result_table(
                    rows,
                    analysis="reliability",
                    organisation_id=scope_of(answers),
                    role=role,
                    cluster_id=cluster_id,
                )
            )
    return release(join_results(tables), answers)


def item_reliability(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Item-rest correlation, and alpha without the activity, per role; one row an estimate."""
    tables = []
    for role in answers.roles_present:
        for cluster_id in answers.instrument.cluster_ids:
            found = items_of_alpha(
                items_of(answers, role, cluster_id), confidence_level=confidence_level
            )
            keys = {
                "analysis": "reliability",
                "organisation_id": scope_of(answers),
                "role": role,
                "cluster_id": cluster_id,
                "activity_id": answers.instrument.activities_of(cluster_id),
            }
            counted = found[["confidence_level", "n_dropped"]].assign(n_a=found["n_complete"])
            rest = ["item_rest", "item_rest_low", "item_rest_high", "note"]
            dropped = [
                "alpha_if_dropped",
                "alpha_if_dropped_low",
                "alpha_if_dropped_high",
                "note_if_dropped",
            ]
            for kind, columns, test in (
                ("item_rest", rest, "pearson_fisher_z"),
                ("alpha_if_dropped", dropped, "feldt"),
            ):
                named = ["estimate", "ci_low", "ci_high", "note"]
                rows = found[columns].set_axis(named, axis=1).join(counted)
                tables.append(result_table(rows, estimate_type=kind, test=test, **keys))
    return release(join_results(tables), answers)


def items_of(answers: Answers, role: str, cluster_id: str) -> np.ndarray:
    """Answers of one role to the activities of one cluster; one row a respondent."""
    activity_ids = answers.instrument.activities_of(cluster_id)
    return answers.activities.loc[answers.is_role(role), activity_ids].to_numpy(float)


def one_factor(moments: OrdinalMoments) -> OrdinalFit:
    """One factor behind the answers to a cluster, in standardised loadings."""
    factor_of = (0,) * len(moments.correlations)
    structure = Structure(factor_of=factor_of, n_thresholds=moments.n_thresholds)
    return fit_ordinal(factor_model(structure, parametrisation="delta"), [moments])


def _coefficients(items: np.ndarray, confidence_level: float) -> pd.DataFrame:
    """Rows of all coefficients of one set of items."""
    alpha = cronbach_alpha(items, confidence_level=confidence_level)
    error = measurement_error(items, alpha)
    moments = ordinal_moments(items, missing="listwise")
    fit = one_factor(moments)
    of_latent = latent_omega(fit.matrices().loadings[:, 0], moments.correlations)
    complete = items[~np.isnan(items).any(axis=1)]
    parts = [
        (alpha, "cronbach_alpha", "feldt"),
        *_omegas(complete),
        (ordinal_alpha(moments.correlations), "ordinal_alpha", "polychoric"),
        (
            ordinal_omega(fit, confidence_level=confidence_level),
            "ordinal_omega",
            "green_yang_wlsmv",
        ),
        (
            of_latent[of_latent["denominator"] == "observed"],
            "ordinal_omega_latent",
            "wlsmv_polychoric",
        ),
        *_splits(items),
        (error, "standard_error_of_measurement", "alpha"),
    ]
    rows = [
        contract_part(table.assign(estimate_type=kind, test=test)).drop(
            columns="standard_error", errors="ignore"
        )
        for table, kind, test in parts
    ]
    n_complete, n_dropped = alpha[["n_complete", "n_dropped"]].iloc[0]
    return pd.concat(rows, ignore_index=True).assign(n_a=n_complete, n_dropped=n_dropped)


def _omegas(complete: np.ndarray) -> list[tuple[pd.DataFrame, str, str]]:
    """Omega total and hierarchical from Pearson correlations of the complete answers."""
    found = omega(pearson(complete).correlations, n_factors=GROUP_FACTORS)
    values = {"omega_total": found.total, "omega_hierarchical": found.hierarchical}
    return [
        (pd.DataFrame({"estimate": [value], "note": [found.note]}), kind, "minres_oblimin_pearson")
        for kind, value in values.items()
    ]


def _splits(items: np.ndarray) -> list[tuple[pd.DataFrame, str, str]]:
    table = split_halves(items).table.set_index("estimate_type")
    test = "all_splits" if table["exact"].all() else "sampled_splits"
    parts = []
    for coefficient, kind in SPLITS.items():
        row = table.loc[[coefficient], ["estimate", "note"]]
        if coefficient == "mean_split_half":
            row = row.assign(
                ci_low=table.loc["low_split_half", "estimate"],
                ci_high=table.loc["high_split_half", "estimate"],
            )
        parts.append((row.reset_index(drop=True), kind, test))
    return parts
