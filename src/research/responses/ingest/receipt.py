"""What import did with each file: enough to repeat and to check it, and no answer in it.

Nothing in a receipt is about one person: columns, words of the answer scale and counts. It holds
no time and no path, so equal inputs give equal bytes.
"""

import hashlib
import json
import platform
from collections import Counter
from functools import cache
from importlib import metadata

import numpy as np
import pandas as pd

from research.responses.ingest.columns.matching import ColumnMap
from research.responses.ingest.files.delimited import DELIMITER_NAMES
from research.responses.ingest.tables import DIRECT_IDENTIFIERS, RawTable
from research.study.instrument import Instrument, Strict
from research.study.study_file import Study

NO_ANSWER = "no answer at all"
NONE_ON_SCALE = "no answer on the scale"
EXCLUDED = "excluded in the study file"
NO_ROLE = "no role"
# What decides how a file is read.
LIBRARIES = ("numpy", "pandas", "openpyxl", "pyreadstat")


def file_receipt(
    table: RawTable,
    column_map: ColumnMap,
    *,
    words: list[dict],
    refused: dict[str, dict[str, int]],
    left_out: dict[str, int],
    rows_out: int,
    made_ids: bool,
) -> dict:
    """Receipt of one file; its rows in are its rows out plus those left out.

    ``words`` are the words and codes that stood for an answer (or, with null, for missing), with
    counts; ``refused`` the answers that were not used, by column and rule; ``left_out`` the rows
    left out after reading, by reason; the reader's own are added.
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
        "columns": _columns(table, column_map),
        "words": words,
        "answers_refused": refused,
        "warnings": _counts(pd.Series([problem.rule for problem in table.problems], dtype=object)),
        "rows_in": table.rows_in,
        "rows_out": rows_out,
        "left_out": dict(sorted(by_reason.items())),
    }


def refused_answers(
    headers: list[str], numbers: np.ndarray, instrument: Instrument
) -> dict[str, dict[str, int]]:
    """How many answers of each column were set to missing, by rule; columns with none are left out.

    Words and decimals that cannot be read are not here: they stop the import.
    """
    scale = instrument.scale
    counts = ((numbers < scale.low) | (numbers > scale.high)).sum(axis=0)
    return {
        header: {"off the scale": int(count)}
        for header, count in zip(headers, counts, strict=True)
        if count
    }


def _columns(table: RawTable, column_map: ColumnMap) -> dict[str, object]:
    """What was read from where, found how, and what was not read and why."""
    mapped = {name: table.headers[n] for name, n in column_map.positions.items()}
    used = set(column_map.positions.values())
    unused = {
        header: "direct identifier" if DIRECT_IDENTIFIERS.match(header) else "not asked for"
        for number, header in enumerate(table.headers)
        if number not in used
    }
    return {
        "mapped": mapped,
        "matched_by": {name: column_map.matched_by.get(name, "") for name in mapped},
        "renamed": {name: mapped[name] for name in column_map.questions if mapped[name] != name},
        "dropped": {**table.withheld, **unused},
        # Without an activity nothing is imported; an attention item may be missing.
        "missing": [warned.column for warned in column_map.warnings],
    }


def study_receipt(
    files: list[dict],
    responses: pd.DataFrame,
    failures: pd.DataFrame,
    *,
    study: Study,
    instrument: Instrument,
) -> dict:
    """Receipt of the whole import: what it was made with and from, totals, and each file."""
    left_out: Counter[str] = Counter()
    for file in files:
        left_out.update(file["left_out"])
    by_role = dict(sorted(Counter(_texts(responses, "role")).items()))
    return {
        "study": study.id,
        "study_sha256": _hash(study),
        "instrument": {
            "id": instrument.id,
            "version": instrument.version,
            "sha256": _hash(instrument),
        },
        "made_with": _made_with(),
        "rows_in": sum(file["rows_in"] for file in files),
        "rows_out": len(responses),
        "left_out": dict(sorted(left_out.items())),
        "n_failures": len(failures),
        "failures_by_rule": _counts(failures["rule"]),
        "roles_present": [role for role in study.role_ids if role in by_role],
        "roles_absent": [role for role in study.role_ids if role not in by_role],
        "respondents_by_role": by_role,
        "ids": _ids(responses),
        "n_organisations": len(set(_texts(responses, "organisation_id"))),
        "waves": sorted(set(_texts(responses, "wave")) - {""}),
        "files": files,
    }


def _ids(responses: pd.DataFrame) -> dict[str, int]:
    """Counts of ids; doubles and people in both roles stop an import, so they are 0."""
    if len(set(_texts(responses, "wave"))) == 1:  # an id stands once a wave: that is the contract
        counts = ("people_in_several_waves", "rows_with_a_double_id", "people_in_both_roles")
        return {"people": len(responses), **dict.fromkeys(counts, 0)}
    ids, names = pd.factorize(responses["respondent_id"])
    roles, _ = pd.factorize(responses["role"])
    waves, wave_names = pd.factorize(responses["wave"])
    first_role = np.zeros(len(names), dtype=np.int64)
    first_role[ids] = roles
    in_waves = pd.unique(ids * len(wave_names) + waves)
    n_waves = np.bincount(in_waves // len(wave_names), minlength=len(names))
    return {
        "people": len(names),
        "people_in_several_waves": int((n_waves > 1).sum()),
        "rows_with_a_double_id": len(responses) - len(in_waves),
        "people_in_both_roles": len(pd.unique(ids[roles != first_role[ids]])),
    }


def _texts(responses: pd.DataFrame, name: str) -> list[str]:
    return responses[name].to_numpy(dtype=object).tolist()


def _hash(content: Strict) -> str:
    """SHA-256 of what a file says: comments and the order of its keys are not part of it."""
    text = json.dumps(content.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@cache
def _made_with() -> dict[str, str]:
    """Versions of what read the files; a library that is not installed is left out."""
    versions = {"python": platform.python_version()}
    for name in ("research", *LIBRARIES):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return dict(sorted(versions.items()))


def _counts(values: pd.Series) -> dict[str, int]:
    return {str(value): int(n) for value, n in sorted(values.value_counts().items())}
