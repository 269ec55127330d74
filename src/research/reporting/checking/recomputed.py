"""Statistics of a page worked out once more from the other numbers beside them."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from research.presentation.texts import catalogue
from research.reporting.checking.page_text import PageRow, PageSentence, PageTable
from research.reporting.checking.printed import (
    Printed,
    PrintedInterval,
    printed_intervals,
    printed_numbers,
)
from research.reporting.checking.tails import overlap, p_range
from research.reporting.checking.traced import Finding

VERDICTS = ("relevant", "equivalent", "trivial", "inconclusive")
TEST = re.compile(r"(?P<name>t|z|χ²)\((?P<df>[\d.,]+)\)\s=\s(?P<rest>.*?\bp\s[=<>].{1,8})")
ANSWER_COLUMN = re.compile(r"\d+$")
DRAWN_SLACK = 0.011  # per cent: places are drawn with two decimals
CHI_SQUARE_CELL = re.compile(r"^[\d.,]+ \([\d.,]+\), p\s")


def words_of_key(key: str, language: str) -> str:
    """A text of the catalogue with single blanks, as a page's text is read."""
    return " ".join(catalogue()[key][language].split())


def recomputed_intervals(tables: list[PageTable], language: str) -> Iterator[Finding]:
    """Every interval with its estimate: the one contains the other."""
    for table in tables:
        for row in table.rows:
            for text in row.cells[1:]:
                numbers = printed_numbers(text, language)
                for found in printed_intervals(text, numbers, language, cell=True):
                    if found.estimate is not None:
                        right = _contains(found)
                        where = f"table {table.table_id}, row '{row.cells[0]}': '{text}'"
                        yield "intervals", "" if right else f"interval misses estimate ({where})"


def recomputed_sums(tables: list[PageTable], language: str) -> Iterator[Finding]:
    """Columns of percentages side by side, one an answer: together 100."""
    for table in tables:
        columns = [i for i, heading in enumerate(table.headings) if ANSWER_COLUMN.match(heading)]
        for row in table.rows:
            shares = [_only(row, column, language) for column in columns]
            if len(shares) < 2 or not all(shares):
                continue
            ends = (sum(share.low for share in shares), sum(share.high for share in shares))
            where = f"table {table.table_id}, row '{row.cells[0]}'"
            yield (
                "sums",
                "" if overlap(ends, (100, 100)) else f"percentages do not make 100 ({where})",
            )


def recomputed_marks(tables: list[PageTable], language: str) -> Iterator[Finding]:
    """Drawn estimates: each stands on its axis where a number of its row says."""
    for table in tables:
        ticks = [(at, printed_numbers(words, language)) for at, words in table.ticks]
        ticks = [(at, found[0]) for at, found in ticks if len(found) == 1]
        if len(ticks) < 2:
            continue
        (left, low), (right, high) = ticks[0], ticks[-1]
        scale = (high.value - low.value) / (right - left)
        axis = sorted((low.value, high.value))
        for row in table.rows:
            numbers = [n for text in row.cells[1:] for n in printed_numbers(text, language)]
            for at in row.marks:
                value = low.value + (at - left) * scale
                slack = abs(scale) * DRAWN_SLACK
                # What lies beyond the axis is drawn at its end.
                ends = [(clipped(n.low, axis), clipped(n.high, axis)) for n in numbers]
                right_place = any(a - slack <= value <= b + slack for a, b in ends)
                where = f"table {table.table_id}, row '{row.cells[0]}'"
                yield "marks", "" if right_place else f"a mark stands at {value:.3f} ({where})"


def clipped(value: float, axis: list[float]) -> float:
    """A value, or the end of the axis beyond which it lies."""
    return min(max(value, axis[0]), axis[1])


def _contains(interval: PrintedInterval) -> bool:
    return (
        interval.low.low <= interval.estimate.high and interval.estimate.low <= interval.high.high
    )


def recomputed_tests(
    tables: list[PageTable], sentences: list[PageSentence], language: str
) -> Iterator[Finding]:
    """The p of t(df), chi-square (df) and columns of t, df, p; a corrected p is no smaller."""
    corrected = words_of_key("apa.adjusted", language).partition("{")[0].strip()
    for table in tables:
        columns = _columns(table, language)
        larger = [corrected in heading for heading in table.headings]
        for row in table.rows:
            where = f"table {table.table_id}, row '{row.cells[0]}'"
            if {"statistic", "df", "p"} <= columns.keys():
                told = [_only(row, columns[name], language) for name in ("statistic", "df", "p")]
                if all(told):
                    yield _p_finding("t", *told, where)
            for text, is_corrected in zip(row.cells[1:], larger[1:], strict=False):
                if CHI_SQUARE_CELL.match(text):
                    told = printed_numbers(text, language)[:3]
                    yield _p_finding("chi_square", *told, where, corrected=is_corrected)
    for sentence in sentences:
        for found in TEST.finditer(sentence.text):
            tail = {"t": "t", "z": "normal", "χ²": "chi_square"}[found["name"]]
            df, statistic, p = printed_numbers(found.group(), language)[:3]
            yield _p_finding(tail, statistic, df, p, f"'{found.group()}'")


def _p_finding(
    tail: str,
    statistic: Printed,
    df: Printed,
    p: Printed,
    where: str,
    *,
    corrected: bool = False,
) -> Finding:
    low, high = p_range(tail, (statistic.low, statistic.high), (df.low, df.high))
    high = 1.0 if corrected else high
    right = overlap((low, high), (p.low, p.high))
    return "p_values", "" if right else (
        f"p does not follow from its statistic: {statistic.value:g} with df {df.value:g} gives "
        f"{low:.4f} to {high:.4f}, not {p.value:g} ({where})"
    )


def _columns(table: PageTable, language: str) -> dict[str, int]:
    """Columns of the table of all numbers, by what stands in them."""
    names = {
        "statistic": "gap.statistic",
        "df": "gap.df",
        "p": "gap.p",
        "p_adjusted": "gap.p_adjusted",
        "p_equivalence": "gap.p_equivalence",
        "difference": "gap.difference",
        "n": "gap.n",
    }
    headings = {heading: place for place, heading in reversed(list(enumerate(table.headings)))}
    wanted = {name: words_of_key(key, language) for name, key in names.items()}
    return {name: headings[words] for name, words in wanted.items() if words in headings}


def _only(row: PageRow, column: int, language: str) -> Printed | None:
    """The one number of a cell; None where none or several stand in it."""
    found = printed_numbers(row.cells[column], language) if column < len(row.cells) else []
    return found[0] if len(found) == 1 else None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One row of a chart of two means and their difference."""

    where: str
    entry: str
    means: tuple[Printed, Printed] | None
    interval: PrintedInterval
    verdict: str


def comparisons(tables: list[PageTable], language: str) -> list[Comparison]:
    """Rows that show two means, their difference with interval, and a verdict."""
    found = []
    for table in tables:
        if _columns(table, language).get("difference") != 3:
            continue
        for row in table.rows:
            text = row.cells[3]
            intervals = printed_intervals(
                text, printed_numbers(text, language), language, cell=True
            )
            if not intervals or intervals[0].estimate is None:
                continue
            means = (_only(row, 1, language), _only(row, 2, language))
            found.append(
                Comparison(
                    where=f"table {table.table_id}, row '{row.cells[0]}'",
                    entry=row.cells[0],
                    means=means if all(means) else None,
                    interval=intervals[0],
                    verdict=_verdict(text, language),
                )
            )
    return found


def _verdict(text: str, language: str) -> str:
    for name in VERDICTS:
        if text.endswith(words_of_key(f"verdict.{name}", language)):
            return name
    return ""


def recomputed_comparisons(
    tables: list[PageTable], language: str, *, margin: float | None, alpha: float
) -> Iterator[Finding]:
    """Difference from the two means, decision from p, verdict from its rule."""
    tests = _tests_by_label(tables, language)
    compared = comparisons(tables, language)
    labels = Counter(told.where for told in compared)
    for told in compared:
        if told.means:
            yield _difference(told)
        test = tests.get(told.entry, {}) if labels[told.where] == 1 else {}
        if test.get("p"):
            yield _decision(told, test["p"], alpha)
        if (
            told.verdict
            and margin is not None
            and all(test.get(n) for n in ("p_adjusted", "p_equivalence"))
        ):
            yield _verdict_finding(told, test, margin, alpha)


def _tests_by_label(tables: list[PageTable], language: str) -> dict[str, dict[str, Printed | None]]:
    """The three p-values of every activity and cluster; none for a label that two of them bear."""
    names = ("p", "p_adjusted", "p_equivalence")
    found: dict[str, dict[str, Printed | None]] = {}
    for table in tables:
        columns = _columns(table, language)
        if not set(names) <= columns.keys():
            continue
        for row in table.rows:
            known = row.cells[0] in found
            told = {name: _only(row, columns[name], language) for name in names}
            found[row.cells[0]] = {} if known else told
    return found


def _difference(told: Comparison) -> Finding:
    first, second = told.means
    ends = (first.low - second.high, first.high - second.low)
    shown = told.interval.estimate
    right = overlap(ends, (shown.low, shown.high))
    return "differences", "" if right else f"the difference is not that of the means ({told.where})"


def _decision(told: Comparison, p: Printed, alpha: float) -> Finding:
    low, high = told.interval.low, told.interval.high
    excludes = {ends[0] > 0 or ends[1] < 0 for ends in ((low.low, high.high), (low.high, high.low))}
    significant = {p.low < alpha, p.high < alpha}
    right = bool(excludes & significant)
    return "decisions", "" if right else f"interval and p decide differently ({told.where})"


def _verdict_finding(told: Comparison, test: dict, margin: float, alpha: float) -> Finding:
    """The verdict by the rule of ``equivalence.judge``, for all that the numbers may stand for."""
    low, high, estimate = told.interval.low, told.interval.high, told.interval.estimate
    smallest = (
        0.0 if estimate.low < 0 < estimate.high else min(abs(estimate.low), abs(estimate.high))
    )
    largest = max(abs(estimate.low), abs(estimate.high))
    possible = {
        _judged(*parts)
        for parts in product(
            {test["p_adjusted"].low <= alpha, test["p_adjusted"].high <= alpha},
            {test["p_equivalence"].low <= alpha, test["p_equivalence"].high <= alpha},
            {low.low > margin or high.high < -margin, low.high > margin or high.low < -margin},
            {smallest >= margin, largest >= margin},
        )
    }
    right = told.verdict in possible
    return "verdicts", "" if right else f"the verdict does not follow its rule ({told.where})"


def _judged(significant: bool, within: bool, beyond: bool, large: bool) -> str:
    if within:
        return "trivial" if significant else "equivalent"
    return "relevant" if beyond or (significant and large) else "inconclusive"
