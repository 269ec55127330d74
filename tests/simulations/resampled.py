"""Bootstrap over organisations, then people: does its interval of a mean difference cover?"""

import numpy as np

from research.stats.resampling.intervals import (
    bca_interval,
    jackknife_acceleration,
    percentile_interval,
)
from research.stats.resampling.profiles import bootstrap_profiles
from research.stats.resampling.streams import named_generator
from tests.simulations.designs import SEED, draw_answers, draw_design, latent_gap
from tests.simulations.table import COVERAGE, covering, figure

ORGANISATIONS = (6, 12, 20)
TITLES = {"percentile": "percentile", "bca": "BCa"}


def figures(
    organisations: int,
    *,
    designs: int = 100,
    columns: int = 20,
    n_replicates: int = 1_999,
    seed: int = SEED,
) -> list[dict]:
    """Coverage of both intervals; columns of one design share the resamples, not the answers."""
    generator = named_generator(seed, "resampled", str(organisations))
    gap = np.full(columns, latent_gap(0.0))
    counts = {method: [] for method in TITLES}
    for _ in range(designs):
        design = draw_design(generator, organisations)
        drawn = bootstrap_profiles(
            draw_answers(generator, design, gap),
            design.first,
            design.organisation,
            n_replicates=n_replicates,
            generator=generator,
        )
        replicates = drawn.a - drawn.b
        acceleration = jackknife_acceleration((drawn.left_out_a - drawn.left_out_b, np.array(1.0)))
        counts["percentile"].append(covering(percentile_interval(replicates)))
        counts["bca"].append(
            covering(bca_interval(replicates, drawn.estimate_a - drawn.estimate_b, acceleration))
        )
    return [
        figure(
            f"coverage_bootstrap_organisations_{method}",
            f"Share of 95 % {title} bootstrap intervals of the mean difference that hold the true "
            "gap; organisations, then people resampled; gaps vary between organisations (SD 0.4).",
            *np.array(counts[method]).T,
            bound=COVERAGE,
            organisations=organisations,
        )
        for method, title in TITLES.items()
    ]
