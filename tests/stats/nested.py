"""Made-up studies of people in organisations, and comparisons, for the tests of nested models."""

from functools import partial

import numpy as np
from hypothesis import strategies as st
from tests.stats import same

# Labels in another order than the numbers they stand for, and of every kind.
LABELS = np.array(["zuid", "7", "Älv", "b b", "10", "", "ZUID", "7.0"])
assert_same = partial(same.assert_same, atol=1e-10)


# One number a study: drawing its answers one by one took longer than most statistics of them.
GENERATORS = st.integers(0, 2**32 - 1).map(np.random.default_rng)
FIVE_POINTS = (1.0, 2.0, 3.0, 4.0, 5.0, np.nan)


def drawn_answers(generator, shape, levels=FIVE_POINTS):
    """Answers of some of the levels only: ties, constant items and silence are all common."""
    some = generator.permutation(levels)[: generator.integers(1, len(levels), endpoint=True)]
    return generator.choice(some, shape)


def drawn_roles(generator, n):
    """Two groups of any sizes, now and then only one."""
    return generator.random(n) < generator.random()


@st.composite
def tiny_studies(draw, columns=2, levels=FIVE_POINTS, fewest=4, most=10):
    """A few people, every answer drawn by itself: anything may be degenerate."""
    generator = draw(GENERATORS)
    n = generator.integers(fewest, most, endpoint=True)
    values = drawn_answers(generator, (n, columns), levels)
    return values, drawn_roles(generator, n), generator.integers(0, 4, n)


@st.composite
def ordinary_studies(draw, columns=2):
    """Five-point answers, some missing; organisations differ in level and gap."""
    generator = draw(GENERATORS)
    n, clusters = generator.integers(24, 61), generator.integers(3, 9)
    first, cluster = generator.random(n) < 0.5, generator.integers(0, clusters, n)
    level, gap = (generator.normal(0, generator.choice([0, 0.5, 1.5]), (clusters, columns))
                  for _ in range(2))  # fmt: skip
    middle = 3 + level[cluster] + first[:, None] * (0.4 + gap[cluster])
    values = np.clip(np.rint(generator.normal(middle, 1)), 1, 5)
    return np.where(generator.random((n, columns)) < 0.1, np.nan, values), first, cluster


def studies(columns=2):
    return st.one_of(tiny_studies(columns), ordinary_studies(columns))


def mirrored(table, *, swapped=False, bounds=("ci",)):
    """The table with its sign turned; ``swapped``: the roles too."""
    turned = table.assign(estimate=-table["estimate"], statistic=-table["statistic"])
    for name in bounds:
        turned[f"{name}_low"], turned[f"{name}_high"] = (
            -table[f"{name}_high"],
            -table[f"{name}_low"],
        )
    return turned.assign(n_a=table["n_b"], n_b=table["n_a"]) if swapped else turned


def assert_explained(table):
    """Every missing p has a reason, and nothing is infinite."""
    assert (table["note"] != "")[table["p_value"].isna()].all()
    assert not np.isinf(table.select_dtypes("number").to_numpy()).any()
