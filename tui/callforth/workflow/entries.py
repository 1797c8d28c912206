"""One line of the ledger: what a commit did to an application's file, matched with what its message says.

The truth is the change of the file; the message is only matched with it. So a squash, a hand edit or a revert shows as
what it did, `recorded` or not.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from callforth.index.blobs import State
from callforth.model.decision import Actor, Entry, Record
from callforth.workflow.change import shown, tag_changes

Undone = Callable[[str], tuple[State, State] | None]
"""Returns what a commit (its full id) changed the application from and to, or None where it did not touch it."""


def entry(
    commit: str,
    author: Actor,
    at: datetime,
    record: Record,
    reverted: str,
    place: tuple[str, str],
    states: tuple[State, State],
    arrived: bool,
    undone: Undone,
) -> Entry:
    """Return what a commit did to the application at `place` (meeting and id).

    `record` and `reverted` are what its message says (see `plaintext.message`), `states` what the file said before and
    after; `arrived` is True where there was no file before.
    """
    meeting, application = place
    before, after = states
    said = (record.meeting, record.application) == place
    tags = tag_changes(before.tags, after.tags) if before.status and after.status else ()
    reverts = record.reverts if said else ""
    if arrived:
        reverts = reverts or reverted
        recorded = bool(record.imported) or (bool(reverts) and takes_back(states, undone(reverts)))
    elif not said:
        reverts = reverted
        recorded = bool(reverts) and takes_back(states, undone(reverts))
    elif after.status is None:
        recorded = record.before is None and bool(record.reason)
    elif before.status is after.status:
        recorded = record.before is record.after and record.tags == tags
    else:
        recorded = (record.before, record.after) == (before.status, after.status) and record.tags == tags
    there = before.status is not None and after.status is not None
    edited, told = there and before.content != after.content, there and before.informed != after.informed
    alone = edited and not told and not tags and before.status is after.status
    return Entry(
        commit=commit,
        at=at,
        by=shown(author),
        meeting=meeting,
        application=application,
        before=before.status,
        after=after.status,
        tags=tags,
        reason=record.reason if said else "",
        subject=record.subject,
        batch=record.batch if said else "",
        reverts=reverts,
        recorded=recorded,
        over_seats=record.over_seats if said else "",
        content=after.content,
        edited=edited,
        told=told,
        imported=record.imported.partition(" from ")[2] if arrived or alone else "",
    )


def takes_back(states: tuple[State, State], did: tuple[State, State] | None) -> bool:
    """Tell whether a change undoes another one: in status, tags and what else it was about."""
    if did is None:
        return False
    (before, after), (was, became) = states, did
    # Where neither was about the status, that may be another one by now.
    elsewhere = before.status is after.status and was.status is became.status
    return (elsewhere or (before.status, after.status) == (became.status, was.status)) and tag_changes(
        before.tags, after.tags
    ) == tag_changes(became.tags, was.tags)
