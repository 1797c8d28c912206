"""Moving the current branch by compare-and-swap, so that a kill at any instant leaves nothing that cannot be told."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from dataclasses import dataclass

from callforth.repo import offspring, stale
from callforth.repo.edits import BranchMoved
from callforth.repo.git import GitFailed, Running
from callforth.repo.repository import Repository


@dataclass(frozen=True, slots=True)
class BranchMove:
    """A move of a branch (its full name) away from the commit `tip`; the workspace's lock must be held."""

    repository: Repository
    branch: str
    tip: str

    def begin(self, under_way: ExitStack, note: str) -> Running:
        """Start what will move the branch, with a line for the reflog; it does nothing if it is dropped."""
        command = (*stale.RETRY, "update-ref", "-m", note, "--stdin")
        running = self.repository.git.begin(*command, doing="move the branch")
        under_way.callback(running.drop)
        return running

    def finish(self, new: str, running: Running) -> None:
        """Move the branch to the commit `new`, or not at all.

        Raises `BranchMoved`, `BranchLocked`, `CannotWrite`, `GitFailed`.
        """
        offspring.mark(self.repository, running, new)
        try:
            self._move(new, running)
        except BaseException:
            running.drop()
            self.clear_after(running)
            if self.repository.commit(self.branch) == new:  # interrupted too late
                return
            raise

    def _move(self, new: str, running: Running) -> None:
        running.say(f"start\nupdate {self.branch} {new} {self.tip}\nprepare\n".encode())
        if running.answered(b"prepare: ok"):
            offspring.mark_head(self.repository, running)
            running.feed(b"commit\n")
            if running.answered(b"commit: ok"):
                return  # how it ends is of no matter any more
        else:
            running.feed(b"")
        try:
            running.end()
        except GitFailed as error:
            if "but expected" in error.stderr or "is at " in error.stderr:
                raise BranchMoved("somebody committed at the same moment; nothing was written, try again") from None
            raise stale.explained(self.repository, self.branch, error) from None

    def clear_after(self, running: Running) -> None:
        """Remove the locks that this git has left where a signal ended it."""
        if running.killed():
            offspring.outlive(self.repository)
            with suppress(stale.BranchLocked):  # the next write says so
                stale.clear(self.repository, self.branch, offspring.dead(self.repository))
