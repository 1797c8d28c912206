"""What a commit says it did to an application, and what the ledger finds that it did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from callforth.model.status import Status
from callforth.model.team import FORM


@dataclass(frozen=True, slots=True)
class Actor:
    """A name and an e-mail address, as git records who acts."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Record:
    """The message of one commit about one application.

    `before` and `after` are equal, or None, where the status does not change. `reverts` is the commit taken back.
    `edited` are those (`meeting/id`) that an import changed although they were decided on.
    """

    subject: str
    meeting: str
    application: str
    reason: str = ""
    before: Status | None = None
    after: Status | None = None
    tags: tuple[str, ...] = ()
    batch: str = ""
    reverts: str = ""
    over_seats: str = ""
    letter: str = ""
    imported: str = ""
    edited: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: how one application changed in one commit.

    `before` is None where the application came in, `after` None where it was removed; equal where only tags
    changed (`tags` holds `+a` and `-b`). `recorded` is False where the commit's message does not say what the
    file's history shows. `content` is a digest of all else that the file says now, and `edited` is True where that was
    changed; `told` where what the applicant was told (`informed`) was. `reviewer` is set where a review was written,
    `chosen` is True where a merge chose between what its sides had decided: `before` is what the other side had.
    `imported` is from what an import brought this, as the message says (`table`, `form`), where the application came in
    or nothing else was changed.
    """

    commit: str
    at: datetime
    by: Actor
    meeting: str
    application: str
    before: Status | None
    after: Status | None
    tags: tuple[str, ...]
    reason: str
    subject: str
    batch: str
    reverts: str
    recorded: bool
    over_seats: str = ""
    content: str = ""
    edited: bool = False
    told: bool = False
    reviewer: str = ""
    chosen: bool = False
    imported: str = ""

    @property
    def is_decision(self) -> bool:
        """True where the status changed from one to another."""
        return self.before is not None and self.after is not None and self.before is not self.after

    @property
    def edited_how(self) -> str:
        """What an edit of the file is called: by hand, by an import, or by the form."""
        by = "the form" if self.imported == FORM else "an import"
        return f"edited by {by}" if self.imported else "edited"

    @property
    def is_tagging(self) -> bool:
        """True where only tags changed."""
        return bool(self.tags) and self.before is self.after
