"""One result, one whole sentence, in the reader's language: number, range and n together."""

import pandas as pd

from research.errors import require_choice
from research.presentation.numbers import is_number
from research.presentation.tables import pick, points, reason
from research.presentation.texts import Reader, capitalised
from research.presentation.trace import TracedSentence


def gap_sentence(row: pd.Series, reader: Reader) -> str:
    """Difference between the roles on one cluster or activity, with interval, n and verdict.

    A second sentence says so where the interval was coarsened for privacy: it may then hold zero
    though the difference is clear.
    """
    label = reader.quoted(row["activity_id"] or row["cluster_id"])
    if not is_number(row["ci_low"]):
        why = withheld_words(row, reader)
        return reader.text("summary.gap.untested", label=label, reason=why)
    sentence = _difference_sentence(row, reader, "summary.gap", label)
    if row["note"] == "suppressed_spread":
        sentence = f"{sentence} {reader.text('gap.coarse.short')}"
    return traced(sentence, row, reader)


def traced(sentence: str, row: pd.Series, reader: Reader) -> TracedSentence:
    """A sentence followed, on a page, by a link to the result it was made from."""
    return TracedSentence(sentence, row, reader.text("trace.source"))


def _difference_sentence(row: pd.Series, reader: Reader, key: str, label: str) -> str:
    """Return the text ``<key>.higher``, ``.lower`` or ``.none`` filled in.

    A lower value is told by its size, so its interval is turned along with it.
    """
    shown = points(row, reader)
    size = shown(abs(row["estimate"]))
    low, high = row["ci_low"], row["ci_high"]
    direction = "none"
    if any(digit in "123456789" for digit in size):
        direction = "higher" if row["estimate"] > 0 else "lower"
    if direction == "lower":
        low, high = -high, -low
    return reader.text(
        f"{key}.{direction}",
        label=label,
        size=size,
        low=shown(low),
        high=shown(high),
        n_a=reader.count(row["n_a"]),
        n_b=reader.count(row["n_b"]),
        verdict=reader.text(f"verdict.{row['verdict'] or 'none'}"),
    )


def withheld_words(row: pd.Series, reader: Reader) -> str:
    """Why a number is missing, in words that fit inside a sentence."""
    if row["note"] in ("suppressed_few_organisations", "suppressed_few_to_compare"):
        return reader.text("reason.few_organisations")
    mark = reason(row, reader)
    return f"{mark} {reader.text('reason.too_few_answers')}" if mark == "[c]" else mark


def valued_sentence(results: pd.DataFrame, reader: Reader, *, role: str, alpha: float) -> str:
    """Whether every activity is valued by a role: the intersection-union claim."""
    claim = pick(results, "all_valued", role=role).iloc[0]
    tests = pick(results, "mean_above_midpoint", level="activities", role=role)
    words = {
        "A_plural": capitalised(reader.plural(role)),
        "a_plural": reader.plural(role),
        "count": len(tests),
        "midpoint": reader.short(reader.instrument.scale.midpoint),
    }
    if not is_number(claim["p_value"]):
        why = withheld_words(claim, reader)
        return reader.text("summary.valued.untested", reason=why, **words)
    words["n_a"] = reader.count(claim["n_a"])
    left = int((tests["p_value"] > alpha).sum())
    if left:
        return reader.text("summary.valued.no", left=left, **words)
    lowest = tests.loc[tests["estimate"].idxmin()]
    sentence = reader.text(
        "summary.valued.yes",
        label=reader.quoted(lowest["activity_id"]),
        size=points(lowest, reader)(lowest["estimate"]),
        p=reader.p_equation(claim["p_value"]),
        **words,
    )
    return traced(sentence, claim, reader)


def power_sentence(results: pd.DataFrame, reader: Reader) -> str:
    """Whether the power cluster stands out beyond answering everything higher; "" if not asked."""
    rows = results[
        (results["analysis"] == "power_use") & (results["estimate_type"] == "mean_difference")
    ]
    if rows.empty or not is_number(rows.iloc[0]["ci_low"]):
        return ""
    row = rows.iloc[0]
    label = reader.quoted(row["cluster_id"])
    return traced(_difference_sentence(row, reader, "summary.power", label), row, reader)


def tested(gaps: pd.DataFrame) -> int:
    """Return how many differences were tested: those with a verdict, shown p or not."""
    return int(gaps["verdict"].ne("").sum())


def verdict_counts_sentence(gaps: pd.DataFrame, reader: Reader) -> str:
    """How many activities got which verdict; "" when nothing was tested."""
    counts = gaps["verdict"].value_counts()
    if not tested(gaps):
        return ""
    names = ("relevant", "equivalent", "trivial", "inconclusive")
    return reader.text(
        "summary.verdicts",
        count=tested(gaps),
        **{name: int(counts.get(name, 0)) for name in names},
    )


def gap_title(gaps: pd.DataFrame, reader: Reader) -> str:
    """Title of the gap chart: the finding, which turns when the sign turns."""
    clear = gaps[gaps["verdict"] == "relevant"]
    higher, lower = int((clear["estimate"] > 0).sum()), int((clear["estimate"] < 0).sum())
    total = tested(gaps)
    if total == 0:
        return reader.text("gap.activities.title.withheld", total=len(gaps))
    if higher and lower:
        return reader.text("gap.activities.title.both", higher=higher, lower=lower, total=total)
    if higher or lower:
        key = "higher" if higher else "lower"
        return reader.text(f"gap.activities.title.{key}", count=higher or lower, total=total)
    return reader.text("gap.activities.title.none", total=total)


def power_note(results: pd.DataFrame, reader: Reader) -> str:
    """What differences the study could have found; "" when nothing was tested."""
    rows = pick(results, "detectable_difference", level="activities")
    found = rows["estimate"].dropna()
    if found.empty:
        return ""
    shown = points(rows.loc[found.index[0]], reader)
    margin = reader.study.margin
    key = "gap.power_note.enough" if found.max() <= margin else "gap.power_note"
    return reader.text(
        key,
        low=shown(found.min()),
        high=shown(found.max()),
        margin=reader.short(margin),
        verdict=reader.text("verdict.inconclusive"),
    )


def extremes_sentence(rows: pd.DataFrame, reader: Reader, *, what: str, kind: str = "score") -> str:
    """Text alternative of a figure: lowest and highest entry with their numbers.

    ``kind`` is score (scale points), share (a percentage), proportion or ratio.
    """
    others = {"share": reader.share, "proportion": reader.proportion, "ratio": reader.ratio}
    require_choice("kind", kind, ("score", *others))
    there = rows[rows["estimate"].notna()].reset_index(drop=True)
    if there.empty:
        return reader.text("figure.withheld")
    shown = others.get(kind) or points(there.iloc[0], reader)
    low, high = there.loc[there["estimate"].idxmin()], there.loc[there["estimate"].idxmax()]
    words = {}
    for name, row in (("low", low), ("high", high)):
        label = reader.quoted(row["activity_id"] or row["cluster_id"])
        words[f"{name}_label"] = f"{label} ({reader.plural(row['role'])})" if row["role"] else label
        words[name] = shown(row["estimate"])
    return reader.text("figure.extremes", what=reader.text(what), **words)
