"""What import did with each file: enough to repeat and to check it, and no answer in it."""

from collections import Counter

import pandas as pd

from research.responses.ingest.columns import ColumnMap
from research.responses.ingest.delimited import DELIMITER_NAMES
from research.responses.ingest.tables import DIRECT_IDENTIFIERS, RawTable
from research.study.instrument import Instrument
from research.study.study_file import Study

NO_ANSWER = "no answer at all"
NONE_ON_SCALE = "no answer on the scale"
EXCLUDED = "excluded in the study file"


def file_receipt(
    table: RawTable,
    column_map: ColumnMap,
    *,
    words: list[dict],
    left_out: dict[str, int],
    rows_out: int,
    made_ids: bool,
) -> dict:
    """Receipt of one file; its rows in are its rows out plus those left out.

    ``left_out`` are the rows left out after reading, by reason; the reader's own are added.
    """
    by_reason = Counter(table.left_out) + Counter(left_out)
    if table.rows_in != rows_out + sum(by_reason.values()):
        raise RuntimeError(
            f"{table.file}: {table.rows_in} rows in, {rows_out} out, {dict(by_reason)} left out"
        )
    return {
        "file": table.file,
        "sha256": table.source.sha256,
        "layout": table.layout,
        "why": table.why,
        "encoding": table.encoding,
        "delimiter": DELIMITER_NAMES.get(table.delimiter, table.delimiter),
        "sheet": table.sheet,
        "header_row": table.header_row,
        "respondent_ids": "made from file name and row" if made_ids else "read from a column",
        "columns": {
            "mapped": {name: table.headers[n] for name, n in column_map.positions.items()},
            "dropped": _dropped(table, column_map),
        },
        "words": words,
        "rows_in": table.rows_in,
        "rows_out": rows_out,
        "left_out": dict(sorted(by_reason.items())),
    }


def _dropped(table: RawTable, column_map: ColumnMap) -> dict[str, str]:
    """Columns that did not enter, with the reason."""
    used = set(column_map.positions.values())
    unused = {
        header: "direct identifier" if DIRECT_IDENTIFIERS.match(header) else "not asked for"
        for number, header in enumerate(table.headers)
        if number not in used
    }
    return {**table.withheld, **unused}


def study_receipt(
    files: list[dict],
    responses: pd.DataFrame,
    failures: pd.DataFrame,
    *,
    study: Study,
    instrument: Instrument,
) -> dict:
    """Receipt of the whole import: totals, who is there, and the receipt of each file."""
    left_out: Counter[str] = Counter()
    for file in files:
        left_out.update(file["left_out"])
    present = set(responses["role"].unique())
    return {
        "study": study.id,
        "instrument": {"id": instrument.id, "version": instrument.version},
        "rows_in": sum(file["rows_in"] for file in files),
        "rows_out": len(responses),
        "left_out": dict(sorted(left_out.items())),
        "n_failures": len(failures),
        "failures_by_rule": _counts(failures["rule"]),
        "roles_present": [role for role in study.role_ids if role in present],
        "roles_absent": [role for role in study.role_ids if role not in present],
        "respondents_by_role": _counts(responses["role"]),
        "n_organisations": int(responses["organisation_id"].nunique()),
        "waves": sorted(set(responses["wave"].unique()) - {""}),
        "files": files,
    }


def _counts(values: pd.Series) -> dict[str, int]:
    return {str(value): int(n) for value, n in sorted(values.value_counts().items())}
