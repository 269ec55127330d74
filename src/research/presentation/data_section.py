"""Numbers behind the page: every result it was made from, with the function that made it."""

from collections.abc import Callable

import pandas as pd
from markupsafe import Markup

from research.presentation.numbers import is_number
from research.presentation.tables import (
    Column,
    Group,
    html_table,
    interval,
    paragraph,
    section,
)
from research.presentation.texts import Reader
from research.presentation.trace import ROW_PREFIX

# Which function makes the results of an analysis: what a doubter reads next.
MADE_BY: dict[str, str] = {
    "agreement": "agreement.agreement_within",
    "answering": "answering.answering",
    "answers": "answers_given.answers_given",
    "comparability": "comparability.comparability",
    "context": "context.among_others",
    "dimensions": "dimensions.dimensions",
    "gap": "gap.role_gaps",
    "highlights": "highlights.highlights",
    "imputed": "sensitivity.gaps_with_answers_filled_in",
    "information": "items.information",
    "missing": "missing.missingness",
    "order": "order.order_of_activities",
    "organisations": "organisations.across_organisations",
    "other_methods": "other_methods.other_methods",
    "planning": "planning.planning_results",
    "power_missing": "missing.missingness",
    "power_methods": "power_use.power_by_other_methods",
    "power_use": "power_use.power_against_the_rest",
    "reliability": "reliability.reliability",
    "sample": "sample.who_answered",
    "simulated": "simulated.measured_for",
    "value": "value.value_of_activities",
    "waves": "comparability.comparability",
    "with_flagged": "sensitivity.gaps_of_others",
    "without_flagged": "sensitivity.gaps_of_others",
}
DECIMALS = 4  # enough to tell rounding from a mistake; the CSV holds every digit


def data_section(results: pd.DataFrame, reader: Reader, *, data_hash: str) -> Markup:
    """Every result of the page, folded per analysis; each has the id its numbers link to.

    ``results`` must have been numbered (``estimates.page_results``).
    """
    blocks = [
        _analysis(found, str(analysis), reader)
        for analysis, found in results.groupby("analysis", sort=False)
    ]
    count = reader.count(len(results))
    words = {"count": count, "seed": reader.study.seed, "hash": data_hash[:12]}
    return section(
        "data",
        reader.text("data.h"),
        paragraph(reader.text("data.intro", **words)),
        paragraph(reader.text("data.print", count=count), "print-only"),
        Markup('<div class="screen-only">{}</div>').format(Markup("").join(blocks)),
    )


def _analysis(found: pd.DataFrame, analysis: str, reader: Reader) -> Markup:
    table = html_table(
        table_id=f"data-{analysis}".replace("_", "-"),
        caption=reader.text("data.caption", function=f"research.analyses.{MADE_BY[analysis]}"),
        columns=[
            Column(heading=reader.text("data.column.row"), kind="text"),
            Column(heading=reader.text("data.column.of"), kind="text"),
            Column(heading=reader.text("data.column.kind"), kind="text"),
            Column(heading=reader.text("data.column.estimate")),
            Column(heading=reader.text("data.column.interval", level=_level(found, reader))),
            Column(heading=reader.text("data.column.n")),
            Column(heading=reader.text("data.column.test"), kind="text"),
        ],
        groups=[
            Group(
                rows=[_row(row, reader) for _, row in found.iterrows()],
                row_ids=[f"{ROW_PREFIX}{row_id}" for row_id in found["row_id"]],
            )
        ],
    )
    count = reader.text("data.summary", count=reader.count(len(found)))
    return Markup("<details><summary>{} {}</summary>{}</details>").format(
        _code(analysis), count, table
    )


def _level(found: pd.DataFrame, reader: Reader) -> str:
    levels = found["confidence_level"].dropna()
    return reader.share(levels.iloc[0] if len(levels) else reader.confidence_level)


def _row(row: pd.Series, reader: Reader) -> list[str | Markup]:
    def shown(value: float) -> str:
        return reader.number(value, decimals=DECIMALS)

    # Why a number is not there is told by the code of its note in the last cell.
    withheld = reader.text("reason.suppressed") if row["note"].startswith("suppressed") else ""
    return [
        row["row_id"],
        _about(row, reader),
        _code(row["estimate_type"]),
        shown(row["estimate"]) if is_number(row["estimate"]) else withheld,
        _limits(row, reader, shown),
        _people(row, reader),
        _test(row, reader),
    ]


def _limits(row: pd.Series, reader: Reader, shown: Callable[[float], str]) -> str:
    """The interval; of a band without an upper limit its lower one."""
    if is_number(row["ci_low"]) and is_number(row["ci_high"]):
        return str(interval(row, reader, shown=shown))
    return shown(row["ci_low"]) if is_number(row["ci_low"]) else ""


def _about(row: pd.Series, reader: Reader) -> str:
    """Whom and what a result is about: activity or cluster, role, wave, organisation's code."""
    entry = row["activity_id"] or row["cluster_id"]
    parts = [reader.label(entry)] if _known(entry, reader) else [entry]
    parts += [reader.plural(row["role"]) if row["role"] else "", row["wave"]]
    if row["analysis"] in ("organisations", "sample"):
        parts.append(row["organisation_id"])
    return ", ".join(filter(None, parts))


def _known(entry: str, reader: Reader) -> bool:
    return entry in reader.instrument.cluster_ids or entry in reader.instrument.activity_ids


def _people(row: pd.Series, reader: Reader) -> str:
    counts = [reader.count(row[name]) for name in ("n_a", "n_b") if is_number(row[name])]
    return " + ".join(counts)


def _test(row: pd.Series, reader: Reader) -> Markup:
    """The test with its numbers, the correction and the verdict, as they stand in the CSV."""
    parts = []
    if is_number(row["statistic"]):
        parts.append(reader.number(row["statistic"], decimals=3))
    if is_number(row["df"]):
        parts.append(f"df {reader.number(row['df'], decimals=1)}")
    if is_number(row["p_value"]):
        parts.append(reader.p_equation(row["p_value"]))
    if is_number(row["p_adjusted"]):
        adjusted = reader.p_equation(row["p_adjusted"])
        method = row["adjust_method"] or "none"
        parts.append(f"{reader.text(f'method.{method}')} {adjusted}")
    numbers = Markup("; ").join(parts)
    codes = [_code(row[name]) for name in ("test", "verdict", "note") if row[name]]
    return Markup(" ").join([*codes, numbers])


def _code(word: str) -> Markup:
    """A word of the results file, which is English and not for reading aloud as prose."""
    return Markup('<code lang="en">{}</code>').format(word)
