"""One column about people at a time: its text, its header, and what is wrong with it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from research.errors import Problem
from research.responses.ingest.columns.matching import ColumnMap
from research.responses.ingest.tables import RawTable, listed, texts_of, tidied
from research.study.study_file import Export, Study


@dataclass(frozen=True, kw_only=True)
class PersonColumns:
    """What the steps that read people share; they add to ``problems``.

    ``cells`` are the rows of the export that hold an answer.
    """

    table: RawTable
    cells: pd.DataFrame
    column_map: ColumnMap
    study: Study
    export: Export
    problems: list[Problem]
    # Filled as columns are read: a million ids are tidied once.
    _tidied: dict[str, tuple[np.ndarray, list[str]]] = field(default_factory=dict, repr=False)

    def has(self, use: str) -> bool:
        return use in self.column_map.positions

    def declared(self, use: str) -> bool:
        """Whether the study or the tool names a column for this use, found or not."""
        named = getattr(self.study.columns_of(self.export), use)
        return bool(named or self.table.standard_columns.get(use))

    def header(self, use: str) -> str:
        return self.table.headers[self.column_map.positions[use]]

    def value_labels(self, use: str) -> dict[str, str]:
        return self.table.value_labels.get(self.column_map.positions[use], {})

    def counts(self, use: str) -> dict[str, int]:
        """How often each tidied text stands in the column; texts that do not are left out."""
        codes, texts = self._texts(use)
        if len(texts) == len(codes):
            return dict(Counter(self.text(use).tolist()))
        counted: dict[str, int] = {}
        for text, count in zip(texts, np.bincount(codes, minlength=len(texts)), strict=True):
            if count:
                counted[text] = counted.get(text, 0) + int(count)
        return counted

    def _texts(self, use: str) -> tuple[np.ndarray, list[str]]:
        """Codes of the column and the tidied texts they stand for, which may be alike."""
        if use not in self._tidied:
            codes, texts = texts_of(self.cells[self.column_map.positions[use]])
            texts = tidied(texts)
            missing = self.table.user_missing.get(self.column_map.positions[use])
            if missing is not None:  # a code that the file declares missing (SPSS) is empty
                texts = ["" if missing.marks(text) else text for text in texts]
            self._tidied[use] = codes, texts
        return self._tidied[use]

    def read(self, use: str, meaning: Callable[[str], object], *, dtype: type) -> np.ndarray:
        """What the tidied text of each cell means; worked out once per distinct text."""
        codes, texts = self._texts(use)
        return np.array([meaning(text) for text in texts], dtype=dtype)[codes]

    def grouped(self, use: str, meaning: Callable[[str], str] = str) -> pd.Categorical:
        """What the tidied text of each cell means, where few texts stand in many rows."""
        codes, texts = self._texts(use)
        places, names = pd.factorize(np.array([meaning(text) for text in texts], dtype=object))
        return pd.Categorical.from_codes(places[codes], categories=pd.Index(names, dtype=object))

    def everywhere(self, name: str) -> pd.Categorical:
        """One name for every row."""
        return pd.Categorical.from_codes(np.zeros(len(self.cells), dtype=np.int8), [name])

    def text(self, use: str) -> np.ndarray:
        """Tidied text of each cell."""
        codes, texts = self._texts(use)
        every = np.array(texts, dtype=object)
        return every if len(texts) == len(codes) and self._is_plain(use) else every[codes]

    def _is_plain(self, use: str) -> bool:
        """Whether each cell of the column has a text of its own."""
        dtype = self.cells[self.column_map.positions[use]].dtype
        return not isinstance(dtype, pd.CategoricalDtype)

    def rows_where(self, use: str, chosen: Callable[[str], bool]) -> pd.Index:
        """Rows of the file whose tidied text is chosen."""
        return self.cells.index[self.read(use, chosen, dtype=bool)]

    def refuse_empty(self, use: str, remedy: str) -> None:
        rows = self.cells.index[self.text(use) == ""]
        if len(rows):
            self.refuse(
                use,
                f"empty {use}",
                f"{len(rows)} row(s) have no {use}: {listed(rows)}.",
                remedy,
                rows,
            )

    def refuse(
        self, use: str, rule: str, message: str, remedy: str, rows: pd.Index | None = None
    ) -> None:
        self._add(use, rule, message, remedy, rows)

    def warn(
        self, use: str, rule: str, message: str, remedy: str, rows: pd.Index, done: str
    ) -> None:
        self._add(use, rule, message, remedy, rows, severity="warning", done=done)

    def _add(
        self,
        use: str,
        rule: str,
        message: str,
        remedy: str,
        rows: pd.Index | None,
        **more: str,
    ) -> None:
        place = {"sheet": self.table.sheet}
        if self.has(use):
            place["column"] = self.header(use)
        if rows is not None and len(rows):
            place["row"] = str(rows[0])
        self.problems.append(self.table.source.problem(rule, message, remedy, **place, **more))
