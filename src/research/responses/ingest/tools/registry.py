"""The containers and the survey tools, in the order in which they are asked."""

from collections.abc import Callable
from dataclasses import dataclass

from research.responses.ingest.files import csv_files, excel, parquet, spss
from research.responses.ingest.tables import RawTable, ReadOptions, Source
from research.responses.ingest.tools import forms, limesurvey, qualtrics, surveymonkey
from research.responses.ingest.tools.survey_tools import Tool


@dataclass(frozen=True, kw_only=True)
class Reader:
    """One layout: ``recognise`` returns why a file has it, or None; ``read`` reads it."""

    layout: str
    recognise: Callable[[Source], str | None]
    read: Callable[[Source, ReadOptions, str], RawTable]


def _reader(module) -> Reader:
    return Reader(layout=module.LAYOUT, recognise=module.recognise, read=module.read)


def _tool(module) -> Tool:
    return Tool(
        layout=module.LAYOUT,
        recognise=module.recognise,
        count_header_rows=module.count_header_rows,
        shape=module.shape,
    )


# Plain CSV comes last: any text is plain CSV when nobody else knows it.
CONTAINERS: tuple[Reader, ...] = tuple(map(_reader, (spss, excel, parquet, csv_files)))
# Tools with columns nobody else has come first; Google Forms knows its file by one word only.
TOOLS: tuple[Tool, ...] = tuple(map(_tool, (qualtrics, limesurvey, surveymonkey, forms)))
LAYOUTS: tuple[str, ...] = tuple(known.layout for known in (*CONTAINERS, *TOOLS))
