"""The text of a first study file: what was found, and a comment wherever a person must look."""

from collections.abc import Sequence

from research.pipeline.study_words import (
    ROLES,
    add_answers,
    add_roles,
    add_waves,
    points_of,
    role_source,
)
from research.pipeline.yaml_draft import Draft, quoted
from research.responses.ingest.sketch.columns import FoundColumn, shortened
from research.responses.ingest.sketch.export import ExportSketch
from research.study.instrument import FILL_IN, Instrument

LONGEST_CODE = 30  # a longer header is a question
NO_ORGANISATION = "no column looks like it; without one everybody counts as of one organisation"
NO_IDS = "no column numbers the people"


def study_text(
    name: str,
    sketches: Sequence[ExportSketch],
    *,
    instrument: Instrument,
    instrument_name: str,
    alike: Sequence[str] = (),
) -> Draft:
    """Return the study file of exports that were looked at; without any it is a template.

    ``alike`` are sentences about organisation names that look like one.
    """
    draft = Draft()
    draft.remark(
        f"Study file of {name}, begun by `research new`. {FILL_IN} stands where only you "
        "know the word. A guess is called a guess: check it, for a wrong one gives wrong numbers."
    )
    draft.add(f"id: {name}")
    draft.add(
        f"title: {{nl: {FILL_IN}, en: {FILL_IN}}}",
        "what stands above every page, in Dutch and in English",
        fill="the title of the study, in Dutch (nl) and in English (en)",
    )
    draft.add(
        f"instrument: {quoted(instrument_name)}",
        f"{len(instrument.activities)} activities, answers {points_of(instrument)}",
    )
    draft.add("synthetic: false", "answers of people")
    draft.remark("population: {nl: wie gevraagd zijn, en: who was asked}")
    draft.remark("period: {nl: voorjaar 2026, en: spring 2026}")
    draft.add("")
    draft.add("exports:")
    for sketch in sketches:
        _export(draft, sketch, instrument, sketches)
    if not sketches:
        _template_export(draft)
    add_roles(draft, sketches)
    add_waves(draft, sketches)
    add_answers(draft, sketches, instrument)
    for sentence in alike:
        draft.remark(f"Warning: {sentence}")
    _decisions(draft, instrument)
    return draft


def _template_export(draft: Draft) -> None:
    draft.add(
        f"  - path: {FILL_IN}",
        "the export as the survey tool wrote it, beside this file",
        fill="the file name of an export (repeat the block for each)",
    )
    draft.add(
        f"    role: {FILL_IN}",
        "customer or manager; with both in one file, name the column below instead",
        fill="whose answers the file holds: customer or manager",
    )
    draft.add("    columns:")
    draft.add(
        f"      organisation: {FILL_IN}",
        "header of the column with the organisation",
        fill="the header of the column with the organisation",
    )
    draft.remark(
        "respondent: the column with a number for each person; made up where there is none", 6
    )
    draft.remark("role: the column that says who is customer and who is manager", 6)
    draft.remark("wave: the column with the moment of measuring", 6)
    draft.remark("duration: the column with the seconds taken", 6)
    draft.remark("activities: Q2_{number}, where the columns are not called by id or wording", 6)


def _export(
    draft: Draft, sketch: ExportSketch, instrument: Instrument, all_sketches: Sequence[ExportSketch]
) -> None:
    table = sketch.table
    draft.add(f"  - path: {quoted(table.file)}")
    draft.add(f"    layout: {table.layout}", table.why)
    if table.sheet:
        others = ", ".join(f"'{sheet}'" for sheet in sketch.other_sheets)
        draft.add(
            f"    sheet: {quoted(table.sheet)}",
            f"a guess; the other sheets are {others}" if others else "",
            check=f"the sheet of {table.file} is '{table.sheet}', not {others}" if others else "",
        )
    _role_of_export(draft, sketch)
    elsewhere = any("organisation" in one.uses for one in all_sketches)
    if "organisation" not in sketch.uses and elsewhere:
        draft.add(
            f"    organisation: {FILL_IN}",
            "no column looks like it: the one organisation these people are of. Or take this line "
            f"out and name the column under `columns`.{_candidates(sketch)}",
            fill=f"the organisation of the people in {table.file}, or the column that holds it",
        )
    _columns(draft, sketch, instrument)
    if "organisation" not in sketch.uses and not elsewhere:
        draft.remark(f"organisation: {NO_ORGANISATION}.{_candidates(sketch)}", 6)
        draft.to_check.append(
            (len(draft.lines), f"organisation in {table.file}: {NO_ORGANISATION}")
        )


def _columns(draft: Draft, sketch: ExportSketch, instrument: Instrument) -> None:
    draft.add("    columns:")
    start = len(draft.lines)
    for use, found in _ordered(sketch):
        _use(draft, sketch, use, found)
    if "respondent" not in sketch.uses:
        why = sketch.no_ids or NO_IDS
        draft.remark(f"respondent: {why}. Ids are made of the file's name and the row.", 6)
        if sketch.no_ids:
            draft.to_check.append((len(draft.lines), f"respondent in {sketch.file}: {why}"))
    _activities(draft, sketch, instrument)
    if all(line.lstrip().startswith("#") for line in draft.lines[start:]):
        draft.lines[start - 1] = "    columns: {}"


def _candidates(sketch: ExportSketch) -> str:
    return f" It could be: {', '.join(sketch.groups)}." if sketch.groups else ""


def _role_of_export(draft: Draft, sketch: ExportSketch) -> None:
    source, file = role_source(sketch), sketch.file
    other = next((role.id for role in ROLES if role.id != sketch.role), "")
    if source == "file":
        draft.add(
            f"    role: {sketch.role}",
            f"a guess by the name; otherwise {other}",
            check=f"role {sketch.role} for all of {file}, by its name",
        )
    elif source == "unknown":
        column = sketch.uses.get("role")
        words = f" The column '{column.header}' does not tell." if column else ""
        draft.add(
            f"    role: {FILL_IN}",
            f"customer or manager: whose answers are these?{words} With both in one file, take "
            "this line out and name the column with the role under `columns`, `role:`."
            + _candidates(sketch),
            fill=f"whose answers {file} holds: customer or manager",
        )


def _ordered(sketch: ExportSketch) -> list[tuple[str, FoundColumn]]:
    """Columns to name, in a fixed order; started and finished only where no duration is found."""
    wanted = ["respondent", "organisation", "wave"]
    if role_source(sketch) == "column":
        wanted.insert(2, "role")
    if "duration" in sketch.uses:
        wanted.append("duration")
    elif {"started", "finished"} <= set(sketch.uses):
        wanted += ["started", "finished"]
    return [(use, sketch.uses[use]) for use in wanted if use in sketch.uses]


def _use(draft: Draft, sketch: ExportSketch, use: str, found: FoundColumn) -> None:
    line = f"      {use}: {quoted(found.header)}"
    if found.certain:
        draft.add(line, found.why)
        return
    number = f"{found.n_values} different values" if found.n_values > 1 else "one value"
    if use == "respondent":
        number = "every value differs"
    if use in ("started", "finished", "duration"):
        number = "in seconds" if use == "duration" else ""
    empty = f", empty in {found.n_empty} rows" if found.n_empty else ""
    others = f"; it could also be {', '.join(found.others)}" if found.others else ""
    draft.add(
        line,
        f"a guess {found.why}" + (f"; {number}" if number else "") + empty + others,
        check=f"{use} is '{shortened(found.header)}' in {sketch.file}{others}"
        if use in ("organisation", "role", "wave")
        else "",
    )


def _activities(draft: Draft, sketch: ExportSketch, instrument: Instrument) -> None:
    found, n = sketch.activities, len(instrument.activities)
    if found is None:
        draft.add(
            f"      activities: {FILL_IN}",
            "no column was recognised as an activity: a pattern such as Q5_{number}, or below "
            "this key a line for each activity, `a01: header of its column`",
            fill=f"the columns of the activities in {sketch.file}",
        )
        return
    headers = list(found.headers.values())
    alone = all(sketch.table.headers.count(header) == 1 for header in headers)
    codes = alone and max(map(len, headers)) <= LONGEST_CODE
    whole = not found.missing and found.how in ("id", "name", "question")
    plain = found.how == "id" or not (alone and found.pattern)
    if whole and plain and not (codes and found.how == "question"):
        kind = {"id": "by their ids", "name": "by their wording"}.get(found.how, "by the questions")
        draft.remark(f"activities: all {n} are recognised {kind}, so nothing is needed here", 6)
        return
    how = "recognised by their questions"
    check = ""
    if found.how == "order":
        how = f"a guess by their order only: {n} columns with answers on the scale"
        check = _order_to_check(sketch, instrument)
    if found.pattern:
        draft.add(f"      activities: {quoted(found.pattern)}", f"all {n}, {how}", check=check)
        return
    draft.add("      activities:", f"{len(found.headers)} of {n}, {how}", check=check)
    for activity in instrument.activities:
        if activity.id in found.headers:
            draft.add(f"        {activity.id}: {quoted(found.headers[activity.id])}")
            continue
        near = ", ".join(f"'{shortened(header)}'" for header in found.missing[activity.id])
        draft.add(
            f"        {activity.id}: {FILL_IN}",
            f"{activity.wording.nl} {'Nearest: ' + near if near else ''}",
            fill=f"the column of {activity.id} ('{activity.label.en}') in {sketch.file}",
        )


def _order_to_check(sketch: ExportSketch, instrument: Instrument) -> str:
    """What must hold when columns are taken for the activities by their order."""
    headers = sketch.activities.headers if sketch.activities else {}
    ends = [
        f"'{headers[one.id]}' must be {one.id} ({one.label.en})"
        for one in (instrument.activities[0], instrument.activities[-1])
    ]
    return f"the order of the activities in {sketch.file}: {', '.join(ends)}"


def _decisions(draft: Draft, instrument: Instrument) -> None:
    draft.add("")
    if "power" in instrument.cluster_ids:
        draft.add("power_cluster: power")
    draft.add(
        "margin: 0.3",
        "scale points; a smaller difference does not matter in practice. Decide it beforehand",
        check="the margin below which a difference does not matter to you",
    )
    draft.remark("invited: {manager: 330, customer: 1400} for the response rate, if you know it")
    draft.remark("languages: [nl] for pages in one language only")
    draft.remark(
        "conduct: how people were asked (recruitment, consent, ethics ...), which the report shows "
        "and no data can tell; data/raw/example/study.yaml has every subject"
    )
