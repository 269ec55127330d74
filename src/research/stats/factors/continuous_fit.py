"""A factor model fitted by maximum likelihood to answers taken as continuous."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from research.stats.estimates import (
    NO_CONVERGENCE,
    NOT_IDENTIFIED,
    NOT_POSITIVE_DEFINITE,
    TOO_FEW_ANSWERS,
)
from research.stats.factors.fit_indices import TestStatistic, standardised_residual
from research.stats.factors.model import (
    FactorModel,
    FittedModel,
    heywood_note,
    implied_moments,
    is_singular,
)
from research.stats.factors.patterns import (
    Pattern,
    expected_information,
    patterns_of,
    saturated_moments,
)
from research.stats.factors.starting import continuous_start

MAX_STEPS = 500
MAX_HALVINGS = 30
# What a full step would still gain in log-likelihood. Below ROUNDING a step is taken unseen: so
# near the maximum it is right, and too small to show in a sum over all people.
TOLERANCE = 1e-16
ROUNDING = 1e-7


@dataclass(frozen=True, kw_only=True)
class Sample:
    """Means and covariances of one group, and its answers by pattern of missing ones.

    ``covariances`` divide by n. With missing answers both are maximum-likelihood estimates of the
    saturated model, and ``log_likelihood`` is its.
    """

    means: np.ndarray
    covariances: np.ndarray
    patterns: Sequence[Pattern]
    log_likelihood: float
    n: int
    note: str


@dataclass(frozen=True, kw_only=True)
class ContinuousFit(FittedModel):
    """A fitted model for continuous items, with its log-likelihood."""

    samples: Sequence[Sample]
    log_likelihood: float

    @property
    def complete(self) -> bool:
        """Whether nobody left an item unanswered."""
        return all(len(sample.patterns) == 1 for sample in self.samples)

    @property
    def df(self) -> int:
        p = self.model.n_items
        return self.model.n_groups * (p + p * (p + 1) // 2) - len(self.free)

    @cached_property
    def covariance(self) -> np.ndarray:
        """Covariance of the free parameters: inverse information, as lavaan takes it.

        Expected information where all answers are there, observed where some are missing.
        """
        if not self.found:
            return np.full((len(self.free), len(self.free)), np.nan)
        information = _information if self.complete else _observed_information
        return np.linalg.pinv(information(self.model, self.samples, self.free), hermitian=True)

    @property
    def chi_square(self) -> float:
        saturated = sum(sample.log_likelihood for sample in self.samples)
        return float(2 * (saturated - self.log_likelihood))

    @cached_property
    def unscaled(self) -> TestStatistic:
        baseline = np.nan
        if self.found:
            gains = (s.log_likelihood - _independence_log_likelihood(s) for s in self.samples)
            baseline = 2 * sum(gains)
        return TestStatistic(
            chi_square=self.chi_square,
            df=self.df,
            baseline_chi_square=baseline,
            baseline_df=self.baseline_df,
            n=self.n,
            n_groups=self.model.n_groups,
        )

    @property
    def test(self) -> TestStatistic:
        """The statistic to judge the fit by."""
        return self.unscaled

    def cost_against(self, before: "ContinuousFit") -> tuple[float, int]:
        """Statistic and df of the restrictions that this fit has and ``before`` has not."""
        return self.chi_square - before.chi_square, self.df - before.df

    @property
    def srmr(self) -> float:
        """SRMR, each residual over the observed SDs (Bentler).

        Variances count; so do means where there are several groups or missing answers. One group
        of complete answers has its means reproduced exactly: lavaan leaves them out as well.
        """
        if not self.found:
            return np.nan
        residuals, lower = [], np.tril_indices(self.model.n_items)
        with_means = len(self.samples) > 1 or not self.complete
        for group, sample in enumerate(self.samples):
            moments = implied_moments(self.model, self.values, group)
            sd = np.sqrt(np.diag(sample.covariances))
            standardised = (sample.covariances - moments.covariances) / np.outer(sd, sd)
            means = (sample.means - moments.means) / sd
            residuals.append(np.append(standardised[lower], means if with_means else []))
        return standardised_residual(residuals, [sample.n for sample in self.samples])


def sample_moments(items: np.ndarray) -> Sample:
    """Means and covariances of one group, by maximum likelihood; missing answers stay in.

    One row a respondent; a row without any answer is left out. Full information: every answer
    counts, which is right when answers are missing at random. Items that determine one another,
    or too few people for their number: ``not_positive_definite``; two items that nobody answered
    both: ``too_few_answers``.

    References
    ----------
    Dempster, Laird & Rubin (1977), J. R. Stat. Soc. B 39, 1-38, on the EM algorithm used.
    """
    patterns = patterns_of(items)
    n, n_items = sum(pattern.n for pattern in patterns), items.shape[1]
    means, covariances = np.full(n_items, np.nan), np.full((n_items, n_items), np.nan)
    log_likelihood, note = -np.inf, TOO_FEW_ANSWERS
    together = np.zeros((n_items, n_items))
    for pattern in patterns:
        together[np.ix_(pattern.items, pattern.items)] += pattern.n
    if (together > 0).all():
        try:
            means, covariances = saturated_moments(patterns, n_items)
            log_likelihood = sum(pattern.scores(means, covariances)[0] for pattern in patterns)
        except np.linalg.LinAlgError:
            pass  # the matrix that stopped it is what the note says
        note = "" if np.isfinite(log_likelihood) else NOT_POSITIVE_DEFINITE
    return Sample(
        means=means,
        covariances=covariances,
        patterns=patterns,
        log_likelihood=log_likelihood,
        n=n,
        note=note,
    )


def fit_continuous(model: FactorModel, samples: Sequence[Sample]) -> ContinuousFit:
    """The model under which the answers are most likely, and its likelihood-ratio test.

    Fisher scoring with analytic derivatives, halving a step that leaves the model or does not
    improve. Missing answers by full information (FIML): each pattern contributes the likelihood
    of what was answered; the steps then use the information of complete answers, which only
    takes more of them.

    References
    ----------
    Joreskog (1969), Psychometrika 34, 183-202; Arbuckle (1996), in Advanced structural equation
    modeling, 243-277, eq. 3, for missing answers.
    """
    unusable = next((sample.note for sample in samples if sample.note), "")
    if unusable:
        return _without_numbers(model, samples, unusable)
    model = continuous_start(model, [s.means for s in samples], [s.covariances for s in samples])
    free, note = model.parameters.start(), NO_CONVERGENCE
    log_likelihood, gradient = _score(model, samples, free)
    for _ in range(MAX_STEPS):
        information = _information(model, samples, free)
        if is_singular(information):
            note = NOT_IDENTIFIED
            break
        step = np.linalg.solve(information, gradient)
        if gradient @ step < TOLERANCE:
            note = ""
            break
        if gradient @ step < ROUNDING:
            log_likelihood = -np.inf
        moved = _halved(model, samples, (free, step, log_likelihood))
        if moved is None:
            break
        free, log_likelihood, gradient = moved
    if note:
        return _without_numbers(model, samples, note)
    fit = ContinuousFit(
        model=model, samples=samples, free=free, log_likelihood=log_likelihood, note=""
    )
    return replace(fit, note=heywood_note(model, fit.values))


def _without_numbers(model: FactorModel, samples: Sequence[Sample], note: str) -> ContinuousFit:
    nothing = np.full(model.parameters.n_free, np.nan)
    return ContinuousFit(
        model=model, samples=samples, free=nothing, log_likelihood=np.nan, note=note
    )


def _halved(
    model: FactorModel, samples: Sequence[Sample], at: tuple[np.ndarray, np.ndarray, float]
) -> tuple[np.ndarray, float, np.ndarray] | None:
    """Where the step, halved until it does not worsen the likelihood, leads; None if nowhere."""
    free, step, log_likelihood = at
    for halving in range(MAX_HALVINGS):
        tried = free + step / 2**halving
        found, gradient = _score(model, samples, tried)
        if found >= log_likelihood:
            return tried, found, gradient
    return None


def _score(
    model: FactorModel, samples: Sequence[Sample], free: np.ndarray
) -> tuple[float, np.ndarray]:
    """Log-likelihood and its gradient at these parameters; minus infinity outside the model."""
    values = model.parameters.filled(free)
    total, gradient = 0.0, np.zeros(len(values))
    for group, sample in enumerate(samples):
        moments = implied_moments(model, values, group)
        to_means = np.zeros(model.n_items)
        to_covariances = np.zeros((model.n_items, model.n_items))
        for pattern in sample.patterns:
            found = pattern.scores(moments.means, moments.covariances)
            total += found[0]
            to_means[pattern.items] += found[1]
            to_covariances[np.ix_(pattern.items, pattern.items)] += found[2]
        gradient += moments.d_means @ to_means
        gradient += np.tensordot(moments.d_covariances, to_covariances, axes=2)
    return total, model.parameters.selection.T @ gradient


def _information(model: FactorModel, samples: Sequence[Sample], free: np.ndarray) -> np.ndarray:
    """Expected information of the free parameters had everybody answered everything."""
    values, chosen = model.parameters.filled(free), model.parameters.selection
    total = sum(
        expected_information(implied_moments(model, values, group), sample.n)
        for group, sample in enumerate(samples)
    )
    return chosen.T @ total @ chosen


def _observed_information(
    model: FactorModel, samples: Sequence[Sample], free: np.ndarray
) -> np.ndarray:
    """Minus the second derivatives of the log-likelihood: differences of the analytic gradient."""
    columns = []
    for number, width in enumerate(1e-4 * np.maximum(np.abs(free), 0.1)):
        move = np.zeros(len(free))
        move[number] = width
        ahead, behind = (_score(model, samples, free + times * move)[1] for times in (1, -1))
        columns.append((ahead - behind) / (2 * width))
    hessian = np.array(columns)
    return -(hessian + hessian.T) / 2


def _independence_log_likelihood(sample: Sample) -> float:
    """Log-likelihood of a group when the items are independent: each item by itself."""
    total = 0.0
    for item in range(len(sample.means)):
        sums = [pattern.of_item(item) for pattern in sample.patterns]
        n, first, second = np.sum([s for s in sums if s is not None], axis=0)
        mean = first / n
        total += -0.5 * n * (np.log(2 * np.pi * (second / n - mean**2)) + 1)
    return float(total)
