"""How often the rule of research.responses.quality calls people careless, and who it misses.

``python -m tests.simulations.careless`` writes ``careless.csv`` beside this file (some minutes).
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from research.responses.quality import flag_respondents
from research.responses.quality.signs import REASONS
from research.study.instrument import Instrument, read_instrument
from research.study.simulate import Design, simulate_study

TABLE = Path(__file__).with_name("careless.csv")
SEED = 20261123
SHARE = 0.1
# Median seconds an activity and spread of their logarithm: careful people as in the example
# study; careless people a quarter of that.
CAREFUL_SECONDS, CARELESS_SECONDS, SPREAD = 10.0, 2.5, 0.4


def one_point(answers: np.ndarray, high: int, rng: np.random.Generator) -> np.ndarray:
    """The same point throughout."""
    return np.broadcast_to(rng.integers(1, high + 1, (len(answers), 1)), answers.shape)


def mostly_one_point(answers: np.ndarray, high: int, rng: np.random.Generator) -> np.ndarray:
    """One point, but one answer in ten is any other."""
    other = rng.random(answers.shape) < 0.1
    return np.where(other, uniform(answers, high, rng), one_point(answers, high, rng))


def uniform(answers: np.ndarray, high: int, rng: np.random.Generator) -> np.ndarray:
    """Any point, each as likely."""
    return rng.integers(1, high + 1, answers.shape)


def around_the_middle(answers: np.ndarray, high: int, rng: np.random.Generator) -> np.ndarray:
    """Any point, those in the middle more likely: normal with a standard deviation of one."""
    return np.clip(np.rint(rng.normal((high + 1) / 2, 1.0, answers.shape)), 1, high)


def zigzag(answers: np.ndarray, high: int, rng: np.random.Generator) -> np.ndarray:
    """Up and down the scale, from a starting point of one's own."""
    wave = np.r_[1 : high + 1, high - 1 : 1 : -1]
    start = rng.integers(0, len(wave), (len(answers), 1))
    return wave[(np.arange(answers.shape[1]) + start) % len(wave)]


def second_half_random(answers: np.ndarray, high: int, rng: np.random.Generator) -> np.ndarray:
    """Careful in the first half, any point in the second."""
    late = np.arange(answers.shape[1]) >= answers.shape[1] // 2
    return np.where(late, uniform(answers, high, rng), answers)


def second_half_one_point(answers: np.ndarray, high: int, rng: np.random.Generator) -> np.ndarray:
    """Careful in the first half, one point in the second."""
    late = np.arange(answers.shape[1]) >= answers.shape[1] // 2
    return np.where(late, one_point(answers, high, rng), answers)


TYPES: dict[str, Callable] = {
    "one point": one_point,
    "mostly one point": mostly_one_point,
    "random": uniform,
    "random around the middle": around_the_middle,
    "zigzag": zigzag,
    "second half random": second_half_random,
    "second half one point": second_half_one_point,
}


def many_clusters() -> Instrument:
    """Ten clusters of six activities, two of each reversed: a long questionnaire."""
    both = {"nl": "x", "en": "x"}
    points = {language: ["1", "2", "3", "4", "5"] for language in ("nl", "en")}
    return Instrument.model_validate(
        {
            "id": "long",
            "version": 1,
            "illustrative": True,
            "source": "simulation",
            "scale": {"low": 1, "high": 5, "midpoint": 3, "labels": points},
            "stem": both,
            "clusters": [{"id": f"c{k}", "label": both} for k in range(10)],
            "activities": [
                {
                    "id": f"a{k}{place}",
                    "cluster": f"c{k}",
                    "label": both,
                    "wording": both,
                    "reverse_keyed": place in (2, 5),
                }
                for k in range(10)
                for place in range(6)
            ],
        }
    )


INSTRUMENTS: dict[str, Callable[[], Instrument]] = {
    "30 activities, 4 clusters": lambda: read_instrument("managerial_activities"),
    "60 activities, 10 clusters, a third reversed": many_clusters,
}


def study(
    instrument: Instrument, kind: str, *, durations: bool, share: float, seed: int
) -> tuple[pd.DataFrame, np.ndarray]:
    """One synthetic study with a share of careless people of one kind; and who they are."""
    rng = np.random.default_rng([SEED, seed])
    power = "power" if "power" in instrument.cluster_ids else instrument.cluster_ids[-1]
    made = simulate_study(
        instrument, power_cluster=power, design=Design(careless=0), seed=SEED + seed
    ).answers
    keyed = made[instrument.activity_ids].to_numpy(dtype=float)
    answers = np.where(keyed == -1, np.nan, keyed)
    turned = [instrument.activity_ids.index(name) for name in instrument.reverse_keyed_ids]
    answers[:, turned] = instrument.scale.low + instrument.scale.high - answers[:, turned]
    careless = rng.random(len(answers)) < share
    high = instrument.scale.high
    given = np.where(np.isnan(answers), np.nan, TYPES[kind](answers, high, rng))
    answers = np.where(careless[:, None], given, answers)
    median = np.where(careless, CARELESS_SECONDS, CAREFUL_SECONDS) * answers.shape[1]
    seconds = rng.lognormal(np.log(median), SPREAD) if durations else np.nan
    table = pd.DataFrame(answers, columns=instrument.activity_ids).astype("Int64")
    people = made[["respondent_id", "role"]].assign(wave="", duration_seconds=seconds)
    return pd.concat([people, table], axis=1), careless


def condition(
    instrument: Instrument, kind: str, *, durations: bool, share: float = SHARE, runs: int = 20
) -> dict[str, float]:
    """Shares flagged among the careful and the careless, over some studies, and by each sign."""
    careful, careless, n = np.zeros(len(REASONS) + 1), np.zeros(len(REASONS) + 1), np.zeros(2)
    for seed in range(runs):
        responses, is_careless = study(
            instrument, kind, durations=durations, share=share, seed=seed
        )
        flags = flag_respondents(responses, instrument)
        reasons = flags["reasons"].str.split(";")
        seen = np.column_stack(
            [flags["flagged"], *(reasons.map(lambda r, s=sign: s in r) for sign in REASONS)]
        )
        careful += seen[~is_careless].sum(axis=0)
        careless += seen[is_careless].sum(axis=0)
        n += (~is_careless).sum(), is_careless.sum()
    names = ("looks_careless", *REASONS)
    found = {f"careful_{name}": value for name, value in zip(names, careful / n[0], strict=True)}
    found |= {f"careless_{name}": value for name, value in zip(names, careless / n[1], strict=True)}
    return found | {"n_careful": int(n[0]), "n_careless": int(n[1]), "studies": runs}


def main() -> None:
    rows = []
    for title, make in INSTRUMENTS.items():
        instrument = make()
        for durations in (True, False):
            for kind in TYPES:
                place = {"instrument": title, "durations": durations, "careless_people": kind}
                for share in (0.02, SHARE, 0.3):
                    found = condition(instrument, kind, durations=durations, share=share)
                    rows.append(place | {"share_careless": share} | found)
    table = pd.DataFrame(rows)
    shares = [name for name in table if name.startswith(("careful_", "careless_"))]
    shares.remove("careless_people")
    table[shares] = table[shares].map(lambda value: f"{value:.4f}")
    table.assign(seed=SEED).to_csv(TABLE, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
