"""Numbers that may not stand in a finished file: from few people, or giving them back."""

import re
from collections.abc import Iterator, Mapping, Sequence

from research.disclosure.scanner.finished import Grid
from research.study.study_file import COARSE_BELOW, FULL_DETAIL_N, Privacy

Found = Iterator[tuple[str, str]]  # the rule, and where; never the number itself

# Rules by the name under which a finding is reported.
FEW = "a number from fewer people than allowed"
NO_COUNT = "a number that does not say from how many people it comes"
SPREAD = "a spread, or what gives it back, of fewer people than allowed"
EXTREME = "(nearly) nobody or (nearly) everybody of few people"
DECIMALS = "more decimals than the number of people allows"
DRAWN = "a drawn mark where every number is withheld"

SHOWN = ("estimate", "ci_low", "ci_high", "statistic", "p_value", "p_adjusted")
COUNTS = ("n_a", "n_b")
BAND_LIMITS = frozenset({10, 19, 20, 49, 50})
MEANS = frozenset({"mean", "mean_above_midpoint", "all_valued"})
SPREADS = frozenset({"standard_deviation", "answer_share", "standard_error_of_measurement"})
SHARES = frozenset({"share_above_midpoint", "answer_share", "share_missing", "answers_missing"})
SCORES = frozenset({"mean", "mean_above_midpoint", "mean_difference"})
END = 0.1
# A verdict of the whole study on an organisation's page, without its numbers; beside it,
# ``measured_...`` is of a simulation.
OF_NOBODY = frozenset({"comparability", "released", "gap_shift", "gap_allowing"})
# Differences once more with other people: beside the first their number would give a few away, so
# it is not told under fifty; how far they moved is told as a bound in steps.
OTHER_PEOPLE = frozenset({"without_flagged", "with_flagged", "imputed"})
SHIFTS = frozenset({"shift", "power_shift"})
SHIFT_STEP = 0.05

COUNT_HEADING = re.compile(
    r"^n\b|^(?:rows|rijen|people|persons|respondents|mensen|personen|respondenten)\b"
    r"|^number of (?:people|persons|respondents|rows)\b"
    r"|^aantal (?:mensen|personen|respondenten|rijen)\b",
    re.I,
)
SPREAD_HEADING = re.compile(
    r"\bSD\b|\bstandard deviation\b(?! between)|\bstandaarddeviatie\b(?! tussen)"
    r"|\bvariance\b(?! between)|\bvariantie\b(?! tussen)"
    r"|\bmedian\b|\bmediaan\b|\bquartile|\bkwartiel"
    r"|^(?:minimum|maximum|lowest answer|highest answer|laagste antwoord|hoogste antwoord)$"
)
DIFFERENCE = re.compile(r"\b(?:difference|verschil)", re.I)
OTHERS = re.compile(r"\b(?:other|others|elsewhere|andere|anderen|elders|study|onderzoek)\b", re.I)
PEOPLE = r"people|persons|respondents|mensen|personen|respondenten"
# Rows of the flow that no respondent stands behind: how many there were tells of nobody.
NOBODY_BEHIND = re.compile(r"\bpreview|\bblank rows|\bvoorbeeld|\blege rijen", re.I)
NUMBER = re.compile(r"\d")
ENDS = re.compile(r"^(?:0|100)(?:[.,]0+)?\s?%$")
# How many people of an organisation answered, between two limits: 20–49, 50 or more.
ONE_DECIMAL = re.compile(r"\d+[.,]\d(?!\d)")
BAND = re.compile(r"^\d+(?:–\d+| \D+)$")


def result_rules(grid: Grid, privacy: Privacy, scale: tuple[float, float] | None) -> Found:
    """What a results table shows against its own counts.

    Every row must say from how many people its numbers are, or be one of the few kinds that do
    so otherwise: a band, a cluster mean of five to nine, a figure over several organisations.
    """
    for number, cells in enumerate(grid.rows, start=2):
        row = dict(zip(grid.head, cells.cells, strict=False))
        where = f"line {number}, {row['estimate_type']}"
        for rule in _row_rules(row, privacy, scale):
            yield rule, where


def _row_rules(
    row: Mapping[str, str], privacy: Privacy, scale: tuple[float, float] | None
) -> Iterator[str]:
    shown = [name for name in SHOWN if row.get(name)]
    if not shown:
        return
    counts = [float(row[name]) for name in COUNTS if row[name]]
    kind, n = row["estimate_type"], min(counts, default=0.0)
    if not counts:
        if not _says_otherwise(row, shown, privacy):
            yield NO_COUNT
        return
    if n < max(privacy.minimum_n, FULL_DETAIL_N):
        yield FEW
    if n < privacy.minimum_n_distribution:
        if kind in SPREADS or (kind in MEANS and set(shown) - {"estimate"}):
            yield SPREAD
        elif row["activity_id"] and kind not in (*MEANS, "mean_difference"):
            yield SPREAD
    if n < privacy.minimum_n_extreme_share and row["estimate"]:
        yield from _extremes(kind, float(row["estimate"]), scale)
    told_as_band = n == max(BAND_LIMITS)  # "50 or more", and how many more nobody says
    if n < COARSE_BELOW and not told_as_band and kind in SCORES and _decimals(row["estimate"]) > 1:
        yield DECIMALS


def _says_otherwise(row: Mapping[str, str], shown: Sequence[str], privacy: Privacy) -> bool:
    kind = row["estimate_type"]
    if kind.startswith("measured_") or kind in OF_NOBODY:
        return True
    if kind in SHIFTS:
        return abs(float(row["estimate"]) / SHIFT_STEP % 1 - 0.5) > 0.499  # a whole step
    if row["analysis"] in OTHER_PEOPLE:
        return True
    if kind in ("respondents", "respondents_in_organisation"):
        limits = {float(row[name]) for name in shown}
        return "estimate" not in shown and limits <= BAND_LIMITS
    if row.get("n_clusters") and float(row["n_clusters"]) >= privacy.minimum_organisations:
        return True
    lenient = kind == "mean" and row["cluster_id"] and not row["activity_id"]
    few_allowed = privacy.minimum_n < FULL_DETAIL_N
    return bool(lenient and few_allowed and shown == ["estimate"]) and (
        _decimals(row["estimate"]) <= 1
    )


def _extremes(kind: str, value: float, scale: tuple[float, float] | None) -> Iterator[str]:
    if kind in SHARES and not END < value < 1 - END:
        yield EXTREME
    if scale is None or kind not in ("mean", "mean_above_midpoint"):
        return
    low, high = scale
    value += (low + high) / 2 if kind == "mean_above_midpoint" else 0.0
    if not low + END + 1e-9 < value < high - END - 1e-9:
        yield EXTREME


def _decimals(number: str) -> int:
    """Decimals as written; 3.4000000000000004 counts as one."""
    return len(f"{float(number):.9f}".rstrip("0").partition(".")[2]) if number else 0


def table_rules(
    grid: Grid,
    privacy: Privacy,
    *,
    largest_n: float | None,
    withheld: Sequence[Sequence[str]],
    means_only: Sequence[Sequence[str]] = (),
) -> Found:
    """What a table of a page shows: its own counts, and columns of a role that is withheld.

    ``largest_n`` is the largest number of people anything on the page is from; ``withheld``
    the words of each role of which nothing may be shown, ``means_only`` of those of which means
    with one decimal may be.
    """
    counting = [i for i, head in enumerate(grid.head) if COUNT_HEADING.search(head)]
    spread = [i for i, head in enumerate(grid.head) if SPREAD_HEADING.search(head)]
    empty = [i for i, head in enumerate(grid.head) if _is_of(head, withheld)]
    means = [i for i in empty if _names(grid.head[i], means_only)]
    for number, row in enumerate(grid.rows, start=1):
        if row.is_title:
            continue  # "2. Interaction"; its words are read as prose
        where = f"table '{grid.name}', row {number}"
        cells = dict(enumerate(row.cells))
        counts = [n for place in counting for n in _counts(cells.get(place, ""))]
        people = not NOBODY_BEHIND.search(cells.get(0, ""))
        if people and any(0 < n < privacy.minimum_n for n in counts):
            yield FEW, where
        n = min(counts) if counts else largest_n
        if n is not None and n < privacy.minimum_n_distribution:
            if any(NUMBER.search(cells.get(place, "")) for place in spread):
                yield SPREAD, where
        if n is not None and n < privacy.minimum_n_extreme_share:
            if any(ENDS.match(cell) for cell in row.cells[1:]):
                yield EXTREME, where
        for place in empty:
            cell = cells.get(place, "")
            if _tells(ONE_DECIMAL.sub("", cell) if place in means else cell, privacy):
                yield FEW, where
                break
        said = [cell for cell in row.cells[1:] if cell]
        if row.drawn and "[c]" in said and not any(map(NUMBER.search, said)):
            yield DRAWN, where


def _tells(cell: str, privacy: Privacy) -> bool:
    """Whether a cell under a withheld role holds a number; a wide band of people is none."""
    if BAND.match(cell):
        return any(0 < n < privacy.minimum_n for n in _counts(cell))
    return NUMBER.search(cell) is not None


def _is_of(heading: str, withheld: Sequence[Sequence[str]]) -> bool:
    """Whether a column is of a withheld role, or of a difference with it."""
    if not withheld or OTHERS.search(heading):
        return False
    return _names(heading, withheld) or bool(DIFFERENCE.search(heading))


def _names(heading: str, roles: Sequence[Sequence[str]]) -> bool:
    words = {word for role in roles for word in role}
    return any(re.search(rf"\b{re.escape(word)}\b", heading, re.I) for word in words)


def _counts(cell: str) -> list[int]:
    """Whole numbers in a cell of counts; after 'fewer than' and in '[c]' there is none."""
    found = re.findall(r"\d[\d.,\N{NO-BREAK SPACE}]*", cell)
    return [int(re.sub(r"\D", "", number)) for number in found]


def prose_rules(words: str, privacy: Privacy, roles: Sequence[Sequence[str]]) -> Found:
    """Counts of few people in the running text: '8 managers answered'."""
    named = "|".join(re.escape(word) for role in roles for word in role)
    said = re.compile(
        rf"(?<![\d.,–-])(\d{{1,3}})[ \N{{NO-BREAK SPACE}}](?:{named}|{PEOPLE})\b", re.I
    )
    for found in said.finditer(words):
        if 0 < int(found.group(1)) < privacy.minimum_n:
            yield FEW, "the text"
