"""What it means, for supervisors and for managers apart; every sentence follows from a rule."""

from collections.abc import Iterator

import pandas as pd
from markupsafe import Markup

from research.presentation.comparability_note import NOT_COMPARABLE, WITH_CARE, verdicts
from research.presentation.question_section import headline_gap
from research.presentation.sentences import power_note, tested
from research.presentation.tables import bullets, paragraph, pick, section, subheading
from research.presentation.texts import Reader

NAMED = 3


def meaning_section(results: pd.DataFrame, reader: Reader) -> Markup:
    """What supervisors may conclude, and what managers may talk about; "" without differences."""
    gap = results[results["analysis"] == "gap"]
    gaps = pick(gap, "mean_difference", level="activities")
    if not tested(gaps):
        return Markup("")
    return section(
        "meaning",
        reader.text("meaning.h"),
        paragraph(reader.text("meaning.lead")),
        subheading("meaning-supervisors", reader.text("meaning.supervisors.h")),
        bullets(filter(None, _for_supervisors(results, gaps, reader))),
        subheading("meaning-managers", reader.text("meaning.managers.h")),
        bullets(_for_managers(results, gaps, reader)),
    )


def _for_supervisors(results: pd.DataFrame, gaps: pd.DataFrame, reader: Reader) -> Iterator[str]:
    row = headline_gap(results, reader)
    if row is not None and row["verdict"]:
        label = reader.quoted(row["cluster_id"])
        key = row["verdict"]
        if key == "relevant":
            key = "higher" if row["estimate"] > 0 else "lower"
        yield reader.text(
            f"meaning.headline.{key}", label=label, margin=reader.short(reader.study.margin)
        )
    overall, _ = verdicts(results)
    if overall is not None and overall["verdict"] in (WITH_CARE, NOT_COMPARABLE):
        yield reader.text(f"meaning.{overall['verdict']}")
    if reader.study.preregistration is None:
        yield reader.text("meaning.plan.none")
    yield from _further_organisations(results, reader)
    undecided = int((gaps["verdict"] == "inconclusive").sum())
    if undecided:
        yield reader.text("meaning.undecided", count=undecided, total=tested(gaps))
        yield power_note(results[results["analysis"] == "gap"], reader)


def _further_organisations(results: pd.DataFrame, reader: Reader) -> Iterator[str]:
    """On how many clusters another organisation may show the opposite of the average."""
    found = results[results["analysis"] == "organisations"]
    ranges = pick(found, "predicted_gap", level="clusters")
    told = ranges[ranges["ci_low"].notna() & ranges["ci_high"].notna()]
    if len(told):
        both = int(((told["ci_low"] < 0) & (told["ci_high"] > 0)).sum())
        key = "meaning.further" if both else "meaning.further.none"
        yield reader.text(key, both=both, total=len(told))


def _for_managers(results: pd.DataFrame, gaps: pd.DataFrame, reader: Reader) -> Iterator[str]:
    clear = gaps[gaps["verdict"] == "relevant"]
    order = clear["estimate"].abs().sort_values(ascending=False, kind="stable").index
    for direction, sign in (("higher", 1), ("lower", -1)):
        chosen = clear.loc[order]
        chosen = chosen[chosen["estimate"] * sign > 0]
        if len(chosen):
            named = ", ".join(reader.quoted(entry) for entry in chosen.index[:NAMED])
            key = f"meaning.talk.{direction}" + ("" if len(chosen) > NAMED else ".all")
            yield reader.text(key, count=len(chosen), named=named)
    alike = gaps[gaps["verdict"].isin(("equivalent", "trivial"))]
    if len(alike):
        nearest = alike["estimate"].abs().sort_values(kind="stable").index[:NAMED]
        labels = ", ".join(reader.quoted(entry) for entry in nearest)
        yield reader.text("meaning.alike", count=len(alike), labels=labels)
    yield reader.text("meaning.who")
    if pick(results, "respondents")["n_clusters"].max() > 1:
        yield reader.text("meaning.own")
