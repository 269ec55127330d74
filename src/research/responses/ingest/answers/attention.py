"""Answers to attention items beside the activities: they show who reads, and score nothing."""

import numpy as np

from research.responses.ingest.answers.columns import AnswerTable
from research.study.instrument import Instrument


def attention_answers(
    tables: list[tuple[AnswerTable, np.ndarray]], instrument: Instrument
) -> dict[str, np.ndarray]:
    """Answers as numbers by attention item, off the scale too; NaN where there is none.

    ``tables`` are the answers of each export with its kept rows. Items that no export holds are
    absent; an export that lacks one of the others has no answers to it.
    """
    held = {column.activity_id for table, _ in tables for column in table.attention}
    return {
        item.id: np.concatenate([_answers(table, kept, item.id) for table, kept in tables])
        for item in instrument.attention_items
        if item.id in held
    }


def _answers(table: AnswerTable, kept: np.ndarray, item_id: str) -> np.ndarray:
    for column in table.attention:
        if column.activity_id == item_id:
            return column.numbers()[kept]
    return np.full(int(kept.sum()), np.nan)
