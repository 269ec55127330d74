"""What a build would do, said before it does: changes nothing."""

import json
from collections.abc import Iterator

import pandas as pd

from research.analyses.gap import POWER, role_gaps
from research.disclosure.rules import may_be_tested, overall_allowed
from research.errors import ResponseError
from research.pipeline.build import assembled, import_study
from research.reporting.stored_notebooks import clean_notebooks
from research.responses.store import Build
from research.study.answers import Answers
from research.study.instrument import Instrument
from research.study.workspace import Workspace

SHOWN_ORGANISATIONS = 12


def instrument_schema() -> str:
    """JSON Schema of an instrument file, for editors that check while one types."""
    return json.dumps(Instrument.model_json_schema(), indent=2, ensure_ascii=False)


def fix_notebooks(workspace: Workspace) -> list[str]:
    """Strip outputs and traces of a run from the notebooks; returns the names of those changed."""
    return clean_notebooks(workspace.notebooks)


def receipt_lines(receipt: dict, failures: pd.DataFrame) -> list[str]:
    """What import did, a line a file, then the people and every rule that was broken."""
    lines = []
    for file in receipt["files"]:
        details = [file[key] for key in ("encoding", "delimiter", "sheet") if file[key]]
        lines.append(
            f"{file['file']}: {file['layout']} ({file['why']}); {', '.join(map(str, details))}; "
            f"{file['rows_in']} rows in, {file['rows_out']} used"
        )
        lines += [f"  left out: {n} {reason}" for reason, n in file["left_out"].items()]
        identifiers = [k for k, why in file["columns"]["dropped"].items() if "identifier" in why]
        if identifiers:
            lines.append(f"  identifiers dropped: {', '.join(identifiers)}")
    roles = ", ".join(f"{n} {role}" for role, n in receipt["respondents_by_role"].items())
    lines.append(f"People: {roles} in {receipt['n_organisations']} organisations.")
    lines += [f"No {role} answered at all." for role in receipt["roles_absent"]]
    for rule, count in receipt["failures_by_rule"].items():
        first = failures[failures["rule"] == rule].iloc[0]
        address = (first["file"], *(f"{k} {first[k]}" for k in ("row", "column") if first[k]))
        place = ", ".join(address)
        lines.append(
            f"Warning: {rule} ({count}); first: {place}: {first['message']} {first['remedy']}"
        )
    return lines


def check_lines(workspace: Workspace, study_id: str) -> list[str]:
    """Return the check of a study, a line a finding: instrument, files, people, privacy, power.

    Exports that cannot be used are an error that lists every problem, not only the first.
    """
    try:
        build = assembled(import_study(workspace, study_id))
    except ResponseError as error:
        raise ResponseError(error.problems, in_full=True) from None
    instrument = build.instrument
    lines = [f"Instrument {instrument.id}, version {instrument.version}:"]
    for found in instrument.checks():
        lines.append(
            f"  {'ok' if found.passed else 'NOT OK'}  {found.name} {found.detail}".rstrip()
        )
    lines += receipt_lines(build.receipt, build.failures)
    lines += _wave_lines(build)
    lines += _quality_lines(build)
    answers = build.answers
    lines += _privacy_lines(answers)
    lines += _power_lines(answers)
    lines.append(f"Nothing was written. Next: research build {study_id}")
    return lines


def _wave_lines(build: Build) -> Iterator[str]:
    if len(build.waves) > 1:
        counts = ", ".join(f"{name} ({len(answers)})" for name, answers in build.waves.items())
        yield f"Waves: {counts}; the reports are on {build.study.wave}."


def _quality_lines(build: Build) -> Iterator[str]:
    """How many people look careless, by which signs, and who is left out for it."""
    flags = build.flags
    signs = flags["reasons"].str.split(";").explode()
    counts = signs[signs != ""].value_counts().sort_index()
    shown = ", ".join(f"{name} {count}" for name, count in counts.items())
    yield f"Quality: {int(flags['flagged'].sum())} of {len(flags)} look careless." + (
        f" Signs: {shown}." if shown else ""
    )
    if build.study.exclude_flagged:
        gone = len(build.answers_of_everybody) - len(build.answers)
        rule = ", ".join(build.study.exclude_flagged)
        yield f"  The study file leaves out {gone} for: {rule}."
    else:
        yield "  Nobody is left out for it; `exclude_flagged:` in the study file would do so."


def _privacy_lines(answers: Answers) -> Iterator[str]:
    """Which figures will be withheld, and of whom."""
    study = answers.study
    roles = answers.people["role"].to_numpy(dtype=object)
    if not overall_allowed(answers.organisation, roles, study.privacy):
        yield (
            "Privacy: too few organisations, or one too large, to show figures over all of them; "
            "only counts will be shown."
        )
    counts = answers.people.groupby(["organisation_id", "role"]).size().unstack(fill_value=0)  # noqa: PD010
    counts = counts.reindex(columns=study.role_ids, fill_value=0)
    enough = may_be_tested(counts.min(axis=1), counts.max(axis=1), study.privacy)
    yield (
        f"Privacy: {int(enough.sum())} of {len(counts)} organisations have at least "
        f"{study.privacy.shown_from} people in every role; the others get a page on which "
        "the figures of the smaller role, and every difference, are withheld."
    )
    few = counts[~enough]
    for organisation, row in few.head(SHOWN_ORGANISATIONS).iterrows():
        yield f"  withheld: {organisation} ({', '.join(f'{n} {role}' for role, n in row.items())})"
    if len(few) > SHOWN_ORGANISATIONS:
        yield f"  and {len(few) - SHOWN_ORGANISATIONS} more"


def _power_lines(answers: Answers) -> Iterator[str]:
    """The difference this study would find with 80 % chance, in scale points."""
    if not answers.has_two_roles:
        return
    found = []
    for level in ("clusters", "activities"):
        results = role_gaps(answers, level=level, confidence_level=answers.study.confidence_level)
        size = results.loc[results["estimate_type"] == "detectable_difference", "estimate"].median()
        if size == size:  # NaN where nothing may be tested
            found.append(f"{size:.2f} points on {level}")
    if found:
        yield (
            f"Detectable: with {POWER:.0%} chance a true difference of {' and '.join(found)} "
            f"(median, one test); the margin is {answers.study.margin:g}."
        )
    else:
        yield "Detectable: too few people or organisations to test a difference."
