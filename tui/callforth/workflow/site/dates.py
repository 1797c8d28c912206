"""The dates of a call for calendars: when the meeting is, and when its call closes (RFC 5545)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from callforth.workflow.site.facts import Call

if TYPE_CHECKING:
    from icalendar import Event


def ics(call: Call, updated: datetime, url: str) -> bytes:
    """Return an iCalendar file with two events, all times in UTC.

    `updated` (aware) is when the call last changed; `url` its page, '' where it is not known.
    """
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("PRODID", "-//callforth//calls//EN")
    calendar.add("VERSION", "2.0")
    meeting = _event(call, "meeting", call.title, call.starts, updated, url)
    meeting.add("DTEND", call.ends.astimezone(UTC))
    if call.place:
        meeting.add("LOCATION", call.place)
    # Without an end, an event is a moment: what there is to do by then takes nobody's time.
    closes = _event(call, "closes", f"Applications close: {call.title}", call.closes, updated, url)
    closes.add("TRANSP", "TRANSPARENT")
    calendar.add_component(meeting)
    calendar.add_component(closes)
    return bytes(calendar.to_ical())


def _event(call: Call, what: str, says: str, starts: datetime, updated: datetime, url: str) -> Event:
    from icalendar import Event

    event = Event()
    event.add("UID", str(uuid5(NAMESPACE_URL, f"{call.urn}/{what}")))
    event.add("DTSTAMP", updated.astimezone(UTC))
    event.add("LAST-MODIFIED", updated.astimezone(UTC))
    event.add("DTSTART", starts.astimezone(UTC))
    event.add("SUMMARY", says)
    if url:
        event.add("URL", url)
    return event
