"""Taking in an application's file that somebody edited by hand, by the same rules as any verb."""

from __future__ import annotations

from dataclasses import replace

from callforth.errors import UsageError
from callforth.index.reading import read_file
from callforth.model.application import Application
from callforth.model.decision import Entry, Record
from callforth.model.status import VERB_TO
from callforth.plaintext import application as application_file
from callforth.workflow.change import Change, actor, carry_out, path_of, tag_changes
from callforth.workflow.decide import check
from callforth.workflow.workspace import Workspace


class NothingEdited(UsageError):
    """The file is as it was."""


def plan(workspace: Workspace, application: Application, content: bytes, reason: str, over_seats: bool) -> Change:
    """Check an edited file and return the change it makes.

    A status changed by hand is a decision: the transition must be allowed, a reason given where one is due, a seat
    free. Raises `FileUnusable`, `NotAllowed`, `ReasonMissing`, `SeatsTaken`.
    """
    after = application_file.parse(content, path_of(application), application.meeting, application.id)
    record = Record(
        subject=f"Edit {application.id} for {application.meeting}",
        meeting=application.meeting,
        application=application.id,
        reason=reason,
        before=application.status,
        after=after.status,
        tags=tag_changes(application.tags, after.tags),
    )
    if after.status is not application.status:
        verb = VERB_TO[after.status]
        over = check(workspace, verb, [application], reason, over_seats)
        subject = f"{verb.title} {application.id} for {application.meeting}"
        record = replace(record, subject=subject, over_seats=over.get(application.id, ""))
    return Change(application, after.status, after.tags, record, content)


def take_in(
    workspace: Workspace, application: Application, content: bytes, reason: str = "", over_seats: bool = False
) -> list[Entry]:
    """Make an edited file the application's, as one commit.

    `application` is as it was when editing began. Raises what `plan` raises, `NothingEdited`, `NotInTeam`,
    `Meanwhile`, and the errors of `repo.commit.write`.
    """
    if content == read_file(workspace.root, path_of(application)):
        raise NothingEdited(f"{application.id} is as it was")
    actor(workspace)
    return carry_out(workspace, [application.id], lambda: [plan(workspace, application, content, reason, over_seats)])
