"""Do the headline differences hold with other people in the analysis?"""

import numpy as np
import pandas as pd

from research.analyses.gap import role_gaps
from research.analyses.missing import gaps_with_imputation
from research.analyses.power_use import power_against_the_rest
from research.analyses.release import release_without_counts
from research.disclosure import rules
from research.stats.estimates import join_results, result_table
from research.study.answers import Answers

# Everybody but those who look careless; or everybody, where the study file leaves those out.
WITHOUT_FLAGGED = "without_flagged"
WITH_FLAGGED = "with_flagged"
IMPUTED = "imputed"
# Shifts are told as an upper bound on this grid, in scale points: the exact change made by one or
# two people would tell what they answered.
SHIFT_STEP = 0.05
SAME, CHANGED = "same", "changed"


def headline_gaps(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Difference between the roles on every cluster, and the contrast of power; released.

    One row a ``mean_difference``, or ``power_difference`` for the contrast. No rows with one role.
    """
    tables = [role_gaps(answers, level="clusters", confidence_level=confidence_level)]
    if answers.study.power_cluster is not None:
        tables.append(power_against_the_rest(answers, confidence_level=confidence_level))
    found = join_results(tables)
    found = found[found["estimate_type"] == "mean_difference"].reset_index(drop=True)
    found.loc[found["analysis"] == "power_use", "estimate_type"] = "power_difference"
    return found


def gaps_of_others(
    answers: Answers, others: Answers, *, analysis: str, confidence_level: float = 0.95
) -> pd.DataFrame:
    """Headline differences once more on ``others``, and how far each moved.

    One row an estimate, contrast first role - second role: ``mean_difference`` on the others
    (``power_difference`` for the contrast of power) with the study's primary test, adjustment and
    verdict, without numbers of people; and ``shift`` (``power_shift``), an upper bound in steps
    of 0.05 scale points on how far the difference moved, with the verdict ``same`` or
    ``changed``. Where fewer people than the privacy minimum come or go in a role, only the shifts
    are given: two means that differ by one person give that person's answers. No rows with one
    role.
    """
    if not (answers.has_two_roles and others.has_two_roles):
        return result_table([])
    before = headline_gaps(answers, confidence_level=confidence_level)
    after = headline_gaps(others, confidence_level=confidence_level)
    shifts = _shifts(before, after)
    if _few_come_or_go(answers, others):
        everything = pd.Series(True, index=after.index)
        after = rules.withhold(after, everything, rules.SUPPRESSED_OTHERS)
    else:
        after = release_without_counts(after, others)
    return join_results([after, shifts]).assign(analysis=analysis)


def gaps_with_answers_filled_in(
    answers: Answers, *, confidence_level: float = 0.95
) -> pd.DataFrame:
    """Headline differences once more with missing answers imputed, and how far each moved.

    Rows as of ``gaps_of_others``, and beside each difference its ``missing_information`` and
    ``imputation_error`` (``analyses.missing``). No rows with one role.
    """
    found = gaps_with_imputation(answers, confidence_level=confidence_level)
    power = found["analysis"] == "power_missing"
    imputed = found["estimate_type"] == "mean_difference_imputed"
    found.loc[imputed, "estimate_type"] = np.where(
        power[imputed], "power_difference", "mean_difference"
    )
    before = headline_gaps(answers, confidence_level=confidence_level)
    after = found[imputed].reset_index(drop=True)
    return join_results([found, _shifts(before, after)]).assign(analysis=IMPUTED)


def _shifts(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """How far each difference moved at most, and whether its verdict stayed; same rows as given."""
    moved = (after["estimate"] - before["estimate"]).abs()
    # A hair more than a whole step is that step, not the next.
    bound = np.ceil(moved / SHIFT_STEP - 1e-9) * SHIFT_STEP
    power = after["estimate_type"] == "power_difference"
    shifts = result_table(
        after[["organisation_id", "cluster_id", "contrast"]].assign(
            estimate_type=np.where(power, "power_shift", "shift"),
            estimate=bound,
            verdict=np.where(after["verdict"] == before["verdict"], SAME, CHANGED),
            note=np.where(before["note"] != "", before["note"], after["note"]),
        )
    )
    shifts.loc[bound.isna(), "verdict"] = ""
    return shifts


def others_as_built(answers: Answers) -> pd.DataFrame:
    """What the build found with other people and with answers filled in; no rows without one."""
    built = answers.as_built(WITHOUT_FLAGGED, WITH_FLAGGED, IMPUTED)
    return result_table([]) if built is None else built


def _few_come_or_go(answers: Answers, others: Answers) -> bool:
    """Whether the two sets differ in some role by at least one person but too few to show."""
    changes = [
        abs(int(answers.is_role(role).sum()) - int(others.is_role(role).sum()))
        for role in answers.roles_present
    ]
    return any(0 < change < answers.study.privacy.shown_from for change in changes)
