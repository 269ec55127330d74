"""How large must a study be? Said on the terminal, before there is one or after a first one."""

import math
from dataclasses import dataclass, fields, replace

import pandas as pd

from research.analyses.planning import plan_like, planning_results
from research.errors import InputError
from research.presentation.planning_tables import (
    answer_sentences,
    assumption_sentences,
    planning_rows,
    question_words,
)
from research.presentation.texts import Reader
from research.responses import store
from research.stats.power import PlannedStudy
from research.study.instrument import read_instrument
from research.study.study_file import Study
from research.study.workspace import find_workspace

GAP = "  "


@dataclass(frozen=True, kw_only=True)
class PlanOptions:
    """What is asked on the command line; None: taken from the study named, else a usual value."""

    organisations: int | None = None
    customers: int | None = None
    managers: int | None = None
    answer_sd: float | None = None
    icc: float | None = None
    gap_sd: float | None = None
    difference: float | None = None
    margin: float | None = None
    tests: int = 30
    power: float = 0.8
    like: str | None = None


# Chosen, not measured: a scale of five points with organisations that differ noticeably.
USUAL = PlannedStudy(
    organisations=12,
    first_per_organisation=40,
    second_per_organisation=15,
    answer_sd=1.0,
    icc=0.05,
    gap_sd=0.3,
)


def plan_lines(options: PlanOptions) -> list[str]:
    """Return the plan, line by line: question, table of designs, answer, what was assumed."""
    _require_usable(options)
    reader, plan = _study_like(options.like) if options.like else (_reader_without_study(), USUAL)
    plan = _changed(plan, options)
    # A difference as large as the margin is the smallest one that matters.
    difference = reader.study.margin if options.difference is None else options.difference
    try:
        results = planning_results(
            plan,
            difference=difference,
            margin=options.margin,
            power=options.power,
            n_tests=options.tests,
            confidence_level=reader.study.confidence_level,
        )
    except ValueError as error:
        raise InputError(f"Nothing can be planned from this: {error}.") from None
    source = [f"What is not given comes from study '{options.like}'."] if options.like else []
    return [
        f"{question_words(results, reader)}.",
        "",
        *_table_lines(results, reader),
        "",
        *answer_sentences(results, reader),
        "",
        *assumption_sentences(results, reader),
        *source,
    ]


def _require_usable(options: PlanOptions) -> None:
    """Raise where two options contradict each other or one is no number."""
    if options.difference is not None and options.margin is not None:
        raise InputError(
            "Give --difference (to find one) or --margin (to show that there is none larger), "
            "not both."
        )
    for field in fields(options):
        value = getattr(options, field.name)
        if isinstance(value, float) and not math.isfinite(value):
            raise InputError(f"--{field.name.replace('_', '-')} must be a number, not {value}.")


def _study_like(study_id: str) -> tuple[Reader, PlannedStudy]:
    build = store.read_build(find_workspace(), study_id)
    return _reader(build.study, build.instrument), plan_like(build.answers)


def _reader_without_study() -> Reader:
    """Return a reader with the usual words for the roles: there is no study file yet."""
    study = Study.model_validate(
        {
            "id": "plan",
            "title": {"nl": "plan", "en": "plan"},
            "instrument": "managerial_activities",
            "synthetic": True,
            "exports": [{"path": "none"}],
        }
    )
    return _reader(study, read_instrument(study.instrument))


def _reader(study: Study, instrument) -> Reader:
    return Reader(
        study=study,
        instrument=instrument,
        language="en",
        confidence_level=study.confidence_level,
    )


def _changed(plan: PlannedStudy, options: PlanOptions) -> PlannedStudy:
    given = {
        "organisations": options.organisations,
        "first_per_organisation": options.customers,
        "second_per_organisation": options.managers,
        "answer_sd": options.answer_sd,
        "icc": options.icc,
        "gap_sd": options.gap_sd,
    }
    try:
        return replace(plan, **{name: x for name, x in given.items() if x is not None})
    except ValueError as error:
        raise InputError(f"Nothing can be planned from this: {error}.") from None


def _table_lines(results: pd.DataFrame, reader: Reader) -> list[str]:
    """Return the table in columns; over each pair the people of an organisation."""
    sizes, rows = planning_rows(results, reader)
    first = "organisations"
    heads = ["difference", "chance"]
    over, under = [" " * len(first)], [first]
    widths = [len(first)]
    for size in sizes:
        wide = max(len(size), sum(map(len, heads)) + len(GAP))
        pair = [wide - len(heads[1]) - len(GAP), len(heads[1])]
        widths += pair
        over.append(size.rjust(wide))
        under += [head.rjust(width) for head, width in zip(heads, pair, strict=True)]
    body = [
        GAP.join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    ]
    return [GAP.join(over), GAP.join(under), *body]
