"""How the rows of the exports became the people of the analysis, without small numbers."""

from dataclasses import dataclass, replace

import numpy as np
from markupsafe import Markup

from research.presentation.tables import Column, Group, html_table
from research.presentation.texts import Reader
from research.study.answers import SampleFlow

MERGED = "merged"
# Reasons by the stage that a row does not reach for it, in the order of the stages. The receipt is
# in English; what readers see comes from the catalogue.
STAGES: dict[str, dict[str, str]] = {
    # No people: their number tells nothing of anybody.
    "opened": {
        "blank line": "left_out.blank",
        "preview": "left_out.preview",
        "test": "left_out.preview",
    },
    "complete": {
        "unfinished": "left_out.unfinished",
        "not submitted": "left_out.not_submitted",
        "no answer at all": "left_out.no_answers",
    },
    "valid": {
        "spam": "left_out.spam",
        "no answer on the scale": "left_out.none_on_scale",
        "no role": "left_out.no_role",
        "excluded in the study file": "left_out.excluded",
        "flagged, as the study file decides": "left_out.flagged",
    },
    "out": {"another wave": "left_out.other_wave"},
}


@dataclass(frozen=True, kw_only=True)
class Step:
    """One shown stage: its name, how many reached it, and why others did not, by reason."""

    stage: str
    count: int
    left_out: dict[str, int]


def flow_steps(flow: SampleFlow, *, limit: int) -> list[Step]:
    """Stages of the flow that may be shown, first to last; the last is always ``out``.

    A stage is shown only when its loss to the next shown one is nobody or at least ``limit``
    people, and reasons with few people are put together between the shown ones: no subtraction
    gives a small number. Without ``in`` and ``opened`` too few were left out to say how many.
    """
    losses = [
        {reason: flow.left_out[reason] for reason in reasons if flow.left_out.get(reason)}
        for reasons in STAGES.values()
    ]
    counts = (flow.rows_in - np.cumsum([sum(lost.values()) for lost in losses])).tolist()
    if counts[-1] != flow.rows_out:
        raise ValueError(f"a reason for leaving rows out is unknown: {sorted(flow.left_out)}")
    last = len(counts) - 1
    shown = [last]
    for place in reversed(range(last)):
        lost = counts[place] - counts[shown[0]]
        if lost == 0 and shown[0] != last:
            shown[0] = place  # nobody was lost in between: the earlier stage says it
        elif lost >= limit or (lost == 0 and place == 0):
            shown.insert(0, place)
    names = list(STAGES)
    steps = [
        Step(
            stage=names[place],
            count=counts[place],
            left_out=_merged(_joined(losses[before + 1 : place + 1]), limit=limit),
        )
        for before, place in zip([0, *shown], shown, strict=False)
    ]
    if shown[0] > 0:
        return steps
    opened = replace(steps[0], left_out=losses[0])
    everybody = Step(stage="in", count=flow.rows_in, left_out={})
    return [everybody, *([opened] if losses[0] else []), *steps[1:]]


def flow_table(flow: SampleFlow, reader: Reader) -> Markup:
    """The flow as a table: what was read, each stage, and before it why rows were left out."""
    rows = []
    for step in flow_steps(flow, limit=reader.study.privacy.shown_from):
        rows += _losses(step, reader)
        rows.append((reader.text(f"sample.flow.{step.stage}"), reader.count(step.count)))
    return html_table(
        table_id="sample-flow",
        caption=reader.text("sample.flow.caption"),
        columns=[
            Column(heading=reader.text("sample.flow.step"), kind="text"),
            Column(heading=reader.text("sample.flow.rows")),
        ],
        groups=[Group(rows=rows)],
    )


def left_out_lines(step: Step, reader: Reader) -> list[str]:
    """Why rows did not reach a stage, each reason with its number."""
    return [f"{words}: {count}" for words, count in _losses(step, reader)]


def _losses(step: Step, reader: Reader) -> list[tuple[str, str]]:
    """Return why rows did not reach a stage, in words, and how many."""
    losses = []
    for reason, count in step.left_out.items():
        key = "sample.flow.left.merged" if reason == MERGED else "sample.flow.left"
        words = "" if reason == MERGED else reader.text(_text_key(reason))
        shown = reader.count if reason in STAGES["opened"] else reader.few_or_count
        losses.append((reader.text(key, reason=words), shown(count)))
    return losses


def _text_key(reason: str) -> str:
    return next(reasons[reason] for reasons in STAGES.values() if reason in reasons)


def _joined(losses: list[dict[str, int]]) -> dict[str, int]:
    return {reason: count for lost in losses for reason, count in lost.items()}


def _merged(left_out: dict[str, int], *, limit: int) -> dict[str, int]:
    """Rows left out by reason, reasons with few rows put together; the sum stays.

    The merged rest reaches the limit as well, or it would itself be a small number: the smallest
    reasons join it until it does, or until all are one.
    """
    shown = dict(left_out)
    merged = 0
    while shown and (min(shown.values()) < limit or 0 < merged < limit):
        smallest = min(shown, key=lambda reason: (shown[reason], reason))
        merged += shown.pop(smallest)
    return shown | ({MERGED: merged} if merged else {})
