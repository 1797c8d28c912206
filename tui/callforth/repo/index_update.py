"""New entries for git's index, written beside it while we hold its lock, and put in place when the branch has moved.

So the index never runs ahead of the branch, and git writes it while other things are waited for. The lock is made of a
file of ours, which keeps its other name for as long as the lock is there: that tells it from anyone else's.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count

from callforth.repo import index_lock, left, offspring
from callforth.repo.durable import CannotWrite
from callforth.repo.git import GitFailed, Running
from callforth.repo.repository import Repository

_NUMBERS = count()
_TRIES = 5


class IndexUpdate:
    """The index while it is ours; the workspace's lock must be held. Drop it in the end, whatever comes."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._index = repository.git_dir / "index"
        self._lock = repository.git_dir / "index.lock"
        self._mark = offspring.mark_of_lock(repository)
        self._copy = repository.private / f"copy.{os.getpid()}.{next(_NUMBERS)}"
        self._unmarked = False
        self._running: Running | None = None
        # What the index was when it became ours, and what it is since it was put in place.
        self.found = self.left = ""

    def begin(self) -> None:
        """Take the lock, and start what will write the new index. Raises `IndexLocked`, `CannotWrite`."""
        env = self.take()
        command = ("update-index", "--add", "-z", "--stdin")
        self._running = self._repository.git.begin(*command, env=env, doing="update the index")

    def take(self) -> dict[str, str]:
        """Take the lock, and return the environment in which gits write the new index. As `begin`."""
        try:
            self._take()
            self.found = left.stamp(self._repository.git_dir)
            if self._index.exists():
                # A second name is as good as a copy: git replaces an index, it never changes one.
                try:
                    self._copy.hardlink_to(self._index)
                except OSError:
                    shutil.copy2(self._index, self._copy)
        except OSError as error:
            raise CannotWrite(self._lock, error) from None
        return {"GIT_INDEX_FILE": str(self._copy)}

    def feed(self, listing: bytes) -> None:
        """Let the entries of these paths follow the work tree: NUL after each."""
        if self._running is not None:
            self._running.feed(listing)

    def publish(self) -> bool:
        """Put the new index in place; tell whether that could be done. What was fed must be in HEAD by now."""
        try:
            self.replace()
        except (GitFailed, CannotWrite):
            return False
        return True

    def replace(self) -> None:
        """The same; raises `GitFailed`, `CannotWrite`."""
        try:
            if self._running is not None:
                self._running.end()
            if self._copy.exists():
                self._copy.replace(self._index)
            self.left = left.stamp(self._repository.git_dir)
        except OSError as error:
            raise CannotWrite(self._index, error) from None
        self._unlock()

    def drop(self) -> None:
        """Leave the index as it is; nothing where it was put in place."""
        if self._running is not None:
            self._running.drop()
        self._unlock()

    @classmethod
    @contextmanager
    def only(cls, repository: Repository) -> Iterator[dict[str, str]]:
        """Let gits write the index in the environment that this yields; put in place if they succeed. As `begin`."""
        index = cls(repository)
        try:
            env = index.take()
            yield env
            index.replace()
        finally:
            index.drop()

    def _take(self) -> None:
        self._mark.touch()
        for _ in range(_TRIES):
            try:
                self._lock.hardlink_to(self._mark)
                return
            except FileExistsError:
                index_lock.wait(self._repository)
            except PermissionError:
                # A disk without second names: then nothing will tell whose it is.
                os.close(os.open(self._lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o644))
                self._unmarked = True
                return
        raise FileExistsError(errno.EEXIST, "others keep locking it")

    def _unlock(self) -> None:
        with suppress(OSError):
            if self._unmarked or self._mark.samefile(self._lock):
                self._lock.unlink()
        self._unmarked = False
        # A git that was ended by a limit has left its own lock, on the copy.
        for file in (self._copy, self._copy.with_name(f"{self._copy.name}.lock"), self._mark):
            with suppress(OSError):
                file.unlink(missing_ok=True)
