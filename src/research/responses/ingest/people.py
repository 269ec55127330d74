"""Who answered: respondent, organisation, role, wave, duration and covariates of one export."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from research.errors import Problem
from research.responses.ingest.columns import ColumnMap
from research.responses.ingest.tables import RawTable, fold, listed, mapped, tidy
from research.study.study_file import Export, Study


@dataclass(frozen=True, kw_only=True)
class People:
    """One row a row of the export; ``frame`` has the key columns and the covariates.

    ``made_ids`` says that respondent ids were made from the file name and the row.
    """

    frame: pd.DataFrame
    made_ids: bool
    problems: tuple[Problem, ...]


@dataclass(frozen=True, kw_only=True)
class _Reader:
    """What the small steps below share."""

    table: RawTable
    cells: pd.DataFrame
    column_map: ColumnMap
    study: Study
    export: Export
    problems: list[Problem]

    def text(self, use: str) -> np.ndarray | None:
        """Tidied text of a column, or None when the study names no such column."""
        position = self.column_map.positions.get(use)
        if position is None:
            return None
        # SPSS may hold organisations as codes with the names as labels.
        labels = self.table.value_labels.get(position, {}) if use == "organisation" else {}

        def shown(text: str) -> str:
            plain = tidy(text)
            return labels.get(plain, plain)

        return mapped(self.cells[position], shown, dtype=object)

    def declared(self, use: str) -> bool:
        """Whether the study or the tool names a column for this use, found or not."""
        named = getattr(self.study.columns_of(self.export), use)
        return bool(named or self.table.standard_columns.get(use))

    def header(self, use: str) -> str:
        return self.table.headers[self.column_map.positions[use]]

    def refuse_empty(self, use: str, values: np.ndarray, remedy: str) -> None:
        rows = self.cells.index[values == ""]
        if len(rows):
            self.add(
                f"empty {use}",
                f"{len(rows)} row(s) have no {use}: {listed(rows)}.",
                remedy,
                row=str(rows[0]),
                column=self.header(use),
            )

    def add(self, rule: str, message: str, remedy: str, **place: str) -> None:
        self.problems.append(
            self.table.source.problem(rule, message, remedy, sheet=self.table.sheet, **place)
        )


def read_people(
    table: RawTable, column_map: ColumnMap, *, study: Study, export: Export, rows: np.ndarray
) -> People:
    """Key columns and covariates of the chosen rows; every empty or unknown one is a problem."""
    reader = _Reader(
        table=table,
        cells=table.cells[rows],
        column_map=column_map,
        study=study,
        export=export,
        problems=[],
    )
    respondent = reader.text("respondent")
    frame = pd.DataFrame(index=reader.cells.index)
    frame["respondent_id"] = _made_ids(reader) if respondent is None else respondent
    if respondent is not None:
        reader.refuse_empty("respondent", respondent, "Give every respondent an id.")
    frame["organisation_id"] = _organisations(reader)
    frame["role"] = _roles(reader)
    frame["wave"] = _waves(reader)
    frame["duration_seconds"] = _durations(reader)
    for covariate in column_map.covariates:
        frame[covariate] = reader.text(covariate)
    return People(frame=frame, made_ids=respondent is None, problems=tuple(reader.problems))


def _made_ids(reader: _Reader) -> np.ndarray:
    """Ids from file name and row: the same file gives the same ids."""
    stems = [Path(export.path).stem for export in reader.study.exports]
    source = reader.table.source
    prefix = source.stem if stems.count(source.stem) == 1 else source.name
    return np.array([f"{prefix}-{row:06d}" for row in reader.cells.index.tolist()], dtype=object)


def _organisations(reader: _Reader) -> np.ndarray | str:
    names = reader.text("organisation")
    if names is None:
        return tidy(reader.export.organisation or reader.study.id)
    reader.refuse_empty(
        "organisation",
        names,
        "Fill the organisation in every row; in Excel, split merged cells first.",
    )
    return names


def _roles(reader: _Reader) -> np.ndarray | str:
    study = reader.study
    if reader.export.role is not None:
        return reader.export.role
    words = reader.text("role")
    if words is None:
        if len(study.roles) > 1 and not reader.declared("role"):
            reader.add(
                "no role",
                "nothing says which role these respondents have.",
                "Name a column under `columns: role:`, or give the export one `role:`.",
            )
        return study.role_ids[0]
    known = _role_words(study)
    labels = reader.table.value_labels.get(reader.column_map.uses["role"], {})
    distinct = sorted(set(words.tolist()))
    meaning = {
        word: known.get(fold(word)) or known.get(fold(labels.get(word, "")), "")
        for word in distinct
    }
    reader.refuse_empty("role", words, f"Fill the role; known words: {', '.join(known)}.")
    unknown = [word for word in distinct if word and not meaning[word]]
    if unknown:
        rows = reader.cells.index[np.isin(words, unknown)]
        shown = ", ".join(f"'{word}'" for word in unknown[:8])
        reader.add(
            "unknown role",
            f"{len(unknown)} unknown role word(s): {shown} (rows {listed(rows)}).",
            f"Known words: {', '.join(known)}. Add it under `roles: words:` in the study file.",
            row=str(rows[0]),
            column=reader.header("role"),
        )
    return np.array([meaning[word] for word in words], dtype=object)


def _role_words(study: Study) -> dict[str, str]:
    words = {}
    for role in study.roles:
        own = (role.id, role.label.nl, role.label.en, role.plural.nl, role.plural.en, *role.words)
        words |= {fold(word): role.id for word in own}
    return words


def _waves(reader: _Reader) -> np.ndarray | str:
    waves = reader.text("wave")
    if waves is None:
        return ""
    reader.refuse_empty("wave", waves, "Fill the wave, or do not name a wave column.")
    return waves


def _durations(reader: _Reader) -> np.ndarray:
    """Seconds a respondent took: the tool's own figure, else finished minus started."""
    texts = reader.text("duration")
    if texts is not None:
        numbers = pd.Series(texts, dtype="str").str.replace(",", ".", regex=False)
        seconds = pd.to_numeric(numbers, errors="coerce").to_numpy(dtype=float)
        return np.where(seconds > 0, seconds, np.nan)
    started, finished = reader.text("started"), reader.text("finished")
    if started is None or finished is None:
        return np.full(len(reader.cells), np.nan)
    # ISO dates only: 03/04/2026 is March to some tools and April to others.
    times = [
        pd.to_datetime(pd.Series(texts, dtype="str"), errors="coerce", format="ISO8601")
        for texts in (started, finished)
    ]
    seconds = (times[1] - times[0]).dt.total_seconds().to_numpy(dtype=float)
    return np.where(seconds > 0, seconds, np.nan)
