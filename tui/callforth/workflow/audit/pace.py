"""When decisions were made, and how long applicants waited for the first one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from callforth.index.rows import Row
from callforth.model.decision import Entry
from callforth.model.status import Status

_LONGEST_SPAN = 60  # weeks that are listed without a gap
_WEEK = timedelta(days=7)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Week:
    """The decisions of one week, in all and by the status that they led to. Days are those of who decided."""

    monday: date
    decisions: int
    to: tuple[tuple[Status, int], ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Days from receiving an application to the first change of its status, one decimal; None where there are none.

    `waiting` is how many have none yet. Quartiles are interpolated between the nearest two.
    """

    decided: int
    waiting: int
    lower: float | None
    median: float | None
    upper: float | None
    longest: float | None


def weeks(decisions: Iterable[Entry]) -> tuple[Week, ...]:
    """Return the weeks in which something was decided, oldest first, and those between unless that were too many."""
    found: dict[date, Counter[Status | None]] = {}
    for entry in decisions:
        day = entry.at.date()
        found.setdefault(day - _DAY * day.weekday(), Counter())[entry.after] += 1
    if not found:
        return ()
    first, last = min(found), max(found)
    listed = sorted(found)
    if (last - first) // _WEEK < _LONGEST_SPAN:
        listed = [first + _WEEK * number for number in range((last - first) // _WEEK + 1)]
    counts = [(monday, found.get(monday, Counter())) for monday in listed]
    return tuple(
        Week(monday, count.total(), tuple((status, count[status]) for status in Status)) for monday, count in counts
    )


def wait(rows: Iterable[Row], decisions: Iterable[Entry]) -> Wait:
    """Return how long applicants waited; `decisions` are newest first."""
    first = {entry.application: entry.at for entry in decisions}
    waited: list[float] = []
    waiting = 0
    for row in rows:
        if row.id in first:
            waited.append((first[row.id] - row.received) / _DAY)
        else:
            waiting += 1
    waited.sort()
    return Wait(len(waited), waiting, _at(waited, 0.25), _at(waited, 0.5), _at(waited, 0.75), _at(waited, 1.0))


def _at(waited: Sequence[float], part: float) -> float | None:
    if not waited:
        return None
    place = part * (len(waited) - 1)
    below = int(place)
    above = min(below + 1, len(waited) - 1)
    return round(waited[below] + (waited[above] - waited[below]) * (place - below), 1)
