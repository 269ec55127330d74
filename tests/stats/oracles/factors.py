"""Exploratory factors, their rotation, adequacy and omega against R."""

from collections.abc import Callable

import numpy as np
from tests.stats.oracle import CLOSED_FORM, ITERATIVE, Computed, Statistic, matrix

from research.stats.factors.adequacy import minimum_average_partial, sampling_adequacy
from research.stats.factors.exploratory import exploratory_factors, factor_scores, minres
from research.stats.factors.parallel import parallel_analysis
from research.stats.factors.pearson import pearson
from research.stats.factors.rotation import oblimin, varimax
from research.stats.factors.schmid_leiman import schmid_leiman
from research.stats.reliability.omega import omega

FILE = "factors"
OPTIMUM = 1e-10  # of a rotation: where nothing moves; R's expected values go on to there
CARRIED_ON = "psych::fa, carried on to the optimum"


def correlations(record: dict) -> np.ndarray:
    return matrix(record["correlations"])


def _of_adequacy(coefficient: str) -> Callable[[dict], Computed]:
    def compute(record: dict) -> Computed:
        table = sampling_adequacy(correlations(record), record["n"])
        rows = table[table["coefficient"] == coefficient]
        columns = {name: rows[name].to_numpy() for name in rows}
        return {**columns, "note": rows["note"].iloc[0]}

    return compute


def _map(record: dict) -> Computed:
    return vars(minimum_average_partial(correlations(record)))


def _minres(record: dict) -> Computed:
    return vars(minres(correlations(record), record["n_factors"]))


def _exploratory(record: dict) -> Computed:
    return vars(
        exploratory_factors(
            correlations(record), record["n_factors"], n=record["n"], tolerance=OPTIMUM
        )
    )


def _schmid_leiman(record: dict) -> Computed:
    extracted = minres(correlations(record), record["n_factors"])
    rotated = oblimin(varimax(extracted.loadings), tolerance=OPTIMUM)
    split = schmid_leiman(rotated.loadings, rotated.factor_correlations)
    return {**vars(split), "note": extracted.note or rotated.note or split.note}


def _omega(record: dict) -> Computed:
    return vars(omega(correlations(record), n_factors=record["n_factors"], tolerance=OPTIMUM))


def _pairwise(record: dict) -> Computed:
    return {"correlations": pearson(matrix(record["items"])).correlations}


def _scores(record: dict) -> Computed:
    names = ("items", "loadings", "factor_correlations")
    return vars(factor_scores(*(matrix(record[name]) for name in names)))


def _observed(record: dict) -> Computed:
    found = parallel_analysis(matrix(record["items"]), seed=1, n_simulations=2)
    return {
        **{name: values.to_numpy() for name, values in found.eigenvalues.items()},
        **vars(found),
    }


def _statistic(
    name: str,
    oracle: str,
    compute: Callable,
    *,
    section: str = "matrices",
    tolerance: float = CLOSED_FORM,
) -> Statistic:
    return Statistic(
        name=name, file=FILE, section=section, oracle=oracle, compute=compute, tolerance=tolerance
    )


STATISTICS = (
    _statistic("kmo", "psych::KMO", _of_adequacy("kmo")),
    _statistic("kmo_item", "psych::KMO", _of_adequacy("kmo_item")),
    _statistic("bartlett", "psych::cortest.bartlett", _of_adequacy("bartlett")),
    _statistic("map", "psych::vss", _map),
    _statistic("minres", CARRIED_ON, _minres, tolerance=ITERATIVE),
    _statistic(
        "oblimin",
        "GPArotation::oblimin, carried on to the optimum",
        _exploratory,
        tolerance=ITERATIVE,
    ),
    _statistic(
        "exploratory_fit", "psych::fa.stats at the optimum", _exploratory, tolerance=ITERATIVE
    ),
    _statistic("schmid_leiman", CARRIED_ON, _schmid_leiman, tolerance=ITERATIVE),
    _statistic("omega", CARRIED_ON, _omega, tolerance=ITERATIVE),
    _statistic(
        "pairwise_correlations", "stats::cor(use = 'pairwise')", _pairwise, section="people"
    ),
    _statistic(
        "factor_scores", "psych::factor.scores(method = 'Thurstone')", _scores, section="people"
    ),
    _statistic("parallel_observed", CARRIED_ON, _observed, section="people", tolerance=ITERATIVE),
)
