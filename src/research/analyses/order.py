"""Which order do the two roles put the activities in?"""

import numpy as np
import pandas as pd

from research.analyses.gap import keys_of, scope_of
from research.analyses.release import release
from research.stats.agreement import profiles
from research.stats.agreement.importance_performance import ON_THE_LINE, importance_performance
from research.stats.estimates import NO_VARIATION, join_results, result_table
from research.stats.resampling.intervals import bca_interval, jackknife_acceleration
from research.stats.resampling.profiles import ResampledProfiles, bootstrap_profiles
from research.stats.resampling.streams import named_generator
from research.study.answers import Answers

N_REPLICATES = 2_000
TOP = 5


def order_of_activities(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """How alike the two roles' mean profiles are, and in which quadrant each activity lies.

    One row an estimate: ``kendall_tau_b``, ``spearman``, ``profile_correlation``,
    ``profile_icc`` and ``top_overlap`` (share of the five highest), with BCa bootstrap intervals
    over organisations, then people; per activity ``quadrant``: the share of resamples in which
    the activity lies where it lies in the data (verdict names where: each role's rating against
    the mean of that role's own ratings, so that who answers everything higher moves nothing).
    No rows with one role or fewer activities than twice the top.
    """
    table = answers.activities
    if not answers.has_two_roles or table.shape[1] < 2 * TOP:
        return result_table([])
    # One order of people, so that the same draws meet the same person whatever the export's order.
    people = np.argsort(answers.people["respondent_id"].astype(str).to_numpy(), kind="stable")
    resampled = bootstrap_profiles(
        table.to_numpy()[people],
        answers.is_first_role[people],
        answers.organisation[people],
        n_replicates=N_REPLICATES,
        generator=named_generator(answers.study.seed, "order_of_activities", scope_of(answers)),
    )
    counts = _counts(answers)
    keys = {
        "analysis": "order",
        "organisation_id": scope_of(answers),
        "contrast": answers.study.contrast,
    }
    similarity = _similarity(resampled, confidence_level).assign(**counts)
    quadrant = _quadrants(resampled).assign(**counts)
    tables = [
        result_table(similarity, **keys),
        result_table(quadrant, **keys, **keys_of(answers, table, "activities")),
    ]
    return release(join_results(tables), answers)


def _counts(answers: Answers) -> dict[str, int]:
    """Return the people behind the profile of each role: those of the least answered activity."""
    there = answers.activities.notna().to_numpy()
    first = answers.is_first_role
    return {
        "n_a": int(there[first].sum(axis=0).min()),
        "n_b": int(there[~first].sum(axis=0).min()),
        "n_clusters": len(answers.organisation_ids),
    }


def _measures(a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    """Return every measure of likeness of profiles ``a`` and ``b``; one value a row."""
    tables = {
        "kendall_tau_b": profiles.kendall_tau_b(a, b),
        "spearman": profiles.spearman(a, b),
        "profile_correlation": profiles.profile_correlation(a, b),
        "profile_icc": profiles.profile_icc(a, b, kind="absolute"),
        "top_overlap": profiles.top_overlap(a, b, top=TOP),
    }
    return {name: table["estimate"].to_numpy() for name, table in tables.items()}


def _similarity(resampled: ResampledProfiles, confidence_level: float) -> pd.DataFrame:
    observed = _measures(resampled.estimate_a, resampled.estimate_b)
    drawn = _measures(resampled.a, resampled.b)
    left_out = _measures(resampled.left_out_a, resampled.left_out_b)
    stacked = [np.column_stack([part[name] for name in observed]) for part in (drawn, left_out)]
    acceleration = jackknife_acceleration((stacked[1], np.ones((len(stacked[1]), 1))))
    estimates = np.array([float(np.squeeze(value)) for value in observed.values()])
    table = bca_interval(stacked[0], estimates, acceleration, confidence_level=confidence_level)[
        ["estimate", "ci_low", "ci_high", "confidence_level", "note"]
    ]
    table.loc[table["estimate"].isna(), "note"] = NO_VARIATION
    return table.assign(estimate_type=list(observed), test="bootstrap_bca")


def _quadrants(resampled: ResampledProfiles) -> pd.DataFrame:
    found = importance_performance(
        resampled.estimate_a,
        resampled.estimate_b,
        importance_replicates=resampled.a,
        performance_replicates=resampled.b,
    )
    share = [row.get(f"share_{row['quadrant']}", np.nan) for _, row in found.iterrows()]
    return pd.DataFrame(
        {
            "estimate_type": "quadrant",
            "estimate": share,
            "verdict": found["quadrant"],
            "test": "bootstrap_share",
            "note": np.where(found["quadrant"] == ON_THE_LINE, ON_THE_LINE, found["note"]),
        }
    )
