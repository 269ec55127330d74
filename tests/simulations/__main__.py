"""Run every simulation and write the table: ``python -m tests.simulations``."""

import sys
import time
from collections.abc import Callable
from functools import partial

from tests.simulations import (
    clustered,
    families,
    invariance,
    margins,
    one_organisation,
    planted,
    resampled,
)
from tests.simulations.table import TABLE, finished, write


def parts() -> dict[str, Callable[[], list[dict]]]:
    """Every simulation under its title; each has random numbers of its own, whatever ran before."""
    found: dict[str, Callable[[], list[dict]]] = {}
    for k in clustered.ORGANISATIONS:
        found[f"clustered, {k} organisations"] = partial(clustered.figures, k)
        # A fit takes some fifteen milliseconds: a tenth of the runs.
        found[f"mixed model, {k} organisations"] = partial(
            clustered.figures, k, methods=clustered.SLOW, designs=100, columns=10
        )
    for sizes in one_organisation.SIZES:
        found[f"one organisation, {sizes} people"] = partial(one_organisation.figures, *sizes)
    for k in families.ORGANISATIONS:
        # Studies of many organisations take up to five times as long: fewer runs.
        designs = 400 if k >= 20 else 1_000
        found[f"families, {k} organisations"] = partial(families.figures, k, designs=designs)
    found["normal answers"] = partial(families.normal_figures, families.NORMAL_AT)
    found["planted truth"] = planted.figures
    for k in margins.ORGANISATIONS:
        found[f"margins, {k} organisations"] = partial(margins.clustered_figures, k)
    for sizes in margins.SIZES:
        found[f"margins, {sizes} people"] = partial(margins.welch_figures, *sizes)
    for k in resampled.ORGANISATIONS:
        found[f"bootstrap, {k} organisations"] = partial(resampled.figures, k)
    for condition in invariance.AS_USUAL:
        found[f"invariance, {condition.title}"] = partial(invariance.figures, condition)
    for condition in (*invariance.UNUSUAL, *invariance.NESTED):
        found[f"invariance, {condition.title}"] = partial(
            invariance.figures, condition, studies=200, released=0
        )
    return found


def main() -> None:
    rows, start = [], time.perf_counter()
    for title, simulate in parts().items():
        rows += simulate()
        sys.stdout.write(f"{time.perf_counter() - start:6.0f} s  {title}\n")
        sys.stdout.flush()
    table = finished(rows)
    write(table)
    shown = table[["what", "organisations", "n_first", "n_second", "value", "mc_error", "runs"]]
    sys.stdout.write(shown.to_string(index=False) + f"\nWritten: {TABLE.name}\n")


if __name__ == "__main__":
    main()
