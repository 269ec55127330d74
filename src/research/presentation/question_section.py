"""What was asked, in order of weight: expectation, how it was examined, answer."""

from collections.abc import Callable
from functools import partial

import pandas as pd
from markupsafe import Markup

from research.presentation.comparability_note import (
    NOT_COMPARABLE,
    comparability_finding,
    verdicts,
)
from research.presentation.number_tables import estimate_with_interval
from research.presentation.numbers import is_number
from research.presentation.order_section import order_sentence
from research.presentation.sentences import (
    power_sentence,
    traced,
    verdict_counts_sentence,
    withheld_words,
)
from research.presentation.tables import (
    Column,
    Group,
    html_table,
    paragraph,
    pick,
    points,
    section,
    verdict_chip,
)
from research.presentation.texts import Reader

Row = tuple[str | Markup, str, str | Markup]
RANKS = ("primary", "secondary", "exploratory")


def question_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """Expectation, test and answer per question; primary, secondary and exploratory apart."""
    groups = []
    for rank in RANKS:
        names = getattr(reader.study.questions, rank)
        rows = [row for name in names for row in ROWS[name](results, reader)]
        if rows:
            groups.append(Group(rows=rows, heading=reader.text(f"question.{rank}")))
    headings = ("asked", "examined", "answer")
    table = html_table(
        table_id="question-table",
        caption=reader.text("question.caption"),
        columns=[
            Column(heading=reader.text(f"question.column.{name}"), kind="text") for name in headings
        ],
        groups=groups,
    )
    plan = reader.study.preregistration
    planned = reader.text("question.plan", link=plan) if plan else reader.text("question.plan.none")
    two = len(reader.study.roles) == 2
    caution = comparability_finding(results, reader)
    return section(
        "question",
        reader.text("question.h"),
        paragraph(reader.text("question.lead")),
        paragraph(planned),
        table,
        paragraph(reader.text("gap.direction"), "caption") if two else Markup(""),
        paragraph(caution, "note") if caution else Markup(""),
    )


def headline_gap(results: pd.DataFrame, reader: Reader) -> pd.Series | None:
    """Difference that a hurried reader is told first: power, or the largest; None without one."""
    clusters = _gaps(results, "clusters")
    if clusters.empty:
        return None
    return clusters.loc[reader.study.power_cluster or clusters["estimate"].abs().fillna(0).idxmax()]


def finding_title(results: pd.DataFrame, reader: Reader) -> str:
    """The main finding in at most twelve words, which turns with the sign; "" without one."""
    row = headline_gap(results, reader)
    if row is None or not row["verdict"]:
        return ""
    label = reader.quoted(row["cluster_id"])
    _, judged = verdicts(results)
    if row["cluster_id"] in set(judged.loc[judged["verdict"] == NOT_COMPARABLE, "cluster_id"]):
        return reader.text("question.title.not_comparable", label=label)
    verdict = row["verdict"]
    if verdict == "relevant":
        verdict = "higher" if row["estimate"] > 0 else "lower"
    return reader.text(f"question.title.{verdict}", label=label)


def study_title(results: pd.DataFrame, reader: Reader) -> Markup:
    """Title of the page: what the study is called, and what it found."""
    title = reader.study.title.get(reader.language)
    finding = finding_title(results, reader)
    if finding:
        title = reader.text("study.title", title=title, finding=finding)
    return Markup('<h1 id="top">{}</h1>').format(title)


def examined_words(row: pd.Series, reader: Reader) -> str:
    """How a difference was examined: the test, and the correction with the size of its family."""
    words = reader.text(f"question.test.{row['test']}") if row["test"] else ""
    count = row["family"].rpartition(": ")[2].partition(" ")[0]
    if not count.isdigit() or int(count) < 2:
        return words
    method = reader.text(f"method.{row['adjust_method']}")
    return f"{words}; {reader.text('question.corrected', method=method, count=count)}"


def answer_cell(row: pd.Series, reader: Reader) -> str | Markup:
    """Verdict, estimate with interval and numbers of people, or why there is none."""
    if not is_number(row["ci_low"]):
        return reader.text("question.untested", reason=withheld_words(row, reader))
    counts = reader.text(
        "question.counts", n_a=reader.count(row["n_a"]), n_b=reader.count(row["n_b"])
    )
    shown = estimate_with_interval(row, reader, shown=partial(points(row, reader), signed=True))
    return Markup('{} <span class="range">{}; {}</span>').format(
        verdict_chip(row["verdict"], reader), shown, counts
    )


def _linked(words: str, target: str) -> Markup:
    return Markup('<a href="#{}">{}</a>').format(target, words)


def _valued(results: pd.DataFrame, reader: Reader) -> list[Row]:
    claims = pick(results, "all_valued")
    if claims.empty:
        return []
    claim = claims.iloc[0]
    tests = pick(results, "mean_above_midpoint", level="activities", role=claim["role"])
    words = {
        "plural": reader.plural(claim["role"]),
        "count": len(tests),
        "midpoint": reader.short(reader.instrument.scale.midpoint),
    }
    asked = _linked(reader.text("question.valued", **words), "value")
    examined = reader.text(f"question.test.{claim['test']}", count=len(tests))
    if not is_number(claim["p_value"]):
        why = withheld_words(claim, reader)
        return [(asked, examined, reader.text("question.untested", reason=why))]
    left = int((tests["p_value"] > 1 - reader.confidence_level).sum())
    n = reader.count(claim["n_a"])
    if left:
        answer = reader.text("question.valued.no", left=left, n=n, **words)
    else:
        p = reader.p_equation(claim["p_value"])
        answer = reader.text("question.valued.yes", p=p, n=n, **words)
    return [(asked, examined, traced(answer, claim, reader))]


def _power(results: pd.DataFrame, reader: Reader) -> list[Row]:
    rows = pick(results[results["analysis"] == "power_use"], "mean_difference", level="clusters")
    if rows.empty:
        return []
    row = rows.iloc[0]
    asked: str | Markup = reader.text("question.power", label=reader.quoted(row["cluster_id"]))
    if power_sentence(results, reader):
        asked = _linked(str(asked), "power")
    return [(asked, examined_words(row, reader), answer_cell(row, reader))]


def _gaps(results: pd.DataFrame, level: str) -> pd.DataFrame:
    return pick(results[results["analysis"] == "gap"], "mean_difference", level=level)


def _clusters(results: pd.DataFrame, reader: Reader) -> list[Row]:
    return [
        (
            _linked(reader.text("question.clusters", label=reader.quoted(entry)), "gap-clusters-h"),
            examined_words(row, reader),
            answer_cell(row, reader),
        )
        for entry, row in _gaps(results, "clusters").iterrows()
    ]


def _activities(results: pd.DataFrame, reader: Reader) -> list[Row]:
    gaps = _gaps(results, "activities")
    if gaps.empty:
        return []
    asked = _linked(reader.text("question.activities", count=len(gaps)), "gap-activities-h")
    answer = verdict_counts_sentence(gaps, reader) or reader.text(
        "question.untested", reason=withheld_words(gaps.iloc[0], reader)
    )
    return [(asked, examined_words(gaps.iloc[0], reader), answer)]


def _order(results: pd.DataFrame, reader: Reader) -> list[Row]:
    found = results[results["analysis"] == "order"]
    if found.empty:
        return []
    asked = _linked(reader.text("question.order"), "order")
    return [(asked, reader.text("question.test.order"), order_sentence(found, reader))]


def _organisations(results: pd.DataFrame, reader: Reader) -> list[Row]:
    found = results[results["analysis"] == "organisations"]
    spread = pick(found, "gap_spread", level="clusters")
    if spread.empty:
        return []
    asked = _linked(reader.text("question.organisations"), "organisations")
    told = spread["p_value"].dropna()
    if told.empty:
        why = withheld_words(spread.iloc[0], reader)
        answer = reader.text("question.untested", reason=why)
    else:
        differ = int((told <= 1 - reader.confidence_level).sum())
        answer = reader.text("question.organisations.answer", differ=differ, total=len(told))
    return [(asked, reader.text("question.test.organisations"), answer)]


ROWS: dict[str, Callable[[pd.DataFrame, Reader], list[Row]]] = {
    "valued": _valued,
    "power": _power,
    "clusters": _clusters,
    "activities": _activities,
    "order": _order,
    "organisations": _organisations,
}
