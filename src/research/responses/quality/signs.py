"""From indices to signs of carelessness, and from signs to the rule that joins them."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from research.responses.quality.rows import Index, Why

# More than half of the activities left open. Whoever answered less is not judged by an index
# over activities either.
SHARE_MISSING_LIMIT = 0.5
# A run of the same answer over half of the activities or more (Curran, 2016, Journal of
# Experimental Social Psychology 66, p. 9), and over at least ten: in short lists of one subject a
# run of six says little.
LONGEST_STRING_SHARE_LIMIT = 0.5
LONGEST_STRING_MINIMUM = 10
# The same answer everywhere.
VARIABILITY_LIMIT = 0.0
# Two seconds an activity (Huang et al., 2012, Journal of Business and Psychology 27, p. 106).
SECONDS_LIMIT = 2.0
# Under one second an activity answers stop hanging together (Wood, Harms, Lowman & DeSimone,
# 2017, Social Psychological and Personality Science 8, 454-464): decisive by itself.
SECONDS_DECISIVE = 1.0
# One wrong answer to an attention item is a sign; half of them wrong is decisive, for careful
# people miss single ones (Curran & Hauser, 2019).
ATTENTION_LIMIT = 0.0
ATTENTION_DECISIVE = 0.5
KINDS_FOR_CARELESS = 2
# The signs, by what they are evidence of. Leaving much open is no carelessness: it is a reason of
# its own and counts for no kind.
KINDS: Mapping[str, tuple[str, ...]] = {
    "answers all alike": ("long_string", "no_variability"),
    "too fast": ("too_fast",),
    "contradicts oneself": ("inconsistent",),
    "unlikely combination": ("outlying",),
    "against the others": ("against_the_rest", "misfit"),
    "does not read": ("failed_attention",),
}
REASONS: tuple[str, ...] = ("many_missing", *(name for names in KINDS.values() for name in names))


def signs_of(table: pd.DataFrame) -> dict[str, np.ndarray]:
    """Which reasons each person crosses, by the limits in the table; a missing index is no sign.

    An index over activities is no sign in somebody who left more than half of them open.
    """
    value = {name: table[name].to_numpy() for name in table.select_dtypes("number")}
    many_missing = value["share_missing"] > value["share_missing_limit"]

    def above(name: str) -> np.ndarray:
        return (value[name] > value[f"{name}_limit"]) & ~many_missing

    def below(name: str) -> np.ndarray:
        return (value[name] < value[f"{name}_limit"]) & ~many_missing

    spread, limit = value["intra_individual_variability"], value["variability_limit"]
    inconsistent = below("even_odd_correlation") | above("antonym_correlation")
    return {
        "many_missing": many_missing,
        "long_string": value["longest_string"] >= value["longest_string_limit"],
        "no_variability": (spread <= limit) & (value["n_answered"] >= LONGEST_STRING_MINIMUM),
        "too_fast": (value["seconds_per_activity"] < value["seconds_limit"])
        | (value["relative_speed"] > value["relative_speed_limit"]),
        "inconsistent": inconsistent | below("synonym_correlation"),
        "outlying": below("mahalanobis_p"),
        "against_the_rest": below("person_total_correlation"),
        "misfit": above("guttman_errors"),
        "failed_attention": value["attention_wrong"] > value["attention_limit"],
    }


def looks_careless(
    signs: Mapping[str, np.ndarray], *, seconds: np.ndarray, share_attention_wrong: np.ndarray
) -> np.ndarray:
    """One decisive sign, or signs of two different kinds; see ``flag_respondents``."""
    kinds = [np.any([signs[name] for name in names], axis=0) for names in KINDS.values()]
    decisive = signs["no_variability"] | (seconds < SECONDS_DECISIVE)
    decisive = decisive | (share_attention_wrong >= ATTENTION_DECISIVE)
    return decisive | (np.sum(kinds, axis=0) >= KINDS_FOR_CARELESS)


def string_limit(n_activities: int) -> float:
    """Length from which a run of equal answers is long."""
    return float(max(LONGEST_STRING_MINIMUM, LONGEST_STRING_SHARE_LIMIT * n_activities))


def joined_reasons(signs: Mapping[str, np.ndarray]) -> np.ndarray:
    """Names of the signs a person shows, in the order of ``REASONS``, joined by semicolons."""
    codes = np.column_stack([signs[name] for name in REASONS]).astype(np.int64)
    return _words(codes, [["", name] for name in REASONS])


def not_computed(indices: Mapping[str, Index]) -> np.ndarray:
    """Say which index a person has no value of, and why: ``index:why``, joined by semicolons."""
    codes = np.column_stack([index.why for index in indices.values()])
    words = [[f"{name}:{why.name.lower()}" if why else "" for why in Why] for name in indices]
    return _words(codes, words)


def _words(codes: np.ndarray, words: Sequence[Sequence[str]]) -> np.ndarray:
    """Turn a row of codes into text; rows that are alike are worded once."""
    base = np.array([len(options) for options in words], dtype=np.int64)
    weights = np.concatenate([[1], np.cumprod(base[:-1])])
    _, first, place = np.unique(codes @ weights, return_index=True, return_inverse=True)
    texts = [
        ";".join(filter(None, (options[code] for options, code in zip(words, row, strict=True))))
        for row in codes[first]
    ]
    return np.array(texts, dtype=object)[place]
