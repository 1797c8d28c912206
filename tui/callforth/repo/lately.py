"""Notes of what was written lately, kept until no git can undo it in the index.

`git commit` reads the index before it takes its lock. Where ours was put in place between the two, it writes the older
one over it (git 2.39, `prepare_index` in builtin/commit.c): the entry of our file is behind HEAD then, which looks like
a staged revert, and the user's next plain commit would undo the decision. So the note of a write stays for some
seconds, with what the index was in its name; whoever comes next and finds another index looks at those entries again.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from callforth.repo import left

# A git takes its lock a few milliseconds after it has read the index; on a busy machine it may take longer.
KEPT = 3.0
_MOST = 256


def keep(private: Path, note: Path, index: str) -> None:
    """Keep the note of a write that has ended, and forget old ones.

    `index` is the `left.stamp` of the index that it left, or '' where another may have written meanwhile: then the
    next one looks. Raises `OSError`.
    """
    kept = notes(private)
    forget([*kept[: 1 - _MOST], *old(kept)])
    note.replace(_named(private, index, time.time_ns()))


def notes(private: Path) -> list[Path]:
    """Return the notes that are kept, the oldest first."""
    with suppress(OSError):
        return sorted((file for file in private.iterdir() if file.name.startswith(left.DONE)), key=_ended)
    return []


def looked(private: Path, kept: Sequence[Path], index: str) -> None:
    """Forget those of these that are old; note of the others that all is right with the index of this stamp."""
    gone = old(kept)
    forget(gone)
    if len(gone) < len(kept):
        with suppress(OSError):
            kept[-1].replace(_named(private, index, _ended(kept[-1])))


def old(kept: Sequence[Path]) -> list[Path]:
    """Return those that need not be kept any longer."""
    now = time.time_ns()
    return [file for file in kept if now - _ended(file) > KEPT * 1e9]


def forget(files: Sequence[Path]) -> None:
    """Take these away; where that cannot be, they are looked at again."""
    for file in files:
        with suppress(OSError):
            file.unlink(missing_ok=True)


def _named(private: Path, index: str, ended: int) -> Path:
    return private / f"{left.DONE}{index}.{ended}"


def _ended(file: Path) -> int:
    """Return when the write ended, in nanoseconds since 1970."""
    said = file.name.rpartition(".")[2]
    return int(said) if said.isdecimal() else 0
