"""What git knows of the files in the work tree: which there are, and which of them changed.

git looks at ten thousand files in the time in which Python looks at four thousand, on another core, and settles the
hard cases (a file changed within the same tick of the clock as the index). So the answer to 'what changed' is git's:
the blob's id for a file that is as its index says, a stamp of ours for any other. Source: git's Documentation,
"git-ls-files", "git-diff-files", "racy-git".
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callforth.repo.git import Git, Running


@dataclass(frozen=True, slots=True)
class Listing:
    """One look at the work tree.

    `mark` names the state of git's index. `tracked` has git's entries (`mode id stage<TAB>path`), or is None where the
    index is as it was at the mark that the caller knew. `dirty` are the paths that differ from the index, with those
    that it does not have; `changed` are those of them that it has.
    """

    mark: str
    tracked: frozenset[bytes] | None
    dirty: frozenset[str]
    changed: frozenset[str] = frozenset()


class WorkTree:
    """The work tree below some folders of a repository."""

    def __init__(self, root: Path, git_dir: Path, folders: Sequence[str]) -> None:
        self._root = root
        self._index = git_dir / "index"
        self._folders = tuple(folders)
        self._git: Git | None = None

    def look(self, known: str) -> Listing:
        """Return how the work tree is now; `known` is the mark of an earlier look, or an empty string.

        Raises `GitMissing`, `GitFailed`.
        """
        if self._git is None:
            self._git = Git(self._root, interactive=False)
        return self._look(self._git, known)

    def _look(self, git: Git, known: str) -> Listing:
        # Before git reads the index: should it change meanwhile, the next look sees that.
        mark = self._mark()
        paths = ("--", *self._folders)
        # Optional locks would get in the way of the user's own git.
        quiet = ("--no-optional-locks",)
        asked: list[Running] = []

        def ask(*command: str, doing: str) -> Running:
            asked.append(git.begin(*quiet, *command, *paths, doing=doing))
            return asked[-1]

        try:
            changed = ask("diff-files", "--name-only", "-z", doing="look for changed files")
            others = ask("ls-files", "--others", "-z", doing="look for new files")
            tracked: frozenset[bytes] | None = None
            if mark != known:
                listed = ask("ls-files", "--stage", "-z", doing="read the index")
                tracked = frozenset(listed.end()[1].split(b"\0")) - {b""}
            differ, new = _paths(changed.end()[1]), _paths(others.end()[1])
        finally:
            for one in asked:
                one.drop()
        return Listing(mark, tracked, differ | new, differ)

    def _mark(self) -> str:
        try:
            status = self._index.stat()
            with self._index.open("rb") as stream:
                stream.seek(-min(32, status.st_size), os.SEEK_END)
                end = stream.read(32)
        except OSError:
            return "none"
        return f"{status.st_mtime_ns} {status.st_size} {status.st_ino} {end.hex()}"


def _paths(said: bytes) -> frozenset[str]:
    return frozenset(os.fsdecode(path) for path in said.split(b"\0") if path)


def uncommitted(git: Git, places: Sequence[str]) -> list[str]:
    """Return the files in these places that differ from HEAD, staged or not, and new ones, by path.

    Raises `GitFailed`.
    """
    arguments = ("--no-optional-locks", "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all")
    out = git.run(*arguments, "--", *places, doing="look for changed files")[1]
    return sorted(os.fsdecode(entry[3:]) for entry in out.split(b"\0") if entry)


def git_dir_of(root: Path) -> Path | None:
    """Return the git directory of the repository whose top folder is `root`, found without running git, or None."""
    place = root / ".git"
    if place.is_dir():
        return place
    try:
        said = place.read_text()
    except (OSError, UnicodeDecodeError):
        return None
    return root / said.removeprefix("gitdir: ").strip() if said.startswith("gitdir: ") else None


def object_format(git_dir: Path) -> str:
    """Return what names the objects of a repository: `sha1` or `sha256`."""
    try:
        config = (_common_dir(git_dir) / "config").read_bytes().lower()
    except OSError:
        return "sha1"
    return "sha256" if b"objectformat" in config and b"sha256" in config else "sha1"


def _common_dir(git_dir: Path) -> Path:
    """Return the directory that a git directory shares with those of the repository's other work trees."""
    try:
        return git_dir / (git_dir / "commondir").read_text().strip()
    except (OSError, UnicodeDecodeError):
        return git_dir
