"""The ledger: what happened to applications, derived from how their files change through history.

The truth is the change between a commit and its parents; the message is only matched with it. So a squash, a hand
edit or a revert shows as what it did, `recorded` or not.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from callforth.index.past import Did, Touch
from callforth.index.rows import Row
from callforth.model.application import Application
from callforth.model.decision import Entry
from callforth.plaintext import layout, message
from callforth.plaintext import merge as merging
from callforth.plaintext.choices import Choice
from callforth.repo import history as walking
from callforth.workflow import chosen
from callforth.workflow.chosen import Sides
from callforth.workflow.entries import entry
from callforth.workflow.workspace import Workspace

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Step:
    """One step in the history of one application: the ledger's entry, and the versions of the file around it."""

    entry: Entry
    before: str
    after: str


def ledger(
    workspace: Workspace,
    meeting: str | None = None,
    application: Application | Row | None = None,
    progress: Progress | None = None,
) -> Iterator[Entry]:
    """Iterate over everything that happened to applications, newest first.

    Only to one meeting's, or one application's, where given. Commits that changed neither status nor tags nor
    brought or removed the file appear as entries whose `before` is their `after`; merges only where they made of a file
    what its sides do not make together, or chose between two decisions and say so. Where the index has to read history
    first, `progress` is called with how many commits were read and how many there are to read. Raises `GitFailed`.
    """
    if application is not None:
        touches = workspace.past.of(application.meeting, application.id)
    else:
        touches = workspace.past.all(meeting, progress)
    return (found for found, _ in _entries(workspace, touches))


def history(workspace: Workspace, application: Application | Row) -> list[Step]:
    """Return every step of one application, newest first. Raises `GitFailed`."""
    touches = workspace.past.of(application.meeting, application.id)
    return [Step(found, touch.before, touch.after) for found, touch in _entries(workspace, touches)]


def diff(workspace: Workspace, step: Step) -> list[str]:
    """Return what a step changed in the file as the lines of a unified diff, without its header."""
    before, after = (_text(workspace, oid).splitlines() for oid in (step.before, step.after))
    lines = list(difflib.unified_diff(before, after, n=2, lineterm=""))
    return lines[2:]


def _entries(workspace: Workspace, touches: Iterator[Touch]) -> Iterator[tuple[Entry, Touch]]:
    for touch in touches:

        def undone(commit: str, place: tuple[str, str] = (touch.meeting, touch.application)) -> Did | None:
            return workspace.past.did(commit, *place)

        place, states = (touch.meeting, touch.application), (touch.was, touch.became)
        arrived = not touch.before
        record, reverted = message.parse(touch.message), message.reverted(touch.message)
        found = entry(touch.commit, touch.author, touch.at, record, reverted, place, states, arrived, undone)
        said = chosen.claims(touch)
        around = chosen.sides(workspace.repository, touch) if said or not (found.recorded or arrived) else None
        choice = chosen.choice(touch, around) if around and said else None
        if choice is not None:
            yield _chose(found, choice), touch
        elif around and touch.after in around.blobs:
            continue  # one side's as it was, and what the message claims of that is not so
        elif found.recorded or arrived:
            yield found, touch
        elif (merge := _of_merge(workspace, found, touch, around)) is not None:
            yield merge, touch


def _chose(found: Entry, choice: Choice) -> Entry:
    """Return the entry of a merge that chose: what the other side had is what went."""
    return replace(
        found,
        before=choice.before,
        after=choice.after,
        tags=(),
        reason=choice.reason,
        batch="",
        reverts="",
        recorded=True,
        over_seats="",
        edited=False,
        told=False,
        chosen=True,
        imported="",
    )


def _of_merge(workspace: Workspace, found: Entry, touch: Touch, around: Sides | None) -> Entry | None:
    """Return the entry of an unrecorded change, None where it is a merge that only brought together what its sides did.

    One whose message says what else it chose did no more than that to what was decided by others.
    """
    if around is None or None in around.parents:
        return found
    path = layout.application(touch.meeting, touch.application)
    merged = merging.merge(path, around.base, *around.parents)
    after = walking.blobs(workspace.repository, [touch.after])[0] if touch.after else None
    picked = merging.chosen(merged, path, after)
    if picked is None or merging.resolve(merged, path, picked) != after:
        return found
    if not merged.clashes:
        return None
    if "status" not in picked:
        return replace(found, before=found.after, tags=(), recorded=True, edited=False, told=False, imported="")
    return found


def _text(workspace: Workspace, oid: str) -> str:
    found = walking.blobs(workspace.repository, [oid])[0] if oid else None
    return found.decode(errors="replace") if found else ""
