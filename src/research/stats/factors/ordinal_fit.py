"""A factor model fitted to ordinal answers by diagonally weighted least squares (WLSMV)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from research.stats.estimates import NO_CONVERGENCE, NOT_IDENTIFIED
from research.stats.factors.fit_indices import TestStatistic, standardised_residual
from research.stats.factors.model import (
    FactorModel,
    FittedModel,
    heywood_note,
    implied_moments,
    is_singular,
)
from research.stats.factors.polychoric import OrdinalMoments
from research.stats.factors.starting import ordinal_start

MAX_STEPS = 200
TOLERANCE = 1e-9
NOTHING = 1e-12


@dataclass(frozen=True, kw_only=True)
class OrdinalFit(FittedModel):
    """A fitted model for ordinal answers; one group after another in every stacked array.

    ``jacobian`` is moments x free parameters at the solution, ``weights`` the diagonal weights of
    the moments (with the groups' shares of the people), ``residuals`` observed minus implied.
    ``chi_square`` is the unscaled statistic; use ``scaled`` for a test.
    """

    samples: Sequence[OrdinalMoments]
    jacobian: np.ndarray
    weights: np.ndarray
    residuals: np.ndarray

    @property
    def n_moments(self) -> int:
        return len(self.weights)

    @property
    def df(self) -> int:
        return self.n_moments - len(self.free)

    @cached_property
    def shares(self) -> np.ndarray:
        return np.array([sample.n for sample in self.samples]) / self.n

    @cached_property
    def clusters(self) -> np.ndarray:
        """Labels of the clusters people are nested in; none where they count as independent."""
        if min(len(sample.clusters) for sample in self.samples) < 2:
            return np.empty(0, dtype=str)
        return np.unique(np.concatenate([sample.clusters for sample in self.samples]))

    @cached_property
    def places(self) -> list[slice]:
        """Where the moments of each group stand in the stacked arrays."""
        edges = np.cumsum([0, *(len(sample.covariance) for sample in self.samples)])
        return [slice(start, stop) for start, stop in zip(edges[:-1], edges[1:], strict=True)]

    @cached_property
    def acov(self) -> np.ndarray:
        """Asymptotic covariance of all moments, groups apart, per person of the whole sample.

        With people nested in clusters from the clusters' sums, over groups where they share
        clusters, times k / (k - 1) for k clusters; otherwise groups are independent.
        """
        k = len(self.clusters)
        if k:
            moved = np.zeros((k, self.n_moments))
            for place, sample in zip(self.places, self.samples, strict=True):
                moved[np.searchsorted(self.clusters, sample.clusters), place] = sample.of_clusters
            return self.n * k / (k - 1) * moved.T @ moved
        stacked = np.zeros((self.n_moments, self.n_moments))
        for place, sample, share in zip(self.places, self.samples, self.shares, strict=True):
            stacked[place, place] = sample.covariance / share
        return stacked

    @cached_property
    def bread(self) -> np.ndarray:
        """Inverse of the information of the free parameters, per person."""
        return np.linalg.inv(self.jacobian.T @ (self.weights[:, None] * self.jacobian))

    @cached_property
    def covariance(self) -> np.ndarray:
        """Sandwich covariance of the free parameters.

        References
        ----------
        Muthen, du Toit & Spisic (1997), unpublished, eq. 17; as lavaan's ``robust.sem``.
        """
        if not self.found:
            return np.full((len(self.free), len(self.free)), np.nan)
        weighted = self.weights[:, None] * self.jacobian @ self.bread
        return weighted.T @ self.acov @ weighted / (self.n - self.model.n_groups)

    @property
    def chi_square(self) -> float:
        return self._people_weighted(self.residuals**2 * self.weights)

    @cached_property
    def baseline_chi_square(self) -> float:
        correlations = np.concatenate([_moments_of(s, thresholds=False) for s in self.samples])
        return self._people_weighted(correlations**2 * self.weights)

    def _people_weighted(self, terms: np.ndarray) -> float:
        return float(self.n * (terms * _less_one(self.samples)).sum())

    @cached_property
    def unscaled(self) -> TestStatistic:
        if not self.found:
            return self._test(np.nan, np.nan)
        return self._test(self.chi_square, self.baseline_chi_square)

    @cached_property
    def scaled(self) -> TestStatistic:
        """The scaled and shifted statistic, and the same of the independence model.

        References
        ----------
        Asparouhov & Muthen (2010), Simple second order chi-square correction, eq. 4-6.
        """
        if not self.found:
            return self._test(np.nan, np.nan)
        projected = self.jacobian @ self.bread @ (self.weights[:, None] * self.jacobian).T
        leftover = self.weights[:, None] * (np.eye(self.n_moments) - projected)
        scale, shift = scale_and_shift(leftover @ self.acov, self.df)
        chosen = np.concatenate([_is_correlation(sample) for sample in self.samples])
        alone = self.weights[chosen, None] * self.acov[np.ix_(chosen, chosen)]
        baseline_scale, baseline_shift = scale_and_shift(alone, self.baseline_df)
        return self._test(
            self.chi_square * scale + shift,
            self.baseline_chi_square * baseline_scale + baseline_shift,
        )

    @property
    def test(self) -> TestStatistic:
        """The statistic to judge the fit by."""
        return self.scaled

    def cost_against(self, before: "OrdinalFit") -> tuple[float, int]:
        """Statistic and df of the restrictions that this fit has and ``before`` has not."""
        return scaled_difference(before, self)

    def _test(self, chi_square: float, baseline: float) -> TestStatistic:
        return TestStatistic(
            chi_square=chi_square,
            df=self.df,
            baseline_chi_square=baseline,
            baseline_df=self.baseline_df,
            n=self.n - self.model.n_groups,
            n_groups=self.model.n_groups,
        )

    @property
    def srmr(self) -> float:
        """SRMR of the correlations, unit diagonal included, as lavaan counts for ordinal items."""
        if not self.found:
            return np.nan
        diagonal = np.zeros(self.model.n_items)
        residuals = [
            np.append(self.residuals[place][_is_correlation(sample)], diagonal)
            for place, sample in zip(self.places, self.samples, strict=True)
        ]
        return standardised_residual(residuals, self.shares)


def scale_and_shift(leftover: np.ndarray, df: int) -> tuple[float, float]:
    """Multiplier and shift that give a statistic the mean and the variance of its chi-square.

    ``leftover`` is the matrix U Gamma: the trace of it and of its square are used.
    """
    if df <= 0:
        return 1.0, 0.0
    trace, trace_of_square = np.trace(leftover), np.sum(leftover * leftover.T)
    if trace_of_square < NOTHING * df:  # the same people answered the same in every group
        return 1.0, 0.0
    scale = np.sqrt(df / trace_of_square)
    return float(scale), float(df - scale * trace)


def scaled_difference(free: OrdinalFit, equal: OrdinalFit) -> tuple[float, int]:
    """Scaled and shifted statistic of what holding parameters equal costs, and its df.

    ``equal`` must be ``free`` with restrictions. The statistic can be slightly negative: the
    restrictions then cost nothing. As lavaan's ``lavTestLRT`` (satorra.2000, A.method "delta").

    References
    ----------
    Satorra (2000), in Innovations in multivariate statistical analysis, 233-247, eq. 23;
    Asparouhov & Muthen (2010) for the shift.
    """
    restricted = np.linalg.lstsq(free.jacobian, equal.jacobian, rcond=None)[0]
    df = free.jacobian.shape[1] - equal.jacobian.shape[1]
    if df <= 0:
        return float(equal.chi_square - free.chi_square), 0
    across = np.linalg.qr(restricted, mode="complete")[0][:, -df:].T
    middle = np.linalg.inv(across @ free.bread @ across.T)
    pull = free.bread @ across.T @ middle @ across @ free.bread
    weighted = free.weights[:, None] * free.jacobian
    scale, shift = scale_and_shift(pull @ (weighted.T @ free.acov @ weighted), df)
    return float(scale * (equal.chi_square - free.chi_square) + shift), df


def fit_ordinal(model: FactorModel, samples: Sequence[OrdinalMoments]) -> OrdinalFit:
    """The model that reproduces thresholds and polychoric correlations best, and its test.

    Minimises the squared residuals weighted by one over their asymptotic variance (DWLS), groups
    by n - 1. Gauss-Newton with analytic derivatives, damped where a full step
    does not improve. ``samples`` one per group, from ``ordinal_moments``; missing answers are
    left out pair by pair there.

    Samples without usable correlations, a model the moments do not determine and a search that
    does not end give NaN everywhere and the reason in ``note``.

    References
    ----------
    Muthen (1984), Psychometrika 49, 115-132, eq. 13; Muthen, du Toit & Spisic (1997); Levenberg
    (1944), Q. Appl. Math. 2, 164-168.
    """
    unusable = next((s.note for s in samples if s.note), "")
    if not unusable and any(not np.all(np.diag(s.covariance) > 0) for s in samples):
        unusable = NOT_IDENTIFIED
    if unusable:
        return _without_numbers(model, samples, unusable)
    model = ordinal_start(model, [s.correlations for s in samples], [s.thresholds for s in samples])
    n = sum(sample.n for sample in samples)
    observed = np.concatenate([_moments_of(sample, thresholds=True) for sample in samples])
    weights = np.concatenate([s.n / n / np.diag(s.covariance) for s in samples])
    # Lavaan estimates with n - 1 people a group and infers with n; the solutions differ slightly.
    estimating = weights * _less_one(samples)
    free, damping, note = model.parameters.start(), 0.0, NO_CONVERGENCE
    residuals, jacobian = _residuals(model, free, observed)
    misfit = estimating @ residuals**2
    for _ in range(MAX_STEPS):
        weighted = estimating[:, None] * jacobian
        information, gradient = jacobian.T @ weighted, weighted.T @ residuals
        if is_singular(information):
            note = NOT_IDENTIFIED
            break
        step = np.linalg.solve(information + damping * np.diag(np.diag(information)), gradient)
        if gradient @ step < TOLERANCE**2 * max(1.0, misfit):
            note = ""
            break
        tried = _residuals(model, free + step, observed)
        tried_misfit = estimating @ tried[0] ** 2
        if np.isfinite(tried_misfit) and tried_misfit <= misfit:
            free, (residuals, jacobian), misfit = free + step, tried, tried_misfit
            damping = damping / 10 if damping > 1e-8 else 0.0
        else:
            damping = max(10 * damping, 1e-4)
            if damping > 1e8:  # no step improves: rounding decides, this is the minimum
                note = ""
                break
    if note:
        return _without_numbers(model, samples, note)
    fit = OrdinalFit(
        model=model,
        samples=samples,
        free=free,
        jacobian=jacobian,
        weights=weights,
        residuals=residuals,
        note="",
    )
    return replace(fit, note=heywood_note(model, fit.values))


def _without_numbers(
    model: FactorModel, samples: Sequence[OrdinalMoments], note: str
) -> OrdinalFit:
    n_moments = sum(len(sample.covariance) for sample in samples)
    n_free = model.parameters.n_free
    return OrdinalFit(
        model=model,
        samples=samples,
        free=np.full(n_free, np.nan),
        jacobian=np.full((n_moments, n_free), np.nan),
        weights=np.full(n_moments, np.nan),
        residuals=np.full(n_moments, np.nan),
        note=note,
    )


def _moments_of(sample: OrdinalMoments, *, thresholds: bool) -> np.ndarray:
    """Thresholds (or zeros in their place) and correlations in the order of ``covariance``."""
    p = len(sample.correlations)
    first = sample.thresholds if thresholds else np.zeros(len(sample.thresholds))
    return np.concatenate([first, sample.correlations[np.triu_indices(p, 1)]])


def _less_one(samples: Sequence[OrdinalMoments]) -> np.ndarray:
    """Per moment (n - 1) / n of its group: least squares counts one less (lavaan), ML does not."""
    return np.repeat([(s.n - 1) / s.n for s in samples], [len(s.covariance) for s in samples])


def _is_correlation(sample: OrdinalMoments) -> np.ndarray:
    return np.arange(len(sample.covariance)) >= len(sample.thresholds)


def _residuals(
    model: FactorModel, free: np.ndarray, observed: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Observed minus implied moments, and the derivatives of the implied ones."""
    values = model.parameters.filled(free)
    pairs = np.triu_indices(model.n_items, 1)
    implied, derivatives = [], []
    for group in range(model.n_groups):
        moments = implied_moments(model, values, group)
        implied += [moments.means, moments.covariances[pairs]]
        derivatives += [moments.d_means, moments.d_covariances[:, pairs[0], pairs[1]]]
    jacobian = np.concatenate(derivatives, axis=1).T @ model.parameters.selection
    return observed - np.concatenate(implied), jacobian
