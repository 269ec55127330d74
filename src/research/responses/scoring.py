"""From answers to cluster scores, with the rule, the n and the person's standard error."""

import numpy as np
import pandas as pd

from research.study.instrument import Instrument


def keyed_answers(responses: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Answers with reversed activities turned, in scale points; one row a respondent.

    A reversed activity becomes low + high - answer. Missing answers stay missing. Columns are
    the activity ids in the order of the instrument.
    """
    answers = responses[instrument.activity_ids].astype(float)
    turned = instrument.reverse_keyed_ids
    answers[turned] = instrument.scale.low + instrument.scale.high - answers[turned]
    return answers


def score_clusters(responses: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Mean keyed answer per respondent and cluster, in scale points.

    One row a respondent (and wave) and cluster. A respondent who answered less than the
    cluster's ``min_answered`` share of activities gets NaN with the note ``too_few_answers``;
    who answered some but not all gets the mean of those (person mean), ``prorated`` true.
    ``standard_error`` is that of the person's own mean over activities.
    """
    answers = keyed_answers(responses, instrument)
    tables = []
    for cluster in instrument.clusters:
        columns = instrument.activities_of(cluster.id)
        part = answers[columns].to_numpy()
        n_answered = (~np.isnan(part)).sum(axis=1)
        # 1e-9: a share such as 0.6 of 5 activities must ask for 3, not for 4.
        enough = (n_answered >= cluster.min_answered * len(columns) - 1e-9) & (n_answered > 0)
        filled = np.where(np.isnan(part), 0.0, part)
        divisor = np.maximum(n_answered, 1)
        mean = filled.sum(axis=1) / divisor
        spread = np.where(np.isnan(part), 0.0, part - mean[:, None])
        variance = (spread**2).sum(axis=1) / np.where(n_answered > 1, n_answered - 1, np.nan)
        tables.append(
            pd.DataFrame(
                {
                    "respondent_id": responses["respondent_id"],
                    "wave": responses["wave"],
                    "cluster_id": cluster.id,
                    "score": np.where(enough, mean, np.nan),
                    "n_answered": n_answered,
                    "n_items": len(columns),
                    "prorated": enough & (n_answered < len(columns)),
                    "standard_error": np.where(enough, np.sqrt(variance / divisor), np.nan),
                    "note": np.where(enough, "", "too_few_answers"),
                }
            )
        )
    return pd.concat(tables, ignore_index=True)
