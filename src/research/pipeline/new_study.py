"""A first study file from the exports themselves, in a study folder of its own."""

import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from research.errors import EnvironmentFailure, InputError, Problem, ResponseError
from research.pipeline.new_instrument import FirstInstrument, first_instrument
from research.pipeline.study_text import study_text
from research.pipeline.study_words import role_source
from research.pipeline.yaml_draft import Draft
from research.responses.ingest.sketch.columns import shortened
from research.responses.ingest.sketch.export import ExportSketch, sketch_export, without_shared_ids
from research.responses.ingest.tables import Source
from research.responses.validation.names import near_equal_names
from research.study.instrument import Instrument, packaged_instruments, read_instrument
from research.study.study_file import STUDY_ID
from research.study.workspace import Workspace

DEFAULT_INSTRUMENT = "managerial_activities"
OWN_INSTRUMENT = "instrument.yaml"
STUDY_FILE = "study.yaml"
HOW = {"id": "by id", "name": "by wording", "order": "by their order only"}
# What a folder holds beside exports (notes, a codebook) is left where it is.
EXPORT_ENDINGS = frozenset(
    {".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".xls", ".sav", ".zsav", ".parquet",
     ".feather", ".zip"}
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Questionnaire:
    """The instrument of the new study; ``content`` is its file where it is not packaged."""

    name: str
    instrument: Instrument
    content: bytes | None = None
    first: FirstInstrument | None = None


def new_study(
    workspace: Workspace, name: str, *, files: Sequence[Path], instrument: str | None = None
) -> list[str]:
    """Write data/raw/NAME with a first study file and the exports, unchanged; returns what to say.

    ``files`` are exports, or folders that hold them; without any the study file is a template.
    ``instrument`` is the id of a packaged one or a file, which is copied. Nothing is written when
    anything cannot be read, and a study that is there already is never touched.
    """
    folder = _require_new(workspace, name, files)
    paths, left = _exports_in(files)
    questionnaire = _questionnaire(instrument)
    sources, problems = _read(paths)
    sketches = _sketch_all(sources, questionnaire, problems)
    if sketches and instrument is None and all(one.activities is None for one in sketches):
        own = first_instrument(sketches)
        if own is not None:
            content = own.draft.text.encode("utf-8")
            questionnaire = _Questionnaire(
                name=OWN_INSTRUMENT, instrument=own.instrument, content=content, first=own
            )
            sketches = _sketch_all(sources, questionnaire)
    _require_free_names(folder, sources, questionnaire)
    draft = study_text(
        name,
        sketches,
        instrument=questionnaire.instrument,
        instrument_name=questionnaire.name,
        alike=_alike(sketches),
    )
    try:
        _write(folder, draft, sources, questionnaire)
    except OSError as error:
        raise EnvironmentFailure(
            f"data/raw/{name} could not be written ({type(error).__name__}). "
            "Check the space on the disk and that the folder may be written to."
        ) from None
    return _lines(name, draft, sketches, questionnaire, left)


def _require_new(workspace: Workspace, name: str, files: Sequence[Path]) -> Path:
    """Folder of the study; it may exist only when the exports lie in it and no study file does."""
    if not re.fullmatch(STUDY_ID, name):
        fit = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-_")[:40]
        hint = f" For example: research new {fit}" if re.fullmatch(STUDY_ID, fit) else ""
        raise InputError(
            f"'{name}' cannot be the name of a study. It begins with a small letter or a digit and "
            f"holds only small letters, digits, - and _, at most 40 of them.{hint}"
        )
    folder = workspace.raw / name
    if (folder / STUDY_FILE).exists():
        raise InputError(
            f"data/raw/{name} holds a study already; nothing was written. Give the new study "
            f"another name, or go on with this one: research check {name}"
        )
    inside = bool(files) and all(
        folder.resolve() in (path.resolve(), path.resolve().parent) for path in files
    )
    if folder.exists() and not inside and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            f"data/raw/{name} is there already; nothing was written. If it holds the exports of "
            f"this study: research new {name} --from data/raw/{name}"
        )
    return folder


def _exports_in(files: Sequence[Path]) -> tuple[list[Path], list[str]]:
    """Exports of the files and folders named, and names of what was left alone in folders."""
    paths: list[Path] = []
    left: list[str] = []
    for path in files:
        if not path.is_dir():
            paths.append(path)
            continue
        inside = sorted(
            p for p in path.iterdir() if p.is_file() and not p.name.startswith((".", "~$"))
        )
        exports = [p for p in inside if p.suffix.lower() in EXPORT_ENDINGS]
        if not exports:
            raise InputError(
                f"The folder {path.resolve().name} holds no export "
                f"({', '.join(sorted(EXPORT_ENDINGS))}). Nothing was written."
            )
        paths += exports
        left += [p.name for p in inside if p not in exports]
    return list(dict.fromkeys(path.resolve() for path in paths)), left


def _read(paths: Sequence[Path]) -> tuple[list[Source], list[Problem]]:
    """Content of every export, and why some cannot be read."""
    sources, problems, seen = [], [], {}
    for path in paths:
        if path.name.casefold() in seen:
            problems.append(
                _unreadable(
                    path.name,
                    "same name",
                    "two files have this name.",
                    "Rename one of them: in the study they lie in one folder.",
                )
            )
            continue
        seen[path.name.casefold()] = path
        try:
            sources.append(Source(path.name, path.read_bytes()))
        except FileNotFoundError:
            problems.append(
                _unreadable(
                    path.name,
                    "missing file",
                    "there is no such file.",
                    "Check the name; put quotation marks around a name with blanks.",
                )
            )
        except OSError as error:
            problems.append(
                _unreadable(
                    path.name,
                    "unreadable file",
                    f"it cannot be read ({type(error).__name__}).",
                    "Close it in other programs and check that you may read it.",
                )
            )
    return sources, problems


def _unreadable(file: str, rule: str, message: str, remedy: str) -> Problem:
    return Problem(file=file, rule=rule, message=message, remedy=remedy)


def _questionnaire(named: str | None) -> _Questionnaire:
    name = named or DEFAULT_INSTRUMENT
    if name in packaged_instruments():
        return _Questionnaire(name=name, instrument=read_instrument(name))
    path = Path(name)
    instrument = read_instrument(path.name, folder=path.parent)
    return _Questionnaire(name=path.name, instrument=instrument, content=path.read_bytes())


def _sketch_all(
    sources: Sequence[Source], questionnaire: _Questionnaire, problems: Sequence[Problem] = ()
) -> list[ExportSketch]:
    """What every export holds; all that cannot be read, ``problems`` among it, is said at once."""
    first = questionnaire.first
    sketches, problems = [], list(problems)
    for source in sources:
        known = first.headers if first is not None and first.file == source.name else None
        try:
            sketches += sketch_export(source, questionnaire.instrument, known=known)
        except ResponseError as error:
            problems += error.problems
    if problems:
        raise ResponseError(problems)
    return without_shared_ids(sketches)


def _require_free_names(
    folder: Path, sources: Sequence[Source], questionnaire: _Questionnaire
) -> None:
    """Refuse when a file to be made has the name of an export, or is there already."""
    name = questionnaire.name
    made = {STUDY_FILE} | ({name.casefold()} if questionnaire.content is not None else set())
    taken = [source.name for source in sources if source.name.casefold() in made]
    there = folder / name
    if questionnaire.content is not None and there.is_file():
        taken += [name] * (there.read_bytes() != questionnaire.content)
    if taken:
        raise InputError(
            f"{taken[0]} has the name of a file that is to be made. Rename it; nothing was written."
        )


def _alike(sketches: Sequence[ExportSketch]) -> list[str]:
    """Sentences about organisation names that look like one, over all exports."""
    names = sorted({name for sketch in sketches for name in sketch.organisations})
    return [problem.message for problem in near_equal_names(names)]


def _write(
    folder: Path, draft: Draft, sources: Sequence[Source], questionnaire: _Questionnaire
) -> None:
    """Put everything in place at once: a folder is whole or not there."""
    contents = {STUDY_FILE: draft.text.encode("utf-8")}
    if questionnaire.content is not None:
        contents[questionnaire.name] = questionnaire.content
    if folder.exists() and any(folder.iterdir()):  # the exports lie in it already
        for name, content in reversed(contents.items()):  # the study file last
            (folder / name).write_bytes(content)
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        for source in sources:
            (fresh / source.name).write_bytes(source.content)
        for name, content in contents.items():
            (fresh / name).write_bytes(content)
        fresh.chmod(0o755)  # mkdtemp makes folders only their owner can read
        fresh.replace(folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise


def _lines(
    name: str,
    draft: Draft,
    sketches: Sequence[ExportSketch],
    questionnaire: _Questionnaire,
    left: Sequence[str],
) -> list[str]:
    """What was found, what was written and what is left to do, for the screen."""
    lines = [line for sketch in sketches for line in _found(sketch, questionnaire)]
    if left:
        lines.append(f"Left alone, no exports by their names: {', '.join(left)}.")
    where = f"data/raw/{name}"
    beside = "; the exports beside it are unchanged copies" if sketches else ", a template"
    lines.append(f"Written: {where}/{STUDY_FILE}{beside}.")
    to_fill = [f"{STUDY_FILE}, line {line}: {what}" for line, what in draft.to_fill]
    if questionnaire.first is not None:
        n = len(questionnaire.instrument.activities)
        lines.append(
            f"Written: {where}/{OWN_INSTRUMENT}, a first version: these are not the items of "
            f"{DEFAULT_INSTRUMENT}, so the {n} columns that look like ratings became its items."
        )
        own = questionnaire.first.draft.to_fill
        to_fill += [f"{OWN_INSTRUMENT}, line {line}: {what}" for line, what in own]
    lines += [f"Fill in ({len(to_fill)}), where FILL_IN stands:"]
    lines += [f"  {number}. {what}" for number, what in enumerate(to_fill, start=1)]
    if draft.to_check:
        lines.append(f"Check, for these are guesses or yours to decide ({STUDY_FILE}):")
        lines += [f"  line {line}: {what}" for line, what in draft.to_check]
    return [*lines, f"Next: research check {name}"]


def _found(sketch: ExportSketch, questionnaire: _Questionnaire) -> list[str]:
    """What one export holds, a line a finding; what was not found is said as well."""
    table, n = sketch.table, len(questionnaire.instrument.activities)
    sheet = f"; sheet {table.sheet}" if table.sheet else ""
    lines = [f"{table.file}: {table.layout} ({table.why}){sheet}; {len(table.cells)} rows"]
    lines += [f"  left out: {count} {reason}" for reason, count in table.left_out.items()]
    found = sketch.activities
    if found is None:
        lines.append(
            f"  activities: fewer than half of {n} were recognised; if this is another "
            "questionnaire, give its file with --instrument"
        )
    else:
        how = HOW.get(found.how, "by their questions")
        lines.append(f"  activities: {len(found.headers)} of {n}, {how}")
    columns = [
        f"{use} '{shortened(sketch.uses[use].header)}'"
        for use in ("respondent", "organisation", "wave", "duration")
        if use in sketch.uses
    ]
    source = role_source(sketch)
    if source == "column":
        columns.append(f"role '{sketch.uses['role'].header}'")
    lines.append(f"  columns: {', '.join(columns) or 'none'}")
    absent = [use for use in ("respondent", "organisation") if use not in sketch.uses]
    absent += ["role"] if source == "unknown" else []
    if absent:
        why = f" ({sketch.no_ids})" if sketch.no_ids else ""
        lines.append(f"  not found: {', '.join(absent)}{why}")
    if source == "file":
        named = "sheet" if sketch.one_of_several else "file"
        lines.append(f"  role: {sketch.role}, by the name of the {named}")
    return lines
