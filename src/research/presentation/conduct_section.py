"""How people were asked, what departed from the plan, and how to cite: from the study file."""

from markupsafe import Markup

from research.presentation.tables import Column, Group, html_table, paragraph, section, subheading
from research.presentation.texts import Reader
from research.study.conduct import Conduct, Statement

SUBJECTS: tuple[str, ...] = tuple(Conduct.model_fields)


def statement_of(subject: str, reader: Reader) -> Statement | None:
    """What the study file states on a subject; None where it is silent."""
    return getattr(reader.study.conduct, subject)


def statement_id(subject: str) -> str:
    """Id under which a subject stands on the page."""
    return f"conduct-{subject.replace('_', '-')}"


def conduct_part(reader: Reader) -> Markup:
    """How people were asked, a subject at a time, and which subjects do not apply and why."""
    entries, absent = [], {}
    for subject in SUBJECTS:
        stated = statement_of(subject, reader)
        name = reader.text(f"conduct.{subject}")
        if stated is None:
            continue
        words = stated.get(reader.language)
        if stated.applies:
            entry = Markup('<dt id="{}">{}</dt><dd>{}</dd>')
            entries.append(entry.format(statement_id(subject), name, words))
        else:
            absent.setdefault(words, []).append(name)
    lines = (
        paragraph(reader.text("conduct.absent", subjects="; ".join(names), reason=reason))
        for reason, names in absent.items()
    )
    shown = Markup("<dl>{}</dl>").format(Markup("").join(entries)) if entries else Markup("")
    if not entries and not absent:
        shown = paragraph(reader.text("conduct.none"))
    return subheading("conduct", reader.text("conduct.h")) + shown + Markup("").join(lines)


def deviations_section(reader: Reader) -> Markup:
    """Every departure from the plan: what, why, when, with what effect; or that there is none."""
    study = reader.study
    heading = reader.text("deviations.h")
    if not study.deviations:
        key = "deviations.none" if study.preregistration else "deviations.no_plan"
        return section("deviations", heading, paragraph(reader.text(key)))
    rows = [
        (
            deviation.what.get(reader.language),
            deviation.why.get(reader.language),
            reader.text(f"deviations.when.{deviation.when}"),
            deviation.effect.get(reader.language),
        )
        for deviation in study.deviations
    ]
    table = html_table(
        table_id="deviations-table",
        caption=reader.text("deviations.caption", count=len(rows)),
        columns=[
            Column(heading=reader.text(f"deviations.column.{name}"), kind="text")
            for name in ("what", "why", "when", "effect")
        ],
        groups=[Group(rows=rows)],
    )
    return section("deviations", heading, table)


def cite_section(reader: Reader) -> Markup:
    """How to cite the report, whom to ask, and what others may do with it."""
    study, publication = reader.study, reader.study.publication
    key = "cite.source.thesis" if "Jansen" in reader.instrument.source else "cite.source"
    lines = [
        reader.text(
            "cite.text",
            authors="; ".join(publication.authors) or reader.text("cite.no_authors"),
            year=publication.year or reader.text("cite.no_year"),
            title=study.title.get(reader.language),
        ),
        reader.text("cite.made"),
        reader.text(key, source=reader.instrument.source),
    ]
    for name in ("contact", "licence"):
        stated = getattr(publication, name)
        if stated is not None:
            lines.append(reader.text(f"cite.{name}", stated=stated.get(reader.language)))
    return section("cite", reader.text("cite.h"), *map(paragraph, lines))
