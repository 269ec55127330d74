"""Which sheet of a workbook holds the answers, and which of its rows is the header."""

import re

from research.errors import nearest
from research.responses.ingest.files.sheet_rows import Row, SheetFacts, read_sheet
from research.responses.ingest.files.workbook import Sheet, Workbook
from research.responses.ingest.tables import ReadOptions, Source, fold_header

# Titles, explanations and empty rows stand above the header; more than this has not been seen.
TITLE_ROWS = 40
NUMBER = re.compile(r"^[+-]?\d+([.,]\d+)?$")


def first_rows(workbook: Workbook, sheet: Sheet, count: int) -> list[list[str]]:
    """Return the first rows of a sheet; a row without a filled cell is an empty list."""
    grid: list[list[str]] = []
    for row in read_sheet(workbook, sheet, SheetFacts(), last_row=count):
        if row.number > count:
            break
        grid += [[] for _ in range(row.number - 1 - len(grid))]
        grid.append(texts_of_row(row, 1 + max(cell.column for cell in row.cells)))
    return grid


def texts_of_row(row: Row, width: int) -> list[str]:
    """Text of every column of a row up to a width, empty where no cell is filled."""
    texts = [""] * width
    for cell in row.cells:
        if cell.column < width:
            texts[cell.column] = cell.text
    return texts


def choose_sheet(source: Source, workbook: Workbook, options: ReadOptions) -> Sheet:
    """Return the sheet with the answers; several that could hold them are refused by name."""
    candidates = candidate_sheets(source, workbook, options)
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        raise source.refuse(
            "empty file", "the workbook has no sheet with cells.", "Export it again."
        )
    names = ", ".join(f"'{sheet.title}'" for sheet in candidates)
    raise source.refuse(
        "sheet",
        f"{len(candidates)} sheets could hold the answers: {names}.",
        f"Name one in the study file, for example `sheet: {candidates[0].title}`.",
    )


def candidate_sheets(source: Source, workbook: Workbook, options: ReadOptions) -> list[Sheet]:
    """Sheets that could hold the answers: the named one, else by known headers, else filled.

    A hidden sheet counts only when no sheet that Excel shows would do.
    """
    if options.sheet is not None:
        titles = [sheet.title for sheet in workbook.sheets]
        if options.sheet in titles:
            return [workbook.sheets[titles.index(options.sheet)]]
        raise source.refuse(
            "sheet",
            f"there is no sheet '{options.sheet}'.",
            nearest(options.sheet, titles),
            sheet=options.sheet,
        )
    grids = {sheet: first_rows(workbook, sheet, TITLE_ROWS) for sheet in workbook.sheets}
    tables = [sheet for sheet, grid in grids.items() if any(_filled(row) > 1 for row in grid)]
    hits = {
        sheet: max(_hits(row, options.expected_names) for row in grids[sheet]) for sheet in tables
    }
    # A codebook has an id and its wordings in a row, the answers have all the ids.
    enough = max(2, max(hits.values(), default=0) / 2)
    known = [sheet for sheet in tables if hits[sheet] >= enough]
    filled = [sheet for sheet, grid in grids.items() if grid]
    for sheets in (known, tables, filled):
        shown = [sheet for sheet in sheets if not sheet.hidden]
        if shown or sheets:
            return shown or sheets
    return []


def _filled(texts: list[str]) -> int:
    return sum(bool(text) for text in texts)


def _hits(texts: list[str], expected_names: frozenset[str]) -> int:
    return len({fold_header(text) for text in texts} & expected_names)


def find_header(
    source: Source, sheet: Sheet, grid: list[list[str]], expected_names: frozenset[str]
) -> tuple[int, int]:
    """Return the first header row (from 0) and how many header rows there are, 1 or 2.

    It is the row with most expected names. A row beside it that has expected names too belongs
    to the header: names and question texts, or groups of columns with a title above them.
    """
    hits = [_hits(texts, expected_names) for texts in grid]
    if not hits or max(hits) == 0:
        return _unknown_header(source, sheet, grid), 1
    best = hits.index(max(hits))
    if best > 0 and hits[best - 1] and _completes(grid[best - 1], grid[best], expected_names):
        return best - 1, 2
    if best + 1 < len(hits) and hits[best + 1] > 1:
        return best, 2
    return best, 1


def _completes(above: list[str], below: list[str], expected_names: frozenset[str]) -> bool:
    """Whether a row has expected names where the row below it is empty, or several of them."""
    gaps = [text for n, text in enumerate(above) if n >= len(below) or not below[n]]
    return _hits(gaps, expected_names) > 0 or _hits(above, expected_names) > 1


def _unknown_header(source: Source, sheet: Sheet, grid: list[list[str]]) -> int:
    """Take the first row with several cells for the header, unless it is a row of numbers."""
    index = next((n for n, texts in enumerate(grid) if _filled(texts) > 1), 0)
    texts = [text for text in grid[index] if text] if grid else []
    numbers = sum(bool(NUMBER.match(text)) for text in texts)
    if texts and numbers * 2 > len(texts) and len(set(texts)) < len(texts):
        raise source.refuse(
            "no header row",
            f"no row among the first {TITLE_ROWS} holds a name from the study file or the "
            f"questionnaire, and row {index + 1} holds numbers.",
            "Put one row with the names of the columns above the answers, in a copy of the "
            "workbook, and write those names under `columns` in the study file.",
            sheet=sheet.title,
            row=str(index + 1),
        )
    return index


def one_header(
    head: list[list[str]], expected_names: frozenset[str]
) -> tuple[list[str], dict[int, str]]:
    """One name per column from one or two header rows, and the other text as its question."""
    headers, questions = [], {}
    for column, texts in enumerate(zip(*head, strict=True)):
        ranked = sorted(texts, key=lambda text: (fold_header(text) not in expected_names, not text))
        headers.append(ranked[0])
        if len(ranked) > 1 and ranked[1]:
            questions[column] = ranked[1]
    return headers, questions
