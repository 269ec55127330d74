"""What a build would do, said before it does: changes nothing."""

import json

import numpy as np
import pandas as pd

from research.disclosure.rules import may_be_tested
from research.pipeline.build import import_study
from research.reporting.stored_notebooks import clean_notebooks
from research.responses.quality import flag_respondents
from research.study.instrument import Instrument
from research.study.workspace import Workspace


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
        lines.append(f"Warning: {rule} ({count}); first: {place}: {first['message']}")
    return lines


def check_lines(workspace: Workspace, study_id: str) -> list[str]:
    """Return the check of a study, a line a finding: instrument, files, people, privacy."""
    imported = import_study(workspace, study_id)
    study, instrument, result = imported.study, imported.instrument, imported.result
    lines = [f"Instrument {instrument.id}, version {instrument.version}:"]
    for found in instrument.checks():
        lines.append(
            f"  {'ok' if found.passed else 'NOT OK'}  {found.name} {found.detail}".rstrip()
        )
    lines += receipt_lines(result.receipt, result.failures)
    counts = result.responses.groupby(["organisation_id", "role"]).size().unstack(fill_value=0)  # noqa: PD010
    counts = counts.reindex(columns=study.role_ids, fill_value=0)
    enough = may_be_tested(counts.min(axis=1), counts.max(axis=1), study.privacy)
    lines.append(
        f"Privacy: {int(enough.sum())} of {len(counts)} organisations have at least "
        f"{study.privacy.shown_from} people in every role; the others get a page on which "
        "the figures of the smaller role, and every difference, are withheld."
    )
    flags = flag_respondents(result.responses, instrument)
    lines.append(
        f"Quality: {int(np.sum(flags['flagged']))} people look careless; nobody is deleted."
    )
    lines.append(f"Nothing was written. Next: research build {study_id}")
    return lines
