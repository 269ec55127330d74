"""The whole study on simulated answers, before a single real one exists."""

from research.errors import InputError
from research.study.rehearsal import SUFFIX, is_rehearsal, rehearsal_id, write_rehearsal
from research.study.study_file import read_study_of
from research.study.workspace import Workspace


def rehearse_into(workspace: Workspace, study_id: str, *, organisations: int | None) -> str:
    """Write the rehearsal of a study to data/raw, ready to build; returns its id.

    The study's own folder is only read, and of it only the study file and the instrument. A
    folder that no rehearsal made is never written to.
    """
    path = workspace.study_path(study_id)
    if is_rehearsal(path.parent):
        raise InputError(
            f"'{study_id}' is a rehearsal itself. Rehearse the study it was made from: "
            f"research rehearse {study_id.removesuffix(SUFFIX)}"
        )
    study, instrument = read_study_of(workspace, study_id)
    name = rehearsal_id(study_id)
    folder = workspace.raw / name
    if folder.exists() and not is_rehearsal(folder) and any(folder.iterdir()):
        raise InputError(
            f"data/raw/{name} holds something else than a rehearsal. "
            "Give that folder another name; nothing was written."
        )
    write_rehearsal(
        study,
        instrument,
        instrument_folder=path.parent,
        folder=folder,
        organisations=organisations,
    )
    return name
