"""Who leaves questions open: a penalised logistic regression on role and organisation."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy import special

from research.stats.estimates import (
    NO_CONVERGENCE,
    NO_MISSING_ANSWERS,
    NOT_IDENTIFIED,
    TOO_FEW_ANSWERS,
)
from research.stats.groups import cluster_codes

NOBODY_COMPLETE = "nobody_complete"
MAX_STEPS = 200
MAX_HALVINGS = 40
LONGEST_STEP = 5.0
TOLERANCE = 1e-11
UNSEEN = 1e-5  # steps so small that what they gain is rounding in the sum over all people
RANK_TOLERANCE = 1e-9
FARTHEST = 60.0  # log odds beyond which no limit is looked for


@dataclass(frozen=True, kw_only=True)
class Counted:
    """People counted by row of the design: ``open`` of ``n`` left a question open."""

    design: np.ndarray
    open: np.ndarray
    n: np.ndarray


@dataclass(frozen=True, kw_only=True)
class LogisticFit:
    """Log odds at which the penalised likelihood is highest."""

    counted: Counted
    coefficients: np.ndarray
    log_likelihood: float
    converged: bool

    @cached_property
    def covariance(self) -> np.ndarray:
        """Inverse of the information, without the penalty's share."""
        return np.linalg.inv(_information(self.counted, self.coefficients))


def missingness_regression(
    left_open: np.ndarray,
    first: np.ndarray,
    organisation: np.ndarray,
    *,
    confidence_level: float = 0.95,
) -> pd.DataFrame:
    """Odds of leaving at least one question open, by role and by organisation.

    One row a person goes in: ``left_open`` and ``first`` (role a) true or false. Two rows come
    out. ``role``: ``estimate`` is the odds ratio a / b at equal organisation, with a profile
    interval. ``organisation``: whether organisations differ at equal role; no estimate. Both
    tested by the penalised likelihood ratio. ``n_a``, ``n_b`` people per role.

    Firth's penalty throughout, not only where it is needed: in an organisation where nobody (or
    everybody) left something open the usual estimate is infinite, and with a dozen organisations
    it is too far from one. Organisations are fixed effects; people within one count as independent
    given their role. As ``logistf::logistf(pl = TRUE)`` and ``logistftest``, which keep the
    penalty of the whole model where terms are held at zero.

    Nobody left anything open: NaN, ``no_missing_answers``; everybody did: ``nobody_complete``. A
    role that occurs in organisations of its own only: ``not_identified``. One role or one
    organisation: that row is left out.

    References
    ----------
    Firth (1993), Biometrika 80, 27-38; Heinze & Schemper (2002), Stat. Med. 21, 2409-2419
    (tests and intervals).
    """
    left_open, first = np.asarray(left_open, dtype=bool), np.asarray(first, dtype=bool)
    labels, codes = cluster_codes(organisation)
    two_roles = 0 < first.sum() < len(first)
    counted = _count(left_open, first, codes, len(labels), two_roles)
    base = {
        "confidence_level": confidence_level,
        "n_a": int(first.sum()),
        "n_b": int((~first).sum()),
        "n_clusters": len(labels),
    }
    place = 1 + int(two_roles)
    terms = [("role", np.array([1]))] if two_roles else []
    if len(labels) > 1:
        terms.append(("organisation", np.arange(place, counted.design.shape[1])))
    note = _reason(counted)
    whole = None if note else fit_logistic(counted)
    if whole is not None and not whole.converged:
        note = NO_CONVERGENCE
    rows = []
    for term, columns in terms:
        row = {"term": term, "df": float(len(columns)), "note": note, **base}
        if not note:
            row |= _tested(whole, term, columns, confidence_level)
        rows.append(row)
    wanted = ["term", "estimate", "ci_low", "ci_high", "statistic", "df", "p_value", "note", *base]
    return pd.DataFrame(rows).reindex(columns=wanted)


def fit_logistic(
    counted: Counted,
    *,
    held: dict[int, float] | None = None,
    start: np.ndarray | None = None,
    penalised: bool = True,
) -> LogisticFit:
    """Logistic regression by (penalised) maximum likelihood; ``held`` coefficients stay put.

    Newton steps from ``start``, halved until the likelihood does not fall. Not ``penalised``: the
    usual maximum-likelihood estimate.
    """
    coefficients = np.zeros(counted.design.shape[1]) if start is None else start.copy()
    for column, value in (held or {}).items():
        coefficients[column] = value
    free = np.setdiff1d(np.arange(len(coefficients)), list(held or {}))
    value = _log_likelihood(counted, coefficients, penalised)
    for _ in range(MAX_STEPS):
        gradient, curvature = _slope(counted, coefficients, penalised)
        step = np.linalg.solve(curvature[np.ix_(free, free)], gradient[free])
        step *= min(1.0, LONGEST_STEP / max(np.abs(step).max(initial=0.0), 1e-300))
        if np.abs(step).max(initial=0.0) < TOLERANCE:
            return _fitted(counted, coefficients, value, True)
        for halving in range(MAX_HALVINGS):
            tried = coefficients.copy()
            tried[free] += step / 2**halving
            there = _log_likelihood(counted, tried, penalised)
            if there >= value or np.abs(step).max() < UNSEEN:
                break
        else:
            break
        coefficients, value = tried, there
    return _fitted(counted, coefficients, value, False)


def _fitted(counted: Counted, coefficients: np.ndarray, value: float, done: bool) -> LogisticFit:
    return LogisticFit(
        counted=counted, coefficients=coefficients, log_likelihood=value, converged=done
    )


def _count(
    left_open: np.ndarray, first: np.ndarray, codes: np.ndarray, n_codes: int, two_roles: bool
) -> Counted:
    """People per role and organisation; design: intercept, role, organisations but the first."""
    cell = codes * 2 + first
    n = np.bincount(cell, minlength=2 * n_codes).astype(float)
    opened = np.bincount(cell, weights=left_open, minlength=2 * n_codes)
    dummies = np.repeat(np.eye(n_codes)[:, 1:], 2, axis=0)
    role = np.tile([[0.0], [1.0]], (n_codes, 1))[:, : int(two_roles)]
    design = np.hstack([np.ones((2 * n_codes, 1)), role, dummies])
    there = n > 0
    return Counted(design=design[there], open=opened[there], n=n[there])


def _reason(counted: Counted) -> str:
    """Why there is no regression; "" where there may be one."""
    if counted.n.sum() < 2:
        return TOO_FEW_ANSWERS
    if counted.open.sum() == 0:
        return NO_MISSING_ANSWERS
    if counted.open.sum() == counted.n.sum():
        return NOBODY_COMPLETE
    if np.linalg.matrix_rank(counted.design, RANK_TOLERANCE) < counted.design.shape[1]:
        return NOT_IDENTIFIED
    return ""


def _information(counted: Counted, coefficients: np.ndarray) -> np.ndarray:
    chance = special.expit(counted.design @ coefficients)
    weight = counted.n * chance * (1 - chance)
    return (counted.design * weight[:, None]).T @ counted.design


def _log_likelihood(counted: Counted, coefficients: np.ndarray, penalised: bool) -> float:
    odds = counted.design @ coefficients
    value = counted.open @ odds - counted.n @ np.logaddexp(0, odds)
    if not penalised:
        return float(value)
    sign, size = np.linalg.slogdet(_information(counted, coefficients))
    return float(value + size / 2) if sign > 0 else -np.inf


def _slope(
    counted: Counted, coefficients: np.ndarray, penalised: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Gradient of the (penalised) log-likelihood, and the curvature to step by.

    Firth's score adds h (1/2 - chance) a person, h that person's leverage: as if each were h
    people more, half of whom left something open.
    """
    chance = special.expit(counted.design @ coefficients)
    information = _information(counted, coefficients)
    surplus = counted.open - counted.n * chance
    curvature = information
    if penalised:
        pulled = counted.design @ np.linalg.inv(information)
        leverage = chance * (1 - chance) * (pulled * counted.design).sum(axis=1)
        surplus = surplus + counted.n * leverage * (0.5 - chance)
        weight = counted.n * (1 + leverage) * chance * (1 - chance)
        curvature = (counted.design * weight[:, None]).T @ counted.design
    return counted.design.T @ surplus, curvature


def _tested(
    whole: LogisticFit, term: str, columns: np.ndarray, confidence_level: float
) -> dict[str, float | str]:
    """Likelihood-ratio test of the columns; of the role also its odds ratio."""
    without = fit_logistic(whole.counted, held=dict.fromkeys(columns.tolist(), 0.0))
    if not without.converged:
        return {"note": NO_CONVERGENCE}
    statistic = max(2 * (whole.log_likelihood - without.log_likelihood), 0.0)
    found = {"statistic": statistic, "p_value": float(special.chdtrc(len(columns), statistic))}
    if term != "role":
        return found
    column = int(columns[0])
    low, high = (_limit(whole, column, side, confidence_level) for side in (-1, 1))
    odds = np.exp([whole.coefficients[column], low, high])
    return found | dict(zip(("estimate", "ci_low", "ci_high"), odds.tolist(), strict=True))


def _limit(whole: LogisticFit, column: int, side: int, confidence_level: float) -> float:
    """Where on one side the profile likelihood has fallen by as much as the level allows."""
    # Not at the top: it would make every import of the statistics a tenth of a second slower.
    from scipy import optimize

    allowed = special.chdtri(1, 1 - confidence_level)
    centre = whole.coefficients[column]

    def surplus(distance: float) -> float:
        held = {column: centre + side * distance}
        fit = fit_logistic(whole.counted, held=held, start=whole.coefficients)
        return 2 * (whole.log_likelihood - fit.log_likelihood) - allowed

    near, far = 0.0, np.sqrt(allowed * whole.covariance[column, column])
    while surplus(far) < 0:
        near, far = far, 1.5 * far
        if far > FARTHEST:
            return side * np.inf
    return centre + side * optimize.brentq(surplus, near, far, xtol=1e-13)
