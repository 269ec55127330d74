"""The verdict on comparing the roles as it stands beside differences: badge, sentence, clusters."""

from collections.abc import Sequence

import pandas as pd
from markupsafe import Markup

from research.presentation.measurement_cells import rows_by
from research.presentation.numbers import is_number
from research.presentation.sentences import withheld_words
from research.presentation.tables import bullets, paragraph, points
from research.presentation.texts import Reader

COMPARABLE, WITH_CARE, NOT_COMPARABLE = "comparable", "with_care", "not_comparable"
# As in stats.factors.comparability.INSIDE; a test compares the two.
FEWEST = 150
# Shapes that the style sheet has already: an equals sign, a dotted ring, a filled diamond.
SHAPES = {COMPARABLE: "equivalent", WITH_CARE: "inconclusive", NOT_COMPARABLE: "relevant"}


def comparability_badge(verdict: str, reader: Reader) -> Markup:
    """Verdict on comparing the roles as words with a shape of their own."""
    words = reader.text(f"comparability.verdict.{verdict or 'none'}")
    shape = SHAPES.get(verdict, "none")
    return Markup('<span class="verdict {} badge"><strong>{}</strong></span>').format(shape, words)


def comparability_note(results: pd.DataFrame, reader: Reader, *, closing: str) -> Markup:
    """Verdict, what it means for the differences, a line per cluster not alike, ``closing``.

    Stands at the head of the differences; "" where the comparison was not judged.
    """
    _, clusters = verdicts(results)
    return verdict_note(
        results, reader, closing=closing, lines=cluster_lines(results, clusters, reader)
    )


def verdict_note(
    results: pd.DataFrame, reader: Reader, *, closing: str, lines: Sequence[str] = ()
) -> Markup:
    """Badge, what it means for the differences, further lines and ``closing``, in a box."""
    overall, _ = verdicts(results)
    if overall is None:
        return Markup("")
    return Markup('<div class="note"><p>{}</p>{}{}{}</div>').format(
        comparability_badge(overall["verdict"], reader),
        paragraph(comparability_sentence(results, reader)),
        bullets(lines) if lines else "",
        paragraph(closing),
    )


def comparability_sentence(results: pd.DataFrame, reader: Reader) -> str:
    """What the verdict means for the differences, in one sentence; "" where there is none."""
    overall, clusters = verdicts(results)
    if overall is None:
        return ""
    verdict = overall["verdict"]
    if not verdict:
        return reader.text("comparability.lead.none", reason=why_not(overall, reader))
    if verdict == NOT_COMPARABLE:
        chosen = clusters[clusters["verdict"] == NOT_COMPARABLE]
        return reader.text("comparability.lead.not_comparable", labels=_labels(chosen, reader))
    if verdict == WITH_CARE and not (clusters["estimate"] > 0).any():
        return reader.text("comparability.lead.untested")
    return reader.text(f"comparability.lead.{verdict}")


def comparability_finding(results: pd.DataFrame, reader: Reader) -> str:
    """The sentence for a summary: only where the verdict changes how differences are read."""
    overall, _ = verdicts(results)
    if overall is None or overall["verdict"] not in (WITH_CARE, NOT_COMPARABLE):
        return ""
    return comparability_sentence(results, reader)


def comparability_rule(results: pd.DataFrame, reader: Reader) -> list[str]:
    """How the verdict is reached, as lines of a method; [] where none was."""
    overall, _ = verdicts(results)
    return [] if overall is None else [reader.text("comparability.rule")]


def cluster_lines(results: pd.DataFrame, clusters: pd.DataFrame, reader: Reader) -> list[str]:
    """What is not alike on which cluster, and which clusters were not tested in full."""
    lines = []
    for _, row in clusters.iterrows():
        if row["verdict"] == NOT_COMPARABLE and row["test"]:
            label = reader.quoted(row["cluster_id"])
            lines.append(reader.text(f"comparability.stop.{row['test']}", label=label))
        elif row["verdict"] == WITH_CARE and row["estimate"] > 0:
            lines.append(_released_sentence(results, row, reader))
    reasons = clusters[(clusters["verdict"] != "") & (clusters["note"] != "")]
    for _, rows in reasons.groupby("note", sort=False):
        smallest = rows.iloc[0].copy()
        smallest[["n_a", "n_b"]] = rows[["n_a", "n_b"]].min()
        why = why_not(smallest, reader)
        labels = _labels(rows, reader)
        lines.append(reader.text("comparability.untested", labels=labels, reason=why))
    return lines


def between_roles(results: pd.DataFrame) -> pd.DataFrame:
    """What was found on comparing the roles; the same is asked of waves elsewhere."""
    return results[results["analysis"] == "comparability"]


def released_of(results: pd.DataFrame, cluster_id: str) -> pd.DataFrame:
    """The activities of a cluster that were released."""
    released = results[results["estimate_type"] == "released"]
    return released[released["cluster_id"] == cluster_id]


def verdicts(results: pd.DataFrame) -> tuple[pd.Series | None, pd.DataFrame]:
    """The row of the whole study, None without one, and those of the clusters."""
    found = between_roles(results)
    rows = found[found["estimate_type"] == "comparability"]
    whole = rows[rows["cluster_id"] == ""]
    return (whole.iloc[0] if len(whole) else None), rows[rows["cluster_id"] != ""]


def _labels(rows: pd.DataFrame, reader: Reader) -> str:
    return ", ".join(reader.quoted(entry) for entry in rows["cluster_id"])


def why_not(row: pd.Series, reader: Reader) -> str:
    """Why the roles were not tested in full; too few people with their numbers."""
    counted = is_number(row["n_a"]) and is_number(row["n_b"])
    if row["note"] == "too_few_answers" and counted and min(row["n_a"], row["n_b"]) < FEWEST:
        n_a, n_b = (reader.count(row[column]) for column in ("n_a", "n_b"))
        return reader.text("comparability.too_few", n_a=n_a, n_b=n_b)
    return withheld_words(row, reader)


def _released_sentence(results: pd.DataFrame, row: pd.Series, reader: Reader) -> str:
    """Which activities are answered differently, and how far the difference moves for it."""
    cluster_id = row["cluster_id"]
    released = released_of(between_roles(results), cluster_id)
    words = {"label": reader.quoted(cluster_id)}
    if len(released):
        activities = ", ".join(reader.quoted(entry) for entry in released["activity_id"])
        first = reader.text("comparability.released", activities=activities, **words)
    else:
        count = reader.count(row["estimate"])
        first = reader.text("comparability.released.count", count=count, **words)
    return f"{first} {_moved_sentence(results, cluster_id, reader)}"


def _moved_sentence(results: pd.DataFrame, cluster_id: str, reader: Reader) -> str:
    shift, allowing = (
        rows_by(between_roles(results), name, "cluster_id").get((cluster_id,))
        for name in ("gap_shift", "gap_allowing")
    )
    if shift is None or allowing is None:
        return reader.text("comparability.not_moved")
    if not (is_number(shift["ci_low"]) and is_number(allowing["estimate"])):
        return reader.text("comparability.moved.none", reason=withheld_words(shift, reader))
    shown = points(shift, reader)
    # What comes from the scale is taken off, so the difference moves the other way.
    return reader.text(
        "comparability.moved",
        move=shown(-shift["estimate"], signed=True),
        low=shown(-shift["ci_high"], signed=True),
        high=shown(-shift["ci_low"], signed=True),
        allowing=shown(allowing["estimate"], signed=True),
    )
