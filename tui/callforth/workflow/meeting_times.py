"""When a meeting begins and ends and when its call closes, as people type it: always in a zone, never guessed.

A zone is a name of the IANA time zone database (`Europe/Stockholm`) or an offset at the end of a time (`+02:00`).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path

from callforth.errors import UsageError
from callforth.model.text import clean_line
from callforth.workflow.site import words

LUNCH_BEGINS = time(12, 30)
LUNCH_ENDS = time(13, 0)
LAST_MINUTE = time(23, 59)

_FIRST_YEAR, _LAST_YEAR = 1900, 2999  # as calls are read
_LIKE_DAY = "2027-10-04"
_LIKE = f"{_LIKE_DAY}T12:30"
_MINUTES = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?")
_DATABASE = "zoneinfo/"
_ALIKE = 0.8  # from 0 to 1


class NotATime(UsageError):
    """What was typed is no date or time that can be meant here."""


class UnknownZone(UsageError):
    """There is no time zone of this name."""


class NoZone(UsageError):
    """A time was given without saying in which zone."""


@dataclass(frozen=True, slots=True)
class Times:
    """Begin and end of a meeting, and the last moment to apply; all aware, with the offset that holds on that day."""

    starts: datetime
    ends: datetime
    closes: datetime


def zone(name: str) -> tzinfo:
    """Return the time zone of a name. Raises `UnknownZone`."""
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):  # what is missing, what is no name, what is a folder
        alike = _alike(name)
        remedy = f"did you mean {alike}?" if alike else "name one like Europe/Stockholm, or UTC"
        raise UnknownZone(f"'{clean_line(name)[:40]}' is no time zone; {remedy}") from None


def _alike(name: str) -> str:
    """Return the zone that may be meant, also by its town alone, '' where there is none."""
    from difflib import get_close_matches
    from zoneinfo import available_timezones

    # Of two with one town, Europe's; none of the old short names, which look like any abbreviation.
    zones = sorted(
        (one for one in available_timezones() if "/" in one), key=lambda one: (one.startswith("Europe/"), one)
    )
    known = {zone.rpartition("/")[2].casefold(): zone for zone in zones} | {zone.casefold(): zone for zone in zones}
    found = get_close_matches("_".join(name.casefold().split()), known, 1, _ALIKE)
    return known[found[0]] if found else ""


def zone_here() -> str:
    """Return the name of this machine's time zone, '' where it has none that others know it by."""
    said = os.environ.get("TZ", "").lstrip(":")
    if not said:
        found = str(Path("/etc/localtime").resolve())
        said = found.partition(_DATABASE)[2]
    try:
        zone(said)
    except UnknownZone:
        return ""
    return said


def times(starts: str, ends: str, closes: str, in_zone: str = "", lunch_to_lunch: bool = False) -> Times:
    """Return when a meeting is and when its call closes.

    A day without a time is the whole of it for `closes` (23:59); `lunch_to_lunch` takes the first and the last day (the
    next one where `ends` is empty), from lunch at 12:30 to lunch at 13:00. Raises `NotATime`, `UnknownZone`, `NoZone`.
    """
    within = zone(in_zone) if in_zone else None
    if lunch_to_lunch:
        first = _day(starts, "starts")
        last = _day(ends, "ends") if ends.strip() else first + timedelta(days=1)
        begins = _at(datetime.combine(first, LUNCH_BEGINS), within, "starts")
        finishes = _at(datetime.combine(last, LUNCH_ENDS), within, "ends")
    else:
        begins, finishes = moment(starts, "starts", within), moment(ends, "ends", within)
    return Times(begins, finishes, moment(closes, "closes", within, LAST_MINUTE))


def past(when: Times, now: datetime) -> str:
    """Return in words what of these times is before `now` (aware), '' where nothing is."""
    if when.starts < now:
        return f"the meeting begins on {words.day(when.starts)}, which is past"
    return f"the call closes on {words.day(when.closes)}, which is past" if when.closes < now else ""


def moment(said: str, what: str, within: tzinfo | None, clock: time | None = None) -> datetime:
    """Return the moment that was typed as `what` (`starts`, say), aware.

    A day alone is that day at `clock`, and refused where there is none. Raises `NotATime`, `NoZone`.
    """
    text = said.strip()
    like = _LIKE_DAY if clock is not None else _LIKE
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) and clock is not None:
        return _at(datetime.combine(_day(text, what), clock), within, what)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise NotATime(f"'{what}' has a day and no time; write it like {_LIKE}, or say --lunch-to-lunch")
    try:
        if not _MINUTES.fullmatch(text):
            raise ValueError
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _wrong(said, what, like, f"{_LIKE}+02:00") from None
    _check_year(found.year, said, what, like)
    return found if found.tzinfo else _at(found, within, what)


def day(said: str, what: str) -> str:
    """Return a day as calls have it (`2027-10-04`). Raises `NotATime`."""
    return _day(said, what).isoformat()


def _day(said: str, what: str) -> date:
    try:
        found = date.fromisoformat(said.strip())
    except ValueError:
        if _MINUTES.fullmatch(said.strip()):
            raise NotATime(f"'{what}' is only a day here; write it like {_LIKE_DAY}") from None
        raise _wrong(said, what, _LIKE_DAY) from None
    _check_year(found.year, said, what, _LIKE_DAY)
    return found


def _check_year(year: int, said: str, what: str, like: str) -> None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise _wrong(said, what, like)


def _wrong(said: str, what: str, *like: str) -> NotATime:
    shown = clean_line(said)[:40]
    return NotATime(f"'{what}' is '{shown}', which is no date; write it like {', or '.join(like)}")


def _at(local: datetime, within: tzinfo | None, what: str) -> datetime:
    """Return a local time as an aware one whose offset is written out; clocks that change are not guessed about."""
    if within is None:
        raise NoZone(
            f"it is not said in which time zone '{what}' is; say --zone {zone_here() or 'Europe/Stockholm'}, or write "
            f"it like {_LIKE}+02:00"
        )
    aware = local.replace(tzinfo=within)
    if aware.astimezone(UTC).astimezone(within).replace(tzinfo=None) != local:
        raise NotATime(f"'{what}' is at {local:%H:%M}, which clocks there skip on that day; choose another time")
    if aware.utcoffset() != aware.replace(fold=1).utcoffset():
        raise NotATime(
            f"'{what}' is at {local:%H:%M}, which comes twice there on that day; write it with its offset, like "
            f"{_LIKE}+02:00"
        )
    return datetime.fromisoformat(aware.isoformat(timespec="seconds"))
