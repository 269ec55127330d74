"""Figures about measurement: dimensions, loadings, thresholds, information; with their words.

As in ``figures``: every ``draw_`` takes results and an ``ax`` and computes nothing.
"""

from dataclasses import replace

import pandas as pd

from research.presentation.figure_words import FigureWords, words_of_extremes
from research.presentation.figures import ROLE_LOOK, Axes
from research.presentation.marks import FIRST_COLOUR, GUIDE, INK
from research.presentation.measurement_cells import rows_by
from research.presentation.numbers import is_number
from research.presentation.sentences import extremes_sentence
from research.presentation.texts import Reader, capitalised
from research.presentation.titles import figure_title, short_enough

BESIDE = 0.18  # how far the two roles of a row stand from its middle
# Told apart in print and by every eye: a line style and a colour each.
LINES = ("-", "--", "-.", ":")
COLOURS = (FIRST_COLOUR, "#801650", "#28A197", "#A285D1")


def scree_of(results: pd.DataFrame, *, role: str, matrix: str) -> pd.DataFrame:
    """Eigenvalues of one role and matrix in order, with the line of parallel analysis."""
    rows = results[results["estimate_type"] == "eigenvalue"]
    return rows[(rows["role"] == role) & (rows["test"] == matrix)].sort_values("statistic")


def draw_scree(results: pd.DataFrame, reader: Reader, *, role: str, matrix: str, ax: Axes) -> Axes:
    """Eigenvalues with dots, what chance gives dashed; ``matrix`` is pearson or polychoric."""
    rows = scree_of(results, role=role, matrix=matrix)
    number, observed = rows["statistic"], reader.text("figure.scree.observed")
    ax.plot(number, rows["estimate"], marker="o", color=FIRST_COLOUR, label=observed)
    ax.plot(number, rows["ci_high"], "--", color=INK, label=reader.text("figure.scree.chance"))
    ax.axhline(0, color=GUIDE, linewidth=0.8)
    _localise(ax, reader, "xy")
    ax.set(
        xlabel=reader.text("figure.scree.axis"),
        ylabel=reader.text("figure.scree.axis.value"),
    )
    ax.legend(frameon=False)
    return ax


def scree_words(results: pd.DataFrame, reader: Reader, *, role: str, matrix: str) -> FigureWords:
    """Words of a scree figure: how many dimensions lie above what chance gives."""
    plural = reader.plural(role)
    words = {
        "plural": plural,
        "A_plural": capitalised(plural),
        "matrix": reader.text(f"figure.scree.{matrix}"),
    }
    rows = scree_of(results, role=role, matrix=matrix)
    told = _withheld(rows, reader, reader.text("figure.scree", **words))
    values = rows["estimate"].dropna()
    counts = rows_by(results, "n_factors", "role", "test")
    found = counts.get((role, f"parallel_{matrix}"))
    if len(values) < 2 or found is None or not is_number(found["estimate"]):
        return told
    first, second, last = (reader.number(values.iloc[place]) for place in (0, 1, -1))
    words["count"] = reader.count(found["estimate"])
    title = reader.text("figure.scree.title", **words)
    alt = reader.text("figure.scree.alt", first=first, second=second, last=last, **words)
    return replace(told, title=title, alt=alt)


def _withheld(rows: pd.DataFrame, reader: Reader, caption: str) -> FigureWords:
    """Return the words of a figure that may show nothing."""
    alt = reader.text("figure.withheld")
    return FigureWords(title="", caption=caption, alt=alt, data=rows)


def draw_loadings(results: pd.DataFrame, reader: Reader, *, ax: Axes) -> Axes:
    """Loading and interval of every activity, a colour and shape a role, from zero to one."""
    rows = results[results["estimate_type"] == "loading"]
    activities = reader.instrument.activity_ids
    _by_role(rows, activities, reader, ax=ax)
    low = rows["ci_low"].min()
    ax.set(
        xlim=(min(0.0, low - 0.05) if is_number(low) else 0.0, 1.0),
        xlabel=reader.text("figure.loadings.axis"),
    )
    return ax


def loadings_words(results: pd.DataFrame, reader: Reader) -> FigureWords:
    """Words of the figure of loadings."""
    rows = results[results["estimate_type"] == "loading"]
    return words_of_extremes(rows, reader, name="loadings", kind="proportion")


def draw_thresholds(results: pd.DataFrame, reader: Reader, *, cluster_id: str, ax: Axes) -> Axes:
    """Thresholds of the activities of a cluster, the two roles above one another."""
    rows = thresholds_of(results, cluster_id)
    activities = reader.instrument.activities_of(cluster_id)
    _by_role(rows, activities, reader, ax=ax)
    ax.set(xlabel=reader.text("figure.thresholds.axis"))
    return ax


def thresholds_of(results: pd.DataFrame, cluster_id: str) -> pd.DataFrame:
    """Thresholds of the activities of one cluster."""
    rows = results[results["estimate_type"] == "threshold"]
    return rows[rows["cluster_id"] == cluster_id]


def thresholds_words(results: pd.DataFrame, reader: Reader, *, cluster_id: str) -> FigureWords:
    """Words of a figure of thresholds: the one on which the roles lie farthest apart."""
    label = reader.quoted(cluster_id)
    rows = thresholds_of(results, cluster_id).reset_index(drop=True)
    told = _withheld(rows, reader, reader.text("figure.thresholds", label=label))
    wide = rows.pivot_table(
        index=["activity_id", "statistic"], columns="role", values="estimate", sort=False
    ).reindex(columns=reader.study.role_ids)
    # An answer that a role never gave shifts the numbers of its thresholds: not the same ones.
    wide = wide[wide.notna().all(axis=1).groupby(level="activity_id").transform("all")]
    if wide.empty:
        return told
    first, second = (wide[role] for role in reader.study.role_ids)
    activity, number = place = (first - second).abs().idxmax()
    words = {"activity": reader.quoted(activity), "number": reader.short(number)}
    title = reader.text("figure.thresholds.title", **words)
    alt = reader.text(
        "figure.thresholds.alt",
        label=label,
        **words,
        first=reader.number(first[place]),
        second=reader.number(second[place]),
    )
    return replace(told, title=short_enough(title, ""), alt=alt)


def _by_role(rows: pd.DataFrame, activities: list[str], reader: Reader, *, ax: Axes) -> None:
    """Dots with intervals, a row an activity and within it a line a role; names at the left."""
    height = {activity: place for place, activity in enumerate(activities)}
    for place, role in enumerate(
        role for role in reader.study.role_ids if role in set(rows["role"])
    ):
        own = rows[rows["role"] == role]
        colour, marker = ROLE_LOOK[place]
        errors = [own["estimate"] - own["ci_low"], own["ci_high"] - own["estimate"]]
        ax.errorbar(
            own["estimate"],
            own["activity_id"].map(height) + (2 * place - 1) * BESIDE,
            xerr=[error.clip(lower=0) for error in errors],
            fmt=marker,
            color=colour,
            label=reader.plural(role),
            markersize=5,
        )
    for row in range(len(activities) - 1):
        ax.axhline(row + 0.5, color=GUIDE, linewidth=0.4)
    ax.set(
        yticks=range(len(activities)),
        yticklabels=[reader.label(activity) for activity in activities],
        ylim=(len(activities) - 0.5, -0.5),
    )
    _localise(ax, reader, "x")
    if len(rows):
        ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2)


def draw_information(results: pd.DataFrame, reader: Reader, *, cluster_id: str, ax: Axes) -> Axes:
    """Information of every activity of a cluster against the level, a line style each."""
    rows = results[results["estimate_type"] == "information"]
    for place, activity in enumerate(reader.instrument.activities_of(cluster_id)):
        own = rows[rows["activity_id"] == activity].sort_values("statistic")
        ax.plot(
            own["statistic"],
            own["estimate"],
            LINES[place % len(LINES)],
            color=COLOURS[(place // len(LINES) + place) % len(COLOURS)],
            label=reader.label(activity),
            linewidth=1.8,
        )
    ax.set(
        xlabel=reader.text("figure.information.axis"),
        ylabel=reader.text("figure.information.axis.value"),
    )
    ax.set_ylim(bottom=0)
    _localise(ax, reader, "xy")
    ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, handlelength=3)
    return ax


def information_words(results: pd.DataFrame, reader: Reader, *, cluster_id: str) -> FigureWords:
    """Words of the information curves: which activity tells people apart most sharply."""
    own = results[results["activity_id"].isin(reader.instrument.activities_of(cluster_id))]
    peaks = own[own["estimate_type"] == "information_peak"]
    return FigureWords(
        title=figure_title(peaks, reader, what="figure.information.short", kind="ratio"),
        caption=reader.text("figure.information", label=reader.quoted(cluster_id)),
        alt=extremes_sentence(peaks, reader, what="figure.information.alt", kind="ratio"),
        data=own[own["estimate_type"] == "information"],
    )


def _localise(ax: Axes, reader: Reader, names: str) -> None:
    """Write the numbers on the axes named as the reader's language does."""
    for name in names:
        axis = ax.xaxis if name == "x" else ax.yaxis
        axis.set_major_formatter(lambda value, _place: reader.short(value))
