"""What a page says of one activity from ten to nineteen people leaves their answers open (P4).

Larger counts: ``python -m tests.simulations.distributions 500``.
"""

import pandas as pd
import pytest
from tests.simulations.distributions import fitting, recovered


@pytest.mark.parametrize("seed", [1, 3])
def test_no_distribution_follows_from_a_page(seed):
    found, tried, fewest = recovered(seed)
    assert tried > 40
    assert found == 0
    assert fewest >= 3


def test_a_mean_at_the_end_of_the_scale_would_be_found():
    told = pd.DataFrame([{"estimate_type": "mean", "estimate": 5.0, "note": ""}])
    mean, variance = fitting(12, told)
    assert (mean.tolist(), variance.tolist()) == ([5.0], [0.0])
