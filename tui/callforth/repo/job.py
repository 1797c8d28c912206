"""What the ways of writing share: building commits, moving the branch."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from callforth.repo import objects
from callforth.repo.branch_move import BranchMove
from callforth.repo.checks import names
from callforth.repo.edits import FileEdit, NewCommit, Progress
from callforth.repo.git import Running
from callforth.repo.index_update import IndexUpdate
from callforth.repo.objects import Folder, NewObject
from callforth.repo.repository import Repository, Signature


@dataclass(frozen=True, slots=True)
class Job:
    """Commits to make on a branch that is at `tip`; `files` are all their files, with the first and the last bytes.

    `sign` makes a signature of a commit's bytes; where it is None and `signs` is true, git must sign. `index` is the
    stamp of the index as it was found.
    """

    repository: Repository
    branch: str
    tip: str
    commits: Sequence[NewCommit]
    files: Mapping[str, FileEdit]
    signatures: tuple[Signature, Signature]
    progress: Progress
    signs: bool
    sign: Callable[[bytes], str] | None
    index: str

    def who(self, commit: NewCommit) -> tuple[Signature, Signature]:
        """Return author and committer."""
        return (commit.signed_by, commit.signed_by) if commit.signed_by else self.signatures

    def blob(self, path: str, data: bytes) -> str:
        """Store a file's bytes as git would, through its filters, and return the blob's id."""
        if self.files[path].after == data:
            return str(objects.store(self.repository, (), path))
        # A step on the way within a batch: not the bytes in the work tree.
        return objects.filtered(self.repository, path, data)

    def built(self, root: Folder, parent: str, commit: NewCommit, blobs: Mapping[str, str]) -> list[NewObject]:
        """Return the trees and, as the last one, the commit that has these blobs in place."""
        for path, blob in blobs.items():
            root.put(names(path), blob)
        new: list[NewObject] = []
        tree = root.write(new)
        author, committer = self.who(commit)
        head = f"tree {tree}\nparent {parent}\nauthor {author}\ncommitter {committer}\n".encode()
        text = commit.message.encode()
        if self.sign is not None:
            signature = self.sign(head + b"\n" + text).replace("\n", "\n ")
            name = "gpgsig-sha256" if self.repository.oid_size == 32 else "gpgsig"
            head += f"{name} {signature}\n".encode()
        new.append(NewObject.of(self.repository, "commit", head + b"\n" + text))
        return new

    @property
    def move(self) -> BranchMove:
        """The move of the branch away from `tip`."""
        return BranchMove(self.repository, self.branch, self.tip)

    def begin_branch(self, under_way: ExitStack) -> Running:
        """Start what will move the branch; it does nothing if it is dropped."""
        return self.move.begin(under_way, note([commit.message for commit in self.commits], "commits"))

    def finish(self, made: list[str], branch: Running) -> list[str]:
        """Move the branch to the last commit, or to none of them."""
        self.move.finish(made[-1], branch)
        return made

    def clear_after(self, running: Running) -> None:
        """Remove the locks that this git has left where a signal ended it."""
        self.move.clear_after(running)

    def reset_index(self) -> None:
        """Put the index entries of all files back to what they were."""
        with IndexUpdate.only(self.repository) as env:
            self.repository.git.run(
                "--literal-pathspecs", "reset", "--quiet", self.tip, "--pathspec-from-file=-", "--pathspec-file-nul",
                stdin=listing(self.files), env=env, doing="put the index back",
            )  # fmt: skip


def note(messages: Sequence[str], name: str) -> str:
    """Return the line of a reflog for commits with these messages; `name` is what several of them are called."""
    subject = messages[-1].split("\n", 1)[0]
    return f"commit: {subject}" if len(messages) == 1 else f"callforth: {len(messages)} {name}, last: {subject}"


def listing(paths: Mapping[str, object]) -> bytes:
    """Return paths as git reads them, NUL after each."""
    return b"\0".join(os.fsencode(path) for path in paths) + b"\0"
