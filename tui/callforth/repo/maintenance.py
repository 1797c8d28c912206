"""git's own maintenance, now and then, in the background: packs, and a commit graph that knows which paths changed.

It goes by git's thresholds and the user's settings; all that is ours is to start it, as `git commit` would have, which
is not run here. Nobody waits for it, and killed at any moment it does no harm.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress

from callforth.errors import CallforthError
from callforth.repo.repository import Repository

_EVERY = 500
_DIGITS = 9
_COMMANDS = (
    ("-c", "gc.autoDetach=false", "gc", "--auto", "--quiet"),
    ("commit-graph", "write", "--reachable", "--changed-paths", "--split", "--no-progress"),
)


def keep(repository: Repository, commits: int = 1) -> bool:
    """Count new commits, and start maintenance after every 500; tell whether it was started.

    The workspace's lock must be held. It is never started twice at a time, nor where the user has switched git's off
    (`maintenance.auto`, `gc.auto`). Nothing is raised: it can wait.
    """
    with suppress(OSError, ValueError, CallforthError):
        handle = os.open(repository.private / "commits", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
        try:
            said = os.read(handle, _DIGITS)
            count = (int(said) if said.isdigit() else 0) + commits
            due = count >= _EVERY
            # Always as long as before: then the file need not be cut, which takes longer than all else here.
            os.pwrite(handle, b"%0*d" % (_DIGITS, 0 if due else count), 0)
        finally:
            os.close(handle)
        return due and _wanted(repository) and _started(repository)
    return False


def _wanted(repository: Repository) -> bool:
    # `gc.auto` is a number, and 0 is never.
    return repository.config("maintenance.auto", "bool") != "false" and repository.config("gc.auto", "int") != "0"


def _started(repository: Repository) -> bool:
    handle = os.open(repository.private / "maintenance", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Held by the one that is started, for as long as it runs.
        repository.git.in_background(_COMMANDS, handle)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True
