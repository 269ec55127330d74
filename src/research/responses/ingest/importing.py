"""All exports of a study as one table of responses, or every reason why not."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from research.errors import InputError, Problem, ResponseError, problem_table
from research.responses import validation
from research.responses.ingest import receipt
from research.responses.ingest.answer_columns import AnswerTable, read_answers
from research.responses.ingest.answers import AnswerKey
from research.responses.ingest.columns import ColumnMap, expected_names, map_columns
from research.responses.ingest.detection import detect
from research.responses.ingest.labels import label_problems
from research.responses.ingest.people import People, read_people
from research.responses.ingest.tables import RawTable, ReadOptions, Source
from research.study.instrument import Instrument
from research.study.study_file import Export, Study


@dataclass(frozen=True, kw_only=True)
class ImportResult:
    """Responses, every broken rule that did not block them, and what import did."""

    responses: pd.DataFrame
    failures: pd.DataFrame
    receipt: dict


@dataclass(frozen=True, kw_only=True)
class _Part:
    """One export, cut down to the people who answered anything and are not excluded."""

    table: RawTable
    column_map: ColumnMap
    answers: AnswerTable
    people: People
    kept: np.ndarray
    left_out: dict[str, int]
    problems: tuple[Problem, ...]

    @property
    def frame(self) -> pd.DataFrame:
        return self.people.frame.assign(file=self.table.file, sheet=self.table.sheet)


def import_exports(study: Study, instrument: Instrument, *, folder: Path) -> ImportResult:
    """Read every export of a study; ``folder`` is where the study file lies.

    Returns responses sorted by role (order of the study), organisation and respondent, with the
    answers as given (reversed items not turned). Raises ``ResponseError`` with every problem of
    every file when anything would give a wrong number.
    """
    parts: list[_Part] = []
    problems: list[Problem] = []
    known_ids: set[str] = set()
    for export in study.exports:
        try:
            parts.append(_read_part(study, instrument, export, folder=folder, known_ids=known_ids))
        except ResponseError as error:
            problems += error.problems
    problems += [problem for part in parts for problem in part.problems]
    refused = [problem for problem in problems if problem.severity == "refused"]
    if parts:
        people, numbers = _stacked(parts)
        refused += _rules_across_files(parts, people, numbers, study=study, instrument=instrument)
    if refused:
        raise ResponseError(refused)
    validation.require_known_exclusions(study, known_ids)
    failures = _failures(parts, people, numbers, study=study, instrument=instrument)
    return _joined(parts, people, numbers, failures, study=study, instrument=instrument)


def _read_part(
    study: Study, instrument: Instrument, export: Export, *, folder: Path, known_ids: set[str]
) -> _Part:
    columns = study.columns_of(export)
    table = _read_table(export, expected_names(instrument, columns), folder=folder)
    column_map = map_columns(table, instrument, columns)
    if column_map.problems:
        raise ResponseError([*table.problems, *column_map.problems])
    if table.cells.empty:
        raise table.source.refuse(
            "no rows",
            f"there are no answers below the header (row {table.header_row}).",
            "Check the filter of the export; every row was empty or left out."
            if table.left_out
            else "The file holds only a header: export it again with the answers.",
            sheet=table.sheet,
        )
    answers = read_answers(table, column_map, AnswerKey(study, instrument))
    answered = answers.answered
    people = read_people(table, column_map, study=study, export=export, rows=answered)
    if study.exclusions:
        known_ids.update(people.frame["respondent_id"].tolist())
    excluded = {exclusion.respondent_id for exclusion in study.exclusions}
    stays = ~people.frame["respondent_id"].isin(excluded).to_numpy()
    kept = answered.copy()
    kept[answered] = stays
    return _Part(
        table=table,
        column_map=column_map,
        answers=answers,
        people=People(
            frame=people.frame[stays], made_ids=people.made_ids, problems=people.problems
        ),
        kept=kept,
        left_out={receipt.NO_ANSWER: int((~answered).sum()), receipt.EXCLUDED: int((~stays).sum())},
        problems=(
            *table.problems,
            *_odd_cells(table, column_map, kept),
            *label_problems(table, column_map, AnswerKey(study, instrument)),
            *people.problems,
            *answers.problems(kept),
        ),
    )


def _read_table(export: Export, names: frozenset[str], *, folder: Path) -> RawTable:
    path = folder / export.path
    try:
        source = Source(Path(export.path).name, path.read_bytes())
    except (FileNotFoundError, IsADirectoryError):
        raise InputError(
            f"{Path(export.path).name}: the study file names this export, but it is not there. "
            f"Put it beside the study file or correct `exports: path: {export.path}`."
        ) from None
    except PermissionError:
        raise InputError(
            f"{Path(export.path).name} may not be read. Close it in other programs; check rights."
        ) from None
    reader, why = detect(source, layout=export.layout)
    return reader.read(source, ReadOptions(sheet=export.sheet, expected_names=names), why)


def _odd_cells(table: RawTable, column_map: ColumnMap, kept: np.ndarray) -> list[Problem]:
    """Refusals for cells that are no plain value, in columns that are used and rows that stay."""
    uses = {position: use for use, position in column_map.positions.items()}
    rows = set(table.cells.index[kept])
    dates_belong = {"started", "finished"}
    return [
        table.source.problem(
            "odd cell",
            f"cell {odd.address} holds no plain value ({odd.kind}).",
            odd.remedy,
            sheet=table.sheet,
            row=str(odd.row),
            column=table.headers[odd.position],
        )
        for odd in table.odd_cells
        if odd.position in uses
        and (odd.row in rows or uses[odd.position] in column_map.activities)
        and not (odd.kind == "date" and uses[odd.position] in dates_belong)
    ]


def _stacked(parts: list[_Part]) -> tuple[pd.DataFrame, np.ndarray]:
    """People of all files, and their answers as numbers, off the scale too."""
    people = pd.concat([part.frame for part in parts])
    return people, np.vstack([part.answers.numbers(part.kept) for part in parts])


def _slices(parts: list[_Part]) -> Iterator[tuple[_Part, slice]]:
    """Each file with the place of its rows in the stacked table."""
    start = 0
    for part in parts:
        stop = start + len(part.people.frame)
        yield part, slice(start, stop)
        start = stop


def _rules_across_files(
    parts: list[_Part],
    people: pd.DataFrame,
    numbers: np.ndarray,
    *,
    study: Study,
    instrument: Instrument,
) -> list[Problem]:
    """Refusals that need more than one row: ids, roles, waves, a shifted scale."""
    problems: list[Problem] = []
    for part, place in _slices(parts):
        problems += validation.shifted_scale(
            people.iloc[place], numbers[place], instrument, headers=part.answers.headers
        )
    # An empty id or role was refused already; it must not count as a second one.
    named = ((people["respondent_id"] != "") & (people["role"] != "")).to_numpy()
    problems += validation.key_problems(people[named], numbers[named])
    if len(parts) == len(study.exports):
        problems += validation.wave_problems(people, study)
    return problems


def _joined(
    parts: list[_Part],
    people: pd.DataFrame,
    numbers: np.ndarray,
    failures: pd.DataFrame,
    *,
    study: Study,
    instrument: Instrument,
) -> ImportResult:
    """One table from all exports; answers off the scale are missing in it."""
    scale = instrument.scale
    answers = np.where((numbers >= scale.low) & (numbers <= scale.high), numbers, np.nan)
    usable = ~np.isnan(answers).all(axis=1)
    responses = _responses(people[usable], answers[usable], study=study, instrument=instrument)
    if responses.empty:
        raise ResponseError([_nothing_left()])
    responses = validation.require_contract(responses, instrument, study)
    files = _file_receipts(parts, usable)
    totals = receipt.study_receipt(files, responses, failures, study=study, instrument=instrument)
    return ImportResult(responses=responses, failures=failures, receipt=totals)


def _failures(
    parts: list[_Part],
    people: pd.DataFrame,
    numbers: np.ndarray,
    *,
    study: Study,
    instrument: Instrument,
) -> pd.DataFrame:
    """Every rule that was broken without blocking the import; one row a cell or a warning."""
    warned = [problem for part in parts for problem in part.problems]
    off_scale = [
        validation.off_scale_failures(
            people.iloc[place], numbers[place], instrument, headers=part.answers.headers
        )
        for part, place in _slices(parts)
    ]
    warned += validation.warnings_about(people, study)
    return pd.concat([problem_table(warned), *off_scale], ignore_index=True)


def _responses(
    people: pd.DataFrame, answers: np.ndarray, *, study: Study, instrument: Instrument
) -> pd.DataFrame:
    """Return the table of the contract: key, covariates, one whole-number column per activity."""
    covariates = [name for name in people if name not in (*validation.KEY_COLUMNS, "file", "sheet")]
    keys = people[[*validation.KEY_COLUMNS, *covariates]].reset_index(drop=True)
    text = [name for name in keys if name != "duration_seconds"]
    keys[text] = keys[text].fillna("").astype("str")
    given = pd.DataFrame(answers, columns=instrument.activity_ids).astype("Int64")
    order = pd.Categorical(keys["role"], categories=study.role_ids, ordered=True).codes
    responses = pd.concat([keys, given], axis=1).assign(_order=order)
    return (
        responses.sort_values(["_order", "organisation_id", "respondent_id", "wave"], kind="stable")
        .drop(columns="_order")
        .reset_index(drop=True)
    )


def _file_receipts(parts: list[_Part], usable: np.ndarray) -> list[dict]:
    receipts = []
    for part, place in _slices(parts):
        used = usable[place]
        left_out = part.left_out | {receipt.NONE_ON_SCALE: int((~used).sum())}
        receipts.append(
            receipt.file_receipt(
                part.table,
                part.column_map,
                words=part.answers.words(part.kept),
                left_out={reason: count for reason, count in left_out.items() if count},
                rows_out=int(used.sum()),
                made_ids=part.people.made_ids,
            )
        )
    return receipts


def _nothing_left() -> Problem:
    return Problem(
        file=validation.ALL_FILES,
        rule="no rows",
        message="nobody gave an answer that can be used.",
        remedy="Check the filter of the export and the exclusions of the study file.",
    )
