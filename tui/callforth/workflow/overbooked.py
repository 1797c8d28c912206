"""Meetings in which a merge takes more seats than there are, though neither of its sides did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from callforth.workflow.workspace import Workspace

if TYPE_CHECKING:
    from callforth.workflow.audit.world import Files, World


@dataclass(frozen=True, slots=True)
class Overbooked:
    """A meeting with more seats taken (`taken`) than it has (`seats`)."""

    meeting: str
    taken: int
    seats: int

    @property
    def says(self) -> str:
        """As a merge's message has it, and the audit asks for it: `oslo-2022: 26 of 25`."""
        return f"{self.meeting}: {self.taken} of {self.seats}"


def overbooked(files: Files, after: World, sides: Sequence[World]) -> list[Overbooked]:
    """Return the meetings in which `after`, made of these sides, takes more seats than its call has, and no side did.

    Raises `GitFailed`.
    """

    def seats(world: World, meeting: str) -> int:
        call = files.meeting(world.calls.get(meeting, ""), meeting)
        return call.seats if call and world.taken(meeting) > call.seats else 0

    return [
        Overbooked(meeting, after.taken(meeting), there)
        for meeting in after.counts
        if (there := seats(after, meeting)) and not any(seats(side, meeting) for side in sides)
    ]


def by_merging(workspace: Workspace, tree: str, parents: Sequence[str]) -> list[Overbooked]:
    """Return the same for a merge before it is committed: its tree, its parents (full ids). Raises `GitFailed`."""
    from callforth.index.blobs import Blobs
    from callforth.workflow.audit.world import Files

    files = Files(workspace.repository, Blobs(workspace.catalog.database, workspace.repository))
    after = files.world(tree)
    if not overbooked(files, after, ()):
        return []
    return overbooked(files, after, [files.world(parent) for parent in parents])
