"""The ledger: what happened to applications, derived from how their files change through history.

The truth is the change between a commit and its parents; the message is only matched with it. So a squash, a hand
edit or a revert shows as what it did, `recorded` or not.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from callforth.model.application import Application
from callforth.model.decision import Entry
from callforth.model.status import Status
from callforth.plaintext import application as application_file
from callforth.plaintext import layout, message
from callforth.plaintext.document import FileUnusable
from callforth.repo.history import Change, Commit, walk
from callforth.workflow.change import path_of, shown, tag_changes
from callforth.workflow.workspace import Workspace


class _State(NamedTuple):
    status: Status | None
    tags: tuple[str, ...]


_NOTHING = _State(None, ())


@dataclass(frozen=True, slots=True)
class Step:
    """One step in the history of one application: the ledger's entry, and the versions of the file around it."""

    entry: Entry
    before: str
    after: str


def ledger(workspace: Workspace, meeting: str | None = None, application: Application | None = None) -> Iterator[Entry]:
    """Iterate over everything that happened to applications, newest first.

    Only to one meeting's, or one application's, where given. Commits that changed neither status nor tags nor
    brought or removed the file appear as entries whose `before` is their `after`.
    """
    for commit, change, meeting_id, application_id in _touching(workspace, _prefix(meeting, application)):
        yield _entry(workspace, commit, change, meeting_id, application_id)


def history(workspace: Workspace, application: Application) -> list[Step]:
    """Return every step of one application, newest first."""
    return [
        Step(_entry(workspace, commit, change, meeting_id, application_id), change.befores[0], change.after)
        for commit, change, meeting_id, application_id in _touching(workspace, path_of(application))
    ]


def diff(workspace: Workspace, step: Step) -> list[str]:
    """Return what a step changed in the file as the lines of a unified diff, without its header."""
    before, after = (_text(workspace, oid).splitlines() for oid in (step.before, step.after))
    lines = list(difflib.unified_diff(before, after, n=2, lineterm=""))
    return lines[2:]


def _prefix(meeting: str | None, application: Application | None) -> str:
    if application is not None:
        return path_of(application)
    return f"{layout.APPLICATIONS}/{meeting}" if meeting else layout.APPLICATIONS


def _touching(workspace: Workspace, path: str) -> Iterator[tuple[Commit, Change, str, str]]:
    if workspace.repository.head() is None:
        return
    for commit in walk(workspace.repository, "HEAD", [path]):
        for change in commit.changes:
            name = layout.parse_application(change.path)
            if name:
                yield commit, change, *name


def _entry(workspace: Workspace, commit: Commit, change: Change, meeting: str, application: str) -> Entry:
    before = _state(workspace, change.befores[0], change.path)
    after = _state(workspace, change.after, change.path)
    record = message.parse(commit.message)
    said = record.application == application and record.meeting == meeting
    tags = tag_changes(before.tags, after.tags) if before.status and after.status else ()
    arrived = not change.befores[0]
    if before.status is after.status:
        agrees = said and record.before is record.after
    else:
        agrees = said and (record.before, record.after) == (before.status, after.status)
    return Entry(
        commit=commit.id,
        at=commit.at,
        by=shown(commit.author),
        meeting=meeting,
        application=application,
        before=before.status,
        after=after.status,
        tags=tags,
        reason=record.reason if said else "",
        subject=record.subject,
        batch=record.batch if said else "",
        reverts=record.reverts if said else "",
        recorded=bool(record.imported) if arrived else agrees and record.tags == tags,
    )


def _state(workspace: Workspace, oid: str, path: str) -> _State:
    if not oid:
        return _NOTHING
    known = workspace.blob_states.get(oid)
    if isinstance(known, _State):
        return known
    state = _NOTHING
    found = workspace.repository.object(oid)
    name = layout.parse_application(path)
    if found and name:
        try:
            application = application_file.parse(found[2], path, *name)
            state = _State(application.status, application.tags)
        except FileUnusable:
            state = _NOTHING
    workspace.blob_states[oid] = state
    return state


def _text(workspace: Workspace, oid: str) -> str:
    found = workspace.repository.object(oid) if oid else None
    return found[2].decode(errors="replace") if found else ""
