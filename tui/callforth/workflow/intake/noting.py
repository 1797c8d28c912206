"""What is to be said of a file before it is imported: what was guessed, what is odd, what is otherwise than before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from callforth.model.intake import Export
from callforth.model.meeting import Meeting, Question
from callforth.model.text import clean_line, counted
from callforth.workflow.intake import mapping
from callforth.workflow.intake.items import CHANGED, NEW, Item
from callforth.workflow.intake.mapping import ANSWER, APPLICANT, EXTRA, IGNORE, RECEIVED, SOURCE, Targets, called
from callforth.workflow.intake.sent import KNOWN_BY, Sent

# A call is open for so long, at most, where it does not say since when.
_LONGEST = timedelta(days=240)


@dataclass(frozen=True, slots=True)
class Told:
    """What notes are about: all that was `sent`, what is `new` of it, and when they are written (`now`).

    `said_order` is whether a person has said how dates are meant, `unasked` are questions that the call gives up.
    """

    export: Export
    targets: Targets
    meeting: Meeting
    sent: Sequence[Sent]
    new: Sequence[Sent]
    now: datetime
    said_order: bool
    unasked: Sequence[Question]


def notes(told: Told, items: Sequence[Item]) -> Iterator[str]:
    """Yield what is to be said of the file, and of what is new in it."""
    meeting, targets = told.meeting, told.targets
    yield from told.export.notes
    if targets.asks:
        usual_stay = len(meeting.questions) > len(targets.asks)
        gone = "; ".join(f"'{one.ask[:70]}'" for one in told.unasked) if usual_stay else "what every new call asks"
        instead = f" instead of {gone}" if told.unasked else ""
        asked = "; ".join(f"'{one.ask[:70]}'" for one in targets.asks)
        yield f"the call asks {counted(len(targets.asks), 'question')} from now on{instead}: {asked}"
    for one in targets.gone:
        if one.to not in (EXTRA, IGNORE):
            yield f"the column '{one.column}', which was {one.to} the last time, is not there; what came in then stays"
    yield from _moved(told, items)
    yield from _times(told)
    yield from _implausible(
        told, [one for one, item in zip(told.sent, items, strict=True) if item.what in (NEW, CHANGED)]
    )
    for field in meeting.fields:
        if field.required and not targets.column(APPLICANT + field.name):
            yield f"no column tells '{(field.label or field.name)[:70]}', which the call requires"
    required = [q for q in meeting.questions if q.required and not targets.column(ANSWER + q.id)]
    for question in required:
        yield f"no column answers '{question.ask[:70]}', which the call requires"


def _times(told: Told) -> Iterator[str]:
    new, meeting = told.new, told.meeting
    late = sum(one.received is not None and one.received > meeting.closes for one in new)
    if late:
        yield f"{late} of them came in after the call closed ({meeting.closes:%d %b %Y %H:%M})"
    undated = sum(one.received is None and not one.unread for one in new)
    if undated:
        yield f"{undated} without a time of sending get the time of this import"
    unread = [one for one in new if one.unread]
    if unread:
        yield (
            f"{len(unread)} times of sending could not be read (row {unread[0].row}: "
            f"'{clean_line(unread[0].unread)[:40]}'); they are kept as answers, and the time of this import counts"
        )
    if any(not one.zoned for one in new) and meeting.closes.tzinfo:
        yield f"times without a zone are taken as {meeting.closes:%z}, as of the call's deadline"


def _implausible(told: Told, taken: Sequence[Sent]) -> Iterator[str]:
    """Yield what speaks against the times of sending of those who are taken in."""
    times = sorted(one.received for one in taken if one.received)
    opened = _published(told.meeting)
    early = sum(time < opened for time in times) if opened else 0
    ahead = sum(time > told.now + timedelta(days=1) for time in times)
    odd = [f"{early} of them before the call was published ({told.meeting.published[:10]})"] if early else []
    odd += [f"{ahead} of them in the future"] if ahead else []
    if not opened and not ahead and times and times[-1] - times[0] > _LONGEST:
        odd.append(f"all from {times[0]:%d %b %Y} to {times[-1]:%d %b %Y}")
    if odd:
        remedy = "the other --dates may be meant" if told.said_order else "say --dates if day and month are confused"
        yield f"times of sending that can hardly be: {', '.join(odd)}; {remedy}"


def _published(meeting: Meeting) -> datetime | None:
    with suppress(ValueError):
        day = date.fromisoformat(meeting.published[:10])
        return datetime(day.year, day.month, day.day, tzinfo=meeting.closes.tzinfo or UTC)
    return None


def _moved(told: Told, items: Sequence[Item]) -> Iterator[str]:
    """Yield what is to be said of columns that are something else than the last time."""
    export, targets, meeting = told.export, told.targets, told.meeting
    was = {one.column: one.to for one in meeting.imports if one.kind == export.kind}
    for column, target in mapping.no_more(export, targets, meeting):
        name = target.removeprefix(ANSWER)
        yield f"the call does not ask '{name}' any more: {called(column, export)} stays an answer under its own heading"
    for column in export.columns:
        before, now = was.get(column.key), targets.to[column.key]
        if before in (None, now):
            continue
        said = f"{called(column, export)} was {before} the last time, and is {now} now"
        if not _has_ids(export) and (before in KNOWN_BY or now in KNOWN_BY):
            new = counted(sum(item.what == NEW for item in items), "row")
            said += f"; rows are known again by it: who is here already by what it was, and {new} of nobody who is here"
        elif before == IGNORE:
            continue
        if before not in (RECEIVED, SOURCE, IGNORE):
            said += "; what came in so goes with it where nobody has edited it, of decided ones with --decided only"
        yield said


def _has_ids(export: Export) -> bool:
    return all(one.source for one in export.submissions)
