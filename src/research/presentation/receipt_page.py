"""The receipt of an import as a page: what was read, how it was understood, what stayed out."""

from collections.abc import Iterable, Mapping

import pandas as pd
from markupsafe import Markup

from research.presentation.flow import STAGES
from research.presentation.tables import Column, Group, html_table, paragraph, section
from research.presentation.texts import Reader, catalogue

# Facts of a file, in the order in which they stand.
FACTS = ("layout", "why", "encoding", "delimiter", "sheet", "header_row", "respondent_ids")
REASON_KEYS = {reason: key for reasons in STAGES.values() for reason, key in reasons.items()}


def receipt_sections(receipt: Mapping, failures: pd.DataFrame, reader: Reader) -> list[Markup]:
    """Every section of the page: the whole import, then each file.

    For the researcher who has the exports: counts are exact, also small ones. It holds no answer
    of a person, no id and no free text.
    """
    return [
        _whole(receipt, failures, reader),
        *(_file(file, number, reader) for number, file in enumerate(receipt["files"], start=1)),
    ]


def _whole(receipt: Mapping, failures: pd.DataFrame, reader: Reader) -> Markup:
    roles = ", ".join(
        f"{reader.count(count)} {reader.plural(role)}"
        for role, count in receipt["respondents_by_role"].items()
    )
    return section(
        "receipt",
        reader.text("receipt.h"),
        paragraph(reader.text("receipt.private"), "note"),
        paragraph(
            reader.text(
                "receipt.counts",
                files=reader.count(len(receipt["files"])),
                rows_in=reader.count(receipt["rows_in"]),
                rows_out=reader.count(receipt["rows_out"]),
                roles=roles,
                organisations=reader.count(receipt["n_organisations"]),
            )
        ),
        _left_out(receipt, "receipt-flow", reader),
        _warnings(failures, reader),
        _list_table(
            "receipt-made-with",
            reader.text("receipt.made_with"),
            (reader.text("receipt.what"), reader.text("receipt.version")),
            [
                (reader.text("receipt.instrument"), _instrument(receipt["instrument"])),
                (reader.text("receipt.study_file"), _code(receipt["study_sha256"])),
                *receipt["made_with"].items(),
            ],
        ),
    )


def _instrument(instrument: Mapping) -> Markup:
    return Markup("{} {} ").format(instrument["id"], instrument["version"]) + _code(
        instrument["sha256"]
    )


def _code(text: str) -> Markup:
    return Markup("<code>{}</code>").format(text)


def _english(text: str, reader: Reader) -> Markup | str:
    """Return words of the receipt as it stands; they are English, and a Dutch page says so."""
    if reader.language == "en" or not text:
        return text
    return Markup('<span lang="en">{}</span>').format(text)


def _worded(prefix: str, text: str, reader: Reader) -> Markup | str:
    """Return the catalogue's word for a word of the receipt, or that word where it has none."""
    key = f"{prefix}.{text.replace(' ', '_')}"
    return reader.text(key) if key in catalogue() else _english(text, reader)


def _left_out(counts: Mapping, table_id: str, reader: Reader) -> Markup:
    rows = [(reader.text("sample.flow.in"), reader.count(counts["rows_in"]))]
    for reason, count in counts["left_out"].items():
        key = REASON_KEYS.get(reason)
        words = reader.text(key) if key else reason
        rows.append((reader.text("sample.flow.left", reason=words), reader.count(count)))
    rows.append((reader.text("receipt.used"), reader.count(counts["rows_out"])))
    heads = (reader.text("sample.flow.step"), reader.text("sample.flow.rows"))
    return _list_table(table_id, reader.text("sample.flow.caption"), heads, rows)


def _warnings(failures: pd.DataFrame, reader: Reader) -> Markup:
    """Each rule that was broken without stopping the import: how often, where, and what then."""
    if failures.empty:
        return paragraph(reader.text("receipt.warnings.none"))
    rows = []
    for rule, cases in failures.groupby("rule", sort=True):
        first = cases.iloc[0]
        place = (first[name] for name in ("file", "sheet", "row", "column") if first[name])
        rows.append(
            (
                _english(str(rule), reader),
                reader.count(len(cases)),
                ", ".join(place),
                _english(f"{first['message']} {first['remedy']}", reader),
                _english(first["done"], reader),
            )
        )
    heads = ("rule", "count", "first", "message", "done")
    return _list_table(
        "receipt-warnings",
        reader.text("receipt.warnings.caption"),
        [reader.text(f"receipt.warnings.{name}") for name in heads],
        rows,
    )


def _file(file: Mapping, number: int, reader: Reader) -> Markup:
    table = f"receipt-file-{number}"
    facts = [
        (reader.text(f"receipt.{name}"), _fact(name, file[name], reader))
        for name in FACTS
        if file[name] != ""
    ]
    facts.append((reader.text("receipt.sha256"), _code(file["sha256"])))
    columns = file["columns"]
    return section(
        f"receipt-{number}",
        file["file"],
        _list_table(
            f"{table}-facts",
            reader.text("receipt.facts"),
            (reader.text("receipt.what"), reader.text("receipt.found")),
            facts,
        ),
        _left_out(file, f"{table}-rows", reader),
        _columns_table(columns, f"{table}-columns", reader),
        _dropped(columns["dropped"], f"{table}-dropped", reader),
        *(paragraph(reader.text("receipt.absent", column=name)) for name in columns["missing"]),
        _words(file["words"], f"{table}-words", reader),
        _refused(file["answers_refused"], f"{table}-refused", reader),
    )


def _fact(name: str, value: object, reader: Reader) -> Markup | str:
    if name == "header_row":
        return reader.count(value) if value else reader.text("receipt.header_row.none")
    if name == "why":
        return _english(str(value), reader)
    return _worded(f"receipt.{name}", str(value), reader)


def _columns_table(columns: Mapping, table_id: str, reader: Reader) -> Markup:
    heads = ("use", "column", "matched_by")
    rows = [
        (
            _use(name, reader),
            header,
            _worded("receipt.matched_by", columns["matched_by"].get(name, ""), reader),
        )
        for name, header in columns["mapped"].items()
    ]
    return _list_table(
        table_id,
        reader.text("receipt.columns"),
        [reader.text(f"receipt.columns.{head}") for head in heads],
        rows,
    )


def _use(name: str, reader: Reader) -> str:
    if name in reader.instrument.activity_ids:
        return f"{name} · {reader.label(name)}"
    key = f"receipt.use.{name}"
    return reader.text(key) if key in catalogue() else name


def _dropped(dropped: Mapping[str, str], table_id: str, reader: Reader) -> Markup:
    if not dropped:
        return Markup("")
    heads = (reader.text("receipt.columns.column"), reader.text("receipt.reason"))
    rows = [(name, _worded("receipt.dropped", why, reader)) for name, why in dropped.items()]
    return _list_table(table_id, reader.text("receipt.dropped"), heads, rows)


def _words(words: Iterable[Mapping], table_id: str, reader: Reader) -> Markup:
    rows = [
        (
            entry["word"],
            reader.text("receipt.words.missing")
            if entry["answer"] is None
            else reader.count(entry["answer"]),
            reader.count(entry["count"]),
        )
        for entry in words
    ]
    if not rows:
        return paragraph(reader.text("receipt.words.none"))
    heads = [reader.text(f"receipt.words.{name}") for name in ("word", "answer", "count")]
    return _list_table(table_id, reader.text("receipt.words"), heads, rows)


def _refused(refused: Mapping[str, Mapping[str, int]], table_id: str, reader: Reader) -> Markup:
    rows = [
        (column, _english(rule, reader), reader.count(count))
        for column, rules in refused.items()
        for rule, count in rules.items()
    ]
    if not rows:
        return Markup("")
    heads = (
        reader.text("receipt.columns.column"),
        reader.text("receipt.warnings.rule"),
        reader.text("receipt.words.count"),
    )
    return _list_table(table_id, reader.text("receipt.refused"), heads, rows)


def _list_table(table_id: str, caption: str, heads: Iterable[str], rows: Iterable[tuple]) -> Markup:
    """Return a table of words."""
    columns = [Column(heading=head, kind="text") for head in heads]
    return html_table(
        table_id=table_id, caption=caption, columns=columns, groups=[Group(rows=list(rows))]
    )
