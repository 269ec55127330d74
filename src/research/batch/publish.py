"""A release goes out whole: built in a folder beside its place, then put there in one step."""

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from research.errors import EnvironmentFailure

# Not part of a release and not lost with the old one: failed notebooks.
KEPT = (".failed",)
AT_CURRENT_FOLDER = -100  # AT_FDCWD
RENAME_EXCHANGE = 2


@contextmanager
def new_release(target: Path) -> Iterator[Path]:
    """Give an empty folder to build in; it becomes ``target`` when the block ends well.

    When the block raises, the earlier release stays as it was and the new one is removed. What
    a killed run left behind is cleared first.

    Raises
    ------
    EnvironmentFailure
        When the folder cannot be made or swapped.
    """
    building, replaced = _beside(target, "building"), _beside(target, "replaced")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _recover(target, building, replaced)
        building.mkdir()
    except OSError as error:
        raise _no_room(target, error) from None
    try:
        yield building
        try:
            _swap(building, target, replaced)
        except OSError as error:
            raise _no_room(target, error) from None
    finally:
        shutil.rmtree(building, ignore_errors=True)


def _beside(target: Path, word: str) -> Path:
    return target.with_name(f".{target.name}.{word}")


def _recover(target: Path, building: Path, replaced: Path) -> None:
    """Undo a run that was killed: an old release that lost its place gets it back."""
    if replaced.exists() and not target.exists():
        replaced.rename(target)
    for left in (building, replaced):
        if left.exists():
            shutil.rmtree(left)


def _swap(building: Path, target: Path, replaced: Path) -> None:
    for path in building.rglob("*"):
        if path.is_file():
            _flush(path)
    if not target.exists():
        building.rename(target)
        return
    if _exchange(building, target):
        old = building
    else:
        target.rename(replaced)
        try:
            building.rename(target)
        except OSError:
            replaced.rename(target)
            raise
        old = replaced
    for name in KEPT:
        if (old / name).exists() and not (target / name).exists():
            (old / name).rename(target / name)
    shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step where the system can (Linux); False where it cannot."""
    if not sys.platform.startswith("linux"):
        return False
    swap = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if swap is None:
        return False
    first, second = os.fsencode(one), os.fsencode(other)
    return swap(AT_CURRENT_FOLDER, first, AT_CURRENT_FOLDER, second, RENAME_EXCHANGE) == 0


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _no_room(target: Path, error: OSError) -> EnvironmentFailure:
    return EnvironmentFailure(
        f"The release '{target.name}' could not be put in place: {error.strerror}. The earlier "
        "one is as it was. Make room or give write permission, and run it again."
    )
