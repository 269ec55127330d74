"""Figures for exploring, by seaborn and matplotlib: the caller owns the page.

Every ``draw_`` takes results and an ``ax`` and computes nothing. ``figure_html`` turns a finished
figure into a piece of page with its text alternative.
"""

import base64
import io
import textwrap

import matplotlib as mpl
import pandas as pd
import seaborn as sns
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from research.presentation.display import refuse_respondents, results_csv
from research.presentation.figure_words import FigureWords
from research.presentation.marks import FIRST_COLOUR, SECOND_COLOUR
from research.presentation.tables import pick
from research.presentation.texts import Reader

STYLE = {
    "font.family": "sans-serif",
    "font.size": 12,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",  # text stays text: sharp, searchable, small
    "svg.hashsalt": "research",  # equal figures, equal bytes
    "text.parse_math": False,  # a dollar sign in a label is a dollar sign
}
WIDTH = 4.9
MOST_ALTERNATIVE = 400  # characters; a longer text belongs under the figure
ROLE_LOOK = ((FIRST_COLOUR, "o"), (SECOND_COLOUR, "s"))


def new_figure(*, height: float) -> tuple[Figure, Axes]:
    """Figure of our style with one set of axes; not registered anywhere, so nothing to close.

    Five inches wide: on a phone of 360 pixels its text is still 11 pixels high.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        return figure, figure.subplots()


def draw_profile(results: pd.DataFrame, reader: Reader, *, ax: Axes) -> Axes:
    """Mean and 95 % interval per cluster, one colour and shape a role, on the whole scale."""
    clusters = reader.instrument.cluster_ids
    scale = reader.instrument.scale
    for place, role in enumerate(dict.fromkeys(pick(results, "mean")["role"])):
        means = pick(results, "mean", level="clusters", role=role).loc[clusters]
        rows = [number + (place - 0.5) * 0.24 for number in range(len(clusters))]
        colour, marker = ROLE_LOOK[place]
        errors = [means["estimate"] - means["ci_low"], means["ci_high"] - means["estimate"]]
        n = means["n_a"].max()
        label = f"{reader.plural(role)} (n = {reader.count(n)})" if n == n else reader.plural(role)
        ax.errorbar(
            means["estimate"], rows, xerr=errors, fmt=marker, color=colour, label=label, capsize=3
        )
    ax.set(
        xlim=(scale.low, scale.high),
        xticks=list(scale.points),
        yticks=range(len(clusters)),
        yticklabels=[reader.label(cluster) for cluster in clusters],
    )
    ax.axvline(scale.midpoint, color="#8a8f98", linestyle=":", linewidth=1)
    ax.invert_yaxis()
    ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1))
    return ax


def draw_shares(results: pd.DataFrame, reader: Reader, *, ax: Axes) -> Axes:
    """Share above the midpoint per activity and role, as a heat map with the percentages in it."""
    shares = pick(results, "share_above_midpoint").reset_index(drop=True)
    table = shares.pivot_table(
        index="activity_id", columns="role", values="estimate", dropna=False, sort=False
    )
    roles = [role for role in reader.study.role_ids if role in table.columns]
    table = table.loc[reader.instrument.activity_ids, roles] * 100
    sns.heatmap(
        table,
        ax=ax,
        annot=True,
        fmt=".0f",
        vmin=0,
        vmax=100,
        cmap="crest",
        linewidths=0.5,
        cbar=False,  # every cell holds its number
    )
    ax.set(
        xlabel="",
        ylabel="",
        xticklabels=[reader.plural(role) for role in roles],
        yticklabels=[reader.label(activity) for activity in table.index],
    )
    ax.tick_params(axis="y", rotation=0)
    return ax


def draw_missing(results: pd.DataFrame, reader: Reader, *, ax: Axes) -> Axes:
    """Share of missing answers per activity, bars side by side per role, from zero."""
    missing = pick(results, "share_missing").reset_index(drop=True)
    missing["percentage"] = missing["estimate"] * 100
    missing["label"] = [reader.label(activity) for activity in missing["activity_id"]]
    roles = list(dict.fromkeys(missing["role"]))
    colours = {role: ROLE_LOOK[place][0] for place, role in enumerate(roles)}
    sns.barplot(
        missing,
        y="label",
        x="percentage",
        hue="role",
        hue_order=roles,
        palette=colours,
        saturation=1,  # seaborn would grey the role's colour
        ax=ax,
    )
    ax.set(
        xlabel=reader.text("figure.missing.axis"),
        ylabel="",
        xlim=(0, max(5, missing["percentage"].max() * 1.1)),
    )
    handles, _ = ax.get_legend_handles_labels()
    ax.legend(handles, [reader.plural(role) for role in roles], frameon=False, title="")
    return ax


def draw_gaps(gaps: pd.DataFrame, reader: Reader, *, ax: Axes) -> Axes:
    """Difference and 95 % interval per row, around a drawn zero; the band is the margin."""
    rows = range(len(gaps))
    errors = [gaps["estimate"] - gaps["ci_low"], gaps["ci_high"] - gaps["estimate"]]
    margin = reader.study.margin
    ax.axvspan(-margin, margin, color="#e6e9ee", zorder=0)
    ax.axvline(0, color="#1d2430", linewidth=1)
    ax.errorbar(gaps["estimate"], rows, xerr=errors, fmt="o", color=FIRST_COLOUR, capsize=3)
    reach = gaps[["ci_low", "ci_high"]].abs().max().max()
    limit = max(1.0, reach * 1.1) if reach == reach else 1.0
    ax.set(
        xlim=(-limit, limit),
        yticks=rows,
        yticklabels=[reader.label(entry) for entry in gaps.index],
        xlabel=reader.text("gap.difference"),
    )
    ax.invert_yaxis()
    return ax


def draw_order(results: pd.DataFrame, reader: Reader, *, ax: Axes) -> Axes:
    """Mean of the second role against the first, a dot an activity, coloured by cluster."""
    instrument = reader.instrument
    found = results[results["analysis"] == "gap"]
    means = [
        pick(found, "mean", level="activities", role=role).reindex(instrument.activity_ids)
        for role in reader.study.role_ids
    ]
    clusters = [reader.label(instrument.cluster_of(entry)) for entry in instrument.activity_ids]
    table = pd.DataFrame(
        {"first": means[0]["estimate"], "second": means[1]["estimate"], "cluster": clusters}
    )
    ends = pd.concat([table["first"], table["second"]])
    low, high = (ends.min() - 0.1, ends.max() + 0.1) if ends.notna().any() else (0.0, 1.0)
    ax.axline((low, low), (high, high), color="#8a8f98", linewidth=1)
    for line, column in ((ax.axhline, "first"), (ax.axvline, "second")):
        line(table[column].mean(), color="#8a8f98", linestyle=":", linewidth=1)
    sns.scatterplot(
        table,
        x="second",
        y="first",
        hue="cluster",
        style="cluster",
        palette="colorblind",
        s=60,
        ax=ax,
    )
    first, second = (reader.plural(role) for role in reader.study.role_ids)
    ax.set(xlim=(low, high), ylim=(low, high), xlabel=second, ylabel=first, aspect="equal")
    if ax.get_legend() is not None:  # none when every rating is withheld
        ax.legend(frameon=False, title="", loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    return ax


def draw_spread(spread: pd.DataFrame, reader: Reader, *, ax: Axes) -> Axes:
    """Standard deviation between organisations and its interval per row, from zero."""
    rows = range(len(spread))
    errors = [spread["estimate"] - spread["ci_low"], spread["ci_high"] - spread["estimate"]]
    ax.errorbar(spread["estimate"], rows, xerr=errors, fmt="o", color=FIRST_COLOUR, capsize=3)
    reach = spread["ci_high"].max()
    ax.set(
        xlim=(0, max(0.5, reach * 1.1) if reach == reach else 1.0),
        yticks=rows,
        yticklabels=[reader.label(entry) for entry in spread.index],
        xlabel=reader.text("figure.spread.axis"),
    )
    ax.invert_yaxis()
    return ax


def draw_planned(designs: pd.DataFrame, reader: Reader, *, asked: float, ax: Axes) -> Axes:
    """Detectable difference against the number of organisations, a line a size; dashed: asked.

    ``designs`` has the columns organisations, detectable and size (in words).
    """
    looks = zip(("#8a8f98", *(colour for colour, _ in ROLE_LOOK)), "^os", strict=True)
    sizes = designs.groupby("size", sort=False)
    for (size, line), (colour, marker) in zip(sizes, looks, strict=False):
        ax.plot(line["organisations"], line["detectable"], marker=marker, color=colour, label=size)
    ax.axhline(asked, color="#1d2430", linestyle="--", linewidth=1)
    ax.set(
        xlabel=reader.text("planning.figure.axis.organisations"),
        ylabel=reader.text("gap.difference"),
        xlim=(0, designs["organisations"].max() * 1.03),
        ylim=(0, designs["detectable"].max() * 1.05),
    )
    ax.legend(frameon=False, loc="upper right")
    return ax


def figure_html(figure: Figure, words: FigureWords, reader: Reader, *, figure_id: str) -> Markup:
    """Figure as a self-contained piece of page, with its words and its numbers for download.

    The bytes depend on these only: no date, fixed ids.
    """
    buffer = io.BytesIO()
    with mpl.rc_context(STYLE):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    image = base64.b64encode(buffer.getvalue()).decode("ascii")
    finding = Markup("<b>{}.</b> ").format(words.title) if words.title else ""
    return Markup(
        '<figure id="{}"><img src="data:image/svg+xml;base64,{}" alt="{}">'
        "<figcaption>{}{}</figcaption>{}</figure>"
    ).format(
        figure_id,
        image,
        alternative(words.alt),
        finding,
        words.caption,
        _download(words.data, reader, figure_id),
    )


def alternative(words: str) -> str:
    """Text alternative of at most 400 characters: long names are cut off at a word."""
    return textwrap.shorten(words, width=MOST_ALTERNATIVE, placeholder=" …")


def _download(data: pd.DataFrame, reader: Reader, figure_id: str) -> Markup:
    """Return a link that holds the numbers drawn as CSV; columns without any are left out."""
    refuse_respondents(data)
    filled = [name for name in data if (data[name].notna() & (data[name] != "")).any()]
    text = results_csv(data[filled])
    return Markup(
        '<p class="download"><a download="{}.csv" href="data:text/csv;charset=utf-8;base64,{}">'
        "{}</a></p>"
    ).format(
        figure_id,
        base64.b64encode(text.encode("utf-8")).decode("ascii"),
        reader.text("figure.download"),
    )
