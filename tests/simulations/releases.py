"""Random releases of made-up studies, and the audit of each: P2 of the privacy goals.

``python -m tests.simulations.releases 1000`` audits as many releases as they would be published
(none may fail) and as many with one protection taken away (every one must fail).
"""

import sys
import time
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd

from research.disclosure import rules
from research.disclosure.audit import Audit, audit
from research.disclosure.coarseness import Coarseness, coarseness_of
from research.disclosure.complementary import coarsen_counts, coarsen_overall, tell_respondents
from research.stats.estimates import join_results, result_table
from research.study.cells import Cells, count_cells
from research.study.study_file import Privacy

ROLES = ["customer", "manager"]
SCALE = (1.0, 5.0, 3.0)
CLUSTERS = {"one": ("a1", "a2", "a3"), "two": ("b1", "b2")}
PLANTED = ("exact counts", "full precision")


@dataclass(frozen=True, kw_only=True)
class Made:
    """A made-up study: who answered what, as the disclosure rules see it."""

    cells: Cells
    people: pd.DataFrame

    @property
    def answers(self) -> SimpleNamespace:
        """What the audit asks of the answers of a study."""
        scale = SimpleNamespace(low=SCALE[0], high=SCALE[1], midpoint=SCALE[2])
        return SimpleNamespace(
            cells=self.cells,
            study=SimpleNamespace(role_ids=ROLES, privacy=Privacy()),
            instrument=SimpleNamespace(scale=scale),
        )


def made_study(rng: np.random.Generator, *, sizes: np.ndarray | None = None) -> Made:
    """A study of three to twelve organisations; some too small in a role, some answers missing."""
    if sizes is None:
        count = int(rng.integers(3, 13))
        sizes = np.stack([rng.integers(5, 90, count), rng.integers(2, 32, count)])
    people = pd.concat(
        [
            pd.DataFrame({"organisation_id": f"org {place}", "role": role}, index=range(n))
            for role, row in zip(ROLES, sizes, strict=True)
            for place, n in enumerate(row)
        ],
        ignore_index=True,
    )
    questions = [q for members in CLUSTERS.values() for q in members]
    tilt = rng.normal(0.5, 0.7, len(questions)) + rng.normal(0, 0.5, (len(people), 1))
    values = np.clip(np.rint(3 + tilt + rng.normal(0, 0.8, (len(people), len(questions)))), 1, 5)
    values[rng.random(values.shape) < rng.choice([0.0, 0.02])] = np.nan
    table = pd.DataFrame(values, columns=questions)
    for cluster, members in CLUSTERS.items():
        table[cluster] = table[list(members)].mean(axis=1)
    asked = [(cluster, "") for cluster in CLUSTERS]
    asked += [(cluster, q) for cluster, members in CLUSTERS.items() for q in members]
    cells = count_cells(
        people,
        table[[question or cluster for cluster, question in asked]],
        questions=asked,
        roles=ROLES,
        midpoint=SCALE[2],
    )
    return Made(cells=cells, people=people)


def decided(made: Made) -> Coarseness:
    return coarseness_of(made.cells, Privacy(), SCALE[:2])


def released(made: Made, coarse: Coarseness, *, rounded: bool = True) -> dict[str, pd.DataFrame]:
    """Results of the study page and of all organisation pages, as they would be published."""
    privacy = Privacy()
    options = {"low": SCALE[0], "high": SCALE[1], "midpoint": SCALE[2], "privacy": privacy}

    places = [None, *range(len(made.cells.organisations))]
    table = join_results([rows(made.cells, place) for rows in (_counts, _rows) for place in places])
    found = rules.mask_extreme_means(rules.protect(table, privacy), **options)
    if not rounded:
        told = found["estimate"].notna()
        found.loc[told, "estimate"] = table.loc[told, "estimate"]
    count, everybody = found["analysis"] == "sample", found["organisation_id"] == ""
    whole = found[~count & everybody]
    organisations = made.people["organisation_id"].to_numpy(dtype=object)
    if rules.overall_allowed(organisations, made.people["role"].to_numpy(), privacy):
        whole = coarsen_overall(whole, coarse)
    else:
        everything = pd.Series(True, index=whole.index)
        whole = rules.withhold(whole, everything, rules.SUPPRESSED_ORGANISATIONS)
    totals = tell_respondents(found[count & everybody], coarse, organisation=False)
    counts = tell_respondents(found[count & ~everybody], coarse, organisation=True)
    own = coarsen_counts(found[~count & ~everybody], coarse, ROLES)
    # All organisation pages in one frame: the audit reads whose a row is from its key.
    return {"study": join_results([totals, whole]), "organisations": join_results([counts, own])}


def _counts(cells: Cells, place: int | None) -> pd.DataFrame:
    here = slice(None) if place is None else [place]
    rows = [
        {"role": role, "estimate": cells.people[r, here].sum(), "n_a": cells.people[r, here].sum()}
        for r, role in enumerate(cells.roles)
    ]
    return result_table(
        rows,
        analysis="sample",
        estimate_type="respondents",
        organisation_id="" if place is None else cells.organisations[place],
    )


def _rows(cells: Cells, place: int | None) -> pd.DataFrame:
    here = slice(None) if place is None else [place]
    rows = []
    for q, (cluster_id, activity_id) in enumerate(cells.questions):
        keys = {"cluster_id": cluster_id, "activity_id": activity_id, "analysis": "gap"}
        n = cells.n[:, q, here].sum(axis=1)
        mean = cells.total[:, q, here].sum(axis=1) / np.maximum(n, 1)
        above = cells.above[:, q, here].sum(axis=1) / np.maximum(n, 1)
        for r, role in enumerate(cells.roles):
            told = keys | {"role": role, "n_a": n[r]}
            rows.append(told | {"estimate_type": "mean", "estimate": mean[r]})
            if activity_id:
                kind = {"analysis": "value", "estimate_type": "share_above_midpoint"}
                rows.append(told | kind | {"estimate": above[r]})
        rows.append(
            keys
            | {"contrast": "customer - manager", "estimate_type": "mean_difference"}
            | {"estimate": mean[0] - mean[1], "n_a": n[0], "n_b": n[1]}
        )
    name = "" if place is None else cells.organisations[place]
    return result_table(rows, organisation_id=name)


def audited(seed: int) -> tuple[Audit, Coarseness]:
    """Audit of a random study as it would be published."""
    made = made_study(np.random.default_rng([seed, 62]))
    coarse = decided(made)
    return audit(released(made, coarse), made.answers), coarse


def weakened(seed: int) -> Audit:
    """Audit of a study with one withheld number and one protection taken away."""
    rng = np.random.default_rng([seed, 63])
    count = int(rng.integers(3, 13))
    sizes = np.stack([rng.integers(12, 90, count), rng.integers(12, 32, count)])
    sizes[1, int(rng.integers(count))] = int(rng.integers(2, 10))
    made = made_study(rng, sizes=sizes)
    exact = tuple((role, "exact") for role in ROLES)
    if PLANTED[seed % 2] == "exact counts":
        coarse = Coarseness(
            counts=exact, means=frozenset(), shares=frozenset(), overall=True, flow=True
        )
        return audit(released(made, coarse), made.answers)
    coarse = Coarseness(
        counts=(("customer", "exact"), ("manager", "bands")),
        means=frozenset(),
        shares=frozenset(),
        overall=True,
        flow=True,
    )
    return audit(released(made, coarse, rounded=False), made.answers)


def main(count: int) -> None:
    """Print how many releases passed, how coarse they had to be, and how many plants were found."""
    begun, passed, planted, narrowest = time.monotonic(), 0, 0, []
    rungs: dict[str, int] = {}
    for seed in range(count):
        found, coarse = audited(seed)
        passed += found.passed
        narrowest.append([found.narrowest(what) for what in ("people", "mean", "share")])
        overall = "told" if coarse.overall else "withheld"
        name = f"{overall}, {coarse.rung('manager')}, {len(coarse.means)}, {len(coarse.shares)}"
        rungs[name] = rungs.get(name, 0) + 1
        planted += not weakened(seed).passed
        if not found.passed:
            print(seed, coarse, found.weak.to_string())
        if (seed + 1) % 50 == 0:
            least = np.nanmin(np.array(narrowest), axis=0)
            seconds = time.monotonic() - begun
            print(
                seed + 1,
                "passed",
                passed,
                "plants found",
                planted,
                least,
                rungs,
                f"{seconds:.0f} s",
            )
            sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
