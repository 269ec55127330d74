"""Signs of careless answering, per respondent: flags, never deletions.

One module a question: runs of one answer (``strings``), how much answers differ (``spread``), how
unlike the others a whole row is (``distance``), whether it hangs together (``consistency``),
whether it values what the others value (``person_fit``), ends and middle (``styles``), ``speed``
and ``attention``. ``compared`` sets a person beside the others of the role and wave, ``signs``
judges, and ``flags`` is the table.

Definitions are those of the R packages careless 1.2.2 (Yentes & Wilhelm) and PerFit 1.4
(Tendeiro) where these have them; each function says where its value is another and why.
"""

from research.responses.quality.flags import FLAG_COLUMNS, flag_respondents
from research.responses.quality.strings import longest_string

__all__ = ["FLAG_COLUMNS", "flag_respondents", "longest_string"]
