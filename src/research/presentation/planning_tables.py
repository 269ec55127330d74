"""What a planned study can show: a table of designs, the answer in sentences, what was assumed."""

import numpy as np
import pandas as pd
from markupsafe import Markup

from research.presentation.figure_words import FigureWords
from research.presentation.numbers import is_number
from research.presentation.tables import Column, Group, html_table
from research.presentation.texts import Reader

NEVER = "not_reachable"
NEARLY = 0.01  # a chance this near to none or to certain is told as a bound


def designs(results: pd.DataFrame) -> pd.DataFrame:
    """Designs of a plan: organisations, people per role and organisation, detectable, chance."""
    detectable, chance = (
        results[results["estimate_type"] == kind].reset_index(drop=True)
        for kind in ("detectable_difference", "planned_power")
    )
    k = detectable["n_clusters"]
    table = pd.DataFrame(
        {
            "organisations": k,
            "first": detectable["n_a"] / k,
            "second": detectable["n_b"] / k,
            "detectable": detectable["estimate"],
            "chance": chance["estimate"],
        }
    )
    return table.drop_duplicates(ignore_index=True)  # half of one person is one person again


def assumed(results: pd.DataFrame) -> dict[str, float]:
    """What a plan assumed and asked, by name; a margin only where equivalence was asked."""
    rows = results[results["estimate_type"].str.startswith("assumed_")]
    names = rows["estimate_type"].str.removeprefix("assumed_")
    return dict(zip(names, rows["estimate"], strict=True))


def size_words(first: float, second: float, reader: Reader) -> str:
    """People of one organisation in words: ``40 customers, 15 managers``."""
    return reader.text("planning.size", first=reader.count(first), second=reader.count(second))


def chance_words(chance: float, reader: Reader) -> str:
    """Chance as a whole percentage, as a bound where it is nearly none or nearly certain."""
    if chance > 1 - NEARLY:
        return reader.text("planning.above", share=reader.share(1 - NEARLY))
    if chance < NEARLY:
        return reader.text("planning.below", share=reader.share(NEARLY))
    return reader.share(chance)


def planning_rows(results: pd.DataFrame, reader: Reader) -> tuple[list[str], list[list[str]]]:
    """Sizes as headings, and per number of organisations its detectable difference and chance."""
    table = designs(results)
    sizes = list(dict.fromkeys(zip(table["first"], table["second"], strict=True)))
    rows = []
    for organisations, line in table.groupby("organisations"):
        cells = [reader.count(organisations)]
        for detectable, chance in zip(line["detectable"], line["chance"], strict=True):
            shown = (
                reader.number(detectable) if is_number(detectable) else reader.text("reason.none")
            )
            cells += [shown, chance_words(chance, reader)]
        rows.append(cells)
    return [size_words(*size, reader) for size in sizes], rows


def planning_table(results: pd.DataFrame, reader: Reader, *, table_id: str) -> Markup:
    """Detectable difference and chance per number of organisations, a pair of columns a size."""
    sizes, rows = planning_rows(results, reader)
    columns = [Column(heading=reader.text("planning.organisations"), kind="text")]
    for size in sizes:
        columns += [
            Column(heading=reader.text("planning.detectable.of", size=size)),
            Column(heading=reader.text("planning.chance.of", size=size), narrow=False),
        ]
    return html_table(
        table_id=table_id,
        caption=question_words(results, reader),
        columns=columns,
        groups=[Group(rows=rows)],
    )


def question_words(results: pd.DataFrame, reader: Reader) -> str:
    """What stands in the table, with the difference or the margin and the chance that was asked."""
    asked = assumed(results)
    return reader.text(
        "planning.caption.equivalence" if "margin" in asked else "planning.caption.difference",
        difference=reader.short(asked["difference"]),
        margin=reader.short(asked.get("margin", np.nan)),
        power=reader.share(asked["power"]),
    )


def answer_sentences(results: pd.DataFrame, reader: Reader) -> list[str]:
    """What the study as planned can show, and what it would take to show enough."""
    asked, table = assumed(results), designs(results)
    size = size_words(asked["first_per_organisation"], asked["second_per_organisation"], reader)
    own = _as_planned(table, asked)
    own = own[own["organisations"] == asked["organisations"]].iloc[0]
    words = {
        "organisations": reader.count(asked["organisations"]),
        "size": size,
        "difference": reader.short(asked["difference"]),
        "margin": reader.short(asked.get("margin", np.nan)),
        "chance": chance_words(own["chance"], reader),
        "power": reader.share(asked["power"]),
        "gap_sd": reader.number(asked["gap_sd"]),
    }
    answer = "planning.answer.equivalence" if "margin" in asked else "planning.answer.difference"
    return [
        reader.text(answer, **words),
        _organisations_sentence(results, reader, words),
        _people_sentence(results, reader, words),
    ]


def _as_planned(table: pd.DataFrame, asked: dict[str, float]) -> pd.DataFrame:
    """Return the designs with as many people per organisation as planned."""
    first, second = (np.rint(asked[f"{role}_per_organisation"]) for role in ("first", "second"))
    return table[(table["first"] == first) & (table["second"] == second)]


def _only(results: pd.DataFrame, kind: str) -> pd.Series:
    return results[results["estimate_type"] == kind].iloc[0]


def _organisations_sentence(results: pd.DataFrame, reader: Reader, words: dict) -> str:
    row = _only(results, "required_organisations")
    if row["note"] == NEVER:
        return reader.text("planning.organisations.never", **words)
    return reader.text(
        "planning.organisations.needed", **words, needed=reader.count(row["estimate"])
    )


def _people_sentence(results: pd.DataFrame, reader: Reader, words: dict) -> str:
    row = _only(results, "required_people")
    if row["note"] == NEVER:
        most = chance_words(_only(results, "endless_people")["estimate"], reader)
        return reader.text("planning.people.never", **words, most=most)
    return reader.text("planning.people.needed", **words, needed=reader.count(row["estimate"]))


def assumption_sentences(results: pd.DataFrame, reader: Reader) -> list[str]:
    """What the numbers rest on: spreads, equal organisations, the family of tests."""
    asked = assumed(results)
    lines = [
        reader.text(
            "planning.assumed",
            answer_sd=reader.number(asked["answer_sd"]),
            icc=reader.share(asked["icc"]),
            gap_sd=reader.number(asked["gap_sd"]),
        ),
        reader.text("planning.equal_sizes"),
    ]
    if "margin" in asked:
        lines.append(reader.text("planning.tests.equivalence"))
    if asked["n_tests"] > 1:
        lines.append(reader.text("planning.tests.family", tests=reader.count(asked["n_tests"])))
    return lines


def drawn_designs(results: pd.DataFrame, reader: Reader) -> pd.DataFrame:
    """Return the designs for the figure, with their size in words."""
    table = designs(results)
    sizes = [
        size_words(*size, reader) for size in zip(table["first"], table["second"], strict=True)
    ]
    return table.assign(size=sizes)


def asked_difference(results: pd.DataFrame) -> float:
    """Return the difference to be found, or the margin to stay within, in scale points."""
    asked = assumed(results)
    return asked.get("margin", asked["difference"])


def planning_words(results: pd.DataFrame, reader: Reader, *, power: float) -> FigureWords:
    """Words of the figure: its ends, for the size as planned."""
    own = _as_planned(designs(results), assumed(results))
    few, many = own.iloc[0], own.iloc[-1]
    ends = {"high": reader.number(few["detectable"]), "low": reader.number(many["detectable"])}
    return FigureWords(
        title=reader.text("planning.figure.title", **ends),
        caption=reader.text("planning.figure.caption", power=reader.share(power)),
        alt=reader.text(
            "planning.figure.alt",
            size=size_words(own["first"].iloc[0], own["second"].iloc[0], reader),
            few=reader.count(few["organisations"]),
            many=reader.count(many["organisations"]),
            **ends,
        ),
        data=drawn_designs(results, reader),
    )
