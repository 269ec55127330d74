"""Questions to discuss, each with the rule that asked it, and what calls for caution."""

import pandas as pd
from markupsafe import Markup

from research.presentation.organisation_charts import figure_words
from research.presentation.organisation_context import figures_beside
from research.presentation.organisation_summary import roles_shown
from research.presentation.sections import comparison_counts, expected_by_chance
from research.presentation.tables import (
    Column,
    Group,
    bullets,
    html_table,
    paragraph,
    pick,
    section,
)
from research.presentation.texts import Reader

RULES = ("clear_gap", "clear_cluster", "valued_alike", "differ_within", "apart", "open")


def talk_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """Questions from rules, grouped by rule, each with why it is asked; "" without figures."""
    if not roles_shown(results):
        return Markup("")
    found = results[results["estimate_type"] == "discuss"]
    heading = reader.text("organisation.talk.h")
    if found.empty:
        return section("talk", heading, paragraph(reader.text("organisation.talk.nothing")))
    groups = [
        Group(
            heading=reader.text(f"organisation.talk.{rule}.rule"),
            rows=[
                [question(row, results, reader), because(row, results, reader)]
                for _, row in found[found["test"] == rule].iterrows()
            ],
        )
        for rule in RULES
        if (found["test"] == rule).any()
    ]
    one = ".one" if len(found) == 1 else ""
    return section(
        "talk",
        heading,
        paragraph(reader.text("organisation.talk.intro")),
        html_table(
            table_id="talk-questions",
            caption=reader.text(f"organisation.talk.caption{one}"),
            columns=[
                Column(heading=reader.text("organisation.talk.question"), kind="text"),
                Column(heading=reader.text("organisation.talk.because"), kind="text"),
            ],
            groups=groups,
        ),
    )


def question(row: pd.Series, results: pd.DataFrame, reader: Reader) -> str:
    """The question a rule asks about one activity, cluster or role."""
    rule = row["test"]
    words = {}
    if entry := row["activity_id"] or row["cluster_id"]:
        words["label"] = reader.quoted(entry)
    key = f"organisation.talk.{rule}.question"
    if rule in ("clear_gap", "clear_cluster"):
        gap = _source(row, results, "mean_difference")
        key += ".higher" if gap["estimate"] > 0 else ".lower"
    elif rule == "apart":
        what = "mean" if row["role"] else "difference"
        key += f".{what}.{row['verdict'].removesuffix('_others')}"
    if row["role"]:
        words["plural"] = reader.plural(row["role"])
    return reader.text(key, **words)


def because(row: pd.Series, results: pd.DataFrame, reader: Reader) -> Markup | str:
    """Why the rule fired: the figures and the verdict it looked at."""
    rule = row["test"]
    if rule in ("clear_gap", "clear_cluster", "valued_alike"):
        gap = _source(row, results, "mean_difference")
        verdict = reader.text(f"verdict.{gap['verdict']}")
        return Markup("{}: {}").format(figure_words(gap, reader), verdict)
    if rule == "apart":
        own = _source(row, results, "mean" if row["role"] else "mean_difference")
        return figures_beside(own, _source(row, results, "band_of_others"), reader)
    if rule == "open":
        gaps = pick(results[results["analysis"] == "gap"], "mean_difference", level="activities")
        return reader.text(
            "organisation.talk.open.because",
            count=int((gaps["verdict"] == "inconclusive").sum()),
            total=int((gaps["verdict"] != "").sum()),
        )
    return reader.text(f"organisation.talk.{rule}.because")


def _source(row: pd.Series, results: pd.DataFrame, kind: str) -> pd.Series:
    """Return the result that a rule looked at."""
    same = (results["estimate_type"] == kind) & results["analysis"].isin(("gap", "context"))
    for column in ("cluster_id", "activity_id", "role"):
        same &= results[column] == row[column]
    return results[same].iloc[0]


def caution_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """Few people, one moment, many comparisons; "" where no figure is shown."""
    if not roles_shown(results):
        return Markup("")
    tests = sum(comparison_counts(results))
    lines = [reader.text("caution.small"), reader.text("caution.few")]
    if tests:
        expected = expected_by_chance(tests, reader)
        lines.append(reader.text("caution.tests", tests=tests, expected=expected))
    lines.append(reader.text("caution.use"))
    return section("caution", reader.text("caution.h"), bullets(lines))
