"""The example study as a survey tool would have exported it: one workbook, one Qualtrics file."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd

from research.study.instrument import Instrument
from research.study.simulate import SyntheticStudy

MANAGERS_FILE = "leidinggevenden.xlsx"
CUSTOMERS_FILE = "klanten_qualtrics.csv"
MISSING_WORD = "weet niet"
N_PREVIEWS = 3
N_UNFINISHED = 17
FIXED_DATE = (2026, 1, 1, 0, 0, 0)


def write_exports(study: SyntheticStudy, instrument: Instrument, *, folder: Path) -> list[Path]:
    """Write the two exports and ``truth.json`` into ``folder``; returns their paths.

    The same study gives the same bytes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    answers = study.answers
    managers = answers[answers["role"] == "manager"].sort_values("respondent_id")
    customers = answers[answers["role"] == "customer"].sort_values("respondent_id")
    paths = [folder / MANAGERS_FILE, folder / CUSTOMERS_FILE, folder / "truth.json"]
    paths[0].write_bytes(_workbook(managers, instrument))
    rng = np.random.default_rng(study.truth["seed"])
    paths[1].write_bytes(_qualtrics(customers, instrument, rng).encode("utf-8"))
    paths[2].write_text(
        json.dumps(study.truth, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return paths


def _workbook(managers: pd.DataFrame, instrument: Instrument) -> bytes:
    """Return a workbook: wording as header, numbers as answers, `weet niet` as a word."""
    table = managers[["respondent_id", "organisation"]].set_axis(
        ["Respondent", "Organisatie"], axis=1
    )
    for activity in instrument.activities:
        column = managers[activity.id].astype(object)
        table[activity.wording.nl] = column.where(managers[activity.id] != -1, MISSING_WORD)
    buffer = io.BytesIO()
    table.to_excel(buffer, index=False, sheet_name="Antwoorden")
    return without_dates(buffer.getvalue())


def without_dates(workbook: bytes) -> bytes:
    """Return the workbook with the time of writing taken out, so that equal data give equal bytes.

    The time stands in every zip entry and in docProps/core.xml.
    """
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "docProps/core.xml":
                content = _fix_core_dates(content)
            out.writestr(zipfile.ZipInfo(entry.filename, FIXED_DATE), content, zipfile.ZIP_DEFLATED)
    return target.getvalue()


def _fix_core_dates(xml: bytes) -> bytes:
    fixed = b"2026-01-01T00:00:00Z"
    for tag in (b"dcterms:created", b"dcterms:modified"):
        start = xml.find(b">", xml.find(b"<" + tag)) + 1
        end = xml.find(b"</" + tag)
        xml = xml[:start] + fixed + xml[end:]
    return xml


def _qualtrics(customers: pd.DataFrame, instrument: Instrument, rng: np.random.Generator) -> str:
    """Return Qualtrics' CSV: three header rows, choice text, a preview and unfinished rows."""
    words = dict(zip(instrument.scale.points, instrument.scale.labels.nl, strict=True))
    words[-1] = MISSING_WORD
    items = {
        f"Q2_{number}": activity for number, activity in enumerate(instrument.activities, start=1)
    }
    n = len(customers)
    start = pd.Timestamp("2026-03-02 09:00") + pd.to_timedelta(
        np.sort(rng.integers(0, 21 * 24 * 60, n)), unit="min"
    )
    duration = np.maximum(rng.lognormal(5.7, 0.4, n).astype(int), 45)
    duration[customers["careless"].to_numpy()] = rng.integers(35, 60, customers["careless"].sum())
    table = pd.DataFrame(
        {
            "StartDate": start.strftime("%Y-%m-%d %H:%M:%S"),
            "EndDate": (start + pd.to_timedelta(duration, unit="s")).strftime("%Y-%m-%d %H:%M:%S"),
            "Status": "IP Address",
            "IPAddress": [f"192.0.2.{number % 254 + 1}" for number in range(n)],
            "Progress": "100",
            "Duration (in seconds)": duration.astype(str),
            "Finished": "True",
            "ResponseId": customers["respondent_id"].to_numpy(),
            "RecipientEmail": "",
            "LocationLatitude": "",
            "LocationLongitude": "",
            "DistributionChannel": "anonymous",
            "UserLanguage": "NL",
            "organisatie": customers["organisation"].to_numpy(),
        }
    )
    for column, activity in items.items():
        table[column] = customers[activity.id].map(words).fillna("").to_numpy()
    extra = _rows_that_do_not_count(table, list(items))
    texts = {
        column: f"{instrument.stem.nl} - {activity.wording.nl}"
        for column, activity in items.items()
    }
    questions = [texts.get(column, column) for column in table.columns]
    imports = [json.dumps({"ImportId": column}) for column in table.columns]
    head = pd.DataFrame([questions, imports], columns=table.columns)
    return pd.concat([head, extra, table]).to_csv(index=False, lineterminator="\n")


def _rows_that_do_not_count(table: pd.DataFrame, items: list[str]) -> pd.DataFrame:
    """Return previews by the makers, and people who stopped half-way."""
    extra = table.head(N_PREVIEWS + N_UNFINISHED).copy()
    extra["ResponseId"] = [f"R9{number:04d}" for number in range(len(extra))]
    extra.loc[extra.index[:N_PREVIEWS], "Status"] = "Survey Preview"
    unfinished = extra.index[N_PREVIEWS:]
    extra.loc[unfinished, "Progress"] = "40"
    extra.loc[unfinished, "Finished"] = "False"
    extra.loc[unfinished, items[12:]] = ""
    return extra
