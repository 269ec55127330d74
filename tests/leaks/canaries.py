"""Sixty private words planted in the exports, and a search for them in everything there is."""

import base64
import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

# The first people of a role carry one of each; what is no id must not be in the tables either.
PER_ROLE = 5
SHARED = 2  # first bytes by which words are searched together


def planted() -> dict[str, list[str]]:
    """Canaries by the kind of column they stand in: ten of each kind, sixty in all."""
    numbers = range(2 * PER_ROLE)
    return {
        "id": [f"R_kanarie{n}Qx" for n in numbers],
        "name": [f"Kanarie{n} van der Testberg" for n in numbers],
        "email": [f"kanarie{n}@testberg.example" for n in numbers],
        "ip": [f"203.0.113.{n + 100}" for n in numbers],
        "latitude": [f"52.37{n}1938477" for n in numbers],
        "remark": [f"Mijn kanarie {n} zingt niet meer" for n in numbers],
    }


HEADINGS = {
    "name": "Naam",
    "email": "RecipientEmail",
    "ip": "IPAddress",
    "latitude": "LocationLatitude",
    "remark": "Wat wilt u nog kwijt?",
}


def cells(role: str, number: int) -> dict[str, str]:
    """What a person's row carries beside the answers."""
    if number >= PER_ROLE:
        return dict.fromkeys(HEADINGS.values(), "")
    place = number + PER_ROLE * (role != "customer")
    words = planted()
    return {"id": words["id"][place]} | {HEADINGS[k]: words[k][place] for k in HEADINGS}


def everything_in(path: Path) -> bytes:
    """The bytes of a file, and of what is packed or coded within it."""
    whole = path.read_bytes()
    pieces = [whole]
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as parts:
            pieces += [parts.read(name) for name in parts.namelist()]
    for coded in re.findall(rb"base64,([A-Za-z0-9+/=]{16,})", whole):
        pieces.append(base64.b64decode(coded + b"=" * (-len(coded) % 4)))
    return b"\n".join(pieces)


def hits(paths: Iterable[Path], words: Iterable[str]) -> dict[str, list[str]]:
    """Files that hold a canary, each with the canaries it holds; links and folders count not."""
    begun: dict[bytes, list[bytes]] = {}
    for word in words:
        begun.setdefault(word.encode()[:SHARED], []).append(word.encode())
    found: dict[str, list[str]] = {}
    for path in paths:
        if path.is_file():
            whole = everything_in(path)
            # Ids and addresses begin alike: where the beginning is not, none of them is.
            near = [word for start, group in begun.items() if start in whole for word in group]
            held = [word.decode() for word in near if word in whole]
            if held:
                found[str(path)] = held
    return found


def files_of(*folders: Path, without: str = "") -> list[Path]:
    """Every file below some folders, hidden ones too; ``without`` leaves out one name."""
    return [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and without not in path.parts
    ]


def all_words(kinds: Mapping[str, list[str]], *, without: str = "") -> list[str]:
    return [word for kind, words in kinds.items() if kind != without for word in words]
