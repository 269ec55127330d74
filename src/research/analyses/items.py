"""How does every single activity measure, in each role?"""

import numpy as np
import pandas as pd
from scipy import special

from research.analyses.comparability import as_built
from research.analyses.release import release
from research.analyses.reliability import items_of, one_factor
from research.stats.estimates import join_results, result_table
from research.stats.factors.dif import TESTS, jodoin_gierl_class, ordinal_dif
from research.stats.factors.graded_response import graded_response, information_curves
from research.stats.factors.model import LOADING, THRESHOLD
from research.stats.factors.polychoric import ordinal_moments
from research.stats.multiplicity import adjust_p_values
from research.study.answers import Answers

# Levels of the cluster at which information is given, in its standard deviations.
LEVELS = np.linspace(-3, 3, 25)
DIF_METHOD = "holm"


def measurement_of_items(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Standardised ``loading`` and ``threshold`` of every activity per role; one row an estimate.

    From one factor per cluster and role (WLSMV), so the roles are not on one scale here.
    ``statistic`` numbers a threshold by the point of the scale below it, counted from 1; of a
    point nobody used there is none.
    """
    half = special.ndtri(0.5 + confidence_level / 2)
    points = np.array(answers.instrument.scale.points, dtype=float)
    tables = []
    for role in answers.roles_present:
        for cluster_id in answers.instrument.cluster_ids:
            activity_ids = np.array(answers.instrument.activities_of(cluster_id))
            given = items_of(answers, role, cluster_id)
            moments = ordinal_moments(given)
            fit = one_factor(moments)
            table, values = fit.model.parameters, fit.values
            errors = np.full(len(values), np.nan)
            if fit.found:
                errors = fit.standard_errors[table.free]
            number = np.concatenate([_answers_above(column, points) for column in given.T])
            for kind in (LOADING, THRESHOLD):
                here = table.where(kind)
                row = table.row[here]
                item = row if kind == LOADING else moments.threshold_item[row]
                rows = pd.DataFrame(
                    {
                        "activity_id": activity_ids[item],
                        "estimate": values[here],
                        "ci_low": values[here] - half * errors[here],
                        "ci_high": values[here] + half * errors[here],
                    }
                )
                if kind == THRESHOLD:
                    rows["statistic"] = number[row]
                tables.append(
                    result_table(
                        rows,
                        analysis="comparability",
                        estimate_type=kind,
                        role=role,
                        cluster_id=cluster_id,
                        confidence_level=confidence_level,
                        test="wlsmv",
                        note=fit.note,
                        n_a=moments.n,
                    )
                )
    return release(join_results(tables), answers)


def _answers_above(given: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Number of the threshold below each answer that was used, but the lowest."""
    used = np.unique(given[~np.isnan(given)])
    return np.searchsorted(points, used[1:])


def differential_functioning(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Do people of both roles with the same view of a cluster answer each activity alike?

    Ordinal logistic regression on the mean of the other activities of the cluster: for samples
    too small for the ladder, and a second opinion beside it. ``dif`` per activity and test, with
    p adjusted over all activities and the class A, B or C as verdict of the total test;
    ``dif_odds_ratio``: odds of a higher answer, first against second role.
    """
    if not answers.has_two_roles:
        return result_table([])
    found = []
    for cluster_id in answers.instrument.cluster_ids:
        activity_ids = answers.instrument.activities_of(cluster_id)
        table = ordinal_dif(
            answers.activities[activity_ids].to_numpy(float),
            answers.is_first_role,
            confidence_level=confidence_level,
        )
        found.append(table.assign(activity_id=activity_ids, cluster_id=cluster_id))
    table = pd.concat(found, ignore_index=True)
    shared = ["activity_id", "cluster_id", "n_a", "n_b", "n_dropped", "note"]
    keys = {"analysis": "comparability", "contrast": answers.study.contrast}
    tables = []
    for test, df in zip(TESTS, (1, 1, 2), strict=True):
        rows = table[shared].assign(
            estimate=table[f"nagelkerke_{test}"],
            statistic=table[f"ratio_{test}"],
            df=float(df),
            p_value=table[f"p_{test}"],
            p_adjusted=adjust_p_values(table[f"p_{test}"], method=DIF_METHOD),
            adjust_method=DIF_METHOD,
            family=f"activities: {table[f'p_{test}'].notna().sum()} tests",
        )
        if test == "total":
            rows["verdict"] = jodoin_gierl_class(rows["estimate"], rows["p_adjusted"])
        tables.append(result_table(rows, estimate_type="dif", test=test, **keys))
    ratio = {"odds_ratio": "estimate", "odds_ratio_low": "ci_low", "odds_ratio_high": "ci_high"}
    rows = table[[*shared, "confidence_level", *ratio]].rename(columns=ratio)
    tables.append(result_table(rows, estimate_type="dif_odds_ratio", test="uniform", **keys))
    return release(join_results(tables), answers)


def instead_of_steps(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """``differential_functioning`` of the clusters whose steps could not be tested in full."""
    found = as_built(answers)
    verdicts = found[found["estimate_type"] == "comparability"]
    untested = verdicts.loc[verdicts["note"] != "", "cluster_id"]
    if untested.empty:
        return result_table([])
    table = differential_functioning(answers, confidence_level=confidence_level)
    return table[table["cluster_id"].isin(untested)]


def information(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """How much each activity tells about its cluster, and where; both roles together.

    ``discrimination`` with its interval, ``information_peak`` (``statistic``: the level of the
    cluster, in SD, at which it lies) and ``information`` at levels from -3 to 3, from a graded
    response model per cluster.
    """
    tables = []
    for cluster_id in answers.instrument.cluster_ids:
        activity_ids = np.array(answers.instrument.activities_of(cluster_id))
        table = graded_response(
            answers.activities[list(activity_ids)].to_numpy(float),
            confidence_level=confidence_level,
        )
        keys = {
            "analysis": "information",
            "cluster_id": cluster_id,
            "test": "graded_response",
            "n_a": table["n"].iloc[0],
        }
        names = activity_ids[table["item"].to_numpy(int)]
        interval = ["estimate", "ci_low", "ci_high", "confidence_level", "n_dropped", "note"]
        peak = {"peak_information": "estimate", "peak_theta": "statistic", "note": "note"}
        curves = information_curves(table, LEVELS)
        curve = {"theta": "statistic", "information": "estimate"}
        for kind, rows in (
            ("discrimination", table[interval].assign(activity_id=names)),
            ("information_peak", table[list(peak)].rename(columns=peak).assign(activity_id=names)),
            (
                "information",
                curves[list(curve)]
                .rename(columns=curve)
                .assign(activity_id=activity_ids[curves["item"].to_numpy(int)]),
            ),
        ):
            tables.append(result_table(rows, estimate_type=kind, **keys))
    return release(join_results(tables), answers)
