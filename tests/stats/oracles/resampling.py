"""Resampling against R: what does not depend on chance.

Intervals of given replicates, jackknife accelerations, moments over all resamples of tiny data and
p-values over all arrangements of labels. All resamples are gone through by handing our own draws a
generator that does not draw but counts (``Enumerating``).
"""

from itertools import product

import numpy as np
from tests.stats.oracle import Computed, Statistic, matrix, row

from research.stats.resampling.draws import WeightProduct, nested_weights, people_weights
from research.stats.resampling.intervals import bca_interval, percentile_interval
from research.stats.resampling.items import bootstrap_items
from research.stats.resampling.joint import estimates_of_sums, joint_bootstrap, take_sample
from research.stats.resampling.permutation import max_t_permutation
from research.stats.resampling.profiles import bootstrap_profiles
from research.stats.resampling.sums import SumPlan, group_estimates, item_sums


class Enumerating:
    """Stands in for a generator: ``integers`` gives all combinations instead of draws."""

    def __init__(self, n_rows: int = 1):
        self.n_rows = n_rows

    def integers(self, low, high, size=None):
        if size is not None:
            return np.array(list(product(range(high), repeat=size[1])))
        places = np.reshape(high, (self.n_rows, -1))[0]
        return np.array(list(product(*(range(place) for place in places))), dtype=int).ravel()


def people(record: dict) -> tuple[np.ndarray, np.ndarray]:
    return matrix(record["values"]), np.array(record["first"], dtype=bool)


def generator() -> np.random.Generator:
    return np.random.default_rng(1)


def _interval(method: str):
    def compute(record: dict) -> Computed:
        replicates = matrix(record["replicates"])
        level = {"confidence_level": record["level"]}
        if method == "percentile":
            return row(percentile_interval(replicates, **level))
        given = (record["estimate"], record["acceleration"])
        return row(bca_interval(replicates, *given, **level))

    return compute


def _estimates(record: dict) -> Computed:
    values, first = people(record)
    sets = [np.arange(values.shape[1])]
    found = joint_bootstrap(values, first, item_sets=sets, n_replicates=1, generator=generator())
    by_item = bootstrap_items(values, first, n_replicates=1, generator=generator())
    return {name: one.estimate for name, one in (by_item | found).items()}


def _from_counts(record: dict) -> Computed:
    found = bootstrap_items(*people(record), n_replicates=1, generator=generator())
    return {name: one.acceleration for name, one in found.items()}


def _of_units(record: dict) -> Computed:
    values, first = people(record)
    found = joint_bootstrap(
        values,
        first,
        item_sets=[np.arange(values.shape[1])],
        cluster=record.get("cluster"),
        n_replicates=1,
        generator=generator(),
    )
    return {name: one.acceleration for name, one in found.items()}


def _left_out(record: dict) -> Computed:
    found = bootstrap_profiles(
        *people(record), record["cluster"], n_replicates=1, generator=generator()
    )
    return {"a": found.left_out_a.ravel(), "b": found.left_out_b.ravel()}


def exact_moments(estimates: dict[str, np.ndarray], probability: np.ndarray) -> Computed:
    """Mean, SD and share of resamples that have the estimate, per estimate and column."""
    moments = {}
    for name, values in estimates.items():
        there = ~np.isnan(values)
        weight = np.where(there, probability[:, None], 0.0)
        share = weight.sum(axis=0)
        weight = weight / np.where(share > 0, share, np.nan)
        # Around a value that occurs, so that what is constant has an SD of exactly zero.
        lowest = np.fmin.reduce(values, axis=0)
        offset = np.where(there, values - lowest, 0.0)
        mean = lowest + (weight * offset).sum(axis=0)
        spread = (weight * np.where(there, values - mean, 0.0) ** 2).sum(axis=0)
        moments |= {f"{name}_mean": mean, f"{name}_sd": np.sqrt(spread), f"{name}_share": share}
    return moments


def _all_resamples(record: dict) -> Computed:
    values, first = people(record)
    sample = take_sample(values, first, None, [np.arange(values.shape[1])])
    sums, share = {}, {}
    for group in sample.rows:
        features, n = sample.features(group), len(sample.rows[group])
        # Equal resamples together, with the number of ways to draw them.
        weights, ways = np.unique(
            people_weights(n, n**n, Enumerating()), axis=0, return_counts=True
        )
        sums[group] = WeightProduct.of(features, n).with_weights(weights)
        share[group] = ways / n**n
    a = np.repeat(sums["a"], len(sums["b"]), axis=0)
    b = np.tile(sums["b"], (len(sums["a"]), 1))
    probability = np.outer(share["a"], share["b"]).ravel()
    found = _all_estimates(sample.plan, a, b)
    return exact_moments(found, probability)


def _all_estimates(plan: SumPlan, a: np.ndarray, b: np.ndarray) -> Computed:
    mean_a, variance_a = group_estimates(plan.base, item_sums(plan, a))
    mean_b, variance_b = group_estimates(plan.base, item_sums(plan, b))
    by_group = {"mean_a": mean_a, "mean_b": mean_b, "variance_a": variance_a}
    return by_group | {"variance_b": variance_b} | estimates_of_sums(plan, a, b)


def _all_two_stage_resamples(record: dict) -> Computed:
    sample = take_sample(*people(record), record["cluster"])
    n_organisations = sample.n_organisations
    parts, probability = [], []
    for pick in product(range(n_organisations), repeat=n_organisations):
        sums = [_given_the_pick(sample, group, np.array(pick)) for group in ("a", "b")]
        a = np.repeat(sums[0], len(sums[1]), axis=0)
        b = np.tile(sums[1], (len(sums[0]), 1))
        parts.append(_all_estimates(sample.plan, a, b))
        probability.append(np.full(len(a), 1 / len(a) / n_organisations**n_organisations))
    names = ("mean_a", "mean_b", "mean_difference")
    joined = {name: np.concatenate([part[name] for part in parts]) for name in names}
    return exact_moments(joined, np.concatenate(probability))


def _given_the_pick(sample, group: str, pick: np.ndarray) -> np.ndarray:
    """Sums of all ways to draw a group's people from the organisations picked."""
    sizes, features = sample.sizes(group), sample.features(group)
    lengths = np.repeat(sizes[pick], sizes[pick])
    n_ways = int(np.prod(lengths))
    weights = nested_weights(np.tile(pick, (n_ways, 1)), sizes, Enumerating(n_ways))
    return WeightProduct.of(features, len(features) * len(pick)).with_weights(weights)


def _max_t(record: dict) -> Computed:
    values, first = people(record)
    found = max_t_permutation(
        values, first, cluster=record["cluster"], n_permutations=1_000, generator=generator()
    )
    columns = {name: found[name].to_numpy() for name in ("statistic", "p_value", "p_adjusted")}
    return {**columns, "n_permutations": found["n_permutations"].iloc[0]}


def _statistic(name: str, section: str, oracle: str, compute) -> Statistic:
    return Statistic(name=name, file="resampling", section=section, oracle=oracle, compute=compute)


STATISTICS = (
    _statistic("percentile", "intervals", "boot::boot.ci", _interval("percentile")),
    _statistic("bca", "intervals", "boot::boot.ci; ties: boot:::norm.inter", _interval("bca")),
    _statistic("bootstrap_estimates", "people", "base R", _estimates),
    _statistic("acceleration_from_counts", "people", "boot::empinf", _from_counts),
    _statistic("acceleration_of_people", "people", "boot::empinf", _of_units),
    _statistic(
        "acceleration_of_organisations", "organisations", "base R, leave one out", _of_units
    ),
    _statistic("profiles_without_one", "organisations", "base R, leave one out", _left_out),
    _statistic("all_resamples", "tiny", "base R, all n^n resamples", _all_resamples),
    _statistic(
        "all_two_stage_resamples",
        "nested",
        "base R, all two-stage resamples",
        _all_two_stage_resamples,
    ),
    _statistic("max_t", "labels", "stats::t.test over all arrangements", _max_t),
)
