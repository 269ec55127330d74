"""Are there as many dimensions as clusters, and does each activity belong to its own?"""

from collections.abc import Iterator
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import special

from research.analyses.release import release
from research.stats.estimates import TOO_FEW_ANSWERS, join_results, result_table
from research.stats.factors import fit_indices
from research.stats.factors.adequacy import minimum_average_partial, sampling_adequacy
from research.stats.factors.continuous_fit import ContinuousFit, fit_continuous, sample_moments
from research.stats.factors.exploratory import exploratory_factors
from research.stats.factors.fit_indices import RMSEA_LEVEL
from research.stats.factors.ordinal_fit import OrdinalFit, fit_ordinal
from research.stats.factors.parallel import parallel_analysis
from research.stats.factors.pearson import pearson
from research.stats.factors.polychoric import OrdinalMoments, ordinal_moments, polychoric
from research.stats.factors.structure import Structure, factor_model
from research.stats.factors.validity import convergent_validity, heterotrait_monotrait
from research.study.answers import Answers

# Fewer people in a role than this: thirty polychoric correlations each are mostly noise.
FEWEST_PEOPLE = 100
# With more holes full information converges so slowly that a report would wait for minutes.
LARGEST_SHARE_MISSING = 0.2
# Shuffled data sets behind each parallel analysis; polychoric ones take far longer.
SIMULATIONS = {"pearson": 100, "polychoric": 20}


def dimensions(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """How many dimensions the answers of each role have, and how the planned clusters fit.

    Per role: ``kmo`` (overall and per activity) and ``bartlett``; ``n_factors`` by parallel
    analysis (Pearson and polychoric) and by MAP, with every ``eigenvalue`` and its line;
    ``efa_loading`` of as many factors as clusters (minres, oblimin, polychoric); the planned
    model (``four_factors`` and its indices by WLSMV and by ML), ``factor_correlation``, ``ave``
    and ``htmt``. A role with too few people has one row and the reason.
    """
    tables = [four_factors(answers, confidence_level=confidence_level)]
    for items, keys in _by_role(answers):
        if len(items) >= FEWEST_PEOPLE:
            correlations = polychoric(items)
            tables += [
                _adequacy(answers, items, keys),
                _numbers(answers, items, correlations, keys),
                _exploratory(answers, correlations, keys),
            ]
    return release(join_results(tables), answers)


def four_factors(answers: Answers, *, confidence_level: float = 0.95) -> pd.DataFrame:
    """Fit of the planned clusters as correlated factors, per role; one row an estimate.

    By WLSMV with answers left out pair by pair, and by ML with full information.
    """
    tables = []
    for items, keys in _by_role(answers):
        if len(items) < FEWEST_PEOPLE:
            short = [{"estimate_type": "four_factors", "note": TOO_FEW_ANSWERS}]
            tables.append(result_table(short, **keys))
            continue
        moments = ordinal_moments(items)
        factor_of = _factor_of(answers)
        ordinal = Structure(factor_of=factor_of, n_thresholds=moments.n_thresholds)
        fit = fit_ordinal(factor_model(ordinal, parametrisation="delta"), [moments])
        tables += [
            _fit_rows(fit, "wlsmv", keys),
            _by_likelihood(items, factor_of, keys),
            _validity(answers, fit, moments, keys, confidence_level),
        ]
    return release(join_results(tables), answers)


def _by_role(answers: Answers) -> Iterator[tuple[np.ndarray, dict]]:
    """Answers of the people of each role who gave any, and the keys of their results."""
    for role in answers.roles_present:
        items = answers.activities.loc[answers.is_role(role)].to_numpy(float)
        items = items[~np.isnan(items).all(axis=1)]
        yield items, {"analysis": "dimensions", "role": role, "n_a": len(items)}


def _by_likelihood(items: np.ndarray, factor_of: tuple[int, ...], keys: dict) -> pd.DataFrame:
    """Fit of the planned model by maximum likelihood; with many holes a reason instead."""
    if np.isnan(items).mean() > LARGEST_SHARE_MISSING:
        short = [{"estimate_type": "four_factors", "test": "ml", "note": TOO_FEW_ANSWERS}]
        return result_table(short, **keys)
    model = factor_model(Structure(factor_of=factor_of))
    return _fit_rows(fit_continuous(model, [sample_moments(items)]), "ml", keys)


def _factor_of(answers: Answers) -> tuple[int, ...]:
    """Number of the cluster of each activity, in the order of the answers' columns."""
    places = {cluster: i for i, cluster in enumerate(answers.instrument.cluster_ids)}
    return tuple(places[cluster] for cluster in _clusters(answers))


def _clusters(answers: Answers) -> np.ndarray:
    of = answers.instrument.cluster_of
    return np.array([of(activity) for activity in answers.activities.columns])


def _adequacy(answers: Answers, items: np.ndarray, keys: dict) -> pd.DataFrame:
    found = pearson(items)
    table = sampling_adequacy(found.correlations, found.people)
    activity_ids = np.array([*answers.activities.columns, ""])
    places = table["item"].fillna(-1).astype(int)
    rows = table.assign(
        estimate_type=table["coefficient"].replace("kmo_item", "kmo"),
        activity_id=activity_ids[places],
        test="pearson",
    )
    return result_table(rows.drop(columns=["coefficient", "item"]), **keys)


def _numbers(
    answers: Answers, items: np.ndarray, correlations: np.ndarray, keys: dict
) -> pd.DataFrame:
    """Numbers of factors, and the eigenvalues they rest on."""
    rows = []
    for matrix, n_simulations in SIMULATIONS.items():
        found = parallel_analysis(
            items, seed=answers.study.seed, matrix=matrix, n_simulations=n_simulations
        )
        rows.append(
            {
                "estimate_type": "n_factors",
                "test": f"parallel_{matrix}",
                "estimate": found.n_factors,
                "note": found.note,
            }
        )
        lines = found.eigenvalues
        rows += [
            {
                "estimate_type": "eigenvalue",
                "test": matrix,
                "statistic": number,
                "estimate": own,
                "ci_high": line,
            }
            for number, (own, line) in enumerate(
                zip(lines["factor"], lines["factor_reference"], strict=True), start=1
            )
        ]
    partial = minimum_average_partial(correlations)
    rows.append(
        {
            "estimate_type": "n_factors",
            "test": "map",
            "estimate": partial.n_components,
            "note": partial.note,
        }
    )
    return result_table(rows, **keys)


def _exploratory(answers: Answers, correlations: np.ndarray, keys: dict) -> pd.DataFrame:
    n_factors = len(answers.instrument.cluster_ids)
    found = exploratory_factors(correlations, n_factors, n=keys["n_a"])
    rows = [
        {
            "activity_id": activity_id,
            "cluster_id": cluster_id,
            "statistic": factor + 1,
            "estimate": found.loadings[place, factor],
            "note": found.note,
        }
        for place, (activity_id, cluster_id) in enumerate(
            zip(answers.activities.columns, _clusters(answers), strict=True)
        )
        for factor in range(n_factors)
    ]
    return result_table(rows, estimate_type="efa_loading", test="minres_oblimin", **keys)


def _fit_rows(fit: OrdinalFit | ContinuousFit, method: str, keys: dict) -> pd.DataFrame:
    """Chi-square with SRMR, CFI, TLI and RMSEA of a fitted model."""
    if not fit.found:
        rows = [{"estimate_type": "four_factors", "test": method, "note": fit.note}]
        return result_table(rows, **keys)
    test = fit.test
    low, high = fit_indices.rmsea_interval(test)
    rows = [
        {
            "estimate_type": "four_factors",
            "estimate": fit.srmr,
            "statistic": test.chi_square,
            "df": test.df,
            "p_value": test.p_value,
        },
        {"estimate_type": "four_factors_cfi", "estimate": fit_indices.comparative_fit(test)},
        {"estimate_type": "four_factors_tli", "estimate": fit_indices.tucker_lewis(test)},
        {
            "estimate_type": "four_factors_rmsea",
            "estimate": fit_indices.rmsea(test),
            "ci_low": low,
            "ci_high": high,
            "confidence_level": RMSEA_LEVEL,
        },
    ]
    return result_table(rows, test=method, **keys).assign(note=fit.note)


def _validity(
    answers: Answers,
    fit: OrdinalFit,
    moments: OrdinalMoments,
    keys: dict,
    confidence_level: float,
) -> pd.DataFrame:
    """Correlations of the factors, shared variance per cluster and HTMT per pair of clusters."""
    clusters, cluster_ids = _clusters(answers), answers.instrument.cluster_ids
    matrices, table = fit.matrices(), fit.model.parameters
    rows = []
    half = special.ndtri(0.5 + confidence_level / 2)
    for first, second in combinations(range(len(cluster_ids)), 2):
        entry = table.where("factor_covariance", rows=[second]) & (table.column == first)
        estimate = matrices.factor_covariances[second, first]
        error = fit.standard_errors[table.free[entry][0]] if fit.found else np.nan
        rows.append(
            {
                "estimate_type": "factor_correlation",
                "cluster_id": cluster_ids[first],
                "contrast": cluster_ids[second],
                "estimate": estimate,
                "ci_low": estimate - half * error,
                "ci_high": estimate + half * error,
                "confidence_level": confidence_level,
                "note": fit.note,
            }
        )
    loadings = matrices.loadings[np.arange(len(clusters)), list(_factor_of(answers))]
    ave = convergent_validity(loadings, clusters)
    rows += [
        {
            "estimate_type": "ave",
            "cluster_id": row.cluster,
            "estimate": row.average_variance_extracted,
            "note": row.note,
        }
        for row in ave.itertuples()
    ]
    rows += [
        {
            "estimate_type": "htmt",
            "cluster_id": row.first,
            "contrast": row.second,
            "estimate": row.estimate,
            "note": row.note,
        }
        for row in heterotrait_monotrait(moments.correlations, clusters).itertuples()
    ]
    return result_table(rows, test="wlsmv", **keys)
