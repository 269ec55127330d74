"""From the exports to the processed tables."""

from dataclasses import dataclass, replace

import pandas as pd

from research.analyses.comparability import comparability, comparability_over_waves
from research.analyses.sensitivity import (
    WITH_FLAGGED,
    WITHOUT_FLAGGED,
    gaps_of_others,
    gaps_with_answers_filled_in,
)
from research.analyses.telling import telling
from research.pipeline.receipt_pages import write_receipt_pages
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


def assembled(imported: Imported) -> store.Build:
    """The build of an import, in memory: flagged and scored, nothing written, nothing compared."""
    responses, instrument = imported.result.responses, imported.instrument
    return store.Build(
        study=imported.study,
        instrument=instrument,
        responses=responses,
        failures=imported.result.failures,
        flags=flag_respondents(responses, instrument),
        scores=score_clusters(responses, instrument),
        receipt=imported.result.receipt,
    )


def build_study(workspace: Workspace, study_id: str) -> store.Build:
    """Read the exports and write the processed tables; returns them as read back."""
    made = assembled(import_study(workspace, study_id))
    answers = made.answers  # refused before anything is written when no wave is chosen
    crosscheck = second_opinion(answers)
    found = whole_study(made)
    store.write_build(workspace, made)
    build = store.read_build(workspace, study_id)
    store.write_crosscheck(workspace, study_id, crosscheck)
    store.write_whole_study(workspace, study_id, found)
    write_receipt_pages(workspace, build)
    return replace(build, crosscheck=crosscheck, whole_study=found)


def whole_study(build: store.Build) -> pd.DataFrame:
    """What is computed once for all pages: how to tell it, roles and waves, other people."""
    options = {"confidence_level": build.study.confidence_level}
    if build.study.exclude_flagged:
        others, analysis = build.answers_of_everybody, WITH_FLAGGED
    else:
        others, analysis = build.answers_unflagged, WITHOUT_FLAGGED
    return join_results(
        [
            telling(build.answers),
            comparability(build.answers, **options),
            comparability_over_waves(build.waves, **options),
            gaps_of_others(build.answers, others, analysis=analysis, **options),
            gaps_with_answers_filled_in(build.answers, **options),
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
