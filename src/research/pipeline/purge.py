"""Everything of a study removed from this machine, and the proof that nothing is left."""

import hashlib
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from research.disclosure.scanner.leak_rules import private_words
from research.errors import EnvironmentFailure, InputError, PrivacyError, nearest
from research.pipeline.scanning import is_telling, respondents
from research.study.study_file import STUDY_ID
from research.study.workspace import Workspace

# Not searched for copies: programs, and what git keeps in a form of its own.
NOT_SEARCHED = frozenset({".venv", ".git", "node_modules", "__pycache__", ".ruff_cache"})
PERSON_TABLES = frozenset({"responses.csv", "scores.csv", "flags.csv"})
LARGEST_SEARCHED = 200_000_000  # bytes


@dataclass(frozen=True, kw_only=True)
class Held:
    """What this project holds of a study: its folders, and marks by which a copy is known.

    ``ids``: ids of respondents by which a text can be searched. ``hashes``: SHA-256 of the
    exports and of the tables with a row a person. ``in_git``: whether git holds some of it, now
    or in its past.
    """

    study: str
    folders: tuple[Path, ...]
    files: int
    size: int
    ids: frozenset[str]
    hashes: frozenset[str]
    in_git: bool


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What was searched after the removal, and where something was still found."""

    searched: int
    left: tuple[Path, ...]


def held(workspace: Workspace, study_id: str) -> Held:
    """What the project holds of a study; nothing is changed.

    Raises
    ------
    InputError
        For a study of which nothing is held.
    """
    folders = tuple(_folders(workspace, study_id)) if re.fullmatch(STUDY_ID, study_id) else ()
    if not folders:
        known = sorted({path.name for path in workspace.raw.glob("*/")})
        hint = nearest(study_id, known) if known else "There is no study yet."
        raise InputError(f"Nothing is held of a study '{study_id}'. {hint}")
    files = [path for folder in folders for path in _files(folder)]
    return Held(
        study=study_id,
        folders=folders,
        files=len(files),
        size=sum(path.stat().st_size for path in files),
        ids=frozenset(filter(is_telling, respondents(workspace, study_id, "respondent_id"))),
        hashes=frozenset(_hash(path) for path in files if _holds_answers(path, workspace)),
        in_git=_in_git(workspace, study_id),
    )


def purge(workspace: Workspace, found: Held) -> Proof:
    """Remove every folder of a study, then search the project for copies.

    Raises
    ------
    EnvironmentFailure
        When something could not be removed; it says what.
    PrivacyError
        When a copy, an id or a link's target is left; it names the files.
    """
    targets = [folder.resolve() for folder in found.folders if folder.is_symlink()]
    for folder in found.folders:
        _remove(folder, workspace)
    left = [*targets, *_copies(workspace, found)]
    proof = Proof(searched=sum(1 for _ in _searched(workspace)), left=tuple(left))
    if left:
        lines = "\n".join(f"- {_shown(path, workspace)}" for path in left)
        raise PrivacyError(
            f"The folders of study '{found.study}' are removed, but this still holds something of "
            f"it:\n{lines}\nLook at each and remove it by hand."
        )
    return proof


def held_lines(workspace: Workspace, found: Held) -> Iterator[str]:
    """What a purge would remove, for a person to read before saying yes."""
    yield f"Study '{found.study}': {found.files} files, {found.size / 1e6:.1f} MB, in"
    for folder in found.folders:
        yield f"- {_shown(folder, workspace)}" + (" (a link)" if folder.is_symlink() else "")
    if found.in_git:
        yield "git holds files of this study too; a purge does not change git's past."


def purged_lines(found: Held, proof: Proof) -> Iterator[str]:
    """What was removed, how it was checked, and what no program here can reach."""
    yield f"Removed: {found.files} files of study '{found.study}'."
    yield (
        f"Checked: {proof.searched} files are left in this project; none is a copy of a removed "
        f"file, and none holds one of {len(found.ids)} ids of respondents."
    )
    if not found.ids:
        yield "Its ids are too short to be searched for, so only whole copies were looked for."
    yield (
        "Not reached from here: back-ups, other copies, the survey tool, pages you sent to "
        "others" + (", and git's past." if found.in_git else ".")
    )


def _folders(workspace: Workspace, study_id: str) -> Iterator[Path]:
    """Folders of a study, those of a run that was broken off among them."""
    own = (workspace.raw / study_id, workspace.processed(study_id), workspace.reports(study_id))
    for folder in own:
        if folder.exists() or folder.is_symlink():
            yield folder
        unfinished = re.compile(rf"\.{re.escape(study_id)}-(?:old-)?[a-z0-9_]{{8}}")  # by mkdtemp
        beside = sorted(folder.parent.glob(".*"))
        yield from (path for path in beside if unfinished.fullmatch(path.name))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _holds_answers(path: Path, workspace: Workspace) -> bool:
    """Whether a file of a study has rows of people: an instrument or a receipt has none."""
    if path.is_relative_to(workspace.raw):
        return path.suffix not in (".yaml", ".yml", ".json", ".md") and path.stat().st_size > 0
    return path.name in PERSON_TABLES


def _remove(folder: Path, workspace: Workspace) -> None:
    try:
        if folder.is_symlink():
            folder.unlink()
        else:
            shutil.rmtree(folder)
    except OSError as error:
        raise EnvironmentFailure(
            f"{_shown(folder, workspace)} could not be removed in full ({error.strerror}). Close "
            "programs that use it, check your rights on it, and run the purge again."
        ) from None


def _searched(workspace: Workspace) -> Iterator[Path]:
    for path in sorted(workspace.root.rglob("*")):
        if path.is_file() and not NOT_SEARCHED.intersection(path.parts):
            yield path


def _copies(workspace: Workspace, found: Held) -> Iterator[Path]:
    """Files of the project that equal a removed one or hold an id of a respondent."""
    for path in _searched(workspace):
        try:
            same = _hash(path) in found.hashes
            large = path.stat().st_size > LARGEST_SEARCHED
            text = "" if large else path.read_text("utf-8", "replace")
        except OSError:
            yield path
            continue
        if same or private_words(text, found.ids):
            yield path


def _hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _in_git(workspace: Workspace, study_id: str) -> bool:
    """Whether git knows a file of the study, in any commit."""
    places = [f"data/raw/{study_id}", f"data/processed/{study_id}", f"reports/{study_id}"]
    try:
        answer = subprocess.run(
            ["git", "-C", str(workspace.root), "log", "--all", "-1", "--format=%h", "--", *places],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return bool(answer.stdout.strip())


def _shown(path: Path, workspace: Workspace) -> str:
    inside = path.is_relative_to(workspace.root)
    return path.relative_to(workspace.root).as_posix() if inside else path.as_posix()
