"""A small study in files, made to be hostile: names, labels and columns as the caller wants."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from research.study.instrument import read_instrument
from research.study.workspace import Workspace

# People of the first and of the second role in an organisation.
Sizes = Mapping[str, tuple[int, int]]
ROLES = ("customer", "manager")


def write_study(
    workspace: Workspace,
    study_id: str,
    sizes: Sizes,
    *,
    columns: Callable[[str, int], dict[str, str]] = lambda role, number: {},
    study: Mapping[str, object] | None = None,
    seed: int = 1,
) -> Path:
    """Exports and a study file in ``data/raw``; returns the folder.

    One CSV a role, one row a person. ``columns`` gives further cells of a row (an ``id`` among
    them replaces ours); ``study`` replaces entries of the study file.
    """
    folder = workspace.raw / study_id
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    activities = read_instrument("managerial_activities").activity_ids
    roles = [role["id"] for role in (study or {}).get("roles", ())] or list(ROLES)
    for place, role in enumerate(roles):
        rows = []
        for organisation, people in sizes.items():
            for _ in range(people[place]):
                person = rng.normal(3.7 - 0.3 * place, 0.4)
                answers = np.clip(np.rint(person + rng.normal(0, 0.8, len(activities))), 1, 5)
                row = {"id": f"{role[:2]}-{len(rows):05d}", "org": organisation}
                row |= columns(role, len(rows))
                rows.append(row | dict(zip(activities, answers.astype(int), strict=True)))
        pd.DataFrame(rows).to_csv(folder / f"{role}.csv", index=False)
    content = {
        "id": study_id,
        "title": {"nl": "Klein", "en": "Small"},
        "instrument": "managerial_activities",
        "synthetic": True,
        "power_cluster": "power",
        "exports": [{"path": f"{role}.csv", "role": role} for role in roles],
        "columns": {"respondent": "id", "organisation": "org"},
    }
    text = yaml.safe_dump(content | dict(study or {}), allow_unicode=True)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    return folder
