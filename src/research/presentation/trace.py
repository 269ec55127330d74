"""From a number on the page to the result it was made from, and to the function that made that."""

import pandas as pd
from markupsafe import Markup

ROW_PREFIX = "row-"


class Traced(str):
    """Words of a number that know their result: on a page they link to it.

    In a plain sentence or an alternative text they are words like any other.
    """

    row_id: str

    def __new__(cls, words: str, row: pd.Series) -> "Traced":
        traced = super().__new__(cls, words)
        traced.row_id = str(row.get("row_id", ""))
        return traced

    def __html__(self) -> Markup:
        words = Markup.escape(str(self))
        if not self.row_id:
            return words
        # Not a stop of the Tab key: a page has thousands of numbers.
        return Markup('<a class="number" href="#{}{}" tabindex="-1">{}</a>').format(
            ROW_PREFIX, self.row_id, words
        )


class TracedSentence(Traced):
    """A sentence made from one result: a small mark after it links to that result."""

    label: str

    def __new__(cls, words: str, row: pd.Series, label: str) -> "TracedSentence":
        traced = super().__new__(cls, words, row)
        traced.label = label
        return traced

    def __html__(self) -> Markup:
        words = Markup.escape(str(self))
        if not self.row_id:
            return words
        return words + Markup(
            ' <a class="source" href="#{}{}" tabindex="-1" aria-label="{}">#</a>'
        ).format(ROW_PREFIX, self.row_id, self.label)
