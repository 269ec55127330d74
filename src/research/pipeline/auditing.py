"""The audit of a release before it takes its place, and the record of what was withheld."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from research.batch.task import Outcome
from research.disclosure.audit import Audit, audit
from research.disclosure.ledger import ledger
from research.errors import PrivacyError
from research.presentation.display import FORMULA_STARTS, results_csv
from research.reporting.files import write_files
from research.responses.store import Build
from research.stats.estimates import RESULT_COLUMNS, TEXT_COLUMNS
from research.study.workspace import Workspace

RESULTS = ".results.csv"
RELEASES = ("study", "organisations")
LEDGER, AUDIT = "ledger.csv", "audit.csv"
SHOWN = 3
KINDS = {
    "people": "the number of people",
    "mean": "a mean",
    "share": "a share",
    "newcomers": "a mean of the few people who came or went since an earlier release",
}


def audit_release(
    workspace: Workspace, build: Build, folder: Path, *, made: Sequence[Outcome] | None = None
) -> Audit:
    """Audit the release in ``folder`` together with those that stand; write what was withheld.

    ``made`` are the pages that this run made (default: all of the folder); the others are taken
    over from an earlier run. Of each study ``ledger.csv`` and ``audit.csv`` then lie beside
    its releases: they are for whoever makes the reports.

    Raises
    ------
    PrivacyError
        Where a withheld number could be worked out too narrowly.
    """
    reports = workspace.reports(build.study.id)
    own = read_results(folder)
    wanted = None if made is None else {Path(outcome.page).stem for outcome in made}
    pages = {name: page for name, page in own.items() if wanted is None or name in wanted}
    earlier = {f"kept/{name}": page for name, page in own.items() if name not in pages}
    for release in RELEASES:
        standing = read_results(reports / release)
        earlier |= {f"{release}/{name}": page for name, page in standing.items()}
    found = audit(pages, build.answers, earlier=earlier)
    if not found.passed:
        alone = audit(pages, build.answers).passed
        raise PrivacyError(_message(found, build, reports.name, alone=alone))
    kept = {name: page for name, page in earlier.items() if not _replaced(name, folder)}
    written = ledger(pages | kept)
    write_files({reports / LEDGER: results_csv(written), reports / AUDIT: results_csv(found.cells)})
    return found


def _replaced(name: str, folder: Path) -> bool:
    """Whether a standing page goes when this release takes its place."""
    return any(name.startswith(f"{release}/") and release in folder.name for release in RELEASES)


def read_results(folder: Path) -> dict[str, pd.DataFrame]:
    """Results of every page in a folder, by the page's name; equal ones only once.

    A study's pages in two languages hold the same results.
    """
    found, seen = {}, set()
    for path in sorted(folder.glob(f"*{RESULTS}")):
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if digest not in seen:
            seen.add(digest)
            found[path.name.removesuffix(RESULTS)] = read_page_results(path)
    return found


def read_page_results(path: Path) -> pd.DataFrame:
    """Results of one page as numbers and text, from the file beside it."""
    numbers = [name for name in RESULT_COLUMNS if name not in TEXT_COLUMNS]
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    for column in table.columns:
        if column in numbers:
            table[column] = pd.to_numeric(table[column], errors="coerce")
        else:
            table[column] = table[column].map(_unguarded)
    return table


def _unguarded(cell: str) -> str:
    """Return a text cell without the quote that keeps a spreadsheet from running it."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def _message(found: Audit, build: Build, study_id: str, *, alone: bool) -> str:
    weak = found.weak.sort_values("pair")
    lines = []
    for row in weak.head(SHOWN).itertuples():
        where = row.organisation_id or "all organisations"
        asked = " ".join(filter(None, (row.cluster_id, row.activity_id)))
        about = f", {asked}" if asked else ""
        unit = "possible values" if row.what == "people" else "wide"
        lines.append(
            f"- {KINDS[row.what]}: {where}, {row.role}{about} ({row.pair:.2g} {unit}; at least "
            f"{row.wanted:g} wanted)"
        )
    if len(weak) > SHOWN:
        lines.append(f"- and {len(weak) - SHOWN} more")
    head = (
        f"{len(weak)} withheld number{'s' if len(weak) > 1 else ''} could be worked out by putting "
        "pages together. Nothing was published.\n" + "\n".join(lines) + "\n"
    )
    if alone:
        return head + (
            f"Pages of an earlier release take part in it. If nobody has received them, remove "
            f"reports/{study_id}/study and reports/{study_id}/organisations and make both again. "
            "If somebody has, wait until at least ten more people have answered."
        )
    return head + (
        "Leave the organisation out (`exclusions` in the study file), or publish the study report "
        "or the organisation pages, not both."
    )
