"""How long a respondent took, in seconds; what cannot be read is missing and counted."""

import re

import numpy as np
import pandas as pd

from research.responses.ingest.people.columns import PersonColumns

CLOCK = re.compile(r"(\d+):([0-5]\d):([0-5]\d)(?:\.\d+)?")
NOT_READ = "left without a duration"


def durations(person: PersonColumns) -> np.ndarray:
    """Seconds: the tool's own figure, else finished minus started; NaN where there is none.

    A figure is a number of seconds or h:mm:ss. Dates are read when they are ISO 8601
    (2026-03-02 09:00): 03/04/2026 is March to some tools and April to others. Texts that cannot
    be read and durations that are not above zero become one warning a column, with the count.
    """
    if person.has("duration"):
        seconds = person.read("duration", _seconds, dtype=float)
        filled = person.read("duration", bool, dtype=bool)
        _warn(
            person,
            "duration",
            filled & ~(seconds > 0),
            "duration(s) cannot be read",
            "Write whole seconds or h:mm:ss.",
        )
        return np.where(seconds > 0, seconds, np.nan)
    if not (person.has("started") and person.has("finished")):
        return np.full(len(person.cells), np.nan)
    times = [_moments(person, use) for use in ("started", "finished")]
    seconds = (times[1] - times[0]) / np.timedelta64(1, "s")
    _warn(
        person,
        "finished",
        seconds <= 0,
        "respondent(s) finished before they started",
        "Compare the two columns; is one of them in another time zone?",
    )
    return np.where(seconds > 0, seconds, np.nan)


def _seconds(text: str) -> float:
    clock = CLOCK.fullmatch(text)
    if clock:
        hours, minutes, seconds = map(int, clock.groups())
        return float(3600 * hours + 60 * minutes + seconds)
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        return np.nan
    return number if np.isfinite(number) else np.nan


def _moments(person: PersonColumns, use: str) -> np.ndarray:
    texts = pd.Series(person.text(use), dtype="str")
    times = pd.to_datetime(texts, errors="coerce", format="ISO8601", utc=True)
    times = times.dt.tz_localize(None).to_numpy()
    _warn(
        person,
        use,
        np.isnat(times) & (texts != "").to_numpy(),
        "date(s) cannot be read",
        "Export dates as 2026-03-02 09:00; whether 03/04 is March or April is not guessed.",
    )
    return times


def _warn(person: PersonColumns, use: str, chosen: np.ndarray, what: str, remedy: str) -> None:
    rows = person.cells.index[chosen]
    if len(rows):
        message = f"{len(rows)} {what}."
        person.warn(use, "unreadable time", message, remedy, rows, NOT_READ)
