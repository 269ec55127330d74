"""Who answered: counts, the flow of the rows, respondents by organisation code and role."""

import pandas as pd
from markupsafe import Markup

from research.presentation.conduct_section import conduct_part
from research.presentation.flow_diagram import flow_part
from research.presentation.numbers import is_number
from research.presentation.sections import suppression_note
from research.presentation.tables import Column, Group, cell, html_table, paragraph, pick, section
from research.presentation.texts import Reader
from research.study.answers import SampleFlow


def title_block(results: pd.DataFrame, reader: Reader) -> Markup:
    """Population, period and who answered, under the page title."""
    study = reader.study
    lines = []
    if study.population:
        population = study.population.get(reader.language)
        if study.period:
            period = study.period.get(reader.language)
            lines.append(reader.text("study.lead", population=population, period=period))
        else:
            lines.append(reader.text("study.lead.no_period", population=population))
    lines.append(counts_sentence(results, reader))
    return Markup('<div class="lead">{}</div>').format(
        Markup("").join(paragraph(line) for line in lines)
    )


def counts_sentence(results: pd.DataFrame, reader: Reader) -> str:
    """How many of each role answered, in how many organisations."""
    counts = pick(results, "respondents")
    answered = counts[counts["estimate"] != 0]
    shown = [cell(row, "estimate", reader, shown=reader.count) for _, row in answered.iterrows()]
    organisations = int(counts["n_clusters"].max())
    one = ".one" if organisations == 1 else ""
    values = {"organisations": reader.count(organisations), "n_a": shown[0]}
    if len(shown) == 2:
        return reader.text(f"study.counts{one}", n_b=shown[1], **values)
    return reader.text(
        f"study.counts.role{one}", **values, a_plural=reader.plural(answered.index[0])
    )


def sample_section(results: pd.DataFrame, reader: Reader, flow: SampleFlow) -> Markup:
    """Flow of the rows, participation, people by organisation and role, how they were asked."""
    invited = []
    for role, row in pick(results, "respondents").iterrows():
        n_invited = reader.study.invited.get(role)
        if n_invited and is_number(row["estimate"]):
            invited.append(
                reader.text(
                    "sample.invited",
                    invited=reader.count(n_invited),
                    plural=reader.plural(role),
                    n=reader.count(row["estimate"]),
                    share=reader.share(row["estimate"] / n_invited),
                )
            )
    return section(
        "sample",
        reader.text("sample.h"),
        flow_part(flow, reader),
        *(paragraph(line) for line in invited),
        _organisation_table(results, reader),
        conduct_part(reader),
    )


def band_cell(row: pd.Series, reader: Reader) -> str:
    """Return the band of a number of people: ``20-49``, ``50 or more``, [c] below ten."""
    if not is_number(row["ci_low"]):
        return cell(row, "ci_low", reader)
    if not is_number(row["ci_high"]):
        return reader.text("sample.band.last", low=reader.count(row["ci_low"]))
    return f"{reader.count(row['ci_low'])}\N{EN DASH}{reader.count(row['ci_high'])}"


def _organisation_table(results: pd.DataFrame, reader: Reader) -> Markup:
    counts = pick(results, "respondents_in_organisation")
    if counts.empty:
        return Markup("")
    totals = pick(results, "respondents")
    roles = list(totals.index)
    by_role = {role: counts.loc[[role]].set_index("organisation_id") for role in roles}
    rows = [
        [code, *(band_cell(by_role[role].loc[code], reader) for role in roles)]
        for code in by_role[roles[0]].index
    ]
    total = [reader.text("sample.table.total")]
    total += [cell(totals.loc[role], "estimate", reader, shown=reader.count) for role in roles]
    table = html_table(
        table_id="sample-organisations",
        caption=reader.text("sample.table.caption"),
        columns=[
            Column(heading=reader.text("sample.table.organisation"), kind="text"),
            *(Column(heading=reader.plural(role)) for role in roles),
        ],
        groups=[Group(rows=rows), Group(rows=[total])],
    )
    return table + suppression_note(counts, reader)
