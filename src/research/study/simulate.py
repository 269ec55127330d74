"""Synthetic studies with a known truth; the example study comes from here.

Two directions are put in, those the study behind the instrument reports: customers value every
activity, and they value the use of power more than managers do. Their sizes are chosen.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from scipy import special

from research.study.instrument import Instrument

ORGANISATION_NAMES: tuple[str, ...] = (
    "Averlinde Verzekeringen",
    "Brugzicht Bank",
    "De Klaverpolis",
    "Duinrand Financieel",
    "Eemstroom Pensioenen",
    "Grachtland Hypotheken",
    "Hofstede & Zonen",
    "Maasveer Schadezorg",
    "Noordwal Spaarbank",
    "Oosterlicht Leven",
    "Rijnpoort Advies",
    "Zilvermeer Bank",
)


@dataclass(frozen=True, kw_only=True)
class Design:
    """Sizes and effects of a synthetic study; spreads are standard deviations on the scale."""

    managers_per_organisation: tuple[int, int] = (12, 30)
    customers_per_organisation: tuple[int, int] = (25, 90)
    managers_in_smallest: int = 8
    value_low: float = 3.45
    value_high: float = 4.15
    power_gap_low: float = 0.45
    power_gap_high: float = 1.05
    power_value: float = 3.25
    organisation_spread: float = 0.15
    organisation_gap_spread: float = 0.3
    halo_spread: float = 0.4
    cluster_spread: float = 0.45
    answer_spread: float = 0.7
    stretch_spread: float = 0.15
    missing_share: float = 0.015
    dont_know_share: float = 0.02
    careless: int = 7


@dataclass(frozen=True, kw_only=True)
class SyntheticStudy:
    """Answers of a synthetic study and the truth behind them.

    ``answers`` has one row a respondent: respondent_id, organisation, role, careless, one whole
    number per activity; -1 is *don't know*, NaN no answer.
    """

    answers: pd.DataFrame
    truth: dict


def simulate_study(
    instrument: Instrument,
    *,
    power_cluster: str = "power",
    design: Design | None = None,
    organisations: Sequence[str] = ORGANISATION_NAMES,
    seed: int = 2026,
) -> SyntheticStudy:
    """Answers of managers and customers of several organisations, with the true gaps.

    A latent value per person and activity (activity, organisation, person's halo, person's
    leaning to the cluster, noise) is stretched by the person's response style, rounded to the
    scale and cut at its ends. The gap differs between organisations. Careless people tick one
    point throughout and are no part of the truth.
    """
    design = design or Design()
    rng = np.random.default_rng(seed)
    people = _people(design, organisations, rng)
    means = _latent_means(instrument, power_cluster, design, rng)
    latent = _latent_answers(people, means, instrument, design, rng)
    scale = instrument.scale
    answers = np.clip(np.rint(latent), scale.low, scale.high)
    answers = _make_careless(answers, people["careless"].to_numpy(), scale.points, rng)
    blank = rng.random(answers.shape) < design.missing_share
    dont_know = rng.random(answers.shape) < design.dont_know_share
    answers[dont_know] = -1
    answers[blank] = np.nan
    table = pd.concat([people, pd.DataFrame(answers, columns=instrument.activity_ids)], axis=1)
    truth = _truth(means, instrument, power_cluster, design) | {
        "seed": seed,
        "synthetic": True,
        "design": asdict(design),
    }
    return SyntheticStudy(answers=table, truth=truth)


def _people(design: Design, organisations: Sequence[str], rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    smallest = len(organisations) // 2
    for place, organisation in enumerate(organisations):
        low, high = design.managers_per_organisation
        n_managers = int(rng.integers(low, high + 1))
        if place == smallest:
            n_managers = design.managers_in_smallest
        low, high = design.customers_per_organisation
        n_customers = int(rng.integers(low, high + 1))
        rows += [(organisation, "manager")] * n_managers
        rows += [(organisation, "customer")] * n_customers
    people = pd.DataFrame(rows, columns=["organisation", "role"])
    careless = np.zeros(len(people), dtype=bool)
    careless[rng.choice(len(people), size=min(design.careless, len(people)), replace=False)] = True
    ids = [f"R{number:05d}" for number in rng.permutation(len(people)) + 1]
    return people.assign(respondent_id=ids, careless=careless)


def _latent_means(
    instrument: Instrument, power_cluster: str, design: Design, rng: np.random.Generator
) -> pd.DataFrame:
    """Latent mean per activity for each role; only the power cluster differs."""
    n = len(instrument.activities)
    manager = rng.uniform(design.value_low, design.value_high, n)
    in_power = np.array([a.cluster == power_cluster for a in instrument.activities])
    manager[in_power] = design.power_value + rng.uniform(-0.1, 0.1, in_power.sum())
    gap = np.where(in_power, rng.uniform(design.power_gap_low, design.power_gap_high, n), 0.0)
    return pd.DataFrame(
        {"manager": manager, "customer": manager + gap}, index=instrument.activity_ids
    )


def _latent_answers(
    people: pd.DataFrame,
    means: pd.DataFrame,
    instrument: Instrument,
    design: Design,
    rng: np.random.Generator,
) -> np.ndarray:
    n, clusters = len(people), instrument.cluster_ids
    organisation = pd.factorize(people["organisation"])[0]
    n_organisations = organisation.max() + 1
    customer = (people["role"] == "customer").to_numpy()
    cluster_of = np.array([clusters.index(a.cluster) for a in instrument.activities])
    level = rng.normal(0, design.organisation_spread, n_organisations)[organisation]
    gap = rng.normal(0, design.organisation_gap_spread, (n_organisations, len(clusters)))
    halo = rng.normal(0, design.halo_spread, n)
    leaning = rng.normal(0, design.cluster_spread, (n, len(clusters)))
    noise = rng.normal(0, design.answer_spread, (n, len(means)))
    by_role = np.where(customer[:, None], means["customer"].to_numpy(), means["manager"].to_numpy())
    latent = by_role + (level + halo)[:, None] + leaning[:, cluster_of] + noise
    latent += np.where(customer[:, None], gap[organisation][:, cluster_of], 0.0)
    stretch = np.exp(rng.normal(0, design.stretch_spread, n))[:, None]
    midpoint = instrument.scale.midpoint
    return midpoint + stretch * (latent - midpoint)


def _make_careless(
    answers: np.ndarray, careless: np.ndarray, points: Sequence[int], rng: np.random.Generator
) -> np.ndarray:
    chosen = rng.choice(np.asarray(points, dtype=float), size=careless.sum())
    answers[careless] = chosen[:, None]
    return answers


def _truth(means: pd.DataFrame, instrument: Instrument, power_cluster: str, design: Design) -> dict:
    """Expected answer per activity and role, and the gaps, in scale points."""
    spread = np.sqrt(
        design.organisation_spread**2
        + design.halo_spread**2
        + design.cluster_spread**2
        + design.answer_spread**2
    )
    with_gap = np.hypot(spread, design.organisation_gap_spread)
    expected = {
        "manager": expected_answer(means["manager"].to_numpy(), spread, instrument, design),
        "customer": expected_answer(means["customer"].to_numpy(), with_gap, instrument, design),
    }
    gap = pd.Series(expected["customer"] - expected["manager"], index=means.index)
    clusters = {c: gap[instrument.activities_of(c)].mean() for c in instrument.cluster_ids}
    others = [value for cluster, value in clusters.items() if cluster != power_cluster]
    return {
        "contrast": "customer - manager",
        "activities": {
            activity: {
                "manager": float(expected["manager"][place]),
                "customer": float(expected["customer"][place]),
                "gap": float(gap.iloc[place]),
            }
            for place, activity in enumerate(means.index)
        },
        "clusters": {cluster: float(value) for cluster, value in clusters.items()},
        "power_against_the_rest": float(clusters[power_cluster] - np.mean(others))
        if others
        else 0.0,
    }


def expected_answer(
    mean: np.ndarray, spread: float, instrument: Instrument, design: Design
) -> np.ndarray:
    """Mean answer on the scale for a latent mean and spread, by Gauss-Hermite over the style.

    An answer of at least k is given when the stretched latent value passes k - 1/2.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(31)
    stretch = np.exp(design.stretch_spread * nodes)[:, None, None]
    scale = instrument.scale
    steps = np.array(scale.points[1:])[None, :, None] - 0.5
    above = scale.midpoint + stretch * (mean - scale.midpoint) - steps
    chance = special.ndtr(above / (stretch * spread)).sum(axis=1)
    return scale.low + (weights[:, None] * chance).sum(axis=0) / weights.sum()
