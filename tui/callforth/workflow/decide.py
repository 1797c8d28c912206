"""Deciding: the one function that changes a status."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from callforth.errors import RefusedError, UsageError
from callforth.index.rows import Row
from callforth.model.application import Application
from callforth.model.decision import Entry, Record
from callforth.model.status import VERBS, Status, Verb, reason_due
from callforth.plaintext.message import MOST_REASON
from callforth.plaintext.message import reason as clean_reason
from callforth.repo.repository import Signature
from callforth.workflow.change import Change, Progress, actor, carry_out
from callforth.workflow.workspace import Workspace


class NotAllowed(RefusedError):
    """The application's status does not allow this decision."""


class ReasonMissing(RefusedError):
    """This decision needs a reason."""


class SeatsTaken(RefusedError):
    """There are not as many seats."""


class ReasonTooLong(UsageError):
    """A reason is a paragraph, not a document."""


def plan(
    workspace: Workspace,
    verb: Verb,
    ids: Sequence[str],
    reason: str = "",
    over_seats: bool = False,
    batch: str = "",
) -> list[Change]:
    """Check a decision on these applications against the rules and return the changes it would make.

    `ids` may be shortened; one named twice counts once. The catalog must be fresh. Raises `UnknownId`,
    `FileUnusable`, `NotAllowed`, `ReasonMissing`, `SeatsTaken`; where several do not fit, the message tells how many.
    """
    if len(reason) > MOST_REASON:
        raise ReasonTooLong(f"the reason has {len(reason)} characters; keep it under {MOST_REASON}")
    applications = list({a.id: a for a in (workspace.catalog.application(i) for i in ids)}.values())
    over = check(workspace, verb, applications, reason, over_seats)
    return [
        Change(
            application=a,
            status=verb.to,
            tags=a.tags,
            record=Record(
                subject=f"{verb.title} {a.id} for {a.meeting}",
                meeting=a.meeting,
                application=a.id,
                reason=reason,
                before=a.status,
                after=verb.to,
                batch=batch,
                over_seats=over.get(a.id, ""),
            ),
        )
        for a in applications
    ]


def decide(
    workspace: Workspace,
    verb_name: str,
    ids: Sequence[str],
    reason: str = "",
    over_seats: bool = False,
    signed_by: Signature | None = None,
    progress: Progress | None = None,
    seen: Mapping[str, Status] | None = None,
) -> list[Entry]:
    """Decide on these applications: one commit each, all or none; returns the ledger's entries.

    `seen` has the statuses that were on screen, by id, where they may be older than what the catalog says. Raises what
    `plan` raises, `NotInTeam`, `NoIdentity`, and the errors of `repo.commit.write`.
    """
    verb = VERBS[verb_name]
    actor(workspace, signed_by)
    batch = new_batch() if len(set(ids)) > 1 else ""

    def plan_it() -> list[Change]:
        return plan(workspace, verb, ids, reason, over_seats, batch)

    return carry_out(workspace, ids, plan_it, signed_by, progress, seen)


def check(
    workspace: Workspace, verb: Verb, applications: Sequence[Application], reason: str, over_seats: bool
) -> dict[str, str]:
    """Check a decision against every rule; return what `Over-Seats:` has to say, by application.

    Raises `NotAllowed`, `ReasonMissing`, `SeatsTaken`.
    """
    check_transitions(verb, applications)
    _check_reason(verb, applications, reason)
    return check_seats(workspace, [(a, verb.to.holds_seat) for a in applications], over_seats)


def new_batch() -> str:
    """Return a name under which decisions made together can be found, and undone, together."""
    return secrets.token_hex(5)


def check_transitions(verb: Verb, applications: Sequence[Application | Row]) -> None:
    """Raise `NotAllowed` where the status of one of these does not allow the verb."""
    refused = [a for a in applications if verb.to not in a.status.may_become]
    if not refused:
        return
    first = refused[0]
    others = f" (and {len(refused) - 1} more of {len(applications)} do not fit either)" if len(refused) > 1 else ""
    if first.status is verb.to:
        raise NotAllowed(f"{first.id} is {first.status} already{others}")
    way = ", ".join(first.status.may_become)
    raise NotAllowed(f"{first.id} is {first.status}, which may only become {way}{others}")


def _check_reason(verb: Verb, applications: Sequence[Application], reason: str) -> None:
    due = [a for a in applications if reason_due(a.status, verb.to)]
    if due and not clean_reason(reason):
        raise ReasonMissing(f"{due[0].id} is {due[0].status}: to {verb.name} it needs a reason (-m 'why')")


def check_seats(
    workspace: Workspace, wishes: Sequence[tuple[Application | Row, bool]], over_seats: bool
) -> dict[str, str]:
    """Return what `Over-Seats:` has to say, by application, for those that get a seat beyond the last one.

    `wishes` says for each application whether it shall hold a seat. Raises `SeatsTaken` unless `over_seats`.
    """
    over: dict[str, str] = {}
    for meeting_id in dict.fromkeys(a.meeting for a, _ in wishes):
        meeting = workspace.catalog.meeting(meeting_id)
        here = [(a, wanted) for a, wanted in wishes if a.meeting == meeting_id]
        taken = workspace.catalog.taken(meeting_id)
        taken -= sum(a.status.holds_seat and not wanted for a, wanted in here)
        for application, wanted in here:
            if wanted and not application.status.holds_seat:
                taken += 1
                if taken > meeting.seats:
                    over[application.id] = f"{taken} of {meeting.seats}"
        if over and not over_seats:
            raise SeatsTaken(
                f"{meeting_id} has {meeting.seats} seats and this would take {taken}; "
                "decline or waitlist someone first, or say it again with --over-seats"
            )
    return over
