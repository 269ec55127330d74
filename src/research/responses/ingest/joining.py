"""The rows of all exports as one table of responses, in the order every later stage counts on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.responses import validation
from research.responses.ingest.answers.numbers import AnswerNumbers
from research.responses.text_words import all_differ, order_words
from research.study.instrument import Instrument
from research.study.study_file import Study


@dataclass(frozen=True, kw_only=True)
class IdOrder:
    """Places of all rows in the order of their ids, and whether all ids differ.

    ``words`` are numbers that stand in the order of the ids, most weighty first.
    """

    words: list[np.ndarray]
    places: np.ndarray
    everybody_once: bool


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The rows of all exports: who answered, what (one column an activity), the order of ids."""

    people: pd.DataFrame
    numbers: AnswerNumbers
    order: IdOrder


def joined_responses(
    rows: Rows,
    attention: dict[str, np.ndarray],
    *,
    study: Study,
    instrument: Instrument,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the table of the contract and which rows are in it.

    One row is a respondent (and wave) with at least one answer on the scale, ordered by role (as
    in the study), organisation, respondent and wave. Columns are the key, the covariates and one
    whole number per activity and attention item; an answer off the scale is missing.
    """
    people, numbers, scale = rows.people, rows.numbers, instrument.scale
    # One byte an answer until all is in order: steps above the lowest point, 0 for missing.
    steps = [
        numbers.steps(place, low=scale.low, high=scale.high)
        for place in range(len(instrument.activity_ids))
    ]
    usable = _any_of(steps, len(people))
    places = _ordered(rows, usable, study)
    columns: dict[str, object] = {}
    for name in (*validation.KEY_COLUMNS, *people):
        if name not in columns and name not in ("file", "sheet"):
            columns[name] = _people_column(people[name], places, number=name == "duration_seconds")
    for name, column in zip(instrument.activity_ids, steps, strict=True):
        columns[name] = _whole_numbers(column.take(places), below=scale.low - 1)
    for name, answers in attention.items():
        given = answers[places]
        given = np.where((given >= scale.low) & (given <= scale.high), given - (scale.low - 1), 0)
        columns[name] = _whole_numbers(given, below=scale.low - 1)
    return pd.DataFrame(columns, copy=False), usable


def _any_of(columns: list[np.ndarray], n_rows: int) -> np.ndarray:
    found = np.zeros(n_rows, dtype=bool)
    for column in columns:
        if found.all():
            break
        found |= column > 0
    return found


def _whole_numbers(steps: np.ndarray, *, below: int) -> pd.arrays.IntegerArray:
    """Whole numbers from steps above the point below the scale; those of 0 are missing."""
    numbers = steps.astype(np.int64)
    numbers += below
    return pd.arrays.IntegerArray(numbers, steps == 0)


def _people_column(values: pd.Series, places: np.ndarray, *, number: bool) -> object:
    if isinstance(values.dtype, pd.CategoricalDtype):
        names = pd.array(values.cat.categories.to_numpy(dtype=object), dtype="str")
        return names.take(values.cat.codes.to_numpy()[places])
    if number:
        return values.to_numpy()[places]
    texts = values.to_numpy()
    if values.name not in validation.KEY_COLUMNS:  # a covariate that another export lacks
        texts = np.where(pd.isna(texts), "", texts)
    return pd.array(texts, dtype="str").take(places)


def order_of_ids(ids: pd.Series) -> IdOrder:
    """Return the order of respondent ids, as Python orders texts, and whether each stands once."""
    texts = ids.to_numpy(dtype=object)
    words = order_words(texts.tolist()) or [pd.factorize(texts, sort=True)[0]]
    places = np.lexsort(words[::-1])
    once = all_differ([word[places] for word in words])
    return IdOrder(words=words, places=places, everybody_once=once)


def _ordered(rows: Rows, usable: np.ndarray, study: Study) -> np.ndarray:
    """Places of the usable rows by role, organisation, respondent and wave."""
    people, places = rows.people, rows.order.places
    if not rows.order.everybody_once:
        places = np.lexsort([_ranks(people["wave"], str), *rows.order.words[::-1]])
    role = _ranks(people["role"], study.role_ids.index)
    organisation = _ranks(people["organisation_id"], str)
    group = role * (organisation.max(initial=0) + 1) + organisation
    if group.max(initial=0) < 2**16:
        group = group.astype(np.uint16)  # numpy sorts small numbers without comparing them
    places = places[np.argsort(group[places], kind="stable")]
    return places if usable.all() else places[usable[places]]


def _ranks(names: pd.Series, key: Callable[[str], object]) -> np.ndarray:
    """Place of each row's name among the different names, put in order by ``key``."""
    if isinstance(names.dtype, pd.CategoricalDtype):
        codes, distinct = names.cat.codes.to_numpy(), list(names.cat.categories)
    else:
        codes, distinct = pd.factorize(names.to_numpy())
    ranks = np.empty(len(distinct), dtype=np.int64)
    present = np.unique(codes)
    ranks[sorted(present, key=lambda code: key(distinct[code]))] = np.arange(len(present))
    return ranks[codes]
