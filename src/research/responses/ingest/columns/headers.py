"""What a header asks, however the tool wrote it: which column is the column of which question."""

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from research.responses.ingest.tables import RawTable, fold
from research.study.instrument import Activity, AttentionItem, Instrument

TAG = re.compile(r"<[^<>]*>")
# A number that a tool puts before a question: "3.", "12)", "Q12_1 ", "Q3.2 - ", "V4:", "[b]".
# A bare number stays: "3 times a week" is no third question.
NUMBERING = re.compile(
    r"^\s*(?:[a-z]{0,4}\d+(?:[._]\d+)*[a-z]?\s*[.):\]–-]|q\d+(?:[._]\d+)*\s|\[?[a-z][)\]])\s*",
    re.IGNORECASE,
)
# "How valuable? - The manager listens", "How valuable? [The manager listens]"
TAIL = re.compile(r"\[([^\[\]]+)\]\s*$")
SEPARATOR = re.compile(r"\s[-–—|>]\s|[:?]\s")
BY_ID = "id"
BY_STUDY_FILE = "study file"
BY_WORDING = "wording, exact"
BY_WORDING_NORMALISED = "wording, normalised"
BY_LABEL = "label"
BY_STEM = "stem and wording"


def plain_text(text: str) -> str:
    """Words of a text only: no markup, case, accents, signs, kinds of blanks or quotes."""
    unmarked = TAG.sub(" ", html.unescape(text))
    letters = unicodedata.normalize("NFKD", fold(html.unescape(unmarked)))
    kept = (c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join("".join(kept).split())


def without_numbering(text: str) -> str:
    """Text without the number that a tool puts before a question."""
    return NUMBERING.sub("", TAG.sub(" ", html.unescape(text)).strip(), count=1)


def texts_of_question(question: Activity | AttentionItem) -> tuple[list[str], list[str]]:
    """Wordings and labels of a question in both languages; an attention item has no label."""
    label = getattr(question, "label", None)
    return (
        [question.wording.nl, question.wording.en],
        [] if label is None else [label.nl, label.en],
    )


@dataclass(frozen=True, kw_only=True)
class Headers:
    """The headers of a file, ready to be searched.

    Each of ``whole``, ``after_stem`` and ``tails`` maps a normalised text to the columns whose
    header or question it is.
    """

    names: tuple[str, ...]
    whole: dict[str, list[int]] = field(default_factory=dict)
    after_stem: dict[str, list[int]] = field(default_factory=dict)
    tails: dict[str, list[int]] = field(default_factory=dict)

    def find(self, question: Activity | AttentionItem) -> tuple[list[int], str]:
        """Columns that hold a question, by the surest sign there is, and which sign that was.

        More than one column means that the question stands there more than once.
        """
        wordings, labels = texts_of_question(question)
        plain_wordings = [plain_text(wording) for wording in wordings]
        signs = (
            (named(self.names, question.id), BY_ID),
            (self._exact(wordings), BY_WORDING),
            (self._exact(labels), BY_LABEL),
            (_looked_up(self.whole, plain_wordings), BY_WORDING_NORMALISED),
            (_looked_up(self.whole, [plain_text(label) for label in labels]), BY_LABEL),
            (_looked_up(self.after_stem, plain_wordings), BY_STEM),
            (_looked_up(self.tails, plain_wordings), BY_STEM),
        )
        return next(((found, sign) for found, sign in signs if found), ([], ""))

    def _exact(self, texts: list[str]) -> list[int]:
        return [number for number, header in enumerate(self.names) if header in texts]


def read_headers(table: RawTable, instrument: Instrument) -> Headers:
    """Every header and question text of a file, normalised in the ways tools vary them."""
    headers = Headers(names=table.headers)
    stems = [plain_text(stem) for stem in (instrument.stem.nl, instrument.stem.en)]
    for number, header in enumerate(table.headers):
        for text in {header, table.questions.get(number, "")} - {""}:
            for whole in {plain_text(text), plain_text(without_numbering(text))}:
                _add(headers.whole, whole, number)
                for stem in stems:
                    if whole.startswith(f"{stem} "):
                        _add(headers.after_stem, whole.removeprefix(f"{stem} "), number)
            for tail in _tails(text):
                _add(headers.tails, plain_text(tail), number)
    return headers


def named(names: tuple[str, ...], name: str) -> list[int]:
    """Columns with a name: as written first, then without regard to case and blanks."""
    exact = [number for number, header in enumerate(names) if header == name]
    return exact or [number for number, header in enumerate(names) if fold(header) == fold(name)]


def _tails(text: str) -> Iterator[str]:
    """What stands after a stem that is not the instrument's: in brackets, after a dash or colon."""
    unmarked = TAG.sub(" ", html.unescape(text))
    bracket = TAIL.search(unmarked)
    found = [bracket[1]] if bracket else []
    found += [unmarked[separator.end() :] for separator in SEPARATOR.finditer(unmarked)]
    for tail in found:
        yield tail
        yield without_numbering(tail)


def _add(index: dict[str, list[int]], text: str, number: int) -> None:
    if text and number not in index.setdefault(text, []):
        index[text].append(number)


def _looked_up(index: dict[str, list[int]], texts: list[str]) -> list[int]:
    return sorted({number for text in texts if text for number in index.get(text, ())})
