"""Where a printed number may come from: a result, a count of results, or an earlier decision."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources

import numpy as np
import pandas as pd

from research.presentation.texts import catalogue
from research.reporting.checking.printed import SLACK, Printed, PrintedInterval
from research.stats.estimates import KEY_COLUMNS, RESULT_COLUMNS, TEXT_COLUMNS
from research.study.answers import SampleFlow
from research.study.instrument import Activity, Cluster, Instrument
from research.study.study_file import Study

NUMBER_COLUMNS = [column for column in RESULT_COLUMNS if column not in TEXT_COLUMNS]
INTERVAL = ("estimate", "ci_low", "ci_high")
DIGIT = re.compile(r"\d")
# A fragment of fixed text shorter than this is no evidence that the text wrote the number.
SHORTEST_WORD, SHORTEST_FRAGMENT = 4, 8


@dataclass(frozen=True, kw_only=True)
class Known:
    """What a page may say that stands in no result.

    ``labels`` are activities and clusters by the words that name them, ``words`` texts with
    digits in them (wordings, names), ``numbers`` what the study file, the instrument and the flow
    of the sample hold. ``margin`` is the smallest difference that matters, ``midpoint`` the
    middle of the response scale, ``invited`` the numbers of people who were asked.
    """

    labels: Mapping[str, str] = field(default_factory=dict)
    words: Sequence[str] = ()
    numbers: Sequence[float] = ()
    margin: float | None = None
    midpoint: float | None = None
    invited: Sequence[float] = ()


def known_of(
    study: Study, instrument: Instrument, *, language: str, flow: SampleFlow | None = None
) -> Known:
    """Everything a study decides, asks or counts beside its results, for one language."""
    entries = [*instrument.activities, *instrument.clusters]
    agreement = (
        resources.files("research.presentation").joinpath("agreement.json").read_text("utf-8")
    )
    held = (study.model_dump(), instrument.model_dump(), json.loads(agreement))
    leaves = [leaf for part in held for leaf in _leaves(part)]
    texts = [leaf for leaf in leaves if isinstance(leaf, str)]
    words = {t for t in texts if DIGIT.search(t) and len(t) >= SHORTEST_WORD}
    numbers = [float(leaf) for leaf in leaves if not isinstance(leaf, str)]
    per_cluster = [len(instrument.activities_of(cluster.id)) for cluster in instrument.clusters]
    numbers += [len(instrument.activities), len(instrument.clusters), *per_cluster]
    numbers += [1 - study.confidence_level, instrument.scale.midpoint, len(study.roles)]
    if flow is not None:
        numbers += [flow.rows_in, flow.rows_out, flow.n_failures, flow.n_flagged]
        numbers += [flow.n_compared, flow.largest_difference, flow.rows_in - flow.rows_out]
        lost = np.array([0, *flow.left_out.values()])
        numbers += [*lost, *(flow.rows_in - np.cumsum(lost))]
    return Known(
        labels=_telling_labels(entries, language),
        words=tuple(sorted(words, key=len, reverse=True)),
        numbers=tuple(map(float, numbers)),
        margin=study.margin,
        midpoint=float(instrument.scale.midpoint),
        invited=tuple(map(float, study.invited.values())),
    )


def _telling_labels(entries: Sequence[Activity | Cluster], language: str) -> dict[str, str]:
    """The entry each label names; a label that two of them bear tells of neither."""
    labels = [entry.label.get(language) for entry in entries]
    return {
        label: entry.id
        for label, entry in zip(labels, entries, strict=True)
        if labels.count(label) == 1
    }


def _leaves(tree: object) -> Iterator[str | float]:
    """Texts and numbers of a nested structure."""
    if isinstance(tree, Mapping):
        for value in tree.values():
            yield from _leaves(value)
    elif isinstance(tree, (list, tuple, set, frozenset)):
        for value in tree:
            yield from _leaves(value)
    elif isinstance(tree, (str, int, float)) and not isinstance(tree, bool):
        yield tree


@cache
def fixed_fragments(language: str) -> tuple[str, ...]:
    """Pieces of the catalogue that hold a digit and no placeholder, longest first."""
    pieces = set()
    for entry in catalogue().values():
        for piece in re.split(r"\{[^{}]*\}", entry[language]):
            if DIGIT.search(piece) and len(piece.strip()) >= SHORTEST_FRAGMENT:
                pieces.add(" ".join(piece.split()))
    return tuple(sorted(pieces, key=len, reverse=True))


class Sources:
    """The results behind a page, searchable by a printed number."""

    def __init__(self, results: pd.DataFrame, known: Known) -> None:
        self.known = known
        self.results = results.reset_index(drop=True)
        self.values = self._with_scale_points(self.results[NUMBER_COLUMNS].to_numpy(dtype=float))
        finite = np.abs(self.values[np.isfinite(self.values)])
        beside = np.abs(np.array([*known.numbers, *self._counted()], dtype=float))
        self.every = np.unique(np.concatenate([finite, beside]))
        self.beside = np.unique(beside)

    def _with_scale_points(self, values: np.ndarray) -> np.ndarray:
        """Values with, for a mean told above the midpoint, the mean itself beside it."""
        above = (self.results["estimate_type"] == "mean_above_midpoint").to_numpy()[:, None]
        shift = np.nan if self.known.midpoint is None else self.known.midpoint
        places = [NUMBER_COLUMNS.index(name) for name in INTERVAL]
        return np.hstack([values, np.where(above, values[:, places] + shift, np.nan)])

    @cached_property
    def _entries(self) -> np.ndarray:
        activity = self.results["activity_id"].to_numpy(dtype=object)
        return np.where(activity != "", activity, self.results["cluster_id"].to_numpy(dtype=object))

    def rows_of(self, ids: Sequence[str]) -> np.ndarray:
        """Places of the rows about one of these activities or clusters; all rows without any."""
        if not ids:
            return np.arange(len(self.results))
        return np.flatnonzero(np.isin(self._entries, list(ids)))

    @cached_property
    def places(self) -> dict[str, int]:
        """Place of every result by its id."""
        ids = self.results["row_id"] if "row_id" in self.results else ()
        return {row_id: place for place, row_id in enumerate(ids)}

    def entry_of(self, place: int) -> str:
        """Activity or cluster a result is about, "" for neither."""
        return str(self._entries[place])

    def notes_of(self, entry: str) -> set[str]:
        """Reason codes of the rows about an activity or cluster."""
        return set(self.results.loc[self.rows_of([entry]), "note"])

    def holds(self, number: Printed, rows: np.ndarray, *, only: bool = False) -> bool:
        """Whether a result of these rows is written like this, or a count or decision.

        ``only`` leaves out the counts and decisions.
        """
        if not only and _within(self.beside, number):
            return True
        if len(rows) == len(self.results):
            return _within(self.every, number)
        part = np.abs(self.values[rows])
        return _within(np.unique(part[np.isfinite(part)]), number)

    def holds_together(self, interval: PrintedInterval, rows: np.ndarray) -> bool:
        """Whether one of these rows has these limits, this estimate and these numbers of people."""
        values = self.values[rows]
        own = values[:, [NUMBER_COLUMNS.index(name) for name in INTERVAL]]
        fits = np.zeros(len(rows), dtype=bool)
        for estimate, low, high in (own.T, values[:, len(NUMBER_COLUMNS) :].T):
            for sign in (1, -1):  # a lower value is told by its size, with its limits turned
                ends = (low, high) if sign == 1 else (-high, -low)
                told = fitting(ends[0], interval.low) & fitting(ends[1], interval.high)
                if interval.estimate:
                    told &= fitting(sign * estimate, interval.estimate)
                fits |= told
        for number in interval.people:
            counts = (values[:, NUMBER_COLUMNS.index(name)] for name in ("n_a", "n_b"))
            fits &= np.logical_or.reduce([fitting(count, number) for count in counts])
        return bool(fits.any())

    @cached_property
    def by_entry(self) -> tuple[dict[str, int], np.ndarray]:
        """Every number by what it is, a column per activity and cluster, whose place is given.

        A row is one kind of number (analysis, estimate, test, role, ... and column of the
        results), so that the cells of a table's column come from one row here.
        """
        kinds = [c for c in KEY_COLUMNS if c not in ("cluster_id", "activity_id")]
        kinds += ["estimate_type", "test"]
        columns = [*NUMBER_COLUMNS, *(f"{name}_on_scale" for name in INTERVAL)]
        numbers = pd.DataFrame(self.values, columns=columns)
        keyed = pd.concat([self.results[kinds], numbers], axis=1).assign(entry=self._entries)
        keyed = keyed[keyed["entry"] != ""]
        keyed["copy"] = keyed.groupby([*kinds, "entry"]).cumcount()
        long = keyed.melt([*kinds, "entry", "copy"], var_name="column").dropna(subset="value")
        long = pd.concat([long, *self._beyond_margin(long)], ignore_index=True)
        wide = long.pivot_table("value", [*kinds, "copy", "column"], "entry", aggfunc="first")
        return {entry: place for place, entry in enumerate(wide.columns)}, wide.to_numpy()

    def _beyond_margin(self, long: pd.DataFrame) -> Iterator[pd.DataFrame]:
        """How many organisations lie below, within and above the margin, per entry."""
        gaps = long[(long["estimate_type"] == "organisation_gap") & (long["column"] == "estimate")]
        if self.known.margin is None or gaps.empty:
            return
        side = np.where(gaps["value"].abs() <= self.known.margin, 0, np.sign(gaps["value"]))
        entries = gaps.drop_duplicates("entry").assign(copy=0)
        for place in (-1, 0, 1):
            counts = (side == place).astype(float)
            count = pd.Series(counts, index=gaps["entry"]).groupby(level=0).sum()
            yield entries.assign(column=f"side_{place}", value=entries["entry"].map(count))

    def _counted(self) -> Iterator[float]:
        """Numbers of rows: tested, judged, significant, of one sign, withheld; tests by chance."""
        results = self.results.assign(
            level=np.where(self.results["activity_id"] != "", "activities", "clusters"),
            sign=np.sign(self.results["estimate"]),
            tested=self.results["verdict"] != "",
            significant=self.results["p_value"] <= 1 - self.results["confidence_level"],
        )
        keys = ["analysis", "estimate_type", "level"]
        for more in (
            [],
            ["role"],
            ["verdict"],
            ["verdict", "role"],
            ["verdict", "sign"],
            ["tested"],
            ["significant", "role"],
        ):
            yield from results.groupby([*keys, *more]).size()
        yield from results.groupby(keys)["cluster_id"].nunique()
        yield from (len(results), *results.groupby("analysis").size())
        if self.known.midpoint is not None:
            shares = results[results["estimate_type"] == "answer_share"]
            above = shares[shares["statistic"] > self.known.midpoint]
            yield from above.groupby(list(KEY_COLUMNS))["estimate"].sum()
        people = results.loc[results["estimate_type"] == "respondents", "estimate"].dropna()
        yield from (n / invited for n in people for invited in self.known.invited)
        yield float(results["note"].str.startswith("suppressed").sum())
        gaps = (results["estimate_type"] == "mean_difference") & (results["analysis"] == "gap")
        tests = int((gaps & results["tested"]).sum())
        yield from (tests, tests * (1 - float(results["confidence_level"].max())))
        named = results["test"].astype(object).str.extract(r"_(\d*\.\d+)$")[0]  # power_0.8
        yield from named.dropna().astype(float).unique()


def fitting(values: np.ndarray, number: Printed) -> np.ndarray:
    """Where a value, a share where a percentage is printed, is written like this number."""
    shown = values * 100 if number.percent else values
    return (shown >= number.low - SLACK) & (shown <= number.high + SLACK)


def _within(values: np.ndarray, number: Printed) -> bool:
    """Whether one of these sorted sizes is written like this."""
    scale = 100.0 if number.percent else 1.0
    size = sorted((abs(number.low), abs(number.high)))
    if number.low <= 0 <= number.high:
        size = [0.0, max(size)]
    low, high = (end / scale for end in size)
    place = int(np.searchsorted(values, low - 1e-9))
    return place < len(values) and bool(values[place] <= high + 1e-9)
