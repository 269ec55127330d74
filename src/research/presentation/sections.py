"""Sections that the study report and the organisation report share."""

from collections.abc import Sequence
from importlib import resources

import pandas as pd
from markupsafe import Markup

from research.presentation.flow import flow_steps
from research.presentation.numbers import is_number
from research.presentation.sentences import tested
from research.presentation.tables import bullets, cell, paragraph, pick, section, subheading
from research.presentation.texts import Reader
from research.study.answers import SampleFlow

VERDICT_ORDER = ("relevant", "equivalent", "trivial", "inconclusive")


def banner_lines(reader: Reader) -> list[str]:
    """What must be said before anything else: synthetic data, illustrative instrument."""
    lines = []
    if reader.study.synthetic:
        lines.append(reader.text("banner.synthetic"))
    if reader.instrument.illustrative:
        lines.append(reader.text("banner.illustrative"))
    return lines


def banners(reader: Reader) -> Markup:
    """Return the banner lines for a notebook, with the style our tables need in JupyterLab.

    Shown in a cell tagged ``guide``: the page has both in its own frame.
    """
    style = resources.files("research.presentation").joinpath("notebook.css").read_text("utf-8")
    lines = Markup("").join(paragraph(line, "banner") for line in banner_lines(reader))
    return Markup("<style>{}</style>").format(Markup(style)) + lines


def key_numbers(results: pd.DataFrame, reader: Reader) -> Markup:
    """Strip of the four numbers a hurried reader looks for."""
    entries = []
    for role, row in pick(results, "respondents").iterrows():
        entries.append(
            (
                cell(row, "estimate", reader, shown=reader.count),
                reader.text("key.respondents", role=reader.plural(role)),
            )
        )
    organisations = pick(results, "respondents")["n_clusters"].max()
    if organisations > 1:
        entries.append((reader.count(organisations), reader.text("key.organisations")))
    clusters = len(reader.instrument.clusters)
    entries.append(
        (
            str(len(reader.instrument.activities)),
            reader.text("key.activities", clusters=clusters),
        )
    )
    items = Markup("").join(
        Markup("<li><b>{}</b> {}</li>").format(number, words) for number, words in entries
    )
    return Markup('<ul class="keynumbers">{}</ul>').format(items)


def suppression_note(results: pd.DataFrame, reader: Reader, *, intervals: bool = False) -> Markup:
    """Explanation of [c] under a table that holds one; empty otherwise.

    ``intervals`` says whether the table shows intervals or p-values of means, which are withheld
    in groups where the mean itself is not.
    """
    notes = set(results["note"]) - (set() if intervals else {"suppressed_spread"})
    extra = Markup("")
    minimum = reader.study.privacy.shown_from
    for also in ("few_to_compare", "few_others"):
        if f"suppressed_{also}" in notes:
            extra += paragraph(reader.text(f"reason.{also}_note", minimum=minimum), "note")
            notes -= {f"suppressed_{also}"}
    if "suppressed_few_organisations" in notes:
        return (
            paragraph(
                reader.text(
                    "reason.few_organisations_note",
                    organisations=reader.study.privacy.minimum_organisations,
                ),
                "note",
            )
            + extra
        )
    if any(note.startswith("suppressed") for note in notes):
        spread = reader.study.privacy.minimum_n_distribution
        words = reader.text("reason.suppressed_note", minimum=minimum, spread=spread)
        return paragraph(words, "note") + extra
    return extra


def interval_notes(gaps: pd.DataFrame, reader: Reader) -> Markup:
    """What must be known to read the intervals: few organisations, coarse rounding."""
    notes = set(gaps.loc[gaps["estimate_type"] == "mean_difference", "note"])
    lines = []
    if "low_df" in notes:
        lines.append(reader.text("gap.low_df"))
    if "suppressed_spread" in notes:
        spread = reader.study.privacy.minimum_n_distribution
        lines.append(reader.text("gap.coarse", spread=spread))
    return Markup("").join(paragraph(line, "note") for line in lines)


def comparison_counts(results: pd.DataFrame) -> tuple[int, int]:
    """Return how many activities and how many clusters were tested for a difference."""
    gap = results[results["analysis"] == "gap"]
    levels = (pick(gap, "mean_difference", level=level) for level in ("activities", "clusters"))
    activities, clusters = map(tested, levels)
    return activities, clusters


def trust_lines(results: pd.DataFrame, reader: Reader, flow: SampleFlow | None = None) -> list[str]:
    """Sentences of the trust box, made from the run; without ``flow`` those on one page only."""
    study = reader.study
    minimum = study.privacy.shown_from
    lines = [reader.text("trust.data.synthetic" if study.synthetic else "trust.data.real")]
    if flow is not None:
        lines += flow_lines(flow, reader)
    tests, cluster_tests = comparison_counts(results)
    if tests:
        lines.append(
            reader.text(
                "trust.comparisons",
                tests=tests,
                cluster_tests=cluster_tests,
                expected=expected_by_chance(tests + cluster_tests, reader),
                method=reader.text(f"method.{study.families.activities}"),
                cluster_method=reader.text(f"method.{study.families.clusters}"),
            )
        )
    lines += simulated_lines(results, reader)
    withheld = int(results["note"].str.startswith("suppressed").sum())
    lines.append(reader.text("trust.privacy", minimum=minimum, suppressed=reader.count(withheld)))
    plan = study.preregistration or reader.text("trust.plan.none")
    lines.append(reader.text("trust.plan", link=plan))
    return lines


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


def flow_lines(flow: SampleFlow, reader: Reader) -> list[str]:
    """Rows read and left out, answers that broke a rule, people who look careless."""
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
    if flow.n_compared:
        digits = reader.text("trust.second.exact")
        if flow.largest_difference > 0:
            digits = f"{flow.largest_difference:.0e}"
        count = reader.count(flow.n_compared)
        lines.append(reader.text("trust.second", count=count, difference=digits))
    return lines


def expected_by_chance(tests: int, reader: Reader) -> str:
    """Return the number of tests expected to look significant when nothing is there."""
    return reader.number(tests * (1 - reader.confidence_level), decimals=1)


def verdict_rules(reader: Reader) -> Markup:
    """The four verdicts, each with the rule that gives it."""
    entries = Markup("").join(
        Markup("<dt>{}</dt><dd>{}</dd>").format(
            reader.text(f"verdict.{name}"), reader.text(f"verdict.rule.{name}")
        )
        for name in VERDICT_ORDER
    )
    heading = subheading("verdict-rules-h", reader.text("gap.verdict_rules"))
    return heading + Markup("<dl>{}</dl>").format(entries)


def method_section(results: pd.DataFrame, reader: Reader, *, more: Sequence[str] = ()) -> Markup:
    """The method, written from the options that were really used; ``more`` are lines of a page."""
    study, scale = reader.study, reader.instrument.scale
    gap = results[results["estimate_type"] == "mean_difference"]
    lines = []
    if len(gap):
        used = "cr2" if (gap["test"] == "cr2_t").any() else "welch"
        margin = reader.short(study.margin)
        lines += [
            reader.text(f"method.primary.{used}"),
            reader.text("method.equivalence", margin=margin),
            reader.text("method.beside"),
            reader.text(
                "method.family",
                activities=reader.text(f"method.{study.families.activities}"),
                clusters=reader.text(f"method.{study.families.clusters}"),
            ),
        ]
    # Within one organisation there are no organisations to allow for.
    one = "" if (results["analysis"] == "organisations").any() else ".one"
    for analysis in ("other_methods", "order", "organisations"):
        if (results["analysis"] == analysis).any():
            lines.append(reader.text(f"method.{analysis}{one}"))
    lines += [
        *more,
        reader.text("method.value", midpoint=reader.short(scale.midpoint)),
        reader.text("method.missing"),
        reader.text("method.privacy", minimum=study.privacy.shown_from),
    ]
    return section("method", reader.text("method.h"), bullets(lines))


def detectable_now(results: pd.DataFrame) -> float:
    """Return the median over activities of the difference found with 80 % chance; NaN if none."""
    found = pick(results, "detectable_difference", level="activities")["estimate"]
    return float(found.median())
