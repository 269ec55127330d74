"""What a reader makes of a file, before anyone knows what its columns mean."""

import datetime
import hashlib
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from research.errors import Problem, ResponseError

# Characters that spread text invisibly from word processors: zero-width space, joiners, BOM, and
# marks of reading direction.
ASCII_BLANKS = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"
INVISIBLE = dict.fromkeys(
    map(
        ord,
        "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f"
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
    )
)
# A column is judged by its head: are its texts mostly different?
SAMPLE_ROWS = 10_000
DIRECT_IDENTIFIERS = re.compile(
    r"^(ip[ _-]?address|ip[ _-]?adres|ipaddr|recipient(first|last)name|recipientemail|"
    r"(first|last|full|voor|achter)[ _-]?na(me|am)|naam|name|e-?mail([ _-]?(address|adres))?|"
    r"e-?mailadres|location(latitude|longitude)|latitude|longitude|"
    r"external(data)?reference|telefoon(nummer)?|phone([ _-]?number)?)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Source:
    """One export as bytes, with the name the user knows it by (never its path)."""

    name: str
    content: bytes = field(repr=False)

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def ending(self) -> str:
        return Path(self.name).suffix.lower()

    @property
    def stem(self) -> str:
        return Path(self.name).stem

    def refuse(self, rule: str, message: str, remedy: str, **place: str) -> ResponseError:
        """Return the error a reader raises when it cannot go on."""
        return ResponseError([self.problem(rule, message, remedy, **place)])

    def problem(self, rule: str, message: str, remedy: str, **place: str) -> Problem:
        return Problem(file=self.name, rule=rule, message=message, remedy=remedy, **place)


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """What a reader may know: the named sheet, and header names that would be recognised."""

    sheet: str | None = None
    expected_names: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class OddCell:
    """A cell that is no plain value; it matters only in a column that is used.

    ``fits`` names the uses in which it is plain after all (``started``, ``covariate``, ...).
    ``whole_column`` says that it stands for every cell of its column.
    """

    row: int
    position: int
    address: str
    kind: str
    remedy: str
    fits: frozenset[str] = frozenset()
    whole_column: bool = False


@dataclass(frozen=True, kw_only=True)
class MissingCodes:
    """Codes a file itself declares missing for one column: numbers in ranges, and texts."""

    ranges: tuple[tuple[float, float], ...] = ()
    texts: frozenset[str] = frozenset()

    def holds(self, value: float) -> bool:
        return any(low <= value <= high for low, high in self.ranges)

    def marks(self, text: str) -> bool:
        """Whether the text of a cell is one of the codes, as a text or as a number."""
        if text in self.texts:
            return True
        try:
            return bool(self.ranges) and self.holds(float(text))
        except ValueError:
            return False


@dataclass(frozen=True, kw_only=True)
class RawTable:
    """The rows of an export as text.

    ``cells`` has one text column per column of the file, named 0, 1, 2, ... because headers may
    repeat, categorical where texts repeat (``texts_of`` reads both); its index is the row number
    the user sees in the file. ``headers`` are the names. ``questions``, ``value_labels`` and
    ``user_missing`` are keyed by column number.
    ``left_out`` counts rows that are no respondents, by reason. ``withheld`` names columns that
    were not even read, with the reason. ``standard_columns`` says which header holds what when
    the study file does not (``respondent``, ``duration``), where the tool fixes it.
    ``point_codes`` is a pattern for the codes a tool gives the answers of a question by itself;
    its one group is k for the k-th answer (LimeSurvey: A1 or AO01 is the first).
    """

    source: Source
    layout: str
    why: str
    headers: tuple[str, ...]
    cells: pd.DataFrame
    header_row: int = 1
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    questions: dict[int, str] = field(default_factory=dict)
    value_labels: dict[int, dict[str, str]] = field(default_factory=dict)
    user_missing: dict[int, MissingCodes] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    withheld: dict[str, str] = field(default_factory=dict)
    odd_cells: tuple[OddCell, ...] = ()
    problems: tuple[Problem, ...] = ()
    standard_columns: dict[str, str] = field(default_factory=dict)
    point_codes: str = ""

    @property
    def file(self) -> str:
        return self.source.name

    @property
    def rows_in(self) -> int:
        return len(self.cells) + sum(self.left_out.values())


def tidy(text: str) -> str:
    """Text as a person sees it: composed accents, no invisible characters, no outer blanks."""
    if text.isascii():  # nothing to compose and none of the invisible ones
        return text.strip()
    return unicodedata.normalize("NFC", text.translate(INVISIBLE)).strip()


def tidied(texts: list[str]) -> list[str]:
    """Every text tidied; of a million plain ids none is looked at by itself."""
    joined = "".join(texts)
    if joined.isascii() and not any(blank in joined for blank in ASCII_BLANKS):
        return texts
    return [tidy(text) for text in texts]


def as_text(value: object) -> str:
    """Text of a cell value: 4.0 becomes 4, a date ISO 8601, nothing an empty text."""
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return tidy(str(value))


def fold(text: str) -> str:
    """Text for comparison only: width, case, blanks and curly quotes make no difference."""
    plain = unicodedata.normalize("NFKC", text.translate(INVISIBLE)).casefold()
    for curly, straight in (("’", "'"), ("‘", "'"), ("`", "'"), ("“", '"'), ("”", '"')):
        plain = plain.replace(curly, straight)
    return " ".join(plain.split())


def fold_header(text: str) -> str:
    """A header or question for comparison: also without numbering and closing punctuation."""
    return re.sub(r"^\d+\s*[.)]\s*", "", fold(text)).strip(" .:?!*")


def as_text_columns(columns: list[list[str]], rows: list[int]) -> pd.DataFrame:
    """Cells as categorical text columns, from lists of text; index is the row in the file."""
    return pd.DataFrame(
        {
            position: as_categorical(pd.Series(values, dtype="str"))
            for position, values in enumerate(columns)
        },
        index=pd.Index(rows, name="row", dtype="int64"),
    )


def as_categorical(texts: pd.Series) -> pd.Categorical:
    """Text as codes and distinct texts: a questionnaire repeats few, so each is read once.

    ``read_csv(dtype="category")`` would be quicker but turns 007 into 7 and True into a truth
    value.
    """
    codes, distinct = pd.factorize(texts.to_numpy(dtype=object))
    return pd.Categorical.from_codes(codes, categories=pd.Index(distinct, dtype="str"))


def as_text_column(texts: pd.Series) -> pd.Categorical | pd.Series:
    """Categorical where texts repeat; texts that mostly differ (ids, remarks) as they are."""
    sample = texts.iloc[:SAMPLE_ROWS]
    return texts if sample.nunique() > len(sample) / 2 else as_categorical(texts)


def texts_of(cells: pd.Series) -> tuple[np.ndarray, list[str]]:
    """Codes and the distinct texts they stand for; the work is done per text, not per cell.

    In a column that is no categorical every cell has a code of its own.
    """
    if not isinstance(cells.dtype, pd.CategoricalDtype):
        return np.arange(len(cells)), cells.to_numpy(dtype=object).tolist()
    return cells.cat.codes.to_numpy(), cells.cat.categories.to_numpy(dtype=object).tolist()


def mapped(cells: pd.Series, meaning: Callable[[str], object], *, dtype: type | str) -> np.ndarray:
    """Every cell replaced by what its text means."""
    codes, texts = texts_of(cells)
    values = np.array([meaning(text) for text in texts], dtype=dtype)
    if not isinstance(cells.dtype, pd.CategoricalDtype):
        return values
    return values[codes] if len(values) else np.empty(len(cells), dtype=dtype)


def is_blank(cells: pd.DataFrame) -> np.ndarray:
    """Which rows hold nothing at all; True is a blank row."""
    blank = np.ones(len(cells), dtype=bool)
    # Columns with few texts first: they settle most files without a look at a million ids.
    for position in sorted(cells, key=lambda position: _n_texts(cells[position])):
        blank &= mapped(cells[position], lambda text: not text.strip(), dtype=bool)
        if not blank.any():
            break
    return blank


def _n_texts(cells: pd.Series) -> int:
    return len(cells.cat.categories) if isinstance(cells.dtype, pd.CategoricalDtype) else len(cells)


def without_blank_rows(cells: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Rows with content, and how many blank lines the file had between or after them."""
    blank = is_blank(cells)
    return (cells[~blank], int(blank.sum())) if blank.any() else (cells, 0)


def listed(rows: list[int] | np.ndarray | pd.Index, *, most: int = 6) -> str:
    """Row numbers for a message: the first few, and how many more there are."""
    numbers = [str(row) for row in rows[:most]]
    more = len(rows) - len(numbers)
    return ", ".join(numbers) + (f" and {more} more" if more > 0 else "")
