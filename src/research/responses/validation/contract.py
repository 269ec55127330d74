"""The columns every later stage counts on."""

import numpy as np
import pandas as pd

from research.errors import Problem, ResponseError
from research.responses.text_words import all_differ, order_words
from research.study.instrument import Instrument, ResponseScale
from research.study.study_file import Study

KEY_COLUMNS: tuple[str, ...] = (
    "respondent_id",
    "organisation_id",
    "role",
    "wave",
    "duration_seconds",
)
# So many numbers fit in the processor's cache.
ROWS_AT_ONCE = 1 << 16


def require_contract(responses: pd.DataFrame, instrument: Instrument, study: Study) -> pd.DataFrame:
    """Return the responses if they keep the column contract; a breach is an error of this code.

    The columns are the key, the covariates (text), a whole number for each activity and for each
    attention item that the exports hold.
    """
    if not _keeps_contract(responses, instrument, study):
        _refuse(responses, instrument, study)
    return responses


def _keeps_contract(responses: pd.DataFrame, instrument: Instrument, study: Study) -> bool:
    """The verdict of the schema below in a tenth of its time; it finds nothing out about why."""
    questions = [*instrument.activity_ids, *attention_ids(responses, instrument)]
    people = [name for name in responses if name not in questions]
    texts = [name for name in people if name != "duration_seconds"]
    types = responses.dtypes
    return (
        list(responses) == people + questions
        and tuple(people[: len(KEY_COLUMNS)]) == KEY_COLUMNS
        and responses.columns.is_unique
        and all(types[name] == "str" for name in texts)
        and types["duration_seconds"] == "float64"
        and all(types[name] == "Int64" for name in questions)
        and all(_on_scale(responses[name], instrument.scale) for name in questions)
        and _texts_are_right(responses, texts, study)
    )


def _texts_are_right(responses: pd.DataFrame, names: list[str], study: Study) -> bool:
    """Whether no text is missing, names are filled, roles known, and everybody stands once."""
    texts = {name: responses[name].to_numpy(dtype=object).tolist() for name in names}
    ids = texts.pop("respondent_id")
    distinct = {name: set(column) for name, column in texts.items()}
    if not all(set(map(type, found)) <= {str} for found in distinct.values()):
        return False
    if "" in distinct["organisation_id"] or not distinct["role"] <= set(study.role_ids):
        return False
    try:
        words = order_words(ids)
    except TypeError:  # one of them is no text
        return False
    if words is None:
        words = [pd.factorize(np.array(ids, dtype=object), sort=True)[0]]
        filled = "" not in ids
    else:
        filled = bool(words[0].all())  # only an empty text begins with eight zeros
    if not filled:
        return False
    return all_differ(words) or not responses.duplicated(["respondent_id", "wave"]).any()


def _on_scale(answers: pd.Series, scale: ResponseScale) -> bool:
    for start in range(0, len(answers), ROWS_AT_ONCE):
        some = answers.array[start : start + ROWS_AT_ONCE]
        # A missing answer counts as one on the scale: nobody needs to give one.
        numbers = some.to_numpy(dtype="int64", na_value=scale.low)
        if numbers.min() < scale.low or numbers.max() > scale.high:
            return False
    return True


def _refuse(responses: pd.DataFrame, instrument: Instrument, study: Study) -> None:
    """Say which columns break the contract; the schema is the contract, written to be read."""
    # Imported here: pandera takes more than a second, and only a fault of the import needs it.
    import pandera.pandas as pa

    scale = instrument.scale
    text = pa.Column(str, nullable=False)
    filled = pa.Column(str, pa.Check.str_length(min_value=1), nullable=False)
    columns = {
        "respondent_id": filled,
        "organisation_id": filled,
        "role": pa.Column(str, pa.Check.isin(study.role_ids)),
        "wave": text,
        "duration_seconds": pa.Column(float, nullable=True),
    }
    questions = [*instrument.activity_ids, *attention_ids(responses, instrument)]
    covariates = [name for name in responses if name not in columns and name not in questions]
    columns |= {name: text for name in covariates}
    on_scale = pa.Check.in_range(scale.low, scale.high)
    columns |= {name: pa.Column("Int64", on_scale, nullable=True) for name in questions}
    schema = pa.DataFrameSchema(
        columns, strict=True, ordered=True, unique=["respondent_id", "wave"]
    )
    try:
        schema.validate(responses, lazy=True)
    except pa.errors.SchemaErrors as error:
        rows = error.failure_cases.head(8).itertuples()
        raise ResponseError(
            Problem(
                file="responses.csv",
                rule="column contract",
                message=f"{row.schema_context} {row.column}: {row.check}.",
                remedy="This is a fault of the import; please report it with the layout used.",
            )
            for row in rows
        ) from None


def attention_ids(responses: pd.DataFrame, instrument: Instrument) -> list[str]:
    """Attention items of the instrument that the responses hold, in its order; they are last."""
    return [item.id for item in instrument.attention_items if item.id in responses]
