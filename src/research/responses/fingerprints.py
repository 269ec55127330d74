"""Fingerprints of what a build was made from: equal ones mean equal numbers."""

import hashlib
import json
from pathlib import Path

from research.study.instrument import Instrument
from research.study.study_file import Study


def current_hashes(study: Study, receipt: dict, folder: Path) -> dict[str, str]:
    """Hashes of the exports as they are now; of one that was taken away, as it was."""
    built = {file["file"]: file["sha256"] for file in receipt.get("files", [])}
    hashes = {}
    for export in study.exports:
        path = folder / export.path
        if path.is_file():
            hashes[path.name] = hash_of_file(path)
        else:
            hashes[path.name] = built.get(path.name, "")
    return hashes


def hash_of_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hash_of_inputs(study: Study, instrument: Instrument, hashes: dict[str, str]) -> str:
    """SHA-256 over everything the numbers depend on; a comment in the study file is not one."""
    content = {
        "exports": dict(sorted(hashes.items())),
        "study": study.model_dump(mode="json"),
        "instrument": instrument.model_dump(mode="json"),
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()
