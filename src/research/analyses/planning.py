"""How many organisations and respondents does a study need?"""

import numpy as np
import pandas as pd

from research.disclosure import rules
from research.errors import InputError
from research.stats import power as planned
from research.stats.estimates import join_results, result_table
from research.stats.power import PlannedStudy
from research.stats.spread import anova_icc, gap_variance
from research.study.answers import Answers

SHOWN_ORGANISATIONS = (6, 8, 10, 12, 16, 20, 30, 40, 60)
SHOWN_SIZES = (0.5, 1.0, 2.0)  # times the people planned
FEWEST_ORGANISATIONS = 3


def planning_results(
    plan: PlannedStudy,
    *,
    difference: float,
    margin: float | None = None,
    power: float = 0.8,
    n_tests: int = 1,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """What a planned study can show, for it and for others of its kind; one row an estimate.

    ``detectable_difference`` (found with chance ``power``) and ``planned_power`` (to find
    ``difference``, or with ``margin`` to show equivalence when the roles truly agree) for several
    numbers of organisations and people; ``required_organisations`` for the people planned and
    ``required_people`` of each role for the organisations planned, at 95 % confidence; what was
    assumed, as ``assumed_...``. ``n_a`` and ``n_b`` are people in all organisations together. A
    difference is tested in a family of ``n_tests``, equivalence alone, as in the reports.
    """
    options = {"n_tests": n_tests, "confidence_level": confidence_level}
    grid = _designs_around(plan)
    detectable = planned.planned_detectable(grid, power=power, **options)
    if margin is None:
        asked = {"difference": difference, "n_tests": n_tests, "margin": None}
        chance = planned.planned_power(grid, difference=difference, **options)
    else:
        asked = {"difference": 0.0, "n_tests": 1, "margin": margin}
        chance = planned.planned_equivalence_power(
            grid, margin=margin, confidence_level=confidence_level
        )
    keep = ["estimate", "confidence_level", "df", "n_a", "n_b", "n_clusters", "note"]
    tests = {"family": f"planned: {asked['n_tests']} tests"}
    test = "cr2_t" if margin is None else "cr2_tost"
    return join_results(
        [
            result_table(detectable[keep], estimate_type="detectable_difference", **tests),
            result_table(chance[keep], estimate_type="planned_power", test=test, **tests),
            _required(plan, asked, power, confidence_level),
            _assumed(plan, difference=difference, margin=margin, power=power, n_tests=n_tests),
        ]
    ).assign(analysis="planning")


def _designs_around(plan: PlannedStudy) -> PlannedStudy:
    """Return designs as planned with fewer and more organisations, and fewer and more people."""
    own = {name: values[0] for name, values in plan.columns().items()}
    counts = np.array(sorted({*SHOWN_ORGANISATIONS, int(own["organisations"])}), dtype=float)
    organisations, times = (x.ravel() for x in np.meshgrid(counts, SHOWN_SIZES, indexing="ij"))
    sizes = {
        name: np.maximum(1.0, np.rint(own[name] * times))
        for name in ("first_per_organisation", "second_per_organisation")
    }
    return PlannedStudy(**(own | sizes | {"organisations": organisations}))


def _required(
    plan: PlannedStudy, asked: dict, power: float, confidence_level: float
) -> pd.DataFrame:
    own = {name: values[0] for name, values in plan.columns().items()}
    found = planned.required_organisations(
        plan, power=power, confidence_level=confidence_level, **asked
    ).iloc[0]
    k, m_a, m_b = found["estimate"], own["first_per_organisation"], own["second_per_organisation"]
    organisations = {
        "estimate_type": "required_organisations",
        "estimate": k,
        "n_a": k * m_a,
        "n_b": k * m_b,
        "n_clusters": k,
        "note": found["note"],
    }
    found = planned.required_people(plan, power=power, **asked).iloc[0]
    k = own["organisations"]
    people = {
        "estimate_type": "required_people",
        "estimate": found["estimate"],
        "n_a": k * found["estimate"],
        "n_b": k * found["estimate"],
        "n_clusters": k,
        "note": found["note"],
    }
    reached = {"estimate_type": "endless_people", "estimate": found["power"], "n_clusters": k}
    unreachable = [reached] if found["note"] else []
    return result_table([organisations, people, *unreachable])


def _assumed(plan: PlannedStudy, **asked: float | None) -> pd.DataFrame:
    values = {name: values[0] for name, values in plan.columns().items()} | asked
    return result_table(
        {"estimate_type": f"assumed_{name}", "estimate": value}
        for name, value in values.items()
        if value is not None
    )


def plan_like(answers: Answers) -> PlannedStudy:
    """Return a plan with the spreads and sizes of a study that was held: its typical activity.

    Medians over the activities of the variance within organisations and roles, the intraclass
    correlation (of both roles) and the variance of the difference between organisations; number
    of organisations with both roles, and the harmonic mean of their people per role.

    Raises
    ------
    InputError
        Where it cannot be told, or would tell what the study may not show.
    """
    _require_overall_figures(answers)
    values, first = answers.activities.to_numpy(), answers.is_first_role
    gaps = gap_variance(values, first, answers.organisation)
    shares = [anova_icc(values[mask], answers.organisation[mask]) for mask in (first, ~first)]
    icc = float(np.clip(pd.concat(shares)["estimate"].median(), 0.0, 0.95))
    within = float(gaps["within_variance"].median())
    if not within > 0:
        raise InputError(
            f"The answers of study '{answers.study.id}' do not vary, so nothing can be planned "
            "from them. Give --icc, --gap-sd and --answer-sd instead of --like."
        )
    counts = _people_per_organisation(answers)
    sizes = np.rint(len(counts) / (1 / counts).sum())
    return PlannedStudy(
        organisations=len(counts),
        first_per_organisation=float(sizes.iloc[0]),
        second_per_organisation=float(sizes.iloc[1]),
        answer_sd=float(np.sqrt(within / (1 - icc))),
        icc=icc,
        gap_sd=float(np.sqrt(gaps["estimate"].median())),
    )


def _people_per_organisation(answers: Answers) -> pd.DataFrame:
    """Return the organisations with both roles, and the people in each; a column a role."""
    counts = pd.crosstab(answers.people["organisation_id"], answers.people["role"])
    counts = counts.reindex(columns=answers.study.role_ids, fill_value=0)
    return counts[(counts > 0).all(axis=1)]


def _require_overall_figures(answers: Answers) -> None:
    """Raise unless the study has and may show figures over several organisations."""
    study, remedy = answers.study, "Give --icc, --gap-sd and --answer-sd instead of --like."
    if not answers.has_two_roles:
        raise InputError(f"Study '{study.id}' holds one role; a plan compares two. {remedy}")
    roles = answers.people["role"].to_numpy(dtype=object)
    people = [int(answers.is_role(role).sum()) for role in study.role_ids]
    allowed = rules.overall_allowed(answers.organisation, roles, study.privacy)
    if not allowed or min(people) < study.privacy.minimum_n_distribution:
        raise InputError(
            f"Study '{study.id}' may not show figures over all its organisations (too few "
            f"organisations or people, or one that outweighs the others). {remedy}"
        )
    if len(_people_per_organisation(answers)) < FEWEST_ORGANISATIONS:
        raise InputError(
            f"Study '{study.id}' has fewer than {FEWEST_ORGANISATIONS} organisations with both "
            f"roles: how much they differ cannot be told from it. {remedy}"
        )
