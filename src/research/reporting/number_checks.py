"""Every statistic of a finished page checked against the results and against the others.

A page with a mismatch is not published. What is checked stands in ``reporting/checking``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO

import pandas as pd

from research.errors import ReportError
from research.reporting.checking.linked import linked_numbers, listed_results
from research.reporting.checking.page_text import read_page
from research.reporting.checking.recomputed import (
    recomputed_comparisons,
    recomputed_intervals,
    recomputed_marks,
    recomputed_sums,
    recomputed_tests,
)
from research.reporting.checking.sources import Known, Sources
from research.reporting.checking.stored import stored_results, stored_sums
from research.reporting.checking.traced import Finding, traced_cells, traced_sentences
from research.stats.estimates import RESULT_COLUMNS, TEXT_COLUMNS

SHOWN_MISMATCHES = 5
# Found by searching: that a number is not found does not prove it wrong, and a report is not
# refused for it. The reader is told.
SEARCHED = ("traced", "found")


@dataclass(frozen=True, kw_only=True)
class NumberChecks:
    """How many numbers of each kind were checked, and what did not fit, in words.

    ``mismatches`` contradict a result or another number. ``untraced`` numbers contradict nothing,
    but were not found where they should come from.
    """

    counts: Mapping[str, int]
    mismatches: tuple[str, ...]
    untraced: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[str, ...]:
        return self.mismatches + self.untraced

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def check_numbers(
    page: str, results: pd.DataFrame, *, language: str, known: Known | None = None
) -> NumberChecks:
    """Return how many numbers of a page were checked, and what does not fit.

    ``results`` are those behind the page, protected as released; ``known`` is what the study
    file and the instrument say.
    """
    known = known or Known()
    results = results.assign(
        **{c: results[c].fillna("").astype(str) for c in TEXT_COLUMNS if c in results}
    )
    text = read_page(page)
    sources = Sources(results, known)
    level = results["confidence_level"].max()
    alpha = 1 - (0.95 if pd.isna(level) else float(level))
    return _counted(
        [
            *traced_cells(text.tables, sources, language),
            *traced_sentences(text.sentences, sources, language),
            *linked_numbers(text.links, sources, language),
            *listed_results(text.tables, sources, language),
            *recomputed_intervals(text.tables, language),
            *recomputed_tests(text.tables, text.sentences, language),
            *recomputed_comparisons(text.tables, language, margin=known.margin, alpha=alpha),
            *recomputed_sums(text.tables, language),
            *recomputed_marks(text.tables, language),
            *stored_results(results),
            *stored_sums(results),
        ]
    )


def read_results(results_csv: str) -> pd.DataFrame:
    """Results as they were written beside a page: text stays text, also where it says NA."""
    columns = [name for name in RESULT_COLUMNS if name not in TEXT_COLUMNS]
    return pd.read_csv(
        StringIO(results_csv),
        dtype={**dict.fromkeys(TEXT_COLUMNS, "str"), **dict.fromkeys(columns, "float64")},
        keep_default_na=False,
        na_values={name: [""] for name in columns},
    )


def _counted(findings: Iterable[Finding]) -> NumberChecks:
    findings = list(findings)
    wrong: dict[bool, dict[str, None]] = {True: {}, False: {}}
    for kind, words in findings:
        if words:
            wrong[kind in SEARCHED].setdefault(words)
    return NumberChecks(
        counts=dict(Counter(kind for kind, _ in findings)),
        mismatches=tuple(wrong[False]),
        untraced=tuple(wrong[True]),
    )


def require_right_numbers(checks: NumberChecks, *, name: str) -> None:
    """Raise ReportError where a number of a page does not fit."""
    if checks.mismatches:
        shown = "; ".join(checks.mismatches[:SHOWN_MISMATCHES])
        more = len(checks.mismatches) - SHOWN_MISMATCHES
        shown += f"; and {more} more" if more > 0 else ""
        raise ReportError(f"{name}: numbers of the page do not fit: {shown}.")
