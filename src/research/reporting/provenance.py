"""Where a page comes from: code, data, versions and seed. No host, no user, no path, no clock."""

import hashlib
import platform
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

LOCK_FILE = "requirements.lock"
LOCKED_LINE = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
UNKNOWN = "unknown"
SHOWN_HASH = 12
PROVENANCE_WORDS: tuple[str, ...] = (
    "provenance.commit",
    "provenance.tree.clean",
    "provenance.tree.changed",
    "provenance.data",
    "provenance.lock",
    "provenance.seed",
    "provenance.versions",
    "provenance.unknown",
)


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What a reader needs to make the same page again.

    ``tree`` is clean, changed (files differ from the commit) or unknown (no git). ``off_lock``
    names installed packages whose version is not the one in the lock file.
    """

    commit: str
    tree: str
    lock_hash: str
    data_hash: str
    seed: int
    python: str
    packages: tuple[tuple[str, str], ...]
    off_lock: tuple[str, ...] = ()


def collect(root: Path, *, data_hash: str, seed: int, packages: Iterable[str]) -> Provenance:
    """Provenance of a page made from ``root`` now; what cannot be known is 'unknown'."""
    commit = _git(root, "rev-parse", "HEAD") if _is_own_repository(root) else None
    changes = _git(root, "status", "--porcelain") if commit else None
    if changes is None:
        tree = UNKNOWN
    else:
        tree = "changed" if changes else "clean"
    lock = root / LOCK_FILE
    versions = tuple((name, _version(name)) for name in packages)
    return Provenance(
        commit=commit or UNKNOWN,
        tree=tree,
        lock_hash=hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else UNKNOWN,
        data_hash=data_hash or UNKNOWN,
        seed=seed,
        python=platform.python_version(),
        packages=versions,
        off_lock=_off_lock(lock, versions),
    )


def _off_lock(lock: Path, versions: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Packages the lock file names with other versions only; one it does not name is our own."""
    if not lock.is_file():
        return ()
    locked: dict[str, set[str]] = {}
    for name, version in LOCKED_LINE.findall(lock.read_text(encoding="utf-8")):
        locked.setdefault(name, set()).add(version)
    return tuple(name for name, version in versions if version not in locked.get(name, {version}))


def provenance_rows(provenance: Provenance, words: Mapping[str, str]) -> dict[str, str]:
    """Reader rows of the page's foot: label to text, in the words of one language."""

    def shown(value: str) -> str:
        return words["provenance.unknown"] if value == UNKNOWN else value[:SHOWN_HASH]

    code = shown(provenance.commit)
    if provenance.tree != UNKNOWN:
        code += f" ({words[f'provenance.tree.{provenance.tree}']})"
    versions = [("Python", provenance.python), *provenance.packages]
    return {
        words["provenance.commit"]: code,
        words["provenance.data"]: shown(provenance.data_hash),
        words["provenance.lock"]: shown(provenance.lock_hash),
        words["provenance.seed"]: str(provenance.seed),
        words["provenance.versions"]: ", ".join(f"{name} {number}" for name, number in versions),
    }


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return UNKNOWN


def _is_own_repository(root: Path) -> bool:
    """Whether git's folder is ``root`` itself: the commit of a folder above says nothing."""
    top = _git(root, "rev-parse", "--show-toplevel")
    return top is not None and Path(top).resolve() == root.resolve()


def _git(root: Path, *arguments: str) -> str | None:
    """What git answers, None where there is no git, no repository or no commit."""
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()
