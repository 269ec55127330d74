"""Can this be trusted? A row a subject, made from the run: what was done, and what needs an eye."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources

import pandas as pd
from markupsafe import Markup

from research.presentation.flow import flow_steps
from research.presentation.numbers import is_number
from research.presentation.sections import comparison_counts, expected_by_chance
from research.presentation.sensitivity_section import sensitivity_sentences
from research.presentation.tables import section
from research.presentation.texts import Reader
from research.study.answers import SampleFlow

# The page is checked when it is finished: what was found is put in these places then.
VERDICT_PLACE = Markup('<p class="answer" id="trust-verdict"></p>')
RUN_PLACE = Markup('<div id="trust-run"></div>')


@dataclass(frozen=True, kw_only=True)
class TrustRow:
    """What is said on one subject; ``look`` where a reader should judge for himself."""

    topic: str
    lines: Sequence[str]
    look: bool = False


def trust_section(
    results: pd.DataFrame,
    reader: Reader,
    *,
    flow: SampleFlow | None = None,
    answered: Sequence[str] = (),
    closing: Sequence[str] = (),
) -> Markup:
    """The trust box; without ``flow`` that of a page on one organisation.

    ``answered`` says who answered there, ``closing`` where more can be read.
    """
    rows = [_data(reader), *_people(reader, flow, answered)]
    rows += [_oracle(reader), _plan(reader), *_comparisons(results, reader)]
    rows += _others(results, reader, flow)
    rows.append(_privacy(results, reader))
    body = Markup('{}<dl class="trust">{}{}</dl>').format(
        VERDICT_PLACE, Markup("").join(trust_row(row, reader.text) for row in rows), RUN_PLACE
    )
    more = Markup("").join(Markup('<p class="caption">{}</p>').format(line) for line in closing)
    return section("trust", reader.text("trust.h"), body, more)


def trust_row(row: TrustRow, text: Callable[..., str]) -> Markup:
    """One row: its mark in words and a shape, the subject, and a line a sentence."""
    state = "look" if row.look else "good"
    lines = Markup("").join(Markup("<dd>{}</dd>").format(line) for line in row.lines)
    return Markup('<div class="{}"><dt>{} <span class="state">{}</span></dt>{}</div>').format(
        state, text(f"trust.topic.{row.topic}"), text(f"trust.state.{state}"), lines
    )


def _data(reader: Reader) -> TrustRow:
    synthetic = reader.study.synthetic
    key = "trust.data.synthetic" if synthetic else "trust.data.real"
    return TrustRow(topic="data", lines=[reader.text(key)], look=synthetic)


def _people(reader: Reader, flow: SampleFlow | None, answered: Sequence[str]) -> list[TrustRow]:
    if flow is None:
        return [TrustRow(topic="flow", lines=answered)] if answered else []
    return [TrustRow(topic="flow", lines=flow_lines(flow, reader)), *_second(flow, reader)]


def flow_lines(flow: SampleFlow, reader: Reader) -> list[str]:
    """Rows read and left out, answers that broke a rule, people who look careless."""
    if not flow.told:
        return [reader.text("sample.flow.withheld")]
    # As in the table of the flow: where it does not say how many rows were read, this does not.
    told = flow_steps(flow, limit=reader.study.privacy.shown_from)[0].stage == "in"
    key = "trust.flow" if told else "trust.flow.few"
    lines = [
        reader.text(
            key,
            rows_in=reader.count(flow.rows_in),
            rows_out=reader.count(flow.rows_out),
            left=reader.count(flow.rows_in - flow.rows_out),
        )
    ]
    if flow.n_failures:
        lines.append(reader.text("trust.failures", count=reader.few_or_count(flow.n_failures)))
    if flow.n_flagged:
        lines.append(reader.text("trust.careless", count=reader.few_or_count(flow.n_flagged)))
    return lines


def _second(flow: SampleFlow, reader: Reader) -> list[TrustRow]:
    """How far other software agrees; no row where it was not installed."""
    if not flow.n_compared:
        return []
    digits = reader.text("trust.second.exact")
    if flow.largest_difference > 0:
        digits = f"{flow.largest_difference:.0e}"
    count = reader.count(flow.n_compared)
    line = reader.text("trust.second", count=count, difference=digits)
    return [TrustRow(topic="second", lines=[line])]


def _oracle(reader: Reader) -> TrustRow:
    """How closely the program agrees with R on the data sets of its tests."""
    source = resources.files("research.presentation").joinpath("agreement.json")
    found = json.loads(source.read_text("utf-8"))
    words = {name: reader.count(found[name]) for name in ("statistics", "data_sets")}
    words |= {name: f"{found[name]:.0e}" for name in ("median", "largest")}
    words |= {name: found[name] for name in ("oracle", "date")}
    return TrustRow(topic="oracle", lines=[reader.text("trust.oracle", **words)])


def _plan(reader: Reader) -> TrustRow:
    study = reader.study
    plan = study.preregistration or reader.text("trust.plan.none")
    lines = [reader.text("trust.plan", link=plan)]
    if study.preregistration:
        lines.append(reader.text("trust.deviations", count=reader.count(len(study.deviations))))
    return TrustRow(topic="plan", lines=lines, look=not study.preregistration)


def _comparisons(results: pd.DataFrame, reader: Reader) -> list[TrustRow]:
    """How many tests, what corrects for it, and what simulations say of both."""
    families = reader.study.families
    tests, cluster_tests = comparison_counts(results)
    lines = []
    if tests:
        words = {"tests": tests, "cluster_tests": cluster_tests}
        words["expected"] = expected_by_chance(tests + cluster_tests, reader)
        words["method"] = reader.text(f"method.{families.activities}")
        words["cluster_method"] = reader.text(f"method.{families.clusters}")
        lines.append(reader.text("trust.comparisons", **words))
    lines += simulated_lines(results, reader)
    return [TrustRow(topic="comparisons", lines=lines)] if lines else []


def simulated_lines(results: pd.DataFrame, reader: Reader) -> list[str]:
    """What simulations say of intervals and tests in a study of this size."""
    rows = results[results["analysis"] == "simulated"].set_index("estimate_type")
    if "measured_coverage" not in rows.index:
        return []
    coverage = rows.loc["measured_coverage"]
    words = {"share": reader.share(coverage["estimate"], decimals=1)}
    if not is_number(coverage["n_clusters"]):
        return [reader.text("trust.simulated.people", n=reader.count(coverage["n_b"]), **words)]
    organisations = reader.count(coverage["n_clusters"])
    lines = [reader.text("trust.simulated", organisations=organisations, **words)]
    if "measured_family_error" in rows.index:
        error = rows.loc["measured_family_error"]
        lines.append(
            reader.text(
                "trust.simulated.family",
                organisations=reader.count(error["n_clusters"]),
                share=reader.share(error["estimate"], decimals=1),
            )
        )
    return lines


def _others(results: pd.DataFrame, reader: Reader, flow: SampleFlow | None) -> list[TrustRow]:
    lines = sensitivity_sentences(results, reader, flow) if flow is not None else []
    return [TrustRow(topic="others", lines=lines)] if lines else []


def _privacy(results: pd.DataFrame, reader: Reader) -> TrustRow:
    minimum = reader.study.privacy.shown_from
    withheld = reader.count(int(results["note"].str.startswith("suppressed").sum()))
    line = reader.text("trust.privacy", minimum=minimum, suppressed=withheld)
    return TrustRow(topic="privacy", lines=[line])
