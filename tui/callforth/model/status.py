"""Statuses, the verbs that lead to them, and which change is allowed.

The table is PRODUCT's: an application moves only along these edges, and an undo only back along one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Where an application stands."""

    RECEIVED = "received"
    SHORTLISTED = "shortlisted"
    ACCEPTED = "accepted"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    ATTENDED = "attended"
    ABSENT = "absent"

    @property
    def letter(self) -> str:
        """One letter for narrow places; unlike for every status, so that colour is never needed."""
        return _LETTERS[self]

    @property
    def holds_seat(self) -> bool:
        """True while a seat is kept for the applicant."""
        return self in (Status.ACCEPTED, Status.CONFIRMED)

    @property
    def undecided(self) -> bool:
        """True while the team still owes a decision."""
        return self in (Status.RECEIVED, Status.SHORTLISTED)

    @property
    def may_become(self) -> tuple[Status, ...]:
        """The statuses that one decision can lead to from here."""
        return _MAY_BECOME[self]


def came(counts: Mapping[Status, int]) -> str:
    """Return how many came of those who had a seat, `11 of 12 came`; '' while anybody has one, for it is not over."""
    attended, absent = counts.get(Status.ATTENDED, 0), counts.get(Status.ABSENT, 0)
    if not attended + absent or any(number for status, number in counts.items() if status.holds_seat):
        return ""
    return f"{attended} of {attended + absent} came"


_LETTERS = {
    Status.RECEIVED: "R",
    Status.SHORTLISTED: "S",
    Status.ACCEPTED: "A",
    Status.WAITLISTED: "W",
    Status.DECLINED: "D",
    Status.CONFIRMED: "C",
    Status.WITHDRAWN: "X",
    Status.ATTENDED: "T",
    Status.ABSENT: "M",
}

_MAY_BECOME = {
    Status.RECEIVED: (
        Status.SHORTLISTED,
        Status.ACCEPTED,
        Status.WAITLISTED,
        Status.DECLINED,
        Status.WITHDRAWN,
    ),
    Status.SHORTLISTED: (Status.ACCEPTED, Status.WAITLISTED, Status.DECLINED, Status.WITHDRAWN),
    Status.ACCEPTED: (Status.CONFIRMED, Status.WAITLISTED, Status.DECLINED, Status.WITHDRAWN),
    Status.WAITLISTED: (Status.SHORTLISTED, Status.ACCEPTED, Status.DECLINED, Status.WITHDRAWN),
    Status.DECLINED: (Status.SHORTLISTED, Status.ACCEPTED, Status.WAITLISTED),
    Status.CONFIRMED: (Status.ATTENDED, Status.ABSENT, Status.WITHDRAWN),
    Status.WITHDRAWN: (Status.RECEIVED,),
    Status.ATTENDED: (Status.ABSENT,),
    Status.ABSENT: (Status.ATTENDED,),
}

_REASON_DUE_FROM = (Status.DECLINED, Status.WITHDRAWN, Status.ATTENDED, Status.ABSENT)
_BACK_FROM_ACCEPTED = (Status.WAITLISTED, Status.DECLINED)


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that an organiser does to an application's status."""

    name: str
    to: Status
    key: str | None
    help: str

    @property
    def title(self) -> str:
        """The verb as a commit subject begins with it."""
        return self.name.capitalize()


VERBS = {
    verb.name: verb
    for verb in (
        Verb("shortlist", Status.SHORTLISTED, "s", "Put on the shortlist: worth a closer look."),
        Verb("accept", Status.ACCEPTED, "a", "Offer a seat."),
        Verb("waitlist", Status.WAITLISTED, "w", "Put next in line for a seat."),
        Verb("decline", Status.DECLINED, "d", "Give no seat."),
        Verb("confirm", Status.CONFIRMED, None, "The applicant said yes to the seat."),
        Verb("withdraw", Status.WITHDRAWN, None, "The applicant said no, or cancelled."),
        Verb("reopen", Status.RECEIVED, None, "Take a withdrawn application up again."),
        Verb("attend", Status.ATTENDED, None, "The participant came to the meeting."),
        Verb("miss", Status.ABSENT, None, "The participant did not come to the meeting."),
    )
}

VERB_TO = {verb.to: verb for verb in VERBS.values()}


def reason_due(before: Status, after: Status) -> bool:
    """Tell whether a decision from `before` to `after` must say why.

    Leaving `declined`, `withdrawn`, `attended` or `absent` needs a reason, and so does taking an
    offered seat back. An applicant who withdraws takes their own seat back: no reason is due.
    """
    return before in _REASON_DUE_FROM or (before is Status.ACCEPTED and after in _BACK_FROM_ACCEPTED)
