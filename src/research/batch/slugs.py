"""From organisation ids to file names: safe on every disk, never two the same."""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from research.errors import BatchError

SLUG = re.compile(r"[a-z0-9-]{1,40}")
LONGEST = 40
FINGERPRINT = 8
# Names with a meaning of their own: to Windows, or among the files of a release.
RESERVED = frozenset(
    ["index", "manifest", "con", "prn", "aux", "nul"]
    + [f"{device}{number}" for device in ("com", "lpt") for number in range(10)]
)


def slug_table(organisation_ids: Iterable[str]) -> dict[str, str]:
    """Slug of every organisation: its id in plain letters, with a fingerprint where needed.

    The same ids give the same table in any order. An id gets a fingerprint when it would be
    empty, too long, a reserved name, or the slug of another organisation.
    """
    ids = sorted(set(organisation_ids))
    plain = {organisation_id: _plain(organisation_id) for organisation_id in ids}
    wanted = Counter(plain.values())
    table = {
        organisation_id: slug
        for organisation_id, slug in plain.items()
        if wanted[slug] == 1 and 0 < len(slug) <= LONGEST and slug not in RESERVED
    }
    taken = set(table.values())
    for organisation_id in ids:
        if organisation_id in table:
            continue
        table[organisation_id] = _marked(organisation_id, plain[organisation_id], taken)
        taken.add(table[organisation_id])
    return {organisation_id: table[organisation_id] for organisation_id in ids}


def page_path(folder: Path, slug: str, language: str) -> Path:
    """Path of an organisation's page, checked to lie inside the folder."""
    if not SLUG.fullmatch(slug):
        raise BatchError(f"'{slug}' is no slug: only a-z, 0-9 and - may name a file.")
    path = folder / f"{slug}.{language}.html"
    if not path.resolve().is_relative_to(folder.resolve()):
        raise BatchError(f"'{path.name}' would lie outside the folder of the release.")
    return path


def _plain(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    return re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-")


def _marked(organisation_id: str, plain: str, taken: set[str]) -> str:
    """Slug with the first free length of the id's fingerprint behind it."""
    digest = hashlib.sha256(organisation_id.encode("utf-8", "surrogatepass")).hexdigest()
    base = plain or "organisation"
    for length in range(FINGERPRINT, LONGEST - 1):
        mark = digest[:length]
        slug = f"{base[: LONGEST - length - 1].strip('-') or 'o'}-{mark}"
        if slug not in taken:
            return slug
    raise BatchError("No free file name is left for an organisation.")
