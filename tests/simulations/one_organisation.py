"""People of one organisation: do the intervals hold what they promise with few of them?

Type I error: both roles answer alike. Coverage: the roles differ in mean and spread, so that no
method is helped by equal distributions; the true values follow from the chances of the answers.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from research.stats.differences import brunner_munzel, hedges_g, welch
from research.stats.resampling.items import bootstrap_items
from research.stats.resampling.streams import named_generator
from tests.simulations.designs import LEVELS, MEAN, SEED, SPREAD, as_answers, level_chances
from tests.simulations.table import COVERAGE, NO_BOUND, covering, figure

# People of the first role (customers) and of the second (managers).
SIZES = ((5, 5), (10, 10), (20, 20), (50, 50), (100, 100), (40, 10))
FEWEST_BOUND = 10
HIGHER, LOWER = (4.2, 0.9), (3.7, 1.1)  # latent mean and spread of the first and second role
REPLICATES = 1_999
TITLES = {
    "welch": "the mean difference (Welch)",
    "brunner_munzel": "the chance that the first role answers higher (Brunner-Munzel)",
    "hedges_g": "Hedges g (noncentral t)",
    "bootstrap_percentile": "the mean difference (percentile bootstrap of people)",
    "bootstrap_bca": "the mean difference (BCa bootstrap of people)",
}
NULL_VALUES = {"brunner_munzel": 0.5}  # 0 for the others


def figures(
    n_first: int,
    n_second: int,
    *,
    batches: int = 100,
    columns: int = 100,
    resampled: int = 20,
    seed: int = SEED,
) -> list[dict]:
    """Type I error and coverage of every interval at one pair of sizes.

    Type I error counts intervals that leave out "no difference", which for Welch and
    Brunner-Munzel is the test's p at most .05. Studies without an interval (answers that do not
    vary, complete separation) are not counted; ``runs`` says how many there were. Of the
    ``columns`` studies of a batch the first ``resampled`` get a bootstrap.
    """
    place = {"n_first": n_first, "n_second": n_second}
    generator = named_generator(seed, "one organisation", str(n_first), str(n_second))
    alike, apart = ((MEAN, SPREAD), (MEAN, SPREAD)), (HIGHER, LOWER)
    truths = true_values(n_first, n_second)
    same = {name: [] for name in TITLES}
    covered = {name: [] for name in TITLES}
    for _ in range(batches):
        for name, found in _intervals(
            generator, alike, (n_first, n_second, columns, resampled)
        ).items():
            held, there = covering(found, NULL_VALUES.get(name, 0.0))
            same[name].append((there - held, there))
        for name, found in _intervals(
            generator, apart, (n_first, n_second, columns, resampled)
        ).items():
            covered[name].append(covering(found, truths[name]))
    bound = COVERAGE if min(n_first, n_second) >= FEWEST_BOUND else NO_BOUND
    rows = []
    for name, title in TITLES.items():
        rows += [
            figure(
                f"type_1_error_{name}",
                f"Share of 95 % intervals of {title} that leave out a true 'no difference'; "
                "one organisation, both roles answer alike.",
                *np.array(same[name]).T,
                **place,
            ),
            figure(
                f"coverage_{name}",
                f"Share of 95 % intervals of {title} that hold the true value; one organisation, "
                "roles differ in mean and spread.",
                *np.array(covered[name]).T,
                bound=bound,
                **place,
            ),
        ]
    return rows


def true_values(n_first: int, n_second: int) -> dict[str, float]:
    """Values the intervals should hold where the roles differ.

    Hedges g is in pooled standard deviations, which weigh the roles by their n - 1.
    """
    a, b = level_chances(*HIGHER), level_chances(*LOWER)
    means = [chances @ LEVELS for chances in (a, b)]
    variances = [
        chances @ (LEVELS - mean) ** 2 for chances, mean in zip((a, b), means, strict=True)
    ]
    pooled = np.average(variances, weights=[n_first - 1, n_second - 1])
    difference = means[0] - means[1]
    return {
        "welch": difference,
        "brunner_munzel": a @ (np.cumsum(b) - b / 2),
        "hedges_g": difference / np.sqrt(pooled),
        "bootstrap_percentile": difference,
        "bootstrap_bca": difference,
    }


def _intervals(
    generator: np.random.Generator, roles: tuple, sizes: tuple[int, int, int, int]
) -> dict[str, pd.DataFrame]:
    n_first, n_second, columns, resampled = sizes
    first = np.repeat([True, False], [n_first, n_second])
    mean, spread = (np.where(first, *values)[:, None] for values in zip(*roles, strict=True))
    answers = as_answers(generator.normal(mean, spread, (len(first), columns)))
    methods: dict[str, Callable] = {
        "welch": welch,
        "brunner_munzel": brunner_munzel,
        "hedges_g": hedges_g,
    }
    found = {name: method(answers, first) for name, method in methods.items()}
    drawn = bootstrap_items(
        answers[:, :resampled], first, n_replicates=REPLICATES, generator=generator
    )["mean_difference"]
    return found | {
        "bootstrap_percentile": drawn.interval(method="percentile"),
        "bootstrap_bca": drawn.interval(method="bca"),
    }
