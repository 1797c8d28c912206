"""The figures of a report on one meeting: counted from its ledger and from what is committed, nothing else.

No clock and no chance: the same history gives the same figures. No applicant is named: an application is its id.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from callforth.index.rows import Row
from callforth.model.decision import Actor, Entry
from callforth.model.finding import Finding
from callforth.model.meeting import Meeting
from callforth.model.status import Status, reason_due
from callforth.model.text import clean_line
from callforth.workflow.audit import balance, pace

_ORDER = (Status.RECEIVED, Status.SHORTLISTED, Status.WAITLISTED, Status.ACCEPTED, Status.CONFIRMED)
_KEPT_WORD = (Status.WITHDRAWN, Status.ATTENDED, Status.ABSENT)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A seal as its tag says: when it was made, the SHA-256 of its ledger, and how many lines that has."""

    name: str
    at: datetime
    digest: str
    lines: int


@dataclass(frozen=True, slots=True)
class Gone:
    """An application that came in and is not there, or cannot be read, any more; when and by whom, where that shows."""

    application: str
    at: datetime | None
    by: Actor | None


@dataclass(frozen=True, slots=True)
class Seats:
    """How many seats there are, and how many are held, by whom they are offered to and by who said yes."""

    seats: int
    accepted: int
    confirmed: int

    @property
    def free(self) -> int:
        """How many more could be offered; below 0 where too many were."""
        return self.seats - self.accepted - self.confirmed


@dataclass(frozen=True, slots=True)
class Decider:
    """What one person decided: how many changes of status in all, to which status, and how many took one back."""

    by: Actor
    decisions: int
    to: tuple[tuple[Status, int], ...]
    undone: int


@dataclass(frozen=True, slots=True)
class Reversal:
    """A decision that took one back (`undoes`, where it is known) or went back behind an earlier one."""

    entry: Entry
    is_undo: bool
    undoes: Entry | None


@dataclass(frozen=True, slots=True)
class Reasons:
    """How many decisions led to a status, and how many of them say why. Those that undo another one are left out."""

    to: Status
    decisions: int
    said: int


@dataclass(frozen=True, slots=True)
class Report:
    """All that a report says. `newest` is the time of the newest decision; lists are in a stable order."""

    meeting: Meeting
    head: str
    newest: datetime | None
    funnel: tuple[tuple[str, int], ...]
    standing: tuple[tuple[Status, int], ...]
    gone: tuple[Gone, ...]
    seats: Seats
    decisions: int
    unrecorded: int
    weeks: tuple[pace.Week, ...]
    wait: pace.Wait
    deciders: tuple[Decider, ...]
    reversals: tuple[Reversal, ...]
    reasons: tuple[Reasons, ...]
    unexplained: tuple[Entry, ...]
    balances: tuple[balance.Balance, ...]
    findings: tuple[Finding, ...]
    notes: tuple[Finding, ...]
    sealed: tuple[Sealed, ...]


def figures(
    meeting: Meeting,
    rows: Sequence[Row],
    entries: Sequence[Entry],
    findings: Sequence[Finding],
    head: str,
    sealed: Sequence[Sealed],
) -> Report:
    """Count what a report says of a meeting.

    `rows` are its applications as committed at `head`, `entries` its ledger, newest first. Of `findings`, which may be
    those of the whole workspace, it takes those about this meeting or about none.
    """
    entries = [entry for entry in entries if not entry.reviewer]
    decisions = [entry for entry in entries if entry.is_decision]
    ever = _ever(rows, entries)
    ours = sorted({_shown(finding) for finding in findings if finding.meeting in ("", meeting.id)})
    return Report(
        meeting=meeting,
        head=head,
        newest=decisions[0].at if decisions else None,
        funnel=_funnel(rows, ever),
        standing=tuple((status, sum(row.status is status for row in rows)) for status in Status),
        gone=_gone(rows, entries),
        seats=Seats(meeting.seats, *(sum(r.status is s for r in rows) for s in (Status.ACCEPTED, Status.CONFIRMED))),
        decisions=len(decisions),
        unrecorded=sum(not entry.recorded for entry in decisions),
        weeks=pace.weeks(decisions),
        wait=pace.wait(rows, decisions),
        deciders=_deciders(decisions),
        reversals=_reversals(entries),
        reasons=_reasons(decisions),
        unexplained=tuple(e for e in reversed(decisions) if _is_unexplained(e)),
        balances=balance.balances(meeting, rows, ever),
        findings=tuple(f for f in ours if f.grave),
        notes=tuple(f for f in ours if not f.grave),
        sealed=tuple(sealed),
    )


def _shown(finding: Finding) -> Finding:
    """Return a finding as pages may show it: a path holds whatever git keeps, and a finding may name one."""
    says, remedy, path = map(clean_line, (finding.says, finding.remedy, finding.path))
    return replace(finding, says=says, remedy=remedy, path=path)


def _ever(rows: Iterable[Row], entries: Iterable[Entry]) -> dict[Status, set[str]]:
    """Return for each status the applications that had it at any time, also where that was taken back."""
    ever: dict[Status, set[str]] = {status: set() for status in Status}
    for entry in entries:
        for status in (entry.before, entry.after):
            if status is not None:
                ever[status].add(entry.application)
    for row in rows:
        ever[row.status].add(row.id)
    return ever


def _funnel(rows: Iterable[Row], ever: dict[Status, set[str]]) -> tuple[tuple[str, int], ...]:
    return (
        ("applied", len(set().union(*ever.values()))),
        *((status.value, len(ever[status])) for status in (Status.SHORTLISTED, Status.ACCEPTED, Status.CONFIRMED)),
        # Who came is noted after the meeting, and put right where that was wrong: so what counts is how it stands.
        ("attended", sum(row.status is Status.ATTENDED for row in rows)),
    )


def _gone(rows: Iterable[Row], entries: Sequence[Entry]) -> tuple[Gone, ...]:
    there = {row.id for row in rows}
    found: dict[str, Gone] = {}
    for entry in entries:
        if entry.application not in there and entry.application not in found:
            left = entry.after is None
            found[entry.application] = Gone(entry.application, entry.at if left else None, entry.by if left else None)
    return tuple(found[one] for one in sorted(found))


def _deciders(decisions: Sequence[Entry]) -> tuple[Decider, ...]:
    by: dict[str, list[Entry]] = {}
    for entry in decisions:
        by.setdefault(entry.by.email.casefold(), []).append(entry)
    found = [
        Decider(
            by=theirs[0].by,  # as they are called by now
            decisions=len(theirs),
            to=tuple((status, sum(e.after is status for e in theirs)) for status in Status),
            undone=sum(bool(e.reverts) for e in theirs),
        )
        for theirs in by.values()
    ]
    return tuple(sorted(found, key=lambda one: (-one.decisions, one.by.email.casefold())))


def _reversals(entries: Sequence[Entry]) -> tuple[Reversal, ...]:
    """Return the reversals, oldest first."""
    by_commit = {(entry.commit, entry.application): entry for entry in entries}
    return tuple(
        Reversal(entry, bool(entry.reverts), by_commit.get((entry.reverts, entry.application)))
        for entry in reversed(entries)
        if entry.is_decision and (entry.reverts or _goes_back(entry))
    )


def _goes_back(entry: Entry) -> bool:
    """Tell whether a decision goes behind an earlier one, and does not only note what an applicant said or did."""
    before, after = entry.before, entry.after
    if before is None or after is None:
        return False
    if reason_due(before, after) or (before.holds_seat and not after.holds_seat and after not in _KEPT_WORD):
        return True
    return before in _ORDER and after in _ORDER and _ORDER.index(after) < _ORDER.index(before)


def _reasons(decisions: Sequence[Entry]) -> tuple[Reasons, ...]:
    made = [entry for entry in decisions if not entry.reverts]
    to = {status: [entry for entry in made if entry.after is status] for status in Status}
    return tuple(
        Reasons(status, len(those), sum(bool(e.reason) for e in those)) for status, those in to.items() if those
    )


def _is_unexplained(entry: Entry) -> bool:
    if entry.before is None or entry.after is None or entry.reverts or entry.reason:
        return False
    return reason_due(entry.before, entry.after)
