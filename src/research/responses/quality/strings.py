"""Runs of the same answer: the longest and the average."""

import numpy as np


def longest_string(answers: np.ndarray) -> np.ndarray:
    """Length of the longest run of equal answers per row; a missing answer breaks a run.

    One number a row, in answers; 0 for a row without any. Equal to ``careless::longstring``
    (Yentes & Wilhelm, 1.2.2; Johnson, 2005, Journal of Research in Personality 39, 103-129)
    except in a row without answers: R's ``rle`` takes every missing answer for a run of one and
    so returns 1.
    """
    return _runs(answers)[0]


def average_string(answers: np.ndarray) -> np.ndarray:
    """Mean length of the runs of equal answers per row; NaN for a row without answers.

    A missing answer ends a run and is none itself. ``careless::longstring(avg = TRUE)`` counts
    every missing answer as a run of length one, so that leaving questions open lowers its
    average; without missing answers the two are equal.
    """
    n_runs = _runs(answers)[1]
    n_answered = (~np.isnan(answers)).sum(axis=1)
    return np.where(n_runs > 0, n_answered / np.maximum(n_runs, 1), np.nan)


def _runs(answers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Longest run and number of runs per row, column by column over all people at once."""
    run = np.zeros(len(answers), dtype=np.int64)
    longest, n_runs = run.copy(), run.copy()
    previous = np.full(len(answers), np.nan)
    for column in answers.T:
        given, same = ~np.isnan(column), column == previous
        run = np.where(given, np.where(same, run + 1, 1), 0)
        n_runs += given & ~same
        longest = np.maximum(longest, run)
        previous = column
    return longest, n_runs
