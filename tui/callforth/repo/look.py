"""How a file looked: what of its metadata differs after it was changed.

Source: git's Documentation, "racy-git".
"""

from __future__ import annotations

import os

Look = tuple[int, ...]
_SETTLED = 100_000_000  # nanoseconds after which a clock's tick has surely passed


def look_of(status: os.stat_result) -> Look:
    """Return times, size, inode and mode."""
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_mode


def stamp(look: Look, now: int) -> str:
    """Return a look as text, to be compared; `now` is the time of looking, in nanoseconds since 1970.

    A file changed so lately that the clock may not tell the next change apart gets a stamp that no other look gives.
    """
    settled = bool(look) and look[0] < now - _SETTLED
    return " ".join(str(number) for number in (look if settled else (*look, now)))
