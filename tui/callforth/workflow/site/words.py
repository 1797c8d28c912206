"""Times in words, as pages write them: in English, with the offset of the zone they are in."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOUR = timedelta(hours=1)


def day(at: date) -> str:
    """Return a day: `4 October 2022`."""
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def weekday(at: datetime) -> str:
    """Return the day of the week."""
    return _DAYS[at.weekday()]


def clock(at: datetime) -> str:
    """Return the time of the day: `12:30`."""
    return f"{at:%H:%M}"


def zone(at: datetime) -> str:
    """Return an aware time's zone as its difference from UTC: `UTC+2`, `UTC+5:30`, `UTC`."""
    offset = at.utcoffset() or timedelta()
    sign = "-" if offset < timedelta() else "+"
    hours, rest = divmod(abs(offset), _HOUR)
    minutes = int(rest.total_seconds()) // 60
    if not hours and not minutes:
        return "UTC"
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")


def span(starts: datetime, ends: datetime) -> str:
    """Return the days from one to another: `4–5 October 2022`, `30 September – 1 October 2022`."""
    if starts.date() == ends.date():
        return day(starts)
    if starts.year != ends.year:
        return f"{day(starts)} – {day(ends)}"
    if starts.month != ends.month:
        return f"{starts.day} {_MONTHS[starts.month - 1]} – {day(ends)}"
    return f"{starts.day}–{day(ends)}"


def instant(at: datetime) -> str:
    """Return an aware time as feeds have it, in UTC (RFC 3339)."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
