"""What a study of this size can show, and how large a study must be to show it."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Literal, get_args

import numpy as np
import pandas as pd
from scipy import special

from research.errors import require_choice
from research.stats.clustered import too_few_df
from research.stats.estimates import LOW_DF, TOO_FEW_ANSWERS, t_critical
from research.stats.noncentral import solve_monotone
from research.stats.tost_power import chance_within_margin

NOT_REACHABLE = "not_reachable"
Role = Literal["both", "first", "second"]
ROLES: tuple[str, ...] = get_args(Role)
# What "however many" means in a search: beyond it the answer to a question does not change.
ENDLESS = 2.0**40
# What reaches the chance asked for up to rounding has reached it.
SLACK = 1e-12


def detectable_difference(
    standard_error: np.ndarray,
    df: np.ndarray,
    *,
    confidence_level: float = 0.95,
    power: float = 0.8,
) -> np.ndarray:
    """Smallest true difference a two-sided t-test finds with probability ``power``.

    In the unit of the standard error, which is taken as known; exact noncentral t, both tails.
    One value per standard error; NaN in, NaN out.
    """
    standard_error, df = (np.asarray(x, dtype=float) for x in (standard_error, df))
    limit = t_critical(df, confidence_level)

    def shortfall(noncentrality: np.ndarray) -> np.ndarray:
        return special.ndtri(power_of_t(noncentrality, df, limit)) - special.ndtri(power)

    start = limit + special.ndtri(power)
    return solve_monotone(shortfall, start, slope=np.ones_like(start)) * standard_error


def power_of_t(noncentrality: np.ndarray, df: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Chance that |t| exceeds ``limit`` when the true difference is ``noncentrality`` errors.

    ``noncentrality`` is at least zero. R's ``pt`` loses digits beyond 37.62 errors.
    """
    # Reflected, so that both are lower tails: nctdtr keeps its digits there.
    above = special.nctdtr(df, -noncentrality, -limit)
    below = special.nctdtr(df, noncentrality, -limit)
    # Where nctdtr loses the wrong tail (NaN, from six errors in all), it is below 1e-16.
    return above + np.where(np.isnan(below) & ~np.isnan(above), 0.0, below)


@dataclass(frozen=True, kw_only=True, eq=False)
class PlannedStudy:
    """A study still to be held: people of two roles in each of several organisations.

    Every field is a number or an array; arrays are broadcast, so that one object may hold many
    designs, and every result has one row a design. The number of people is per organisation and
    role; where organisations differ in size it is the harmonic mean, because the error goes
    with 1/m. ``answer_sd`` (scale points) is the standard deviation of the answers of a role,
    of whose variance the share ``icc`` lies between organisations. ``gap_sd`` is the standard
    deviation over organisations of the true difference between the roles.

    An organisation that answers higher does so in both roles: its level drops out of the
    difference. What the roles of an organisation do not share is variation of the difference
    and belongs to ``gap_sd``: levels that correlate ``r`` between the roles add
    ``2 (1 - r) icc answer_sd**2`` to its square, so 2 icc answer_sd^2 when each role has a
    level of its own.
    """

    organisations: float | np.ndarray
    first_per_organisation: float | np.ndarray
    second_per_organisation: float | np.ndarray
    answer_sd: float | np.ndarray
    icc: float | np.ndarray
    gap_sd: float | np.ndarray

    def __post_init__(self):
        whole, at_least_one = "a whole number, 1 or more", "1 or more"
        counts = np.asarray(self.organisations, dtype=float)
        _require("organisations", counts, (counts >= 1) & (counts == np.floor(counts)), whole)
        for name in ("first_per_organisation", "second_per_organisation"):
            _require(name, getattr(self, name), np.asarray(getattr(self, name)) >= 1, at_least_one)
        _require("answer_sd", self.answer_sd, np.asarray(self.answer_sd) > 0, "above 0")
        icc = np.asarray(self.icc)
        _require("icc", icc, (icc >= 0) & (icc < 1), "at least 0 and below 1")
        _require("gap_sd", self.gap_sd, np.asarray(self.gap_sd) >= 0, "0 or more")

    def columns(self) -> dict[str, np.ndarray]:
        """Return every field as an array with one value a design."""
        given = [np.atleast_1d(np.asarray(getattr(self, f.name), float)) for f in fields(self)]
        names = (field.name for field in fields(self))
        return dict(zip(names, np.broadcast_arrays(*given), strict=True))


def _require(name: str, value: object, holds: np.ndarray, rule: str) -> None:
    if not np.all(holds):
        raise ValueError(f"{name} must be {rule}, not {value}")


def planned_standard_error(plan: PlannedStudy) -> pd.DataFrame:
    """Standard error and df of the difference between the roles; one row a design.

    The variance of the mean over k organisations of the differences within them:
    (gap_sd^2 + answer_sd^2 (1 - icc) (1/m1 + 1/m2)) / k on k - 1 df. With equal numbers in every
    organisation CR2 has exactly these df; unequal numbers cost it some, so that its power lies a
    few points below what is planned. One organisation: Student's two-sample t on m1 + m2 - 2 df,
    about that organisation only, so ``gap_sd`` does not enter. Notes: ``too_few_answers`` without
    df, ``low_df`` below four (fewer than five organisations).

    References
    ----------
    Raudenbush & Liu (2000), Psychol. Methods 5, 199-213, multisite trials.
    """
    columns = plan.columns()
    error, df = _error_and_df(columns)
    k = columns["organisations"]
    return pd.DataFrame(
        {
            "standard_error": np.where(df > 0, error, np.nan),
            "df": df,
            "n_a": k * columns["first_per_organisation"],
            "n_b": k * columns["second_per_organisation"],
            "n_clusters": k,
            "note": np.select([df <= 0, (k > 1) & too_few_df(df)], [TOO_FEW_ANSWERS, LOW_DF], ""),
        }
    )


def _error_and_df(columns: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    k, m_a, m_b = (
        columns[name]
        for name in ("organisations", "first_per_organisation", "second_per_organisation")
    )
    people = columns["answer_sd"] ** 2 * (1 - columns["icc"]) * (1 / m_a + 1 / m_b)
    variance = np.where(k > 1, (columns["gap_sd"] ** 2 + people) / k, people)
    return np.sqrt(variance), np.where(k > 1, k - 1, m_a + m_b - 2)


def planned_power(
    plan: PlannedStudy,
    *,
    difference: float | np.ndarray,
    n_tests: int = 1,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Chance (``estimate``) that the two-sided t-test finds a true ``difference``.

    One row a design; ``difference`` in scale points, a number or one a design. ``n_tests`` is
    the size of the family: every test at alpha / n_tests, which is Bonferroni and the first step
    of Holm, so a lower bound for Holm. Exact noncentral t for normal answers. Notes as in
    ``planned_standard_error``.
    """
    columns = plan.columns()
    level = _level(confidence_level, n_tests)
    found = _chance(columns, np.asarray(difference, float), None, level)
    return planned_standard_error(plan).assign(estimate=found, confidence_level=level)


def planned_equivalence_power(
    plan: PlannedStudy,
    *,
    margin: float,
    difference: float | np.ndarray = 0.0,
    n_tests: int = 1,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Chance (``estimate``) that two one-sided tests show equivalence within ``margin``.

    ``difference`` is the true one, in scale points as ``margin``: zero is the hopeful case.
    Each one-sided test at (1 - confidence_level) / n_tests. Exact: a difference of two Owen's Q,
    integrated numerically. Grows with every size once above alpha; below, few df may help, the
    error being small by chance. One row a design; notes as in ``planned_standard_error``.

    References
    ----------
    Phillips (1990), J. Pharmacokinet. Biopharm. 18, 137-144; Owen (1965), Biometrika 52, 437-446.
    """
    if margin <= 0:
        raise ValueError(f"margin must be above 0 (in scale points), not {margin}")
    level = _level(confidence_level, n_tests)
    found = _chance(plan.columns(), np.asarray(difference, float), margin, level)
    return planned_standard_error(plan).assign(estimate=found, confidence_level=1 - 2 * (1 - level))


def planned_detectable(
    plan: PlannedStudy, *, power: float = 0.8, n_tests: int = 1, confidence_level: float = 0.95
) -> pd.DataFrame:
    """Smallest true difference (``estimate``, scale points) found with chance ``power``.

    One row a design. ``n_tests`` and notes as in ``planned_power``.
    """
    level = _level(confidence_level, n_tests)
    table = planned_standard_error(plan)
    _require("power", power, 1 - level < power < 1, "above alpha and below 1")
    found = detectable_difference(
        table["standard_error"].to_numpy(), table["df"].to_numpy(),
        confidence_level=level, power=power,
    )  # fmt: skip
    return table.assign(estimate=found, confidence_level=level)


def required_organisations(
    plan: PlannedStudy,
    *,
    difference: float,
    power: float = 0.8,
    n_tests: int = 1,
    confidence_level: float = 0.95,
    margin: float | None = None,
) -> pd.DataFrame:
    """Smallest number of organisations (``estimate``, two or more) that gives ``power``.

    ``plan.organisations`` is not used. With ``margin`` the test is equivalence within it, at the
    true ``difference``. ``power`` in the result is what that number gives. One row a design.
    Where no number is enough, ``estimate`` is NaN with the note ``not_reachable`` and ``power``
    is the most there is: no true difference, or one not inside the margin.
    """
    level = _required_level(power, n_tests, confidence_level, margin)

    def chance(columns: dict[str, np.ndarray], count: np.ndarray) -> np.ndarray:
        asked = columns | {"organisations": count}
        return _chance(asked, np.asarray(difference, float), margin, level)

    return _smallest(plan.columns(), chance, power, least=2.0)


def required_people(
    plan: PlannedStudy,
    *,
    difference: float,
    power: float = 0.8,
    n_tests: int = 1,
    margin: float | None = None,
    role: Role = "both",
) -> pd.DataFrame:
    """Smallest number of people per organisation (``estimate``) that gives ``power`` at 95 %.

    ``role``: as many of *both* roles, or of the *first* or the *second* alone with the other as
    planned. With ``margin`` the test is equivalence within it. More people do not make the
    variance smaller than gap_sd^2 / k, nor than what the people of the other role leave. Where
    that is too much, no number of people is enough: ``estimate`` is NaN with the note
    ``not_reachable``, and ``power`` is what endless people would give.
    """
    require_choice("role", role, ROLES)
    level = _required_level(power, n_tests, 0.95, margin)
    changed = {
        "both": ("first_per_organisation", "second_per_organisation"),
        "first": ("first_per_organisation",),
        "second": ("second_per_organisation",),
    }[role]

    def chance(columns: dict[str, np.ndarray], count: np.ndarray) -> np.ndarray:
        asked = columns | dict.fromkeys(changed, count)
        return _chance(asked, np.asarray(difference, float), margin, level)

    return _smallest(plan.columns(), chance, power, least=1.0)


def _level(confidence_level: float, n_tests: int) -> float:
    _require("n_tests", n_tests, n_tests >= 1 and n_tests == int(n_tests), "a whole number from 1")
    _require("confidence_level", confidence_level, 0 < confidence_level < 1, "between 0 and 1")
    return 1 - (1 - confidence_level) / n_tests


def _required_level(
    power: float, n_tests: int, confidence_level: float, margin: float | None
) -> float:
    level = _level(confidence_level, n_tests)
    _require("power", power, 1 - level < power < 1, "above alpha and below 1")
    _require("margin", margin, margin is None or margin > 0, "above 0 (in scale points)")
    return level


def _chance(
    columns: dict[str, np.ndarray], difference: np.ndarray, margin: float | None, level: float
) -> np.ndarray:
    """Return the chance that the test of each design shows what it should; NaN without df."""
    error, df = _error_and_df(columns)
    error, df = (np.where(df > 0, x, np.nan) for x in (error, df))
    size = np.abs(difference) / error
    if margin is None:
        # A million errors away every test finds it; further out nctdtr would give up.
        return power_of_t(np.minimum(size, 1e6), df, t_critical(df, level))
    limit = t_critical(df, 1 - 2 * (1 - level))
    return chance_within_margin(size, margin / error, df, limit)


def _smallest(
    columns: dict[str, np.ndarray],
    chance: Callable[[dict[str, np.ndarray], np.ndarray], np.ndarray],
    power: float,
    *,
    least: float,
) -> pd.DataFrame:
    """Return the smallest whole count whose chance reaches ``power``, by halving a doubled range.

    The chance grows with the count, so what endless people cannot reach nobody reaches.
    """
    n = len(columns["icc"])
    endless = chance(columns, np.full(n, ENDLESS))
    reachable = endless >= power - SLACK
    low, high = np.full(n, least - 1), np.full(n, least)
    while True:
        short = reachable & ~(chance(columns, high) >= power - SLACK)
        if not short.any():
            break
        low, high = np.where(short, high, low), np.where(short, 2 * high, high)
    while (high - low > 1).any():
        middle = np.maximum(np.floor((low + high) / 2), least)
        enough = chance(columns, middle) >= power - SLACK
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        low = np.minimum(low, high - 1)
    reached = chance(columns, high)
    return pd.DataFrame(
        {
            "estimate": np.where(reachable, high, np.nan),
            "power": np.where(reachable, reached, endless),
            "note": np.where(reachable, "", NOT_REACHABLE),
        }
    )
