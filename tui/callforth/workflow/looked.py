"""When somebody last looked: the commit that was on screen when the interface was last left, for 'since I last looked'.

It is this clone's own affair, so it is kept in the git directory, readable by its owner alone.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path

from callforth.errors import CallforthError
from callforth.repo import revision
from callforth.repo.listing import git_dir_of
from callforth.repo.revision import Revision
from callforth.workflow.workspace import Workspace

NAME = "looked"
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


def note(workspace: Workspace) -> None:
    """Remember the commit at which the files were last read. Where that cannot be kept, nobody is bothered."""
    place = _place(workspace)
    if place is None or not workspace.read_at:
        return
    beside = place.with_name(f"{NAME}.{os.getpid()}")
    with suppress(OSError):
        place.parent.mkdir(exist_ok=True)
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as stream:
            stream.write(f"{workspace.read_at}\n")
        beside.replace(place)


def last(workspace: Workspace) -> Revision | None:
    """Return what was last on screen, in a session before this one; None where that is not known, or not there."""
    place = _place(workspace)
    try:
        said = place.read_text("ascii").strip() if place else ""
    except (OSError, ValueError):
        return None
    if not _COMMIT.fullmatch(said):
        return None
    with suppress(CallforthError):
        return revision.at_commit(workspace.repository, said)
    return None


def _place(workspace: Workspace) -> Path | None:
    folder = git_dir_of(workspace.root)
    return folder / "callforth" / NAME if folder else None
