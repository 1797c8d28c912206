"""Files as a commit has them: which there are, and their bytes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from callforth.repo.git import Git

_PIECE = 1 << 20


class Committed(NamedTuple):
    """A file as a commit has it: its path, its mode as git writes it (`100644`), and the id of its bytes."""

    path: str
    mode: str
    blob: str

    @property
    def is_file(self) -> bool:
        """False for a link, and for another repository inside this one."""
        return self.mode.startswith("100")

    @property
    def is_link(self) -> bool:
        """True for a symbolic link."""
        return self.mode == "120000"


class Content(NamedTuple):
    """What is in a file: its size, -1 where git has not got it, and its bytes, none where they are too many."""

    size: int
    data: bytes


def files(git: Git, commit: str, places: Sequence[str]) -> list[Committed]:
    """Return the files that a commit has in these places (folders or files), by path. Raises `GitFailed`."""
    arguments = ("--no-replace-objects", "ls-tree", "-r", "-z", "--full-tree", commit, "--", *places)
    out = git.run(*arguments, doing="list the files of a commit")[1].decode(errors="surrogateescape")
    entries = (entry.split("\t", 1) for entry in out.split("\0") if entry)
    found = ((about.split(" "), path) for about, path in entries)
    return [Committed(path, mode, blob) for (mode, _, blob), path in found]


def contents(git: Git, blobs: Sequence[str], most: int) -> list[Content]:
    """Return what is in these files, by their ids and in this order; of more than `most` bytes, only how many.

    Not for thousands at once. Raises `GitFailed`.
    """
    if not blobs:
        return []  # an empty line would be asked for too, and its answer be taken for the next one's
    found: list[Content] = []
    with git.lock:
        helper = git.helper("--no-replace-objects", "cat-file", "--batch")
        # All are asked for at once: their names fit into the pipe, and no answer waits for the next question.
        helper.send("\n".join(blobs))
        for _ in blobs:
            answer = helper.line()
            if answer.endswith(" missing"):
                found.append(Content(-1, b""))
                continue
            size = int(answer.split(" ")[2])
            if size <= most:
                found.append(Content(size, helper.read(size + 1)[:-1]))
                continue
            left = size + 1
            while left:
                left -= len(helper.read(min(left, _PIECE)))
            found.append(Content(size, b""))
    return found
