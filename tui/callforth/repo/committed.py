"""Files as a commit has them: which there are, and their bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from callforth.repo import stored
from callforth.repo.git import Git

_AT_ONCE = 500


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


def named(git: Git, commit: str, paths: Sequence[str]) -> Iterator[Committed]:
    """Iterate over those of these paths, however many, that are files of a commit. Raises `GitFailed`."""
    for at in range(0, len(paths), _AT_ONCE):
        yield from files(git, commit, paths[at : at + _AT_ONCE])


def contents(git: Git, blobs: Sequence[str], most: int) -> list[Content]:
    """Return what is in these files, by their ids and in this order; of more than `most` bytes, only how many.

    Raises `GitFailed`.
    """
    return [Content(one.size, one.data) if one else Content(-1, b"") for one in stored.read(git, blobs, most)]
