"""What is to be written, what was written, and why it may not be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from callforth.errors import RepositoryError, WorkspaceError
from callforth.repo.repository import Signature

Progress = Callable[[int, int], None]


class FileMoved(WorkspaceError):
    """A file is not what it was when it was read; reading again and deciding anew is the way out."""


class UncommittedEdit(WorkspaceError):
    """The user has edited the file by hand and not committed it."""


class BranchMoved(RepositoryError):
    """Somebody else committed between reading and writing; nothing was written."""


@dataclass(frozen=True, slots=True)
class FileEdit:
    """One file's bytes as they were read (None for a new file) and as they shall be."""

    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True)
class Made:
    """A commit that now exists: its id and its author."""

    id: str
    author: Signature


@dataclass(frozen=True, slots=True)
class NewCommit:
    """One commit to make: its files by path, its whole message, and who and when where that is not 'me, now'."""

    files: Mapping[str, FileEdit]
    message: str
    signed_by: Signature | None = None


def whole(commits: Sequence[NewCommit]) -> dict[str, FileEdit]:
    """Fold the edits of several commits into one for each file, checking that they follow on each other."""
    files: dict[str, FileEdit] = {}
    for commit in commits:
        for path, edit in commit.files.items():
            known = files.get(path)
            if known is not None and known.after != edit.before:
                raise AssertionError("edits of one file must follow on each other")
            files[path] = FileEdit(known.before if known else edit.before, edit.after)
    return files
