"""What the study cannot say: each limit, which way it may push the answer, what was done."""

from collections.abc import Iterator

import pandas as pd
from markupsafe import Markup

from research.presentation.comparability_note import COMPARABLE, verdicts
from research.presentation.numbers import is_number
from research.presentation.sections import comparison_counts, expected_by_chance
from research.presentation.tables import Column, Group, html_table, paragraph, pick, section
from research.presentation.texts import Reader

FEW_ORGANISATIONS = 20
# One way of asking "and if it had been done otherwise?" per limit.
VARIANTS = {"careless": ("without_flagged", "with_flagged"), "missing": ("imputed",)}
SHIFTS = ("shift", "power_shift")


def limits_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """Table of the limits that apply to this study, the weightiest first."""
    headings = ("limit", "direction", "done")
    table = html_table(
        table_id="limits-table",
        caption=reader.text("limits.caption"),
        columns=[
            Column(heading=reader.text(f"limits.column.{name}"), kind="text") for name in headings
        ],
        groups=[Group(rows=list(_rows(results, reader)))],
    )
    return section("limits", reader.text("limits.h"), paragraph(reader.text("limits.lead")), table)


def _rows(results: pd.DataFrame, reader: Reader) -> Iterator[tuple[str, str, str]]:
    if reader.study.synthetic:
        yield _row("synthetic", reader)
    if reader.instrument.illustrative:
        yield _row("illustrative", reader)
    counted = "asked" if _share_known(results, reader) else "not_asked"
    yield _row("selection", reader, done=f"limits.selection.done.{counted}")
    yield _row("causality", reader)
    organisations = pick(results, "respondents")["n_clusters"].max()
    if 1 < organisations < FEW_ORGANISATIONS:
        yield _row("few_organisations", reader, organisations=reader.count(organisations))
    elif organisations == 1:
        yield _row("one_organisation", reader)
    if len(reader.study.roles) == 2:
        yield _scale_use(results, reader)
    yield _ordinal(results, reader)
    activities, clusters = comparison_counts(results)
    if activities + clusters > 1:
        expected = expected_by_chance(activities + clusters, reader)
        yield _row("many", reader, count=activities + clusters, expected=expected)
    yield from _open_verdicts(results, reader)
    for name, analyses in VARIANTS.items():
        yield from _otherwise(name, results[results["analysis"].isin(analyses)], reader)
    yield _row("single", reader)
    if not reader.study.waves:
        yield _row("moment", reader)
    if results["note"].str.startswith("suppressed").any():
        yield _row("withheld", reader, minimum=reader.study.privacy.shown_from)


def _row(name: str, reader: Reader, *, done: str = "", **values: object) -> tuple[str, str, str]:
    """Limit, likely direction and what was done; ``done`` names another text for the last."""
    keys = (f"limits.{name}", f"limits.{name}.direction", done or f"limits.{name}.done")
    limit, direction, remedy = (reader.text(key, **values) for key in keys)
    return limit, direction, remedy


def _share_known(results: pd.DataFrame, reader: Reader) -> bool:
    """Whether the page says what share of those asked is in the analysis."""
    return any(
        reader.study.invited.get(role) and is_number(row["estimate"])
        for role, row in pick(results, "respondents").iterrows()
    )


def _scale_use(results: pd.DataFrame, reader: Reader) -> tuple[str, str, str]:
    """Whether the roles use the response scale alike: tested or not, found or not."""
    overall, _ = verdicts(results)
    if overall is None or overall["verdict"] == "" or overall["note"] != "":
        return _row("invariance", reader)
    found = "alike" if overall["verdict"] == COMPARABLE else "unlike"
    verdict = reader.text(f"comparability.verdict.{overall['verdict']}")
    return _row("scale_use", reader, done=f"limits.scale_use.done.{found}", verdict=verdict)


def _ordinal(results: pd.DataFrame, reader: Reader) -> tuple[str, str, str]:
    """How often a model for ordered answers decides as the primary test does."""
    primary = pick(results[results["analysis"] == "gap"], "mean_difference", level="activities")
    odds = pick(results, "odds_ratio", level="activities")
    p_values = pd.DataFrame({"means": primary["p_adjusted"], "ordered": odds["p_adjusted"]})
    p_values = p_values.dropna()
    if p_values.empty:
        return _row("ordinal", reader)
    alpha = 1 - reader.confidence_level
    same = int(((p_values["means"] <= alpha) == (p_values["ordered"] <= alpha)).sum())
    done = "limits.ordinal.done.compared"
    return _row("ordinal", reader, done=done, same=same, total=len(p_values))


def _open_verdicts(results: pd.DataFrame, reader: Reader) -> Iterator[tuple[str, str, str]]:
    gaps = pick(results[results["analysis"] == "gap"], "mean_difference", level="activities")
    undecided = int((gaps["verdict"] == "inconclusive").sum())
    if undecided:
        yield _row("undecided", reader, count=undecided, total=len(gaps))


def _otherwise(name: str, found: pd.DataFrame, reader: Reader) -> Iterator[tuple[str, str, str]]:
    """What doing it otherwise moved at most; no row where that was not tried."""
    shifts = found[found["estimate_type"].isin(SHIFTS)]
    if shifts.empty:
        return
    told = shifts["estimate"].dropna()
    if told.empty:
        yield _row(name, reader, done=f"limits.{name}.done.untold")
        return
    changed = int((shifts["verdict"] == "changed").sum())
    yield _row(name, reader, bound=reader.number(told.max()), changed=changed, count=len(told))
