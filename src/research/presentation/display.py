"""What a notebook cell shows, and the record by which the runner knows that it finished."""

import hashlib
import html
import re

import pandas as pd
from IPython.display import display

from research.errors import PrivacyError

COMPLETION_MIME = "application/vnd.research.completion+json"
PRIVATE_COLUMNS = frozenset({"respondent_id"})
# A spreadsheet takes these, also in their full-width forms, for the start of a formula.
FORMULA_STARTS = tuple(
    "=+-@\t\r\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}"
    "\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
)
PLAIN_LENGTH = 200


def show(fragment: str) -> None:
    """Show an HTML fragment under the cell, with its text as the fallback.

    Raises
    ------
    PrivacyError
        For a table that holds respondent ids.
    TypeError
        For any other table: ``presentation.tables`` makes the HTML of a table.
    """
    if isinstance(fragment, pd.DataFrame | pd.Series):
        refuse_respondents(fragment)
        raise TypeError(
            "show() takes HTML, not a table. Make its HTML with research.presentation.tables."
        )
    data = {"text/html": str(fragment), "text/plain": plain_text(str(fragment))}
    display(data, raw=True)


def finish(
    results: pd.DataFrame, *, study: str, organisation_id: str, language: str, notebook: str
) -> None:
    """Show the completion record; the last cell of every notebook calls this, once.

    The runner takes the results from the record: the notebook itself writes no file.
    """
    refuse_respondents(results)
    text = results_csv(results)
    record = {
        "study": study,
        "organisation_id": organisation_id,
        "language": language,
        "notebook": notebook,
        "n_results": len(results),
        "results_csv": text,
        "results_hash": hashlib.sha256(text.encode("utf-8")).hexdigest(),
    }
    plain = f"Finished: {len(results)} results of study {study} ({language})."
    display({COMPLETION_MIME: record, "text/plain": plain}, raw=True)


def refuse_respondents(table: pd.DataFrame | pd.Series) -> None:
    """Raise PrivacyError where a table holds respondent ids as a column or as its index."""
    columns = list(table.columns) if isinstance(table, pd.DataFrame) else [table.name]
    if PRIVATE_COLUMNS.intersection([*columns, *table.index.names]):
        raise PrivacyError(
            "This table holds respondent ids, and what a notebook shows may be published. "
            "Show results, not respondents."
        )


def results_csv(results: pd.DataFrame) -> str:
    """Return results as CSV (RFC 4180), numbers at full precision, no cell a formula."""
    guarded = results.rename(columns=guard_formula)
    for position, column in enumerate(guarded.columns):
        if not pd.api.types.is_numeric_dtype(guarded.dtypes.iloc[position]):
            guarded[column] = guarded[column].map(guard_formula)
    return guarded.to_csv(index=False, lineterminator="\r\n")


def guard_formula(cell: object) -> object:
    """Return a text cell with a quote before it where a spreadsheet would run it."""
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return "'" + cell
    return cell


def plain_text(fragment: str) -> str:
    """Return the words of an HTML fragment on one line, at most some two hundred characters."""
    words = " ".join(html.unescape(re.sub(r"<[^>]*>", " ", fragment)).split())
    return words if len(words) <= PLAIN_LENGTH else words[: PLAIN_LENGTH - 1] + "…"
