"""All exports of a study as one table of responses, or every reason why not."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from research.errors import Problem, ResponseError, problem_table
from research.responses import validation
from research.responses.ingest import receipt
from research.responses.ingest.answers.attention import attention_answers
from research.responses.ingest.answers.columns import AnswerTable, read_answers
from research.responses.ingest.answers.labels import label_problems
from research.responses.ingest.answers.numbers import AnswerNumbers, stacked
from research.responses.ingest.answers.words import AnswerKey
from research.responses.ingest.columns.matching import ColumnMap, expected_names, map_columns
from research.responses.ingest.files.export_files import read_source
from research.responses.ingest.joining import Rows, joined_responses, order_of_ids
from research.responses.ingest.people.respondents import People, read_people
from research.responses.ingest.tables import OddCell, RawTable, ReadOptions
from research.responses.ingest.tools.detection import detect
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
    """One export, cut down to the people who answered, have a role and are not excluded."""

    export: Export
    table: RawTable
    column_map: ColumnMap
    answers: AnswerTable
    people: People
    kept: np.ndarray
    left_out: dict[str, int]
    problems: tuple[Problem, ...]

    @property
    def frame(self) -> pd.DataFrame:
        one = np.zeros(len(self.people.frame), dtype=np.int8)
        return self.people.frame.assign(
            file=pd.Categorical.from_codes(one, [self.table.file]),
            sheet=pd.Categorical.from_codes(one, [self.table.sheet]),
        )


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
        order = order_of_ids(people["respondent_id"])
        refused += _rules_across_files(
            parts, people, numbers, order.everybody_once, study=study, instrument=instrument
        )
    if refused:
        raise ResponseError(refused)
    validation.require_known_exclusions(study, known_ids)
    failures = _failures(parts, people, numbers, study=study, instrument=instrument)
    rows = Rows(people=people, numbers=numbers, order=order)
    return _joined(parts, rows, failures, study=study, instrument=instrument)


def _read_columns(
    study: Study, instrument: Instrument, export: Export, folder: Path
) -> tuple[RawTable, ColumnMap]:
    """Return the rows of one export and what its columns hold; refused when there is none."""
    columns = study.columns_of(export)
    table = _read_table(export, expected_names(instrument, columns), folder=folder)
    # Lines to paste go under `columns:` only when that speaks of this export alone.
    alone = len(study.exports) == 1 and export.columns is None
    column_map = map_columns(table, instrument, columns, entry=None if alone else export)
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
    return table, column_map


def _read_part(
    study: Study, instrument: Instrument, export: Export, *, folder: Path, known_ids: set[str]
) -> _Part:
    table, column_map = _read_columns(study, instrument, export, folder)
    key = AnswerKey(study, instrument, table.point_codes)
    answers = read_answers(table, column_map, key)
    answered = answers.answered
    people = read_people(table, column_map, study=study, export=export, rows=answered)
    stays = np.ones(len(people.frame), dtype=bool)
    if study.exclusions:
        known_ids.update(people.frame["respondent_id"].tolist())
        excluded = {exclusion.respondent_id for exclusion in study.exclusions}
        stays = ~people.frame["respondent_id"].isin(excluded).to_numpy()
    n_excluded = int((~stays).sum())
    if people.without_role is not None:
        stays &= ~people.without_role
    n_without_role = int((~stays).sum()) - n_excluded
    kept = answered.copy()
    kept[answered] = stays
    return _Part(
        export=export,
        table=table,
        column_map=column_map,
        answers=answers,
        people=People(
            frame=_only(people.frame, stays), made_ids=people.made_ids, problems=people.problems
        ),
        kept=kept,
        left_out={
            receipt.NO_ANSWER: int((~answered).sum()),
            receipt.EXCLUDED: n_excluded,
            receipt.NO_ROLE: n_without_role,
        },
        problems=(
            *table.problems,
            *column_map.warnings,
            *_odd_cells(table, column_map, kept),
            *label_problems(table, column_map, key),
            *people.problems,
            *answers.problems(kept),
        ),
    )


def _read_table(export: Export, names: frozenset[str], *, folder: Path) -> RawTable:
    source = read_source(export, folder=folder)
    options = ReadOptions(sheet=export.sheet, expected_names=names)
    reader, why = detect(source, layout=export.layout, options=options)
    return reader.read(source, options, why)


def _odd_cells(table: RawTable, column_map: ColumnMap, kept: np.ndarray) -> list[Problem]:
    """Refusals for cells that are no plain value, in columns that are used and rows that stay."""
    uses = {position: use for use, position in column_map.positions.items()}
    if not table.odd_cells:
        return []
    rows = set(table.cells.index[kept])

    def matters(odd: OddCell) -> bool:
        use = uses.get(odd.position)
        group = "covariate" if use in column_map.covariates else use
        stays = odd.row in rows or odd.whole_column or use in column_map.activities
        return use is not None and stays and group not in odd.fits

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
        if matters(odd)
    ]


def _stacked(parts: list[_Part]) -> tuple[pd.DataFrame, AnswerNumbers]:
    """People of all files, and their answers as numbers, off the scale too."""
    numbers = stacked([part.answers.numbers(part.kept) for part in parts])
    if len(parts) == 1:
        return parts[0].frame, numbers
    return pd.concat([part.frame for part in parts]), numbers


def _only(rows: pd.DataFrame, chosen: np.ndarray) -> pd.DataFrame:
    """The chosen rows, without a copy where that is all of them."""
    return rows if chosen.all() else rows[chosen]


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
    numbers: AnswerNumbers,
    everybody_once: bool,
    *,
    study: Study,
    instrument: Instrument,
) -> list[Problem]:
    """Refusals that need more than one row: exports, ids, roles, waves, a shifted scale."""
    problems = validation.export_problems(
        [(part.export, part.table.source.sha256) for part in parts], study
    )
    for part, place in _slices(parts):
        if part.answers.has("off_scale"):
            problems += validation.shifted_scale(
                people.iloc[place], numbers[place], instrument, headers=part.answers.headers
            )
    if problems and problems[-1].rule == validation.EXPORT_TWICE:
        return problems  # everybody would be told to stand twice
    # An empty id or an unknown role was refused already; it must not count as a second one.
    named = ((people["respondent_id"] != "") & (people["role"] != "")).to_numpy()
    if not (named.all() and everybody_once):
        problems += validation.key_problems(_only(people, named), numbers[named])
    if len(parts) == len(study.exports):
        problems += validation.wave_problems(people, study)
    return problems


def _joined(
    parts: list[_Part],
    rows: Rows,
    failures: pd.DataFrame,
    *,
    study: Study,
    instrument: Instrument,
) -> ImportResult:
    """One table from all exports; answers off the scale are missing in it."""
    attention = attention_answers([(part.answers, part.kept) for part in parts], instrument)
    responses, usable = joined_responses(rows, attention, study=study, instrument=instrument)
    if responses.empty:
        raise ResponseError([_nothing_left()])
    responses = validation.require_contract(responses, instrument, study)
    files = _file_receipts(parts, rows.numbers, usable, instrument)
    totals = receipt.study_receipt(files, responses, failures, study=study, instrument=instrument)
    return ImportResult(responses=responses, failures=failures, receipt=totals)


def _failures(
    parts: list[_Part],
    people: pd.DataFrame,
    numbers: AnswerNumbers,
    *,
    study: Study,
    instrument: Instrument,
) -> pd.DataFrame:
    """Every rule that was broken without blocking the import; one row a cell or a warning."""
    warned = [problem for part in parts for problem in part.problems]
    off_scale = []
    for part, place in _slices(parts):
        if not part.answers.has("off_scale"):
            continue
        asked = [(numbers[place], part.answers.headers)]
        for column in part.answers.attention:
            asked.append((column.numbers()[part.kept][:, None], [column.header]))
        off_scale += [
            validation.off_scale_failures(people.iloc[place], given, instrument, headers=headers)
            for given, headers in asked
        ]
    warned += validation.warnings_about(people, study)
    warned += validation.scale_by_role(people, numbers, instrument)
    warned += validation.item_warnings(people, numbers, study=study, instrument=instrument)
    return pd.concat([problem_table(warned), *off_scale], ignore_index=True)


def _file_receipts(
    parts: list[_Part], numbers: AnswerNumbers, usable: np.ndarray, instrument: Instrument
) -> list[dict]:
    receipts = []
    for part, place in _slices(parts):
        used = usable[place]
        left_out = part.left_out | {receipt.NONE_ON_SCALE: int((~used).sum())}
        receipts.append(
            receipt.file_receipt(
                part.table,
                part.column_map,
                words=part.answers.words(part.kept),
                refused=receipt.refused_answers(part.answers.headers, numbers[place], instrument)
                if part.answers.has("off_scale")
                else {},
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
