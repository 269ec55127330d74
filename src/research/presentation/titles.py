"""Titles of charts: the finding in at most twelve words; it turns when the sign turns."""

from collections.abc import Mapping

import pandas as pd

from research.presentation.numbers import is_number
from research.presentation.sentences import tested
from research.presentation.tables import points
from research.presentation.texts import Reader, capitalised

MOST_WORDS = 12


def short_enough(title: str, instead: str) -> str:
    """The title, or the other one where long names make it longer than twelve words."""
    return title if len(title.split()) <= MOST_WORDS else instead


def clusters_title(gaps: pd.DataFrame, reader: Reader) -> str:
    """On how many clusters which role is clearly higher; with one role what the chart shows."""
    if gaps.empty:
        return reader.text("gap.clusters.title.one")
    clear = gaps[gaps["verdict"] == "relevant"]
    higher, lower = int((clear["estimate"] > 0).sum()), int((clear["estimate"] < 0).sum())
    total = tested(gaps)
    if total == 0:
        return reader.text("gap.clusters.title.withheld")
    if higher and lower:
        return reader.text("gap.clusters.title.both", higher=higher, lower=lower, total=total)
    if higher or lower:
        key = "higher" if higher else "lower"
        return reader.text(f"gap.clusters.title.{key}", count=higher or lower, total=total)
    return reader.text("gap.clusters.title.none", total=total)


def largest_title(gaps: pd.DataFrame, reader: Reader) -> str:
    """Where the difference is largest, how large, and which role is higher there."""
    shown = gaps[gaps["ci_low"].notna()]
    if shown.empty:
        return reader.text("gap.largest.title.withheld")
    row = shown.loc[shown["estimate"].abs().idxmax()]
    size = points(row, reader)(abs(row["estimate"]))
    plain = reader.text("gap.largest.title.plain", size=size)
    return _directed(row, reader, "gap.largest.title", plain)


def power_title(row: pd.Series, reader: Reader) -> str:
    """Which role rates the power cluster higher beyond the other clusters, and by how much."""
    instead = reader.text("power.title.plain", label=reader.quoted(row["cluster_id"]))
    if not is_number(row["ci_low"]):
        return instead
    return _directed(row, reader, "power.title", instead)


def _directed(row: pd.Series, reader: Reader, key: str, instead: str) -> str:
    size = points(row, reader)(abs(row["estimate"]))
    direction = "none"
    if any(digit in "123456789" for digit in size):
        direction = "higher" if row["estimate"] > 0 else "lower"
    label = reader.quoted(row["activity_id"] or row["cluster_id"])
    return short_enough(reader.text(f"{key}.{direction}", label=label, size=size), instead)


def value_title(tests: pd.DataFrame, reader: Reader, *, role: str) -> str:
    """How many activities a role demonstrably rates above the midpoint."""
    words = {"plural": reader.plural(role), "A_plural": capitalised(reader.plural(role))}
    told = tests["p_value"].dropna()
    if told.empty:
        return reader.text("value.title.withheld", **words)
    alpha = 1 - reader.confidence_level
    return reader.text("value.title", count=int((told <= alpha).sum()), total=len(tests), **words)


def answers_title(shares: Mapping[tuple[str, str], float], reader: Reader, *, role: str) -> str:
    """On which cluster a role's answers are highest and on which lowest.

    ``shares`` is the share of answers above the midpoint by role and cluster.
    """
    words = {"plural": reader.plural(role), "A_plural": capitalised(reader.plural(role))}
    plain = reader.text("answers.title.plain", **words)
    if len(shares) < 2 or len(set(shares.values())) < 2:
        return plain
    (_, high), (_, low) = max(shares, key=shares.get), min(shares, key=shares.get)
    title = reader.text("answers.title", high=reader.quoted(high), low=reader.quoted(low), **words)
    return short_enough(title, plain)


def reliability_title(rows: pd.DataFrame, reader: Reader) -> str:
    """Where reliability is lowest, and how low."""
    shown = rows[rows["estimate"].notna()]
    if shown.empty:
        return reader.text("measures.title.withheld")
    row = shown.loc[shown["estimate"].idxmin()]
    value = reader.proportion(row["estimate"])
    title = reader.text(
        "measures.title",
        label=reader.quoted(row["cluster_id"]),
        plural=reader.plural(row["role"]),
        value=value,
    )
    return short_enough(title, reader.text("measures.title.plain", value=value))


def spread_title(spread: pd.DataFrame, reader: Reader, *, level: str) -> str:
    """On how many clusters or activities organisations demonstrably differ in the difference."""
    told = spread["p_value"].dropna()
    if told.empty:
        return reader.text(f"organisations.title.{level}.withheld")
    count = int((told <= 1 - reader.confidence_level).sum())
    return reader.text(f"organisations.title.{level}", count=count, total=len(told))


def figure_title(rows: pd.DataFrame, reader: Reader, *, what: str, kind: str = "score") -> str:
    """For which entry the figure shows the highest number: the title of a drawn figure.

    ``kind`` is score, share, proportion or ratio; "" where nothing may be shown.
    """
    there = rows[rows["estimate"].notna()].reset_index(drop=True)
    if there.empty:
        return ""
    row = there.loc[there["estimate"].idxmax()]
    others = {"share": reader.share, "proportion": reader.proportion, "ratio": reader.ratio}
    words = {
        "what": reader.text(what),
        "label": reader.quoted(row["activity_id"] or row["cluster_id"]),
        "value": (others.get(kind) or points(row, reader))(row["estimate"]),
    }
    plain = reader.text("figure.title.highest", **words)
    if not row["role"]:
        return plain
    longer = reader.text("figure.title.highest.role", plural=reader.plural(row["role"]), **words)
    return short_enough(longer, plain)
