"""Does a person value what the others value? Person-total correlation and Guttman errors."""

import numpy as np

from research.responses.quality.rows import Index, Why, indexed, row_correlation

# People in one batch: at thirty activities of five points 20 megabytes.
BATCH = 20_000


def person_total_correlation(keyed: np.ndarray) -> Index:
    """Correlation of each row with the mean answers of the other rows, over the columns answered.

    The person is left out of the means: in a small group one's own answer would lift them. NaN
    for fewer than three answers and for a person, or others, without spread. ``keyed`` has
    reversed activities turned. careless does not have this index.

    References
    ----------
    Donlon & Fischer (1968), Educational and Psychological Measurement 28, 105-113. Curran (2016),
    Journal of Experimental Social Psychology 66, 4-19.
    """
    given = ~np.isnan(keyed)
    filled = np.where(given, keyed, 0.0)
    n_others = given.sum(axis=0) - given
    others = (filled.sum(axis=0) - filled) / np.maximum(n_others, 1)
    return row_correlation(keyed, np.where(n_others > 0, others, np.nan))


def guttman_errors(keyed: np.ndarray, *, low: int, high: int) -> Index:
    """Guttman errors of each row as a share of the most its sum allows: 0 fits, 1 contradicts.

    An answer of k points above ``low`` is k steps passed of one item. Steps are put in the order
    of how many people passed them, most first, ties in the order of the questionnaire; an error
    is a pair in which the easier step is not passed and the harder one is. Missing answers take
    no part; NaN without answers. 0 where no error is possible (all lowest or all highest).

    This is ``PerFit::Gnormed.poly`` (1.4, ``NA.method = "Pairwise"``). The largest number is
    found without its search over all sums: the number of errors a set of steps makes grows
    faster the more steps of one item are passed, so the worst answers are at the two ends of the
    scale on all items but one.

    References
    ----------
    Molenaar (1991), Kwantitatieve Methoden 37, 97-117. Emons (2008), Applied Psychological
    Measurement 32, 224-247 (G^p_N).
    """
    n_steps = high - low
    given = ~np.isnan(keyed)
    points = np.where(given, keyed - low, -1.0).astype(np.int16)
    count = np.maximum(given.sum(axis=0), 1)
    passed = np.array([(points > step).sum(axis=0) / count for step in range(n_steps)]).T
    order = np.argsort(-passed.ravel(), kind="stable")
    parts = np.array_split(np.arange(len(keyed)), max(1, -(-len(keyed) // BATCH)))
    errors = [_normed(points[part], order, n_steps) for part in parts]
    return indexed(np.where(given.any(axis=1), np.concatenate(errors), np.nan), Why.TOO_FEW_ANSWERS)


def _normed(points: np.ndarray, order: np.ndarray, n_steps: int) -> np.ndarray:
    """Errors divided by their maximum; ``points`` are steps passed per item, -1 for missing."""
    item, step = order // n_steps, order % n_steps
    asked = (points >= 0)[:, item]
    passed = points[:, item] > step
    # The place of a step among those this person was asked: 1 for the easiest.
    place = np.cumsum(asked, axis=1, dtype=np.int32)
    places = np.where(passed, place, 0).sum(axis=1)
    total = np.maximum(points, 0).sum(axis=1)
    fewest = total * (total + 1) // 2
    back = np.argsort(order, kind="stable")
    by_item = np.where(asked, place, 0)[:, back].reshape(len(points), -1, n_steps)
    largest = _largest_places(by_item.cumsum(axis=2), points >= 0, total) - fewest
    return (places - fewest) / np.maximum(largest, 1)


def _largest_places(cumulated: np.ndarray, asked: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Largest sum of places that ``total`` steps can have, per person.

    ``cumulated`` holds per person and item the sum of places of its first 1, 2, ... steps. As many
    items as possible are passed completely, and one item in part.
    """
    n_items, n_steps = cumulated.shape[1:]
    full, rest = np.divmod(total, n_steps)
    complete = np.where(asked, cumulated[:, :, -1], -1)
    ranked = np.argsort(-complete, axis=1, kind="stable")
    complete = np.maximum(np.take_along_axis(complete, ranked, axis=1), 0)
    sums = np.column_stack([np.zeros(len(total), dtype=np.int64), complete.cumsum(axis=1)])
    of_full = np.take_along_axis(sums, full[:, None], axis=1)[:, 0]
    one_more = np.take_along_axis(sums, np.minimum(full + 1, n_items)[:, None], axis=1)[:, 0]
    partly = np.take_along_axis(
        cumulated, np.maximum(rest - 1, 0)[:, None, None].repeat(n_items, axis=1), axis=2
    )[:, :, 0]
    partly = np.take_along_axis(partly, ranked, axis=1)
    in_full = np.arange(n_items) < full[:, None]
    usable = np.take_along_axis(asked, ranked, axis=1)
    least = np.iinfo(np.int64).min // 2
    # The item passed in part is none of those passed completely, or takes the place of one.
    beside = of_full + np.where(usable & ~in_full, partly, least).max(axis=1)
    instead = one_more + np.where(in_full, partly - complete, least).max(axis=1)
    return np.where(rest == 0, of_full, np.maximum(beside, instead))
