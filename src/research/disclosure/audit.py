"""What can be worked out from all pages of a release together, and from earlier releases."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from research.disclosure.coarseness import (
    FEWEST_COUNTS,
    NARROWEST_MEAN,
    NARROWEST_SHARE,
    WIDE_ENOUGH,
    protected,
)
from research.disclosure.differencing import between_releases
from research.disclosure.known import ATTACKERS, Known, widths
from research.disclosure.published import readings, together, true_values
from research.disclosure.solving import widths_together
from research.disclosure.windows import CLOSE, windows
from research.errors import PrivacyError
from research.study.answers import Answers
from research.study.cells import Cells

WANTED = {"people": FEWEST_COUNTS, "mean": NARROWEST_MEAN, "share": NARROWEST_SHARE}
CELL_COLUMNS = ["what", "organisation_id", "role", "cluster_id", "activity_id"]
AUDIT_COLUMNS = (*CELL_COLUMNS, *ATTACKERS, "wanted")


@dataclass(frozen=True, eq=False, kw_only=True)
class Audit:
    """Per protected number how narrowly it can be told by whoever has the pages.

    ``cells`` has one row a protected number: whose, ``what`` (people, mean, share, or newcomers
    between two releases), the width that an outsider, one organisation and any pair reach at
    best (possible numbers of people; scale points; share of the people), and what is ``wanted``
    at least.
    """

    cells: pd.DataFrame

    @property
    def weak(self) -> pd.DataFrame:
        """Numbers that can be told too narrowly; the release fails when there is one."""
        return self.cells[self.cells["pair"] < self.cells["wanted"] - CLOSE]

    @property
    def passed(self) -> bool:
        return self.weak.empty

    def narrowest(self, what: str) -> float:
        """Width of the narrowest window of a kind; NaN where nothing of it is protected."""
        return float(self.cells.loc[self.cells["what"] == what, "pair"].min())


def audit(
    pages: Mapping[str, pd.DataFrame],
    answers: Answers,
    *,
    earlier: Mapping[str, pd.DataFrame] | None = None,
) -> Audit:
    """Audit of the results of all pages of a release, with the answers they were made from.

    ``pages`` holds the results frame of every page by its name; ``earlier`` those of releases
    that readers may still have. Pages made from the same answers are put together; an earlier
    page made from other answers is compared with its successor, for the difference of two
    releases tells of the people by whom they differ. Every number is taken as an attacker sees
    it, with the limits that its rounding leaves; one organisation and pairs of organisations know
    their own answers besides, and everybody's number of people where means are concerned.

    Raises
    ------
    PrivacyError
        Where a page of this release was not made from these answers: it cannot be audited.
    """
    scale = answers.instrument.scale
    options = {
        "roles": answers.study.role_ids,
        "scale": (float(scale.low), float(scale.high), float(scale.midpoint)),
    }
    cells = answers.cells
    read = {name: readings(frame, **options) for name, frame in pages.items()}
    for name, found in read.items():
        if not is_about(found, cells):
            raise PrivacyError(f"The numbers of page '{name}' are not those of these answers.")
    old = {name: readings(frame, **options) for name, frame in (earlier or {}).items()}
    same = {name: found for name, found in old.items() if is_about(found, cells)}
    limits = together([*read.values(), *same.values()])
    known = Known(limits, options["scale"][:2])
    rows = [*_people_rows(known, answers), *_figure_rows(known, answers)]
    changed = [found for name, found in old.items() if name not in same]
    rows += between_releases(changed, list(read.values()), answers)
    return Audit(cells=pd.DataFrame(rows, columns=list(AUDIT_COLUMNS)))


def is_about(found: pd.DataFrame, cells: Cells) -> bool:
    """Whether readings hold the true numbers of these answers, so were made from them."""
    true = true_values(found, cells)
    low, high = found["low"].to_numpy(dtype=float), found["high"].to_numpy(dtype=float)
    return bool(((true >= low - CLOSE) & (true <= high + CLOSE)).all())


def _people_rows(known: Known, answers: Answers) -> Iterator[dict]:
    """Yield per withheld number of people how many values it may still have."""
    cells, shown_from = answers.cells, answers.study.privacy.shown_from
    for role, name in enumerate(cells.roles):
        given = known.people(cells, role, None, shown_from=shown_from)
        by_question = [
            known.people(cells, role, question, shown_from=shown_from)
            for question in range(len(cells.questions))
        ]
        people = cells.people[role]
        for target in np.flatnonzero((people > 0) & (people < shown_from)):
            own = windows(given, target)
            floor = max((w.low for one in by_question for w in windows(one, target)), default=0.0)
            values = {who: width + 1 for who, width in widths(own).items()}
            # Who answered a question is among the people: each question raises the lower limit.
            values["pair"] = min(values["pair"], min(w.high for w in own) - floor + 1)
            keys = {"what": "people", "organisation_id": cells.organisations[target], "role": name}
            yield keys | values | {"cluster_id": "", "activity_id": "", "wanted": FEWEST_COUNTS}


def _figure_rows(known: Known, answers: Answers) -> Iterator[dict]:
    """Yield per withheld mean and share how wide its window is, in scale points or shares."""
    cells = answers.cells
    for role, name in enumerate(cells.roles):
        for place, question in enumerate(cells.questions):
            few = protected(cells, role, place, answers.study.privacy)
            if not len(few):
                continue
            given = {"mean": known.mean_sums(cells, role, place)}
            if question[1]:
                given["share"] = known.share_sums(cells, role, place)
            for target in few.tolist():
                keys = {"organisation_id": cells.organisations[target], "role": name}
                keys |= {"cluster_id": question[0], "activity_id": question[1]}
                for what, sums in given.items():
                    n = cells.n[role, place, target]
                    width = {w: x / n for w, x in widths(windows(sums, target)).items()}
                    if what == "mean" and width["pair"] < WIDE_ENOUGH:
                        solved = widths_together(
                            known, cells, (role, place, target), sizes=(0, 1, 2)
                        )
                        for size, who in enumerate(ATTACKERS):
                            width[who] = min(width[who], *list(solved.values())[: size + 1])
                    yield keys | width | {"what": what, "wanted": WANTED[what]}
