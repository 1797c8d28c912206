"""What people sent, in the words of the call: fields, answers, when, and by what each is known again."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, tzinfo

from callforth.model.application import Answer
from callforth.model.intake import Column, Export, Submission
from callforth.model.meeting import Meeting
from callforth.model.text import clean_line, fold
from callforth.workflow.intake import mapping, values
from callforth.workflow.intake.mapping import (
    ANSWER,
    APPLICANT,
    EXTRA,
    RECEIVED,
    SOURCE,
    Targets,
    extra_id,
    name_columns,
)

_UNREAD = "received-as-written"
# What rows are known again by, where no program gives them an id.
KNOWN_BY = (RECEIVED, SOURCE, APPLICANT + "email", APPLICANT + "name")
_TOTALS = (
    "total",
    "totals",
    "sum",
    "average",
    "mean",
    "count",
    "summe",
    "gesamt",
    "totale",
    "moyenne",
    "media",
    "somme",
)


@dataclass(frozen=True, slots=True)
class Sent:
    """One submission. `source` is by what it is known again.

    `alone` is by what it would be, were it the only one of this person at this moment ('' where it is), `once` by what
    it may have been in another export, if it is the same person's. `unread` is a time of sending that nobody could
    read; `zoned` is False where one was written without its zone; `numbered` is True where the program itself gave an
    id. `odd` says why the row is not to come in, or seems to be nobody's.
    """

    row: int
    source: str
    received: datetime | None
    applicant: Mapping[str, str]
    answers: tuple[Answer, ...]
    complete: bool
    alone: str = ""
    unread: str = ""
    odd: str = ""
    once: tuple[str, ...] = ()
    zoned: bool = True
    numbered: bool = False

    @property
    def told_by(self) -> str:
        """What it is known by without what tells it from others of one person at one moment."""
        return self.alone or self.source


def read(export: Export, targets: Targets, meeting: Meeting, dates: str) -> list[Sent]:
    """Return the submissions; `dates` is the order of day and month that a person said, or ''.

    Raises `AmbiguousDates`.
    """
    sent_at = targets.column(RECEIVED)

    def received(one: Submission) -> str:
        return ((one.cells.get(sent_at, "") if sent_at else "") or one.received).strip()

    order = values.order_of(map(received, export.submissions), dates, "the times of sending")
    taken = {question.id for question in meeting.questions}
    extras = {column.key: extra_id(column.label, taken) for column in export.columns if targets.to[column.key] == EXTRA}
    names = name_columns(export, targets)
    found = []
    for one in export.submissions:
        applicant = _applicant(export, one, targets, meeting, names)
        at = _moment(received(one), order)
        answers = _answers(export, one, targets, meeting, extras)
        unread = received(one) if at is None else ""
        if unread:
            column = export.column(sent_at) if sent_at else None
            answers = (*answers, Answer(_UNREAD, column.label if column else "Received", unread))
        source = _source(export, one, targets, applicant, _when(at) or received(one))
        zoned = at is None or at.tzinfo is not None
        aware = at if at is None or zoned else _in_zone(at, received(one), meeting.closes.tzinfo or UTC)
        odd = one.gone or _odd(export.columns, one, applicant)
        if export.kind == "email" and taken and not any(answer.question in taken for answer in answers):
            odd = odd or "answers none of the questions"
        numbered = bool(one.source) and targets.column(SOURCE) is None
        once = tuple(f"{export.kind}/{said}" for said in one.once if numbered)
        found.append(
            Sent(one.row, source, aware, applicant, answers, one.complete, "", unread, odd, once, zoned, numbered)
        )
    return _told_apart(found)


def former(export: Export, targets: Targets, meeting: Meeting, dates: str) -> dict[int, Sent]:
    """Return by row the submissions as their columns were taken in the last import, if who or when was others then."""
    was = {one.column: one.to for one in meeting.imports if one.kind == export.kind}
    to = {key: was.get(key, target) for key, target in targets.to.items()}
    before = Targets(to)
    if all(
        [key for key in to if to[key] == known] == [key for key in to if targets.to[key] == known] for known in KNOWN_BY
    ):
        return {}
    try:
        sent = read(export, before, mapping.asked(export, before, meeting), dates)
    except values.AmbiguousDates:
        return {}
    return {one.row: one for one in sent}


def _told_apart(sent: Sequence[Sent]) -> list[Sent]:
    """Return the same; where several are one person's at one moment, what they say tells them apart, in any order."""
    counts = Counter(one.source for one in sent)
    found, seen = [], Counter[str]()
    for one in sent:
        if counts[one.source] > 1:
            said = (sorted(one.applicant.items()), [(answer.question, answer.text) for answer in one.answers])
            source = f"{one.source}-{_digest(said)[:4]}"
            seen[source] += 1
            same = f"-{seen[source]}" if seen[source] > 1 else ""
            one = replace(one, source=f"{source}{same}", alone=one.source)
        found.append(one)
    return found


def _moment(text: str, order: str) -> datetime | None:
    try:
        return values.as_written(text, order) if text else None
    except values.NoDate:
        return None


def _in_zone(at: datetime, text: str, zone: tzinfo) -> datetime:
    """Return a time that was written without a zone, as one in `zone`; a day alone is its noon, a day everywhere."""
    if at.time() == time() and ":" not in text:
        at = at.replace(hour=12)
    return at.replace(tzinfo=zone)


def _when(at: datetime | None) -> str:
    """Return a time for telling people apart, to the minute: not every export of the same has seconds.

    Without a zone it is as it is written, not in one that the call may change.
    """
    if at is None:
        return ""
    return (at.astimezone(UTC) if at.tzinfo else at).replace(tzinfo=None).isoformat(timespec="minutes")


def _applicant(
    export: Export, one: Submission, targets: Targets, meeting: Meeting, names: Sequence[str]
) -> dict[str, str]:
    asked = {item.name: item for item in meeting.fields}
    name = " ".join(text for key in names if (text := clean_line(one.cells.get(key, ""))))
    said: dict[str, str] = {"name": name} if name else {}
    for column in export.columns:
        target = targets.to[column.key]
        text = clean_line(one.cells.get(column.key, ""))
        if target.startswith(APPLICANT) and text:
            about = target.removeprefix(APPLICANT)
            if about == "country":
                text = values.country(text)
            elif about in asked and asked[about].choices:
                text = values.choice(text, asked[about])
            if text:
                said.setdefault(about, text)
    usual = ["name", "email", "organisation", "role", "country"]
    order = {name: at for at, name in enumerate(dict.fromkeys([*asked, *usual]))}
    return dict(sorted(said.items(), key=lambda item: order.get(item[0], len(order))))


def _answers(
    export: Export, one: Submission, targets: Targets, meeting: Meeting, extras: Mapping[str, str]
) -> tuple[Answer, ...]:
    texts = {targets.to[column.key]: one.cells.get(column.key, "") for column in export.columns}
    asked = [Answer(q.id, q.ask, text) for q in meeting.questions if (text := texts.get(ANSWER + q.id, "")).strip()]
    more = [
        Answer(extras[column.key], column.label, text)
        for column in export.columns
        if column.key in extras and (text := one.cells.get(column.key, "")).strip()
    ]
    return (*asked, *more)


def _source(export: Export, one: Submission, targets: Targets, applicant: Mapping[str, str], when: str) -> str:
    """Return by what a submission is known again: the program's id, else a digest of who sent it and when.

    Where nothing says when, the name counts beside the address: several may share one.
    """
    column = targets.column(SOURCE)
    said = clean_line((one.cells.get(column, "") if column else "") or one.source)
    if said:
        return f"{export.kind}/{'-'.join(said.split())}"[:120]
    email, name = values.address(applicant.get("email", "")), fold(applicant.get("name", ""))
    who = (email or name, when) if when else (email, name)
    whole = who if email or name else tuple(sorted(one.cells.items()))
    return f"{export.kind}/{_digest(whole)[:16]}"


def _digest(said: object) -> str:
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _odd(columns: Sequence[Column], one: Submission, applicant: Mapping[str, str]) -> str:
    """Return why a row seems to be nobody's, or an empty string."""
    repeated = sum(fold(one.cells.get(column.key, "")) == fold(column.label) for column in columns)
    if repeated > 1 and repeated >= len(one.cells) - 1:
        return "has the headings again"
    first = fold(next(iter(one.cells.values()), "")).rstrip(":").split(":")[0].strip()
    if first in _TOTALS and not applicant.get("email"):
        return "seems to be a row of totals"
    return ""
