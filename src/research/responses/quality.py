"""Signs of careless answering, per respondent: flags, never deletions."""

import numpy as np
import pandas as pd

from research.study.instrument import Instrument

# More than half of the activities left open.
SHARE_MISSING_LIMIT = 0.5
# A run of the same answer over half of the activities or more (Curran, 2016, Journal of
# Experimental Social Psychology 66, p. 9), and over at least ten: in short lists of one subject a
# run of six says little.
LONGEST_STRING_SHARE_LIMIT = 0.5
LONGEST_STRING_MINIMUM = 10
# The same answer everywhere.
VARIABILITY_LIMIT = 0.0
# Two seconds an activity (Huang et al., 2012, Journal of Business and Psychology 27, p. 106).
SECONDS_LIMIT = 2.0
REASONS = ("many_missing", "long_string", "no_variability", "too_fast")
FLAG_COLUMNS: tuple[str, ...] = (
    "respondent_id",
    "wave",
    "n_answered",
    "share_missing",
    "share_missing_limit",
    "longest_string",
    "longest_string_share",
    "longest_string_limit",
    "intra_individual_variability",
    "variability_limit",
    "seconds_per_activity",
    "seconds_limit",
    "flagged",
    "reasons",
)


def flag_respondents(responses: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Quality indices per respondent with their limits, and whether one was crossed.

    One row a respondent (and wave), in the order of ``responses``; columns as ``FLAG_COLUMNS``.

    All indices are of the answers **as given**, in the order of the instrument: reversed
    activities are not turned first. Somebody who ticks one column answers reversed activities as
    the others and so contradicts himself; turning them would break the run that shows it. In that
    sense the longest string is aware of reversal. A missing answer breaks a run, as in the R
    package careless (Yentes & Wilhelm, 1.2.2), whose ``longstring`` and ``irv`` these are:
    ``intra_individual_variability`` is the standard deviation (n - 1), in scale points, of the
    answers a person gave; NaN for fewer than two. ``seconds_per_activity`` is NaN without a
    duration. ``longest_string_share`` is of all activities of the instrument. ``no_variability``
    asks for as many answers as a long string.
    """
    answers = responses[instrument.activity_ids].to_numpy(dtype=float, na_value=np.nan)
    n_activities = answers.shape[1]
    n_answered = (~np.isnan(answers)).sum(axis=1)
    run = longest_string(answers)
    string_limit = float(max(LONGEST_STRING_MINIMUM, LONGEST_STRING_SHARE_LIMIT * n_activities))
    spread = _standard_deviation(answers, n_answered)
    share_missing = 1 - n_answered / n_activities
    with np.errstate(invalid="ignore"):
        seconds = responses["duration_seconds"].to_numpy(dtype=float) / np.maximum(n_answered, 1)
        crossed = np.column_stack(
            [
                share_missing > SHARE_MISSING_LIMIT,
                run >= string_limit,
                (spread <= VARIABILITY_LIMIT) & (n_answered >= LONGEST_STRING_MINIMUM),
                seconds < SECONDS_LIMIT,
            ]
        )
    return pd.DataFrame(
        {
            "respondent_id": responses["respondent_id"],
            "wave": responses["wave"],
            "n_answered": n_answered,
            "share_missing": share_missing,
            "share_missing_limit": SHARE_MISSING_LIMIT,
            "longest_string": run,
            "longest_string_share": run / n_activities,
            "longest_string_limit": string_limit,
            "intra_individual_variability": spread,
            "variability_limit": VARIABILITY_LIMIT,
            "seconds_per_activity": seconds,
            "seconds_limit": SECONDS_LIMIT,
            "flagged": crossed.any(axis=1),
            "reasons": _reasons(crossed),
        }
    )


def longest_string(answers: np.ndarray) -> np.ndarray:
    """Length of the longest run of equal answers per row; a missing answer breaks a run."""
    run = np.zeros(len(answers), dtype=np.int64)
    longest = run.copy()
    previous = np.full(len(answers), np.nan)
    for column in answers.T:
        run = np.where(np.isnan(column), 0, np.where(column == previous, run + 1, 1))
        longest = np.maximum(longest, run)
        previous = column
    return longest


def _standard_deviation(answers: np.ndarray, n_answered: np.ndarray) -> np.ndarray:
    given = ~np.isnan(answers)
    filled = np.where(given, answers, 0.0)
    mean = filled.sum(axis=1) / np.maximum(n_answered, 1)
    squares = (np.where(given, answers - mean[:, None], 0.0) ** 2).sum(axis=1)
    variance = squares / np.where(n_answered > 1, n_answered - 1, np.nan)
    # A row of equal answers has exactly no spread, whatever the rounding of its mean.
    low = np.where(given, answers, np.inf).min(axis=1)
    high = np.where(given, answers, -np.inf).max(axis=1)
    return np.where((low == high) & (n_answered > 1), 0.0, np.sqrt(variance))


def _reasons(crossed: np.ndarray) -> np.ndarray:
    """Names of the limits crossed, joined by a semicolon; sixteen combinations, one lookup."""
    weights = 1 << np.arange(len(REASONS))
    names = np.array(
        [
            ";".join(name for bit, name in zip(weights, REASONS, strict=True) if code & bit)
            for code in range(1 << len(REASONS))
        ],
        dtype=object,
    )
    return names[(crossed * weights).sum(axis=1)]
