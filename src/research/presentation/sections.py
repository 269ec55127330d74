"""Sections that the study report and the organisation report share."""

from importlib import resources

import pandas as pd
from markupsafe import Markup

from research.presentation.sentences import tested
from research.presentation.tables import cell, paragraph, pick, subheading
from research.presentation.texts import Reader

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
    return Markup('<ul id="key-numbers" class="keynumbers">{}</ul>').format(items)


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
        extreme = reader.study.privacy.minimum_n_extreme_share
        words = reader.text(
            "reason.suppressed_note", minimum=minimum, spread=spread, extreme=extreme
        )
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


def detectable_now(results: pd.DataFrame) -> float:
    """Return the median over activities of the difference found with 80 % chance; NaN if none."""
    found = pick(results, "detectable_difference", level="activities")["estimate"]
    return float(found.median())
