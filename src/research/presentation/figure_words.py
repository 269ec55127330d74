"""What is told beside a drawn figure: its finding, what is drawn, and its numbers."""

from dataclasses import dataclass

import pandas as pd

from research.presentation.sentences import extremes_sentence
from research.presentation.texts import Reader
from research.presentation.titles import figure_title, largest_title


@dataclass(frozen=True, kw_only=True)
class FigureWords:
    """``title`` states the finding ("" where there is none), ``caption`` says what is drawn.

    ``alt`` tells who cannot see the figure what is in it; ``data`` holds the results drawn, one
    row a mark.
    """

    title: str
    caption: str
    alt: str
    data: pd.DataFrame


def words_of_extremes(
    rows: pd.DataFrame, reader: Reader, *, name: str, kind: str = "score"
) -> FigureWords:
    """Words of a figure of which the highest number is the finding.

    ``name`` is the figure in the catalogue of texts; ``kind`` as in ``extremes_sentence``.
    """
    return FigureWords(
        title=figure_title(rows, reader, what=f"figure.short.{name}", kind=kind),
        caption=reader.text(f"figure.{name}"),
        alt=extremes_sentence(rows, reader, what=f"figure.{name}", kind=kind),
        data=rows,
    )


def words_of_differences(
    gaps: pd.DataFrame, reader: Reader, *, name: str, data: pd.DataFrame | None = None
) -> FigureWords:
    """Words of a figure of which the largest difference between the roles is the finding.

    ``data`` are the results drawn where those are not the differences themselves.
    """
    return FigureWords(
        title=largest_title(gaps, reader),
        caption=reader.text(f"figure.{name}"),
        alt=extremes_sentence(gaps, reader, what="figure.order.alt"),
        data=gaps if data is None else data,
    )
