"""The only reader and writer of data/processed: column contracts, whole builds, no half ones."""

import json
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from research.errors import EnvironmentFailure, InputError
from research.responses.fingerprints import current_hashes, hash_of_file, hash_of_inputs
from research.responses.quality import FLAG_COLUMNS
from research.responses.scoring import keyed_answers
from research.stats.estimates import RESULT_COLUMNS, TEXT_COLUMNS
from research.study.answers import Answers, SampleFlow
from research.study.instrument import Instrument
from research.study.study_file import Study, read_study
from research.study.workspace import Workspace, find_workspace

RESPONSE_NUMBERS = {"duration_seconds": "float64"}
FLAG_TEXTS = ("respondent_id", "wave", "reasons", "not_computed")
FLAG_TYPES = {
    "n_answered": "int64",
    "longest_string": "int64",
    "flagged": "bool",
}
# Every other column of the flags is an index or its limit.
FLAG_NUMBERS = {
    name: FLAG_TYPES.get(name, "float64") for name in FLAG_COLUMNS if name not in FLAG_TEXTS
}
SCORE_NUMBERS = {
    "score": "float64",
    "n_answered": "int64",
    "n_items": "int64",
    "prorated": "bool",
    "standard_error": "float64",
}
TABLES = ("responses", "failures", "flags", "scores")
RECEIPT = "receipt.json"
CROSSCHECK = "crosscheck.json"
WHOLE_STUDY = "whole_study.csv"
OTHER_WAVE = "another wave"
FLAGGED = "flagged, as the study file decides"


@dataclass(frozen=True, kw_only=True)
class Build:
    """One study, built: its decisions, its four tables and what import did.

    ``input_hash`` names the inputs: equal hashes mean equal exports, study file and instrument.
    ``data_hash`` names what was read from them: it stays the same when rows of an export change
    places. Both are empty, as are the second opinion and what is computed once, where nothing was
    written yet.
    """

    study: Study
    instrument: Instrument
    responses: pd.DataFrame
    failures: pd.DataFrame
    flags: pd.DataFrame
    scores: pd.DataFrame
    receipt: dict
    input_hash: str = ""
    data_hash: str = ""
    crosscheck: dict = field(default_factory=dict)
    whole_study: pd.DataFrame | None = None

    @cached_property
    def answers(self) -> Answers:
        """What the analyses receive: the people of the analysed wave, reversed items turned.

        Without those whom the study file leaves out by a flag.
        """
        chosen = self._analysed_wave() & ~self._excluded_by_flag
        if not chosen.any():
            raise InputError(
                f"Study '{self.study.id}': `exclude_flagged` leaves nobody in the analysis. "
                "Take the widest sign out of the list; `research check` counts each of them."
            )
        return self._answers_of(chosen)

    @property
    def waves(self) -> dict[str, Answers]:
        """The answers of every wave, in the order of their names."""
        wave = self.responses["wave"]
        stays = ~self._excluded_by_flag
        return {name: self._answers_of((wave == name) & stays) for name in sorted(set(wave))}

    @property
    def answers_unflagged(self) -> Answers:
        """The people of the analysed wave who do not look careless."""
        flagged = self.flags["flagged"].to_numpy() | self._excluded_by_flag
        return self._answers_of(self._analysed_wave() & ~flagged)

    @property
    def answers_of_everybody(self) -> Answers:
        """The people of the analysed wave, those left out by a flag among them."""
        return self._answers_of(self._analysed_wave())

    @cached_property
    def _excluded_by_flag(self) -> np.ndarray:
        """Whether the study file leaves a response out for one of its flags."""
        wanted = set(self.study.exclude_flagged)
        by_reason = self.flags["reasons"].map(lambda text: bool(wanted & set(text.split(";"))))
        careless = self.flags["flagged"] & ("careless" in wanted)
        return (by_reason | careless).to_numpy(dtype=bool)

    def _answers_of(self, chosen: pd.Series) -> Answers:
        """The chosen responses as the analyses receive them, in the order of their ids.

        A sum depends on its order in the last digits: sorted, the same people give the same bytes
        in whatever order the export had them.
        """
        key = ["respondent_id", "wave"]
        responses = self.responses[chosen].sort_values(key, ignore_index=True)
        # One score a respondent and wave, so the scores of a cluster line up with the people.
        index = pd.MultiIndex.from_frame(responses[key])
        scores = self.scores.set_index(["respondent_id", "wave", "cluster_id"])["score"]
        clusters = scores.unstack("cluster_id").reindex(index)[self.instrument.cluster_ids]  # noqa: PD010
        return Answers(
            study=self.study,
            instrument=self.instrument,
            people=responses[["respondent_id", "organisation_id", "role", "wave"]],
            activities=keyed_answers(responses, self.instrument),
            clusters=clusters.reset_index(drop=True),
            whole_study=self.whole_study,
        )

    @cached_property
    def flow(self) -> SampleFlow:
        """How the rows of the exports became the people of the analysis."""
        of_wave = self._analysed_wave()
        chosen = of_wave & ~self._excluded_by_flag
        gone = {OTHER_WAVE: ~of_wave, FLAGGED: of_wave & self._excluded_by_flag}
        left_out = self.receipt["left_out"] | {
            reason: int(rows.sum()) for reason, rows in gone.items() if rows.any()
        }
        return SampleFlow(
            rows_in=self.receipt["rows_in"],
            rows_out=int(chosen.sum()),
            left_out=left_out,
            n_failures=int((self.failures["row"] != "").sum()),
            n_flagged=int(self.flags.loc[chosen.to_numpy(), "flagged"].sum()),
            n_compared=self.crosscheck.get("n_compared", 0),
            largest_difference=self.crosscheck.get("largest", 0.0),
            told=self._tells_flow(),
        )

    def _tells_flow(self) -> bool:
        """Whether the build found that the numbers of rows give no withheld number away."""
        found = self.whole_study
        return (
            found is None
            or not ((found["estimate_type"] == "told_flow") & (found["verdict"] == "no")).any()
        )

    def _analysed_wave(self) -> pd.Series:
        """Whether a response belongs to the wave of the study file (the only one needs no word)."""
        waves = sorted(set(self.responses["wave"]))
        wanted = self.study.wave
        if wanted is None and len(waves) > 1:
            raise InputError(
                f"Study '{self.study.id}' holds the waves {', '.join(waves)}. "
                'Say which one to analyse in study.yaml, for example `wave: "' + waves[0] + '"`.'
            )
        return self.responses["wave"] == (waves[0] if wanted is None else wanted)


def open_build(study_id: str) -> Build:
    """Return the build of a study in the project this runs in; the first line of a notebook."""
    return read_build(find_workspace(), study_id)


def write_build(workspace: Workspace, build: Build) -> Path:
    """Write the four tables and the receipt of a build; returns the folder.

    The folder appears whole or not at all: it is made under another name beside its place and
    then renamed. Equal inputs give equal bytes.
    """
    study, responses = build.study, build.responses
    study_id = study.id
    hashes = {file["file"]: file["sha256"] for file in build.receipt["files"]}
    content = {
        "responses": responses,
        "failures": build.failures,
        "flags": _by_key(build.flags, responses),
        "scores": _by_key(build.scores, responses),
    }
    target = workspace.processed(study_id)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{study_id}-", dir=target.parent))
        try:
            for name, table in content.items():
                _write_table(table, fresh / f"{name}.csv")
            stamped = {
                **build.receipt,
                "input_hash": hash_of_inputs(study, build.instrument, hashes),
            }
            _write_text(fresh / RECEIPT, json.dumps(stamped, indent=2, ensure_ascii=False) + "\n")
            _replace_folder(fresh, target)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise EnvironmentFailure(
            f"data/processed/{study_id} could not be written ({error.strerror}). "
            "Check the free space and your rights on the folder."
        ) from None
    return target


def read_build(workspace: Workspace, study_id: str) -> Build:
    """Return the build of a study with ids as text and answers as whole numbers.

    A build that is missing, or older than the study file, the instrument or an export, is an
    error that says to build again.
    """
    study_path = workspace.study_path(study_id)
    study, instrument = read_study(study_path)
    folder = workspace.processed(study_id)
    receipt = _read_receipt(folder, study_id)
    hashes = current_hashes(study, receipt, study_path.parent)
    input_hash = hash_of_inputs(study, instrument, hashes)
    if receipt.get("input_hash") != input_hash:
        raise InputError(
            f"Study '{study_id}' was built before its exports, study file or instrument changed. "
            f"Run `research build {study_id}` again."
        )
    questions = [*instrument.activity_ids, *(item.id for item in instrument.attention_items)]
    answers = dict.fromkeys(questions, "Int64")
    return Build(
        study=study,
        instrument=instrument,
        responses=_read_table(folder / "responses.csv", RESPONSE_NUMBERS | answers),
        failures=_read_table(folder / "failures.csv", {}),
        flags=_read_table(folder / "flags.csv", FLAG_NUMBERS),
        scores=_read_table(folder / "scores.csv", SCORE_NUMBERS),
        receipt=receipt,
        input_hash=input_hash,
        data_hash=hash_of_inputs(
            study, instrument, {"responses": hash_of_file(folder / "responses.csv")}
        ),
        crosscheck=_read_crosscheck(folder),
        whole_study=_read_whole_study(folder),
    )


def write_crosscheck(workspace: Workspace, study_id: str, crosscheck: dict) -> None:
    """Add the second opinion to a build: differences per statistic, no answer."""
    text = json.dumps(crosscheck, indent=2) + "\n"
    _write_text(workspace.processed(study_id) / CROSSCHECK, text)


def write_whole_study(workspace: Workspace, study_id: str, results: pd.DataFrame) -> None:
    """Add to a build what is computed once for all pages: released results, no answer."""
    _write_table(results, workspace.processed(study_id) / WHOLE_STUDY)


def _read_whole_study(folder: Path) -> pd.DataFrame | None:
    path = folder / WHOLE_STUDY
    if not path.is_file():
        return None
    numbers = [name for name in RESULT_COLUMNS if name not in TEXT_COLUMNS]
    return _read_table(path, dict.fromkeys(numbers, "float64"))


def _data_hash(study: Study, instrument: Instrument, folder: Path) -> str:
    """Fingerprint of the answers as they were read, sorted, with every decision about them."""
    return hash_of_inputs(study, instrument, {"responses": hash_of_file(folder / "responses.csv")})


def _read_crosscheck(folder: Path) -> dict:
    path = folder / CROSSCHECK
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _by_key(table: pd.DataFrame, responses: pd.DataFrame) -> pd.DataFrame:
    """Rows in the order of the responses, so that the files can be read side by side."""
    key = ["respondent_id", "wave"]
    place = pd.Series(range(len(responses)), index=pd.MultiIndex.from_frame(responses[key]))
    order = place.reindex(pd.MultiIndex.from_frame(table[key])).to_numpy()
    return table.assign(_order=order).sort_values("_order", kind="stable").drop(columns="_order")


def _write_table(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def _write_text(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)


def _replace_folder(fresh: Path, target: Path) -> None:
    """Put ``fresh`` where ``target`` is; the old one comes back if that fails."""
    fresh.chmod(0o755)  # mkdtemp makes folders only their owner can read
    if not target.exists():
        fresh.rename(target)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{target.name}-old-", dir=target.parent)) / "old"
    target.rename(old)
    try:
        fresh.rename(target)
    except OSError:
        old.rename(target)
        raise
    finally:
        shutil.rmtree(old.parent, ignore_errors=True)


def _read_receipt(folder: Path, study_id: str) -> dict:
    complete = all((folder / f"{name}.csv").is_file() for name in TABLES)
    if not complete or not (folder / RECEIPT).is_file():
        raise InputError(
            f"Study '{study_id}' has not been built. Run `research build {study_id}` first."
        )
    try:
        return json.loads((folder / RECEIPT).read_text(encoding="utf-8"))
    except json.JSONDecodeError:
        raise InputError(
            f"The receipt of study '{study_id}' is damaged. Run `research build {study_id}` again."
        ) from None


def _read_table(path: Path, numbers: dict[str, str]) -> pd.DataFrame:
    """Read a table of the build: text stays text, and only number columns can be missing."""
    columns = pd.read_csv(path, nrows=0, encoding="utf-8").columns
    types = {name: numbers.get(name, "str") for name in columns}
    missing = {name: [""] for name in columns if types[name] not in ("str", "bool")}
    return pd.read_csv(
        path, dtype=types, na_values=missing, keep_default_na=False, encoding="utf-8"
    )
