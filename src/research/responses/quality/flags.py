"""The table of indices, limits and signs, one row a respondent: flags, never deletions."""

import numpy as np
import pandas as pd

from research.responses.quality import signs
from research.responses.quality.attention import attention_wrong
from research.responses.quality.compared import compare_people
from research.responses.quality.speed import seconds_per_activity
from research.responses.quality.spread import intra_individual_variability
from research.responses.quality.strings import average_string, longest_string
from research.responses.quality.styles import extreme_share, midpoint_share
from research.study.instrument import Instrument

FLAG_COLUMNS: tuple[str, ...] = (
    "respondent_id",
    "wave",
    "n_answered",
    "share_missing",
    "share_missing_limit",
    "longest_string",
    "longest_string_share",
    "longest_string_limit",
    "average_string",
    "intra_individual_variability",
    "variability_limit",
    "mahalanobis_squared",
    "mahalanobis_p",
    "mahalanobis_p_limit",
    "even_odd_inconsistency",
    "even_odd_correlation",
    "even_odd_correlation_limit",
    "synonym_correlation",
    "synonym_correlation_limit",
    "antonym_correlation",
    "antonym_correlation_limit",
    "person_total_correlation",
    "person_total_correlation_limit",
    "guttman_errors",
    "guttman_errors_limit",
    "extreme_share",
    "midpoint_share",
    "seconds_per_activity",
    "seconds_limit",
    "relative_speed",
    "relative_speed_limit",
    "attention_wrong",
    "attention_limit",
    "flagged",
    "reasons",
    "not_computed",
)


def flag_respondents(responses: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Quality indices per respondent with their limits, the signs seen, and who looks careless.

    One row a respondent (and wave), in the order of ``responses``; columns as ``FLAG_COLUMNS``.

    **Looks careless** (``flagged``, which pages count): one decisive sign, or
    signs of two different kinds. Decisive are the same answer everywhere (at least ten), under
    one second an activity, and half of the attention items wrong. The kinds are answering all
    alike, too fast, contradicting oneself, an unlikely combination of answers, answering against
    the others, and a wrong attention item; indices of one kind count once, for they are crossed
    together.
    Careless people differ in how they are careless, so no index finds them all, and each flags
    some who are not (Meade & Craig, 2012, Psychological Methods 17, 437-455; Curran, 2016,
    Journal of Experimental Social Psychology 66, 4-19). What the rule finds and misses in
    simulated studies: ``tests/simulations/careless.csv``.

    ``reasons`` holds every sign by its name in the study file, joined by semicolons. A study may
    leave people out by any of them (``exclude_flagged``); nobody is left out by default.
    ``not_computed`` says which index has no value, and why, as ``index:why``. ``attention_wrong``
    counts wrong answers to the attention items there is a column of; NaN where none was answered.

    Longest and average string, variability, distance, synonyms, antonyms, ends and middle are of
    the answers **as given**: reversed activities are not turned first. Somebody who ticks one
    column answers reversed activities as the others and so contradicts himself; turning them
    would break the run that shows it. In that sense the longest string is aware of reversal.
    Even-odd consistency, person-total correlation and Guttman errors are of the turned answers.
    The average string, the ends and the middle have no limit: none is published, and how people
    use a scale is a style. ``longest_string_share`` is of all activities of the instrument.
    """
    answers = responses[instrument.activity_ids].to_numpy(dtype=float, na_value=np.nan)
    n_answered = (~np.isnan(answers)).sum(axis=1)
    duration = responses["duration_seconds"].to_numpy(dtype=float, na_value=np.nan)
    seconds = seconds_per_activity(duration, n_answered)
    others = compare_people(responses, instrument, seconds.values)
    indices = {
        "extreme_share": extreme_share(answers, instrument.scale),
        "midpoint_share": midpoint_share(answers, instrument.scale),
        "seconds_per_activity": seconds,
        **{name: found.index for name, found in others.items()},
    }
    wrong, share_wrong = attention_wrong(responses, instrument.attention_items)
    table = pd.DataFrame(
        {
            **_whole_rows(answers, n_answered),
            **{name: index.values for name, index in indices.items()},
            **{f"{name}_limit": found.limit for name, found in others.items()},
            "seconds_limit": signs.SECONDS_LIMIT,
            "attention_wrong": wrong,
            "attention_limit": signs.ATTENTION_LIMIT,
        }
    )
    seen = signs.signs_of(table)
    careless = signs.looks_careless(seen, seconds=seconds.values, share_attention_wrong=share_wrong)
    table = table.assign(
        respondent_id=responses["respondent_id"].to_numpy(),
        wave=responses["wave"].to_numpy(),
        flagged=careless,
        reasons=signs.joined_reasons(seen),
        not_computed=signs.not_computed(indices),
    )
    return table[list(FLAG_COLUMNS)].set_index(responses.index)


def _whole_rows(answers: np.ndarray, n_answered: np.ndarray) -> dict[str, np.ndarray | float]:
    """Indices of the answers as given that need neither the others nor the meaning of a scale."""
    n_activities = answers.shape[1]
    run = longest_string(answers)
    return {
        "n_answered": n_answered,
        "share_missing": 1 - n_answered / n_activities,
        "share_missing_limit": signs.SHARE_MISSING_LIMIT,
        "longest_string": run,
        "longest_string_share": run / n_activities,
        "longest_string_limit": signs.string_limit(n_activities),
        "average_string": average_string(answers),
        "intra_individual_variability": intra_individual_variability(answers),
        "variability_limit": signs.VARIABILITY_LIMIT,
    }
