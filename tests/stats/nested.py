"""Made-up studies of people in organisations, and comparisons, for the tests of nested models."""

from functools import partial

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tests.stats import same

# Labels in another order than the numbers they stand for, and of every kind.
LABELS = np.array(["zuid", "7", "Älv", "b b", "10", "", "ZUID", "7.0"])
assert_same = partial(same.assert_same, atol=1e-10)


@st.composite
def tiny_studies(draw, columns=2):
    """A few people, every answer drawn by itself: anything may be degenerate."""
    n = draw(st.integers(4, 10))
    answers = st.sampled_from([1.0, 2.0, 3.0, 4.0, 5.0, np.nan])
    values = draw(hnp.arrays(float, (n, columns), elements=answers))
    cluster = draw(hnp.arrays(np.int64, n, elements=st.integers(0, 3)))
    return values, draw(hnp.arrays(bool, n)), cluster


@st.composite
def ordinary_studies(draw, columns=2):
    """Five-point answers, some missing; organisations differ in level and gap."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, clusters = draw(st.integers(24, 60)), draw(st.integers(3, 8))
    first, cluster = generator.random(n) < 0.5, generator.integers(0, clusters, n)
    level, gap = (generator.normal(0, draw(st.sampled_from([0, 0.5, 1.5])), (clusters, columns))
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
