"""Whether a write has left something, told by names alone: cheap enough for every command."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

INTENT = "intent"
HOLDS_INDEX = "index.lock."
HOLDS_HEAD = "HEAD.lock."
DONE = "done."


def is_left_in(private: Path) -> bool:
    """Tell whether a write is under way or was cut off, or the index was written by another since the last one.

    `private` is the folder `callforth` in the git directory.
    """
    with suppress(OSError):
        names = [file.name for file in private.iterdir()]
        if any(name == INTENT or name.startswith((HOLDS_INDEX, HOLDS_HEAD)) for name in names):
            return True
        done = [name for name in names if name.startswith(DONE)]
        return bool(done) and not any(name.startswith(f"{DONE}{stamp(private.parent)}.") for name in done)
    return False


def stamp(git_dir: Path) -> str:
    """Return what differs after anyone wrote the index; '' where there is none."""
    try:
        stat = (git_dir / "index").stat()
    except OSError:
        return ""
    return f"{stat.st_ino:x}-{stat.st_mtime_ns:x}-{stat.st_size:x}"
