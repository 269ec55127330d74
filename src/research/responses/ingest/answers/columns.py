"""The answer columns of one export: every cell decided, odd ones counted and named."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.errors import Problem
from research.responses.ingest.answers.numbers import AnswerNumbers
from research.responses.ingest.answers.words import AnswerKey, Reading
from research.responses.ingest.columns.matching import ColumnMap
from research.responses.ingest.tables import (
    MissingCodes,
    RawTable,
    as_categorical,
    listed,
    texts_of,
)

SHOWN_WORDS = 20


@dataclass(frozen=True, kw_only=True)
class AnswerColumn:
    """One activity's column: a code per row, and what each code's text means."""

    activity_id: str
    header: str
    codes: np.ndarray
    texts: list[str]
    readings: list[Reading]

    def has(self, kind: str) -> bool:
        """Whether any text of the column is of this kind; it may stand in a row left out."""
        return any(reading.kind == kind for reading in self.readings)

    def is_kind(self, *kinds: str) -> np.ndarray:
        """Which rows hold a text of one of these kinds."""
        lookup = np.array([reading.kind in kinds for reading in self.readings], dtype=bool)
        return lookup[self.codes]

    def numbers(self) -> np.ndarray:
        """Every answer as a number, off the scale too; NaN where there is none."""
        return self.values[self.codes]

    @property
    def values(self) -> np.ndarray:
        """The number each code stands for."""
        values = [r.value if r.kind in ("answer", "off_scale") else np.nan for r in self.readings]
        with np.errstate(over="ignore"):  # beyond its range it is off every scale too
            return np.array(values, dtype=np.float64).astype(np.float32)

    def counts(self, kept: np.ndarray) -> dict[str, int]:
        """How often each text stands in the kept rows."""
        codes = self.codes if kept.all() else self.codes[kept]
        counted = np.bincount(codes, minlength=len(self.texts))
        return dict(zip(self.texts, counted.tolist(), strict=True))


@dataclass(frozen=True, kw_only=True)
class AnswerTable:
    """All answer columns of one export, in the order of the instrument.

    ``attention`` are the columns of attention items; whoever answered only those answered nothing.
    """

    table: RawTable
    columns: tuple[AnswerColumn, ...]
    attention: tuple[AnswerColumn, ...] = ()

    @property
    def headers(self) -> list[str]:
        return [column.header for column in self.columns]

    @property
    def answered(self) -> np.ndarray:
        """Which rows hold any answer at all, readable or not."""
        return self._any_of("answer", "off_scale", "not_whole", "unknown")

    def _any_of(self, *kinds: str) -> np.ndarray:
        found = np.zeros(len(self.table.cells), dtype=bool)
        for column in self.columns:
            if found.all():
                break
            found |= column.is_kind(*kinds)
        return found

    def has(self, kind: str) -> bool:
        """Whether any text is of this kind: most rules need not look at a million rows."""
        return any(column.has(kind) for column in (*self.columns, *self.attention))

    def numbers(self, kept: np.ndarray) -> AnswerNumbers:
        """Answers of the kept rows, one column an activity."""
        everyone = kept.all()
        return AnswerNumbers(
            tuple(column.codes if everyone else column.codes[kept] for column in self.columns),
            tuple(column.values for column in self.columns),
        )

    def words(self, kept: np.ndarray) -> list[dict]:
        """Each word that stands for an answer or for missing, with its count, for the receipt."""
        counted: dict[tuple[str, float | None], int] = {}
        for column in (*self.columns, *self.attention):
            counts = column.counts(kept)
            for text, reading in zip(column.texts, column.readings, strict=True):
                if reading.by_word and counts[text] and reading.kind in ("answer", "missing"):
                    value = int(reading.value) if reading.kind == "answer" else None
                    counted[(text, value)] = counted.get((text, value), 0) + counts[text]
        return [
            {"word": word, "answer": value, "count": count}
            for (word, value), count in sorted(counted.items(), key=lambda item: item[0][0])
        ]

    def problems(self, kept: np.ndarray) -> list[Problem]:
        """Answers that cannot be read, and a warning about codes that were read by their order."""
        return [*self._unknown_words(kept), *self._not_whole(kept), *self._point_codes(kept)]

    def _point_codes(self, kept: np.ndarray) -> list[Problem]:
        """Warn of a tool's own answer codes: they tell the order of the answers, not which."""
        read: dict[str, int] = {}
        headers, n_answers = [], 0
        for column in (*self.columns, *self.attention):
            if not any(reading.by_code for reading in column.readings):
                continue
            counts = column.counts(kept)
            coded = {
                text: int(reading.value)
                for text, reading in zip(column.texts, column.readings, strict=True)
                if reading.by_code and counts[text]
            }
            if coded:
                read |= coded
                headers.append(column.header)
                n_answers += sum(counts[text] for text in coded)
        if not read:
            return []
        pairs = ", ".join(f"{code} as {read[code]}" for code in sorted(read))
        return [
            self.table.source.problem(
                "answer codes",
                f"{n_answers} answer(s) in {len(headers)} column(s) are codes, read by their "
                f"order: {pairs}.",
                "Check that the survey lists the answers from low to high; if not, write each "
                "code with its answer under `answer_words`, or export full answers.",
                severity="warning",
                sheet=self.table.sheet,
                column=headers[0],
                done="read in the order of the scale",
            )
        ]

    def _unknown_words(self, kept: np.ndarray) -> list[Problem]:
        counted: dict[str, int] = {}
        columns, first_row = [], 0
        for column in (*self.columns, *self.attention):
            unknown = column.is_kind("unknown") & kept if column.has("unknown") else kept[:0]
            if not unknown.any():
                continue
            columns.append(column.header)
            row = int(self.table.cells.index[unknown][0])
            first_row = min(first_row or row, row)
            counts = column.counts(kept)
            for text, reading in zip(column.texts, column.readings, strict=True):
                if reading.kind == "unknown" and counts[text]:
                    counted[text] = counted.get(text, 0) + counts[text]
        if not counted:
            return []
        return [_word_problem(self.table, counted, columns, first_row)]

    def _not_whole(self, kept: np.ndarray) -> list[Problem]:
        found = []
        for column in (*self.columns, *self.attention):
            if not column.has("not_whole"):
                continue
            rows = self.table.cells.index[column.is_kind("not_whole") & kept]
            if len(rows):
                found.append(
                    self.table.source.problem(
                        "not a whole number",
                        f"{len(rows)} answer(s) are not whole numbers (rows {listed(rows)}).",
                        "A mean or a decimal is no answer: export the answers themselves.",
                        sheet=self.table.sheet,
                        row=str(rows[0]),
                        column=column.header,
                    )
                )
        return found


def read_answers(table: RawTable, column_map: ColumnMap, key: AnswerKey) -> AnswerTable:
    """Decide every answer of an export; the work is done once per distinct text and column."""
    columns = []
    for activity_id, position in column_map.questions.items():
        codes, texts = texts_of(_by_text(table.cells[position]))
        declared = table.user_missing.get(position)
        labels = table.value_labels.get(position, {})
        columns.append(
            AnswerColumn(
                activity_id=activity_id,
                header=table.headers[position],
                codes=codes,
                texts=texts,
                readings=[
                    _read_labelled(text, key, labels.get(text, ""), codes=declared)
                    for text in texts
                ],
            )
        )
    n_activities = len(column_map.activities)
    return AnswerTable(
        table=table,
        columns=tuple(columns[:n_activities]),
        attention=tuple(columns[n_activities:]),
    )


def _by_text(cells: pd.Series) -> pd.Series:
    """Cells as codes of distinct texts: a text that stood there twice would be counted apart."""
    if isinstance(cells.dtype, pd.CategoricalDtype):
        return cells
    return pd.Series(as_categorical(cells), index=cells.index)


def _read_labelled(text: str, key: AnswerKey, label: str, *, codes: MissingCodes | None) -> Reading:
    """Meaning of a text; a word that is no answer may be a code whose label is one (A1)."""
    reading = key.read(text, codes=codes)
    return key.read(label) if label and reading.kind == "unknown" else reading


def _word_problem(
    table: RawTable, counted: dict[str, int], columns: list[str], first_row: int
) -> Problem:
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    counts = ", ".join(f"'{word}' ({count})" for word, count in ranked[:SHOWN_WORDS])
    more = len(ranked) - SHOWN_WORDS
    lines = [f"  {_quoted(word)}: null # {count} times" for word, count in ranked[:SHOWN_WORDS]]
    return table.source.problem(
        "unknown word",
        f"{len(ranked)} word(s) in {len(columns)} answer column(s) stand for no known answer: "
        + counts
        + (f" and {more} more." if more > 0 else "."),
        "Put these lines in the study file and replace null by the answer; null means missing:\n"
        + "\n".join(["answer_words:", *lines]),
        sheet=table.sheet,
        row=str(first_row),
        column=columns[0],
    )


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
