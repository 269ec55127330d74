"""What stands first on one organisation's page: who answered, one minute, how to read a row."""

import pandas as pd
from markupsafe import Markup

from research.presentation.comparability_note import comparability_finding
from research.presentation.gap_tables import gap_chart
from research.presentation.numbers import is_number
from research.presentation.sample_sections import band_cell
from research.presentation.sections import detectable_now, suppression_note
from research.presentation.sentences import gap_sentence, tested, verdict_counts_sentence
from research.presentation.tables import bullets, interval, paragraph, pick, points, section
from research.presentation.texts import Reader
from research.presentation.titles import clusters_title, value_title

NAMED = 3  # activities named in a sentence


def lead_block(results: pd.DataFrame, reader: Reader) -> Markup:
    """Which study this is part of, and how many of the organisation answered."""
    study = reader.study
    title = study.title.get(reader.language)
    if study.period:
        period = study.period.get(reader.language)
        about = reader.text("organisation.lead", title=title, period=period)
    else:
        about = reader.text("organisation.lead.no_period", title=title)
    lines = Markup("").join(paragraph(line) for line in (about, counts_sentence(results, reader)))
    return Markup('<div class="lead">{}{}</div>').format(lines, rounded_note(results, reader))


def rounded_note(results: pd.DataFrame, reader: Reader) -> Markup:
    """Of which roles the page rounds the number of people, and why; "" where it does not."""
    counts = pick(results, "respondents")
    rounded = counts[counts["note"] == "banded"].index
    if rounded.empty:
        return Markup("")
    words = " / ".join(reader.plural(role) for role in rounded)
    return paragraph(reader.text("organisation.counts.rounded", roles=words), "caption")


def summary_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """The findings in one minute and the clusters as a chart, or why there are none."""
    gap = results[results["analysis"] == "gap"]
    if not roles_shown(results):
        return section("summary", reader.text("organisation.summary.h"), _why_none(results, reader))
    lines = findings(results, reader)
    if not roles_withheld(results):
        lines.append(comparability_finding(results, reader))
    return section(
        "summary",
        reader.text("organisation.summary.h"),
        *(paragraph(line) for line in filter(None, lines)),
        gap_chart(
            gap,
            reader,
            level="clusters",
            caption=clusters_title(pick(gap, "mean_difference", level="clusters"), reader),
            table_id="summary-clusters",
        )
        if len(gap)
        else Markup(""),
        suppression_note(gap[gap["activity_id"] == ""], reader),
    )


def counts_sentence(results: pd.DataFrame, reader: Reader) -> str:
    """How many of the organisation answered, per role; small numbers only as "fewer than"."""
    rows = pick(results, "respondents")
    counts = rows["estimate"]
    enough = roles_shown(results)
    minimum = reader.study.privacy.shown_from
    if not enough:
        only = "" if len(counts) == 2 else ".role"
        return reader.text(f"organisation.counts.none{only}", minimum=minimum)
    told = {role: people_words(rows.loc[role], reader) for role in enough}
    if len(counts) == 1:
        return reader.text("organisation.counts.role", n_a=told[enough[0]])
    if len(enough) == 1:
        (few,) = (role for role in counts.index if role not in enough)
        return reader.text(
            "organisation.counts.few",
            n=told[enough[0]],
            plural=reader.plural(enough[0]),
            minimum=minimum,
            others=reader.plural(few),
        )
    n_a, n_b = (told[role] for role in counts.index)
    return reader.text("organisation.counts", n_a=n_a, n_b=n_b)


def people_words(row: pd.Series, reader: Reader) -> str:
    """A number of people: exact, or as the limits between which it lies."""
    return band_cell(row, reader) if row["note"] == "banded" else reader.count(row["estimate"])


def roles_withheld(results: pd.DataFrame) -> list[str]:
    """Return the roles of which too few answered to show anything."""
    counts = pick(results, "respondents")
    return list(counts[counts["estimate"].isna()].index)


def roles_shown(results: pd.DataFrame) -> list[str]:
    """Return the roles of which enough answered."""
    counts = pick(results, "respondents")
    return list(counts[counts["estimate"].notna()].index)


def _why_none(results: pd.DataFrame, reader: Reader) -> Markup:
    minimum = reader.study.privacy.shown_from
    withheld = roles_withheld(results)
    if len(withheld) > 1:
        return paragraph(reader.text("organisation.too_few.all", minimum=minimum))
    words = " / ".join(reader.plural(role) for role in withheld)
    return paragraph(reader.text("organisation.too_few", roles=words, minimum=minimum))


def findings(results: pd.DataFrame, reader: Reader) -> list[str]:
    """Where the roles agree most, where the gap is clearest, and how many verdicts of each."""
    withheld = roles_withheld(results)
    if withheld:
        words = " / ".join(reader.plural(role) for role in withheld)
        minimum = reader.study.privacy.shown_from
        lines = [reader.text("organisation.too_few", roles=words, minimum=minimum)]
        if len(reader.study.roles) == 2:
            lines.append(reader.text("organisation.too_few.gap"))
        return lines + [valued_words(results, reader, role) for role in roles_shown(results)]
    gaps = pick(results[results["analysis"] == "gap"], "mean_difference", level="activities")
    if not tested(gaps):
        return []
    return [
        closest_sentence(results, reader),
        *_clearest(results, gaps, reader),
        verdict_counts_sentence(gaps, reader),
    ]


def valued_words(results: pd.DataFrame, reader: Reader, role: str) -> str:
    """How many activities a role demonstrably rates above the midpoint, as a sentence."""
    tests = pick(results, "mean_above_midpoint", level="activities", role=role)
    return f"{value_title(tests, reader, role=role)}."


def closest_sentence(results: pd.DataFrame, reader: Reader) -> str:
    """On which activities the roles agree most, and whether that was shown; "" without any."""
    listed = pick(results, "closest", level="activities")
    if listed.empty:
        return ""
    alike = listed[listed["verdict"].isin(("equivalent", "trivial"))]
    chosen = alike if len(alike) else listed
    labels = ", ".join(reader.quoted(entry) for entry in chosen.index[:NAMED])
    return reader.text(
        "organisation.closest" if len(alike) else "organisation.closest.unsure", labels=labels
    )


def _clearest(results: pd.DataFrame, gaps: pd.DataFrame, reader: Reader) -> list[str]:
    """Sentences on the largest clear difference, or on what could have been found."""
    clear = gaps[gaps["verdict"] == "relevant"]
    if len(clear):
        largest = clear.loc[clear["estimate"].abs().idxmax()]
        label = reader.quoted(largest["activity_id"])
        first = reader.text("organisation.largest", label=label)
        return [Markup("{} {}").format(first, gap_sentence(largest, reader))]
    if not is_number(detectable_now(results)):
        return [reader.text("organisation.no_clear.plain", count=tested(gaps))]
    detectable = reader.number(detectable_now(results), decimals=1)
    return [reader.text("organisation.no_clear", count=tested(gaps), detectable=detectable)]


def read_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """How to read the charts: one row of this page, and what each part of it says."""
    shown = roles_shown(results)
    if not shown:
        return Markup("")
    if len(shown) < 2:
        words = _scale_words(reader) | {"a_plural": reader.plural(shown[0])}
        return section(
            "read", reader.text("read.h"), paragraph(reader.text("read.text.role", **words))
        )
    return section(
        "read",
        reader.text("read.h"),
        *_worked_example(results, reader),
    )


def _scale_words(reader: Reader) -> dict[str, object]:
    scale = reader.instrument.scale
    labels = scale.labels.get(reader.language)
    return {
        "low": scale.low,
        "high": scale.high,
        "low_label": labels[0],
        "high_label": labels[-1],
        "midpoint": reader.short(scale.midpoint),
    }


def _worked_example(results: pd.DataFrame, reader: Reader) -> list[Markup]:
    """Return one row of the cluster chart with its parts in words: the largest difference."""
    gap = results[(results["analysis"] == "gap") & (results["activity_id"] == "")]
    gaps = pick(gap, "mean_difference", level="clusters").dropna(subset=["ci_low"])
    if gaps.empty:
        return []
    row = gaps.loc[gaps["estimate"].abs().idxmax()]
    entry = row["cluster_id"]
    first, second = (
        pick(gap, "mean", level="clusters", role=role).loc[entry] for role in reader.study.role_ids
    )
    lines = [
        reader.text("read.first", mean=points(first, reader)(first["estimate"])),
        reader.text("read.second", mean=points(second, reader)(second["estimate"])),
        reader.text(
            "read.difference",
            difference=points(row, reader)(row["estimate"], signed=True),
            interval=interval(row, reader),
        ),
        reader.text("read.verdict", verdict=reader.text(f"verdict.{row['verdict'] or 'none'}")),
        reader.text("read.scale", **_scale_words(reader)),
        reader.text("gap.direction"),
    ]
    chart = gap_chart(
        gap[gap["cluster_id"] == entry],
        reader,
        level="clusters",
        caption=reader.text("read.caption", label=reader.quoted(entry)),
        table_id="read-example",
    )
    return [chart, bullets(lines)]
