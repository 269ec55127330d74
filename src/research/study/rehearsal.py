"""A study's general rehearsal: exports of its own shape, filled with simulated answers.

Only the study file and the instrument are read. What is written has the columns, role words and
organisation names the study file expects, so that a mistake in it shows before a real answer is
there. Files of SPSS become CSV: the values are the same, the container is not rehearsed.
"""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from research.errors import InputError
from research.study.example import without_dates
from research.study.instrument import Instrument, packaged_instruments
from research.study.simulate import Design, simulate_study
from research.study.study_file import Export, Study

MARK = "# Made by `research rehearse`; made anew at every rehearsal, so do not edit it.\n"
SUFFIX = "-rehearsal"
LONGEST_ID = 40
DEFAULT_ORGANISATIONS = 12
RESPONSE_SHARE = 0.6  # of the people invited, where the study file says how many
TITLES = {
    "nl": "Generale repetitie op nagebootste antwoorden: {title}",
    "en": "Rehearsal on simulated answers: {title}",
}
# Spreads and levels of ``Design`` are meant for a scale of five points: four wide, from one.
SPREADS = (
    "power_gap_low", "power_gap_high", "organisation_spread", "organisation_gap_spread",
    "halo_spread", "cluster_spread", "answer_spread",
)  # fmt: skip
LEVELS = ("value_low", "value_high", "power_value")
START = pd.Timestamp("2026-03-02 09:00")
QUALTRICS = {"Status": "IP Address", "Progress": "100", "Finished": "True"}


def rehearsal_id(study_id: str) -> str:
    """Id, and so the folder, of the rehearsal of a study."""
    return study_id[: LONGEST_ID - len(SUFFIX)] + SUFFIX


def write_rehearsal(
    study: Study,
    instrument: Instrument,
    *,
    instrument_folder: Path,
    folder: Path,
    organisations: int | None = None,
) -> None:
    """Write exports full of simulated answers and the study file that reads them into ``folder``.

    ``organisations`` limits or fills up the study's own list; by default all of it, or twelve.
    The same study file gives the same bytes. The study file is written last.
    """
    exports = _files(study)
    people = simulated_people(study, instrument, organisations=organisations)
    shares = _people_of_exports(people, study)
    folder.mkdir(parents=True, exist_ok=True)
    for export, share in zip(exports, shares, strict=True):
        _write_export(share, export, study, instrument, folder)
    content = _study_content(study, exports)
    if study.instrument not in packaged_instruments():
        copied = (instrument_folder / study.instrument).read_bytes()
        (folder / "instrument.yaml").write_bytes(copied)
        content["instrument"] = "instrument.yaml"
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    (folder / "study.yaml").write_text(MARK + text, encoding="utf-8")


def is_rehearsal(folder: Path) -> bool:
    """Whether a folder of data/raw was made by a rehearsal, and so may be made anew."""
    path = folder / "study.yaml"
    return path.is_file() and path.read_text(encoding="utf-8").startswith(MARK)


def simulated_people(
    study: Study, instrument: Instrument, *, organisations: int | None
) -> pd.DataFrame:
    """Simulated respondents with their answers as ticked; one row a respondent.

    Columns respondent_id, organisation, role and one per activity: -1 is *don't know*, NaN no
    answer. A study with one role has only that one.
    """
    names = _organisation_names(study, organisations)
    made = simulate_study(
        instrument,
        power_cluster=study.power_cluster or instrument.cluster_ids[0],
        design=_design(study, instrument, len(names)),
        organisations=names,
        seed=study.seed,
    ).answers
    roles = dict(zip(("customer", "manager"), study.role_ids, strict=False))
    people = made.assign(role=made["role"].map(roles)).dropna(subset="role")
    for activity_id in instrument.reverse_keyed_ids:
        ticked = people[activity_id]
        turned = instrument.scale.low + instrument.scale.high - ticked
        people[activity_id] = ticked.where(ticked == -1, turned)
    return people.reset_index(drop=True)


def _organisation_names(study: Study, count: int | None) -> list[str]:
    """Every organisation there is to be: of the study's list, of its exports, made up."""
    by_column = [study.columns_of(export).organisation is not None for export in study.exports]
    fixed = [
        _only_organisation(export, study)
        for export, column in zip(study.exports, by_column, strict=True)
        if not column
    ]
    fixed = list(dict.fromkeys(fixed))
    if not any(by_column):
        if count not in (None, len(fixed)):
            raise InputError(
                f"--organisations {count}: the exports of this study name no column with the "
                f"organisation, so it has {len(fixed)}. Name one under `columns: organisation:`."
            )
        return fixed
    named = [organisation.id for organisation in study.organisations]
    wanted = count or len(named) or DEFAULT_ORGANISATIONS
    width = len(str(wanted))
    more = [f"Organisation {n:0{width}d}" for n in range(len(named) + 1, wanted + 1)]
    return list(dict.fromkeys([*named[:wanted], *more, *fixed]))


def _only_organisation(export: Export, study: Study) -> str:
    return (export.organisation or study.id).strip()


def _design(study: Study, instrument: Instrument, n_organisations: int) -> Design:
    """Sizes and effects of the example, stretched to this scale; sizes by who was invited."""
    base, low = Design(), instrument.scale.low
    stretch = (instrument.scale.high - low) / 4
    changes: dict = {name: getattr(base, name) * stretch for name in SPREADS}
    changes |= {name: low + (getattr(base, name) - 1) * stretch for name in LEVELS}
    sizes = ("customers_per_organisation", "managers_per_organisation")
    for field, role in zip(sizes, study.role_ids, strict=False):
        if role in study.invited:
            each = RESPONSE_SHARE * study.invited[role] / n_organisations
            changes[field] = (max(3, int(0.6 * each)), max(4, int(1.4 * each)))
    if n_organisations == 1:  # the only one is not to be the small one
        changes["managers_in_smallest"] = base.managers_per_organisation[1]
    return replace(base, **changes)


def _people_of_exports(people: pd.DataFrame, study: Study) -> list[pd.DataFrame]:
    """Return the people of each export; where several could hold somebody they take turns."""
    chances = np.column_stack([_fits(people, export, study) for export in study.exports])
    numbers = np.arange(len(people))
    turn = numbers % np.maximum(chances.sum(axis=1), 1)
    place = (np.cumsum(chances, axis=1) <= turn[:, None]).sum(axis=1)
    return [people[chances[:, n] & (place == n)] for n in range(len(study.exports))]


def _fits(people: pd.DataFrame, export: Export, study: Study) -> np.ndarray:
    fits = np.ones(len(people), dtype=bool)
    if export.role is not None:
        fits &= (people["role"] == export.role).to_numpy()
    if study.columns_of(export).organisation is None:
        fits &= (people["organisation"] == _only_organisation(export, study)).to_numpy()
    return fits


def _files(study: Study) -> list[Export]:
    """Return the exports under a name of their own beside the study file, as CSV or a workbook."""
    files, used = [], set()
    for number, export in enumerate(study.exports, start=1):
        path = Path(export.path)
        excel = export.layout == "excel" or path.suffix.lower() in (".xlsx", ".xlsm")
        name = f"{path.stem}{'.xlsx' if excel else '.csv'}"
        if name in used:
            name = f"{number}_{name}"
        used.add(name)
        layout = "qualtrics" if _is_qualtrics(export, study) and not excel else "auto"
        sheet = export.sheet if excel else None
        files.append(export.model_copy(update={"path": name, "layout": layout, "sheet": sheet}))
    return files


def _is_qualtrics(export: Export, study: Study) -> bool:
    named = study.columns_of(export).respondent
    return export.layout == "qualtrics" or named == "ResponseId"


def _study_content(study: Study, exports: Sequence[Export]) -> dict:
    """Return the study file of the rehearsal: the same decisions, and plainly no real data."""
    content = study.model_dump(mode="json", exclude_defaults=True)
    # Nobody of them answered here, and nobody was asked.
    for key in ("exclusions", "population", "period", "conduct", "deviations"):
        content.pop(key, None)
    titles = {
        language: text.format(title=study.title.get(language)) for language, text in TITLES.items()
    }
    return content | {
        "id": rehearsal_id(study.id),
        "title": titles,
        "synthetic": True,
        "exports": [export.model_dump(mode="json", exclude_defaults=True) for export in exports],
    }


def _write_export(
    people: pd.DataFrame, export: Export, study: Study, instrument: Instrument, folder: Path
) -> None:
    table = _export_table(people, export, study, instrument)
    path = folder / export.path
    if path.suffix == ".xlsx":
        buffer = io.BytesIO()
        table.to_excel(buffer, index=False, sheet_name=export.sheet or "Answers")
        path.write_bytes(without_dates(buffer.getvalue()))
        return
    rows = [list(table.columns), *table.to_numpy(dtype=object).tolist()]
    if export.layout == "qualtrics":
        texts = _questions(export, study, instrument)
        rows.insert(1, [texts.get(name, name) for name in table.columns])
        rows.insert(2, [json.dumps({"ImportId": name}) for name in table.columns])
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream, lineterminator="\n").writerows(rows)


def _export_table(
    people: pd.DataFrame, export: Export, study: Study, instrument: Instrument
) -> pd.DataFrame:
    """Return the rows of one export under the headers the study file names."""
    columns, n = study.columns_of(export), len(people)
    seconds = 200 + 37 * np.arange(n) % 300
    finished = START + pd.to_timedelta(3600 * np.arange(n) % 1_000_000, unit="s")
    started = finished - pd.to_timedelta(seconds, unit="s")
    words = {role.id: role.words[0] if role.words else role.id for role in study.roles}
    uses = {
        columns.respondent: people["respondent_id"],
        columns.organisation: people["organisation"],
        columns.role: people["role"].map(words),
        columns.wave: study.wave or "1",
        columns.started: started.strftime("%Y-%m-%d %H:%M:%S"),
        columns.finished: finished.strftime("%Y-%m-%d %H:%M:%S"),
        columns.duration: seconds,
        **dict.fromkeys(columns.covariates.values(), ""),
    }
    table = pd.DataFrame(index=people.index)
    if export.layout == "qualtrics":
        own = {"ResponseId": people["respondent_id"], **QUALTRICS}
        uses = own | uses
    for header, values in uses.items():
        if header is not None:
            table[header] = values
    unknown = instrument.scale.missing_words.nl[:1] or ("",)
    answers = {
        header: people[activity_id].map(lambda x: _cell(x, unknown[0]))
        for activity_id, header in _headers(export, study, instrument).items()
    }
    return pd.concat([table, pd.DataFrame(answers, index=people.index)], axis=1)


def _cell(answer: float, unknown: str) -> int | str:
    if np.isnan(answer):
        return ""
    return unknown if answer == -1 else int(answer)


def _headers(export: Export, study: Study, instrument: Instrument) -> dict[str, str]:
    """Header of every activity, as the study file declares it; by its id where it does not."""
    declared = study.columns_of(export).activities
    if not isinstance(declared, str):
        return {i: (declared or {}).get(i, i) for i in instrument.activity_ids}
    try:
        return {
            activity_id: declared.format(number=number)
            for number, activity_id in enumerate(instrument.activity_ids, start=1)
        }
    except (KeyError, IndexError, ValueError):
        raise InputError(
            f"columns.activities: '{declared}' is no pattern. Write {{number}} where the number "
            "of the activity stands, for example Q2_{number}."
        ) from None


def _questions(export: Export, study: Study, instrument: Instrument) -> dict[str, str]:
    headers = _headers(export, study, instrument)
    return {
        headers[activity.id]: f"{instrument.stem.nl} - {activity.wording.nl}"
        for activity in instrument.activities
    }
