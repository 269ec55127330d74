"""A folder of finished files, looked through before anybody else sees it."""

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from research.disclosure.scanner.finished import (
    Content,
    Grid,
    read_csv,
    read_document,
    read_pdf,
    read_workbook,
    words_of_grid,
)
from research.disclosure.scanner.leak_rules import column_rules, formula_rules, leak_rules
from research.disclosure.scanner.number_rules import (
    NUMBER,
    prose_rules,
    result_rules,
    table_rules,
)
from research.disclosure.scanner.page import PageWords
from research.errors import PrivacyError
from research.study.study_file import FULL_DETAIL_N, Privacy

KINDS = (".html", ".csv", ".json", ".xlsx", ".docx", ".pdf")
SHEETS = (".csv", ".xlsx")  # opened by a spreadsheet
RESULTS = frozenset({"estimate_type", "estimate", "n_a", "n_b"})  # headings of a results table
SHOWN_FINDINGS = 5


@dataclass(frozen=True, kw_only=True)
class Known:
    """What whoever publishes knows and no file may tell, and what the rules need to know.

    ``private``: ids of respondents and the like. ``places``: folders of this machine.
    ``stated``: the researcher's own words that hold a number or an address. ``roles``: the words
    for each role, by its id. ``scale``: the ends of the response scale.
    """

    private: frozenset[str] = frozenset()
    places: tuple[str, ...] = ()
    stated: tuple[str, ...] = ()
    roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    scale: tuple[float, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A rule that a file breaks, and where; it repeats nothing of what it found."""

    file: str
    rule: str
    where: str = ""

    def __str__(self) -> str:
        return f"{self.file}: {self.rule}" + (f" ({self.where})" if self.where else "")


@dataclass(frozen=True, kw_only=True)
class Scan:
    """What was looked through: numbers of files, tables and cells with a number; the findings."""

    files: int
    tables: int
    cells: int
    findings: tuple[Finding, ...]

    def require_clean(self) -> None:
        """Refuse a folder with a finding.

        Raises
        ------
        PrivacyError
            Naming the first findings by file and rule.
        """
        if not self.findings:
            return
        lines = [f"- {finding}" for finding in self.findings[:SHOWN_FINDINGS]]
        left = len(self.findings) - len(lines)
        lines += [f"- and {left} more."] if left > 0 else []
        raise PrivacyError(
            "Nothing was published: the finished files show what may not be shown.\n"
            + "\n".join(lines)
            + "\nThis is a mistake in the program, unless the study file itself says it."
        )


def scan_folder(folder: Path, *, privacy: Privacy, known: Known, pattern: str = "*") -> Scan:
    """Every file of a folder, looked through by what stands in it; nothing is changed.

    Hidden folders (failed notebooks) are no part of what is published. ``pattern`` limits it to
    files of such a name.
    """
    looked = _Look(privacy=privacy, known=known)
    for path in sorted(folder.rglob(pattern)):
        inside = path.relative_to(folder)
        if path.is_dir() or any(part.startswith(".") for part in inside.parts):
            continue
        looked.at(path, inside.as_posix())
    return Scan(
        files=looked.files,
        tables=looked.tables,
        cells=looked.cells,
        findings=tuple(dict.fromkeys(looked.findings)),
    )


@dataclass(kw_only=True)
class _Look:
    privacy: Privacy
    known: Known
    files: int = 0
    tables: int = 0
    cells: int = 0
    findings: list[Finding] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def at(self, path: Path, name: str) -> None:
        self.files += 1
        if path.is_symlink() or path.suffix not in KINDS:
            self._note(name, [("a file of a kind that is not published", path.suffix)])
            return
        try:
            content = read_file(path)
        except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, ValueError):
            self._note(name, [("a file that cannot be read", "")])
            return
        known = self.known
        self._note(
            name,
            leak_rules(content, private=known.private, places=known.places, stated=known.stated),
        )
        inside = [read_csv(text) for text in content.downloads]
        of_results = [grid for grid in [*content.grids, *inside] if RESULTS <= set(grid.head)]
        for grid in of_results:
            self._results(name, grid)
        for grid in [*(content.grids if path.suffix in SHEETS else []), *inside]:
            self._note(name, formula_rules(grid))
            self._note(name, column_rules(grid))
        if path.suffix == ".csv":
            return
        self._words_and_tables(name, content, of_results)

    def _words_and_tables(self, name: str, content: Content, of_results: list[Grid]) -> None:
        words = content.words
        for text in self.known.stated:
            words = words.replace(text, " ")
        self._note(name, prose_rules(words, self.privacy, list(self.known.roles.values())))
        about = _page_facts(of_results, self.known, self.privacy)
        for grid in content.grids:
            if grid not in of_results:
                self._count(grid)
                self._note(name, table_rules(grid, self.privacy, **about))

    def _results(self, name: str, grid: Grid) -> None:
        """Look at a results table; the same one in another file is the same one."""
        mark = hashlib.sha256(repr(grid).encode()).hexdigest()
        if mark in self.seen:
            return
        self.seen.add(mark)
        self._count(grid)
        self._note(name, result_rules(grid, self.privacy, self.known.scale))

    def _count(self, grid: Grid) -> None:
        self.tables += 1
        self.cells += sum(bool(NUMBER.search(cell)) for row in grid.rows for cell in row.cells)

    def _note(self, name: str, found: Iterable[tuple[str, str]]) -> None:
        self.findings += [Finding(file=name, rule=rule, where=where) for rule, where in found]


def read_file(path: Path) -> Content:
    """What a finished file holds, by its kind."""
    if path.suffix == ".xlsx":
        return read_workbook(path)
    if path.suffix == ".docx":
        return read_document(path)
    if path.suffix == ".pdf":
        return read_pdf(path)
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        content = PageWords(text).content
        inside = [words_of_grid(read_csv(download)) for download in content.downloads]
        content.raw = "\n".join([content.raw, *inside])
        return content
    if path.suffix == ".csv":
        grid = read_csv(text)
        words = words_of_grid(grid)  # quotes within a cell stand double in the file
        return Content(raw=words, words=words, grids=[grid])
    words = "\n".join(_strings(json.loads(text)))
    return Content(raw=f"{text}\n{words}", words=words)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    elif isinstance(value, str):
        yield value


def _page_facts(tables: list[Grid], known: Known, privacy: Privacy) -> dict[str, object]:
    """Largest number of people behind a page, and the words of roles that are withheld.

    A number told as a band counts as its upper limit, or its lower one where it has none. Where
    the study file lets cluster means leave from fewer than ten people, a role of which only those
    are told is withheld but for them (``means_only``).
    """
    counts: list[float] = []
    withheld: list[str] = []
    mean_of: set[str] = set()
    for row in _rows_of(tables):
        if row["estimate_type"] == "respondents":
            said = row["estimate"] or row["ci_high"] or row["ci_low"]
            if said:
                counts.append(float(said))
            elif row["role"] in known.roles:
                withheld.append(row["role"])
        elif row["estimate_type"] == "mean" and row["estimate"] and not row["activity_id"]:
            mean_of.add(row["role"])
    lenient = mean_of if privacy.minimum_n < FULL_DETAIL_N else set()
    return {
        "largest_n": max(counts, default=None),
        "withheld": [known.roles[role] for role in withheld],
        "means_only": [known.roles[role] for role in withheld if role in lenient],
    }


def _rows_of(tables: list[Grid]) -> Iterator[dict[str, str]]:
    for grid in tables:
        for row in grid.rows:
            yield dict(zip(grid.head, row.cells, strict=False))
