"""Whether something can be decided at all, told before anybody is asked for a reason."""

from __future__ import annotations

from collections.abc import Sequence

from callforth.index.reading import read_file
from callforth.index.rows import Row
from callforth.plaintext import layout
from callforth.repo import commit as committing
from callforth.workflow.change import actor, check_seen, path_of
from callforth.workflow.workspace import Workspace


def check(workspace: Workspace, seen: Sequence[Row]) -> None:
    """Raise what would keep a decision on these from being written, as far as that is known beforehand.

    `seen` are the applications as they are on screen. What can change until the decision is written is checked again
    then. Raises `FolderGone`, `MeetingGone`, `NoIdentity`, `NotInTeam`, `Meanwhile`, `FileUnusable`, and what
    `repo.commit.ready` raises.
    """
    workspace.check_there()
    meetings = dict.fromkeys(application.meeting for application in seen)
    paths = [path_of(application) for application in seen]
    workspace.catalog.reread([*paths, *map(layout.call, meetings)])
    for meeting in meetings:
        workspace.check_meeting(meeting)
    actor(workspace)
    files = {path: read_file(workspace.root, path) for path in paths}
    check_seen(workspace, {application.id: application.status for application in seen})
    committing.ready(workspace.repository, files)
