"""Whether the value labels of a file agree with the instrument's scale."""

from research.errors import Problem
from research.responses.ingest.answers import AnswerKey
from research.responses.ingest.columns import ColumnMap
from research.responses.ingest.tables import RawTable, fold, listed


def label_problems(table: RawTable, column_map: ColumnMap, key: AnswerKey) -> list[Problem]:
    """Warnings for columns whose codes stand for another point than their labels say.

    The codes are used as they are: a label may be wrong as well as a code. The warning names the
    columns, because a scale that runs the other way turns every conclusion round.
    """
    against: dict[str, list[str]] = {}
    for position in column_map.activities.values():
        for code, label in table.value_labels.get(position, {}).items():
            point = key.labels.get(fold(label))
            if point is not None and code != str(point):
                sentence = f"code {code} is labelled '{label}', which is {point} in the instrument"
                against.setdefault(sentence, []).append(table.headers[position])
    if not against:
        return []
    sentence, headers = next(iter(against.items()))
    return [
        table.source.problem(
            "labels against the scale",
            f"{sentence} (columns: {listed(headers)}).",
            "If the export runs the other way, recode it under `answer_words` or export it again.",
            severity="warning",
            sheet=table.sheet,
            column=headers[0],
            done="codes used as they are",
        )
    ]
