"""The readers, one module a layout, in the order in which they are asked."""

from collections.abc import Callable
from dataclasses import dataclass

from research.responses.ingest import csv_files, excel, qualtrics, spss
from research.responses.ingest.tables import RawTable, ReadOptions, Source


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One layout: ``recognise`` returns why a file has it, or None; ``read`` reads it."""

    layout: str
    recognise: Callable[[Source], str | None]
    read: Callable[[Source, ReadOptions, str], RawTable]


def _reader(module) -> Reader:
    return Reader(layout=module.LAYOUT, recognise=module.recognise, read=module.read)


# Plain CSV comes last: any text is plain CSV when nobody else knows it.
READERS: tuple[Reader, ...] = tuple(map(_reader, (spss, excel, qualtrics, csv_files)))
