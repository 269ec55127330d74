"""The column contract of every result, and what the statistics share."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy import special

KEY_COLUMNS: tuple[str, ...] = (
    "analysis",
    "organisation_id",
    "cluster_id",
    "activity_id",
    "role",
    "contrast",
    "wave",
)
RESULT_COLUMNS: tuple[str, ...] = (
    "row_id",
    *KEY_COLUMNS,
    "estimate_type",
    "estimate",
    "ci_low",
    "ci_high",
    "confidence_level",
    "test",
    "statistic",
    "df",
    "p_value",
    "p_adjusted",
    "adjust_method",
    "family",
    "n_a",
    "n_b",
    "n_clusters",
    "n_dropped",
    "verdict",
    "note",
)
TEXT_COLUMNS: tuple[str, ...] = (
    "row_id",
    *KEY_COLUMNS,
    "estimate_type",
    "test",
    "adjust_method",
    "family",
    "verdict",
    "note",
)

# Reason codes: why a number is missing (or, for low_df, must be read with care).
TOO_FEW_ANSWERS = "too_few_answers"
TOO_FEW_CLUSTERS = "too_few_clusters"
NO_VARIATION = "no_variation"
COMPLETE_SEPARATION = "complete_separation"
NO_CONVERGENCE = "no_convergence"
NOT_IDENTIFIED = "not_identified"
TOO_MANY_ARRANGEMENTS = "too_many_arrangements"
LOW_DF = "low_df"
HEYWOOD = "heywood"
EMPTY_CATEGORY = "empty_category"
NOT_SIMULATED = "not_simulated"
NOT_POSITIVE_DEFINITE = "not_positive_definite"
NO_MISSING_ANSWERS = "no_missing_answers"


def result_table(rows: pd.DataFrame | Iterable[Mapping], **keys: object) -> pd.DataFrame:
    """Results in contract order; one row is an estimate.

    Missing text columns become "", missing numbers NaN. ``keys`` fill a column for all rows.
    An unknown column is an error: the contract is closed.
    """
    table = rows.copy() if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows))
    table = table.assign(**keys)
    unknown = sorted(set(table.columns) - set(RESULT_COLUMNS))
    if unknown:
        raise ValueError(f"result columns must be among {RESULT_COLUMNS}, not {unknown}")
    table = table.reindex(columns=list(RESULT_COLUMNS))
    numbers = [column for column in RESULT_COLUMNS if column not in TEXT_COLUMNS]
    table[numbers] = table[numbers].astype(float)
    for column in TEXT_COLUMNS:
        table[column] = table[column].astype("object").where(table[column].notna(), "").astype(str)
    return table.reset_index(drop=True)


def contract_part(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of a table that the contract knows; what else a statistic tells is left out."""
    return table[[column for column in RESULT_COLUMNS if column in table.columns]]


def join_results(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Several result tables under one another; empty ones are left out."""
    filled = [table for table in tables if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else result_table([])


def page_results(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """All results of a page; every row has an id of its own, by which the page refers to it.

    The id is the analysis and a running number within it: ``gap-12``. It holds no name.
    """
    results = join_results(tables)
    number = results.groupby("analysis", sort=False).cumcount() + 1
    return results.assign(row_id=results["analysis"] + "-" + number.astype(str))


def as_columns(values: np.ndarray) -> np.ndarray:
    """Values as a float matrix: one row a respondent, one column an item."""
    matrix = np.asarray(values, dtype=float)
    return matrix[:, None] if matrix.ndim == 1 else matrix


def two_sided_p(statistic: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Two-sided p of Student's t; NaN where statistic or df is."""
    return 2 * special.stdtr(df, -np.abs(statistic))


def t_critical(df: np.ndarray, confidence_level: float) -> np.ndarray:
    """Half-width multiplier of a two-sided interval from Student's t."""
    return special.stdtrit(df, 0.5 + confidence_level / 2)


def unresolvable(standard_error: np.ndarray, *means: np.ndarray) -> np.ndarray:
    """Return where a standard error is rounding noise, as R's t.test decides it.

    Ten units of rounding of the larger mean: below that the answers do not vary.
    """
    size = np.max(np.abs(np.vstack([np.atleast_1d(m) for m in means])), axis=0)
    return standard_error <= 10 * np.finfo(float).eps * np.maximum(size, np.finfo(float).tiny)
