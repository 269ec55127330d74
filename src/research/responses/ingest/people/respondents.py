"""Who answered: respondent, organisation, role, wave, duration and covariates of one export."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.errors import Problem
from research.responses.ingest.columns.matching import ColumnMap
from research.responses.ingest.people.columns import PersonColumns
from research.responses.ingest.people.ids import identifying, respondent_ids
from research.responses.ingest.people.times import durations
from research.responses.ingest.people.words import roles, waves
from research.responses.ingest.tables import RawTable, tidy
from research.study.study_file import Export, Study


@dataclass(frozen=True, kw_only=True)
class People:
    """One row a row of the export; ``frame`` has the key columns and the covariates.

    ``made_ids`` says that respondent ids were made from the file name and the row;
    ``without_role`` which rows have an empty role, where a column gives it.
    """

    frame: pd.DataFrame
    made_ids: bool
    problems: tuple[Problem, ...]
    without_role: np.ndarray | None = None


def read_people(
    table: RawTable, column_map: ColumnMap, *, study: Study, export: Export, rows: np.ndarray
) -> People:
    """Key columns and covariates of the chosen rows; every empty or unknown one is a problem.

    A row without a role has an empty one: the import leaves it out and counts it.
    """
    person = PersonColumns(
        table=table,
        cells=table.cells if rows.all() else table.cells[rows],
        column_map=column_map,
        study=study,
        export=export,
        problems=[],
    )
    columns = {
        "respondent_id": respondent_ids(person),
        "organisation_id": _organisations(person),
        "role": roles(person),
        "wave": waves(person),
        "duration_seconds": durations(person),
    }
    for covariate in column_map.covariates:
        columns[covariate] = _covariate(person, covariate)
    # Python texts stay so: pandas' own text type would copy a million ids.
    frame = pd.DataFrame(
        {
            name: pd.Series(values, index=person.cells.index, dtype=values.dtype, copy=False)
            for name, values in columns.items()
        },
        index=person.cells.index,
        copy=False,
    )
    return People(
        frame=frame,
        made_ids=not person.has("respondent"),
        problems=tuple(person.problems),
        without_role=_without_role(person),
    )


def _without_role(person: PersonColumns) -> np.ndarray | None:
    if person.export.role is not None or not person.has("role"):
        return None
    return person.read("role", lambda text: text == "", dtype=bool)


def _organisations(person: PersonColumns) -> pd.Categorical:
    if not person.has("organisation"):
        name = tidy(person.export.organisation or person.study.id)
        return person.everywhere(name)
    person.refuse_empty(
        "organisation", "Fill the organisation in every row; in Excel, split merged cells first."
    )
    # SPSS may hold organisations as codes with the names as labels.
    labels = person.value_labels("organisation")
    return person.grouped("organisation", lambda text: labels.get(text) or text)


def _covariate(person: PersonColumns, covariate: str) -> np.ndarray:
    """Text of a covariate; one that gives people away is refused, whatever its name."""
    kind = identifying(person.counts(covariate))
    if kind:
        person.refuse(
            covariate,
            "direct identifier",
            f"the covariate '{covariate}' holds {kind}.",
            "They identify people directly and never enter the data: take it out of "
            "`columns: covariates:`.",
        )
    return person.text(covariate)
