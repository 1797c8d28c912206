"""Objects as git has them: asked for by id, or by whatever else names one, and read whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import NamedTuple

from callforth.repo.git import Git

_READ = ("cat-file", "--batch")
_AT_ONCE = 200
_PIECE = 1 << 20


class Stored(NamedTuple):
    """An object: its id, kind (`blob`), bytes (none where they are too many), and how many there are."""

    id: str
    kind: str
    data: bytes
    size: int


def read(git: Git, names: Sequence[str], most: int | None = None, replaced: bool = False) -> list[Stored | None]:
    """Return the objects that these names stand for, in this order; None for one that is not there.

    Of one with more than `most` bytes none are kept. Where it is `replaced`, what `git replace` shows counts, not what
    was stored. Raises `GitFailed`.
    """
    found: list[Stored | None] = []
    for at in range(0, len(names), _AT_ONCE):
        some = names[at : at + _AT_ONCE]
        with git.lock:
            helper = git.helper(*(() if replaced else ("--no-replace-objects",)), *_READ)
            # All are asked for at once: their names fit into the pipe, and no answer waits for the next question.
            helper.send("\n".join(some))
            found += [_answered(helper.line(), helper.read, most) for _ in some]
    return found


def read_many(git: Git, names: Sequence[str], doing: str) -> list[Stored | None]:
    """Return the same of what was stored, by a git of its own: quicker for thousands."""
    listing = "".join(f"{name}\n" for name in names).encode()
    answers = BytesIO(git.run("--no-replace-objects", *_READ, "--buffer", stdin=listing, doing=doing)[1])
    return [_answered(answers.readline().decode(errors="replace"), answers.read, None) for _ in names]


def _answered(line: str, read: Callable[[int], bytes], most: int | None) -> Stored | None:
    """Return the object that git tells of in a line, or None where it says that there is none, or not one alone."""
    parts = line.split()
    if len(parts) != 3 or not parts[2].isdecimal():
        return None
    size = int(parts[2])
    if most is None or size <= most:
        return Stored(parts[0], parts[1], read(size + 1)[:-1], size)
    left = size + 1
    while left:
        left -= len(read(min(left, _PIECE)))
    return Stored(parts[0], parts[1], b"", size)
