"""Undo: taking back one's own last decision or tagging, or batch of them, by new commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from callforth.errors import RefusedError
from callforth.model.decision import Actor, Entry, Record
from callforth.model.status import VERB_TO
from callforth.model.team import FORM
from callforth.repo.repository import Signature
from callforth.workflow.change import Change, Progress, actor, carry_out, shown
from callforth.workflow.decide import check_seats, new_batch
from callforth.workflow.ledger import ledger
from callforth.workflow.workspace import Workspace


class NothingToUndo(RefusedError):
    """The one who acts has decided nothing that could be taken back."""


class DecidedSince(RefusedError):
    """Something later stands on what is to be undone."""


def last(workspace: Workspace, me: Actor, progress: Progress | None = None) -> list[Entry]:
    """Return what an undo would take back: my last recorded decision or tagging that stands, or its whole batch.

    Undone ones are passed over, so that a second undo goes one further back. Newest first. Where the index has to read
    history first, `progress` is called as by `ledger`. Raises `NothingToUndo`, and `DecidedSince` where somebody's
    later decision, or tagging with the same tag, stands on it.
    """
    undone: set[str] = set()
    since: dict[str, set[str]] = {}
    found: list[Entry] = []
    # Nothing that is older than the end can be found, nor stand on what is.
    email = shown(me).email
    end = workspace.past.oldest(email, progress=progress)
    at_end = False
    for entry in ledger(workspace) if end else ():
        if at_end and entry.commit != end:
            break
        at_end = entry.commit == end
        if entry.reverts:
            undone.add(entry.reverts)
        elif entry.commit in undone:
            continue
        elif _is_mine(entry, me) and (not found or (entry.batch and entry.batch == found[0].batch)):
            found.append(entry)
            _check_since(entry, since.get(entry.application, set()))
            if not entry.batch:
                break
            if len(found) == 1:
                end = workspace.past.oldest(email, entry.batch) or end
                at_end = entry.commit == end
        elif _is_mine(entry, me):
            break
        else:
            since.setdefault(entry.application, set()).update(_touched(entry))
    if not found:
        imported = imported_since(workspace, me, found)
        raise NothingToUndo(
            f"there is nothing to undo: no decision or tag of {me.email} stands in this history"
            f"{f'; {imported}' if imported else ''}"
        )
    return found


def imported_since(workspace: Workspace, me: Actor, entries: Sequence[Entry]) -> str:
    """Return a sentence where I have imported since these entries, and may mean that; nothing where I have not.

    It names the newest import that stands, since git cannot take back what a later one has built on. Without entries
    it is about all imports.
    """
    undone: set[str] = set()
    email = shown(me).email.casefold()
    for entry in ledger(workspace):
        if entries and entry.commit == entries[0].commit:
            break
        if entry.reverts:
            undone.add(entry.reverts)
        elif entry.imported not in ("", FORM) and entry.by.email.casefold() == email and entry.commit not in undone:
            what = "you have imported since" if entries else "you have imported"
            return f"{what}; 'git revert --no-edit {entry.commit[:7]}' takes that back"
    return ""


def _touched(entry: Entry) -> set[str]:
    return {tag[1:] for tag in entry.tags} | ({"status:"} if entry.before is not entry.after else set())


def _check_since(entry: Entry, since: set[str]) -> None:
    if "status:" in _touched(entry) & since:
        raise DecidedSince(f"{entry.application} was decided again since; decide anew instead of undoing")
    if _touched(entry) & since:
        raise DecidedSince(f"the tags of {entry.application} changed again since; tag anew instead of undoing")


def plan(workspace: Workspace, entries: Sequence[Entry], over_seats: bool = False) -> list[Change]:
    """Return the changes that take these entries back. Raises `DecidedSince`, `SeatsTaken`, `UnknownId`."""
    batch = new_batch() if len(entries) > 1 else ""
    changes = []
    for entry in entries:
        application = workspace.catalog.application(entry.application)
        # A tagging leaves the status to whoever decided since.
        before = entry.before if entry.is_decision and entry.before else application.status
        if entry.is_decision and entry.after is not application.status:
            raise DecidedSince(
                f"{entry.application} was decided again since: it is {application.status}, not {entry.after}; "
                "decide anew instead of undoing"
            )
        gained = {tag[1:] for tag in entry.tags if tag.startswith("+")}
        lost = {tag[1:] for tag in entry.tags if tag.startswith("-")}
        if not gained <= set(application.tags) or lost & set(application.tags):
            raise DecidedSince(f"the tags of {entry.application} changed again since; tag anew instead of undoing")
        changes.append(
            Change(
                application=application,
                status=before,
                tags=tuple(sorted((set(application.tags) - gained) | lost)),
                record=Record(
                    subject=f"Undo {_what(entry)} {entry.application} for {entry.meeting}",
                    meeting=entry.meeting,
                    application=entry.application,
                    before=application.status,
                    after=before,
                    tags=tuple(sorted(("-" if tag.startswith("+") else "+") + tag[1:] for tag in entry.tags)),
                    batch=batch,
                    reverts=entry.commit,
                ),
            )
        )
    over = check_seats(workspace, [(c.application, c.status.holds_seat) for c in changes], over_seats)
    return [_noting(change, over.get(change.application.id, "")) for change in changes]


def undo(
    workspace: Workspace,
    over_seats: bool = False,
    expected: Sequence[Entry] | None = None,
    signed_by: Signature | None = None,
    progress: Progress | None = None,
) -> list[Entry]:
    """Take back my last decision or tagging, or batch: new commits, all or none.

    `expected` is what the user was shown; anything else that came to be the last one meanwhile is left alone. Raises
    `NothingToUndo`, `DecidedSince`, `SeatsTaken`, `NotInTeam`, and the errors of `repo.commit.write`.
    """
    me = actor(workspace, signed_by)

    def plan_it() -> list[Change]:
        entries = last(workspace, me)
        if expected is not None and [e.commit for e in entries] != [e.commit for e in expected]:
            raise DecidedSince("something was decided meanwhile; look at what undo would take back now")
        return plan(workspace, entries, over_seats)

    ids = [entry.application for entry in expected or last(workspace, me, progress)]
    return carry_out(workspace, ids, plan_it, signed_by, progress)


def _is_mine(entry: Entry, me: Actor) -> bool:
    mine = entry.by.email.casefold() == shown(me).email.casefold()
    # What a merge chose is taken back by deciding anew: undoing one cannot bring back the other side's file.
    can_be = entry.recorded and not entry.chosen and entry.before is not None
    return mine and can_be and (entry.is_decision or entry.is_tagging)


def _what(entry: Entry) -> str:
    if entry.is_decision and entry.after is not None:
        return f"{VERB_TO[entry.after].name} of"
    return "tags of"


def _noting(change: Change, over: str) -> Change:
    if not over:
        return change
    return replace(change, record=replace(change.record, over_seats=over))
