"""From the exports to the processed tables."""

from dataclasses import dataclass, replace

import pandas as pd

from research.analyses.comparability import comparability, comparability_over_waves
from research.responses import store
from research.responses.ingest import ImportResult, import_exports
from research.responses.quality import flag_respondents
from research.responses.scoring import score_clusters
from research.stats.crosscheck import compare_with_pingouin
from research.stats.estimates import join_results
from research.study.answers import Answers
from research.study.instrument import Instrument
from research.study.study_file import Study, read_study_of
from research.study.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Imported:
    """A study whose exports were read: what a check shows and a build writes."""

    study: Study
    instrument: Instrument
    result: ImportResult


def import_study(workspace: Workspace, study_id: str) -> Imported:
    """Read a study's exports; nothing is written. Raises with every broken rule at once."""
    study, instrument = read_study_of(workspace, study_id)
    result = import_exports(study, instrument, folder=workspace.study_path(study_id).parent)
    return Imported(study=study, instrument=instrument, result=result)


def build_study(workspace: Workspace, study_id: str) -> store.Build:
    """Read the exports and write the processed tables; returns them as read back."""
    imported = import_study(workspace, study_id)
    result = imported.result
    store.write_build(
        workspace,
        study_id,
        responses=result.responses,
        failures=result.failures,
        flags=flag_respondents(result.responses, imported.instrument),
        scores=score_clusters(result.responses, imported.instrument),
        receipt=result.receipt,
    )
    build = store.read_build(workspace, study_id)
    crosscheck = second_opinion(build.answers)
    store.write_crosscheck(workspace, study_id, crosscheck)
    found = compared(build)
    store.write_comparability(workspace, study_id, found)
    return replace(build, crosscheck=crosscheck, comparability=found)


def compared(build: store.Build) -> pd.DataFrame:
    """What can be said on comparing the roles, and each role's waves where there are several."""
    level = build.study.confidence_level
    return join_results(
        [
            comparability(build.answers, confidence_level=level),
            comparability_over_waves(build.waves, confidence_level=level),
        ]
    )


def second_opinion(answers: Answers) -> dict[str, object]:
    """Compare what a report will show with pingouin: every item's difference, every alpha."""
    scales = [
        answers.activities.loc[answers.is_role(role), answers.instrument.activities_of(cluster)]
        for role in answers.roles_present
        for cluster in answers.instrument.cluster_ids
    ]
    return compare_with_pingouin(
        answers.activities.to_numpy(),
        answers.is_first_role,
        [table.to_numpy() for table in scales],
        cluster=answers.organisation,
        margin=answers.study.margin,
    )
